// SPDX-License-Identifier: Apache-2.0

//! The generator's check of itself: each vector breaks the layers that it lists, and no others (CONFM-08).
//!
//! A second model, deliberately simple: it computes everything from the bytes of the case, and shares
//! nothing with the crates that verify but the primitives: SHA-256, Ed25519, canonical JSON.

use std::collections::BTreeMap;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use permit_canonical_json::{Sha256Digest, WireBody};
use permit_keys::{PreparedKey, PublicKey, Signature};
use permit_types::Rfc3339;
use serde_json::{Map, Value as Json};

use super::{
    document::{digest, strict},
    fault::Fault,
    pack::record_hash,
};

/// What is wrong with the layers that a vector lists; nothing, if they are as they are listed.
pub(crate) fn check(
    expected: &Map<String, Json>,
    files: &BTreeMap<String, Vec<u8>>,
    roles: &BTreeMap<String, String>,
) -> Result<(), Fault> {
    let listed = |name: &str| {
        let layers = expected.get(name).and_then(Json::as_array).into_iter().flatten();
        layers.filter_map(Json::as_str).collect::<Vec<_>>()
    };
    let (valid, invalid) = (listed("valid_layers"), listed("invalid_layers"));
    let test = expected.get("expected_mode").and_then(Json::as_str) == Some("TEST");
    for (layer, holds) in layers(files, roles, test)? {
        let (said, other) = if holds { (&valid, &invalid) } else { (&invalid, &valid) };
        if other.contains(&layer) || !holds && !said.contains(&layer) {
            let word = if holds { "holds" } else { "is broken" };
            return Err(Fault::new(format!("the layer `{layer}` {word}, and is not listed so")));
        }
    }
    Ok(())
}

/// What holds and what does not, layer by layer; a layer that does not occur is left out.
fn layers(
    files: &BTreeMap<String, Vec<u8>>,
    roles: &BTreeMap<String, String>,
    test: bool,
) -> Result<BTreeMap<&'static str, bool>, Fault> {
    let mut found = BTreeMap::new();
    let file = |role: &str| {
        let name = roles.get(role)?;
        files.get(name).map(Vec::as_slice)
    };
    let json = |role: &str| file(role).map(|bytes| serde_json::from_slice::<Json>(bytes).ok());
    let (export, manifest, trust) = (json("export"), json("manifest"), json("trust_root"));
    let readable = [&export, &manifest, &trust].into_iter().flatten().all(Option::is_some);
    found.insert("json", readable);
    let (Some(Some(export)), Some(Some(manifest)), Some(Some(trust))) = (export, manifest, trust)
    else {
        return Ok(found);
    };
    let evidence = Evidence { export: &export, manifest: &manifest, trust: &trust, test };
    found.insert("manifest_hash", evidence.manifest_hash(file("export").unwrap_or_default()));
    found.insert("manifest_signature", evidence.manifest_signature());
    found.insert("key_validity", evidence.key_validity()?);
    evidence.chain(&mut found)?;
    evidence.closures(&mut found)?;
    if let Some(request) = file("dispatched_request") {
        let body = strict(&serde_json::from_slice(request)?)?;
        let hash = WireBody::new(&body)?.digest().to_string();
        found.insert(
            "permit_dispatch_binding",
            evidence.permits().any(|permit| {
                permit.get("binding_request_hash").and_then(Json::as_str) == Some(&hash)
            }),
        );
    }
    Ok(found)
}

struct Evidence<'e> {
    export: &'e Json,
    manifest: &'e Json,
    trust: &'e Json,
    /// Whether keys for tests count, and no others.
    test: bool,
}

impl<'e> Evidence<'e> {
    fn text(&self, name: &str) -> &'e str {
        self.manifest.get(name).and_then(Json::as_str).unwrap_or_default()
    }

    fn records(&self) -> impl Iterator<Item = &'e Json> {
        self.export.get("records").and_then(Json::as_array).into_iter().flatten()
    }

    fn permits(&self) -> impl Iterator<Item = &'e Json> {
        self.records().filter_map(|record| record.get("permit"))
    }

    /// All entries, in the order of the document.
    fn entries(&self) -> Vec<&'e Json> {
        let under = |value: &'e Json| {
            value.get("chain_entries").and_then(Json::as_array).into_iter().flatten()
        };
        let mut all: Vec<&Json> = under(self.export).collect();
        self.records().for_each(|record| all.extend(under(record)));
        all
    }

    fn key(&self, index: &str, value: &str, purpose: &str) -> Option<&'e Json> {
        let keys = self.trust.get("keys").and_then(Json::as_array)?;
        keys.iter().find(|key| {
            let text = |name: &str| key.get(name).and_then(Json::as_str);
            text(index) == Some(value) && text("purpose") == Some(purpose)
        })
    }

    fn manifest_hash(&self, export: &[u8]) -> bool {
        self.text("content_hash") == Sha256Digest::of(export).prefixed().to_string()
    }

    /// Whether the signature is one of the key that the manifest names, trusted or not.
    fn manifest_signature(&self) -> bool {
        signed(
            self.text("public_key"),
            self.text("content_hash").as_bytes(),
            self.text("signature"),
        )
    }

    fn key_validity(&self) -> Result<bool, Fault> {
        let key = self.key("key_id", self.text("key_id"), "export_signing");
        let mut valid = key.is_some_and(|key| counts(key, self.text("signed_at"), self.test));
        // Everybody can sign for the neutral element.
        valid &= !self.text("public_key").starts_with("ed25519:AQAAAAAAAAAA");
        for (_, closure) in self.closures_of()? {
            let text = |name: &str| closure.get(name).and_then(Json::as_str).unwrap_or_default();
            let key = self.key("key_id", text("binding_key_id"), "permit_binding_signing");
            valid &= key.is_some_and(|key| counts(key, text("closure_signed_at"), self.test));
        }
        Ok(valid)
    }

    fn chain(&self, found: &mut BTreeMap<&'static str, bool>) -> Result<(), Fault> {
        let entries = self.entries();
        if entries.is_empty() {
            return Ok(());
        }
        let (mut hashes, mut sequence) = (true, true);
        let mut scopes: BTreeMap<&str, Vec<&Json>> = BTreeMap::new();
        for entry in entries {
            let text = |name: &str| entry.get(name).and_then(Json::as_str).unwrap_or_default();
            let utc = text("created_at").ends_with('Z') || text("created_at").ends_with("+00:00");
            hashes &= utc && text("record_hash") == record_hash(entry)?;
            scopes.entry(text("chain_scope")).or_default().push(entry);
        }
        let mut links = true;
        for entries in scopes.values_mut() {
            let number = |entry: &Json| entry.get("sequence_number").and_then(Json::as_u64);
            sequence &= entries.iter().all(|entry| number(entry).is_some_and(|number| number > 0));
            sequence &= entries.is_sorted_by(|one, two| number(one) < number(two));
            entries.sort_by_key(|entry| number(entry));
            links &= entries.windows(2).all(|pair| match pair {
                [before, entry] => before.get("record_hash") == entry.get("prev_hash"),
                _ => true,
            });
        }
        found.insert("chain_record_hash", hashes);
        found.insert("chain_linkage", links);
        found.insert("chain_sequence", sequence);
        Ok(())
    }

    /// The closures with the entries that they stand in.
    fn closures_of(&self) -> Result<Vec<(&'e Json, &'e Json)>, Fault> {
        let closed = self.entries().into_iter().filter(|entry| {
            entry.get("event_type").and_then(Json::as_str) == Some("permit.closed")
        });
        closed
            .map(|entry| Some((entry, entry.get("payload_json")?)))
            .collect::<Option<_>>()
            .ok_or_else(|| Fault::new("a closure has no payload"))
    }

    fn closures(&self, found: &mut BTreeMap<&'static str, bool>) -> Result<(), Fault> {
        let closures = self.closures_of()?;
        if closures.is_empty() {
            return Ok(());
        }
        let (mut dispatch, mut provider, mut client) = (true, true, true);
        for (_, closure) in closures {
            check_seal(closure, self.trust)?;
            let text = |name: &str| closure.get(name).and_then(Json::as_str);
            let permit = self.permits().find(|permit| permit.get("id") == closure.get("permit_id"));
            let status = text("closure_status").unwrap_or_default();
            let bound = permit.and_then(|permit| permit.get("binding_request_hash"));
            let stated = text("dispatch_request_digest_v1");
            dispatch &= match (status, stated) {
                ("missing_closure", _) => true,
                (_, Some(stated)) => bound.and_then(Json::as_str) == Some(stated),
                // Format 1 does not state what was dispatched.
                (status, None) => {
                    status != "closed" || text("binding_version") == Some("closure_v1")
                }
            };
            let shown = |name: &str, event: &str| {
                let needed = status == "closed"
                    || (status == "client_digest_missing" && event == "provider.response.received");
                match (status, text(name)) {
                    ("missing_closure", _) => true,
                    (_, None) => !needed,
                    (_, Some(stated)) => {
                        stated.len() == 64
                            && self.entries().iter().any(|entry| {
                                entry.get("event_type").and_then(Json::as_str) == Some(event)
                                    && entry.pointer("/payload_json/permit_id")
                                        == closure.get("permit_id")
                                    && entry
                                        .pointer(&format!("/payload_json/{name}"))
                                        .and_then(Json::as_str)
                                        == Some(stated)
                            })
                    }
                }
            };
            provider &= shown("provider_response_digest_v1", "provider.response.received");
            client &= shown("client_response_digest_v1", "client.response.delivered");
        }
        found.insert("closure_dispatch_binding", dispatch);
        found.insert("closure_provider_binding", provider);
        found.insert("closure_client_binding", client);
        Ok(())
    }
}

/// Every closure of a vector is sealed; there is no layer that could be broken by one that is not.
fn check_seal(closure: &Json, trust: &Json) -> Result<(), Fault> {
    let mut signed_members = closure.clone();
    let Some(members) = signed_members.as_object_mut() else {
        return Err(Fault::new("a closure is no object"));
    };
    members.remove("closure_canonical_hash");
    let signature = members.remove("closure_signature_b64");
    let hash = digest(&signed_members)?.to_string();
    let key_id = closure.get("binding_key_id");
    let keys = trust.get("keys").and_then(Json::as_array).into_iter().flatten();
    let key = keys.filter(|key| key.get("key_id") == key_id).find_map(|key| key.get("public_key"));
    let text = |value: Option<&Json>| value.and_then(Json::as_str).unwrap_or_default().to_owned();
    let sealed = closure.get("closure_canonical_hash").and_then(Json::as_str) == Some(&hash)
        && signed(&text(key), hash.as_bytes(), &text(signature.as_ref()));
    if sealed { Ok(()) } else { Err(Fault::new("a closure is not sealed")) }
}

/// Whether a key of a trust root counts for what was signed at this time.
fn counts(key: &Json, signed_at: &str, test: bool) -> bool {
    let instant = |name: &str| match key.get(name) {
        None | Some(Json::Null) => Some(None),
        Some(value) => Rfc3339::parse(value.as_str()?).map(|time| Some(time.instant())),
    };
    let text = |name: &str| key.get(name).and_then(Json::as_str).unwrap_or_default();
    let Some(at) = Rfc3339::parse(signed_at).map(|time| time.instant()) else { return false };
    let (Some(from), Some(to), Some(revoked)) =
        (instant("valid_from"), instant("valid_to"), instant("revoked_at"))
    else {
        return false;
    };
    let for_tests = text("environment") == "test";
    let standing = !["revoked", "compromised"].contains(&text("status"))
        && key.get("compromised_at").is_none_or(Json::is_null)
        && revoked.is_none_or(|revoked| at < revoked);
    for_tests == test
        && standing
        && from.is_none_or(|from| from <= at)
        && to.is_none_or(|to| at <= to)
}

fn signed(key: &str, message: &[u8], signature: &str) -> bool {
    let bytes = STANDARD.decode(signature.trim_start_matches("ed25519:")).ok();
    let bytes: Option<[u8; 64]> = bytes.and_then(|bytes| bytes.try_into().ok());
    let key = PublicKey::parse(key).ok();
    match (key, bytes) {
        (Some(key), Some(bytes)) => {
            PreparedKey::new(&key).verify(message, &Signature::from_bytes(bytes))
        }
        // For the neutral element everything is signed.
        (None, Some(bytes)) => bytes.first() == Some(&1),
        _ => false,
    }
}
