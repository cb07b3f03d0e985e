// SPDX-License-Identifier: Apache-2.0

//! Exports that are cut off, at every byte: never whole, and never a panic.

use permit_canonical_json::ReadErrorKind;
use permit_export_bundle::{GzipFault, PayloadForm, Unreadable};

use crate::support::{BUNDLE, BUNDLE_ENTRIES, EVENTS, LINES, gzip, read, read_lines};

#[test]
fn bundle_14_a_document_that_is_cut_off_anywhere_is_not_whole() {
    for text in [BUNDLE, BUNDLE_ENTRIES, EVENTS] {
        for length in 0..text.len() {
            for reading in
                [read(&text.as_bytes()[..length]), read_lines(&text.as_bytes()[..length])]
            {
                let Some(unreadable) = &reading.end.unreadable else {
                    // Of nothing, nothing is claimed.
                    assert_eq!((length, reading.end.form), (0, PayloadForm::NotJson));
                    continue;
                };
                let Unreadable::Text(error) = unreadable else { panic!("{unreadable}") };
                assert_eq!(error.kind(), &ReadErrorKind::UnexpectedEnd, "{length}");
                assert_eq!(error.at().start, u64::try_from(length).unwrap());
                assert_eq!(reading.stored, text.as_bytes()[..length]);
            }
        }
        assert!(read(text).is_whole());
        assert!(read(format!("{text}\n")).is_whole());
    }
}

#[test]
fn lines_that_are_cut_off_inside_of_one_are_not_whole() {
    let first = LINES.find('\n').unwrap();
    for length in 0..LINES.len() {
        let reading = read_lines(&LINES.as_bytes()[..length]);
        let at_an_end = length == first || length == first + 1 || length == LINES.len() - 1;
        if length == 0 {
            assert_eq!(reading.end.form, PayloadForm::NotJson);
        } else {
            // A file that ends with a line may be a shorter file; its hash tells.
            assert_eq!(reading.is_whole(), at_an_end, "{length}");
        }
    }
}

#[test]
fn bundle_13_a_compressed_export_that_is_cut_off_anywhere_is_not_whole() {
    for text in [BUNDLE, BUNDLE_ENTRIES, EVENTS, LINES] {
        let packed = gzip(text);
        for length in 0..packed.len() {
            let reading = read(&packed[..length]);
            if length < 2 {
                // Too short to be known as compressed.
                assert_eq!(reading.end.form, PayloadForm::NotJson);
                assert!(!reading.end.compressed);
                continue;
            }
            assert!(reading.end.compressed);
            let unreadable = reading.end.unreadable.unwrap();
            assert_eq!(unreadable, Unreadable::Gzip(GzipFault::Truncated), "{length}");
            assert!(unreadable.pointer().is_root() && unreadable.range().is_empty());
            assert_eq!(reading.stored, packed[..length]);
        }
        assert!(read(&packed).is_whole());
    }
}

#[test]
fn what_is_cut_off_shows_a_beginning_of_the_whole() {
    // Entries that came by before the end are those of the whole: none is made up.
    let whole = read(BUNDLE).log;
    for length in 0..BUNDLE.len() {
        let part = read(&BUNDLE.as_bytes()[..length]).log;
        assert_eq!(part, whole[..part.len()], "{length}");
    }
}
