// SPDX-License-Identifier: Apache-2.0

//! Keys by the command: made, taken over, replaced, taken back; and what may be signed then.

use std::fs;

use permit_canonical_json::Value;
use permit_keys::{KeyFileForm, Signer, SoftwareKey};
use permit_verifier::Layers;

use crate::support::{Folder, PROJECT};

fn keys(folder: &Folder) -> Vec<Value<'static>> {
    let shown = folder.run(&["keys", "show"]).done();
    shown.get("keys").and_then(Value::as_array).unwrap().to_vec()
}

fn text<'v>(key: &'v Value<'_>, name: &str) -> &'v str {
    key.get(name).and_then(Value::as_str).unwrap_or_default()
}

#[test]
fn private_keys_are_for_their_owner_and_never_shown() {
    let folder = Folder::with_store();
    let answers: Vec<_> = [&["keys", "show"][..], &["keys", "manifest"], &["status"]]
        .map(|args| folder.command(args).output().unwrap())
        .into();
    for (path, bytes) in folder
        .everything()
        .iter()
        .filter(|(path, _)| path.extension().is_some_and(|it| it == "pem"))
    {
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600, "{path:?}");
        }
        let key = SoftwareKey::read(bytes).unwrap();
        let seeds = [KeyFileForm::HexSeed, KeyFileForm::Base64Seed];
        for seed in seeds.map(|form| key.to_file(form).unwrap()) {
            let seed = String::from_utf8_lossy(&seed).trim().to_owned();
            for answer in &answers {
                let told = [&answer.stdout[..], &answer.stderr].concat();
                assert!(!String::from_utf8_lossy(&told).contains(&seed));
            }
            assert!(
                !String::from_utf8_lossy(&folder.read("s/keys/key-manifest.json")).contains(&seed)
            );
        }
    }
}

#[cfg(unix)]
#[test]
fn a_key_that_others_may_read_is_not_used() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = Folder::with_store();
    folder.run(&["append", "--type", "note"]).done();
    for path in
        folder.everything().keys().filter(|path| path.extension().is_some_and(|it| it == "pem"))
    {
        fs::set_permissions(path, fs::Permissions::from_mode(0o640)).unwrap();
    }
    folder.run(&["checkpoint"]).error("mode 600");
}

#[test]
fn keys_are_taken_over_in_every_form() {
    let folder = Folder::new();
    for (number, form) in (1..).zip(KeyFileForm::ALL) {
        let key = SoftwareKey::from_seed(&[number; 32]);
        let name = format!("key.{}", form.as_str());
        fs::write(folder.path(&name), key.to_file(*form).unwrap()).unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            fs::set_permissions(folder.path(&name), fs::Permissions::from_mode(0o600)).unwrap();
        }
        let answer = folder.run(&["keys", "import", &name, "--purpose", "export_signing"]).done();
        let listed = answer.get("keys").and_then(Value::as_array).unwrap();
        assert_eq!(text(&listed[0], "public_key"), key.public_key().to_string());
        // One key may have several purposes, but none twice.
        folder.run(&["keys", "import", &name, "--purpose", "scope_state"]).done();
        folder.run(&["keys", "import", &name, "--purpose", "scope_state"]).refused("key-manifest");
    }
    assert_eq!(keys(&folder).len(), 2 * KeyFileForm::ALL.len());
}

#[test]
fn rotation_overlaps_and_the_newer_key_signs() {
    let folder = Folder::with_store();
    folder.executed(1);
    folder.run(&["export", "before.json"]).done();
    let rotated = folder
        .run(&[
            "keys",
            "rotate",
            "--purpose",
            "export_signing",
            "--environment",
            "test",
            "--overlap-hours",
            "48",
        ])
        .done();
    let [old, new] = [
        text(&rotated, "replaced").to_owned(),
        text(&rotated.get("keys").and_then(Value::as_array).unwrap()[0], "public_key").to_owned(),
    ];
    folder.run(&["export", "after.json"]).done();
    let walk = Layers { walk_events: true, verify_closure: false };
    for (name, key) in [("before.json", &old), ("after.json", &new)] {
        assert!(folder.verify(name, walk).passed(), "{name}");
        let manifest = crate::support::json(&folder.read(&format!("{name}.manifest.json")));
        assert_eq!(text(&manifest, "public_key"), *key);
    }
    let check = ["keys", "check", "--purpose", "export_signing", "--to", "2027-01-01T00:00:00Z"];
    folder.run(&check).done();
    folder.run(&[&check[..], &["--from", "2026-01-01T00:00:00Z"]].concat()).refused("KEY-03");
    let listed = keys(&folder);
    let entry = listed.iter().find(|key| text(key, "public_key") == old).unwrap();
    assert_eq!(text(entry, "valid_to"), text(&rotated, "replaced_valid_to").replace(".000000", ""));
}

#[test]
fn what_is_taken_back_signs_no_more() {
    let folder = Folder::with_store();
    folder.run(&["append", "--type", "note"]).done();
    folder.run(&["checkpoint", "--output", "before.json"]).done();
    let listed = keys(&folder);
    let key = |purpose: &str| {
        let entry = listed.iter().find(|key| text(key, "purpose") == purpose).unwrap();
        text(entry, "public_key").to_owned()
    };
    let checkpoint = key("integrity_checkpoint");
    folder
        .run(&["keys", "revoke", "--public-key", &checkpoint, "--purpose", "integrity_checkpoint"])
        .done();
    let before = folder.everything();
    folder.run(&["checkpoint"]).refused("KEY-04");
    folder
        .run(&["keys", "revoke", "--public-key", &checkpoint, "--purpose", "integrity_checkpoint"])
        .refused("key-manifest");
    folder
        .run(&["keys", "revoke", "--public-key", "ed25519:AAAA", "--compromised"])
        .error("44 characters");
    assert!(folder.everything() == before);
    let export = key("export_signing");
    folder
        .run(&[
            "keys",
            "revoke",
            "--public-key",
            &export,
            "--purpose",
            "export_signing",
            "--retire",
        ])
        .done();
    folder.run(&["export", "x.json", "--form", "events"]).refused("KEY-03");
    let binding = key("permit_binding_signing");
    folder.run(&["keys", "revoke", "--public-key", &binding, "--compromised"]).done();
    folder.executed(1);
    folder.close(1, "timeout", &[]).refused("KEY-04");
}

#[test]
fn confm_05_keys_of_tests_are_marked_and_those_of_production_are_not() {
    let folder = Folder::with_store();
    folder.run(&["keys", "generate", "--purpose", "scope_state"]).done();
    let manifest = folder.read("s/keys/key-manifest.json");
    let manifest = permit_keys::KeyManifest::read(&manifest, &Default::default()).unwrap();
    assert!(manifest.notices().is_empty());
    for entry in manifest.entries() {
        assert_eq!(entry.is_test(), entry.purpose_text() != Some("scope_state"));
    }
    // The published manifest is the one in the folder.
    folder.run(&["keys", "manifest", "--output", "published.json"]).done();
    assert_eq!(folder.read("published.json"), folder.read("s/keys/key-manifest.json"));
    folder.run(&["keys", "manifest", "--output", "published.json"]).error("exists already");
}

#[test]
fn several_who_change_the_manifest_lose_nothing() {
    let folder = Folder::new();
    folder.run(&["init", "--project-id", PROJECT]).done();
    let args = ["keys", "generate", "--purpose", "export_signing", "--purpose", "scope_state"];
    let children: Vec<_> = (0..4)
        .map(|_| folder.command(&args).stdout(std::process::Stdio::null()).spawn().unwrap())
        .collect();
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    assert_eq!(keys(&folder).len(), 8);
}
