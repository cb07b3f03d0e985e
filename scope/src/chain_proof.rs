// SPDX-License-Identifier: Apache-2.0

//! The records of a segment taken together: start, links and end.
//!
//! ```text
//! SFE-09    the first record is the one that the declared start leads to
//! CHAIN-07  no number is there twice; gaps are no fault (CHAIN-11)
//! CHAIN-08  each record names the hash of the one before
//! CHAIN-09  where a record states all that is hashed, its hash is computed
//! SFE-08    no record is behind the declared end, and the one at the end is the head
//! ```
//!
//! The records need not reach the end: issuers bridge from the first disclosed record to the last one,
//! and a scope without members needs no record at all. That none of the entries behind the last
//! record matches is then the word of the scope state alone, and the proof says so.

use permit_chain::CHAIN_FORMAT_V1;
use permit_claims::{ClaimFault, Unsupported};
use permit_failure_codes::FailureCode;
use permit_types::StartKind;

use crate::{
    fault::{END, EVIDENCE, HEADS, START, fault, quoted, with},
    scope_record::{HashCheck, ScopeRecord},
    segment::Segment,
};

/// All records of a segment in the order of their chain.
#[derive(Debug)]
pub(crate) struct ChainProof<'s, 'v> {
    segment: &'s Segment<'v>,
    records: Vec<&'s ScopeRecord<'v>>,
}

impl<'s, 'v> ChainProof<'s, 'v> {
    pub(crate) fn of(segment: &'s Segment<'v>) -> Self {
        let mut records: Vec<_> = segment.disclosures.iter().chain(&segment.bridges).collect();
        records.sort_by_key(|record| record.leaf());
        Self { segment, records }
    }

    /// The numbers of the first and the last record.
    pub(crate) fn window(&self) -> Option<(u64, u64)> {
        let (first, last) = (self.records.first()?, self.records.last()?);
        Some((first.sequence_number, last.sequence_number))
    }

    /// Whether the records go on to the end of the segment.
    pub(crate) fn reaches_end(&self) -> bool {
        self.window().is_some_and(|(_, last)| last == self.segment.end.sequence_number)
    }

    /// The first record is where the declared start leads to; no record leads nowhere (SFE-09).
    pub(crate) fn check_start(&self) -> Result<(), ClaimFault> {
        let (start, Some(first)) = (&self.segment.start, self.records.first()) else {
            return Ok(());
        };
        if Some(first.sequence_number) != start.first {
            let expected = start.first.map_or("none".to_owned(), |first| first.to_string());
            let summary = "the first record is not the one that the declared start leads to";
            let values = (expected, first.sequence_number.to_string());
            return Err(self.start_fault(first, summary, values));
        }
        if first.prev_hash != start.prev_hash {
            let summary = match start.kind {
                StartKind::Genesis => "the first record does not name the declared genesis hash",
                StartKind::PredecessorProof => {
                    "the first record does not link to the declared predecessor"
                }
                StartKind::CheckpointAnchor => {
                    "the first record does not link to the declared anchor"
                }
            };
            let values = (quoted(start.prev_hash), quoted(first.prev_hash));
            return Err(self.start_fault(first, summary, values));
        }
        Ok(())
    }

    /// Each record links to the one before it (CHAIN-07, CHAIN-08).
    pub(crate) fn check_links(&self) -> Result<(), ClaimFault> {
        for (before, record) in self.records.iter().zip(self.records.iter().skip(1)) {
            let number = record.sequence_number;
            let (rule, summary) = if before.sequence_number == number {
                ("CHAIN-07", format!("two records have the sequence number {number}"))
            } else if before.record_hash != record.prev_hash {
                (
                    "CHAIN-08",
                    format!(
                        "the record {number} does not link to the record {} before it",
                        before.sequence_number
                    ),
                )
            } else {
                continue;
            };
            let broken = self.discontinuity(record, rule, summary);
            return Err(with(broken, |finding| {
                finding.values(quoted(before.record_hash), quoted(record.prev_hash))
            }));
        }
        Ok(())
    }

    /// What the specification demands and the reference does not look at. Gives the number of
    /// records whose hash was computed.
    pub(crate) fn check_strictly(&self) -> Result<u64, ClaimFault> {
        let mut computed = 0;
        for record in &self.records {
            self.check_format(record)?;
            match record.check_hash() {
                HashCheck::Holds => computed += 1,
                HashCheck::NotPossible => {}
                HashCheck::Differs(hash) => {
                    let number = record.sequence_number;
                    let summary = format!("the record {number} does not hash to its record hash");
                    let wrong = self.discontinuity(record, "CHAIN-09", summary);
                    return Err(with(wrong, |finding| {
                        finding.values(hash.to_string(), quoted(record.record_hash))
                    }));
                }
            }
        }
        self.check_predecessor()?;
        self.check_end()?;
        Ok(computed)
    }

    /// How entries of another format link is not known here.
    fn check_format(&self, record: &ScopeRecord<'_>) -> Result<(), ClaimFault> {
        let (number, format) = (record.sequence_number, record.chain_format_version);
        if format == CHAIN_FORMAT_V1 {
            return Ok(());
        }
        let code = FailureCode::WalkUnknownChainFormat;
        let format = quoted(format);
        let summary = format!("the record {number} has the unknown chain format {format}");
        let at = self.segment.record_at(record);
        let mut unknown = fault(code, "CHAIN-14", at, summary).evidence([EVIDENCE]);
        unknown.verdict = Unsupported::UnverifiableScope;
        Err(unknown)
    }

    /// The declared predecessor comes before what it is the predecessor of.
    fn check_predecessor(&self) -> Result<(), ClaimFault> {
        let start = &self.segment.start;
        match (start.predecessor, start.first) {
            (Some(predecessor), Some(first)) if predecessor >= first => {
                let code = FailureCode::ExportBoundaryStartMismatch;
                let at = self.segment.at(&["declared_start", "predecessor_sequence_number"]);
                let summary = format!(
                    "the declared predecessor {predecessor} does not come before record {first}"
                );
                Err(fault(code, "SFE-09", at, summary).evidence([START]))
            }
            _ => Ok(()),
        }
    }

    fn check_end(&self) -> Result<(), ClaimFault> {
        let (end, Some(last)) = (&self.segment.end, self.records.last()) else { return Ok(()) };
        let bare = |hash: &'v str| hash.strip_prefix("sha256:").unwrap_or(hash);
        let is_head = bare(last.record_hash) == bare(end.last_record_hash);
        let summary = if last.sequence_number > end.sequence_number {
            format!(
                "the record {} lies behind the end of the segment at {}",
                last.sequence_number, end.sequence_number
            )
        } else if last.sequence_number == end.sequence_number && !is_head {
            format!(
                "the record {} at the end of the segment is not the head of the checkpoint",
                last.sequence_number
            )
        } else {
            return Ok(());
        };
        let code = FailureCode::ExportBoundaryCheckpointMismatch;
        let wrong = fault(code, "SFE-08", self.segment.record_at(last), summary);
        Err(with(wrong.evidence([END, HEADS]), |finding| {
            finding.values(quoted(end.last_record_hash), quoted(last.record_hash))
        }))
    }

    fn discontinuity(
        &self,
        record: &ScopeRecord<'_>,
        rule: &'static str,
        summary: String,
    ) -> ClaimFault {
        let code = FailureCode::ExportChainProofDiscontinuity;
        let broken = fault(code, rule, self.segment.record_at(record), summary);
        with(broken.evidence([EVIDENCE]), |finding| {
            finding.detail("event_id", record.event_id).detail("scope", record.chain_scope)
        })
    }

    fn start_fault(
        &self,
        first: &ScopeRecord<'_>,
        summary: &str,
        values: (String, String),
    ) -> ClaimFault {
        let code = FailureCode::ExportBoundaryStartMismatch;
        let wrong = fault(code, "SFE-09", self.segment.record_at(first), summary);
        with(wrong.evidence([START, EVIDENCE]), |finding| finding.values(values.0, values.1))
    }
}
