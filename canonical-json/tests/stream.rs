// SPDX-License-Identifier: Apache-2.0

//! Reading piece by piece is reading the whole, whatever the pieces.

#![cfg(test)]

use std::io::{self, Read};

use permit_canonical_json::{
    Budget, ByteRange, ReadErrorKind, StreamError, StreamReader, Value, read,
};
use proptest::prelude::*;

/// Hands out at most `size` bytes at a time.
struct Pieces<'a> {
    rest: &'a [u8],
    size: usize,
}

impl Read for Pieces<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.size.min(self.rest.len()).min(buffer.len());
        let (now, later) = self.rest.split_at(length);
        buffer[..length].copy_from_slice(now);
        self.rest = later;
        Ok(length)
    }
}

/// Reads a document by entering its containers down to `depth` levels.
fn rebuild(bytes: &[u8], size: usize, depth: usize) -> Result<Value<'static>, StreamError> {
    let mut reader = StreamReader::new(Pieces { rest: bytes, size }, Budget::default());
    let value = rebuild_value(&mut reader, depth)?;
    reader.finish()?;
    Ok(value)
}

fn rebuild_value<R: Read>(
    reader: &mut StreamReader<R>,
    depth: usize,
) -> Result<Value<'static>, StreamError> {
    match reader.peek()? {
        Some(b'{') if depth > 0 => {
            reader.enter_object()?;
            let mut members = Vec::new();
            while reader.next_member()? {
                let name = reader.member_name().to_owned();
                members.push((name, rebuild_value(reader, depth - 1)?));
            }
            Ok(Value::object(members))
        }
        Some(b'[') if depth > 0 => {
            reader.enter_array()?;
            let mut elements = Vec::new();
            while reader.next_element()? {
                elements.push(rebuild_value(reader, depth - 1)?);
            }
            Ok(elements.into())
        }
        _ => reader.with_value(|value| value.clone().into_owned()),
    }
}

#[test]
fn every_split_of_a_document_gives_the_same_values() {
    let text =
        r#" {"a": [1, -2.5e3, "é😀\ud83d\ude00\n", true, null, {}, []], "b": {"c": 12}, "d": 7} "#;
    let whole = read(text.as_bytes(), &Budget::default()).unwrap();
    for size in 1..text.len() {
        for depth in 0..4 {
            assert_eq!(rebuild(text.as_bytes(), size, depth).unwrap(), whole, "{size} {depth}");
        }
    }
}

#[test]
fn a_number_that_ends_the_document_is_whole() {
    assert_eq!(rebuild(b"123456", 2, 0).unwrap().as_u64(), Some(123_456));
}

#[test]
fn faults_are_the_same_and_in_the_same_place() {
    let faulty: [&[u8]; 13] = [
        b"{\"a\": [1, {\"b\": 2, \"b\": 3}]}",
        b"{\"a\": 1, \"a\": 2}",
        b"{\"a\": [1, 2",
        b"{\"a\": \"x\xff\"}",
        b"{\"a\": \"x\xe2\x82",
        b"\xef\xbb\xbf{}",
        b"{} []",
        b"[1, 2,]",
        b"{\"a\" 1}",
        b"{\"a\": 01}",
        b"[\"\\ud800\"]",
        b"[1 2]",
        b"",
    ];
    for bytes in faulty {
        let whole = read(bytes, &Budget::default()).unwrap_err();
        for size in [1, 2, 3, 7, 1000] {
            for depth in 0..4 {
                let StreamError::Read(error) = rebuild(bytes, size, depth).unwrap_err() else {
                    panic!("the source does not fail")
                };
                let text = String::from_utf8_lossy(bytes);
                assert_eq!(error.at(), whole.at(), "{text} {size} {depth}: {error} / {whole}");
                assert_eq!(error.pointer(), whole.pointer(), "{text} {size} {depth}: {error}");
                let same =
                    std::mem::discriminant(error.kind()) == std::mem::discriminant(whole.kind());
                assert!(same, "{text} {size} {depth}: {error} / {whole}");
            }
        }
    }
}

#[test]
fn each_limit_holds_while_streaming() {
    let budget = |change: fn(&mut Budget)| {
        let mut budget = Budget::default();
        change(&mut budget);
        budget
    };
    let limited = |text: &str, budget: Budget, depth: usize| {
        let mut reader = StreamReader::new(text.as_bytes(), budget);
        match rebuild_value(&mut reader, depth).unwrap_err() {
            StreamError::Read(error) => error.kind().clone(),
            error @ StreamError::Source(_) => panic!("{error}"),
            error => panic!("{error}"),
        }
    };
    let deep = "[".repeat(100_000);
    let too_deep = ReadErrorKind::TooDeep { limit: 128 };
    assert_eq!(limited(&deep, Budget::default(), 5), too_deep);
    assert_eq!(limited(&deep, Budget::default(), 200), too_deep);

    let long = format!("[{}]", "1,".repeat(400_000));
    let limit = budget(|b| b.input_bytes = 300_000);
    assert_eq!(limited(&long, limit, 1), ReadErrorKind::InputTooLong { limit: 300_000 });

    let large = format!("[\"{}\"]", "x".repeat(3_000_000));
    let limit = budget(|b| b.value_bytes = 1_000_000);
    assert_eq!(limited(&large, limit, 1), ReadErrorKind::ValueTooLong { limit: 1_000_000 });

    let names = (0..2_000).map(|i| format!("\"n{i}\":0")).collect::<Vec<_>>().join(",");
    let wide = format!("{{{names}}}");
    let limit = budget(|b| b.members = 1_000);
    assert_eq!(limited(&wide, limit, 1), ReadErrorKind::TooManyMembers { limit: 1_000 });
    let limit = budget(|b| b.value_bytes = 5_000);
    assert_eq!(limited(&wide, limit, 1), ReadErrorKind::ValueTooLong { limit: 5_000 });
}

#[test]
fn a_source_that_fails_is_not_an_input_at_fault() {
    struct Failing;
    impl Read for Failing {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::from(io::ErrorKind::PermissionDenied))
        }
    }
    let mut reader = StreamReader::new(Failing, Budget::default());
    assert!(matches!(reader.enter_object(), Err(StreamError::Source(_))));
}

#[test]
fn places_are_those_of_the_whole_input() {
    let filler = "0,".repeat(300_000);
    let text = format!("{{\"skip\":[{filler}0],\"\\u006b\":{{\"x\":\"é\"}}}}");
    let mut reader = StreamReader::new(text.as_bytes(), Budget::default());
    reader.enter_object().unwrap();
    assert!(reader.next_member().unwrap());
    reader.enter_array().unwrap();
    while reader.next_element().unwrap() {
        reader.skip_value().unwrap();
    }
    assert!(reader.next_member().unwrap());
    assert_eq!(reader.member_name(), "k");
    assert_eq!(reader.pointer().to_string(), "/k");
    let range = reader.with_value(|value| value.get("x").map(Value::range)).unwrap().unwrap();
    let start = text.find("\"é\"").unwrap() as u64;
    assert_eq!(range, ByteRange { start, end: start + 4 });
    assert!(!reader.next_member().unwrap());
    reader.finish().unwrap();
}

#[test]
fn line_breaks_are_counted_where_they_were_read() {
    let text = "{\"a\":\n1}\r\n{}\n";
    let mut reader = StreamReader::new(text.as_bytes(), Budget::default());
    reader.skip_value().unwrap();
    assert_eq!(reader.line_breaks(), 1);
    assert_eq!(reader.peek().unwrap(), Some(b'{'));
    assert_eq!(reader.line_breaks(), 3);
}

proptest! {
    #[test]
    fn streaming_in_any_piece_size_is_reading_the_whole(
        text in "[\\[\\]{}\",:0-9eE.\\-tn\\\\u ab\u{e9}\u{1f600}]{0,50}",
        size in 1_usize..60,
        depth in 0_usize..4,
    ) {
        let whole = read(text.as_bytes(), &Budget::default());
        match (rebuild(text.as_bytes(), size, depth), whole) {
            (Ok(ours), Ok(whole)) => prop_assert_eq!(ours, whole),
            (Err(StreamError::Read(ours)), Err(whole)) => {
                prop_assert_eq!(ours.at(), whole.at());
                prop_assert_eq!(ours.kind(), whole.kind());
            }
            (ours, whole) => prop_assert!(false, "{ours:?} / {whole:?}"),
        }
    }
}
