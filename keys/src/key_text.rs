// SPDX-License-Identifier: Apache-2.0

//! The text form of keys and signatures: `ed25519:` and strict base64.

use base64::{
    Engine as _,
    alphabet::STANDARD,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};

/// Why a text is not the base64 of so many bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TextFault {
    /// The text has more or fewer characters, or less padding, than the bytes need.
    Length { characters: usize },
    /// A character is not in the alphabet, or padding stands where it does not belong.
    Character { offset: usize },
}

/// Reads exactly `N` bytes; `N` is at most 64.
///
/// The reference drops characters that are not in the alphabet and stops at the
/// first padding, so that endlessly many texts stand for one signature. Here there is
/// one text, up to the unused bits of its last character, which the strict
/// reading of the reference does not look at either.
pub(crate) fn decode<const N: usize>(text: &str) -> Result<[u8; N], TextFault> {
    let length = TextFault::Length { characters: text.chars().count() };
    if text.len() != characters(N) {
        return Err(length);
    }
    // Text without padding gives up to two bytes more than are wanted.
    let mut buffer = [0; 66];
    let decoded = ENGINE.decode_slice(text, &mut buffer).map_err(|fault| match fault {
        base64::DecodeSliceError::DecodeError(
            base64::DecodeError::InvalidByte(offset, _)
            | base64::DecodeError::InvalidLastSymbol { offset, .. },
        ) => TextFault::Character { offset },
        _ => length,
    })?;
    buffer.get(..decoded).and_then(|bytes| bytes.try_into().ok()).ok_or(length)
}

/// Writes bytes as base64.
pub(crate) fn encode(bytes: &[u8]) -> alloc::string::String {
    ENGINE.encode(bytes)
}

/// The text behind `ed25519:`, which is taken away once and as it is written here.
pub(crate) fn without_prefix(text: &str) -> Option<&str> {
    text.strip_prefix(PREFIX)
}

/// Number of characters of the base64 of so many bytes, padding included.
pub(crate) const fn characters(bytes: usize) -> usize {
    bytes.div_ceil(3) * 4
}

/// What stands before a key or a signature that names its algorithm.
pub(crate) const PREFIX: &str = "ed25519:";

const ENGINE: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::RequireCanonical)
        .with_decode_allow_trailing_bits(true),
);

#[cfg(test)]
mod tests {
    use alloc::format;

    use super::*;

    #[test]
    fn exactly_one_spelling_is_read_up_to_unused_bits() {
        let good = encode(&[251; 32]);
        assert_eq!(good, "+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/s=");
        assert_eq!(decode::<32>(&good), Ok([251; 32]));
        assert_eq!(decode::<32>(&good.replace("s=", "t=")), Ok([251; 32]), "unused bits");

        for (bad, fault) in [
            ("", TextFault::Length { characters: 0 }),
            (good.trim_end_matches('='), TextFault::Length { characters: 43 }),
            (&format!("{good}="), TextFault::Length { characters: 45 }),
            (&format!("{good}\n"), TextFault::Length { characters: 45 }),
            (&good.replace('=', "A"), TextFault::Length { characters: 44 }),
            (&good.replace("+/v7", "-_v7"), TextFault::Character { offset: 0 }),
            (&good.replacen("v7+", "v7 ", 1), TextFault::Character { offset: 4 }),
            (&good.replacen("v7+", "=v7", 1), TextFault::Character { offset: 2 }),
            (&good.replacen("v7", "é", 1), TextFault::Character { offset: 2 }),
            (&good.replacen("+/s=", "+===", 1), TextFault::Character { offset: 41 }),
        ] {
            assert_eq!(decode::<32>(bad), Err(fault), "{bad}");
        }
    }

    #[test]
    fn the_tables_of_python_hold_for_this_length() {
        // 64 bytes end in a quantum of one byte: two characters and two paddings.
        let good = encode(&[0; 64]);
        assert!(good.ends_with("AA=="));
        assert_eq!(decode::<64>(&good.replace("AA==", "AP==")), Ok([0; 64]));
        for bad in ["AA", "AA=", "AA===", "A!A==", "AA==AA==", "=AA=", "===="] {
            assert!(decode::<64>(&good.replace("AA==", bad)).is_err(), "{bad}");
        }
    }
}
