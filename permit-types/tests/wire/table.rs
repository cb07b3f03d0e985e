// SPDX-License-Identifier: Apache-2.0

//! A notation for objects, and the documents that follow from it.
//!
//! One line for each member: name, presence, kind.
//!
//! ```text
//! !    required                       str 1..26     text of 1 to 26 characters
//! !?   required, may be null          int 0..       integer, with its least value
//! ?    may be absent or null          word a|b      one of these words
//! +    may be absent but not null     list KIND     array; list+ not empty; set without repetition
//! ~    as +, and other members        @Name         the object of another table
//!      decide with it
//! ```

use permit_canonical_json::{Budget, Node, Object, Value, read_text};

pub(crate) type Json = Value<'static>;

pub(crate) fn json(text: &str) -> Json {
    read_text(text, &Budget::default()).unwrap().into_owned()
}

/// The document as text, for messages.
pub(crate) fn written(document: &Json) -> String {
    let text = serde_json::to_string(document).unwrap();
    text.chars().take(1_500).collect()
}

/// The document without its null members, which are not always told from absent ones.
pub(crate) fn without_nulls(document: &Json) -> Json {
    if let Some(elements) = document.as_array() {
        return Value::array(elements.iter().map(without_nulls));
    }
    let Some(object) = document.as_object() else { return document.clone() };
    let kept = object.members().iter().filter(|member| !member.value().is_null());
    Value::object(kept.map(|member| (member.name().to_owned(), without_nulls(member.value()))))
}

/// The document with one member set.
pub(crate) fn with(document: &Json, name: &str, value: impl Into<Json>) -> Json {
    let mut object = members(document);
    object.insert(name.to_owned(), value);
    object.into()
}

/// The document without one member.
pub(crate) fn without(document: &Json, name: &str) -> Json {
    let mut object = members(document);
    object.remove(name);
    object.into()
}

fn members(document: &Json) -> Object<'static> {
    match document.clone().into_node() {
        Node::Object(object) => object,
        _ => panic!("not an object"),
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Presence {
    Required,
    RequiredNullable,
    Nullable,
    NotNull,
}

impl Presence {
    fn parse(text: &str) -> Self {
        match text {
            "!" => Self::Required,
            "!?" => Self::RequiredNullable,
            "?" => Self::Nullable,
            "+" | "~" => Self::NotNull,
            other => panic!("unknown presence {other}"),
        }
    }

    pub(crate) fn is_required(self) -> bool {
        matches!(self, Self::Required | Self::RequiredNullable)
    }

    pub(crate) fn takes_null(self) -> bool {
        matches!(self, Self::RequiredNullable | Self::Nullable)
    }
}

#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) name: &'static str,
    pub(crate) presence: Presence,
    /// Whether the value decides about other members, or they about it.
    pub(crate) entangled: bool,
    /// Values that are allowed, the simplest first.
    pub(crate) good: Vec<Json>,
    /// Values that are not.
    pub(crate) bad: Vec<Json>,
}

#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) closed: bool,
    pub(crate) lines: Vec<Line>,
}

impl Table {
    pub(crate) fn parse(text: &'static str) -> Self {
        let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        let closed = match lines.next() {
            Some("closed") => true,
            Some("open") => false,
            other => panic!("a table starts with `closed` or `open`, not {other:?}"),
        };
        Self { closed, lines: lines.map(Line::parse).collect() }
    }

    /// The document with the required members only.
    pub(crate) fn minimal(&self) -> Json {
        document(self.lines.iter().filter(|line| line.presence.is_required()))
    }

    /// The document with all members.
    pub(crate) fn full(&self) -> Json {
        document(self.lines.iter())
    }
}

fn document<'t>(lines: impl Iterator<Item = &'t Line>) -> Json {
    Value::object(lines.map(|line| (line.name, line.good[0].clone())))
}

impl Line {
    fn parse(line: &'static str) -> Self {
        let (name, presence, kind) = parts(line);
        let entangled = presence == "~";
        let presence = Presence::parse(presence);
        Self { name, presence, entangled, good: good(kind), bad: bad(kind) }
    }
}

/// A line of a table: name, presence, kind.
fn parts(line: &'static str) -> (&'static str, &'static str, &'static str) {
    let (name, rest) = line.split_once(' ').unwrap_or_else(|| panic!("incomplete line: {line}"));
    let rest = rest.trim_start();
    let (presence, kind) = rest.split_once(' ').unwrap_or_else(|| panic!("incomplete: {line}"));
    (name, presence, kind.trim())
}

/// A table without any values: what it says, and nothing that follows.
#[cfg(feature = "schema")]
#[derive(Clone, Debug)]
pub(crate) struct Outline {
    pub(crate) closed: bool,
    /// Name, presence, kind.
    pub(crate) lines: Vec<(&'static str, Presence, &'static str)>,
}

#[cfg(feature = "schema")]
impl Outline {
    pub(crate) fn parse(text: &'static str) -> Self {
        let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        let closed = lines.next() == Some("closed");
        let lines = lines.map(|line| {
            let (name, presence, kind) = parts(line);
            (name, Presence::parse(presence), kind)
        });
        Self { closed, lines: lines.collect() }
    }
}

/// One value of each kind of JSON; the integer has no fraction, since `1.0` is where type and
/// schema differ on purpose (AMB-52).
pub(crate) fn exemplars() -> Vec<Json> {
    ["null", "true", "7", "1.5", "\"text\"", "[]", "{}"].map(json).into()
}

/// A text that has the form of none of the kinds of text.
fn text(text: impl Into<String>) -> Json {
    text.into().into()
}

pub(crate) fn good(kind: &str) -> Vec<Json> {
    let (head, rest) = kind.split_once(' ').unwrap_or((kind, ""));
    match head {
        "any" => vec![json("[1.0, {}]"), json("0"), text(""), json("false"), json("null")],
        "bool" => vec![json("false"), json("true")],
        "obj" => vec![json("{}"), json(r#"{"x": [1.0, null], "": {}}"#)],
        "str" => {
            let (least, most) = limits(rest);
            let long = "é".repeat(most.unwrap_or(300));
            vec![text("text"), text("x".repeat(least)), text(long)]
        }
        "int" => {
            let least = rest.strip_suffix("..").unwrap_or("-1");
            vec![json("7"), json(least), json("9223372036854775807")]
        }
        "num" => vec![json("0"), json("0.000123"), json("1e3"), json("18446744073709551616")],
        "number" => rest.split('|').map(json).collect(),
        "word" => rest.split('|').map(text).collect(),
        "const" => vec![text(rest)],
        "list" | "set" => {
            let element = &good(rest)[0];
            let mut lists = vec![Value::array([element.clone()]), json("[]")];
            if head == "list" {
                lists.push(Value::array([element.clone(), element.clone()]));
            }
            lists
        }
        "list+" => vec![Value::array([good(rest)[0].clone()])],
        _ => match kind.strip_prefix('@') {
            Some(name) => {
                let table = super::objects::table(name);
                vec![table.minimal(), table.full()]
            }
            None => form(kind).0.iter().map(|good| text(*good)).collect(),
        },
    }
}

pub(crate) fn bad(kind: &str) -> Vec<Json> {
    let (head, rest) = kind.split_once(' ').unwrap_or((kind, ""));
    let not = |kinds: &[&str]| -> Vec<Json> {
        let other = |value: &Json| !kinds.contains(&value.kind().as_str()) && !value.is_null();
        exemplars().into_iter().filter(other).collect()
    };
    let numbers = |extra: &[&str]| {
        let mut bad = not(&["a number"]);
        bad.extend(extra.iter().copied().map(json));
        bad
    };
    match head {
        "any" => vec![],
        "bool" => not(&["a boolean"]),
        "obj" => not(&["an object"]),
        "str" => {
            let mut bad = not(&["a string"]);
            let (least, most) = limits(rest);
            if least > 0 {
                bad.push(text("x".repeat(least - 1)));
            }
            bad.extend(most.map(|most| text("é".repeat(most + 1))));
            bad
        }
        "int" => match rest.strip_suffix("..") {
            Some(least) => numbers(&["1.5", &(least.parse::<i64>().unwrap() - 1).to_string()]),
            None => numbers(&["1.5", "0.5"]),
        },
        "num" => numbers(&["-0.000123", "-1"]),
        "number" => numbers(&["0", "3", "-1", "1.5", "\"1\"", "\"2\""]),
        "word" => {
            let mut bad = not(&[]);
            let first = rest.split('|').next().unwrap_or_default();
            bad.extend([text(""), text(first.to_uppercase()), text(format!("{first} "))]);
            bad
        }
        "const" => {
            let mut bad = not(&[]);
            bad.extend([text(""), text(format!("{rest}x")), text(rest.to_uppercase())]);
            bad.retain(|value| value.as_str() != Some(rest));
            bad
        }
        "list" | "list+" | "set" => {
            let mut bad = not(&["an array"]);
            bad.extend(self::bad(rest).into_iter().map(|element| Value::array([element])));
            if head == "list+" {
                bad.push(json("[]"));
            }
            if head == "set" {
                let element = &good(rest)[0];
                bad.push(Value::array([element.clone(), element.clone()]));
            }
            bad
        }
        _ => match kind.strip_prefix('@') {
            Some(name) => {
                let table = super::objects::table(name);
                let mut bad = not(&["an object"]);
                if let Some(line) = table.lines.iter().find(|line| line.presence.is_required()) {
                    bad.push(without(&table.full(), line.name));
                }
                if table.closed {
                    bad.push(with(&table.full(), "nobody_knows", 1));
                }
                bad
            }
            None => {
                let mut bad = not(&["a string"]);
                bad.extend(form(kind).1.iter().map(|bad| text(*bad)));
                bad
            }
        },
    }
}

pub(crate) fn limits(range: &str) -> (usize, Option<usize>) {
    let Some((least, most)) = range.split_once("..") else { return (0, None) };
    (least.parse().unwrap(), most.parse().ok())
}

/// Texts that have a form, and texts that nearly have it.
fn form(kind: &str) -> (&'static [&'static str], &'static [&'static str]) {
    match kind {
        "uuid" => (
            &["9f2e3a40-1c5d-4d8b-9a4c-7f6e2b1d8c01", "9F2E3A40-1C5D-4D8B-9A4C-7F6E2B1D8C01"],
            &[
                "",
                "9f2e3a40-1c5d-4d8b-9a4c-7f6e2b1d8c0",
                "9f2e3a40-1c5d-4d8b-9a4c-7f6e2b1d8c011",
                "9f2e3a401c5d4d8b9a4c7f6e2b1d8c01",
                "gf2e3a40-1c5d-4d8b-9a4c-7f6e2b1d8c01",
            ],
        ),
        "dt" => (
            &[
                "2026-05-10T12:34:56Z",
                "2026-05-10T12:34:56.123456+00:00",
                "2026-05-10T14:34:56+02:00",
            ],
            &["", "2026-05-10", "2026-05-10T12:34:56", "2026-02-30T00:00:00Z", "1778416496"],
        ),
        "hex64" => (
            &["a1f8d4c7e3b9a2d6f1e4b8c5a9d2f7e3c4b6a1d8f5e2c9b7a4d1f6e3b8c5a2d7"],
            &[
                "",
                "A1F8D4C7E3B9A2D6F1E4B8C5A9D2F7E3C4B6A1D8F5E2C9B7A4D1F6E3B8C5A2D7",
                "a1f8d4c7e3b9a2d6f1e4b8c5a9d2f7e3c4b6a1d8f5e2c9b7a4d1f6e3b8c5a2d",
                "a1f8d4c7e3b9a2d6f1e4b8c5a9d2f7e3c4b6a1d8f5e2c9b7a4d1f6e3b8c5a2d70",
                "g1f8d4c7e3b9a2d6f1e4b8c5a9d2f7e3c4b6a1d8f5e2c9b7a4d1f6e3b8c5a2d7",
                "sha256:a1f8d4c7e3b9a2d6f1e4b8c5a9d2f7e3c4b6a1d8f5e2c9b7a4d1f6e3b8c5a2d7",
            ],
        ),
        "sha256" => (
            &["sha256:a1f8d4c7e3b9a2d6f1e4b8c5a9d2f7e3c4b6a1d8f5e2c9b7a4d1f6e3b8c5a2d7"],
            &[
                "",
                "a1f8d4c7e3b9a2d6f1e4b8c5a9d2f7e3c4b6a1d8f5e2c9b7a4d1f6e3b8c5a2d7",
                "sha256:A1F8D4C7E3B9A2D6F1E4B8C5A9D2F7E3C4B6A1D8F5E2C9B7A4D1F6E3B8C5A2D7",
                "SHA256:a1f8d4c7e3b9a2d6f1e4b8c5a9d2f7e3c4b6a1d8f5e2c9b7a4d1f6e3b8c5a2d7",
                "sha256:a1f8",
            ],
        ),
        "ed25519" => (
            &["ed25519:c2lnbmVk", "ed25519:+/9A==", "ed25519:x="],
            &["", "ed25519:", "c2lnbmVk", "ed25519:A===", "ed25519:A-_", "ed25519:A=A"],
        ),
        "sig64" => (
            &[concat!(
                "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
                "+++++++++++++++++++++++++++++++++++++++++/9==",
            )],
            &[
                "",
                "AAAA==",
                concat!(
                    "ed25519:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
                    "+++++++++++++++++++++++++++++++++++++++++/9==",
                ),
            ],
        ),
        "reason_code" => {
            (&["operator.request", "a", "a_1.2.b"], &["", "A", "a.", "1a", "a b", "a..b"])
        }
        "workflow_id" => (&["run-1_A", "x"], &["", "a b", "a.b", "ü"]),
        "scope_state_id" => (
            &[concat!(
                "keel.scope_state.v1:",
                "a1f8d4c7e3b9a2d6f1e4b8c5a9d2f7e3c4b6a1d8f5e2c9b7a4d1f6e3b8c5a2d7",
                ":9f2e3a40-1c5d-4d8b-9a4c-7f6e2b1d8c01",
            )],
            &["", "keel.scope_state.v1:a1f8:9f2e3a40-1c5d-4d8b-9a4c-7f6e2b1d8c01"],
        ),
        "namespace" => (&["keel.acme.kind", "keel._"], &["", "keel.", "acme.kind", "keel.a b"]),
        other => panic!("unknown kind {other}"),
    }
}
