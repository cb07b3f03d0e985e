// SPDX-License-Identifier: Apache-2.0

//! Worked examples of canonical texts, permits, keys, manifests and reports.

use permit_canonical_json::{
    Budget, HashedArtifact, Object, Profile, Sha256Digest, Value, WireBody, from_value, read,
    read_text,
};
use permit_claims::Verdict;
use permit_keys::{KeyManifest, Mode, SignedMessage, Signer as _, SoftwareKey};
use permit_types::{Artifact, Location, Permit, check_permit};

use super::{
    markdown::{Table, code, facts, fenced, json},
    story::{Story, ensure},
};
use crate::ChoreError;

/// A text, its canonical form, its digest.
pub(crate) fn payload() -> Result<String, ChoreError> {
    let text = "{\"z\": [1, 1.0, 1e5, 1E-7, -0],\n \"a\": \"\\u00e9 \\/ \\u2028\", \"\\u00e9\": null, \"B\": \"tab\\t\"}";
    let value = read_text(text, &Budget::default())?;
    let canonical = Profile::Payload.to_text(&value)?;
    let again = Profile::Payload.to_text(&read_text(&canonical, &Budget::default())?)?;
    ensure(again == canonical, "the canonical text is its own")?;
    let digest = Sha256Digest::of(canonical.as_bytes());
    ensure(Profile::Payload.digest(&value)? == digest, "the digest is that of the text")?;
    Ok(format!(
        "The text\n\n{}\nis written as\n\n{}\n(the blank in the second string is U+2028), which has {} bytes and the digest\n\n{}",
        fenced("json", text),
        fenced("text", &canonical.replace('\u{2028}', " ")),
        canonical.len(),
        fenced("text", &digest.to_string()),
    ))
}

/// A request, what is sent of it, the hash that a permit binds.
pub(crate) fn wire_body(story: &Story) -> Result<String, ChoreError> {
    let request = r#"{"item": "desk lamp", "pieces": 40, "idempotency_key": "reorder-77"}"#;
    let body = WireBody::new(&read_text(request, &Budget::default())?)?;
    let permit = story.permit(2)?;
    let bound = permit.binding_request_hash.map(|hash| hash.to_string());
    ensure(bound == Some(body.digest().to_string()), "the permit binds the request")?;
    ensure(Sha256Digest::of(body.text().as_bytes()) == body.digest(), "what is sent is hashed")?;
    Ok(format!(
        "The agent wants to send\n\n{}\nWhat is hashed and sent:\n\n{}\n{}",
        fenced("json", request),
        fenced("text", body.text()),
        facts([("`binding_request_hash`", &body.digest().to_string())]),
    ))
}

/// Two permits of the export.
pub(crate) fn permit(story: &Story) -> Result<String, ChoreError> {
    let mut text = String::new();
    for index in [0, 1] {
        let record = story.record(index)?;
        let permit = record.get("permit").ok_or("no permit")?;
        let findings = check_permit(permit, &Location::whole(Artifact::Export));
        ensure(findings.is_empty(), "the permit has no faults")?;
        let _: Permit = from_value(permit)?;
        text.push_str(&json(permit));
        text.push('\n');
    }
    Ok(text)
}

/// The trust root of the examples, and how one of its keys is found.
pub(crate) fn key_manifest(story: &Story) -> Result<String, ChoreError> {
    let root = read(&story.trust_root, &Budget::default())?;
    let keys = KeyManifest::read(&story.trust_root, &Budget::default())?;
    let hash = Sha256Digest::of(&story.export);
    let key = &story.keys.export;
    let signature = key.sign_export_manifest(hash)?.to_string();
    let fingerprint = Sha256Digest::of(key.public_key().as_bytes()).to_string();
    let id = fingerprint.get(..32).ok_or("a digest is longer than that")?;
    ensure(key.key_id().to_string() == format!("sha256:{id}"), "the id is the start of the hash")?;
    let manifest = read(&story.manifest, &Budget::default())?;
    ensure(
        manifest.get("signature").and_then(Value::as_str) == Some(signature.as_str()),
        "the signature is that of the export",
    )?;
    let message = SignedMessage::export_manifest(hash);
    let message = String::from_utf8(message.as_bytes().to_vec())?;
    ensure(keys.entries().len() == 2, "two keys")?;
    Ok(format!(
        "The private keys of all examples are published. Each is the Ed25519 seed `SHA-256(text)`:\n\n{}\nThe trust root in `examples/`:\n\n{}\nIts first key signs the export in `examples/shop-agent`:\n\n{}",
        seeds(story)?,
        json(&root),
        facts([
            ("SHA-256 of the 32 key bytes", &fingerprint),
            ("`key_id`", &key.key_id().to_string()),
            ("message", &message),
            ("signature", &signature),
        ]),
    ))
}

/// Where the keys of the examples come from.
fn seeds(story: &Story) -> Result<String, ChoreError> {
    let mut table = Table::new(["Text", "Seed", "Public key"]);
    for (name, public_key) in [
        ("export key", story.keys.export.public_key().to_string()),
        ("binding key", story.keys.binding.public_key().to_string()),
        ("checkpoint key", story.checkpoint_key.public_key().to_string()),
        ("scope key", story.scope_key.public_key().to_string()),
        ("operator key", story.operator_key.public_key().to_string()),
        ("buyer key", story.buyer_key.public_key().to_string()),
    ] {
        let text = format!("permit-rs examples: {name}");
        let seed = Sha256Digest::of(text.as_bytes());
        let key = SoftwareKey::from_seed(seed.as_bytes());
        ensure(key.public_key().to_string() == public_key, "the key comes from its seed")?;
        table.row([&code(&text), &code(&seed.to_string()), &code(&public_key)]);
    }
    Ok(table.finish())
}

/// The manifest of the export.
pub(crate) fn manifest(story: &Story) -> Result<String, ChoreError> {
    let report = story.report(&story.export, &story.manifest)?;
    ensure(report.passed(), "the export is verified")?;
    let manifest = read(&story.manifest, &Budget::default())?;
    let hash = Sha256Digest::of(&story.export).prefixed().to_string();
    ensure(
        manifest.get("content_hash").and_then(Value::as_str) == Some(hash.as_str()),
        "the hash is that of the file",
    )?;
    let bytes = story.export.len().to_string();
    Ok(format!(
        "{}\n{}",
        json(&manifest),
        facts([
            ("bytes of `export.json`", bytes.as_str()),
            ("SHA-256 of these bytes, and message that is signed", &hash),
        ])
    ))
}

/// The claims of the export, and of the export that was altered.
pub(crate) fn report(story: &Story) -> Result<String, ChoreError> {
    let good = story.report(&story.export, &story.manifest)?;
    let bad = story.report(&story.altered.0, &story.altered.1)?;
    ensure(good.passed() && !bad.passed(), "one is verified and one is not")?;
    let mut table = Table::new(["Claim", "`shop-agent`", "`shop-agent-altered`"]);
    for claim in &good.claims {
        ensure(claim.verdict == Verdict::Supported, "every claim is supported")?;
        let altered = bad.claim(claim.claim).map(|claim| (claim.verdict, claim.reason.as_str()));
        let also = bad.also_judged.iter().find(|judged| judged.claim == claim.claim);
        let altered = altered.or(also.map(|judged| (judged.verdict, judged.reason.as_str())));
        let altered = altered.map_or("not judged".to_owned(), |(verdict, reason)| {
            format!("{}, {}", code(verdict.as_str()), code(reason))
        });
        let own = format!("{}, {}", code(claim.verdict.as_str()), code(claim.reason.as_str()));
        table.row([&code(claim.claim.as_str()), &own, &altered]);
    }
    let headline = bad.headline().ok_or("the altered export has a finding")?;
    Ok(format!(
        "{}\nThe second one was signed anew by somebody who holds the export key. What shows it, at {}:\n\n{}",
        table.finish(),
        code(&headline.at.pointer.to_string()),
        facts([
            ("code", headline.reason.as_str()),
            ("rule", headline.rule.map_or("", |rule| rule.as_str())),
            ("expected", headline.expected.as_deref().unwrap_or_default()),
            ("found", headline.actual.as_deref().unwrap_or_default()),
        ])
    ))
}

/// The events of the story.
pub(crate) fn story(story: &Story) -> Result<String, ChoreError> {
    let mut table = Table::new(["Number", "At", "Event", "Of", "Record hash"]);
    for entry in &story.chain {
        let at = entry.created_at.as_str();
        let hash: String = entry.record_hash.to_string().chars().take(16).collect();
        let permit = entry.resource_id.as_deref().unwrap_or_default();
        table.row([
            &entry.sequence_number.get().to_string(),
            at.get(11..23).unwrap_or(at),
            &code(entry.event_type.as_str()),
            &code(permit.get(..8).unwrap_or(permit)),
            &format!("`{hash}…`"),
        ]);
    }
    Ok(table.finish())
}

/// The hash of an object without some of its members, as an artifact hashes it.
pub(crate) fn hash_without(
    artifact: HashedArtifact,
    object: &Object<'_>,
    left_out: &[&str],
) -> Result<(String, Sha256Digest), ChoreError> {
    let mut rest = object.clone();
    for name in left_out {
        rest.remove(name);
    }
    let text = artifact.profile().to_text(&rest.into())?;
    let digest = Sha256Digest::of(text.as_bytes());
    Ok((text, digest))
}

/// The mode of all examples.
pub(crate) const MODE: Mode = Mode::Test;
