// SPDX-License-Identifier: Apache-2.0

//! Numbers that need not be integers.

use permit_canonical_json::{Kind, Value};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Unexpected};

/// A number of any precision that is not negative, kept as it was written.
///
/// For amounts in a currency, which some members give with a fraction. They are
/// shown and never computed with: what a fraction of a cent means is up to the issuer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NonNegativeNumber(Value<'static>);

impl NonNegativeNumber {
    /// The number, if the value is one and not negative.
    #[must_use]
    pub fn new(value: Value<'static>) -> Option<Self> {
        let text = value.as_number()?.as_str();
        if is_negative(text) { None } else { Some(Self(value)) }
    }

    /// The number as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_number().map_or("", |number| number.as_str())
    }
}

/// Whether the number is below zero; the exponent does not matter for that.
fn is_negative(text: &str) -> bool {
    let mantissa = text.split(['e', 'E']).next().unwrap_or(text);
    mantissa.starts_with('-') && mantissa.contains(|digit| matches!(digit, '1'..='9'))
}

impl Serialize for NonNegativeNumber {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for NonNegativeNumber {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use serde::de::Error;
        let value = Value::<'static>::deserialize(deserializer)?;
        match value.kind() {
            Kind::Number => {
                let found = value.as_number().map_or(0.0, |number| number.to_f64());
                Self::new(value).ok_or_else(|| {
                    let expected = "a number that is not negative";
                    D::Error::invalid_value(Unexpected::Float(found), &expected)
                })
            }
            kind => Err(D::Error::invalid_type(Unexpected::Other(kind.as_str()), &"a number")),
        }
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for NonNegativeNumber {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> alloc::borrow::Cow<'static, str> {
        "NonNegativeNumber".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "number", "minimum": 0 })
    }
}

#[cfg(test)]
mod tests {
    use permit_canonical_json::{Budget, read_text};

    use super::*;

    #[test]
    fn only_numbers_below_zero_are_negative() {
        for (text, good) in [
            ("0", true),
            ("-0", true),
            ("-0.00e5", true),
            ("0.000123", true),
            ("1e999", true),
            ("-1e-999", false),
            ("-0.01", false),
            ("\"1\"", false),
            ("null", false),
        ] {
            let value = read_text(text, &Budget::default()).unwrap().into_owned();
            let number = NonNegativeNumber::new(value);
            assert_eq!(number.as_ref().map(NonNegativeNumber::as_str), good.then_some(text));
        }
    }
}
