// SPDX-License-Identifier: Apache-2.0

//! The JSON Schemas of the reports that `--json` prints.
//!
//! Both are closed, so that a member that a report gains without its schema is found by the
//! tests, which hold them against reports of every kind.

use permit_claims::{Claim, VERDICTS_SCHEMA, Verdict};
use schemars::{Schema, json_schema};

/// The JSON Schema of what `permit-verify export --json` prints (Draft 2020-12), without an `$id`.
///
/// ```
/// let schema = permit_verifier::export_report_schema();
/// assert_eq!(schema.get("additionalProperties"), Some(&false.into()));
/// ```
#[must_use]
pub fn export_report_schema() -> Schema {
    report_schema(
        "Report about an export",
        "What a verification of an export came to, in the layout `keel.verifier.verdicts/v0` and with more beside it. Closed.",
        "export",
        &[("error", text("Why it did not end well, for people; absent if it did."))],
        &[],
    )
}

/// The JSON Schema of what `permit-verify checkpoint --json` prints (Draft 2020-12), without an `$id`.
///
/// ```
/// let schema = permit_verifier::checkpoint_report_schema();
/// assert_eq!(schema.get("additionalProperties"), Some(&false.into()));
/// ```
#[must_use]
pub fn checkpoint_report_schema() -> Schema {
    let own = [
        ("error", text_or_null("Why it did not end well, for people.")),
        ("checkpoint_id", text_or_null("The checkpoint, by its own word.")),
        ("computed_at", text_or_null("When it was computed, by its own word.")),
        ("composite_hash", text_or_null("The hash over the heads, as the checkpoint states it.")),
        ("chain_heads_count", count("How many heads it has.")),
        ("public_key", text_or_null("The key that the signature was judged by.")),
        ("key_id", text_or_null("The id of that key.")),
        ("trust_source", text_or_null("Where the trust in it comes from.")),
        ("self_attested", truth("Whether the key was the checkpoint's own, which shows nothing about who signed.")),
        ("tsa", reference("What the time-stamp receipts come to.", "Stamps")),
        ("tsa_receipts", array("The receipts, by what their tokens stamp.", "Receipt")),
        ("tsa_trust", reference("Who made the tokens, if that was asked.", "StampTrust")),
    ];
    let definitions = [
        ("Stamps", stamps()),
        ("Receipt", receipt()),
        ("StampTrust", stamp_trust()),
        ("ReceiptTrust", receipt_trust()),
        ("Stamp", stamp()),
    ];
    report_schema(
        "Report about a checkpoint",
        "What a verification of a checkpoint came to, in the layout `keel.verifier.verdicts/v0` and with more beside it. Closed.",
        "checkpoint",
        &own,
        &definitions,
    )
}

/// What all reports have, and what one kind has beside it. `error` alone may be absent.
fn report_schema(
    title: &str,
    description: &str,
    kind: &str,
    own: &[(&str, Schema)],
    own_definitions: &[(&str, Schema)],
) -> Schema {
    let always_there = own.iter().filter(|(name, schema)| {
        *name != "error" || schema.get("type").is_some_and(serde_is_array)
    });
    let mut members = vec![
        (
            "schema",
            json_schema!({ "description": "The name of the layout.", "const": VERDICTS_SCHEMA }),
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
        ("artifact", reference("What was judged.", "Artifact")),
        ("semantics", reference("By which semantics.", "Semantics")),
        ("claims", array("The claims that count, in the order in which they were judged.", "Claim")),
        ("diagnostics", texts("Remarks about the run.")),
        (
            "also_judged",
            array("Claims that were judged but do not count, since one before them failed.", "AlsoJudged"),
        ),
        ("not_checked", array("Claims that nobody looked at.", "NotChecked")),
        ("findings", array("What is wrong or worth knowing; failures first.", "Finding")),
        ("findings_left_out", count("Findings that are counted only.")),
        ("still_holds", texts("What was checked and holds although the run failed.")),
        ("does_not_prove", texts("What a pass does not prove.")),
        ("trust", reference("Which trust root decided, and what it gave (KEY-06).", "Trust")),
        ("evidence_inspected", reference("How much was looked at.", "Inspected")),
        ("chain_scopes", array("What was seen of each chain.", "ChainScope")),
    ];
    let mut required: Vec<&str> = members.iter().map(|(name, _)| *name).collect();
    required.extend(always_there.map(|(name, _)| *name));
    members.extend(own.iter().cloned());
    let mut definitions = vec![
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
    ];
    definitions.extend(own_definitions.iter().cloned());
    let mut schema = object(description, &members, &required);
    schema.insert("$schema".into(), "https://json-schema.org/draft/2020-12/schema".into());
    schema.insert("title".into(), title.into());
    schema.insert("$defs".into(), named(&definitions));
    schema
}
