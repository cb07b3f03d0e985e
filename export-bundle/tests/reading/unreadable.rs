// SPDX-License-Identifier: Apache-2.0

//! Texts that cannot be read: each with its reason, path and bytes, wherever it stands.

use permit_canonical_json::{Budget, ByteRange, ReadErrorKind as Kind};
use permit_export_bundle::{ExportReaderOptions, GzipFault, PayloadForm, Unreadable};

use crate::support::{BUNDLE, Reading, at, gzip, read, read_with};

/// A piece of text that spoils what it stands in: what is wrong, the path below, the bytes.
struct Spoil {
    text: &'static [u8],
    kind: Kind,
    below: &'static str,
    bytes: (u64, u64),
}

fn spoils() -> Vec<Spoil> {
    let spoil = |text, kind, below, bytes| Spoil { text, kind, below, bytes };
    let wrong =
        |found: &str, expected| Kind::UnexpectedCharacter { found: found.to_owned(), expected };
    vec![
        spoil(b"{\"a\":1,\"a\":2}", Kind::DuplicateMember { name: "a".into() }, "/a", (7, 10)),
        spoil(
            b"{\"a\":{\"b\":1,\"\\u0062\":2}}",
            Kind::DuplicateMember { name: "b".into() },
            "/a/b",
            (12, 20),
        ),
        spoil(b"[1,2,]", wrong("`]`", "a value"), "/2", (5, 6)),
        spoil(b"{\"a\" 1}", wrong("`1`", "`:`"), "", (5, 6)),
        spoil(b"{a:1}", wrong("`a`", "a member name"), "", (1, 2)),
        spoil(b"{\"a\":nul}", wrong("`}`", "`true`, `false` or `null`"), "/a", (8, 9)),
        spoil(b"{\"a\":'x'}", wrong("`'`", "a value"), "/a", (5, 6)),
        spoil(b"{\"a\":NaN}", wrong("`N`", "a value"), "/a", (5, 6)),
        spoil(b"[1 2]", wrong("`2`", "`,` or `]`"), "", (3, 4)),
        spoil(b"{\"a\":1 \"b\":2}", wrong("`\"`", "`,` or `}`"), "", (7, 8)),
        spoil("[1,\u{2028}2]".as_bytes(), wrong("`\\u{2028}`", "a value"), "/1", (3, 6)),
        spoil(b"[\"\\ud800\"]", Kind::LoneSurrogate, "/0", (2, 8)),
        spoil(b"[\"\\udc00\\ud800\"]", Kind::LoneSurrogate, "/0", (2, 8)),
        spoil(b"{\"\\ud83d\":1}", Kind::LoneSurrogate, "", (2, 8)),
        spoil(b"[\"\\x41\"]", Kind::InvalidEscape, "/0", (2, 3)),
        spoil(b"[\"a\nb\"]", Kind::ControlCharacter { found: "U+000A".into() }, "/0", (3, 4)),
        spoil(b"[\"a\0b\"]", Kind::ControlCharacter { found: "U+0000".into() }, "/0", (3, 4)),
        spoil(b"{\"a\":01}", Kind::InvalidNumber, "/a", (5, 7)),
        spoil(b"{\"a\":1.}", Kind::InvalidNumber, "/a", (5, 7)),
        spoil(b"{\"a\":-}", Kind::InvalidNumber, "/a", (5, 6)),
        spoil(b"{\"a\":1e+}", Kind::InvalidNumber, "/a", (5, 8)),
        spoil(b"[\"a\xff\"]", Kind::InvalidUtf8, "/0", (3, 4)),
        spoil(b"[\"\xed\xa0\x80\"]", Kind::InvalidUtf8, "/0", (2, 3)),
        spoil(b"[\"\xc0\xaf\"]", Kind::InvalidUtf8, "/0", (2, 3)),
        spoil(b"{\"a\":\xf4\x90\x80\x80}", Kind::InvalidUtf8, "/a", (5, 6)),
        spoil(b"[\xef\xbb\xbf1]", wrong("`\\u{feff}`", "a value"), "/0", (1, 4)),
    ]
}

/// Places of an export where a spoiled value can stand: the text up to it, and behind it; its path.
const PLACES: [(&str, &str, &str); 9] = [
    (r#"{"x":"#, "}", "/x"),
    (r#"{"bundle_type":"audit_export_bundle","records":"#, "}", "/records"),
    (r#"{"bundle_type":"audit_export_bundle","records":[{"permit":{}},"#, "]}", "/records/1"),
    (r#"{"records":["#, "]}", "/records/0"),
    (r#"{"bundle_type":"audit_export_bundle","records":[{"permit":"#, "}]}", "/records/0/permit"),
    (
        r#"{"bundle_type":"audit_export_bundle","records":[{"chain_entries":[{},"#,
        "]}]}",
        "/records/0/chain_entries/1",
    ),
    (r#"{"chain_entries":["#, "]}", "/chain_entries/0"),
    (r#"{"schema":"keel.governance_events/v1","records":[{},"#, "]}", "/records/1"),
    ("{\"a\":1}\n{}\n\n", "\n{}", "/2"),
];

#[test]
fn each_reason_is_told_with_its_path_and_bytes_wherever_it_stands() {
    for (before, after, path) in PLACES {
        for spoil in spoils() {
            let text = [before.as_bytes(), spoil.text, after.as_bytes()].concat();
            let shown = String::from_utf8_lossy(&text).into_owned();
            let reading = read(&text);
            let unreadable = reading.end.unreadable.unwrap_or_else(|| panic!("{shown}"));
            let error = match &unreadable {
                Unreadable::Text(error) => error,
                Unreadable::Event { index: 2, error } => error,
                other => panic!("{shown}: {other}"),
            };
            // Members that are read one by one expect nothing else, but say it otherwise.
            let same = std::mem::discriminant(error.kind()) == std::mem::discriminant(&spoil.kind);
            assert!(same, "{shown}: {error}");
            if let (
                Kind::UnexpectedCharacter { found, .. },
                Kind::UnexpectedCharacter { found: expected, .. },
            ) = (error.kind(), &spoil.kind)
            {
                assert_eq!(found, expected, "{shown}");
            }
            assert_eq!(
                unreadable.pointer().to_string(),
                format!("{path}{}", spoil.below),
                "{shown}"
            );
            let start = u64::try_from(before.len()).unwrap();
            let bytes = ByteRange::new(start + spoil.bytes.0, start + spoil.bytes.1);
            assert_eq!(unreadable.range(), bytes, "{shown}: {unreadable}");
            assert!(!unreadable.is_limit());
            assert_eq!(reading.stored, text, "hashed to the end");
        }
    }
}

/// Bytes, what is wrong with them, the path to it, and where it starts and ends.
type Case = (&'static [u8], Kind, &'static str, (u64, u64));

#[test]
fn faults_of_the_document_itself() {
    let cases: [Case; 9] = [
        (b"\xef\xbb\xbf{}", Kind::ByteOrderMark, "", (0, 3)),
        (b"{} x", Kind::TrailingData, "", (3, 4)),
        (b"{}{}", Kind::TrailingData, "", (2, 3)),
        (b"{} {}\n{}", Kind::TrailingData, "", (3, 4)),
        (b"{\n}\n{}", Kind::TrailingData, "", (4, 5)),
        (b"{\"records\":[]}\n{}", Kind::TrailingData, "", (15, 16)),
        (b"{}\0", Kind::TrailingData, "", (2, 3)),
        (b"{\"a\":1", Kind::UnexpectedEnd, "", (6, 6)),
        (b"{\"records\":[{\"permit\":{}}", Kind::UnexpectedEnd, "/records", (25, 25)),
    ];
    for (text, kind, pointer, (start, end)) in cases {
        let reading = read(text);
        let unreadable = reading.end.unreadable.as_ref().unwrap();
        let Unreadable::Text(error) = unreadable else { panic!("{unreadable}") };
        assert_eq!(error.kind(), &kind, "{:?}", text.escape_ascii().to_string());
        assert_eq!(unreadable.pointer().to_string(), pointer, "{unreadable}");
        assert_eq!(unreadable.range(), ByteRange::new(start, end), "{unreadable}");
    }
}

#[test]
fn members_that_come_twice_are_told_even_if_they_are_long() {
    for text in [
        r#"{"records":[],"records":[]}"#,
        r#"{"chain_entries":[],"x":1,"chain_entries":[]}"#,
        r#"{"bundle_type":"audit_export_bundle","bundle_type":"audit_export_bundle"}"#,
        r#"{"bundle_type":"audit_export_bundle","records":[{"permit":{},"permit":{}}]}"#,
        r#"{"bundle_type":"audit_export_bundle","records":[{"chain_entries":[],"chain_entries":[]}]}"#,
        r#"{"records":[{"chain_entries":[],"chain_entries":[]}]}"#,
        r#"{"project_id":"a","project\u005fid":"b"}"#,
    ] {
        let Reading { end, .. } = read(text);
        let unreadable = end.unreadable.unwrap();
        let Unreadable::Text(error) = &unreadable else { panic!("{unreadable}") };
        assert!(matches!(error.kind(), Kind::DuplicateMember { .. }), "{text}: {error}");
        assert!(at(text, error.at()).starts_with('"'), "{text}");
        assert_eq!(
            u64::try_from(text.rfind(at(text, error.at())).unwrap()).unwrap(),
            error.at().start
        );
    }
}

#[test]
fn an_event_that_cannot_be_read_is_named() {
    let Reading { end, log, .. } = read("{\"a\":1}\n\n{\"b\":2}\n{\"c\":[3,}\n{\"d\":4}");
    assert_eq!(end.form, PayloadForm::EventLines);
    let unreadable = end.unreadable.unwrap();
    assert_eq!(unreadable.pointer().to_string(), "/2/c/1");
    assert_eq!(
        unreadable.to_string(),
        "in event 2: found `}` where a value belongs at byte 25 in `/c/1`"
    );
    assert_eq!(log.iter().filter(|line| line.starts_with("entry")).count(), 2);
    // The first looks like a document; nothing says yet that it is an event.
    let Reading { end, .. } = read("{\"a\":[1,}\n{\"b\":2}");
    assert_eq!(end.form, PayloadForm::OtherObject);
    assert_eq!(end.unreadable.unwrap().pointer().to_string(), "/a/1");
    // Between two events, the next one is meant.
    let Reading { end, .. } = read(b"{\"a\":1}\n{\"b\":2}\n\xff");
    assert_eq!(end.unreadable.unwrap().pointer().to_string(), "/2");
}

#[test]
fn a_limit_is_no_fault() {
    let options = |change: fn(&mut Budget)| {
        let mut options = ExportReaderOptions::default();
        change(&mut options.budget);
        options
    };
    let members: Vec<String> = (0..300).map(|n| format!("\"n{n}\":0")).collect();
    let members = members.join(",");
    let cases = [
        (options(|b| b.input_bytes = 100), BUNDLE.to_owned(), ""),
        (options(|b| b.depth = 4), BUNDLE.to_owned(), "/records/0/chain_entries/0"),
        (options(|b| b.name_bytes = 12), BUNDLE.to_owned(), ""),
        (options(|b| b.number_bytes = 3), BUNDLE.to_owned(), "/records/0/permit/cost"),
        (options(|b| b.value_bytes = 10), format!("{{{members}}}"), ""),
        (options(|b| b.members = 10), format!("{{{members}}}"), ""),
        (options(|b| b.members = 10), format!("{{\"x\":{{{members}}}}}"), "/x"),
    ];
    for (options, text, path) in cases {
        let reading = read_with(&options, text.as_bytes());
        let unreadable = reading.end.unreadable.unwrap();
        assert!(unreadable.is_limit(), "{unreadable}");
        assert_eq!(unreadable.pointer().to_string(), path, "{unreadable}");
        assert!(unreadable.to_string().contains("limit"), "{unreadable}");
        assert_eq!(reading.stored, text.as_bytes());
    }
}

#[test]
fn files_that_are_no_json_reach_limits_too() {
    let options = {
        let mut options = ExportReaderOptions::default();
        options.budget.input_bytes = 1_000;
        options
    };
    // One field of a table that never ends.
    let text = format!("\"{}", "x".repeat(2_000));
    let reading = read_with(&options, text.as_bytes());
    assert_eq!(reading.end.form, PayloadForm::NotJson);
    assert!(reading.end.unreadable.unwrap().is_limit());
}

#[test]
fn messages_are_one_line_and_hide_nothing_hostile() {
    let texts: [&[u8]; 3] = [
        "{\"\u{202e}\u{1b}[31m\":1,\"\u{202e}\u{1b}[31m\":2}".as_bytes(),
        b"{\"a\":\x1b}",
        b"{\"a\\n\\u0000b\":1,\"a\\n\\u0000b\":2}",
    ];
    for text in texts {
        let message = read(text).end.unreadable.unwrap().to_string();
        // The path is data of its own, and shown escaped by whoever shows it.
        let told = message.split(" in `").next().unwrap().to_owned();
        assert!(!told.contains(|c: char| c.is_control() || c == '\u{202e}'), "{told:?}");
    }
    assert_eq!(GzipFault::TrailingData.to_string(), "there are more bytes behind the gzip stream");
    let Reading { end, .. } = read(gzip("{\"a\":01}"));
    assert!(end.compressed);
    assert_eq!(end.unreadable.unwrap().range(), ByteRange::new(5, 7), "of the unpacked text");
}
