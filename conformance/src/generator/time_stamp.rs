// SPDX-License-Identifier: Apache-2.0

//! A time-stamp authority that everybody could be: its keys are made of their names.
//!
//! ```text
//! root ──issues──► signer ──stamps──► TimeStampToken (RFC 3161), ECDSA over P-256, RFC 6979
//! ```

use p256::ecdsa::{Signature, SigningKey, signature::hazmat::PrehashSigner as _};
use permit_canonical_json::Sha256Digest;

use super::{
    der::{
        algorithm, bits, explicit, generalized_time, in_order, integer, octets, oid, seq, set, tlv,
    },
    fault::Fault,
};

const TST_INFO: &str = "1.2.840.113549.1.9.16.1.4";
const SIGNED_DATA: &str = "1.2.840.113549.1.7.2";
const SHA_256: &str = "2.16.840.1.101.3.4.2.1";
const ECDSA_SHA_256: &str = "1.2.840.10045.4.3.2";

/// One party: a name, and a key made of it.
struct Party {
    name: &'static str,
    serial: u8,
}

const ROOT: Party = Party { name: "permit-rs test root", serial: 1 };
const SIGNER: Party = Party { name: "permit-rs test time stamps", serial: 2 };

impl Party {
    fn key(&self) -> Result<SigningKey, Fault> {
        let seed =
            Sha256Digest::of(format!("permit-rs conformance corpus: {}", self.name).as_bytes());
        Ok(SigningKey::from_slice(seed.as_bytes())?)
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Fault> {
        let digest = Sha256Digest::of(message);
        let signature: Signature = self.key()?.sign_prehash(digest.as_bytes())?;
        Ok(signature.to_der().as_bytes().to_vec())
    }

    fn distinguished_name(&self) -> Result<Vec<u8>, Fault> {
        let common = seq(&[&oid("2.5.4.3")?, &tlv(0x0c, &[self.name.as_bytes()])?])?;
        seq(&[&set(&[common])?])
    }

    fn certificate(&self, issuer: &Self, extensions: &[Vec<u8>]) -> Result<Vec<u8>, Fault> {
        let point = self.key()?.verifying_key().to_sec1_point(false).as_bytes().to_vec();
        let curve = seq(&[&oid("1.2.840.10045.2.1")?, &oid("1.2.840.10045.3.1.7")?])?;
        let body = seq(&[
            &explicit(0, &integer(&[2])?)?,
            &integer(&[self.serial])?,
            &algorithm(ECDSA_SHA_256)?,
            &issuer.distinguished_name()?,
            &seq(&[&generalized_time("20250101000000Z")?, &generalized_time("20450101000000Z")?])?,
            &self.distinguished_name()?,
            &seq(&[&curve, &bits(&point)?])?,
            &explicit(3, &seq(&[&extensions.concat()])?)?,
        ])?;
        let signature = issuer.sign(&body)?;
        seq(&[&body, &algorithm(ECDSA_SHA_256)?, &bits(&signature)?])
    }
}

fn extension(id: &str, value: &[u8]) -> Result<Vec<u8>, Fault> {
    seq(&[&oid(id)?, &tlv(0x01, &[&[0xff]])?, &octets(value)?])
}

/// The certificate of the root, which a trusting verifier is given.
pub(crate) fn root_certificate() -> Result<Vec<u8>, Fault> {
    let authority = seq(&[&tlv(0x01, &[&[0xff]])?])?;
    let extensions =
        [extension("2.5.29.19", &authority)?, extension("2.5.29.15", &tlv(0x03, &[&[2, 0x04]])?)?];
    ROOT.certificate(&ROOT, &extensions)
}

fn signer_certificate() -> Result<Vec<u8>, Fault> {
    let extensions = [
        extension("2.5.29.15", &tlv(0x03, &[&[7, 0x80]])?)?,
        extension("2.5.29.37", &seq(&[&oid("1.3.6.1.5.5.7.3.8")?])?)?,
    ];
    SIGNER.certificate(&ROOT, &extensions)
}

/// The token of a stamp over this digest.
pub(crate) fn token(stamped: Sha256Digest) -> Result<Vec<u8>, Fault> {
    let imprint = seq(&[&algorithm(SHA_256)?, &octets(stamped.as_bytes())?])?;
    let content = seq(&[
        &integer(&[1])?,
        &oid("1.3.6.1.4.1.99999.1")?,
        &imprint,
        &integer(&[1])?,
        &generalized_time("20260510000005Z")?,
    ])?;
    let certificate = signer_certificate()?;
    let digest = octets(Sha256Digest::of(&content).as_bytes())?;
    let identity = octets(Sha256Digest::of(&certificate).as_bytes())?;
    let attributes = in_order(&[
        attribute("1.2.840.113549.1.9.3", oid(TST_INFO)?)?,
        attribute("1.2.840.113549.1.9.4", digest)?,
        attribute("1.2.840.113549.1.9.16.2.47", seq(&[&seq(&[&seq(&[&identity])?])?])?)?,
    ]);
    let signature = SIGNER.sign(&tlv(0x31, &[&attributes])?)?;
    let info = seq(&[
        &integer(&[1])?,
        &seq(&[&ROOT.distinguished_name()?, &integer(&[SIGNER.serial])?])?,
        &algorithm(SHA_256)?,
        &tlv(0xa0, &[&attributes])?,
        &algorithm(ECDSA_SHA_256)?,
        &octets(&signature)?,
    ])?;
    let signed = seq(&[
        &integer(&[3])?,
        &set(&[algorithm(SHA_256)?])?,
        &seq(&[&oid(TST_INFO)?, &explicit(0, &octets(&content)?)?])?,
        &tlv(0xa0, &[&certificate])?,
        &set(&[info])?,
    ])?;
    seq(&[&oid(SIGNED_DATA)?, &explicit(0, &signed)?])
}

fn attribute(id: &str, value: Vec<u8>) -> Result<Vec<u8>, Fault> {
    seq(&[&oid(id)?, &set(&[value])?])
}
