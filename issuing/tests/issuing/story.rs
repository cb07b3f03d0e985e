// SPDX-License-Identifier: Apache-2.0

//! A whole story by the command, and every export of it verified.

use permit_canonical_json::Value;
use permit_claims::Claim;
use permit_verifier::{
    CheckpointEvidence, ExportOptions, Layers, NamedFile, NoFolder, Verdict,
    judge_delegation_denied, verify_checkpoint,
};

use crate::support::{ACTOR, Folder, id};

const EVERYTHING: Layers = Layers { walk_events: true, verify_closure: true };

fn story(folder: &Folder) -> String {
    folder.executed(1);
    let response = ["--provider-response", "response.bin", "--client-response", "response.bin"];
    let mut more = vec!["--status-code", "200", "--output", "closure.json"];
    more.extend(response);
    folder.close(1, "closed", &more).done();
    folder.permit("deny", 2, &[]).done();
    folder.permit("challenge", 3, &[]).done();
    // Bound later, timed out.
    folder.permit("allow", 4, &["--no-bind"]).done();
    folder.run(&["bind", &id(4), "--request", "request.json"]).done();
    folder.run(&["dispatch", &id(4), "--request", "request.json"]).done();
    folder.close(4, "timeout", &[]).done();
    // Authority, handed on and refused.
    folder.permit("allow", 5, &["--no-bind", "--envelope", "root.json"]).done();
    folder.delegate(5, 6, "less.json").done();
    folder
        .run(&["append", "--type", "tool.called", "--permit", &id(6), "--outcome", "success"])
        .done();
    let denied = folder.delegate(6, 7, "root.json").refused("PCHAIN-12");
    folder.run(&["revoke", &id(6), "--actor", ACTOR, "--reason", "operator.requested"]).done();
    folder.delegate(6, 8, "less.json").refused("PCHAIN-24");
    folder.run(&["append", "--type", "operator.shift_ended"]).done();
    denied
        .get("recorded_event_id")
        .and_then(Value::as_str)
        .expect("a denial is recorded")
        .to_owned()
}

#[test]
fn every_export_of_a_story_verifies_with_all_claims_supported() {
    let folder = Folder::with_store();
    story(&folder);
    let walk = Layers { walk_events: true, verify_closure: false };
    for (form, layers, claims) in [
        ("bundle", EVERYTHING, 6),
        ("permits", Layers::default(), 2),
        ("events", walk, 3),
        ("jsonl", walk, 2),
    ] {
        for gzip in [false, true] {
            let name = format!("{form}-{gzip}.out");
            let mut args = vec!["export", &name, "--form", form];
            args.extend(if gzip { &["--gzip"][..] } else { &["--pretty"] });
            let answer = folder.run(&args).done();
            let report = folder.verify(&name, layers);
            assert!(report.passed(), "{name}: {:#?}", report.findings);
            assert!(report.claims.len() >= claims, "{name}: {:?}", report.claims);
            for claim in &report.claims {
                assert_eq!(claim.verdict, Verdict::Supported, "{name}: {claim:?}");
            }
            let records = answer.get("record_count").and_then(Value::as_u64);
            assert_eq!(
                records,
                Some(report.inspected.records.max(report.inspected.chain_entries))
                    .filter(|_| form != "bundle")
                    .or(Some(6)),
                "{name}"
            );
        }
    }
}

#[test]
fn pinned_exports_say_what_their_claims_mean() {
    let folder = Folder::with_store();
    story(&folder);
    let claims = [Claim::ExportIntegrity, Claim::ChainContinuity, Claim::ClosureSignature];
    let mut args = vec!["export", "pinned.json"];
    args.extend(claims.iter().flat_map(|claim| ["--pin", claim.as_str()]));
    folder.run(&args).done();
    let report = folder.verify("pinned.json", EVERYTHING);
    assert!(report.passed(), "{:#?}", report.findings);
    assert_eq!(report.semantics.mode.as_str(), "pinned");
    let judged: Vec<_> = report.claims.iter().map(|claim| (claim.claim, claim.verdict)).collect();
    for claim in claims {
        assert!(judged.contains(&(claim, Verdict::Supported)), "{judged:?}");
    }
}

#[test]
fn bundles_are_cut_by_time_and_their_chains_are_not() {
    let folder = Folder::with_store();
    story(&folder);
    let times = folder.run(&["status", "--permits"]).done();
    let permits =
        times.get("permits").and_then(Value::as_array).expect("it lists permits").to_vec();
    let created =
        |index: usize| permits[index].get("created_at").and_then(Value::as_str).unwrap().to_owned();
    let (from, to) = (created(1), created(3));
    folder.run(&["export", "part.json", "--from", &from, "--to", &to]).done();
    let report = folder.verify("part.json", Layers { walk_events: true, verify_closure: false });
    assert!(report.passed(), "{:#?}", report.findings);
    assert_eq!(report.inspected.permits, 2);
    // Events come with whole chains, or not at all.
    folder.run(&["export", "part.jsonl", "--form", "jsonl", "--from", &from]).refused("CHAIN-08");
    folder.run(&["export", "none.json", "--from", &to, "--to", &from]).refused("AMB-49");
}

#[test]
fn refused_delegations_can_be_judged_again() {
    let folder = Folder::with_store();
    let denied = story(&folder);
    folder.run(&["export", "events.json", "--form", "events"]).done();
    let evidence = NamedFile::new("events.json", folder.read("events.json"));
    // The reference's recipe asks for this name, in all events of a document.
    let document = crate::support::json(&evidence.bytes);
    let events = document.get("records").and_then(Value::as_array).unwrap();
    assert!(events.iter().all(|event| event.get("occurred_at").is_some()));
    let options = ExportOptions::default();
    let answer = judge_delegation_denied(&evidence, Some(&denied), &NoFolder, &options);
    assert_eq!(answer.verdict(), Verdict::Supported, "{answer:?}");
}

#[test]
fn checkpoints_verify_and_name_every_chain() {
    let folder = Folder::with_store();
    story(&folder);
    let answer = folder.run(&["checkpoint", "--output", "checkpoint.json"]).done();
    let file = NamedFile::new("checkpoint.json", folder.read("checkpoint.json"));
    let evidence =
        CheckpointEvidence { file, folder: &NoFolder, authorities: None, skip_receipts: true };
    let report = verify_checkpoint(&evidence, &folder.trust(), &ExportOptions::default());
    assert!(report.report.passed(), "{:#?}", report.report.findings);
    let heads = answer.get("checkpoint").and_then(|checkpoint| checkpoint.get("chain_heads"));
    let heads = heads.and_then(Value::as_object).expect("it has heads");
    // One for each of six permits, and one for what is about none.
    assert_eq!(heads.len(), 7);
}

#[test]
fn one_chain_for_everything_is_exported_as_a_whole_or_not() {
    let folder = Folder::new();
    folder.run(&["init", "--project-id", crate::support::PROJECT, "--chains", "one"]).done();
    folder.keys();
    for number in 1..=3 {
        folder.executed(number);
    }
    folder.run(&["export", "whole.json"]).done();
    assert!(
        folder.verify("whole.json", Layers { walk_events: true, verify_closure: false }).passed()
    );
    let status = folder.run(&["status", &id(2)]).done();
    let created = status.get("standing").and_then(|standing| standing.get("created_at"));
    let created = created.and_then(Value::as_str).unwrap().to_owned();
    // From the second permit on the chain begins later, which is no fault of a window (CHAIN-19).
    folder.run(&["export", "tail.json", "--from", &created]).done();
    assert!(
        folder.verify("tail.json", Layers { walk_events: true, verify_closure: false }).passed()
    );
    // An event about no permit is in no record, and a bundle would lack the link.
    folder.run(&["append", "--type", "operator.shift_ended"]).done();
    folder.executed(4);
    folder.run(&["export", "hole.json"]).refused("CHAIN-08");
    assert!(!folder.path("hole.json").exists());
    folder.run(&["export", "events.jsonl", "--form", "jsonl"]).done();
    assert!(
        folder.verify("events.jsonl", Layers { walk_events: true, verify_closure: false }).passed()
    );
}

#[test]
fn the_same_commands_make_the_same_bytes() {
    let files = [0, 1].map(|_| {
        let folder = Folder::with_store();
        folder.permit("deny", 1, &[]).done();
        folder.permit("allow", 2, &["--envelope", "root.json"]).done();
        folder.run(&["dispatch", &id(2), "--request", "request.json"]).done();
        folder.read("s/journal")
    });
    assert_eq!(files[0], files[1]);
}

#[test]
fn documents_say_what_flags_say() {
    let folder = Folder::with_store();
    folder.permit("allow", 1, &[]).done();
    folder.run(&["dispatch", &id(1), "--request", "request.json"]).done();
    let digest = permit_canonical_json::Sha256Digest::of(b"response");
    let ending = format!(
        r#"{{"closure_status": "closed", "provider_digest": "{digest}", "client_digest": "{digest}", "status_code": 200,
            "execution_id": "run-7", "provider_response_id": null}}"#
    );
    let closed = folder.run_with(&["close", &id(1), "--input", "-"], &ending).done();
    let payload = closed.get("closure").and_then(|closure| closure.get("payload")).unwrap();
    assert_eq!(payload.get("execution_id").and_then(Value::as_str), Some("run-7"));
    assert_eq!(payload.get("status_code").and_then(Value::as_i64), Some(200));
    folder.permit("allow", 2, &[]).done();
    folder
        .run_with(&["close", &id(2), "--input", "-"], r#"{"closure_status": "timeout", "code": 1}"#)
        .error("`code`");
    let revocation = format!(
        r#"{{"actor_id": "{ACTOR}", "actor_kind": "user", "reason_code": "policy.changed"}}"#
    );
    folder.run_with(&["revoke", &id(2), "--input", "-"], &revocation).done();
    folder.write(
        "permit.json",
        r#"{"decision": "deny", "reason": "not at night", "estimated_input_tokens": 12}"#,
    );
    let mut args = vec!["permit", "--input", "permit.json"];
    args.extend(&crate::support::PERMIT[..14]);
    args.extend(["--request", "request.json"]);
    assert_eq!(folder.run(&args).done().get("decision").and_then(Value::as_str), Some("deny"));
    folder.run(&["export", "export.json"]).done();
    assert!(folder.verify("export.json", EVERYTHING).passed());
}
