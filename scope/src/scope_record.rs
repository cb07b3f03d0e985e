// SPDX-License-Identifier: Apache-2.0

//! Records of segments: entries of a chain as exports disclose them or bridge over them.
//!
//! ```text
//! looked at     event_id, event_type, chain_scope, record_hash, prev_hash, created_at,
//!               chain_format_version, sequence_number, and what predicates look up
//! also read     the entry in an object `chain_entry_ref`; older names of three members
//! left alone    everything else
//! ```
//!
//! The schema closes the object; the exports of honest issuers have more (AMB-38), and often
//! enough of it to compute the record hash.

use permit_canonical_json::{ByteRange, Sha256Digest, Value};
use permit_chain::{CHAIN_FORMAT_V1, EntryFields, RecordHashInputs, record_hash_v1};

use crate::{
    merkle::MembershipLeaf,
    object_form::{Form, FormFault},
    record_fields::{PayloadForm, RecordFields},
};

/// A record of a segment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ScopeRecord<'v> {
    pub(crate) event_id: &'v str,
    pub(crate) chain_scope: &'v str,
    pub(crate) sequence_number: u64,
    pub(crate) record_hash: &'v str,
    pub(crate) prev_hash: &'v str,
    pub(crate) chain_format_version: &'v str,
    pub(crate) fields: RecordFields<'v>,
    pub(crate) range: ByteRange,
    /// Where it stands: in the disclosure or among the bridges, and at which index.
    pub(crate) is_bridge: bool,
    pub(crate) index: usize,
}

/// Whether the hash of a record is that of what it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HashCheck {
    /// It is.
    Holds,
    /// The record has all that is hashed, and the hash is another.
    Differs(Sha256Digest),
    /// The record has not all that is hashed (AMB-38).
    NotPossible,
}

impl<'v> ScopeRecord<'v> {
    pub(crate) fn read(
        value: &'v Value<'v>,
        is_bridge: bool,
        index: usize,
    ) -> Result<Self, FormFault> {
        let form = Form::of(value)?;
        let fields = RecordFields::of(form.object());
        let text = |name: &str, alias| {
            let stated = fields.kept(name, alias).and_then(Value::as_str);
            stated.filter(|text| !text.is_empty()).ok_or_else(|| {
                let summary = format!("the record has no `{name}`, which is a text");
                FormFault::new(form.range(), summary)
            })
        };
        let event_id = text("event_id", None)?;
        text("event_type", None)?;
        let chain_scope = text("chain_scope", None)?;
        let record_hash = text("record_hash", Some("chain_entry_hash"))?;
        let prev_hash = text("prev_hash", Some("previous_record_hash"))?;
        text("created_at", None)?;
        let chain_format_version = text("chain_format_version", Some("format_version"))?;
        let number = fields.kept("sequence_number", None).and_then(Value::as_u64);
        let sequence_number = number.filter(|number| *number > 0).ok_or_else(|| {
            let summary = "the record has no `sequence_number`, which is an integer of at least 1";
            FormFault::new(form.range(), summary)
        })?;
        Ok(Self {
            event_id,
            chain_scope,
            sequence_number,
            record_hash,
            prev_hash,
            chain_format_version,
            fields,
            range: form.range(),
            is_bridge,
            index,
        })
    }

    /// Which list of the segment's evidence it stands in.
    pub(crate) fn list(&self) -> &'static str {
        if self.is_bridge { "proof_bridge_records" } else { "disclosure_records" }
    }

    pub(crate) fn leaf(&self) -> MembershipLeaf<'v> {
        MembershipLeaf {
            sequence_number: self.sequence_number,
            event_id: self.event_id,
            record_hash: self.record_hash,
        }
    }

    /// What every reader of the format would refuse, though the reference does not.
    pub(crate) fn check_strictly(&self) -> Result<(), FormFault> {
        match self.fields.payload_form() {
            PayloadForm::Object => Ok(()),
            PayloadForm::Missing => {
                Err(FormFault::new(self.range, "the record has no `payload_json`"))
            }
            PayloadForm::NotAnObject(other) => {
                let summary = format!("the payload of the record is {}", other.kind());
                Err(FormFault::new(other.range(), summary))
            }
        }
    }

    /// Computes the record hash (CHAIN-09) where the record has all that goes into it.
    ///
    /// A record that states all nine inputs itself is held to them. Where some are only in its
    /// payload, they need not be those of the entry: if they give the hash, that is as good, and if
    /// they do not, nothing follows.
    pub(crate) fn check_hash(&self) -> HashCheck {
        if self.chain_format_version != CHAIN_FORMAT_V1 {
            return HashCheck::NotPossible;
        }
        let by_entry = self.computed(Inputs::OfEntry, "created_at");
        let candidates = [
            by_entry,
            self.computed(Inputs::OfEntry, "occurred_at"),
            self.computed(Inputs::OfEntryOrPayload, "created_at"),
        ];
        let mut candidates = candidates.into_iter().flatten();
        if candidates.any(|computed| computed.hex().as_str() == self.record_hash) {
            return HashCheck::Holds;
        }
        let states_all = ENTRY_ONLY.iter().all(|name| self.fields.states(name));
        let are_bare = [self.record_hash, self.prev_hash].map(Sha256Digest::from_hex);
        match by_entry {
            Some(computed) if states_all && are_bare.iter().all(Option::is_some) => {
                HashCheck::Differs(computed)
            }
            _ => HashCheck::NotPossible,
        }
    }

    /// The record hash, if there is all that goes into it.
    fn computed(&self, inputs: Inputs, time: &str) -> Option<Sha256Digest> {
        let kept = |name: &str| self.fields.kept(name, None);
        let get = |name: &str| match inputs {
            Inputs::OfEntry => kept(name),
            Inputs::OfEntryOrPayload => kept(name).or_else(|| self.fields.in_payloads(name)),
        };
        let fields = EntryFields {
            event_id: kept("event_id"),
            event_type: kept("event_type"),
            resource_type: get("resource_type"),
            resource_id: get("resource_id"),
            outcome: get("outcome"),
            severity: get("severity"),
            sequence_number: kept("sequence_number"),
            record_hash: self.fields.kept("record_hash", Some("chain_entry_hash")),
            prev_hash: self.fields.kept("prev_hash", Some("previous_record_hash")),
            created_at: kept(time),
            ..EntryFields::default()
        };
        let inputs = RecordHashInputs::check(&fields, Some(self.sequence_number)).ok()?;
        Some(record_hash_v1(&inputs))
    }
}

/// Where inputs of the record hash are taken from that the closed form has no place for.
#[derive(Clone, Copy, Debug)]
enum Inputs {
    OfEntry,
    OfEntryOrPayload,
}

/// Inputs of the record hash that the closed form of a record has no place for.
const ENTRY_ONLY: [&str; 4] = ["resource_type", "resource_id", "outcome", "severity"];
