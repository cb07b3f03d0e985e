// SPDX-License-Identifier: Apache-2.0

//! A time-stamp token as signed data (RFC 5652, RFC 3161).
//!
//! ```text
//! ContentInfo      ::= SEQUENCE { contentType signedData, content [0] SignedData }
//! SignedData       ::= SEQUENCE { version, digestAlgorithms, encapContentInfo,
//!                                 certificates [0] OPTIONAL, crls [1] OPTIONAL, signerInfos }
//! encapContentInfo ::= SEQUENCE { eContentType id-ct-TSTInfo, eContent [0] OCTET STRING }
//! SignerInfo       ::= SEQUENCE { version, sid, digestAlgorithm, signedAttrs [0], signatureAlgorithm,
//!                                 signature OCTET STRING, unsignedAttrs [1] OPTIONAL }
//!
//! the signature covers   the signed attributes, as a SET
//! which cover            contentType, messageDigest = digest of eContent,
//!                        signingCertificate or signingCertificateV2 (RFC 5035): the digest of the signer's certificate
//! ```

use std::collections::BTreeSet;

use der::{
    Decode, DecodeValue, Encode, EncodeValue, FixedTag, Header, Length, Reader, Sequence,
    SliceReader, Tag, Tagged, Writer,
    asn1::{AnyRef, IntRef, OctetStringRef},
    oid::ObjectIdentifier,
};
use sha1::{Digest as _, Sha1};
use x509_cert::{
    ext::pkix::name::{GeneralName, GeneralNames},
    name::Name,
    spki::AlgorithmIdentifierRef,
};

use crate::{
    certificate::Certificate,
    signature_algorithm::{Hash, NotVerified, Scheme},
    tsa_problem::TsaProblem,
};

/// A token that was read, with one signer.
#[derive(Debug)]
pub(crate) struct SignedToken<'t> {
    /// What was signed: a `TSTInfo`.
    pub(crate) content: &'t [u8],
    /// The certificates that came along, as far as they can be read.
    pub(crate) certificates: Vec<Certificate>,
    signer: SignerInfo<'t>,
}

#[derive(Debug, Sequence)]
struct ContentInfo<'t> {
    content_type: ObjectIdentifier,
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT")]
    content: SignedData<'t>,
}

#[derive(Debug, Sequence)]
struct SignedData<'t> {
    version: IntRef<'t>,
    digest_algorithms: AnyRef<'t>,
    content: EncapsulatedContent<'t>,
    #[asn1(context_specific = "0", tag_mode = "IMPLICIT", optional = "true")]
    certificates: Option<Unread<'t>>,
    #[asn1(context_specific = "1", tag_mode = "IMPLICIT", optional = "true")]
    revocation_lists: Option<Unread<'t>>,
    signers: Unread<'t>,
}

#[derive(Debug, Sequence)]
struct EncapsulatedContent<'t> {
    content_type: ObjectIdentifier,
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT")]
    content: &'t OctetStringRef,
}

#[derive(Debug, Sequence)]
struct SignerInfo<'t> {
    version: IntRef<'t>,
    identifier: AnyRef<'t>,
    digest_algorithm: AlgorithmIdentifierRef<'t>,
    #[asn1(context_specific = "0", tag_mode = "IMPLICIT", optional = "true")]
    signed_attributes: Option<Unread<'t>>,
    signature_algorithm: AlgorithmIdentifierRef<'t>,
    signature: &'t OctetStringRef,
    #[asn1(context_specific = "1", tag_mode = "IMPLICIT", optional = "true")]
    unsigned_attributes: Option<Unread<'t>>,
}

#[derive(Debug, Sequence)]
struct IssuerAndSerialNumber<'t> {
    issuer: Name,
    serial_number: IntRef<'t>,
}

#[derive(Debug, Sequence)]
struct Attribute<'t> {
    kind: ObjectIdentifier,
    values: Unread<'t>,
}

/// A SET whose elements are read later, or not at all.
#[derive(Clone, Copy, Debug)]
struct Unread<'t>(&'t [u8]);

impl FixedTag for Unread<'_> {
    const TAG: Tag = Tag::Set;
}

impl<'t> DecodeValue<'t> for Unread<'t> {
    type Error = der::Error;

    fn decode_value<R: Reader<'t>>(reader: &mut R, header: Header) -> der::Result<Self> {
        reader.read_slice(header.length()).map(Self)
    }
}

impl EncodeValue for Unread<'_> {
    fn value_len(&self) -> der::Result<Length> {
        self.0.len().try_into()
    }

    fn encode_value(&self, writer: &mut impl Writer) -> der::Result<()> {
        writer.write(self.0)
    }
}

impl<'t> SignedToken<'t> {
    /// Reads a token and the certificates that came along.
    pub(crate) fn read(token: &'t [u8], certificates: usize) -> Result<Self, TsaProblem> {
        let info = ContentInfo::from_der(token).map_err(|_| malformed("ContentInfo"))?;
        expect_type("ContentInfo", info.content_type, SIGNED_DATA)?;
        let data = info.content;
        expect_type("encapContentInfo", data.content.content_type, TST_INFO)?;
        let signer = only_signer(data.signers)?;
        let carried = data.certificates.map_or(&[][..], |Unread(bytes)| bytes);
        let certificates = read_certificates(carried, certificates)?;
        Ok(Self { content: data.content.content.as_bytes(), certificates, signer })
    }

    /// The certificate of the signer: the one that it names, and if several bear that name, the one
    /// that it signed the digest of.
    pub(crate) fn signer_certificate(&self) -> Result<&Certificate, TsaProblem> {
        let named: Vec<_> = self.certificates.iter().filter(|one| self.signer.names(one)).collect();
        let signed = self.signer.attributes().and_then(|attributes| attributes.signer_digests());
        let is_signed = |one: &&&Certificate| {
            signed
                .as_ref()
                .is_ok_and(|digests| digests.iter().all(|digest| digest.first_is_of(one)))
        };
        let chosen = named.iter().find(is_signed).or(named.first());
        chosen.copied().ok_or(TsaProblem::SignerCertificateMissing)
    }

    /// Checks everything that the signature rests on, and the signature.
    pub(crate) fn check_signature(&self, certificate: &Certificate) -> Result<(), TsaProblem> {
        let attributes = self.signer.attributes()?;
        let digest = self.signer.digest()?;
        attributes.check_content_type()?;
        attributes.check_message_digest(&digest.digest(self.content))?;
        for digests in attributes.signer_digests()? {
            if !digests.first_is_of(certificate) {
                return Err(TsaProblem::AttributeMismatch { name: digests.name });
            }
        }
        let algorithm = &self.signer.signature_algorithm;
        let unsupported = || TsaProblem::UnsupportedAlgorithm {
            role: "signature algorithm",
            oid: algorithm.oid.to_string().into(),
        };
        let scheme = Scheme::of(algorithm, Some(digest)).ok_or_else(unsupported)?;
        let message = attributes.signed_bytes()?;
        let signature = self.signer.signature.as_bytes();
        certificate.verify(scheme, &message, signature).map_err(|fault| match fault {
            NotVerified::Key(fault) => TsaProblem::SignerKey(fault),
            NotVerified::Signature => TsaProblem::SignatureInvalid,
        })
    }

    /// Checks that all certificates that the signer signed the digests of are on the path.
    pub(crate) fn check_path(&self, path: &[&Certificate]) -> Result<(), TsaProblem> {
        for digests in self.signer.attributes()?.signer_digests()? {
            let on_path = |digest: &CertificateDigest<'_>| path.iter().any(|one| digest.is_of(one));
            if !digests.digests.iter().all(on_path) {
                return Err(TsaProblem::AttributeMismatch { name: digests.name });
            }
        }
        Ok(())
    }
}

impl<'t> SignerInfo<'t> {
    fn names(&self, certificate: &Certificate) -> bool {
        match self.identifier.tag() {
            Tag::Sequence => {
                self.identifier.decode_as::<IssuerAndSerialNumber<'_>>().is_ok_and(|named| {
                    named.issuer == *certificate.issuer()
                        && named.serial_number.as_bytes() == certificate.serial_number()
                })
            }
            SUBJECT_KEY => certificate.subject_key() == Some(self.identifier.value()),
            _ => false,
        }
    }

    fn digest(&self) -> Result<Hash, TsaProblem> {
        Hash::of(&self.digest_algorithm).ok_or_else(|| TsaProblem::UnsupportedAlgorithm {
            role: "digest algorithm",
            oid: self.digest_algorithm.oid.to_string().into(),
        })
    }

    fn attributes(&self) -> Result<SignedAttributes<'t>, TsaProblem> {
        let Unread(bytes) = self.signed_attributes.ok_or(TsaProblem::NoSignedAttributes)?;
        SignedAttributes::read(bytes)
    }
}

/// The attributes that are signed.
#[derive(Debug)]
struct SignedAttributes<'t> {
    bytes: &'t [u8],
    attributes: Vec<Attribute<'t>>,
}

impl<'t> SignedAttributes<'t> {
    fn read(bytes: &'t [u8]) -> Result<Self, TsaProblem> {
        let attributes = elements(bytes).ok_or(malformed("signedAttrs"))?;
        let mut kinds = BTreeSet::new();
        for attribute in &attributes {
            let Attribute { kind, .. } = attribute;
            if COUNTING_ATTRIBUTES.contains(kind) && !kinds.insert(*kind) {
                return Err(TsaProblem::AttributeRepeated { name: name_of(*kind) });
            }
        }
        Ok(Self { bytes, attributes })
    }

    /// The one value of an attribute.
    fn value(&self, kind: ObjectIdentifier) -> Result<Option<AnyRef<'t>>, TsaProblem> {
        let stated = self.attributes.iter().find(|attribute| attribute.kind == kind);
        let Some(Attribute { values: Unread(values), .. }) = stated else { return Ok(None) };
        AnyRef::from_der(values)
            .map(Some)
            .map_err(|_| TsaProblem::AttributeRepeated { name: name_of(kind) })
    }

    fn required(&self, kind: ObjectIdentifier) -> Result<AnyRef<'t>, TsaProblem> {
        self.value(kind)?.ok_or(TsaProblem::AttributeMissing { name: name_of(kind) })
    }

    fn check_content_type(&self) -> Result<(), TsaProblem> {
        let stated = self.required(CONTENT_TYPE)?.decode_as::<ObjectIdentifier>();
        let name = name_of(CONTENT_TYPE);
        if stated == Ok(TST_INFO) { Ok(()) } else { Err(TsaProblem::AttributeMismatch { name }) }
    }

    fn check_message_digest(&self, digest: &[u8]) -> Result<(), TsaProblem> {
        let stated = self.required(MESSAGE_DIGEST)?;
        let name = name_of(MESSAGE_DIGEST);
        if stated.tag() == Tag::OctetString && stated.value() == digest {
            Ok(())
        } else {
            Err(TsaProblem::AttributeMismatch { name })
        }
    }

    /// The digests of certificates that are signed: in one attribute, or both.
    fn signer_digests(&self) -> Result<Vec<CertificateDigests<'t>>, TsaProblem> {
        let mut found = Vec::new();
        for kind in [SIGNING_CERTIFICATE_V2, SIGNING_CERTIFICATE] {
            if let Some(value) = self.value(kind)? {
                found.push(CertificateDigests::read(kind, value).ok_or(malformed(name_of(kind)))?);
            }
        }
        match found.as_slice() {
            [] => Err(TsaProblem::AttributeMissing { name: name_of(SIGNING_CERTIFICATE_V2) }),
            _ => Ok(found),
        }
    }

    /// The bytes that the signature covers: the attributes with the tag of a SET.
    fn signed_bytes(&self) -> Result<Vec<u8>, TsaProblem> {
        Unread(self.bytes).to_der().map_err(|_| malformed("signedAttrs"))
    }
}

/// The digests of certificates that one attribute lists; the first is of the signer's.
#[derive(Debug)]
struct CertificateDigests<'t> {
    name: &'static str,
    digests: Vec<CertificateDigest<'t>>,
}

#[derive(Debug)]
struct CertificateDigest<'t> {
    algorithm: DigestAlgorithm,
    digest: &'t [u8],
    issuer: Option<(GeneralNames, IntRef<'t>)>,
}

#[derive(Clone, Copy, Debug)]
enum DigestAlgorithm {
    /// Of the first version of the attribute (RFC 2634). What is asked of it here, that nobody
    /// makes a second certificate for a given digest, SHA-1 still withstands.
    Sha1,
    Sha2(Hash),
}

/// The certificates that an attribute lists, of either version; the policies behind them do not count.
#[derive(Debug, Sequence)]
struct SigningCertificate<'t> {
    certificates: AnyRef<'t>,
    #[asn1(optional = "true")]
    policies: Option<AnyRef<'t>>,
}

#[derive(Debug, Sequence)]
struct CertificateIdV1<'t> {
    digest: &'t OctetStringRef,
    #[asn1(optional = "true")]
    issuer: Option<IssuerSerial<'t>>,
}

#[derive(Debug, Sequence)]
struct CertificateIdV2<'t> {
    #[asn1(optional = "true")]
    algorithm: Option<AlgorithmIdentifierRef<'t>>,
    digest: &'t OctetStringRef,
    #[asn1(optional = "true")]
    issuer: Option<IssuerSerial<'t>>,
}

#[derive(Debug, Sequence)]
struct IssuerSerial<'t> {
    issuer: GeneralNames,
    serial_number: IntRef<'t>,
}

impl<'t> CertificateDigests<'t> {
    fn read(kind: ObjectIdentifier, value: AnyRef<'t>) -> Option<Self> {
        let listed = value.decode_as::<SigningCertificate<'_>>().ok()?.certificates;
        let listed = Some(listed).filter(|listed| listed.tag() == Tag::Sequence)?.value();
        let digests: Vec<_> = match kind {
            SIGNING_CERTIFICATE => elements::<CertificateIdV1<'_>>(listed)?
                .into_iter()
                .map(|id| CertificateDigest::new(DigestAlgorithm::Sha1, id.digest, id.issuer))
                .collect(),
            _ => elements::<CertificateIdV2<'_>>(listed)?
                .into_iter()
                .map(|id| {
                    let hash = id.algorithm.map_or(Some(Hash::Sha256), |named| Hash::of(&named))?;
                    Some(CertificateDigest::new(DigestAlgorithm::Sha2(hash), id.digest, id.issuer))
                })
                .collect::<Option<_>>()?,
        };
        let some = (1..=MOST_DIGESTS).contains(&digests.len());
        some.then(|| Self { name: name_of(kind), digests })
    }

    fn first_is_of(&self, certificate: &Certificate) -> bool {
        self.digests.first().is_some_and(|digest| digest.is_of(certificate))
    }
}

impl<'t> CertificateDigest<'t> {
    fn new(
        algorithm: DigestAlgorithm,
        digest: &'t OctetStringRef,
        issuer: Option<IssuerSerial<'t>>,
    ) -> Self {
        let issuer = issuer.map(|named| (named.issuer, named.serial_number));
        Self { algorithm, digest: digest.as_bytes(), issuer }
    }

    fn is_of(&self, certificate: &Certificate) -> bool {
        let digest = match self.algorithm {
            DigestAlgorithm::Sha1 => Sha1::digest(certificate.der()).to_vec(),
            DigestAlgorithm::Sha2(hash) => hash.digest(certificate.der()),
        };
        let issuer_fits = match &self.issuer {
            None => true,
            Some((names, serial_number)) => {
                let issuer = GeneralName::DirectoryName(certificate.issuer().clone());
                names.as_slice() == [issuer]
                    && serial_number.as_bytes() == certificate.serial_number()
            }
        };
        digest == self.digest && issuer_fits
    }
}

fn only_signer(Unread(signers): Unread<'_>) -> Result<SignerInfo<'_>, TsaProblem> {
    let listed = elements::<AnyRef<'_>>(signers).ok_or(malformed("signerInfos"))?;
    match listed.as_slice() {
        [only] => only.decode_as().map_err(|_| malformed("SignerInfo")),
        several => Err(TsaProblem::Signers { count: several.len() }),
    }
}

/// The certificates that came along. Nobody signed the list, so that whoever passed the token on
/// may have added to it; what cannot be read is as good as not there.
fn read_certificates(carried: &[u8], limit: usize) -> Result<Vec<Certificate>, TsaProblem> {
    let mut certificates = Vec::new();
    let mut reader = SliceReader::new(carried).map_err(|_| malformed("certificates"))?;
    let mut count = 0_usize;
    while !reader.is_finished() {
        count += 1;
        if count > limit {
            return Err(TsaProblem::TooManyCertificates { limit });
        }
        let bytes = reader.tlv_bytes().map_err(|_| malformed("certificates"))?;
        certificates.extend(Certificate::read(bytes));
    }
    Ok(certificates)
}

/// The elements of a SEQUENCE OF or SET OF, in the order in which they stand.
fn elements<'t, T: Decode<'t, Error = der::Error>>(bytes: &'t [u8]) -> Option<Vec<T>> {
    let mut reader = SliceReader::new(bytes).ok()?;
    let mut elements = Vec::new();
    while !reader.is_finished() {
        elements.push(T::decode(&mut reader).ok()?);
    }
    Some(elements)
}

fn expect_type(
    part: &'static str,
    found: ObjectIdentifier,
    expected: ObjectIdentifier,
) -> Result<(), TsaProblem> {
    if found == expected {
        return Ok(());
    }
    Err(TsaProblem::OtherContent { part, oid: found.to_string().into() })
}

fn malformed(part: &'static str) -> TsaProblem {
    TsaProblem::Malformed { part }
}

fn name_of(kind: ObjectIdentifier) -> &'static str {
    match kind {
        CONTENT_TYPE => "contentType",
        MESSAGE_DIGEST => "messageDigest",
        SIGNING_CERTIFICATE => "signingCertificate",
        _ => "signingCertificateV2",
    }
}

/// More certificates than a path has.
const MOST_DIGESTS: usize = 16;

/// The attributes that are looked at, and may stand there once.
const COUNTING_ATTRIBUTES: [ObjectIdentifier; 4] =
    [CONTENT_TYPE, MESSAGE_DIGEST, SIGNING_CERTIFICATE, SIGNING_CERTIFICATE_V2];

/// `[0]` of a signer's identifier.
const SUBJECT_KEY: Tag = Tag::ContextSpecific { constructed: false, number: der::TagNumber(0) };

const SIGNED_DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.2");
const CONTENT_TYPE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.3");
const MESSAGE_DIGEST: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.4");
const TST_INFO: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.1.4");
const SIGNING_CERTIFICATE: ObjectIdentifier =
    ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.2.12");
const SIGNING_CERTIFICATE_V2: ObjectIdentifier =
    ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.2.47");
