// SPDX-License-Identifier: Apache-2.0

//! Category 13: every code of the taxonomy that no other case expects.

use serde_json::{Value as Json, json};

use crate::generator::{
    case_draft::CaseDraft,
    document::{array_mut, file, remove, set},
    fault::Fault,
    pack::{Pack, SCOPE, hex, permit_id},
    scope_pack::{EVENTS, ScopePack, chain, equals, head_of},
    test_keys::SCOPE as SCOPE_KEY,
    vectors::{ALL_LAYERS, SEGMENT_LAYERS, answer, chain_pack, permit, segment, without},
};

const CATEGORY: &str = "cat-13-failure-codes";
const SCOPE_PARENT: &str = "cat-13-failure-codes/13-01-a-scope-that-is-faithful";
const LINEAGE_PARENT: &str = "cat-13-failure-codes/13-02-a-lineage-with-its-root";

const STATE: &str = "checkpoint.scope_state.v1";
const FAITHFUL: &str = "export.scope_faithfulness.v1";

type Bend = fn(ScopePack) -> Result<Pack, Fault>;

/// A case about a scope: code, verdict, the claim that has it, the rule, what was changed, and how.
struct Scoped(&'static str, &'static str, &'static str, &'static str, &'static str, Bend);

const D: &str = "disproved";
const I: &str = "insufficient_evidence";
const U: &str = "unverifiable_scope";

pub(super) fn cases() -> Result<Vec<CaseDraft>, Fault> {
    let mut cases = parents()?;
    let scoped = scoped();
    for (index, case) in scoped.into_iter().enumerate() {
        let Scoped(code, verdict, claim, rule, change, bend) = case;
        let number = index.saturating_add(3);
        let id = format!("{CATEGORY}/13-{number:02}-{}", code.to_lowercase().replace('_', "-"));
        let draft = CaseDraft::claims(
            &id,
            &format!("`{code}`"),
            &format!("The one change: {change}. Everything above it was sealed again."),
            &[rule, "CODE-07"],
            "export",
            &[(claim, verdict)],
        )
        .checks(&["scope_faithfulness"])
        .outcome_fails(&[code])
        .from(
            SCOPE_PARENT,
            change,
            &["scope state where it was bent", "reference to it", "manifest"],
        );
        let draft = match IN_REFERENCE_A_FAULT_OF_FORM.contains(&code) {
            true => draft.set("reference", "calls it a fault of form: disproved, `EXPORT_SCOPE_DECLARATION_SCHEMA_INVALID`").decisions(&["AMB-37"]),
            false => draft,
        };
        let made = bend(usual()?).map_err(|fault| Fault::new(format!("{code}: {fault}")))?;
        cases.push(made.put_into(draft)?);
    }
    cases.extend(chains()?);
    cases.extend(lineages()?);
    Ok(cases)
}

/// What the taxonomy has codes for, and the reference's form does not let happen.
const IN_REFERENCE_A_FAULT_OF_FORM: [&str; 7] = [
    "EXPORT_PRESENTATION_POLICY_UNSUPPORTED",
    "EXPORT_BOUNDARY_START_MISSING",
    "EXPORT_BOUNDARY_END_MISSING",
    "EXPORT_BOUNDARY_END_NOT_CHECKPOINT",
    "EXPORT_SCOPE_STATE_REFERENCE_MISSING",
    "EXPORT_RAW_FILTERS_MISSING",
    "EXPORT_CHAIN_PROOF_MISSING",
];

fn usual() -> Result<ScopePack, Fault> {
    ScopePack::of(&equals(&[("permit_id", permit_id(1))]))
}

fn parents() -> Result<Vec<CaseDraft>, Fault> {
    let scope = CaseDraft::claims(
        SCOPE_PARENT,
        "A scope that is faithful",
        "All records of one permit, the scope state that commits to them, and the checkpoint. The cases of this \
         category that are about scopes change one thing of it.",
        &["SFE-05", "SIDE-06"],
        "export",
        &[(STATE, "supported"), (FAITHFUL, "supported")],
    )
    .checks(&["scope_faithfulness"]);
    let lineage = answer(
        LINEAGE_PARENT,
        "A lineage with its root",
        "The child, its parent, and the events of their issuance.",
        &["PCHAIN-33", "PCHAIN-38"],
        "supported",
    )
    .set("claim_type", "permit_lineage_complete_to_root");
    Ok(vec![
        usual()?.pack()?.put_into(scope)?,
        lineage.file("pack", "input.json", file(&rooted()?)?),
    ])
}

#[expect(clippy::too_many_lines, reason = "a table")]
fn scoped() -> Vec<Scoped> {
    vec![
        Scoped(
            "CHECKPOINT_SCOPE_STATE_SCHEMA_INVALID",
            D,
            STATE,
            "SIDE-01",
            "the scope state has a member that scope states do not have",
            |pack| pack.bent_state(|state| set(state, "/note", "complete"))?.pack(),
        ),
        Scoped(
            "CHECKPOINT_SCOPE_STATE_SIGNATURE_MISSING",
            I,
            STATE,
            "SIDE-06",
            "the scope state has no signature",
            |pack| {
                pack.bent_unsigned(|state| {
                    remove(state, "/signature/signature")?;
                    Ok(())
                })?
                .pack()
            },
        ),
        Scoped(
            "CHECKPOINT_SCOPE_STATE_KEY_UNRESOLVED",
            I,
            STATE,
            "SIDE-07",
            "the trust root does not have the key of the scope state",
            |mut pack| {
                pack.trust.retain(|key| *key != SCOPE_KEY);
                pack.pack()
            },
        ),
        Scoped(
            "CHECKPOINT_SCOPE_STATE_KEY_NOT_ACTIVE",
            D,
            STATE,
            "SIDE-07",
            "the key of the scope state was retired before it signed",
            |pack| {
                let mut pack = pack.pack()?;
                set(&mut pack.trust, "/keys/3/valid_to", "2026-05-01T00:00:00Z")?;
                set(&mut pack.trust, "/keys/3/status", "retired")?;
                Ok(pack)
            },
        ),
        Scoped(
            "CHECKPOINT_SCOPE_STATE_CHECKPOINT_MISMATCH",
            D,
            STATE,
            "SIDE-02",
            "the checkpoint is another one",
            |mut pack| {
                if let Some(checkpoint) = &mut pack.checkpoint {
                    set(
                        &mut checkpoint.document,
                        "/checkpoint_id",
                        "40000000-0000-4000-8000-000000000009",
                    )?;
                }
                pack.pack()
            },
        ),
        Scoped(
            "CHECKPOINT_SCOPE_STATE_CHAIN_SCOPE_NOT_IN_CHECKPOINT",
            D,
            STATE,
            "SIDE-11",
            "the checkpoint has no head of this scope",
            |mut pack| {
                pack.checkpoint = Some(head_of(&chain("project:another", &EVENTS)?)?);
                pack.pack()
            },
        ),
        Scoped(
            "CHECKPOINT_SCOPE_STATE_LAST_SEQUENCE_AFTER_CHECKPOINT",
            D,
            STATE,
            "SIDE-11",
            "the head of the checkpoint is before the last entry that is committed to",
            |mut pack| {
                let entries = chain(SCOPE, &EVENTS)?;
                pack.checkpoint = Some(head_of(entries.get(..5).unwrap_or_default())?);
                pack.pack()
            },
        ),
        Scoped(
            "CHECKPOINT_SCOPE_STATE_PREDICATE_HASH_MISMATCH",
            D,
            STATE,
            "SIDE-09",
            "the hash of the predicate in the scope state is another one",
            |pack| {
                pack.bent_state(|state| {
                    let hash = format!("sha256:{}", hex("another predicate"));
                    set(state, "/scope_commitments/0/predicate_value_hash", hash)
                })?
                .pack()
            },
        ),
        Scoped(
            "EXPORT_SCOPE_DECLARATION_MISSING",
            I,
            FAITHFUL,
            "SFE-01",
            "the export declares no scope, though its pack asks for it",
            |mut pack| {
                remove(&mut pack.document, "/scope_faithfulness")?;
                pack.pack()
            },
        ),
        Scoped(
            "EXPORT_SCOPE_DECLARATION_SCHEMA_INVALID",
            D,
            FAITHFUL,
            "SFE-06",
            "the segment has a member that segments do not have",
            |pack| pack.bent(|segment| set(segment, "/note", "complete"))?.pack(),
        ),
        Scoped(
            "EXPORT_SCOPE_PREDICATE_UNSUPPORTED",
            U,
            FAITHFUL,
            "PRED-06",
            "the predicate asks for a subject, which the grammar does not have",
            |pack| {
                pack.bent(|segment| {
                    set(
                        segment,
                        "/declared_scope/predicate",
                        equals(&[("subject_id", "shop-agent-3".into())]),
                    )
                })?
                .pack()
            },
        ),
        Scoped(
            "EXPORT_SCOPE_PREDICATE_MALFORMED",
            D,
            FAITHFUL,
            "PRED-01",
            "the predicate has no `ranges`",
            |pack| {
                pack.bent(|segment| {
                    remove(segment, "/declared_scope/predicate/ranges")?;
                    Ok(())
                })?
                .pack()
            },
        ),
        Scoped(
            "EXPORT_PRESENTATION_POLICY_UNSUPPORTED",
            U,
            FAITHFUL,
            "PRED-10",
            "the presentation policy is of a kind that nobody knows",
            |pack| {
                pack.bent(|segment| {
                    set(segment, "/declared_scope/presentation_policy/policy_kind", "watermark")
                })?
                .pack()
            },
        ),
        Scoped(
            "EXPORT_BOUNDARY_START_MISSING",
            I,
            FAITHFUL,
            "SFE-09",
            "the segment does not say where it starts",
            |pack| without_part(pack, "declared_start"),
        ),
        Scoped(
            "EXPORT_BOUNDARY_END_MISSING",
            I,
            FAITHFUL,
            "SFE-08",
            "the segment does not say where it ends",
            |pack| without_part(pack, "declared_end"),
        ),
        Scoped(
            "EXPORT_BOUNDARY_END_NOT_CHECKPOINT",
            D,
            FAITHFUL,
            "SFE-08",
            "the end of the segment names no checkpoint",
            |pack| without_part(pack, "declared_end/checkpoint_id"),
        ),
        Scoped(
            "EXPORT_BOUNDARY_FRESHNESS_EVIDENCE_MISSING",
            I,
            FAITHFUL,
            "SFE-11",
            "the end is said to be the latest checkpoint, and nothing shows it",
            |pack| {
                pack.bent(|segment| {
                    set(segment, "/declared_end/boundary_policy", "latest_checkpoint_at_export")
                })?
                .pack()
            },
        ),
        Scoped(
            "EXPORT_SCOPE_STATE_REFERENCE_MISSING",
            I,
            FAITHFUL,
            "SFE-12",
            "the segment refers to no scope state",
            |pack| without_part(pack, "scope_state_reference"),
        ),
        Scoped(
            "EXPORT_SCOPE_STATE_REFERENCE_MISMATCH",
            D,
            FAITHFUL,
            "SFE-12",
            "the segment refers to a scope state of another hash",
            |pack| {
                pack.bent(|segment| {
                    let hash = format!("sha256:{}", hex("another scope state"));
                    set(segment, "/scope_state_reference/artifact_hash", hash)
                })?
                .pack()
            },
        ),
        Scoped(
            "EXPORT_RAW_FILTERS_MISSING",
            I,
            FAITHFUL,
            "SFE-07",
            "the segment does not say which filters were asked for",
            |pack| without_part(pack, "canonical_filters/raw_filters"),
        ),
        Scoped(
            "EXPORT_RAW_FILTERS_HASH_MISMATCH",
            D,
            FAITHFUL,
            "SFE-07",
            "the filters do not hash to the hash that is stated",
            |pack| {
                pack.bent(|segment| set(segment, "/canonical_filters/raw_filters/limit", 10))?
                    .pack()
            },
        ),
        Scoped(
            "EXPORT_CHAIN_PROOF_MISSING",
            I,
            FAITHFUL,
            "SFE-06",
            "the segment has no list of bridges",
            |pack| without_part(pack, "chain_evidence/proof_bridge_records"),
        ),
        Scoped(
            "EXPORT_CHAIN_PROOF_DISCONTINUITY",
            D,
            FAITHFUL,
            "CHAIN-08",
            "a bridge names another entry before it",
            |pack| {
                pack.bent(|segment| {
                    set(
                        segment,
                        "/chain_evidence/proof_bridge_records/0/prev_hash",
                        hex("another entry"),
                    )
                })?
                .pack()
            },
        ),
        Scoped(
            "EXPORT_PROOF_BRIDGE_MISCLASSIFIED",
            D,
            FAITHFUL,
            "SFE-03",
            "a record that matches stands among the bridges",
            |pack| {
                pack.bent(|segment| {
                    let record = remove(segment, "/chain_evidence/disclosure_records/1")?;
                    array_mut(segment, "/chain_evidence/proof_bridge_records")?.insert(0, record);
                    Ok(())
                })?
                .pack()
            },
        ),
        Scoped(
            "EXPORT_SCOPE_RANGE_MISMATCH",
            D,
            FAITHFUL,
            "SFE-13",
            "the scope state states another first sequence number",
            |pack| {
                pack.bent_state(|state| {
                    set(state, "/scope_commitments/0/first_matching_sequence", 2)
                })?
                .pack()
            },
        ),
    ]
}

fn without_part(pack: ScopePack, part: &str) -> Result<Pack, Fault> {
    pack.bent(|segment| {
        remove(segment, &format!("/{part}"))?;
        Ok(())
    })?
    .pack()
}

/// Codes about chains and closures that the published vectors leave out.
fn chains() -> Result<Vec<CaseDraft>, Fault> {
    let schema = "schema";
    let format = CaseDraft::vector(
        "cat-13-failure-codes/13-60-walk-unknown-chain-format",
        "`WALK_UNKNOWN_CHAIN_FORMAT`",
        "The last entry is of format 2, which nobody knows. It must not be hashed by the rules of another format.",
        &["CHAIN-10", "CHAIN-14"],
    )
    .decisions(&["AMB-15"])
    .layers(&without(&SEGMENT_LAYERS, schema), &[schema])
    .checks(&["walk_events"])
    .counts(0, 8, 0, 0)
    .fails(
        "WALK_UNKNOWN_CHAIN_FORMAT",
        json!({ "type": "chain_entry", "id": null, "sequence": 8 }),
    )
    .from("cat-01-baseline/01-02-valid-chain-segment", "`chain_format_version` of the last entry", &["manifest"]);
    let mut pack = segment()?;
    let entry = pack.entry_at(8)?;
    set(&mut pack.document, &format!("{entry}/chain_format_version"), "v2")?;
    pack.sign_again()?;
    let format = pack.put_into(format)?;

    let closure = CaseDraft::vector(
        "cat-13-failure-codes/13-61-walk-unknown-closure-format",
        "`WALK_UNKNOWN_CLOSURE_FORMAT`",
        "The closure is of version 3 and validly sealed. What its members mean is not known here.",
        &["CLOSE-02"],
    )
    .layers(&without(&ALL_LAYERS, schema), &[schema])
    .checks(&["walk_events", "verify_closure"])
    .counts(1, 6, 1, 0)
    .fails(
        "WALK_UNKNOWN_CLOSURE_FORMAT",
        json!({ "type": "closure_record", "id": permit_id(1), "sequence": null }),
    )
    .from(
        "cat-01-baseline/01-01-valid-permit-export",
        "`binding_version` of the closure",
        &["closure", "manifest"],
    );
    let pack = Pack::closed_with_request()?
        .bend_closure(|closure| set(closure, "/binding_version", "closure_v3"))?;
    Ok(vec![format, pack.put_into(closure)?])
}

/// The pack of category 08, with the events of issuance that lead to its root.
fn rooted() -> Result<Json, Fault> {
    let mut pack = chain_pack()?;
    set(&mut pack, "/claim/claim_type", "permit_lineage_complete_to_root")?;
    let issued = |number: u64| {
        json!({
            "created_at": format!("2026-05-09T10:00:0{number}Z"),
            "event_id": format!("issued-{number}"),
            "event_type": "permit.issued",
            "payload_json": { "permit_id": permit(number) },
        })
    };
    set(&mut pack, "/events", json!([issued(1), issued(2)]))?;
    Ok(pack)
}

fn lineages() -> Result<Vec<CaseDraft>, Fault> {
    let clean = "cat-08-permit-chains/08-01-clean-parent-child";
    let mut inconsistent = chain_pack()?;
    set(&mut inconsistent, "/permits/1/expires_at", "2026-11-01T00:00:00Z")?;
    let envelope = answer(
        "cat-13-failure-codes/13-70-walk-permit-chain-envelope-inconsistent",
        "`WALK_PERMIT_CHAIN_ENVELOPE_INCONSISTENT`",
        "The permit says that it expires a month before its envelope does.",
        &["PCHAIN-04"],
        "disproved",
    )
    .decisions(&["AMB-35"])
    .set("failure_code", "WALK_PERMIT_CHAIN_ENVELOPE_INCONSISTENT")
    .from(clean, "`expires_at` of the child, and not that of its envelope", &[])
    .file("pack", "input.json", file(&inconsistent)?);

    let mut alone = rooted()?;
    remove(&mut alone, "/permits/0")?;
    set(&mut alone, "/manifest/export_scope/permit_ids", json!([permit(2)]))?;
    let ancestor = answer(
        "cat-13-failure-codes/13-71-walk-permit-chain-ancestor-missing",
        "`WALK_PERMIT_CHAIN_ANCESTOR_MISSING`",
        "The child names a parent that is not in the pack, and nothing says that it need not be.",
        &["PCHAIN-38"],
        "insufficient_evidence",
    )
    .set("claim_type", "permit_lineage_complete_to_root")
    .set("failure_code", "WALK_PERMIT_CHAIN_ANCESTOR_MISSING")
    .from(LINEAGE_PARENT, "the parent is removed", &["the list of permits"])
    .file("pack", "input.json", file(&alone)?);

    let mut execution = rooted()?;
    let scope = json!({ "execution_id": "execution-1", "permit_id": permit(2) });
    set(&mut execution, "/claim/claim_type", "execution_authorized_at_boundary")?;
    set(&mut execution, "/claim/claim_scope", scope.clone())?;
    let receipt = answer(
        "cat-13-failure-codes/13-72-walk-permit-chain-receipt-missing",
        "`WALK_PERMIT_CHAIN_RECEIPT_MISSING`",
        "The pack asks whether an execution was authorized, and has no receipt of it.",
        &["PCHAIN-38"],
        "insufficient_evidence",
    )
    .set("claim_type", "execution_authorized_at_boundary")
    .set("claim_scope", scope)
    .set("failure_code", "WALK_PERMIT_CHAIN_RECEIPT_MISSING")
    .from(LINEAGE_PARENT, "the pack asks for an execution, of which it has no receipt", &[])
    .file("pack", "input.json", file(&execution)?);
    Ok(vec![envelope, ancestor, receipt])
}
