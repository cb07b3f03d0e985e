// SPDX-License-Identifier: Apache-2.0

//! SHA-256 digests and the sink that computes them while text is written.

use alloc::string::String;
use core::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest as _, Sha256};

/// A SHA-256 digest.
///
/// Written and read as 64 lowercase hexadecimal characters. Where the
/// specification wants `sha256:` before them, use [`Sha256Digest::prefixed`]
/// and [`Sha256Digest::from_prefixed`]: the two texts are never mixed up silently.
///
/// ```
/// use permit_canonical_json::Sha256Digest;
///
/// let digest = Sha256Digest::of(b"");
/// assert_eq!(digest.to_string(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
/// assert_eq!(Sha256Digest::from_hex(&digest.to_string()), Some(digest));
/// assert_eq!(Sha256Digest::from_hex(&digest.prefixed().to_string()), None);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sha256Digest([u8; 32]);

impl Sha256Digest {
    /// The digest of `bytes`.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// The digest with these 32 bytes.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Reads 64 lowercase hexadecimal characters and nothing else.
    #[must_use]
    pub fn from_hex(text: &str) -> Option<Self> {
        let (pairs, rest) = text.as_bytes().as_chunks::<2>();
        if pairs.len() != 32 || !rest.is_empty() {
            return None;
        }
        let mut bytes = [0; 32];
        for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
            *byte = (nibble(*high)? << 4) | nibble(*low)?;
        }
        Some(Self(bytes))
    }

    /// Reads `sha256:` and 64 lowercase hexadecimal characters.
    #[must_use]
    pub fn from_prefixed(text: &str) -> Option<Self> {
        Self::from_hex(text.strip_prefix(PREFIX)?)
    }

    /// The digest with `sha256:` before it, for display and comparison.
    #[must_use]
    pub fn prefixed(self) -> PrefixedDigest {
        PrefixedDigest(self)
    }

    /// The 64 lowercase hexadecimal characters, without an allocation.
    #[must_use]
    pub fn hex(&self) -> HexDigest {
        let mut text = [0; 64];
        for ([high, low], byte) in text.as_chunks_mut::<2>().0.iter_mut().zip(self.0) {
            *high = digit(byte >> 4);
            *low = digit(byte & 15);
        }
        HexDigest(text)
    }
}

/// The text of a digest on the stack.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct HexDigest([u8; 64]);

impl HexDigest {
    /// The 64 characters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        core::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Debug for HexDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A digest that is shown with `sha256:` before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PrefixedDigest(Sha256Digest);

impl fmt::Display for PrefixedDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{PREFIX}{}", self.0)
    }
}

impl fmt::Display for Sha256Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.hex().as_str())
    }
}

impl fmt::Debug for Sha256Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sha256Digest({self})")
    }
}

impl Serialize for Sha256Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.hex().as_str())
    }
}

impl<'de> Deserialize<'de> for Sha256Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use serde::de::Error as _;
        let text = alloc::borrow::Cow::<str>::deserialize(deserializer)?;
        Self::from_hex(&text).ok_or_else(|| {
            D::Error::invalid_value(
                serde::de::Unexpected::Str(&text),
                &"64 lowercase hexadecimal characters",
            )
        })
    }
}

/// Takes text that a canonical writer produces.
pub trait Sink {
    /// Takes the next piece of text.
    fn put(&mut self, text: &str);
}

impl Sink for String {
    fn put(&mut self, text: &str) {
        self.push_str(text);
    }
}

impl Sink for alloc::vec::Vec<u8> {
    fn put(&mut self, text: &str) {
        self.extend_from_slice(text.as_bytes());
    }
}

/// Hashes text as it is written, so that the canonical text never exists as a whole.
///
/// ```
/// use permit_canonical_json::{DigestSink, Sha256Digest, Sink};
///
/// let mut sink = DigestSink::new();
/// sink.put("ab");
/// sink.put("c");
/// assert_eq!(sink.finish(), Sha256Digest::of(b"abc"));
/// ```
#[derive(Clone, Debug)]
pub struct DigestSink {
    state: Sha256,
    /// Collects small pieces, since each call of the hash function has its price.
    pending: [u8; PENDING],
    length: usize,
}

impl DigestSink {
    /// A sink that has taken nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self { state: Sha256::new(), pending: [0; PENDING], length: 0 }
    }

    /// Takes bytes that need not be text.
    pub fn put_bytes(&mut self, bytes: &[u8]) {
        let end = self.length.saturating_add(bytes.len());
        if let Some(target) = self.pending.get_mut(self.length..end) {
            target.copy_from_slice(bytes);
            self.length = end;
            return;
        }
        self.flush();
        match self.pending.get_mut(..bytes.len()) {
            Some(target) => {
                target.copy_from_slice(bytes);
                self.length = bytes.len();
            }
            None => self.state.update(bytes),
        }
    }

    /// The digest of all that was put.
    #[must_use]
    pub fn finish(mut self) -> Sha256Digest {
        self.flush();
        Sha256Digest(self.state.finalize().into())
    }

    fn flush(&mut self) {
        self.state.update(self.pending.get(..self.length).unwrap_or_default());
        self.length = 0;
    }
}

impl Default for DigestSink {
    fn default() -> Self {
        Self::new()
    }
}

impl Sink for DigestSink {
    fn put(&mut self, text: &str) {
        self.put_bytes(text.as_bytes());
    }
}

fn nibble(character: u8) -> Option<u8> {
    match character {
        b'0'..=b'9' => Some(character - b'0'),
        b'a'..=b'f' => Some(character - b'a' + 10),
        _ => None,
    }
}

fn digit(nibble: u8) -> u8 {
    if nibble < 10 { b'0' + nibble } else { b'a' + nibble - 10 }
}

const PREFIX: &str = "sha256:";
const PENDING: usize = 512;

#[cfg(test)]
mod tests {
    use alloc::{string::ToString, vec};

    use super::*;

    #[test]
    fn only_lowercase_of_the_right_length_is_a_digest() {
        let good = "0123456789abcdef".repeat(4);
        assert_eq!(Sha256Digest::from_hex(&good).unwrap().to_string(), good);
        for bad in
            ["", good.trim_start_matches('0'), &good.to_uppercase(), &good.replace('0', "g"), "é"]
        {
            assert_eq!(Sha256Digest::from_hex(bad), None, "{bad}");
        }
        let prefixed = Sha256Digest::from_hex(&good).unwrap().prefixed().to_string();
        assert!(Sha256Digest::from_prefixed(&prefixed).is_some());
        assert_eq!(Sha256Digest::from_prefixed(&good), None);
    }

    #[test]
    fn pieces_of_any_size_give_the_digest_of_the_whole() {
        let bytes = vec![7_u8; 3 * PENDING + 5];
        for size in [1, 3, 63, 64, 65, PENDING - 1, PENDING, PENDING + 1, 2 * PENDING + 3] {
            let mut sink = DigestSink::new();
            bytes.chunks(size).for_each(|piece| sink.put_bytes(piece));
            assert_eq!(sink.finish(), Sha256Digest::of(&bytes), "pieces of {size}");
        }
    }
}
