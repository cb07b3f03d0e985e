// SPDX-License-Identifier: Apache-2.0

//! The vectors of RFC 8032, section 7.1, through signing, plain and prepared verifying.

use permit_keys::{AdaptiveKey, PreparedKey, PublicKey, Signer, SoftwareKey, TableAllowance};
use support::{VECTORS, bytes, hex};

#[test]
fn keys_and_signatures_are_those_of_the_rfc() {
    for [seed, public, message, signature] in VECTORS {
        let key = SoftwareKey::from_seed(&bytes(seed));
        assert_eq!(hex(key.public_key().as_bytes()), *public);
        let message = support::decode(message);
        assert_eq!(hex(&key.sign(&message).unwrap().to_bytes()), *signature);
    }
}

#[test]
fn signatures_verify_on_every_way() {
    for [_, public, message, signature] in VECTORS {
        let key = PublicKey::from_bytes(&bytes(public)).unwrap();
        let signature = permit_keys::Signature::from_bytes(bytes(signature));
        let message = support::decode(message);
        let longer = [message.as_slice(), b"!"].concat();

        let prepared = PreparedKey::new(&key);
        assert!(prepared.verify(&message, &signature));
        assert!(!prepared.verify(&longer, &signature));
        let adaptive = AdaptiveKey::new(key, TableAllowance::of(1));
        for _ in 0..130 {
            assert!(adaptive.verify(&message, &signature));
        }
        assert!(!adaptive.verify(&longer, &signature));
    }
}

#[cfg(test)]
mod support {
    /// Seed, public key, message, signature.
    pub(crate) const VECTORS: &[[&str; 4]] = &[
        [
            "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
            "",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
        ],
        [
            "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
            "72",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
        ],
        [
            "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
            "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
            "af82",
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
        ],
        [
            "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
            "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
            "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704",
        ],
    ];

    pub(crate) fn decode(text: &str) -> Vec<u8> {
        let digit = |byte: u8| char::from(byte).to_digit(16).unwrap();
        let byte = |pair: &[u8]| u8::try_from(digit(pair[0]) * 16 + digit(pair[1])).unwrap();
        text.as_bytes().chunks(2).map(byte).collect()
    }

    pub(crate) fn bytes<const N: usize>(text: &str) -> [u8; N] {
        decode(text).try_into().unwrap()
    }

    pub(crate) fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}
