// SPDX-License-Identifier: Apache-2.0

//! What a time-stamp authority states (RFC 3161, 2.4.2).
//!
//! ```text
//! TSTInfo ::= SEQUENCE {
//!     version         INTEGER { v1(1) },
//!     policy          OBJECT IDENTIFIER,
//!     messageImprint  SEQUENCE { hashAlgorithm AlgorithmIdentifier, hashedMessage OCTET STRING },
//!     serialNumber    INTEGER,
//!     genTime         GeneralizedTime,               with a fraction of a second, if the clock has one
//!     accuracy        Accuracy OPTIONAL,
//!     ordering        BOOLEAN DEFAULT FALSE,
//!     nonce           INTEGER OPTIONAL,
//!     tsa         [0] GeneralName OPTIONAL,
//!     extensions  [1] IMPLICIT Extensions OPTIONAL }
//! ```

use der::{
    Decode, Sequence, Tag, Tagged,
    asn1::{AnyRef, IntRef, OctetStringRef},
    oid::ObjectIdentifier,
};
use permit_canonical_json::Sha256Digest;
use permit_types::Instant;
use x509_cert::{
    ext::{Extensions, pkix::name::GeneralName},
    spki::AlgorithmIdentifierRef,
};

use crate::{
    certificate::Certificate, signature_algorithm::Hash, tsa_problem::TsaProblem,
    tsa_receipt::ReceiptProblem,
};

/// A time stamp that was read.
#[derive(Debug)]
pub(crate) struct TimeStamp<'t> {
    info: TstInfo<'t>,
    pub(crate) gen_time: Instant,
}

#[derive(Clone, Debug, Sequence)]
struct TstInfo<'t> {
    version: IntRef<'t>,
    policy: ObjectIdentifier,
    message_imprint: MessageImprint<'t>,
    serial_number: IntRef<'t>,
    gen_time: AnyRef<'t>,
    #[asn1(optional = "true")]
    accuracy: Option<Accuracy>,
    #[asn1(default = "Default::default")]
    ordering: bool,
    #[asn1(optional = "true")]
    nonce: Option<IntRef<'t>>,
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT", optional = "true")]
    tsa: Option<GeneralName>,
    #[asn1(context_specific = "1", tag_mode = "IMPLICIT", optional = "true")]
    extensions: Option<Extensions>,
}

#[derive(Clone, Debug, Sequence)]
struct MessageImprint<'t> {
    hash_algorithm: AlgorithmIdentifierRef<'t>,
    hashed_message: &'t OctetStringRef,
}

#[derive(Clone, Copy, Debug, Sequence)]
struct Accuracy {
    #[asn1(optional = "true")]
    seconds: Option<u32>,
    #[asn1(context_specific = "0", tag_mode = "IMPLICIT", optional = "true")]
    millis: Option<u16>,
    #[asn1(context_specific = "1", tag_mode = "IMPLICIT", optional = "true")]
    micros: Option<u16>,
}

impl<'t> TimeStamp<'t> {
    /// Reads the content of a token.
    pub(crate) fn read(content: &'t [u8]) -> Result<Self, TsaProblem> {
        let malformed = TsaProblem::Malformed { part: "TSTInfo" };
        let info = TstInfo::from_der(content).map_err(|_| malformed)?;
        if info.version.as_bytes() != [1] {
            return Err(TsaProblem::UnknownVersion);
        }
        let gen_time = read_time(info.gen_time).ok_or(TsaProblem::Malformed { part: "genTime" })?;
        let extensions = info.extensions.as_deref().unwrap_or_default();
        if let Some(unknown) = extensions.iter().find(|extension| extension.critical) {
            return Err(TsaProblem::CriticalExtension { oid: unknown.extn_id.to_string().into() });
        }
        Ok(Self { info, gen_time })
    }

    /// Checks that the stamp is one of this hash, as a SHA-256 digest.
    pub(crate) fn check_imprint(&self, composite_hash: Sha256Digest) -> Result<(), TsaProblem> {
        let imprint = &self.info.message_imprint;
        if Hash::of(&imprint.hash_algorithm) != Some(Hash::Sha256) {
            let oid = imprint.hash_algorithm.oid.to_string().into();
            return Err(TsaProblem::OtherImprintAlgorithm { oid });
        }
        let stamped = imprint.hashed_message.as_bytes();
        if stamped == composite_hash.as_bytes() {
            return Ok(());
        }
        let digest = <[u8; 32]>::try_from(stamped).ok().map(Sha256Digest::from_bytes);
        Err(ReceiptProblem::OtherHash { stamped: digest, bytes: stamped.len() }.into())
    }

    /// Checks that the authority that the stamp names, if it names one, is that of the certificate.
    pub(crate) fn check_authority(&self, signer: &Certificate) -> Result<(), TsaProblem> {
        let Some(named) = &self.info.tsa else { return Ok(()) };
        let is_subject = match named {
            // The two may write the same text in another type of string.
            GeneralName::DirectoryName(name) => name.to_string() == signer.subject().to_string(),
            _ => false,
        };
        if is_subject || signer.alternative_names().contains(named) {
            Ok(())
        } else {
            Err(TsaProblem::OtherAuthority)
        }
    }

    pub(crate) fn policy(&self) -> Box<str> {
        self.info.policy.to_string().into()
    }

    pub(crate) fn serial(&self) -> Box<str> {
        hexadecimal(self.info.serial_number.as_bytes())
    }

    pub(crate) fn nonce(&self) -> Option<Box<str>> {
        self.info.nonce.map(|nonce| hexadecimal(nonce.as_bytes()))
    }

    pub(crate) fn accuracy_micros(&self) -> Option<u64> {
        let Accuracy { seconds, millis, micros } = self.info.accuracy?;
        let part = |number: Option<u64>, unit: u64| number.unwrap_or(0).saturating_mul(unit);
        let seconds = part(seconds.map(u64::from), 1_000_000);
        let millis = part(millis.map(u64::from), 1_000);
        Some(seconds.saturating_add(millis).saturating_add(part(micros.map(u64::from), 1)))
    }
}

/// `YYYYMMDDhhmmss`, a fraction if there is one, and `Z`.
///
/// The reader of certificates knows no fractions, which these times may have.
fn read_time(time: AnyRef<'_>) -> Option<Instant> {
    if time.tag() != Tag::GeneralizedTime || time.value().len() > LONGEST_TIME {
        return None;
    }
    let text = core::str::from_utf8(time.value()).ok()?.strip_suffix('Z')?;
    let (date, rest) = text.split_at_checked(8)?;
    let (clock, fraction) = rest.split_at_checked(6)?;
    if !date.bytes().chain(clock.bytes()).all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let (year, day) = date.split_at_checked(4)?;
    let (month, day) = day.split_at_checked(2)?;
    let (hour, minute) = clock.split_at_checked(2)?;
    let (minute, second) = minute.split_at_checked(2)?;
    Instant::parse(&format!("{year}-{month}-{day}T{hour}:{minute}:{second}{fraction}Z"))
}

/// The digits of a number, without the octet that only says that it is not negative.
fn hexadecimal(bytes: &[u8]) -> Box<str> {
    let significant = bytes.strip_prefix(&[0]).filter(|rest| !rest.is_empty()).unwrap_or(bytes);
    let digits: String = significant.iter().map(|byte| format!("{byte:02x}")).collect();
    digits.into()
}

/// Room for many digits of a fraction.
const LONGEST_TIME: usize = 32;
