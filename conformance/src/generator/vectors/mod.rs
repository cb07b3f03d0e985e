// SPDX-License-Identifier: Apache-2.0

//! The 36 vectors of the published list, by category.

mod baseline;
mod bundle_format;
mod canonicalization;
mod closure_binding;
mod key_rotation;
mod permit_chains;
mod tamper_chain;
mod tamper_signature;

pub(crate) use baseline::{SEGMENT_LAYERS, segment};
pub(crate) use permit_chains::{answer, chain_pack, permit};

use super::{case_draft::CaseDraft, fault::Fault};

/// All of them.
pub(crate) fn all() -> Result<Vec<CaseDraft>, Fault> {
    let mut cases = baseline::cases()?;
    cases.extend(tamper_chain::cases()?);
    cases.extend(tamper_signature::cases()?);
    cases.extend(closure_binding::cases()?);
    cases.extend(canonicalization::cases()?);
    cases.extend(key_rotation::cases()?);
    cases.extend(bundle_format::cases()?);
    cases.extend(permit_chains::cases()?);
    Ok(cases)
}

/// The layers of an export with a closure, and the request that was dispatched.
pub(crate) const ALL_LAYERS: [&str; 12] = [
    "json",
    "schema",
    "manifest_hash",
    "manifest_signature",
    "chain_record_hash",
    "chain_linkage",
    "chain_sequence",
    "closure_dispatch_binding",
    "closure_provider_binding",
    "closure_client_binding",
    "permit_dispatch_binding",
    "key_validity",
];

/// These layers without one.
pub(crate) fn without(layers: &[&'static str], one: &str) -> Vec<&'static str> {
    layers.iter().copied().filter(|layer| *layer != one).collect()
}
