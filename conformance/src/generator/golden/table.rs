// SPDX-License-Identifier: Apache-2.0

//! The 99 golden records as they are described: what each of them is expected to give. No verifier was
//! asked for any of this.

/// One record.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row {
    pub(super) number: u8,
    pub(super) name: &'static str,
    pub(super) kind: &'static str,
    pub(super) checks: &'static [&'static str],
    pub(super) claims: &'static [(&'static str, &'static str)],
    pub(super) passes: bool,
    pub(super) reasons: &'static [&'static str],
    pub(super) shows: &'static str,
    pub(super) parent: Option<u8>,
}

const EI: &str = "export.integrity.v1";
const ES: &str = "export.scope_identity.v1";
const GC: &str = "governance_chain.local_continuity.v1";
const CS: &str = "closure.signature.v1";
const CD: &str = "closure.digest_consistency.v1";
const CB: &str = "closure.dispatch_binding.v1";
const WD: &str = "workflow.declaration_signature.v1";
const WA: &str = "workflow.amendment_signature.v1";
const WE: &str = "workflow.effective_intent_hash.v1";
const WP: &str = "workflow.permit_snapshot.v1";
const WS: &str = "workflow_evidence.sibling_integrity.v1";
const IB: &str = "incident.bundle_manifest.v1";
const KH: &str = "checkpoint.composite_hash.v1";
const KS: &str = "checkpoint.signature.v1";
const KT: &str = "checkpoint.tsa_imprint.v1";
const PC: &str = "permit_chain.delegation_denied_correctly.v1";
const SS: &str = "checkpoint.scope_state.v1";
const SF: &str = "export.scope_faithfulness.v1";
const PD: &str = "permit.decision.v1";
const PR: &str = "permit.revoked.v1";
const PA: &str = "permit.dispatch_absence_after_revocation.v1";
const S: &str = "supported";
const D: &str = "disproved";
const I: &str = "insufficient_evidence";
const U: &str = "unverifiable_scope";

/// All of them, in order.
#[rustfmt::skip]
pub(super) const ROWS: [Row; 99] = [
    Row { number: 1, name: "valid-export-hash-signature", kind: "export", checks: &[], claims: &[(EI, S), (ES, S)], passes: true, reasons: &[], shows: "signed manifest and content hash", parent: None },
    Row { number: 2, name: "valid-governance-events-json", kind: "export", checks: &["walk_events"], claims: &[(GC, S)], passes: true, reasons: &[], shows: "direct events, JSON", parent: None },
    Row { number: 3, name: "valid-governance-events-jsonl", kind: "export", checks: &["walk_events"], claims: &[(GC, S)], passes: true, reasons: &[], shows: "direct events, JSONL", parent: None },
    Row { number: 4, name: "valid-governance-events-jsonl-gzip", kind: "export", checks: &["walk_events"], claims: &[(GC, S)], passes: true, reasons: &[], shows: "JSONL gzip", parent: None },
    Row { number: 5, name: "valid-audit-bundle-per-record-chain", kind: "export", checks: &["walk_events"], claims: &[(GC, S)], passes: true, reasons: &[], shows: "chain entries inside records", parent: None },
    Row { number: 6, name: "valid-audit-bundle-bundle-level-chain", kind: "export", checks: &["walk_events"], claims: &[(GC, S)], passes: true, reasons: &[], shows: "chain entries at bundle level", parent: None },
    Row { number: 7, name: "valid-closure-v1", kind: "export", checks: &["verify_closure"], claims: &[(CS, S), (CD, S)], passes: true, reasons: &[], shows: "closure_v1", parent: None },
    Row { number: 8, name: "valid-closure-v2-dispatch-binding", kind: "export", checks: &["walk_events", "verify_closure"], claims: &[(CS, S), (CD, S), (CB, S)], passes: true, reasons: &[], shows: "closure_v2 complete", parent: None },
    Row { number: 9, name: "valid-closure-execution-completed-alias", kind: "export", checks: &["verify_closure"], claims: &[(CS, S), (CD, S), (CB, S)], passes: true, reasons: &[], shows: "digests carried by `execution.completed`", parent: None },
    Row { number: 10, name: "valid-vanta-workflow-sibling", kind: "export", checks: &["verify_workflows"], claims: &[(WS, S), (WD, S), (WA, S), (WE, S), (WP, S)], passes: true, reasons: &[], shows: "sibling with declaration, amendment, snapshot", parent: None },
    Row { number: 11, name: "valid-incident-v2-bundle", kind: "export", checks: &["verify_workflows"], claims: &[(IB, S), (WD, S), (WA, S), (WE, S), (WP, S)], passes: true, reasons: &[], shows: "incident ZIP, full file set", parent: None },
    Row { number: 12, name: "valid-checkpoint-legacy-single-tsa", kind: "checkpoint", checks: &[], claims: &[(KH, S), (KS, S), (KT, S)], passes: true, reasons: &[], shows: "single `tsa` receipt", parent: None },
    Row { number: 13, name: "valid-checkpoint-multi-tsa-receipts", kind: "checkpoint", checks: &[], claims: &[(KH, S), (KS, S), (KT, S)], passes: true, reasons: &[], shows: "several `tsa_receipts`", parent: None },
    Row { number: 14, name: "neg-chain-record-hash-altered", kind: "export", checks: &["walk_events"], claims: &[(GC, D)], passes: false, reasons: &["WALK_RECORD_HASH_MISMATCH"], shows: "second entry's hash set to zeros, manifest re-sealed", parent: Some(5) },
    Row { number: 15, name: "neg-chain-dropped-interior-event", kind: "export", checks: &["walk_events"], claims: &[(GC, D)], passes: false, reasons: &["WALK_PREV_HASH_DISCONTINUITY"], shows: "middle entry removed, next link kept", parent: Some(5) },
    Row { number: 16, name: "neg-evaluated-tamper-vs-execution-completed", kind: "export", checks: &["walk_events"], claims: &[(GC, D)], passes: false, reasons: &["WALK_PREV_HASH_DISCONTINUITY"], shows: "evaluated event rewritten and only its own hash recomputed", parent: Some(5) },
    Row { number: 17, name: "neg-export-forged-manifest-signature", kind: "export", checks: &[], claims: &[(EI, D)], passes: false, reasons: &["SIGNATURE_VERIFICATION_FAILED"], shows: "signature replaced by zero bytes", parent: Some(1) },
    Row { number: 18, name: "neg-closure-provider-digest-mismatch", kind: "export", checks: &["verify_closure"], claims: &[(CD, D)], passes: false, reasons: &["WALK_CLOSURE_DIGEST_MISMATCH"], shows: "provider digest in the signed closure changed and re-sealed", parent: Some(8) },
    Row { number: 19, name: "neg-execution-completed-missing-digest-fields", kind: "export", checks: &["verify_closure"], claims: &[(CD, I)], passes: false, reasons: &["WALK_CLOSURE_DIGEST_MISSING"], shows: "both digests removed from the alias event", parent: Some(9) },
    Row { number: 20, name: "neg-closure-dispatch-binding-mismatch", kind: "export", checks: &["verify_closure"], claims: &[(CB, D)], passes: false, reasons: &["WALK_CLOSURE_DISPATCH_DIGEST_MISMATCH"], shows: "closure dispatch digest changed, permit untouched", parent: Some(8) },
    Row { number: 21, name: "neg-closure-invalid-signature", kind: "export", checks: &["verify_closure"], claims: &[(CS, D)], passes: false, reasons: &["WALK_CLOSURE_SIGNATURE_INVALID"], shows: "closure signature replaced", parent: Some(8) },
    Row { number: 22, name: "neg-incident-missing-declaration-signed-at", kind: "export", checks: &["verify_workflows"], claims: &[(WD, I)], passes: false, reasons: &["WORKFLOW_EVIDENCE_SCHEMA_INVALID"], shows: "declaration signing time removed", parent: Some(11) },
    Row { number: 23, name: "neg-incident-v2-incomplete-file-set", kind: "export", checks: &["verify_workflows"], claims: &[(IB, D)], passes: false, reasons: &["INCIDENT_MANIFEST_SCHEMA_INVALID"], shows: "`admin_actions.jsonl` removed from list and ZIP", parent: Some(11) },
    Row { number: 24, name: "neg-vanta-workflow-sibling-content-hash-mismatch", kind: "export", checks: &["verify_workflows"], claims: &[(WS, D)], passes: false, reasons: &["WORKFLOW_EVIDENCE_SCHEMA_INVALID"], shows: "descriptor hash zeroed, file intact", parent: Some(10) },
    Row { number: 25, name: "neg-vanta-permit-snapshot-effective-hash-mismatch", kind: "export", checks: &["verify_workflows"], claims: &[(WP, D)], passes: false, reasons: &["WORKFLOW_EFFECTIVE_INTENT_HASH_MISMATCH"], shows: "snapshot hash in the permit zeroed", parent: Some(10) },
    Row { number: 26, name: "neg-checkpoint-composite-hash-mismatch", kind: "checkpoint", checks: &[], claims: &[(KH, D)], passes: false, reasons: &["CHECKPOINT_COMPOSITE_HASH_MISMATCH"], shows: "one nibble of a head hash changed", parent: Some(12) },
    Row { number: 27, name: "neg-checkpoint-forged-signature", kind: "checkpoint", checks: &[], claims: &[(KS, D)], passes: false, reasons: &["SIGNATURE_VERIFICATION_FAILED"], shows: "zero signature", parent: Some(12) },
    Row { number: 28, name: "neg-checkpoint-tsa-imprint-mismatch", kind: "checkpoint", checks: &[], claims: &[(KT, D)], passes: false, reasons: &["CHECKPOINT_TSA_IMPRINT_MISMATCH"], shows: "receipt for another digest", parent: Some(12) },
    Row { number: 29, name: "neg-checkpoint-missing-trust-root", kind: "checkpoint", checks: &[], claims: &[(KS, I)], passes: false, reasons: &["TRUST_ROOT_UNRESOLVABLE"], shows: "trust root lacks the checkpoint key", parent: Some(12) },
    Row { number: 30, name: "edge-governance-events-csv-unwalked", kind: "export", checks: &["walk_events"], claims: &[(GC, U)], passes: false, reasons: &["EXPORT_STRUCTURE_INVALID"], shows: "CSV is signed but not walkable", parent: None },
    Row { number: 31, name: "pinned-valid-export-integrity", kind: "export", checks: &[], claims: &[(EI, S), (ES, S)], passes: true, reasons: &[], shows: "as record 1, pinned", parent: None },
    Row { number: 32, name: "pinned-neg-required-permit-chain-no-evidence", kind: "export", checks: &[], claims: &[(PC, I)], passes: false, reasons: &["REQUIRED_CLAIM_NOT_ADJUDICATED"], shows: "required chain claim without evidence", parent: Some(31) },
    Row { number: 33, name: "pinned-valid-governance-chain", kind: "export", checks: &["walk_events"], claims: &[(GC, S)], passes: true, reasons: &[], shows: "as record 2, pinned", parent: None },
    Row { number: 34, name: "pinned-valid-closure-v1", kind: "export", checks: &["verify_closure"], claims: &[(CS, S), (CD, S)], passes: true, reasons: &[], shows: "as record 7, pinned", parent: None },
    Row { number: 35, name: "pinned-valid-closure-v2-dispatch-binding", kind: "export", checks: &["verify_closure"], claims: &[(CS, S), (CD, S), (CB, S)], passes: true, reasons: &[], shows: "as record 8, pinned", parent: None },
    Row { number: 36, name: "pinned-valid-workflow-evidence-sibling", kind: "export", checks: &["verify_workflows"], claims: &[(WS, S), (WD, S), (WA, S), (WE, S), (WP, S)], passes: true, reasons: &[], shows: "as record 10, pinned", parent: None },
    Row { number: 37, name: "pinned-valid-incident-v2-bundle", kind: "export", checks: &["verify_workflows"], claims: &[(IB, S), (WD, S), (WA, S), (WE, S), (WP, S)], passes: true, reasons: &[], shows: "as record 11, pinned", parent: None },
    Row { number: 38, name: "pinned-valid-checkpoint-legacy-single-tsa", kind: "checkpoint", checks: &[], claims: &[(KH, S), (KS, S), (KT, S)], passes: true, reasons: &[], shows: "as record 12, pinned", parent: None },
    Row { number: 39, name: "pinned-valid-checkpoint-multi-tsa-receipts", kind: "checkpoint", checks: &[], claims: &[(KH, S), (KS, S), (KT, S)], passes: true, reasons: &[], shows: "as record 13, pinned", parent: None },
    Row { number: 40, name: "pinned-neg-required-checkpoint-tsa-no-receipt", kind: "checkpoint", checks: &[], claims: &[(KH, S), (KS, S), (KT, I)], passes: false, reasons: &["REQUIRED_CLAIM_NOT_ADJUDICATED"], shows: "required TSA claim, no receipt", parent: Some(38) },
    Row { number: 41, name: "pinned-neg-required-semantic-pin-missing", kind: "export", checks: &[], claims: &[(EI, I)], passes: false, reasons: &["SEMANTIC_PIN_MISSING"], shows: "claim set without the manifest recipe", parent: Some(1) },
    Row { number: 42, name: "pinned-neg-semantic-pin-not-allowlisted", kind: "export", checks: &[], claims: &[(EI, U)], passes: false, reasons: &["SEMANTIC_PIN_NOT_ALLOWLISTED"], shows: "self-consistent artifact outside the allowlist", parent: Some(1) },
    Row { number: 43, name: "pinned-neg-semantic-pin-hash-mismatch", kind: "export", checks: &[], claims: &[(EI, I)], passes: false, reasons: &["SEMANTIC_PIN_HASH_MISMATCH"], shows: "real bytes, zero hash declared", parent: Some(1) },
    Row { number: 44, name: "permit-chain-supported-denial", kind: "claim", checks: &[], claims: &[(PC, S)], passes: true, reasons: &[], shows: "denial was right", parent: None },
    Row { number: 45, name: "permit-chain-false-denial", kind: "claim", checks: &[], claims: &[(PC, D)], passes: false, reasons: &[], shows: "child was allowed", parent: None },
    Row { number: 46, name: "permit-chain-tampered-payload", kind: "claim", checks: &[], claims: &[(PC, D)], passes: false, reasons: &[], shows: "denied event changed after digest capture", parent: None },
    Row { number: 47, name: "permit-chain-unknown-envelope-version", kind: "claim", checks: &[], claims: &[(PC, U)], passes: false, reasons: &[], shows: "version outside allowlist", parent: None },
    Row { number: 48, name: "permit-chain-missing-digest", kind: "claim", checks: &[], claims: &[(PC, I)], passes: false, reasons: &[], shows: "no covering integrity digest", parent: None },
    Row { number: 49, name: "permit-chain-unknown-parent-key", kind: "claim", checks: &[], claims: &[(PC, I)], passes: false, reasons: &[], shows: "unknown member in parent envelope", parent: None },
    Row { number: 50, name: "permit-chain-unknown-child-key", kind: "claim", checks: &[], claims: &[(PC, I)], passes: false, reasons: &[], shows: "unknown member in child envelope", parent: None },
    Row { number: 51, name: "permit-chain-malformed-parent-missing-child", kind: "claim", checks: &[], claims: &[(PC, I)], passes: false, reasons: &[], shows: "parent-missing denial with bad child envelope", parent: None },
    Row { number: 52, name: "scope-faithfulness-valid-full-chain", kind: "export", checks: &["scope_faithfulness"], claims: &[(EI, S), (SS, S), (SF, S)], passes: true, reasons: &[], shows: "whole project chain", parent: None },
    Row { number: 53, name: "scope-faithfulness-valid-permit-id-sample", kind: "export", checks: &["scope_faithfulness"], claims: &[(EI, S), (SS, S), (SF, S)], passes: true, reasons: &[], shows: "sample by permit id", parent: None },
    Row { number: 54, name: "scope-faithfulness-valid-event-type", kind: "export", checks: &["scope_faithfulness"], claims: &[(EI, S), (SS, S), (SF, S)], passes: true, reasons: &[], shows: "sample by event type", parent: None },
    Row { number: 55, name: "scope-faithfulness-valid-created-at-range", kind: "export", checks: &["scope_faithfulness"], claims: &[(EI, S), (SS, S), (SF, S)], passes: true, reasons: &[], shows: "sample by time range", parent: None },
    Row { number: 56, name: "scope-faithfulness-valid-provider", kind: "export", checks: &["scope_faithfulness"], claims: &[(EI, S), (SS, S), (SF, S)], passes: true, reasons: &[], shows: "sample by provider", parent: None },
    Row { number: 57, name: "scope-faithfulness-valid-presentation-policy-restricted", kind: "export", checks: &["scope_faithfulness"], claims: &[(EI, S), (SS, S), (SF, S)], passes: true, reasons: &[], shows: "redaction policy applied", parent: None },
    Row { number: 58, name: "scope-faithfulness-neg-head-truncate", kind: "export", checks: &[], claims: &[(SF, D)], passes: false, reasons: &["EXPORT_BOUNDARY_START_MISMATCH"], shows: "first evidence removed", parent: None },
    Row { number: 59, name: "scope-faithfulness-neg-tail-truncate", kind: "export", checks: &[], claims: &[(SF, D)], passes: false, reasons: &["EXPORT_BOUNDARY_CHECKPOINT_MISMATCH"], shows: "last evidence removed", parent: None },
    Row { number: 60, name: "scope-faithfulness-neg-scope-relabel", kind: "export", checks: &[], claims: &[(SF, I)], passes: false, reasons: &["EXPORT_SCOPE_COMMITMENT_MISSING"], shows: "predicate swapped for one without commitment", parent: None },
    Row { number: 61, name: "scope-faithfulness-neg-stale-checkpoint-latest-policy", kind: "export", checks: &[], claims: &[(SF, D)], passes: false, reasons: &["EXPORT_BOUNDARY_STALE_CHECKPOINT"], shows: "latest policy, later checkpoint known", parent: None },
    Row { number: 62, name: "scope-faithfulness-neg-reordered-bounds", kind: "export", checks: &[], claims: &[(SF, D)], passes: false, reasons: &["EXPORT_BOUNDARY_START_AFTER_END"], shows: "start after end", parent: None },
    Row { number: 63, name: "scope-faithfulness-neg-forged-predicate", kind: "export", checks: &[], claims: &[(SF, D)], passes: false, reasons: &["EXPORT_SCOPE_PREDICATE_VIOLATED"], shows: "record outside predicate disclosed", parent: None },
    Row { number: 64, name: "scope-faithfulness-neg-sidecar-missing", kind: "export", checks: &[], claims: &[(SF, I)], passes: false, reasons: &["CHECKPOINT_SCOPE_STATE_MISSING"], shows: "sidecar absent", parent: None },
    Row { number: 65, name: "scope-faithfulness-neg-sidecar-tampered", kind: "export", checks: &[], claims: &[(SF, D)], passes: false, reasons: &["CHECKPOINT_SCOPE_STATE_SIGNATURE_INVALID"], shows: "sidecar edited", parent: None },
    Row { number: 66, name: "scope-faithfulness-neg-cardinality-mismatch", kind: "export", checks: &[], claims: &[(SF, D)], passes: false, reasons: &["EXPORT_SCOPE_CARDINALITY_MISMATCH"], shows: "signed count ≠ records", parent: None },
    Row { number: 67, name: "scope-faithfulness-neg-membership-root-mismatch", kind: "export", checks: &[], claims: &[(SF, D)], passes: false, reasons: &["EXPORT_SCOPE_MEMBERSHIP_ROOT_MISMATCH"], shows: "root differs", parent: None },
    Row { number: 68, name: "scope-faithfulness-neg-sidecar-duplicate-predicate-commitment", kind: "export", checks: &[], claims: &[(SF, D)], passes: false, reasons: &["CHECKPOINT_SCOPE_STATE_COMMITMENT_PREDICATE_DUPLICATE"], shows: "two commitments, one predicate", parent: None },
    Row { number: 69, name: "scope-faithfulness-edge-empty-scope-cardinality-zero", kind: "export", checks: &[], claims: &[(SF, S)], passes: true, reasons: &[], shows: "count zero", parent: None },
    Row { number: 70, name: "scope-faithfulness-edge-single-entry-scope", kind: "export", checks: &[], claims: &[(SF, S)], passes: true, reasons: &[], shows: "one match", parent: None },
    Row { number: 71, name: "scope-faithfulness-edge-multiple-chain-scope-segments", kind: "export", checks: &[], claims: &[(SF, S)], passes: true, reasons: &[], shows: "several segments", parent: None },
    Row { number: 72, name: "scope-faithfulness-edge-key-rotation-sidecar-export", kind: "export", checks: &[], claims: &[(SF, S)], passes: true, reasons: &[], shows: "rotated keys", parent: None },
    Row { number: 73, name: "scope-faithfulness-edge-predicate-grammar-version-mismatch", kind: "export", checks: &[], claims: &[(SF, U)], passes: false, reasons: &["CHECKPOINT_SCOPE_STATE_GRAMMAR_UNSUPPORTED"], shows: "unknown grammar", parent: None },
    Row { number: 74, name: "scope-faithfulness-edge-unknown-commitment-profile", kind: "export", checks: &[], claims: &[(SF, U)], passes: false, reasons: &["CHECKPOINT_SCOPE_STATE_COMMITMENT_PROFILE_UNKNOWN"], shows: "unknown profile", parent: None },
    Row { number: 75, name: "scope-faithfulness-edge-bridge-records-not-members", kind: "export", checks: &[], claims: &[(SF, S)], passes: true, reasons: &[], shows: "bridges not counted", parent: None },
    Row { number: 76, name: "scope-faithfulness-edge-single-segment-with-two-chain-scopes", kind: "export", checks: &[], claims: &[(SF, D)], passes: false, reasons: &["EXPORT_SCOPE_CHAIN_SCOPE_MISMATCH"], shows: "two scopes in one segment", parent: None },
    Row { number: 77, name: "permit-decision-allow-valid", kind: "export", checks: &["step4_permit_claims"], claims: &[(EI, S), (PD, S)], passes: true, reasons: &[], shows: "signed allow", parent: None },
    Row { number: 78, name: "permit-decision-deny-valid", kind: "export", checks: &["step4_permit_claims"], claims: &[(EI, S), (PD, S)], passes: true, reasons: &[], shows: "signed deny", parent: None },
    Row { number: 79, name: "permit-decision-challenge-valid", kind: "export", checks: &["step4_permit_claims"], claims: &[(EI, S), (PD, S)], passes: true, reasons: &[], shows: "signed challenge", parent: None },
    Row { number: 80, name: "permit-decision-neg-bad-signature", kind: "export", checks: &["step4_permit_claims"], claims: &[(EI, S), (PD, D)], passes: false, reasons: &["PERMIT_DECISION_SIGNATURE_INVALID"], shows: "signed by another key while naming the trusted one", parent: Some(77) },
    Row { number: 81, name: "permit-decision-neg-tampered-decision", kind: "export", checks: &["step4_permit_claims"], claims: &[(EI, S), (PD, D)], passes: false, reasons: &["PERMIT_DECISION_CANONICAL_HASH_MISMATCH"], shows: "decision changed after signing", parent: Some(77) },
    Row { number: 82, name: "permit-decision-neg-untrusted-key", kind: "export", checks: &["step4_permit_claims"], claims: &[(EI, S), (PD, I)], passes: false, reasons: &["PERMIT_DECISION_UNTRUSTED_KEY"], shows: "key not in the trust root", parent: Some(77) },
    Row { number: 83, name: "permit-decision-neg-canonical-payload-mismatch", kind: "export", checks: &["step4_permit_claims"], claims: &[(EI, S), (PD, D)], passes: false, reasons: &["PERMIT_DECISION_CANONICAL_PAYLOAD_MISMATCH"], shows: "request expects another decision", parent: Some(77) },
    Row { number: 84, name: "permit-revoked-valid", kind: "export", checks: &["step4_permit_claims"], claims: &[(EI, S), (PR, S)], passes: true, reasons: &[], shows: "signed revocation", parent: None },
    Row { number: 85, name: "permit-revoked-neg-bad-signature", kind: "export", checks: &["step4_permit_claims"], claims: &[(EI, S), (PR, D)], passes: false, reasons: &["PERMIT_REVOKED_SIGNATURE_INVALID"], shows: "signed outside the trust root", parent: Some(84) },
    Row { number: 86, name: "permit-revoked-neg-project-mismatch", kind: "export", checks: &["step4_permit_claims"], claims: &[(EI, S), (PR, D)], passes: false, reasons: &["PERMIT_REVOKED_PROJECT_ID_MISMATCH"], shows: "export declares another project", parent: Some(84) },
    Row { number: 87, name: "permit-revoked-neg-effective-at-mismatch", kind: "export", checks: &["step4_permit_claims"], claims: &[(EI, S), (PR, D)], passes: false, reasons: &["PERMIT_REVOKED_EFFECTIVE_AT_MISMATCH"], shows: "times differ", parent: Some(84) },
    Row { number: 88, name: "permit-revoked-neg-missing-field", kind: "export", checks: &["step4_permit_claims"], claims: &[(EI, S), (PR, I)], passes: false, reasons: &["PERMIT_REVOKED_EVIDENCE_MISSING"], shows: "reason code removed", parent: Some(84) },
    Row { number: 89, name: "permit-revoked-neg-actor-pii-detected", kind: "export", checks: &["step4_permit_claims"], claims: &[(EI, S), (PR, D)], passes: false, reasons: &["PERMIT_REVOKED_ACTOR_PII_DETECTED"], shows: "email as actor id", parent: Some(84) },
    Row { number: 90, name: "dispatch-absence-after-revocation-valid-empty-scope", kind: "export", checks: &["scope_faithfulness", "step4_permit_claims"], claims: &[(EI, S), (PR, S), (SS, S), (SF, S), (PA, S)], passes: true, reasons: &[], shows: "no match", parent: None },
    Row { number: 91, name: "dispatch-absence-after-revocation-valid-with-pre-revocation-dispatch", kind: "export", checks: &["scope_faithfulness", "step4_permit_claims"], claims: &[(EI, S), (PR, S), (SS, S), (SF, S), (PA, S)], passes: true, reasons: &[], shows: "earlier dispatch disclosed", parent: None },
    Row { number: 92, name: "dispatch-absence-after-revocation-neg-post-revocation-dispatch-present", kind: "export", checks: &["scope_faithfulness", "step4_permit_claims"], claims: &[(EI, S), (PR, S), (SS, S), (SF, S), (PA, D)], passes: false, reasons: &["EXPORT_SCOPE_POST_REVOCATION_DISPATCH_PRESENT"], shows: "later dispatch disclosed", parent: Some(90) },
    Row { number: 93, name: "dispatch-absence-after-revocation-neg-bridge-record-matches-predicate", kind: "export", checks: &["scope_faithfulness", "step4_permit_claims"], claims: &[(EI, S), (PR, S), (SS, S), (SF, D), (PA, D)], passes: false, reasons: &["EXPORT_SCOPE_BRIDGE_RECORD_MATCHES_PREDICATE"], shows: "matching record hidden as bridge", parent: Some(90) },
    Row { number: 94, name: "dispatch-absence-after-revocation-neg-predicate-out-of-grammar", kind: "export", checks: &["scope_faithfulness", "step4_permit_claims"], claims: &[(EI, S), (PR, S), (SS, S), (SF, S), (PA, U)], passes: false, reasons: &["EXPORT_SCOPE_PREDICATE_OUT_OF_GRAMMAR"], shows: "extra provider equality", parent: Some(90) },
    Row { number: 95, name: "dispatch-absence-after-revocation-neg-missing-checkpoint", kind: "export", checks: &["scope_faithfulness", "step4_permit_claims"], claims: &[(EI, S), (PR, S), (SS, I), (SF, I), (PA, I)], passes: false, reasons: &["CHECKPOINT_SCOPE_STATE_CHECKPOINT_MISSING"], shows: "checkpoint absent", parent: Some(90) },
    Row { number: 96, name: "dispatch-absence-after-revocation-neg-missing-sidecar", kind: "export", checks: &["scope_faithfulness", "step4_permit_claims"], claims: &[(EI, S), (PR, S), (SS, I), (SF, I), (PA, I)], passes: false, reasons: &["CHECKPOINT_SCOPE_STATE_MISSING"], shows: "sidecar absent", parent: Some(90) },
    Row { number: 97, name: "dispatch-absence-after-revocation-edge-pre-revocation-dispatch-supported", kind: "export", checks: &["scope_faithfulness", "step4_permit_claims"], claims: &[(EI, S), (PR, S), (SS, S), (SF, S), (PA, S)], passes: true, reasons: &[], shows: "earlier dispatch harmless", parent: None },
    Row { number: 98, name: "dispatch-absence-after-revocation-edge-empty-scope-supported", kind: "export", checks: &["scope_faithfulness", "step4_permit_claims"], claims: &[(EI, S), (PR, S), (SS, S), (SF, S), (PA, S)], passes: true, reasons: &[], shows: "empty scope", parent: None },
    Row { number: 99, name: "dispatch-absence-after-revocation-neg-occurred-at-equals-effective-at", kind: "export", checks: &["scope_faithfulness", "step4_permit_claims"], claims: &[(EI, S), (PR, S), (SS, S), (SF, S), (PA, D)], passes: false, reasons: &["EXPORT_SCOPE_POST_REVOCATION_DISPATCH_PRESENT"], shows: "dispatch exactly at the lower bound", parent: Some(90) },
];
