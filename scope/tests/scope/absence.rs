// SPDX-License-Identifier: Apache-2.0

//! Rules about dispatches after a revocation.

use permit_claims::{ClaimFault, Unsupported, Verdict};
use permit_failure_codes::{FailureCode, ReasonClass};
use permit_scope::{
    AbsenceEvidence, RevocationFacts, absence_predicate, adjudicate_dispatch_absence,
};
use permit_types::{Artifact, Finding, Location, PermitId, ProjectId, Rfc3339};
use serde_json::{Value as Json, json};

use crate::pack::{
    COMPUTED_AT, P, PROJECT, Pack, Q, REVOKED_AT, asking, chain_of, equals, loose, strict, told,
};

use Verdict::{Disproved as D, InsufficientEvidence as I, Supported as S, UnverifiableScope as U};

const DISPATCH: &str = "dispatch.egress_bound";
const PRESENT: &str = "EXPORT_SCOPE_POST_REVOCATION_DISPATCH_PRESENT";
const BRIDGE: &str = "EXPORT_SCOPE_BRIDGE_RECORD_MATCHES_PREDICATE";
const OUT: &str = "EXPORT_SCOPE_PREDICATE_OUT_OF_GRAMMAR";
const NOT_COMMITTED: &str = "EXPORT_SCOPE_COMMITMENT_MISSING";

#[track_caller]
fn expect(name: &str, pack: &Pack, verdict: Verdict, code: &str) {
    assert_eq!(pack.absence_claim(), (verdict, code), "{name}");
}

/// An honest pack over a chain in which P is revoked at 10:05 and this happens as well.
fn with(event: &str, permit: &str, at: &str) -> Pack {
    let mut events =
        vec![("permit.created", Some(P), "10:00:00"), ("permit.revoked", Some(P), "10:05:00")];
    let place = events.iter().position(|(_, _, other)| *other > at).unwrap_or(events.len());
    events.insert(place, (event, Some(permit), at));
    Pack::over(&chain_of(&events), &[asking()])
}

#[test]
fn absent_05_and_absent_10_what_does_not_disprove() {
    for (name, pack) in [
        ("the chain of the table", Pack::of(&[asking()])),
        ("ABSENT-10 a dispatch before", with(DISPATCH, P, "10:04:59.999999")),
        ("a completion after", with("execution.completed", P, "10:06:00")),
        ("a response after", with("provider.response.received", P, "10:06:00")),
        ("a delivery after", with("client.response.delivered", P, "10:06:00")),
        ("a dispatch under another permit", with(DISPATCH, Q, "10:06:00")),
        ("a dispatch at the checkpoint", with(DISPATCH, P, "10:10:00")),
    ] {
        expect(name, &pack, S, "");
    }
}

#[test]
fn absent_02_and_absent_05_a_dispatch_after_the_revocation_disproves() {
    for (name, at) in
        [("at equality", "10:05:00"), ("after", "10:06:00"), ("at the end", "10:09:59.999999")]
    {
        let pack = with(DISPATCH, P, at);
        assert_eq!(pack.claim(), (S, ""), "{name}");
        expect(name, &pack, D, PRESENT);
    }
}

#[test]
fn absent_06_a_bridge_that_matches_disproves() {
    let hidden = with(DISPATCH, P, "10:06:00").bent(|segment| {
        let evidence = &mut segment["chain_evidence"];
        let record = evidence["disclosure_records"].as_array_mut().unwrap().remove(0);
        evidence["proof_bridge_records"].as_array_mut().unwrap().push(record);
    });
    assert_eq!(hidden.claim(), (D, "EXPORT_PROOF_BRIDGE_MISCLASSIFIED"));
    expect("hidden", &hidden, D, BRIDGE);
}

/// A record that is made to look like none by spoiling its time or by saying two things.
#[test]
fn absent_06_a_bridge_that_might_match_does_not_pass() {
    let spoiled = |bend: &dyn Fn(&mut Json)| {
        Pack::of(&[asking()]).bent(|segment| {
            // The dispatch under Q at 10:08.
            bend(&mut segment["chain_evidence"]["proof_bridge_records"][6]);
        })
    };
    let two = spoiled(&|record| record["permit_id"] = json!(P));
    expect("the entry names P", &two, D, BRIDGE);
    let time = spoiled(&|record| {
        record["payload_json"]["permit_id"] = json!(P);
        record["payload_json"]["occurred_at"] = json!("20260521T100800Z");
    });
    expect("no time that is read here", &time, I, "EXPORT_CHAIN_PROOF_MISSING");
}

#[test]
fn absent_07_and_amb_44_what_the_claim_needs_and_does_not_have() {
    let mut pack = Pack::of(&[asking()]);
    pack.checkpoint = None;
    expect("no checkpoint", &pack, I, "CHECKPOINT_SCOPE_STATE_CHECKPOINT_MISSING");
    let mut pack = Pack::of(&[asking()]);
    pack.sidecars[0] = None;
    expect("no scope state", &pack, I, "CHECKPOINT_SCOPE_STATE_MISSING");
    let mut pack = Pack::of(&[asking()]);
    pack.document["scope_faithfulness"] = json!(null);
    expect("no block", &pack, I, "EXPORT_SCOPE_DECLARATION_MISSING");
    let pack =
        Pack::of(&[asking()]).bent(|segment| segment["declared_end"]["sequence_number"] = json!(7));
    expect("a disproved segment", &pack, I, "EXPORT_BOUNDARY_CHECKPOINT_MISMATCH");
    let mut pack = Pack::of(&[asking()]);
    pack.checkpoint.as_mut().unwrap()["signature"] = json!("ed25519:AAAA");
    expect(
        "a checkpoint that does not verify",
        &pack,
        I,
        "CHECKPOINT_SCOPE_STATE_CHECKPOINT_MISMATCH",
    );
    let pack = Pack::of(&[asking()]).bent_state(|it| it["commitment_profile"] = json!("x"));
    expect("another profile", &pack, I, "CHECKPOINT_SCOPE_STATE_COMMITMENT_PROFILE_UNKNOWN");
    let pack = Pack::of(&[equals(&[("event_type", "permit.closed")])]);
    expect("a segment about something else", &pack, I, NOT_COMMITTED);
}

#[test]
fn absent_07_a_revocation_that_does_not_hold_gives_its_reason() {
    let pack = Pack::of(&[asking()]);
    let (document, scope) = (strict(&pack.document), pack.judge());
    for (verdict, finding) in [
        (
            Unsupported::Disproved,
            Finding::failure(
                FailureCode::PermitRevokedSignatureInvalid,
                Location::whole(Artifact::Export),
                "x",
            ),
        ),
        (
            Unsupported::InsufficientEvidence,
            Finding::failure(
                ReasonClass::PermitRevokedEvidenceMissing,
                Location::whole(Artifact::Export),
                "x",
            ),
        ),
    ] {
        let fault = ClaimFault::new(verdict, finding);
        let judged = adjudicate_dispatch_absence(&AbsenceEvidence {
            document: &document,
            revocation: Err(&fault),
            checkpoint: &pack.checkpoint_evidence(),
            scope: &scope,
        });
        assert_eq!(told(judged.as_ref().map(|_| ())), (I, fault.reason().as_str()));
    }
    assert!(RevocationFacts::new(P, PROJECT, "when it was revoked").is_none());
}

/// A pack whose predicate was changed before anything was committed to.
fn asked(bend: impl FnOnce(&mut Json)) -> Pack {
    let mut predicate = asking();
    bend(&mut predicate);
    Pack::of(&[predicate])
}

#[test]
fn absent_03_and_amb_41_the_predicate_has_exactly_this_shape() {
    for (name, pack) in [
        ("another equality", asked(|it| it["equals"]["provider"] = json!("openai"))),
        (
            "one less",
            asked(|it| {
                it["equals"].as_object_mut().unwrap().remove("project_id");
            }),
        ),
        (
            "another range",
            asked(|it| {
                it["ranges"]["sequence_number"] = json!({ "gte": 1, "lte": 8 });
            }),
        ),
        (
            "the time of writing",
            asked(|it| {
                it["ranges"] = json!({ "created_at": { "gte": REVOKED_AT, "lt": COMPUTED_AT } });
            }),
        ),
        ("no range", asked(|it| it["ranges"] = json!({}))),
        ("all records", Pack::of(&[equals(&[])])),
    ] {
        assert_eq!(pack.claim(), (S, ""), "{name}");
        expect(name, &pack, U, OUT);
    }
}

#[test]
fn absent_04_a_predicate_of_another_grammar_and_one_that_is_malformed() {
    let bent = |bend: &dyn Fn(&mut Json)| {
        Pack::of(&[asking()]).bent(|segment| bend(&mut segment["declared_scope"]["predicate"]))
    };
    // The reference says insufficient of all of them.
    for (name, pack, verdict, code) in [
        (
            "ABSENT-01 no lt",
            bent(&|it| {
                it["ranges"]["occurred_at"].as_object_mut().unwrap().remove("lt");
            }),
            U,
            OUT,
        ),
        ("a list", bent(&|it| it["equals"]["event_type"] = json!([DISPATCH])), U, OUT),
        ("or", bent(&|it| it["operator"] = json!("or")), U, "EXPORT_SCOPE_PREDICATE_UNSUPPORTED"),
        (
            "model",
            bent(&|it| it["equals"]["model"] = json!("m")),
            U,
            "EXPORT_SCOPE_PREDICATE_UNSUPPORTED",
        ),
        (
            "no operator",
            bent(&|it| {
                it.as_object_mut().unwrap().remove("operator");
            }),
            D,
            "EXPORT_SCOPE_PREDICATE_MALFORMED",
        ),
    ] {
        assert_eq!(pack.claim(), (verdict, code), "{name}");
        expect(name, &pack, verdict, code);
    }
    // About something else, such a predicate is a missing dependency.
    let other = bent(&|it| {
        it["equals"]["permit_id"] = json!(Q);
        it["equals"]["model"] = json!("m");
    });
    expect("of another permit", &other, I, "EXPORT_SCOPE_PREDICATE_UNSUPPORTED");
}

#[test]
fn absent_02_and_amb_42_the_predicate_is_that_of_this_revocation_and_this_checkpoint() {
    for (name, bend) in [
        ("another permit", bend(|it| it["equals"]["permit_id"] = json!(Q))),
        ("another project", bend(|it| it["equals"]["project_id"] = json!(Q))),
        ("another event", bend(|it| it["equals"]["event_type"] = json!("permit.closed"))),
        (
            "a later start",
            bend(|it| {
                it["ranges"]["occurred_at"]["gte"] = json!("2026-05-21T10:05:00.000001Z");
            }),
        ),
        (
            "an earlier end",
            bend(|it| {
                it["ranges"]["occurred_at"]["lt"] = json!("2026-05-21T10:09:00Z");
            }),
        ),
    ] {
        expect(name, &asked(bend), I, NOT_COMMITTED);
    }
}

fn bend(bend: impl Fn(&mut Json) + 'static) -> Box<dyn Fn(&mut Json)> {
    Box::new(bend)
}

/// The reference compares texts, so that another spelling of the same instant is another one.
#[test]
fn amb_42_bounds_are_compared_as_instants() {
    let pack = asked(|it| {
        it["ranges"]["occurred_at"] =
            json!({ "gte": "2026-05-21T12:05:00+02:00", "lt": "2026-05-21T10:10:00Z" });
    });
    expect("other spellings", &pack, S, "");
}

/// The reference supports the claim: nothing is in an empty range.
#[test]
fn absent_01_a_checkpoint_before_the_revocation_shows_nothing() {
    for before in ["2026-05-21T10:05:00Z", "2026-05-21T10:04:00Z"] {
        let mut pack = asked(|it| it["ranges"]["occurred_at"]["lt"] = json!(before));
        pack.checkpoint.as_mut().unwrap()["computed_at"] = json!(before);
        assert_eq!(pack.claim(), (S, ""));
        expect(before, &pack, I, NOT_COMMITTED);
    }
    let time = |text| Rfc3339::parse(text).unwrap();
    let (project, permit) = (ProjectId::parse(PROJECT).unwrap(), PermitId::parse(P).unwrap());
    let issue = |end| absence_predicate(&project, &permit, &time(REVOKED_AT), &time(end));
    assert!(issue(REVOKED_AT).is_err());
    let issued = permit_canonical_json::to_value(&issue(COMPUTED_AT).unwrap()).unwrap();
    assert_eq!(loose(&issued), asking());
}

#[test]
fn amb_42_a_checkpoint_that_does_not_say_when_it_was_computed() {
    let mut pack = Pack::of(&[asking()]);
    for key in 0..2 {
        pack.keys["keys"][key]["valid_from"] = json!(null);
    }
    pack.checkpoint.as_mut().unwrap()["computed_at"] = json!("at noon");
    assert_eq!(pack.claim(), (S, ""));
    expect("no time", &pack, I, NOT_COMMITTED);
}

/// For the reference the first segment of another shape makes the claim unverifiable.
#[test]
fn absent_03_segments_about_something_else_do_not_count() {
    let closed = equals(&[("event_type", "permit.closed")]);
    for (name, predicates) in [
        ("before", vec![closed.clone(), asking()]),
        ("behind", vec![asking(), closed.clone()]),
        ("all records", vec![equals(&[]), asking()]),
        ("all of the permit", vec![equals(&[("permit_id", P)]), asking()]),
    ] {
        expect(name, &Pack::of(&predicates), S, "");
    }
    expect("alone", &Pack::of(&[closed]), I, NOT_COMMITTED);
    // A segment that fails is a missing dependency, whatever it is about.
    let mut pack = Pack::of(&[asking(), equals(&[])]);
    pack.segment(1)["declared_end"]["sequence_number"] = json!(7);
    expect("another one fails", &pack, I, "EXPORT_BOUNDARY_CHECKPOINT_MISMATCH");
}

/// The reference never judges the asking segment then, and takes its scope state unseen.
#[test]
fn absent_06_a_bridge_of_another_segment_is_a_missing_dependency() {
    let other = {
        let mut other = asking();
        other["equals"]["permit_id"] = json!(Q);
        other
    };
    let mut pack = Pack::of(&[other, asking()]);
    let evidence = &mut pack.segment(0)["chain_evidence"];
    let record = evidence["disclosure_records"].as_array_mut().unwrap().remove(0);
    evidence["proof_bridge_records"].as_array_mut().unwrap().push(record);
    pack.sidecar(1)["signature"]["signature"] = json!("ed25519:AAAA");
    assert_eq!(pack.claim(), (D, "EXPORT_PROOF_BRIDGE_MISCLASSIFIED"));
    expect("forged behind it", &pack, I, "EXPORT_PROOF_BRIDGE_MISCLASSIFIED");
}

/// What the reference never sees, since it takes no second segment.
#[test]
fn absent_06_no_record_of_any_segment_is_a_dispatch_after_the_revocation() {
    let entries = chain_of(&[
        ("permit.created", Some(P), "10:00:00"),
        ("permit.revoked", Some(P), "10:05:00"),
        (DISPATCH, Some(P), "10:06:00"),
    ]);
    // The issuer commits to no dispatch, and another segment of the same export shows one.
    let honest = Pack::over(&entries[..2], &[asking()]);
    for (name, predicate, code) in [
        ("disclosed", equals(&[]), PRESENT),
        ("a bridge", equals(&[("event_type", "permit.created")]), BRIDGE),
    ] {
        let mut pack = Pack::over(&entries, &[predicate, asking()]);
        let mut sidecar = pack.sidecar(1).clone();
        let empty = honest.sidecars[0].as_ref().unwrap()["scope_commitments"][0].clone();
        sidecar["scope_commitments"][1] = empty;
        pack.sidecars[1] = Some(sidecar);
        pack.seal_state(1);
        pack.refer(1);
        let evidence = &mut pack.segment(1)["chain_evidence"];
        evidence["disclosure_records"] = json!([]);
        evidence["proof_bridge_records"] = json!([]);
        assert_eq!(pack.claim(), (S, ""), "{name}");
        expect(name, &pack, D, code);
    }
}

#[test]
fn absent_08_a_name_set_aside_for_proofs_of_absence_is_not_evaluated() {
    let name = |it: &mut Json| {
        it["predicate_basis"]["reserved_namespaces"] = json!(["non_membership_profile"]);
    };
    expect("none", &Pack::of(&[asking()]).bent_state(name), S, "");
    expect("one", &with(DISPATCH, P, "10:06:00").bent_state(name), D, PRESENT);
    let mut pack = Pack::of(&[asking()]);
    pack.document["non_membership_profile"] = json!({ "proof": "none of it" });
    expect("in the export", &pack, S, "");
}

#[test]
fn absent_09_the_statement_claims_the_scope_and_no_more() {
    let proof = Pack::of(&[asking()]).absence().unwrap();
    assert_eq!(
        proof.statement(),
        format!(
            "the scope state commits to no `dispatch.egress_bound` record of the chain `{}` under the \
             permit `{P}` from {REVOKED_AT} on and before {COMPUTED_AT}",
            proof.chain_scope()
        )
    );
    assert_eq!((proof.segment_id(), proof.permit_id()), ("segment-0", P));
    assert_eq!(proof.checkpoint_id(), crate::pack::CHECKPOINT);
    for word in ["executed", "complete", "never", "nothing"] {
        assert!(!proof.statement().contains(word), "{word}");
    }
}

/// The packs of the public corpus by the same name, as its generator describes them: whole entries as
/// records, another member in the end, a reserved name in the scope state.
#[test]
fn the_ten_corpus_records_about_absence() {
    let as_corpus = |mut pack: Pack| {
        let segment = pack.segment(0);
        for list in ["disclosure_records", "proof_bridge_records"] {
            for record in segment["chain_evidence"][list].as_array_mut().unwrap() {
                let created_at = record["created_at"].clone();
                record["occurred_at"] = created_at.clone();
                record["payload_json"]["occurred_at"] = created_at;
                record["payload_json"]["event_type"] = record["event_type"].clone();
                for name in ["resource_type", "resource_id", "severity"] {
                    record[name] = record["payload_json"][name].clone();
                    record["payload_json"].as_object_mut().unwrap().remove(name);
                }
                record["outcome"] = json!(null);
                record["permit_id"] = record["payload_json"]["permit_id"].clone();
                record["project_id"] = json!(PROJECT);
            }
        }
        segment["declared_end"]["checkpoint_boundary"] = json!(COMPUTED_AT);
        pack.bent_state(|it| {
            it["predicate_basis"]["reserved_namespaces"] =
                json!(["keel.scope_predicate.reserved.v1", "non_membership_profile"]);
        })
    };
    let revoked = || Pack::over(&chain_of(&[("permit.revoked", Some(P), "10:05:00")]), &[asking()]);
    let present = || as_corpus(with(DISPATCH, P, "10:06:00"));
    for id in ["valid-empty-scope", "edge-empty-scope-supported"] {
        let pack = as_corpus(revoked());
        assert_eq!((pack.state_claim(), pack.claim()), ((S, ""), (S, "")), "{id}");
        expect(id, &pack, S, "");
        let judged = pack.judge();
        let facts = judged.faithfulness().unwrap().segments().next().unwrap().facts();
        assert_eq!(facts.hashes_computed, 1);
    }
    for id in ["valid-with-pre-revocation-dispatch", "edge-pre-revocation-dispatch-supported"] {
        expect(id, &as_corpus(with(DISPATCH, P, "10:04:00")), S, "");
    }
    expect("neg-post-revocation-dispatch-present", &present(), D, PRESENT);
    let hidden = present().bent(|segment| {
        let evidence = &mut segment["chain_evidence"];
        let record = evidence["disclosure_records"].as_array_mut().unwrap().remove(0);
        evidence["proof_bridge_records"].as_array_mut().unwrap().push(record);
    });
    expect("neg-bridge-record-matches-predicate", &hidden, D, BRIDGE);
    let provider = as_corpus(asked(|it| it["equals"]["provider"] = json!("openai")));
    expect("neg-predicate-out-of-grammar", &provider, U, OUT);
    let mut missing = as_corpus(revoked());
    missing.checkpoint = None;
    expect("neg-missing-checkpoint", &missing, I, "CHECKPOINT_SCOPE_STATE_CHECKPOINT_MISSING");
    let mut missing = as_corpus(revoked());
    missing.sidecars[0] = None;
    expect("neg-missing-sidecar", &missing, I, "CHECKPOINT_SCOPE_STATE_MISSING");
    let equal = as_corpus(with(DISPATCH, P, "10:05:00"));
    expect("neg-occurred-at-equals-effective-at", &equal, D, PRESENT);
}
