// SPDX-License-Identifier: Apache-2.0

//! The story that the worked examples tell: the morning of `examples/shop-agent`, and what came
//! after it.
//!
//! ```text
//! 08:14  a reply is allowed, sent, answered, closed        from the export in `examples/`
//! 08:31  a refund is refused
//! 09:02  a reorder is allowed, sent, and times out
//! 11:00  the permit of the reorder is revoked
//! 12:00  a checkpoint
//! ```
//!
//! It is issued by the crates that any project would use, with keys that everybody knows, and
//! every piece of it is verified before a document shows it.

use permit_canonical_json::{Budget, Object, Sha256Digest, Value, from_value, read};
use permit_chain::{Appender, ChainHead, EventDraft};
use permit_keys::{
    BuyerPrincipal, IntegrityCheckpoint, KeyManifest, Mode, Operator, PurposeKey, ScopeState,
    SoftwareKey,
};
use permit_revocation::{Revocation, SignedRevocation};
use permit_types::{
    ActorId, ActorKind, ChainEntry, EventId, EventType, Instant, OpenObject, Permit, PermitId,
    ProjectId, RevocationReasonCode, Rfc3339,
};
use permit_verifier::{
    ExportEvidence, ExportOptions, Layers, NamedFile, Report, Threads, Trust, verify_export,
};

use crate::{ChoreError, example_bundle};

/// The story, told once for all examples.
pub(crate) struct Story {
    /// The keys of the export.
    pub(crate) keys: example_bundle::Keys,
    /// The key of checkpoints.
    pub(crate) checkpoint_key: PurposeKey<IntegrityCheckpoint>,
    /// The key of scope states.
    pub(crate) scope_key: PurposeKey<ScopeState>,
    /// The key of the operator.
    pub(crate) operator_key: PurposeKey<Operator>,
    /// The key of the buyer.
    pub(crate) buyer_key: PurposeKey<BuyerPrincipal>,
    /// The export, its manifest, the trust root: as files.
    pub(crate) export: Vec<u8>,
    pub(crate) manifest: Vec<u8>,
    pub(crate) trust_root: Vec<u8>,
    /// The export that an insider altered, and its manifest.
    pub(crate) altered: (Vec<u8>, Vec<u8>),
    /// The whole chain, the revocation included.
    pub(crate) chain: Vec<ChainEntry>,
    /// The revocation of the reorder's permit.
    pub(crate) revocation: SignedRevocation,
}

/// When the checkpoint was computed.
pub(crate) const COMPUTED_AT: &str = "2026-05-11T12:00:00.000000Z";

impl Story {
    /// Tells the story.
    pub(crate) fn tell() -> Result<Self, ChoreError> {
        let keys = example_bundle::Keys::of_examples();
        let seed = |name: &str| {
            let seed =
                *Sha256Digest::of(format!("permit-rs examples: {name}").as_bytes()).as_bytes();
            SoftwareKey::from_seed(&seed)
        };
        let files = example_bundle::files()?;
        let file = |path: &str| {
            let found = files.iter().find(|file| file.path == format!("examples/{path}"));
            found.map(|file| file.content.clone()).ok_or("an example is missing")
        };
        let export = file("shop-agent/export.json")?;
        let chain = chain_of(&export)?;
        let (chain, revocation) = revoked(chain, &keys)?;
        Ok(Self {
            keys,
            checkpoint_key: PurposeKey::new(seed("checkpoint key")),
            scope_key: PurposeKey::new(seed("scope key")),
            operator_key: PurposeKey::new(seed("operator key")),
            buyer_key: PurposeKey::new(seed("buyer key")),
            export,
            manifest: file("shop-agent/export.json.manifest.json")?,
            trust_root: file("trust-root.json")?,
            altered: (
                file("shop-agent-altered/export.json")?,
                file("shop-agent-altered/export.json.manifest.json")?,
            ),
            chain,
            revocation,
        })
    }

    /// The bundle of the export.
    pub(crate) fn bundle(&self) -> Result<Value<'_>, ChoreError> {
        Ok(read(&self.export, &Budget::default())?)
    }

    /// A record of the export.
    pub(crate) fn record(&self, index: usize) -> Result<Value<'static>, ChoreError> {
        let bundle = self.bundle()?;
        let records = bundle.get("records").and_then(Value::as_array).ok_or("no records")?;
        Ok(records.get(index).ok_or("no such record")?.clone().into_owned())
    }

    /// The permit of a record.
    pub(crate) fn permit(&self, index: usize) -> Result<Permit, ChoreError> {
        let record = self.record(index)?;
        Ok(from_value(record.get("permit").ok_or("no permit")?)?)
    }

    /// The key manifest that all of the story is verified by: the published one, and the keys that
    /// it does not need.
    pub(crate) fn trust(&self) -> Result<KeyManifest, ChoreError> {
        let root = read(&self.trust_root, &Budget::default())?;
        let published = root.get("keys").and_then(Value::as_array).ok_or("no keys")?;
        let mut entries: Vec<Value<'_>> = published.to_vec();
        let id = |name: &str| example_bundle::identifier(name);
        for (purpose, key_id, public_key, signer) in [
            (
                self.checkpoint_key.purpose().as_str(),
                self.checkpoint_key.key_id().to_string(),
                self.checkpoint_key.public_key().to_string(),
                None,
            ),
            (
                self.scope_key.purpose().as_str(),
                self.scope_key.key_id().to_string(),
                self.scope_key.public_key().to_string(),
                None,
            ),
            (
                self.operator_key.purpose().as_str(),
                self.operator_key.key_id().to_string(),
                self.operator_key.public_key().to_string(),
                Some(id("operator")),
            ),
            (
                self.buyer_key.purpose().as_str(),
                self.buyer_key.key_id().to_string(),
                self.buyer_key.public_key().to_string(),
                Some(id("buyer")),
            ),
        ] {
            let mut entry = Object::default();
            for (name, value) in [
                ("key_id", key_id),
                ("public_key", public_key),
                ("purpose", purpose.to_owned()),
                ("environment", "test".to_owned()),
                ("valid_from", "2026-01-01T00:00:00Z".to_owned()),
                ("account_id", id("project")),
            ] {
                entry.insert(name, value);
            }
            if let Some(signer) = signer {
                entry.insert("signer_id", signer);
            }
            entries.push(entry.into());
        }
        let text = permit_claims::to_pretty_text(&Value::object([("keys", Value::array(entries))]));
        Ok(KeyManifest::read(text.as_bytes(), &Budget::default())?)
    }

    /// The verifier's report on an export and its manifest, with the published trust root.
    pub(crate) fn report(&self, export: &[u8], manifest: &[u8]) -> Result<Report, ChoreError> {
        let keys = KeyManifest::read(&self.trust_root, &Budget::default())?;
        let trust = Trust::key_manifest(keys, "examples/trust-root.json").in_mode(Mode::Test);
        let mut options = ExportOptions::default();
        options.layers = Layers { walk_events: true, verify_closure: true };
        options.threads = Threads::One;
        let manifest = NamedFile::new("export.json.manifest.json", manifest.to_vec());
        let evidence = ExportEvidence::new("export.json", export, manifest);
        Ok(verify_export(evidence, &trust, &options)?)
    }
}

/// Complains if something that an example shows does not hold.
pub(crate) fn ensure(holds: bool, what: &str) -> Result<(), ChoreError> {
    if holds { Ok(()) } else { Err(format!("the example does not hold: {what}").into()) }
}

/// A time of the story.
pub(crate) fn time(text: &str) -> Result<Rfc3339, ChoreError> {
    Rfc3339::parse(text).ok_or_else(|| format!("`{text}` is no time").into())
}

/// An instant of the story.
pub(crate) fn instant(text: &str) -> Result<Instant, ChoreError> {
    Instant::parse(text).ok_or_else(|| format!("`{text}` is no time").into())
}

/// The entries of an export, in the order of the chain.
fn chain_of(export: &[u8]) -> Result<Vec<ChainEntry>, ChoreError> {
    let bundle = read(export, &Budget::default())?;
    let mut chain: Vec<ChainEntry> = Vec::new();
    for record in bundle.get("records").and_then(Value::as_array).unwrap_or_default() {
        for entry in record.get("chain_entries").and_then(Value::as_array).unwrap_or_default() {
            chain.push(from_value(entry)?);
        }
    }
    chain.sort_by_key(|entry| entry.sequence_number);
    Ok(chain)
}

/// The chain with the revocation at its end.
fn revoked(
    mut chain: Vec<ChainEntry>,
    keys: &example_bundle::Keys,
) -> Result<(Vec<ChainEntry>, SignedRevocation), ChoreError> {
    let permit = example_bundle::identifier("stock");
    let revocation = Revocation {
        permit_id: PermitId::parse(&permit).ok_or("no permit id")?,
        project_id: ProjectId::parse(&example_bundle::identifier("project")).ok_or("no project")?,
        actor_id: ActorId::parse(&example_bundle::identifier("shopkeeper")).ok_or("no actor")?,
        actor_kind: ActorKind::User,
        reason_code: RevocationReasonCode::parse("operator.requested").ok_or("no reason")?,
        revoked_at: time("2026-05-11T11:00:00.000000Z")?,
    }
    .issue(&keys.binding)?;
    let last = chain.last().ok_or("the chain is empty")?;
    let payload = revocation.to_event_payload();
    let payload = payload.as_object().ok_or("a revocation is an object")?.clone();
    let entry = Appender::new(ChainHead::after(last)).append(EventDraft {
        event_id: EventId::new(example_bundle::identifier("stock permit.revoked")),
        event_type: EventType::new("permit.revoked"),
        resource_type: Some("permit".to_owned()),
        resource_id: Some(permit),
        outcome: Some("success".to_owned()),
        severity: "info".to_owned(),
        payload_json: OpenObject::from(payload),
        created_at: instant("2026-05-11T11:00:00.010000Z")?,
    })?;
    chain.push(entry);
    Ok((chain, revocation))
}
