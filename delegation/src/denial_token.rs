// SPDX-License-Identifier: Apache-2.0

//! The words by which the denial claim says why it is not supported.

use permit_claims::Unsupported;
use permit_failure_codes::{FailureCode, Reason, ReasonClass};

/// Makes [`DenialToken`] from a table, so that all about a token stands in one place.
macro_rules! tokens {
    ($($(#[doc = $docs:literal])+ $variant:ident = $token:literal
        $verdict:ident, $reason:expr, $rule:literal;)+) => {
        /// Why a denial is not shown to have been right.
        ///
        /// The words are those of the reference's command, whose consumers match on them. Those that
        /// mean an absence stand in `missing_requirements` of a result, the others in `errors`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum DenialToken {
            $($(#[doc = $docs])+ $variant,)+
        }

        impl DenialToken {
            /// All of them, in the order they are looked for.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word. That of [`ChainField`](Self::ChainField) is followed by the member.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $token,)+
                }
            }

            /// What it makes of the claim.
            #[must_use]
            pub const fn verdict(self) -> Unsupported {
                match self {
                    $(Self::$variant => Unsupported::$verdict,)+
                }
            }

            /// The nearest word of the taxonomy, or the class where it has none.
            #[must_use]
            pub fn reason(self) -> Reason {
                match self {
                    $(Self::$variant => $reason.into(),)+
                }
            }

            /// The rule that it speaks of.
            #[must_use]
            pub const fn rule(self) -> &'static str {
                match self {
                    $(Self::$variant => $rule,)+
                }
            }
        }
    };
}

tokens! {
    /// The evidence has no events.
    GovernanceEvents = "governance_events"
        InsufficientEvidence, ReasonClass::WalkNoEvaluableSubjects, "CLAIM-20";
    /// No event is the denial that is asked about.
    DeniedEvent = "permit.delegated_denied"
        InsufficientEvidence, ReasonClass::VerificationFailed, "CLAIM-21";
    /// Several events could be the denial that is asked about.
    AmbiguousEvent = "event_id_for_ambiguous_claim"
        InsufficientEvidence, ReasonClass::VerificationFailed, "CLAIM-21";
    /// The pack names no recipe for the record hash.
    RecordHashSemantics = "record_hash_semantics"
        InsufficientEvidence, ReasonClass::SemanticPinMissing, "CLAIM-20";
    /// An event lacks a member that its place in the chain depends on, or has it in another form.
    ChainField = "chain_field"
        InsufficientEvidence, ReasonClass::ObjectFormInvalid, "CLAIM-22";
    /// An event is of a chain format that is not known here.
    UnknownChainFormat = "unknown_chain_format"
        UnverifiableScope, FailureCode::WalkUnknownChainFormat, "CHAIN-14";
    /// A scope's events do not start at 1 or have a gap.
    ContiguousPrefix = "contiguous_chain_prefix"
        InsufficientEvidence, FailureCode::WalkPrevHashDiscontinuity, "CLAIM-22";
    /// An event does not link to the one before it, or the first not to the sentinel.
    PrevHashMismatch = "prev_hash_mismatch"
        Disproved, FailureCode::WalkPrevHashDiscontinuity, "CLAIM-22";
    /// An event does not hash to its record hash.
    RecordHashMismatch = "record_hash_mismatch"
        Disproved, FailureCode::WalkRecordHashMismatch, "CLAIM-22";
    /// The denial cannot be covered by a digest, as it has no id or a member in another form.
    IntegrityTarget = "payload_integrity_target"
        InsufficientEvidence, ReasonClass::ObjectFormInvalid, "SEM-04";
    /// The pack names no recipe for integrity digests.
    IntegritySemantics = "governance_event_integrity_digest_semantics"
        InsufficientEvidence, ReasonClass::SemanticPinMissing, "CLAIM-20";
    /// A digest's payload is not of its form.
    IntegrityPayload = "integrity_digest_payload"
        InsufficientEvidence, ReasonClass::ObjectFormInvalid, "SEM-04";
    /// No digest covers the denial, so that its payload could have been changed.
    IntegrityDigest = "payload_integrity_digest"
        InsufficientEvidence, ReasonClass::VerificationFailed, "CLAIM-23";
    /// The covered events do not hash to the digest's batch hash.
    BatchHashMismatch = "integrity_digest_batch_hash_mismatch"
        Disproved, ReasonClass::VerificationFailed, "CLAIM-23";
    /// The digest's event is of another batch.
    ResourceMismatch = "integrity_digest_resource_mismatch"
        Disproved, ReasonClass::VerificationFailed, "CLAIM-23";
    /// The digest covers another number of events than it says.
    CountMismatch = "integrity_digest_count_mismatch"
        Disproved, ReasonClass::VerificationFailed, "CLAIM-23";
    /// The digest covers the denial as an event of another type.
    EventTypeMismatch = "payload_integrity_event_type_mismatch"
        Disproved, ReasonClass::VerificationFailed, "CLAIM-23";
    /// The denial was changed after it was covered.
    PayloadMismatch = "payload_integrity_mismatch"
        Disproved, ReasonClass::VerificationFailed, "SEM-04";
    /// The denial does not say which version its envelopes are of.
    EnvelopeVersion = "authority_envelope_version"
        InsufficientEvidence, ReasonClass::ObjectFormInvalid, "PCHAIN-06";
    /// The version of the envelopes, or its comparator, is not one that may be used here.
    UnsupportedVersion = "unsupported_authority_envelope_version"
        UnverifiableScope, FailureCode::WalkPermitChainUnknownEnvelopeVersion, "PCHAIN-07";
    /// The envelope that was asked for is absent or malformed.
    ChildEnvelope = "child_requested_authority_envelope"
        InsufficientEvidence, ReasonClass::ObjectFormInvalid, "PCHAIN-18";
    /// The list of failed fields is absent or no list of texts.
    FailedFields = "failed_fields"
        InsufficientEvidence, ReasonClass::ObjectFormInvalid, "PCHAIN-18";
    /// There is no reason code.
    ReasonCode = "reason_code"
        InsufficientEvidence, ReasonClass::ObjectFormInvalid, "PCHAIN-18";
    /// The parent's envelope is absent for a denial that does not say that there is none.
    ParentEnvelope = "parent_authority_envelope"
        InsufficientEvidence, ReasonClass::ObjectFormInvalid, "PCHAIN-18";
    /// One of the envelopes cannot be compared.
    ComparableEnvelopes = "comparable_authority_envelopes"
        InsufficientEvidence, ReasonClass::ObjectFormInvalid, "CLAIM-24";
    /// The child asked for nothing that the parent does not have.
    ComparatorAllows = "comparator_allows_child_authority"
        Disproved, ReasonClass::VerificationFailed, "CLAIM-20";
    /// The comparator finds other fields at fault than the denial names.
    FailedFieldsMismatch = "failed_fields_mismatch"
        Disproved, ReasonClass::VerificationFailed, "CLAIM-20";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_differ_and_are_lower_case() {
        let mut words: Vec<_> = DenialToken::ALL.iter().map(|token| token.as_str()).collect();
        assert!(words.iter().all(|word| *word == word.to_lowercase()));
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), DenialToken::ALL.len());
    }
}
