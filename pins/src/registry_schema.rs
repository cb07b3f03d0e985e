// SPDX-License-Identifier: Apache-2.0

//! The JSON Schema of the claim registry.

use permit_claims::Verdict;
use schemars::{Schema, json_schema};

use crate::pin_reference::CLAIM_SET_VERSION;

/// The JSON Schema of claim registry v0 (Draft 2020-12), without an `$id`.
///
/// Nothing in a registry is ever interpreted, it is known by its hash; the schema is for whoever
/// writes one. Open, since released states differ in what they say beside their claims.
///
/// ```
/// let schema = permit_pins::claim_registry_schema();
/// assert_eq!(schema.get("title").and_then(|title| title.as_str()), Some("Claim registry"));
/// ```
#[must_use]
pub fn claim_registry_schema() -> Schema {
    let words = [
        Verdict::Supported,
        Verdict::Disproved,
        Verdict::InsufficientEvidence,
        Verdict::UnverifiableScope,
    ]
    .map(Verdict::as_str);
    let verdicts = |description: &str| {
        json_schema!({
            "description": description,
            "type": "array",
            "items": { "type": "string", "enum": words },
            "minItems": 1,
            "uniqueItems": true
        })
    };
    json_schema!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Claim registry",
        "description": "What can be claimed about evidence, and which verdicts there are. Open.",
        "type": "object",
        "properties": {
            "version": {
                "description": "The version that claim sets name (CLAIM-08).",
                "type": "string",
                "const": CLAIM_SET_VERSION
            },
            "id": { "description": "The id that pins name.", "type": "string", "minLength": 1 },
            "title": { "description": "A name for people.", "type": "string" },
            "description": { "description": "What it is, for people.", "type": "string" },
            "verdict_enum": verdicts("All verdicts (CLAIM-04)."),
            "claims": {
                "description": "The claims. No two have the same name.",
                "type": "array",
                "items": { "$ref": "#/$defs/ClaimDefinition" },
                "minItems": 1
            }
        },
        "required": ["version", "verdict_enum", "claims"],
        "$defs": {
            "ClaimDefinition": {
                "description": "One claim. Open.",
                "type": "object",
                "properties": {
                    "name": {
                        "description": "The name that claim sets and reports use.",
                        "type": "string",
                        "pattern": "^[a-z][a-z0-9_]*(\\.[a-z][a-z0-9_]*)*\\.v[0-9]+$"
                    },
                    "assertion": {
                        "description": "What is stated if the verdict is `supported`.",
                        "type": "string",
                        "minLength": 1
                    },
                    "required_evidence": {
                        "description": "Without what there is nothing to judge.",
                        "type": "string",
                        "minLength": 1
                    },
                    "verdict_enum": verdicts("The verdicts that the claim can get.")
                },
                "required": ["name", "assertion", "required_evidence", "verdict_enum"]
            }
        }
    })
}
