// SPDX-License-Identifier: Apache-2.0

//! The levels that a verifier may claim.
//!
//! ```text
//! 1 Baseline            cat-01, cat-02
//! 2 Signed              and cat-03, cat-04
//! 3 Canonical           and cat-05
//! 4 Full Cryptographic  and cat-06, cat-07
//! 5 Permit Chains       and cat-08
//! ```

use std::fmt;

/// A level: all cases of its categories and of those below it have to pass (CONFM-07).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Categories 01 and 02.
    Baseline,
    /// And 03 and 04.
    Signed,
    /// And 05.
    Canonical,
    /// And 06 and 07.
    FullCryptographic,
    /// And 08.
    PermitChains,
}

impl Level {
    /// All of them, lowest first.
    pub const ALL: &'static [Self] = &[
        Self::Baseline,
        Self::Signed,
        Self::Canonical,
        Self::FullCryptographic,
        Self::PermitChains,
    ];

    /// The number of the level, from 1 to 5.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::Baseline => 1,
            Self::Signed => 2,
            Self::Canonical => 3,
            Self::FullCryptographic => 4,
            Self::PermitChains => 5,
        }
    }

    /// The level of this number.
    #[must_use]
    pub fn of_number(number: u8) -> Option<Self> {
        Self::ALL.iter().copied().find(|level| level.number() == number)
    }

    /// The name of the level.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Baseline => "Baseline",
            Self::Signed => "Signed",
            Self::Canonical => "Canonical",
            Self::FullCryptographic => "Full Cryptographic",
            Self::PermitChains => "Permit Chains",
        }
    }

    /// The lowest level that asks for this category; nothing if none does.
    #[must_use]
    pub fn of_category(category: &str) -> Option<Self> {
        let number = category.strip_prefix("cat-")?.split('-').next()?;
        match number {
            "01" | "02" => Some(Self::Baseline),
            "03" | "04" => Some(Self::Signed),
            "05" => Some(Self::Canonical),
            "06" | "07" => Some(Self::FullCryptographic),
            "08" => Some(Self::PermitChains),
            _ => None,
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.number(), self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_ask_for_the_categories_of_the_table() {
        for (category, number) in [
            ("cat-01-baseline", Some(1)),
            ("cat-02-tamper-chain", Some(1)),
            ("cat-03-tamper-signature", Some(2)),
            ("cat-04-closure-binding", Some(2)),
            ("cat-05-canonicalization", Some(3)),
            ("cat-06-key-rotation", Some(4)),
            ("cat-07-bundle-format", Some(4)),
            ("cat-08-permit-chains", Some(5)),
            ("cat-09-more", None),
            ("cat-15-lenient-reference", None),
            ("claims", None),
        ] {
            assert_eq!(Level::of_category(category).map(Level::number), number, "{category}");
        }
        for level in Level::ALL {
            assert_eq!(Level::of_number(level.number()), Some(*level));
        }
        assert_eq!(Level::of_number(0), None);
    }
}
