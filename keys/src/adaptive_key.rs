// SPDX-License-Identifier: Apache-2.0

//! A key that makes itself fast once it is worth it.

use alloc::{sync::Arc, vec::Vec};
use core::{
    fmt,
    sync::atomic::{AtomicU32, AtomicUsize, Ordering::Relaxed},
};

use ed25519_dalek::Verifier as _;
use permit_canonical_json::Sha256Digest;

use crate::{
    key_table::KeyTable, prepared_key::PreparedKey, public_key::PublicKey, signature::Signature,
};

/// A public key that counts what it checks and makes a [`PreparedKey`] of itself in time.
///
/// Most keys of a trust root check one signature or none, one of them may check a million.
/// What is accepted is the same before and after; only the time differs.
/// Without the feature `std` no table is ever made.
pub struct AdaptiveKey {
    key: PublicKey,
    fingerprint: Sha256Digest,
    uses: AtomicU32,
    table: KeyTable,
    allowance: TableAllowance,
}

impl AdaptiveKey {
    /// A key that has checked nothing yet and may take its table from `allowance`.
    #[must_use]
    pub fn new(key: PublicKey, allowance: TableAllowance) -> Self {
        let fingerprint = key.fingerprint();
        let (uses, table) = (AtomicU32::new(0), KeyTable::new());
        Self { key, fingerprint, uses, table, allowance }
    }

    /// The key itself.
    #[must_use]
    pub fn public_key(&self) -> &PublicKey {
        &self.key
    }

    /// The SHA-256 digest of the key's 32 bytes, computed once.
    #[must_use]
    pub fn fingerprint(&self) -> Sha256Digest {
        self.fingerprint
    }

    /// Whether the signature is one of the message by this key.
    ///
    /// Exactly what `ed25519_dalek::VerifyingKey::verify` accepts, see [`PreparedKey`].
    #[must_use]
    pub fn verify(&self, message: &[u8], signature: &Signature) -> bool {
        match self.prepared(1) {
            Some(prepared) => prepared.verify(message, signature),
            None => self.verify_plainly(message, signature),
        }
    }

    /// Whether each of the signatures is one of its message, decided one by one.
    #[must_use]
    pub fn verify_each(&self, signed: &[(&[u8], &Signature)]) -> Vec<bool> {
        match self.prepared(u32::try_from(signed.len()).unwrap_or(u32::MAX)) {
            Some(prepared) => prepared.verify_each(signed),
            None => signed.iter().map(|(m, signature)| self.verify_plainly(m, signature)).collect(),
        }
    }

    /// Whether the table has been made.
    #[must_use]
    pub fn is_prepared(&self) -> bool {
        self.table.get().is_some()
    }

    fn verify_plainly(&self, message: &[u8], signature: &Signature) -> bool {
        let signature = ed25519_dalek::Signature::from_bytes(&signature.to_bytes());
        self.key.to_dalek().verify(message, &signature).is_ok()
    }

    /// The table, if this many more uses make it worth having.
    fn prepared(&self, more: u32) -> Option<&PreparedKey> {
        if let Some(prepared) = self.table.get() {
            return Some(prepared);
        }
        let before = self.uses.load(Relaxed);
        if before.saturating_add(more) < USES_THAT_PAY {
            self.uses.fetch_add(more, Relaxed);
            return None;
        }
        if !self.allowance.take() {
            return None;
        }
        let mut made = false;
        let prepared = self.table.get_or_make(|| {
            made = true;
            PreparedKey::new(&self.key)
        });
        if !made {
            self.allowance.give_back();
        }
        prepared
    }
}

impl fmt::Debug for AdaptiveKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("AdaptiveKey").field(&self.key).finish()
    }
}

/// How many tables a group of keys may make, 640 KiB each.
///
/// Keeps a trust root of many busy keys from taking memory without end; keys that get
/// no table check as well, only slower.
///
/// ```
/// use permit_keys::TableAllowance;
///
/// let allowance = TableAllowance::of(2);
/// assert_eq!(allowance.left(), 2);
/// assert_eq!(TableAllowance::default().left(), 64);
/// ```
#[derive(Clone, Debug)]
pub struct TableAllowance(Arc<AtomicUsize>);

impl TableAllowance {
    /// An allowance of this many tables; clones share it.
    #[must_use]
    pub fn of(tables: usize) -> Self {
        Self(Arc::new(AtomicUsize::new(tables)))
    }

    /// The tables that may still be made.
    #[must_use]
    pub fn left(&self) -> usize {
        self.0.load(Relaxed)
    }

    fn take(&self) -> bool {
        self.0.fetch_update(Relaxed, Relaxed, |left| left.checked_sub(1)).is_ok()
    }

    fn give_back(&self) {
        self.0.fetch_add(1, Relaxed);
    }
}

impl Default for TableAllowance {
    /// 64 tables, 40 MiB in all.
    fn default() -> Self {
        Self::of(64)
    }
}

/// Two tables, of the key and of the base point, cost what 35 plain checks do and save six tenths
/// of each later one. Making them after as many checks as it takes to win them back costs at
/// most twice what knowing the future would.
const USES_THAT_PAY: u32 = 64;

#[cfg(all(test, feature = "std"))]
mod tests {
    use ed25519_dalek::{Signer as _, SigningKey};

    use super::*;

    fn key(allowance: &TableAllowance, seed: u8) -> (AdaptiveKey, Signature) {
        let signing = SigningKey::from_bytes(&[seed; 32]);
        let signature = Signature::from_bytes(signing.sign(b"message").to_bytes());
        (AdaptiveKey::new(PublicKey::of(&signing), allowance.clone()), signature)
    }

    #[test]
    fn a_table_is_made_when_it_pays_and_changes_no_answer() {
        let allowance = TableAllowance::of(1);
        let (busy, signature) = key(&allowance, 1);
        for use_ in 1..=USES_THAT_PAY + 3 {
            assert!(busy.verify(b"message", &signature));
            assert!(!busy.verify_plainly(b"other", &signature));
            assert_eq!(busy.is_prepared(), use_ >= USES_THAT_PAY, "{use_}");
        }
        assert!(!busy.verify(b"other", &signature));
        assert_eq!(allowance.left(), 0);
    }

    #[test]
    fn without_allowance_a_key_stays_plain() {
        let (_, signature) = key(&TableAllowance::of(0), 2);
        let (plain, _) = key(&TableAllowance::of(0), 2);
        let signed = [(b"message".as_slice(), &signature), (b"other".as_slice(), &signature)];
        for _ in 0..USES_THAT_PAY {
            assert_eq!(plain.verify_each(&signed), [true, false]);
        }
        assert!(!plain.is_prepared());
    }

    #[test]
    fn many_at_once_count_as_many() {
        let allowance = TableAllowance::default();
        let (many, signature) = key(&allowance, 3);
        let signed = [(b"message".as_slice(), &signature); 64];
        assert!(many.verify_each(&signed).into_iter().all(|holds| holds));
        assert!(many.is_prepared());
        assert_eq!(allowance.left(), 63);
    }

    #[test]
    fn threads_share_one_table() {
        let allowance = TableAllowance::of(9);
        let (shared, signature) = key(&allowance, 4);
        std::thread::scope(|threads| {
            for _ in 0..4 {
                threads.spawn(|| {
                    (0..100).for_each(|_| assert!(shared.verify(b"message", &signature)));
                });
            }
        });
        assert!(shared.is_prepared());
        assert_eq!(allowance.left(), 8);
    }
}
