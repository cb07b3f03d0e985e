// SPDX-License-Identifier: Apache-2.0

//! Every signed message: who signs it, over which bytes, in which text, and what is refused.

use permit_canonical_json::Sha256Digest;
use permit_keys::{
    BuyerPrincipal, ExportSigning, IntegrityCheckpoint, KeyPurpose, MessageKind, Operator,
    PendingSignature, PermitBindingSigning, PublicKeyError, PurposeKey, ScopeState, SignatureForm,
    SignatureProblem, SignatureTextError, Signer, SoftwareKey, TrustChannel, TrustedKey,
    verify_audit_attestation, verify_checkpoint, verify_closure, verify_counter_signature,
    verify_export_manifest, verify_operator_approval, verify_permit_decision, verify_revocation,
    verify_revocation_by_any, verify_scope_state, verify_workflow_amendment,
    verify_workflow_declaration, verify_workflow_sibling,
};
use support::{HASH, flipped, key, messages, pinned, seal};

#[test]
fn named_functions_verify_what_their_twins_sign() {
    let hash = Sha256Digest::of(HASH);
    let other = Sha256Digest::of(b"other");
    let export = PurposeKey::<ExportSigning>::new(key());
    let checkpoint = PurposeKey::<IntegrityCheckpoint>::new(key());
    let binding = PurposeKey::<PermitBindingSigning>::new(key());
    let scope = PurposeKey::<ScopeState>::new(key());
    let operator = PurposeKey::<Operator>::new(key());
    let buyer = PurposeKey::<BuyerPrincipal>::new(key());

    macro_rules! pairs {
        ($($key:ident.$sign:ident $verify:ident $good:expr, $bad:expr;)+) => {$(
            let signature = $key.$sign($good).unwrap().to_string();
            let trusted = pinned($key.purpose());
            let checked = $verify($good, &signature, &trusted).unwrap();
            assert_eq!(checked.fingerprint(), key().public_key().fingerprint());
            assert_eq!(checked.channel(), TrustChannel::Pinned);
            assert!(checked.kind().purposes().contains(&$key.purpose()));
            let mismatch = $verify($bad, &signature, &trusted);
            assert!(matches!(mismatch, Err(SignatureProblem::Mismatch { .. })), stringify!($verify));
        )+};
    }
    pairs! {
        export.sign_export_manifest verify_export_manifest hash, other;
        export.sign_workflow_sibling verify_workflow_sibling hash, other;
        checkpoint.sign_checkpoint verify_checkpoint hash, other;
        checkpoint.sign_scope_state verify_scope_state b"{}", b"[]";
        scope.sign_scope_state verify_scope_state b"{}", b"[]";
        binding.sign_closure verify_closure hash, other;
        binding.sign_permit_decision verify_permit_decision hash, other;
        binding.sign_workflow_declaration verify_workflow_declaration hash, other;
        binding.sign_workflow_amendment verify_workflow_amendment hash, other;
        binding.sign_revocation verify_revocation hash, other;
        operator.sign_operator_approval verify_operator_approval b"{}", b"[]";
        buyer.sign_counter_signature verify_counter_signature b"{}", b"[]";
        buyer.sign_audit_attestation verify_audit_attestation b"{}", b"[]";
    }
    assert_eq!(export.key_id().to_string(), key().public_key().export_key_id().to_string());
    assert_eq!(operator.key_id(), key().public_key().fingerprint());
}

#[test]
fn all_kinds_are_covered_here() {
    let covered: Vec<_> = messages().iter().map(permit_keys::SignedMessage::kind).collect();
    assert_eq!(covered, MessageKind::ALL);
}

#[test]
fn bundle_22_a_key_for_one_purpose_verifies_no_other_message() {
    for message in messages() {
        let signature = seal(&message);
        for purpose in KeyPurpose::ALL {
            let result = message.clone().verify(&signature, &pinned(*purpose));
            if message.kind().purposes().contains(purpose) {
                assert_eq!(result.unwrap().message(), &message);
            } else {
                let expected =
                    SignatureProblem::WrongPurpose { message: message.kind(), purpose: *purpose };
                assert_eq!(result.unwrap_err(), expected);
            }
        }
    }
}

#[test]
fn amb_08_each_artifact_has_its_own_text() {
    for message in messages() {
        let kind = message.kind();
        let trusted = pinned(kind.purposes()[0]);
        let bare = seal(&message).trim_start_matches("ed25519:").to_owned();
        let prefixed = ["ed25519:", &bare].concat();
        let read = |text: &str| message.clone().verify(text, &trusted).map(|_| ());
        let refused = |reason| Err(SignatureProblem::Text { message: kind, reason });
        let (with_prefix, without) = match kind.signature_form() {
            SignatureForm::PrefixOptional => (Ok(()), Ok(())),
            SignatureForm::WithPrefix => (Ok(()), refused(SignatureTextError::MissingPrefix)),
            SignatureForm::WithoutPrefix => (refused(SignatureTextError::UnexpectedPrefix), Ok(())),
        };
        assert_eq!(read(&prefixed), with_prefix, "{kind}");
        assert_eq!(read(&bare), without, "{kind}");
    }
}

#[test]
fn texts_that_do_not_decode_are_invalid_and_say_why() {
    for message in messages() {
        let kind = message.kind();
        let trusted = pinned(kind.purposes()[0]);
        let good = seal(&message);
        let swapped = good.replace(['+', '/'], "-");
        for bad in [
            "",
            "=",
            "ed25519:",
            good.get(..good.len() - 1).unwrap(),
            &format!("{good}\n"),
            &format!(" {good}"),
            &swapped,
            "é",
        ] {
            if bad == good {
                continue;
            }
            let problem = message.clone().verify(bad, &trusted).unwrap_err();
            assert!(matches!(problem, SignatureProblem::Text { .. }), "{kind}: {bad}");
            assert_eq!(problem.message(), kind);
            assert!(!problem.help().is_empty() && !problem.to_string().contains('\n'));
        }
    }
}

#[test]
fn unused_bits_of_the_last_character_do_not_count() {
    for message in messages() {
        let trusted = pinned(message.kind().purposes()[0]);
        let good = seal(&message);
        // The last character before `==` holds two bits; the four below are free.
        let last = good.as_bytes()[good.len() - 3];
        let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let value = alphabet.iter().position(|c| *c == last).unwrap();
        for other in 0..16 {
            let mut text = good.clone().into_bytes();
            let at = text.len() - 3;
            text[at] = alphabet[value & 0x30 | other];
            let text = String::from_utf8(text).unwrap();
            assert!(message.clone().verify(&text, &trusted).is_ok(), "{text}");
        }
        assert!(message.clone().verify(&flipped(&good), &trusted).is_err());
    }
}

#[test]
fn deferred_checks_travel_between_threads_and_keep_their_order() {
    fn travels<T: Send + Sync + 'static>() {}
    travels::<PendingSignature>();
    travels::<TrustedKey>();
    travels::<permit_keys::KeyManifest>();
    assert!(size_of::<PendingSignature>() <= 200, "{}", size_of::<PendingSignature>());

    let mut pending = Vec::new();
    let mut expected = Vec::new();
    let shared = pinned(KeyPurpose::PermitBindingSigning);
    for number in 0..300_u32 {
        let message = permit_keys::SignedMessage::closure(Sha256Digest::of(&number.to_be_bytes()));
        let good = number % 7 != 0;
        let text = if good { seal(&message) } else { flipped(&seal(&message)) };
        // Now and then another value of the same key interrupts the neighbours.
        let key = if number % 50 == 0 {
            pinned(KeyPurpose::PermitBindingSigning)
        } else {
            shared.clone()
        };
        pending.push(PendingSignature::new(message, &text, &key).unwrap());
        expected.push(good);
    }
    let one_by_one: Vec<_> = pending.iter().map(|one| one.clone().verify().is_ok()).collect();
    let together = std::thread::spawn(move || PendingSignature::verify_all(pending));
    let together: Vec<_> = together.join().unwrap().iter().map(Result::is_ok).collect();
    assert_eq!(one_by_one, expected);
    assert_eq!(together, expected);
    assert!(PendingSignature::verify_all(Vec::new()).is_empty());
}

#[test]
fn revoke_10_any_of_several_keys_may_have_signed() {
    let hash = Sha256Digest::of(HASH);
    let purpose = KeyPurpose::PermitBindingSigning;
    let other = SoftwareKey::from_seed(&[8; 32]).public_key().to_string();
    let keys = [TrustedKey::pinned(&other, purpose).unwrap(), pinned(purpose)];
    let signature = PurposeKey::<PermitBindingSigning>::new(key()).sign_revocation(hash).unwrap();
    let text = signature.to_string();

    let checked = verify_revocation_by_any(hash, &text, &keys).unwrap();
    assert_eq!(checked.key().public_key(), &key().public_key());
    let none = verify_revocation_by_any(hash, &text, &keys[..1]).unwrap_err();
    assert!(matches!(none, SignatureProblem::NoneOfKeys { keys: 1, .. }));
    let none = verify_revocation_by_any(hash, &text, &[]).unwrap_err();
    assert!(matches!(none, SignatureProblem::NoneOfKeys { keys: 0, .. }));
    let unreadable = verify_revocation_by_any(hash, "?", &keys).unwrap_err();
    assert!(matches!(unreadable, SignatureProblem::Text { .. }));
}

#[test]
fn keys_given_as_text_are_judged_and_name_their_channel() {
    let text = key().public_key().to_string();
    let purpose = KeyPurpose::ExportSigning;
    let pinned = TrustedKey::pinned(&text, purpose).unwrap();
    let own = TrustedKey::self_attested(&text, purpose).unwrap();
    assert_eq!(
        (pinned.channel(), own.channel()),
        (TrustChannel::Pinned, TrustChannel::SelfAttested)
    );
    for key in [&pinned, &own] {
        assert_eq!((key.key_id(), key.key_text(), key.purpose()), (None, text.as_str(), purpose));
        assert!(
            key.is_written_as(&text)
                && !key.is_written_as(text.trim_start_matches("ed25519:"))
                && key.entry().is_none()
        );
    }
    let weak = "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    for (text, error) in [
        (weak, PublicKeyError::SmallOrder),
        ("", PublicKeyError::WrongLength { characters: 0 }),
        ("ed25519:", PublicKeyError::WrongLength { characters: 0 }),
    ] {
        assert_eq!(TrustedKey::pinned(text, purpose).unwrap_err(), error);
        assert_eq!(TrustedKey::self_attested(text, purpose).unwrap_err(), error);
    }
}

#[test]
fn signers_may_be_shared_or_boxed() {
    use std::sync::Arc;
    let hash = Sha256Digest::of(HASH);
    let expected = PurposeKey::<ExportSigning>::new(key()).sign_export_manifest(hash).unwrap();
    let shared: Arc<dyn Signer + Send + Sync> = Arc::new(key());
    let of_shared = PurposeKey::<ExportSigning, _>::new(shared);
    let boxed: Box<dyn Signer> = Box::new(key());
    let of_boxed = PurposeKey::<ExportSigning, _>::new(boxed);
    let one = key();
    let borrowed = PurposeKey::<ExportSigning, _>::new(&one);
    assert_eq!(of_shared.sign_export_manifest(hash), Ok(expected));
    assert_eq!(of_boxed.sign_export_manifest(hash), Ok(expected));
    assert_eq!(borrowed.sign_export_manifest(hash), Ok(expected));
    assert!(format!("{of_boxed:?}").starts_with("PurposeKey(export_signing, ed25519:"));
}

#[cfg(test)]
mod support {
    use permit_canonical_json::Sha256Digest;
    use permit_keys::{KeyPurpose, SignatureForm, SignedMessage, Signer, SoftwareKey, TrustedKey};

    pub(crate) const HASH: &[u8] = b"payload";

    pub(crate) fn key() -> SoftwareKey {
        SoftwareKey::from_seed(&[7; 32])
    }

    pub(crate) fn pinned(purpose: KeyPurpose) -> TrustedKey {
        TrustedKey::pinned(&key().public_key().to_string(), purpose).unwrap()
    }

    /// One message of each kind.
    pub(crate) fn messages() -> Vec<SignedMessage> {
        let hash = Sha256Digest::of(HASH);
        vec![
            SignedMessage::export_manifest(hash),
            SignedMessage::workflow_sibling(hash),
            SignedMessage::closure(hash),
            SignedMessage::permit_decision(hash),
            SignedMessage::workflow_declaration(hash),
            SignedMessage::workflow_amendment(hash),
            SignedMessage::revocation(hash),
            SignedMessage::checkpoint(hash),
            SignedMessage::scope_state(b"{\"a\":1}"),
            SignedMessage::operator_approval(b"{\"b\":1}"),
            SignedMessage::counter_signature(b"{\"c\":1}"),
            SignedMessage::audit_attestation(b"{\"d\":1}"),
        ]
    }

    /// A signature of the message, as its artifact writes it.
    pub(crate) fn seal(message: &SignedMessage) -> String {
        let signature = key().sign(message.as_bytes()).unwrap();
        match message.kind().signature_form() {
            SignatureForm::WithoutPrefix => signature.bare().to_string(),
            SignatureForm::PrefixOptional | SignatureForm::WithPrefix => {
                signature.prefixed().to_string()
            }
        }
    }

    /// Another signature that can be read.
    pub(crate) fn flipped(text: &str) -> String {
        let at = text.len() - 60;
        let mut bytes = text.to_owned().into_bytes();
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        String::from_utf8(bytes).unwrap()
    }
}
