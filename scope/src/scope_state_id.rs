// SPDX-License-Identifier: Apache-2.0

//! How scope states are called and where they are kept.
//!
//! ```text
//! chain_scope_hash  hex(SHA-256(canonical({"chain_scope": scope})))
//! scope_state_id    keel.scope_state.v1:<chain_scope_hash>:<checkpoint_id>               SIDE-02
//! storage key       scope-state/v1/<chain_scope_hash>/<checkpoint_id>/
//!                   checkpoint-scope-state-v1.json                                         SIDE-14
//! ```

use permit_canonical_json::{DigestSink, Sha256Digest, Value, write_selected};

/// The hash that stands for a chain scope in ids and storage keys.
///
/// ```
/// let hash = permit_scope::chain_scope_hash("project:00000000-0000-0000-0000-000000000001");
/// assert!(hash.to_string().starts_with("35612394ae899572"));
/// ```
#[must_use]
pub fn chain_scope_hash(chain_scope: &str) -> Sha256Digest {
    let mut sink = DigestSink::new();
    // A text always has a canonical form.
    let _ = write_selected([("chain_scope", &Value::from(chain_scope))], &mut sink);
    sink.finish()
}

/// The id of the scope state of this chain at this checkpoint (SIDE-02).
#[must_use]
pub fn scope_state_id(chain_scope: &str, checkpoint_id: &str) -> String {
    format!("keel.scope_state.v1:{}:{checkpoint_id}", chain_scope_hash(chain_scope))
}

/// Where the specification recommends to keep it (SIDE-14).
#[must_use]
pub fn storage_key(chain_scope: &str, checkpoint_id: &str) -> String {
    let hash = chain_scope_hash(chain_scope);
    format!("scope-state/v1/{hash}/{checkpoint_id}/checkpoint-scope-state-v1.json")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn side_14_the_storage_key_names_scope_and_checkpoint() {
        let key = storage_key("project:00000000-0000-0000-0000-000000000001", "c");
        assert_eq!(
            key,
            "scope-state/v1/35612394ae89957223f13fe8cf637283e3d592001e7e503cd08aeb35ebbceb6a/c/\
             checkpoint-scope-state-v1.json"
        );
    }
}
