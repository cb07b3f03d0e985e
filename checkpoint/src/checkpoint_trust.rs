// SPDX-License-Identifier: Apache-2.0

//! Whose signature a checkpoint has to bear.

use permit_keys::{KeyManifest, Mode};

/// How the key of a checkpoint's signature is found.
///
/// ```
/// use permit_checkpoint::CheckpointTrust;
/// use permit_keys::Mode;
///
/// let of_tests = CheckpointTrust::self_attested().in_mode(Mode::Test);
/// # let _ = of_tests;
/// ```
#[derive(Clone, Copy, Debug)]
pub struct CheckpointTrust<'k> {
    pub(crate) channel: Channel<'k>,
    pub(crate) mode: Mode,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Channel<'k> {
    Keys(&'k KeyManifest),
    Pinned(&'k str),
    SelfAttested,
    Nothing,
}

impl<'k> CheckpointTrust<'k> {
    /// In a key manifest: by purpose `integrity_checkpoint`, the id that the checkpoint names,
    /// and the time at which it says it was computed.
    #[must_use]
    pub fn keys(manifest: &'k KeyManifest) -> Self {
        Self::by(Channel::Keys(manifest))
    }

    /// It is this one, as text that starts with `ed25519:`.
    #[must_use]
    pub fn pinned(key: &'k str) -> Self {
        Self::by(Channel::Pinned(key))
    }

    /// The checkpoint brings its own, which shows that nobody changed it since, but not who made it.
    #[must_use]
    pub fn self_attested() -> Self {
        Self::by(Channel::SelfAttested)
    }

    /// Not at all: nothing is trusted, so that the signature cannot be judged.
    #[must_use]
    pub fn none() -> Self {
        Self::by(Channel::Nothing)
    }

    /// The same, but relying on test keys only, or on none of them (KEY-05).
    #[must_use]
    pub fn in_mode(mut self, mode: Mode) -> Self {
        self.mode = mode;
        self
    }

    fn by(channel: Channel<'k>) -> Self {
        Self { channel, mode: Mode::Production }
    }
}
