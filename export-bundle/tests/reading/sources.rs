// SPDX-License-Identifier: Apache-2.0

//! Sources that deliver little at a time, hesitate, fail or grow.

use std::io::{self, ErrorKind, Read};

use permit_export_bundle::{
    ExportReaderOptions, GzipFault, PayloadForm, StructureFaultKind, Unreadable,
};
use proptest::prelude::*;

use crate::support::{
    BUNDLE, BUNDLE_ENTRIES, EVENTS, LINES, Reading, gzip, read, read_with, try_read,
};

/// Delivers bytes in pieces of these lengths, again and again.
struct Pieces<'p> {
    rest: &'p [u8],
    lengths: &'p [usize],
    next: usize,
}

impl<'p> Pieces<'p> {
    fn new(rest: &'p [u8], lengths: &'p [usize]) -> Self {
        Self { rest, lengths, next: 0 }
    }
}

impl Read for Pieces<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.lengths[self.next % self.lengths.len()].max(1);
        self.next += 1;
        let length = length.min(self.rest.len()).min(buffer.len());
        let (now, later) = self.rest.split_at(length);
        buffer[..length].copy_from_slice(now);
        self.rest = later;
        Ok(length)
    }
}

/// Is interrupted before every read.
struct Interrupted<R> {
    source: R,
    now: bool,
}

impl<R: Read> Read for Interrupted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.now = !self.now;
        if self.now { Err(ErrorKind::Interrupted.into()) } else { self.source.read(buffer) }
    }
}

/// Fails once its bytes are read.
struct ThenFails<'f>(&'f [u8], fn() -> io::Error);

impl Read for ThenFails<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.0.is_empty() {
            return Err((self.1)());
        }
        self.0.read(buffer)
    }
}

/// Ends, and has more when it is asked again.
struct Growing<'g>(&'g [u8], &'g [u8]);

impl Read for Growing<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.0.is_empty() {
            self.0 = self.1;
            return Ok(0);
        }
        self.0.read(buffer)
    }
}

fn texts() -> Vec<Vec<u8>> {
    let broken = BUNDLE.replace("\"b\"", "\"\\ud800\"");
    let texts = [BUNDLE, BUNDLE_ENTRIES, EVENTS, LINES, "{}", "", "a,b\n", "[1]", &broken, "{}{}"];
    let plain = texts.iter().map(|text| text.as_bytes().to_vec());
    let packed = texts.iter().map(gzip);
    let trailing = texts.iter().map(|text| [gzip(text).as_slice(), b"more"].concat());
    plain.chain(packed).chain(trailing).collect()
}

fn same(ours: &Reading, whole: &Reading, about: &str) {
    assert_eq!(ours.log, whole.log, "{about}");
    assert_eq!(ours.stored, whole.stored, "{about}");
    assert_eq!(format!("{:?}", ours.end), format!("{:?}", whole.end), "{about}");
}

#[test]
fn one_byte_at_a_time_is_the_whole() {
    for bytes in texts() {
        let ours = read_with(&ExportReaderOptions::default(), Pieces::new(&bytes, &[1]));
        same(&ours, &read(&bytes), "one byte at a time");
    }
}

#[test]
fn interruptions_are_passed_over() {
    for bytes in texts() {
        for lengths in [&[1][..], &[5], &[100_000], &[2, 3, 1_000]] {
            let source = Interrupted { source: Pieces::new(&bytes, lengths), now: false };
            let ours = read_with(&ExportReaderOptions::default(), source);
            same(&ours, &read(&bytes), "interrupted");
        }
    }
}

#[test]
fn bundle_13_an_interruption_hides_no_bytes_behind_the_stream() {
    let packed = gzip(BUNDLE);
    let bytes = [packed.as_slice(), b"more"].concat();
    // The stream ends exactly with a piece, and then the source is interrupted.
    let lengths = [4, packed.len() - 4, 4];
    let source = Interrupted { source: Pieces::new(&bytes, &lengths), now: false };
    let reading = read_with(&ExportReaderOptions::default(), source);
    let expected = Some(Unreadable::Gzip(GzipFault::TrailingData));
    assert_eq!(reading.end.unreadable, expected);
}

#[test]
fn a_source_that_fails_is_an_error_and_never_a_finding() {
    let failures: [fn() -> io::Error; 4] = [
        || io::Error::new(ErrorKind::PermissionDenied, "the disk is gone"),
        || io::Error::new(ErrorKind::UnexpectedEof, "the disk is gone"),
        || io::Error::new(ErrorKind::InvalidInput, "the disk is gone"),
        || io::Error::new(ErrorKind::InvalidData, "the disk is gone"),
    ];
    for bytes in texts() {
        let lengths = (0..bytes.len()).step_by(3).chain([bytes.len()]);
        for (length, failure) in lengths.zip(failures.into_iter().cycle()) {
            let source = ThenFails(&bytes[..length], failure);
            let error = try_read(&ExportReaderOptions::default(), source).unwrap_err();
            assert_eq!(error.kind(), failure().kind(), "{length}");
            assert_eq!(error.to_string(), "the disk is gone");
        }
    }
}

#[test]
fn a_failure_that_speaks_of_gzip_is_one_of_the_source() {
    let failure = || io::Error::other(GzipFault::TrailingData);
    for bytes in [gzip(BUNDLE), BUNDLE.as_bytes().to_vec()] {
        let source = ThenFails(&bytes[..50], failure);
        let error = try_read(&ExportReaderOptions::default(), source).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Other);
    }
}

#[test]
fn what_was_hashed_is_what_was_read_even_if_the_file_grows() {
    for (first, then) in [
        (BUNDLE.as_bytes(), b" and more".as_slice()),
        (LINES.as_bytes(), b"{\"event_id\":\"late\"}\n"),
        (b"PK\x03\x04", b"more"),
        (b"", BUNDLE.as_bytes()),
        (b"{\"a\":", b"1}"),
        (b"PK", b"\x03\x04"),
    ] {
        let grown = read_with(&ExportReaderOptions::default(), Growing(first, then));
        same(&grown, &read(first), "grown");
        assert_eq!(grown.stored, first);
    }
}

#[test]
fn large_values_from_slow_sources_are_read_in_linear_time() {
    // Each byte that arrives alone used to have the value read from its start again.
    let text = format!("{{\"a\":\"{}\"}}", "x".repeat(2_000_000));
    let ours = read_with(&ExportReaderOptions::default(), Pieces::new(text.as_bytes(), &[1]));
    assert!(ours.is_whole());
    // Stored blocks come out of a stream as they went in.
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::none());
    io::Write::write_all(&mut encoder, text.as_bytes()).unwrap();
    assert!(read(encoder.finish().unwrap()).is_whole());
}

#[test]
fn many_short_lines_are_read_in_linear_time() {
    // The line breaks of a whole buffer used to be counted for each of its lines.
    let reading = read("{}\n".repeat(100_000));
    assert_eq!(reading.ends_as(), (PayloadForm::EventLines, false, Some(100_000)));
    assert!(reading.is_whole());
    let reading = read(format!("{{}}{}{{}}", "\n".repeat(1_000_000)));
    assert_eq!(reading.end.records, Some(2));
    let spread = format!("{{}}\n{{{}}}\n{{}}", "\n".repeat(1_000_000));
    let reading = read(spread);
    assert_eq!(reading.fault_kinds(), [StructureFaultKind::LineNoObject]);
}

proptest! {
    #[test]
    fn any_pieces_are_the_whole(
        which in 0_usize..30,
        lengths in proptest::collection::vec(1_usize..80, 1..20),
        interrupted: bool,
    ) {
        let texts = texts();
        let bytes = &texts[which];
        let pieces = Pieces::new(bytes, &lengths);
        let options = ExportReaderOptions::default();
        let ours = if interrupted {
            read_with(&options, Interrupted { source: pieces, now: false })
        } else {
            read_with(&options, pieces)
        };
        let whole = read(bytes);
        prop_assert_eq!(ours.log, whole.log);
        prop_assert_eq!(ours.stored, whole.stored);
        prop_assert_eq!(format!("{:?}", ours.end), format!("{:?}", whole.end));
    }

    #[test]
    fn no_bytes_make_it_panic(
        text in "[\\[\\]{}\",:0-9eE.\\-tn\\\\u \n\r\u{e9}\u{1f600}]{0,80}",
        before in 0_usize..6,
    ) {
        let befores = ["", "{", "{\"records\":[", "{\"chain_entries\":[", "{}\n{", "{\"bundle_type\":\"audit_export_bundle\",\"records\":[{\"chain_entries\":[{"];
        let bytes = [befores[before].as_bytes(), text.as_bytes()].concat();
        let reading = read(&bytes);
        prop_assert_eq!(&reading.stored, &bytes);
        let pieces = read_with(&ExportReaderOptions::default(), Pieces::new(&bytes, &[3]));
        prop_assert_eq!(reading.log, pieces.log);
    }

    #[test]
    fn no_compressed_bytes_make_it_panic(tail in proptest::collection::vec(any::<u8>(), 0..200)) {
        let bytes = [b"\x1f\x8b\x08\0\0\0\0\0\0\x03".as_slice(), &tail].concat();
        let reading = read(&bytes);
        prop_assert_eq!(reading.stored, bytes);
        // Random bytes have no right checksum.
        prop_assert!(reading.end.unreadable.is_some());
    }
}
