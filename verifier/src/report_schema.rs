// SPDX-License-Identifier: Apache-2.0

//! The JSON Schemas of the reports that `--json` prints.
//!
//! Both are closed, so that a member that a report gains without its schema is found by the
//! tests, which hold them against reports of every kind.

use permit_claims::{Claim, SemanticsMode, VERDICTS_SCHEMA, Verdict};
use permit_types::Severity;
use schemars::{Schema, json_schema};

/// A member and its schema.
type Members = Vec<(&'static str, Schema)>;

/// The JSON Schema of what `permit-verify export --json` prints (Draft 2020-12), without an `$id`.
///
/// ```
/// let schema = permit_verifier::export_report_schema();
/// assert_eq!(schema.get("additionalProperties"), Some(&false.into()));
/// ```
#[must_use]
pub fn export_report_schema() -> Schema {
    let error = text("Why it did not end well, for people; absent if it did.");
    ReportSchema {
        title: "Report about an export",
        description: "What a verification of an export came to, in the layout `keel.verifier.verdicts/v0` and with more beside it. Closed.",
        kind: "export",
        optional: vec![("error", error)],
        own: Vec::new(),
        definitions: Vec::new(),
    }
    .generate()
}

/// The JSON Schema of what `permit-verify checkpoint --json` prints (Draft 2020-12), without an `$id`.
///
/// ```
/// let schema = permit_verifier::checkpoint_report_schema();
/// assert_eq!(schema.get("additionalProperties"), Some(&false.into()));
/// ```
#[must_use]
pub fn checkpoint_report_schema() -> Schema {
    ReportSchema {
        title: "Report about a checkpoint",
        description: "What a verification of a checkpoint came to, in the layout `keel.verifier.verdicts/v0` and with more beside it. Closed.",
        kind: "checkpoint",
        optional: Vec::new(),
        own: checkpoint_members(),
        definitions: vec![
            ("Stamps", stamps()),
            ("Receipt", receipt()),
            ("StampTrust", stamp_trust()),
            ("ReceiptTrust", receipt_trust()),
            ("Stamp", stamp()),
        ],
    }
    .generate()
}

/// What sets one kind of report apart from the others.
struct ReportSchema {
    title: &'static str,
    description: &'static str,
    kind: &'static str,
    /// Members that it has beside those of all, and that may be absent.
    optional: Members,
    /// Members that it always has beside those of all.
    own: Members,
    definitions: Members,
}

impl ReportSchema {
    fn generate(self) -> Schema {
        let mut required = members_of_all();
        required.extend(self.own);
        let mut definitions = definitions_of_all(self.kind);
        definitions.extend(self.definitions);
        let mut schema = object(self.description, required, self.optional);
        schema.insert("$schema".into(), "https://json-schema.org/draft/2020-12/schema".into());
        schema.insert("title".into(), self.title.into());
        schema.insert("$defs".into(), named(definitions).to_value());
        schema
    }
}

fn members_of_all() -> Members {
    vec![
        (
            "schema",
            json_schema!({
                "description": "The name of the layout.",
                "type": "string",
                "const": VERDICTS_SCHEMA
            }),
        ),
        ("ok", truth("Whether what was asked for was judged and holds.")),
        (
            "exit_code",
            json_schema!({
                "description": "The status of the process: 0 verified, 1 not verified, 2 could not judge.",
                "type": "integer",
                "enum": [0, 1, 2]
            }),
        ),
        ("artifact", reference("Artifact", "What was judged.")),
        ("semantics", reference("Semantics", "By which semantics.")),
        (
            "claims",
            array("Claim", "The claims that count, in the order in which they were judged."),
        ),
        ("diagnostics", texts("Remarks about the run.")),
        (
            "also_judged",
            array(
                "AlsoJudged",
                "Claims that were judged but do not count, since one before them failed.",
            ),
        ),
        ("not_checked", array("NotChecked", "Claims that nobody looked at.")),
        ("findings", array("Finding", "What is wrong or worth knowing; failures first.")),
        ("findings_left_out", count("Findings that are counted only.")),
        ("still_holds", texts("What was checked and holds although the run failed.")),
        ("does_not_prove", texts("What a pass does not prove.")),
        ("trust", reference("Trust", "Which trust root decided, and what it gave (KEY-06).")),
        ("evidence_inspected", reference("Inspected", "How much was looked at.")),
        ("chain_scopes", array("ChainScope", "What was seen of each chain.")),
    ]
}

fn definitions_of_all(kind: &'static str) -> Members {
    vec![
        ("Artifact", artifact(kind)),
        ("Semantics", semantics()),
        ("Pin", pin()),
        ("Claim", claim()),
        ("Subject", subject()),
        ("ClaimSemantics", claim_semantics()),
        ("AlsoJudged", also_judged()),
        ("NotChecked", not_checked()),
        ("Finding", finding()),
        ("Bytes", bytes()),
        ("Trust", trust()),
        ("Inspected", inspected()),
        ("ChainScope", chain_scope()),
    ]
}

fn artifact(kind: &'static str) -> Schema {
    let required = vec![(
        "kind",
        json_schema!({ "description": "What kind it is.", "type": "string", "const": kind }),
    )];
    let files = [
        ("payload_path", "payload_hash"),
        ("manifest_path", "manifest_hash"),
        ("key_manifest_path", "key_manifest_hash"),
        ("checkpoint_path", "checkpoint_hash"),
        ("sidecar_path", "sidecar_hash"),
        ("closure_path", "closure_hash"),
        ("workflow_evidence_path", "workflow_evidence_hash"),
        ("semantic_artifact_path", "semantic_artifact_hash"),
        ("evidence_path", "evidence_hash"),
    ];
    let optional = files.into_iter().flat_map(|(path, hash)| {
        [(path, text("A file, as the caller named it.")), (hash, digest("The hash of its bytes."))]
    });
    object("What was judged. Closed.", required, optional.collect())
}

fn semantics() -> Schema {
    let modes = [SemanticsMode::LegacyUnpinned, SemanticsMode::Pinned].map(SemanticsMode::as_str);
    let required = vec![
        ("mode", words("Whether the pack pins its own semantics.", &modes)),
        ("profile_id", text_or_null("The profile, if one was used.")),
        ("profile_hash", text_or_null("The hash that names its bytes.")),
    ];
    let optional = vec![
        ("warning", text("What the reader should know about them.")),
        ("pins", array("Pin", "The artifacts; absent if there are none.")),
    ];
    object("The semantics that the evidence was judged by. Closed.", required, optional)
}

fn pin() -> Schema {
    let required = vec![
        ("id", text("The id of the artifact.")),
        ("hash", text("The hash that names its bytes.")),
        ("source", text("Who names it.")),
        ("status", text("What became of it.")),
    ];
    object("A semantic artifact that was used. Closed.", required, Vec::new())
}

fn claim() -> Schema {
    let required = vec![
        ("name", claim_name("The claim.")),
        ("verdict", verdict("What holds of it.")),
        ("required", truth("Whether the run fails unless the claim is supported.")),
        ("reason_code", text("Why, in the word that consumers match on.")),
        ("message", text("The same in a sentence.")),
    ];
    let optional = vec![
        ("failure_code", text("The code of the taxonomy, where it is another word.")),
        ("evidence", texts("What it was judged by.")),
        ("subjects", array("Subject", "What the claim was judged on.")),
        ("semantics", array("ClaimSemantics", "The semantics that it was judged by.")),
    ];
    object("What is said about one claim. Closed.", required, optional)
}

fn subject() -> Schema {
    let required = vec![
        ("type", text("What kind of thing it is.")),
        ("verdict", verdict("What holds of it.")),
        ("required", truth("Whether the claim fails if this does.")),
        ("reason_code", text("Why, in the word that consumers match on.")),
        ("message", text("The same in a sentence.")),
    ];
    let optional = vec![
        ("id", text("Which one it is.")),
        ("failure_code", text("The code of the taxonomy, where it is another word.")),
        ("evidence", texts("What it was judged by.")),
    ];
    object("One thing that a claim was judged on. Closed.", required, optional)
}

fn claim_semantics() -> Schema {
    let required = vec![
        ("id", text("The semantic artifact.")),
        ("hash", text_or_null("The hash that the pack names for it.")),
    ];
    object("A semantic artifact that a claim was judged by. Closed.", required, Vec::new())
}

fn also_judged() -> Schema {
    let required = vec![
        ("claim", claim_name("The claim.")),
        ("outcome", verdict("What holds of it.")),
        ("because", text("Why, in the word that consumers match on.")),
    ];
    object("A claim that was judged but does not count. Closed.", required, Vec::new())
}

fn not_checked() -> Schema {
    let required =
        vec![("claim", claim_name("The claim.")), ("because", text("Why, in a sentence."))];
    object("A claim that nobody looked at. Closed.", required, Vec::new())
}

fn finding() -> Schema {
    let severities = [Severity::Notice, Severity::Failure].map(Severity::as_str);
    let mut details = json_schema!({
        "description": "Names and values that identify the thing.",
        "type": "object"
    });
    details.insert("additionalProperties".into(), json_schema!({ "type": "string" }).to_value());
    let required = vec![
        ("severity", words("Whether it fails the evidence.", &severities)),
        ("code", text_or_null("The code of the taxonomy, if it has one (CODE-02).")),
        ("reason_class", text("The word that machines match on.")),
        ("rule", text_or_null("The rule that is broken.")),
        ("artifact", text("The artifact that it is about, in words.")),
        ("pointer", text("The path to the value, as a JSON Pointer.")),
        ("bytes", reference("Bytes", "Where the value stands in the artifact.")),
        ("summary", text("What is wrong, in a sentence.")),
        ("expected", text_or_null("What should stand there.")),
        ("actual", text_or_null("What stands there.")),
        ("details", details),
        ("because_of", count_or_null("The index of the finding that caused this one.")),
        ("help", text("What the reader can do next.")),
    ];
    object("One thing that is wrong, or worth knowing. Closed.", required, Vec::new())
}

fn bytes() -> Schema {
    let required = vec![
        ("start", count("The first byte.")),
        ("end", count("The first byte behind it; the same as the first if none are meant.")),
    ];
    object("A range of bytes, counted from 0, after decompression. Closed.", required, Vec::new())
}

fn trust() -> Schema {
    let required = vec![
        ("source", text_or_null("Where the trust root came from.")),
        ("channel", text_or_null("How the key came to be trusted.")),
        ("public_key", text_or_null("The key, as its source writes it.")),
        ("key_id", text_or_null("Its id.")),
        ("test_mode", truth("Whether test keys count, and they alone (KEY-05).")),
    ];
    object("Whose word was taken. Closed.", required, Vec::new())
}

fn inspected() -> Schema {
    let required = vec![
        ("records", count("Records, or events.")),
        ("permits", count("Permits.")),
        ("chain_entries", count("Chain entries.")),
        ("closure_records", count("Closures.")),
        ("checkpoints", count("Checkpoints.")),
    ];
    object("How much was looked at. Closed.", required, Vec::new())
}

fn chain_scope() -> Schema {
    let required = vec![
        ("chain_scope", text("The chain.")),
        ("entries", count("Its entries.")),
        ("first_sequence_number", count_or_null("The lowest number that was seen.")),
        ("last_sequence_number", count_or_null("The highest.")),
        ("contiguous_runs", count("Runs of numbers without a gap (AMB-16).")),
        ("linked_segments", count("Parts that do not link to each other.")),
    ];
    object("What was seen of one chain. Closed.", required, Vec::new())
}

fn checkpoint_members() -> Members {
    vec![
        ("error", text_or_null("Why it did not end well, for people.")),
        ("checkpoint_id", text_or_null("The checkpoint, by its own word.")),
        ("computed_at", text_or_null("When it was computed, by its own word.")),
        ("composite_hash", text_or_null("The hash over the heads, as the checkpoint states it.")),
        ("chain_heads_count", count("How many heads it has.")),
        ("public_key", text_or_null("The key that the signature was judged by.")),
        ("key_id", text_or_null("The id of that key.")),
        ("trust_source", text_or_null("Where the trust in it comes from.")),
        (
            "self_attested",
            truth(
                "Whether the key was the checkpoint's own, which shows nothing about who signed.",
            ),
        ),
        ("tsa", reference("Stamps", "What the time-stamp receipts come to.")),
        ("tsa_receipts", array("Receipt", "The receipts, by what their tokens stamp.")),
        ("tsa_trust", reference("StampTrust", "Who made the tokens, if that was asked.")),
    ]
}

fn stamps() -> Schema {
    let required = vec![
        ("present", truth("Whether there are receipts.")),
        ("checked", truth("Whether one was looked at.")),
        (
            "verified",
            truth_or_null("Whether all stamp the composite hash; null if none was looked at."),
        ),
        ("reason", text_or_null("Why, in a sentence.")),
        ("url", text_or_null("Where the first one says it comes from.")),
        ("requested_at", text_or_null("When the first one says it was asked for.")),
    ];
    object("What the time-stamp receipts come to. Closed.", required, Vec::new())
}

fn receipt() -> Schema {
    let required = vec![
        ("provider", text_or_null("The authority, by the receipt's own word.")),
        ("url", text_or_null("Where it was asked.")),
        ("requested_at", text_or_null("When it was asked.")),
        ("checked", truth("Whether the token was looked at.")),
        ("verified", truth_or_null("Whether it stamps the composite hash.")),
        ("reason", text_or_null("Why, in a sentence.")),
    ];
    object("One receipt, by what its token stamps. Closed.", required, Vec::new())
}

fn stamp_trust() -> Schema {
    let required = vec![
        (
            "openssl_version",
            json_schema!({ "description": "No such program is used.", "type": "null" }),
        ),
        ("ca_bundle", text_or_null("The root certificates that were given.")),
        ("revocation_checked", truth("Whether certificates were looked up; that needs a network.")),
        ("verification_scope", text("What is looked at.")),
        ("revocation_note", text("What is not.")),
        ("receipts", array("ReceiptTrust", "The receipts, by who made their tokens.")),
    ];
    object("Who made the tokens. Closed.", required, Vec::new())
}

fn receipt_trust() -> Schema {
    let mut stamp = reference("Stamp", "What the authority states; null unless it is trusted.");
    let to_stamp = stamp.remove("$ref").unwrap_or_default();
    stamp.insert(
        "anyOf".into(),
        vec![
            json_schema!({ "$ref": to_stamp }).to_value(),
            json_schema!({ "type": "null" }).to_value(),
        ]
        .into(),
    );
    let required = vec![
        ("provider", text_or_null("The authority, by the receipt's own word.")),
        ("tsa_trust_status", text("How far the token can be trusted.")),
        ("imprint_match", truth_or_null("Whether it stamps the composite hash.")),
        ("cms_signature_valid", truth_or_null("Whether its signature holds.")),
        ("certificate_chain_valid", truth_or_null("Whether its certificates lead to a root.")),
        ("eku_checked", truth("Whether the use of the certificate was looked at.")),
        ("eku_valid", truth_or_null("Whether the certificate is for time stamps.")),
        ("verification_error", text_or_null("What is wrong, in a sentence.")),
        ("stamp", stamp),
    ];
    object("One receipt, by who made its token. Closed.", required, Vec::new())
}

fn stamp() -> Schema {
    let required = vec![
        ("gen_time", text("When the token was made.")),
        ("accuracy_micros", count_or_null("How exact that is, in millionths of a second.")),
        ("policy", text("The policy of the authority, as an object identifier.")),
        ("serial", text("The number of the token.")),
        ("signer", text("Whom the certificate of the token names.")),
        ("signer_certificate", digest("The hash of that certificate.")),
        ("root", text("Whom the root certificate names.")),
        ("root_certificate", digest("The hash of the root certificate.")),
    ];
    object("What a trusted authority states. Closed.", required, Vec::new())
}

/// A closed object.
fn object(description: &'static str, required: Members, optional: Members) -> Schema {
    let names: Vec<&str> = required.iter().map(|(name, _)| *name).collect();
    let mut schema =
        json_schema!({ "description": description, "type": "object", "required": names });
    let members = named(required.into_iter().chain(optional).collect());
    schema.insert("properties".into(), members.to_value());
    schema.insert("additionalProperties".into(), false.into());
    schema
}

/// Schemas by name.
fn named(members: Members) -> Schema {
    let mut all = json_schema!({});
    for (name, schema) in members {
        all.insert(name.into(), schema.to_value());
    }
    all
}

fn text(description: &'static str) -> Schema {
    json_schema!({ "description": description, "type": "string" })
}

fn text_or_null(description: &'static str) -> Schema {
    json_schema!({ "description": description, "type": ["string", "null"] })
}

fn texts(description: &'static str) -> Schema {
    json_schema!({ "description": description, "type": "array", "items": { "type": "string" } })
}

fn truth(description: &'static str) -> Schema {
    json_schema!({ "description": description, "type": "boolean" })
}

fn truth_or_null(description: &'static str) -> Schema {
    json_schema!({ "description": description, "type": ["boolean", "null"] })
}

fn count(description: &'static str) -> Schema {
    json_schema!({ "description": description, "type": "integer", "minimum": 0 })
}

fn count_or_null(description: &'static str) -> Schema {
    json_schema!({ "description": description, "type": ["integer", "null"], "minimum": 0 })
}

fn digest(description: &'static str) -> Schema {
    json_schema!({
        "description": description,
        "type": "string",
        "pattern": "^sha256:[0-9a-f]{64}$"
    })
}

fn words(description: &'static str, words: &[&str]) -> Schema {
    json_schema!({ "description": description, "type": "string", "enum": words })
}

fn verdict(description: &'static str) -> Schema {
    let verdicts = [
        Verdict::Supported,
        Verdict::Disproved,
        Verdict::InsufficientEvidence,
        Verdict::UnverifiableScope,
    ];
    words(description, &verdicts.map(Verdict::as_str))
}

fn claim_name(description: &'static str) -> Schema {
    let names: Vec<&str> = Claim::ALL.iter().map(|claim| claim.as_str()).collect();
    words(description, &names)
}

fn reference(definition: &'static str, description: &'static str) -> Schema {
    let target = format!("#/$defs/{definition}");
    json_schema!({ "description": description, "$ref": target })
}

fn array(definition: &'static str, description: &'static str) -> Schema {
    let target = format!("#/$defs/{definition}");
    json_schema!({ "description": description, "type": "array", "items": { "$ref": target } })
}
