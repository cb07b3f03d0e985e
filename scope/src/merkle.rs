// SPDX-License-Identifier: Apache-2.0

//! Commitments to the members of a scope: Merkle trees of `keel.scope_state.merkle.v1`.
//!
//! ```text
//! leaf object  { canonical_predicate_value_hash, event_id, record_hash, sequence_number }
//! leaf         SHA-256(00 ‖ canonical(leaf object))
//! node         SHA-256(01 ‖ left ‖ right)
//! order        ascending by sequence number, event id, record hash
//! split        at the largest power of two below the number of leaves; nothing is doubled to fill up
//! no leaves    SHA-256 of nothing
//! ```
//!
//! The prefixes keep a leaf from passing for a node, and the predicate's hash in each leaf keeps the
//! tree of one predicate from passing for that of another.

use permit_canonical_json::{DigestSink, Sha256Digest, Value, write_selected};
use permit_types::ContentHash;

/// What a leaf says about one record.
///
/// Leaves are ordered by sequence number, then event id, then record hash, texts by code point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MembershipLeaf<'a> {
    /// The place of the record in its chain.
    pub sequence_number: u64,
    /// The event.
    pub event_id: &'a str,
    /// The record's hash as the record has it, with or without a prefix.
    pub record_hash: &'a str,
}

/// The hash of a leaf under a predicate.
#[must_use]
pub fn leaf_hash(predicate: ContentHash, leaf: &MembershipLeaf<'_>) -> Sha256Digest {
    let mut sink = DigestSink::new();
    sink.put_bytes(&[LEAF]);
    let predicate = Value::from(predicate.to_string());
    let event_id = Value::from(leaf.event_id);
    let record_hash = Value::from(leaf.record_hash);
    let sequence_number = Value::from(leaf.sequence_number);
    let members = [
        ("canonical_predicate_value_hash", &predicate),
        ("event_id", &event_id),
        ("record_hash", &record_hash),
        ("sequence_number", &sequence_number),
    ];
    // Texts and an integer always have a canonical form.
    let _ = write_selected(members, &mut sink);
    sink.finish()
}

/// The hash of a node over its children.
#[must_use]
pub fn node_hash(left: Sha256Digest, right: Sha256Digest) -> Sha256Digest {
    let mut sink = DigestSink::new();
    sink.put_bytes(&[NODE]);
    sink.put_bytes(left.as_bytes());
    sink.put_bytes(right.as_bytes());
    sink.finish()
}

/// A tree that grows leaf by leaf and remembers only the roots of its complete parts: one for
/// each binary digit of the number of leaves.
///
/// ```
/// use permit_scope::{MembershipLeaf, MembershipTree};
/// use permit_types::ContentHash;
///
/// let predicate = ContentHash::parse(&format!("sha256:{}", "ab".repeat(32))).unwrap();
/// let mut tree = MembershipTree::new(predicate);
/// assert!(tree.root().to_string().starts_with("sha256:e3b0c442"));
/// for number in 1..=3 {
///     let (event_id, record_hash) = (format!("e{number}"), format!("{number:064}"));
///     let (event_id, record_hash) = (event_id.as_str(), record_hash.as_str());
///     tree.add(&MembershipLeaf { sequence_number: number, event_id, record_hash })?;
/// }
/// assert_eq!(
///     tree.root().to_string(),
///     "sha256:97779a01ecc0903e34db431da22da0c3908f03cadf83bdea3b926631d56094e5",
/// );
/// # Ok::<(), permit_scope::OutOfOrder>(())
/// ```
#[derive(Clone, Debug)]
pub struct MembershipTree {
    predicate: ContentHash,
    leaves: u64,
    /// Roots of complete trees, the largest first; each has twice the leaves of the next, or more.
    complete: Vec<(u32, Sha256Digest)>,
    last: Option<(u64, String, String)>,
}

/// A leaf does not come behind the one before it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the leaf of sequence number {sequence_number} does not come behind the one before it")]
pub struct OutOfOrder {
    /// Its sequence number.
    pub sequence_number: u64,
}

impl MembershipTree {
    /// A tree without leaves.
    #[must_use]
    pub fn new(predicate: ContentHash) -> Self {
        Self { predicate, leaves: 0, complete: Vec::new(), last: None }
    }

    /// Adds the next leaf.
    ///
    /// # Errors
    /// If it does not come behind the last one. The tree stays as it was.
    pub fn add(&mut self, leaf: &MembershipLeaf<'_>) -> Result<(), OutOfOrder> {
        let last = self.last.as_ref().map(|(number, event_id, record_hash)| MembershipLeaf {
            sequence_number: *number,
            event_id,
            record_hash,
        });
        if last.is_some_and(|last| last >= *leaf) {
            return Err(OutOfOrder { sequence_number: leaf.sequence_number });
        }
        self.last =
            Some((leaf.sequence_number, leaf.event_id.to_owned(), leaf.record_hash.to_owned()));
        self.leaves += 1;
        let (mut height, mut root) = (0, leaf_hash(self.predicate, leaf));
        while let Some((_, left)) = self.complete.pop_if(|(of, _)| *of == height) {
            (height, root) = (height + 1, node_hash(left, root));
        }
        self.complete.push((height, root));
        Ok(())
    }

    /// The number of leaves.
    #[must_use]
    pub fn leaves(&self) -> u64 {
        self.leaves
    }

    /// The root over all leaves so far.
    #[must_use]
    pub fn root(&self) -> ContentHash {
        let mut parts = self.complete.iter().rev().map(|(_, root)| *root);
        let smallest = parts.next().unwrap_or_else(|| Sha256Digest::of(b""));
        parts.fold(smallest, |right, left| node_hash(left, right)).into()
    }

    /// The root of a tree without leaves (SIDE-05).
    #[must_use]
    pub fn empty_root() -> ContentHash {
        Sha256Digest::of(b"").into()
    }
}

const LEAF: u8 = 0;
const NODE: u8 = 1;
