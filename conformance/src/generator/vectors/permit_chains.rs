// SPDX-License-Identifier: Apache-2.0

//! Category 08: authority that is handed on, and what a verifier says about it.

use serde_json::{Value as Json, json};

use crate::generator::{
    case_draft::CaseDraft,
    document::{file, remove, set},
    fault::Fault,
    pack::hex,
};

const CLEAN: &str = "cat-08-permit-chains/08-01-clean-parent-child";
const PROJECT: &str = "10000000-0000-4000-8000-000000000008";

pub(super) fn cases() -> Result<Vec<CaseDraft>, Fault> {
    let clean = answer(
        CLEAN,
        "A child within its parent",
        "The child may do one of the two things that its parent may do, in the same region, and expires earlier.",
        &["PCHAIN-01", "PCHAIN-05", "PCHAIN-12", "PCHAIN-13", "PCHAIN-28", "PCHAIN-29"],
        "supported",
    )
    .set("supported_checks", json!(["claim_scope_within_export_scope", "comparator_registry_resolved", "envelope_version_supported", "envelope_subset_check_passed", "expiry_constraint_check_passed", "envelope_consistency_check_passed"]));
    let mut cases = vec![put(clean, &chain_pack()?)?];

    let mut broader = chain_pack()?;
    set(
        &mut broader,
        "/permits/1/authority_envelope/actions",
        json!(["orders.delete", "orders.read"]),
    )?;
    let subset = answer(
        "cat-08-permit-chains/08-02-child-violates-subset",
        "A child that may do more than its parent",
        "The child may delete orders. Its parent may not, and cannot hand on what it does not have.",
        &["PCHAIN-12"],
        "disproved",
    )
    .set("failure_code", "WALK_PERMIT_CHAIN_ENVELOPE_VIOLATION")
    .set("failure_detail", json!({ "field": "actions", "parent_permit_id": permit(1), "child_permit_id": permit(2), "violating_members": ["orders.delete"] }))
    .from(CLEAN, "the child's envelope has one action more", &[]);
    cases.push(put(subset, &broader)?);

    let mut longer = chain_pack()?;
    for pointer in ["/permits/1/authority_envelope/expires_at", "/permits/1/expires_at"] {
        set(&mut longer, pointer, "2027-03-01T00:00:00Z")?;
    }
    let expiry = answer(
        "cat-08-permit-chains/08-03-child-violates-expiry",
        "A child that outlives its parent",
        "The child expires two months after its parent does.",
        &["PCHAIN-13"],
        "disproved",
    )
    .set("failure_code", "WALK_PERMIT_CHAIN_EXPIRY_VIOLATION")
    .from(CLEAN, "the child expires later than its parent", &[]);
    cases.push(put(expiry, &longer)?);

    let mut unknown = chain_pack()?;
    set(&mut unknown, "/permits/1/authority_envelope_version", "authority-envelope.v99")?;
    remove(&mut unknown, "/comparator_registry")?;
    let version = answer(
        "cat-08-permit-chains/08-04-unknown-envelope-version",
        "An envelope of a version that nobody knows",
        "The child's envelope is of version 99. What its members mean is not known, and no other version's rules may \
         stand in. That comes before the registry, which is not there either.",
        &["PCHAIN-07", "PCHAIN-10"],
        "unverifiable_scope",
    )
    .decisions(&["AMB-22", "AMB-23"])
    .set("failure_code", "WALK_PERMIT_CHAIN_UNKNOWN_ENVELOPE_VERSION")
    .from(CLEAN, "the child's envelope is of version `authority-envelope.v99`, and no registry comes along", &[]);
    cases.push(put(version, &unknown)?);

    let mut missing = chain_pack()?;
    remove(&mut missing, "/comparator_registry")?;
    let comparator = answer(
        "cat-08-permit-chains/08-05-missing-comparator",
        "A pack without the rules of comparison",
        "The pack carries no comparator registry and names none by its hash. By which rules the envelopes are to be \
         compared is not evidence that the verifier may supply.",
        &["PCHAIN-08", "PCHAIN-09", "PCHAIN-30"],
        "insufficient_evidence",
    )
    .decisions(&["AMB-23"])
    .set("failure_code", "WALK_PERMIT_CHAIN_MISSING_COMPARATOR")
    .set("missing_requirements", json!(["comparator_registry_for_authority-envelope.v0"]))
    .from(CLEAN, "`comparator_registry` is removed", &[]);
    cases.push(put(comparator, &missing)?);
    Ok(cases)
}

/// A case that expects the envelope of a claim's result.
pub(crate) fn answer(
    id: &str,
    title: &str,
    why: &str,
    clauses: &[&str],
    status: &str,
) -> CaseDraft {
    CaseDraft::new(id, title, why, clauses)
        .set("op", "claim")
        .set("claim_type", "permit_lineage_internally_consistent")
        .set("claim_scope", json!({ "permit_id": permit(2) }))
        .set("status", status)
}

fn put(draft: CaseDraft, pack: &Json) -> Result<CaseDraft, Fault> {
    Ok(draft.file("pack", "input.json", file(pack)?))
}

/// A root and a child within it, and the claim about the child.
pub(crate) fn chain_pack() -> Result<Json, Fault> {
    Ok(json!({
        "claim": { "claim_scope": { "permit_id": permit(2) }, "claim_type": "permit_lineage_internally_consistent" },
        "comparator_registry": registry(),
        "manifest": {
            "completeness_claim": "all_issuance_events_for_listed_permits",
            "export_scope": { "permit_ids": [permit(1), permit(2)] },
            "project_id": PROJECT,
        },
        "narrative": "a shop's planner hands a part of its authority to an agent",
        "permits": [
            chained(1, None, &["orders.read", "orders.refund"], "2027-01-01T00:00:00Z"),
            chained(2, Some(1), &["orders.read"], "2026-12-01T00:00:00Z"),
        ],
        "scenario": "parent-and-child",
        "spec_section": "permit-chain-v1",
    }))
}

pub(crate) fn permit(number: u64) -> String {
    format!("80000000-0000-4000-8000-{number:012}")
}

fn chained(number: u64, parent: Option<u64>, actions: &[&str], expires_at: &str) -> Json {
    let subject = format!("spiffe://shop.example/agents/{number}");
    let mut permit_object = json!({
        "action_name": "permit.issue",
        "actions_json": [],
        "actor_ref": { "issuer": "spiffe", "subject": subject },
        "authority_envelope": {
            "actions": actions,
            "data_classes": ["public"],
            "expires_at": expires_at,
            "models": [],
            "providers": ["example-provider"],
            "regions": ["eu-west"],
            "tools": [],
        },
        "authority_envelope_version": "authority-envelope.v0",
        "created_at": "2026-05-09T10:00:00Z",
        "decision": "allow",
        "delegation_depth": number.saturating_sub(1),
        "estimated_input_tokens": 0,
        "estimated_output_tokens": 0,
        "expires_at": expires_at,
        "id": permit(number),
        "idempotency_key": format!("issue-{number}"),
        "policy_id": "issuance",
        "policy_version": "3",
        "policy_version_or_hash": format!("sha256:{}", hex("issuance policy")),
        "project_id": PROJECT,
        "reason": "within the plan",
        "request_fingerprint": hex("issuance request"),
        "resource_model": "issuance",
        "resource_provider": "internal",
        "subject_id": subject,
        "subject_type": "spiffe",
    });
    if let (Some(parent), Some(members)) = (parent, permit_object.as_object_mut()) {
        members.insert("parent_permit_id".into(), permit(parent).into());
    }
    permit_object
}

/// The registry of comparators that everybody knows.
pub(crate) fn registry() -> Json {
    let set = json!({ "canonicalization": "sorted_unique_strings", "order": "subset", "type": "set<string>" });
    json!({
        "fields": {
            "actions": set,
            "data_classes": set,
            "expires_at": { "canonicalization": "rfc_3339_utc", "order": "less_than_or_equal", "type": "timestamp" },
            "models": set,
            "providers": set,
            "regions": set,
            "tools": set,
        },
        "version": "authority-envelope.v0",
    })
}
