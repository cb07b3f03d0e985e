// SPDX-License-Identifier: Apache-2.0

//! Category 05: which documents are the same to a hash, and which are not.

use serde_json::json;

use crate::generator::{
    canonical_case::{put, written},
    case_draft::CaseDraft,
    fault::Fault,
};

pub(super) fn cases() -> Result<Vec<CaseDraft>, Fault> {
    let vector = |id: &str, title: &str, why: &str, clauses: &[&str]| {
        CaseDraft::vector(id, title, why, clauses)
            .layers(&["json", "canonicalization"], &[])
            .set("trust_root_resolution", "none: there is no signature")
    };
    let reordered = put(
        vector(
            "cat-05-canonicalization/05-01-key-reorder-equivalent",
            "The order of members does not matter",
            "The same members in three orders, nested too. All have one canonical form.",
            &["CANON-01", "CANON-02", "CANON-04"],
        ),
        "payload",
        &[
            written("first", r#"{"b":1,"a":{"d":[3,1,2],"c":null}}"#, SORTED),
            written("second", r#"{"a":{"c":null,"d":[3,1,2]},"b":1}"#, SORTED),
            written("third", r#"{"a":{"d":[3,1,2],"c":null},"b":1}"#, SORTED),
        ],
    )?;
    let similar = put(
        vector(
            "cat-05-canonicalization/05-02-non-canonical-similar",
            "Documents that look alike are different",
            "Elements in another order, a number that became a text, a member that is null and one that is absent, \
             a name in another case: each has a canonical form of its own.",
            &["CANON-01", "CANON-04", "CANON-13", "CANON-17"],
        )
        .decisions(&["AMB-23"])
        .note("The published list calls the result PASS_DIFFERENT_HASHES: the case passes if the digests are those that are stated, which all differ."),
        "payload",
        &[
            written("plain", r#"{"a":[1,2],"b":null}"#, r#"{"a":[1,2],"b":null}"#),
            written("elements-reordered", r#"{"a":[2,1],"b":null}"#, r#"{"a":[2,1],"b":null}"#),
            written("number-as-text", r#"{"a":["1",2],"b":null}"#, r#"{"a":["1",2],"b":null}"#),
            written("member-absent", r#"{"a":[1,2]}"#, r#"{"a":[1,2]}"#),
            written("name-in-capitals", r#"{"A":[1,2],"b":null}"#, r#"{"A":[1,2],"b":null}"#),
            written("text-with-space", r#"{"a":[1,2],"b":" "}"#, r#"{"a":[1,2],"b":" "}"#),
        ],
    )?;
    let unicode = put(
        vector(
            "cat-05-canonicalization/05-03-unicode-normalization",
            "Texts are hashed as they are written",
            "A letter with an accent in one code point, the same letter in two, and letters of other scripts. Nothing is \
             normalized: the two spellings have different digests, and each of them always the same.",
            &["CANON-03", "CANON-17"],
        )
        .decisions(&["AMB-52"]),
        "payload",
        &[
            written("composed", "{\"name\":\"caf\u{e9}\"}", "{\"name\":\"caf\u{e9}\"}"),
            written("decomposed", "{\"name\":\"cafe\u{301}\"}", "{\"name\":\"cafe\u{301}\"}"),
            written("escaped", r#"{"name":"caf\u00e9"}"#, "{\"name\":\"caf\u{e9}\"}"),
            written("beyond", r#"{"name":"\u6f22\ud83d\ude00"}"#, "{\"name\":\"\u{6f22}\u{1f600}\"}"),
        ],
    )?;
    let escapes = put(
        vector(
            "cat-05-canonicalization/05-04-escape-sequence-equivalent",
            "Spellings of one text are one text",
            "Escapes that need not be, escapes that have to be, and short and long forms. The canonical form escapes \
             quotation mark, backslash and what is below U+0020, and nothing else.",
            &["CANON-03", "CANON-04"],
        ),
        "payload",
        &[
            written("plain", "{\"t\":\"a/b\u{7f}\u{2028}\"}", ESCAPED),
            written("escaped", r#"{"\u0074":"\u0061\/b\u007f\u2028"}"#, ESCAPED),
            written("short", r#"{"t":"\"\\\b\f\n\r\t\u0000\u001F"}"#, CONTROLS),
            written(
                "long",
                r#"{"t":"\u0022\u005c\u0008\u000c\u000a\u000d\u0009\u0000\u001f"}"#,
                CONTROLS,
            ),
        ],
    )?;
    let numbers = put(
        vector(
            "cat-05-canonicalization/05-05-number-representation",
            "One, and one point zero",
            "An integer keeps its digits. What has a fraction or an exponent is laid out as the reference does, which \
             never writes it as an integer: `1` is not `1.0`, and `1e0` is `1.0`.",
            &["CANON-05", "CANON-14", "CANON-17"],
        )
        .decisions(&["AMB-52"]),
        "payload",
        &[
            written("integer", r#"{"n":1}"#, r#"{"n":1}"#),
            written("fraction", r#"{"n":1.0}"#, r#"{"n":1.0}"#),
            written("exponent", r#"{"n":1e0}"#, r#"{"n":1.0}"#),
            written("long-fraction", r#"{"n":1.000}"#, r#"{"n":1.0}"#),
            written("large-integer", r#"{"n":123456789012345678901234567890}"#, r#"{"n":123456789012345678901234567890}"#),
        ],
    )?;
    let whitespace = put(
        vector(
            "cat-05-canonicalization/05-06-whitespace-equivalent",
            "White space between tokens does not matter",
            "The same document without, with spaces, and with line breaks of both kinds. White space inside of a text stays.",
            &["CANON-02", "CANON-17"],
        ),
        "payload",
        &[
            written("compact", r#"{"a":[1,{"b":" x "}],"c":{}}"#, SPACED),
            written("spaces", r#" { "a" : [ 1 , { "b" : " x " } ] , "c" : { } } "#, SPACED),
            written(
                "lines",
                "{\r\n\t\"a\": [\n    1,\n    {\"b\": \" x \"}\n  ],\r\n\t\"c\": {\n}\n}\n",
                SPACED,
            ),
        ],
    )?;
    let whitespace = whitespace.set("importance", json!("high"));
    Ok(vec![reordered, similar, unicode, escapes, numbers, whitespace])
}

const SORTED: &str = r#"{"a":{"c":null,"d":[3,1,2]},"b":1}"#;
const ESCAPED: &str = "{\"t\":\"a/b\u{7f}\u{2028}\"}";
const CONTROLS: &str = r#"{"t":"\"\\\b\f\n\r\t\u0000\u001f"}"#;
const SPACED: &str = r#"{"a":[1,{"b":" x "}],"c":{}}"#;
