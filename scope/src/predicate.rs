// SPDX-License-Identifier: Apache-2.0

//! Predicates: reading one, and its hash.
//!
//! ```text
//! { "version": "keel.scope_predicate.v1", "operator": "and", "equals": {…}, "ranges": {…} }
//!
//! PRED-01  equals and ranges are there even if they are empty
//! PRED-02  another version, kind or operator is beyond this grammar: unverifiable, not disproved
//! PRED-03  whatever else is wrong with it is malformed: disproved
//! PRED-06  subject_id, model, requested_by and incident_id are reserved: unverifiable
//! PRED-08  and so are names of an issuer's own, keel.<domain>.<name>
//! PRED-09  hash = "sha256:" hex(SHA-256(payload_canonical(predicate)))
//! ```
//!
//! What is beyond the grammar is looked for first, all over the predicate (AMB-37): who cannot know
//! what a predicate means cannot say that it is written wrongly either.

use permit_canonical_json::{
    ByteRange, CanonicalError, Excerpt, HashedArtifact, JsonPointer, Kind, Member, Node, Object,
    Value,
};
use permit_failure_codes::FailureCode;
use permit_types::{
    ContentHash, Instant, PredicateGrammar, PredicateKind, PredicateOperator, ScopePredicate,
};

use self::PredicateFaultKind::{Malformed, OutOfGrammar, Unsupported};
use crate::fault::shown;

/// A predicate that keeps to `keel.scope_predicate.v1`, and its hash.
///
/// ```
/// use permit_canonical_json::{Budget, read};
/// use permit_scope::{Predicate, PredicateFaultKind};
///
/// let value = read(br#"{"version": "keel.scope_predicate.v1", "operator": "and",
///     "equals": {"event_type": "dispatch.egress_bound"}, "ranges": {}}"#, &Budget::default())?;
/// assert_eq!(
///     Predicate::read(&value).unwrap().hash().to_string(),
///     "sha256:6312528ddcbeab960d64a5c29ab8c9613c83bd0cc70472b21aeb16b682806ce5",
/// );
///
/// let value = read(br#"{"version": "keel.scope_predicate.v1", "operator": "and",
///     "equals": {"model": "m"}, "ranges": {}}"#, &Budget::default())?;
/// assert_eq!(Predicate::read(&value).unwrap_err().kind(), PredicateFaultKind::Unsupported);
/// # Ok::<(), permit_canonical_json::ReadError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Predicate {
    equals: Vec<(PredicateKind, String)>,
    spans: Spans,
    hash: ContentHash,
}

/// The ranges of a predicate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Spans {
    pub(crate) sequence: Option<SequenceSpan>,
    pub(crate) created_at: Option<TimeSpan>,
    pub(crate) occurred_at: Option<TimeSpan>,
}

/// Sequence numbers from the first to the last, both in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SequenceSpan {
    first: u64,
    last: u64,
}

impl SequenceSpan {
    pub(crate) fn contains(self, number: u64) -> bool {
        (self.first..=self.last).contains(&number)
    }
}

/// Instants from the first on and before the end (ABSENT-02).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TimeSpan {
    from: Instant,
    before: Instant,
}

impl TimeSpan {
    pub(crate) fn contains(self, instant: Instant) -> bool {
        (self.from..self.before).contains(&instant)
    }
}

impl Predicate {
    /// Reads a predicate.
    ///
    /// Values of `equals` have to be texts, as the schema wants it, so that the comparison never
    /// is one of different types. Bounds of time ranges are read as instants.
    ///
    /// # Errors
    /// What is beyond the grammar, or else what is wrong, and where.
    pub fn read(value: &Value<'_>) -> Result<Self, PredicateFault> {
        let object = value.as_object().ok_or_else(|| not_an_object("a predicate", value, &[]))?;
        check_grammar(object)?;
        check_members(object, value.range(), &["version", "operator", "equals", "ranges"], &[])?;
        let (equals, ranges) = (conditions(object, "equals")?, conditions(object, "ranges")?);
        let equals: Result<_, _> =
            equals.iter().map(|(kind, member)| equality(*kind, member)).collect();
        let mut spans = Spans::default();
        for (kind, member) in ranges {
            spans.add(kind, member)?;
        }
        let hash = predicate_hash(value).map_err(|_| unhashable(value))?;
        Ok(Self { equals: equals?, spans, hash })
    }

    /// Reads a predicate that was made here.
    ///
    /// # Errors
    /// If a range of sequence numbers has its ends exchanged: all else the type rules out.
    pub fn of(predicate: &ScopePredicate) -> Result<Self, PredicateFault> {
        match permit_canonical_json::to_value(predicate) {
            Ok(value) => Self::read(&value),
            Err(_) => Err(unhashable(&Value::from(()))),
        }
    }

    /// The hash by which commitments name the predicate.
    #[must_use]
    pub fn hash(&self) -> ContentHash {
        self.hash
    }

    /// What has to be equal, in the order it is written.
    pub fn equals(&self) -> impl Iterator<Item = (PredicateKind, &str)> {
        self.equals.iter().map(|(kind, text)| (*kind, text.as_str()))
    }

    /// Whether every record of the chain matches (PRED-12).
    #[must_use]
    pub fn is_unconditional(&self) -> bool {
        self.equals.is_empty() && self.spans == Spans::default()
    }

    /// What a member has to be equal to, if the predicate says so.
    pub(crate) fn expects(&self, kind: PredicateKind) -> Option<&str> {
        self.equals().find(|(of, _)| *of == kind).map(|(_, text)| text)
    }

    pub(crate) fn spans(&self) -> Spans {
        self.spans
    }
}

impl Spans {
    fn add(&mut self, kind: PredicateKind, member: &Member<'_>) -> Result<(), PredicateFault> {
        match kind {
            PredicateKind::SequenceNumber => self.sequence = Some(sequence_span(member)?),
            PredicateKind::CreatedAt => self.created_at = Some(time_span(member)?),
            PredicateKind::OccurredAt => self.occurred_at = Some(time_span(member)?),
            _ => {
                let summary = format!("`{kind}` is compared, not ranged over");
                return Err(malformed_condition("ranges", member, summary));
            }
        }
        Ok(())
    }
}

/// The hash of a predicate, whether or not it keeps to the grammar (PRED-09).
pub(crate) fn predicate_hash(value: &Value<'_>) -> Result<ContentHash, CanonicalError> {
    HashedArtifact::ScopePredicateV1.profile().digest(value).map(ContentHash::from)
}

fn check_grammar(object: &Object<'_>) -> Result<(), PredicateFault> {
    for (name, known) in
        [("version", PredicateGrammar::TEXT), ("operator", PredicateOperator::TEXT)]
    {
        let Some(stated) = object.get(name) else { continue };
        if stated.as_str() != Some(known) {
            let summary = format!("the predicate has a `{name}` that is not known here");
            let fault =
                PredicateFault::new(Unsupported, "PRED-02", stated.range(), &[name], summary);
            return Err(fault.values(known, stated));
        }
    }
    let kinds = ["equals", "ranges"]
        .iter()
        .filter_map(|name| Some((*name, object.get(name)?.as_object()?)))
        .flat_map(|(name, conditions)| conditions.members().iter().map(move |one| (name, one)));
    for (name, condition) in kinds {
        if PredicateKind::parse(condition.name()).is_none() {
            return Err(unknown_kind(name, condition));
        }
        check_shape(name, condition)?;
    }
    Ok(())
}

fn unknown_kind(map: &'static str, condition: &Member<'_>) -> PredicateFault {
    let name = condition.name();
    let (rule, why) = match name {
        _ if RESERVED_KINDS.contains(&name) => ("PRED-06", "is reserved and cannot be judged"),
        _ if name.starts_with("keel.") => ("PRED-08", "is an issuer's own and cannot be judged"),
        _ => ("PRED-02", "is none of the fourteen kinds"),
    };
    let summary = format!("`{}` in `{map}` {why}", Excerpt(name));
    PredicateFault::new(Unsupported, rule, condition.name_range(), &[map, name], summary)
}

/// Lists of alternatives, operators and open ranges are no mistakes but another grammar (ABSENT-03).
fn check_shape(map: &'static str, condition: &Member<'_>) -> Result<(), PredicateFault> {
    let (name, value) = (condition.name(), condition.value());
    let beyond = |rule, path: &[&str], range, summary: String| {
        Err(PredicateFault::new(OutOfGrammar, rule, range, path, summary))
    };
    if map == "equals" {
        return match value.kind() {
            Kind::Array | Kind::Object => {
                let summary = format!("`{name}` is to equal {}, not one text", value.kind());
                beyond("ABSENT-03", &[map, name], value.range(), summary)
            }
            _ => Ok(()),
        };
    }
    let (Some(range), Some(bounds)) = (value.as_object(), bounds_of(name)) else { return Ok(()) };
    if let Some(other) = range.members().iter().find(|member| !bounds.contains(&member.name())) {
        let operator = Excerpt(other.name());
        let summary = format!("the range of `{name}` has the operator `{operator}`");
        return beyond("PRED-02", &[map, name, other.name()], other.name_range(), summary);
    }
    match bounds.iter().find(|bound| range.get(bound).is_none()) {
        Some(open) => {
            let summary = format!("the range of `{name}` is open: it has no `{open}`");
            beyond("ABSENT-01", &[map, name], value.range(), summary)
        }
        None => Ok(()),
    }
}

/// The bounds that a range over this kind has.
fn bounds_of(kind: &str) -> Option<[&'static str; 2]> {
    match PredicateKind::parse(kind)? {
        PredicateKind::SequenceNumber => Some(["gte", "lte"]),
        PredicateKind::CreatedAt | PredicateKind::OccurredAt => Some(["gte", "lt"]),
        _ => None,
    }
}

fn check_members(
    object: &Object<'_>,
    range: ByteRange,
    members: &[&str],
    path: &[&str],
) -> Result<(), PredicateFault> {
    if let Some(missing) = members.iter().find(|name| object.get(name).is_none()) {
        let summary = format!("the predicate has no `{missing}`");
        return Err(PredicateFault::new(Malformed, "PRED-01", range, path, summary));
    }
    let foreign = object.members().iter().find(|member| !members.contains(&member.name()));
    foreign.map_or(Ok(()), |member| {
        let name = member.name();
        let summary = format!("a predicate has no member `{}`", Excerpt(name));
        Err(PredicateFault::new(Malformed, "PRED-03", member.name_range(), &[name], summary))
    })
}

type Conditions<'v, 'a> = Vec<(PredicateKind, &'v Member<'a>)>;

fn conditions<'v, 'a>(
    object: &'v Object<'a>,
    map: &'static str,
) -> Result<Conditions<'v, 'a>, PredicateFault> {
    let value = object.get(map).ok_or_else(|| unhashable(&Value::from(())))?;
    let conditions = value
        .as_object()
        .ok_or_else(|| not_an_object("the conditions of a predicate", value, &[map]))?;
    let known = conditions.members().iter().map(|condition| {
        let kind = PredicateKind::parse(condition.name());
        kind.map(|kind| (kind, condition)).ok_or_else(|| unknown_kind(map, condition))
    });
    known.collect()
}

fn equality(
    kind: PredicateKind,
    member: &Member<'_>,
) -> Result<(PredicateKind, String), PredicateFault> {
    if bounds_of(member.name()).is_some() {
        let summary = format!("`{kind}` is ranged over, not compared");
        return Err(malformed_condition("equals", member, summary));
    }
    match member.value().node() {
        Node::String(text) => Ok((kind, text.to_string())),
        _ => {
            let found = member.value().kind();
            let summary = format!("`{kind}` is compared with {found}, where a text belongs");
            Err(malformed_condition("equals", member, summary))
        }
    }
}

fn sequence_span(member: &Member<'_>) -> Result<SequenceSpan, PredicateFault> {
    let number = |bound: &str| {
        member.value().get(bound).and_then(Value::as_u64).filter(|number| *number > 0)
    };
    let (Some(first), Some(last)) = (number("gte"), number("lte")) else {
        let summary = "the bounds of `sequence_number` are integers of at least 1";
        return Err(malformed_condition("ranges", member, summary.to_owned()));
    };
    if first > last {
        let summary = format!("the range of `sequence_number` ends at {last}, before {first}");
        return Err(malformed_condition("ranges", member, summary));
    }
    Ok(SequenceSpan { first, last })
}

fn time_span(member: &Member<'_>) -> Result<TimeSpan, PredicateFault> {
    let instant =
        |bound: &str| member.value().get(bound).and_then(Value::as_str).and_then(Instant::parse);
    let (Some(from), Some(before)) = (instant("gte"), instant("lt")) else {
        let summary = format!("the bounds of `{}` are times", member.name());
        return Err(malformed_condition("ranges", member, summary));
    };
    Ok(TimeSpan { from, before })
}

fn malformed_condition(map: &'static str, member: &Member<'_>, summary: String) -> PredicateFault {
    let (name, range) = (member.name(), member.value().range());
    PredicateFault::new(Malformed, "PRED-03", range, &[map, name], summary)
}

fn not_an_object(what: &str, value: &Value<'_>, path: &[&str]) -> PredicateFault {
    let summary = format!("{what} is an object, not {}", value.kind());
    PredicateFault::new(Malformed, "PRED-03", value.range(), path, summary)
}

fn unhashable(value: &Value<'_>) -> PredicateFault {
    let summary = "the predicate has no canonical form".to_owned();
    PredicateFault::new(Malformed, "PRED-09", value.range(), &[], summary)
}

/// Why a predicate cannot be judged by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PredicateFault {
    kind: PredicateFaultKind,
    rule: &'static str,
    pointer: JsonPointer,
    at: ByteRange,
    summary: String,
    values: Option<Box<(String, String)>>,
}

/// The ways in which a predicate can be at fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PredicateFaultKind {
    /// It is of a grammar or a kind outside version 1.
    Unsupported,
    /// It uses an operator or a shape of range outside version 1.
    OutOfGrammar,
    /// It claims version 1 and is not written as version 1 is.
    Malformed,
}

impl PredicateFault {
    fn new(
        kind: PredicateFaultKind,
        rule: &'static str,
        at: ByteRange,
        path: &[&str],
        summary: String,
    ) -> Self {
        let pointer = path.iter().fold(JsonPointer::root(), |path, name| path.member(name));
        Self { kind, rule, pointer, at, summary, values: None }
    }

    fn values(mut self, expected: &str, actual: &Value<'_>) -> Self {
        self.values = Some(Box::new((format!("`{expected}`"), shown(Some(actual)))));
        self
    }

    /// In which way.
    #[must_use]
    pub fn kind(&self) -> PredicateFaultKind {
        self.kind
    }

    /// The code of the taxonomy.
    #[must_use]
    pub fn code(&self) -> FailureCode {
        match self.kind {
            Unsupported => FailureCode::ExportScopePredicateUnsupported,
            OutOfGrammar => FailureCode::ExportScopePredicateOutOfGrammar,
            Malformed => FailureCode::ExportScopePredicateMalformed,
        }
    }

    /// The rule that is broken.
    #[must_use]
    pub fn rule(&self) -> &'static str {
        self.rule
    }

    /// The path from the predicate to what is at fault.
    #[must_use]
    pub fn pointer(&self) -> &JsonPointer {
        &self.pointer
    }

    /// The bytes that are at fault.
    #[must_use]
    pub fn at(&self) -> ByteRange {
        self.at
    }

    /// What is wrong, in one sentence.
    #[must_use]
    pub fn summary(&self) -> &str {
        &self.summary
    }

    pub(crate) fn expected_and_actual(&self) -> Option<&(String, String)> {
        self.values.as_deref()
    }
}

impl core::fmt::Display for PredicateFault {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(&self.summary)
    }
}

impl core::error::Error for PredicateFault {}

/// Names that the specification sets aside for later versions (PRED-06, PRED-07).
pub const RESERVED_KINDS: [&str; 4] = ["subject_id", "model", "requested_by", "incident_id"];
