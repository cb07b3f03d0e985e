// SPDX-License-Identifier: Apache-2.0

//! What can be wrong with a time-stamp receipt itself, its signature and its certificates.

use core::fmt;

use permit_canonical_json::Excerpt;
use permit_types::Instant;

use crate::tsa_receipt::ReceiptProblem;

/// Why a receipt is not shown to be one of a trusted time-stamp authority.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TsaProblem {
    /// Nobody gave authorities to trust.
    #[error("the receipt itself was not verified, since no bundle of authorities was given")]
    NotAsked,
    /// The checkpoint states no composite hash that could have been stamped.
    #[error("the checkpoint states no composite hash that a receipt could stamp")]
    NoCompositeHash,
    /// The receipt has no token, or one over something else.
    #[error(transparent)]
    Receipt(#[from] ReceiptProblem),
    /// The bundle of authorities is of no use.
    #[error(transparent)]
    Bundle(#[from] CaBundleError),
    /// The checkpoint has more receipts than may be verified.
    #[error("only the first {limit} receipts are verified")]
    TooManyReceipts {
        /// The limit.
        limit: usize,
    },
    /// The token is longer than the limit.
    #[error("the token is longer than the limit of {limit} bytes")]
    TokenTooLong {
        /// The limit in bytes.
        limit: usize,
    },
    /// The token carries more certificates than the limit.
    #[error("the token carries more certificates than the limit of {limit}")]
    TooManyCertificates {
        /// The limit.
        limit: usize,
    },
    /// Looking for a path to a root took more than it may.
    #[error("no path to a root was found with {limit} checks of certificate signatures")]
    TooMuchWork {
        /// The limit in signature checks.
        limit: usize,
    },
    /// A part of the token is not what the standards say.
    #[error("the token's {part} is malformed")]
    Malformed {
        /// The part.
        part: &'static str,
    },
    /// The token is signed data, but of something else than a time stamp.
    #[error("the token's {part} is of type `{oid}`, which is not that of a time stamp")]
    OtherContent {
        /// The part that says so.
        part: &'static str,
        /// The type that stands there.
        oid: Box<str>,
    },
    /// The token has not exactly one signer.
    #[error("the token has {count} signers, and a time stamp has exactly one")]
    Signers {
        /// How many it has.
        count: usize,
    },
    /// The token does not carry its signer's certificate.
    #[error("the token does not carry the certificate of its signer")]
    SignerCertificateMissing,
    /// The token's signer signed no attributes.
    #[error("the token has no signed attributes")]
    NoSignedAttributes,
    /// A signed attribute that has to be there is not.
    #[error("the token lacks the signed attribute `{name}`")]
    AttributeMissing {
        /// The attribute.
        name: &'static str,
    },
    /// A signed attribute is there more than once, or has not exactly one value.
    #[error("the token has the signed attribute `{name}` more than once, or not with one value")]
    AttributeRepeated {
        /// The attribute.
        name: &'static str,
    },
    /// A signed attribute says something else than the token.
    #[error("the signed attribute `{name}` does not fit the token")]
    AttributeMismatch {
        /// The attribute.
        name: &'static str,
    },
    /// An algorithm is not among those that are verified here.
    #[error("the token's {role} `{oid}` is not supported")]
    UnsupportedAlgorithm {
        /// What the algorithm is for.
        role: &'static str,
        /// The algorithm.
        oid: Box<str>,
    },
    /// The signer's key cannot be used.
    #[error("the token's signer: {0}")]
    SignerKey(KeyFault),
    /// The signature is none of the signed attributes by the signer's key.
    #[error("the token's signature does not verify")]
    SignatureInvalid,
    /// The imprint is not called a SHA-256 digest.
    #[error(
        "the token calls its imprint a digest of `{oid}`, and a composite hash is one of SHA-256"
    )]
    OtherImprintAlgorithm {
        /// The algorithm that it names.
        oid: Box<str>,
    },
    /// The time stamp has a version that is not known.
    #[error("the time stamp is of a version that is not known")]
    UnknownVersion,
    /// The time stamp has an extension that must be understood, and is not.
    #[error("the time stamp has the critical extension `{oid}`, which is not known")]
    CriticalExtension {
        /// The extension.
        oid: Box<str>,
    },
    /// The time stamp names another authority than its certificate.
    #[error("the time stamp names another authority than its certificate")]
    OtherAuthority,
    /// A certificate on the way to a root does not hold.
    #[error("the certificate of `{}` {fault}", Excerpt(subject))]
    Certificate {
        /// Whose certificate.
        subject: Box<str>,
        /// What is wrong with it.
        fault: CertificateFault,
    },
    /// Neither the token nor the bundle has the certificate of an issuer.
    #[error(
        "the certificate of `{}` was issued by `{}`, which is neither in the token nor in the bundle",
        Excerpt(subject),
        Excerpt(issuer)
    )]
    IssuerUnknown {
        /// Whose certificate.
        subject: Box<str>,
        /// Who issued it.
        issuer: Box<str>,
    },
    /// No root is reached within the limit.
    #[error("no root is reached within {limit} certificates")]
    PathTooLong {
        /// The limit in certificates, both ends included.
        limit: usize,
    },
}

impl TsaProblem {
    /// Whether a limit was reached, so that nothing can be said about the receipt itself.
    #[must_use]
    pub fn is_limit(&self) -> bool {
        matches!(
            self,
            Self::TooManyReceipts { .. }
                | Self::TokenTooLong { .. }
                | Self::TooManyCertificates { .. }
                | Self::TooMuchWork { .. }
                | Self::Bundle(CaBundleError::TooLong { .. } | CaBundleError::TooMany { .. })
        )
    }

    /// What the reader of a report can do next, in one sentence.
    #[must_use]
    pub fn help(&self) -> &'static str {
        match self {
            Self::NotAsked => {
                "give the root certificates of the authorities you trust with --tsa-ca-bundle"
            }
            Self::NoCompositeHash => "look at the composite hash of the checkpoint first",
            Self::Receipt(problem) => problem.help(),
            Self::Bundle(error) => error.help(),
            problem if problem.is_limit() => {
                "no authority's receipt needs that much; ask the issuer where this one is from"
            }
            Self::IssuerUnknown { .. } | Self::PathTooLong { .. } => {
                "add the root that the authority publishes for its time stamps to the bundle, if you trust it"
            }
            Self::Certificate { fault, .. } => fault.help(),
            Self::UnsupportedAlgorithm { .. } | Self::SignerKey(_) => {
                "verify this receipt by other means, or ask the issuer for one of another authority"
            }
            Self::OtherImprintAlgorithm { .. } => {
                "ask the issuer for a receipt over the SHA-256 digest of the composite hash"
            }
            _ => {
                "do not rely on this receipt; ask the issuer for the token as the authority sent it"
            }
        }
    }
}

/// What can be wrong with a certificate, in words that follow on `the certificate of …`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CertificateFault {
    /// Its validity began after the time stamp.
    #[error("was not valid yet at {at}")]
    NotYetValid {
        /// When the stamp was made.
        at: Instant,
    },
    /// Its validity ended before the time stamp.
    #[error("was no longer valid at {at}")]
    Expired {
        /// When the stamp was made.
        at: Instant,
    },
    /// It does not say what its key may be used for.
    #[error("has no extended key usage, where time stamping has to stand")]
    EkuMissing,
    /// What its key may be used for may be overlooked.
    #[error("has an extended key usage that is not critical")]
    EkuNotCritical,
    /// Its key may be used for something else, or not for time stamps.
    #[error("has another extended key usage than time stamping alone")]
    EkuOther,
    /// The key usage of the signer's certificate is not that of signing alone.
    #[error("has a key usage that is not for signatures alone")]
    KeyUsage,
    /// A signer's certificate is one of an authority over certificates.
    #[error("is one that issues certificates, and does not sign time stamps")]
    IssuesCertificates,
    /// An issuer's certificate is none of an authority over certificates.
    #[error("is not one that may issue certificates")]
    MayNotIssue,
    /// An issuer's key usage does not include the signing of certificates.
    #[error("has a key usage without the signing of certificates")]
    MayNotSignCertificates,
    /// An issuer may not be this far above the signer.
    #[error("allows fewer issuers below itself than there are")]
    PathLength,
    /// An issuer may not issue for time stamping.
    #[error("has an extended key usage without time stamping")]
    IssuesForOtherUse,
    /// An issuer limits names, which is not judged here.
    #[error("limits the names of what it issues, which is not judged here")]
    NameConstraints,
    /// It has an extension that must be understood, and is not.
    #[error("has the critical extension `{oid}`, which is not known")]
    CriticalExtension {
        /// The extension.
        oid: Box<str>,
    },
    /// It is signed with an algorithm that is not among those that are verified here.
    #[error("is signed with `{oid}`, which is not supported")]
    UnsupportedAlgorithm {
        /// The algorithm.
        oid: Box<str>,
    },
    /// What it says about its signature inside is not what it says outside.
    #[error("names another algorithm in its signed part than beside its signature")]
    AlgorithmsDiffer,
    /// Its issuer's key cannot be used.
    #[error("has an issuer whose key cannot be used: {0}")]
    IssuerKey(KeyFault),
    /// Its signature is none of its issuer's key.
    #[error("has a signature that does not verify under its issuer's key")]
    SignatureInvalid,
}

impl CertificateFault {
    fn help(&self) -> &'static str {
        match self {
            Self::NotYetValid { .. } | Self::Expired { .. } => {
                "compare the time of the stamp with the certificate; an authority does not stamp with certificates that are not valid"
            }
            Self::NameConstraints
            | Self::CriticalExtension { .. }
            | Self::UnsupportedAlgorithm { .. } => {
                "verify this receipt by other means, or ask the issuer for one of another authority"
            }
            _ => {
                "do not rely on this receipt; no trusted authority issues such a certificate for time stamps"
            }
        }
    }
}

/// Why a key of a certificate cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyFault {
    /// The key is too short, too long, or none.
    #[error("the key is none of the sizes that are verified here")]
    Size,
    /// The key has an algorithm or curve that is not among those that are verified here.
    #[error("the key is of `{oid}`, which is not supported")]
    Unsupported {
        /// The algorithm or curve.
        oid: Box<str>,
    },
    /// The key and the signature are of different algorithms.
    #[error("the key is of another algorithm than the signature")]
    OtherAlgorithm,
    /// The key cannot be read.
    #[error("the key is malformed")]
    Malformed,
}

/// Why a bundle of authorities is of no use.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CaBundleError {
    /// Whoever should have read the file could not.
    #[error("the bundle of authorities cannot be read: {reason}")]
    Unavailable {
        /// What the system said.
        reason: String,
    },
    /// The bundle is longer than the limit.
    #[error("the bundle of authorities is longer than the limit of {limit} bytes")]
    TooLong {
        /// The limit in bytes.
        limit: usize,
    },
    /// The bundle has more certificates than the limit.
    #[error("the bundle of authorities has more certificates than the limit of {limit}")]
    TooMany {
        /// The limit.
        limit: usize,
    },
    /// Something between the marks of a certificate is not base64, or a mark is missing.
    #[error("certificate {number} of the bundle is damaged")]
    Damaged {
        /// Its place in the bundle, the first is 1.
        number: usize,
    },
    /// There is no root in the bundle.
    #[error("the bundle has no root: {}", Contents { certificates: *certificates, unusable: *unusable })]
    NoRoot {
        /// Number of certificates that are there.
        certificates: usize,
        /// Number of those that cannot be read.
        unusable: usize,
    },
}

impl CaBundleError {
    /// What the reader of a report can do next, in one sentence.
    #[must_use]
    pub fn help(&self) -> &'static str {
        match self {
            Self::Unavailable { .. } => "give the path of a file that can be read",
            Self::TooLong { .. } | Self::TooMany { .. } => {
                "give the roots of the authorities you trust, and no others"
            }
            Self::Damaged { .. } | Self::NoRoot { .. } => {
                "give a PEM file with the self-signed root certificates of the authorities you trust"
            }
        }
    }
}

struct Contents {
    certificates: usize,
    unusable: usize,
}

impl fmt::Display for Contents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { certificates, unusable } = self;
        match (certificates, unusable) {
            (0, _) => f.write_str("it has no certificates"),
            (_, 0) => write!(f, "none of its {certificates} certificates issued itself"),
            _ => write!(
                f,
                "of its {certificates} certificates {unusable} cannot be read, and none of the others issued itself"
            ),
        }
    }
}
