// SPDX-License-Identifier: Apache-2.0

//! The blocks by which a pack says what its claims mean.

use permit_claims::Claim;
use permit_pins::ReleasedArtifact;
use serde_json::{Value as Json, json};

use super::{document::set, fault::Fault};

/// The registry of the specification's version 1.4.1, with 21 claims.
const REGISTRY: &str = "sha256:8da29094827fda581ee8fb3a1466934182e572a91b7940d2ef1cb3c28c1ec215";

/// Pins these claims, all of them required, in a manifest or a checkpoint.
pub(crate) fn pin(document: &mut Json, claims: &[&str]) -> Result<(), Fault> {
    let mut artifacts: Vec<Json> = Vec::new();
    for name in claims {
        let claim = Claim::ALL.iter().find(|claim| claim.as_str() == *name);
        let claim = claim.ok_or_else(|| Fault::new(format!("`{name}` is no claim")))?;
        for artifact in claim.needs() {
            let released = ReleasedArtifact::current(*artifact);
            let released =
                released.ok_or_else(|| Fault::new(format!("`{artifact}` was not released")))?;
            let mut reference = json!({ "hash": released.hash(), "id": released.id() });
            if let Some(path) = released.released_path() {
                set(&mut reference, "/path", path)?;
            }
            if !artifacts.contains(&reference) {
                artifacts.push(reference);
            }
        }
    }
    let claims: Vec<Json> =
        claims.iter().map(|name| json!({ "name": name, "required": true })).collect();
    set(
        document,
        "/claim_set",
        json!({
            "claims": claims,
            "registry": { "hash": REGISTRY, "id": "keel.verifier_claim_registry.v0", "path": "claim_registry/v0.json" },
            "version": "verifier-claims.v0",
        }),
    )?;
    set(
        document,
        "/semantics_pins",
        json!({ "artifacts": artifacts, "mode": "pinned", "version": "keel-semantics-pins.v0" }),
    )
}
