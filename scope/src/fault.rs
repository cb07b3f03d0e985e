// SPDX-License-Identifier: Apache-2.0

//! How faults are made: verdict, code, place, and what was looked at in the words of reports.

use permit_canonical_json::{ByteRange, Excerpt, JsonPointer, Node, Value};
use permit_claims::{ClaimFault, Unsupported, Verdict};
use permit_failure_codes::FailureCode;
use permit_types::{Artifact, Finding, Location};

pub(crate) const BLOCK: &str = "export.scope_faithfulness";
pub(crate) const PREDICATE: &str = "export.scope_faithfulness.declared_scope.predicate";
pub(crate) const START: &str = "export.scope_faithfulness.declared_start";
pub(crate) const END: &str = "export.scope_faithfulness.declared_end";
pub(crate) const BOUNDARY_POLICY: &str = "export.scope_faithfulness.declared_end.boundary_policy";
pub(crate) const REFERENCE: &str = "export.scope_faithfulness.scope_state_reference";
pub(crate) const FILTERS: &str = "export.scope_faithfulness.canonical_filters";
pub(crate) const CHAIN_SCOPE: &str = "export.scope_faithfulness.segments[].chain_scope";
pub(crate) const EVIDENCE: &str = "export.scope_faithfulness.chain_evidence";
pub(crate) const DISCLOSURES: &str = "export.scope_faithfulness.chain_evidence.disclosure_records";
pub(crate) const BRIDGES: &str = "export.scope_faithfulness.chain_evidence.proof_bridge_records";
pub(crate) const SIDECAR: &str = "checkpoint_scope_state";
pub(crate) const COMMITMENTS: &str = "checkpoint_scope_state.scope_commitments";
pub(crate) const COUNT: &str = "checkpoint_scope_state.scope_commitments.matching_count";
pub(crate) const ROOT: &str = "checkpoint_scope_state.scope_commitments.membership_root_hash";
pub(crate) const HEADS: &str = "checkpoint.chain_heads";
pub(crate) const CHECKPOINT: &str = "checkpoint";
pub(crate) const REVOCATION: &str = "revocation_event";

/// A fault with the verdict that the taxonomy gives the code (CODE-07).
pub(crate) fn fault(
    code: FailureCode,
    rule: &'static str,
    at: Location,
    summary: impl Into<String>,
) -> ClaimFault {
    let finding = Finding::failure(code, at, summary).rule(rule);
    ClaimFault::new(verdict_of(code), finding)
}

/// The verdict of a code. Codes without one are of other layers, which name theirs.
pub(crate) fn verdict_of(code: FailureCode) -> Unsupported {
    match code.verdict() {
        Some(Verdict::InsufficientEvidence) => Unsupported::InsufficientEvidence,
        Some(Verdict::UnverifiableScope) => Unsupported::UnverifiableScope,
        Some(Verdict::Disproved | Verdict::Supported) | None => Unsupported::Disproved,
    }
}

/// The same fault, its finding completed.
pub(crate) fn with(mut fault: ClaimFault, complete: impl FnOnce(Finding) -> Finding) -> ClaimFault {
    *fault.finding = complete(*fault.finding);
    fault
}

/// A path into an artifact that is made only where something is said about the place.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    artifact: Artifact,
    base: JsonPointer,
}

impl Place {
    pub(crate) fn new(artifact: Artifact, base: JsonPointer) -> Self {
        Self { artifact, base }
    }

    /// The place itself.
    pub(crate) fn at(&self, range: ByteRange) -> Location {
        Location::value(self.artifact, self.base.clone(), range)
    }

    /// A value below the place.
    pub(crate) fn below(&self, path: &[&str], value: Option<&Value<'_>>) -> Location {
        let range = value.map(Value::range).unwrap_or_default();
        Location::value(self.artifact, self.path(path), range)
    }

    /// The place of an element of an array below this one.
    pub(crate) fn element(&self, path: &[&str], index: usize) -> Self {
        let index = u64::try_from(index).unwrap_or(u64::MAX);
        Self { artifact: self.artifact, base: self.path(path).index(index) }
    }

    fn path(&self, path: &[&str]) -> JsonPointer {
        path.iter().fold(self.base.clone(), |pointer, name| pointer.member(name))
    }
}

/// A value in one line: a scalar as it is written, a container by its kind.
pub(crate) fn shown(value: Option<&Value<'_>>) -> String {
    let Some(value) = value else { return "nothing".to_owned() };
    match value.node() {
        Node::String(text) => quoted(text),
        Node::Number(number) => quoted(number.as_str()),
        Node::Bool(truth) => format!("`{truth}`"),
        Node::Null | Node::Array(_) | Node::Object(_) => value.kind().to_string(),
    }
}

/// A text in backticks, shortened and escaped.
pub(crate) fn quoted(text: &str) -> String {
    format!("`{}`", Excerpt(text))
}
