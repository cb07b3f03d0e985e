// SPDX-License-Identifier: Apache-2.0

//! `permit-verify digest`

use std::process::ExitCode;

use permit_canonical_json::{Budget, Excerpt, Profile, Sha256Digest, StrippedKeys, Value, read};
use permit_chain::{EntryFields, RecordHashInputs, record_hash_v1};
use permit_claims::to_pretty_text;

use crate::{
    args::{DigestArgs, DigestProfile, Format},
    files, output,
};

/// Status 1 if a document has no digest: it is not JSON, or not what is hashed.
pub(crate) fn run(args: &DigestArgs) -> ExitCode {
    let mut digests = Vec::new();
    for path in &args.files {
        let bytes = match files::read_small(path, LARGEST_DOCUMENT) {
            Ok(bytes) => bytes,
            Err(error) => return output::cannot_read("document", path, &error),
        };
        let name = path.display().to_string();
        let digest = digest(&name, &bytes, args.profile);
        digests.push((name, digest));
    }
    let refused = digests.iter().any(|(_, digest)| digest.is_err());
    let text = match args.output.format() {
        Format::Text => as_text(&digests),
        _ => as_json(digests),
    };
    output::text(&text, &args.output, u8::from(refused))
}

fn digest(name: &str, bytes: &[u8], profile: DigestProfile) -> Result<Sha256Digest, String> {
    let profile = match profile {
        DigestProfile::Payload => Profile::Payload,
        DigestProfile::WireBody => Profile::WireBody(StrippedKeys::v1()),
        DigestProfile::RecordHash => return record_hash(bytes),
    };
    if !name.ends_with(".jsonl") {
        let document = read(bytes, &Budget::default()).map_err(|error| error.to_string())?;
        return profile.digest(&document).map_err(|error| error.to_string());
    }
    let mut forms = String::new();
    let lines = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    for (number, line) in (1_u64..).zip(lines.split(|byte| *byte == b'\n')) {
        let in_line = |error: &dyn std::fmt::Display| format!("line {number}: {error}");
        let document = read(line, &Budget::default()).map_err(|error| in_line(&error))?;
        forms.push_str(&profile.to_text(&document).map_err(|error| in_line(&error))?);
        forms.push('\n');
    }
    Ok(Sha256Digest::of(forms.as_bytes()))
}

fn record_hash(bytes: &[u8]) -> Result<Sha256Digest, String> {
    let entry = read(bytes, &Budget::default()).map_err(|error| error.to_string())?;
    let object = entry.as_object().ok_or("a chain entry is an object")?;
    let fields = EntryFields::of_entry(object, entry.range());
    let number = fields.sequence_number.and_then(Value::as_u64);
    let inputs = RecordHashInputs::check(&fields, number).map_err(|problem| problem.to_string())?;
    Ok(record_hash_v1(&inputs))
}

fn as_text(digests: &[(String, Result<Sha256Digest, String>)]) -> String {
    let line = |(name, digest): &(String, Result<Sha256Digest, String>)| match digest {
        Ok(digest) => format!("{digest}  {}\n", Excerpt(name)),
        Err(reason) => format!("refused: {}  {}\n", Excerpt(reason), Excerpt(name)),
    };
    digests.iter().map(line).collect()
}

fn as_json(digests: Vec<(String, Result<Sha256Digest, String>)>) -> String {
    let refused: Vec<(String, Value<'static>)> = digests
        .iter()
        .filter_map(|(name, digest)| Some((name.clone(), digest.as_ref().err()?.clone().into())))
        .collect();
    let digests = digests
        .into_iter()
        .map(|(name, digest)| (name, Value::from(digest.ok().map(|digest| digest.to_string()))));
    to_pretty_text(&Value::object([
        ("digests", Value::object(digests)),
        ("refused", Value::object(refused)),
    ]))
}

const LARGEST_DOCUMENT: u64 = 256 * 1024 * 1024;
