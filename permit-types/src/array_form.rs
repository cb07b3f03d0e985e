// SPDX-License-Identifier: Apache-2.0

//! Arrays that must not be empty, or must not have an element twice.

use alloc::{collections::BTreeSet, vec::Vec};
use core::fmt::Display;

use permit_canonical_json::Excerpt;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

/// An array with at least one element.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NonEmptyArray<T>(Vec<T>);

impl<T> NonEmptyArray<T> {
    /// Takes the elements if there are any.
    #[must_use]
    pub fn new(elements: Vec<T>) -> Option<Self> {
        if elements.is_empty() { None } else { Some(Self(elements)) }
    }

    /// The elements.
    #[must_use]
    pub fn into_vec(self) -> Vec<T> {
        self.0
    }
}

/// An array without an element that stands in it twice; the order is kept.
///
/// The envelopes of a permit chain are sets, and any order of their members is
/// accepted on the wire (AMB-34); [`sorted`](Self::sorted) is the order that is hashed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UniqueArray<T>(Vec<T>);

impl<T: Ord> UniqueArray<T> {
    /// Takes the elements if each stands there once.
    #[must_use]
    pub fn new(elements: Vec<T>) -> Option<Self> {
        if repeated(&elements).is_none() { Some(Self(elements)) } else { None }
    }

    /// The elements, smallest first: for texts, by code point.
    #[must_use]
    pub fn sorted(&self) -> Vec<&T> {
        let mut elements: Vec<&T> = self.0.iter().collect();
        elements.sort_unstable();
        elements
    }
}

impl<T> UniqueArray<T> {
    /// The elements.
    #[must_use]
    pub fn into_vec(self) -> Vec<T> {
        self.0
    }
}

/// The first element that equals one before it.
fn repeated<T: Ord>(elements: &[T]) -> Option<&T> {
    let mut seen = BTreeSet::new();
    elements.iter().find(|element| !seen.insert(*element))
}

impl<T> Default for UniqueArray<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for NonEmptyArray<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let elements = Vec::deserialize(deserializer)?;
        Self::new(elements).ok_or_else(|| D::Error::invalid_length(0, &"one or more"))
    }
}

impl<'de, T: Deserialize<'de> + Ord + Display> Deserialize<'de> for UniqueArray<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let elements = Vec::deserialize(deserializer)?;
        if let Some(twice) = repeated(&elements) {
            let name = alloc::format!("{twice}");
            let rule = format_args!("element `{}` must not stand here twice", Excerpt(&name));
            return Err(D::Error::custom(rule));
        }
        Ok(Self(elements))
    }
}

macro_rules! array_impls {
    ($($name:ident, $keyword:literal: $limit:literal;)+) => {$(
        impl<T> core::ops::Deref for $name<T> {
            type Target = [T];

            fn deref(&self) -> &[T] {
                &self.0
            }
        }

        impl<T: Serialize> Serialize for $name<T> {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                self.0.serialize(serializer)
            }
        }

        #[cfg(feature = "schema")]
        impl<T: schemars::JsonSchema> schemars::JsonSchema for $name<T> {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> alloc::borrow::Cow<'static, str> {
                alloc::format!(concat!(stringify!($name), "_of_{}"), T::schema_name()).into()
            }

            fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
                let mut schema = Vec::<T>::json_schema(generator);
                schema.insert($keyword.into(), $limit.into());
                schema
            }
        }
    )+};
}

array_impls! {
    NonEmptyArray, "minItems": 1;
    UniqueArray, "uniqueItems": true;
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::*;

    #[test]
    fn pchain_05_sets_keep_their_order_and_know_the_sorted_one() {
        let set = UniqueArray::new(vec!["b", "a", ""]).unwrap();
        assert_eq!(set.sorted(), [&"", &"a", &"b"]);
        assert_eq!(set.into_vec(), ["b", "a", ""]);
        assert_eq!(UniqueArray::new(vec!["a", "b", "a"]), None);
        assert_eq!(NonEmptyArray::<u8>::new(vec![]), None);
    }
}
