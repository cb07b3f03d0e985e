// SPDX-License-Identifier: Apache-2.0

//! Which key may have signed.

use permit_canonical_json::Object;
use permit_claims::Unsupported::InsufficientEvidence;
use permit_decision::{Slot, SlotContext, adjudicate_slots, find_permits_in_document};
use permit_failure_codes::FailureCode;
use permit_keys::{KeyManifest, Mode};
use permit_revocation::StatedRevocations;
use permit_types::Artifact;

use crate::bench::{
    ACCOUNT, AT, SIGNER, entry, judge_by, key_id, object, permit, permit_with, public_key,
    registered, registry, signed, told, word,
};

fn untrusted(slot: Slot, keys: &KeyManifest) {
    let fault = judge_by(slot, &signed(slot, permit()), None, Some(keys)).unwrap_err();
    let expected = word(slot, "KEY_NOT_TRUSTED");
    assert_eq!(told(&fault), (InsufficientEvidence, expected.as_str()), "{}", fault.message());
    assert_eq!(fault.evidence, [format!("export.{slot}"), "key_registry".to_owned()]);
    assert!(!fault.finding.help.is_empty());
}

fn trusted(slot: Slot, keys: &KeyManifest) {
    judge_by(slot, &signed(slot, permit()), None, Some(keys)).unwrap();
}

#[test]
fn key_01_role_account_signer_and_id_have_to_fit() {
    let other = "bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb";
    for slot in Slot::ALL {
        untrusted(*slot, &registry(&[]));
        for (from, to) in [
            (ACCOUNT, other),
            (SIGNER, other),
            (key_id(2).as_str(), key_id(3).as_str()),
            (slot.purpose().as_str(), "export_signing"),
            ("account_id", "account"),
            ("signer_id", "signer"),
        ] {
            untrusted(*slot, &registry(&[entry(*slot, 2, "").replace(from, to)]));
        }
        for (from, to) in [("account_id", "tenant_id"), ("signer_id", "operator_id")] {
            trusted(*slot, &registry(&[entry(*slot, 2, "").replace(from, to)]));
        }
    }
    let (operator, buyer) = (Slot::OperatorApproval, Slot::CounterSignature);
    untrusted(operator, &registered(buyer));
    untrusted(buyer, &registered(operator));
    trusted(Slot::AuditAttestation, &registered(buyer));
}

#[test]
fn key_01_a_role_may_be_given_by_older_words_or_beside_the_purpose() {
    for slot in Slot::ALL {
        let words: &[&str] = match slot {
            Slot::OperatorApproval => &["operator", "operator_approval"],
            _ => &["buyer_principal", "counter_signature", "audit_attestation"],
        };
        let role = words[0];
        for word in words {
            let renamed = entry(*slot, 2, "").replace(slot.purpose().as_str(), word);
            trusted(*slot, &registry(&[renamed]));
        }
        let more = format!(r#", "signer_role": "{role}""#);
        let beside = entry(*slot, 2, &more).replace(slot.purpose().as_str(), "other");
        trusted(*slot, &registry(&[beside]));
    }
}

#[test]
fn key_03_key_04_key_07_the_key_was_not_to_be_trusted_then() {
    use FailureCode::{
        KeyExpiredAtSigningTime as Expired, SigningKeyRevoked as Revoked,
        UnknownSigningKey as Unknown,
    };
    for slot in Slot::ALL {
        for (more, rule, code) in [
            (r#", "valid_until": "2026-05-23T12:30:00.123455Z""#, "KEY-03", Expired),
            (r#", "valid_from": "2026-05-23T12:30:00.123457Z""#, "KEY-03", Expired),
            (r#", "active_to": "2026-01-01T00:00:00Z""#, "KEY-03", Expired),
            (r#", "valid_until": "soon""#, "KEY-07", Unknown),
            (r#", "valid_from": 7"#, "KEY-07", Unknown),
            (r#", "revoked_at": "2026-05-23T12:30:00.123456Z""#, "KEY-04", Revoked),
            (r#", "revoked_at": "soon""#, "KEY-04", Revoked),
            (r#", "compromised_at": "2027-01-01T00:00:00Z""#, "KEY-04", Revoked),
            (r#", "status": "compromised""#, "KEY-04", Revoked),
        ] {
            let keys = registry(&[entry(*slot, 2, more)]);
            let fault = judge_by(*slot, &signed(*slot, permit()), None, Some(&keys)).unwrap_err();
            assert_eq!(fault.finding.rule.unwrap().as_str(), rule, "{more}");
            assert_eq!(fault.finding.code(), Some(code), "{more}");
            assert_eq!(fault.finding.get("key_problem"), Some(code.as_str()), "{more}");
            untrusted(*slot, &keys);
        }
        trusted(*slot, &registry(&[entry(*slot, 2, r#", "revoked_at": "2026-05-23T12:45:00Z""#)]));
    }
}

#[test]
fn the_window_of_a_registration_has_its_start_and_not_its_end() {
    for slot in Slot::ALL {
        trusted(*slot, &registry(&[entry(*slot, 2, &format!(r#", "valid_from": "{AT}""#))]));
        for name in ["valid_until", "valid_to", "active_to"] {
            untrusted(*slot, &registry(&[entry(*slot, 2, &format!(r#", "{name}": "{AT}""#))]));
        }
        let just = r#", "valid_until": "2026-05-23T12:30:00.123457Z""#;
        trusted(*slot, &registry(&[entry(*slot, 2, just)]));
    }
}

#[test]
fn an_id_is_the_hash_of_its_key() {
    for slot in Slot::ALL {
        // Signed by the key of seed 3, which somebody registered under the id of seed 2.
        let mut permit = permit();
        let payload = crate::bench::payload(*slot, &permit);
        permit.insert(slot.as_str(), crate::bench::envelope(*slot, &payload, 3));
        let keys = registry(&[entry(*slot, 3, "").replace(&key_id(3), &key_id(2))]);
        let fault = judge_by(*slot, &permit, None, Some(&keys)).unwrap_err();
        let expected = word(*slot, "KEY_NOT_TRUSTED");
        assert_eq!(told(&fault), (InsufficientEvidence, expected.as_str()));
    }
}

#[test]
fn keys_that_cannot_be_used_or_told_apart_are_none() {
    for slot in Slot::ALL {
        let public = public_key(2);
        for bad in ["", "ed25519:AAAA", public.trim_end_matches('=')] {
            untrusted(*slot, &registry(&[entry(*slot, 2, "").replace(&public, bad)]));
        }
        let other = entry(*slot, 3, "").replace(&key_id(3), &key_id(2));
        untrusted(*slot, &registry(&[entry(*slot, 2, ""), other]));
        // The same key twice is one key.
        trusted(*slot, &registry(&[entry(*slot, 2, ""), entry(*slot, 2, "")]));
    }
}

#[test]
fn without_a_registry_or_an_account_nothing_is_known() {
    for slot in Slot::ALL {
        let expected = word(*slot, "KEY_NOT_TRUSTED");
        let fault = judge_by(*slot, &signed(*slot, permit()), None, None).unwrap_err();
        assert_eq!(told(&fault), (InsufficientEvidence, expected.as_str()));
        for nobody in ["", "acme", "not-a-uuid"] {
            let permit = signed(*slot, permit_with("account_id", nobody));
            let fault = judge_by(*slot, &permit, None, Some(&registered(*slot))).unwrap_err();
            assert_eq!(told(&fault), (InsufficientEvidence, expected.as_str()), "{nobody}");
        }
    }
}

#[test]
fn the_account_is_the_first_uuid_of_permit_and_manifest() {
    let manifest = |name: &str| object(&format!(r#"{{"{name}": "{ACCOUNT}"}}"#));
    for slot in Slot::ALL {
        let judge = |permit: Object<'static>, manifest: &Object<'_>| {
            let keys = registered(*slot);
            judge_by(*slot, &signed(*slot, permit), Some(manifest), Some(&keys)).is_ok()
        };
        let names = ["account_id", "organization_id", "org_id", "tenant_id", "project_id"];
        for name in names {
            let mut permit = permit();
            permit.remove("account_id");
            assert!(judge(permit.clone(), &manifest(name)), "{name} of the manifest");
            permit.insert(name, ACCOUNT);
            assert!(judge(permit, &Object::default()), "{name} of the permit");
        }
        let mut slug = permit_with("account_id", "acme");
        slug.insert("project_id", ACCOUNT);
        assert!(judge(slug, &Object::default()), "a name that is no UUID is passed over");
        let other = permit_with("account_id", SIGNER);
        assert!(!judge(other, &manifest("account_id")), "the permit's own account counts");
        // A UUID in another spelling may be what others take for the account.
        for spelled in
            [ACCOUNT.replace('-', ""), format!("{{{ACCOUNT}}}"), format!("urn:uuid:{ACCOUNT}")]
        {
            assert!(!judge(permit_with("account_id", spelled), &manifest("account_id")));
        }
    }
}

#[test]
fn key_05_test_keys_count_in_test_mode_and_no_others_do() {
    for slot in Slot::ALL {
        let document = signed(*slot, permit());
        let permits = find_permits_in_document(&document, Artifact::Export);
        let stated = StatedRevocations::new();
        let context = SlotContext::new(&document, None, &stated);
        for (more, mode, holds) in [
            (r#", "environment": "test""#, Mode::Test, true),
            (r#", "environment": "test""#, Mode::Production, false),
            ("", Mode::Test, false),
            ("", Mode::Production, true),
        ] {
            let keys = registry(&[entry(*slot, 2, more)]);
            let judged = adjudicate_slots(*slot, &permits, &context, Some(&keys), mode);
            assert_eq!(judged[0].is_ok(), holds, "{slot} {more} {mode:?}");
        }
    }
}
