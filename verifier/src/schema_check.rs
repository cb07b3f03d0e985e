// SPDX-License-Identifier: Apache-2.0

//! A generated schema, held against a document of the strict reader.
//!
//! This is not a validator for any schema: it knows the keywords that the generated ones use, and
//! a test holds it against a full implementation over thousands of documents. It is here since the
//! types stop at the first mistake, and since other validators lose what a person needs to find
//! one: the bytes of a value, the name of a member that is too much, the branch that was meant.
//!
//! ```text
//! type, enum, const                      format date-time, uuid   (asserted, Q2)
//! required, properties, additionalProperties
//! items, minItems, uniqueItems           minLength, maxLength, pattern
//! minimum                                $ref into $defs
//! allOf, anyOf, oneOf, not, if/then/else
//! ```

use std::collections::{BTreeMap, BTreeSet};

use permit_canonical_json::{ByteRange, Excerpt, JsonPointer, Kind, Node, Object, Value};
use permit_claims::to_pretty_text;
use permit_failure_codes::ReasonClass;
use permit_types::{Finding, Location, PermitId, Rfc3339};
use regex_lite::Regex;

use crate::schema_list::{DocumentKind, schema_value};

/// A schema that is ready to be held against documents.
///
/// ```
/// use permit_canonical_json::{Budget, read};
/// use permit_verifier::{DocumentForm, DocumentKind};
///
/// let form = DocumentForm::of(DocumentKind::named("permit-revoked-event").unwrap());
/// let event = br#"{"permit_id": 7, "note": "by mistake"}"#;
/// let findings = form.check(&read(event, &Budget::default())?).findings;
///
/// let at = |place: &str| findings.iter().find(|one| one.at.pointer.to_string() == place).unwrap();
/// assert_eq!(at("/permit_id").summary, "found `7` where a string belongs");
/// assert_eq!(at("/note").summary, "member `note` is not allowed here");
/// # Ok::<(), permit_canonical_json::ReadError>(())
/// ```
#[derive(Debug)]
pub struct DocumentForm {
    kind: DocumentKind,
    schema: Value<'static>,
    patterns: BTreeMap<String, Regex>,
}

/// What is wrong with a document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FormFindings {
    /// Departures from the form, in the order of the document, and broken rules.
    pub findings: Vec<Finding>,
    /// Departures that are counted only.
    pub left_out: u64,
}

impl DocumentForm {
    /// The form of documents of this kind.
    #[must_use]
    pub fn of(kind: DocumentKind) -> Self {
        let schema = schema_value(&kind.schema());
        let mut patterns = BTreeMap::new();
        compile_patterns(&schema, &mut patterns);
        Self { kind, schema, patterns }
    }

    /// The kind of document.
    #[must_use]
    pub fn kind(&self) -> DocumentKind {
        self.kind
    }

    /// Whether the document is what the schema describes, formats included.
    ///
    /// The types may still refuse it: `1.0` is an integer for a schema, but another text than `1`
    /// for whoever hashes it (AMB-52).
    #[must_use]
    pub fn fits(&self, document: &Value<'_>) -> bool {
        self.departures(document).is_empty()
    }

    /// Everything that is wrong with a document: departures from its schema, what its type refuses
    /// beside those, and the rules that need no key.
    #[must_use]
    pub fn check(&self, document: &Value<'_>) -> FormFindings {
        let mut departures = self.departures(document);
        departures.sort_by_key(|departure| (departure.range.start, departure.range.end));
        let left_out = departures.len().saturating_sub(SHOWN);
        departures.truncate(SHOWN);
        let artifact = self.kind.artifact();
        let mut findings: Vec<Finding> = departures
            .into_iter()
            .map(|departure| {
                let Departure { pointer, range, summary, expected, actual } = departure;
                let at = Location::value(artifact, pointer, range);
                let finding = Finding::failure(ReasonClass::ObjectFormInvalid, at, summary)
                    .values(expected, actual)
                    .help("mend the value at this place, or name another schema");
                match self.kind.rule() {
                    Some(rule) => finding.rule(rule),
                    None => finding,
                }
            })
            .collect();
        let known = |findings: &[Finding], one: &Finding| {
            findings.iter().any(|other| other.at.pointer == one.at.pointer)
        };
        let by_type = self.kind.refused_by_type(document);
        // With departures at hand, the type could only say one of them again.
        findings.extend(by_type.filter(|_| findings.is_empty()));
        for finding in self.kind.semantic_findings(document) {
            if !known(&findings, &finding) {
                findings.push(finding);
            }
        }
        FormFindings { findings, left_out: u64::try_from(left_out).unwrap_or(u64::MAX) }
    }

    fn departures(&self, document: &Value<'_>) -> Vec<Departure> {
        let mut check = Check { form: self, pointer: Vec::new(), departures: Vec::new() };
        check.value(&self.schema, document);
        check.departures
    }
}

/// One place where a document departs from its schema.
#[derive(Clone, Debug)]
struct Departure {
    pointer: JsonPointer,
    range: ByteRange,
    summary: String,
    expected: String,
    actual: String,
}

/// A step on the way to the value that is looked at.
#[derive(Clone, Copy)]
enum Step<'d> {
    Member(&'d str),
    Index(u64),
}

/// A document on its way through a schema.
struct Check<'d> {
    form: &'d DocumentForm,
    pointer: Vec<Step<'d>>,
    departures: Vec<Departure>,
}

impl<'d> Check<'d> {
    /// Holds a schema against a value.
    fn value(&mut self, schema: &'d Value<'static>, value: &'d Value<'_>) {
        let Some(schema) = schema.as_object() else {
            if schema.as_bool() == Some(false) {
                self.wrong(value, "nothing".to_owned());
            }
            return;
        };
        if let Some(target) = schema.get("$ref").and_then(Value::as_str)
            && let Some(definition) = self.definition(target)
        {
            self.value(definition, value);
        }
        if !self.kind(schema, value) {
            return;
        }
        self.words(schema, value);
        match value.node() {
            Node::String(text) => self.text(schema, value, text),
            Node::Number(_) => self.number(schema, value),
            Node::Array(elements) => self.elements(schema, value, elements),
            Node::Object(object) => self.members(schema, value, object),
            Node::Null | Node::Bool(_) => {}
        }
        self.combined(schema, value);
    }

    fn definition(&self, target: &str) -> Option<&'d Value<'static>> {
        let form: &'d DocumentForm = self.form;
        form.schema.get("$defs")?.get(target.strip_prefix("#/$defs/")?)
    }

    /// `type`; says whether it is worth looking further.
    fn kind(&mut self, schema: &Object<'static>, value: &Value<'_>) -> bool {
        let kinds = listed(schema.get("type"));
        if kinds.is_empty() || kinds.iter().any(|kind| is_of_kind(kind, value)) {
            return true;
        }
        let expected: Vec<&str> = kinds.iter().map(|kind| in_words(kind)).collect();
        self.wrong_kind(value, expected.join(" or "));
        false
    }

    /// `enum` and `const`.
    fn words(&mut self, schema: &Object<'static>, value: &Value<'_>) {
        if let Some(only) = schema.get("const").filter(|only| !equal(only, value)) {
            self.wrong(value, shown(only));
        }
        let allowed = schema.get("enum").and_then(Value::as_array);
        if let Some(allowed) = allowed.filter(|all| !all.iter().any(|one| equal(one, value))) {
            let allowed: Vec<String> = allowed.iter().map(shown).collect();
            self.wrong(value, format!("one of {}", allowed.join(", ")));
        }
    }

    fn text(&mut self, schema: &Object<'static>, value: &Value<'_>, text: &str) {
        let length = u64::try_from(text.chars().count()).unwrap_or(u64::MAX);
        if let Some(least) = bound(schema, "minLength").filter(|least| length < *least) {
            let expected = match least {
                1 => "text that is not empty".to_owned(),
                _ => format!("text of at least {least} characters"),
            };
            self.wrong(value, expected);
        } else if let Some(most) = bound(schema, "maxLength").filter(|most| length > *most) {
            self.wrong(value, format!("text of at most {most} characters"));
        } else if let Some(pattern) = schema.get("pattern").and_then(Value::as_str) {
            let pattern = self.form.patterns.get(pattern);
            if let Some(pattern) = pattern.filter(|pattern| !pattern.is_match(text)) {
                self.wrong(value, format!("text of the form `{}`", pattern.as_str()));
            }
        }
        match schema.get("format").and_then(Value::as_str) {
            Some("uuid") if PermitId::parse(text).is_none() => {
                self.wrong(value, "a UUID".to_owned());
            }
            Some("date-time") if Rfc3339::parse(text).is_none() => {
                self.wrong(value, "a date and time of RFC 3339".to_owned());
            }
            _ => {}
        }
    }

    fn number(&mut self, schema: &Object<'static>, value: &Value<'_>) {
        let Some(least) = schema.get("minimum").and_then(Value::as_number) else { return };
        let is_less = match (value.as_i64(), least.as_i64()) {
            (Some(value), Some(least)) => value < least,
            _ => value.as_number().is_some_and(|number| number.to_f64() < least.to_f64()),
        };
        if is_less {
            self.wrong(value, format!("a number of at least {}", least.as_str()));
        }
    }

    fn elements(
        &mut self,
        schema: &'d Object<'static>,
        value: &'d Value<'_>,
        elements: &'d [Value<'_>],
    ) {
        let length = u64::try_from(elements.len()).unwrap_or(u64::MAX);
        if let Some(least) = bound(schema, "minItems").filter(|least| length < *least) {
            self.wrong(value, format!("an array of at least {least} elements"));
        }
        if schema.get("uniqueItems").and_then(Value::as_bool) == Some(true) {
            let mut seen = BTreeSet::new();
            for (index, element) in (0_u64..).zip(elements) {
                if !seen.insert(to_pretty_text(element)) {
                    self.pointer.push(Step::Index(index));
                    self.wrong(element, "an element that is not there already".to_owned());
                    self.pointer.pop();
                }
            }
        }
        if let Some(of_items) = schema.get("items") {
            for (index, element) in (0_u64..).zip(elements) {
                self.pointer.push(Step::Index(index));
                self.value(of_items, element);
                self.pointer.pop();
            }
        }
    }

    fn members(
        &mut self,
        schema: &'d Object<'static>,
        value: &'d Value<'_>,
        object: &'d Object<'_>,
    ) {
        for name in listed(schema.get("required")) {
            if object.get(name).is_none() {
                let summary = format!("required member `{}` is missing", Excerpt(name));
                let expected = format!("a member `{}`", Excerpt(name));
                self.depart(value.range(), summary, expected, "none".to_owned());
            }
        }
        let known = schema.get("properties").and_then(Value::as_object);
        let others = schema.get("additionalProperties");
        for member in object.members() {
            self.pointer.push(Step::Member(member.name()));
            match (known.and_then(|known| known.get(member.name())), others) {
                (Some(known), _) => self.value(known, member.value()),
                (None, Some(others)) if others.as_bool() == Some(false) => {
                    let name = format!("`{}`", Excerpt(member.name()));
                    let summary = format!("member {name} is not allowed here");
                    self.depart(member.name_range(), summary, "no such member".to_owned(), name);
                }
                (None, Some(others)) => self.value(others, member.value()),
                (None, None) => {}
            }
            self.pointer.pop();
        }
    }

    /// Schemas that are made of others.
    fn combined(&mut self, schema: &'d Object<'static>, value: &'d Value<'_>) {
        for all in array(schema, "allOf") {
            self.value(all, value);
        }
        for (name, only_one) in [("anyOf", false), ("oneOf", true)] {
            let branches = array(schema, name);
            if !branches.is_empty() {
                self.branches(branches, value, only_one);
            }
        }
        if let Some(not) = schema.get("not")
            && self.tried(not, value).is_empty()
        {
            self.wrong(value, format!("a value that is not of the form {}", in_one_line(not)));
        }
        if let Some(condition) = schema.get("if") {
            let holds = self.tried(condition, value).is_empty();
            if let Some(then) = schema.get(if holds { "then" } else { "else" }) {
                self.value(then, value);
            }
        }
    }

    /// `anyOf` and `oneOf`: if none fits, the departures from the branch that was meant.
    fn branches(&mut self, branches: &'d [Value<'static>], value: &'d Value<'_>, only_one: bool) {
        let mut meant: Option<Vec<Departure>> = None;
        let mut fitting = 0_usize;
        for branch in branches {
            let departures = self.tried(branch, value);
            if departures.is_empty() {
                fitting = fitting.saturating_add(1);
                if !only_one {
                    return;
                }
            } else if meant.as_ref().is_none_or(|meant| is_nearer(&departures, meant, value)) {
                meant = Some(departures);
            }
        }
        match (fitting, meant) {
            (1, _) => {}
            (0, Some(meant)) => self.departures.extend(meant),
            _ => self.wrong(value, "a value that fits one form only".to_owned()),
        }
    }

    /// The departures of a value from a schema, without counting them.
    fn tried(&mut self, schema: &'d Value<'static>, value: &'d Value<'_>) -> Vec<Departure> {
        let before = std::mem::take(&mut self.departures);
        self.value(schema, value);
        std::mem::replace(&mut self.departures, before)
    }

    fn wrong_kind(&mut self, value: &Value<'_>, expected: String) {
        let actual = shown(value);
        let summary = format!("found {actual} where {expected} belongs");
        self.depart(value.range(), summary, expected, actual);
    }

    fn wrong(&mut self, value: &Value<'_>, expected: String) {
        let actual = shown(value);
        self.depart(value.range(), format!("{actual} is not {expected}"), expected, actual);
    }

    fn depart(&mut self, range: ByteRange, summary: String, expected: String, actual: String) {
        let pointer = self.pointer.iter().fold(JsonPointer::root(), |pointer, step| match step {
            Step::Member(name) => pointer.member(name),
            Step::Index(index) => pointer.index(*index),
        });
        self.departures.push(Departure { pointer, range, summary, expected, actual });
    }
}

/// Whether departures tell more of what was meant: not that the whole value is of another kind,
/// and as few as can be.
fn is_nearer(these: &[Departure], those: &[Departure], value: &Value<'_>) -> bool {
    let rank = |departures: &[Departure]| {
        let whole = departures.iter().any(|departure| {
            departure.range == value.range() && departure.summary.starts_with("found ")
        });
        (whole, departures.len())
    };
    rank(these) < rank(those)
}

fn compile_patterns(schema: &Value<'_>, patterns: &mut BTreeMap<String, Regex>) {
    for element in schema.as_array().unwrap_or_default() {
        compile_patterns(element, patterns);
    }
    for member in schema.as_object().map(Object::members).unwrap_or_default() {
        match member.value().as_str() {
            Some(text) if member.name() == "pattern" => {
                if let Ok(pattern) = Regex::new(text) {
                    patterns.insert(text.to_owned(), pattern);
                }
            }
            _ => compile_patterns(member.value(), patterns),
        }
    }
}

/// A text or a list of texts.
fn listed<'v>(value: Option<&'v Value<'_>>) -> Vec<&'v str> {
    let Some(value) = value else { return Vec::new() };
    match value.as_array() {
        Some(elements) => elements.iter().filter_map(Value::as_str).collect(),
        None => value.as_str().into_iter().collect(),
    }
}

fn array<'s>(schema: &'s Object<'static>, name: &str) -> &'s [Value<'static>] {
    schema.get(name).and_then(Value::as_array).unwrap_or_default()
}

fn bound(schema: &Object<'_>, name: &str) -> Option<u64> {
    schema.get(name).and_then(Value::as_u64)
}

fn is_of_kind(kind: &str, value: &Value<'_>) -> bool {
    match (kind, value.kind()) {
        ("null", Kind::Null)
        | ("boolean", Kind::Bool)
        | ("string", Kind::String)
        | ("number", Kind::Number)
        | ("array", Kind::Array)
        | ("object", Kind::Object) => true,
        // Q5: what matters to a schema is the value, not how it is written.
        ("integer", Kind::Number) => value.as_number().is_some_and(|number| {
            value.as_i64().is_some() || value.as_u64().is_some() || {
                let number = number.to_f64();
                number.is_finite() && number.fract() == 0.0
            }
        }),
        _ => false,
    }
}

fn in_words(kind: &str) -> &str {
    match kind {
        "boolean" => "`true` or `false`",
        "string" => "a string",
        "number" => "a number",
        "integer" => "an integer",
        "array" => "an array",
        "object" => "an object",
        "null" => "`null`",
        other => other,
    }
}

/// Equal as JSON Schema has it: numbers by value.
fn equal(expected: &Value<'_>, value: &Value<'_>) -> bool {
    match (expected.as_number(), value.as_number()) {
        (Some(expected), Some(value)) => expected.to_f64() == value.to_f64(),
        _ => expected == value,
    }
}

/// A value in one line: a scalar as it is written, a container by its kind.
fn shown(value: &Value<'_>) -> String {
    match value.node() {
        Node::String(text) => format!("`\"{}\"`", Excerpt(text)),
        Node::Number(number) => format!("`{}`", Excerpt(number.as_str())),
        Node::Bool(truth) => format!("`{truth}`"),
        Node::Null => "`null`".to_owned(),
        Node::Array(_) | Node::Object(_) => value.kind().to_string(),
    }
}

fn in_one_line(value: &Value<'_>) -> String {
    to_pretty_text(value).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Departures that are shown; a hostile document could have millions.
const SHOWN: usize = 1_000;

/// The keywords that are understood, and those that say nothing about values.
#[cfg(test)]
const KNOWN: [&str; 28] = [
    "$comment",
    "$defs",
    "$ref",
    "$schema",
    "additionalProperties",
    "allOf",
    "anyOf",
    "const",
    "default",
    "description",
    "else",
    "enum",
    "format",
    "if",
    "items",
    "maxLength",
    "minItems",
    "minLength",
    "minimum",
    "not",
    "oneOf",
    "pattern",
    "properties",
    "required",
    "then",
    "title",
    "type",
    "uniqueItems",
];

#[cfg(test)]
mod tests {
    use permit_canonical_json::{Budget, read_text};

    use super::*;

    #[test]
    fn every_keyword_of_every_schema_is_understood() {
        fn look(schema: &Value<'_>) {
            for member in schema.as_object().map(Object::members).unwrap_or_default() {
                assert!(KNOWN.contains(&member.name()), "{}", member.name());
                let value = member.value();
                match member.name() {
                    "properties" | "$defs" => {
                        value
                            .as_object()
                            .unwrap()
                            .members()
                            .iter()
                            .for_each(|one| look(one.value()));
                    }
                    "allOf" | "anyOf" | "oneOf" => value.as_array().unwrap().iter().for_each(look),
                    "items" | "not" | "if" | "then" | "else" | "additionalProperties" => {
                        look(value)
                    }
                    "format" => assert!(["uuid", "date-time"].contains(&value.as_str().unwrap())),
                    "$ref" => assert!(value.as_str().unwrap().starts_with("#/$defs/")),
                    _ => {}
                }
            }
        }
        for kind in DocumentKind::all() {
            let form = DocumentForm::of(kind);
            look(&form.schema);
            let text = kind.schema_text();
            let patterns = text.matches("\"pattern\": ").count();
            assert!(patterns == 0 || !form.patterns.is_empty(), "{}", kind.name());
        }
    }

    fn check(kind: &str, document: &str) -> Vec<(String, String)> {
        let form = DocumentForm::of(DocumentKind::named(kind).unwrap());
        let findings = form.check(&read_text(document, &Budget::default()).unwrap()).findings;
        let place = |finding: &Finding| finding.at.pointer.to_string();
        findings.iter().map(|finding| (place(finding), finding.summary.clone())).collect()
    }

    #[test]
    fn all_departures_are_found_each_at_its_place() {
        let found = check("key-manifest", r#"{"keys": [{"public_key": "x"}, 7, {"valid_to": 1}]}"#);
        let places: Vec<&str> = found.iter().map(|(place, _)| place.as_str()).collect();
        assert_eq!(places, ["/keys/0/public_key", "/keys/1", "/keys/2", "/keys/2/valid_to"]);
        assert_eq!(found[1].1, "found `7` where an object belongs");
        assert_eq!(found[3].1, "found `1` where a string or `null` belongs");
    }

    #[test]
    fn sfe_09_of_alternatives_the_one_that_was_meant_is_judged() {
        let start = r#"{"scope_faithfulness": {"version": "keel.export_scope_faithfulness.v1",
            "segments": [{"declared_start": {"kind": "genesis", "chain_scope": "",
            "sequence_number": 1, "genesis_prev_hash": "x"}}]}}"#;
        let found = check("export-scope-faithfulness-v1", start);
        let of_start: Vec<_> =
            found.iter().filter(|(place, _)| place.contains("declared_start")).collect();
        assert_eq!(of_start.len(), 1, "{of_start:?}");
        assert_eq!(of_start[0].0, "/scope_faithfulness/segments/0/declared_start/chain_scope");
    }

    #[test]
    fn amb_52_what_only_the_type_refuses_is_found_too() {
        let entry = |number: &str| {
            let hash = "a1f8d4c7e3b9a2d6f1e4b8c5a9d2f7e3c4b6a1d8f5e2c9b7a4d1f6e3b8c5a2d7";
            format!(
                r#"{{"event_id": "e", "event_type": "t", "resource_type": null, "resource_id": null,
                "outcome": null, "severity": "info", "chain_scope": "s", "sequence_number": {number},
                "record_hash": "{hash}", "prev_hash": "{hash}", "payload_json": {{}},
                "created_at": "2026-05-10T00:00:00Z", "chain_format_version": "v1"}}"#
            )
        };
        assert_eq!(check("chain-entry", &entry("1")), []);
        let found = check("chain-entry", &entry("1.0"));
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0].0, "/sequence_number");
        let form = DocumentForm::of(DocumentKind::named("chain-entry").unwrap());
        assert!(form.fits(&read_text(&entry("1.0"), &Budget::default()).unwrap()), "Q5");
    }

    #[test]
    fn hostile_documents_do_not_fill_a_report() {
        let many = format!(r#"{{"keys": [{}]}}"#, vec!["7"; 3_000].join(","));
        let form = DocumentForm::of(DocumentKind::named("key-manifest").unwrap());
        let found = form.check(&read_text(&many, &Budget::default()).unwrap());
        assert_eq!((found.findings.len(), found.left_out), (1_000, 2_000));
    }
}
