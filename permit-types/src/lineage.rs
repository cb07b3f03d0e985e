// SPDX-License-Identifier: Apache-2.0

//! Whether the permits of an export are the family that they say they are.
//!
//! ```text
//!                                                        severity   reason
//! PERMIT-22  depth is not one more than the parent's,    notice     LINEAGE_MALFORMED
//!            or not 0 without one
//! PERMIT-23  a permit descends from itself               notice     LINEAGE_MALFORMED
//! PCHAIN-36  parent and child are of different projects  failure    LINEAGE_MALFORMED
//! §2.1       two permits have one id                     notice     LINEAGE_MALFORMED
//! ```
//!
//! The first two rules are recommendations, so that breaking them fails no verdict by itself; a
//! claim that follows the lineage fails on its own terms. The third is what keeps one tenant's
//! authority from reaching another.

use alloc::{
    boxed::Box,
    format,
    string::{String, ToString},
    vec::Vec,
};
use core::cmp::Ordering;

use permit_canonical_json::{ByteRange, Excerpt, Object, Value};
use permit_failure_codes::ReasonClass;

use crate::{Finding, Location, Severity};

/// What a permit says about its family.
#[derive(Clone, Copy, Debug)]
pub struct Lineage<'a> {
    id: &'a str,
    project_id: Option<&'a str>,
    parent_id: Option<&'a str>,
    /// Nothing if what stands there is no depth.
    depth: Option<u64>,
    places: Places,
}

/// Where in the artifact the members stand.
#[derive(Clone, Copy, Debug)]
struct Places {
    permit: ByteRange,
    id: ByteRange,
    parent_id: ByteRange,
    /// Nothing if the depth is left out.
    depth: Option<ByteRange>,
}

impl<'a> Lineage<'a> {
    /// What a permit says about its family; nothing if it has no id.
    ///
    /// An absent depth is 0, one of the wrong kind is not judged: the form of members is what
    /// [`check_permit_form`](crate::check_permit_form) looks at.
    #[must_use]
    pub fn of(permit: &'a Value<'_>) -> Option<Self> {
        let members: &Object<'_> = permit.as_object()?;
        let text = |name| members.get(name).and_then(Value::as_str);
        let place = |name| members.get(name).map(Value::range);
        let depth = members.get("delegation_depth").filter(|depth| !depth.is_null());
        Some(Self {
            id: text("id")?,
            project_id: text("project_id"),
            parent_id: text("parent_permit_id"),
            depth: depth.map_or(Some(0), Value::as_u64),
            places: Places {
                permit: permit.range(),
                id: place("id").unwrap_or_default(),
                parent_id: place("parent_permit_id").unwrap_or_default(),
                depth: place("delegation_depth"),
            },
        })
    }
}

/// The permits of an export by id, to judge their lineage once all have been seen.
///
/// Memory is bounded by the number of permits: their ids and three places each. Ids are
/// compared as UUIDs are, without regard to case.
///
/// ```
/// use permit_canonical_json::{Budget, read};
/// use permit_types::{Artifact, Lineage, LineageIndex, Location};
///
/// let permits = br#"[{"id": "a", "parent_permit_id": "b"}, {"id": "b", "parent_permit_id": "a"}]"#;
/// let permits = read(permits, &Budget::default())?;
/// let mut index = LineageIndex::new();
/// for (record, permit) in (0..).zip(permits.as_array().unwrap()) {
///     index.add(&Lineage::of(permit).unwrap(), record);
/// }
/// let findings = index.finish(|_record| Location::whole(Artifact::Export));
/// assert_eq!(findings[0].rule.unwrap().as_str(), "PERMIT-23");
/// # Ok::<(), permit_canonical_json::ReadError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct LineageIndex {
    permits: Vec<Kin>,
}

/// A permit in the index.
#[derive(Clone, Debug)]
struct Kin {
    id: Box<str>,
    project_id: Option<Box<str>>,
    parent_id: Option<Box<str>>,
    depth: Option<u64>,
    record: u64,
    places: Places,
}

impl LineageIndex {
    /// Without any permits.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the permit of a record.
    pub fn add(&mut self, lineage: &Lineage<'_>, record: u64) {
        self.permits.push(Kin {
            id: lineage.id.into(),
            project_id: lineage.project_id.map(Into::into),
            parent_id: lineage.parent_id.map(Into::into),
            depth: lineage.depth,
            record,
            places: lineage.places,
        });
    }

    /// Judges all permits. `place` gives the place of the permit of a record.
    ///
    /// A parent that is not in the index is no fault: exports are windows. At most three findings
    /// for each permit, in the order of their ids.
    #[must_use]
    pub fn finish(mut self, place: impl Fn(u64) -> Location) -> Vec<Finding> {
        self.permits.sort_by(|a, b| caseless(&a.id, &b.id).then(a.record.cmp(&b.record)));
        let family = Family::new(&self.permits);
        let mut findings = Vec::new();
        for (at, permit) in self.permits.iter().enumerate() {
            let here = || place(permit.record);
            findings.extend(family.repeated(at, here));
            let Some(parent_at) = family.parent(at) else {
                findings.extend(orphan_depth(permit, here));
                continue;
            };
            let Some(parent) = self.permits.get(parent_at) else { continue };
            findings.extend(foreign_parent(permit, parent, here));
            match family.cycle(at) {
                None => findings.extend(child_depth(permit, parent, here)),
                Some(members) => findings.extend(cycle(permit, &members, here)),
            }
        }
        findings
    }
}

/// The permits, sorted by id, and how they are linked.
struct Family<'p> {
    permits: &'p [Kin],
    /// For each permit the place of its parent among the permits.
    parents: Vec<Option<usize>>,
    /// For each permit that is in a cycle the first permit of that cycle.
    cycles: Vec<Option<usize>>,
}

impl<'p> Family<'p> {
    fn new(permits: &'p [Kin]) -> Self {
        let find = |id: &str| {
            let at = permits.partition_point(|permit| caseless(&permit.id, id).is_lt());
            permits.get(at).filter(|permit| caseless(&permit.id, id).is_eq()).map(|_| at)
        };
        let parents: Vec<_> =
            permits.iter().map(|permit| find(permit.parent_id.as_deref()?)).collect();
        let cycles = cycles(&parents);
        Self { permits, parents, cycles }
    }

    fn parent(&self, at: usize) -> Option<usize> {
        self.parents.get(at).copied().flatten()
    }

    /// The members of a cycle, if this permit is the one it is reported at; no members if it is
    /// in a cycle that is reported elsewhere; nothing if it is in none.
    fn cycle(&self, at: usize) -> Option<Vec<&'p Kin>> {
        let first = self.cycles.get(at).copied().flatten()?;
        if first != at {
            return Some(Vec::new());
        }
        let members = core::iter::successors(Some(first), |at| {
            self.parent(*at).filter(|next| *next != first)
        });
        Some(members.take(SHOWN_MEMBERS + 1).filter_map(|at| self.permits.get(at)).collect())
    }

    /// §2.1: ids are unique.
    fn repeated(&self, at: usize, here: impl Fn() -> Location) -> Option<Finding> {
        let permit = self.permits.get(at)?;
        let before = self.permits.get(at.checked_sub(1)?)?;
        if caseless(&before.id, &permit.id).is_ne() {
            return None;
        }
        let summary = "two permits of the export have the same id";
        Some(
            finding(Severity::Notice, permit, member(here(), "id", permit.places.id), summary)
                .detail("first_record", before.record.to_string()),
        )
    }
}

/// For each node of a graph in which every node has at most one arrow, the smallest node of the
/// cycle it is in. Every node is visited a fixed number of times.
fn cycles(parents: &[Option<usize>]) -> Vec<Option<usize>> {
    let mut visited_from: Vec<Option<usize>> = parents.iter().map(|_| None).collect();
    let mut cycles = visited_from.clone();
    for start in 0..parents.len() {
        let mut at = Some(start);
        while let Some(node) = at {
            match visited_from.get_mut(node) {
                Some(seen @ None) => *seen = Some(start),
                Some(Some(seen)) if *seen == start => {
                    mark_cycle(parents, node, &mut cycles);
                    break;
                }
                _ => break,
            }
            at = parents.get(node).copied().flatten();
        }
    }
    cycles
}

/// Marks the cycle that `node` is in with its smallest node.
fn mark_cycle(parents: &[Option<usize>], node: usize, cycles: &mut [Option<usize>]) {
    let next = |at: &usize| parents.get(*at).copied().flatten().filter(|next| *next != node);
    let members = || core::iter::successors(Some(node), next);
    let first = members().min();
    for member in members() {
        if let Some(cycle) = cycles.get_mut(member) {
            *cycle = first;
        }
    }
}

/// PERMIT-22 for a permit whose parent is not there.
fn orphan_depth(permit: &Kin, here: impl Fn() -> Location) -> Option<Finding> {
    let depth = permit.depth?;
    let (expected, summary) = match (&permit.parent_id, depth) {
        (None, 0) | (Some(_), 1..) => return None,
        (None, _) => ("`0`", "a permit without a parent is not the root of a delegation"),
        (Some(_), 0) => ("`1` or more", "a permit with a parent is not below it"),
    };
    Some(depth_finding(permit, depth, here(), summary, expected.to_string()))
}

/// PERMIT-22 for a permit whose parent is there.
fn child_depth(permit: &Kin, parent: &Kin, here: impl Fn() -> Location) -> Option<Finding> {
    let (depth, expected) = (permit.depth?, parent.depth?.checked_add(1));
    if expected == Some(depth) {
        return None;
    }
    let summary = "the depth of a permit is not one more than that of its parent";
    let expected = expected.map_or_else(|| "none".to_string(), |depth| format!("`{depth}`"));
    let finding = depth_finding(permit, depth, here(), summary, expected);
    Some(finding.detail("parent_permit_id", Excerpt(&parent.id).to_string()))
}

fn depth_finding(
    permit: &Kin,
    depth: u64,
    here: Location,
    summary: &str,
    expected: String,
) -> Finding {
    let at = match permit.places.depth {
        Some(range) => member(here, "delegation_depth", range),
        None => Location { range: permit.places.permit, ..here },
    };
    finding(Severity::Notice, permit, at, summary)
        .rule("PERMIT-22")
        .values(expected, format!("`{depth}`"))
}

/// PERMIT-23
fn cycle(permit: &Kin, members: &[&Kin], here: impl Fn() -> Location) -> Option<Finding> {
    if members.is_empty() {
        return None;
    }
    let mut path: Vec<String> =
        members.iter().take(SHOWN_MEMBERS).map(|kin| Excerpt(&kin.id).to_string()).collect();
    if members.len() > SHOWN_MEMBERS {
        path.push("…".to_string());
    }
    let range = permit.places.parent_id;
    let summary = "a permit descends from itself";
    Some(
        finding(Severity::Notice, permit, member(here(), "parent_permit_id", range), summary)
            .rule("PERMIT-23")
            .detail("cycle", path.join(" → ")),
    )
}

/// PCHAIN-36
fn foreign_parent(permit: &Kin, parent: &Kin, here: impl Fn() -> Location) -> Option<Finding> {
    let (own, other) = (permit.project_id.as_deref()?, parent.project_id.as_deref()?);
    if own.eq_ignore_ascii_case(other) {
        return None;
    }
    let range = permit.places.parent_id;
    let summary = "the parent of a permit is in another project";
    Some(
        finding(Severity::Failure, permit, member(here(), "parent_permit_id", range), summary)
            .rule("PCHAIN-36")
            .values(
                format!("a permit of project `{}`", Excerpt(own)),
                format!("a permit of project `{}`", Excerpt(other)),
            )
            .detail("parent_permit_id", Excerpt(&parent.id).to_string()),
    )
}

fn finding(severity: Severity, permit: &Kin, at: Location, summary: &str) -> Finding {
    let finding = match severity {
        Severity::Failure => Finding::failure(ReasonClass::LineageMalformed, at, summary),
        Severity::Notice => Finding::notice(ReasonClass::LineageMalformed, at, summary),
    };
    finding.detail("permit_id", Excerpt(&permit.id).to_string())
}

/// The place of a member of a permit.
fn member(permit: Location, name: &str, range: ByteRange) -> Location {
    Location::value(permit.artifact, permit.pointer.member(name), range)
}

fn caseless(a: &str, b: &str) -> Ordering {
    a.bytes()
        .map(|byte| byte.to_ascii_lowercase())
        .cmp(b.bytes().map(|byte| byte.to_ascii_lowercase()))
}

/// Members of a cycle that are named; a hostile export could have a cycle of millions.
const SHOWN_MEMBERS: usize = 8;
