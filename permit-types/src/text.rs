// SPDX-License-Identifier: Apache-2.0

//! Texts of a fixed form, kept as they were written.
//!
//! A newtype is made by one of two macros of this file: [`text_newtypes`] for texts
//! that must have a form, [`label_newtypes`] for texts that only must not be
//! mistaken for each other.

use core::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Unexpected};

text_newtypes! {
    /// Text with at least one character.
    NonEmptyText: "text that is not empty", |text| !text.is_empty(),
        { "type": "string", "minLength": 1 };
}

/// A text of another type that is not empty.
///
/// Some objects allow an empty label where others do not; the type of the label
/// stays the same, so that the two can be compared.
///
/// ```
/// use permit_types::{ChainScope, NonEmpty};
///
/// let scope = NonEmpty::new(ChainScope::new("admin:global")).unwrap();
/// assert_eq!(*scope, ChainScope::new("admin:global"));
/// assert!(NonEmpty::new(ChainScope::new("")).is_none());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NonEmpty<T>(T);

impl<T: AsRef<str>> NonEmpty<T> {
    /// Takes the text if it is not empty.
    #[must_use]
    pub fn new(text: T) -> Option<Self> {
        if text.as_ref().is_empty() { None } else { Some(Self(text)) }
    }

    /// The text.
    #[must_use]
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> core::ops::Deref for NonEmpty<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: fmt::Display> fmt::Display for NonEmpty<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<T: Serialize> Serialize for NonEmpty<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de, T: Deserialize<'de> + AsRef<str>> Deserialize<'de> for NonEmpty<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(T::deserialize(deserializer)?).ok_or_else(|| refused("", NonEmptyText::FORM))
    }
}

#[cfg(feature = "schema")]
impl<T> schemars::JsonSchema for NonEmpty<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> alloc::borrow::Cow<'static, str> {
        "NonEmpty".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        <NonEmptyText as schemars::JsonSchema>::json_schema(generator)
    }
}

/// The error for a text that has not the form it must have.
pub(crate) fn refused<E: serde::de::Error>(text: &str, form: &'static str) -> E {
    E::invalid_value(Unexpected::Str(text), &form)
}

/// Whether the text has at least one character and at most `most`, as JSON Schema counts them.
pub(crate) fn has_length_up_to(text: &str, most: usize) -> bool {
    !text.is_empty() && text.chars().nth(most).is_none()
}

/// Newtypes of text: name, form in words, test of the form, JSON Schema of the form.
macro_rules! text_newtypes {
    ($($(#[$docs:meta])* $name:ident: $form:literal, $has_form:expr, $schema:tt;)+) => {$(
        $(#[$docs])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(alloc::string::String);

        impl $name {
            /// What the text must be, in words.
            pub const FORM: &'static str = $form;

            /// Takes the text if it has the form, and keeps it as it is.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                if Self::has_form(text) { Some(Self(text.into())) } else { None }
            }

            fn has_form(text: &str) -> bool {
                let has_form: fn(&str) -> bool = $has_form;
                has_form(text)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(
                deserializer: D,
            ) -> Result<Self, D::Error> {
                let text = alloc::string::String::deserialize(deserializer)?;
                if Self::has_form(&text) {
                    Ok(Self(text))
                } else {
                    Err($crate::text::refused(&text, Self::FORM))
                }
            }
        }

        $crate::text::text_newtype_impls!($name, $schema);
    )+};
}
pub(crate) use text_newtypes;

/// Newtypes of text that may be any text.
macro_rules! label_newtypes {
    ($($(#[$docs:meta])* $name:ident;)+) => {$(
        $(#[$docs])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(alloc::string::String);

        impl $name {
            /// Takes the text as it is.
            #[must_use]
            pub fn new(text: impl Into<alloc::string::String>) -> Self {
                Self(text.into())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(
                deserializer: D,
            ) -> Result<Self, D::Error> {
                alloc::string::String::deserialize(deserializer).map(Self)
            }
        }

        $crate::text::text_newtype_impls!($name, { "type": "string" });
    )+};
}
pub(crate) use label_newtypes;

/// What all newtypes of text have in common.
macro_rules! text_newtype_impls {
    ($name:ident, $schema:tt) => {
        impl $name {
            /// The text as it was written.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// The text as it was written.
            #[must_use]
            pub fn into_string(self) -> alloc::string::String {
                self.0
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl core::fmt::Display for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        #[cfg(feature = "schema")]
        impl schemars::JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> alloc::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!($schema)
            }
        }
    };
}
pub(crate) use text_newtype_impls;
