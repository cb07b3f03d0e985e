// SPDX-License-Identifier: Apache-2.0

//! What the tables say about a document: a naive second model of the schemas, without any
//! of the code that is tested.

use std::{cell::RefCell, collections::BTreeMap, rc::Rc};

use permit_canonical_json::{Kind, Value};

use crate::{
    objects::table_text,
    table::{Json, Outline, limits},
};

/// How closely a document is looked at.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Strictness {
    /// Whether formats of texts are asserted (Q2).
    pub(crate) formats: bool,
    /// Whether rules between members count.
    pub(crate) rules: bool,
}

/// The table of an object, read once.
pub(crate) fn outline(name: &str) -> Rc<Outline> {
    thread_local! {
        static READ: RefCell<BTreeMap<String, Rc<Outline>>> = const { RefCell::new(BTreeMap::new()) };
    }
    READ.with_borrow_mut(|read| {
        let outline = read.entry(name.to_owned());
        Rc::clone(outline.or_insert_with(|| Rc::new(Outline::parse(table_text(name)))))
    })
}

/// Whether an object fits its table.
pub(crate) fn object_fits(name: &str, document: &Json, how: Strictness) -> bool {
    let Some(object) = document.as_object() else { return false };
    let table = outline(name);
    let known = |member: &str| table.lines.iter().any(|(name, ..)| *name == member);
    if table.closed && object.members().iter().any(|member| !known(member.name())) {
        return false;
    }
    let members_fit = table.lines.iter().all(|(member, presence, kind)| match object.get(member) {
        None => !presence.is_required(),
        Some(value) if value.is_null() && presence.takes_null() => true,
        // The table builds version 1 alone, since version 2 needs the flag and the entries.
        Some(value) if (name, *member) == ("AuditExportBundle", "schema_version") => {
            fits("number 1|2", value, how)
        }
        Some(value) => fits(kind, value, how),
    });
    members_fit && (!how.rules || rules_hold(name, document))
}

/// Whether a value is of a kind.
fn fits(kind: &str, value: &Json, how: Strictness) -> bool {
    let (head, rest) = kind.split_once(' ').unwrap_or((kind, ""));
    let text = value.as_str();
    match head {
        "any" => true,
        "bool" => value.as_bool().is_some(),
        "obj" => value.as_object().is_some(),
        "str" => text.is_some_and(|text| {
            let (least, most) = limits(rest);
            let length = text.chars().count();
            length >= least && most.is_none_or(|most| length <= most)
        }),
        // Q5: an integer is a number without a fraction, however it is written.
        "int" => number(value).is_some_and(|number| {
            let least = rest.strip_suffix("..").map(|least| least.parse::<f64>().unwrap());
            number.fract() == 0.0 && least.is_none_or(|least| number >= least)
        }),
        "num" => number(value).is_some_and(|number| number >= 0.0),
        "number" => number(value)
            .is_some_and(|number| rest.split('|').any(|one| one.parse::<f64>().unwrap() == number)),
        "word" => text.is_some_and(|text| rest.split('|').any(|word| word == text)),
        "const" => text == Some(rest),
        "list" | "list+" | "set" => value.as_array().is_some_and(|elements| {
            let enough = head != "list+" || !elements.is_empty();
            let once = head != "set"
                || elements.iter().enumerate().all(|(at, one)| !elements[..at].contains(one));
            enough && once && elements.iter().all(|element| fits(rest, element, how))
        }),
        // Three tables for one place (SFE-09).
        "@StartGenesis" => ["StartGenesis", "StartPredecessor", "StartCheckpoint"]
            .iter()
            .any(|name| object_fits(name, value, how)),
        _ => match kind.strip_prefix('@') {
            Some(name) => object_fits(name, value, how),
            None => text.is_some_and(|text| has_form(kind, text, how)),
        },
    }
}

fn number(value: &Json) -> Option<f64> {
    let is_number = value.kind() == Kind::Number;
    is_number.then(|| value.as_number().unwrap().as_str().parse().unwrap())
}

fn has_form(form: &str, text: &str, how: Strictness) -> bool {
    let hex = |text: &str| {
        text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    };
    let base64 = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'+' || byte == b'/';
    match form {
        "uuid" => !how.formats || is_uuid(text),
        "dt" => !how.formats || is_date_time(text),
        "hex64" => hex(text),
        "sha256" => text.strip_prefix("sha256:").is_some_and(hex),
        "ed25519" => text.strip_prefix("ed25519:").is_some_and(|rest| {
            let body = rest.trim_end_matches('=');
            rest.len() - body.len() <= 2 && !body.is_empty() && body.bytes().all(base64)
        }),
        "sig64" => {
            text.strip_suffix("==").is_some_and(|body| body.len() == 86 && body.bytes().all(base64))
        }
        "reason_code" => {
            let word = |word: &str| {
                !word.is_empty()
                    && word.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_'))
            };
            (1..=128).contains(&text.len())
                && text.as_bytes()[0].is_ascii_lowercase()
                && text.split('.').all(word)
        }
        "workflow_id" => {
            (1..=255).contains(&text.len())
                && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
        }
        "scope_state_id" => {
            let parts: Vec<&str> = text.split(':').collect();
            let [version, hash, checkpoint] = parts[..] else { return false };
            let dashed = |byte: u8| byte.is_ascii_hexdigit() || byte == b'-';
            version == "keel.scope_state.v1"
                && hex(hash)
                && checkpoint.len() == 36
                && checkpoint.bytes().all(dashed)
        }
        "namespace" => text.strip_prefix("keel.").is_some_and(|rest| {
            !rest.is_empty()
                && rest
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-'))
        }),
        other => panic!("unknown form {other}"),
    }
}

fn is_uuid(text: &str) -> bool {
    let lengths: Vec<usize> = text.split('-').map(str::len).collect();
    lengths == [8, 4, 4, 4, 12] && text.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit())
}

/// RFC 3339, whose grammar has a leap second.
fn is_date_time(text: &str) -> bool {
    let bytes = text.as_bytes();
    let digits = |from: usize, to: usize| {
        let digits = text.get(from..to)?;
        digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse::<u32>().unwrap())
    };
    let shape = [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':')];
    if !shape.iter().all(|(at, byte)| bytes.get(*at) == Some(byte)) {
        return false;
    }
    let parts = [(0, 4), (5, 7), (8, 10), (11, 13), (14, 16), (17, 19)].map(|(a, b)| digits(a, b));
    let [Some(year), Some(month), Some(day), Some(hour), Some(minute), Some(second)] = parts else {
        return false;
    };
    let leap_year = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 if leap_year => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return false,
    };
    let Some(rest) = text.get(19..) else { return false };
    let rest = match rest.strip_prefix('.') {
        Some(fraction) => {
            let rest = fraction.trim_start_matches(|c: char| c.is_ascii_digit());
            if rest.len() == fraction.len() {
                return false;
            }
            rest
        }
        None => rest,
    };
    let zone = rest == "Z"
        || (rest.len() == 6 && rest.starts_with(['+', '-']) && rest.as_bytes()[3] == b':');
    let leap_second = second == 60 && (hour, minute) == (23, 59);
    zone && (1..=days).contains(&day) && hour < 24 && minute < 60 && (second < 60 || leap_second)
}

/// The rules between members that the published schemas have.
fn rules_hold(name: &str, document: &Json) -> bool {
    let is_text = |member: &str| document.get(member).and_then(Value::as_str).is_some();
    let flag = document.get("include_chain_entries").and_then(Value::as_bool);
    match name {
        "ClosurePayloadV2" => {
            document.get("closure_status").and_then(Value::as_str) != Some("closed")
                || ["dispatch", "provider_response", "client_response"].iter().all(|digest| {
                    let member = match *digest {
                        "dispatch" => "dispatch_request_digest_v1".to_owned(),
                        other => format!("{other}_digest_v1"),
                    };
                    is_text(&member)
                })
        }
        "AuditExportBundle" => match document.get("schema_version").and_then(number) {
            Some(2.0) => {
                let records = document.get("records").and_then(Value::as_array).unwrap_or_default();
                flag == Some(true)
                    && records.iter().all(|record| record.get("chain_entries").is_some())
            }
            _ => flag != Some(true),
        },
        _ => true,
    }
}
