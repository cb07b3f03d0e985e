// SPDX-License-Identifier: Apache-2.0

//! Where decisions are found.

use permit_canonical_json::{JsonPointer, Object, Value};
use permit_decision::{
    DecisionEvidence, DecisionSource, find_decision_in_document, find_decision_in_entry,
};
use permit_types::{Artifact, Location};

fn tagged(tag: &'static str) -> Value<'static> {
    Value::object([("canonical_payload", Value::object([("permit_id", tag)]))])
}

fn itself(tag: &'static str) -> Object<'static> {
    let mut object = Object::default();
    object.insert("artifact_type", "permit_decision_binding");
    object.insert("canonical_payload", Value::object([("permit_id", tag)]));
    object
}

fn told(found: Option<DecisionEvidence>) -> Option<(DecisionSource, String, String)> {
    found.map(|found| {
        let tag = found.permit_id().unwrap().to_owned();
        (found.source(), tag, found.at().pointer.to_string())
    })
}

fn expected(
    source: DecisionSource,
    tag: &str,
    pointer: &str,
) -> Option<(DecisionSource, String, String)> {
    Some((source, tag.to_owned(), pointer.to_owned()))
}

#[test]
fn each_place_of_a_document_in_order() {
    use DecisionSource::{Document, DocumentBinding, DocumentDecision};
    let find = |document: &Object<'_>| told(find_decision_in_document(document, Artifact::Export));
    let mut document = itself("document");
    assert_eq!(find(&document), expected(Document, "document", ""));
    document.insert("permit_decision_binding", tagged("binding"));
    assert_eq!(find(&document), expected(DocumentBinding, "binding", "/permit_decision_binding"));
    document.insert("permit_decision", Value::array([tagged("x")]));
    assert_eq!(find(&document), expected(DocumentBinding, "binding", "/permit_decision_binding"));
    document.insert("permit_decision", tagged("decision"));
    assert_eq!(find(&document), expected(DocumentDecision, "decision", "/permit_decision"));
    assert_eq!(find(&Object::default()), None);
    let mut payload = Object::default();
    payload.insert("decision_binding", tagged("x"));
    assert_eq!(find(&payload), None, "a member of payloads alone");
}

#[test]
fn each_place_of_an_entry_in_order() {
    use DecisionSource::{Entry, Payload, PayloadBinding, PayloadDecision, PayloadPermitBinding};
    let at = JsonPointer::root().member("records").index(2);
    let at = Location::value(Artifact::Export, at, Default::default());
    let find = |entry: &Object<'_>| told(find_decision_in_entry(entry, &at));

    let mut entry = itself("entry");
    assert_eq!(find(&entry), expected(Entry, "entry", "/records/2"));
    let mut payload = itself("payload");
    entry.insert("payload", payload.clone());
    assert_eq!(find(&entry), expected(Payload, "payload", "/records/2/payload"));
    for (name, source) in [
        ("decision_binding", PayloadBinding),
        ("permit_decision_binding", PayloadPermitBinding),
        ("permit_decision", PayloadDecision),
    ] {
        payload.insert(name, tagged(name));
        entry.insert("payload_json", payload.clone());
        let pointer = format!("/records/2/payload_json/{name}");
        assert_eq!(find(&entry), expected(source, name, &pointer));
    }
    assert_eq!(find(&Object::default()), None);
}

#[test]
fn sources_have_the_words_of_reports() {
    let words = [
        (DecisionSource::DocumentDecision, "export.permit_decision"),
        (DecisionSource::DocumentBinding, "export.permit_decision_binding"),
        (DecisionSource::Document, "export"),
        (DecisionSource::PayloadDecision, "payload_json.permit_decision"),
        (DecisionSource::PayloadPermitBinding, "payload_json.permit_decision_binding"),
        (DecisionSource::PayloadBinding, "payload_json.decision_binding"),
        (DecisionSource::Payload, "payload_json"),
        (DecisionSource::Entry, "chain_entry"),
    ];
    assert!(words.iter().all(|(source, word)| source.as_str() == *word));
    assert!(words.is_sorted_by_key(|(source, _)| *source), "in the order they are looked at");
}
