// SPDX-License-Identifier: Apache-2.0

//! The signature algorithms of time-stamp authorities.
//!
//! ```text
//! RSA PKCS#1 v1.5   2,048 to 8,192 bits     SHA-256, SHA-384, SHA-512
//! RSA PSS           the same                the same, the same hash in its mask
//! ECDSA             P-256, P-384            the same
//! ```
//!
//! Nothing here holds a secret: keys, messages and signatures are all public, so that the timing of
//! these computations tells nothing.

use der::{Decode, asn1::AnyRef, oid::ObjectIdentifier};
use rsa::{BoxedUint, RsaPublicKey, pkcs1, signature::Verifier};
use sha2::{Digest, Sha256, Sha384, Sha512};
use x509_cert::spki::{AlgorithmIdentifierRef, SubjectPublicKeyInfoRef};

use crate::tsa_problem::KeyFault;

/// A hash function that signatures may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hash {
    Sha256,
    Sha384,
    Sha512,
}

impl Hash {
    /// The hash function that an identifier names.
    pub(crate) fn of(algorithm: &AlgorithmIdentifierRef<'_>) -> Option<Self> {
        if !is_null_or_absent(algorithm.parameters) {
            return None;
        }
        match algorithm.oid {
            SHA_256 => Some(Self::Sha256),
            SHA_384 => Some(Self::Sha384),
            SHA_512 => Some(Self::Sha512),
            _ => None,
        }
    }

    /// The digest of these bytes.
    pub(crate) fn digest(self, bytes: &[u8]) -> Vec<u8> {
        match self {
            Self::Sha256 => Sha256::digest(bytes).to_vec(),
            Self::Sha384 => Sha384::digest(bytes).to_vec(),
            Self::Sha512 => Sha512::digest(bytes).to_vec(),
        }
    }
}

/// How a signature is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scheme {
    Pkcs1(Hash),
    Pss { hash: Hash, salt: usize },
    Ecdsa(Hash),
}

impl Scheme {
    /// The scheme that an identifier names. `digest` is the hash function that a signer names
    /// elsewhere, for identifiers that name none.
    pub(crate) fn of(algorithm: &AlgorithmIdentifierRef<'_>, digest: Option<Hash>) -> Option<Self> {
        let parameters = algorithm.parameters;
        let (rsa, none) = (is_null_or_absent(parameters), parameters.is_none());
        match algorithm.oid {
            RSA_ENCRYPTION if rsa => digest.map(Self::Pkcs1),
            SHA_256_WITH_RSA if rsa => Some(Self::Pkcs1(Hash::Sha256)),
            SHA_384_WITH_RSA if rsa => Some(Self::Pkcs1(Hash::Sha384)),
            SHA_512_WITH_RSA if rsa => Some(Self::Pkcs1(Hash::Sha512)),
            RSA_PSS => pss(parameters?),
            ECDSA_WITH_SHA_256 if none => Some(Self::Ecdsa(Hash::Sha256)),
            ECDSA_WITH_SHA_384 if none => Some(Self::Ecdsa(Hash::Sha384)),
            ECDSA_WITH_SHA_512 if none => Some(Self::Ecdsa(Hash::Sha512)),
            _ => None,
        }
    }
}

/// PSS is read only with its hash spelled out, and the same hash in the mask.
fn pss(parameters: AnyRef<'_>) -> Option<Scheme> {
    let parameters = parameters.decode_as::<pkcs1::RsaPssParamsOwned>().ok()?;
    let hash = Hash::of(&AlgorithmIdentifierRef::from(&parameters.hash))?;
    let mask = AlgorithmIdentifierRef::from(parameters.mask_gen.parameters.as_ref()?);
    if parameters.mask_gen.oid != MGF_1 || Hash::of(&mask) != Some(hash) {
        return None;
    }
    Some(Scheme::Pss { hash, salt: parameters.salt_len.into() })
}

/// Why a signature does not verify.
#[derive(Debug)]
pub(crate) enum NotVerified {
    /// The key cannot be used.
    Key(KeyFault),
    /// The signature is none of this message by this key.
    Signature,
}

/// Checks a signature.
pub(crate) fn verify(
    key: &SubjectPublicKeyInfoRef<'_>,
    scheme: Scheme,
    message: &[u8],
    signature: &[u8],
) -> Result<(), NotVerified> {
    match scheme {
        Scheme::Pkcs1(hash) => {
            let key = rsa_key(key, &[RSA_ENCRYPTION]).map_err(NotVerified::Key)?;
            verify_pkcs1(key, hash, message, signature)
        }
        Scheme::Pss { hash, salt } => {
            let key = pss_key(key, scheme).map_err(NotVerified::Key)?;
            verify_pss(key, hash, salt, message, signature)
        }
        Scheme::Ecdsa(hash) => verify_ecdsa(key, hash, message, signature),
    }
}

fn verify_pkcs1(
    key: RsaPublicKey,
    hash: Hash,
    message: &[u8],
    signature: &[u8],
) -> Result<(), NotVerified> {
    use rsa::pkcs1v15::{Signature, VerifyingKey};
    let signature = Signature::try_from(signature).map_err(|_| NotVerified::Signature)?;
    let verified = match hash {
        Hash::Sha256 => VerifyingKey::<Sha256>::new(key).verify(message, &signature),
        Hash::Sha384 => VerifyingKey::<Sha384>::new(key).verify(message, &signature),
        Hash::Sha512 => VerifyingKey::<Sha512>::new(key).verify(message, &signature),
    };
    verified.map_err(|_| NotVerified::Signature)
}

fn verify_pss(
    key: RsaPublicKey,
    hash: Hash,
    salt: usize,
    message: &[u8],
    signature: &[u8],
) -> Result<(), NotVerified> {
    use rsa::pss::{Signature, VerifyingKey};
    let signature = Signature::try_from(signature).map_err(|_| NotVerified::Signature)?;
    let verified = match hash {
        Hash::Sha256 => {
            VerifyingKey::<Sha256>::new_with_salt_len(key, salt).verify(message, &signature)
        }
        Hash::Sha384 => {
            VerifyingKey::<Sha384>::new_with_salt_len(key, salt).verify(message, &signature)
        }
        Hash::Sha512 => {
            VerifyingKey::<Sha512>::new_with_salt_len(key, salt).verify(message, &signature)
        }
    };
    verified.map_err(|_| NotVerified::Signature)
}

fn verify_ecdsa(
    key: &SubjectPublicKeyInfoRef<'_>,
    hash: Hash,
    message: &[u8],
    signature: &[u8],
) -> Result<(), NotVerified> {
    use p256::ecdsa::signature::hazmat::PrehashVerifier;
    if key.algorithm.oid != EC_PUBLIC_KEY {
        return Err(NotVerified::Key(KeyFault::OtherAlgorithm));
    }
    let malformed = |_| NotVerified::Key(KeyFault::Malformed);
    let curve = key.algorithm.parameters_oid();
    let point = key.subject_public_key.as_bytes();
    let point = point.ok_or(NotVerified::Key(KeyFault::Malformed))?;
    let digest = hash.digest(message);
    let verified = match curve {
        Ok(SECP256R1) => {
            let key = p256::ecdsa::VerifyingKey::from_sec1_bytes(point).map_err(malformed)?;
            p256::ecdsa::Signature::from_der(signature)
                .and_then(|signature| key.verify_prehash(&digest, &signature))
        }
        Ok(SECP384R1) => {
            let key = p384::ecdsa::VerifyingKey::from_sec1_bytes(point).map_err(malformed)?;
            p384::ecdsa::Signature::from_der(signature)
                .and_then(|signature| key.verify_prehash(&digest, &signature))
        }
        Ok(oid) => {
            let oid = oid.to_string().into();
            return Err(NotVerified::Key(KeyFault::Unsupported { oid }));
        }
        Err(_) => return Err(NotVerified::Key(KeyFault::Malformed)),
    };
    verified.map_err(|_| NotVerified::Signature)
}

/// A key for PSS may be one for all of RSA, or for PSS alone; then with no rules but those in force.
fn pss_key(key: &SubjectPublicKeyInfoRef<'_>, scheme: Scheme) -> Result<RsaPublicKey, KeyFault> {
    let limited = key.algorithm.parameters.filter(|_| key.algorithm.oid == RSA_PSS);
    if limited.is_some_and(|parameters| pss(parameters) != Some(scheme)) {
        return Err(KeyFault::OtherAlgorithm);
    }
    rsa_key(key, &[RSA_ENCRYPTION, RSA_PSS])
}

fn rsa_key(
    key: &SubjectPublicKeyInfoRef<'_>,
    algorithms: &[ObjectIdentifier],
) -> Result<RsaPublicKey, KeyFault> {
    if !algorithms.contains(&key.algorithm.oid) {
        return Err(KeyFault::OtherAlgorithm);
    }
    let bytes = key.subject_public_key.as_bytes().ok_or(KeyFault::Malformed)?;
    if bytes.len() > RSA_KEY_BYTES {
        return Err(KeyFault::Size);
    }
    let parts = pkcs1::RsaPublicKeyRef::from_der(bytes).map_err(|_| KeyFault::Malformed)?;
    let number = BoxedUint::from_be_slice_vartime;
    let (modulus, exponent) =
        (number(parts.modulus.as_bytes()), number(parts.public_exponent.as_bytes()));
    RsaPublicKey::new_with_size_limits(modulus, exponent, 2_048..=8_192).map_err(|_| KeyFault::Size)
}

fn is_null_or_absent(parameters: Option<AnyRef<'_>>) -> bool {
    parameters.is_none_or(AnyRef::is_null)
}

/// More than a key of 8,192 bits takes.
const RSA_KEY_BYTES: usize = 1_100;

pub(crate) const SHA_256: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.1");
const SHA_384: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.2");
const SHA_512: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.3");
const RSA_ENCRYPTION: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const MGF_1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.8");
const RSA_PSS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.10");
const SHA_256_WITH_RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.11");
const SHA_384_WITH_RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.12");
const SHA_512_WITH_RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.13");
const EC_PUBLIC_KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const SECP256R1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
const SECP384R1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.34");
const ECDSA_WITH_SHA_256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.2");
const ECDSA_WITH_SHA_384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.3");
const ECDSA_WITH_SHA_512: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.4");
