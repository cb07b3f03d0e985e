// SPDX-License-Identifier: Apache-2.0

//! Commitments.

use permit_canonical_json::Sha256Digest;
use permit_scope::{MembershipLeaf, MembershipTree, leaf_hash, node_hash};
use permit_types::ContentHash;
use proptest::prelude::*;

fn predicate() -> ContentHash {
    ContentHash::parse(&format!("sha256:{}", "ab".repeat(32))).unwrap()
}

/// The leaves of the published vectors: events e1, e2, …
fn tree(leaves: u64) -> MembershipTree {
    let mut tree = MembershipTree::new(predicate());
    for number in 1..=leaves {
        let (event_id, record_hash) = (format!("e{number}"), format!("{number:064}"));
        let leaf = MembershipLeaf {
            sequence_number: number,
            event_id: &event_id,
            record_hash: &record_hash,
        };
        tree.add(&leaf).unwrap();
    }
    tree
}

#[test]
fn sfe_13_the_published_roots() {
    for (leaves, root) in [
        (0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        (1, "1f6c45e1b0f803783d1777468edef4f9e70ccd173955debd95e06449fcc30087"),
        (2, "b8b2691fe69e454de314137958c413fee9c6620985c9209411390cda0887d9de"),
        (3, "97779a01ecc0903e34db431da22da0c3908f03cadf83bdea3b926631d56094e5"),
        (5, "d9daaf528e18733e97f5816e5841b940773f0b2e7dc0fa170ac91561f3a916b9"),
    ] {
        assert_eq!(tree(leaves).root().to_string(), format!("sha256:{root}"), "{leaves} leaves");
        assert_eq!(tree(leaves).leaves(), leaves);
    }
    assert_eq!(tree(0).root(), MembershipTree::empty_root());
}

#[test]
fn leaves_come_in_order_and_none_twice() {
    let leaf = |sequence_number, event_id, record_hash| MembershipLeaf {
        sequence_number,
        event_id,
        record_hash,
    };
    let mut tree = MembershipTree::new(predicate());
    for next in [leaf(1, "b", "b"), leaf(1, "b", "c"), leaf(1, "c", "a"), leaf(2, "a", "a")] {
        tree.add(&next).unwrap();
    }
    let before = tree.root();
    for late in [leaf(2, "a", "a"), leaf(2, "", "z"), leaf(1, "z", "z")] {
        assert_eq!(tree.add(&late).unwrap_err().sequence_number, late.sequence_number);
    }
    assert_eq!((tree.root(), tree.leaves()), (before, 4));
}

#[test]
fn each_part_of_a_leaf_counts() {
    let leaf = MembershipLeaf { sequence_number: 7, event_id: "e", record_hash: "r" };
    let hash = leaf_hash(predicate(), &leaf);
    let other = ContentHash::from(Sha256Digest::of(b"another predicate"));
    assert_ne!(hash, leaf_hash(other, &leaf));
    for bent in [
        MembershipLeaf { sequence_number: 8, ..leaf },
        MembershipLeaf { event_id: "f", ..leaf },
        MembershipLeaf { record_hash: "s", ..leaf },
    ] {
        assert_ne!(hash, leaf_hash(predicate(), &bent));
    }
    // A node over two leaves is no leaf: the first byte differs.
    assert_ne!(node_hash(hash, hash), hash);
}

/// The recipe as it is written down: split at the largest power of two below the number of leaves.
fn recursive_root(leaves: &[Sha256Digest]) -> Sha256Digest {
    match leaves {
        [] => Sha256Digest::of(b""),
        [only] => *only,
        _ => {
            let split = leaves.len().next_power_of_two() / 2;
            let (left, right) = leaves.split_at(split);
            node_hash(recursive_root(left), recursive_root(right))
        }
    }
}

proptest! {
    #[test]
    fn the_tree_that_grows_has_the_root_of_the_recipe(leaves in 0_u64..200) {
        let hashes: Vec<_> = (1..=leaves)
            .map(|number| {
                let (event_id, record_hash) = (format!("e{number}"), format!("{number:064}"));
                let leaf = MembershipLeaf {
                    sequence_number: number,
                    event_id: &event_id,
                    record_hash: &record_hash,
                };
                leaf_hash(predicate(), &leaf)
            })
            .collect();
        prop_assert_eq!(tree(leaves).root().digest(), recursive_root(&hashes));
    }
}
