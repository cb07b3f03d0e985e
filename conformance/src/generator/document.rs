// SPDX-License-Identifier: Apache-2.0

//! Documents while they are made: read and bent by pointer, written in canonical form.

use permit_canonical_json::{Budget, Profile, Sha256Digest, Value, read_text};
use serde_json::Value as Json;

use super::fault::Fault;

/// The value at a pointer.
pub(crate) fn at<'j>(document: &'j Json, pointer: &str) -> Result<&'j Json, Fault> {
    document.pointer(pointer).ok_or_else(|| missing(pointer))
}

/// The value at a pointer, to be changed.
pub(crate) fn at_mut<'j>(document: &'j mut Json, pointer: &str) -> Result<&'j mut Json, Fault> {
    document.pointer_mut(pointer).ok_or_else(|| missing(pointer))
}

/// The text at a pointer.
pub(crate) fn text(document: &Json, pointer: &str) -> Result<String, Fault> {
    let value = at(document, pointer)?;
    value.as_str().map(str::to_owned).ok_or_else(|| Fault::new(format!("{pointer} is no text")))
}

/// The whole number at a pointer.
pub(crate) fn number(document: &Json, pointer: &str) -> Result<u64, Fault> {
    let value = at(document, pointer)?;
    value.as_u64().ok_or_else(|| Fault::new(format!("{pointer} is no number")))
}

/// The array at a pointer.
pub(crate) fn array_mut<'j>(
    document: &'j mut Json,
    pointer: &str,
) -> Result<&'j mut Vec<Json>, Fault> {
    let value = at_mut(document, pointer)?;
    value.as_array_mut().ok_or_else(|| Fault::new(format!("{pointer} is no array")))
}

/// Sets a member of an object, or an element that is there.
pub(crate) fn set(document: &mut Json, pointer: &str, value: impl Into<Json>) -> Result<(), Fault> {
    if let Some(place) = document.pointer_mut(pointer) {
        *place = value.into();
        return Ok(());
    }
    let (parent, name) = split(pointer)?;
    match at_mut(document, parent)?.as_object_mut() {
        Some(members) => drop(members.insert(name.to_owned(), value.into())),
        None => return Err(missing(pointer)),
    }
    Ok(())
}

/// Takes a member of an object away, or an element of an array.
pub(crate) fn remove(document: &mut Json, pointer: &str) -> Result<Json, Fault> {
    let (parent, name) = split(pointer)?;
    let removed = match at_mut(document, parent)? {
        Json::Object(members) => members.remove(name),
        Json::Array(elements) => {
            let index: usize = name.parse()?;
            (index < elements.len()).then(|| elements.remove(index))
        }
        _ => None,
    };
    removed.ok_or_else(|| missing(pointer))
}

/// A document as the strict reader sees it.
pub(crate) fn strict(document: &Json) -> Result<Value<'static>, Fault> {
    let text = serde_json::to_string(document)?;
    Ok(read_text(&text, &Budget::default())?.into_owned())
}

/// A value that an issuing crate made, as a document that can be bent.
pub(crate) fn loose(value: &Value<'_>) -> Result<Json, Fault> {
    Ok(serde_json::from_str(&Profile::Payload.to_text(value)?)?)
}

/// The canonical bytes of a document.
pub(crate) fn canonical(document: &Json) -> Result<Vec<u8>, Fault> {
    Ok(Profile::Payload.to_text(&strict(document)?)?.into_bytes())
}

/// A document as a file: its canonical form and a line feed.
pub(crate) fn file(document: &Json) -> Result<Vec<u8>, Fault> {
    let mut bytes = canonical(document)?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// The digest of the canonical form of a document.
pub(crate) fn digest(document: &Json) -> Result<Sha256Digest, Fault> {
    Ok(Sha256Digest::of(&canonical(document)?))
}

fn split(pointer: &str) -> Result<(&str, &str), Fault> {
    pointer.rsplit_once('/').ok_or_else(|| missing(pointer))
}

fn missing(pointer: &str) -> Fault {
    Fault::new(format!("there is nothing at `{pointer}`"))
}
