// SPDX-License-Identifier: Apache-2.0

//! Keys of authorities, made for these tests and worth nothing, and how they sign.

use std::{convert::Infallible, sync::LazyLock};

use p256::ecdsa::signature::hazmat::PrehashSigner as _;
use rsa::{
    BoxedUint, RsaPrivateKey,
    rand_core::{TryCryptoRng, TryRng},
    signature::{RandomizedSigner as _, SignatureEncoding as _, Signer as _},
    traits::PublicKeyParts as _,
};
use sha1::Sha1;
use sha2::{Digest as _, Sha256, Sha384, Sha512};

use crate::der::{algorithm, bits, explicit, integer, null, oid, seq, unsigned};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Key {
    RsaRoot,
    RsaSigner,
    /// 1,024 bits.
    RsaWeak,
    /// A key for PSS alone, over SHA-256.
    PssOnly,
    P256(u8),
    P384(u8),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hash {
    Sha1,
    Sha256,
    Sha384,
    Sha512,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scheme {
    Pkcs1(Hash),
    /// Signed like the others, but called by the name of the key's algorithm.
    Pkcs1Unnamed(Hash),
    Pss(Hash),
    Ecdsa(Hash),
}

impl Hash {
    pub(crate) fn id(self) -> &'static str {
        match self {
            Self::Sha1 => "1.3.14.3.2.26",
            Self::Sha256 => "2.16.840.1.101.3.4.2.1",
            Self::Sha384 => "2.16.840.1.101.3.4.2.2",
            Self::Sha512 => "2.16.840.1.101.3.4.2.3",
        }
    }

    pub(crate) fn digest(self, bytes: &[u8]) -> Vec<u8> {
        match self {
            Self::Sha1 => Sha1::digest(bytes).to_vec(),
            Self::Sha256 => Sha256::digest(bytes).to_vec(),
            Self::Sha384 => Sha384::digest(bytes).to_vec(),
            Self::Sha512 => Sha512::digest(bytes).to_vec(),
        }
    }
}

impl Scheme {
    pub(crate) fn hash(self) -> Hash {
        match self {
            Self::Pkcs1(hash) | Self::Pkcs1Unnamed(hash) | Self::Pss(hash) | Self::Ecdsa(hash) => {
                hash
            }
        }
    }

    /// The `AlgorithmIdentifier`.
    pub(crate) fn identifier(self) -> Vec<u8> {
        match self {
            Self::Pkcs1(hash) => {
                let id = match hash {
                    Hash::Sha1 => "1.2.840.113549.1.1.5",
                    Hash::Sha256 => "1.2.840.113549.1.1.11",
                    Hash::Sha384 => "1.2.840.113549.1.1.12",
                    Hash::Sha512 => "1.2.840.113549.1.1.13",
                };
                algorithm(id, Some(&null()))
            }
            Self::Pkcs1Unnamed(_) => algorithm("1.2.840.113549.1.1.1", Some(&null())),
            Self::Pss(hash) => {
                algorithm("1.2.840.113549.1.1.10", Some(&pss_parameters(hash, hash)))
            }
            Self::Ecdsa(hash) => {
                let id = match hash {
                    Hash::Sha1 => "1.2.840.10045.4.1",
                    Hash::Sha256 => "1.2.840.10045.4.3.2",
                    Hash::Sha384 => "1.2.840.10045.4.3.3",
                    Hash::Sha512 => "1.2.840.10045.4.3.4",
                };
                algorithm(id, None)
            }
        }
    }
}

pub(crate) fn pss_parameters(hash: Hash, mask: Hash) -> Vec<u8> {
    let length = u8::try_from(hash.digest(b"").len()).unwrap();
    let mask = algorithm("1.2.840.113549.1.1.8", Some(&algorithm(mask.id(), Some(&null()))));
    seq(&[
        &explicit(0, &algorithm(hash.id(), Some(&null()))),
        &explicit(1, &mask),
        &explicit(2, &integer(&[length])),
    ])
}

impl Key {
    /// The scheme that the key signs with unless something else is asked.
    pub(crate) fn scheme(self) -> Scheme {
        match self {
            Self::PssOnly => Scheme::Pss(Hash::Sha256),
            Self::P256(_) | Self::P384(_) => Scheme::Ecdsa(Hash::Sha256),
            _ => Scheme::Pkcs1(Hash::Sha256),
        }
    }

    /// The `SubjectPublicKeyInfo`.
    pub(crate) fn public(self) -> Vec<u8> {
        match self {
            Self::P256(_) | Self::P384(_) => self.public_on_curve(),
            _ => {
                let key = self.rsa().to_public_key();
                let number = |number: &BoxedUint| unsigned(&number.to_be_bytes());
                let numbers = seq(&[&number(key.n()), &number(key.e())]);
                let id = match self {
                    Self::PssOnly => Scheme::Pss(Hash::Sha256).identifier(),
                    _ => algorithm("1.2.840.113549.1.1.1", Some(&null())),
                };
                seq(&[&id, &bits(&numbers)])
            }
        }
    }

    fn public_on_curve(self) -> Vec<u8> {
        let (curve, point) = match self {
            Self::P256(seed) => {
                let key = p256::ecdsa::SigningKey::from_slice(&[seed; 32]).unwrap();
                (
                    "1.2.840.10045.3.1.7",
                    key.verifying_key().to_sec1_point(false).as_bytes().to_vec(),
                )
            }
            Self::P384(seed) => {
                let key = p384::ecdsa::SigningKey::from_slice(&[seed; 48]).unwrap();
                ("1.3.132.0.34", key.verifying_key().to_sec1_point(false).as_bytes().to_vec())
            }
            _ => panic!("no curve"),
        };
        seq(&[&algorithm("1.2.840.10045.2.1", Some(&oid(curve))), &bits(&point)])
    }

    pub(crate) fn sign(self, scheme: Scheme, message: &[u8]) -> Vec<u8> {
        match scheme {
            Scheme::Pkcs1(hash) | Scheme::Pkcs1Unnamed(hash) => self.sign_pkcs1(hash, message),
            Scheme::Pss(hash) => self.sign_pss(hash, message),
            Scheme::Ecdsa(hash) => self.sign_ecdsa(&hash.digest(message)),
        }
    }

    fn sign_pkcs1(self, hash: Hash, message: &[u8]) -> Vec<u8> {
        use rsa::pkcs1v15::SigningKey;
        let key = self.rsa().clone();
        match hash {
            Hash::Sha1 => {
                // SHA-1 with its prefix, by hand: the library would need a feature for it.
                let digest = [&SHA_1_PREFIX[..], &Sha1::digest(message)].concat();
                let key = SigningKey::<Sha256>::new_unprefixed(key);
                rsa::signature::hazmat::PrehashSigner::sign_prehash(&key, &digest).unwrap().to_vec()
            }
            Hash::Sha256 => SigningKey::<Sha256>::new(key).sign(message).to_vec(),
            Hash::Sha384 => SigningKey::<Sha384>::new(key).sign(message).to_vec(),
            Hash::Sha512 => SigningKey::<Sha512>::new(key).sign(message).to_vec(),
        }
    }

    fn sign_pss(self, hash: Hash, message: &[u8]) -> Vec<u8> {
        use rsa::pss::SigningKey;
        let key = self.rsa().clone();
        match hash {
            Hash::Sha1 => panic!("no test signs with it"),
            Hash::Sha256 => {
                SigningKey::<Sha256>::new(key).sign_with_rng(&mut Counter(0), message).to_vec()
            }
            Hash::Sha384 => {
                SigningKey::<Sha384>::new(key).sign_with_rng(&mut Counter(0), message).to_vec()
            }
            Hash::Sha512 => {
                SigningKey::<Sha512>::new(key).sign_with_rng(&mut Counter(0), message).to_vec()
            }
        }
    }

    fn sign_ecdsa(self, digest: &[u8]) -> Vec<u8> {
        match self {
            Self::P256(seed) => {
                let key = p256::ecdsa::SigningKey::from_slice(&[seed; 32]).unwrap();
                let signature: p256::ecdsa::Signature = key.sign_prehash(digest).unwrap();
                signature.to_der().as_bytes().to_vec()
            }
            Self::P384(seed) => {
                let key = p384::ecdsa::SigningKey::from_slice(&[seed; 48]).unwrap();
                let signature: p384::ecdsa::Signature = key.sign_prehash(digest).unwrap();
                signature.to_der().as_bytes().to_vec()
            }
            _ => panic!("no curve"),
        }
    }

    fn rsa(self) -> &'static RsaPrivateKey {
        let [root, signer, weak] = &*RSA_KEYS;
        match self {
            Self::RsaRoot => root,
            Self::RsaSigner | Self::PssOnly => signer,
            Self::RsaWeak => weak,
            Self::P256(_) | Self::P384(_) => panic!("no RSA"),
        }
    }
}

static RSA_KEYS: LazyLock<[RsaPrivateKey; 3]> = LazyLock::new(|| {
    PRIMES.map(|primes| {
        let [p, q] = primes.map(|prime| BoxedUint::from_be_slice_vartime(&unhex(prime)));
        RsaPrivateKey::from_p_q(p, q, BoxedUint::from(65_537_u64)).unwrap()
    })
});

fn unhex(text: &str) -> Vec<u8> {
    let (pairs, _) = text.as_bytes().as_chunks::<2>();
    let pair = |pair: &[u8; 2]| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap();
    pairs.iter().map(pair).collect()
}

/// What counts instead of being random, so that every run is the same.
struct Counter(u8);

impl TryRng for Counter {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        rsa::rand_core::utils::next_word_via_fill(self)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        rsa::rand_core::utils::next_word_via_fill(self)
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for byte in bytes {
            self.0 = self.0.wrapping_add(1);
            *byte = self.0;
        }
        Ok(())
    }
}

impl TryCryptoRng for Counter {}

const SHA_1_PREFIX: [u8; 15] =
    [0x30, 0x21, 0x30, 0x09, 0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02, 0x1a, 0x05, 0x00, 0x04, 0x14];

const PRIMES: [[&str; 2]; 3] = [
    [
        "cf5cf4c109f70ff264e54678efb4b4d32ebdf6642223216f08b9a4e448641083ebee56997b307bd918282d224b0e3bc1aee8393d3fa860d0f8832079461af3eda9019d80686e900995cf094c27281a2923f20d7174ff5dfba0bb7ed5e1a544d32335440dd1b95fbd3de830262c5188ee91265d4393896e28400eebe515914091",
        "c4d8d78dcd03042e582e82838274054c8790775cfdf5ab859a09faf6f11b821ed7013a9c005502a6e34c6fc458962aa3a6b6183309c76c95fad9710febf41d4712fd2fd8a152873b338a215c36349c76a22d92edcd1cacc00430bcfa1691093c4a72abe200010694e74edf73bab2e38dcf6c45ce16341e184115e63eb6e74da9",
    ],
    [
        "fa69a1066882a0cf2c3ff1504eb00a14039bbdf88f683b784c80973f96f04872fe4df9e44d235e85a2d3ef64fc1eeeff4a7ffbc62b61d8aa1489f7ce6727483a211d30c0b50ac5241029f9ee75fb5753defdf683136ed266359ac7452df135f0cd3be170d3eedfccef3bfb4b597771a1eb7b8a65d13b94d5957d181f9078fa4f",
        "ef651cad78d223680b23580542bce3f1e2012fefb50a8bae04a6396f225d6525cf87602b36188a7c5453f9ca298e1a44931028c022440df7ccd93ca08b731355e7e455742829a3eaa4f0a7ea5240c4132f138f177c92669422e3d3a23975eb13994904f0e8f466c7ddabc936755d813d77ba1c8cb91d72bc05c48394697cd4c7",
    ],
    [
        "de2b40b19d1ce0413365049ad1793d96ddecd3c3e45affd04b1d5b6ab5d5b0b8662a6a41300cfd8a2aea0ff4d51d6b585a578ba157039df7cb961476657c0611",
        "c88bb716105cfb4a23e7c10e1305479a66eee9a79f7f16d6b71fa25628a79c195d71d40ddfb0d08d4b834c626a729b7dda180d5a00d50a3b845babafcb1de13f",
    ],
];
