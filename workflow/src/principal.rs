// SPDX-License-Identifier: Apache-2.0

//! Who declared or amended, as the signed payload says it.

use permit_canonical_json::Value;

use crate::component::Component;

/// The members in which a record names its principal.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PrincipalMembers {
    pub(crate) object: &'static str,
    api_key: &'static str,
    session: &'static str,
}

pub(crate) const DECLARED_BY: PrincipalMembers = PrincipalMembers {
    object: "declared_by",
    api_key: "declared_by_api_key_id",
    session: "declared_by_dashboard_session_id",
};

pub(crate) const AMENDED_BY: PrincipalMembers = PrincipalMembers {
    object: "amended_by",
    api_key: "amended_by_api_key_id",
    session: "amended_by_dashboard_session_id",
};

/// `{api_key_id: …}` or `{dashboard_session_id: …}`, from the object that has a type and an id, else
/// from the members that name either.
pub(crate) fn principal<'v>(record: &'v Value<'v>, names: PrincipalMembers) -> Component<'v> {
    let object = record.get(names.object);
    let kind = object.and_then(|object| object.get("type")).and_then(Value::as_str);
    let id = object.and_then(|object| object.get("id")).and_then(Value::as_str);
    let member = match kind {
        Some("api_key") => Some(API_KEY_ID),
        Some("dashboard_session") => Some(SESSION_ID),
        _ => None,
    };
    if let (Some(member), Some(id)) = (member, id) {
        return Component::object([(member, Component::text(id))]);
    }
    let stated = [(API_KEY_ID, names.api_key), (SESSION_ID, names.session)];
    let stated = stated.into_iter().filter_map(|(member, name)| {
        let value = record.get(name).filter(|value| !value.is_null())?;
        Some((member, Component::stated(value)))
    });
    Component::object(stated)
}

pub(crate) const API_KEY_ID: &str = "api_key_id";
pub(crate) const SESSION_ID: &str = "dashboard_session_id";
