// SPDX-License-Identifier: Apache-2.0

//! Evidence that issuers make, which can be bent at will, and how it is judged.
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

use std::collections::BTreeMap;

use permit_canonical_json::{
    Budget, HashedArtifact, Object, Sha256Digest, Value, from_value, read, to_value,
};
use permit_chain::{Appender, ChainHead, EventDraft};
use permit_claims::{ClaimFault, Unsupported, Verdict};
use permit_failure_codes::ReasonClass;
use permit_keys::{
    IntegrityCheckpoint, KeyManifest, KeyPurpose, KeyRequest, Mode, PurposeKey, ScopeState,
    SoftwareKey, verify_checkpoint,
};
use permit_scope::{
    AbsenceEvidence, CheckpointEvidence, CheckpointHead, CommitmentDraft, DispatchAbsence,
    RevocationFacts, ScopeAdjudication, ScopeBudget, ScopeEvidence, ScopeStateDraft,
    ScopeStateKeys, SealedScopeState, SegmentDraft, VerifiedCheckpoint,
    adjudicate_dispatch_absence, adjudicate_scope_faithfulness, evidence_record,
};
use permit_types::{
    Artifact, BoundaryPolicy, ChainEntry, ChainScope, CheckpointId, EventId, EventType, Finding,
    FirstSequence, Instant, Location, NonEmpty, NonEmptyText, OpenObject, PresentationPolicy,
    PresentationPolicyKind, PresentationPolicyVersion, Rfc3339, ScopeKind, ScopePredicate,
    SequenceNumber, StartBoundary,
};
use serde_json::{Value as Json, json};

pub(crate) const SCOPE: &str = "project:00000000-0000-4000-8000-000000000041";
pub(crate) const PROJECT: &str = "00000000-0000-4000-8000-000000000041";
pub(crate) const P: &str = "20000000-0000-4000-8000-000000000001";
pub(crate) const Q: &str = "20000000-0000-4000-8000-000000000002";
pub(crate) const CHECKPOINT: &str = "40000000-0000-4000-8000-000000000001";
pub(crate) const REVOKED_AT: &str = "2026-05-21T10:05:00.000000Z";
pub(crate) const COMPUTED_AT: &str = "2026-05-21T10:10:00.000000Z";
pub(crate) const SIGNED_AT: &str = "2026-05-21T10:10:30Z";

/// Files of one export, each of which can be bent.
#[derive(Clone, Debug)]
pub(crate) struct Pack {
    pub(crate) document: Json,
    pub(crate) manifest: Json,
    pub(crate) checkpoint: Option<Json>,
    /// By segment; the bytes are what [`written`] makes of them.
    pub(crate) sidecars: Vec<Option<Json>>,
    pub(crate) keys: Json,
    pub(crate) mode: Mode,
    pub(crate) revocation: (String, String, String),
    pub(crate) budget: ScopeBudget,
}

/// A predicate of equalities.
pub(crate) fn equals(conditions: &[(&str, &str)]) -> Json {
    let equals: BTreeMap<_, _> = conditions.iter().copied().collect();
    json!({ "version": "keel.scope_predicate.v1", "operator": "and", "equals": equals, "ranges": {} })
}

/// The predicate that asks for dispatches under P after its revocation.
pub(crate) fn asking() -> Json {
    let mut predicate = equals(&[
        ("project_id", PROJECT),
        ("permit_id", P),
        ("event_type", "dispatch.egress_bound"),
    ]);
    predicate["ranges"] = json!({ "occurred_at": { "gte": REVOKED_AT, "lt": COMPUTED_AT } });
    predicate
}

/// The chain of the table above.
pub(crate) fn chain() -> Vec<ChainEntry> {
    chain_of(&[
        ("permit.created", Some(P), "10:00:00"),
        ("dispatch.egress_bound", Some(P), "10:02:00"),
        ("policy.evaluated", Some(Q), "10:03:00"),
        ("permit.revoked", Some(P), "10:05:00"),
        ("execution.completed", Some(P), "10:06:00"),
        ("provider.response.received", Some(P), "10:07:00"),
        ("dispatch.egress_bound", Some(Q), "10:08:00"),
        ("audit.integrity_digest", None, "10:09:00"),
    ])
}

pub(crate) fn chain_of(events: &[(&str, Option<&str>, &str)]) -> Vec<ChainEntry> {
    let mut chain = Appender::new(ChainHead::empty(ChainScope::new(SCOPE)));
    let entries = events.iter().enumerate().map(|(index, (event_type, permit, at))| {
        let mut payload = Object::default();
        payload.insert("project_id", PROJECT);
        if let Some(permit) = permit {
            payload.insert("permit_id", permit.to_string());
        }
        chain.append(EventDraft {
            event_id: EventId::new(format!("evt_{}", index + 1)),
            event_type: EventType::new(*event_type),
            resource_type: permit.map(|_| "permit".to_owned()),
            resource_id: permit.map(str::to_owned),
            outcome: None,
            severity: "info".to_owned(),
            payload_json: payload.into(),
            created_at: Instant::parse(&format!("2026-05-21T{at}Z")).unwrap(),
        })
    });
    entries.collect::<Result<_, _>>().unwrap()
}

pub(crate) fn scope_key() -> PurposeKey<ScopeState> {
    PurposeKey::new(SoftwareKey::from_seed(&[3; 32]))
}

pub(crate) fn checkpoint_key() -> PurposeKey<IntegrityCheckpoint> {
    PurposeKey::new(SoftwareKey::from_seed(&[4; 32]))
}

pub(crate) fn typed<T: serde::de::DeserializeOwned>(value: &Json) -> T {
    from_value(&strict(value)).unwrap()
}

pub(crate) fn text(text: &str) -> NonEmptyText {
    NonEmptyText::parse(text).unwrap()
}

pub(crate) fn genesis(entries: &[ChainEntry]) -> StartBoundary {
    StartBoundary::Genesis {
        chain_scope: NonEmpty::new(ChainScope::new(SCOPE)).unwrap(),
        sequence_number: FirstSequence,
        genesis_prev_hash: text(&entries[0].prev_hash.to_string()),
    }
}

/// A scope state that commits to these predicates over a chain.
pub(crate) fn scope_state(entries: &[ChainEntry], predicates: &[Json]) -> SealedScopeState {
    let commitments = predicates.iter().map(|predicate| {
        let mut commitment = CommitmentDraft::new(typed::<ScopePredicate>(predicate)).unwrap();
        for entry in entries {
            commitment.look_at(entry).unwrap();
        }
        commitment.finish()
    });
    let draft = ScopeStateDraft {
        checkpoint_id: CheckpointId::parse(CHECKPOINT).unwrap(),
        chain_scope: NonEmpty::new(ChainScope::new(SCOPE)).unwrap(),
        head: entries.last().unwrap().sequence_number,
        commitments: commitments.collect(),
        signed_at: Rfc3339::parse(SIGNED_AT).unwrap(),
    };
    draft.seal(&scope_key()).unwrap()
}

pub(crate) fn segment_draft<'s>(
    id: &str,
    entries: &[ChainEntry],
    predicate: &Json,
    scope_state: &'s SealedScopeState,
) -> SegmentDraft<'s> {
    let last = entries.last().unwrap();
    SegmentDraft {
        segment_id: text(id),
        scope_kind: ScopeKind::DeclaredSample,
        population_label: text("records of one predicate"),
        predicate: typed(predicate),
        presentation_policy: PresentationPolicy {
            version: PresentationPolicyVersion,
            policy_kind: PresentationPolicyKind::None,
            policy_parameters: OpenObject::default(),
        },
        start: genesis(entries),
        boundary_policy: BoundaryPolicy::ExplicitCheckpoint,
        raw_filters: typed(&json!({ "permit_id": P, "limit": 100 })),
        records: entries.iter().map(|entry| evidence_record(entry).unwrap()).collect(),
        head: (last.sequence_number, text(&last.record_hash.to_string())),
        scope_state,
        storage_uri: Some(scope_state.storage_key()),
    }
}

impl Pack {
    /// One segment for each predicate, over the chain of the table.
    pub(crate) fn of(predicates: &[Json]) -> Self {
        Self::over(&chain(), predicates)
    }

    pub(crate) fn over(entries: &[ChainEntry], predicates: &[Json]) -> Self {
        let state = scope_state(entries, predicates);
        let segments = predicates.iter().enumerate().map(|(index, predicate)| {
            let id = format!("segment-{index}");
            let segment = segment_draft(&id, entries, predicate, &state).seal().unwrap();
            loose(&to_value(&segment).unwrap())
        });
        let segments: Vec<Json> = segments.collect();
        let sidecar: Json = serde_json::from_slice(state.bytes()).unwrap();
        Self {
            document: json!({
                "project_id": PROJECT,
                "scope_faithfulness": {
                    "version": "keel.export_scope_faithfulness.v1",
                    "segments": segments,
                },
            }),
            manifest: json!({}),
            checkpoint: Some(checkpoint(entries)),
            sidecars: vec![Some(sidecar); predicates.len()],
            keys: keys(),
            mode: Mode::Production,
            revocation: (P.to_owned(), PROJECT.to_owned(), REVOKED_AT.to_owned()),
            budget: ScopeBudget::default(),
        }
    }

    /// One segment of all records under P.
    pub(crate) fn usual() -> Self {
        Self::of(&[equals(&[("permit_id", P)])])
    }

    pub(crate) fn segment(&mut self, index: usize) -> &mut Json {
        &mut self.document["scope_faithfulness"]["segments"][index]
    }

    pub(crate) fn sidecar(&mut self, index: usize) -> &mut Json {
        self.sidecars[index].as_mut().unwrap()
    }

    /// The same pack after one change to its first segment.
    pub(crate) fn bent(mut self, bend: impl FnOnce(&mut Json)) -> Self {
        bend(self.segment(0));
        self
    }

    /// The same pack after one change to its first scope state, which is signed and referred to anew.
    pub(crate) fn bent_state(mut self, bend: impl FnOnce(&mut Json)) -> Self {
        bend(self.sidecar(0));
        self.seal_state(0);
        self.refer(0);
        self
    }

    /// Signs a scope state anew.
    pub(crate) fn seal_state(&mut self, index: usize) {
        let sidecar = self.sidecar(index);
        let mut signed = sidecar.clone();
        signed["signature"].as_object_mut().unwrap().remove("signature");
        let mut canonical = Vec::new();
        let profile = HashedArtifact::CheckpointScopeStateV1.profile();
        profile.write(&strict(&signed), &mut canonical).unwrap();
        let signature = match sidecar["trust_root_reference"]["purpose"].as_str() {
            Some("integrity_checkpoint") => checkpoint_key().sign_scope_state(&canonical),
            _ => scope_key().sign_scope_state(&canonical),
        };
        sidecar["signature"]["signature"] = json!(signature.unwrap().to_string());
    }

    /// Makes a segment refer to its scope state as it is.
    pub(crate) fn refer(&mut self, index: usize) {
        let sidecar = self.sidecars[index].clone().unwrap();
        let reference = &mut self.segment(index)["scope_state_reference"];
        let hash = Sha256Digest::of(&written(&sidecar)).prefixed().to_string();
        reference["artifact_hash"] = json!(hash);
        for name in ["scope_state_id", "checkpoint_id", "chain_scope"] {
            if sidecar[name].is_string() {
                reference[name] = sidecar[name].clone();
            }
        }
    }

    /// Computes the hash of the filters anew.
    pub(crate) fn filter_anew(&mut self, index: usize) {
        let filters = &mut self.segment(index)["canonical_filters"];
        let profile = HashedArtifact::ExportFilters.profile();
        let hash = profile.digest(&strict(&filters["raw_filters"])).unwrap();
        filters["filters_hash"] = json!(hash.prefixed().to_string());
    }

    pub(crate) fn checkpoint_evidence(&self) -> CheckpointEvidence {
        let keys = self.key_manifest();
        let bytes = self.checkpoint.as_ref().map(written);
        CheckpointEvidence::judge(bytes.as_deref(), &checkpoint_judge(Some(&keys), self.mode))
    }

    pub(crate) fn key_manifest(&self) -> KeyManifest {
        KeyManifest::read(&written(&self.keys), &Budget::default()).unwrap()
    }

    pub(crate) fn judge(&self) -> ScopeAdjudication {
        let document = strict(&self.document);
        self.judge_document(&document)
    }

    pub(crate) fn judge_document(&self, document: &Value<'_>) -> ScopeAdjudication {
        let (manifest, keys) = (strict(&self.manifest), self.key_manifest());
        let checkpoint = self.checkpoint_evidence();
        let ids: Vec<Json> = self.document["scope_faithfulness"]["segments"]
            .as_array()
            .map(|segments| segments.iter().map(|it| it["segment_id"].clone()).collect())
            .unwrap_or_default();
        let sidecars = |id: &str, _: Option<&str>| {
            let index = ids.iter().position(|it| it == id)?;
            self.sidecars.get(index)?.as_ref().map(written)
        };
        adjudicate_scope_faithfulness(&ScopeEvidence {
            document,
            manifest: Some(&manifest),
            checkpoint: &checkpoint,
            sidecars: &sidecars,
            keys: ScopeStateKeys::of(&keys, self.mode),
            budget: self.budget,
        })
    }

    /// Verdict and reason of `export.scope_faithfulness.v1`.
    pub(crate) fn claim(&self) -> (Verdict, &'static str) {
        told(self.judge().faithfulness().map(|_| ()))
    }

    /// Verdict and reason of `checkpoint.scope_state.v1`, as the first segment has it.
    pub(crate) fn state_claim(&self) -> (Verdict, &'static str) {
        let judged = self.judge();
        let segment = judged.segments().next().unwrap();
        told(segment.scope_state.as_ref().unwrap().as_ref().map(|_| ()))
    }

    /// What the claim about dispatches comes to.
    pub(crate) fn absence(&self) -> Result<DispatchAbsence, ClaimFault> {
        let (permit, project, at) = &self.revocation;
        let revocation = RevocationFacts::new(permit, project, at).unwrap();
        let document = strict(&self.document);
        adjudicate_dispatch_absence(&AbsenceEvidence {
            document: &document,
            revocation: Ok(&revocation),
            checkpoint: &self.checkpoint_evidence(),
            scope: &self.judge_document(&document),
        })
    }

    pub(crate) fn absence_claim(&self) -> (Verdict, &'static str) {
        told(self.absence().as_ref().map(|_| ()))
    }
}

/// Verdict and reason, in the words of reports; no reason if it holds.
pub(crate) fn told(outcome: Result<(), &ClaimFault>) -> (Verdict, &'static str) {
    match outcome {
        Ok(()) => (Verdict::Supported, ""),
        Err(fault) => (fault.verdict.into(), fault.reason().as_str()),
    }
}

/// A trust root with both keys.
pub(crate) fn keys() -> Json {
    json!({ "keys": [
        key("scope_state", &scope_key().key_id().to_string(), &scope_key().public_key().to_string()),
        key(
            "integrity_checkpoint",
            &checkpoint_key().key_id().to_string(),
            &checkpoint_key().public_key().to_string(),
        ),
    ] })
}

fn key(purpose: &str, key_id: &str, public_key: &str) -> Json {
    json!({
        "key_id": key_id, "purpose": purpose, "public_key": public_key,
        "valid_from": "2026-01-01T00:00:00Z", "valid_to": null,
    })
}

/// A signed checkpoint over the end of a chain.
pub(crate) fn checkpoint(entries: &[ChainEntry]) -> Json {
    let last = entries.last().unwrap();
    let mut checkpoint = json!({
        "checkpoint_id": CHECKPOINT,
        "computed_at": COMPUTED_AT,
        "chain_heads": { SCOPE: {
            "sequence_number": last.sequence_number.get(),
            "last_record_hash": last.record_hash.to_string(),
        } },
        "key_id": checkpoint_key().key_id().to_string(),
    });
    seal_checkpoint(&mut checkpoint);
    checkpoint
}

pub(crate) fn seal_checkpoint(checkpoint: &mut Json) {
    let heads = checkpoint["chain_heads"].as_object().unwrap();
    let heads = heads.iter().map(|(scope, head)| {
        let head = CheckpointHead {
            sequence_number: head["sequence_number"].as_u64().unwrap(),
            last_record_hash: head["last_record_hash"].as_str().unwrap().to_owned(),
        };
        (scope.clone(), head)
    });
    let composite = composite_hash(&heads.collect());
    let signature = checkpoint_key().sign_checkpoint(composite).unwrap();
    checkpoint["composite_hash"] = json!(composite.prefixed().to_string());
    checkpoint["signature"] = json!(signature.to_string());
}

/// Reads strict JSON.
pub(crate) fn json_of(bytes: &[u8]) -> Value<'static> {
    read(bytes, &Budget::default()).unwrap().into_owned()
}

pub(crate) fn strict(value: &Json) -> Value<'static> {
    json_of(&written(value))
}

pub(crate) fn loose(value: &Value<'_>) -> Json {
    let mut text = String::new();
    HashedArtifact::ExportFilters.profile().write(value, &mut text).unwrap();
    serde_json::from_str(&text).unwrap()
}

pub(crate) fn written(value: &Json) -> Vec<u8> {
    serde_json::to_vec(value).unwrap()
}

/// A small stand-in for the crate that verifies checkpoints: composite hash and signature.
pub(crate) fn checkpoint_judge(
    keys: Option<&KeyManifest>,
    mode: Mode,
) -> impl Fn(&[u8]) -> Result<VerifiedCheckpoint, ClaimFault> {
    move |bytes| {
        judge_checkpoint(bytes, keys, mode).map_err(|summary| {
            let at = Location::whole(Artifact::Checkpoint);
            let reason = ReasonClass::CheckpointCompositeHashMismatch;
            ClaimFault::new(Unsupported::Disproved, Finding::failure(reason, at, summary))
        })
    }
}

fn judge_checkpoint(
    bytes: &[u8],
    keys: Option<&KeyManifest>,
    mode: Mode,
) -> Result<VerifiedCheckpoint, String> {
    let document = read(bytes, &Budget::default()).map_err(|error| error.to_string())?;
    let text = |name: &str| document.get(name).and_then(Value::as_str);
    let mut heads = BTreeMap::new();
    let stated = document.get("chain_heads").and_then(Value::as_object).ok_or("no heads")?;
    for head in stated.members() {
        let number = head.value().get("sequence_number").and_then(Value::as_u64);
        let hash = head.value().get("last_record_hash").and_then(Value::as_str);
        let head_of = CheckpointHead {
            sequence_number: number.ok_or("no number")?,
            last_record_hash: hash.ok_or("no hash")?.to_owned(),
        };
        heads.insert(head.name().to_owned(), head_of);
    }
    let composite = composite_hash(&heads);
    if text("composite_hash") != Some(&composite.prefixed().to_string()) {
        return Err("the composite hash differs".to_owned());
    }
    let request = KeyRequest::new()
        .key_id(text("key_id"))
        .signed_at(text("computed_at").and_then(Instant::parse));
    let key = keys.ok_or("no keys")?.resolve(KeyPurpose::IntegrityCheckpoint, &request, mode);
    let key = key.map_err(|problem| problem.to_string())?;
    verify_checkpoint(composite, text("signature").ok_or("no signature")?, &key)
        .map_err(|problem| problem.to_string())?;
    Ok(VerifiedCheckpoint {
        checkpoint_id: text("checkpoint_id").unwrap_or_default().to_owned(),
        computed_at: text("computed_at").map(str::to_owned),
        heads,
    })
}

/// The composite hash of a checkpoint (SEM-01).
fn composite_hash(heads: &BTreeMap<String, CheckpointHead>) -> Sha256Digest {
    let lines: Vec<String> = heads
        .iter()
        .map(|(scope, head)| format!("{scope}:{}:{}", head.sequence_number, head.last_record_hash))
        .collect();
    Sha256Digest::of(lines.join("\n").as_bytes())
}

/// The number of the n-th record.
pub(crate) fn number(number: u64) -> SequenceNumber {
    SequenceNumber::new(number).unwrap()
}
