// SPDX-License-Identifier: Apache-2.0

//! A payload that stands beside the record it was signed for.
//!
//! The signature covers the payload, everything else is computed from the record. So the two have to
//! say the same, or a record of any content could be passed off with a payload that was once
//! signed for another one. The reference does not compare them.

use std::collections::BTreeMap;

use permit_canonical_json::Value;
use permit_types::Instant;

use crate::{
    amendment::{self, AMENDMENT_BINDING_VERSION, Amendment, DELTA_MEMBERS, delta_object},
    component::Component,
    declaration::{self, DECLARATION_BINDING_VERSION, Declaration},
    principal::{AMENDED_BY, DECLARED_BY, PrincipalMembers, principal},
    record::{Record, read_instant, strip},
};

/// What a signed payload lacks to be one of its record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Gap {
    /// A member that has to be covered is not there.
    Member(&'static str),
    /// The version says that it is something else, or something that is not known here.
    UnknownVersion,
}

/// The payload as it is hashed: the id of the key is added where it is absent.
pub(crate) fn hashed_payload<'v>(signed: &'v Value<'v>, binding_key_id: &str) -> Component<'v> {
    match signed.as_object() {
        Some(object) if object.get(BINDING_KEY_ID).is_none() => {
            let members = object.members().iter();
            let members = members.map(|member| (member.name(), Component::whole(member.value())));
            let key = (BINDING_KEY_ID, Component::text(binding_key_id.to_owned()));
            Component::object(members.chain([key]))
        }
        _ => Component::whole(signed),
    }
}

/// The first member of which the payload of a declaration says something else than the record.
pub(crate) fn declaration_difference(
    signed: &Value<'_>,
    record: &Record<'_>,
    declaration: &Declaration<'_>,
    binding_key_id: &str,
) -> Option<&'static str> {
    let texts = [
        ("project_id", declaration.project_id),
        ("workflow_id", declaration.workflow_id),
        ("workflow_declaration_id", declaration.id),
        (BINDING_KEY_ID, binding_key_id),
    ];
    first_other_text(signed, &texts)
        .or_else(|| {
            let intent = stated(signed, "intent")?;
            (!Component::stated(intent).is_same_as(&declaration.intent)).then_some("intent")
        })
        .or_else(|| other_value(signed, record, "budget_envelope_id"))
        .or_else(|| other_principal(signed, record, DECLARED_BY))
        .or_else(|| other_time(signed, record, &declaration::SIGNING_TIMES))
}

/// What the payload of a declaration lacks to be one.
pub(crate) fn declaration_gap(signed: &Value<'_>) -> Option<Gap> {
    let needed = ["project_id", "workflow_id", "intent"];
    gap(signed, DECLARATION_BINDING_VERSION, &needed)
}

/// The first member of which the payload of an amendment says something else than the record.
pub(crate) fn amendment_difference(
    signed: &Value<'_>,
    record: &Record<'_>,
    amendment: &Amendment<'_>,
    binding_key_id: &str,
) -> Option<&'static str> {
    let texts = [
        ("project_id", amendment.project_id),
        ("workflow_declaration_id", amendment.declaration_id),
        ("workflow_amendment_id", amendment.id),
        (BINDING_KEY_ID, binding_key_id),
    ];
    first_other_text(signed, &texts)
        .or_else(|| other_delta(signed, amendment))
        .or_else(|| other_principal(signed, record, AMENDED_BY))
        .or_else(|| other_time(signed, record, &amendment::SIGNING_TIMES))
}

/// What the payload of an amendment lacks to be one.
pub(crate) fn amendment_gap(signed: &Value<'_>, amendment: &Amendment<'_>) -> Option<Gap> {
    let needed = ["project_id", "workflow_declaration_id"];
    gap(signed, AMENDMENT_BINDING_VERSION, &needed).or_else(|| {
        if stated(signed, "delta").is_some() {
            return None;
        }
        let (members, signed) = (amendment.delta.members(), stated_members(signed));
        let covers =
            !members.is_empty() && members.iter().all(|(name, _)| signed.contains_key(name));
        (!covers).then_some(Gap::Member("delta"))
    })
}

/// The first member that an amendment states differently from the delta beside it.
///
/// The order of amendments is judged by the record's own members, the hash by the delta's.
pub(crate) fn delta_difference(record: &Record<'_>) -> Option<&'static str> {
    let delta = delta_object(record.value)?;
    DELTA_MEMBERS.into_iter().find(|name| other_value(delta, record, name).is_some())
}

/// When a signed payload says it was issued, if it says so.
pub(crate) fn issued_at(signed: &Value<'_>) -> Option<Option<Instant>> {
    stated(signed, "issued_at").map(|time| time.as_str().and_then(read_instant))
}

fn gap(signed: &Value<'_>, version: &str, needed: &[&'static str]) -> Option<Gap> {
    match stated(signed, "binding_version") {
        None => return Some(Gap::Member("binding_version")),
        Some(other) if other.as_str() != Some(version) => return Some(Gap::UnknownVersion),
        Some(_) => {}
    }
    needed.iter().find(|name| stated(signed, name).is_none()).map(|name| Gap::Member(name))
}

fn stated<'v>(value: &'v Value<'v>, name: &str) -> Option<&'v Value<'v>> {
    value.get(name).filter(|value| !value.is_null())
}

/// The members that are stated, by name: both sides may have any number of them.
fn stated_members<'v>(value: &'v Value<'v>) -> BTreeMap<&'v str, &'v Value<'v>> {
    let members = value.as_object().map(|object| object.members()).unwrap_or_default();
    let stated = members.iter().filter(|member| !member.value().is_null());
    stated.map(|member| (member.name(), member.value())).collect()
}

fn first_other_text(signed: &Value<'_>, texts: &[(&'static str, &str)]) -> Option<&'static str> {
    let differs = |(name, text): &&(&'static str, &str)| {
        stated(signed, name).is_some_and(|value| value.as_str().map(strip) != Some(text))
    };
    texts.iter().find(differs).map(|(name, _)| *name)
}

/// `name`, if both state it and not alike.
fn other_value(
    signed: &Value<'_>,
    record: &Record<'_>,
    name: &'static str,
) -> Option<&'static str> {
    let (theirs, ours) = (stated(signed, name)?, record.stated(name)?);
    (!Component::stated(theirs).is_same_as(&Component::stated(ours))).then_some(name)
}

fn other_delta(signed: &Value<'_>, amendment: &Amendment<'_>) -> Option<&'static str> {
    if let Some(delta) = stated(signed, "delta") {
        return (!Component::stated(delta).is_same_as(&amendment.delta)).then_some("delta");
    }
    let signed = stated_members(signed);
    let differs = |(name, ours): &(&str, Component<'_>)| {
        signed.get(name).is_some_and(|theirs| !Component::stated(theirs).is_same_as(ours))
    };
    amendment.delta.members().iter().any(differs).then_some("delta")
}

/// The principal may be written as the payload has it or as the record has it.
fn other_principal(
    signed: &Value<'_>,
    record: &Record<'_>,
    names: PrincipalMembers,
) -> Option<&'static str> {
    let theirs = Component::stated(stated(signed, names.object)?);
    let ours = principal(record.value, names);
    let as_written = record.stated(names.object).map(Component::stated);
    if ours.is_empty() && as_written.is_none() {
        return None;
    }
    let alike =
        ours.is_same_as(&theirs) || as_written.is_some_and(|written| written.is_same_as(&theirs));
    (!alike).then_some(names.object)
}

/// The time has to be one of the record's, as an instant; if it is none, as a text.
fn other_time(
    signed: &Value<'_>,
    record: &Record<'_>,
    names: &[&'static str],
) -> Option<&'static str> {
    let theirs = stated(signed, "issued_at")?;
    let text = theirs.as_str().map(strip);
    let instant = text.and_then(read_instant);
    let mut ours = names.iter().filter_map(|name| record.text(name));
    let alike = ours.any(|own| {
        let own_instant = read_instant(own);
        (instant.is_some() && own_instant == instant) || Some(own) == text
    });
    (!alike).then_some("issued_at")
}

const BINDING_KEY_ID: &str = "binding_key_id";
