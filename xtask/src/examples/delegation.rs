// SPDX-License-Identifier: Apache-2.0

//! A pack about delegated authority: a root, a child that has a part of it, and a denial of
//! what would have been too much.

use permit_canonical_json::{Sha256Digest, Value, from_value};
use permit_chain::{Appender, ChainHead};
use permit_delegation::{
    AuthorityLine, ChainClaim, ChainClaimType, ChainPackDraft, ClaimScope, ComparatorSource,
    DelegationRequest, EnvelopeVersion, EventStamp, IssuanceError, IssuancePolicy, PolicyAnswer,
    delegate, integrity_digest, issued_event,
};
use permit_types::{AuthorityEnvelope, ChainScope, ExecutionDecision, NonEmptyText, Permit};

use crate::ChoreError;

use super::{
    gallery::Gallery,
    names::{day_time, identifier, instant, project},
    permits::Asked,
};

/// Keeps and lists it.
pub(crate) fn put(gallery: &mut Gallery) -> Result<(), ChoreError> {
    let root = root_permit()?;
    let own = root.authority_envelope.clone().ok_or("the root has no authority")?;
    let line = AuthorityLine::root(root.project_id.clone(), root.id.clone(), &own)?;
    let policy = Open(NonEmptyText::parse("open").ok_or("there is no reason")?);
    let request = |name, envelope| -> Result<DelegationRequest, ChoreError> {
        let parent_permit_id = root.id.clone();
        Ok(DelegationRequest { parent_permit_id, permit: permit(name)?, envelope })
    };
    let child = delegate(Some(&line), request("delegated", envelope(&["read"])?)?, &policy)?;
    let asked = request("denied", envelope(&["read", "write"])?)?;
    let denied = match delegate(Some(&line), asked, &policy) {
        Err(IssuanceError::Denied(denied)) => denied,
        _ => return Err("more than the root has should have been denied".into()),
    };

    let scope = ChainScope::new(format!("project:{}", identifier("project")));
    let mut chain = Appender::new(ChainHead::empty(scope));
    let stamp = |name: &str, time: &str| -> Result<EventStamp, ChoreError> {
        let id = identifier(&format!("delegation {name}"));
        Ok(EventStamp::new(&id, instant(&day_time(time))?))
    };
    let issued = issued_event(&root, stamp("root issued", "12:00:00")?).append_to(&mut chain)?;
    let [of_child, delegated] =
        child.events(stamp("child issued", "12:01:00")?, stamp("delegated", "12:01:01")?);
    let of_child = of_child.append_to(&mut chain)?;
    let delegated = delegated.append_to(&mut chain)?;
    let refusal = denied.event(stamp("denied", "12:02:00")?).append_to(&mut chain)?;
    let digest = integrity_digest(std::slice::from_ref(&refusal), stamp("digest", "12:03:00")?)?;
    let digest = digest.append_to(&mut chain)?;

    let comparator = ComparatorSource::Inline(EnvelopeVersion::V0);
    let permits = vec![root, child.permit().clone()];
    let mut draft = ChainPackDraft::new(project()?, comparator, permits);
    draft.events = vec![issued, of_child, delegated, refusal, digest];
    let claim = ChainClaim {
        claim_type: ChainClaimType::LineageCompleteToRoot,
        scope: ClaimScope::permit(child.permit().id.as_str()),
    };
    let pack = draft.to_value(&claim)?;
    let path = "examples/delegation/pack.json";
    gallery.document(path, &pack);
    let command = format!(
        "permit-verify claim delegation_denied_correctly --evidence-file {path} --format text"
    );
    let what = "a pack about a permit chain: a root, a child within it, and a denial of more";
    gallery.verifiable(path, what, None, &command, 0);
    Ok(())
}

/// A policy that has nothing against anything.
struct Open(NonEmptyText);

impl IssuancePolicy for Open {
    fn evaluate_issuance(&self, _: &DelegationRequest, _: &AuthorityLine) -> PolicyAnswer {
        PolicyAnswer {
            decision: ExecutionDecision::Allow,
            reason_code: self.0.clone(),
            policy: Sha256Digest::of(b"permit-rs examples: a policy that allows everything"),
        }
    }
}

fn envelope(actions: &[&'static str]) -> Result<AuthorityEnvelope, ChoreError> {
    let none = || Value::array::<Value<'_>>([]);
    let value = Value::object([
        ("actions", Value::array(actions.iter().copied())),
        ("tools", Value::array(["orders@v2"])),
        ("providers", Value::array(["example-provider"])),
        ("models", none()),
        ("data_classes", Value::array(["internal"])),
        ("regions", none()),
        ("expires_at", "2027-01-01T00:00:00Z".into()),
    ]);
    Ok(from_value(&value)?)
}

fn permit(name: &'static str) -> Result<Permit, ChoreError> {
    let asked = Asked {
        name,
        action: "permit.issue",
        decision: "allow",
        code: "policy.allowed",
        reason: "the authority is a part of that of its parent",
        at: "12:00:00".to_owned(),
        body: r#"{"action": "permit.issue"}"#,
    };
    asked.permit()
}

fn root_permit() -> Result<Permit, ChoreError> {
    let own = envelope(&["query", "read"])?;
    Ok(Permit {
        expires_at: Some(own.expires_at.clone()),
        authority_envelope: Some(own),
        authority_envelope_version: NonEmptyText::parse(EnvelopeVersion::V0.as_str()),
        ..permit("delegation root")?
    })
}
