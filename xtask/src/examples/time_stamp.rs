// SPDX-License-Identifier: Apache-2.0

//! An authority for time stamps (RFC 3161) that exists for the examples alone: a root
//! certificate, one that it issued, and the tokens that this one signs.
//!
//! Keys come from fixed seeds and ECDSA takes its nonce from key and message (RFC 6979), so that
//! the same bytes come out each time.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use p256::ecdsa::{Signature, SigningKey, signature::hazmat::PrehashSigner as _};
use permit_canonical_json::Sha256Digest;

use crate::ChoreError;

pub(crate) struct Authority {
    signer: SigningKey,
    root_certificate: Vec<u8>,
    signer_certificate: Vec<u8>,
}

/// What a certificate of the authority says.
struct Certificate<'c> {
    subject: &'c str,
    serial: u8,
    key: &'c SigningKey,
    issuer_key: &'c SigningKey,
    extensions: Vec<u8>,
}

impl Authority {
    pub(crate) fn of_examples() -> Result<Self, ChoreError> {
        let key = |name: &str| {
            let seed = Sha256Digest::of(format!("permit-rs examples: {name}").as_bytes());
            SigningKey::from_slice(seed.as_bytes()).map_err(|_| "the seed makes no key")
        };
        let (root, signer) = (key("time stamp root")?, key("time stamp signer")?);
        let root_certificate = Certificate {
            subject: ROOT,
            serial: 1,
            key: &root,
            issuer_key: &root,
            extensions: [
                extension(&BASIC_CONSTRAINTS, &sequence(&[&tlv(0x01, &[&[0xff]])])),
                // Signs certificates.
                extension(&KEY_USAGE, &tlv(0x03, &[&[2, 0x04]])),
            ]
            .concat(),
        };
        let signer_certificate = Certificate {
            subject: "Time stamps of the examples",
            serial: 2,
            key: &signer,
            issuer_key: &root,
            extensions: [
                extension(&BASIC_CONSTRAINTS, &sequence(&[])),
                // Signs, but no certificates.
                extension(&KEY_USAGE, &tlv(0x03, &[&[7, 0x80]])),
                extension(&EXTENDED_KEY_USAGE, &sequence(&[&object(&TIME_STAMPING)])),
            ]
            .concat(),
        };
        Ok(Self {
            root_certificate: root_certificate.der()?,
            signer_certificate: signer_certificate.der()?,
            signer,
        })
    }

    /// A token that stamps a hash; the time as `YYYYMMDDHHMMSSZ`.
    pub(crate) fn stamp(&self, hash: Sha256Digest, at: &str) -> Result<Vec<u8>, ChoreError> {
        let content = sequence(&[
            &integer(1),
            &object(&POLICY),
            &sequence(&[&sha256_algorithm(), &octets(hash.as_bytes())]),
            &integer(1),
            &tlv(0x18, &[at.as_bytes()]),
        ]);
        let digest = Sha256Digest::of(&content);
        let certificate = Sha256Digest::of(&self.signer_certificate);
        let tie = sequence(&[&sequence(&[&sequence(&[&octets(certificate.as_bytes())])])]);
        let attributes = in_order(vec![
            attribute(&CONTENT_TYPE, &object(&TST_INFO)),
            attribute(&MESSAGE_DIGEST, &octets(digest.as_bytes())),
            attribute(&SIGNING_CERTIFICATE_V2, &tie),
        ]);
        let signature = sign(&self.signer, &tlv(0x31, &[&attributes]))?;
        let signer = sequence(&[
            &integer(1),
            &sequence(&[&name(ROOT), &integer(2)]),
            &sha256_algorithm(),
            &tlv(0xa0, &[&attributes]),
            &sequence(&[&object(&ECDSA_WITH_SHA256)]),
            &octets(&signature),
        ]);
        let signed = sequence(&[
            &integer(3),
            &tlv(0x31, &[&sha256_algorithm()]),
            &sequence(&[&object(&TST_INFO), &tlv(0xa0, &[&octets(&content)])]),
            &tlv(0xa0, &[&self.signer_certificate]),
            &tlv(0x31, &[&signer]),
        ]);
        Ok(sequence(&[&object(&SIGNED_DATA), &tlv(0xa0, &[&signed])]))
    }

    pub(crate) fn root_pem(&self) -> String {
        let text = STANDARD.encode(&self.root_certificate);
        let mut pem = "-----BEGIN CERTIFICATE-----\n".to_owned();
        for (at, character) in text.chars().enumerate() {
            if at > 0 && at % 64 == 0 {
                pem.push('\n');
            }
            pem.push(character);
        }
        pem + "\n-----END CERTIFICATE-----\n"
    }
}

impl Certificate<'_> {
    fn der(&self) -> Result<Vec<u8>, ChoreError> {
        let algorithm = sequence(&[&object(&ECDSA_WITH_SHA256)]);
        let validity =
            sequence(&[&tlv(0x18, &[b"20200101000000Z"]), &tlv(0x18, &[b"20400101000000Z"])]);
        let point = self.key.verifying_key().to_sec1_point(false);
        let public = sequence(&[
            &sequence(&[&object(&EC_PUBLIC_KEY), &object(&P256)]),
            &tlv(0x03, &[&[0], point.as_bytes()]),
        ]);
        let body = sequence(&[
            &tlv(0xa0, &[&integer(2)]),
            &integer(self.serial),
            &algorithm,
            &name(ROOT),
            &validity,
            &name(self.subject),
            &public,
            &tlv(0xa3, &[&sequence(&[&self.extensions])]),
        ]);
        let signature = sign(self.issuer_key, &body)?;
        Ok(sequence(&[&body, &algorithm, &tlv(0x03, &[&[0], &signature])]))
    }
}

fn sign(key: &SigningKey, message: &[u8]) -> Result<Vec<u8>, ChoreError> {
    let digest = Sha256Digest::of(message);
    let signature: Signature =
        key.sign_prehash(digest.as_bytes()).map_err(|_| "the token cannot be signed")?;
    Ok(signature.to_der().as_bytes().to_vec())
}

/// A tag, the length of all parts together, and the parts.
fn tlv(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let value = parts.concat();
    let length = value.len().to_be_bytes();
    let length: Vec<u8> = length.into_iter().skip_while(|byte| *byte == 0).collect();
    let mut bytes = vec![tag];
    match (length.as_slice(), u8::try_from(length.len())) {
        ([], _) => bytes.push(0),
        ([short @ 0..=0x7f], _) => bytes.push(*short),
        (long, count) => {
            // A length of more than 127 bytes cannot be.
            bytes.push(0x80 | count.unwrap_or_default());
            bytes.extend(long);
        }
    }
    bytes.extend(value);
    bytes
}

fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    tlv(0x30, parts)
}

fn octets(bytes: &[u8]) -> Vec<u8> {
    tlv(0x04, &[bytes])
}

/// A small INTEGER that is not negative.
fn integer(number: u8) -> Vec<u8> {
    tlv(0x02, &[&[number & 0x7f]])
}

/// An OBJECT IDENTIFIER from its encoded arcs.
fn object(arcs: &[u8]) -> Vec<u8> {
    tlv(0x06, &[arcs])
}

/// A distinguished name of one common name.
fn name(common: &str) -> Vec<u8> {
    let text = tlv(0x0c, &[common.as_bytes()]);
    sequence(&[&tlv(0x31, &[&sequence(&[&object(&COMMON_NAME), &text])])])
}

/// An extension that is critical.
fn extension(id: &[u8], value: &[u8]) -> Vec<u8> {
    sequence(&[&object(id), &tlv(0x01, &[&[0xff]]), &octets(value)])
}

fn attribute(id: &[u8], value: &[u8]) -> Vec<u8> {
    sequence(&[&object(id), &tlv(0x31, &[value])])
}

/// The elements of a SET OF in the order of DER.
fn in_order(mut parts: Vec<Vec<u8>>) -> Vec<u8> {
    parts.sort();
    parts.concat()
}

fn sha256_algorithm() -> Vec<u8> {
    sequence(&[&object(&SHA_256), &tlv(0x05, &[])])
}

const ROOT: &str = "Root of the examples";

/// 2.5.4.3
const COMMON_NAME: [u8; 3] = [0x55, 0x04, 0x03];
/// 2.5.29.19
const BASIC_CONSTRAINTS: [u8; 3] = [0x55, 0x1d, 0x13];
/// 2.5.29.15
const KEY_USAGE: [u8; 3] = [0x55, 0x1d, 0x0f];
/// 2.5.29.37
const EXTENDED_KEY_USAGE: [u8; 3] = [0x55, 0x1d, 0x25];
/// 1.3.6.1.5.5.7.3.8
const TIME_STAMPING: [u8; 8] = [0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x08];
/// 1.3.6.1.4.1.99999.1
const POLICY: [u8; 9] = [0x2b, 0x06, 0x01, 0x04, 0x01, 0x86, 0x8d, 0x1f, 0x01];
/// 2.16.840.1.101.3.4.2.1
const SHA_256: [u8; 9] = [0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01];
/// 1.2.840.10045.2.1
const EC_PUBLIC_KEY: [u8; 7] = [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
/// 1.2.840.10045.3.1.7
const P256: [u8; 8] = [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
/// 1.2.840.10045.4.3.2
const ECDSA_WITH_SHA256: [u8; 8] = [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02];
/// 1.2.840.113549.1.7.2
const SIGNED_DATA: [u8; 9] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02];
/// 1.2.840.113549.1.9.3
const CONTENT_TYPE: [u8; 9] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x03];
/// 1.2.840.113549.1.9.4
const MESSAGE_DIGEST: [u8; 9] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x04];
/// 1.2.840.113549.1.9.16.1.4
const TST_INFO: [u8; 11] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x01, 0x04];
/// 1.2.840.113549.1.9.16.2.47
const SIGNING_CERTIFICATE_V2: [u8; 11] =
    [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x02, 0x2f];
