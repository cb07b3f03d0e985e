// SPDX-License-Identifier: Apache-2.0

//! Reason classes against the words of the reference, and what a reason makes of code and class.

#[cfg(test)]
mod support {
    use std::{collections::BTreeSet, fs, path::PathBuf};

    /// The classes that have a nearest code (AMB-19, CODE-03); no others do.
    pub(super) const NEAREST_CODES: &[(&str, &str)] = &[
        ("MANIFEST_JSON_INVALID", "MANIFEST_PARSE_ERROR"),
        ("CONTENT_HASH_MISMATCH", "MANIFEST_HASH_MISMATCH"),
        ("MANIFEST_PUBLIC_KEY_MISMATCH", "MANIFEST_SIGNATURE_INVALID"),
        ("TRUST_ROOT_UNRESOLVABLE", "UNKNOWN_SIGNING_KEY"),
        ("PERMIT_DECISION_CANONICAL_HASH_MISMATCH", "PERMIT_DECISION_CANONICAL_PAYLOAD_MISMATCH"),
        ("PERMIT_DECISION_UNTRUSTED_KEY", "PERMIT_DECISION_KEY_NOT_TRUSTED"),
        ("PERMIT_DECISION_TRUST_ROOT_UNRESOLVABLE", "PERMIT_DECISION_KEY_NOT_TRUSTED"),
        ("PERMIT_REVOKED_TRUST_ROOT_UNRESOLVABLE", "UNKNOWN_SIGNING_KEY"),
        (
            "PERMIT_REVOKED_EFFECTIVE_AT_MISMATCH",
            "PERMIT_REVOKED_EFFECTIVE_AT_NOT_EQUAL_REVOKED_AT",
        ),
    ];

    /// The words that we add.
    pub(super) const OURS: &[&str] = &[
        "ARTIFACT_UNREADABLE",
        "BUDGET_EXCEEDED",
        "OBJECT_FORM_INVALID",
        "PERMIT_SEMANTICS_INVALID",
        "BUNDLE_SEMANTICS_INVALID",
        "CLOSURE_STATUS_UNKNOWN",
        "TIMESTAMP_FORM",
        "RESERVED_NAME_USED",
        "ISSUER_REPORTED_ERROR",
        "DISPATCH_DIGEST_ABSENT",
        "LINEAGE_MALFORMED",
        "TRUST_ROOT_NOT_CONFIGURED",
    ];

    /// The reference's words for what it finds wrong or cannot judge, outside the taxonomy.
    pub(super) const REFERENCE_FAILURES: &[&str] = &[
        "MANIFEST_JSON_INVALID",
        "CONTENT_HASH_MISMATCH",
        "TRUST_ROOT_UNRESOLVABLE",
        "MANIFEST_PUBLIC_KEY_MISMATCH",
        "SIGNATURE_VERIFICATION_FAILED",
        "EXPORT_SCOPE_IDENTITY_INCOMPLETE",
        "EXPORT_SCOPE_IDENTITY_UNVERIFIABLE",
        "EXPORT_SCOPE_RECORD_COUNT_MISMATCH",
        "EXPORT_SCOPE_PROJECT_ID_MISMATCH",
        "EXPORT_STRUCTURE_INVALID",
        "VERIFICATION_FAILED",
        "WALK_NO_EVALUABLE_SUBJECTS",
        "CLOSURE_NO_EVALUABLE_SUBJECTS",
        "WORKFLOW_EVIDENCE_SCHEMA_INVALID",
        "WORKFLOW_SIGNATURE_INVALID",
        "WORKFLOW_AMENDMENT_ORDER_INVALID",
        "WORKFLOW_EFFECTIVE_INTENT_HASH_MISMATCH",
        "INCIDENT_MANIFEST_SCHEMA_INVALID",
        "INCIDENT_UNKNOWN_MANIFEST_VERSION",
        "PERMIT_DECISION_EVIDENCE_MISSING",
        "PERMIT_DECISION_UNTRUSTED_KEY",
        "PERMIT_DECISION_TRUST_ROOT_UNRESOLVABLE",
        "PERMIT_DECISION_SCHEMA_INVALID",
        "PERMIT_DECISION_CANONICAL_HASH_MISMATCH",
        "PERMIT_DECISION_KEY_ID_MISMATCH",
        "PERMIT_DECISION_UNSUPPORTED_BINDING_VERSION",
        "PERMIT_REVOKED_EVIDENCE_MISSING",
        "PERMIT_REVOKED_TRUST_ROOT_UNRESOLVABLE",
        "PERMIT_REVOKED_SCHEMA_INVALID",
        "PERMIT_REVOKED_PERMIT_ID_MISMATCH",
        "PERMIT_REVOKED_EFFECTIVE_AT_MISMATCH",
        "PERMIT_REVOKED_ACTOR_KIND_UNSUPPORTED",
        "EXPORT_SCOPE_POST_REVOCATION_DISPATCH_PRESENT",
        "PAYLOAD_TYPE_MISMATCH",
        "PERMIT_OPERATOR_APPROVAL_INVALID",
        "PERMIT_COUNTER_SIGNATURE_INVALID",
        "PERMIT_AUDIT_ATTESTATION_INVALID",
        "PERMIT_OPERATOR_APPROVAL_SIGNER_MISMATCH",
        "PERMIT_COUNTER_SIGNATURE_SIGNER_MISMATCH",
        "PERMIT_AUDIT_ATTESTATION_SIGNER_MISMATCH",
        "PERMIT_COUNTER_SIGNATURE_INTENT_MISMATCH",
        "PERMIT_AUDIT_ATTESTATION_BATCH_MISMATCH",
        "PERMIT_OPERATOR_APPROVAL_KEY_NOT_TRUSTED",
        "PERMIT_COUNTER_SIGNATURE_KEY_NOT_TRUSTED",
        "PERMIT_AUDIT_ATTESTATION_KEY_NOT_TRUSTED",
        "CHECKPOINT_COMPOSITE_HASH_MISSING",
        "CHECKPOINT_CHAIN_HEADS_INVALID",
        "CHECKPOINT_COMPOSITE_HASH_RECOMPUTE_FAILED",
        "CHECKPOINT_COMPOSITE_HASH_MISMATCH",
        "CHECKPOINT_SIGNATURE_MISSING",
        "CHECKPOINT_PUBLIC_KEY_INVALID",
        "CHECKPOINT_PUBLIC_KEY_MISMATCH",
        "CHECKPOINT_TSA_IMPRINT_MISMATCH",
        "CLAIM_REGISTRY_UNRESOLVED",
        "SEMANTIC_PIN_MISSING",
        "SEMANTIC_PIN_UNRESOLVED",
        "SEMANTIC_PIN_HASH_MISMATCH",
        "SEMANTIC_PIN_NOT_ALLOWLISTED",
        "REQUIRED_CLAIM_NOT_ADJUDICATED",
        "SEMANTIC_PROFILE_UNRESOLVED",
        "REQUIRED_CLAIM_UNVERIFIABLE_SCOPE",
    ];

    /// The reference's words for what it finds to hold.
    pub(super) const REFERENCE_SUCCESSES: &[&str] = &[
        "EXPORT_INTEGRITY_SUPPORTED",
        "CONTENT_HASH_MATCH",
        "EXPORT_SCOPE_IDENTITY_SUPPORTED",
        "WALK_EVENTS_SUPPORTED",
        "CLOSURE_SIGNATURE_SUPPORTED",
        "CLOSURE_DIGEST_CONSISTENCY_SUPPORTED",
        "CLOSURE_DISPATCH_BINDING_SUPPORTED",
        "WORKFLOW_DECLARATION_SIGNATURE_SUPPORTED",
        "WORKFLOW_AMENDMENT_SIGNATURE_SUPPORTED",
        "WORKFLOW_EFFECTIVE_INTENT_HASH_SUPPORTED",
        "WORKFLOW_PERMIT_SNAPSHOT_SUPPORTED",
        "WORKFLOW_SIBLING_INTEGRITY_SUPPORTED",
        "INCIDENT_BUNDLE_MANIFEST_SUPPORTED",
        "CHECKPOINT_COMPOSITE_HASH_SUPPORTED",
        "CHECKPOINT_SIGNATURE_SUPPORTED",
        "CHECKPOINT_TSA_IMPRINT_SUPPORTED",
        "CHECKPOINT_SCOPE_STATE_SUPPORTED",
        "EXPORT_SCOPE_FAITHFULNESS_SUPPORTED",
        "PERMIT_DECISION_SUPPORTED",
        "PERMIT_REVOKED_SUPPORTED",
        "PERMIT_DISPATCH_ABSENCE_AFTER_REVOCATION_SUPPORTED",
        "PERMIT_OPERATOR_APPROVAL_SUPPORTED",
        "PERMIT_COUNTER_SIGNATURE_SUPPORTED",
        "PERMIT_AUDIT_ATTESTATION_SUPPORTED",
    ];

    pub(super) fn reference(path: &str) -> PathBuf {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/reference");
        PathBuf::from(folder).join(path)
    }

    /// A part of the facts about the reference, if they are at hand.
    pub(super) fn facts(from: &str, to: &str) -> Option<String> {
        let Ok(text) = fs::read_to_string(reference("verifier-facts.md")) else {
            eprintln!("skipped: `verifier-facts.md` is not at hand");
            return None;
        };
        let (_, rest) = text.split_once(from).unwrap();
        let (part, _) = rest.split_once(to).unwrap();
        Some(part.to_owned())
    }

    /// Upper-case words of more than one part in code marks.
    pub(super) fn quoted_words(text: &str) -> BTreeSet<&str> {
        let word = |part: &&str| {
            part.contains('_')
                && part.starts_with(|c: char| c.is_ascii_uppercase())
                && part.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
        };
        text.split('`').skip(1).step_by(2).filter(word).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::{
        collections::{BTreeMap, BTreeSet},
        fs,
    };

    use permit_failure_codes::{FailureCode, Origin, Reason, ReasonClass, UnknownWord};

    use super::support::*;

    #[test]
    fn the_classes_are_those_of_the_reference_and_ours() {
        let group = |origin, success| -> BTreeSet<_> {
            let all = ReasonClass::ALL.iter();
            all.filter(|class| class.origin() == origin && class.is_success() == success)
                .map(|class| class.as_str())
                .collect()
        };
        let set = |words: &[&'static str]| words.iter().copied().collect::<BTreeSet<_>>();
        assert_eq!(group(Origin::Reference, false), set(REFERENCE_FAILURES));
        assert_eq!(group(Origin::Reference, true), set(REFERENCE_SUCCESSES));
        assert_eq!(group(Origin::Ours, false), set(OURS));
        assert_eq!(group(Origin::Ours, true), set(&[]));
        assert_eq!(
            ReasonClass::ALL.len(),
            REFERENCE_FAILURES.len() + REFERENCE_SUCCESSES.len() + OURS.len(),
            "none twice"
        );
        assert!(ReasonClass::ALL.is_sorted(), "`Ord` is the order of the list");
        assert_eq!((Origin::Reference.as_str(), Origin::Ours.as_str()), ("reference", "ours"));
    }

    #[test]
    fn words_are_literal() {
        for &class in ReasonClass::ALL {
            let text = class.as_str();
            assert_eq!(ReasonClass::parse(text), Some(class));
            assert_eq!(text.parse(), Ok(class));
            assert_eq!(class.to_string(), text);
            assert_eq!(text.to_lowercase().parse::<ReasonClass>(), Err(UnknownWord::ReasonClass));
            assert_eq!(format!("{text} ").parse::<ReasonClass>(), Err(UnknownWord::ReasonClass));
        }
    }

    #[test]
    fn code_03_no_class_doubles_a_code() {
        for class in ReasonClass::ALL {
            assert_eq!(FailureCode::parse(class.as_str()), None, "{class}");
        }
        let nearest: BTreeMap<_, _> = NEAREST_CODES.iter().copied().collect();
        for class in ReasonClass::ALL {
            let code = class.code().map(FailureCode::as_str);
            assert_eq!(code, nearest.get(class.as_str()).copied(), "{class}");
        }
    }

    #[test]
    fn every_failure_word_of_the_reference_is_known() {
        let Some(table) = facts("### 12.1", "### 12.2") else { return };
        let Some(unreachable) = facts("| in the program, unreachable |", "\n") else { return };
        let mut words = quoted_words(&table);
        words.extend(quoted_words(&unreachable));
        assert!(words.len() > 100, "the table is read: {}", words.len());
        for word in &words {
            let reason = Reason::parse(word).unwrap_or_else(|| panic!("`{word}` is not known"));
            assert!(!reason.is_success(), "{word}");
        }
        for class in REFERENCE_FAILURES {
            assert!(words.contains(class), "the reference has no word `{class}`");
        }
    }

    #[test]
    fn every_success_word_of_the_reference_is_known() {
        let Some(text) = facts("### 12.2", "### 12.3") else { return };
        let words = quoted_words(&text);
        assert_eq!(words, REFERENCE_SUCCESSES.iter().copied().collect());
    }

    #[test]
    fn every_reason_that_the_reference_was_seen_to_give_is_known() {
        let Ok(cases) = fs::read_dir(reference("peer-cases")) else {
            eprintln!("skipped: the recorded cases are not at hand");
            return;
        };
        let mut seen = BTreeSet::new();
        for case in cases {
            let Ok(text) = fs::read_to_string(case.unwrap().path().join("case.json")) else {
                continue;
            };
            for rest in text.split("\"reason_code\": \"").skip(1) {
                seen.insert(rest.split('"').next().unwrap().to_owned());
            }
        }
        assert!(seen.len() > 40, "the cases are read: {}", seen.len());
        for word in seen {
            assert!(Reason::parse(&word).is_some(), "`{word}` is not known");
        }
    }

    #[test]
    fn amb_19_a_reason_shows_the_class_and_keeps_the_code() {
        let code = FailureCode::WalkRecordHashMismatch;
        let plain = Reason::from(code);
        assert_eq!((plain.as_str(), plain.code()), ("WALK_RECORD_HASH_MISMATCH", Some(code)));
        assert_eq!((plain.class(), plain.is_success()), (None, false));

        let class = ReasonClass::TrustRootUnresolvable;
        let nearest = Reason::from(class);
        assert_eq!(nearest.as_str(), "TRUST_ROOT_UNRESOLVABLE");
        assert_eq!(nearest.code(), Some(FailureCode::UnknownSigningKey));
        assert_eq!(nearest.remedy(), class.remedy());

        let code = FailureCode::KeyExpiredAtSigningTime;
        let named = Reason::ClassWithCode { class, code };
        assert_eq!(named.as_str(), "TRUST_ROOT_UNRESOLVABLE", "consumers match on the class");
        assert_eq!((named.code(), named.class()), (Some(code), Some(class)), "the named code wins");
        assert_eq!(named.remedy(), code.remedy());
        assert_eq!(named.trigger(), code.trigger());
        assert_eq!(named.rules(), code.rules());
        assert_eq!(named.to_string(), named.as_str());
    }

    #[test]
    fn amb_19_the_word_for_a_bad_signature_has_a_code_for_exports_alone() {
        let class = ReasonClass::SignatureVerificationFailed;
        assert_eq!(Reason::from(class).code(), None);
        let code = FailureCode::ManifestSignatureInvalid;
        assert_eq!(Reason::ClassWithCode { class, code }.code(), Some(code));
    }

    #[test]
    fn a_success_is_no_failure() {
        for &class in ReasonClass::ALL {
            let reason = Reason::from(class);
            assert_eq!(reason.is_success(), class.is_success());
            if class.is_success() {
                assert_eq!(reason.code(), None, "{class}");
            }
        }
    }

    #[test]
    fn a_word_gives_the_reason_back() {
        let codes = FailureCode::ALL.iter().copied().map(Reason::from);
        let classes = ReasonClass::ALL.iter().copied().map(Reason::from);
        for reason in codes.chain(classes) {
            assert_eq!(reason.as_str().parse(), Ok(reason));
        }
        for word in
            ["", "SELF_CHECK_FETCH_FAILED", "CO_SIGNATURE_TYPE_INVALID", "prev_hash_mismatch"]
        {
            assert_eq!(word.parse::<Reason>(), Err(UnknownWord::Reason), "{word:?}");
        }
    }

    #[test]
    fn unknown_words_are_told_apart() {
        for (error, message) in [
            (UnknownWord::FailureCode, "not a failure code of the taxonomy"),
            (UnknownWord::Layer, "not a layer of the taxonomy"),
            (UnknownWord::ReasonClass, "not a reason class"),
            (UnknownWord::Reason, "neither a failure code nor a reason class"),
            (UnknownWord::Verdict, "not one of the four verdicts"),
        ] {
            assert_eq!(error.to_string(), message);
        }
    }
}
