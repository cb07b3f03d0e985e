// SPDX-License-Identifier: Apache-2.0

//! A type and its generated schema, asked about the same document.

use core::fmt::Debug;

use permit_canonical_json::{ShapeError, from_value, to_value};
use serde::{Serialize, de::DeserializeOwned};

use crate::table::{Json, written};

/// What a wire object can do.
#[cfg(not(feature = "schema"))]
pub(crate) trait Wire: DeserializeOwned + Serialize + PartialEq + Debug {}
#[cfg(not(feature = "schema"))]
impl<T: DeserializeOwned + Serialize + PartialEq + Debug> Wire for T {}

/// What a wire object can do.
#[cfg(feature = "schema")]
pub(crate) trait Wire:
    DeserializeOwned + Serialize + PartialEq + Debug + schemars::JsonSchema
{
}
#[cfg(feature = "schema")]
impl<T: DeserializeOwned + Serialize + PartialEq + Debug + schemars::JsonSchema> Wire for T {}

/// Asks both; without the feature `schema` only the type.
pub(crate) struct Judge {
    #[cfg(feature = "schema")]
    validator: jsonschema::Validator,
}

impl Judge {
    #[cfg(feature = "schema")]
    pub(crate) fn of<T: Wire>() -> Self {
        let schema = permit_types::schema_generator().into_root_schema_for::<T>();
        Self::of_schema(&serde_json::to_value(schema).unwrap())
    }

    #[cfg(not(feature = "schema"))]
    pub(crate) fn of<T: Wire>() -> Self {
        Self {}
    }

    #[cfg(feature = "schema")]
    pub(crate) fn of_schema(schema: &serde_json::Value) -> Self {
        let options = jsonschema::options().should_validate_formats(true);
        Self { validator: options.build(schema).unwrap() }
    }

    #[cfg(feature = "schema")]
    pub(crate) fn schema_takes(&self, document: &Json) -> Option<bool> {
        Some(self.validator.is_valid(&serde_json::to_value(document).unwrap()))
    }

    #[cfg(not(feature = "schema"))]
    pub(crate) fn schema_takes(&self, _: &Json) -> Option<bool> {
        None
    }

    /// The type reads the document and writes one that says the same, and the schema agrees.
    #[track_caller]
    pub(crate) fn accepts<T: Wire>(&self, document: &Json) -> T {
        let object = reads(document);
        assert_ne!(
            self.schema_takes(document),
            Some(false),
            "schema refuses {}",
            written(document)
        );
        object
    }

    /// The type refuses the document, and the schema agrees.
    #[track_caller]
    pub(crate) fn refuses<T: Wire>(&self, document: &Json) -> ShapeError {
        let error = match from_value::<T>(document) {
            Ok(_) => panic!("the type takes {}", written(document)),
            Err(error) => error,
        };
        assert_ne!(
            self.schema_takes(document),
            Some(true),
            "schema takes {}: {error}",
            written(document)
        );
        error
    }
}

/// The type reads the document, and what it writes reads the same again.
#[track_caller]
pub(crate) fn reads<T: Wire>(document: &Json) -> T {
    let read = |document| {
        from_value::<T>(document).unwrap_or_else(|error| panic!("{error}: {}", written(document)))
    };
    let object = read(document);
    let again = read(&to_value(&object).unwrap());
    assert_eq!(again, object);
    object
}
