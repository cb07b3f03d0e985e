// SPDX-License-Identifier: Apache-2.0

//! Signatures and public keys as texts.
//!
//! ```text
//! PrefixedSignatureText   ed25519:<base64>   closures, manifests, scope states
//! BareSignatureText       <base64>           revocation events only (AMB-08)
//! PrefixedPublicKeyText   ed25519:<base64>   export manifests
//! ```
//!
//! The schemas fix the alphabet of the prefixed forms but not the length, and so do
//! these types: that a signature has 64 bytes and a key 32 is a matter of whoever
//! decodes them, since a wrong length is a bad signature and not a malformed object.

use crate::text::text_newtypes;

text_newtypes! {
    /// A signature with the name of its algorithm before it.
    ///
    /// ```
    /// use permit_types::PrefixedSignatureText;
    ///
    /// let signature = PrefixedSignatureText::parse("ed25519:c2lnbmVk").unwrap();
    /// assert_eq!(signature.base64(), "c2lnbmVk");
    /// assert!(PrefixedSignatureText::parse("c2lnbmVk").is_none());
    /// ```
    PrefixedSignatureText: "`ed25519:` and Base64", is_prefixed_base64,
        { "type": "string", "pattern": "^ed25519:[A-Za-z0-9+/]+={0,2}$" };

    /// A signature without a prefix: 64 bytes in Base64, which are 86 characters and `==`.
    BareSignatureText: "64 bytes in Base64",
        |text| text.strip_suffix("==").is_some_and(|digits| {
            digits.len() == 86 && digits.bytes().all(is_base64_digit)
        }),
        { "type": "string", "pattern": "^[A-Za-z0-9+/]{86}==$" };

    /// A public key with the name of its algorithm before it.
    PrefixedPublicKeyText: "`ed25519:` and Base64", is_prefixed_base64,
        { "type": "string", "pattern": "^ed25519:[A-Za-z0-9+/]+={0,2}$" };
}

impl PrefixedSignatureText {
    /// What stands behind the prefix.
    #[must_use]
    pub fn base64(&self) -> &str {
        without_prefix(self.as_str())
    }
}

impl PrefixedPublicKeyText {
    /// What stands behind the prefix.
    #[must_use]
    pub fn base64(&self) -> &str {
        without_prefix(self.as_str())
    }
}

fn without_prefix(text: &str) -> &str {
    text.strip_prefix(PREFIX).unwrap_or(text)
}

fn is_prefixed_base64(text: &str) -> bool {
    let Some(base64) = text.strip_prefix(PREFIX) else { return false };
    let digits = base64.trim_end_matches('=');
    !digits.is_empty() && digits.bytes().all(is_base64_digit) && base64.len() - digits.len() <= 2
}

fn is_base64_digit(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/')
}

const PREFIX: &str = "ed25519:";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amb_08_a_prefix_tells_the_two_signature_texts_apart() {
        let bare = ["A".repeat(86), "==".into()].concat();
        let prefixed = [PREFIX, &bare].concat();
        assert!(BareSignatureText::parse(&bare).is_some());
        assert!(BareSignatureText::parse(&prefixed).is_none());
        assert!(PrefixedSignatureText::parse(&prefixed).is_some());
        assert!(PrefixedSignatureText::parse(&bare).is_none());
    }

    #[test]
    fn only_the_base64_alphabet_and_two_signs_of_padding() {
        for good in ["ed25519:A", "ed25519:+/9=", "ed25519:zz=="] {
            assert!(PrefixedSignatureText::parse(good).is_some(), "{good}");
            assert!(PrefixedPublicKeyText::parse(good).is_some(), "{good}");
        }
        for bad in [
            "ed25519:",
            "ed25519:=",
            "ed25519:A===",
            "ed25519:A=A",
            "ed25519:-_",
            "Ed25519:A",
            "ed25519:A\n",
        ] {
            assert!(PrefixedSignatureText::parse(bad).is_none(), "{bad}");
            assert!(PrefixedPublicKeyText::parse(bad).is_none(), "{bad}");
        }
        for length in [0, 85, 87] {
            assert!(
                BareSignatureText::parse(&["A".repeat(length), "==".into()].concat()).is_none()
            );
        }
        assert!(BareSignatureText::parse(&"A".repeat(88)).is_none());
    }
}
