// SPDX-License-Identifier: Apache-2.0

//! Compressed exports: one stream, whole, with nothing behind it, and no bomb.

use std::io::Write as _;

use flate2::{Compression, GzBuilder, write::GzEncoder};
use permit_export_bundle::{ExportReaderOptions, GzipFault, GzipLimits, PayloadForm, Unreadable};

use crate::support::{BUNDLE, LINES, Reading, gzip, read, read_with};

fn fault(reading: &Reading) -> Option<GzipFault> {
    match reading.end.unreadable {
        Some(Unreadable::Gzip(fault)) => Some(fault),
        _ => None,
    }
}

#[test]
fn bundle_13_a_second_stream_is_refused() {
    let twice = [gzip(BUNDLE), gzip(BUNDLE)].concat();
    let reading = read(&twice);
    assert_eq!(fault(&reading), Some(GzipFault::TrailingData));
    assert_eq!(reading.stored, twice);
    // Even if it adds nothing, or goes on with the text of the first.
    assert_eq!(fault(&read([gzip(BUNDLE), gzip("")].concat())), Some(GzipFault::TrailingData));
    let (head, tail) = BUNDLE.split_at(100);
    // The text ends too early, or would be whole: in both cases there is more.
    assert!(read([gzip(head), gzip(tail)].concat()).end.unreadable.is_some());
    assert_eq!(fault(&read([gzip(LINES), gzip(LINES)].concat())), Some(GzipFault::TrailingData));
}

#[test]
fn bundle_13_bytes_behind_the_stream_are_refused() {
    for tail in [b"\0".as_slice(), b"\0\0\0\0", b"x", b"\n", b"\x1f", b"\x1f\x8b", &[0; 100_000]] {
        let reading = read([gzip(BUNDLE).as_slice(), tail].concat());
        assert_eq!(fault(&reading), Some(GzipFault::TrailingData), "{}", tail.len());
        assert_eq!(reading.end.form, PayloadForm::AuditBundle);
    }
}

#[test]
fn checksum_and_length_are_compared() {
    let packed = gzip(BUNDLE);
    let end = packed.len();
    for at in end - 8..end {
        for bit in 0..8 {
            let mut damaged = packed.clone();
            damaged[at] ^= 1 << bit;
            assert_eq!(fault(&read(&damaged)), Some(GzipFault::Corrupt), "{at}");
        }
    }
}

#[test]
fn no_flipped_bit_passes_unless_it_means_nothing() {
    let (packed, whole) = (gzip(BUNDLE), read(BUNDLE).log);
    for at in 0..packed.len() {
        for bit in 0..8 {
            let mut damaged = packed.clone();
            damaged[at] ^= 1 << bit;
            let reading = read(&damaged);
            // Time, hints and system of the header; that the text is text.
            let means_nothing = (4..10).contains(&at) || (at == 3 && bit == 0);
            if at < 2 {
                assert!(!reading.end.compressed);
                assert_eq!(reading.end.form, PayloadForm::NotJson);
            } else if means_nothing || reading.end.unreadable.is_none() {
                // A table may hold lengths of codes that the text does not use.
                assert!(reading.is_whole(), "{at} {bit}: {reading:?}");
                assert_eq!(reading.log, whole);
                let length = packed.len() - 8;
                assert!(at < length, "the checksum is always compared");
            }
            assert_eq!(reading.stored, damaged);
        }
    }
}

#[test]
fn headers_of_every_kind_are_passed_over() {
    let builder = || GzBuilder::new().mtime(1_778_155_200);
    let long = vec![b'x'; 60_000];
    for builder in [
        builder().filename("export.json"),
        builder().comment("an export"),
        builder().extra(vec![7; 65_535]),
        builder().filename(long.clone()).comment(long),
    ] {
        let mut encoder = builder.write(Vec::new(), Compression::fast());
        encoder.write_all(BUNDLE.as_bytes()).unwrap();
        assert!(read(encoder.finish().unwrap()).is_whole());
    }
    // A name without end.
    let endless = [b"\x1f\x8b\x08\x08\0\0\0\0\0\x03".as_slice(), &vec![b'x'; 200_000]].concat();
    assert_eq!(fault(&read(&endless)), Some(GzipFault::Corrupt));
    for header in [b"\x1f\x8b\x07\0\0\0\0\0\0\x03".as_slice(), b"\x1f\x8b\x08\x20\0\0\0\0\0\x03"] {
        let unknown = [header, &gzip(BUNDLE)[10..]].concat();
        assert_eq!(fault(&read(&unknown)), Some(GzipFault::Corrupt));
    }
}

#[test]
fn bombs_are_stopped_before_they_unfold() {
    let text = format!("{{\"a\":\"{}\"}}", "x".repeat(20 * 1024 * 1024));
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(text.as_bytes()).unwrap();
    let bomb = encoder.finish().unwrap();
    assert!(bomb.len() < 30_000, "more than 700 to 1");
    let reading = read(&bomb);
    assert_eq!(fault(&reading), Some(GzipFault::Ratio { ratio: 200 }));
    assert!(reading.end.unreadable.as_ref().is_some_and(Unreadable::is_limit));
    assert_eq!(reading.stored, bomb);
    assert!(reading.log.is_empty(), "the value was never whole");
    // Who expects such text can allow it.
    let mut options = ExportReaderOptions::default();
    options.gzip.ratio = 2_000;
    assert!(read_with(&options, bomb.as_slice()).is_whole());
    let mut options = ExportReaderOptions::default();
    options.gzip.always = 64 * 1024 * 1024;
    assert!(read_with(&options, bomb.as_slice()).is_whole());
}

#[test]
fn the_ratio_is_met_exactly() {
    let packed = gzip(BUNDLE);
    let (unpacked, packed_bytes) = (BUNDLE.len() as u64, packed.len() as u64);
    let read_within = |ratio, always| {
        let mut options = ExportReaderOptions::default();
        options.gzip.ratio = ratio;
        options.gzip.always = always;
        fault(&read_with(&options, packed.as_slice()))
    };
    assert_eq!(read_within(0, unpacked), None);
    assert_eq!(read_within(0, unpacked - 1), Some(GzipFault::Ratio { ratio: 0 }));
    let enough = unpacked.div_ceil(packed_bytes);
    assert_eq!(read_within(enough, 0), None);
    assert_eq!(read_within(enough - 1, 0), Some(GzipFault::Ratio { ratio: enough - 1 }));
    assert_eq!(read_within(u64::MAX, 0), None);
    let limits = GzipLimits::default();
    assert_eq!((limits.ratio, limits.always), (200, 16 * 1024 * 1024));
}

#[test]
fn the_unpacked_text_counts_for_the_budget() {
    let mut options = ExportReaderOptions::default();
    options.budget.input_bytes = BUNDLE.len() as u64 - 1;
    let reading = read_with(&options, gzip(BUNDLE).as_slice());
    assert!(reading.end.unreadable.unwrap().is_limit());
    options.budget.input_bytes += 1;
    assert!(read_with(&options, gzip(BUNDLE).as_slice()).is_whole());
}

#[test]
fn faults_say_what_they_are_and_which_of_them_is_a_limit() {
    let faults = [
        GzipFault::Corrupt,
        GzipFault::Truncated,
        GzipFault::TrailingData,
        GzipFault::Ratio { ratio: 200 },
    ];
    let messages: std::collections::BTreeSet<String> =
        faults.iter().map(ToString::to_string).collect();
    assert_eq!(messages.len(), faults.len());
    assert_eq!(faults.map(GzipFault::is_limit), [false, false, false, true]);
    for fault in faults {
        let unreadable = Unreadable::from(fault);
        assert_eq!(unreadable.is_limit(), fault.is_limit());
        assert_eq!(unreadable.to_string(), fault.to_string());
    }
}
