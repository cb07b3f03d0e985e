// SPDX-License-Identifier: Apache-2.0

//! A tiny gateway between agents and a provider, to be read from top to bottom.
//!
//! ```text
//! request ─► policy ─► permit ─► bind ─► dispatch ─► provider
//!                        │         │        │           │ response, hashed while it passes
//!                        ▼         ▼        ▼           ▼
//!                  chain of events ───────────────► closure ─► export, manifest, key manifest
//! ```

mod provider;

use std::{
    error::Error,
    fs,
    io::{self, Write as _},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::ExitCode,
};

use permit_canonical_json::{Budget, Sha256Digest, Value, WireBody, read_text};
use permit_chain::{Appender, ChainHead, EventStamp};
use permit_claims::to_pretty_text;
use permit_closure::{BoundPermit, ClosureDraft, Execution, LifecycleEvent};
use permit_export_bundle::{
    BundleEntries, BundleHead, BundleWriter, ExportFile, ExportWriterOptions, ManifestDraft,
};
use permit_keys::{
    ExportSigning, KeyManifest, KeyPurpose, Mode, PermitBindingSigning, PurposeKey, SoftwareKey,
};
use permit_pins::{Pin, PinWriter, RequestedClaim};
use permit_types::{
    AuditExportRecord, Bound, ChainEntry, ChainScope, Evaluated, IssuedPermit, NonEmptyText,
    Permit, PermitDraft, PermitFacts, PermitId, ProjectId, Rfc3339,
};
use permit_verifier::{Claim, ExportEvidence, ExportOptions, NamedFile, Trust, verify_export};

type Failure = Box<dyn Error>;

/// What agents ask for this morning.
const REQUESTS: [&str; 4] = [
    r#"{"model": "example-large", "max_tokens": 400, "text": "Where is my order?", "request_id": "1"}"#,
    r#"{"model": "example-secret", "max_tokens": 400, "text": "Read the payroll.", "request_id": "2"}"#,
    r#"{"model": "example-large", "max_tokens": 90000, "text": "Write a novel.", "request_id": "3"}"#,
    r#"{"model": "example-flaky", "max_tokens": 400, "text": "Are you there?", "request_id": "4"}"#,
];

fn main() -> ExitCode {
    let Some(folder) = std::env::args_os().nth(1).map(PathBuf::from) else {
        say("usage: permit-example-gateway FOLDER");
        return ExitCode::from(2);
    };
    match run(&folder) {
        Ok(verified) => ExitCode::from(u8::from(!verified)),
        Err(error) => {
            say(&format!("error: {error}"));
            ExitCode::from(2)
        }
    }
}

fn run(folder: &Path) -> Result<bool, Failure> {
    let mut gateway = Gateway::new(provider::start()?)?;
    for request in REQUESTS {
        gateway.handle(&read_text(request, &Budget::default())?)?;
    }
    gateway.export(folder)?;
    verify(folder)
}

/// The gateway: where requests go, who signs, and what happened so far.
struct Gateway {
    provider: String,
    project: ProjectId,
    chain: Appender,
    /// Closures are signed with one key, exports with another (BUNDLE-22).
    binding_key: PurposeKey<PermitBindingSigning>,
    export_key: PurposeKey<ExportSigning>,
    records: Vec<AuditExportRecord>,
    started: Rfc3339,
    ids: u64,
}

impl Gateway {
    fn new(provider: SocketAddr) -> Result<Self, Failure> {
        let project = ProjectId::parse("00000000-0000-4000-8000-0000000000a1").ok_or("no id")?;
        let scope = ChainScope::new(format!("project:{project}"));
        // Seeds that everybody knows are for examples. A real gateway has its keys in files that only it
        // can read, or in a device that signs for it: anything that implements `Signer`.
        let key = |name: &str| SoftwareKey::from_seed(Sha256Digest::of(name.as_bytes()).as_bytes());
        Ok(Self {
            provider: format!("http://{provider}/"),
            project,
            // A real gateway keeps its chain in a store that lasts, and appends with `append_to`.
            chain: Appender::new(ChainHead::empty(scope)),
            binding_key: PurposeKey::new(key("permit-rs gateway: binding key")),
            export_key: PurposeKey::new(key("permit-rs gateway: export key")),
            records: Vec::new(),
            started: now()?,
            ids: 0,
        })
    }

    /// Decides a request, and lets it go out if it may.
    fn handle(&mut self, request: &Value<'_>) -> Result<(), Failure> {
        let draft = PermitDraft::new(self.facts(request)?);
        let mut entries = Vec::new();
        let permit = match policy(request) {
            Decided::Allow(reason) => self.allowed(draft.allow(reason)?, request, &mut entries)?,
            // What these two give cannot be bound, nor sent: there are no methods for it (PERMIT-06).
            Decided::Deny(reason) => {
                self.refused(draft.deny(reason)?.into_permit(), &mut entries)?
            }
            Decided::Challenge(reason) => {
                self.refused(draft.challenge(reason)?.into_permit(), &mut entries)?
            }
        };
        say(&format!("{:9}  {}", permit.decision.as_str(), permit.reason));
        self.records.push(AuditExportRecord::new(permit).with_entries(entries));
        Ok(())
    }

    /// What is known of a request before it is decided.
    fn facts(&mut self, request: &Value<'_>) -> Result<PermitFacts, Failure> {
        let text = |name| request.get(name).and_then(Value::as_str).unwrap_or("unknown").to_owned();
        let id = self.next_id("permit");
        Ok(PermitFacts {
            id: PermitId::parse(&id).ok_or("no id")?,
            project_id: self.project.clone(),
            subject_type: "agent".into(),
            subject_id: "shop-agent-3".into(),
            action_name: "text.complete".into(),
            resource_provider: "example-provider".into(),
            resource_model: text("model"),
            estimated_input_tokens: 20,
            estimated_output_tokens: max_tokens(request),
            policy_id: "gateway".into(),
            policy_version: "1".into(),
            idempotency_key: format!("shop-agent-3/{}", text("request_id")),
            // The id of the request is no part of what it means (PERMIT-25).
            request_fingerprint: PermitFacts::request_fingerprint(request)?,
            created_at: now()?,
        })
    }

    fn refused(
        &mut self,
        permit: Permit,
        entries: &mut Vec<ChainEntry>,
    ) -> Result<Permit, Failure> {
        self.record(&LifecycleEvent::Evaluated(&permit), entries)?;
        Ok(permit)
    }

    fn allowed(
        &mut self,
        permit: IssuedPermit<Evaluated>,
        request: &Value<'_>,
        entries: &mut Vec<ChainEntry>,
    ) -> Result<Permit, Failure> {
        self.record(&LifecycleEvent::Evaluated(permit.permit()), entries)?;
        // One call gives the bytes to send and binds the permit to their hash (CANON-11).
        let (bound, body) = permit.bind(request)?;
        self.record(&LifecycleEvent::Bound(&bound), entries)?;
        self.dispatched(bound, &body, entries)
    }

    fn dispatched(
        &mut self,
        bound: IssuedPermit<Bound>,
        body: &WireBody,
        entries: &mut Vec<ChainEntry>,
    ) -> Result<Permit, Failure> {
        let requested_at = now()?;
        // Other bytes than those that were bound would be refused here, right before the wire (PERMIT-27).
        let sent = bound.dispatch(body.text().as_bytes(), requested_at.instant())?;
        let started_at = now()?;
        self.record(&LifecycleEvent::Dispatched(&sent), entries)?;
        let exchange = provider::exchange(&self.provider, body.text().as_bytes());
        let (permit_id, ended_at) = (sent.id().clone(), now()?);
        if let Some(digest) = exchange.provider {
            let event = LifecycleEvent::ProviderResponded { permit_id: &permit_id, digest };
            self.record(&event, entries)?;
        }
        if let Some(digest) = exchange.client {
            let event = LifecycleEvent::ClientServed { permit_id: &permit_id, digest };
            self.record(&event, entries)?;
        }
        let execution = Execution {
            execution_id: NonEmptyText::parse(&self.next_id("execution")).ok_or("no id")?,
            correlation_id: None,
            provider: Some("example-provider".into()),
            model: Some(sent.permit().resource_model.clone()),
            status_code: exchange.status.map(i64::from),
            provider_response_id: None,
            request_created_at: requested_at,
            started_at,
            completed_at: ended_at.clone(),
            provider_response_received_at: exchange.provider.and(Some(ended_at.clone())),
            client_response_delivered_at: exchange.client.and(Some(ended_at)),
            usage_reported_at: None,
            closure_signed_at: now()?,
        };
        // The outcome has the digests that its status demands; that of the request comes from the permit.
        let draft = match exchange.outcome() {
            Ok(outcome) => ClosureDraft::dispatched(&BoundPermit::from(&sent), outcome, execution),
            Err(outcome) => ClosureDraft::not_dispatched(sent.permit(), outcome, execution),
        };
        let closure = draft.seal(&self.binding_key)?;
        self.record(&LifecycleEvent::Closed(&closure), entries)?;
        Ok(closure.close(sent)?.into_permit())
    }

    /// Puts an event at the end of the chain.
    fn record(
        &mut self,
        event: &LifecycleEvent<'_>,
        entries: &mut Vec<ChainEntry>,
    ) -> Result<(), Failure> {
        let stamp = EventStamp::new(&self.next_id("event"), now()?.instant());
        entries.push(self.chain.append(event.draft(stamp))?);
        Ok(())
    }

    /// Writes and signs everything that happened.
    fn export(&self, folder: &Path) -> Result<(), Failure> {
        fs::create_dir_all(folder)?;
        let ended = now()?;
        let head = BundleHead {
            project_id: self.project.clone(),
            from: self.started.clone(),
            to: ended.clone(),
            generated_at: ended.clone(),
        };
        // Nobody sees the file before it is whole, and it is no export before it has a manifest.
        let file = ExportFile::create(folder.join(EXPORT))?.replacing();
        let options = ExportWriterOptions::default();
        let mut writer = BundleWriter::new(file, &head, BundleEntries::InRecords, &options)?;
        for record in &self.records {
            writer.record(record)?;
        }
        let (file, facts) = writer.finish()?;
        // The pack says which claims it is to be judged by, and by which semantics.
        let requests = CLAIMS.map(|claim| RequestedClaim::new(claim, true));
        let pins = PinWriter::for_claims(requests, Pin::at_released_path).write()?;
        let export_id =
            NonEmptyText::parse(&identifier(&format!("export {ended}"))).ok_or("no id")?;
        let manifest = ManifestDraft::new(export_id, facts)
            .chain_integrity(ended.clone())
            .issuer_version("gateway", env!("CARGO_PKG_VERSION"))?
            .pins(&pins)
            .sign(&self.export_key, ended)?;
        file.with_key_manifest(KEYS, self.key_manifest()).publish(&manifest)?;
        Ok(())
    }

    /// The public halves of both keys, for whoever verifies.
    fn key_manifest(&self) -> Vec<u8> {
        let export = (self.export_key.key_id().to_string(), self.export_key.public_key());
        let binding = (self.binding_key.key_id().to_string(), self.binding_key.public_key());
        let entry = |(id, key): (String, &permit_keys::PublicKey), purpose: KeyPurpose| {
            Value::object([
                ("key_id", id),
                ("algorithm", "ed25519".to_owned()),
                ("public_key", key.to_string()),
                ("purpose", purpose.to_string()),
                ("status", "active".to_owned()),
                ("environment", "test".to_owned()),
                ("valid_from", self.started.to_string()),
            ])
        };
        let keys = Value::array([
            entry(export, self.export_key.purpose()),
            entry(binding, self.binding_key.purpose()),
        ]);
        to_pretty_text(&Value::object([("keys", keys)])).into_bytes()
    }

    fn next_id(&mut self, kind: &str) -> String {
        self.ids += 1;
        identifier(&format!("{kind} {} {}", self.ids, self.started))
    }
}

/// What the policy says of a request.
enum Decided {
    Allow(&'static str),
    Deny(&'static str),
    Challenge(&'static str),
}

fn policy(request: &Value<'_>) -> Decided {
    match request.get("model").and_then(Value::as_str) {
        Some("example-large" | "example-flaky") if max_tokens(request) > 4_000 => {
            Decided::Challenge("somebody has to agree to that many tokens")
        }
        Some("example-large" | "example-flaky") => Decided::Allow("within the budget"),
        _ => Decided::Deny("agents may not use this model"),
    }
}

fn max_tokens(request: &Value<'_>) -> u64 {
    request.get("max_tokens").and_then(Value::as_u64).unwrap_or(0)
}

/// Verifies what was exported, and says how others can.
fn verify(folder: &Path) -> Result<bool, Failure> {
    let read = |name: &str| fs::read(folder.join(name));
    let keys = KeyManifest::read(&read(KEYS)?, &Budget::default())?;
    let trust = Trust::key_manifest(keys, "the gateway's key manifest").in_mode(Mode::Test);
    let manifest = NamedFile::new(MANIFEST, read(MANIFEST)?);
    let export = read(EXPORT)?;
    let evidence = ExportEvidence::new(EXPORT, export.as_slice(), manifest);
    let report = verify_export(evidence, &trust, &ExportOptions::default())?;
    for claim in &report.claims {
        say(&format!("{:14}  {}", claim.verdict.as_str(), claim.claim));
    }
    let [export, manifest, keys] =
        [EXPORT, MANIFEST, KEYS].map(|name| folder.join(name).display().to_string());
    say(&format!(
        "\nwith our verifier:      permit-verify export {export} {manifest} --key-manifest {keys} --test-mode\n\
         with the reference:     keel-verify export {export} {manifest} --key-manifest {keys} --json"
    ));
    Ok(report.passed())
}

fn now() -> Result<Rfc3339, Failure> {
    let text = format!("{:.6}", jiff::Timestamp::now());
    Ok(Rfc3339::parse(&text).ok_or("the clock is out of range")?)
}

/// A name in the form of a UUID. It is drawn from nothing secret: ids are no keys.
fn identifier(name: &str) -> String {
    let hex = Sha256Digest::of(name.as_bytes()).to_string();
    let part = |from, to| hex.get(from..to).unwrap_or_default();
    [
        part(0, 8),
        part(8, 12),
        &format!("4{}", part(13, 16)),
        &format!("8{}", part(17, 20)),
        part(20, 32),
    ]
    .join("-")
}

fn say(text: &str) {
    // There is nobody left to tell if this fails; the status still says it.
    let _ = writeln!(io::stdout(), "{text}");
}

const EXPORT: &str = "export.json";
const MANIFEST: &str = "export.json.manifest.json";
const KEYS: &str = "key-manifest.json";
const CLAIMS: [Claim; 6] = [
    Claim::ExportIntegrity,
    Claim::ExportScopeIdentity,
    Claim::ChainContinuity,
    Claim::ClosureSignature,
    Claim::ClosureDigests,
    Claim::ClosureDispatch,
];
