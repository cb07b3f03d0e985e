// SPDX-License-Identifier: Apache-2.0

//! A worked example of pinned semantics.

use permit_canonical_json::{Object, Value};
use permit_claims::Claim;
use permit_pins::{NoPackFiles, PackDocument, Pin, PinWriter, RequestedClaim, resolve};

use super::{markdown::json, story::ensure};
use crate::ChoreError;

/// The two blocks of a pack that asks for two claims.
pub(crate) fn pins() -> Result<String, ChoreError> {
    let claims = [Claim::ExportIntegrity, Claim::ChainContinuity];
    let requests = claims.map(|claim| RequestedClaim::new(claim, true));
    let mut manifest = Object::default();
    PinWriter::for_claims(requests, Pin::hash_only).write()?.insert_into(&mut manifest);
    let manifest: Value<'_> = manifest.into();
    let semantics = resolve(PackDocument::ExportManifest, &manifest, &NoPackFiles)
        .map_err(|failure| format!("{failure:?}"))?;
    for claim in claims {
        ensure(
            claim.needs().iter().all(|artifact| semantics.known(*artifact)),
            "every artifact that the claims need is known",
        )?;
    }
    ensure(
        !Claim::ClosureSignature.needs().iter().any(|artifact| semantics.known(*artifact)),
        "what is not pinned is not known",
    )?;
    Ok(json(&manifest))
}
