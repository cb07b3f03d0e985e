// SPDX-License-Identifier: Apache-2.0

//! Every object against its table.

use permit_canonical_json::{PathStep, ShapeErrorKind, Value, from_value, to_value};
use permit_types::*;

use crate::{
    judge::{Judge, Wire, reads},
    table::{Json, Line, Presence, Table, exemplars, json, with, without, without_nulls, written},
};

/// Runs a test for every object: one test each, named after the object.
macro_rules! objects {
    ($($test:ident: $name:ident as $type:ty = $table:literal;)+) => {
        /// The table of an object, as it is written.
        pub(crate) fn table_text(name: &str) -> &'static str {
            match name {
                $(stringify!($name) => $table,)+
                other => panic!("no table of {other}"),
            }
        }

        /// The table of an object.
        pub(crate) fn table(name: &str) -> Table {
            Table::parse(table_text(name))
        }

        /// Calls the function with the type and the name of every object.
        macro_rules! for_each_object {
            ($call:ident) => { $($call::<$type>(stringify!($name));)+ };
        }
        pub(crate) use for_each_object;

        $(
            #[test]
            fn $test() {
                check_object::<$type>(&Table::parse($table));
            }
        )+
    };
}

/// The documents that follow from a table are taken or refused as it says, each mistake at its place.
fn check_object<T: Wire>(table: &Table) {
    let judge = Judge::of::<T>();
    check_members_written::<T>(table);
    for value in exemplars().into_iter().filter(|value| value.as_object().is_none()) {
        judge.refuses::<T>(&value);
    }
    judge.refuses::<T>(&Value::array([table.full()]));
    for line in &table.lines {
        check_presence::<T>(&judge, table, line);
        check_null::<T>(&judge, table, line);
        check_values::<T>(&judge, table, line);
    }
    check_unknown_member::<T>(&judge, table);
}

/// PERMIT-03 and its like: a required member is missed by its name, others are not missed.
fn check_presence<T: Wire>(judge: &Judge, table: &Table, line: &Line) {
    let document = without(&table.full(), line.name);
    if !line.presence.is_required() {
        reads::<T>(&document);
        assert!(line.entangled || judge.schema_takes(&document) != Some(false), "{}", line.name);
        return;
    }
    let error = judge.refuses::<T>(&document);
    match error.kind() {
        ShapeErrorKind::MissingMember { name } => assert_eq!(*name, line.name),
        ShapeErrorKind::RuleBroken { rule } => {
            assert!(rule.contains(&format!("`{}`", line.name)), "{rule}");
        }
        other => panic!("{other} for a document without {}", line.name),
    }
    assert!(error.pointer().is_root());
}

/// Q1: where null is allowed it means absence, and is written only where the key must be there.
fn check_null<T: Wire>(judge: &Judge, table: &Table, line: &Line) {
    let document = with(&table.full(), line.name, ());
    if line.presence.takes_null() {
        let object = judge.accepts::<T>(&document);
        if !line.presence.is_required() {
            assert_eq!(object, reads::<T>(&without(&table.full(), line.name)), "{}", line.name);
        }
    } else if !line.good.iter().any(Value::is_null) {
        let error = judge.refuses::<T>(&document);
        assert_eq!(error.pointer().steps(), [PathStep::Member(line.name.into())]);
    }
}

fn check_values<T: Wire>(judge: &Judge, table: &Table, line: &Line) {
    for value in &line.good {
        let document = with(&table.full(), line.name, value.clone());
        let object = reads::<T>(&document);
        let taken = line.entangled || judge.schema_takes(&document) != Some(false);
        assert!(taken, "schema refuses {} for {}", written(value), line.name);
        let written = to_value(&object).unwrap();
        assert_eq!(without_nulls(&written), without_nulls(&document), "{}", line.name);
    }
    for value in &line.bad {
        let error = judge.refuses::<T>(&with(&table.full(), line.name, value.clone()));
        let pointer = error.pointer();
        let place = pointer.steps().first();
        let at_member = place == Some(&PathStep::Member(line.name.into()));
        assert!(at_member || error.to_string().contains("kind"), "{error} for {}", line.name);
    }
}

/// PERMIT-01 and its like.
fn check_unknown_member<T: Wire>(judge: &Judge, table: &Table) {
    let document = with(&table.full(), "nobody_knows", json("[1.0, 1e400, -0, {\"x\": null}]"));
    if table.closed {
        let error = judge.refuses::<T>(&document);
        let kind = ShapeErrorKind::UnknownMember { name: "nobody_knows".into() };
        assert_eq!(error.kind(), &kind);
        assert_eq!(error.pointer().to_string(), "/nobody_knows");
    } else {
        let written = to_value(&reads::<T>(&document)).unwrap();
        assert_eq!(written, document, "members that nobody knows are kept, numbers as written");
    }
}

/// What is written for the smallest document: the required members, and dispatch digests (AMB-06).
fn check_members_written<T: Wire>(table: &Table) {
    let written = to_value(&reads::<T>(&table.minimal())).unwrap();
    let members = written.as_object().unwrap().members();
    for line in &table.lines {
        let is_written = members.iter().any(|member| member.name() == line.name);
        let always = line.presence.is_required() || line.name == "dispatch_request_digest_v1";
        assert_eq!(is_written, always, "{}", line.name);
    }
    let required = table.lines.iter().filter(|line| line.presence == Presence::RequiredNullable);
    for line in required {
        let written = to_value(&reads::<T>(&with(&table.minimal(), line.name, ()))).unwrap();
        assert_eq!(written.get(line.name), Some(&Json::from(())), "{}", line.name);
    }
}

objects! {
    permit_01_03_permit: Permit as Permit = "closed
        accounting_disposition ? str
        action_name ! str
        actions_json ! list obj
        actor_ref ? @ActorRef
        actual_cost_usd_micros ? int 0..
        actual_input_tokens ? int 0..
        actual_output_tokens ? int 0..
        actual_total_tokens ? int 0..
        actual_usage_json ? obj
        authority_envelope ? @AuthorityEnvelope
        authority_envelope_version ? str 1..
        binding_request_hash ? hex64
        budget_envelope ? @BudgetEnvelopeSummary
        budgets_json ? obj
        condition_evaluation ? @ConditionEvaluation
        conditions ? @Conditions
        constraints_json ? obj
        created_at ! dt
        decision ! word allow|deny|challenge
        decision_details ? @DecisionDetails
        delegation_depth + int 0..
        estimated_input_tokens ! int 0..
        estimated_output_tokens ! int 0..
        expires_at ? dt
        id ! uuid
        idempotency_key ! str
        max_output_tokens_requested ? int 0..
        parent_permit_id ? uuid
        policy_id ! str
        policy_version ! str
        policy_version_or_hash ? str 1..
        project_id ! uuid
        reason ! str
        request_fingerprint ! hex64
        resource_attributes_json ? obj
        resource_inputs_json ? list obj
        resource_modality ? str
        resource_model ! str
        resource_operation ? str
        resource_provider ! str
        routing ? @Routing
        status ? str
        subject_id ! str
        subject_type ! str
        task_description ? str
        usage_idempotency_key ? str
        usage_limits ? obj
        usage_reported_at ? dt
        usage_source ? str
        usage_verification_method ? word caller_report|provider_receipt|signed_callback|manual_reconciliation
        usage_verification_status ? word unverified|pending|verified|rejected|reconciled
        usage_verification_updated_at ? dt
        workflow_declaration_id ? uuid
        workflow_id ? workflow_id
        workflow_state_json ? obj";

    actor_ref: ActorRef as ActorRef = "closed
        issuer ! str 1..
        subject ! str 1..
        display_label ? str";

    pchain_01_02_authority_envelope: AuthorityEnvelope as AuthorityEnvelope = "closed
        actions ! set str
        tools ! set str
        providers ! set str
        models ! set str
        data_classes ! set str
        regions ! set str
        expires_at ! dt";

    budget_envelope: BudgetEnvelopeSummary as BudgetEnvelopeSummary = "closed
        envelope_id ! uuid
        total_budget_usd_micros ? int
        spent_budget_usd_micros ? int
        reserved_budget_usd_micros ? int
        remaining_budget_usd_micros ? int
        correction_usd_micros ? int
        estimated_cost_usd_micros ? int 0..
        reservation_status ? str";

    condition_evaluation: ConditionEvaluation as ConditionEvaluation = "closed
        outcome ! word allow|deny|indeterminate
        evaluated_at ! dt
        match ! word all|any
        rule_count ! int 0..
        failed_rule_index ? int 0..
        field ? str
        operator ? str
        code ? str
        message ? str
        actual_value ? any
        expected_value ? any";

    condition_rule: ConditionRule as ConditionRule = "closed
        field ! str 1..255
        operator ! str 1..32
        value ? any";

    conditions: Conditions as Conditions = "closed
        rules ! list+ @ConditionRule
        match + word all|any";

    permit_11_decision_details: DecisionDetails as DecisionDetails = "open
        decision ! word allow|deny|challenge
        code ! str
        reason ! str";

    routing_target: RoutingTarget as RoutingTarget = "closed
        provider ! word openai|anthropic|google|xai|meta|mcp
        model ! str 1..128";

    amb_31_routing: Routing as Routing = "closed
        requested_provider ! word openai|anthropic|google|xai|meta|mcp
        selected_provider ! word openai|anthropic|google|xai|meta|mcp
        requested_model ! str 1..128
        selected_model ! str 1..128
        reason_code ! word explicit_request|policy_preference|cost_optimization|quality_preference|routing_fitness|fallback_after_error
        decision_id + str 1..26
        decided_at + dt
        fallback_chain + list @RoutingTarget
        fallback_occurred + bool
        estimated_cost_usd_micros ? int 0..
        latency_target_ms ? int 1..
        policy_id ? str
        policy_version ? str
        priority ? word cheap|balanced|quality
        reason_metadata ? obj
        task_type ? str 1..64";

    permit_08_action_record: ActionRecord as ActionRecord = "open
        type + any
        message + any";

    pchain_01_usage_limits: UsageLimits as UsageLimits = "open
        max_calls + any
        max_tokens + any
        estimated_cost_ceiling + any";

    permit_18_workflow_state: WorkflowState as WorkflowState = "open
        effective_intent_hash + any
        declaration_version_at_decision + any
        actual_calls_at_decision + any
        max_calls_at_decision + any";

    permit_evidence: PermitEvidence as PermitEvidence = "closed
        id ! uuid
        permit_id ! uuid
        project_id ! uuid
        evidence_type ! str
        evidence_value ! str
        label ! str
        attached_by ! str
        attached_at ! dt";

    usage_ledger_entry: UsageLedgerEntry as UsageLedgerEntry = "closed
        id ! uuid
        project_id ! uuid
        provider ! str
        model ! str
        request_id ! str
        status ! str
        currency ! str
        served_from_cache ! bool
        estimated_final ! bool
        created_at ! dt
        permit_id ? uuid
        budget_envelope_id ? uuid
        estimated_input_tokens ? int 0..
        estimated_output_tokens ? int 0..
        actual_input_tokens ? int 0..
        actual_output_tokens ? int 0..
        cost_usd ? num 0..
        http_status ? int
        decision ? str
        error_code ? str
        error_message ? str
        idempotency_key ? str
        metadata_json ? obj";

    usage_log_entry: UsageLogEntry as UsageLogEntry = "closed
        id ! uuid
        project_id ! uuid
        api_key_id ! uuid
        proxy_request_id ! uuid
        provider ! str
        model ! str
        created_at ! dt
        prompt_tokens ? int 0..
        completion_tokens ? int 0..
        total_tokens ? int 0..
        cost_usd_micros ? int 0..
        provider_response_id ? str
        idempotency_key ? str
        metadata_json ? obj";

    replay_evidence: ReplayEvidence as ReplayEvidence = "closed
        match_type ! word exact_match|semantic_match|drift|replay_impossible
        explanation ! str
        drift_type ? word policy_drift|routing_drift|pricing_drift|budget_drift|condition_drift|delegation_drift|attestation_drift|engine_drift|unknown
        original_decision ? word allow|deny|challenge
        replayed_decision ? word allow|deny|challenge
        replay_impossible_reason ? str
        diff_summary + obj";

    chain_17_chain_entry: ChainEntry as ChainEntry = "closed
        event_id ! str
        event_type ! str
        resource_type !? str
        resource_id !? str
        outcome !? str
        severity ! str
        chain_scope ! str
        sequence_number ! int 1..
        record_hash ! hex64
        prev_hash ! hex64
        payload_json ! obj
        created_at ! dt
        chain_format_version ! const v1";

    amb_01_exported_chain_entry: ExportedChainEntry as ExportedChainEntry = "closed
        event_id ! str
        event_type ! str
        resource_type !? str
        resource_id !? str
        outcome !? str
        severity ! str
        chain_scope !? str
        sequence_number !? int 1..
        record_hash !? hex64
        prev_hash !? hex64
        payload_json ! obj
        created_at ! dt
        chain_format_version + const v1";

    audit_export_record: AuditExportRecord as AuditExportRecord = "closed
        permit ! @Permit
        permit_evidence + list @PermitEvidence
        latest_usage_ledger ? @UsageLedgerEntry
        usage_log ? @UsageLogEntry
        replay_evidence ? @ReplayEvidence
        chain_entries ? list @ExportedChainEntry";

    bundle_01_02_audit_export_bundle: AuditExportBundle as AuditExportBundle = "closed
        bundle_type ! const audit_export_bundle
        schema_version ! number 1
        format ! const json
        project_id ! uuid
        time_range_basis ! const permit.created_at
        from ! dt
        to ! dt
        generated_at ! dt
        record_count ! int 0..
        include_chain_entries ~ bool
        records ! list @AuditExportRecord";

    amb_50_export_manifest: ExportManifest as ExportManifest = "open
        export_id ! str 1..
        project_id ? str
        export_type ! str 1..
        format ! str 1..
        compressed ! bool
        record_count ! int 0..
        content_hash ! sha256
        signature ! ed25519
        public_key ! ed25519
        key_id ! str 1..
        signed_at ! dt
        keel_version + str 1..
        chain_integrity + @ChainIntegrity
        filters_hash + sha256";

    bundle_18_chain_integrity: ChainIntegrity as ChainIntegrity = "closed
        verified_at ! dt
        chain_length ! int 0..
        last_verified_hash !? hex64
        error !? str";

    close_12_closure_payload_v2: ClosurePayloadV2 as ClosurePayloadV2 = "closed
        binding_version ! const closure_v2
        permit_id ! uuid
        execution_id ! str 1..
        correlation_id !? str
        provider !? str
        model !? str
        dispatch_request_digest_v1 ? hex64
        provider_response_digest_v1 !? hex64
        client_response_digest_v1 !? hex64
        closure_status ! word timeout|closed|client_disconnected|provider_error|dispatch_error|provider_digest_missing|client_digest_missing|missing_closure
        status_code !? int
        provider_response_id !? str
        dispatch_request_digest_semantics ! const approved_request_body_bytes_at_dispatch_time
        provider_response_digest_semantics ! str 1..
        client_response_digest_semantics ! str 1..
        request_created_at ! dt
        started_at ! dt
        completed_at ! dt
        provider_response_received_at !? dt
        client_response_delivered_at !? dt
        closure_signed_at ! dt
        binding_key_id ! str 1..
        usage_reported_at ? dt";

    close_01_closure_payload_v1: ClosurePayloadV1 as ClosurePayloadV1 = "closed
        binding_version ! const closure_v1
        permit_id ! uuid
        execution_id ! str 1..
        correlation_id !? str
        provider !? str
        model !? str
        provider_response_digest_v1 !? hex64
        client_response_digest_v1 !? hex64
        closure_status ! word timeout|closed|client_disconnected|provider_error|dispatch_error|provider_digest_missing|client_digest_missing|missing_closure
        status_code !? int
        provider_response_id !? str
        provider_response_digest_semantics ! str 1..
        client_response_digest_semantics ! str 1..
        request_created_at ! dt
        started_at ! dt
        completed_at ! dt
        provider_response_received_at !? dt
        client_response_delivered_at !? dt
        closure_signed_at ! dt
        binding_key_id ! str 1..
        usage_reported_at ? dt";

    closure_envelope: ClosureEnvelope as ClosureEnvelope = "closed
        payload ! @ClosurePayloadV2
        canonical_hash ! hex64
        signature ! ed25519
        binding_key_id ! str 1..";

    closure_envelope_v1: ClosureEnvelopeV1 as ClosureEnvelope<ClosurePayloadV1> = "closed
        payload ! @ClosurePayloadV1
        canonical_hash ! hex64
        signature ! ed25519
        binding_key_id ! str 1..";

    pchain_25_execution_receipt: ExecutionReceipt as ExecutionReceipt = "open
        execution_id ! str
        permit_id ! uuid
        decision_time ! dt
        requested_action ! str
        requested_tool !? str
        requested_resource_refs ! list str
        ancestor_permit_ids ! list uuid
        authority_envelope_hashes ! list hex64
        policy_version_or_hash ! str
        usage_limit_state_hashes ! list hex64
        decision ! word allow|deny
        reason_code ! str";

    revoke_01_permit_revoked_event: PermitRevokedEvent as PermitRevokedEvent = "closed
        permit_id ! uuid
        project_id ! uuid
        actor_id ! uuid
        actor_kind ! word user|service_account|system|api_key
        reason_code ! reason_code
        revoked_at ! dt
        effective_at ! dt
        signature ! sig64";

    pred_01_scope_predicate: ScopePredicate as ScopePredicate = "closed
        version ! const keel.scope_predicate.v1
        operator ! const and
        equals ! @PredicateEquals
        ranges ! @PredicateRanges";

    pred_07_predicate_equals: PredicateEquals as PredicateEquals = "closed
        project_id + uuid
        permit_id + str
        request_id + str
        event_type + str
        category + str
        severity + str
        decision_type + str
        policy_id + str
        provider + str
        section + str
        export_type + str";

    predicate_ranges: PredicateRanges as PredicateRanges = "closed
        sequence_number + @SequenceRange
        created_at + @TimeRange
        occurred_at + @TimeRange";

    sequence_range: SequenceRange as SequenceRange = "closed
        gte ! int 1..
        lte ! int 1..";

    time_range: TimeRange as TimeRange = "closed
        gte ! dt
        lt ! dt";

    side_01_checkpoint_scope_state: CheckpointScopeState as CheckpointScopeState = "closed
        artifact_type ! const checkpoint_scope_state
        version ! const checkpoint_scope_state.v1
        scope_state_id ! scope_state_id
        checkpoint_id ! uuid
        chain_scope ! str 1..
        predicate_grammar_version ! const keel.scope_predicate.v1
        predicate_basis ! @PredicateBasis
        commitment_profile ! const keel.scope_state.merkle.v1
        scope_commitments ! list+ @ScopeCommitment
        tree_size ! int 0..
        signed_at ! dt
        signature ! @ScopeStateSignature
        trust_root_reference ! @TrustRootReference";

    side_03_predicate_basis: PredicateBasis as PredicateBasis = "closed
        canonicalization_profile ! const keel.canonical_json.payload.v1
        supported_predicate_kinds ! set word project_id|permit_id|request_id|event_type|category|severity|decision_type|policy_id|provider|section|export_type|sequence_number|created_at|occurred_at
        reserved_namespaces ! set namespace";

    side_05_scope_commitment: ScopeCommitment as ScopeCommitment = "closed
        predicate_value ! @ScopePredicate
        predicate_value_hash ! sha256
        first_matching_sequence !? int 1..
        last_matching_sequence !? int 1..
        matching_count ! int 0..
        membership_root_hash ! sha256";

    scope_state_signature: ScopeStateSignature as ScopeStateSignature = "closed
        algorithm ! const Ed25519
        key_id ! str 1..
        signature ! ed25519";

    side_07_08_trust_root_reference: TrustRootReference as TrustRootReference = "closed
        manifest_version ! const keel.public_key_manifest.v1
        purpose ! word integrity_checkpoint|scope_state
        key_id ! str 1..";

    scope_faithfulness_addition: ScopeFaithfulnessAddition as ScopeFaithfulnessAddition = "closed
        scope_faithfulness ! @ScopeFaithfulness";

    scope_faithfulness: ScopeFaithfulness as ScopeFaithfulness = "closed
        version ! const keel.export_scope_faithfulness.v1
        segments ! list+ @ScopeSegment";

    scope_segment: ScopeSegment as ScopeSegment = "closed
        segment_id ! str 1..
        declared_scope ! @DeclaredScope
        declared_start ! @StartGenesis
        declared_end ! @EndBoundary
        scope_state_reference ! @ScopeStateReference
        canonical_filters ! @CanonicalFilters
        chain_evidence ! @ChainEvidence";

    declared_scope: DeclaredScope as DeclaredScope = "closed
        version ! const keel.scope_declaration.v1
        scope_kind ! word declared_population|declared_sample
        chain_scope ! str 1..
        population_label ! str 1..
        predicate ! @ScopePredicate
        presentation_policy ! @PresentationPolicy";

    presentation_policy: PresentationPolicy as PresentationPolicy = "closed
        version ! const keel.presentation_policy.v1
        policy_kind ! word none|plan_tier|section|field_redaction
        policy_parameters ! obj";

    sfe_09_start_genesis: StartGenesis as StartBoundary = "closed
        kind ! const genesis
        chain_scope ! str 1..
        sequence_number ! number 1
        genesis_prev_hash ! str 1..";

    sfe_09_start_predecessor: StartPredecessor as StartBoundary = "closed
        kind ! const predecessor_proof
        chain_scope ! str 1..
        predecessor_sequence_number ! int 1..
        predecessor_record_hash ! str 1..
        first_evidence_sequence_number ! int 1..";

    sfe_09_start_checkpoint: StartCheckpoint as StartBoundary = "closed
        kind ! const checkpoint_anchor
        checkpoint_id ! uuid
        chain_scope ! str 1..
        sequence_number ! int 0..
        last_record_hash ! str 1..";

    sfe_08_end_boundary: EndBoundary as EndBoundary = "closed
        checkpoint_id ! uuid
        chain_scope ! str 1..
        sequence_number ! int 0..
        last_record_hash ! str 1..
        boundary_policy ! word explicit_checkpoint|latest_checkpoint_at_export";

    sfe_12_scope_state_reference: ScopeStateReference as ScopeStateReference = "closed
        artifact_type ! const checkpoint_scope_state
        scope_state_id ! str 1..
        checkpoint_id ! uuid
        chain_scope ! str 1..
        artifact_hash ! sha256
        storage_uri + str";

    sfe_07_canonical_filters: CanonicalFilters as CanonicalFilters = "closed
        canonicalization_profile ! const keel.canonical_json.payload.v1
        raw_filters ! obj
        filters_hash ! sha256";

    chain_evidence: ChainEvidence as ChainEvidence = "closed
        disclosure_records ! list @ChainEntryRef
        proof_bridge_records ! list @ChainEntryRef";

    amb_38_chain_entry_ref: ChainEntryRef as ChainEntryRef = "closed
        event_id ! str 1..
        event_type ! str 1..
        chain_scope ! str 1..
        record_hash ! str 1..
        prev_hash ! str 1..
        chain_format_version ! str 1..
        sequence_number ! int 1..
        created_at ! dt
        payload_json ! obj";
}

#[test]
fn tables_have_as_many_members_as_the_schemas() {
    let count = |name, required| {
        let lines = table(name).lines;
        (lines.len(), lines.iter().filter(|line| line.presence.is_required()).count()) == required
    };
    assert!(count("Permit", (55, 17)));
    assert!(count("ClosurePayloadV2", (23, 21)));
    assert!(count("ClosurePayloadV1", (21, 20)));
    assert!(count("ChainEntry", (13, 13)));
    assert!(count("ExportedChainEntry", (13, 12)));
    assert!(count("AuditExportBundle", (11, 10)));
    assert!(count("ExportManifest", (14, 10)));
    assert!(count("CheckpointScopeState", (13, 13)));
    assert!(count("PermitRevokedEvent", (8, 8)));
    assert!(count("PredicateEquals", (11, 0)));
}

#[test]
fn amb_52_integers_have_no_fraction_although_the_schema_takes_one() {
    let permit = table("Permit").full();
    for text in ["7.0", "7e0"] {
        let document = with(&permit, "estimated_input_tokens", json(text));
        let error = permit_canonical_json::from_value::<Permit>(&document).unwrap_err();
        assert_eq!(error.pointer().to_string(), "/estimated_input_tokens");
        assert_ne!(Judge::of::<Permit>().schema_takes(&document), Some(false));
    }
}

#[test]
fn close_05_a_closed_closure_without_a_digest_is_read_and_the_schema_refuses_it() {
    let digests =
        ["dispatch_request_digest_v1", "provider_response_digest_v1", "client_response_digest_v1"];
    let closed = with(&table("ClosurePayloadV2").full(), "closure_status", "closed");
    let judge = Judge::of::<ClosurePayloadV2>();
    assert!(judge.accepts::<ClosurePayloadV2>(&closed).missing_when_closed().is_empty());
    for digest in digests {
        let document = with(&closed, digest, ());
        assert_eq!(reads::<ClosurePayloadV2>(&document).missing_when_closed(), [digest]);
        assert_ne!(judge.schema_takes(&document), Some(true));
        let timed_out = with(&document, "closure_status", "timeout");
        assert!(judge.accepts::<ClosurePayloadV2>(&timed_out).missing_when_closed().is_empty());
    }
    let absent = without(&closed, "dispatch_request_digest_v1");
    assert_eq!(
        reads::<ClosurePayloadV2>(&absent).missing_when_closed(),
        ["dispatch_request_digest_v1"]
    );
    assert_ne!(judge.schema_takes(&absent), Some(true));
}

#[test]
fn close_05_version_1_has_no_dispatch_digest() {
    let closed = with(&table("ClosurePayloadV1").full(), "closure_status", "closed");
    let judge = Judge::of::<ClosurePayloadV1>();
    let document = with(&closed, "client_response_digest_v1", ());
    assert!(judge.accepts::<ClosurePayloadV1>(&closed).missing_when_closed().is_empty());
    assert_eq!(
        reads::<ClosurePayloadV1>(&document).missing_when_closed(),
        ["client_response_digest_v1"]
    );
    assert_ne!(judge.schema_takes(&document), Some(true));
}

#[test]
fn bundle_03_04_the_schema_knows_the_two_versions() {
    let judge = Judge::of::<AuditExportBundle>();
    let version_1 = table("AuditExportBundle").minimal();
    let version_2 = with(&with(&version_1, "schema_version", 2), "include_chain_entries", true);
    let with_entries = with(&table("AuditExportRecord").minimal(), "chain_entries", json("[]"));
    let null_entries = with(&with_entries, "chain_entries", ());
    let record = |record: &Json| Value::array([record.clone()]);
    for (document, taken) in [
        (version_1.clone(), true),
        (with(&version_1, "include_chain_entries", false), true),
        (with(&version_1, "include_chain_entries", true), false),
        (with(&version_1, "records", record(&with_entries)), true),
        (with(&version_2, "records", record(&with_entries)), true),
        (with(&version_2, "records", record(&null_entries)), true),
        (with(&version_2, "records", record(&without(&with_entries, "chain_entries"))), false),
        (with(&version_2, "include_chain_entries", false), false),
        (without(&version_2, "include_chain_entries"), false),
    ] {
        reads::<AuditExportBundle>(&document);
        assert_ne!(judge.schema_takes(&document), Some(!taken), "{}", written(&document));
    }
}

#[test]
fn bundle_02_only_the_integers_1_and_2_are_versions() {
    let document = table("AuditExportBundle").minimal();
    for text in ["0", "3", "\"2\"", "2.0", "true", "null"] {
        let document = with(&document, "schema_version", json(text));
        let error = permit_canonical_json::from_value::<AuditExportBundle>(&document).unwrap_err();
        assert_eq!(error.pointer().to_string(), "/schema_version");
    }
    assert_eq!(BundleSchemaVersion::from_number(2), Some(BundleSchemaVersion::V2));
}

#[test]
fn chain_17_an_incomplete_entry_is_no_chain_entry() {
    let document = table("ExportedChainEntry").full();
    let entry = reads::<ExportedChainEntry>(&document);
    let strict = ChainEntry::try_from(entry.clone()).unwrap();
    assert_eq!(ExportedChainEntry::from(strict), entry);
    for member in ["chain_scope", "sequence_number", "record_hash", "prev_hash"] {
        let entry = reads::<ExportedChainEntry>(&with(&document, member, ()));
        assert_eq!(ChainEntry::try_from(entry).unwrap_err().member(), member);
    }
    let entry = reads::<ExportedChainEntry>(&without(&document, "chain_format_version"));
    let error = ChainEntry::try_from(entry).unwrap_err();
    assert_eq!(error.to_string(), "the chain entry has no `chain_format_version`");
}

#[test]
fn sfe_09_a_start_has_the_members_of_its_kind_only() {
    let genesis = table("StartGenesis").full();
    let judge = Judge::of::<StartBoundary>();
    for (name, value) in [
        ("checkpoint_id", json("\"9f2e3a40-1c5d-4d8b-9a4c-7f6e2b1d8c01\"")),
        ("last_record_hash", json("\"x\"")),
        ("predecessor_sequence_number", json("1")),
    ] {
        let error = judge.refuses::<StartBoundary>(&with(&genesis, name, value));
        assert!(error.to_string().contains(name), "{error}");
    }
    let error = judge.refuses::<StartBoundary>(&with(&genesis, "kind", "predecessor_proof"));
    assert!(matches!(error.kind(), ShapeErrorKind::RuleBroken { .. }));
    for (name, kind) in [
        ("StartGenesis", StartKind::Genesis),
        ("StartPredecessor", StartKind::PredecessorProof),
        ("StartCheckpoint", StartKind::CheckpointAnchor),
    ] {
        assert_eq!(judge.accepts::<StartBoundary>(&table(name).full()).kind(), kind);
    }
}

#[test]
fn permit_08_11_12_opaque_members_are_kept_as_they_are_written() {
    let opaque =
        json(r#"{"deep": [{"n": [1, 1.0, 1e0, -0, 0.10, 123456789012345678901234567890]}]}"#);
    let permit = table("Permit").minimal();
    let permit = with(&permit, "constraints_json", opaque.clone());
    let permit = with(&permit, "budgets_json", opaque.clone());
    let permit = with(&permit, "actions_json", Value::array([opaque.clone()]));
    let details = with(&table("DecisionDetails").full(), "more", opaque.clone());
    let permit = with(&permit, "decision_details", details);
    assert_eq!(to_value(&reads::<Permit>(&permit)).unwrap(), permit);
}

#[test]
fn open_objects_have_accessors_for_what_verification_reads() {
    let limits = json(r#"{"max_calls": 5, "max_tokens": 7.0, "estimated_cost_ceiling": "1.50"}"#);
    let limits: UsageLimits = reads(&limits);
    assert_eq!((limits.max_calls(), limits.max_tokens()), (Some(5), None));
    assert_eq!(limits.estimated_cost_ceiling().and_then(Value::as_str), Some("1.50"));

    let state = json(r#"{"actual_calls_at_decision": 3, "effective_intent_hash": "no hash"}"#);
    let state: WorkflowState = reads(&state);
    assert_eq!((state.actual_calls_at_decision(), state.max_calls_at_decision()), (Some(3), None));
    assert_eq!(
        (state.effective_intent_hash(), state.declaration_version_at_decision()),
        (None, None)
    );

    let text = |text| NonEmptyText::parse(text).unwrap();
    let action = ActionRecord::new(&text("log"), &text("written"));
    assert_eq!((action.action_type(), action.message()), (Some("log"), Some("written")));
}

#[test]
fn a_known_member_is_never_written_twice() {
    let mut details: DecisionDetails = reads(&table("DecisionDetails").full());
    details.other.insert("decision", "deny");
    details.other.insert("more", 1);
    let written = to_value(&details).unwrap();
    assert_eq!(written.get("decision").and_then(Value::as_str), Some("allow"));
    assert_eq!(serde_json::to_string(&details).unwrap().matches("\"decision\"").count(), 1);
    assert_eq!(written.get("more").and_then(Value::as_u64), Some(1));
}

#[test]
fn pred_12_conditions_of_a_predicate_can_be_listed() {
    let equals: PredicateEquals = reads(&json(r#"{"severity": "info", "permit_id": "p"}"#));
    let listed: Vec<_> = equals.iter().collect();
    assert_eq!(listed, [(PredicateKind::PermitId, "p"), (PredicateKind::Severity, "info")]);
    assert_eq!(PredicateEquals::default().iter().count(), 0);
}

#[test]
fn permit_04_words_are_read_in_their_own_case_only() {
    for decision in Decision::ALL {
        assert_eq!(Decision::parse(decision.as_str()), Some(*decision));
        assert_eq!(Decision::parse(&decision.as_str().to_uppercase()), None);
    }
    assert_eq!(Decision::parse("throttle").or(Decision::parse("shadow")), None);
    assert_eq!(ClosureStatus::ALL.len(), 8);
    assert_eq!(PredicateKind::ALL.len(), 14);
}

#[test]
fn permit_02_a_permit_has_no_room_for_members_of_an_issuers_own() {
    let permit = table("Permit").minimal();
    reads::<Permit>(&permit);
    for name in ["acme_note", "x-acme", "custom_metadata", "metadata", "Reason", "id "] {
        for value in ["1", "null", "{}"] {
            let extended = with(&permit, name, json(value));
            assert!(from_value::<Permit>(&extended).is_err(), "{name}: {value}");
        }
    }
    // What was read has nothing to write beyond the members of the format.
    let full = table("Permit").full();
    let written = to_value(&reads::<Permit>(&full)).unwrap();
    let names = |value: &Value<'_>| {
        let members = value.as_object().unwrap().members().iter();
        members.map(|member| member.name().to_owned()).collect::<std::collections::BTreeSet<_>>()
    };
    assert_eq!(names(&written), names(&full));
}

#[test]
fn permit_16_shadow_mode_is_no_decision_and_cannot_be_written_as_one() {
    let words: Vec<_> = Decision::ALL.iter().map(|decision| decision.as_str()).collect();
    assert_eq!(words, ["allow", "deny", "challenge"]);
    let permit = table("Permit").minimal();
    for word in ["shadow", "shadow_allow", "allow_shadow", "Shadow"] {
        assert!(from_value::<Permit>(&with(&permit, "decision", word)).is_err(), "{word}");
    }
}

#[test]
fn permit_21_every_permit_names_its_subject_by_kind_and_id() {
    let permit = table("Permit").minimal();
    for name in ["subject_type", "subject_id"] {
        let mut members = permit.as_object().unwrap().clone();
        members.remove(name);
        assert!(from_value::<Permit>(&members.into()).is_err(), "{name}");
        assert!(from_value::<Permit>(&with(&permit, name, ())).is_err(), "{name}");
    }
    let written = to_value(&reads::<Permit>(&permit)).unwrap();
    assert!(written.get("subject_type").is_some() && written.get("subject_id").is_some());
}
