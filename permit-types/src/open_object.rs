// SPDX-License-Identifier: Apache-2.0

//! Objects that may have members nobody knows.
//!
//! ```text
//! OpenObject    any object; nothing of it is interpreted
//! OpenMembers   the members of an open object beside those that are known
//! ```

use alloc::{collections::BTreeMap, string::String};

use permit_canonical_json::{Node, Object, Value};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Unexpected};

/// Any JSON object, kept member by member, with the text of its numbers (PERMIT-12).
///
/// ```
/// use permit_canonical_json::{Budget, from_value, read};
/// use permit_types::OpenObject;
///
/// let value = read(br#"{"temperature_max": 1.0}"#, &Budget::default())?;
/// let limits: OpenObject = from_value(&value).unwrap();
/// let text = limits.get("temperature_max").and_then(|v| v.as_number()).map(|n| n.as_str());
/// assert_eq!(text, Some("1.0"));
/// # Ok::<(), permit_canonical_json::ReadError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OpenObject(Object<'static>);

impl OpenObject {
    /// The value of a member.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value<'static>> {
        self.0.get(name)
    }

    /// The members, in the order they were written in.
    #[must_use]
    pub fn as_object(&self) -> &Object<'static> {
        &self.0
    }

    /// The members, in the order they were written in.
    #[must_use]
    pub fn into_object(self) -> Object<'static> {
        self.0
    }
}

impl From<Object<'static>> for OpenObject {
    fn from(object: Object<'static>) -> Self {
        Self(object)
    }
}

impl Serialize for OpenObject {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer
            .collect_map(self.0.members().iter().map(|member| (member.name(), member.value())))
    }
}

impl<'de> Deserialize<'de> for OpenObject {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::<'static>::deserialize(deserializer)?;
        let kind = value.kind();
        match value.into_node() {
            Node::Object(object) => Ok(Self(object)),
            _ => {
                let found = Unexpected::Other(kind.as_str());
                Err(serde::de::Error::invalid_type(found, &"an object"))
            }
        }
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for OpenObject {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> alloc::borrow::Cow<'static, str> {
        "OpenObject".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "object" })
    }
}

/// The members of an open object that its type does not know, by name.
///
/// A member with the name of a known one is never written: the known one wins.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OpenMembers(BTreeMap<String, Value<'static>>);

impl OpenMembers {
    /// No members.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets a member and returns the value it had.
    pub fn insert(
        &mut self,
        name: impl Into<String>,
        value: impl Into<Value<'static>>,
    ) -> Option<Value<'static>> {
        self.0.insert(name.into(), value.into())
    }

    /// The value of a member.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value<'static>> {
        self.0.get(name)
    }

    /// The members, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value<'static>)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Newtypes of [`OpenObject`], for objects of which a few members have a meaning.
macro_rules! open_objects {
    ($($(#[$docs:meta])* $name:ident;)+) => {$(
        $(#[$docs])*
        #[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
        #[serde(transparent)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline))]
        pub struct $name($crate::OpenObject);

        impl $name {
            /// The value of a member.
            #[must_use]
            pub fn get(&self, name: &str) -> Option<&permit_canonical_json::Value<'static>> {
                self.0.get(name)
            }

            /// The whole object.
            #[must_use]
            pub fn as_open(&self) -> &$crate::OpenObject {
                &self.0
            }
        }

        impl From<$crate::OpenObject> for $name {
            fn from(object: $crate::OpenObject) -> Self {
                Self(object)
            }
        }
    )+};
}
pub(crate) use open_objects;

/// Reading and writing of a struct whose field `other` takes the members it does not know.
///
/// Each known member is `required`, `optional` (absent or `null`) or `not_null` (absent but
/// not `null`). serde's own flattening is no choice here: it would lose the text of numbers.
macro_rules! open_struct {
    ($name:ident { $($presence:ident $field:ident,)+ }) => {
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                use serde::ser::SerializeMap;
                let mut map = serializer.serialize_map(None)?;
                $($crate::open_object::write_member!($presence, map, self, $field);)+
                for (name, value) in self.other.iter() {
                    if ![$(stringify!($field)),+].contains(&name) {
                        map.serialize_entry(name, value)?;
                    }
                }
                map.end()
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(
                deserializer: D,
            ) -> Result<Self, D::Error> {
                struct MembersVisitor;

                impl<'de> serde::de::Visitor<'de> for MembersVisitor {
                    type Value = $name;

                    fn expecting(
                        &self,
                        f: &mut core::fmt::Formatter<'_>,
                    ) -> core::fmt::Result {
                        f.write_str("an object")
                    }

                    fn visit_map<A: serde::de::MapAccess<'de>>(
                        self,
                        mut members: A,
                    ) -> Result<$name, A::Error> {
                        $(let mut $field = None;)+
                        let mut other = $crate::OpenMembers::new();
                        while let Some(name) = members.next_key::<alloc::string::String>()? {
                            match name.as_str() {
                                $(stringify!($field) => $field = $crate::open_object::read_member!(
                                    $presence, members
                                ),)+
                                _ => {
                                    let value: permit_canonical_json::Value<'static> =
                                        members.next_value()?;
                                    other.insert(name, value);
                                }
                            }
                        }
                        Ok($name {
                            $($field: $crate::open_object::found_member!($presence, $field),)+
                            other,
                        })
                    }
                }

                deserializer.deserialize_map(MembersVisitor)
            }
        }
    };
}
pub(crate) use open_struct;

macro_rules! write_member {
    (required, $map:ident, $object:ident, $field:ident) => {
        $map.serialize_entry(stringify!($field), &$object.$field)?
    };
    ($presence:ident, $map:ident, $object:ident, $field:ident) => {
        if let Some(value) = &$object.$field {
            $map.serialize_entry(stringify!($field), value)?
        }
    };
}
pub(crate) use write_member;

macro_rules! read_member {
    (optional, $members:ident) => {
        $members.next_value()?
    };
    ($presence:ident, $members:ident) => {
        Some($members.next_value()?)
    };
}
pub(crate) use read_member;

macro_rules! found_member {
    (required, $field:ident) => {
        $field.ok_or_else(|| serde::de::Error::missing_field(stringify!($field)))?
    };
    ($presence:ident, $field:ident) => {
        $field
    };
}
pub(crate) use found_member;
