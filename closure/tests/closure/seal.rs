// SPDX-License-Identifier: Apache-2.0

//! What issuers make passes everything that is asked of it.

use std::io::{self, Read, Write};

use permit_canonical_json::{Sha256Digest, Value, from_value, to_value};
use permit_closure::{
    BoundPermit, ClosureDraft, ClosureOutcome, DigestField, DigestLabels, DigestTee, Execution,
    FaultKind, NotBound, NotDispatched, Outcome, Presence, SealError, SealedClosure,
    StreamingDigest, presence,
};
use permit_keys::{
    PermitBindingSigning, PublicKey, PurposeKey, Signature, Signer, SignerError, SoftwareKey,
};
use permit_types::{ClosureEnvelope, ClosureStatus, NonEmptyText, Permit, Rfc3339};
use proptest::prelude::*;

use crate::{
    bent::{Bent, Json, PERMIT, SEED, SIGNED_AT, digest, json, key},
    history::{Judge, Layout, Record, Step, delivered, kinds, received},
};

fn permit(hash: Option<char>) -> Permit {
    let text = format!(
        r#"{{
            "id": "{PERMIT}", "project_id": "1b3e9f2c-8a4d-4b6e-9f2c-3a4d6b9e2c8a",
            "subject_type": "agent", "subject_id": "agent-1", "action_name": "chat.completion",
            "resource_provider": "openai", "resource_model": "m",
            "estimated_input_tokens": 1, "estimated_output_tokens": 1,
            "decision": "allow", "reason": "r", "actions_json": [],
            "policy_id": "p", "policy_version": "1", "idempotency_key": "k",
            "request_fingerprint": "{}", "status": "bound", "created_at": "{SIGNED_AT}"
        }}"#,
        digest('f'),
    );
    let mut permit: Permit = from_value(&json(&text)).expect("a permit");
    permit.binding_request_hash = hash.and_then(|hash| Sha256Digest::from_hex(&digest(hash)));
    permit
}

/// The execution of the published vector.
fn execution() -> Execution {
    let at = |second: u8| Rfc3339::parse(&format!("2026-05-07T12:00:{second}Z")).expect("a time");
    Execution {
        execution_id: NonEmptyText::parse("e").expect("not empty"),
        correlation_id: Some("c".into()),
        provider: Some("openai".into()),
        model: Some("m".into()),
        status_code: Some(200),
        provider_response_id: Some("r".into()),
        request_created_at: at(20),
        started_at: at(21),
        completed_at: at(25),
        provider_response_received_at: Some(at(24)),
        client_response_delivered_at: Some(at(25)),
        usage_reported_at: None,
        closure_signed_at: at(30),
    }
}

fn of(hex_digit: char) -> Sha256Digest {
    Sha256Digest::from_hex(&digest(hex_digit)).expect("a digest")
}

fn seal(draft: ClosureDraft) -> SealedClosure {
    draft.seal(&key(SEED)).expect("a software key signs")
}

fn dispatched(outcome: Outcome) -> SealedClosure {
    let permit = permit(Some('c'));
    let bound = BoundPermit::of(&permit).expect("a bound permit");
    seal(ClosureDraft::dispatched(&bound, outcome, execution()))
}

/// What is found of a sealed closure among the events that its digests are of.
fn judged(closure: &SealedClosure, pinned: bool) -> Vec<ClosureOutcome> {
    let payload = closure.payload();
    let mut events: Vec<Step> = Vec::new();
    events.extend(payload.provider_response_digest_v1.map(|d| received(PERMIT, d.to_string())));
    events.extend(payload.client_response_digest_v1.map(|d| delivered(PERMIT, d.to_string())));
    let judge = if pinned { Judge::pinned() } else { Judge::new() };
    let envelope = to_value(&closure.to_envelope()).expect("an object");
    let carriers = [closure.to_event_payload(), envelope].map(sealed_step);
    let layouts = Layout::ALL.into_iter().flat_map(|layout| {
        carriers.clone().map(|carrier| {
            let entries = events.iter().cloned().chain([carrier]).collect();
            layout.steps(&[Record::new(PERMIT, entries)])
        })
    });
    layouts.map(|steps| judge.judge(&steps)).collect()
}

/// A step with a closure that is sealed already.
fn sealed_step(carrier: Json) -> Step {
    Step::Sealed(Box::new(carrier))
}

#[test]
fn close_16_17_what_is_sealed_differs_from_the_published_vector_in_its_permit_alone() {
    let closure = dispatched(Outcome::Closed { provider: of('a'), client: of('b') });
    assert_eq!(closure.canonical_hash(), Bent::new().canonical_hash());
    // The same value in the order of names, hash and signature included.
    assert_eq!(closure.to_event_payload(), Bent::new().value());
    assert_eq!(to_value(&closure.to_envelope()), Ok(Bent::new().envelope().value()));
    // With the vector's permit, whose id is no UUID, it has the vector's hash.
    let mut members = crate::bent::members(&to_value(closure.payload()).expect("an object"));
    members.insert("permit_id", "permit_123");
    let hash = permit_canonical_json::Profile::Payload.digest(&members.into()).expect("canonical");
    assert_eq!(
        hash.to_string(),
        "4481dfea57db2662d05e3d3b4c35968c813dbd810ee9e4873c93b94764e2a045",
    );
}

#[test]
fn amb_02_both_carriers_have_their_members_and_no_others() {
    let closure = dispatched(Outcome::Timeout { provider: None, client: None });
    let payload = closure.to_event_payload();
    assert_eq!(payload.as_object().map(permit_canonical_json::Object::len), Some(24));
    let signature = payload.get("closure_signature_b64").and_then(Value::as_str).expect("a text");
    assert!(
        !signature.starts_with("ed25519:"),
        "bare inside of chains, as the reference writes it"
    );
    assert_eq!(closure.signature().as_str(), ["ed25519:", signature].concat());

    let envelope = closure.to_envelope();
    assert_eq!(&envelope.payload, closure.payload());
    assert_eq!(envelope.binding_key_id, envelope.payload.binding_key_id, "AMB-07");
    let read: ClosureEnvelope = from_value(&to_value(&envelope).expect("an object")).expect("one");
    assert_eq!(read, envelope);

    let mut execution = execution();
    execution.usage_reported_at = Rfc3339::parse(SIGNED_AT);
    let permit = permit(Some('c'));
    let closure = seal(ClosureDraft::missing(&permit, execution));
    assert_eq!(
        closure.to_event_payload().as_object().map(permit_canonical_json::Object::len),
        Some(25)
    );
    assert!(judged(&closure, true).iter().all(|outcome| !outcome.failed));
}

#[test]
fn close_03_amb_06_only_version_2_is_written_with_all_its_members() {
    let permit = permit(None);
    for draft in [
        ClosureDraft::missing(&permit, execution()),
        ClosureDraft::not_dispatched(
            &permit,
            NotDispatched::DispatchError { client: None },
            execution(),
        ),
    ] {
        let payload = seal(draft).to_event_payload();
        let member = |name: &str| payload.get(name).cloned();
        assert_eq!(member("binding_version"), Some("closure_v2".into()));
        for field in [DigestField::Dispatch, DigestField::Provider, DigestField::Client] {
            assert_eq!(member(field.member()), Some(json("null")));
            assert_eq!(member(field.label_member()), Some(field.reference_label().into()));
        }
    }
}

#[test]
fn close_04_each_outcome_has_its_status_and_the_digests_it_was_given() {
    use ClosureStatus as Status;
    let (provider, client) = (Some(of('a')), Some(of('b')));
    for (outcome, status, digests) in [
        (
            Outcome::Closed { provider: of('a'), client: of('b') },
            Status::Closed,
            (provider, client),
        ),
        (
            Outcome::ClientDisconnected { provider, client },
            Status::ClientDisconnected,
            (provider, client),
        ),
        (
            Outcome::ProviderError { provider, client: None },
            Status::ProviderError,
            (provider, None),
        ),
        (Outcome::Timeout { provider: None, client }, Status::Timeout, (None, client)),
        (Outcome::ProviderDigestMissing { client }, Status::ProviderDigestMissing, (None, client)),
        (
            Outcome::ClientDigestMissing { provider: of('a') },
            Status::ClientDigestMissing,
            (provider, None),
        ),
    ] {
        let closure = dispatched(outcome);
        let payload = closure.payload();
        assert_eq!(payload.closure_status, status);
        let stated = (payload.provider_response_digest_v1, payload.client_response_digest_v1);
        assert_eq!(stated, digests, "{status}");
    }
    let permit = permit(Some('c'));
    for (outcome, status) in [
        (NotDispatched::DispatchError { client }, Status::DispatchError),
        (NotDispatched::ClientDisconnected { client }, Status::ClientDisconnected),
        (NotDispatched::Timeout { client }, Status::Timeout),
    ] {
        let closure = seal(ClosureDraft::not_dispatched(&permit, outcome, execution()));
        let payload = closure.payload();
        assert_eq!(payload.closure_status, status);
        let stated = (payload.provider_response_digest_v1, payload.client_response_digest_v1);
        assert_eq!(stated, (None, client), "{status}");
    }
    let missing = seal(ClosureDraft::missing(&permit, execution()));
    assert_eq!(missing.payload().closure_status, Status::MissingClosure);
}

#[test]
fn close_11_the_dispatch_digest_is_copied_from_a_permit_that_allows_the_request() {
    let bound = permit(Some('c'));
    let reference = BoundPermit::of(&bound).expect("a bound permit");
    assert_eq!((reference.permit_id(), reference.binding_request_hash()), (&bound.id, of('c')));

    let unbound = permit(None);
    let refused = BoundPermit::of(&unbound).expect_err("not bound");
    assert!(matches!(&refused, NotBound::NoRequestHash { permit_id } if *permit_id == unbound.id));
    assert_eq!(refused.to_string(), format!("the permit `{PERMIT}` is bound to no request"));
    for decision in [permit_types::Decision::Deny, permit_types::Decision::Challenge] {
        let denied = Permit { decision, ..bound.clone() };
        let refused = BoundPermit::of(&denied).expect_err("not allowed");
        assert!(matches!(refused, NotBound::NotAllowed { .. }));
    }
}

#[test]
fn close_12_14_issuers_have_words_of_their_own() {
    let permit = permit(Some('c'));
    let bound = BoundPermit::of(&permit).expect("a bound permit");
    let outcome = Outcome::Closed { provider: of('a'), client: of('b') };
    let labels = DigestLabels {
        provider: NonEmptyText::parse("provider_bytes_received_by_acme"),
        client: None,
    };
    let closure = seal(ClosureDraft::dispatched(&bound, outcome, execution()).labels(labels));
    let payload = closure.payload();
    assert_eq!(
        payload.provider_response_digest_semantics.as_str(),
        "provider_bytes_received_by_acme"
    );
    let reference = DigestField::Client.reference_label();
    assert_eq!(payload.client_response_digest_semantics.as_str(), reference);
    assert!(judged(&closure, false).iter().all(|outcome| !outcome.failed));
    // Not in evidence that is pinned to the reference's recipe (AMB-03).
    assert!(judged(&closure, true).iter().all(|outcome| kinds(outcome) == [FaultKind::Label]));
}

#[test]
fn close_19_the_closure_names_the_key_that_signs() {
    let permit = permit(Some('c'));
    for seed in [SEED, 3] {
        let closure = ClosureDraft::missing(&permit, execution()).seal(&key(seed)).expect("signed");
        assert_eq!(closure.payload().binding_key_id.as_str(), key(seed).key_id().to_string());
    }
}

/// A signer that gives this.
struct Gives(Result<Signature, SignerError>);

impl Signer for Gives {
    fn public_key(&self) -> PublicKey {
        SoftwareKey::from_seed(&[SEED; 32]).public_key()
    }

    fn sign(&self, _: &[u8]) -> Result<Signature, SignerError> {
        self.0.clone()
    }
}

#[test]
fn without_a_signature_there_is_no_closure() {
    let permit = permit(Some('c'));
    let seal = |gives| {
        let key = PurposeKey::<PermitBindingSigning, _>::new(Gives(gives));
        ClosureDraft::missing(&permit, execution()).seal(&key)
    };
    let away = SignerError::Unavailable { reason: "no route".into() };
    assert_eq!(seal(Err(away.clone())), Err(SealError::Signer(away)));
    let of_something_else = SoftwareKey::from_seed(&[SEED; 32]).sign(b"something else");
    assert_eq!(seal(of_something_else), Err(SealError::Signer(SignerError::WrongSignature)));
}

#[test]
fn close_10_response_digests_cover_raw_bytes() {
    let of = |body: &str| {
        let mut digest = StreamingDigest::new();
        digest.update(body.as_bytes());
        digest.finish()
    };
    assert_ne!(of(r#"{"a":1}"#), of(r#"{"a": 1}"#));
    assert_eq!(of(r#"{"a": 1}"#), Sha256Digest::of(br#"{"a": 1}"#));
    assert_eq!(StreamingDigest::new().finish(), Sha256Digest::of(b""));
}

/// A connection that breaks after some bytes, and gives or takes a few at a time.
struct Breaking<'a> {
    bytes: &'a [u8],
    at_once: usize,
    taken: Vec<u8>,
    left: usize,
}

impl Read for Breaking<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 {
            return Err(io::ErrorKind::ConnectionReset.into());
        }
        let length = self.at_once.min(buffer.len()).min(self.left).min(self.bytes.len());
        let (now, later) = self.bytes.split_at(length);
        buffer[..length].copy_from_slice(now);
        (self.bytes, self.left) = (later, self.left - length);
        Ok(length)
    }
}

impl Write for Breaking<'_> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        if self.left == 0 {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        let length = self.at_once.min(buffer.len()).min(self.left);
        self.taken.extend_from_slice(&buffer[..length]);
        self.left -= length;
        Ok(length)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    /// CLOSE-21: of a stream that breaks, the digest is that of what came.
    #[test]
    fn close_21_an_interrupted_stream_has_the_digest_of_what_came(
        bytes in proptest::collection::vec(any::<u8>(), 0..300),
        at_once in 1_usize..50,
        left in 0_usize..300,
    ) {
        let broken = || Breaking { bytes: &bytes, at_once, taken: Vec::new(), left };
        let came = &bytes[..left.min(bytes.len())];

        let mut received = Vec::new();
        let mut provider = DigestTee::new(broken());
        let read = provider.read_to_end(&mut received);
        prop_assert_eq!(read.is_err(), left <= bytes.len());
        prop_assert_eq!(&received, came);
        prop_assert_eq!(provider.digest(), Sha256Digest::of(came));

        let mut client = DigestTee::new(broken());
        let written = client.write_all(&bytes);
        prop_assert_eq!(written.is_err(), left < bytes.len());
        client.flush().expect("nothing to flush");
        let (inner, handed_over) = client.into_parts();
        prop_assert_eq!(&inner.taken, came);
        prop_assert_eq!(handed_over.length(), came.len() as u64);

        // The outcomes that take such digests are all but `closed`.
        let outcome = Outcome::ClientDisconnected {
            provider: Some(provider.digest()),
            client: Some(handed_over.finish()),
        };
        let closure = dispatched(outcome);
        prop_assert_ne!(closure.payload().closure_status, ClosureStatus::Closed);
        prop_assert_eq!(closure.payload().client_response_digest_v1, Some(Sha256Digest::of(came)));
    }

    /// Whatever can be sealed passes everything; and if the request went out, the closure says
    /// which (CLOSE-09).
    #[test]
    fn close_09_whatever_is_sealed_passes(ending in ending(), execution in any_execution()) {
        let permit = permit(if ending == Ending::Unbound { None } else { Some('c') });
        let draft = match ending {
            Ending::Dispatched(outcome) => {
                let bound = BoundPermit::of(&permit).expect("a bound permit");
                ClosureDraft::dispatched(&bound, outcome, execution)
            }
            Ending::NotDispatched(outcome) => {
                ClosureDraft::not_dispatched(&permit, outcome, execution)
            }
            Ending::Missing | Ending::Unbound => ClosureDraft::missing(&permit, execution),
        };
        let closure = seal(draft);
        let payload = closure.payload();
        let went_out = matches!(ending, Ending::Dispatched(_));
        prop_assert_eq!(payload.dispatch_request_digest_v1, went_out.then(|| of('c')));
        prop_assert!(payload.missing_when_closed().is_empty(), "CLOSE-05");

        let status = payload.closure_status;
        let compared = [
            (DigestField::Provider, payload.provider_response_digest_v1),
            (DigestField::Client, payload.client_response_digest_v1),
        ];
        for (field, digest) in compared {
            let required = [Presence::Required, Presence::RequiredIfKnown];
            prop_assert!(digest.is_some() || !required.contains(&presence(status, field)));
        }
        let digests = compared.iter().filter(|(_, digest)| digest.is_some()).count() as u64;
        let expected = presence(status, DigestField::Dispatch) == Presence::ExpectedIfSent;
        for pinned in [false, true] {
            for outcome in judged(&closure, pinned) {
                prop_assert!(!outcome.failed, "{:#?}", outcome.faults);
                prop_assert_eq!((outcome.signatures, outcome.digests), (1, digests));
                prop_assert_eq!(outcome.dispatches, u64::from(went_out));
                prop_assert_eq!(outcome.dispatch_absent, u64::from(expected && !went_out));
            }
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Ending {
    Dispatched(Outcome),
    NotDispatched(NotDispatched),
    Missing,
    /// Missing, of a permit that is bound to nothing.
    Unbound,
}

fn ending() -> impl Strategy<Value = Ending> {
    let perhaps = || proptest::option::of(Just(of('a')));
    let client = || proptest::option::of(Just(of('b')));
    let both = move || (perhaps(), client());
    prop_oneof![
        Just(Outcome::Closed { provider: of('a'), client: of('b') }).prop_map(Ending::Dispatched),
        both().prop_map(|(provider, client)| Ending::Dispatched(Outcome::ClientDisconnected {
            provider,
            client
        })),
        both().prop_map(|(provider, client)| Ending::Dispatched(Outcome::ProviderError {
            provider,
            client
        })),
        both().prop_map(|(provider, client)| Ending::Dispatched(Outcome::Timeout {
            provider,
            client
        })),
        client().prop_map(|client| Ending::Dispatched(Outcome::ProviderDigestMissing { client })),
        Just(Ending::Dispatched(Outcome::ClientDigestMissing { provider: of('a') })),
        client().prop_map(|client| Ending::NotDispatched(NotDispatched::DispatchError { client })),
        client()
            .prop_map(|client| Ending::NotDispatched(NotDispatched::ClientDisconnected { client })),
        client().prop_map(|client| Ending::NotDispatched(NotDispatched::Timeout { client })),
        Just(Ending::Missing),
        Just(Ending::Unbound),
    ]
}

fn any_execution() -> impl Strategy<Value = Execution> {
    let text = || proptest::option::of(any::<String>());
    let time = || {
        proptest::option::of(Just(Rfc3339::parse("2026-05-07T14:00:24.5+02:00").expect("a time")))
    };
    (
        ".+",
        text(),
        text(),
        text(),
        text(),
        proptest::option::of(any::<i64>()),
        time(),
        time(),
        time(),
    )
        .prop_map(
            |(
                id,
                correlation_id,
                provider,
                model,
                response_id,
                status_code,
                received,
                delivered,
                usage,
            )| Execution {
                execution_id: NonEmptyText::parse(&id).expect("not empty"),
                correlation_id,
                provider,
                model,
                status_code,
                provider_response_id: response_id,
                provider_response_received_at: received,
                client_response_delivered_at: delivered,
                usage_reported_at: usage,
                ..execution()
            },
        )
}
