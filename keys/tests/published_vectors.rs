// SPDX-License-Identifier: Apache-2.0

//! Keys, ids, hashes and signatures that were published with the reference.

use permit_canonical_json::{Budget, Sha256Digest};
use permit_keys::{
    BindingKeyId, KeyManifest, KeyPurpose, KeyRequest, Mode, PermitBindingSigning, PublicKey,
    PurposeKey, Signer, SoftwareKey, TrustedKey, verify_closure, verify_revocation,
};
use permit_types::Instant;

#[test]
fn test_keys_have_their_published_ids() {
    for (seed, public, export_id, binding_id) in [
        (
            1,
            "ed25519:iojj3XQJ8ZX9UtstPLpdcspnCb8dlBIb83SIAbQPb1w=",
            Some("sha256:34750f98bd59fcfc946da45aaabe933b"),
            None,
        ),
        (2, "ed25519:gTl3Dqh9F19Wo1Rmw0x+zMuNipG07jeiXfYPW4/Js5Q=", None, Some("6a3803d5f059902a")),
        (3, "ed25519:7UkoxijRwsbq6QM4kFmVYSlZJzpcY/k2NsFGFKyHN9E=", None, None),
    ] {
        let key = SoftwareKey::from_seed(&[seed; 32]).public_key();
        assert_eq!(key.to_string(), public);
        assert_eq!(PublicKey::parse(public), Ok(key));
        if let Some(id) = export_id {
            assert_eq!(key.export_key_id().to_string(), id);
        }
        if let Some(id) = binding_id {
            assert_eq!(key.binding_key_id().to_string(), id);
            assert_eq!(BindingKeyId::parse(id), Some(key.binding_key_id()));
        }
    }
}

#[test]
fn close_16_the_published_closure_is_signed_over_its_hexadecimal_hash() {
    let hash =
        Sha256Digest::from_hex("4481dfea57db2662d05e3d3b4c35968c813dbd810ee9e4873c93b94764e2a045")
            .unwrap();
    let published = "ed25519:g/SUE2idU92as1nUqEGQ1CFlAT4OHGE0ZMTnVIW/myiTroE153yqIDkEz3kRGtrcmXu+MId2fHdVw5Bj9pHBDQ==";
    let key = PurposeKey::<PermitBindingSigning>::new(SoftwareKey::from_seed(&[2; 32]));
    assert_eq!(key.key_id().to_string(), "6a3803d5f059902a");
    assert_eq!(key.sign_closure(hash).unwrap().to_string(), published);

    let text = key.public_key().to_string();
    let trusted = TrustedKey::pinned(&text, KeyPurpose::PermitBindingSigning).unwrap();
    assert!(verify_closure(hash, published, &trusted).is_ok());
    assert!(verify_closure(Sha256Digest::of(b"other"), published, &trusted).is_err());
    // The same signature is no revocation, though the messages are equal: revocations have no prefix.
    assert!(verify_revocation(hash, published, &trusted).is_err());
}

#[test]
fn the_published_trust_root_of_the_reference_resolves() {
    let entry = |purpose, key_id, public_key, valid_from| {
        serde_json::json!({
            "purpose": purpose, "key_id": key_id, "public_key": public_key, "algorithm": "ed25519",
            "status": "active", "valid_from": valid_from, "valid_to": null,
        })
    };
    let (export_id, export_key, export_from) = (
        "sha256:341fe2190d167abc491db6d041da0677",
        "ed25519:3Q1q4PSVcceZe76dsjxcqTHOpvpP/KN/zhSH4QdtE7o=",
        "2026-04-27T02:03:12.371544+00:00",
    );
    let text = serde_json::json!({ "generated_at": "2026-05-08T00:05:07Z", "keys": [
        entry("export_signing", export_id, export_key, export_from),
        entry("integrity_checkpoint", export_id, export_key, export_from),
        entry(
            "permit_binding_signing",
            "157c11203f46bfdc",
            "ed25519:OV8hlgXauPxS9m1M/qkoJRnSGr5uYgeoIrGujr4m0PI=",
            "2026-05-08T00:02:39.852542Z",
        ),
    ]})
    .to_string();
    let manifest = KeyManifest::read(text.as_bytes(), &Budget::default()).unwrap();
    assert!(manifest.notices().is_empty());
    let at = Instant::parse("2026-06-01T00:00:00Z");
    for purpose in [KeyPurpose::ExportSigning, KeyPurpose::IntegrityCheckpoint] {
        for request in [KeyRequest::new(), KeyRequest::new().key_id(export_id)] {
            let key = manifest.resolve(purpose, &request.signed_at(at), Mode::Production).unwrap();
            assert_eq!(key.public_key().export_key_id().to_string(), export_id);
            assert!(key.is_written_as(export_key));
        }
    }
    let key = manifest.resolve_binding_key("157c11203f46bfdc", at, Mode::Production).unwrap();
    assert_eq!(key.binding_key_id().to_string(), "157c11203f46bfdc");
    assert!(
        manifest.resolve(KeyPurpose::ScopeState, &KeyRequest::new(), Mode::Production).is_err()
    );
}
