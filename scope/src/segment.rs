// SPDX-License-Identifier: Apache-2.0

//! Segments of a scope-faithful export: their form.
//!
//! ```text
//! segment  { segment_id, declared_scope, declared_start, declared_end,
//!            scope_state_reference, canonical_filters, chain_evidence }
//!
//! absent   start, end, reference, raw filters, evidence: insufficient, each with its own code   SFE-06
//! unknown  version of the declaration, version or kind of the policy: unverifiable              AMB-37
//! else     whatever departs from the form: disproved
//! ```
//!
//! Members of `declared_end` that the form does not know are left alone, as the reference leaves them:
//! honest issuers write one.

use permit_canonical_json::{JsonPointer, Value};
use permit_claims::ClaimFault;
use permit_failure_codes::FailureCode;
use permit_types::{
    Artifact, BoundaryPolicy, ContentHash, Location, PayloadProfileName, PresentationPolicyKind,
    PresentationPolicyVersion, ScopeDeclarationVersion, ScopeKind, ScopeStateType, StartKind,
};

use crate::{
    fault::{BLOCK, END, EVIDENCE, FILTERS, Place, REFERENCE, START, fault, shown, with},
    object_form::{Form, FormFault},
    scope_record::ScopeRecord,
};

/// A segment of the right form.
#[derive(Debug)]
pub(crate) struct Segment<'v> {
    pub(crate) place: Place,
    pub(crate) value: &'v Value<'v>,
    pub(crate) id: &'v str,
    pub(crate) kind: ScopeKind,
    pub(crate) policy: PresentationPolicyKind,
    pub(crate) declared_chain: &'v str,
    pub(crate) predicate: &'v Value<'v>,
    pub(crate) start: Start<'v>,
    pub(crate) end: End<'v>,
    pub(crate) reference: Reference<'v>,
    pub(crate) filters: &'v Value<'v>,
    pub(crate) filters_hash: ContentHash,
    pub(crate) disclosures: Vec<ScopeRecord<'v>>,
    pub(crate) bridges: Vec<ScopeRecord<'v>>,
}

/// Where a segment says it starts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Start<'v> {
    pub(crate) kind: StartKind,
    pub(crate) chain_scope: &'v str,
    /// The number of the first record that is in; none if there is no number left for it.
    pub(crate) first: Option<u64>,
    /// The hash that the first record names as that of the one before.
    pub(crate) prev_hash: &'v str,
    /// The number of the record before, if the segment names it.
    pub(crate) predecessor: Option<u64>,
}

/// Where a segment says it ends.
#[derive(Clone, Copy, Debug)]
pub(crate) struct End<'v> {
    pub(crate) checkpoint_id: &'v str,
    pub(crate) chain_scope: &'v str,
    pub(crate) sequence_number: u64,
    pub(crate) last_record_hash: &'v str,
    pub(crate) policy: BoundaryPolicy,
}

/// The scope state that a segment refers to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reference<'v> {
    pub(crate) scope_state_id: &'v str,
    pub(crate) checkpoint_id: &'v str,
    pub(crate) chain_scope: &'v str,
    pub(crate) artifact_hash: ContentHash,
    pub(crate) storage_uri: Option<&'v str>,
}

impl<'v> Segment<'v> {
    pub(crate) fn read(value: &'v Value<'v>, place: Place) -> Result<Self, ClaimFault> {
        let reader = Reader { place: &place };
        let form = reader.check(Form::of(value), &[], BLOCK)?;
        reader.check(form.has_only(&MEMBERS), &[], BLOCK)?;
        let id = reader.check(form.text("segment_id"), &[], BLOCK)?;
        let (kind, declared_chain, predicate, policy) = reader.declared_scope(&form)?;
        let start = reader.start(&form)?;
        let end = reader.end(&form)?;
        let reference = reader.reference(&form)?;
        let (filters, filters_hash) = reader.filters(&form)?;
        let (disclosures, bridges) = reader.evidence(&form)?;
        Ok(Self {
            value,
            id,
            kind,
            policy,
            declared_chain,
            predicate,
            start,
            end,
            reference,
            filters,
            filters_hash,
            disclosures,
            bridges,
            place,
        })
    }

    /// Where a member of the segment stands.
    pub(crate) fn at(&self, path: &[&str]) -> Location {
        let value = path.iter().try_fold(self.value, |value, name| value.get(name));
        self.place.below(path, value)
    }

    /// Where a record of the segment stands.
    pub(crate) fn record_at(&self, record: &ScopeRecord<'_>) -> Location {
        self.place.element(&["chain_evidence", record.list()], record.index).at(record.range)
    }
}

/// Reads the parts of a segment and says what is wrong with them.
struct Reader<'p> {
    place: &'p Place,
}

type DeclaredScope<'v> = (ScopeKind, &'v str, &'v Value<'v>, PresentationPolicyKind);
type Records<'v> = (Vec<ScopeRecord<'v>>, Vec<ScopeRecord<'v>>);

impl Reader<'_> {
    fn check<T>(
        &self,
        read: Result<T, FormFault>,
        path: &[&str],
        evidence: &str,
    ) -> Result<T, ClaimFault> {
        read.map_err(|wrong| {
            let code = FailureCode::ExportScopeDeclarationSchemaInvalid;
            let mut at = self.place.below(path, None);
            at.pointer = at.pointer.join(&wrong.pointer);
            at.range = wrong.at;
            let wrong_form = fault(code, "SFE-06", at, wrong.summary).evidence([evidence]);
            with(wrong_form, |finding| match wrong.values {
                Some((expected, actual)) => finding.values(expected, actual),
                None => finding,
            })
        })
    }

    /// A part that has to be there.
    fn part<'v>(
        &self,
        form: &Form<'v>,
        name: &'static str,
        missing: (FailureCode, &'static str, &'static str),
        evidence: &str,
    ) -> Result<Form<'v>, ClaimFault> {
        if form.given(name).is_none() {
            return Err(self.missing(form, &[], name, missing, evidence));
        }
        self.check(form.form(name), &[], evidence)
    }

    fn missing(
        &self,
        form: &Form<'_>,
        path: &[&str],
        name: &str,
        (code, rule, summary): (FailureCode, &'static str, &'static str),
        evidence: &str,
    ) -> ClaimFault {
        let mut at = self.place.below(path, form.object().get(name));
        if at.range.is_empty() {
            at.range = form.range();
        }
        fault(code, rule, at, summary).evidence([evidence])
    }

    fn declared_scope<'v>(&self, form: &Form<'v>) -> Result<DeclaredScope<'v>, ClaimFault> {
        let path = &["declared_scope"];
        let scope = self.check(form.form("declared_scope"), &[], BLOCK)?;
        let version = (FailureCode::ExportScopePredicateUnsupported, "SFE-06");
        self.known(&scope, path, "version", version, |text| text == ScopeDeclarationVersion::TEXT)?;
        let policy = self.policy(&scope)?;
        let members = [
            "version",
            "scope_kind",
            "chain_scope",
            "population_label",
            "predicate",
            "presentation_policy",
        ];
        self.check(scope.has_exactly(&members), path, BLOCK)?;
        self.check(scope.constant("version", ScopeDeclarationVersion::TEXT), path, BLOCK)?;
        let words = "`declared_population` or `declared_sample`";
        let kind = self.check(scope.one_of("scope_kind", ScopeKind::parse, words), path, BLOCK)?;
        let chain = self.check(scope.text("chain_scope"), path, BLOCK)?;
        self.check(scope.text("population_label"), path, BLOCK)?;
        // `has_exactly` has seen it.
        let predicate = scope.object().get("predicate");
        let predicate =
            self.check(predicate.ok_or_else(|| scope.fault("predicate", "there")), path, BLOCK)?;
        Ok((kind, chain, predicate, policy))
    }

    /// What was left out of the records. Never judged (PRED-10), but it has to be known what it is:
    /// an unknown policy may leave out what the predicate looks at.
    fn policy(&self, scope: &Form<'_>) -> Result<PresentationPolicyKind, ClaimFault> {
        let path = &["declared_scope", "presentation_policy"];
        let policy = self.check(scope.form("presentation_policy"), &["declared_scope"], BLOCK)?;
        let unknown = (FailureCode::ExportPresentationPolicyUnsupported, "PRED-10");
        self.known(&policy, path, "version", unknown, |text| {
            text == PresentationPolicyVersion::TEXT
        })?;
        self.known(&policy, path, "policy_kind", unknown, |text| {
            PresentationPolicyKind::parse(text).is_some()
        })?;
        let members = ["version", "policy_kind", "policy_parameters"];
        self.check(policy.has_exactly(&members), path, BLOCK)?;
        self.check(policy.constant("version", PresentationPolicyVersion::TEXT), path, BLOCK)?;
        self.check(policy.form("policy_parameters"), path, BLOCK)?;
        let kind = policy.one_of("policy_kind", PresentationPolicyKind::parse, "a kind of policy");
        self.check(kind, path, BLOCK)
    }

    /// A word that is a text but none that is known here.
    fn known(
        &self,
        form: &Form<'_>,
        path: &[&str],
        name: &'static str,
        (code, rule): (FailureCode, &'static str),
        is_known: impl Fn(&str) -> bool,
    ) -> Result<(), ClaimFault> {
        match form.object().get(name) {
            Some(value) if value.as_str().is_some_and(|text| !is_known(text)) => {
                let path: Vec<&str> = path.iter().copied().chain([name]).collect();
                let at = self.place.below(&path, Some(value));
                let summary = format!("the `{name}` {} is not known here", shown(Some(value)));
                Err(fault(code, rule, at, summary).evidence([BLOCK]))
            }
            _ => Ok(()),
        }
    }

    fn start<'v>(&self, form: &Form<'v>) -> Result<Start<'v>, ClaimFault> {
        let code = FailureCode::ExportBoundaryStartMissing;
        let missing = (code, "SFE-09", "the segment does not say where it starts");
        let start = self.part(form, "declared_start", missing, START)?;
        self.check(read_start(&start), &["declared_start"], START)
    }

    fn end<'v>(&self, form: &Form<'v>) -> Result<End<'v>, ClaimFault> {
        let code = FailureCode::ExportBoundaryEndMissing;
        let missing = (code, "SFE-08", "the segment does not say where it ends");
        let end = self.part(form, "declared_end", missing, END)?;
        if end.given("checkpoint_id").is_none() {
            let code = FailureCode::ExportBoundaryEndNotCheckpoint;
            let missing = (code, "SFE-08", "the end of the segment is no checkpoint");
            return Err(self.missing(&end, &["declared_end"], "checkpoint_id", missing, END));
        }
        self.check(read_end(&end), &["declared_end"], END)
    }

    fn reference<'v>(&self, form: &Form<'v>) -> Result<Reference<'v>, ClaimFault> {
        let code = FailureCode::ExportScopeStateReferenceMissing;
        let missing = (code, "SFE-12", "the segment refers to no scope state");
        let reference = self.part(form, "scope_state_reference", missing, REFERENCE)?;
        self.check(read_reference(&reference), &["scope_state_reference"], REFERENCE)
    }

    fn filters<'v>(&self, form: &Form<'v>) -> Result<(&'v Value<'v>, ContentHash), ClaimFault> {
        let path = &["canonical_filters"];
        let code = FailureCode::ExportRawFiltersMissing;
        let missing = (code, "SFE-07", "the segment does not say which filters were asked for");
        let filters = self.part(form, "canonical_filters", missing, FILTERS)?;
        let Some(raw) = filters.given("raw_filters") else {
            return Err(self.missing(&filters, path, "raw_filters", missing, FILTERS));
        };
        let members = ["canonicalization_profile", "raw_filters", "filters_hash"];
        self.check(filters.has_exactly(&members), path, FILTERS)?;
        let profile = filters.constant("canonicalization_profile", PayloadProfileName::TEXT);
        self.check(profile, path, FILTERS)?;
        self.check(filters.form("raw_filters"), path, FILTERS)?;
        let hash = filters.one_of("filters_hash", ContentHash::parse, HASH);
        Ok((raw, self.check(hash, path, FILTERS)?))
    }

    fn evidence<'v>(&self, form: &Form<'v>) -> Result<Records<'v>, ClaimFault> {
        let path = &["chain_evidence"];
        let code = FailureCode::ExportChainProofMissing;
        let missing = (code, "SFE-06", "the segment has no records to show for itself");
        let evidence = self.part(form, "chain_evidence", missing, EVIDENCE)?;
        let lists = ["disclosure_records", "proof_bridge_records"];
        if let Some(absent) = lists.iter().find(|name| evidence.given(name).is_none()) {
            return Err(self.missing(&evidence, path, absent, missing, EVIDENCE));
        }
        self.check(evidence.has_exactly(&lists), path, EVIDENCE)?;
        let [disclosures, bridges] = lists;
        let disclosures =
            self.check(read_records(&evidence, disclosures, false), path, EVIDENCE)?;
        let bridges = self.check(read_records(&evidence, bridges, true), path, EVIDENCE)?;
        Ok((disclosures, bridges))
    }
}

fn read_start<'v>(start: &Form<'v>) -> Result<Start<'v>, FormFault> {
    let words = "`genesis`, `predecessor_proof` or `checkpoint_anchor`";
    let kind = start.one_of("kind", StartKind::parse, words)?;
    let chain_scope = |start: &Form<'v>| start.text("chain_scope");
    match kind {
        StartKind::Genesis => {
            start.has_exactly(&["kind", "chain_scope", "sequence_number", "genesis_prev_hash"])?;
            if start.integer("sequence_number", 1)? != 1 {
                return Err(start.fault("sequence_number", "1"));
            }
            let prev_hash = start.text("genesis_prev_hash")?;
            let chain_scope = chain_scope(start)?;
            Ok(Start { kind, chain_scope, first: Some(1), prev_hash, predecessor: None })
        }
        StartKind::PredecessorProof => {
            start.has_exactly(&[
                "kind",
                "chain_scope",
                "predecessor_sequence_number",
                "predecessor_record_hash",
                "first_evidence_sequence_number",
            ])?;
            Ok(Start {
                kind,
                chain_scope: chain_scope(start)?,
                first: Some(start.integer("first_evidence_sequence_number", 1)?),
                prev_hash: start.text("predecessor_record_hash")?,
                predecessor: Some(start.integer("predecessor_sequence_number", 1)?),
            })
        }
        StartKind::CheckpointAnchor => {
            start.has_exactly(&[
                "kind",
                "checkpoint_id",
                "chain_scope",
                "sequence_number",
                "last_record_hash",
            ])?;
            start.text("checkpoint_id")?;
            let anchor = start.integer("sequence_number", 0)?;
            Ok(Start {
                kind,
                chain_scope: chain_scope(start)?,
                first: anchor.checked_add(1),
                prev_hash: start.text("last_record_hash")?,
                predecessor: None,
            })
        }
    }
}

fn read_end<'v>(end: &Form<'v>) -> Result<End<'v>, FormFault> {
    let words = "`explicit_checkpoint` or `latest_checkpoint_at_export`";
    Ok(End {
        checkpoint_id: end.text("checkpoint_id")?,
        chain_scope: end.text("chain_scope")?,
        sequence_number: end.integer("sequence_number", 0)?,
        last_record_hash: end.text("last_record_hash")?,
        policy: end.one_of("boundary_policy", BoundaryPolicy::parse, words)?,
    })
}

fn read_reference<'v>(reference: &Form<'v>) -> Result<Reference<'v>, FormFault> {
    let required =
        ["artifact_type", "scope_state_id", "checkpoint_id", "chain_scope", "artifact_hash"];
    let all: Vec<&str> = required.into_iter().chain(["storage_uri"]).collect();
    reference.has_only(&all)?;
    reference.constant("artifact_type", ScopeStateType::TEXT)?;
    let storage_uri = match reference.given("storage_uri") {
        None => None,
        Some(uri) => Some(uri.as_str().ok_or_else(|| reference.fault("storage_uri", "a text"))?),
    };
    Ok(Reference {
        scope_state_id: reference.text("scope_state_id")?,
        checkpoint_id: reference.text("checkpoint_id")?,
        chain_scope: reference.text("chain_scope")?,
        artifact_hash: reference.one_of("artifact_hash", ContentHash::parse, HASH)?,
        storage_uri,
    })
}

fn read_records<'v>(
    evidence: &Form<'v>,
    list: &'static str,
    is_bridge: bool,
) -> Result<Vec<ScopeRecord<'v>>, FormFault> {
    let records = evidence.array(list)?.iter().enumerate().map(|(index, value)| {
        let record = ScopeRecord::read(value, is_bridge, index);
        record.map_err(|wrong| wrong.inside_element(index).inside(list))
    });
    records.collect()
}

/// The path of a segment in the export.
pub(crate) fn segment_place(index: usize) -> Place {
    let export = Place::new(Artifact::Export, JsonPointer::root());
    export.element(&["scope_faithfulness", "segments"], index)
}

const MEMBERS: [&str; 7] = [
    "segment_id",
    "declared_scope",
    "declared_start",
    "declared_end",
    "scope_state_reference",
    "canonical_filters",
    "chain_evidence",
];

const HASH: &str = "`sha256:` and 64 lowercase hexadecimal digits";
