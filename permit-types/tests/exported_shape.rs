// SPDX-License-Identifier: Apache-2.0

//! The shape in which permits leave an issuer, whatever shape they have inside (PERMIT-20).

#![cfg(test)]

use std::collections::BTreeSet;

use permit_canonical_json::{Budget, Profile, Value, from_value, read, to_value};
use permit_types::{Permit, PermitDraft, PermitFacts, PermitId, ProjectId, Rfc3339};

fn facts() -> PermitFacts {
    let request = read(REQUEST, &Budget::default()).unwrap();
    PermitFacts {
        id: PermitId::parse("00000000-0000-4000-8000-000000000001").unwrap(),
        project_id: ProjectId::parse("00000000-0000-4000-8000-0000000000a1").unwrap(),
        subject_type: "agent".into(),
        subject_id: "agent-7".into(),
        action_name: "mail.draft_reply".into(),
        resource_provider: "example-provider".into(),
        resource_model: "example-large".into(),
        estimated_input_tokens: 60,
        estimated_output_tokens: 400,
        policy_id: "agents".into(),
        policy_version: "2026-05-01".into(),
        idempotency_key: "agent-7/1".into(),
        request_fingerprint: PermitFacts::request_fingerprint(&request).unwrap(),
        created_at: Rfc3339::parse("2026-05-11T08:14:02Z").unwrap(),
    }
}

fn members(value: &Value<'_>) -> BTreeSet<String> {
    let members = value.as_object().unwrap().members().iter();
    members.map(|member| member.name().to_owned()).collect()
}

/// The states that a permit goes through are types of the issuer; what is exported is the flat object
/// of the format, with the members that were said and no others, and reads back as it was.
#[test]
fn permit_20_what_is_exported_is_the_flat_shape_whatever_state_the_permit_is_in() {
    let request = read(REQUEST, &Budget::default()).unwrap();
    let evaluated = PermitDraft::new(facts()).allow("fine").unwrap();
    let before = to_value(evaluated.permit()).unwrap();
    let (bound, body) = evaluated.bind(&request).unwrap();
    let after = to_value(bound.permit()).unwrap();
    let refused = PermitDraft::new(facts()).deny("no").unwrap();
    let refused = to_value(refused.permit()).unwrap();
    let said = [
        "id",
        "project_id",
        "decision",
        "reason",
        "actions_json",
        "subject_type",
        "subject_id",
        "action_name",
        "resource_provider",
        "resource_model",
        "estimated_input_tokens",
        "estimated_output_tokens",
        "request_fingerprint",
        "idempotency_key",
        "policy_id",
        "policy_version",
        "created_at",
    ];
    for exported in [&before, &after, &refused] {
        let names = members(exported);
        assert!(said.iter().all(|name| names.contains(*name)), "{names:?}");
        // Nothing but text, numbers and lists stands where the format has them: no envelope.
        assert!(exported.get("decision").unwrap().as_str().is_some());
        let text = Profile::Payload.to_text(exported).unwrap();
        let read_back: Permit =
            from_value(&read(text.as_bytes(), &Budget::default()).unwrap()).unwrap();
        assert_eq!(Profile::Payload.to_text(&to_value(&read_back).unwrap()).unwrap(), text);
    }
    let hash = after.get("binding_request_hash").and_then(Value::as_str).map(str::to_owned);
    assert_eq!(hash, Some(body.digest().to_string()));
    assert!(refused.get("binding_request_hash").is_none_or(Value::is_null));
}

const REQUEST: &[u8] = br#"{"model": "example-large", "request_id": "7"}"#;
