// SPDX-License-Identifier: Apache-2.0

//! What can be wrong with a closure, and which question it answers.

use alloc::boxed::Box;

use permit_failure_codes::{FailureCode, Reason, ReasonClass};
use permit_types::Finding;

/// Which question about a closure a fault answers.
///
/// In this order they are asked; a closure that fails one is not asked the next,
/// since what it says can no longer be relied on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Aspect {
    /// Is it a closure in a form that is known?
    Format,
    /// Did the named key sign it?
    Signature,
    /// Do its response digests agree with the events of the execution?
    Digests,
    /// Does it belong to its permit, and were the approved bytes dispatched?
    Dispatch,
}

/// The ways in which a closure can be at fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum FaultKind {
    /// `binding_version` is none that is known here (CLOSE-02).
    UnknownFormat,
    /// There is no `permit_id`.
    PermitIdMissing,
    /// A signed member is absent.
    MemberMissing,
    /// There is no canonical hash beside the payload.
    HashMissing,
    /// There is no signature beside the payload.
    SignatureMissing,
    /// The payload has no canonical form (CANON-06).
    NotCanonical,
    /// The payload does not hash to the stated canonical hash (CLOSE-17).
    HashMismatch,
    /// Payload and envelope name different keys (AMB-07).
    KeyIdMismatch,
    /// The named key cannot be relied on (CLOSE-19).
    KeyNotUsable,
    /// The signature does not verify (CLOSE-18).
    SignatureInvalid,
    /// A label of what a digest covers is not what the format says.
    Label,
    /// `closure_status` is no word of the closed list (CLOSE-04).
    UnknownStatus,
    /// A value that should be a digest is none.
    MalformedDigest,
    /// A response digest that the status requires is absent (CLOSE-06).
    DigestMissing,
    /// No event of the execution carries the digest (AMB-05).
    EvidenceMissing,
    /// The events of the execution carry other digests (CLOSE-07).
    DigestMismatch,
    /// The dispatch digest is absent from a closed execution (CLOSE-05).
    DispatchMissing,
    /// The permit has no `binding_request_hash` to compare with.
    PermitHashMissing,
    /// The dispatch digest is not the permit's `binding_request_hash` (CLOSE-08).
    DispatchMismatch,
    /// No record of the evidence has the permit (CLOSE-22).
    Orphan,
    /// The record that carries the closure is that of another permit (CLOSE-22).
    ForeignPermit,
    /// An abnormal closure has no dispatch digest; worth knowing, no fault (CLOSE-09).
    DispatchAbsent,
}

impl FaultKind {
    /// The question it answers.
    #[must_use]
    pub fn aspect(self) -> Aspect {
        match self {
            Self::UnknownFormat => Aspect::Format,
            Self::PermitIdMissing
            | Self::MemberMissing
            | Self::HashMissing
            | Self::SignatureMissing
            | Self::NotCanonical
            | Self::HashMismatch
            | Self::KeyIdMismatch
            | Self::KeyNotUsable
            | Self::SignatureInvalid => Aspect::Signature,
            Self::Label
            | Self::UnknownStatus
            | Self::MalformedDigest
            | Self::DigestMissing
            | Self::EvidenceMissing
            | Self::DigestMismatch => Aspect::Digests,
            Self::DispatchMissing
            | Self::PermitHashMissing
            | Self::DispatchMismatch
            | Self::Orphan
            | Self::ForeignPermit
            | Self::DispatchAbsent => Aspect::Dispatch,
        }
    }

    /// The word that reports use.
    #[must_use]
    pub fn reason(self) -> Reason {
        match self {
            Self::UnknownFormat => FailureCode::WalkUnknownClosureFormat.into(),
            Self::PermitIdMissing
            | Self::MemberMissing
            | Self::HashMissing
            | Self::SignatureMissing
            | Self::NotCanonical
            | Self::HashMismatch
            | Self::KeyIdMismatch
            | Self::KeyNotUsable
            | Self::SignatureInvalid => FailureCode::WalkClosureSignatureInvalid.into(),
            Self::UnknownStatus => ReasonClass::ClosureStatusUnknown.into(),
            Self::Label | Self::MalformedDigest | Self::DigestMismatch => {
                FailureCode::WalkClosureDigestMismatch.into()
            }
            Self::DigestMissing
            | Self::EvidenceMissing
            | Self::DispatchMissing
            | Self::PermitHashMissing => FailureCode::WalkClosureDigestMissing.into(),
            Self::DispatchMismatch => FailureCode::WalkClosureDispatchDigestMismatch.into(),
            Self::Orphan | Self::ForeignPermit => FailureCode::WalkClosureOrphan.into(),
            Self::DispatchAbsent => ReasonClass::DispatchDigestAbsent.into(),
        }
    }

    /// The rule that is broken.
    #[must_use]
    pub fn rule(self) -> &'static str {
        match self {
            Self::UnknownFormat => "CLOSE-02",
            Self::UnknownStatus => "CLOSE-04",
            Self::DispatchMissing => "CLOSE-05",
            Self::DigestMissing | Self::EvidenceMissing | Self::MalformedDigest => "CLOSE-06",
            Self::DigestMismatch => "CLOSE-07",
            Self::DispatchMismatch | Self::PermitHashMissing => "CLOSE-08",
            Self::DispatchAbsent => "CLOSE-09",
            Self::Label => "CLOSE-12",
            Self::HashMismatch | Self::NotCanonical => "CLOSE-17",
            Self::PermitIdMissing
            | Self::MemberMissing
            | Self::HashMissing
            | Self::SignatureMissing
            | Self::KeyIdMismatch
            | Self::SignatureInvalid => "CLOSE-18",
            Self::KeyNotUsable => "CLOSE-19",
            Self::Orphan | Self::ForeignPermit => "CLOSE-22",
        }
    }

    /// The part of the signature check that failed, as the taxonomy wants it told (CLOSE-23).
    #[must_use]
    pub fn sub_failure(self) -> Option<&'static str> {
        match self {
            Self::PermitIdMissing
            | Self::MemberMissing
            | Self::HashMissing
            | Self::NotCanonical
            | Self::HashMismatch => Some("canonical_hash"),
            Self::KeyIdMismatch | Self::KeyNotUsable => Some("key_resolution"),
            Self::SignatureMissing | Self::SignatureInvalid => Some("signature"),
            _ => None,
        }
    }
}

/// A fault of one closure.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ClosureFault {
    /// What is wrong.
    pub kind: FaultKind,
    /// Where, and what to do.
    pub finding: Finding,
}

impl ClosureFault {
    /// The same fault, its finding completed.
    pub(crate) fn with(self: Box<Self>, complete: impl FnOnce(Finding) -> Finding) -> Box<Self> {
        let Self { kind, finding } = *self;
        Box::new(Self { kind, finding: complete(finding) })
    }
}
