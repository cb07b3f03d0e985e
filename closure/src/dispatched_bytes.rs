// SPDX-License-Identifier: Apache-2.0

//! The bytes that were dispatched, where somebody has them.

use permit_canonical_json::Sha256Digest;
use permit_failure_codes::FailureCode;
use permit_types::{Finding, Location, PermitId};

/// Compares the bytes that were dispatched with what the permit approved.
///
/// ```text
/// SHA-256(dispatched bytes) = binding_request_hash of the permit     CANON-04, CANON-11
/// ```
///
/// The bytes are taken as they are: what is hashed is what is sent, so that bytes which would have to be made
/// canonical first are not those that were approved.
///
/// ```
/// use permit_canonical_json::Sha256Digest;
/// use permit_closure::check_dispatched_bytes;
/// use permit_types::{Artifact, Location, PermitId};
///
/// let permit = PermitId::parse("00000000-0000-4000-8000-000000000001").unwrap();
/// let approved = br#"{"model":"m"}"#;
/// let bound = Sha256Digest::of(approved);
/// let at = Location::whole(Artifact::Export);
/// assert!(check_dispatched_bytes(&permit, bound, approved, &at).is_none());
/// let finding = check_dispatched_bytes(&permit, bound, br#"{"model":"n"}"#, &at).unwrap();
/// assert_eq!(finding.reason.as_str(), "WALK_PERMIT_DISPATCH_BINDING_MISMATCH");
/// ```
#[must_use]
pub fn check_dispatched_bytes(
    permit: &PermitId,
    binding_request_hash: Sha256Digest,
    dispatched: &[u8],
    at: &Location,
) -> Option<Finding> {
    let actual = Sha256Digest::of(dispatched);
    if actual == binding_request_hash {
        return None;
    }
    let code = FailureCode::WalkPermitDispatchBindingMismatch;
    let summary = "what was dispatched is not what the permit approved";
    let finding = Finding::failure(code, at.clone(), summary)
        .rule("CANON-11")
        .values(binding_request_hash.to_string(), actual.to_string())
        .detail("permit_id", permit.to_string());
    Some(finding)
}
