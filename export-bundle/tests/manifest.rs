// SPDX-License-Identifier: Apache-2.0

//! Manifests: what can be read, what cannot, and that nothing is lost or made up.

#![cfg(test)]

use permit_canonical_json::{Budget, ByteRange, ReadErrorKind as Kind, Sha256Digest, Value};
use permit_export_bundle::{IDENTITY_MEMBERS, Manifest, ManifestProblem};
use proptest::prelude::*;

use support::{MANIFEST, read, unreadable};

#[test]
fn members_are_kept_as_they_are() {
    let manifest = read(MANIFEST).unwrap();
    assert_eq!(manifest.text("content_hash"), Some("sha256:00"));
    assert_eq!(manifest.get("record_count").and_then(Value::as_u64), Some(2));
    assert_eq!(manifest.get("compressed").and_then(Value::as_bool), Some(false));
    // BUNDLE-18: what the issuer found out about its own chain is data, and fails nothing here.
    let integrity = manifest.get("chain_integrity").unwrap();
    assert_eq!(integrity.get("error").and_then(Value::as_str), Some("x"));
    // BUNDLE-21: reserved names are there for those who warn of them.
    assert!(manifest.states("signature_v2"));
    assert!(!manifest.states("project_id") && manifest.get("project_id").unwrap().is_null());
    assert!(!manifest.states("filters_hash") && manifest.get("filters_hash").is_none());
    let names: Vec<_> =
        manifest.members().unwrap().members().iter().map(|member| member.name()).collect();
    assert_eq!(names.len(), 7);
    assert_eq!(manifest.value().range(), ByteRange::new(0, MANIFEST.len() as u64));
    assert_eq!(manifest.get("content_hash").unwrap().range(), ByteRange::new(16, 27));
}

#[test]
fn texts_are_texts_only() {
    let manifest =
        read(r#"{"a":1,"b":true,"c":null,"d":["x"],"e":{"f":"x"},"g":"","h":"é"}"#).unwrap();
    for name in ["a", "b", "c", "d", "e", "f", "none"] {
        assert_eq!(manifest.text(name), None, "{name}");
    }
    assert_eq!((manifest.text("g"), manifest.text("h")), (Some(""), Some("é")));
    for (name, states) in
        [("a", true), ("b", true), ("c", false), ("d", true), ("g", true), ("none", false)]
    {
        assert_eq!(manifest.states(name), states, "{name}");
    }
}

#[test]
fn the_digest_is_that_of_its_bytes() {
    // BUNDLE-09: it names the manifest; what is signed is the text of `content_hash` alone.
    for text in ["{}", "{ }", " {}\n"] {
        let manifest = read(text).unwrap();
        assert_eq!(manifest.digest(), Sha256Digest::of(text.as_bytes()));
    }
    assert_ne!(read("{}").unwrap().digest(), read("{ }").unwrap().digest());
}

/// Bytes, what is wrong with them, the path to it, and where it starts and ends.
type Case = (&'static [u8], Kind, &'static str, (u64, u64));

#[test]
fn bundle_10_what_cannot_be_read_says_why_and_where() {
    let cases: [Case; 12] = [
        (b"", Kind::UnexpectedEnd, "", (0, 0)),
        (b" \n", Kind::UnexpectedEnd, "", (2, 2)),
        (b"{\"content_hash\":\"sha256:", Kind::UnexpectedEnd, "/content_hash", (24, 24)),
        (b"{\"a\":1}{}", Kind::TrailingData, "", (7, 8)),
        (b"{\"a\":1}\0", Kind::TrailingData, "", (7, 8)),
        (b"\xef\xbb\xbf{}", Kind::ByteOrderMark, "", (0, 3)),
        (b"{\"a\":\"\xff\"}", Kind::InvalidUtf8, "/a", (6, 7)),
        (b"{\"a\":1,\"a\":1}", Kind::DuplicateMember { name: "a".into() }, "/a", (7, 10)),
        (
            b"{\"chain_integrity\":{\"error\":null,\"\\u0065rror\":\"x\"}}",
            Kind::DuplicateMember { name: "error".into() },
            "/chain_integrity/error",
            (33, 45),
        ),
        (b"{\"a\":\"\\ud800\"}", Kind::LoneSurrogate, "/a", (6, 12)),
        (b"{\"a\":\"\n\"}", Kind::ControlCharacter { found: "U+000A".into() }, "/a", (6, 7)),
        (b"{\"record_count\":02}", Kind::InvalidNumber, "/record_count", (16, 18)),
    ];
    for (bytes, kind, pointer, (start, end)) in cases {
        let shown = bytes.escape_ascii().to_string();
        let problem = Manifest::read(bytes, &Budget::default()).unwrap_err();
        assert!(!problem.is_limit(), "{shown}");
        let error = unreadable(&problem);
        assert_eq!(error.kind(), &kind, "{shown}");
        assert_eq!(error.pointer().to_string(), pointer, "{shown}");
        assert_eq!(error.at(), ByteRange::new(start, end), "{shown}");
        assert_eq!(problem.to_string(), format!("the manifest cannot be read: {error}"));
    }
}

#[test]
fn bundle_10_a_manifest_is_an_object() {
    for (text, found) in [
        ("null", "null"),
        ("true", "a boolean"),
        ("7", "a number"),
        ("\"{}\"", "a string"),
        ("[{}]", "an array"),
    ] {
        let problem = read(text).unwrap_err();
        assert_eq!(problem, ManifestProblem::NoObject { found });
        assert!(!problem.is_limit());
        assert_eq!(problem.to_string(), format!("the manifest is {found}, not an object"));
    }
}

#[test]
fn bundle_10_a_manifest_that_is_cut_off_anywhere_is_none() {
    for length in 0..MANIFEST.len() {
        let problem = read(&MANIFEST.as_bytes()[..length]).unwrap_err();
        let error = unreadable(&problem);
        assert_eq!(error.kind(), &Kind::UnexpectedEnd, "{length}");
        assert_eq!(error.at().start, u64::try_from(length).unwrap());
    }
    assert!(read(MANIFEST).is_ok() && read(format!(" {MANIFEST}\n")).is_ok());
}

#[test]
fn limits_are_told_from_faults() {
    let budget = |change: fn(&mut Budget)| {
        let mut budget = Budget::default();
        change(&mut budget);
        budget
    };
    let names: Vec<String> = (0..100).map(|n| format!("\"n{n}\":0")).collect();
    let wide = format!("{{{}}}", names.join(","));
    for (budget, text, word) in [
        (Budget::default(), "[".repeat(100_000), "128 levels"),
        (Budget::default(), "{\"a\":".repeat(100_000), "128 levels"),
        (Budget::default(), format!("{{\"a\":{}}}", "7".repeat(1_000_000)), "4300 bytes"),
        (budget(|b| b.input_bytes = 10), MANIFEST.to_owned(), "10 bytes"),
        // It is held in memory whole, like any value.
        (budget(|b| b.value_bytes = 20), MANIFEST.to_owned(), "20 bytes"),
        (budget(|b| b.name_bytes = 5), MANIFEST.to_owned(), "5 bytes"),
        (budget(|b| b.members = 99), wide.clone(), "99"),
    ] {
        let problem = Manifest::read(text.as_bytes(), &budget).unwrap_err();
        assert!(problem.is_limit(), "{problem}");
        assert!(problem.to_string().contains(word), "{problem}");
    }
    let long = format!("{MANIFEST}{}", " ".repeat(8 * 1024 * 1024 + 1 - MANIFEST.len()));
    let problem = read(&long).unwrap_err();
    assert!(problem.is_limit() && problem.to_string().contains("8388608 bytes"), "{problem}");
    assert!(read(&long.as_bytes()[1..]).is_err_and(|problem| !problem.is_limit()));
    let budget = budget(|b| b.value_bytes = MANIFEST.len());
    assert!(Manifest::read(MANIFEST.as_bytes(), &budget).is_ok());
}

#[test]
fn identity_members_are_those_of_the_claim() {
    // The members that `export.scope_identity.v1` compares, BUNDLE-05 among them.
    assert_eq!(
        IDENTITY_MEMBERS,
        ["export_id", "project_id", "export_type", "format", "compressed", "record_count"]
    );
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
        if let Ok(manifest) = Manifest::read(&bytes, &Budget::default()) {
            prop_assert!(manifest.members().is_some());
        }
    }

    #[test]
    fn no_text_makes_it_panic(text in "[\\[\\]{}\",:0-9a-c.\\\\ \n]{0,40}") {
        if let Ok(manifest) = read(&text) {
            for member in manifest.members().unwrap().members() {
                prop_assert_eq!(manifest.get(member.name()), Some(member.value()));
            }
        }
    }
}

#[cfg(test)]
mod support {
    use permit_canonical_json::{Budget, ReadError};
    use permit_export_bundle::{Manifest, ManifestProblem};

    pub(crate) fn read(text: impl AsRef<[u8]>) -> Result<Manifest, ManifestProblem> {
        Manifest::read(text.as_ref(), &Budget::default())
    }

    pub(crate) fn unreadable(problem: &ManifestProblem) -> &ReadError {
        match problem {
            ManifestProblem::Unreadable(error) => error,
            other => panic!("{other}"),
        }
    }

    pub(crate) const MANIFEST: &str = concat!(
        r#"{"content_hash":"sha256:00","compressed":false,"record_count":2,"project_id":null,"#,
        r#""chain_integrity":{"error":"x"},"signature_v2":{},"claim_set":[]}"#,
    );
}
