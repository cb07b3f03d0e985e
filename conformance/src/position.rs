// SPDX-License-Identifier: Apache-2.0

//! Where evidence fails first, and how much of it was looked at.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::word::words;

words! {
    /// The kind of thing that fails first.
    PositionType {
        /// A permit; its `id` is the permit's.
        Permit = "permit",
        /// A chain entry; its `sequence` is its sequence number, its `id` the event's.
        ChainEntry = "chain_entry",
        /// A closure; its `id` is that of its permit.
        ClosureRecord = "closure_record",
        /// The manifest.
        Manifest = "manifest",
        /// A signature; its `id` is that of the key.
        Signature = "signature",
        /// A time-stamp receipt.
        TsaReceipt = "tsa_receipt",
        /// A checkpoint.
        Checkpoint = "checkpoint",
    }
}

/// The first thing that fails (CONFM-02).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Position {
    /// What kind of thing it is.
    #[serde(rename = "type")]
    pub kind: PositionType,
    /// Which one, where it has a name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Which one, where it has a number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sequence: Option<u64>,
}

impl Position {
    /// A position without name and number.
    #[must_use]
    pub fn of(kind: PositionType) -> Self {
        Self { kind, id: None, sequence: None }
    }

    /// Whether an answer names this position. What is not stated here may be anything there: a
    /// verifier that also tells the event's id is no worse for it.
    #[must_use]
    pub fn agrees_with(&self, actual: &Self) -> bool {
        self.kind == actual.kind
            && self.id.as_ref().is_none_or(|id| actual.id.as_ref() == Some(id))
            && self.sequence.is_none_or(|sequence| actual.sequence == Some(sequence))
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind.as_str())?;
        if let Some(sequence) = self.sequence {
            write!(f, " {sequence}")?;
        }
        match &self.id {
            Some(id) => write!(f, " `{}`", permit_canonical_json::Excerpt(id)),
            None => Ok(()),
        }
    }
}

/// How much of the evidence was looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct EvidenceCounts {
    /// Permits.
    #[serde(default)]
    pub permits: u64,
    /// Chain entries.
    #[serde(default)]
    pub chain_entries: u64,
    /// Closures.
    #[serde(default)]
    pub closure_records: u64,
    /// Checkpoints.
    #[serde(default)]
    pub checkpoints: u64,
}

impl EvidenceCounts {
    /// The names and values.
    #[must_use]
    pub fn each(&self) -> [(&'static str, u64); 4] {
        [
            ("permits", self.permits),
            ("chain_entries", self.chain_entries),
            ("closure_records", self.closure_records),
            ("checkpoints", self.checkpoints),
        ]
    }

    /// The counts that are below these bounds.
    #[must_use]
    pub fn below(&self, bounds: &Self) -> Vec<&'static str> {
        let pairs = self.each().into_iter().zip(bounds.each());
        pairs.filter(|((_, count), (_, bound))| count < bound).map(|((name, _), _)| name).collect()
    }
}

impl fmt::Display for EvidenceCounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (name, count)) in self.each().into_iter().enumerate() {
            let comma = if index > 0 { ", " } else { "" };
            write!(f, "{comma}{name} {count}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(kind: PositionType, id: Option<&str>, sequence: Option<u64>) -> Position {
        Position { kind, id: id.map(str::to_owned), sequence }
    }

    #[test]
    fn confm_02_what_is_stated_has_to_be_named() {
        use PositionType::{ChainEntry, Manifest};
        let second = at(ChainEntry, None, Some(2));
        for (actual, agrees) in [
            (at(ChainEntry, None, Some(2)), true),
            (at(ChainEntry, Some("evt_2"), Some(2)), true),
            (at(ChainEntry, None, Some(3)), false),
            (at(ChainEntry, None, None), false),
            (at(Manifest, None, Some(2)), false),
        ] {
            assert_eq!(second.agrees_with(&actual), agrees, "{actual}");
        }
        let named = at(ChainEntry, Some("evt_2"), None);
        assert!(!named.agrees_with(&second));
        assert!(named.agrees_with(&at(ChainEntry, Some("evt_2"), Some(7))));
    }

    #[test]
    fn counts_are_lower_bounds() {
        let bounds = EvidenceCounts { permits: 1, chain_entries: 3, ..EvidenceCounts::default() };
        let seen = EvidenceCounts { permits: 2, chain_entries: 2, ..EvidenceCounts::default() };
        assert_eq!(seen.below(&bounds), ["chain_entries"]);
        assert!(bounds.below(&bounds).is_empty());
    }
}
