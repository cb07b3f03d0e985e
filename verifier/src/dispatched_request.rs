// SPDX-License-Identifier: Apache-2.0

//! The bytes that were dispatched, where they are at hand beside an export.
//!
//! ```text
//! WALK_PERMIT_DISPATCH_BINDING_MISMATCH   the digest of the request's wire body is the
//!                                         binding_request_hash of no permit (CANON-11, PERMIT-26)
//! ```
//!
//! Which permit the request belongs to is not stated anywhere: one that has its digest was bound to it.

use permit_canonical_json::{Budget, Sha256Digest, Value, WireBody, read};
use permit_failure_codes::FailureCode;
use permit_types::{Finding, Location};

/// A request that was dispatched, compared with the permits of an export as they pass.
#[derive(Clone, Debug)]
pub(crate) struct DispatchedRequest {
    /// The digest of its wire body, or why it has none.
    digest: Result<Sha256Digest, String>,
    matched: bool,
    /// The first permit that is bound to something: its place, id and hash.
    first: Option<(Location, String, String)>,
}

impl DispatchedRequest {
    /// A request, as it was sent.
    pub(crate) fn read(bytes: &[u8], budget: &Budget) -> Self {
        let digest = read(bytes, budget).map_err(|error| error.to_string()).and_then(|request| {
            WireBody::new(&request).map(|body| body.digest()).map_err(|error| error.to_string())
        });
        Self { digest, matched: false, first: None }
    }

    /// Takes a permit of the export.
    pub(crate) fn permit(&mut self, permit: &Value<'_>, at: impl FnOnce() -> Location) {
        let Some(hash) = permit.get("binding_request_hash").and_then(Value::as_str) else { return };
        let bound = Sha256Digest::from_hex(hash).or_else(|| Sha256Digest::from_prefixed(hash));
        self.matched |= bound.is_some() && bound == self.digest.as_ref().ok().copied();
        if self.first.is_none() {
            let id = permit.get("id").and_then(Value::as_str).unwrap_or_default();
            self.first = Some((at(), id.to_owned(), hash.to_owned()));
        }
    }

    /// What is wrong, once all permits have passed.
    pub(crate) fn finish(self, whole: Location) -> Option<Finding> {
        if self.matched {
            return None;
        }
        let code = FailureCode::WalkPermitDispatchBindingMismatch;
        let (at, id, hash) =
            self.first.unwrap_or_else(|| (whole, "<none>".to_owned(), "none".to_owned()));
        let summary = match &self.digest {
            Ok(_) => "the request that was dispatched is not the one that a permit is bound to",
            Err(_) => "the request that was dispatched has no canonical form",
        };
        let actual = match self.digest {
            Ok(digest) => digest.to_string(),
            Err(reason) => reason,
        };
        let finding = Finding::failure(code, at, summary).rule("PERMIT-26");
        Some(finding.values(hash, actual).detail("permit_id", id))
    }
}

#[cfg(test)]
mod tests {
    use permit_types::Artifact;

    use super::*;

    /// The finding of a request beside permits with these hashes.
    fn judged(request: &str, hashes: &[&str]) -> Option<Finding> {
        let budget = Budget::default();
        let mut dispatched = DispatchedRequest::read(request.as_bytes(), &budget);
        for hash in hashes {
            let text = format!(r#"{{"id": "p", "binding_request_hash": "{hash}"}}"#);
            let permit = read(text.as_bytes(), &budget).unwrap();
            dispatched.permit(&permit, || Location::whole(Artifact::Export));
        }
        dispatched.finish(Location::whole(Artifact::Export))
    }

    #[test]
    fn permit_26_canon_11_what_was_sent_is_what_was_bound() {
        let body = Sha256Digest::of(br#"{"max_tokens":5,"model":"m"}"#).to_string();
        let other = "0".repeat(64);
        let request = r#"{"model": "m", "max_tokens": 5}"#;
        for (request, hashes, holds) in [
            (request, vec![body.as_str()], true),
            (request, vec![other.as_str(), &format!("sha256:{body}")], true),
            (request, vec![other.as_str()], false),
            (request, vec![], false),
            (r#"{"model": "m", "max_tokens": 6}"#, vec![body.as_str()], false),
            ("no JSON", vec![body.as_str()], false),
        ] {
            let finding = judged(request, &hashes);
            assert_eq!(finding.is_none(), holds, "{request} {hashes:?}");
            if let Some(finding) = finding {
                assert_eq!(finding.code(), Some(FailureCode::WalkPermitDispatchBindingMismatch));
            }
        }
    }
}
