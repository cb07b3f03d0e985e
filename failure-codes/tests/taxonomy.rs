// SPDX-License-Identifier: Apache-2.0

//! The taxonomy against lists typed from the specification, and its prose against house rules.

#[cfg(test)]
mod support {
    use std::{collections::BTreeSet, fs, path::Path};

    use permit_failure_codes::{
        FailureCode, Layer,
        Layer::{
            ChainEntry, CheckpointScopeState, Closure, ExportScope, KeyManifest, Manifest, Permit,
            PermitChain, PermitDecision, PermitRevoked,
        },
        VerdictWord,
        VerdictWord::{Disproved, InsufficientEvidence, UnverifiableScope},
    };

    /// Code, layer, first version and fixed verdict, in the order of the taxonomy.
    pub(super) const TAXONOMY: &[(&str, Layer, &str, Option<VerdictWord>)] = &[
        ("WALK_RECORD_HASH_MISMATCH", ChainEntry, "1.0", None),
        ("WALK_PREV_HASH_DISCONTINUITY", ChainEntry, "1.0", None),
        ("WALK_SEQUENCE_INVERSION", ChainEntry, "1.0", None),
        ("WALK_UNKNOWN_CHAIN_FORMAT", ChainEntry, "1.0", None),
        ("WALK_CLOSURE_SIGNATURE_INVALID", Closure, "1.0", None),
        ("WALK_CLOSURE_DIGEST_MISSING", Closure, "1.0", None),
        ("WALK_CLOSURE_DIGEST_MISMATCH", Closure, "1.0", None),
        ("WALK_CLOSURE_DISPATCH_DIGEST_MISMATCH", Closure, "1.0", None),
        ("WALK_CLOSURE_ORPHAN", Closure, "1.3", None),
        ("WALK_UNKNOWN_CLOSURE_FORMAT", Closure, "1.0", None),
        ("WALK_PERMIT_DISPATCH_BINDING_MISMATCH", Permit, "1.3", None),
        ("MANIFEST_PARSE_ERROR", Manifest, "1.3", None),
        ("MANIFEST_HASH_MISMATCH", Manifest, "1.3", None),
        ("MANIFEST_SIGNATURE_MISSING", Manifest, "1.3", None),
        ("MANIFEST_SIGNATURE_INVALID", Manifest, "1.3", None),
        ("UNKNOWN_SIGNING_KEY", KeyManifest, "1.3", None),
        ("KEY_EXPIRED_AT_SIGNING_TIME", KeyManifest, "1.3", None),
        ("SIGNING_KEY_REVOKED", KeyManifest, "1.3", None),
        ("WALK_PERMIT_CHAIN_ENVELOPE_VIOLATION", PermitChain, "1.3", None),
        ("WALK_PERMIT_CHAIN_EXPIRY_VIOLATION", PermitChain, "1.3", None),
        ("WALK_PERMIT_CHAIN_UNKNOWN_ENVELOPE_VERSION", PermitChain, "1.3", None),
        ("WALK_PERMIT_CHAIN_MISSING_COMPARATOR", PermitChain, "1.3", None),
        ("WALK_PERMIT_CHAIN_ENVELOPE_INCONSISTENT", PermitChain, "1.3", None),
        ("WALK_PERMIT_CHAIN_RECEIPT_MISSING", PermitChain, "1.3", None),
        ("WALK_PERMIT_CHAIN_ANCESTOR_MISSING", PermitChain, "1.3", None),
        ("PERMIT_DECISION_SIGNATURE_INVALID", PermitDecision, "1.4", Some(Disproved)),
        ("PERMIT_DECISION_CANONICAL_PAYLOAD_MISMATCH", PermitDecision, "1.4", Some(Disproved)),
        ("PERMIT_DECISION_KEY_NOT_TRUSTED", PermitDecision, "1.4", Some(InsufficientEvidence)),
        ("PERMIT_REVOKED_SIGNATURE_INVALID", PermitRevoked, "1.4", Some(Disproved)),
        ("PERMIT_REVOKED_PROJECT_ID_MISMATCH", PermitRevoked, "1.4", Some(Disproved)),
        ("PERMIT_REVOKED_EFFECTIVE_AT_NOT_EQUAL_REVOKED_AT", PermitRevoked, "1.4", Some(Disproved)),
        ("PERMIT_REVOKED_ACTOR_PII_DETECTED", PermitRevoked, "1.4", Some(Disproved)),
        ("EXPORT_SCOPE_PREDICATE_OUT_OF_GRAMMAR", ExportScope, "1.4", Some(UnverifiableScope)),
        ("EXPORT_SCOPE_BRIDGE_RECORD_MATCHES_PREDICATE", ExportScope, "1.4", Some(Disproved)),
        (
            "CHECKPOINT_SCOPE_STATE_MISSING",
            CheckpointScopeState,
            "1.3.1",
            Some(InsufficientEvidence),
        ),
        ("CHECKPOINT_SCOPE_STATE_SCHEMA_INVALID", CheckpointScopeState, "1.3.1", Some(Disproved)),
        (
            "CHECKPOINT_SCOPE_STATE_SIGNATURE_MISSING",
            CheckpointScopeState,
            "1.3.1",
            Some(InsufficientEvidence),
        ),
        (
            "CHECKPOINT_SCOPE_STATE_SIGNATURE_INVALID",
            CheckpointScopeState,
            "1.3.1",
            Some(Disproved),
        ),
        (
            "CHECKPOINT_SCOPE_STATE_KEY_UNRESOLVED",
            CheckpointScopeState,
            "1.3.1",
            Some(InsufficientEvidence),
        ),
        ("CHECKPOINT_SCOPE_STATE_KEY_NOT_ACTIVE", CheckpointScopeState, "1.3.1", Some(Disproved)),
        (
            "CHECKPOINT_SCOPE_STATE_CHECKPOINT_MISSING",
            CheckpointScopeState,
            "1.3.1",
            Some(InsufficientEvidence),
        ),
        (
            "CHECKPOINT_SCOPE_STATE_CHECKPOINT_MISMATCH",
            CheckpointScopeState,
            "1.3.1",
            Some(Disproved),
        ),
        (
            "CHECKPOINT_SCOPE_STATE_CHAIN_SCOPE_NOT_IN_CHECKPOINT",
            CheckpointScopeState,
            "1.3.1",
            Some(Disproved),
        ),
        (
            "CHECKPOINT_SCOPE_STATE_LAST_SEQUENCE_AFTER_CHECKPOINT",
            CheckpointScopeState,
            "1.3.1",
            Some(Disproved),
        ),
        (
            "CHECKPOINT_SCOPE_STATE_GRAMMAR_UNSUPPORTED",
            CheckpointScopeState,
            "1.3.1",
            Some(UnverifiableScope),
        ),
        (
            "CHECKPOINT_SCOPE_STATE_COMMITMENT_PROFILE_UNKNOWN",
            CheckpointScopeState,
            "1.3.1",
            Some(UnverifiableScope),
        ),
        (
            "CHECKPOINT_SCOPE_STATE_PREDICATE_HASH_MISMATCH",
            CheckpointScopeState,
            "1.3.1",
            Some(Disproved),
        ),
        (
            "CHECKPOINT_SCOPE_STATE_COMMITMENT_PREDICATE_DUPLICATE",
            CheckpointScopeState,
            "1.3.1",
            Some(Disproved),
        ),
        ("EXPORT_SCOPE_DECLARATION_MISSING", ExportScope, "1.3.1", Some(InsufficientEvidence)),
        ("EXPORT_SCOPE_DECLARATION_SCHEMA_INVALID", ExportScope, "1.3.1", Some(Disproved)),
        ("EXPORT_SCOPE_PREDICATE_UNSUPPORTED", ExportScope, "1.3.1", Some(UnverifiableScope)),
        ("EXPORT_SCOPE_PREDICATE_MALFORMED", ExportScope, "1.3.1", Some(Disproved)),
        ("EXPORT_SCOPE_PREDICATE_VIOLATED", ExportScope, "1.3.1", Some(Disproved)),
        ("EXPORT_PRESENTATION_POLICY_UNSUPPORTED", ExportScope, "1.3.1", Some(UnverifiableScope)),
        ("EXPORT_SCOPE_CHAIN_SCOPE_MISMATCH", ExportScope, "1.3.1", Some(Disproved)),
        ("EXPORT_BOUNDARY_START_MISSING", ExportScope, "1.3.1", Some(InsufficientEvidence)),
        ("EXPORT_BOUNDARY_START_MISMATCH", ExportScope, "1.3.1", Some(Disproved)),
        ("EXPORT_BOUNDARY_START_AFTER_END", ExportScope, "1.3.1", Some(Disproved)),
        ("EXPORT_BOUNDARY_END_MISSING", ExportScope, "1.3.1", Some(InsufficientEvidence)),
        ("EXPORT_BOUNDARY_END_NOT_CHECKPOINT", ExportScope, "1.3.1", Some(Disproved)),
        ("EXPORT_BOUNDARY_CHECKPOINT_MISMATCH", ExportScope, "1.3.1", Some(Disproved)),
        ("EXPORT_BOUNDARY_STALE_CHECKPOINT", ExportScope, "1.3.1", Some(Disproved)),
        (
            "EXPORT_BOUNDARY_FRESHNESS_EVIDENCE_MISSING",
            ExportScope,
            "1.3.1",
            Some(InsufficientEvidence),
        ),
        ("EXPORT_SCOPE_STATE_REFERENCE_MISSING", ExportScope, "1.3.1", Some(InsufficientEvidence)),
        ("EXPORT_SCOPE_STATE_REFERENCE_MISMATCH", ExportScope, "1.3.1", Some(Disproved)),
        ("EXPORT_RAW_FILTERS_MISSING", ExportScope, "1.3.1", Some(InsufficientEvidence)),
        ("EXPORT_RAW_FILTERS_HASH_MISMATCH", ExportScope, "1.3.1", Some(Disproved)),
        ("EXPORT_CHAIN_PROOF_MISSING", ExportScope, "1.3.1", Some(InsufficientEvidence)),
        ("EXPORT_CHAIN_PROOF_DISCONTINUITY", ExportScope, "1.3.1", Some(Disproved)),
        ("EXPORT_PROOF_BRIDGE_MISCLASSIFIED", ExportScope, "1.3.1", Some(Disproved)),
        ("EXPORT_SCOPE_COMMITMENT_MISSING", ExportScope, "1.3.1", Some(InsufficientEvidence)),
        ("EXPORT_SCOPE_CARDINALITY_MISMATCH", ExportScope, "1.3.1", Some(Disproved)),
        ("EXPORT_SCOPE_MEMBERSHIP_ROOT_MISMATCH", ExportScope, "1.3.1", Some(Disproved)),
        ("EXPORT_SCOPE_RANGE_MISMATCH", ExportScope, "1.3.1", Some(Disproved)),
    ];

    /// The details that the taxonomy demands, for the codes for which it demands any.
    pub(super) const DETAILS: &[(&str, &[&str])] = &[
        ("WALK_RECORD_HASH_MISMATCH", &["event_id", "chain_scope", "sequence_number"]),
        ("WALK_PREV_HASH_DISCONTINUITY", &["chain_scope", "sequence_number", "boundary"]),
        ("WALK_SEQUENCE_INVERSION", &["chain_scope", "sequence_numbers"]),
        ("WALK_UNKNOWN_CHAIN_FORMAT", &["event_id", "chain_format_version"]),
        ("WALK_CLOSURE_SIGNATURE_INVALID", &["permit_id", "key_id", "sub_failure"]),
        ("WALK_CLOSURE_DIGEST_MISSING", &["permit_id", "closure_status", "missing_fields"]),
        ("WALK_CLOSURE_DIGEST_MISMATCH", &["permit_id", "field", "closure_digest", "event_digest"]),
        (
            "WALK_CLOSURE_DISPATCH_DIGEST_MISMATCH",
            &["permit_id", "closure_digest", "binding_request_hash"],
        ),
        ("WALK_CLOSURE_ORPHAN", &["permit_id"]),
        ("WALK_UNKNOWN_CLOSURE_FORMAT", &["permit_id", "binding_version"]),
        ("WALK_PERMIT_DISPATCH_BINDING_MISMATCH", &["permit_id"]),
        ("MANIFEST_PARSE_ERROR", &["artifact"]),
        ("MANIFEST_HASH_MISMATCH", &["artifact"]),
        ("MANIFEST_SIGNATURE_MISSING", &["artifact"]),
        ("MANIFEST_SIGNATURE_INVALID", &["artifact", "key_id"]),
        ("UNKNOWN_SIGNING_KEY", &["key_id"]),
        ("KEY_EXPIRED_AT_SIGNING_TIME", &["key_id", "signed_at"]),
        ("SIGNING_KEY_REVOKED", &["key_id"]),
        (
            "WALK_PERMIT_CHAIN_ENVELOPE_VIOLATION",
            &["parent_permit_id", "child_permit_id", "field", "extra_members"],
        ),
        (
            "WALK_PERMIT_CHAIN_EXPIRY_VIOLATION",
            &["parent_permit_id", "child_permit_id", "parent_expires_at", "child_expires_at"],
        ),
        (
            "WALK_PERMIT_CHAIN_UNKNOWN_ENVELOPE_VERSION",
            &["permit_id", "authority_envelope_version"],
        ),
        ("WALK_PERMIT_CHAIN_MISSING_COMPARATOR", &["requirement"]),
        ("WALK_PERMIT_CHAIN_ENVELOPE_INCONSISTENT", &["permit_id"]),
        ("WALK_PERMIT_CHAIN_RECEIPT_MISSING", &["claim", "execution_id"]),
        ("WALK_PERMIT_CHAIN_ANCESTOR_MISSING", &["permit_id"]),
    ];

    /// A page of facts about the specification, if it is at hand.
    pub(super) fn facts(file: &str) -> Option<String> {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/reference");
        let text = fs::read_to_string(Path::new(folder).join(file)).ok();
        if text.is_none() {
            eprintln!("skipped: `{file}` is not at hand");
        }
        text
    }

    /// The rows of the rule tables, without those of the open decisions: id and whole row.
    pub(super) fn rule_rows(facts: &str) -> impl Iterator<Item = (&str, &str)> {
        facts.lines().filter_map(|line| {
            let id = line.strip_prefix("| ")?.split(' ').next()?;
            (is_rule_id(id) && !id.starts_with("AMB-")).then_some((id, line))
        })
    }

    /// `CHAIN-08` and the like.
    pub(super) fn is_rule_id(id: &str) -> bool {
        id.split_once('-').is_some_and(|(document, number)| {
            (2..=7).contains(&document.len())
                && document.bytes().all(|byte| byte.is_ascii_uppercase())
                && number.len() == 2
                && number.bytes().all(|byte| byte.is_ascii_digit())
        })
    }

    /// Upper-case words in code marks.
    pub(super) fn quoted_words(text: &str) -> BTreeSet<&str> {
        let word = |part: &&str| {
            part.contains('_')
                && part.starts_with(|c: char| c.is_ascii_uppercase())
                && part.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
        };
        text.split('`').skip(1).step_by(2).filter(word).collect()
    }

    /// What is wrong with a sentence of the tables, if anything.
    pub(super) fn fault_of(sentence: &str) -> Option<&'static str> {
        let starts_low = sentence.starts_with(|c: char| c.is_ascii_lowercase() || c == '`');
        match sentence {
            _ if sentence.len() < 25 => Some("too short to say anything"),
            _ if sentence.len() > 230 => Some("too long to be read"),
            _ if !starts_low => Some("does not start in lower case"),
            _ if sentence.ends_with(['.', ',', ';', ':', '!', '?', ' ']) => Some("ends in a stop"),
            _ if [". ", "! ", "? ", "  ", "\n"].iter().any(|stop| sentence.contains(stop)) => {
                Some("is not one sentence on one line")
            }
            _ if sentence.matches('`').count() % 2 == 1 => Some("has an open code mark"),
            _ if sentence.contains("contact support") => Some("sends the reader away"),
            _ => None,
        }
    }

    pub(super) fn code(text: &str) -> FailureCode {
        FailureCode::parse(text).unwrap_or_else(|| panic!("no code `{text}`"))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use permit_failure_codes::{FailureCode, Layer, ReasonClass, UnknownWord, VerdictWord};

    use super::support::*;

    #[test]
    fn code_04_the_codes_are_those_of_the_taxonomy() {
        let golden: BTreeSet<_> = TAXONOMY.iter().map(|row| row.0).collect();
        let codes: BTreeSet<_> = FailureCode::ALL.iter().map(|code| code.as_str()).collect();
        assert_eq!(golden.len(), 74);
        assert_eq!(codes, golden);
        assert_eq!(FailureCode::ALL.len(), 74, "none twice");
        assert!(FailureCode::ALL.is_sorted(), "`Ord` is the order of the list");
    }

    #[test]
    fn code_02_texts_are_literal() {
        for &code in FailureCode::ALL {
            let text = code.as_str();
            assert_eq!(FailureCode::parse(text), Some(code));
            assert_eq!(text.parse(), Ok(code));
            assert_eq!(code.to_string(), text);
            assert_eq!(
                format!("{code:?}"),
                camel_case(text),
                "the variant is named after the code"
            );
            for near in [
                text.to_lowercase(),
                format!(" {text}"),
                format!("{text} "),
                format!("{text}\n"),
                text.replace('_', "-"),
                text.chars().skip(1).collect(),
            ] {
                assert_eq!(near.parse::<FailureCode>(), Err(UnknownWord::FailureCode), "{near:?}");
            }
        }
        assert_eq!(format!("{:>22}|", FailureCode::WalkClosureOrphan), "   WALK_CLOSURE_ORPHAN|");
    }

    #[test]
    fn code_07_layer_version_and_verdict_are_those_of_the_tables() {
        for &(text, layer, since, verdict) in TAXONOMY {
            let code = code(text);
            assert_eq!(
                (code.layer(), code.since(), code.verdict()),
                (layer, since, verdict),
                "{text}"
            );
        }
        assert!(FailureCode::ALL.iter().all(|code| code.verdict() != Some(VerdictWord::Supported)));
    }

    #[test]
    fn code_06_the_details_are_those_that_the_taxonomy_demands() {
        let demanded: BTreeMap<_, _> = DETAILS.iter().copied().collect();
        for code in FailureCode::ALL {
            let details = demanded.get(code.as_str()).copied().unwrap_or_default();
            assert_eq!(code.must_report(), details, "{code}");
        }
    }

    #[test]
    fn the_facts_have_the_same_tables() {
        let Some(facts) = facts("spec-facts.md") else { return };
        let (_, tables) = facts.split_once("### 7.1").unwrap();
        let (tables, _) = tables.split_once("### 7.4").unwrap();
        let mut seen = BTreeSet::new();
        for row in tables.lines().filter(|line| line.starts_with("| ") && line.contains('`')) {
            let text = row.split('`').nth(1).unwrap();
            let code = code(text);
            seen.insert(text);
            let named = VerdictWord::ALL.iter().find(|verdict| {
                row.contains(&format!("→ `{verdict}`")) || row.contains(&format!("| {verdict} |"))
            });
            if let Some(verdict) = named {
                assert_eq!(code.verdict(), Some(*verdict), "{row}");
            }
            if row.matches(" | ").count() > 3 {
                let layer_and_version = format!(" | {} | {} | ", code.layer(), code.since());
                assert!(row.contains(&layer_and_version), "{row}");
            }
        }
        assert_eq!(seen.len(), 74);
    }

    #[test]
    fn every_code_answers_rules_and_they_exist() {
        for code in FailureCode::ALL {
            let rules: BTreeSet<_> = code.rules().iter().collect();
            assert!(!rules.is_empty(), "{code}");
            assert_eq!(rules.len(), code.rules().len(), "{code} names a rule twice");
        }
        let codes = FailureCode::ALL.iter().map(|code| (code.as_str(), code.rules()));
        let classes = ReasonClass::ALL.iter().map(|class| (class.as_str(), class.rules()));
        let named: Vec<_> = codes.chain(classes).collect();
        for (word, rules) in &named {
            assert!(rules.iter().all(|rule| is_rule_id(rule)), "{word}: {rules:?}");
        }
        let Some(facts) = facts("spec-facts.md") else { return };
        let known: BTreeSet<_> = rule_rows(&facts).map(|(id, _)| id).collect();
        assert!(known.len() > 200, "the rule tables are read");
        for (word, rules) in named {
            for rule in rules {
                assert!(known.contains(rule), "{word} names {rule}, which is no rule");
            }
        }
    }

    #[test]
    fn a_rule_that_names_a_code_is_answered_by_it() {
        let Some(facts) = facts("spec-facts.md") else { return };
        let mut links = 0;
        for (id, row) in rule_rows(&facts) {
            for code in quoted_words(row).into_iter().filter_map(FailureCode::parse) {
                assert!(code.rules().contains(&id), "{id} demands {code}");
                links += 1;
            }
        }
        assert!(links > 25, "the rule tables are read: {links}");
    }

    #[test]
    fn triggers_and_remedies_are_single_sentences_of_their_own() {
        let codes = FailureCode::ALL.iter().map(|c| (c.as_str(), c.trigger(), c.remedy()));
        let classes = ReasonClass::ALL.iter().map(|c| (c.as_str(), c.trigger(), c.remedy()));
        let mut owners = BTreeMap::new();
        for (word, trigger, remedy) in codes.chain(classes) {
            for sentence in [trigger, remedy] {
                assert_eq!(fault_of(sentence), None, "{word}: {sentence}");
                let other = owners.insert(sentence, word);
                assert_eq!(other, None, "{word} has the sentence of another: {sentence}");
            }
        }
    }

    #[test]
    fn layers_and_verdicts_are_read_back() {
        for &layer in Layer::ALL {
            assert_eq!(layer.as_str().parse(), Ok(layer));
            assert_eq!(layer.to_string(), layer.as_str());
            assert!(FailureCode::ALL.iter().any(|code| code.layer() == layer), "{layer} has codes");
        }
        for &verdict in VerdictWord::ALL {
            assert_eq!(verdict.as_str().parse(), Ok(verdict));
        }
        let words: Vec<_> = VerdictWord::ALL.iter().map(|verdict| verdict.as_str()).collect();
        assert_eq!(
            words,
            ["supported", "disproved", "insufficient_evidence", "unverifiable_scope"]
        );
        assert_eq!("Supported".parse::<VerdictWord>(), Err(UnknownWord::Verdict));
        assert_eq!("chain_entry".parse::<Layer>(), Err(UnknownWord::Layer));
    }

    fn camel_case(text: &str) -> String {
        let mut after_stroke = true;
        let mut name = String::new();
        for c in text.chars() {
            match c {
                '_' => {}
                _ if after_stroke => name.push(c),
                _ => name.push(c.to_ascii_lowercase()),
            }
            after_stroke = c == '_';
        }
        name
    }
}
