// SPDX-License-Identifier: Apache-2.0

//! What a case asks a verifier to do.

use crate::word::words;

words! {
    /// What a case asks for. A verifier that does not claim an operation skips its cases.
    Op {
        /// Judge an export: its manifest, its bytes, its chain and its closures.
        VerifyBundle = "verify-bundle",
        /// Judge a checkpoint: its hash, its signature, its time stamps.
        VerifyCheckpoint = "verify-checkpoint",
        /// Walk chain entries that come without an export.
        VerifyChain = "verify-chain",
        /// Judge a closure that comes in a file of its own.
        VerifyClosure = "verify-closure",
        /// Compute the record hash of each document.
        RecordHash = "record-hash",
        /// Compute the digest of the canonical form of each document.
        Canonicalize = "canonicalize",
        /// Say whether each document has the form that its schema demands.
        Schema = "schema",
        /// Answer claims with one of four verdicts each.
        Claim = "claim",
    }

    /// By which rules a document is canonicalized.
    CanonicalProfile {
        /// Nothing is left out.
        Payload = "payload",
        /// Volatile and secret members are left out first.
        WireBody = "wire-body",
    }

    /// Which keys count (CONFM-05).
    VerifierMode {
        /// Keys for tests are refused.
        Production = "PRODUCTION",
        /// Keys for tests count, and no others.
        Test = "TEST",
    }

    /// How a case of categories 01 to 07 ends.
    VectorResult {
        /// The evidence holds.
        Pass = "PASS",
        /// It does not.
        Fail = "FAIL",
    }

    /// A verdict about a claim.
    ClaimStatus {
        /// The evidence shows it.
        Supported = "supported",
        /// The evidence contradicts it.
        Disproved = "disproved",
        /// The evidence does not show it.
        InsufficientEvidence = "insufficient_evidence",
        /// The verifier does not know what it means.
        UnverifiableScope = "unverifiable_scope",
    }

    /// The form of an answer.
    AnswerShape {
        /// `result`, with failure codes, position and counts.
        Result = "result",
        /// `claim_result`: the answer to one claim.
        ClaimResult = "claim_result",
        /// `claims`: a verdict for each of several claims, and `result` for the whole.
        Claims = "claims",
    }

    /// What a set of claims is about.
    EvidenceKind {
        /// An export.
        Export = "export",
        /// A checkpoint.
        Checkpoint = "checkpoint",
        /// A document given to a single claim.
        Claim = "claim",
    }
}

impl CanonicalProfile {
    /// The profile of the crate that implements it.
    #[must_use]
    pub fn profile(self) -> permit_canonical_json::Profile {
        match self {
            Self::Payload => permit_canonical_json::Profile::Payload,
            Self::WireBody => {
                permit_canonical_json::Profile::WireBody(permit_canonical_json::StrippedKeys::v1())
            }
        }
    }
}
