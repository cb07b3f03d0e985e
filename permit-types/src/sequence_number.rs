// SPDX-License-Identifier: Apache-2.0

//! The place of an entry in its chain.

use core::{fmt, num::NonZeroU64};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Unexpected};

/// The place of an entry in its scope; the first has 1, and gaps are no fault (CHAIN-11).
///
/// ```
/// use permit_types::SequenceNumber;
///
/// assert_eq!(SequenceNumber::new(1), Some(SequenceNumber::FIRST));
/// assert_eq!(SequenceNumber::new(0), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SequenceNumber(NonZeroU64);

impl SequenceNumber {
    /// The number of the first entry of a scope.
    pub const FIRST: Self = Self(NonZeroU64::MIN);

    /// The number, if it is one that entries can have.
    #[must_use]
    pub const fn new(number: u64) -> Option<Self> {
        match NonZeroU64::new(number) {
            Some(number) => Some(Self(number)),
            None => None,
        }
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0.get()
    }

    /// The number of the entry that an appender writes next; none behind the last that fits.
    #[must_use]
    pub const fn next(self) -> Option<Self> {
        match self.0.checked_add(1) {
            Some(number) => Some(Self(number)),
            None => None,
        }
    }
}

impl fmt::Display for SequenceNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Serialize for SequenceNumber {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(self.get())
    }
}

impl<'de> Deserialize<'de> for SequenceNumber {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = u64::deserialize(deserializer)?;
        Self::new(number).ok_or_else(|| {
            let found = Unexpected::Unsigned(number);
            serde::de::Error::invalid_value(found, &"an integer of at least 1")
        })
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for SequenceNumber {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> alloc::borrow::Cow<'static, str> {
        "SequenceNumber".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "integer", "minimum": 1 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_start_at_one_and_end_with_64_bits() {
        assert_eq!(SequenceNumber::FIRST.next().map(SequenceNumber::get), Some(2));
        assert_eq!(SequenceNumber::new(u64::MAX).and_then(SequenceNumber::next), None);
    }
}
