// SPDX-License-Identifier: Apache-2.0

//! One closure, compared with what is known of its permit.
//!
//! ```text
//! dispatch   binding_request_hash of the permit                 CLOSE-08
//! provider   an event of the permit that carries the digest     CLOSE-07, AMB-05
//! client     an event of the permit that carries the digest     CLOSE-07, AMB-05
//! ```

use alloc::{format, string::ToString};

use permit_canonical_json::Sha256Digest;
use permit_types::{ClosureStatus, Finding};

use crate::{
    digest_matrix::{DigestField, Presence, presence},
    examine::ClosureFormat,
    fault::FaultKind,
    ledger::ClosurePlace,
    permit_facts::{PermitFacts, PermitKey, Statements},
};

/// A closure that was found in order by itself and waits for its counterparts.
#[derive(Debug)]
pub(crate) struct Waiting {
    pub(crate) permit: PermitKey,
    pub(crate) format: ClosureFormat,
    pub(crate) status: ClosureStatus,
    pub(crate) digests: [Option<Sha256Digest>; 3],
    pub(crate) carrier_permit: CarrierPermit,
    pub(crate) place: ClosurePlace,
}

/// The permit of the record that carries a closure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum CarrierPermit {
    /// The record is still being read, or no record carries the closure.
    Unknown,
    /// The same permit.
    Same,
    /// Another permit, or none.
    Other(Option<PermitKey>),
}

/// What a closure adds to the counts of an outcome if all its digests agree.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Agreed {
    pub(crate) digests: u8,
    pub(crate) dispatches: u8,
}

impl Waiting {
    pub(crate) fn digest(&self, field: DigestField) -> Option<Sha256Digest> {
        let [dispatch, provider, client] = self.digests;
        match field {
            DigestField::Dispatch => dispatch,
            DigestField::Provider => provider,
            DigestField::Client => client,
        }
    }

    /// What the matrix says about a field; nothing, if the format does not have it.
    pub(crate) fn presence(&self, field: DigestField) -> Presence {
        if self.format.digests().contains(&field) {
            presence(self.status, field)
        } else {
            Presence::Ignored
        }
    }

    /// Whether it lacks the digest of what was dispatched, and may (CLOSE-09).
    pub(crate) fn lacks_dispatch(&self) -> bool {
        self.presence(DigestField::Dispatch) == Presence::ExpectedIfSent
            && self.digest(DigestField::Dispatch).is_none()
    }

    /// Whether it is in order, whatever the rest of the evidence says.
    pub(crate) fn is_settled(&self, facts: &PermitFacts) -> bool {
        let carried = !matches!(self.carrier_permit, CarrierPermit::Other(_));
        let agrees = |field: &DigestField| self.fault_of(*field, facts).is_none();
        // Evidence that makes an absent digest required may still come.
        let open = self.presence(DigestField::Provider) == Presence::RequiredIfKnown
            && self.digest(DigestField::Provider).is_none();
        facts.known && carried && !open && self.format.digests().iter().all(agrees)
    }

    /// What is wrong with a field, seen from what is known.
    pub(crate) fn fault_of(&self, field: DigestField, facts: &PermitFacts) -> Option<FaultKind> {
        let presence = self.presence(field);
        if presence == Presence::Ignored {
            return None;
        }
        match (self.digest(field), facts.responses.get(field)) {
            (None, response) => absence_fault(presence, field, response),
            (Some(digest), None) => dispatch_fault(digest, &facts.request_hash),
            (Some(digest), Some(response)) if response.contains(digest) => None,
            (Some(_), Some(response)) if response.is_silent() => Some(FaultKind::EvidenceMissing),
            (Some(_), Some(_)) => Some(FaultKind::DigestMismatch),
        }
    }

    /// What it adds to the counts once all its digests agree.
    pub(crate) fn agreed(&self) -> Agreed {
        let compared = |field| {
            u8::from(self.presence(field) != Presence::Ignored && self.digest(field).is_some())
        };
        Agreed {
            digests: compared(DigestField::Provider) + compared(DigestField::Client),
            dispatches: compared(DigestField::Dispatch),
        }
    }

    /// Completes the finding of a fault with both sides of the comparison.
    pub(crate) fn complete(
        &self,
        finding: Finding,
        field: DigestField,
        kind: FaultKind,
        facts: &PermitFacts,
    ) -> Finding {
        let own = self.digest(field).map_or_else(|| "nothing".to_string(), |d| d.to_string());
        let member = field.member();
        let evidence = facts.responses.get(field).unwrap_or(&facts.request_hash);
        let shown = evidence.shown();
        match kind {
            FaultKind::DigestMissing | FaultKind::DispatchMissing => finding
                .values("a digest, as the status demands", own)
                .detail("missing_fields", member),
            FaultKind::EvidenceMissing => finding
                .values(format!("an event {} with it", field.event_types().join(" or ")), own)
                .detail("missing_fields", member),
            FaultKind::PermitHashMissing => {
                let expected = "a `binding_request_hash` of the permit";
                finding.values(expected, shown).detail("missing_fields", "binding_request_hash")
            }
            FaultKind::DispatchMismatch => finding
                .values(shown.clone(), own.clone())
                .detail("closure_digest", own)
                .detail("binding_request_hash", shown),
            _ => finding
                .values(shown.clone(), own.clone())
                .detail("closure_digest", own)
                .detail("event_digest", shown),
        }
        .detail("field", member)
    }
}

/// What an absent digest means.
fn absence_fault(
    presence: Presence,
    field: DigestField,
    response: Option<&Statements>,
) -> Option<FaultKind> {
    let known = response.is_some_and(|response| !response.is_silent());
    match presence {
        Presence::Required if field == DigestField::Dispatch => Some(FaultKind::DispatchMissing),
        Presence::Required => Some(FaultKind::DigestMissing),
        Presence::RequiredIfKnown if known => Some(FaultKind::DigestMissing),
        _ => None,
    }
}

fn dispatch_fault(digest: Sha256Digest, request_hash: &Statements) -> Option<FaultKind> {
    match () {
        () if request_hash.is_silent() => Some(FaultKind::PermitHashMissing),
        // Also if records contradict each other about the permit.
        () if request_hash.is_contradictory() => Some(FaultKind::DispatchMismatch),
        () if request_hash.contains(digest) => None,
        () => Some(FaultKind::DispatchMismatch),
    }
}

/// What is wrong, in one sentence.
pub(crate) fn summary_of(kind: FaultKind) -> &'static str {
    match kind {
        FaultKind::Orphan => "the closure names a permit that is not in the evidence",
        FaultKind::ForeignPermit => "the closure stands in the record of another permit",
        FaultKind::DigestMissing => "the closure lacks a response digest that its status requires",
        FaultKind::DispatchMissing => "the closure lacks the digest of what was dispatched",
        FaultKind::EvidenceMissing => "no event of the execution shows the closure's digest",
        FaultKind::DigestMismatch => "the closure's digest is not that of the execution's events",
        FaultKind::PermitHashMissing => {
            "the permit has no request hash to compare the closure's digest with"
        }
        FaultKind::DispatchMismatch => "what was dispatched is not what the permit approved",
        _ => "the closure is at fault",
    }
}
