// SPDX-License-Identifier: Apache-2.0

//! Worked examples of permit chains.

use permit_canonical_json::{
    Budget, HashedArtifact, Profile, Sha256Digest, Value, from_value, read_text, to_value,
};
use permit_chain::{Appender, ChainHead};
use permit_claims::Verdict;
use permit_delegation::{
    AuthorityLine, CanonicalEnvelope, ChainClaim, ChainClaimType, ChainContext, ChainPackDraft,
    ClaimScope, ComparatorRegistry, ComparatorSource, DelegationRequest, DenialSemantics,
    EnvelopeVersion, EventStamp, IssuanceError, IssuancePolicy, PolicyAnswer, RecordedEvent,
    adjudicate_denial, delegate, integrity_digest, issued_event, judge_pack,
};
use permit_types::{
    AuthorityEnvelope, ChainScope, ExecutionDecision, NonEmptyText, Permit, PermitId, ProjectId,
};

use super::{
    markdown::{facts, fenced, json},
    story::{Story, ensure, instant},
    tables::EVENT_MEMBERS,
};
use crate::{ChoreError, example_bundle::identifier};

/// The registry of the one version.
pub(crate) fn comparator() -> String {
    json(&ComparatorRegistry::built_in(EnvelopeVersion::V0).to_value())
}

/// A refusal that was right, and a lineage that holds.
pub(crate) fn delegation(story: &Story) -> Result<String, ChoreError> {
    let parent = envelope(r#"["tickets.read"]"#, "2026-05-11T18:00:00Z")?;
    let canonical = CanonicalEnvelope::of(&parent)?;
    let text = HashedArtifact::AuthorityEnvelopeV0.profile().to_text(&canonical.to_value())?;
    let hash = Sha256Digest::of(text.as_bytes());
    ensure(hash == canonical.hash(), "the envelope hashes as its canonical text")?;
    Ok(format!(
        "The parent's envelope in canonical form:\n\n{}\n{}\n{}\n{}",
        fenced("text", &text),
        facts([("SHA-256 of it", hash.to_string().as_str())]),
        refusal(story, &parent)?,
        lineage(story, &parent)?,
    ))
}

fn refusal(story: &Story, parent: &AuthorityEnvelope) -> Result<String, ChoreError> {
    let (project, root) = (project()?, id("lead agent")?);
    let line = AuthorityLine::root(project, root.clone(), parent)?;
    let asked = DelegationRequest {
        parent_permit_id: root,
        permit: draft(story, "helper agent")?,
        envelope: envelope(r#"["tickets.read", "refund.issue"]"#, "2026-05-11T18:00:00Z")?,
    };
    let Err(IssuanceError::Denied(denied)) = delegate(Some(&line), asked, &Open::policy()?) else {
        return Err("the request exceeds its parent".into());
    };
    let mut chain = Appender::new(ChainHead::empty(ChainScope::new("project:delegation")));
    let event = denied.event(stamp("denied", "14:00:00")?).append_to(&mut chain)?;
    let digest = integrity_digest(std::slice::from_ref(&event), stamp("digest", "14:01:00")?)?;
    let digest = digest.append_to(&mut chain)?;
    let shown = (event.clone().into_value(), digest.clone().into_value());
    check_digest(&shown.0, &shown.1)?;
    let evidence = Value::array([event.into_value(), digest.into_value()]);
    let result = adjudicate_denial(&evidence, None, &DenialSemantics::legacy());
    ensure(result.status() == Verdict::Supported, "the refusal was right")?;
    Ok(format!(
        "The refusal of a child that would also refund, and the digest that covers it:\n\n{}\n{}\nWhat is said of it:\n\n{}",
        json(&shown.0),
        json(&shown.1),
        json(&result.to_json()),
    ))
}

/// The hashes of an integrity digest, by hand, as the document says it.
fn check_digest(event: &Value<'_>, digest: &Value<'_>) -> Result<(), ChoreError> {
    let covered = EVENT_MEMBERS.map(|name| {
        let value = event.get(name).cloned().unwrap_or_else(|| Value::from(()));
        (name, value)
    });
    let hash = Profile::Payload.digest(&Value::object(covered))?.to_string();
    let text = |name: &str| event.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let listed = Value::array([Value::object([
        ("event_id", text("event_id")),
        ("event_type", text("event_type")),
        ("event_hash", hash),
    ])]);
    let batch = Profile::Payload.digest(&listed)?.to_string();
    let payload = digest.get("payload_json").ok_or("no payload")?;
    let stated = payload.get("batch_hash").and_then(Value::as_str);
    ensure(stated == Some(batch.as_str()), "the batch hash is over event hashes of 25 members")?;
    let name = digest.get("resource_id").and_then(Value::as_str);
    ensure(name.is_some() && name == batch.get(..32), "the digest is named after its batch")
}

fn lineage(story: &Story, parent: &AuthorityEnvelope) -> Result<String, ChoreError> {
    let mut root = draft(story, "lead agent")?;
    root.authority_envelope = Some(parent.clone());
    root.authority_envelope_version = NonEmptyText::parse(EnvelopeVersion::V0.as_str());
    root.expires_at = Some(parent.expires_at.clone());
    let line = AuthorityLine::root(project()?, root.id.clone(), parent)?;
    let asked = DelegationRequest {
        parent_permit_id: root.id.clone(),
        permit: draft(story, "reading agent")?,
        envelope: envelope(r#"["tickets.read"]"#, "2026-05-11T16:00:00Z")?,
    };
    let child = delegate(Some(&line), asked, &Open::policy()?)?;
    let mut chain = Appender::new(ChainHead::empty(ChainScope::new("project:delegation")));
    let mut events: Vec<RecordedEvent> = Vec::new();
    events.push(issued_event(&root, stamp("root", "13:00:00")?).append_to(&mut chain)?);
    for event in child.events(stamp("child", "13:05:00")?, stamp("delegated", "13:05:01")?) {
        events.push(event.append_to(&mut chain)?);
    }
    let permits = vec![root, child.permit().clone()];
    let source = ComparatorSource::Inline(EnvelopeVersion::V0);
    let mut pack = ChainPackDraft::new(project()?, source, permits);
    pack.events = events;
    let claim = ChainClaim {
        claim_type: ChainClaimType::LineageCompleteToRoot,
        scope: ClaimScope::permit(child.permit().id.as_str()),
    };
    let pack = pack.to_value(&claim)?;
    let result = judge_pack(&pack, &ChainContext::default());
    ensure(result.status() == Verdict::Supported, "the lineage is complete")?;
    Ok(format!(
        "A child that may read alone, and ends earlier, is issued. Its lineage, asked by {}:\n\n{}",
        format_args!("`{}`", claim.claim_type),
        json(&result.to_json(env!("CARGO_PKG_VERSION"))),
    ))
}

/// A policy that has no objections.
struct Open {
    reason_code: NonEmptyText,
}

impl Open {
    fn policy() -> Result<Self, ChoreError> {
        Ok(Self { reason_code: NonEmptyText::parse("policy.open").ok_or("a text is empty")? })
    }
}

impl IssuancePolicy for Open {
    fn evaluate_issuance(&self, _: &DelegationRequest, _: &AuthorityLine) -> PolicyAnswer {
        PolicyAnswer {
            decision: ExecutionDecision::Allow,
            reason_code: self.reason_code.clone(),
            policy: Sha256Digest::of(b"shop-agents, 2026-05-01"),
        }
    }
}

fn draft(story: &Story, name: &str) -> Result<Permit, ChoreError> {
    let mut permit = to_value(&story.permit(0)?)?.as_object().ok_or("no object")?.clone();
    permit.insert("id", identifier(name));
    permit.insert("action_name", "agent.start");
    permit.insert("reason", "agents may hand on what they have");
    permit.insert("idempotency_key", format!("shop-agent-3/{name}"));
    permit.insert("created_at", "2026-05-11T13:00:00.000000Z");
    permit.remove("binding_request_hash");
    Ok(from_value(&permit.into())?)
}

fn envelope(actions: &str, expires_at: &str) -> Result<AuthorityEnvelope, ChoreError> {
    let text = format!(
        r#"{{"actions": {actions}, "tools": ["helpdesk@v2"], "providers": ["example-provider"],
            "models": ["example-large"], "data_classes": ["internal"], "regions": ["eu"],
            "expires_at": "{expires_at}"}}"#
    );
    Ok(from_value(&read_text(&text, &Budget::default())?)?)
}

fn project() -> Result<ProjectId, ChoreError> {
    ProjectId::parse(&identifier("project")).ok_or_else(|| "no project id".into())
}

fn id(name: &str) -> Result<PermitId, ChoreError> {
    PermitId::parse(&identifier(name)).ok_or_else(|| "no permit id".into())
}

fn stamp(name: &str, at: &str) -> Result<EventStamp, ChoreError> {
    let event_id = identifier(&format!("delegation {name}"));
    Ok(EventStamp::new(&event_id, instant(&format!("2026-05-11T{at}Z"))?))
}
