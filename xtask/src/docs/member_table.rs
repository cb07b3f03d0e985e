// SPDX-License-Identifier: Apache-2.0

//! Members of wire objects, from the schemas of their types.

use permit_types::PublishedSchema;
use serde_json::Value as Json;

use super::markdown::{Table, code};
use crate::ChoreError;

/// The members of a published object, or of an object inside it, required ones first.
pub(crate) fn member_table(schema: &str, inner: Option<&str>) -> Result<String, ChoreError> {
    let root = root(schema)?;
    let Some(name) = inner else {
        return table_of(&root, &root);
    };
    let object = root
        .get("$defs")
        .and_then(|inner| inner.get(name))
        .ok_or("the schema has no such object inside")?;
    let Some(alternatives) = object.get("oneOf").and_then(Json::as_array) else {
        return Ok(format!("{}:\n\n{}", code(name), table_of(object, &root)?));
    };
    let mut text = String::new();
    for alternative in alternatives {
        let shown = type_of(alternative, &root);
        text.push_str(&format!("{}, {shown}:\n\n{}\n", code(name), table_of(alternative, &root)?));
    }
    Ok(text)
}

/// The objects that a table refers to and does not describe.
pub(crate) fn mentioned(table: &str) -> impl Iterator<Item = &str> {
    table.split("object `").skip(1).filter_map(|rest| rest.split('`').next())
}

/// The name of the object that a block describes.
pub(crate) fn described(schema: &str, inner: Option<&str>) -> Result<String, ChoreError> {
    match inner {
        Some(name) => Ok(name.to_owned()),
        None => {
            let root = root(schema)?;
            let title = root.get("title").and_then(Json::as_str);
            Ok(title.ok_or("the schema has no title")?.to_owned())
        }
    }
}

fn table_of(object: &Json, root: &Json) -> Result<String, ChoreError> {
    let properties =
        object.get("properties").and_then(Json::as_object).ok_or("it has no members")?;
    let required: Vec<&str> = strings(object.get("required"));
    let optional = properties.keys().map(String::as_str).filter(|name| !required.contains(name));
    let mut table = Table::new(["Member", "Required", "Type", "What it is"]);
    for name in required.iter().copied().chain(optional) {
        let member = properties.get(name).ok_or("a required member is not described")?;
        let presence = if required.contains(&name) { "yes" } else { "no" };
        table.row([&code(name), presence, &type_of(member, root), description(member)]);
    }
    let closed = object.get("additionalProperties") == Some(&Json::Bool(false));
    let others = if closed { "No other member." } else { "Other members are kept as they are." };
    Ok(format!("{}\n{others}\n", table.finish()))
}

/// The schema of this name: one of the published ones, or one of ours.
fn root(schema: &str) -> Result<Json, ChoreError> {
    if schema == "key-manifest" {
        return Ok(serde_json::to_value(permit_keys::key_manifest_schema())?);
    }
    let published = PublishedSchema::ALL
        .iter()
        .find(|published| published.file_name().strip_suffix(".schema.json") == Some(schema))
        .ok_or("there is no such schema")?;
    Ok(serde_json::to_value(published.generate())?)
}

fn description(member: &Json) -> &str {
    member.get("description").and_then(Json::as_str).unwrap_or_default()
}

/// The type of a member in words.
fn type_of(member: &Json, root: &Json) -> String {
    if let Some(reference) = member.get("$ref").and_then(Json::as_str) {
        return referenced(reference, root);
    }
    if let Some(constant) = member.get("const") {
        return code(&constant.to_string());
    }
    if let Some(words) = member.get("enum").and_then(Json::as_array) {
        return words.iter().map(|word| code(&word.to_string())).collect::<Vec<_>>().join(", ");
    }
    for alternatives in ["anyOf", "oneOf"] {
        if let Some(types) = member.get(alternatives).and_then(Json::as_array) {
            return types.iter().map(|one| type_of(one, root)).collect::<Vec<_>>().join(" or ");
        }
    }
    match member.get("type") {
        Some(Json::String(name)) => plain(name, member, root),
        Some(Json::Array(names)) => {
            let names = names.iter().filter_map(Json::as_str);
            names.map(|name| plain(name, member, root)).collect::<Vec<_>>().join(" or ")
        }
        _ => "any value".to_owned(),
    }
}

/// What stands under a name: a list of words is spelled out, an object is named.
fn referenced(reference: &str, root: &Json) -> String {
    let name = reference.rsplit('/').next().unwrap_or_default();
    let target = root.get("$defs").and_then(|inner| inner.get(name));
    match target {
        Some(target) if target.get("properties").is_none() => type_of(target, root),
        _ => format!("object {}", code(name)),
    }
}

fn plain(name: &str, member: &Json, root: &Json) -> String {
    let number = |key: &str| member.get(key).and_then(Json::as_i64);
    match name {
        "string" => text(member),
        "integer" | "number" => match number("minimum") {
            Some(least) => format!("{name} ≥ {least}"),
            None => name.to_owned(),
        },
        "array" => {
            let unique = member.get("uniqueItems") == Some(&Json::Bool(true));
            let elements = member.get("items").map_or("any value".into(), |i| type_of(i, root));
            let least = number("minItems").map_or("", |_| ", at least one");
            format!("array of {}{elements}{least}", if unique { "different " } else { "" })
        }
        "object" => match member.get("properties").and_then(|members| members.get("kind")) {
            Some(kind) => format!("an object with `kind` {}", type_of(kind, root)),
            None => "object".to_owned(),
        },
        other => other.to_owned(),
    }
}

fn text(member: &Json) -> String {
    let string = |key: &str| member.get(key).and_then(Json::as_str);
    match (string("pattern"), string("format")) {
        (Some("^[a-f0-9]{64}$" | "^[0-9a-f]{64}$"), _) => "64 hex characters".to_owned(),
        (Some("^sha256:[a-f0-9]{64}$" | "^sha256:[0-9a-f]{64}$"), _) => {
            "`sha256:` and 64 hex characters".to_owned()
        }
        (Some("^ed25519:[A-Za-z0-9+/]+={0,2}$"), _) => "`ed25519:` and base64".to_owned(),
        (Some(pattern), _) => format!("text of the form {}", code(pattern)),
        (None, Some("uuid")) => "UUID".to_owned(),
        (None, Some("date-time")) => "time".to_owned(),
        (None, _) => match member.get("minLength").and_then(Json::as_i64) {
            Some(_) => "text, not empty".to_owned(),
            None => "text".to_owned(),
        },
    }
}

fn strings(list: Option<&Json>) -> Vec<&str> {
    let list = list.and_then(Json::as_array).map(Vec::as_slice).unwrap_or_default();
    list.iter().filter_map(Json::as_str).collect()
}
