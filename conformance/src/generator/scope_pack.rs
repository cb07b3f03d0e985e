// SPDX-License-Identifier: Apache-2.0

//! Exports that declare a scope, the scope states that commit to it, and the checkpoint of its end.
//!
//! ```text
//! number  at     event                       permit
//! 1       10:00  permit.created              P
//! 2       10:02  dispatch.egress_bound       P
//! 3       10:03  policy.evaluated            Q
//! 4       10:05  permit.revoked              P
//! 5       10:06  execution.completed         P
//! 6       10:07  provider.response.received  P
//! 7       10:08  dispatch.egress_bound       Q
//! 8       10:09  audit.integrity_digest      –
//!         10:10  the checkpoint
//! ```
//!
//! Everything is written out here, without the crates that issue or judge scopes, so that it can be
//! bent anywhere and sealed again.

use permit_canonical_json::Sha256Digest;
use permit_chain::default_sentinel;
use serde_json::{Value as Json, json};

use super::{
    checkpoint::{CHECKPOINT_ID, Checkpoint},
    document::{at, at_mut, canonical, digest, file, number, set, text},
    fault::Fault,
    pack::{PROJECT, Pack, SCOPE, permit_id, record_hash},
    pinned::pin,
    test_keys::{self, BINDING, CHECKPOINT, EXPORT, SCOPE as SCOPE_KEY, TestKey},
};

pub(crate) const REVOKED_AT: &str = "2026-05-09T10:05:00.000000Z";
/// When the checkpoint was computed, which is the end of what can be asked.
pub(crate) const BOUNDARY: &str = super::checkpoint::COMPUTED_AT;
const SIGNED_AT: &str = "2026-05-10T00:00:30Z";
const EMPTY_TREE: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// An event of a chain: its type, its permit if it has one, and when it happened after 10:00.
type Event = (&'static str, Option<u64>, &'static str);

/// The events of the table.
pub(crate) const EVENTS: [Event; 8] = [
    ("permit.created", Some(1), "00"),
    ("dispatch.egress_bound", Some(1), "02"),
    ("policy.evaluated", Some(2), "03"),
    ("permit.revoked", Some(1), "05"),
    ("execution.completed", Some(1), "06"),
    ("provider.response.received", Some(1), "07"),
    ("dispatch.egress_bound", Some(2), "08"),
    ("audit.integrity_digest", None, "09"),
];

/// The entries of a chain in one scope.
pub(crate) fn chain(scope: &str, events: &[Event]) -> Result<Vec<Json>, Fault> {
    let mut prev = default_sentinel().to_string();
    let mut entries = Vec::new();
    for (index, (event_type, permit, minute)) in events.iter().enumerate() {
        let sequence = index.saturating_add(1);
        let mut payload = json!({ "project_id": PROJECT, "provider": "example-provider" });
        if let Some(permit) = permit {
            set(&mut payload, "/permit_id", permit_id(*permit))?;
        }
        if permit == &Some(2) {
            set(&mut payload, "/provider", "other-provider")?;
        }
        let mut entry = json!({
            "chain_format_version": "v1",
            "chain_scope": scope,
            "created_at": format!("2026-05-09T10:{minute}:00.000000Z"),
            "event_id": format!("sev-{sequence}"),
            "event_type": event_type,
            "payload_json": payload,
            "prev_hash": prev,
            "sequence_number": sequence,
            "severity": "info",
        });
        prev = record_hash(&entry)?;
        set(&mut entry, "/record_hash", prev.clone())?;
        entries.push(entry);
    }
    Ok(entries)
}

/// A predicate of equalities.
pub(crate) fn equals(conditions: &[(&str, String)]) -> Json {
    let equals: serde_json::Map<String, Json> =
        conditions.iter().map(|(kind, value)| ((*kind).into(), value.clone().into())).collect();
    json!({ "equals": equals, "operator": "and", "ranges": {}, "version": "keel.scope_predicate.v1" })
}

/// The predicate that asks for dispatches under the revoked permit, after its revocation.
pub(crate) fn asking() -> Result<Json, Fault> {
    let mut predicate = equals(&[
        ("event_type", "dispatch.egress_bound".into()),
        ("permit_id", permit_id(1)),
        ("project_id", PROJECT.into()),
    ]);
    let range = json!({ "gte": REVOKED_AT, "lt": BOUNDARY });
    set(&mut predicate, "/ranges/occurred_at", range)?;
    Ok(predicate)
}

/// Whether an entry of these chains matches a predicate: the lookups that they have members for.
pub(crate) fn matches(predicate: &Json, entry: &Json) -> bool {
    let found = |kind: &str| match kind {
        "event_type" => entry.pointer("/event_type"),
        "created_at" | "occurred_at" => entry.pointer("/created_at"),
        "sequence_number" => entry.pointer("/sequence_number"),
        kind => entry.pointer(&format!("/payload_json/{kind}")),
    };
    let members = |name: &str| predicate.get(name).and_then(Json::as_object).into_iter().flatten();
    let equal = members("equals").all(|(kind, value)| found(kind) == Some(value));
    // All times are written alike, so that their texts are ordered as they are.
    equal
        && members("ranges").all(|(kind, range)| {
            let time = found(kind).and_then(Json::as_str).unwrap_or_default();
            let bound = |name: &str| range.get(name).and_then(Json::as_str).unwrap_or_default();
            let within = |bound: &str| bound.trim_end_matches('Z').to_owned();
            let time = time.trim_end_matches('Z').to_owned();
            within(bound("gte")) <= time && time < within(bound("lt"))
        })
}

/// The commitment to the entries that match a predicate.
pub(crate) fn commitment(predicate: &Json, entries: &[Json]) -> Result<Json, Fault> {
    let hash = digest(predicate)?.prefixed().to_string();
    let matching: Vec<&Json> = entries.iter().filter(|entry| matches(predicate, entry)).collect();
    let mut leaves = Vec::new();
    for entry in &matching {
        let leaf = json!({
            "canonical_predicate_value_hash": hash,
            "event_id": text(entry, "/event_id")?,
            "record_hash": text(entry, "/record_hash")?,
            "sequence_number": number(entry, "/sequence_number")?,
        });
        leaves.push(Sha256Digest::of(&[&[0], canonical(&leaf)?.as_slice()].concat()));
    }
    let end = |entry: Option<&&Json>| entry.and_then(|entry| entry.get("sequence_number").cloned());
    let root = root(&leaves).map_or(EMPTY_TREE.to_owned(), |root| root.prefixed().to_string());
    Ok(json!({
        "first_matching_sequence": end(matching.first()),
        "last_matching_sequence": end(matching.last()),
        "matching_count": matching.len(),
        "membership_root_hash": root,
        "predicate_value": predicate,
        "predicate_value_hash": hash,
    }))
}

/// The root over leaves, split at the largest power of two below their number.
fn root(leaves: &[Sha256Digest]) -> Option<Sha256Digest> {
    match leaves {
        [] => None,
        [leaf] => Some(*leaf),
        _ => {
            let mut split = 1_usize;
            while split.saturating_mul(2) < leaves.len() {
                split = split.saturating_mul(2);
            }
            let (left, right) = leaves.split_at(split);
            let (left, right) = (root(left)?, root(right)?);
            Some(Sha256Digest::of(
                &[&[1], left.as_bytes().as_slice(), right.as_bytes().as_slice()].concat(),
            ))
        }
    }
}

/// A scope state that is signed and can be bent.
pub(crate) fn scope_state(
    scope: &str,
    entries: &[Json],
    predicates: &[Json],
    key: TestKey,
) -> Result<Json, Fault> {
    let mut commitments = Vec::new();
    for predicate in predicates {
        commitments.push(commitment(predicate, entries)?);
    }
    let scope_hash = digest(&json!({ "chain_scope": scope }))?;
    let mut state = json!({
        "artifact_type": "checkpoint_scope_state",
        "chain_scope": scope,
        "checkpoint_id": CHECKPOINT_ID,
        "commitment_profile": "keel.scope_state.merkle.v1",
        "predicate_basis": {
            "canonicalization_profile": "keel.canonical_json.payload.v1",
            "reserved_namespaces": [],
            "supported_predicate_kinds": [
                "project_id", "permit_id", "request_id", "event_type", "category", "severity", "decision_type",
                "policy_id", "provider", "sequence_number", "created_at", "occurred_at", "section", "export_type",
            ],
        },
        "predicate_grammar_version": "keel.scope_predicate.v1",
        "scope_commitments": commitments,
        "scope_state_id": format!("keel.scope_state.v1:{scope_hash}:{CHECKPOINT_ID}"),
        "signature": { "algorithm": "Ed25519", "key_id": key.id(), "signature": "" },
        "signed_at": SIGNED_AT,
        "tree_size": entries.len(),
        "trust_root_reference": {
            "key_id": key.id(),
            "manifest_version": "keel.public_key_manifest.v1",
            "purpose": "scope_state",
        },
        "version": "checkpoint_scope_state.v1",
    });
    sign_state(&mut state, key)?;
    Ok(state)
}

/// Signs a scope state as it is now.
pub(crate) fn sign_state(state: &mut Json, key: TestKey) -> Result<(), Fault> {
    let mut signed = state.clone();
    super::document::remove(&mut signed, "/signature/signature")?;
    let signature = key.scope_state().sign_scope_state(&canonical(&signed)?)?.to_string();
    set(state, "/signature/signature", signature)
}

/// An entry as segments show it.
fn shown(entry: &Json) -> Json {
    let members = [
        "event_id",
        "event_type",
        "chain_scope",
        "sequence_number",
        "record_hash",
        "prev_hash",
        "created_at",
        "chain_format_version",
        "payload_json",
    ];
    let members =
        members.iter().filter_map(|name| Some(((*name).into(), entry.get(*name)?.clone())));
    Json::Object(members.collect())
}

/// A segment over whole chain, from its first entry.
pub(crate) fn segment(
    id: &str,
    entries: &[Json],
    predicate: &Json,
    state: &Json,
    storage: &str,
) -> Result<Json, Fault> {
    let last =
        entries.last().ok_or_else(|| Fault::new("a chain without entries has no segment"))?;
    let scope = text(last, "/chain_scope")?;
    let (inside, outside): (Vec<&Json>, Vec<&Json>) =
        entries.iter().partition(|entry| matches(predicate, entry));
    let records = |entries: Vec<&Json>| entries.into_iter().map(shown).collect::<Vec<Json>>();
    let filters = json!({ "limit": 100, "project_id": PROJECT });
    Ok(json!({
        "canonical_filters": {
            "canonicalization_profile": "keel.canonical_json.payload.v1",
            "filters_hash": digest(&filters)?.prefixed().to_string(),
            "raw_filters": filters,
        },
        "chain_evidence": {
            "disclosure_records": records(inside),
            "proof_bridge_records": records(outside),
        },
        "declared_end": {
            "boundary_policy": "explicit_checkpoint",
            "chain_scope": scope,
            "checkpoint_id": CHECKPOINT_ID,
            "last_record_hash": text(last, "/record_hash")?,
            "sequence_number": number(last, "/sequence_number")?,
        },
        "declared_scope": {
            "chain_scope": scope,
            "population_label": "what the filters asked for",
            "predicate": predicate,
            "presentation_policy": { "policy_kind": "none", "policy_parameters": {}, "version": "keel.presentation_policy.v1" },
            "scope_kind": "declared_sample",
            "version": "keel.scope_declaration.v1",
        },
        "declared_start": {
            "chain_scope": scope,
            "genesis_prev_hash": default_sentinel().to_string(),
            "kind": "genesis",
            "sequence_number": 1,
        },
        "scope_state_reference": {
            "artifact_hash": artifact_hash(state)?,
            "artifact_type": "checkpoint_scope_state",
            "chain_scope": scope,
            "checkpoint_id": CHECKPOINT_ID,
            "scope_state_id": text(state, "/scope_state_id")?,
            "storage_uri": storage,
        },
        "segment_id": id,
    }))
}

fn artifact_hash(state: &Json) -> Result<String, Fault> {
    Ok(Sha256Digest::of(&file(state)?).prefixed().to_string())
}

/// Where the scope state of a pack with one segment lies.
pub(crate) const SIDECAR: &str = "sidecars/checkpoint-scope-state-v1.json";

/// An export with one segment, its scope state and its checkpoint.
#[derive(Clone, Debug)]
pub(crate) struct ScopePack {
    pub(crate) document: Json,
    pub(crate) sidecar: Option<Json>,
    pub(crate) sidecar_key: TestKey,
    pub(crate) checkpoint: Option<Checkpoint>,
    pub(crate) claims: Vec<&'static str>,
    pub(crate) trust: Vec<TestKey>,
}

/// The claims about scopes, and the integrity that they rest on.
pub(crate) const SCOPE_CLAIMS: [&str; 3] =
    ["export.integrity.v1", "checkpoint.scope_state.v1", "export.scope_faithfulness.v1"];

impl ScopePack {
    /// One segment of what a predicate matches, over the chain of the table.
    pub(crate) fn of(predicate: &Json) -> Result<Self, Fault> {
        Self::over(&chain(SCOPE, &EVENTS)?, predicate)
    }

    /// One segment of what a predicate matches, over this chain.
    pub(crate) fn over(entries: &[Json], predicate: &Json) -> Result<Self, Fault> {
        Self::signed_by(entries, predicate, SCOPE_KEY)
    }

    /// The same, with another key for the scope state.
    pub(crate) fn signed_by(
        entries: &[Json],
        predicate: &Json,
        key: TestKey,
    ) -> Result<Self, Fault> {
        let state = scope_state(SCOPE, entries, std::slice::from_ref(predicate), key)?;
        let segment = segment("segment-1", entries, predicate, &state, SIDECAR)?;
        Ok(Self {
            document: json!({
                "project_id": PROJECT,
                "record_count": 0,
                "records": [],
                "scope_faithfulness": { "segments": [segment], "version": "keel.export_scope_faithfulness.v1" },
            }),
            sidecar: Some(state),
            sidecar_key: key,
            checkpoint: Some(head_of(entries)?),
            claims: SCOPE_CLAIMS.to_vec(),
            trust: vec![EXPORT, BINDING, CHECKPOINT, SCOPE_KEY],
        })
    }

    /// Bends the segment.
    pub(crate) fn bent(
        mut self,
        bend: impl FnOnce(&mut Json) -> Result<(), Fault>,
    ) -> Result<Self, Fault> {
        bend(at_mut(&mut self.document, "/scope_faithfulness/segments/0")?)?;
        Ok(self)
    }

    /// Bends the scope state, signs it again, and refers to it as it is then.
    pub(crate) fn bent_state(
        mut self,
        bend: impl FnOnce(&mut Json) -> Result<(), Fault>,
    ) -> Result<Self, Fault> {
        let key = self.sidecar_key;
        if let Some(state) = &mut self.sidecar {
            bend(state)?;
            sign_state(state, key)?;
        }
        self.refer()
    }

    /// Bends the scope state, and refers to it as it is then; nobody signs it again.
    pub(crate) fn bent_unsigned(
        mut self,
        bend: impl FnOnce(&mut Json) -> Result<(), Fault>,
    ) -> Result<Self, Fault> {
        if let Some(state) = &mut self.sidecar {
            bend(state)?;
        }
        self.refer()
    }

    fn refer(mut self) -> Result<Self, Fault> {
        let Some(state) = &self.sidecar else { return Ok(self) };
        let reference =
            at_mut(&mut self.document, "/scope_faithfulness/segments/0/scope_state_reference")?;
        set(reference, "/artifact_hash", artifact_hash(state)?)?;
        for name in ["scope_state_id", "checkpoint_id", "chain_scope"] {
            if let Some(value) = state.get(name) {
                set(reference, &format!("/{name}"), value.clone())?;
            }
        }
        Ok(self)
    }

    /// Everything as files.
    pub(crate) fn pack(&self) -> Result<Pack, Fault> {
        let mut pack = Pack::of_document(self.document.clone())?;
        pack.trust = test_keys::trust_root(&self.trust);
        pin(&mut pack.manifest, &self.claims)?;
        if let Some(state) = &self.sidecar {
            pack = pack.with_file("sidecar", SIDECAR, file(state)?);
        }
        if let Some(checkpoint) = &self.checkpoint {
            pack = pack.with_file("checkpoint", "checkpoint.json", checkpoint.file()?);
        }
        Ok(pack)
    }
}

/// The checkpoint whose only head is the last of these entries.
pub(crate) fn head_of(entries: &[Json]) -> Result<Checkpoint, Fault> {
    let last = entries.last().ok_or_else(|| Fault::new("an empty chain has no head"))?;
    Checkpoint::of_heads(&[(
        text(last, "/chain_scope")?,
        number(at(last, "")?, "/sequence_number")?,
        text(last, "/record_hash")?,
    )])
}
