// SPDX-License-Identifier: Apache-2.0

//! Where revocations are found.

use permit_canonical_json::{JsonPointer, Object, Value};
use permit_revocation::{
    EvidenceSource, RevocationEvidence, find_revocation_in_document, find_revocation_in_entry,
};
use permit_types::{Artifact, Location};

use crate::bench::{bare, judge, signed, told};

fn object<const N: usize>(members: [(&'static str, Value<'static>); N]) -> Object<'static> {
    let mut object = Object::default();
    members.into_iter().for_each(|(name, value)| object.insert(name, value));
    object
}

fn event() -> Value<'static> {
    signed(bare(), 2).into()
}

fn tagged(tag: &'static str) -> Value<'static> {
    Value::object([("permit_id", tag)])
}

fn in_entry(entry: &Object<'_>) -> Option<RevocationEvidence> {
    let at = JsonPointer::root().member("chain_entries").index(3);
    find_revocation_in_entry(entry, &Location::value(Artifact::Export, at, Default::default()))
}

#[test]
fn each_place_of_a_document_in_order() {
    use EvidenceSource::{Document, DocumentEnvelope, DocumentMember};
    let find = |document: &Object<'_>| find_revocation_in_document(document, Artifact::Export);

    let whole = [
        ("event_type", "permit.revoked".into()),
        ("signature", "s".into()),
        ("permit_id", "document".into()),
    ];
    let mut document = object(whole);
    let found = find(&document).unwrap();
    assert_eq!((found.source(), found.permit_id()), (Document, Some("document")));
    assert!(found.at().pointer.is_root());

    document.insert("revocation_event", tagged("member"));
    let found = find(&document).unwrap();
    assert_eq!((found.source(), found.permit_id()), (DocumentMember, Some("member")));
    assert_eq!(found.at().pointer.to_string(), "/revocation_event");

    let envelope = [("event", tagged("envelope")), ("canonical_hash", "h".into())];
    document.insert("revocation_event", Value::object(envelope));
    let found = find(&document).unwrap();
    assert_eq!((found.source(), found.permit_id()), (DocumentEnvelope, Some("envelope")));
    assert_eq!(found.canonical_hash(), Some("h"));
    assert_eq!(found.at().pointer.to_string(), "/revocation_event/event");

    for nothing in [
        object([]),
        object([("revocation_event", Value::array([tagged("x")]))]),
        object([("event_type", "permit.revoked".into())]),
        object([("event_type", "permit.created".into()), ("signature", "s".into())]),
    ] {
        assert!(find(&nothing).is_none(), "{nothing:?}");
    }
}

#[test]
fn each_place_of_an_entry_in_order() {
    use EvidenceSource::{Entry, Payload, PayloadEnvelope, PayloadMember};
    let mut payload = Object::default();
    let mut entry = object([
        ("event_type", "permit.revoked".into()),
        ("signature", "s".into()),
        ("permit_id", "entry".into()),
    ]);
    let found = in_entry(&entry).unwrap();
    assert_eq!((found.source(), found.permit_id()), (Entry, Some("entry")));
    assert_eq!(found.at().pointer.to_string(), "/chain_entries/3");

    payload.insert("signature", "s");
    payload.insert("permit_id", "payload");
    entry.insert("payload", payload.clone());
    let found = in_entry(&entry).unwrap();
    assert_eq!((found.source(), found.permit_id()), (Payload, Some("payload")));
    assert_eq!(found.at().pointer.to_string(), "/chain_entries/3/payload");

    payload.insert("revocation_event", tagged("member"));
    payload.insert("revocation_canonical_hash", "beside");
    entry.insert("payload_json", payload.clone());
    let found = in_entry(&entry).unwrap();
    assert_eq!((found.source(), found.permit_id()), (PayloadMember, Some("member")));
    assert_eq!(found.canonical_hash(), Some("beside"));
    assert_eq!(found.at().pointer.to_string(), "/chain_entries/3/payload_json/revocation_event");

    for (inner, hash) in [(Value::from("inside"), "inside"), (5.into(), "beside")] {
        let envelope = [("event", tagged("envelope")), ("canonical_hash", inner)];
        payload.insert("revocation_event", Value::object(envelope));
        entry.insert("payload_json", payload.clone());
        let found = in_entry(&entry).unwrap();
        assert_eq!((found.source(), found.permit_id()), (PayloadEnvelope, Some("envelope")));
        assert_eq!(found.canonical_hash(), Some(hash));
    }
}

#[test]
fn a_payload_that_is_no_object_is_none() {
    let entry = object([
        ("event_type", "permit.revoked".into()),
        ("payload_json", "text".into()),
        ("payload", event()),
    ]);
    assert_eq!(in_entry(&entry).unwrap().source(), EvidenceSource::Payload);
    let entry = object([("payload_json", ().into()), ("payload", Value::array([event()]))]);
    assert!(in_entry(&entry).is_none());
}

#[test]
fn amb_20_the_event_of_a_delegation_chain_is_another_artifact() {
    let payload = Value::object([("permit_id", "p"), ("effective_time", "2026-05-21T10:05:00Z")]);
    let entry = object([("event_type", "permit.revoked".into()), ("payload_json", payload)]);
    assert!(in_entry(&entry).is_none(), "it has no signature of its own");
}

#[test]
fn revoke_01_a_document_or_an_entry_has_too_many_members_to_be_an_event() {
    let mut document = signed(bare(), 2);
    document.insert("event_type", "permit.revoked");
    let fault = judge(&document).unwrap_err();
    let expected =
        (permit_claims::Unsupported::Disproved, "PERMIT_REVOKED_SCHEMA_INVALID", "REVOKE-01");
    assert_eq!(told(&fault), expected);
    assert_eq!(fault.evidence, ["export"]);
}
