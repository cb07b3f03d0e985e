// SPDX-License-Identifier: Apache-2.0

//! What can be wrong with a bundle without looking into its permits and chains.
//!
//! ```text
//!                                                              severity   reason
//! BUNDLE-01  one of the three constants is another text        failure    BUNDLE_SEMANTICS_INVALID
//! BUNDLE-02  schema_version is not the integer 1 or 2          failure    BUNDLE_SEMANTICS_INVALID
//! BUNDLE-03  version 2 without the flag, or a record without   failure    BUNDLE_SEMANTICS_INVALID
//!            chain entries
//! BUNDLE-04  version 1 with the flag or with chain entries     failure    BUNDLE_SEMANTICS_INVALID
//! BUNDLE-05  record_count is another number                    failure    BUNDLE_SEMANTICS_INVALID
//! BUNDLE-17  from is not before to (AMB-49)                    failure    BUNDLE_SEMANTICS_INVALID
//! BUNDLE-21  a reserved name                                   notice     RESERVED_NAME_USED
//! BUNDLE-17  anything else about the form of its head          notice     OBJECT_FORM_INVALID
//! ```
//!
//! The severities follow the same line as those of permits: a member that is absent or new is a
//! notice, since bundles of honest issuers have no more than what verification needs; a member
//! that contradicts the rest is a failure.

use alloc::{
    format,
    string::{String, ToString},
    vec::Vec,
};

use permit_canonical_json::{ByteRange, Excerpt, Object, Value, from_value};
use permit_failure_codes::ReasonClass;

use crate::{
    AuditExportBundle, BundleFormat, BundleSchemaVersion, BundleType, Finding, Instant, Location,
    TimeRangeBasis,
    form::{form_finding, shown},
};

/// What a bundle says about itself, and what its records show of it.
///
/// A reader that streams hands over every member but `records` as it comes, and every record;
/// nothing of a record is kept.
///
/// ```
/// use permit_canonical_json::{Budget, read};
/// use permit_types::{Artifact, BundleFacts, Location, check_bundle_semantics};
///
/// let bundle = br#"{"bundle_type": "audit_export_bundle", "schema_version": 1, "record_count": 2, "records": [{}]}"#;
/// let facts = BundleFacts::of(&read(bundle, &Budget::default())?);
/// let findings = check_bundle_semantics(&facts, &Location::whole(Artifact::Export));
///
/// assert_eq!(findings.len(), 1);
/// assert_eq!(findings[0].rule.unwrap().as_str(), "BUNDLE-05");
/// # Ok::<(), permit_canonical_json::ReadError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct BundleFacts {
    /// The members of the head that the schema knows.
    head: Object<'static>,
    /// The first member that it does not know.
    unknown: Option<(String, ByteRange)>,
    reserved: Vec<(&'static str, ByteRange)>,
    /// Whether there was a member with chain entries for the bundle as a whole.
    bundle_entries: Option<ByteRange>,
    has_records: bool,
    records: u64,
    with_entries: Tally,
    without_entries: Tally,
}

/// How many records are of a kind, and the first of them.
#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    first: Option<(u64, ByteRange)>,
    count: u64,
}

impl Tally {
    fn add(&mut self, index: u64, range: ByteRange) {
        self.first.get_or_insert((index, range));
        self.count = self.count.saturating_add(1);
    }
}

impl BundleFacts {
    /// Nothing is known yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The facts of a bundle that is wholly in memory.
    #[must_use]
    pub fn of(bundle: &Value<'_>) -> Self {
        let mut facts = Self::new();
        let members = bundle.as_object().map(Object::members).unwrap_or_default();
        for member in members {
            let value = member.value();
            match (member.name(), value.as_array()) {
                ("records", Some(records)) => {
                    facts.begin_records();
                    records.iter().for_each(|record| facts.take_record(record));
                }
                (name, _) => facts.take_member(name, member.name_range(), value),
            }
        }
        facts
    }

    /// Takes a member of the bundle that is not the array of its records.
    pub fn take_member(&mut self, name: &str, name_range: ByteRange, value: &Value<'_>) {
        if name == "chain_entries" && !value.is_null() {
            self.take_bundle_entries(value.range());
        } else if let Some(known) = HEAD.into_iter().find(|known| *known == name) {
            self.head.insert(known, value.clone().into_owned());
        } else if let Some(reserved) = RESERVED.into_iter().find(|reserved| *reserved == name) {
            self.reserved.push((reserved, name_range));
        } else {
            self.note_unknown(name, name_range);
        }
    }

    /// Notes that the bundle has chain entries of its own, beside or instead of those of its
    /// records. The specification knows no such member; the reference reads it.
    pub fn take_bundle_entries(&mut self, range: ByteRange) {
        self.bundle_entries = Some(range);
        self.note_unknown("chain_entries", range);
    }

    /// Notes that the array of records begins.
    pub fn begin_records(&mut self) {
        self.has_records = true;
    }

    /// Takes the next record.
    pub fn take_record(&mut self, record: &Value<'_>) {
        let entries = record.get("chain_entries").filter(|entries| !entries.is_null());
        self.note_record(record.range(), entries.is_some());
    }

    /// Takes the next record without looking into it: where it stands, and whether it has
    /// `chain_entries` that are not null.
    pub fn note_record(&mut self, range: ByteRange, has_entries: bool) {
        self.has_records = true;
        let tally = if has_entries { &mut self.with_entries } else { &mut self.without_entries };
        tally.add(self.records, range);
        self.records = self.records.saturating_add(1);
    }

    /// The version of the schema, if it is one of the two.
    #[must_use]
    pub fn schema_version(&self) -> Option<BundleSchemaVersion> {
        BundleSchemaVersion::from_number(self.head.get("schema_version")?.as_u64()?)
    }

    /// The number of records that were taken.
    #[must_use]
    pub fn records(&self) -> u64 {
        self.records
    }

    fn note_unknown(&mut self, name: &str, range: ByteRange) {
        if self.unknown.is_none() {
            self.unknown = Some((name.to_string(), range));
        }
    }

    fn says_with_entries(&self) -> bool {
        self.head.get("include_chain_entries").and_then(Value::as_bool) == Some(true)
    }
}

/// The rules about a bundle as a whole that its schema does not express, and those that decide
/// how it is read. `base` is the place of the bundle.
#[must_use]
pub fn check_bundle_semantics(facts: &BundleFacts, base: &Location) -> Vec<Finding> {
    let bundle = BundleUnderCheck { facts, base };
    let mut findings = bundle.constants();
    findings.extend(bundle.version());
    match facts.schema_version() {
        Some(BundleSchemaVersion::V2) => {
            findings.extend(bundle.flag_of_version_2());
            findings.extend(bundle.records_of_version_2());
        }
        Some(BundleSchemaVersion::V1) => {
            findings.extend(bundle.flag_of_version_1());
            findings.extend(bundle.entries_of_version_1());
        }
        None => {}
    }
    findings.extend(bundle.count());
    findings.extend(bundle.window());
    findings.extend(bundle.reserved_names());
    findings
}

/// The departures of a bundle's head from its closed form: the first in a member that the schema
/// knows, and the first member that it does not know. Records have checks of their own.
#[must_use]
pub fn check_bundle_form(facts: &BundleFacts, base: &Location) -> Vec<Finding> {
    let mut head = facts.head.clone();
    if facts.has_records {
        head.insert("records", Value::array::<Value<'static>>([]));
    }
    let error = from_value::<AuditExportBundle>(&head.into()).err();
    let known = error.map(|error| form_finding(&error, base, "BUNDLE-17"));
    let unknown = facts.unknown.as_ref().map(|(name, range)| {
        let at = Location::value(base.artifact, base.pointer.clone().member(name), *range);
        let summary = format!("member `{}` is not allowed here", Excerpt(name));
        Finding::notice(ReasonClass::ObjectFormInvalid, at, summary)
            .rule("BUNDLE-17")
            .values("no such member", format!("`{}`", Excerpt(name)))
    });
    known.into_iter().chain(unknown).collect()
}

struct BundleUnderCheck<'c> {
    facts: &'c BundleFacts,
    base: &'c Location,
}

impl BundleUnderCheck<'_> {
    fn get(&self, name: &str) -> Option<&Value<'static>> {
        self.facts.head.get(name).filter(|value| !value.is_null())
    }

    /// A failure at a member of the head, or at the bundle if it has no such member.
    fn failure(&self, rule: &'static str, member: &str, summary: impl Into<String>) -> Finding {
        let pointer = self.base.pointer.clone();
        let at = match self.facts.head.get(member) {
            Some(value) => {
                Location::value(self.base.artifact, pointer.member(member), value.range())
            }
            None => Location::value(self.base.artifact, pointer, self.base.range),
        };
        Finding::failure(ReasonClass::BundleSemanticsInvalid, at, summary).rule(rule)
    }

    /// A failure at a record.
    fn record_failure(
        &self,
        rule: &'static str,
        tally: Tally,
        summary: impl Into<String>,
    ) -> Option<Finding> {
        let (index, range) = tally.first?;
        let pointer = self.base.pointer.clone().member("records").index(index);
        let at = Location::value(self.base.artifact, pointer, range);
        let finding = Finding::failure(ReasonClass::BundleSemanticsInvalid, at, summary).rule(rule);
        let more = tally.count.saturating_sub(1);
        Some(if more == 0 { finding } else { finding.detail("further_records", more.to_string()) })
    }

    /// BUNDLE-01
    fn constants(&self) -> Vec<Finding> {
        let differing = |(name, expected): (&str, &str)| {
            let value = self.get(name)?;
            if value.as_str() == Some(expected) {
                return None;
            }
            let summary = format!("`{name}` of the bundle is not `{expected}`");
            let finding = self.failure("BUNDLE-01", name, summary);
            Some(finding.values(format!("`\"{expected}\"`"), shown(value)))
        };
        CONSTANTS.into_iter().filter_map(differing).collect()
    }

    /// BUNDLE-02: with an unknown version, nobody knows what the rest means.
    fn version(&self) -> Option<Finding> {
        if self.facts.schema_version().is_some() {
            return None;
        }
        let actual = self.facts.head.get("schema_version");
        let summary = "the version of the bundle's schema is unknown";
        Some(
            self.failure("BUNDLE-02", "schema_version", summary)
                .values("`1` or `2`", actual.map_or_else(|| "none".to_string(), shown)),
        )
    }

    /// BUNDLE-03, the flag
    fn flag_of_version_2(&self) -> Option<Finding> {
        if self.facts.says_with_entries() {
            return None;
        }
        let actual = self.facts.head.get("include_chain_entries");
        let summary = "a bundle of version 2 does not say that it has chain entries";
        Some(
            self.failure("BUNDLE-03", "include_chain_entries", summary)
                .values("`true`", actual.map_or_else(|| "none".to_string(), shown)),
        )
    }

    /// BUNDLE-03, the records. Entries of the bundle as a whole stand in for those of records.
    fn records_of_version_2(&self) -> Option<Finding> {
        if self.facts.bundle_entries.is_some() {
            return None;
        }
        let summary = "a record of a bundle of version 2 has no chain entries";
        let finding = self.record_failure("BUNDLE-03", self.facts.without_entries, summary)?;
        Some(finding.values("a member `chain_entries`", "none"))
    }

    /// BUNDLE-04, the flag
    fn flag_of_version_1(&self) -> Option<Finding> {
        if !self.facts.says_with_entries() {
            return None;
        }
        let summary = "a bundle of version 1 says that it has chain entries";
        let finding = self.failure("BUNDLE-04", "include_chain_entries", summary);
        Some(finding.values("`false`, or no such member", "`true`"))
    }

    /// BUNDLE-04, the entries: they would look verified although nothing walks them.
    fn entries_of_version_1(&self) -> Option<Finding> {
        let summary = "a bundle of version 1 has chain entries";
        let finding = match self.facts.bundle_entries {
            Some(range) => {
                let pointer = self.base.pointer.clone().member("chain_entries");
                let at = Location::value(self.base.artifact, pointer, range);
                Finding::failure(ReasonClass::BundleSemanticsInvalid, at, summary).rule("BUNDLE-04")
            }
            None => self.record_failure("BUNDLE-04", self.facts.with_entries, summary)?,
        };
        Some(finding.values("no chain entries", "chain entries"))
    }

    /// BUNDLE-05
    fn count(&self) -> Option<Finding> {
        let declared = self.get("record_count")?.as_u64()?;
        let counted = self.facts.records;
        if !self.facts.has_records || declared == counted {
            return None;
        }
        let summary = "the bundle has another number of records than it says";
        let finding = self.failure("BUNDLE-05", "record_count", summary);
        Some(finding.values(format!("`{counted}`"), format!("`{declared}`")))
    }

    /// AMB-49
    fn window(&self) -> Option<Finding> {
        let (from, to) = (self.get("from")?.as_str()?, self.get("to")?.as_str()?);
        if Instant::parse(from)? < Instant::parse(to)? {
            return None;
        }
        let summary = "the bundle's time range ends before it starts, or is empty";
        let finding = self.failure("BUNDLE-17", "to", summary);
        Some(
            finding
                .values(format!("a time after `{}`", Excerpt(from)), format!("`{}`", Excerpt(to))),
        )
    }

    /// BUNDLE-21
    fn reserved_names(&self) -> Vec<Finding> {
        let used = |(name, range): &(&'static str, ByteRange)| {
            let pointer = self.base.pointer.clone().member(name);
            let at = Location::value(self.base.artifact, pointer, *range);
            let summary = format!("the name `{name}` is reserved for a later version");
            Finding::notice(ReasonClass::ReservedNameUsed, at, summary)
                .rule("BUNDLE-21")
                .values("no such member", format!("`{name}`"))
        };
        self.facts.reserved.iter().map(used).collect()
    }
}

const CONSTANTS: [(&str, &str); 3] = [
    ("bundle_type", BundleType::TEXT),
    ("format", BundleFormat::TEXT),
    ("time_range_basis", TimeRangeBasis::TEXT),
];

/// The members of a bundle; `records` is one if it is no array.
const HEAD: [&str; 11] = [
    "bundle_type",
    "schema_version",
    "format",
    "project_id",
    "time_range_basis",
    "from",
    "to",
    "generated_at",
    "record_count",
    "include_chain_entries",
    "records",
];

const RESERVED: [&str; 2] = ["signature_v2", "witnesses"];
