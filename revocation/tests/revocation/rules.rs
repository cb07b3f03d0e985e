// SPDX-License-Identifier: Apache-2.0

//! One mutation, one verdict, one code.

use permit_canonical_json::{Object, Value};
use permit_claims::Unsupported::{self, Disproved, InsufficientEvidence, UnverifiableScope};
use permit_failure_codes::FailureCode;
use permit_keys::Mode;
use permit_revocation::{
    RevocationScope, adjudicate_revocation, find_revocation_in_document, revocation_missing,
};
use permit_types::Artifact;

use crate::bench::{
    ACTOR, AT, MEMBERS, PERMIT, PROJECT, bare, bent, document, judge, signed, told, trusted,
};

/// Judges the event alone in its document and expects exactly this.
fn expect(event: Object<'static>, expected: (Unsupported, &str, &str)) {
    let shown = format!("{event:?}");
    let fault = judge(&document(event)).expect_err(&shown);
    assert_eq!(told(&fault), expected, "{}", fault.message());
    assert!(!fault.evidence.is_empty());
    assert!(!fault.finding.help.is_empty());
}

#[test]
fn a_revocation_that_is_in_order_is_shown() {
    let shown = judge(&document(signed(bare(), 2))).unwrap();
    assert_eq!(shown.permit_id().as_str(), PERMIT);
    assert_eq!(shown.project_id().as_str(), PROJECT);
    assert_eq!(shown.effective_at().as_str(), AT);
    assert_eq!(shown.actor_kind().as_str(), "user");
    assert_eq!(shown.reason_code().as_str(), "operator.requested");
    assert_eq!(shown.evidence(), ["export.revocation_event.event", "trust_root"]);
    assert_eq!(shown.signature().kind().as_str(), "revocation");
}

#[test]
fn revoke_01_a_ninth_member_is_refused_signed_or_not() {
    let expected = (Disproved, "PERMIT_REVOKED_SCHEMA_INVALID", "REVOKE-01");
    expect(bent("note", "x"), expected);
    expect(bent("status", ()), expected);
    let mut unsigned = signed(bare(), 2);
    unsigned.insert("canonical_hash", "x");
    expect(unsigned, expected);
}

#[test]
fn revoke_02_two_times_are_refused_even_if_they_are_one_instant() {
    let expected = (Disproved, "PERMIT_REVOKED_EFFECTIVE_AT_MISMATCH", "REVOKE-02");
    for other in [
        "2026-05-21T10:05:01.000000Z",
        "2026-05-21T10:04:59.999999Z",
        // One instant in other words.
        "2026-05-21T10:05:00Z",
        "2026-05-21T10:05:00.000000+00:00",
        "2026-05-21T12:05:00.000000+02:00",
    ] {
        expect(bent("effective_at", other), expected);
        expect(bent("revoked_at", other), expected);
    }
    let fault = judge(&document(bent("effective_at", "2026-05-21T10:05:00Z"))).unwrap_err();
    let code = FailureCode::PermitRevokedEffectiveAtNotEqualRevokedAt;
    assert_eq!(fault.finding.code(), Some(code), "the taxonomy's code stands beside it");
    assert!(fault.message().contains("one instant"));
}

#[test]
fn revoke_02_times_are_rfc_3339_with_a_zone() {
    for bad in [
        "",
        "soon",
        "2026-05-21",
        "2026-05-21 10:05:00Z",
        "2026-05-21T10:05:00",
        "2026-02-30T00:00:00Z",
    ] {
        for name in ["revoked_at", "effective_at"] {
            let expected = (Disproved, "PERMIT_REVOKED_SCHEMA_INVALID", "REVOKE-02");
            expect(bent(name, bad), expected);
        }
    }
    let mut event = bare();
    for name in ["revoked_at", "effective_at"] {
        event.insert(name, "2026-05-21T12:05:00+02:00");
    }
    assert!(judge(&document(signed(event, 2))).is_ok(), "any zone will do");
}

#[test]
fn revoke_03_project_and_permit_are_those_in_question() {
    let other = "00000000-0000-0000-0000-000000000099";
    let project = (Disproved, "PERMIT_REVOKED_PROJECT_ID_MISMATCH", "REVOKE-03");
    let permit = (Disproved, "PERMIT_REVOKED_PERMIT_ID_MISMATCH", "REVOKE-03");
    let shown = None;
    for (of_document, of_manifest, of_permit, expected) in [
        (None, None, None, shown),
        (Some(PROJECT), Some(PROJECT), Some(PERMIT), shown),
        (Some(""), Some(""), Some(""), shown),
        (Some(other), None, None, Some(project)),
        (None, Some(other), None, Some(project)),
        (Some(PROJECT), Some(other), None, Some(project)),
        (Some(""), Some(other), None, Some(project)),
        (None, None, Some(other), Some(permit)),
        (Some(other), None, Some(other), Some(project)),
    ] {
        let mut around = document(signed(bare(), 2));
        around.remove("project_id");
        let mut manifest = Object::default();
        let members = [("project_id", of_document), ("permit_id", of_permit)];
        members
            .into_iter()
            .for_each(|(name, id)| id.into_iter().for_each(|id| around.insert(name, id)));
        of_manifest.into_iter().for_each(|id| manifest.insert("project_id", id));
        let found = find_revocation_in_document(&around, Artifact::Export).unwrap();
        let scope = RevocationScope::of(&around, Some(&manifest));
        let judged = adjudicate_revocation(&found, &scope, Some(&trusted()), Mode::Production);
        assert_eq!(
            judged.err().as_ref().map(told),
            expected,
            "{of_document:?} {of_manifest:?} {of_permit:?}"
        );
    }
}

#[test]
fn revoke_04_an_actor_that_is_no_uuid_may_be_a_person_and_is_not_repeated() {
    for actor in [
        "operator@example.com",
        "Jane Doe",
        "jane.doe",
        " 30000000-0000-4000-8000-000000000001",
        "30000000000040008000000000000001",
        "{30000000-0000-4000-8000-000000000001}",
        "urn:uuid:30000000-0000-4000-8000-000000000001",
        "30000000-0000-4000-8000-00000000000g",
        "３0000000-0000-4000-8000-000000000001",
    ] {
        let fault = judge(&document(bent("actor_id", actor))).unwrap_err();
        let expected = (Disproved, "PERMIT_REVOKED_ACTOR_PII_DETECTED", "REVOKE-04");
        assert_eq!(told(&fault), expected, "{actor}");
        assert!(!format!("{fault:?}").contains(actor), "{actor} must not be in a report");
    }
    assert!(judge(&document(bent("actor_id", ACTOR.to_uppercase()))).is_ok());
}

#[test]
fn revoke_05_every_member_is_signed() {
    let kinds = ["user", "service_account", "system", "api_key"];
    for name in MEMBERS.into_iter().filter(|name| *name != "signature") {
        let mut event = signed(bare(), 2);
        let value = match name {
            "actor_kind" => kinds[2],
            "reason_code" => "operator.requestee",
            "permit_id" | "project_id" | "actor_id" => "20000000-0000-4000-8000-000000000002",
            _ => "2026-05-21T10:05:00.000001Z",
        };
        event.insert(name, value);
        let mut around = document(event);
        around.remove("project_id");
        let fault = judge(&around).unwrap_err();
        let expected = match name {
            "revoked_at" | "effective_at" => ("PERMIT_REVOKED_EFFECTIVE_AT_MISMATCH", "REVOKE-02"),
            _ => ("PERMIT_REVOKED_SIGNATURE_INVALID", "REVOKE-05"),
        };
        assert_eq!(told(&fault), (Disproved, expected.0, expected.1), "{name}");
    }
    // Both times moved together leave nothing but the signature to object.
    let mut event = signed(bare(), 2);
    event.insert("revoked_at", "2026-05-20T10:05:00.000000Z");
    event.insert("effective_at", "2026-05-20T10:05:00.000000Z");
    expect(event, (Disproved, "PERMIT_REVOKED_SIGNATURE_INVALID", "REVOKE-05"));
}

#[test]
fn revoke_05_amb_08_a_signature_is_bare_base64_of_64_bytes() {
    let good = signed(bare(), 2).get("signature").unwrap().as_str().unwrap().to_owned();
    let set = |text: String| {
        let mut event = signed(bare(), 2);
        event.insert("signature", text);
        event
    };
    for bad in [
        String::new(),
        format!("ed25519:{good}"),
        format!(" {good}"),
        good.trim_end_matches('=').to_owned(),
        good.replacen(|c: char| c.is_ascii_alphanumeric(), "-", 1),
    ] {
        expect(set(bad), (Disproved, "PERMIT_REVOKED_SCHEMA_INVALID", "REVOKE-05"));
    }
    let zeros = "A".repeat(86) + "==";
    expect(set(zeros), (Disproved, "PERMIT_REVOKED_SIGNATURE_INVALID", "REVOKE-05"));
    let mut event = signed(bare(), 2);
    event.insert("signature", ());
    expect(event, (Disproved, "PERMIT_REVOKED_SCHEMA_INVALID", "REVOKE-05"));
}

#[test]
fn revoke_05_a_hash_beside_the_event_has_to_be_its_own() {
    let with = |hash: Value<'static>| {
        let mut around = Object::default();
        let event = Value::from(signed(bare(), 2));
        around.insert(
            "revocation_event",
            Value::object([("event", event), ("canonical_hash", hash)]),
        );
        around
    };
    let right = "988d47a4ae347d0b4f49866fc2414acec0139c4be103f3491ae53fd6f2cfe2b2";
    assert!(judge(&with(right.into())).is_ok(), "the vector of the facts");
    for wrong in
        [right.replace('9', "8"), right.to_uppercase(), format!("sha256:{right}"), String::new()]
    {
        let fault = judge(&with(wrong.clone().into())).unwrap_err();
        let expected = (Disproved, "PERMIT_REVOKED_SIGNATURE_INVALID", "REVOKE-05");
        assert_eq!(told(&fault), expected, "{wrong}");
    }
    assert!(judge(&with(().into())).is_ok(), "null is none");
}

#[test]
fn revoke_06_a_status_is_no_evidence() {
    let mut row = Object::default();
    for (name, text) in [
        ("status", "revoked"),
        ("event_type", "permit.revoked"),
        ("permit_id", PERMIT),
        ("project_id", PROJECT),
        ("revoked_at", AT),
        ("effective_time", AT),
    ] {
        row.insert(name, text);
    }
    assert!(find_revocation_in_document(&row, Artifact::Export).is_none());
    let expected = (InsufficientEvidence, "PERMIT_REVOKED_EVIDENCE_MISSING", "REVOKE-07");
    assert_eq!(told(&revocation_missing(Artifact::Export)), expected);
}

#[test]
fn revoke_07_each_member_is_needed() {
    for name in MEMBERS {
        let mut event = bare();
        event.remove(name);
        let mut event = signed(event, 2);
        if name == "signature" {
            event.remove(name);
        }
        let expected = (InsufficientEvidence, "PERMIT_REVOKED_EVIDENCE_MISSING", "REVOKE-07");
        expect(event, expected);
    }
}

#[test]
fn revoke_08_amb_51_an_unknown_kind_of_actor_is_asked_about_first() {
    let expected = (UnverifiableScope, "PERMIT_REVOKED_ACTOR_KIND_UNSUPPORTED", "REVOKE-08");
    for kind in ["robot", "User", "user ", ""] {
        expect(bent("actor_kind", kind), expected);
    }
    let others: [Value<'static>; 5] = [
        ().into(),
        7.into(),
        true.into(),
        Value::array(["user"]),
        Value::object([("user", "user")]),
    ];
    for kind in others {
        expect(bent("actor_kind", kind), expected);
    }
    let mut event = bare();
    event.insert("actor_kind", "robot");
    event.insert("actor_id", "unit 7");
    event.insert("serial", 7);
    expect(signed(event, 2), expected);
}

#[test]
fn revoke_09_reasons_are_codes_of_at_most_128_characters() {
    let expected = (Disproved, "PERMIT_REVOKED_SCHEMA_INVALID", "REVOKE-09");
    for bad in ["", "because I say so", "Operator", "a..b", "a.", "1a", "a\n", &"a".repeat(129)] {
        expect(bent("reason_code", bad.to_owned()), expected);
    }
    for good in ["a".to_owned(), "a".repeat(128), "operator.on_call.9".to_owned()] {
        assert!(judge(&document(bent("reason_code", good))).is_ok());
    }
}

#[test]
fn amb_36_ids_of_another_form_are_refused() {
    for name in ["permit_id", "project_id"] {
        for bad in [
            PERMIT.replace('-', ""),
            format!("{{{PERMIT}}}"),
            format!("urn:uuid:{PERMIT}"),
            format!("0x{}", "2".repeat(30)),
            format!("{PERMIT}\n"),
            "permit_123".to_owned(),
            String::new(),
        ] {
            expect(bent(name, bad), (Disproved, "PERMIT_REVOKED_SCHEMA_INVALID", "REVOKE-03"));
        }
    }
    for name in ["permit_id", "project_id", "actor_id"] {
        let rule = if name == "actor_id" { "REVOKE-04" } else { "REVOKE-03" };
        for bad in [Value::from(()), 7.into(), Value::array(["x"]), "".into()] {
            expect(bent(name, bad), (Disproved, "PERMIT_REVOKED_SCHEMA_INVALID", rule));
        }
    }
}

#[test]
fn canon_06_a_number_beyond_doubles_is_no_crash() {
    // Only texts pass the forms, so that such a number never gets as far as the hash.
    let huge = permit_canonical_json::read(b"1e999", &permit_canonical_json::Budget::default());
    let mut event = signed(bare(), 2);
    event.insert("reason_code", huge.unwrap().into_owned());
    expect(event, (Disproved, "PERMIT_REVOKED_SCHEMA_INVALID", "REVOKE-09"));
}

#[test]
fn findings_point_at_the_member() {
    let text = r#"{"a": 1, "revocation_event": {"event": {"permit_id": "p", "project_id": "q", "actor_id": "r",
        "actor_kind": "robot", "reason_code": "s", "revoked_at": "t", "effective_at": "u", "signature": "v"}}}"#;
    let value =
        permit_canonical_json::read(text.as_bytes(), &permit_canonical_json::Budget::default());
    let value = value.unwrap();
    let fault = judge(value.as_object().unwrap()).unwrap_err();
    assert_eq!(fault.finding.at.pointer.to_string(), "/revocation_event/event/actor_kind");
    let range = fault.finding.at.range;
    let bytes = usize::try_from(range.start).unwrap()..usize::try_from(range.end).unwrap();
    assert_eq!(text.get(bytes), Some(r#""robot""#));
    assert_eq!(fault.finding.get("permit_id"), Some("p"));
}

/// The records of the golden corpus about revocations, made anew from what they change.
#[test]
fn golden_records_84_to_89_have_their_verdicts() {
    let mut removed = bare();
    removed.remove("reason_code");
    let mut foreign = document(signed(bare(), 2));
    foreign.insert("project_id", "00000000-0000-0000-0000-000000000099");
    for (id, document, expected) in [
        ("permit-revoked-valid", document(signed(bare(), 2)), None),
        (
            "permit-revoked-neg-bad-signature",
            document(signed(bare(), 9)),
            Some((Disproved, "PERMIT_REVOKED_SIGNATURE_INVALID")),
        ),
        (
            "permit-revoked-neg-project-mismatch",
            foreign,
            Some((Disproved, "PERMIT_REVOKED_PROJECT_ID_MISMATCH")),
        ),
        (
            "permit-revoked-neg-effective-at-mismatch",
            document(bent("effective_at", "2026-05-21T10:06:00.000000Z")),
            Some((Disproved, "PERMIT_REVOKED_EFFECTIVE_AT_MISMATCH")),
        ),
        (
            "permit-revoked-neg-missing-field",
            document(signed(removed, 2)),
            Some((InsufficientEvidence, "PERMIT_REVOKED_EVIDENCE_MISSING")),
        ),
        (
            "permit-revoked-neg-actor-pii-detected",
            document(bent("actor_id", "operator@example.com")),
            Some((Disproved, "PERMIT_REVOKED_ACTOR_PII_DETECTED")),
        ),
    ] {
        let judged = judge(&document).err().map(|fault| (fault.verdict, fault.reason().as_str()));
        assert_eq!(judged, expected, "{id}");
    }
}
