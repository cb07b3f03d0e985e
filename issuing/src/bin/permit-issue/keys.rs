// SPDX-License-Identifier: Apache-2.0

//! `keys`: making, showing, replacing and taking back keys.

use permit_canonical_json::{Budget, Value};
use permit_issuing::{Existing, KeyFolder, Refusal, read_key, write_whole};
use permit_keys::{
    EntryDraft, KeyEntry, KeyManifestDraft, KeyPurpose, PublicKey, Signer as _, SoftwareKey,
};
use permit_types::Rfc3339;

use crate::{
    acts::refuse_own,
    answer::{Answer, Failure},
    args::{
        AttachArgs, CheckArgs, Common, EntryArgs, GenerateArgs, ImportArgs, KeysCommand,
        OutputArgs, RevokeKeyArgs, RotateArgs,
    },
    input,
};

pub(crate) fn run(common: &Common, command: &KeysCommand) -> Result<Answer, Failure> {
    let folder = KeyFolder::new(common.key_folder());
    match command {
        KeysCommand::Generate(args) => generate(common, &folder, args),
        KeysCommand::Import(args) => import(common, &folder, args),
        KeysCommand::Attach(args) => attach(common, &folder, args),
        KeysCommand::Show => show(&folder),
        KeysCommand::Manifest(args) => manifest(common, &folder, args),
        KeysCommand::Rotate(args) => rotate(common, &folder, args),
        KeysCommand::Revoke(args) => revoke(common, &folder, args),
        KeysCommand::Check(args) => check(common, &folder, args),
    }
}

fn generate(common: &Common, folder: &KeyFolder, args: &GenerateArgs) -> Result<Answer, Failure> {
    let mut answer = Answer::default();
    let mut made = Vec::new();
    for purpose in &args.purposes {
        let key = SoftwareKey::from_seed(&*input::random()?);
        let entry = entry(common, purpose.0, key.public_key(), &args.entry)?;
        // First the key: a manifest that lists a key that nobody has would be worse than the reverse.
        folder.store(&key)?;
        folder.change(|draft| draft.add(entry))?;
        answer = answer.line(shown(purpose.0, &key.public_key()));
        made.push(described(purpose.0, &key.public_key()));
    }
    Ok(answer.with("keys", Value::array(made)))
}

fn import(common: &Common, folder: &KeyFolder, args: &ImportArgs) -> Result<Answer, Failure> {
    let key = read_key(&args.file)?;
    let (purpose, public_key) = (args.purpose.0, key.public_key());
    let entry = entry(common, purpose, public_key, &args.entry)?;
    if !folder.has(&public_key) {
        folder.store(&key)?;
    }
    folder.change(|draft| draft.add(entry))?;
    Ok(Answer::new(shown(purpose, &public_key))
        .with("keys", Value::array([described(purpose, &public_key)])))
}

fn attach(common: &Common, folder: &KeyFolder, args: &AttachArgs) -> Result<Answer, Failure> {
    let (purpose, public_key) = (args.purpose.0, public_key(&args.public_key)?);
    let command = shlex::split(&args.command).filter(|words| !words.is_empty());
    let command = command.ok_or_else(|| {
        input::not_a("command", &args.command, "write it as for a shell, with its quotes closed")
    })?;
    let entry = entry(common, purpose, public_key, &args.entry)?;
    if !folder.has(&public_key) {
        folder.store_command(&public_key, &command, args.seconds)?;
    }
    folder.change(|draft| draft.add(entry))?;
    Ok(Answer::new(shown(purpose, &public_key))
        .with("keys", Value::array([described(purpose, &public_key)])))
}

fn show(folder: &KeyFolder) -> Result<Answer, Failure> {
    let manifest = folder.manifest()?;
    let mut answer = Answer::default();
    let mut keys = Vec::new();
    for entry in manifest.entries() {
        let held = entry.public_key().is_ok_and(|key| folder.has(key));
        answer = answer.line(entry_line(entry, held));
        keys.push(entry_value(entry, held));
    }
    Ok(answer.with("keys", Value::array(keys)))
}

fn manifest(common: &Common, folder: &KeyFolder, args: &OutputArgs) -> Result<Answer, Failure> {
    let bytes = folder.manifest_bytes()?;
    let digest = folder.manifest()?.digest();
    let answer = match &args.output {
        Some(path) => {
            refuse_own(common, path)?;
            write_whole(path, &bytes, existing(args.force))?;
            Answer::new(format!("key manifest: {}", path.display()))
                .line(format!("sha256:{digest}"))
                .with("file", path.display().to_string())
        }
        None => {
            let text = String::from_utf8_lossy(&bytes).trim_end().to_owned();
            Answer::new(text).with("key_manifest", input::json_of(&bytes, "the key manifest")?)
        }
    };
    Ok(answer.with("digest", digest.prefixed().to_string()))
}

fn rotate(common: &Common, folder: &KeyFolder, args: &RotateArgs) -> Result<Answer, Failure> {
    let at = input::time(common)?;
    let old = folder.active(args.purpose.0, at.instant())?;
    let key = SoftwareKey::from_seed(&*input::random()?);
    let new = entry(common, args.purpose.0, key.public_key(), &args.entry)?;
    let begins = input::optional_time("--valid-from", args.entry.valid_from.as_ref())?;
    let until = hours_after(begins.as_ref().unwrap_or(&at), args.overlap_hours)?;
    folder.store(&key)?;
    folder.change(|draft| draft.rotate(&old, &until, new))?;
    Ok(Answer::new(shown(args.purpose.0, &key.public_key()))
        .line(format!("the key before it, {old}, signs until {until}"))
        .with("keys", Value::array([described(args.purpose.0, &key.public_key())]))
        .with("replaced", old.to_string())
        .with("replaced_valid_to", until.to_string()))
}

fn revoke(common: &Common, folder: &KeyFolder, args: &RevokeKeyArgs) -> Result<Answer, Failure> {
    let key = public_key(&args.public_key)?;
    let at = match input::optional_time("--effective", args.effective.as_ref())? {
        Some(at) => at,
        None => input::time(common)?,
    };
    let what = match args.purpose {
        _ if args.compromised => {
            folder.change(|draft| draft.mark_compromised(&key, &at))?;
            "compromised"
        }
        Some(purpose) if args.retire => {
            folder.change(|draft| draft.retire(&key, purpose.0, &at))?;
            "retired"
        }
        Some(purpose) => {
            folder.change(|draft| draft.revoke(&key, purpose.0, &at))?;
            "revoked"
        }
        None => return Err(Failure::error("no purpose is named", "name it with --purpose")),
    };
    Ok(Answer::new(format!("{key} is {what}, from {at}"))
        .line("publish the key manifest again: who has an old one knows nothing of it")
        .with("public_key", key.to_string())
        .with("status", what)
        .with("at", at.to_string()))
}

/// A gap is a refusal: a script that looks for one has found it.
fn check(common: &Common, folder: &KeyFolder, args: &CheckArgs) -> Result<Answer, Failure> {
    let from = match input::optional_time("--from", args.from.as_ref())? {
        Some(from) => from,
        None => input::time(common)?,
    };
    let to = input::parse_time("--to", &args.to)?;
    let purpose = args.purpose.0;
    let draft = KeyManifestDraft::read(&folder.manifest_bytes()?, &Budget::default());
    let gaps = draft.and_then(|draft| draft.gaps(purpose, from.instant(), to.instant()));
    let gaps = gaps.map_err(permit_issuing::KeyFolderError::from)?;
    if gaps.is_empty() {
        return Ok(Answer::new(format!(
            "{purpose}: somebody may sign at any time from {from} to {to}"
        ))
        .with("purpose", purpose.as_str()));
    }
    let shown: Vec<_> = gaps.iter().map(|gap| format!("from {} to {}", gap.from, gap.to)).collect();
    let reason = format!("nobody may sign for `{purpose}` {}", shown.join(", and "));
    Err(Refusal::new("KEY-03", reason).into())
}

fn entry(
    common: &Common,
    purpose: KeyPurpose,
    key: PublicKey,
    args: &EntryArgs,
) -> Result<EntryDraft, Failure> {
    let from = match input::optional_time("--valid-from", args.valid_from.as_ref())? {
        Some(from) => from,
        None => input::time(common)?,
    };
    let mut entry = EntryDraft::new(purpose, key).valid_from(from);
    if let Some(to) = input::optional_time("--valid-to", args.valid_to.as_ref())? {
        entry = entry.valid_to(to);
    }
    if let Some(environment) = &args.environment {
        entry = entry.environment(environment);
    }
    Ok(entry)
}

fn hours_after(at: &Rfc3339, hours: u32) -> Result<Rfc3339, Failure> {
    let after = at.instant().to_jiff().checked_add(jiff::SignedDuration::from_hours(hours.into()));
    let after = after.ok().and_then(|after| Rfc3339::parse(&after.to_string()));
    after.ok_or_else(|| {
        Failure::from(Refusal::new("KEY-03", "the windows would end after the year 9999"))
    })
}

fn public_key(text: &str) -> Result<PublicKey, Failure> {
    PublicKey::parse(text).map_err(|error| {
        Failure::error(error.to_string(), "give `ed25519:` and the base64 of 32 bytes")
    })
}

pub(crate) fn existing(force: bool) -> Existing {
    if force { Existing::Replace } else { Existing::Keep }
}

fn shown(purpose: KeyPurpose, key: &PublicKey) -> String {
    format!("{purpose}: {key} ({})", key.export_key_id())
}

fn described(purpose: KeyPurpose, key: &PublicKey) -> Value<'static> {
    Value::object([
        ("purpose", purpose.as_str().to_owned()),
        ("public_key", key.to_string()),
        ("export_key_id", key.export_key_id().to_string()),
        ("binding_key_id", key.binding_key_id().to_string()),
    ])
}

fn entry_line(entry: &KeyEntry, held: bool) -> String {
    let key = entry.public_key_text().unwrap_or("no key");
    let purpose = entry.purpose_text().unwrap_or("no purpose");
    let status = entry.status().unwrap_or("no status");
    let end = |bound: permit_keys::WindowBound| match bound.instant() {
        Some(instant) => instant.to_string(),
        None => "open".to_owned(),
    };
    let (from, to) = (end(entry.window().from), end(entry.window().to));
    let test = if entry.is_test() { ", test" } else { "" };
    let held = if held { "" } else { ", no private key here" };
    format!("{purpose}: {key} {status}, {from} to {to}{test}{held}")
}

fn entry_value(entry: &KeyEntry, held: bool) -> Value<'static> {
    let text = |text: Option<&str>| Value::from(text.map(str::to_owned));
    let end = |bound: permit_keys::WindowBound| {
        Value::from(bound.instant().map(|instant| instant.to_string()))
    };
    Value::object([
        ("key_id", text(entry.key_id())),
        ("purpose", text(entry.purpose_text())),
        ("public_key", text(entry.public_key_text())),
        ("status", text(entry.status())),
        ("environment", text(entry.environment())),
        ("valid_from", end(entry.window().from)),
        ("valid_to", end(entry.window().to)),
        ("has_private_key", held.into()),
    ])
}
