// SPDX-License-Identifier: Apache-2.0

//! `permit-verify` as its users meet it: files, flags, exit status, output.

#![cfg(test)]

mod evidence;

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use evidence::Export;
use permit_canonical_json::{Budget, Profile, Value, read_text};
use tempfile::TempDir;

/// A folder with an export, its manifest and a trust root.
struct Desk {
    folder: TempDir,
}

impl Desk {
    fn new(export: &Export) -> Self {
        let desk = Self { folder: tempfile::tempdir().unwrap() };
        desk.put("export.json", &export.bytes());
        desk.put("export.json.manifest.json", &export.manifest_bytes());
        desk.put("keys.json", Profile::Payload.to_text(&export.keys).unwrap().as_bytes());
        desk
    }

    fn honest() -> Self {
        Self::new(&Export::honest())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn put(&self, name: &str, bytes: &[u8]) {
        fs::write(self.path(name), bytes).unwrap();
    }

    /// Runs in the folder, with an environment that has a home and nothing else.
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_permit-verify"));
        command.args(arguments).current_dir(self.folder.path()).env_clear();
        command.env("HOME", self.folder.path());
        command
    }

    fn run(&self, arguments: &[&str]) -> Run {
        Run::of(self.command(arguments).output().unwrap())
    }
}

struct Run {
    status: i32,
    stdout: String,
    stderr: String,
}

impl Run {
    fn of(output: Output) -> Self {
        Self {
            status: output.status.code().expect("it ends by itself"),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    fn json(&self) -> Value<'static> {
        read_text(&self.stdout, &Budget::default()).unwrap().into_owned()
    }

    /// A usage error, or something that could not be judged: told on standard error alone.
    fn refused(&self, words: &str) {
        assert_eq!(self.status, 2, "{}", self.stderr);
        assert_eq!(self.stdout, "");
        assert!(self.stderr.contains(words), "{} lacks {words}", self.stderr);
    }
}

const ALL: [&str; 5] =
    ["--key-manifest", "keys.json", "--walk-events", "--verify-closure", "--strict"];

fn export(more: &[&'static str]) -> Vec<&'static str> {
    let mut arguments = vec!["export", "export.json"];
    arguments.extend(more);
    arguments
}

#[test]
fn an_honest_export_is_verified() {
    let desk = Desk::honest();
    let run = desk.run(&export(&ALL));
    assert_eq!((run.status, run.stderr.as_str()), (0, ""), "{}", run.stdout);
    assert!(run.stdout.starts_with("VERIFIED  export.json\n"), "{}", run.stdout);
    assert!(run.stdout.contains("This does not prove"));
    let single = desk.run(&export(&[&ALL[..], &["--single-thread"]].concat()));
    assert_eq!(single.stdout, run.stdout);
}

#[test]
fn an_altered_export_is_not() {
    let desk = Desk::honest();
    let mut bytes = fs::read(desk.path("export.json")).unwrap();
    let last = bytes.len() - 2;
    bytes[last] ^= 1;
    desk.put("export.json", &bytes);
    let run = desk.run(&export(&ALL));
    assert_eq!((run.status, run.stderr.as_str()), (1, ""));
    assert!(run.stdout.starts_with("NOT VERIFIED  export.json\n"), "{}", run.stdout);
    assert!(run.stdout.contains("CONTENT_HASH_MISMATCH  BUNDLE-06"), "{}", run.stdout);
    assert!(run.stdout.contains("help: "));
}

#[test]
fn findings_show_the_place_in_the_file() {
    let mut altered = Export::honest();
    altered.records[1].entries[2].insert("severity", "\u{202e}grave\u{1b}[31m");
    altered.write_manifest();
    let run = Desk::new(&altered).run(&export(&ALL));
    assert_eq!(run.status, 1);
    assert!(run.stdout.contains("/records/1/chain_entries/2/record_hash"), "{}", run.stdout);
    assert!(
        run.stdout.contains("\"record_hash\": \"") || run.stdout.contains("\"record_hash\":\"")
    );
    assert!(run.stdout.contains("^^^^^^^^"), "{}", run.stdout);
    // What the evidence says never reaches the terminal as it is.
    assert!(!run.stdout.contains('\u{1b}') && !run.stdout.contains('\u{202e}'));
}

#[test]
fn json_is_one_document_in_the_layout_of_the_reference() {
    let desk = Desk::honest();
    for flags in [&["--json"][..], &["--format", "json"]] {
        let run = desk.run(&export(&[&ALL[..], flags].concat()));
        assert_eq!(run.status, 0);
        let report = run.json();
        assert_eq!(report.get("schema").and_then(Value::as_str), Some("keel.verifier.verdicts/v0"));
        assert_eq!(report.get("ok").and_then(Value::as_bool), Some(true));
        assert_eq!(report.get("exit_code").and_then(Value::as_u64), Some(0));
        let claims = report.get("claims").and_then(Value::as_array).unwrap();
        let claims: Vec<_> =
            claims.iter().filter_map(|claim| claim.get("name").and_then(Value::as_str)).collect();
        assert_eq!(
            claims,
            [
                "export.integrity.v1",
                "export.scope_identity.v1",
                "governance_chain.local_continuity.v1",
                "closure.signature.v1",
                "closure.digest_consistency.v1",
                "closure.dispatch_binding.v1",
            ]
        );
    }
}

#[test]
fn text_and_json_agree_on_the_status() {
    for mutate in [
        |_: &mut Export| (),
        |export: &mut Export| export.unsigned_tail = " ".to_owned(),
        |export: &mut Export| {
            export.manifest.remove("signature");
        },
    ] {
        let mut bent = Export::honest();
        mutate(&mut bent);
        let desk = Desk::new(&bent);
        let text = desk.run(&export(&ALL));
        let json = desk.run(&export(&[&ALL[..], &["--json"]].concat()));
        assert_eq!(text.status, json.status);
        let stated = json.json().get("exit_code").and_then(Value::as_i64);
        assert_eq!(stated, Some(json.status.into()));
    }
}

#[test]
fn claims_that_were_not_asked_for_are_not_checked_and_never_passed() {
    let run = Desk::honest().run(&export(&["--key-manifest", "keys.json", "--json"]));
    assert_eq!(run.status, 0);
    let report = run.json();
    assert_eq!(report.get("claims").and_then(Value::as_array).map(<[_]>::len), Some(2));
    let not_checked = report.get("not_checked").and_then(Value::as_array).unwrap();
    assert_eq!(not_checked.len(), 24 - 2);
    let because = not_checked
        .iter()
        .find(|not| {
            not.get("claim").and_then(Value::as_str) == Some("governance_chain.local_continuity.v1")
        })
        .and_then(|not| not.get("because"))
        .and_then(Value::as_str);
    assert_eq!(because, Some("--walk-events was not given"));
}

#[test]
fn the_manifest_is_named_or_beside_the_export() {
    let desk = Desk::honest();
    fs::rename(desk.path("export.json.manifest.json"), desk.path("m.json")).unwrap();
    let keys = ["--key-manifest", "keys.json"];
    for named in [
        vec!["export", "export.json", "m.json"],
        vec!["export", "export.json", "--manifest", "m.json"],
        vec!["export", "--export-file", "export.json", "--manifest", "m.json"],
        vec![
            "export",
            "absent.json",
            "absent.json",
            "--export-file",
            "export.json",
            "--manifest",
            "m.json",
        ],
    ] {
        let run = desk.run(&[&named[..], &keys].concat());
        assert_eq!(run.status, 0, "{named:?}: {}{}", run.stdout, run.stderr);
    }
    desk.run(&["export", "export.json", "--key-manifest", "keys.json"])
        .refused("the manifest `export.json.manifest.json` cannot be read");
}

#[test]
fn files_that_cannot_be_read_are_errors() {
    let desk = Desk::honest();
    fs::create_dir(desk.path("folder")).unwrap();
    let keys = ["--key-manifest", "keys.json"];
    for (named, words) in [
        (vec!["export", "absent.json"], "the export `absent.json` cannot be read"),
        (
            vec!["export", "folder", "export.json.manifest.json"],
            "the export `folder` cannot be read",
        ),
        (vec!["export", "export.json", "folder"], "the manifest `folder` cannot be read"),
        (vec!["export"], "name the export"),
    ] {
        let run = desk.run(&[&named[..], &keys].concat());
        run.refused(words);
        assert!(run.stderr.contains("help: "), "{}", run.stderr);
    }
    for (root, words) in [
        ("absent.json", "cannot be opened"),
        ("folder", "cannot be opened"),
        ("export.json.manifest.json", "cannot be used"),
        ("https://example.org/keys.json", "is an address, not a file"),
    ] {
        desk.run(&["export", "export.json", "--key-manifest", root]).refused(words);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn files_without_an_end_are_read_no_further_than_their_limit() {
    let desk = Desk::honest();
    desk.run(&["export", "export.json", "/dev/zero", "--key-manifest", "keys.json"])
        .refused("the limit for such a file");
    desk.run(&["export", "export.json", "--key-manifest", "/dev/zero"])
        .refused("the limit for such a file");
}

#[test]
fn trust_is_decided_in_one_way() {
    let desk = Desk::honest();
    let key = evidence::export_key().public_key().to_string();
    let ways: [Vec<&str>; 3] = [
        vec!["--key-manifest", "keys.json"],
        vec!["--expected-public-key", &key],
        vec!["--self-attested"],
    ];
    for (index, way) in ways.iter().enumerate() {
        let run = desk.run(&[&["export", "export.json"], &way[..]].concat());
        assert_eq!(run.status, 0, "{way:?}: {}{}", run.stdout, run.stderr);
        for other in &ways[index + 1..] {
            let both = [&["export", "export.json"], &way[..], &other[..]].concat();
            desk.run(&both).refused("exclude each other");
        }
    }
    let alias = desk.run(&["export", "export.json", "--public-key", &key]);
    assert_eq!(alias.status, 0);
    desk.run(&["export", "export.json", "--expected-public-key", ""]).refused("is empty");
    desk.run(&["export", "export.json", "--key-manifest-url", "https://example.org/k.json"])
        .refused("never goes online");
}

/// DIFF-09: a trust root with a key of small order is refused as a whole, for machines in JSON.
#[test]
fn a_refused_trust_root_is_told_to_people_and_machines() {
    let desk = Desk::honest();
    let zero = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    let keys = format!(
        r#"{{"keys": [{{"key_id": "k", "public_key": "ed25519:{zero}", "purpose": "export_signing"}}]}}"#
    );
    desk.put("weak.json", keys.as_bytes());
    let weak = ["export", "export.json", "--key-manifest", "weak.json"];
    let run = desk.run(&weak);
    assert_eq!((run.status, run.stdout.as_str()), (2, ""));
    assert!(run.stderr.contains("weak.json"), "{}", run.stderr);
    let run = desk.run(&[&weak[..], &["--json"]].concat());
    assert_eq!(run.status, 2);
    let said = run.json();
    let text = |name: &str| said.get(name).and_then(Value::as_str).map(str::to_owned);
    assert_eq!(text("error_kind").as_deref(), Some("trust_root_refused"));
    assert_eq!(said.get("ok").and_then(Value::as_bool), Some(false));
    assert!(run.stderr.contains(&text("error").unwrap()));
    // Nobody at all is another thing than somebody who was refused.
    let nobody = desk.run(&["export", "export.json", "--json"]).json();
    assert_eq!(nobody.get("error_kind").and_then(Value::as_str), Some("nobody_trusted"));
}

#[test]
fn without_a_trust_root_nothing_is_judged() {
    let desk = Desk::honest();
    let run = desk.run(&["export", "export.json"]);
    run.refused("nobody is trusted");
    assert!(run.stderr.contains("--key-manifest") && run.stderr.contains("PERMIT_TRUST_ROOT"));
}

/// DIFF-08: whoever trusts nobody can still be shown that evidence is wrong.
#[test]
fn without_a_trust_root_evidence_can_still_fail() {
    let mut unsigned = Export::honest();
    unsigned.manifest.remove("signature");
    let mut altered = Export::honest();
    altered.unsigned_tail = " ".to_owned();
    for (evidence, reason) in
        [(&unsigned, "MANIFEST_SIGNATURE_MISSING"), (&altered, "CONTENT_HASH_MISMATCH")]
    {
        let desk = Desk::new(evidence);
        let mut payload = evidence.bytes();
        payload.extend_from_slice(evidence.unsigned_tail.as_bytes());
        desk.put("export.json", &payload);
        let run = desk.run(&["export", "export.json"]);
        assert_eq!(run.status, 1, "{}", run.stderr);
        assert!(run.stdout.contains(reason), "{}", run.stdout);
    }
    let desk = Desk::new(&unsigned);
    assert_eq!(desk.run(&["export", "export.json", "--allow-unsigned"]).status, 0);
    desk.run(&["export", "export.json", "--allow-unsigned", "--verify-closure"])
        .refused("nobody is trusted");
}

/// DIFF-02: what only the network has is left open by who says that there is no network.
#[test]
fn offline_an_address_as_trust_root_leaves_open_what_needs_a_key() {
    let desk = Desk::honest();
    let url = "https://example.org/k.json";
    for way in ["--key-manifest-url", "--key-manifest"] {
        let run = desk.run(&["export", "export.json", way, url, "--offline", "--json"]);
        assert_eq!(run.status, 1, "{way}: {}", run.stderr);
        assert!(run.stdout.contains("TRUST_ROOT_UNRESOLVABLE"), "{way}: {}", run.stdout);
        assert!(run.stdout.contains("was not fetched"), "{way}: {}", run.stdout);
        desk.run(&["export", "export.json", way, url]).refused("never goes online");
    }
    desk.put("checkpoint.json", CHECKPOINT);
    let checkpoint = ["checkpoint", "checkpoint.json", "--public-key-url", url];
    desk.run(&checkpoint).refused("never goes online");
    let run = desk.run(&[&checkpoint[..], &["--offline", "--json"]].concat());
    assert_eq!(run.status, 1, "{}", run.stderr);
    let told = ["CHECKPOINT_COMPOSITE_HASH_SUPPORTED", "TRUST_ROOT_UNRESOLVABLE"];
    assert!(told.iter().all(|word| run.stdout.contains(word)), "{}", run.stdout);
    desk.run(&[&checkpoint[..], &["--offline", "--self-attested"]].concat())
        .refused("decided in one way");
}

/// Over one head; the signature is looked at by nobody.
const CHECKPOINT: &[u8] = br#"{"checkpoint_id": "c", "computed_at": "2026-05-07T12:00:00Z",
"chain_heads": {"project:p1": {"sequence_number": 3, "last_record_hash": "ab"}},
"composite_hash": "sha256:4062c18f538779994fe22e5cf392464e2f5d1b7fd9fb8b96cfb3020ec9944cb6",
"signature": "ed25519:AAAA", "key_id": "k"}"#;

/// DIFF-08: evidence that is not there is not there, named or not; what can be judged is judged.
#[test]
fn named_evidence_that_is_missing_leaves_its_claims_open() {
    let mut export = Export::honest();
    let block = r#"{"version": "keel.export_scope_faithfulness.v1", "segments": []}"#;
    export.head.insert("scope_faithfulness", evidence::json(block));
    export.write_manifest();
    let desk = Desk::new(&export);
    let claim = [
        &["claim", "scope_faithfulness", "--export-file", "export.json", "--manifest"],
        &["export.json.manifest.json", "--key-manifest", "keys.json"][..],
    ];
    for missing in [["--sidecar", "absent.json"], ["--checkpoint", "absent.json"]] {
        let run = desk.run(&[&claim.concat()[..], &missing].concat());
        assert_eq!(run.status, 1, "{}", run.stderr);
        assert!(run.stdout.contains("`absent.json` that was named is not there"), "{}", run.stdout);
        assert!(run.stdout.contains("EXPORT_INTEGRITY_SUPPORTED"), "{}", run.stdout);
    }
    fs::create_dir(desk.path("folder")).unwrap();
    desk.run(&[&claim.concat()[..], &["--sidecar", "folder"]].concat()).refused("cannot be read");
}

#[test]
fn key_06_the_trust_root_is_found_by_flag_then_variable_then_configuration() {
    let desk = Desk::honest();
    let folder = desk.path(".config").join("permit");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("trust-root.json"), b"{\"keys\": []}").unwrap();
    let source = |run: &Run| {
        let trust = run.json();
        let trust = trust.get("trust").and_then(|trust| trust.get("source"));
        trust.and_then(Value::as_str).unwrap().to_owned()
    };
    let by_configuration = desk.run(&["export", "export.json", "--json"]);
    assert_eq!(by_configuration.status, 1, "there are no keys in it");
    assert!(source(&by_configuration).contains("configured trust root"));

    let with_variable = |arguments: &[&str]| {
        Run::of(desk.command(arguments).env("PERMIT_TRUST_ROOT", "keys.json").output().unwrap())
    };
    let by_variable = with_variable(&["export", "export.json", "--json"]);
    assert_eq!(by_variable.status, 0, "{}", by_variable.stderr);
    assert!(source(&by_variable).contains("PERMIT_TRUST_ROOT"));

    fs::write(desk.path("none.json"), b"{\"keys\": []}").unwrap();
    let by_flag =
        with_variable(&["export", "export.json", "--key-manifest", "none.json", "--json"]);
    assert_eq!(by_flag.status, 1);
    assert!(source(&by_flag).contains("--key-manifest"));
}

#[test]
fn key_05_test_keys_count_in_test_mode_only_and_nothing_else_does_there() {
    let mut testing = Export::honest();
    let text = Profile::Payload.to_text(&testing.keys).unwrap();
    testing.keys =
        evidence::json(&text.replace("\"purpose\":", "\"environment\": \"test\", \"purpose\":"));
    assert_ne!(Profile::Payload.to_text(&testing.keys).unwrap(), text);
    for (keys, flag, status) in [
        (&testing, true, 0),
        (&testing, false, 1),
        (&Export::honest(), true, 1),
        (&Export::honest(), false, 0),
    ] {
        let desk = Desk::new(keys);
        let flags: &[&str] = if flag { &["--test-mode"] } else { &[] };
        let run =
            desk.run(&[&["export", "export.json", "--key-manifest", "keys.json"], flags].concat());
        assert_eq!(run.status, status, "{flag}: {}", run.stdout);
    }
}

#[test]
fn a_pinned_key_says_nothing_about_closures() {
    let desk = Desk::honest();
    let key = evidence::export_key().public_key().to_string();
    let pinned = ["export", "export.json", "--expected-public-key", &key, "--verify-closure"];
    let run = desk.run(&pinned);
    assert_eq!(run.status, 1, "{}", run.stdout);
    assert!(run.stdout.contains("closure.signature.v1"), "{}", run.stdout);
    let output = desk.command(&pinned).env("PERMIT_TRUST_ROOT", "keys.json").output().unwrap();
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn unsigned_exports_are_never_verified() {
    let mut unsigned = Export::honest();
    unsigned.manifest.remove("signature");
    let desk = Desk::new(&unsigned);
    let run = desk.run(&export(&["--key-manifest", "keys.json"]));
    assert_eq!(run.status, 1);
    assert!(run.stdout.contains("MANIFEST_SIGNATURE_MISSING"), "{}", run.stdout);
    let run = desk.run(&export(&["--key-manifest", "keys.json", "--allow-unsigned"]));
    assert_eq!(run.status, 0);
    assert!(run.stdout.starts_with("NOT SIGNED"), "{}", run.stdout);
    assert!(!run.stdout.contains("VERIFIED"), "{}", run.stdout);
    let json =
        desk.run(&export(&["--key-manifest", "keys.json", "--allow-unsigned", "--json"])).json();
    let verdict =
        json.get("claims").and_then(Value::as_array).and_then(|claims| claims[0].get("verdict"));
    assert_eq!(verdict.and_then(Value::as_str), Some("insufficient_evidence"));
}

#[test]
fn output_is_written_whole_or_not_at_all() {
    let desk = Desk::honest();
    let run = desk.run(&export(&[&ALL[..], &["--json", "--output", "report.json"]].concat()));
    assert_eq!((run.status, run.stdout.as_str()), (0, ""));
    let written = fs::read_to_string(desk.path("report.json")).unwrap();
    let printed = desk.run(&export(&[&ALL[..], &["--json"]].concat())).stdout;
    assert_eq!(written, printed);

    let files = |folder: &Path| fs::read_dir(folder).unwrap().count();
    let before = files(desk.folder.path());
    desk.run(&export(&[&ALL[..], &["--output", "absent/report.json"]].concat()))
        .refused("the report cannot be written");
    fs::create_dir(desk.path("taken")).unwrap();
    desk.run(&export(&[&ALL[..], &["--output", "taken"]].concat()))
        .refused("the report cannot be written");
    assert_eq!(files(desk.folder.path()), before + 1, "nothing half written stays");
}

/// What is no regular file stays what it is.
#[cfg(unix)]
#[test]
fn output_is_written_through_links_and_into_devices() {
    let desk = Desk::honest();
    desk.put("report.txt", b"old");
    std::os::unix::fs::symlink("report.txt", desk.path("link")).unwrap();
    let arguments = ["export", "export.json", "--key-manifest", "keys.json", "--output", "link"];
    assert_eq!(desk.run(&arguments).status, 0);
    assert!(desk.path("link").symlink_metadata().unwrap().is_symlink());
    assert!(fs::read_to_string(desk.path("report.txt")).unwrap().starts_with("VERIFIED"));
    std::os::unix::fs::symlink("/dev/null", desk.path("nothing")).unwrap();
    let arguments = ["export", "export.json", "--key-manifest", "keys.json", "--output", "nothing"];
    assert_eq!(desk.run(&arguments).status, 0);
    assert!(!Path::new("/dev/null").metadata().unwrap().is_file());
}

#[test]
fn wrong_usage_is_told_and_help_is_not_an_error() {
    let desk = Desk::honest();
    for arguments in [&[][..], &["exprot"], &["export", "--walk"], &["export", "a", "b", "c"]] {
        let run = desk.run(arguments);
        assert_eq!(run.status, 2, "{arguments:?}");
        assert_eq!(run.stdout, "");
    }
    for arguments in [&["--help"][..], &["export", "--help"], &["--version"]] {
        let run = desk.run(arguments);
        assert_eq!(run.status, 0);
        assert!(!run.stdout.is_empty());
    }
    let help = desk.run(&["export", "--help"]).stdout;
    for flag in [
        "--walk-events",
        "--verify-closure",
        "--json",
        "--key-manifest",
        "--expected-public-key",
        "--public-key",
        "--self-attested",
        "--allow-unsigned",
        "--test-mode",
        "--strict",
        "--output",
        "--format",
        "--manifest",
        "--export-file",
        "--offline",
    ] {
        assert!(help.contains(flag), "{flag}");
    }
    let colour = desk.run(&export(&ALL));
    assert!(!colour.stdout.contains('\u{1b}'), "no colours where there is no terminal");
}
