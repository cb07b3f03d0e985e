// SPDX-License-Identifier: Apache-2.0

//! The JSON Schema of key manifests.
//!
//! Reading is lenient, so that one bad entry does not take the good ones with it. The schema is
//! for publishers: what it takes is read without a notice, and keeps to one way of writing.
//!
//! ```text
//!                                        the schema    reading
//! an element of `keys` that is no object   refuses     passes over, with a notice
//! an entry without a key, or half a key    refuses     keeps, never chooses, with a notice
//! an end of a window that is no time       refuses     keeps, never active, with a notice (KEY-07)
//! a time without a zone, a date alone      refuses     takes as UTC
//! `revoked_at` that is no time             refuses     takes as revoked at any time
//! any other member of another kind         refuses     passes over
//! a key of small order                     takes       refuses the whole file
//! ```

use schemars::{Schema, json_schema};

/// The JSON Schema of key manifests (Draft 2020-12), without an `$id`.
///
/// Open: manifests have members of their own, such as where the keys come from.
///
/// ```
/// let schema = permit_keys::key_manifest_schema();
/// assert_eq!(schema.get("title").and_then(|title| title.as_str()), Some("Key manifest"));
/// ```
#[must_use]
pub fn key_manifest_schema() -> Schema {
    json_schema!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Key manifest",
        "description": "Which keys to trust, for what and when. Open.",
        "type": "object",
        "properties": {
            "keys": {
                "description": "The keys. One key may stand here several times, once for each of its purposes.",
                "type": "array",
                "items": { "$ref": "#/$defs/KeyEntry" }
            },
            "purpose": {
                "description": "What the keys are for whose entries do not say (KEY-01).",
                "type": "string"
            },
            "environment": {
                "description": "`test` marks all entries as test keys (KEY-05).",
                "type": "string"
            }
        },
        "required": ["keys"],
        "$defs": { "KeyEntry": entry() }
    })
}

fn entry() -> Schema {
    json_schema!({
        "description": "One key for one purpose. Open.",
        "type": "object",
        "properties": {
            "key_id": { "description": "The name of the key.", "type": "string" },
            "purpose": {
                "description": "What the key is for; an entry with a word that nobody knows is for nothing (KEY-01).",
                "type": "string"
            },
            "signer_role": {
                "description": "Whose key it is in permits of format 2, in place of a purpose.",
                "type": "string"
            },
            "algorithm": {
                "description": "How the key signs. Only shown: all keys are Ed25519.",
                "type": "string"
            },
            "public_key": {
                "description": "The key: 32 bytes in base64, with or without `ed25519:` before them.",
                "type": "string",
                "pattern": KEY
            },
            "public_key_b64": {
                "description": "The key, if there is no `public_key`.",
                "type": "string",
                "pattern": KEY
            },
            "status": {
                "description": "Where the key stands, in the publisher's words; `revoked` and `compromised` refuse what it signed (KEY-04).",
                "type": "string"
            },
            "environment": {
                "description": "`test` marks a test key (KEY-05).",
                "type": "string"
            },
            "valid_from": time("The first instant at which the key may sign; none is open (KEY-03)."),
            "valid_to": time("The last instant at which it may; none is open (KEY-08)."),
            "valid_until": time("Another last instant; the earlier one counts."),
            "active_from": time("An older name of `valid_from`, if that is absent."),
            "active_to": time("An older name of `valid_to`, if that is absent."),
            "revoked_at": time("From when on what the key signs does not count (KEY-04)."),
            "compromised_at": time("When somebody else got hold of the key; nothing that it ever signed counts (KEY-04)."),
            "account_id": {
                "description": "The account that the key belongs to, in permits of format 2.",
                "type": "string"
            },
            "signer_id": {
                "description": "The person or service that holds the key, in permits of format 2.",
                "type": "string"
            }
        },
        "anyOf": [{ "required": ["public_key"] }, { "required": ["public_key_b64"] }]
    })
}

fn time(description: &str) -> Schema {
    json_schema!({
        "description": description,
        "type": ["string", "null"],
        "format": "date-time"
    })
}

/// 43 characters of base64 and one of padding are 32 bytes.
const KEY: &str = "^(ed25519:)?[A-Za-z0-9+/]{43}=$";
