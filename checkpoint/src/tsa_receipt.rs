// SPDX-License-Identifier: Apache-2.0

//! The claim `checkpoint.tsa_imprint.v1`: the receipts stamp the composite hash.
//!
//! ```text
//! tsa_receipts   an array that is not empty    each element is a receipt
//! tsa            else this object, if it has a text `receipt_b64`
//! receipt        provider, url, requested_at, receipt_b64: a bare time-stamp token
//! SEM-03         every receipt is judged, and each has to stamp the very hash
//! ```
//!
//! An imprint shows which hash a token names. Whether an authority made the token, and when, only
//! the token's own signature shows (feature `tsa`).

use base64::{
    Engine as _,
    alphabet::STANDARD,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use permit_canonical_json::{ByteRange, JsonPointer, Sha256Digest, Value};
use permit_claims::{ClaimFault, Unsupported};
use permit_failure_codes::ReasonClass;
use permit_types::{Artifact, Finding, Location};

use crate::{
    document::text,
    message_imprint::{NoImprint, TokenPart, message_imprint},
};

/// What `checkpoint.tsa_imprint.v1` is judged by, in the words of reports.
pub const TSA_EVIDENCE: [&str; 2] = ["checkpoint.tsa", "checkpoint.tsa_receipts"];

/// A receipt as a checkpoint carries it; nothing is known of it yet.
#[derive(Clone, Debug)]
pub struct TsaReceipt<'v> {
    number: usize,
    value: &'v Value<'v>,
    pointer: JsonPointer,
}

impl<'v> TsaReceipt<'v> {
    /// The receipts of a checkpoint, in order (SEM-03).
    #[must_use]
    pub fn all_of(document: &'v Value<'v>) -> Vec<Self> {
        let several = document.get("tsa_receipts").and_then(Value::as_array).unwrap_or_default();
        if !several.is_empty() {
            let numbered = (1..).zip(several);
            return numbered.map(|(number, value)| Self::in_array(number, value)).collect();
        }
        let single = document.get("tsa").filter(|tsa| text(tsa, "receipt_b64").is_some());
        let pointer = JsonPointer::root().member("tsa");
        single.map(|value| Self { number: 1, value, pointer }).into_iter().collect()
    }

    fn in_array(number: usize, value: &'v Value<'v>) -> Self {
        let index = u64::try_from(number).unwrap_or(u64::MAX).saturating_sub(1);
        let pointer = JsonPointer::root().member("tsa_receipts").index(index);
        Self { number, value, pointer }
    }

    /// Its place among the receipts, the first is 1.
    #[must_use]
    pub fn number(&self) -> usize {
        self.number
    }

    /// Who made it, as the checkpoint says.
    #[must_use]
    pub fn provider(&self) -> Option<&'v str> {
        text(self.value, "provider")
    }

    /// Where it was asked for, as the checkpoint says.
    #[must_use]
    pub fn url(&self) -> Option<&'v str> {
        text(self.value, "url")
    }

    /// When it was asked for, as the checkpoint says.
    #[must_use]
    pub fn requested_at(&self) -> Option<&'v str> {
        text(self.value, "requested_at")
    }

    /// What reports call it: its provider, else its URL, else `receipt` and its number.
    #[must_use]
    pub fn label(&self) -> String {
        let provider = self.value.get("provider").filter(|value| !is_falsy(value));
        let named = provider.or_else(|| self.value.get("url")).and_then(Value::as_str);
        named.filter(|name| !name.is_empty()).map_or_else(
            || {
                let number = self.number;
                format!("receipt {number}")
            },
            str::to_owned,
        )
    }

    /// The bytes of the token.
    ///
    /// # Errors
    /// If there are none.
    pub fn token(&self) -> Result<Vec<u8>, ReceiptProblem> {
        if self.value.as_object().is_none() {
            return Err(ReceiptProblem::NotAnObject);
        }
        let base64 = text(self.value, "receipt_b64").ok_or(ReceiptProblem::NoToken)?;
        BASE64.decode(base64).map_err(|error| ReceiptProblem::NotBase64 {
            offset: match error {
                base64::DecodeError::InvalidByte(offset, _)
                | base64::DecodeError::InvalidLastSymbol { offset, .. } => offset,
                _ => base64.len(),
            },
        })
    }

    /// Compares what the token stamps with a composite hash.
    ///
    /// # Errors
    /// If the token cannot be read, or stamps something else.
    pub fn check_imprint(
        &self,
        composite_hash: Sha256Digest,
    ) -> Result<ImprintProof, ReceiptProblem> {
        let names_sha256 = check_imprint(&self.token()?, composite_hash)?;
        Ok(ImprintProof { label: self.label(), composite_hash, names_sha256 })
    }

    /// Where the token stands.
    pub(crate) fn location(&self) -> Location {
        let token = self.value.get("receipt_b64");
        let (pointer, range): (JsonPointer, ByteRange) = match token {
            Some(token) => (self.pointer.clone().member("receipt_b64"), token.range()),
            None => (self.pointer.clone(), self.value.range()),
        };
        Location::value(Artifact::Checkpoint, pointer, range)
    }
}

/// Whether a token stamps this hash, and if so whether it says that it is a SHA-256 digest.
pub(crate) fn check_imprint(
    token: &[u8],
    composite_hash: Sha256Digest,
) -> Result<bool, ReceiptProblem> {
    let imprint = message_imprint(token).map_err(|fault| match fault {
        NoImprint::WholeResponse => ReceiptProblem::WholeResponse,
        NoImprint::In(part) => ReceiptProblem::NotAToken { part },
    })?;
    if imprint.hashed_message != composite_hash.as_bytes() {
        let stamped = <[u8; 32]>::try_from(imprint.hashed_message).ok();
        let stamped = stamped.map(Sha256Digest::from_bytes);
        return Err(ReceiptProblem::OtherHash { stamped, bytes: imprint.hashed_message.len() });
    }
    Ok(imprint.names_sha256)
}

/// Proof that a receipt names the composite hash. It does not show that an authority made it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImprintProof {
    label: String,
    composite_hash: Sha256Digest,
    names_sha256: bool,
}

impl ImprintProof {
    /// What reports call the receipt.
    #[must_use]
    pub fn label(&self) -> &str {
        &self.label
    }

    /// What it stamps.
    #[must_use]
    pub fn composite_hash(&self) -> Sha256Digest {
        self.composite_hash
    }

    /// Whether the token calls the stamped bytes a SHA-256 digest, which the claim does not ask.
    #[must_use]
    pub fn names_sha256(&self) -> bool {
        self.names_sha256
    }
}

/// Why a receipt does not stamp a composite hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReceiptProblem {
    /// An element of `tsa_receipts` is no object.
    #[error("the receipt is not an object")]
    NotAnObject,
    /// There is no token.
    #[error("the receipt has no `receipt_b64`")]
    NoToken,
    /// The token is not base64.
    #[error("the receipt is not base64 at character {offset}")]
    NotBase64 {
        /// Offset of the character, in bytes.
        offset: usize,
    },
    /// It is the authority's whole response and not the token in it.
    #[error("the receipt is a whole time-stamp response where its token belongs")]
    WholeResponse,
    /// It is no time-stamp token.
    #[error("the receipt is no time-stamp token: its {part} is damaged or missing")]
    NotAToken {
        /// The part that is not there, not DER, or not what it has to be.
        part: TokenPart,
    },
    /// It stamps something else.
    #[error("the receipt stamps {}", Stamped(*stamped, *bytes))]
    OtherHash {
        /// What it stamps, if that has the length of a SHA-256 digest.
        stamped: Option<Sha256Digest>,
        /// Number of bytes that it stamps.
        bytes: usize,
    },
}

impl ReceiptProblem {
    /// What the reader of a report can do next, in one sentence.
    #[must_use]
    pub fn help(&self) -> &'static str {
        match self {
            Self::NotAnObject | Self::NoToken => {
                "ask the issuer for the receipt, or for a checkpoint that lists only receipts it has"
            }
            Self::NotBase64 { .. } => {
                "compare the text with the issuer's; it is standard base64 with padding and no white space"
            }
            Self::WholeResponse => {
                "ask the issuer to store the token alone: `openssl ts -reply -in response.tsr -token_out` takes it out"
            }
            Self::NotAToken { .. } => {
                "ask the issuer for the RFC 3161 token as the authority sent it, DER with definite lengths"
            }
            Self::OtherHash { .. } => {
                "the receipt belongs to another checkpoint, or the heads were changed after it was stamped"
            }
        }
    }
}

struct Stamped(Option<Sha256Digest>, usize);

impl core::fmt::Display for Stamped {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self(Some(digest), _) => write!(f, "another hash, `{digest}`"),
            Self(None, bytes) => write!(f, "{bytes} bytes, which are no SHA-256 digest"),
        }
    }
}

/// Judges one receipt of a checkpoint whose composite hash is right.
pub(crate) fn judge_imprint(
    receipt: &TsaReceipt<'_>,
    composite_hash: Sha256Digest,
) -> Result<ImprintProof, ClaimFault> {
    receipt.check_imprint(composite_hash).map_err(|problem| {
        let reason = ReasonClass::CheckpointTsaImprintMismatch;
        let mut finding = Finding::failure(reason, receipt.location(), problem.to_string())
            .rule("SEM-03")
            .detail("receipt", receipt.label())
            .help(problem.help());
        if let ReceiptProblem::OtherHash { stamped: Some(stamped), .. } = problem {
            let (wanted, found) = (composite_hash.prefixed(), stamped.prefixed());
            finding = finding.values(wanted.to_string(), found.to_string());
        }
        ClaimFault::new(Unsupported::Disproved, finding).evidence(TSA_EVIDENCE)
    })
}

/// What is worth knowing about a receipt that stamps the right bytes.
pub(crate) fn notice_of(receipt: &TsaReceipt<'_>, proof: &ImprintProof) -> Option<Finding> {
    if proof.names_sha256 {
        return None;
    }
    let summary = "the receipt stamps the bytes of the composite hash, but calls them another digest than SHA-256";
    let reason = ReasonClass::CheckpointTsaImprintMismatch;
    let finding = Finding::notice(reason, receipt.location(), summary)
        .rule("SEM-03")
        .detail("receipt", receipt.label())
        .help("ask the issuer for a receipt over the SHA-256 digest; no authority's signature of this one will be accepted");
    Some(finding)
}

pub(crate) fn is_falsy(value: &Value<'_>) -> bool {
    use permit_canonical_json::Node;
    match value.node() {
        Node::Null => true,
        Node::Bool(value) => !value,
        Node::Number(number) => number.to_f64() == 0.0,
        Node::String(text) => text.is_empty(),
        Node::Array(elements) => elements.is_empty(),
        Node::Object(object) => object.is_empty(),
    }
}

/// As keys and signatures are read: one text for the same bytes, but for unused bits of its last character.
pub(crate) const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::RequireCanonical)
        .with_decode_allow_trailing_bits(true),
);
