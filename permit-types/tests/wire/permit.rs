// SPDX-License-Identifier: Apache-2.0

//! The rules about a permit's own members: one change, one finding, at one place.

use permit_canonical_json::{ByteRange, JsonPointer};
use permit_failure_codes::{FailureCode, Reason, ReasonClass};
use permit_types::{
    Artifact, Finding, Location, Severity, check_permit, check_permit_form, check_permit_semantics,
};

use crate::{
    objects::table,
    table::{Json, json, with, without},
};

/// A permit that breaks no rule.
pub(crate) fn good() -> Json {
    with(&table("Permit").minimal(), "created_at", "2026-05-10T12:34:56Z")
}

fn place() -> Location {
    let pointer = JsonPointer::root().member("records").index(2).member("permit");
    Location::value(Artifact::Export, pointer, ByteRange::new(10, 20))
}

struct Expected {
    severity: Severity,
    reason: Reason,
    rule: &'static str,
    pointer: &'static str,
}

#[track_caller]
fn check_one(permit: &Json, expected: &Expected) -> Finding {
    let findings = check_permit_semantics(permit, &place());
    let [finding] = findings.as_slice() else { panic!("{findings:#?}") };
    assert_eq!(finding.severity, expected.severity);
    assert_eq!(finding.reason, expected.reason);
    assert_eq!(finding.rule.map(|rule| rule.as_str()), Some(expected.rule));
    let pointer = ["/records/2/permit", expected.pointer].concat();
    assert_eq!(finding.at.pointer.to_string(), pointer);
    let id = permit.get("id").and_then(|id| id.as_str());
    assert_eq!(finding.get("permit_id"), id);
    finding.clone()
}

fn failure(rule: &'static str, pointer: &'static str) -> Expected {
    let reason = ReasonClass::PermitSemanticsInvalid.into();
    Expected { severity: Severity::Failure, reason, rule, pointer }
}

fn notice(rule: &'static str, pointer: &'static str) -> Expected {
    Expected { severity: Severity::Notice, ..failure(rule, pointer) }
}

#[test]
fn a_good_permit_has_no_findings() {
    assert_eq!(check_permit(&good(), &place()), []);
    let full = with(&table("Permit").full(), "expires_at", "2026-05-10T14:34:56+02:00");
    assert_eq!(check_permit(&full, &place()), [], "PCHAIN-04 compares instants (AMB-35)");
}

/// Nobody but the issuer knows what a fingerprint is over, so nothing is compared with it.
#[test]
fn amb_54_a_fingerprint_need_not_be_the_hash_of_the_request() {
    let hash = |digit: &str| digit.repeat(64);
    let bound = with(&good(), "binding_request_hash", hash("a"));
    for fingerprint in [hash("a"), hash("b")] {
        let permit = with(&bound, "request_fingerprint", fingerprint);
        assert_eq!(check_permit(&permit, &place()), []);
    }
}

#[test]
fn permit_04_another_word_is_no_decision() {
    for word in ["throttle", "shadow", "ALLOW", "allow ", ""] {
        check_one(&with(&good(), "decision", word), &failure("PERMIT-04", "/decision"));
    }
}

#[test]
fn permit_04_without_a_decision_the_form_is_wrong_and_nothing_else() {
    let form = |pointer| Expected {
        reason: ReasonClass::ObjectFormInvalid.into(),
        ..notice("PERMIT-04", pointer)
    };
    let bound = with(&good(), "binding_request_hash", "x");
    check_one(&without(&bound, "decision"), &form(""));
    for value in ["null", "1", "[\"deny\"]", "{}"] {
        check_one(&with(&bound, "decision", json(value)), &failure("PERMIT-04", "/decision"));
    }
}

#[test]
fn permit_06_amb_29_only_an_allow_may_be_bound() {
    for decision in ["deny", "challenge"] {
        let refused = with(&good(), "decision", decision);
        let null = with(&refused, "binding_request_hash", ());
        assert_eq!(check_permit_semantics(&null, &place()), []);
        for value in ["\"a1f8\"", "\"\"", "0", "{}"] {
            let bound = with(&refused, "binding_request_hash", json(value));
            check_one(&bound, &failure("PERMIT-06", "/binding_request_hash"));
        }
    }
    let allowed = with(&good(), "binding_request_hash", "a1f8");
    assert_eq!(check_permit_semantics(&allowed, &place()), []);
}

#[test]
fn permit_10_amb_30_details_repeat_the_decision() {
    let details = |text| with(&good(), "decision_details", json(text));
    let different = details(r#"{"decision": "deny"}"#);
    let finding = check_one(&different, &failure("PERMIT-10", "/decision_details/decision"));
    assert_eq!(finding.expected.as_deref(), Some("`\"allow\"`"));
    assert_eq!(finding.actual.as_deref(), Some("`\"deny\"`"));
    for same in [r#"{"decision": "allow"}"#, "{}", "null", r#"{"decision": 1}"#, "[]"] {
        assert_eq!(check_permit_semantics(&details(same), &place()), [], "{same}");
    }
}

#[test]
fn permit_33_created_at_is_in_utc() {
    let time = |severity| Expected {
        severity,
        reason: ReasonClass::TimestampForm.into(),
        ..failure("PERMIT-33", "/created_at")
    };
    let at = |text: &'static str| with(&good(), "created_at", text);
    check_one(&at("2026-05-10T14:34:56+02:00"), &time(Severity::Failure));
    for text in ["2026-05-10 12:34:56Z", "2026-05-10T12:34:56", "yesterday", ""] {
        check_one(&at(text), &time(Severity::Notice));
    }
    for text in ["2026-05-10T12:34:56.5+00:00", "2026-05-10T12:34:56-00:00"] {
        assert_eq!(check_permit_semantics(&at(text), &place()), [], "{text}");
    }
    for value in ["null", "1778416496"] {
        let permit = with(&good(), "created_at", json(value));
        assert_eq!(check_permit_semantics(&permit, &place()), [], "left to the form");
    }
}

#[test]
fn pchain_04_amb_33_35_two_expiries_are_one_instant() {
    let permit = |top: &'static str, inner: &'static str| {
        let envelope = with(&table("AuthorityEnvelope").minimal(), "expires_at", inner);
        with(&with(&good(), "authority_envelope", envelope), "expires_at", top)
    };
    let expected = Expected {
        reason: FailureCode::WalkPermitChainEnvelopeInconsistent.into(),
        ..failure("PCHAIN-04", "/expires_at")
    };
    check_one(&permit("2026-05-10T12:00:00Z", "2026-05-10T12:00:01Z"), &expected);
    check_one(&permit("2026-05-10T12:00:00Z", "2026-05-10T12:00:00+01:00"), &expected);
    for (top, inner) in [
        ("2026-05-10T12:00:00Z", "2026-05-10T12:00:00.000000Z"),
        ("2026-05-10T12:00:00Z", "2026-05-10T14:00:00+02:00"),
        ("soon", "2026-05-10T12:00:00Z"),
        ("2026-05-10T12:00:00Z", "soon"),
    ] {
        assert_eq!(check_permit_semantics(&permit(top, inner), &place()), [], "{top} {inner}");
    }
    let one_side = without(&permit("2026-05-10T12:00:00Z", "2026-05-11T12:00:00Z"), "expires_at");
    assert_eq!(check_permit_semantics(&one_side, &place()), []);
}

#[test]
fn permit_18_workflow_members_come_together() {
    let members = [
        ("workflow_declaration_id", json("\"9f2e3a40-1c5d-4d8b-9a4c-7f6e2b1d8c01\"")),
        ("workflow_id", json("\"run\"")),
        ("workflow_state_json", json("{}")),
    ];
    for present in 0..8_u8 {
        let mut permit = good();
        let mut first = None;
        for (bit, (name, value)) in members.iter().enumerate() {
            let is_there = present & (1 << bit) != 0;
            permit = with(&permit, name, if is_there { value.clone() } else { json("null") });
            first = first.or(is_there.then_some(*name));
        }
        if matches!(present, 0 | 7) {
            assert_eq!(check_permit_semantics(&permit, &place()), []);
        } else {
            let pointer = ["/", first.unwrap()].concat().leak();
            check_one(&permit, &notice("PERMIT-18", pointer));
        }
    }
}

#[test]
fn permit_09_types_and_messages_of_actions_are_not_empty() {
    let actions = |text| with(&good(), "actions_json", json(text));
    for (text, pointer) in [
        (r#"[{"type": ""}]"#, "/actions_json/0/type"),
        (r#"[{}, {"type": "log", "message": 1}]"#, "/actions_json/1/message"),
        (r#"[{"message": null}]"#, "/actions_json/0/message"),
    ] {
        check_one(&actions(text), &notice("PERMIT-09", pointer));
    }
    for text in
        ["[]", "[{}]", r#"[{"type": "log", "message": "x", "more": ""}]"#, "[1, null]", "{}"]
    {
        assert_eq!(check_permit_semantics(&actions(text), &place()), [], "{text}");
    }
    let many = actions(&["[", &[r#"{"type": ""}"#; 100].join(","), "]"].concat());
    let finding = check_one(&many, &notice("PERMIT-09", "/actions_json/0/type"));
    assert_eq!(finding.get("further_actions"), Some("99"));
}

#[test]
fn permit_30_pchain_35_names_are_reserved() {
    for (rule, names) in [
        ("PERMIT-30", ["permit_format_version", "signature", "counter_signature"]),
        (
            "PCHAIN-35",
            ["authority_envelope_v2", "authority_envelope_signature", "delegation_constraints"],
        ),
    ] {
        for name in names {
            let expected = Expected {
                reason: ReasonClass::ReservedNameUsed.into(),
                ..notice(rule, ["/", name].concat().leak())
            };
            let permit = with(&good(), name, ());
            check_one(&permit, &expected);
            assert_eq!(check_permit(&permit, &place()).len(), 1, "not reported twice");
        }
    }
}

#[test]
fn permit_01_03_departures_from_the_form_are_notices_with_their_place() {
    for (permit, rule, pointer) in [
        (with(&good(), "foo", 1), "PERMIT-01", "/foo"),
        // A word for display is a member like any other that nobody knows (AMB-28).
        (with(&good(), "display_decision", "throttle"), "PERMIT-01", "/display_decision"),
        (without(&good(), "policy_id"), "PERMIT-03", ""),
        (with(&good(), "policy_id", 1), "PERMIT-03", "/policy_id"),
        (with(&good(), "actions_json", json("[1]")), "PERMIT-03", "/actions_json/0"),
        (with(&good(), "status", 1), "CONF-01", "/status"),
        (with(&good(), "routing", json("{}")), "CONF-01", "/routing"),
        (with(&good(), "actor_ref", json(r#"{"x": 1}"#)), "PERMIT-01", "/actor_ref/x"),
        (json("[]"), "PERMIT-03", ""),
    ] {
        let finding = check_permit_form(&permit, &place()).unwrap();
        assert_eq!(finding.severity, Severity::Notice);
        assert_eq!(finding.reason, ReasonClass::ObjectFormInvalid.into());
        assert_eq!(finding.rule.map(|rule| rule.as_str()), Some(rule), "{finding:?}");
        let pointer = ["/records/2/permit", pointer].concat();
        assert_eq!(finding.at.pointer.to_string(), pointer);
        assert_eq!(check_permit(&permit, &place()), [finding]);
    }
}

#[test]
fn form_findings_speak_of_json_and_not_of_rust() {
    for (name, value, summary) in [
        ("estimated_input_tokens", "-1", "`-1` is not an integer that is not negative"),
        (
            "estimated_input_tokens",
            "\"7\"",
            "found `\"7\"` where an integer that is not negative belongs",
        ),
        ("actor_ref", "[]", "found an array where an object belongs"),
        ("actions_json", "{}", "found an object where an array belongs"),
        ("id", "\"x\"", "`\"x\"` is not a UUID of the form 8-4-4-4-12"),
        ("workflow_id", "\"\"", "`\"\"` is not 1 to 255 letters, digits, `_` or `-`"),
    ] {
        let permit = with(&good(), name, json(value));
        let finding = check_permit_form(&permit, &place()).unwrap();
        assert_eq!(finding.summary, summary);
        assert!(finding.expected.is_some() && finding.actual.is_some());
    }
}

#[test]
fn findings_carry_the_bytes_of_the_value() {
    let text = r#"{"decision": "deny", "binding_request_hash": "a1f8", "signature": 1}"#;
    let findings = check_permit_semantics(&json(text), &Location::whole(Artifact::Export));
    let shown: Vec<&str> = findings
        .iter()
        .map(|finding| {
            let range = finding.at.range;
            let offset = |offset| usize::try_from(offset).unwrap();
            text.get(offset(range.start)..offset(range.end)).unwrap()
        })
        .collect();
    assert_eq!(shown, ["\"a1f8\"", "\"signature\""]);
}
