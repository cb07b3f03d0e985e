// SPDX-License-Identifier: Apache-2.0

//! Category 15: where the reference judges otherwise than the specification. Each case names the rule, and
//! says what the reference does.

use permit_canonical_json::Sha256Digest;
use serde_json::{Value as Json, json};

use crate::generator::{
    case_draft::CaseDraft,
    checkpoint::Checkpoint,
    document::{at_mut, file, remove, set},
    fault::Fault,
    golden::{pinned_document, signed_revocation},
    pack::{Pack, denied, hex, permit_id, record_hash},
    scope_pack::{ScopePack, equals},
    test_keys::{self, BINDING, BINDING_FOREIGN, CHECKPOINT, EXPORT},
    vectors::{ALL_LAYERS, without},
};

const PARENT: &str = "cat-01-baseline/01-01-valid-permit-export";

/// A case: name, title, why, rules, decisions, what the reference does, what fails, and what is changed.
struct Trap {
    name: &'static str,
    title: &'static str,
    why: &'static str,
    rules: &'static [&'static str],
    decisions: &'static [&'static str],
    reference: &'static str,
    /// The code, the layer that is broken, and the kind of thing that fails first; nothing if it passes.
    fails: Option<(&'static str, &'static str, &'static str)>,
    bend: fn(Pack) -> Result<Pack, Fault>,
}

pub(super) fn cases() -> Result<Vec<CaseDraft>, Fault> {
    let mut cases = Vec::new();
    for trap in traps() {
        let id = format!("cat-15-lenient-reference/{}", trap.name);
        let mut draft = CaseDraft::vector(&id, trap.title, trap.why, trap.rules)
            .decisions(trap.decisions)
            .layers(&ALL_LAYERS, &[])
            .checks(&["walk_events", "verify_closure"])
            .set("reference", trap.reference);
        if let Some((code, layer, kind)) = trap.fails {
            let at = match kind {
                "" => Json::Null,
                kind => json!({ "type": kind, "id": null, "sequence": null }),
            };
            draft = draft.layers(&without(&ALL_LAYERS, layer), &[layer]).fails(code, at).from(
                PARENT,
                trap.title,
                &["everything above it"],
            );
        }
        if trap.name == "15-09-version-that-is-no-integer" {
            // The word of a claim that fails for its form, beside the one that says what is wrong.
            draft = draft.set("acceptable_secondary_codes", json!(["VERIFICATION_FAILED"]));
        }
        let pack = (trap.bend)(Pack::closed_with_request()?)
            .map_err(|fault| Fault::new(format!("{}: {fault}", trap.name)))?;
        cases.push(pack.put_into(draft)?);
    }
    cases.push(member_twice()?);
    cases.extend(claims()?);
    Ok(cases)
}

fn member_twice() -> Result<CaseDraft, Fault> {
    let draft = CaseDraft::claims(
        "cat-15-lenient-reference/15-11-member-twice",
        "A member that is there twice",
        "Which of two members counts depends on the reader. What one of them verifies is not what another one shows.",
        &["CANON-17", "BUNDLE-14"],
        "export",
        &[("governance_chain.local_continuity.v1", "unverifiable_scope")],
    )
    .checks(&["walk_events"])
    .decisions(&["DIFF-03"])
    .outcome_fails(&["EXPORT_STRUCTURE_INVALID"])
    .from(PARENT, "`reason` of the permit is there twice", &["manifest"])
    .set("reference", "the last one wins: accepts");
    let mut pack = Pack::closed_with_request()?;
    let text = String::from_utf8(file(&pack.document)?)?;
    let once = "\"reason\":\"drafts need no approval\",\"request_fingerprint\"";
    let twice = format!("\"reason\":\"refused\",{once}");
    pack.bytes = Some(text.replace(once, &twice).into_bytes());
    pack.sign_again()?;
    pack.put_into(draft)
}

/// Traps about claims: each of them comes from a golden record.
fn claims() -> Result<Vec<CaseDraft>, Fault> {
    let revoked = "claims/84-permit-revoked-valid";
    let mut cases = Vec::new();
    for (name, title, why, rules, code, member, value) in [
        (
            "15-30-long-reason",
            "A reason of 129 characters",
            "Reasons are codes of at most 128 characters, so that nobody hides a text in them.",
            &["REVOKE-09", "REVOKE-01"][..],
            "PERMIT_REVOKED_SCHEMA_INVALID",
            "/reason_code",
            format!("customer.{}", "a".repeat(120)),
        ),
        (
            "15-31-id-without-hyphens",
            "An actor whose id has no hyphens",
            "Ids have the form 8-4-4-4-12. What only resembles it is another text, and another hash.",
            &["REVOKE-04", "REVOKE-01"][..],
            // The taxonomy has it for actors that are no opaque UUID, whatever else they are.
            "PERMIT_REVOKED_ACTOR_PII_DETECTED",
            "/actor_id",
            "60000000000040008000000000000001".to_owned(),
        ),
    ] {
        let draft = CaseDraft::claims(
            &format!("cat-15-lenient-reference/{name}"),
            title,
            why,
            rules,
            "export",
            &[("permit.revoked.v1", "disproved")],
        )
        .checks(&["step4_permit_claims"])
        .outcome_fails(&[code])
        .from(revoked, title, &["signature of the revocation", "manifest"])
        .set("reference", "accepts it");
        let evidence = signed_revocation(BINDING, |event| set(event, member, value))?;
        let document = json!({
            "project_id": crate::generator::pack::PROJECT, "record_count": 0, "records": [],
            "revocation_event": evidence,
        });
        let pack = pinned_document(document, &["export.integrity.v1", "permit.revoked.v1"])?;
        cases.push(pack.put_into(draft)?);
    }

    let scope = CaseDraft::claims(
        "cat-15-lenient-reference/15-32-scope-of-another-version",
        "A declaration of scope of a version that nobody knows",
        "The export declares a scope, by rules of version 99, and nothing pins what they are. It must not be passed over \
         in silence.",
        &["SFE-06", "SFE-01"],
        "export",
        &[("export.scope_faithfulness.v1", "unverifiable_scope")],
    )
    .checks(&["scope_faithfulness"])
    .decisions(&["AMB-37"])
    .outcome_fails(&[])
    .from(
        "cat-13-failure-codes/13-01-a-scope-that-is-faithful",
        "`version` of the declaration, and no pins",
        &["manifest"],
    )
    .note("The taxonomy has no code for it: what counts is that the verdict is none about the scope.")
    .set("reference", "passes it over: accepts");
    let mut pack = ScopePack::of(&equals(&[("permit_id", permit_id(1))]))?;
    set(&mut pack.document, "/scope_faithfulness/version", "keel.export_scope_faithfulness.v99")?;
    let pack = pack.pack()?.bend_manifest(|manifest| {
        remove(manifest, "/claim_set")?;
        remove(manifest, "/semantics_pins")?;
        Ok(())
    })?;
    cases.push(pack.put_into(scope)?);

    let head = CaseDraft::claims(
        "cat-15-lenient-reference/15-33-number-that-is-true",
        "A head whose number is `true`",
        "Sequence numbers are integers. The composite hash was made of the word that Python writes for it.",
        &["SEM-01"],
        "checkpoint",
        &[("checkpoint.composite_hash.v1", "insufficient_evidence")],
    )
    .outcome_fails(&["CHECKPOINT_CHAIN_HEADS_INVALID"])
    .from(
        "claims/12-valid-checkpoint-legacy-single-tsa",
        "`sequence_number` of the head",
        &["composite hash", "signature"],
    )
    .set("reference", "takes `true` for an integer, and accepts");
    let mut checkpoint = Checkpoint::of_heads(&[("s".into(), 1, hex("head"))])?;
    let hash = Sha256Digest::of(format!("s:True:{}", hex("head")).as_bytes());
    let signature = CHECKPOINT.checkpoint().sign_checkpoint(hash)?.to_string();
    set(&mut checkpoint.document, "/chain_heads/s/sequence_number", true)?;
    set(&mut checkpoint.document, "/composite_hash", hash.prefixed().to_string())?;
    set(&mut checkpoint.document, "/signature", signature)?;
    cases.push(head.file("checkpoint", "checkpoint.json", checkpoint.file()?).file(
        "trust_root",
        "trust-root.json",
        file(&test_keys::trust_root(&[CHECKPOINT]))?,
    ));
    Ok(cases)
}

/// Bends one entry, and hashes and links everything again.
fn entry(
    mut pack: Pack,
    sequence: u64,
    bend: impl FnOnce(&mut Json) -> Result<(), Fault>,
) -> Result<Pack, Fault> {
    let pointer = pack.entry_at(sequence)?;
    bend(at_mut(&mut pack.document, &pointer)?)?;
    pack.seal_chain(0)?;
    pack.sign_again()?;
    Ok(pack)
}

#[expect(clippy::too_many_lines, reason = "a table")]
fn traps() -> Vec<Trap> {
    vec![
        Trap {
            name: "15-01-another-zone",
            title: "An entry with the time of another zone",
            why: "The time of an entry is in UTC. An offset that is dropped without conversion makes two instants one.",
            rules: &["CHAIN-05", "CHAIN-06"],
            decisions: &["AMB-17"],
            reference: "drops the offset and hashes the local time: accepts",
            fails: Some(("WALK_RECORD_HASH_MISMATCH", "chain_record_hash", "chain_entry")),
            bend: |pack| {
                // The hash is that of the time without its offset, as the reference computes it.
                let mut pack = pack;
                let pointer = pack.entry_at(6)?;
                let entry = at_mut(&mut pack.document, &pointer)?;
                let mut local = entry.clone();
                set(&mut local, "/created_at", "2026-05-09T08:00:06.000000Z")?;
                let hash = record_hash(&local)?;
                set(entry, "/created_at", "2026-05-09T08:00:06.000000+05:30")?;
                set(entry, "/record_hash", hash)?;
                pack.sign_again()?;
                Ok(pack)
            },
        },
        Trap {
            name: "15-02-number-zero",
            title: "Sequence numbers that begin at zero",
            why: "The first number is 1. A chain that begins before it has no first entry.",
            rules: &["CHAIN-07", "CHAIN-15"],
            decisions: &["AMB-18"],
            reference: "takes any integer: accepts",
            fails: Some(("WALK_SEQUENCE_INVERSION", "chain_sequence", "chain_entry")),
            bend: |pack| entry(pack, 1, |entry| set(entry, "/sequence_number", 0)),
        },
        Trap {
            name: "15-03-unknown-status",
            title: "A closure whose status nobody knows",
            why: "Statuses are a closed list. An unknown one would relax which digests have to be there.",
            rules: &["CLOSE-04"],
            decisions: &["DIFF-10"],
            reference: "takes any text for an abnormal status: accepts",
            fails: Some(("CLOSURE_STATUS_UNKNOWN", "schema", "")),
            bend: |pack| pack.bend_closure(|closure| set(closure, "/closure_status", "done")),
        },
        Trap {
            name: "15-04-orphan-in-a-record",
            title: "A closure of a permit that is not there, in the record of one that is",
            why: "The closure would be held against the hash of a permit that it does not name.",
            rules: &["CLOSE-22"],
            decisions: &["DIFF-11"],
            reference: "compares with the permit of the record, whatever the closure names: accepts",
            fails: Some(("WALK_CLOSURE_ORPHAN", "closure_dispatch_binding", "closure_record")),
            bend: |pack| {
                let mut pack = pack;
                let other = permit_id(9);
                for sequence in 4..=6 {
                    let pointer = pack.entry_at(sequence)?;
                    set(
                        &mut pack.document,
                        &format!("{pointer}/payload_json/permit_id"),
                        other.clone(),
                    )?;
                }
                pack.bend_closure(|closure| set(closure, "/permit_id", other))
            },
        },
        Trap {
            name: "15-05-digest-that-is-none",
            title: "Digests that are no digests",
            why: "Closure and event state the same text, and it is no SHA-256 of anything.",
            rules: &["CLOSE-07"],
            decisions: &["DIFF-13"],
            reference: "compares texts: accepts",
            fails: Some((
                "WALK_CLOSURE_DIGEST_MISMATCH",
                "closure_provider_binding",
                "closure_record",
            )),
            bend: |pack| {
                let mut pack = pack;
                let name = "provider_response_digest_v1";
                let pointer = pack.entry_at(4)?;
                set(&mut pack.document, &format!("{pointer}/payload_json/{name}"), "as received")?;
                pack.bend_closure(|closure| set(closure, &format!("/{name}"), "as received"))
            },
        },
        Trap {
            name: "15-06-bound-refusal",
            title: "A refusal that is bound to a request",
            why: "What was refused is not dispatched, and has no hash of what may go out.",
            rules: &["PERMIT-06"],
            decisions: &["AMB-29"],
            reference: "does not look at it: accepts",
            fails: Some(("PERMIT_SEMANTICS_INVALID", "schema", "")),
            bend: |pack| {
                pack.bend(|document| {
                    let mut permit = denied(1)?;
                    let bound = crate::generator::pack::request_hash()?;
                    set(&mut permit, "/binding_request_hash", bound)?;
                    set(document, "/records/0/permit", permit)
                })
            },
        },
        Trap {
            name: "15-07-details-that-contradict",
            title: "Details that say something else than the decision",
            why: "The permit was allowed, and its details say that it was denied.",
            rules: &["PERMIT-10"],
            decisions: &["AMB-30"],
            reference: "does not look at it: accepts",
            fails: Some(("PERMIT_SEMANTICS_INVALID", "schema", "")),
            bend: |pack| {
                pack.bend(|document| {
                    set(document, "/records/0/permit/decision_details/decision", "deny")
                })
            },
        },
        Trap {
            name: "15-08-count-of-records",
            title: "A bundle that miscounts its records",
            why: "The bundle says that it has two records, and has one.",
            rules: &["BUNDLE-05"],
            decisions: &["AMB-49"],
            reference: "compares the manifest's count alone: accepts",
            fails: Some(("BUNDLE_SEMANTICS_INVALID", "schema", "")),
            bend: |pack| pack.bend(|document| set(document, "/record_count", 2)),
        },
        Trap {
            name: "15-09-version-that-is-no-integer",
            title: "A version that is `2.0`",
            why: "Versions are the integers 1 and 2.",
            rules: &["BUNDLE-02"],
            decisions: &[],
            reference: "compares as Python does, where 2.0 equals 2: accepts",
            fails: Some(("BUNDLE_SEMANTICS_INVALID", "schema", "")),
            bend: |pack| {
                let mut pack = pack;
                let text = String::from_utf8(file(&pack.document)?)?;
                pack.bytes = Some(
                    text.replace("\"schema_version\":2,", "\"schema_version\":2.0,").into_bytes(),
                );
                pack.sign_again()?;
                Ok(pack)
            },
        },
        Trap {
            name: "15-10-another-project",
            title: "A manifest of another project",
            why: "The manifest says whose export it is, and the export says otherwise.",
            rules: &["BUNDLE-16"],
            decisions: &["DIFF-06"],
            reference: "reports the claim as disproved, and ends with status 0",
            fails: Some(("EXPORT_SCOPE_PROJECT_ID_MISMATCH", "schema", "")),
            bend: |pack| {
                pack.bend_manifest(|manifest| {
                    set(manifest, "/project_id", "10000000-0000-4000-8000-000000000009")
                })
            },
        },
        Trap {
            name: "15-12-entries-in-two-places",
            title: "An empty list of entries that hides the others",
            why: "Entries stand at the bundle or in the records. An empty list at the bundle would let nobody look at the others.",
            rules: &["BUNDLE-03", "BUNDLE-11"],
            decisions: &["DIFF-16"],
            reference: "walks the entries of the bundle alone, of which there are none: accepts",
            fails: Some(("WALK_RECORD_HASH_MISMATCH", "chain_record_hash", "chain_entry")),
            bend: |pack| {
                pack.bend(|document| {
                    set(document, "/chain_entries", json!([]))?;
                    set(document, "/records/0/chain_entries/0/outcome", "forged")
                })
            },
        },
        Trap {
            name: "15-20-two-active-keys",
            title: "Two keys for closures that are active at once",
            why: "Keys overlap while they are replaced. The closure names its key, so that there is no doubt.",
            rules: &["KEY-01", "CLOSE-19"],
            decisions: &[],
            reference: "looks keys of closures up by time alone, finds two, and rejects",
            fails: None,
            bend: |pack| {
                let mut pack = pack;
                pack.trust = test_keys::trust_root(&[EXPORT, BINDING, BINDING_FOREIGN]);
                Ok(pack)
            },
        },
        Trap {
            name: "15-21-labels-of-another-issuer",
            title: "Labels of another issuer",
            why: "The labels of response digests are the issuer's own words.",
            rules: &["CLOSE-13", "CLOSE-14"],
            decisions: &["AMB-03"],
            reference: "knows its own words alone, and rejects",
            fails: None,
            bend: |pack| {
                pack.bend_closure(|closure| {
                    set(
                        closure,
                        "/provider_response_digest_semantics",
                        "provider_bytes_received_by_acme",
                    )
                })
            },
        },
        Trap {
            name: "15-22-dispatch-digest-left-out",
            title: "A closure that timed out before anything was dispatched",
            why: "The dispatch digest may be left out unless the closure is closed.",
            rules: &["CLOSE-06", "CLOSE-09"],
            decisions: &["AMB-06"],
            reference: "needs the member to be there, and rejects",
            fails: None,
            bend: |pack| {
                pack.bend_closure(|closure| {
                    set(closure, "/closure_status", "timeout")?;
                    remove(closure, "/dispatch_request_digest_v1")?;
                    Ok(())
                })
            },
        },
        Trap {
            name: "15-23-payload-edited",
            title: "The payload of an event was edited",
            why: "The payload is no part of the record hash, so that the walk sees nothing; whoever can sign the export can do \
                  this. The case is there so that nobody claims otherwise.",
            rules: &["CHAIN-01", "CHAIN-09"],
            decisions: &["AMB-11"],
            reference: "the same",
            fails: None,
            bend: |pack| {
                pack.bend(|document| {
                    let payload = "/records/0/chain_entries/0/payload_json/risk";
                    set(document, payload, hex("edited"))
                })
            },
        },
    ]
}
