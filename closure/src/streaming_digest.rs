// SPDX-License-Identifier: Apache-2.0

//! Digests of responses, taken while the responses pass by.
//!
//! ```text
//! CLOSE-10  response digests cover raw bytes: no canonical form, no decoding
//! CLOSE-21  of an interrupted stream, the digest covers what came
//! ```

use permit_canonical_json::{DigestSink, Sha256Digest};

/// Hashes the bytes of a response as they come, chunk by chunk.
///
/// Feed it what was received from the provider, before anything is done with it, or what
/// was handed to the client's writer, after all that is done with it. When the stream
/// ends, in whatever way, [`finish`](Self::finish) gives the digest of what came.
///
/// ```
/// use permit_canonical_json::Sha256Digest;
/// use permit_closure::StreamingDigest;
///
/// let mut digest = StreamingDigest::new();
/// digest.update(b"data: {\"delta\":");
/// digest.update(b" \"Hel");
/// // The connection breaks here.
/// assert_eq!(digest.length(), 20);
/// assert_eq!(digest.finish(), Sha256Digest::of(b"data: {\"delta\": \"Hel"));
/// ```
#[derive(Clone, Debug, Default)]
pub struct StreamingDigest {
    sink: DigestSink,
    length: u64,
}

impl StreamingDigest {
    /// A digest of nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.sink.put_bytes(bytes);
        let count = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        self.length = self.length.saturating_add(count);
    }

    /// Number of bytes so far.
    #[must_use]
    pub fn length(&self) -> u64 {
        self.length
    }

    /// The digest of the bytes that came.
    ///
    /// Of no bytes there is a digest too. Whether a response that brought none has one is the
    /// caller's to say: state none if the response never began.
    #[must_use]
    pub fn finish(self) -> Sha256Digest {
        self.sink.finish()
    }
}
