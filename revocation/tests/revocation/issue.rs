// SPDX-License-Identifier: Apache-2.0

//! What issuers make.

use permit_canonical_json::{Object, from_value};
use permit_keys::{
    PermitBindingSigning, PublicKey, PurposeKey, Signature, Signer, SignerError, SoftwareKey,
};
use permit_revocation::{IssueError, Revocation, find_revocation_in_entry};
use permit_types::{
    ActorId, ActorKind, Artifact, Location, PermitId, PermitRevokedEvent, ProjectId,
    RevocationReasonCode, Rfc3339,
};

use crate::bench::{ACTOR, AT, PERMIT, PROJECT, bare, judge, key, signed};

fn revocation(kind: ActorKind) -> Revocation {
    Revocation {
        permit_id: PermitId::parse(PERMIT).unwrap(),
        project_id: ProjectId::parse(PROJECT).unwrap(),
        actor_id: ActorId::parse(ACTOR).unwrap(),
        actor_kind: kind,
        reason_code: RevocationReasonCode::parse("operator.requested").unwrap(),
        revoked_at: Rfc3339::parse(AT).unwrap(),
    }
}

#[test]
fn revoke_02_what_is_issued_is_shown_in_each_form() {
    for kind in ActorKind::ALL {
        let issued = revocation(*kind).issue(&key(2)).unwrap();
        assert_eq!(issued.event().effective_at, issued.event().revoked_at);

        let mut document = Object::default();
        document.insert("revocation_event", issued.to_evidence());
        assert_eq!(judge(&document).unwrap().actor_kind(), *kind);

        let mut entry = Object::default();
        entry.insert("event_type", "permit.revoked");
        entry.insert("payload_json", issued.to_event_payload());
        let found = find_revocation_in_entry(&entry, &Location::whole(Artifact::Export)).unwrap();
        document.insert("revocation_event", found.event().clone());
        assert!(judge(&document).is_ok());
    }
}

#[test]
fn what_is_issued_has_the_published_form_and_the_known_hash() {
    let issued = revocation(ActorKind::User).issue(&key(2)).unwrap();
    let known = "988d47a4ae347d0b4f49866fc2414acec0139c4be103f3491ae53fd6f2cfe2b2";
    assert_eq!(issued.canonical_hash().to_string(), known);
    let payload = issued.to_event_payload();
    assert_eq!(payload.as_object().unwrap(), &signed(bare(), 2), "Ed25519 has one signature");
    let read: PermitRevokedEvent = from_value(&payload).unwrap();
    assert_eq!(&read, issued.event());
}

#[test]
fn a_signer_that_fails_issues_nothing() {
    struct Gone(SoftwareKey);
    impl Signer for Gone {
        fn public_key(&self) -> PublicKey {
            self.0.public_key()
        }
        fn sign(&self, _message: &[u8]) -> Result<Signature, SignerError> {
            Err(SignerError::Unavailable { reason: "no connection".into() })
        }
    }
    let gone = PurposeKey::<PermitBindingSigning, _>::new(Gone(SoftwareKey::from_seed(&[2; 32])));
    let error = revocation(ActorKind::System).issue(&gone).unwrap_err();
    assert!(matches!(error, IssueError::Signer(SignerError::Unavailable { .. })));
    assert_eq!(
        error.to_string(),
        "the revocation was not signed: the signer is not available: no connection"
    );
}

#[test]
fn pchain_21_the_event_of_a_revocation_has_its_time_and_its_payload() {
    let issued = revocation(ActorKind::User).issue(&key(2)).unwrap();
    let event = issued.to_event(permit_types::EventId::new("evt-1"));
    assert_eq!(event.event_type.as_str(), "permit.revoked");
    assert_eq!(event.created_at, issued.event().revoked_at.instant());
    assert_eq!(event.resource_id.as_deref(), Some(PERMIT));
    let mut entry = Object::default();
    entry.insert("event_type", "permit.revoked");
    entry.insert("payload_json", event.payload_json.into_object());
    assert!(find_revocation_in_entry(&entry, &Location::whole(Artifact::Export)).is_some());
}
