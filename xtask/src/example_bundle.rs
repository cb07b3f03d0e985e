// SPDX-License-Identifier: Apache-2.0

//! The bundles in `examples/`: what an agent of a shop did one morning, and what an insider
//! made of it.
//!
//! Everything is made with the crates that a project would use, from fixed test keys and a
//! fixed morning, so that the same bytes come out each time.

use permit_canonical_json::{
    Budget, ByteRange, Node, Object, Sha256Digest, Value, WireBody, from_value, read_text, to_value,
};
use permit_chain::{
    Appender, ChainHead, EntryFields, EventDraft, RecordHashInputs, record_hash_v1,
};
use permit_claims::to_pretty_text;
use permit_closure::{BoundPermit, ClosureDraft, Execution, Outcome};
use permit_export_bundle::{
    BundleEntries, BundleHead, BundleWriter, ExportWriterOptions, Layout, ManifestDraft,
    manifest_name,
};
use permit_keys::{ExportSigning, PermitBindingSigning, PurposeKey, SoftwareKey};
use permit_types::{
    ChainScope, EventId, EventType, Instant, NonEmptyText, OpenObject, Permit, ProjectId, Rfc3339,
};

use crate::{ChoreError, generated::GeneratedFile};

/// The files of the bundles.
pub(crate) fn files() -> Result<Vec<GeneratedFile>, ChoreError> {
    let keys = Keys::of_examples();
    let honest = Morning::new().records(&keys)?;
    let options = ExportWriterOptions::default().layout(Layout::Pretty);
    let mut files = Vec::new();
    put_export(&mut files, "examples/shop-agent", &honest, &options, &keys)?;
    // A writer that walks would not finish this one.
    let options = options.unwalked();
    put_export(&mut files, "examples/shop-agent-altered", &altered(honest)?, &options, &keys)?;
    let trust_root = to_pretty_text(&keys.trust_root()).into_bytes();
    files.push(GeneratedFile::new("examples/trust-root.json", trust_root));
    Ok(files)
}

fn put_export(
    files: &mut Vec<GeneratedFile>,
    folder: &str,
    records: &[Value<'static>],
    options: &ExportWriterOptions,
    keys: &Keys,
) -> Result<(), ChoreError> {
    let at = |text| Rfc3339::parse(text).ok_or("no time");
    let head = BundleHead {
        project_id: ProjectId::parse(&identifier("project")).ok_or("no id")?,
        from: at("2026-05-11T00:00:00Z")?,
        to: at("2026-05-12T00:00:00Z")?,
        generated_at: at("2026-05-12T00:00:04Z")?,
    };
    let options = options.record_count(u64::try_from(records.len())?);
    let mut writer = BundleWriter::new(Vec::new(), &head, BundleEntries::InRecords, &options)?;
    for record in records {
        writer.record_value(record)?;
    }
    let (bytes, facts) = writer.finish()?;
    let export_id = NonEmptyText::parse(&identifier("export")).ok_or("no id")?;
    let manifest = ManifestDraft::new(export_id, facts);
    let manifest = manifest.sign(&keys.export, at("2026-05-12T00:00:05Z")?)?;
    let export = format!("{folder}/export.json");
    files.push(GeneratedFile::new(manifest_name(&export), manifest.bytes()));
    files.push(GeneratedFile::new(export, bytes));
    Ok(())
}

/// The keys of the examples. Everybody knows them, so that they are good for tests alone.
pub(crate) struct Keys {
    pub(crate) export: PurposeKey<ExportSigning>,
    pub(crate) binding: PurposeKey<PermitBindingSigning>,
}

impl Keys {
    pub(crate) fn of_examples() -> Self {
        let seed = |name: &str| *Sha256Digest::of(name.as_bytes()).as_bytes();
        let export = SoftwareKey::from_seed(&seed("permit-rs examples: export key"));
        let binding = SoftwareKey::from_seed(&seed("permit-rs examples: binding key"));
        Self { export: PurposeKey::new(export), binding: PurposeKey::new(binding) }
    }

    pub(crate) fn trust_root(&self) -> Value<'static> {
        let export = (
            self.export.key_id().to_string(),
            self.export.public_key().to_string(),
            self.export.purpose(),
        );
        let binding = (
            self.binding.key_id().to_string(),
            self.binding.public_key().to_string(),
            self.binding.purpose(),
        );
        let keys = [export, binding].map(|(key_id, public_key, purpose)| {
            Value::object([
                ("key_id", Value::from(key_id)),
                ("public_key", public_key.into()),
                ("algorithm", "ed25519".into()),
                ("purpose", purpose.as_str().into()),
                ("status", "active".into()),
                ("environment", "test".into()),
                ("valid_from", "2026-01-01T00:00:00Z".into()),
                ("valid_to", "2026-12-31T23:59:59Z".into()),
            ])
        });
        Value::object([("keys", Value::array(keys))])
    }
}

/// What the agent did, as far as it was told.
pub(crate) struct Morning {
    chain: Appender,
    records: Vec<Value<'static>>,
}

/// One request of the agent.
pub(crate) struct Request<'r> {
    pub(crate) name: &'r str,
    pub(crate) action: &'r str,
    pub(crate) at: &'r str,
    pub(crate) decision: &'r str,
    pub(crate) reason: &'r str,
    pub(crate) body: &'r str,
}

impl Morning {
    pub(crate) fn new() -> Self {
        let scope = ChainScope::new(format!("project:{}", identifier("project")));
        Self { chain: Appender::new(ChainHead::empty(scope)), records: Vec::new() }
    }

    /// The records since the last time, and not again.
    pub(crate) fn take_records(&mut self) -> Vec<Value<'static>> {
        std::mem::take(&mut self.records)
    }

    fn records(mut self, keys: &Keys) -> Result<Vec<Value<'static>>, ChoreError> {
        self.answered(
            &Request {
                name: "reply",
                action: "mail.draft_reply",
                at: "2026-05-11T08:14:02",
                decision: "allow",
                reason: "drafts need no approval",
                body: r#"{"model": "example-large", "messages": [{"role": "user", "content": "Where is my order?"}], "max_tokens": 400}"#,
            },
            Some("It left our warehouse this morning."),
            keys,
        )?;
        self.refused(&Request {
            name: "refund",
            action: "refund.issue",
            at: "2026-05-11T08:31:47",
            decision: "deny",
            reason: "refunds above 200 EUR are not for agents",
            body: r#"{"order": "A-1042", "amount": "480.00 EUR"}"#,
        })?;
        self.answered(
            &Request {
                name: "stock",
                action: "stock.reorder",
                at: "2026-05-11T09:02:10",
                decision: "allow",
                reason: "the budget for reorders has room",
                body: r#"{"item": "desk lamp", "pieces": 40, "idempotency_key": "reorder-77"}"#,
            },
            None,
            keys,
        )?;
        Ok(self.records)
    }

    /// A request that was allowed and sent; with the answer, if there was one in time.
    pub(crate) fn answered(
        &mut self,
        request: &Request<'_>,
        answer: Option<&str>,
        keys: &Keys,
    ) -> Result<(), ChoreError> {
        let permit = permit_for(request)?;
        let body = read_text(request.body, &Budget::default())?;
        let wire_body = WireBody::new(&body)?;
        let bound = BoundPermit::of(&permit)?;
        let mut entries = vec![self.event(
            request,
            120,
            "permit.evaluated",
            "success",
            [
                ("decision", Value::from(request.decision.to_owned())),
                ("policy_id", "shop-agents".into()),
            ],
        )?];
        let hash = wire_body.digest().to_string();
        entries.push(self.event(
            request,
            180,
            "permit.bound",
            "success",
            [("binding_request_hash", Value::from(hash.clone()))],
        )?);
        entries.push(self.event(
            request,
            260,
            "dispatch.egress_bound",
            "success",
            [("dispatch_request_digest_v1", Value::from(hash))],
        )?);
        let outcome = match answer {
            Some(answer) => {
                let digest = Sha256Digest::of(answer.as_bytes());
                let text = digest.to_string();
                entries.push(self.event(
                    request,
                    900,
                    "provider.response.received",
                    "success",
                    [("provider_response_digest_v1", Value::from(text.clone()))],
                )?);
                entries.push(self.event(
                    request,
                    910,
                    "client.response.delivered",
                    "success",
                    [("client_response_digest_v1", Value::from(text))],
                )?);
                Outcome::Closed { provider: digest, client: digest }
            }
            None => Outcome::Timeout { provider: None, client: None },
        };
        let execution = execution(request, answer.is_some())?;
        let closure = ClosureDraft::dispatched(&bound, outcome, execution).seal(&keys.binding)?;
        let payload = as_object(closure.to_event_payload())?;
        let status = if answer.is_some() { "success" } else { "failure" };
        entries.push(self.append(request, 990, "permit.closed", status, payload)?);
        self.record(permit, entries)
    }

    /// A request that was not allowed.
    fn refused(&mut self, request: &Request<'_>) -> Result<(), ChoreError> {
        let permit = permit_for(request)?;
        let entry = self.event(
            request,
            120,
            "permit.evaluated",
            "denied",
            [
                ("decision", Value::from(request.decision.to_owned())),
                ("policy_id", "shop-agents".into()),
            ],
        )?;
        self.record(permit, vec![entry])
    }

    fn record(&mut self, permit: Permit, entries: Vec<Value<'static>>) -> Result<(), ChoreError> {
        let record = Value::object([
            ("permit", to_value(&permit)?),
            ("chain_entries", Value::array(entries)),
        ]);
        self.records.push(record);
        Ok(())
    }

    fn event<const N: usize>(
        &mut self,
        request: &Request<'_>,
        milliseconds: u32,
        event_type: &str,
        outcome: &str,
        members: [(&'static str, Value<'static>); N],
    ) -> Result<Value<'static>, ChoreError> {
        let permit_id = Value::from(identifier(request.name));
        let mut payload = Object::default();
        payload.insert("permit_id", permit_id);
        for (name, value) in members {
            payload.insert(name, value);
        }
        self.append(request, milliseconds, event_type, outcome, payload)
    }

    fn append(
        &mut self,
        request: &Request<'_>,
        milliseconds: u32,
        event_type: &str,
        outcome: &str,
        payload: Object<'static>,
    ) -> Result<Value<'static>, ChoreError> {
        let created_at = Instant::parse(&time(request, milliseconds)).ok_or("no time")?;
        let entry = self.chain.append(EventDraft {
            event_id: EventId::new(identifier(&format!("{} {event_type}", request.name))),
            event_type: EventType::new(event_type),
            resource_type: Some("permit".to_owned()),
            resource_id: Some(identifier(request.name)),
            outcome: Some(outcome.to_owned()),
            severity: "info".to_owned(),
            payload_json: OpenObject::from(payload),
            created_at,
        })?;
        Ok(to_value(&entry)?)
    }
}

fn permit_for(request: &Request<'_>) -> Result<Permit, ChoreError> {
    let body = read_text(request.body, &Budget::default())?;
    let hash = WireBody::new(&body)?.digest().to_string();
    let allowed = request.decision == "allow";
    let mut permit = Object::default();
    let members = [
        ("id", Value::from(identifier(request.name))),
        ("project_id", identifier("project").into()),
        ("subject_type", "agent".into()),
        ("subject_id", "shop-agent-3".into()),
        ("action_name", request.action.into()),
        ("resource_provider", "example-provider".into()),
        ("resource_model", "example-large".into()),
        ("estimated_input_tokens", 60.into()),
        ("estimated_output_tokens", 400.into()),
        ("decision", request.decision.into()),
        ("reason", request.reason.into()),
        ("actions_json", Value::array::<Value<'_>>([])),
        ("policy_id", "shop-agents".into()),
        ("policy_version", "2026-05-01".into()),
        ("idempotency_key", format!("shop-agent-3/{}", request.name).into()),
        ("request_fingerprint", hash.clone().into()),
        ("created_at", time(request, 0).into()),
    ];
    for (name, value) in members {
        permit.insert(name, value);
    }
    if allowed {
        permit.insert("binding_request_hash", hash);
    }
    Ok(from_value(&permit.into())?)
}

fn execution(request: &Request<'_>, answered: bool) -> Result<Execution, ChoreError> {
    let at = |milliseconds| Rfc3339::parse(&time(request, milliseconds)).ok_or("no time");
    let received = if answered { Some(at(900)?) } else { None };
    let delivered = if answered { Some(at(910)?) } else { None };
    Ok(Execution {
        execution_id: NonEmptyText::parse(&identifier(&format!("{} execution", request.name)))
            .ok_or("no id")?,
        correlation_id: None,
        provider: Some("example-provider".to_owned()),
        model: Some("example-large".to_owned()),
        status_code: answered.then_some(200),
        provider_response_id: None,
        request_created_at: at(0)?,
        started_at: at(260)?,
        completed_at: at(980)?,
        provider_response_received_at: received,
        client_response_delivered_at: delivered,
        usage_reported_at: None,
        closure_signed_at: at(985)?,
    })
}

/// What somebody with the export key but without the chain makes of it: the refusal becomes an
/// approval, the entry is hashed anew, and the file signed anew.
fn altered(records: Vec<Value<'static>>) -> Result<Vec<Value<'static>>, ChoreError> {
    let mut bundle = Object::default();
    bundle.insert("records", Value::array(records));
    edit(&mut bundle, &["records", "1", "chain_entries", "0"], |entry| {
        entry.insert("outcome", "success");
        let number = entry.get("sequence_number").and_then(Value::as_u64);
        let fields = EntryFields::of_entry(entry, ByteRange::default());
        let hash = record_hash_v1(&RecordHashInputs::check(&fields, number)?);
        entry.insert("record_hash", hash.to_string());
        Ok(())
    })?;
    edit(&mut bundle, &["records", "1", "permit"], |permit| {
        permit.insert("decision", "allow");
        permit.insert("reason", "approved by the shop");
        Ok(())
    })?;
    let records = bundle.get("records").and_then(Value::as_array).ok_or("there are no records")?;
    Ok(records.to_vec())
}

/// Edits the object at a path.
fn edit(
    object: &mut Object<'static>,
    path: &[&str],
    change: impl FnOnce(&mut Object<'static>) -> Result<(), ChoreError>,
) -> Result<(), ChoreError> {
    let Some((name, path)) = path.split_first() else { return change(object) };
    let value = object.get(name).cloned().ok_or("there is no such member")?;
    object.insert((*name).to_owned(), edited(value, path, change)?);
    Ok(())
}

fn edited(
    value: Value<'static>,
    path: &[&str],
    change: impl FnOnce(&mut Object<'static>) -> Result<(), ChoreError>,
) -> Result<Value<'static>, ChoreError> {
    let Some(elements) = value.as_array() else {
        let mut object = as_object(value)?;
        edit(&mut object, path, change)?;
        return Ok(object.into());
    };
    let (index, path) = path.split_first().ok_or("the path ends in an array")?;
    let (index, mut elements) = (index.parse::<usize>()?, elements.to_vec());
    let element = elements.get_mut(index).ok_or("there is no such element")?;
    *element = edited(element.clone(), path, change)?;
    Ok(Value::array(elements))
}

fn as_object(value: Value<'static>) -> Result<Object<'static>, ChoreError> {
    match value.into_node() {
        Node::Object(object) => Ok(object),
        _ => Err("an object was expected".into()),
    }
}

/// The instant so many milliseconds after a request.
fn time(request: &Request<'_>, milliseconds: u32) -> String {
    format!("{}.{milliseconds:03}000Z", request.at)
}

/// An identifier that is the same each time.
pub(crate) fn identifier(name: &str) -> String {
    let hex = Sha256Digest::of(format!("permit-rs examples: {name}").as_bytes()).to_string();
    let part = |from, to| hex.get(from..to).unwrap_or_default().to_owned();
    let [a, b, c, d, e] = [part(0, 8), part(8, 12), part(13, 16), part(17, 20), part(20, 32)];
    format!("{a}-{b}-4{c}-8{d}-{e}")
}
