// SPDX-License-Identifier: Apache-2.0

//! Evidence of every form that this workspace can issue, made anew, for two verifiers to judge.
//!
//! ```text
//! bundles      versions 1 and 2, entries in records and at the bundle, compressed, for people, pinned
//! closures     every status that can be sealed, of requests that went out and of those that did not
//! events       as a document and as lines, compressed
//! packs        signed decision and revocation; absence after a revocation, with checkpoint and scope state
//! others       a denied delegation, a checkpoint
//! ```

use permit_canonical_json::{Budget, Object, Sha256Digest, Value, read_text, to_value};
use permit_chain::{Appender, ChainHead, EventDraft, EventStamp};
use permit_checkpoint::CheckpointDraft;
use permit_claims::{Claim, to_pretty_text};
use permit_closure::{
    BoundPermit, ClosureDraft, Execution, LifecycleEvent, NotDispatched, Outcome, SealedClosure,
};
use permit_decision::DecisionDraft;
use permit_delegation::{
    AuthorityLine, DelegationRequest, IssuanceError, IssuancePolicy, PolicyAnswer, RecordedEvent,
    delegate, integrity_digest,
};
use permit_export_bundle::{
    BundleEntries, BundleHead, BundleWriter, EventForm, EventWriter, ExportFacts,
    ExportWriterOptions, Layout, ManifestDraft, manifest_name,
};
use permit_keys::{
    ExportSigning, IntegrityCheckpoint, PermitBindingSigning, PublicKey, PurposeKey, ScopeState,
    SoftwareKey,
};
use permit_pins::{Pin, PinWriter, RequestedClaim};
use permit_revocation::{Revocation, SignedRevocation};
use permit_scope::{
    CommitmentDraft, ScopeStateDraft, SegmentDraft, absence_predicate, evidence_record,
    scope_faithfulness_block,
};
use permit_types::{
    ActorId, ActorKind, AuditExportRecord, AuthorityEnvelope, BoundaryPolicy, ChainEntry,
    ChainScope, CheckpointId, Decision, Dispatched, Evaluated, EventId, ExecutionDecision,
    FirstSequence, IssuedPermit, NonEmpty, NonEmptyText, OpenObject, Permit, PermitDraft,
    PermitFacts, PermitId, PresentationPolicy, PresentationPolicyKind, PresentationPolicyVersion,
    ProjectId, RevocationReasonCode, Rfc3339, ScopeKind, StartBoundary, UniqueArray,
};

use crate::ChoreError;

/// Files in a folder of their own, and the arguments that a verifier gets there.
pub(crate) struct IssuedCase {
    /// What it is, as the name of a folder.
    pub(crate) name: &'static str,
    pub(crate) files: Vec<(String, Vec<u8>)>,
    pub(crate) arguments: Vec<String>,
}

/// One case of every form.
pub(crate) fn cases() -> Result<Vec<IssuedCase>, ChoreError> {
    let plain = ExportWriterOptions::default();
    let history = Issuer::with_every_closure()?;
    let both: &[&str] = &["--walk-events", "--verify-closure"];
    let walk: &[&str] = &["--walk-events"];
    let bundle = |name, entries, options: &ExportWriterOptions, flags: &[&str]| {
        let (bytes, facts) = history.bundle(entries, options, &[])?;
        history.export_case(name, bytes, facts, &[], flags, Vec::new())
    };
    let events = |name, form, options: &ExportWriterOptions| {
        let (bytes, facts) = history.events(form, options)?;
        history.export_case(name, bytes, facts, &[], walk, Vec::new())
    };
    let (records, at_bundle) = (BundleEntries::InRecords, BundleEntries::AtBundle);
    let mut cases = vec![
        bundle("bundle-1", BundleEntries::None, &plain, &[])?,
        bundle("bundle-2", records, &plain, both)?,
        bundle("bundle-2-gzip", records, &plain.compressed(), both)?,
        bundle("bundle-2-pretty", records, &plain.layout(Layout::Pretty), both)?,
        bundle("bundle-2-counted", records, &plain.record_count(history.count()), both)?,
        bundle("bundle-2-at-bundle", at_bundle, &plain, both)?,
        bundle("bundle-2-at-bundle-gzip", at_bundle, &plain.compressed(), both)?,
        events("events", EventForm::Document, &plain)?,
        events("events-gzip", EventForm::Document, &plain.compressed())?,
        events("events-lines", EventForm::Lines, &plain)?,
        events("events-lines-gzip", EventForm::Lines, &plain.compressed())?,
    ];
    for closure in Issuer::one_closure_each()? {
        let (bytes, facts) = closure.issuer.bundle(records, &plain, &[])?;
        let case = closure.issuer.export_case(closure.name, bytes, facts, &[], both, Vec::new())?;
        cases.push(case);
    }
    let pinned = [
        Claim::ExportIntegrity,
        Claim::ExportScopeIdentity,
        Claim::ChainContinuity,
        Claim::ClosureSignature,
        Claim::ClosureDigests,
        Claim::ClosureDispatch,
    ];
    let (bytes, facts) = history.bundle(records, &plain, &[])?;
    cases.push(history.export_case("pinned", bytes, facts, &pinned, &[], Vec::new())?);
    cases.push(decided_and_revoked()?);
    cases.push(absent_dispatch()?);
    cases.push(denied_delegation()?);
    cases.push(history.checkpoint_case()?);
    Ok(cases)
}

/// An issuer with a history.
struct Issuer {
    clock: u32,
    ids: u32,
    chain: Appender,
    records: Vec<(Permit, Vec<ChainEntry>)>,
    events: Vec<Object<'static>>,
}

/// A history that ends with one closure.
struct ClosureHistory {
    name: &'static str,
    issuer: Issuer,
}

/// How an execution ends; `true` stands for a digest that is known.
#[derive(Clone, Copy)]
enum End {
    Closed,
    Disconnected(bool, bool),
    ProviderError(bool, bool),
    Timeout(bool, bool),
    ProviderUnknown(bool),
    ClientUnknown,
    NotSent,
    NotSentDisconnected,
    NotSentTimeout,
    Missing,
}

const ENDS: [(&str, End); 12] = [
    ("closure-closed", End::Closed),
    ("closure-client-disconnected", End::Disconnected(true, true)),
    ("closure-client-disconnected-early", End::Disconnected(true, false)),
    ("closure-provider-error", End::ProviderError(true, true)),
    ("closure-provider-error-silent", End::ProviderError(false, true)),
    ("closure-timeout", End::Timeout(false, false)),
    ("closure-provider-digest-missing", End::ProviderUnknown(true)),
    ("closure-client-digest-missing", End::ClientUnknown),
    ("closure-dispatch-error", End::NotSent),
    ("closure-client-disconnected-before", End::NotSentDisconnected),
    ("closure-timeout-before", End::NotSentTimeout),
    ("closure-missing", End::Missing),
];

impl Issuer {
    fn new() -> Self {
        let chain = Appender::new(ChainHead::empty(ChainScope::new(format!("project:{PROJECT}"))));
        Self { clock: 0, ids: 0, chain, records: Vec::new(), events: Vec::new() }
    }

    /// Every closure, a denial and a challenge, in one history.
    fn with_every_closure() -> Result<Self, ChoreError> {
        let mut issuer = Self::new();
        for (_, end) in ENDS {
            issuer.execute(end)?;
        }
        let draft = PermitDraft::new(issuer.facts()?);
        issuer.refused(draft.deny("not for agents")?.into_permit())?;
        let draft = PermitDraft::new(issuer.facts()?);
        issuer.refused(draft.challenge("somebody has to agree")?.into_permit())?;
        Ok(issuer)
    }

    fn one_closure_each() -> Result<Vec<ClosureHistory>, ChoreError> {
        let history = |(name, end)| {
            let mut issuer = Self::new();
            issuer.execute(end)?;
            Ok(ClosureHistory { name, issuer })
        };
        ENDS.into_iter().map(history).collect()
    }

    fn count(&self) -> u64 {
        u64::try_from(self.records.len()).unwrap_or(u64::MAX)
    }

    fn time(&self) -> Result<Rfc3339, ChoreError> {
        let (minutes, seconds) = (self.clock / 60, self.clock % 60);
        time(&format!("2026-05-07T12:{minutes:02}:{seconds:02}.000000Z"))
    }

    fn id(&mut self) -> String {
        self.ids += 1;
        format!("00000000-0000-4000-8000-{:012}", self.ids)
    }

    fn stamp(&mut self) -> Result<EventStamp, ChoreError> {
        self.clock += 1;
        let at = self.time()?.instant();
        Ok(EventStamp::new(&format!("evt-{}", self.id()), at))
    }

    fn append(&mut self, draft: EventDraft) -> Result<ChainEntry, ChoreError> {
        let entry = self.chain.append(draft)?;
        let mut event = to_value(&entry)?.as_object().cloned().unwrap_or_default();
        if let Some(time) = event.remove("created_at") {
            event.insert("occurred_at", time);
        }
        self.events.push(event);
        Ok(entry)
    }

    fn happened(&mut self, event: &LifecycleEvent<'_>) -> Result<ChainEntry, ChoreError> {
        let stamp = self.stamp()?;
        self.append(event.draft(stamp))
    }

    fn facts(&mut self) -> Result<PermitFacts, ChoreError> {
        self.clock += 1;
        let id = self.id();
        Ok(PermitFacts {
            id: PermitId::parse(&id).ok_or("no id")?,
            project_id: project()?,
            subject_type: "agent".into(),
            subject_id: "agent-7".into(),
            action_name: "text.complete".into(),
            resource_provider: "example-provider".into(),
            resource_model: "example-large".into(),
            estimated_input_tokens: 60,
            estimated_output_tokens: 400,
            policy_id: "agents".into(),
            policy_version: "1".into(),
            idempotency_key: format!("agent-7/{id}"),
            request_fingerprint: PermitFacts::request_fingerprint(&request(&id)?)?,
            created_at: self.time()?,
        })
    }

    fn refused(&mut self, permit: Permit) -> Result<(), ChoreError> {
        let entry = self.happened(&LifecycleEvent::Evaluated(&permit))?;
        self.records.push((permit, vec![entry]));
        Ok(())
    }

    fn evaluated(&mut self) -> Result<(IssuedPermit<Evaluated>, Vec<ChainEntry>), ChoreError> {
        let draft = PermitDraft::new(self.facts()?);
        let permit = draft.allow("within the budget")?;
        let entry = self.happened(&LifecycleEvent::Evaluated(permit.permit()))?;
        Ok((permit, vec![entry]))
    }

    fn dispatched(&mut self) -> Result<(IssuedPermit<Dispatched>, Vec<ChainEntry>), ChoreError> {
        let (permit, mut entries) = self.evaluated()?;
        let request = request(permit.id().as_str())?;
        let (bound, body) = permit.bind(&request)?;
        entries.push(self.happened(&LifecycleEvent::Bound(&bound))?);
        let sent = bound.dispatch(body.text().as_bytes(), self.time()?.instant())?;
        entries.push(self.happened(&LifecycleEvent::Dispatched(&sent))?);
        Ok((sent, entries))
    }

    fn execute(&mut self, end: End) -> Result<(), ChoreError> {
        let (sent, mut entries) = match end {
            End::NotSentDisconnected | End::NotSentTimeout => return self.execute_before(end),
            _ => self.dispatched()?,
        };
        let permit_id = sent.id().clone();
        let provider = Sha256Digest::of(b"what the provider sent");
        let client = Sha256Digest::of(b"what the client was handed");
        let (has_provider, has_client) = match end {
            End::Closed => (true, true),
            End::Disconnected(provider, client)
            | End::ProviderError(provider, client)
            | End::Timeout(provider, client) => (provider, client),
            End::ProviderUnknown(client) => (false, client),
            End::ClientUnknown => (true, false),
            _ => (false, false),
        };
        if has_provider {
            let permit_id = &permit_id;
            let event = LifecycleEvent::ProviderResponded { permit_id, digest: provider };
            entries.push(self.happened(&event)?);
        }
        if has_client {
            let event = LifecycleEvent::ClientServed { permit_id: &permit_id, digest: client };
            entries.push(self.happened(&event)?);
        }
        let execution = self.execution()?;
        let (seen, served) = (has_provider.then_some(provider), has_client.then_some(client));
        let outcome = match end {
            End::Closed => Outcome::Closed { provider, client },
            End::Disconnected(..) => Outcome::ClientDisconnected { provider: seen, client: served },
            End::ProviderError(..) => Outcome::ProviderError { provider: seen, client: served },
            End::Timeout(..) => Outcome::Timeout { provider: seen, client: served },
            End::ProviderUnknown(_) => Outcome::ProviderDigestMissing { client: served },
            End::ClientUnknown => Outcome::ClientDigestMissing { provider },
            End::NotSent => {
                let outcome = NotDispatched::DispatchError { client: None };
                let draft = ClosureDraft::not_dispatched(sent.permit(), outcome, execution);
                return self.closed(draft, sent, entries);
            }
            _ => {
                let draft = ClosureDraft::missing(sent.permit(), execution);
                return self.closed(draft, sent, entries);
            }
        };
        let draft = ClosureDraft::dispatched(&BoundPermit::from(&sent), outcome, execution);
        self.closed(draft, sent, entries)
    }

    /// An execution that ends before its request goes out.
    fn execute_before(&mut self, end: End) -> Result<(), ChoreError> {
        let (permit, entries) = self.evaluated()?;
        let execution = self.execution()?;
        let outcome = match end {
            End::NotSentTimeout => NotDispatched::Timeout { client: None },
            _ => NotDispatched::ClientDisconnected { client: None },
        };
        let draft = ClosureDraft::not_dispatched(permit.permit(), outcome, execution);
        self.closed(draft, permit, entries)
    }

    fn closed<S: permit_types::Closable + std::fmt::Debug + Send + Sync + 'static>(
        &mut self,
        draft: ClosureDraft,
        permit: IssuedPermit<S>,
        mut entries: Vec<ChainEntry>,
    ) -> Result<(), ChoreError> {
        let closure: SealedClosure = draft.seal(&keys().binding)?;
        entries.push(self.happened(&LifecycleEvent::Closed(&closure))?);
        self.records.push((closure.close(permit)?.into_permit(), entries));
        Ok(())
    }

    fn execution(&mut self) -> Result<Execution, ChoreError> {
        self.clock += 1;
        let time = self.time()?;
        Ok(Execution {
            execution_id: text(&self.id())?,
            correlation_id: Some("c-1".into()),
            provider: Some("example-provider".into()),
            model: Some("example-large".into()),
            status_code: Some(200),
            provider_response_id: None,
            request_created_at: time.clone(),
            started_at: time.clone(),
            completed_at: time.clone(),
            provider_response_received_at: None,
            client_response_delivered_at: None,
            usage_reported_at: Some(time.clone()),
            closure_signed_at: time,
        })
    }

    fn bundle(
        &self,
        entries: BundleEntries,
        options: &ExportWriterOptions,
        members: &[(&str, Value<'static>)],
    ) -> Result<(Vec<u8>, ExportFacts), ChoreError> {
        let head = BundleHead {
            project_id: project()?,
            from: time("2026-05-01T00:00:00Z")?,
            to: time("2026-06-01T00:00:00Z")?,
            generated_at: time("2026-06-01T00:00:01Z")?,
        };
        let mut writer = BundleWriter::new(Vec::new(), &head, entries, options)?;
        for (permit, own) in &self.records {
            let record = AuditExportRecord::new(permit.clone());
            writer.record(&match entries {
                BundleEntries::InRecords => record.with_entries(own.iter().cloned()),
                _ => record,
            })?;
        }
        if entries == BundleEntries::AtBundle {
            for entry in self.entries() {
                writer.entry(entry)?;
            }
        }
        for (name, value) in members {
            writer.member(name, value)?;
        }
        Ok(writer.finish()?)
    }

    /// All entries, in the order of the chain.
    fn entries(&self) -> Vec<&ChainEntry> {
        let mut entries: Vec<_> = self.records.iter().flat_map(|(_, entries)| entries).collect();
        entries.sort_by_key(|entry| entry.sequence_number);
        entries
    }

    fn events(
        &self,
        form: EventForm,
        options: &ExportWriterOptions,
    ) -> Result<(Vec<u8>, ExportFacts), ChoreError> {
        let mut writer = EventWriter::new(Vec::new(), &project()?, form, options)?;
        for event in &self.events {
            writer.event_value(event)?;
        }
        Ok(writer.finish()?)
    }

    /// The export with its manifest and the trust root.
    fn export_case(
        &self,
        name: &'static str,
        bytes: Vec<u8>,
        facts: ExportFacts,
        pinned: &[Claim],
        flags: &[&str],
        mut files: Vec<(String, Vec<u8>)>,
    ) -> Result<IssuedCase, ChoreError> {
        let signed_at = time("2026-06-01T00:00:02Z")?;
        let mut draft = ManifestDraft::new(text("00000000-0000-4000-8000-0000000000e1")?, facts)
            .chain_integrity(signed_at.clone())
            .filters(&read_text(r#"{"project": "all"}"#, &Budget::default())?)?
            .issuer_version("permit_rs", env!("CARGO_PKG_VERSION"))?;
        if !pinned.is_empty() {
            let requests = pinned.iter().map(|claim| RequestedClaim::new(*claim, true));
            draft = draft.pins(&PinWriter::for_claims(requests, Pin::at_released_path).write()?);
        }
        let manifest = draft.sign(&keys().export, signed_at)?;
        let export = "export.bin";
        files.push((export.to_owned(), bytes));
        files.push((manifest_name(export), manifest.bytes().to_vec()));
        files.push((TRUST_ROOT.to_owned(), keys().trust_root()));
        let manifest = manifest_name(export);
        let arguments =
            ["export", export, &manifest, "--key-manifest", TRUST_ROOT, "--json"].into_iter();
        let arguments = arguments.chain(flags.iter().copied()).map(str::to_owned).collect();
        Ok(IssuedCase { name, files, arguments })
    }

    fn checkpoint(&self, id: &CheckpointId, computed_at: Rfc3339) -> Result<Vec<u8>, ChoreError> {
        let draft = CheckpointDraft::new(id.clone(), computed_at).head(self.chain.head())?;
        let checkpoint = draft.seal(&keys().checkpoint)?;
        Ok(to_pretty_text(&checkpoint.to_value()).into_bytes())
    }

    fn checkpoint_case(&self) -> Result<IssuedCase, ChoreError> {
        let id = CheckpointId::parse(CHECKPOINT).ok_or("no id")?;
        let checkpoint = self.checkpoint(&id, time("2026-05-07T13:00:00Z")?)?;
        let arguments = ["checkpoint", "checkpoint.json", "--key-manifest", TRUST_ROOT, "--json"];
        Ok(IssuedCase {
            name: "checkpoint",
            files: vec![
                ("checkpoint.json".to_owned(), checkpoint),
                (TRUST_ROOT.to_owned(), keys().trust_root()),
            ],
            arguments: arguments.map(str::to_owned).to_vec(),
        })
    }

    /// A permit that went out once and was then taken back.
    fn revoke(&mut self) -> Result<(SignedRevocation, usize), ChoreError> {
        let (sent, mut entries) = self.dispatched()?;
        self.clock += 1;
        let revocation = Revocation {
            permit_id: sent.id().clone(),
            project_id: project()?,
            actor_id: ActorId::parse("00000000-0000-4000-8000-0000000000c1").ok_or("no id")?,
            actor_kind: ActorKind::User,
            reason_code: RevocationReasonCode::parse("operator.requested").ok_or("no code")?,
            revoked_at: self.time()?,
        };
        let signed = revocation.issue(&keys().binding)?;
        let id = self.id();
        entries.push(self.append(signed.to_event(EventId::new(format!("evt-{id}"))))?);
        self.records.push((signed.revoke(sent)?.into_permit(), entries));
        Ok((signed, self.records.len() - 1))
    }
}

/// A permit with a signed decision that was taken back by a signed revocation.
fn decided_and_revoked() -> Result<IssuedCase, ChoreError> {
    let mut issuer = Issuer::new();
    let permit = PermitDraft::new(issuer.facts()?).allow("within the budget")?;
    let (id, at) = (permit.id().clone(), permit.permit().created_at.clone());
    let draft = DecisionDraft::new(id, project()?, Decision::Allow, at.clone());
    let decision = draft.seal(&keys().binding, at)?;
    let stamp = issuer.stamp()?;
    let mut event = LifecycleEvent::Evaluated(permit.permit()).draft(stamp);
    let mut payload = event.payload_json.into_object();
    payload.insert("permit_decision", decision.to_evidence());
    event.payload_json = payload.into();
    let entry = issuer.append(event)?;
    issuer.records.push((permit.into_permit(), vec![entry]));
    issuer.revoke()?;
    let (bytes, facts) =
        issuer.bundle(BundleEntries::InRecords, &ExportWriterOptions::default(), &[])?;
    let pinned = [
        Claim::ExportIntegrity,
        Claim::ExportScopeIdentity,
        Claim::ChainContinuity,
        Claim::PermitDecision,
        Claim::PermitRevoked,
    ];
    issuer.export_case("decision-and-revocation", bytes, facts, &pinned, &[], Vec::new())
}

/// A pack that shows that nothing was dispatched under a permit after it was taken back.
fn absent_dispatch() -> Result<IssuedCase, ChoreError> {
    let mut issuer = Issuer::new();
    let (revocation, _) = issuer.revoke()?;
    issuer.execute(End::Closed)?;
    let computed_at = time("2026-05-07T12:30:00.000000Z")?;
    let id = CheckpointId::parse(CHECKPOINT).ok_or("no id")?;
    let checkpoint = issuer.checkpoint(&id, computed_at.clone())?;
    let event = revocation.event();
    let predicate =
        absence_predicate(&event.project_id, &event.permit_id, &event.effective_at, &computed_at)?;
    let entries: Vec<ChainEntry> = issuer.entries().into_iter().cloned().collect();
    let mut commitment = CommitmentDraft::new(predicate.clone())?;
    for entry in &entries {
        commitment.look_at(entry)?;
    }
    let scope = NonEmpty::new(issuer.chain.head().chain_scope().clone()).ok_or("no scope")?;
    let (head, hash) = issuer.chain.head().last().ok_or("no entries")?;
    let state = ScopeStateDraft {
        checkpoint_id: id,
        chain_scope: scope.clone(),
        head,
        commitments: vec![commitment.finish()],
        signed_at: time("2026-05-07T12:30:01Z")?,
    };
    let state = state.seal(&keys().scope)?;
    let first = entries.first().ok_or("no entries")?;
    let segment = SegmentDraft {
        segment_id: text("segment-1")?,
        scope_kind: ScopeKind::DeclaredPopulation,
        population_label: text("dispatches after the revocation")?,
        predicate,
        presentation_policy: PresentationPolicy {
            version: PresentationPolicyVersion,
            policy_kind: PresentationPolicyKind::None,
            policy_parameters: OpenObject::default(),
        },
        start: StartBoundary::Genesis {
            chain_scope: scope,
            sequence_number: FirstSequence,
            genesis_prev_hash: text(&first.prev_hash.to_string())?,
        },
        boundary_policy: BoundaryPolicy::ExplicitCheckpoint,
        raw_filters: OpenObject::default(),
        records: entries.iter().map(evidence_record).collect::<Result<_, _>>()?,
        head: (head, text(&hash.to_string())?),
        scope_state: &state,
        storage_uri: Some(SIDECAR.to_owned()),
    };
    let block = scope_faithfulness_block(vec![segment.seal()?]).ok_or("no segments")?;
    let members =
        [("revocation_event", revocation.to_evidence()), ("scope_faithfulness", to_value(&block)?)];
    let options = ExportWriterOptions::default();
    let (bytes, facts) = issuer.bundle(BundleEntries::InRecords, &options, &members)?;
    let files = vec![
        ("checkpoint.json".to_owned(), checkpoint),
        (SIDECAR.to_owned(), state.bytes().to_vec()),
    ];
    let pinned = [
        Claim::ExportIntegrity,
        Claim::ExportScopeIdentity,
        Claim::ChainContinuity,
        Claim::ScopeState,
        Claim::ScopeFaithfulness,
        Claim::PermitRevoked,
        Claim::DispatchAbsence,
    ];
    issuer.export_case("absent-dispatch", bytes, facts, &pinned, &[], files)
}

/// A denial with everything that shows that it was right.
fn denied_delegation() -> Result<IssuedCase, ChoreError> {
    let mut issuer = Issuer::new();
    let (parent, _) = issuer.evaluated()?;
    let line =
        AuthorityLine::root(project()?, parent.id().clone(), &envelope(&["read", "write"])?)?;
    let child = PermitDraft::new(issuer.facts()?).allow("a part of it")?.into_permit();
    let request = DelegationRequest {
        parent_permit_id: parent.id().clone(),
        permit: child,
        envelope: envelope(&["read", "delete"])?,
    };
    let policy = AllowsAll { reason_code: text("policy.allowed")? };
    let Err(IssuanceError::Denied(denied)) = delegate(Some(&line), request, &policy) else {
        return Err("more than there is was handed on".into());
    };
    let stamp = issuer.stamp()?;
    let event: RecordedEvent = denied.event(stamp).append_to(&mut issuer.chain)?;
    issuer.events.push(event.as_object().clone());
    let stamp = issuer.stamp()?;
    let digest = integrity_digest(&[event], stamp)?.append_to(&mut issuer.chain)?;
    issuer.events.push(digest.as_object().clone());
    let (bytes, _) = issuer.events(EventForm::Document, &ExportWriterOptions::default())?;
    let arguments = ["claim", "delegation_denied_correctly", "--evidence-file", "events.json"];
    Ok(IssuedCase {
        name: "denied-delegation",
        files: vec![("events.json".to_owned(), bytes)],
        arguments: arguments.map(str::to_owned).to_vec(),
    })
}

/// A policy that allows whatever the envelopes do.
struct AllowsAll {
    reason_code: NonEmptyText,
}

impl IssuancePolicy for AllowsAll {
    fn evaluate_issuance(&self, _: &DelegationRequest, _: &AuthorityLine) -> PolicyAnswer {
        PolicyAnswer {
            decision: ExecutionDecision::Allow,
            reason_code: self.reason_code.clone(),
            policy: Sha256Digest::of(b"policy"),
        }
    }
}

fn envelope(actions: &[&str]) -> Result<AuthorityEnvelope, ChoreError> {
    let set = |texts: &[&str]| {
        UniqueArray::new(texts.iter().map(ToString::to_string).collect()).ok_or("a text twice")
    };
    Ok(AuthorityEnvelope {
        actions: set(actions)?,
        tools: set(&[])?,
        providers: set(&["example-provider"])?,
        models: set(&["example-large"])?,
        data_classes: set(&["public"])?,
        regions: set(&["eu"])?,
        expires_at: time("2026-12-31T00:00:00Z")?,
    })
}

fn request(id: &str) -> Result<Value<'static>, ChoreError> {
    let text = format!(r#"{{"model": "example-large", "text": "é 漢", "request_id": "{id}"}}"#);
    Ok(read_text(&text, &Budget::default())?.into_owned())
}

fn project() -> Result<ProjectId, ChoreError> {
    ProjectId::parse(PROJECT).ok_or_else(|| "no id".into())
}

fn time(text: &str) -> Result<Rfc3339, ChoreError> {
    Rfc3339::parse(text).ok_or_else(|| format!("`{text}` is no time").into())
}

fn text(text: &str) -> Result<NonEmptyText, ChoreError> {
    NonEmptyText::parse(text).ok_or_else(|| "a text is empty".into())
}

/// The keys that everything is signed with.
struct Keys {
    export: PurposeKey<ExportSigning>,
    binding: PurposeKey<PermitBindingSigning>,
    checkpoint: PurposeKey<IntegrityCheckpoint>,
    scope: PurposeKey<ScopeState>,
}

fn keys() -> Keys {
    let key = |seed: u8| SoftwareKey::from_seed(&[seed; 32]);
    Keys {
        export: PurposeKey::new(key(21)),
        binding: PurposeKey::new(key(22)),
        checkpoint: PurposeKey::new(key(23)),
        scope: PurposeKey::new(key(24)),
    }
}

impl Keys {
    fn trust_root(&self) -> Vec<u8> {
        let entry = |key_id: String, key: &PublicKey, purpose: &str| {
            Value::object([
                ("key_id", key_id),
                ("public_key", key.to_string()),
                ("algorithm", "ed25519".to_owned()),
                ("purpose", purpose.to_owned()),
                ("status", "active".to_owned()),
                ("valid_from", "2026-01-01T00:00:00Z".to_owned()),
            ])
        };
        macro_rules! entries {
            ($($key:ident),+) => {
                [$(entry(
                    self.$key.key_id().to_string(),
                    self.$key.public_key(),
                    self.$key.purpose().as_str(),
                )),+]
            };
        }
        let keys = Value::array(entries!(export, binding, checkpoint, scope));
        to_pretty_text(&Value::object([("keys", keys)])).into_bytes()
    }
}

const PROJECT: &str = "00000000-0000-4000-8000-0000000000a1";
const CHECKPOINT: &str = "40000000-0000-4000-8000-000000000001";
const TRUST_ROOT: &str = "trust-root.json";
const SIDECAR: &str = "sidecars/checkpoint-scope-state-v1.json";
