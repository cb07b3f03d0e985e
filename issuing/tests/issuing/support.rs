// SPDX-License-Identifier: Apache-2.0

//! A project in a folder of its own, and the command run in it.

use std::{
    collections::BTreeMap,
    fs,
    io::Cursor,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use permit_canonical_json::{Budget, Value, read};
use permit_keys::{KeyManifest, Mode};
use permit_verifier::{
    ExportEvidence, ExportOptions, Layers, NamedFile, Report, Trust, verify_export,
};
use tempfile::TempDir;

pub(crate) const PROJECT: &str = "00000000-0000-4000-8000-0000000000a1";
pub(crate) const ACTOR: &str = "30000000-0000-4000-8000-000000000001";

/// The id of a permit.
pub(crate) fn id(number: u32) -> String {
    format!("00000000-0000-4000-8000-{number:012}")
}

/// A morning in May, so many minutes after eight.
pub(crate) fn minute(minutes: u32) -> String {
    format!("2026-05-11T{:02}:{:02}:00Z", 8 + minutes / 60, minutes % 60)
}

pub(crate) fn json(bytes: &[u8]) -> Value<'static> {
    read(bytes, &Budget::default()).expect("this is JSON").into_owned()
}

/// A folder with a store `s`, and time that goes on by a minute with each command.
pub(crate) struct Folder {
    folder: TempDir,
    minutes: std::cell::Cell<u32>,
}

/// What a command answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: i32,
    pub(crate) json: Value<'static>,
}

impl Answer {
    #[track_caller]
    pub(crate) fn done(self) -> Value<'static> {
        assert_eq!(self.status, 0, "{:?}", self.json);
        assert_eq!(self.text("outcome"), "done");
        self.json
    }

    #[track_caller]
    pub(crate) fn refused(self, rule: &str) -> Value<'static> {
        assert_eq!(self.status, 1, "{:?}", self.json);
        assert_eq!((self.text("outcome"), self.text("rule")), ("refused", rule), "{:?}", self.json);
        self.json
    }

    #[track_caller]
    pub(crate) fn error(self, part: &str) {
        assert_eq!(self.status, 2, "{:?}", self.json);
        let message = self.text("message");
        assert!(message.contains(part), "`{message}` says nothing of `{part}`");
    }

    pub(crate) fn text(&self, name: &str) -> &str {
        self.json.get(name).and_then(Value::as_str).unwrap_or_default()
    }
}

impl Folder {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("there is room for a folder");
        let folder = Self { folder, minutes: std::cell::Cell::new(0) };
        folder.write(
            "request.json",
            r#"{"model":"example-large","prompt":"Where is my order?","request_id":"r1"}"#,
        );
        folder.write("other-request.json", r#"{"model":"example-large","prompt":"Refund me."}"#);
        folder.write("response.bin", "It left our warehouse this morning.");
        let envelope = |actions: &str| {
            format!(
                r#"{{"actions":{actions},"tools":[],"providers":["ex"],"models":[],"data_classes":[],"regions":["eu"],"expires_at":"2027-01-01T00:00:00Z"}}"#
            )
        };
        folder.write("root.json", &envelope(r#"["read","write"]"#));
        folder.write("less.json", &envelope(r#"["read"]"#));
        folder.write("more.json", &envelope(r#"["read","delete"]"#));
        folder
    }

    /// With a store and a key for each purpose of an issuer.
    pub(crate) fn with_store() -> Self {
        let folder = Self::new();
        folder.run(&["init", "--project-id", PROJECT]).done();
        folder.keys();
        folder
    }

    pub(crate) fn keys(&self) {
        let purposes = ["export_signing", "permit_binding_signing", "integrity_checkpoint"];
        let mut args = vec!["keys", "generate", "--environment", "test"];
        args.extend(purposes.iter().flat_map(|purpose| ["--purpose", purpose]));
        self.run(&args).done();
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).expect("the folder can be written to");
    }

    pub(crate) fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap_or_else(|problem| panic!("{name}: {problem}"))
    }

    /// The command, at a time of its own.
    ///
    /// It waits for the store: where tests run beside each other in one process, children that are just being
    /// started have its open files, and locks with them, for an instant.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = self.impatient_command(&[]);
        command.arg("--wait").args(args);
        if !args.contains(&"--at") {
            command.args(["--at", &minute(self.minutes.get())]);
        }
        command
    }

    /// The command, which gives up where the store is in use.
    pub(crate) fn impatient(&self, args: &[&str]) -> Answer {
        let output = self.impatient_command(args).output().expect("the command can be started");
        answer(&output)
    }

    fn impatient_command(&self, args: &[&str]) -> Command {
        self.minutes.set(self.minutes.get() + 1);
        let mut command = Command::new(env!("CARGO_BIN_EXE_permit-issue"));
        command.current_dir(self.folder.path()).args([
            "--store",
            "s",
            "--id-seed",
            "tests",
            "--json",
        ]);
        command.args(args).stdin(Stdio::null());
        command
    }

    pub(crate) fn run(&self, args: &[&str]) -> Answer {
        let output = self.command(args).output().expect("the command can be started");
        answer(&output)
    }

    /// The command with this on its standard input.
    pub(crate) fn run_with(&self, args: &[&str], input: &str) -> Answer {
        use std::io::Write as _;
        let mut command = self.command(args);
        let command = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the command can be started");
        // It may answer without having read everything.
        let _ = child.stdin.take().expect("it has an input").write_all(input.as_bytes());
        answer(&child.wait_with_output().expect("the command ends"))
    }

    /// `permit` with what every permit has.
    pub(crate) fn permit(&self, decision: &str, number: u32, more: &[&str]) -> Answer {
        let id = id(number);
        let mut args = vec!["permit", decision, "--id", &id];
        args.extend(PERMIT);
        args.extend(more);
        self.run(&args)
    }

    pub(crate) fn delegate(&self, parent: u32, number: u32, envelope: &str) -> Answer {
        let (parent, id) = (id(parent), id(number));
        let mut args = vec!["delegate", &parent, "--id", &id, "--envelope", envelope];
        args.extend(PERMIT);
        self.run(&args)
    }

    /// A permit that was sent and answered.
    pub(crate) fn executed(&self, number: u32) {
        let name = id(number);
        self.permit("allow", number, &["--wire-body", "wire.json", "--force"]).done();
        self.run(&["dispatch", &name, "--body", "wire.json"]).done();
    }

    pub(crate) fn close(&self, number: u32, status: &str, more: &[&str]) -> Answer {
        let name = id(number);
        let mut args = vec!["close", &name, "--status", status];
        args.extend(more);
        self.run(&args)
    }

    /// Every file and its bytes.
    pub(crate) fn everything(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut files = BTreeMap::new();
        collect(self.folder.path(), &mut files);
        files
    }

    pub(crate) fn trust(&self) -> Trust {
        let manifest = self.read("s/keys/key-manifest.json");
        let manifest = KeyManifest::read(&manifest, &Budget::default()).expect("a key manifest");
        Trust::key_manifest(manifest, "the key manifest of the project").in_mode(Mode::Test)
    }

    /// Verifies an export, with all layers that it has.
    pub(crate) fn verify(&self, name: &str, layers: Layers) -> Report {
        let manifest_name = format!("{name}.manifest.json");
        let manifest = NamedFile::new(&*manifest_name, self.read(&manifest_name));
        let evidence = ExportEvidence::new(name, Cursor::new(self.read(name)), manifest);
        let mut options = ExportOptions::default();
        options.layers = layers;
        options.strict = true;
        verify_export(evidence, &self.trust(), &options).expect("memory can be read")
    }
}

pub(crate) const PERMIT: [&str; 18] = [
    "--subject-type",
    "agent",
    "--subject-id",
    "shop-agent-3",
    "--action",
    "mail.draft_reply",
    "--provider",
    "ex",
    "--model",
    "example-large",
    "--policy-id",
    "shop-agents",
    "--policy-version",
    "2026-05-01",
    "--reason",
    "drafts need no approval",
    "--request",
    "request.json",
];

fn answer(output: &Output) -> Answer {
    let line = output.stdout.split(|byte| *byte == b'\n').rfind(|line| !line.is_empty());
    let shown = String::from_utf8_lossy(&output.stderr);
    let line = line.unwrap_or_else(|| panic!("it answers nothing: {shown}"));
    Answer { status: output.status.code().expect("it was not killed"), json: json(line) }
}

fn collect(folder: &Path, files: &mut BTreeMap<PathBuf, Vec<u8>>) {
    for entry in fs::read_dir(folder).expect("the folder can be read") {
        let path = entry.expect("its entries, too").path();
        if path.is_dir() {
            collect(&path, files);
        } else {
            files.insert(path.clone(), fs::read(&path).expect("its files, too"));
        }
    }
}
