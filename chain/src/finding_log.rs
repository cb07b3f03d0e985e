// SPDX-License-Identifier: Apache-2.0

//! Findings in order, as many as a reader can use, all of them counted.

use alloc::{collections::BTreeMap, vec::Vec};

use permit_types::{Finding, Severity};

/// Keeps the first findings by an order that the layer defines, and counts the rest.
///
/// A file in which everything is wrong must not need more memory than one in
/// which nothing is. The first finding of all is always kept: it is the headline.
#[derive(Clone, Debug)]
pub struct FindingLog<K> {
    kept: BTreeMap<(K, u64), (Finding, Option<K>)>,
    limit: usize,
    added: u64,
    failures: u64,
    left_out: u64,
}

impl<K: Ord> FindingLog<K> {
    /// A log that keeps `limit` findings, but never less than one.
    #[must_use]
    pub fn new(limit: usize) -> Self {
        Self { kept: BTreeMap::new(), limit: limit.max(1), added: 0, failures: 0, left_out: 0 }
    }

    /// Whether a finding at this place in the order would be kept, so that it is worth making.
    #[must_use]
    pub fn wants(&self, key: &K) -> bool {
        self.kept.len() < self.limit
            || self.kept.last_key_value().is_some_and(|((last, _), _)| key < last)
    }

    /// Adds a finding that `make` makes, if it would be kept; counts it otherwise.
    pub fn add(&mut self, key: K, severity: Severity, make: impl FnOnce() -> Finding) {
        self.add_because(key, None, severity, make);
    }

    /// Adds a finding that follows from the one at `cause` in the order.
    pub fn add_because(
        &mut self,
        key: K,
        cause: Option<K>,
        severity: Severity,
        make: impl FnOnce() -> Finding,
    ) {
        self.failures = self.failures.saturating_add(u64::from(severity == Severity::Failure));
        self.added = self.added.saturating_add(1);
        if !self.wants(&key) {
            self.left_out = self.left_out.saturating_add(1);
            return;
        }
        self.kept.insert((key, self.added), (make(), cause));
        if self.kept.len() > self.limit {
            self.kept.pop_last();
            self.left_out = self.left_out.saturating_add(1);
        }
    }

    /// Number of findings that fail the evidence, kept or not.
    #[must_use]
    pub fn failures(&self) -> u64 {
        self.failures
    }

    /// Number of findings that are not kept.
    #[must_use]
    pub fn left_out(&self) -> u64 {
        self.left_out
    }

    /// The findings that were kept, in order, each with its place in it and that of its cause.
    pub fn into_ordered(self) -> impl Iterator<Item = (K, Option<K>, Finding)> {
        self.kept.into_iter().map(|((key, _), (finding, cause))| (key, cause, finding))
    }

    /// The findings that were kept, in order; causes named by their index.
    #[must_use]
    pub fn into_findings(self) -> Vec<Finding> {
        let index_of = |cause: &K| self.kept.keys().position(|(key, _)| key == cause);
        let causes: Vec<_> =
            self.kept.values().map(|(_, cause)| cause.as_ref().and_then(index_of)).collect();
        let mut findings = Vec::with_capacity(causes.len());
        for ((mut finding, _), because) in self.kept.into_values().zip(causes) {
            finding.because = because;
            findings.push(finding);
        }
        findings
    }
}

#[cfg(test)]
mod tests {
    use permit_failure_codes::ReasonClass;
    use permit_types::{Artifact, Location};

    use super::*;

    fn finding(text: &'static str) -> Finding {
        Finding::failure(ReasonClass::TimestampForm, Location::whole(Artifact::Export), text)
    }

    #[test]
    fn the_first_by_order_are_kept_and_all_are_counted() {
        let mut log = FindingLog::new(2);
        for (key, text) in [(5, "five"), (3, "three"), (9, "nine"), (1, "one"), (3, "again")] {
            log.add(key, Severity::Failure, || finding(text));
        }
        log.add(0, Severity::Notice, || finding("notice"));
        assert_eq!((log.failures(), log.left_out()), (5, 4));
        let texts: Vec<_> = log.into_findings().into_iter().map(|f| f.summary).collect();
        assert_eq!(texts, ["notice", "one"]);
    }
}
