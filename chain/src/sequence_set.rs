// SPDX-License-Identifier: Apache-2.0

//! Which sequence numbers a scope has shown, in memory that grows with gaps and not with entries.

use alloc::collections::BTreeMap;

/// A set of numbers, kept as runs without a gap.
#[derive(Clone, Debug, Default)]
pub(crate) struct SequenceSet {
    /// First number of a run to its last.
    runs: BTreeMap<u64, u64>,
}

impl SequenceSet {
    /// Adds a number. Returns `false` if it was there before.
    pub(crate) fn insert(&mut self, number: u64) -> bool {
        let before = self.runs.range(..=number).next_back().map(|(first, last)| (*first, *last));
        if before.is_some_and(|(_, last)| number <= last) {
            return false;
        }
        let follows = before.filter(|(_, last)| last.checked_add(1) == Some(number));
        let after = number.checked_add(1).and_then(|next| self.runs.remove(&next));
        let last = after.unwrap_or(number);
        match follows {
            Some((first, _)) => self.runs.insert(first, last),
            None => self.runs.insert(number, last),
        };
        true
    }

    /// Number of runs, which is what the set costs.
    pub(crate) fn runs(&self) -> usize {
        self.runs.len()
    }

    /// The smallest and the largest number.
    pub(crate) fn bounds(&self) -> Option<(u64, u64)> {
        let (first, _) = self.runs.first_key_value()?;
        let (_, last) = self.runs.last_key_value()?;
        Some((*first, *last))
    }
}

#[cfg(test)]
mod tests {
    use alloc::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn behaves_like_a_set(numbers in proptest::collection::vec(prop_oneof![0_u64..60, Just(u64::MAX), Just(u64::MAX - 1)], 0..200)) {
            let mut model = BTreeSet::new();
            let mut set = SequenceSet::default();
            for number in numbers {
                prop_assert_eq!(set.insert(number), model.insert(number));
            }
            let gaps = model.iter().zip(model.iter().skip(1)).filter(|(a, b)| **a + 1 != **b).count();
            prop_assert_eq!(set.runs(), if model.is_empty() { 0 } else { gaps + 1 });
            prop_assert_eq!(set.bounds(), model.first().copied().zip(model.last().copied()));
        }
    }
}
