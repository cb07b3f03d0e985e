// SPDX-License-Identifier: Apache-2.0

//! Receipts of public authorities, and what the reference recorded, if they are there.

use std::path::Path;

use permit_canonical_json::{Budget, Sha256Digest, Value, read};
use permit_checkpoint::{
    CaBundle, ReceiptProblem, ReceiptTrust, TsaLimits, TsaProblem, TsaReceipt, TsaTrustStatus,
    verify_receipts,
};

use crate::mint::pem;

const REFERENCE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/reference");

/// The bytes of a file of the reference; none, with a notice, if it is not there.
fn reference(file: &str) -> Option<Vec<u8>> {
    let bytes = std::fs::read(Path::new(REFERENCE).join(file));
    bytes.inspect_err(|_| eprintln!("skipped: {file} is not there")).ok()
}

fn value(bytes: &[u8]) -> Value<'_> {
    read(bytes, &Budget::default()).unwrap()
}

fn judge(document: &Value<'_>, hash: Option<Sha256Digest>, bundle: &CaBundle) -> ReceiptTrust {
    let receipts = TsaReceipt::all_of(document);
    let [judged] =
        verify_receipts(&receipts, hash, Ok(bundle), &TsaLimits::default()).try_into().unwrap();
    judged
}

#[test]
fn receipts_of_two_public_authorities() {
    let Some(bytes) = reference("keel/fixtures/tsa/public_ca_receipts_v1.json") else { return };
    let file = value(&bytes);
    // One of them carries its root along. To trust it is the caller's choice, here for the test.
    let mut bundle = None;
    let receipts = file.get("receipts").and_then(Value::as_array).unwrap();
    let text =
        |receipt: &Value<'_>, name: &str| receipt.get(name).unwrap().as_str().unwrap().to_owned();
    for receipt in receipts {
        let document = Value::object([("tsa", receipt.clone())]);
        let token = TsaReceipt::all_of(&document)[0].token().unwrap();
        let read = CaBundle::read(pem(&certificates(&token)).as_bytes(), &TsaLimits::default());
        bundle = bundle.or(read.ok());
    }
    let bundle = bundle.expect("a root comes along");
    for receipt in receipts {
        let document = Value::object([("tsa", receipt.clone())]);
        let hash = Sha256Digest::from_hex(&text(receipt, "content_hash_hex"));
        let judged = judge(&document, hash, &bundle);
        assert_eq!(judged.imprint_match(), Some(true));
        assert_eq!(judged.cms_signature_valid(), Some(true));
        assert_eq!(judged.eku_valid(), Some(true));
        match text(receipt, "provider").as_str() {
            "globalsign" => {
                assert_eq!(judged.status(), TsaTrustStatus::Valid, "{judged:?}");
                let stamp = judged.stamp().unwrap();
                assert_eq!(stamp.gen_time().to_string(), text(receipt, "gen_time"));
                assert_eq!(stamp.accuracy_micros(), Some(1_000_000));
                assert_eq!(stamp.path_length(), 4);
            }
            // Its chain ends in a root that does not come along.
            _ => assert!(
                matches!(judged.problem(), Some(TsaProblem::IssuerUnknown { .. })),
                "{judged:?}"
            ),
        }
        let other = Some(Sha256Digest::of(b"another"));
        let problem = judge(&document, other, &bundle).problem().cloned();
        assert!(matches!(problem, Some(TsaProblem::Receipt(ReceiptProblem::OtherHash { .. }))));
    }
}

#[test]
fn whole_responses_are_told_apart_from_tokens() {
    let known = reference("keel/fixtures/tsa/known_message.txt");
    let digicert = reference("keel/fixtures/tsa/digicert_receipt_for_known_message.der");
    let globalsign = reference("keel/fixtures/tsa/globalsign_receipt_for_known_message.der");
    let (Some(known), Some(digicert), Some(globalsign)) = (known, digicert, globalsign) else {
        return;
    };
    let hash = Sha256Digest::of(&known);
    for response in [digicert, globalsign] {
        let check = |token: &[u8]| {
            let document = crate::mint::checkpoint_with(token);
            TsaReceipt::all_of(&document)[0].check_imprint(hash)
        };
        assert_eq!(check(&response), Err(ReceiptProblem::WholeResponse));
        // The token stands behind the status.
        let [_, token] = children(&content(&response)).try_into().unwrap();
        assert!(check(&token).unwrap().names_sha256());
    }
}

#[test]
fn the_peer_cases_with_a_bundle_agree() {
    let folder = Path::new(REFERENCE).join("peer-cases");
    let Ok(cases) = std::fs::read_dir(&folder) else {
        eprintln!("skipped: the peer cases are not there");
        return;
    };
    let mut judged_cases = 0;
    for case in cases {
        let path = case.unwrap().path();
        let id = path.file_name().unwrap().to_str().unwrap().to_owned();
        if !id.starts_with("tsa__") {
            continue;
        }
        judged_cases += 1;
        let case = std::fs::read(path.join("case.json")).unwrap();
        let case = value(&case);
        let checkpoint = std::fs::read(path.join("input/checkpoint.json")).unwrap();
        let checkpoint = value(&checkpoint);
        let stated = checkpoint.get("composite_hash").and_then(Value::as_str);
        let hash = stated.and_then(Sha256Digest::from_prefixed);
        let arguments = case.get("argv").and_then(Value::as_array).unwrap();
        let bundle = arguments.last().and_then(Value::as_str).unwrap();
        let bundle = match std::fs::read(path.join(bundle)) {
            Ok(pem) => CaBundle::read(&pem, &TsaLimits::default()),
            Err(error) => {
                Err(permit_checkpoint::CaBundleError::Unavailable { reason: error.to_string() })
            }
        };
        let receipts = TsaReceipt::all_of(&checkpoint);
        let judged = verify_receipts(&receipts, hash, bundle.as_ref(), &TsaLimits::default());
        let expected = case.get("expected").and_then(|expected| expected.get("json")).unwrap();
        let expected = expected.get("tsa_trust").unwrap().get("receipts").unwrap();
        let expected = expected.as_array().unwrap();
        assert_eq!(judged.len(), expected.len());
        for (judged, expected) in judged.iter().zip(expected) {
            let word = |name: &str| expected.get(name).and_then(Value::as_str).unwrap();
            let answer = |name: &str| expected.get(name).and_then(Value::as_bool);
            assert_eq!(judged.status().as_str(), word("tsa_trust_status"), "{id}");
            assert_eq!(judged.provider(), word("provider"), "{id}");
            assert_eq!(judged.imprint_match(), answer("imprint_match"), "{id}");
            assert_eq!(judged.certificate_chain_valid(), answer("certificate_chain_valid"), "{id}");
        }
    }
    assert_eq!(judged_cases, 2);
}

/// The contents of a TLV.
fn content(bytes: &[u8]) -> Vec<u8> {
    let (start, length) = header(bytes);
    bytes[start..start + length].to_vec()
}

/// The TLVs in these contents.
fn children(mut bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut children = Vec::new();
    while !bytes.is_empty() {
        let (start, length) = header(bytes);
        let (child, rest) = bytes.split_at(start + length);
        children.push(child.to_vec());
        bytes = rest;
    }
    children
}

fn header(bytes: &[u8]) -> (usize, usize) {
    match bytes[1] {
        short @ 0..0x80 => (2, usize::from(short)),
        long => {
            let count = usize::from(long & 0x7f);
            let length = &bytes[2..2 + count];
            (2 + count, length.iter().fold(0, |length, byte| length << 8 | usize::from(*byte)))
        }
    }
}

/// The certificates that come along with a token.
fn certificates(token: &[u8]) -> Vec<Vec<u8>> {
    let [_, explicit] = children(&content(token)).try_into().unwrap();
    let signed_data = children(&content(&content(&explicit)));
    let certificates = signed_data.iter().find(|child| child[0] == 0xa0).unwrap();
    children(&content(certificates))
}
