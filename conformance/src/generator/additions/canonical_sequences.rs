// SPDX-License-Identifier: Apache-2.0

//! Category 09: names, texts and numbers in canonical form, and a long sequence of all of them.
//!
//! The digest of the sequence was computed with the reference's own recipe, `json.dumps` of Python:
//!
//! ```text
//! for line in open(file): out += json.dumps(json.loads(line), sort_keys=True, separators=(",", ":"),
//!                                           ensure_ascii=False) + "\n"
//! ```

use serde_json::json;

use crate::generator::{
    canonical_case::{put, refused, written},
    case_draft::CaseDraft,
    fault::Fault,
    pack::{hex, zeros},
};

pub(super) fn cases() -> Result<Vec<CaseDraft>, Fault> {
    let vector = |id: &str, title: &str, why: &str, clauses: &[&str]| {
        CaseDraft::vector(id, title, why, clauses)
            .layers(&["json", "canonicalization"], &[])
            .set("trust_root_resolution", "none: there is no signature")
    };
    let names = put(
        vector(
            "cat-09-canonical-sequences/09-01-names-by-code-point",
            "Names are ordered by code point",
            "UTF-16 would put the face before U+FFFD, and a dictionary would put é before z. Code points do neither.",
            &["CANON-01", "CANON-03"],
        ),
        "payload",
        &[
            written(
                "mixed",
                "{\"\u{e9}\":1,\"z\":2,\"A\":3,\"\u{1f600}\":4,\"\u{fffd}\":5,\"\":6,\"a\":7,\"aa\":8,\"_\":9}",
                "{\"\":6,\"A\":3,\"_\":9,\"a\":7,\"aa\":8,\"z\":2,\"\u{e9}\":1,\"\u{fffd}\":5,\"\u{1f600}\":4}",
            ),
            written(
                "escaped-names",
                r#"{"\u0062":1,"a\u0000":2,"a":3}"#,
                r#"{"a":3,"a\u0000":2,"b":1}"#,
            ),
            written(
                "nested",
                r#"[{"b":{"d":1,"c":[{"f":1,"e":2}]},"a":0}]"#,
                r#"[{"a":0,"b":{"c":[{"e":2,"f":1}],"d":1}}]"#,
            ),
        ],
    )?;
    let texts = put(
        vector(
            "cat-09-canonical-sequences/09-02-texts",
            "Texts of every kind",
            "What has to be escaped, what must not be, and pairs of surrogates.",
            &["CANON-03", "CANON-04", "CANON-17"],
        ),
        "payload",
        &[
            written("empty", r#""""#, r#""""#),
            written("slash", r#""\/""#, r#""/""#),
            written(
                "controls",
                r#""\u0001\u001b\u001f\u007f\u0080""#,
                "\"\\u0001\\u001b\\u001f\u{7f}\u{80}\"",
            ),
            written("separators", r#""\u2028\u2029\ufeff""#, "\"\u{2028}\u{2029}\u{feff}\""),
            written("pair", r#""\ud83d\ude00\u00e9""#, "\"\u{1f600}\u{e9}\""),
            written("last", r#""\udbff\udfff""#, "\"\u{10ffff}\""),
            written("html", r#""<a href='x'>&amp;</a>""#, r#""<a href='x'>&amp;</a>""#),
        ],
    )?;
    let numbers = put(
        vector(
            "cat-09-canonical-sequences/09-03-numbers",
            "Numbers at the edges of their layouts",
            "The shortest digits that read back as the same number; an exponent from 16 digits on and below a \
             ten-thousandth, with a sign and two digits at least.",
            &["CANON-05", "CANON-14"],
        )
        .decisions(&["AMB-52"]),
        "payload",
        &[
            written("tenth", "0.1", "0.1"),
            written("sum", "0.30000000000000004", "0.30000000000000004"),
            written("no-exponent-yet", "1e15", "1000000000000000.0"),
            written("exponent", "1e16", "1e+16"),
            written("large", "1E22", "1e+22"),
            written("small", "0.0001", "0.0001"),
            written("smaller", "0.00001", "1e-05"),
            written("tiny", "5e-324", "5e-324"),
            written("largest", "1.7976931348623157e308", "1.7976931348623157e+308"),
            written("rounded", "9007199254740993.0", "9007199254740992.0"),
            written("minus", "-1.50", "-1.5"),
            written("negative-zero", "-0.0", "-0.0"),
            written("underflow", "1e-400", "0.0"),
            written("hundred", "1.0E+2", "100.0"),
            written("digits", "100000000000000000000000000000000000001", "100000000000000000000000000000000000001"),
        ],
    )?;
    let unreadable = put(
        vector(
            "cat-09-canonical-sequences/09-04-no-canonical-form",
            "Documents that have none",
            "Numbers that are not finite, half a pair of surrogates, a member that is there twice, and what is no JSON: \
             each of them has to be refused. The last document is there to be accepted.",
            &["CANON-06", "CANON-17", "CANON-14"],
        )
        .decisions(&["DIFF-03"])
        .set("reference", "accepts NaN, Infinity and duplicate members, of which the last one wins"),
        "payload",
        &[
            refused("not-a-number", r#"{"n":NaN}"#),
            refused("infinite", r#"{"n":-Infinity}"#),
            refused("beyond", r#"{"n":1e400}"#),
            refused("half-a-pair", r#"{"t":"\ud800"}"#),
            refused("halves-exchanged", r#"{"t":"\ude00\ud83d"}"#),
            refused("twice", r#"{"a":1,"a":2}"#),
            refused("twice-escaped", r#"{"a":1,"\u0061":2}"#),
            refused("trailing", r#"{"a":1} {}"#),
            refused("mark", "\u{feff}{\"a\":1}"),
            refused("comma", r#"{"a":1,}"#),
            refused("leading-zero", r#"{"a":01}"#),
            refused("control", "{\"a\":\"\u{1}\"}"),
            written("readable", r#"{"a":1,"A":2}"#, r#"{"A":2,"a":1}"#),
        ],
    )?;
    let stripped = put(
        vector(
            "cat-09-canonical-sequences/09-05-wire-bodies",
            "What is left out of wire bodies",
            "Volatile and secret members, however they are spelt, at every depth and inside of arrays. What only \
             resembles them stays.",
            &["CANON-07", "CANON-08", "CANON-11"],
        )
        .decisions(&["AMB-53"]),
        "wire-body",
        &[
            written(
                "volatile",
                r#"{"model":"m","request_id":"1","X-Request-ID":"2","traceId":"3","span_id":"4","Idempotency-Key":"5","keel_request_id":"6","x-keel-timestamp":"7","timestamp":"8","keelIdempotencyKey":"9"}"#,
                r#"{"model":"m"}"#,
            ),
            written(
                "secret",
                r#"{"model":"m","Authorization":"1","api_key":"2","X-Api-Key":"3","OPENAI_API_KEY":"4","anthropic-api-key":"5","x-goog-api-key":"6","Proxy-Authorization":"7"}"#,
                r#"{"model":"m"}"#,
            ),
            written(
                "deep",
                r#"{"messages":[{"content":"x","timestamp":1,"meta":[{"trace.id":2,"k":3}]}]}"#,
                r#"{"messages":[{"content":"x","meta":[{"k":3}]}]}"#,
            ),
            written(
                "alike",
                r#"{"timestamps":1,"my_request_id":2,"authorizations":3,"key":4,"id":5}"#,
                r#"{"authorizations":3,"id":5,"key":4,"my_request_id":2,"timestamps":1}"#,
            ),
        ],
    )?;
    let kept = put(
        vector(
            "cat-09-canonical-sequences/09-06-payloads-keep-everything",
            "Nothing is left out of payloads",
            "The members that wire bodies lose are hashed in payloads.",
            &["CANON-13"],
        ),
        "payload",
        &[written(
            "payload",
            r#"{"timestamp":1,"request_id":2,"authorization":3}"#,
            r#"{"authorization":3,"request_id":2,"timestamp":1}"#,
        )],
    )?;
    let sequence = vector(
        "cat-09-canonical-sequences/09-07-a-long-sequence",
        "Ten thousand documents",
        "Numbers of all sizes, texts with letters of all lengths, and objects whose members are out of order. One \
         digest covers the canonical forms of all lines, each followed by a line feed.",
        &["CANON-14", "CANON-15", "CANON-18"],
    )
    .set("op", "canonicalize")
    .set("profile", "payload")
    .set("output", json!({ "sequence": SEQUENCE_DIGEST }))
    .file("sequence", "sequence.jsonl", sequence());
    Ok(vec![names, texts, numbers, unreadable, stripped, kept, sequence, record_hashes()])
}

/// Entries, and the nine parts that are hashed of them, written out by hand.
fn record_hashes() -> CaseDraft {
    const GENESIS: &str = "b4f9ddb0e1cfb80310d7203a4bad5bc1ff29e931b21918c2fc4b01b26035d7c6";
    // Entries state a hash. Which one does not matter here.
    let zeros = zeros();
    let entry = |members: &str, created_at: &str| {
        format!(
            r#"{{"event_id":"e","event_type":"permit.issued","severity":"info","created_at":"{created_at}","prev_hash":"{GENESIS}","record_hash":"{zeros}","sequence_number":7,"chain_scope":"s","chain_format_version":"v1","payload_json":{{"not":"hashed"}}{members}}}"#
        )
    };
    let full = r#","resource_type":"permit","resource_id":"r","outcome":"ok""#;
    let parts = |resource: &str, at: &str| {
        Some(format!("e|permit.issued|{resource}|info|{at}|{GENESIS}|7"))
    };
    let whole = "2026-05-09T08:00:01.000000";
    let documents = [
        (
            "usual",
            entry(full, "2026-05-09T08:00:01.250000Z"),
            parts("permit|r|ok", "2026-05-09T08:00:01.250000"),
        ),
        ("no-fraction", entry(full, "2026-05-09T08:00:01Z"), parts("permit|r|ok", whole)),
        (
            "short-fraction",
            entry(full, "2026-05-09T08:00:01.5Z"),
            parts("permit|r|ok", "2026-05-09T08:00:01.500000"),
        ),
        ("zero-offset", entry(full, "2026-05-09T08:00:01+00:00"), parts("permit|r|ok", whole)),
        (
            "nulls",
            entry(
                r#","resource_type":null,"resource_id":null,"outcome":null"#,
                "2026-05-09T08:00:01Z",
            ),
            parts("||", whole),
        ),
        (
            "empty-texts",
            entry(r#","resource_type":"","resource_id":"","outcome":"""#, "2026-05-09T08:00:01Z"),
            parts("||", whole),
        ),
        (
            "spaces-stay",
            entry(
                r#","resource_type":"permit ","resource_id":" r","outcome":"ok""#,
                "2026-05-09T08:00:01Z",
            ),
            parts("permit | r|ok", whole),
        ),
        (
            "pipes-stay",
            entry(
                r#","resource_type":"a|b","resource_id":"c","outcome":"d""#,
                "2026-05-09T08:00:01Z",
            ),
            parts("a|b|c|d", whole),
        ),
        ("another-zone", entry(full, "2026-05-09T08:00:01+02:00"), None),
        ("too-fine", entry(full, "2026-05-09T08:00:01.0000001Z"), None),
    ];
    let mut draft = CaseDraft::vector(
        "cat-09-canonical-sequences/09-20-record-hashes",
        "The nine parts of a record hash",
        "What is null and what is empty is the same, nothing is trimmed or escaped, and a time has six digits of \
         fraction. A time of another zone and one that is too fine have no hash.",
        &["CHAIN-01", "CHAIN-02", "CHAIN-03", "CHAIN-04", "CHAIN-05", "CHAIN-06"],
    )
    .layers(&["json", "chain_record_hash"], &[])
    .decisions(&["AMB-11", "AMB-17"])
    .set("trust_root_resolution", "none: there is no signature")
    .set("op", "record-hash");
    let mut output = serde_json::Map::new();
    for (role, text, parts) in documents {
        output
            .insert(role.into(), parts.map_or(serde_json::Value::Null, |parts| hex(&parts).into()));
        draft = draft.file(role, &format!("{role}.json"), text.into_bytes());
    }
    draft.set("output", output)
}

/// What Python makes of the sequence.
const SEQUENCE_DIGEST: &str = "d95e639cb6134800b22e18150df017dab8bd4bcb789a5ccd82d64449f1ccdc99";
const LINES: u32 = 10_000;

/// The sequence: the same each time, from a generator of Lehmer's kind with 64 bits.
fn sequence() -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = move || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        // The lowest bits of such generators have short periods.
        state ^ (state >> 29)
    };
    let mut text = String::new();
    for line in 0..LINES {
        let number = next();
        let document = match line % 6 {
            0 | 1 => float(f64::from_bits(number)),
            2 => format!("{number}{:019}", next() >> 1),
            3 => decimal(number, next()),
            4 => format!("{{\"t\":\"{}\"}}", letters(number, &mut next)),
            _ => format!(
                "{{\"{}\":{},\"{}\":[{},null,true],\"k{}\":{{\"b\":{},\"a\":-{}}}}}",
                letters(number >> 60, &mut next),
                next() >> 40,
                letters(number >> 58, &mut next),
                float(f64::from_bits(next())),
                number >> 50,
                decimal(next(), next()),
                next() >> 30,
            ),
        };
        text.push_str(&document);
        text.push('\n');
    }
    text.into_bytes()
}

/// A float with its shortest digits and an exponent; one that is not finite becomes a small one.
fn float(number: f64) -> String {
    if number.is_finite() { format!("{number:e}") } else { "2.5e-1".to_owned() }
}

/// A few digits before the point and a few behind it.
fn decimal(whole: u64, fraction: u64) -> String {
    format!("{}.{}", whole >> (30 + whole % 34), fraction >> (20 + fraction % 44))
}

/// Some letters: of ASCII, with accents, of other scripts, beyond 16 bits, and escapes.
fn letters(mut choice: u64, next: &mut impl FnMut() -> u64) -> String {
    let mut text = String::new();
    for _ in 0..=choice % 12 {
        choice = next();
        let within = |first: u32, count: u64| {
            let offset = u32::try_from((choice >> 8) % count).unwrap_or_default();
            char::from_u32(first.saturating_add(offset)).unwrap_or('?')
        };
        match choice % 7 {
            0 | 1 => text.push(within(0x61, 26)),
            2 => text.push(within(0xc0, 0x40)),
            3 => text.push(within(0x4e00, 0x5000)),
            4 => text.push(within(0x1_f300, 0x2ff)),
            5 => text.push_str(&format!("\\u{:04x}", (choice >> 8) % 0xd7ff)),
            _ => text.push_str(
                ["\\n", "\\\"", "\\\\", "\\/", "\\t"]
                    .get(usize::try_from((choice >> 8) % 5).unwrap_or_default())
                    .copied()
                    .unwrap_or_default(),
            ),
        }
    }
    text
}
