// SPDX-License-Identifier: Apache-2.0

//! Certificates as far as time stamps need them.

use std::collections::BTreeSet;

use der::{Decode, Reader, SliceReader, asn1::BitStringRef, oid::ObjectIdentifier};
use permit_canonical_json::Sha256Digest;
use permit_types::Instant;
use x509_cert::{
    TbsCertificate,
    ext::{
        Extension,
        pkix::{
            AuthorityKeyIdentifier, BasicConstraints, ExtendedKeyUsage, KeyUsage, KeyUsages,
            SubjectKeyIdentifier,
            name::{GeneralName, GeneralNames},
        },
    },
    name::Name,
    spki::{AlgorithmIdentifierOwned, AlgorithmIdentifierRef, SubjectPublicKeyInfoRef},
};

use crate::{
    signature_algorithm::{NotVerified, Scheme, verify},
    tsa_problem::CertificateFault,
};

/// A certificate that was read. Nothing about it is believed yet.
#[derive(Clone, Debug)]
pub(crate) struct Certificate {
    der: Vec<u8>,
    /// The part that is signed, byte for byte.
    signed: Vec<u8>,
    body: TbsCertificate,
    algorithm: AlgorithmIdentifierOwned,
    signature: Vec<u8>,
    extensions: Extensions,
}

/// The extensions that count.
#[derive(Clone, Debug, Default)]
struct Extensions {
    basic_constraints: Option<BasicConstraints>,
    key_usage: Option<KeyUsage>,
    /// With whether it is critical.
    extended_key_usage: Option<(bool, Vec<ObjectIdentifier>)>,
    subject_key: Option<Vec<u8>>,
    authority_key: Option<Vec<u8>>,
    alternative_names: GeneralNames,
    name_constraints: bool,
    unknown_critical: Option<ObjectIdentifier>,
}

impl Certificate {
    /// Reads a certificate; none if it is not one, or has an extension twice.
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        let (signed, algorithm, signature) = split(bytes).ok()?;
        let body = TbsCertificate::from_der(signed).ok()?;
        let extensions = Extensions::read(body.extensions().map_or(&[], Vec::as_slice))?;
        Some(Self {
            der: bytes.to_vec(),
            signed: signed.to_vec(),
            body,
            algorithm: algorithm.into(),
            signature: signature.as_bytes()?.to_vec(),
            extensions,
        })
    }

    /// The certificate as it was read.
    pub(crate) fn der(&self) -> &[u8] {
        &self.der
    }

    pub(crate) fn fingerprint(&self) -> Sha256Digest {
        Sha256Digest::of(&self.der)
    }

    pub(crate) fn is_same_as(&self, other: &Self) -> bool {
        self.der == other.der
    }

    pub(crate) fn subject(&self) -> &Name {
        self.body.subject()
    }

    pub(crate) fn issuer(&self) -> &Name {
        self.body.issuer()
    }

    pub(crate) fn serial_number(&self) -> &[u8] {
        self.body.serial_number().as_bytes()
    }

    pub(crate) fn subject_key(&self) -> Option<&[u8]> {
        self.extensions.subject_key.as_deref()
    }

    pub(crate) fn alternative_names(&self) -> &[GeneralName] {
        &self.extensions.alternative_names
    }

    /// Whose certificate it is, for messages.
    pub(crate) fn subject_text(&self) -> Box<str> {
        self.subject().to_string().into()
    }

    /// Whether it issued itself by its own word, as roots do.
    pub(crate) fn is_self_issued(&self) -> bool {
        self.names_as_issuer(self)
    }

    /// Whether subject and issuer are one, though perhaps with another key.
    pub(crate) fn is_self_named(&self) -> bool {
        self.subject() == self.issuer()
    }

    /// Whether names and key ids leave it open that `issuer` issued this. Proves nothing.
    pub(crate) fn names_as_issuer(&self, issuer: &Self) -> bool {
        let keys_fit = match (&self.extensions.authority_key, &issuer.extensions.subject_key) {
            (Some(wanted), Some(found)) => wanted == found,
            _ => true,
        };
        self.issuer() == issuer.subject() && keys_fit
    }

    /// Checks a signature by this certificate's key.
    pub(crate) fn verify(
        &self,
        scheme: Scheme,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), NotVerified> {
        let key = self.body.subject_public_key_info();
        let key = SubjectPublicKeyInfoRef {
            algorithm: AlgorithmIdentifierRef::from(&key.algorithm),
            subject_public_key: BitStringRef::from(&key.subject_public_key),
        };
        verify(&key, scheme, message, signature)
    }

    /// Checks that `issuer` signed this certificate.
    pub(crate) fn check_signed_by(&self, issuer: &Self) -> Result<(), CertificateFault> {
        if self.algorithm != *self.body.signature() {
            return Err(CertificateFault::AlgorithmsDiffer);
        }
        let algorithm = AlgorithmIdentifierRef::from(&self.algorithm);
        let scheme = Scheme::of(&algorithm, None).ok_or_else(|| {
            let oid = algorithm.oid.to_string().into();
            CertificateFault::UnsupportedAlgorithm { oid }
        })?;
        issuer.verify(scheme, &self.signed, &self.signature).map_err(|fault| match fault {
            NotVerified::Key(fault) => CertificateFault::IssuerKey(fault),
            NotVerified::Signature => CertificateFault::SignatureInvalid,
        })
    }

    /// Checks what every certificate has to be at the time of the stamp.
    pub(crate) fn check_standing(&self, at: Instant) -> Result<(), CertificateFault> {
        if let Some(oid) = self.extensions.unknown_critical {
            return Err(CertificateFault::CriticalExtension { oid: oid.to_string().into() });
        }
        let validity = self.body.validity();
        let seconds = i128::from(at.to_jiff().as_second());
        if seconds < i128::from(validity.not_before.to_unix_duration().as_secs()) {
            return Err(CertificateFault::NotYetValid { at });
        }
        if seconds > i128::from(validity.not_after.to_unix_duration().as_secs()) {
            return Err(CertificateFault::Expired { at });
        }
        Ok(())
    }

    /// Checks what a signer of time stamps may be used for: that alone, and it must say so (RFC 3161, 2.3).
    pub(crate) fn check_use_for_stamps(&self) -> Result<(), CertificateFault> {
        let stated = self.extensions.extended_key_usage.as_ref();
        let (critical, purposes) = stated.ok_or(CertificateFault::EkuMissing)?;
        if purposes.as_slice() != [TIME_STAMPING] {
            return Err(CertificateFault::EkuOther);
        }
        if *critical { Ok(()) } else { Err(CertificateFault::EkuNotCritical) }
    }

    /// Checks that the key of a signer is for signatures alone, as far as the certificate says.
    pub(crate) fn check_key_usage_of_signer(&self) -> Result<(), CertificateFault> {
        let signing = KeyUsages::DigitalSignature | KeyUsages::NonRepudiation;
        match &self.extensions.key_usage {
            Some(KeyUsage(usage)) if usage.is_empty() || !(*usage - signing).is_empty() => {
                Err(CertificateFault::KeyUsage)
            }
            _ => Ok(()),
        }
    }

    /// Whether it says that it may issue certificates.
    pub(crate) fn may_issue(&self) -> bool {
        self.extensions.basic_constraints.as_ref().is_some_and(|constraints| constraints.ca)
    }

    /// Checks that it may issue certificates for time stamps, with so many issuers below it.
    pub(crate) fn check_as_issuer(&self, issuers_below: usize) -> Result<(), CertificateFault> {
        if !self.may_issue() {
            return Err(CertificateFault::MayNotIssue);
        }
        if self.extensions.key_usage.is_some_and(|usage| !usage.key_cert_sign()) {
            return Err(CertificateFault::MayNotSignCertificates);
        }
        let limit = self.extensions.basic_constraints.as_ref();
        let limit = limit.and_then(|constraints| constraints.path_len_constraint);
        if limit.is_some_and(|limit| issuers_below > usize::from(limit)) {
            return Err(CertificateFault::PathLength);
        }
        if self.extensions.name_constraints {
            return Err(CertificateFault::NameConstraints);
        }
        match &self.extensions.extended_key_usage {
            Some((_, purposes))
                if !purposes.contains(&TIME_STAMPING) && !purposes.contains(&ANY_PURPOSE) =>
            {
                Err(CertificateFault::IssuesForOtherUse)
            }
            _ => Ok(()),
        }
    }
}

type Parts<'b> = (&'b [u8], AlgorithmIdentifierRef<'b>, BitStringRef<'b>);

/// A certificate in its three parts: what is signed, how, and the signature.
fn split(bytes: &[u8]) -> der::Result<Parts<'_>> {
    let mut reader = SliceReader::new(bytes)?;
    let parts = reader.sequence(|reader| -> der::Result<_> {
        Ok((reader.tlv_bytes()?, reader.decode()?, reader.decode()?))
    })?;
    reader.finish()?;
    Ok(parts)
}

impl Extensions {
    fn read(listed: &[Extension]) -> Option<Self> {
        let (mut extensions, mut seen) = (Self::default(), BTreeSet::new());
        for extension in listed {
            if !seen.insert(extension.extn_id) {
                return None;
            }
            extensions.take(extension)?;
        }
        Some(extensions)
    }

    fn take(&mut self, extension: &Extension) -> Option<()> {
        let value = extension.extn_value.as_bytes();
        match extension.extn_id {
            BASIC_CONSTRAINTS => {
                self.basic_constraints = Some(BasicConstraints::from_der(value).ok()?);
            }
            KEY_USAGE => self.key_usage = Some(KeyUsage::from_der(value).ok()?),
            EXTENDED_KEY_USAGE => {
                let ExtendedKeyUsage(purposes) = ExtendedKeyUsage::from_der(value).ok()?;
                self.extended_key_usage = Some((extension.critical, purposes));
            }
            SUBJECT_KEY => {
                let SubjectKeyIdentifier(id) = SubjectKeyIdentifier::from_der(value).ok()?;
                self.subject_key = Some(id.as_bytes().to_vec());
            }
            AUTHORITY_KEY => {
                let id = AuthorityKeyIdentifier::from_der(value).ok()?.key_identifier;
                self.authority_key = id.map(|id| id.as_bytes().to_vec());
            }
            // Names that cannot be read are as good as none: they only ever add a name.
            SUBJECT_ALTERNATIVE_NAMES => {
                self.alternative_names = GeneralNames::from_der(value).unwrap_or_default();
            }
            NAME_CONSTRAINTS => self.name_constraints = true,
            // Without demands from outside, policies decide nothing.
            CERTIFICATE_POLICIES | ISSUER_ALTERNATIVE_NAMES => {}
            unknown if extension.critical => {
                self.unknown_critical.get_or_insert(unknown);
            }
            _ => {}
        }
        Some(())
    }
}

const TIME_STAMPING: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.8");
const ANY_PURPOSE: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.37.0");
const SUBJECT_KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.14");
const KEY_USAGE: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.15");
const SUBJECT_ALTERNATIVE_NAMES: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.17");
const ISSUER_ALTERNATIVE_NAMES: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.18");
const BASIC_CONSTRAINTS: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.19");
const NAME_CONSTRAINTS: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.30");
const CERTIFICATE_POLICIES: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.32");
const AUTHORITY_KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.35");
const EXTENDED_KEY_USAGE: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.37");
