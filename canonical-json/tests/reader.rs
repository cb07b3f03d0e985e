// SPDX-License-Identifier: Apache-2.0

//! What the reader accepts and refuses, and how exactly it says where.

#![cfg(test)]
#![expect(
    clippy::cast_possible_truncation,
    clippy::string_slice,
    reason = "small numbers, and a test may fail loudly"
)]

use permit_canonical_json::{
    Budget, ByteRange, LexicalClass, Node, ReadError, ReadErrorKind as Kind, Value, read,
};
use proptest::prelude::*;

fn fault(bytes: &[u8]) -> ReadError {
    read(bytes, &Budget::default()).expect_err("this is not acceptable")
}

/// Text, kind of the fault in a word, byte range, pointer.
const REFUSED: &[(&str, &str, (u64, u64), &str)] = &[
    ("", "end", (0, 0), ""),
    ("   ", "end", (3, 3), ""),
    ("{", "end", (1, 1), ""),
    ("[1,", "end", (3, 3), "/1"),
    ("{\"a\":", "end", (5, 5), "/a"),
    ("\"abc", "end", (4, 4), ""),
    ("\"\\u12", "end", (5, 5), ""),
    ("\"\\ud800", "end", (7, 7), ""),
    ("tru", "end", (3, 3), ""),
    ("-", "end", (1, 1), ""),
    ("1.", "end", (2, 2), ""),
    ("1e+", "end", (3, 3), ""),
    ("nul ", "character", (3, 4), ""),
    ("{\"a\" 1}", "character", (5, 6), ""),
    ("{a:1}", "character", (1, 2), ""),
    ("{\"a\":1,}", "character", (7, 8), ""),
    ("[1,]", "character", (3, 4), "/1"),
    ("[1 2]", "character", (3, 4), ""),
    ("{\"r\":[{\"x\":é}]}", "character", (11, 13), "/r/0/x"),
    ("'a'", "character", (0, 1), ""),
    ("NaN", "character", (0, 1), ""),
    ("Infinity", "character", (0, 1), ""),
    ("[-Infinity]", "number", (1, 2), "/0"),
    ("+1", "character", (0, 1), ""),
    (".5", "character", (0, 1), ""),
    ("01", "number", (0, 2), ""),
    ("-01", "number", (0, 3), ""),
    ("1.x", "number", (0, 2), ""),
    ("1ex", "number", (0, 2), ""),
    ("0x10", "trailing", (1, 2), ""),
    ("{} {}", "trailing", (3, 4), ""),
    ("1 2", "trailing", (2, 3), ""),
    ("{\"a\":1,\"a\":2}", "duplicate", (7, 10), "/a"),
    ("{\"a\":1,\"\\u0061\":2}", "duplicate", (7, 15), "/a"),
    ("[{\"b\":{\"é\":1,\"x\":0,\"é\":2}}]", "duplicate", (20, 24), "/0/b/é"),
    ("\"a\nb\"", "control", (2, 3), ""),
    ("\"\u{0}\"", "control", (1, 2), ""),
    ("\"\\x\"", "escape", (1, 2), ""),
    ("\"\\u12g4\"", "escape", (1, 5), ""),
    ("\"\\ud800\"", "surrogate", (1, 7), ""),
    ("\"\\udc00\"", "surrogate", (1, 7), ""),
    ("\"\\ud800\\n\"", "surrogate", (1, 7), ""),
    ("\"\\ud800\\ud800\"", "surrogate", (1, 7), ""),
    ("{\"\\ud800\":1}", "surrogate", (2, 8), ""),
    ("\u{feff}{}", "mark", (0, 3), ""),
];

fn word(kind: &Kind) -> &'static str {
    match kind {
        Kind::UnexpectedEnd => "end",
        Kind::UnexpectedCharacter { .. } => "character",
        Kind::TrailingData => "trailing",
        Kind::ByteOrderMark => "mark",
        Kind::InvalidUtf8 => "utf-8",
        Kind::DuplicateMember { .. } => "duplicate",
        Kind::ControlCharacter { .. } => "control",
        Kind::InvalidEscape => "escape",
        Kind::LoneSurrogate => "surrogate",
        Kind::InvalidNumber => "number",
        limit if limit.is_limit() => "limit",
        _ => "other",
    }
}

#[test]
fn faults_are_named_and_placed() {
    for (text, kind, (start, end), pointer) in REFUSED {
        let error = fault(text.as_bytes());
        assert_eq!(word(error.kind()), *kind, "{text}: {error}");
        assert_eq!(error.at(), ByteRange { start: *start, end: *end }, "{text}: {error}");
        assert_eq!(error.pointer().to_string(), *pointer, "{text}: {error}");
    }
}

#[test]
fn bytes_that_are_not_utf_8_are_placed() {
    let error = fault(b"{\"a\": [\"x\xffy\"]}");
    assert_eq!((error.kind(), error.at()), (&Kind::InvalidUtf8, ByteRange { start: 9, end: 10 }));
    assert_eq!(error.pointer().to_string(), "/a/0");
    // A character that is cut off by the end of the input.
    assert_eq!(fault(b"\"\xe2\x82").at(), ByteRange { start: 1, end: 3 });
    // An encoded half of a surrogate pair, and an overlong form.
    assert_eq!(fault(b"\"\xed\xa0\x80\"").kind(), &Kind::InvalidUtf8);
    assert_eq!(fault(b"\"\xc0\xaf\"").kind(), &Kind::InvalidUtf8);
    // Whatever comes first is told.
    assert_eq!(word(fault(b"{\"a\":1,\"a\":2,\"b\":\"\xff\"}").kind()), "duplicate");
    assert_eq!(word(fault(b"{} \xff").kind()), "utf-8");
    assert_eq!(word(fault(b"{} x\xff").kind()), "trailing");
}

#[test]
fn every_part_of_a_value_is_kept() {
    let text = r#" {"b": [1, 1.0, 1e0, -0], "a\u0000": "\ud83d\ude00"} "#;
    let value = read(text.as_bytes(), &Budget::default()).unwrap();
    assert_eq!(value.range(), ByteRange { start: 1, end: text.len() as u64 - 1 });
    let members = value.as_object().unwrap().members();
    assert_eq!((members[0].name(), members[1].name()), ("b", "a\0"));
    let start = text.find("\"a\\u").unwrap() as u64;
    assert_eq!(members[1].name_range(), ByteRange { start, end: start + 9 });
    assert_eq!(members[1].value().as_str(), Some("😀"));
    let numbers: Vec<_> = members[0]
        .value()
        .as_array()
        .unwrap()
        .iter()
        .map(|n| n.as_number().map(|n| (n.as_str(), n.class())).unwrap())
        .collect();
    let (integer, float) = (LexicalClass::Integer, LexicalClass::Float);
    assert_eq!(numbers, [("1", integer), ("1.0", float), ("1e0", float), ("-0", integer)]);
}

#[test]
fn integers_of_any_size_keep_their_digits() {
    let digits = "9".repeat(4_300);
    let value = read(digits.as_bytes(), &Budget::default()).unwrap();
    assert_eq!(value.as_number().unwrap().as_str(), digits);
    assert_eq!(value.as_u64(), None);
}

#[test]
fn each_limit_is_told_apart_and_holds() {
    let nested = |open: &str, close: &str, depth: usize| open.repeat(depth) + &close.repeat(depth);
    let cases: [(String, Kind); 7] = [
        (nested("[", "]", 100_000), Kind::TooDeep { limit: 128 }),
        (nested("{\"a\":", "}", 100_000), Kind::TooDeep { limit: 128 }),
        ("[".repeat(1_000_000), Kind::TooDeep { limit: 128 }),
        ("7".repeat(1_000_000), Kind::NumberTooLong { limit: 4_300 }),
        (format!("1.{}", "0".repeat(1_000_000)), Kind::NumberTooLong { limit: 4_300 }),
        (format!("{{\"{}\":1}}", "n".repeat(65_537)), Kind::NameTooLong { limit: 65_536 }),
        (format!("[{}0]", "0,".repeat(1_048_576)), Kind::TooManyMembers { limit: 1_048_576 }),
    ];
    for (text, expected) in cases {
        let error = fault(text.as_bytes());
        assert_eq!(error.kind(), &expected);
        assert!(error.kind().is_limit());
    }
    let mut budget = Budget::default();
    budget.input_bytes = 9;
    assert!(read(b"[1,2,3,4]", &budget).is_ok());
    let error = read(b"[1,2,3,45]", &budget).unwrap_err();
    assert_eq!(error.kind(), &Kind::InputTooLong { limit: 9 });
    budget.depth = u16::MAX;
    budget.input_bytes = u64::MAX;
    let error = read(nested("[", "]", 100_000).as_bytes(), &budget).unwrap_err();
    assert_eq!(error.kind(), &Kind::TooDeep { limit: 512 });
    let fits = nested("[", "]", 128);
    assert!(read(fits.as_bytes(), &Budget::default()).is_ok());
}

#[test]
fn duplicates_are_found_in_objects_of_any_size() {
    for size in [2_usize, 23, 24, 25, 26, 1_000, 20_000] {
        let members = |last: &str| {
            let body: Vec<String> = (0..size - 1).map(|i| format!("\"k{i}\":0")).collect();
            format!("{{{},\"{last}\":1}}", body.join(","))
        };
        assert!(read(members("new").as_bytes(), &Budget::default()).is_ok(), "{size}");
        let text = members("k0");
        let error = fault(text.as_bytes());
        assert_eq!(word(error.kind()), "duplicate", "{size}");
        let start = text.rfind("\"k0\"").unwrap() as u64;
        assert_eq!(error.at(), ByteRange { start, end: start + 4 }, "{size}");
    }
}

#[test]
fn messages_never_show_raw_hostile_text() {
    let error = fault("{\"\u{202e}\u{1b}[31m\":1,\"\u{202e}\u{1b}[31m\":2}".as_bytes());
    assert_eq!(word(error.kind()), "control");
    let error = fault("{\"\u{202e}x\":1,\"\u{202e}x\":2}".as_bytes());
    assert!(!error.kind().to_string().contains('\u{202e}'), "{error}");
}

proptest! {
    #[test]
    fn no_bytes_make_the_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = read(&bytes, &Budget::default());
    }

    #[test]
    fn nearly_json_makes_no_panic(text in "[\\[\\]{}\",:0-9eE.+\\-tfn\\\\u \u{e9}\u{1f600}]{0,60}") {
        if let Err(error) = read(text.as_bytes(), &Budget::default()) {
            prop_assert!(error.at().end <= text.len() as u64);
        }
    }

    /// The reader accepts what serde_json accepts, but for what it is stricter about.
    #[test]
    fn agrees_with_serde_json(text in "[\\[\\]{}\",:0-9eE.\\-tn\\\\ab ]{0,40}") {
        let ours = read(text.as_bytes(), &Budget::default());
        let theirs = serde_json::from_str::<serde_json::Value>(&text);
        match (&ours, &theirs) {
            (Ok(_), Err(error)) => prop_assert!(error.to_string().contains("number out of range")),
            (Err(error), Ok(_)) => prop_assert!(matches!(
                error.kind(), Kind::DuplicateMember { .. }), "{error}"),
            _ => {}
        }
    }

    #[test]
    fn ranges_point_at_their_values(text in json_text()) {
        let value = read(text.as_bytes(), &Budget::default()).unwrap();
        check_ranges(&value, &text);
    }
}

fn check_ranges(value: &Value<'_>, text: &str) {
    let slice = &text[value.range().start as usize..value.range().end as usize];
    let again = read(slice.as_bytes(), &Budget::default()).expect("a value stands in its range");
    assert_eq!(&again, value);
    match value.node() {
        Node::Array(elements) => elements.iter().for_each(|element| check_ranges(element, text)),
        Node::Object(object) => object.members().iter().for_each(|m| check_ranges(m.value(), text)),
        _ => {}
    }
}

fn json_text() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        any::<bool>().prop_map(|b| b.to_string()),
        any::<i64>().prop_map(|n| n.to_string()),
        "-?[1-9][0-9]{0,5}\\.[0-9]{1,5}([eE][+-]?[0-9]{1,2})?",
        any::<String>().prop_map(|s| serde_json::to_string(&s).unwrap()),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6)
                .prop_map(|elements| format!("[{}]", elements.join(" , "))),
            proptest::collection::btree_map(any::<String>(), inner, 0..6).prop_map(|members| {
                let members: Vec<String> = members
                    .iter()
                    .map(|(name, value)| {
                        format!("{} : {value}", serde_json::to_string(name).unwrap())
                    })
                    .collect();
                format!("{{ {} }}", members.join(","))
            }),
        ]
    })
}
