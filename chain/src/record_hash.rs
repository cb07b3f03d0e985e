// SPDX-License-Identifier: Apache-2.0

//! The record hash, format v1.
//!
//! ```text
//! CHAIN-01  hex(SHA-256(utf8( event_id | event_type | R(resource_type) | R(resource_id)
//!                           | R(outcome) | severity | ts | prev_hash | decimal(sequence_number) )))
//! CHAIN-02  R(null) and R("") are the empty text
//! CHAIN-03  nothing is trimmed
//! CHAIN-04  ts is created_at as YYYY-MM-DDTHH:MM:SS.ffffff, always six digits, no zone
//! CHAIN-05  created_at is UTC
//! ```
//!
//! What is **not** hashed: `payload_json`, `chain_scope`, `chain_format_version` (AMB-11). A change
//! there is caught by the manifest's hash of the whole file, or by an integrity digest, and by nothing here.

use alloc::string::{String, ToString};

use permit_canonical_json::{DigestSink, Kind, Sha256Digest, Sink, Value};
use permit_types::{WrittenTime, Zone};

use crate::entry_fields::EntryFields;

/// The nine inputs of the record hash, found to be in order.
#[derive(Clone, Copy, Debug)]
pub struct RecordHashInputs<'v> {
    /// `event_id`, not empty.
    pub event_id: &'v str,
    /// `event_type`, not empty.
    pub event_type: &'v str,
    /// `resource_type`, empty for null.
    pub resource_type: &'v str,
    /// `resource_id`, empty for null.
    pub resource_id: &'v str,
    /// `outcome`, empty for null.
    pub outcome: &'v str,
    /// `severity`, not empty.
    pub severity: &'v str,
    /// `created_at`, taken apart; at most six digits of fraction.
    pub created_at: WrittenTime<'v>,
    /// `prev_hash`, not empty.
    pub prev_hash: &'v str,
    /// `sequence_number`.
    pub sequence_number: u64,
}

/// Computes the record hash of format v1 (CHAIN-01).
///
/// ```
/// use permit_chain::{RecordHashInputs, record_hash_v1};
/// use permit_types::WrittenTime;
///
/// let zeros = "0".repeat(64);
/// let inputs = RecordHashInputs {
///     event_id: "evt_001",
///     event_type: "permit.created",
///     resource_type: "permit",
///     resource_id: "permit_001",
///     outcome: "approved",
///     severity: "info",
///     created_at: WrittenTime::split("2026-05-07T12:34:56.789123Z").unwrap(),
///     prev_hash: &zeros,
///     sequence_number: 1,
/// };
/// assert_eq!(
///     record_hash_v1(&inputs).to_string(),
///     "649d339d4da8efbff5ffe9737d0acba8d58623111baeece16195d9b36cd2b7c1",
/// );
/// ```
#[must_use]
pub fn record_hash_v1(inputs: &RecordHashInputs<'_>) -> Sha256Digest {
    let mut sink = DigestSink::new();
    for part in [
        inputs.event_id,
        inputs.event_type,
        inputs.resource_type,
        inputs.resource_id,
        inputs.outcome,
        inputs.severity,
    ] {
        sink.put(part);
        sink.put("|");
    }
    put_timestamp(&inputs.created_at, &mut sink);
    sink.put("|");
    sink.put(inputs.prev_hash);
    sink.put("|");
    put_decimal(inputs.sequence_number, &mut sink);
    sink.finish()
}

/// Writes a time as the hash wants it: six digits of fraction and no zone (CHAIN-04).
fn put_timestamp(time: &WrittenTime<'_>, sink: &mut impl Sink) {
    sink.put(time.date_text());
    sink.put("T");
    sink.put(time.time_text());
    sink.put(".");
    sink.put(time.fraction());
    sink.put("000000".get(time.fraction().len()..).unwrap_or_default());
}

fn put_decimal(number: u64, sink: &mut impl Sink) {
    let mut digits = [0_u8; 20];
    let mut start = digits.len();
    let mut rest = number;
    for (index, place) in digits.iter_mut().enumerate().rev() {
        *place = b'0' + u8::try_from(rest % 10).unwrap_or(0);
        start = index;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    let digits = digits.get(start..).and_then(|digits| core::str::from_utf8(digits).ok());
    sink.put(digits.unwrap_or_default());
}

/// Why the record hash of an entry cannot be computed: the first input that is not in order.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HashInputProblem {
    /// A member that must be text, and not empty, is not (CHAIN-17).
    #[error("`{member}` is {found}, not a text of at least one character")]
    NoText {
        /// The member.
        member: &'static str,
        /// What it is instead.
        found: &'static str,
    },
    /// A member that must be text or null is neither.
    #[error("`{member}` is {found}, neither a text nor null")]
    NeitherTextNorNull {
        /// The member.
        member: &'static str,
        /// What it is instead.
        found: &'static str,
    },
    /// There is no sequence number (CHAIN-17).
    #[error("`sequence_number` is {found}")]
    NoSequenceNumber {
        /// What it is instead.
        found: &'static str,
    },
    /// `created_at` cannot be hashed.
    #[error("`created_at` {0}")]
    Timestamp(TimestampProblem),
}

impl HashInputProblem {
    /// The member that is not in order.
    #[must_use]
    pub fn member(&self) -> &'static str {
        match self {
            Self::NoText { member, .. } | Self::NeitherTextNorNull { member, .. } => member,
            Self::NoSequenceNumber { .. } => "sequence_number",
            Self::Timestamp(_) => "created_at",
        }
    }

    /// The rule that is broken.
    #[must_use]
    pub fn rule(&self) -> &'static str {
        match self {
            Self::Timestamp(TimestampProblem::NotUtc { .. }) => "CHAIN-05",
            Self::Timestamp(_) => "CHAIN-04",
            _ => "CHAIN-17",
        }
    }
}

/// Why a timestamp cannot be hashed (CHAIN-04, CHAIN-05, AMB-17).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TimestampProblem {
    /// It is not a date and time as RFC 3339 writes them.
    #[error("is not a date and time as RFC 3339 writes them")]
    NotATime,
    /// Its zone is not UTC. The hash has no place for a zone, so that two instants would hash alike.
    #[error("has an offset of {offset_seconds} seconds from UTC")]
    NotUtc {
        /// Seconds east of UTC.
        offset_seconds: i32,
    },
    /// It has more digits of fraction than the hash has places for.
    #[error("has {digits} digits of fraction, more than six")]
    TooPrecise {
        /// The digits.
        digits: usize,
    },
}

impl<'v> RecordHashInputs<'v> {
    /// Checks the inputs in a fixed order and stops at the first that is not in order.
    ///
    /// # Errors
    /// That input, and what is wrong with it.
    pub fn check(
        fields: &EntryFields<'v>,
        sequence_number: Option<u64>,
    ) -> Result<Self, HashInputProblem> {
        let sequence_number = sequence_number.ok_or_else(|| {
            HashInputProblem::NoSequenceNumber { found: found(fields.sequence_number) }
        })?;
        required(fields.record_hash, "record_hash")?;
        let prev_hash = required(fields.prev_hash, "prev_hash")?;
        let event_id = required(fields.event_id, "event_id")?;
        let event_type = required(fields.event_type, "event_type")?;
        let resource_type = nullable(fields.resource_type, "resource_type")?;
        let resource_id = nullable(fields.resource_id, "resource_id")?;
        let outcome = nullable(fields.outcome, "outcome")?;
        let severity = required(fields.severity, "severity")?;
        let created_at = required(fields.created_at, "created_at")?;
        let created_at = hashable_time(created_at).map_err(HashInputProblem::Timestamp)?;
        Ok(Self {
            event_id,
            event_type,
            resource_type,
            resource_id,
            outcome,
            severity,
            created_at,
            prev_hash,
            sequence_number,
        })
    }
}

fn hashable_time(text: &str) -> Result<WrittenTime<'_>, TimestampProblem> {
    let time = WrittenTime::split(text).ok_or(TimestampProblem::NotATime)?;
    if let Zone::Offset(offset_seconds) = time.zone() {
        return Err(TimestampProblem::NotUtc { offset_seconds });
    }
    let digits = time.fraction().len();
    if digits > 6 { Err(TimestampProblem::TooPrecise { digits }) } else { Ok(time) }
}

fn required<'v>(
    value: Option<&'v Value<'v>>,
    member: &'static str,
) -> Result<&'v str, HashInputProblem> {
    EntryFields::text(value).ok_or_else(|| HashInputProblem::NoText { member, found: found(value) })
}

fn nullable<'v>(
    value: Option<&'v Value<'v>>,
    member: &'static str,
) -> Result<&'v str, HashInputProblem> {
    match value {
        None => Ok(""),
        Some(value) if value.is_null() => Ok(""),
        Some(value) => value
            .as_str()
            .ok_or(HashInputProblem::NeitherTextNorNull { member, found: value.kind().as_str() }),
    }
}

fn found(value: Option<&Value<'_>>) -> &'static str {
    match value.map(Value::kind) {
        None => "missing",
        Some(Kind::String) => "empty",
        Some(kind) => kind.as_str(),
    }
}

/// The text of a value as it stands in the input, for messages.
pub(crate) fn shown(value: Option<&Value<'_>>) -> String {
    match value {
        None => "nothing".to_string(),
        Some(value) => match (value.as_str(), value.as_number()) {
            (Some(text), _) => text.to_string(),
            (None, Some(number)) => number.as_str().to_string(),
            (None, None) => value.kind().to_string(),
        },
    }
}
