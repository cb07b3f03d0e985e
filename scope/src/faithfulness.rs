// SPDX-License-Identifier: Apache-2.0

//! The claim `export.scope_faithfulness.v1`: an export is a faithful slice of what it declares.
//!
//! ```text
//!  1  the form of the segment, and its predicate                                SFE-06
//!  2  the start is not behind the end                                           SFE-10
//!  3  the filters hash as stated                                                SFE-07
//!  4  the scope state is there, is the one referred to, and holds               SFE-12, SFE-15
//!  5  one chain throughout                                                      SFE-02
//!  6  the end is the head of the checkpoint; the latest one, if that is said    SFE-08, SFE-11
//!  7  the first record is where the start leads to, and the records link        SFE-09
//!  8  what is disclosed matches the predicate, and what is a bridge does not    SFE-03, SFE-04
//!  9  count, root and range are those that the scope state commits to           SFE-13
//! 10  what the reference leaves out                                             see `ChainProof`
//! ```
//!
//! The first failure ends the judgement; segments behind it are not looked at (SFE-05). A pass
//! says that the slice is what it says it is, up to its checkpoint. It does not say that all that
//! happened was recorded (SFE-14).

use std::sync::Arc;

use permit_canonical_json::{Budget, Excerpt, JsonPointer, Value};
use permit_claims::ClaimFault;
use permit_failure_codes::FailureCode;
use permit_types::{
    Artifact, Finding, PresentationPolicyKind, ScopeFaithfulnessVersion, ScopeKind, StartKind,
};

use crate::{
    checkpoint_evidence::CheckpointEvidence,
    fault::{BLOCK, Place, fault},
    object_form::{Form, FormFault},
    predicate::Predicate,
    scope_state::{Commitment, ScopeState, ScopeStateKeys},
    segment_judge::judge_segment,
    sidecar_file::SidecarFiles,
};

/// Whoever finds the file of a scope state.
pub trait SidecarSource {
    /// The bytes of the scope state that a segment refers to; none if there is no such file.
    ///
    /// The id and the URI are what the export says: text of unknown origin.
    fn sidecar(&self, segment_id: &str, storage_uri: Option<&str>) -> Option<Vec<u8>>;
}

impl<F: Fn(&str, Option<&str>) -> Option<Vec<u8>>> SidecarSource for F {
    fn sidecar(&self, segment_id: &str, storage_uri: Option<&str>) -> Option<Vec<u8>> {
        self(segment_id, storage_uri)
    }
}

/// What a scope-faithful export is judged by.
///
/// `document` has to come from bytes whose `export.integrity.v1` is supported: the block counts only
/// inside what was signed (SFE-01), and nothing here can check that (SFE-15).
#[derive(Clone, Copy)]
pub struct ScopeEvidence<'e> {
    /// The export's payload, decoded: the whole document.
    pub document: &'e Value<'e>,
    /// The export's manifest, for what it says of later checkpoints.
    pub manifest: Option<&'e Value<'e>>,
    /// The checkpoint.
    pub checkpoint: &'e CheckpointEvidence,
    /// Where scope states are found.
    pub sidecars: &'e dyn SidecarSource,
    /// The keys that scope states may be signed with.
    pub keys: ScopeStateKeys<'e>,
    /// What may be spent.
    pub budget: ScopeBudget,
}

impl core::fmt::Debug for ScopeEvidence<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("ScopeEvidence")
            .field("checkpoint", &self.checkpoint)
            .field("keys", &self.keys)
            .field("budget", &self.budget)
            .finish_non_exhaustive()
    }
}

/// What one export may cost beyond its own length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ScopeBudget {
    /// Bytes of scope states for all segments together. Default 1 GiB: each segment brings the bytes
    /// of one, and an export of a few megabytes can have a hundred thousand segments.
    pub sidecar_bytes: u64,
    /// What one scope state may cost.
    pub sidecar: Budget,
}

impl Default for ScopeBudget {
    fn default() -> Self {
        Self { sidecar_bytes: 1024 * 1024 * 1024, sidecar: Budget::default() }
    }
}

/// Whether the export declares a scope, in a version that is known here or in another.
///
/// The reference passes over versions that it does not know if the pack pins nothing, and so takes
/// an export that declares more than it understands for one that declares nothing.
#[must_use]
pub fn declares_scope(document: &Value<'_>) -> bool {
    document.get(MEMBER).is_some_and(|block| !block.is_null())
}

/// A segment that was looked at.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct JudgedSegment {
    /// Its index in the block.
    pub index: usize,
    /// Its id, if it has one.
    pub id: Option<String>,
    /// What holds of its scope state; nothing if the judgement did not come to it.
    pub scope_state: Option<Result<Arc<ScopeState>, ClaimFault>>,
    /// What holds of the segment.
    pub outcome: Result<FaithfulSegment, ClaimFault>,
}

/// Proof that a segment is what it declares to be.
#[derive(Clone, Debug)]
pub struct FaithfulSegment {
    pub(crate) index: usize,
    pub(crate) id: String,
    pub(crate) scope_state: Arc<ScopeState>,
    pub(crate) predicate: Predicate,
    pub(crate) commitment: Commitment,
    pub(crate) facts: SegmentFacts,
    pub(crate) notices: Vec<Finding>,
}

/// What else there is to say of a faithful segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SegmentFacts {
    /// Whether it declares everything that matches, or a sample.
    pub kind: ScopeKind,
    /// What was left out of the records.
    pub policy: PresentationPolicyKind,
    /// How it starts.
    pub start: StartKind,
    /// Records that it discloses.
    pub disclosed: u64,
    /// Records that only bridge.
    pub bridges: u64,
    /// Records whose hash was computed; of the others only the links were checked (AMB-38).
    pub hashes_computed: u64,
    /// The numbers of the first and the last record; none if there is no record.
    pub window: Option<(u64, u64)>,
    /// The number of the entry that it is declared to end with.
    pub end: u64,
}

impl FaithfulSegment {
    /// Its index in the block.
    #[must_use]
    pub fn index(&self) -> usize {
        self.index
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The scope state that commits to it.
    #[must_use]
    pub fn scope_state(&self) -> &ScopeState {
        &self.scope_state
    }

    /// What is in.
    #[must_use]
    pub fn predicate(&self) -> &Predicate {
        &self.predicate
    }

    /// What the scope state commits to for its predicate.
    #[must_use]
    pub fn commitment(&self) -> &Commitment {
        &self.commitment
    }

    /// What else there is to say of it.
    #[must_use]
    pub fn facts(&self) -> SegmentFacts {
        self.facts
    }

    /// What is worth knowing and no fault.
    #[must_use]
    pub fn notices(&self) -> &[Finding] {
        &self.notices
    }
}

/// Proof that every segment of an export is what it declares to be; there is at least one (SFE-05).
#[derive(Clone, Copy, Debug)]
pub struct FaithfulExport<'a> {
    first: &'a FaithfulSegment,
    others: &'a [JudgedSegment],
}

impl<'a> FaithfulExport<'a> {
    /// The segments.
    pub fn segments(&self) -> impl Iterator<Item = &'a FaithfulSegment> + use<'a> {
        let others = self.others.iter().filter_map(|segment| segment.outcome.as_ref().ok());
        core::iter::once(self.first).chain(others)
    }
}

/// All that was found out about the scope of an export.
#[derive(Clone, Debug)]
pub struct ScopeAdjudication {
    found: Found,
}

#[derive(Clone, Debug)]
enum Found {
    /// The block as a whole is at fault, so that no segment was looked at.
    BlockFault(Box<ClaimFault>),
    /// Segments up to the first one that fails, and how many there are behind it.
    Segments { first: Box<JudgedSegment>, others: Vec<JudgedSegment>, unreached: usize },
}

impl ScopeAdjudication {
    /// The segments that were looked at, in the order of the export.
    pub fn segments(&self) -> impl Iterator<Item = &JudgedSegment> {
        let (first, others) = match &self.found {
            Found::BlockFault(_) => (None, &[][..]),
            Found::Segments { first, others, .. } => (Some(&**first), &others[..]),
        };
        first.into_iter().chain(others)
    }

    /// How many segments were not looked at, since one before them failed.
    #[must_use]
    pub fn unreached(&self) -> usize {
        match &self.found {
            Found::BlockFault(_) => 0,
            Found::Segments { unreached, .. } => *unreached,
        }
    }

    /// What is wrong with the block as a whole.
    #[must_use]
    pub fn block_fault(&self) -> Option<&ClaimFault> {
        match &self.found {
            Found::BlockFault(fault) => Some(fault),
            Found::Segments { .. } => None,
        }
    }

    /// The claim: all segments hold.
    ///
    /// # Errors
    /// The first fault, of the block or of a segment.
    pub fn faithfulness(&self) -> Result<FaithfulExport<'_>, &ClaimFault> {
        match &self.found {
            Found::BlockFault(fault) => Err(fault),
            Found::Segments { first, others, .. } => {
                let export = FaithfulExport { first: first.outcome.as_ref()?, others };
                let fault = others.iter().find_map(|segment| segment.outcome.as_ref().err());
                fault.map_or(Ok(export), Err)
            }
        }
    }
}

/// Judges the scope of an export.
#[must_use]
pub fn adjudicate_scope_faithfulness(evidence: &ScopeEvidence<'_>) -> ScopeAdjudication {
    let found = match declared_segments(evidence.document) {
        Err(fault) => Found::BlockFault(Box::new(fault)),
        Ok((first, rest)) => {
            let mut files = SidecarFiles::new(evidence);
            let first = judge_segment(evidence, &mut files, 0, first);
            let mut others: Vec<JudgedSegment> = Vec::new();
            for (index, value) in (1..).zip(rest) {
                if others.last().unwrap_or(&first).outcome.is_err() {
                    break;
                }
                others.push(judge_segment(evidence, &mut files, index, value));
            }
            let unreached = rest.len() - others.len();
            Found::Segments { first: Box::new(first), others, unreached }
        }
    };
    ScopeAdjudication { found }
}

/// The segments of the block; there is at least one.
fn declared_segments<'v>(
    document: &'v Value<'v>,
) -> Result<(&'v Value<'v>, &'v [Value<'v>]), ClaimFault> {
    let export = Place::new(Artifact::Export, JsonPointer::root());
    let wrong = |wrong: FormFault, path: &[&str]| {
        let mut at = export.below(path, None);
        at.pointer = at.pointer.join(&wrong.pointer);
        at.range = wrong.at;
        let code = FailureCode::ExportScopeDeclarationSchemaInvalid;
        fault(code, "SFE-06", at, wrong.summary).evidence([BLOCK])
    };
    let payload = Form::of(document).map_err(|fault| wrong(fault, &[]))?;
    let missing = |path: &[&str], value, summary| {
        let code = FailureCode::ExportScopeDeclarationMissing;
        fault(code, "SFE-01", export.below(path, value), summary).evidence([BLOCK])
    };
    let block = payload.given(MEMBER).filter(|block| block.as_object().is_some());
    let block = block.ok_or_else(|| {
        missing(&[], payload.object().get(MEMBER), "the signed payload declares no scope")
    })?;
    let form = Form::of(block).map_err(|fault| wrong(fault, &[MEMBER]))?;
    let version = form.object().get("version");
    if let Some(other) = version.and_then(Value::as_str).filter(|text| *text != BLOCK_VERSION) {
        let code = FailureCode::ExportScopePredicateUnsupported;
        let summary =
            format!("the block has the version `{}`, which is not known here", Excerpt(other));
        let at = export.below(&[MEMBER, "version"], version);
        return Err(fault(code, "SFE-06", at, summary).evidence([BLOCK]));
    }
    form.has_only(&["version", "segments"]).map_err(|fault| wrong(fault, &[MEMBER]))?;
    form.constant("version", BLOCK_VERSION).map_err(|fault| wrong(fault, &[MEMBER]))?;
    if form.given("segments").is_none() {
        return Err(missing(&[MEMBER], Some(block), "the block has no segments"));
    }
    let segments = form.array("segments").map_err(|fault| wrong(fault, &[MEMBER]))?;
    let none = || {
        missing(&[MEMBER, "segments"], form.object().get("segments"), "the block has no segments")
    };
    segments.split_first().ok_or_else(none)
}

const MEMBER: &str = "scope_faithfulness";
const BLOCK_VERSION: &str = ScopeFaithfulnessVersion::TEXT;
