// SPDX-License-Identifier: Apache-2.0

//! Claim `checkpoint.tsa_imprint.v1`.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use permit_canonical_json::Sha256Digest;
use permit_checkpoint::{
    CheckpointRules, CheckpointTrust, ReceiptProblem, ReceiptTrust, TokenPart, TsaTrustStatus,
};
use permit_claims::Unsupported::Disproved;
use serde_json::{Value as Json, json};

use crate::{
    bent::{checkpoint, judged, judged_by, sealed, told},
    der::{algorithm, explicit, generalized_time, integer, null, octets, oid, seq, set, tlv},
};

const SHA_256: &str = "2.16.840.1.101.3.4.2.1";

/// A token as it is walked: enough for an imprint, signed by nobody.
fn token(imprint: &[u8]) -> Vec<u8> {
    token_of(&tst_info(SHA_256, imprint))
}

fn tst_info(algorithm_id: &str, imprint: &[u8]) -> Vec<u8> {
    let imprint = seq(&[&algorithm(algorithm_id, Some(&null())), &octets(imprint)]);
    let time = generalized_time("20260507120001Z");
    seq(&[&integer(&[1]), &oid("1.2.3"), &imprint, &integer(&[1]), &time])
}

fn token_of(tst_info: &[u8]) -> Vec<u8> {
    let content = seq(&[&oid("1.2.840.113549.1.9.16.1.4"), &explicit(0, &octets(tst_info))]);
    token_around(&content)
}

fn token_around(content: &[u8]) -> Vec<u8> {
    let digests = set(&[algorithm(SHA_256, Some(&null()))]);
    let signed = seq(&[&integer(&[3]), &digests, content, &set(&[])]);
    seq(&[&oid("1.2.840.113549.1.7.2"), &explicit(0, &signed)])
}

fn hash() -> Sha256Digest {
    sealed().composite_hash()
}

fn good() -> Json {
    json!(STANDARD.encode(token(hash().as_bytes())))
}

fn with(name: &str, value: Json) -> Json {
    let mut checkpoint = checkpoint();
    checkpoint[name] = value;
    checkpoint
}

/// The labels and what is told of each receipt.
fn outcomes(checkpoint: &Json) -> Vec<(String, Option<String>)> {
    judged(checkpoint, &CheckpointTrust::self_attested(), |facts| {
        let imprints = facts.imprints().unwrap();
        assert_eq!(imprints.len(), facts.receipts().len());
        let receipts = facts.receipts().iter().zip(imprints);
        let outcomes = receipts.map(|(receipt, imprint)| {
            let fault = imprint.as_ref().err().map(|fault| {
                let (verdict, code, rule, at) = told(fault);
                assert_eq!(
                    (verdict, code, rule),
                    (Disproved, "CHECKPOINT_TSA_IMPRINT_MISMATCH", "SEM-03")
                );
                at
            });
            if let Ok(proof) = imprint {
                assert_eq!((proof.label(), proof.composite_hash()), (&*receipt.label(), hash()));
            }
            (receipt.label(), fault)
        });
        outcomes.collect()
    })
}

fn problem_of(token: &[u8]) -> Option<ReceiptProblem> {
    let checkpoint = with("tsa", json!({"receipt_b64": STANDARD.encode(token)}));
    judged(&checkpoint, &CheckpointTrust::none(), |facts| {
        let [receipt] = facts.receipts() else { panic!("one receipt") };
        let problem = receipt.check_imprint(hash()).err();
        assert_eq!(problem.is_some(), facts.imprints().unwrap()[0].is_err());
        problem
    })
}

fn broken(part: TokenPart) -> Option<ReceiptProblem> {
    Some(ReceiptProblem::NotAToken { part })
}

#[test]
fn sem_03_a_receipt_that_stamps_the_composite_hash_is_supported() {
    let single = with("tsa", json!({"url": "https://tsa.invalid", "receipt_b64": good()}));
    assert_eq!(outcomes(&single), [("https://tsa.invalid".to_owned(), None)]);
    let several = json!([{"provider": "one", "receipt_b64": good()}, {"provider": "two", "receipt_b64": good()}]);
    let several = with("tsa_receipts", several);
    assert_eq!(outcomes(&several), [("one".to_owned(), None), ("two".to_owned(), None)]);
    judged(&several, &CheckpointTrust::none(), |facts| {
        let imprints = facts.imprints().unwrap();
        assert!(imprints.iter().flatten().all(|proof| proof.names_sha256()));
        assert!(facts.notices().is_empty());
    });
}

#[test]
fn sem_03_without_receipts_there_is_no_claim() {
    let single = |value: Json| with("tsa", value);
    for none in [
        checkpoint(),
        with("tsa_receipts", json!([])),
        with("tsa_receipts", json!({"receipt_b64": good()})),
        single(json!(null)),
        single(good()),
        single(json!({"provider": "one"})),
        single(json!({"receipt_b64": 7})),
    ] {
        assert_eq!(outcomes(&none), []);
    }
}

#[test]
fn sem_03_an_array_with_receipts_comes_before_a_single_one() {
    let mut both = with("tsa", json!({"receipt_b64": "not looked at"}));
    both["tsa_receipts"] = json!([{"provider": "one", "receipt_b64": good()}]);
    assert_eq!(outcomes(&both), [("one".to_owned(), None)]);
    both["tsa_receipts"] = json!([]);
    assert_eq!(outcomes(&both), [("receipt 1".to_owned(), Some("/tsa/receipt_b64".to_owned()))]);
}

#[test]
fn sem_03_every_receipt_is_judged() {
    // The reference stops at the first that fails.
    let several = with(
        "tsa_receipts",
        json!([
            {"provider": "one", "receipt_b64": STANDARD.encode(token(&[0; 32]))},
            {"provider": "two", "receipt_b64": good()},
            7,
            {"url": "three"},
        ]),
    );
    let at = |pointer: &str| Some(format!("/tsa_receipts/{pointer}"));
    assert_eq!(
        outcomes(&several),
        [
            ("one".to_owned(), at("0/receipt_b64")),
            ("two".to_owned(), None),
            ("receipt 3".to_owned(), at("2")),
            ("three".to_owned(), at("3")),
        ]
    );
}

#[test]
fn labels_are_provider_url_or_number() {
    for (receipt, label) in [
        (json!({"provider": "p", "url": "u"}), "p"),
        (json!({"provider": "", "url": "u"}), "u"),
        (json!({"provider": null, "url": "u"}), "u"),
        (json!({"provider": 7, "url": "u"}), "receipt 1"),
        (json!({"provider": [], "url": ""}), "receipt 1"),
        (json!({"url": 7}), "receipt 1"),
        (json!({}), "receipt 1"),
    ] {
        let one = with("tsa_receipts", json!([receipt]));
        judged(&one, &CheckpointTrust::none(), |facts| {
            let [receipt] = facts.receipts() else { panic!("one receipt") };
            assert_eq!(receipt.label(), label, "{one}");
        });
    }
    let full = json!({"provider": "p", "url": "u", "requested_at": "t", "receipt_b64": good()});
    judged(&with("tsa", full), &CheckpointTrust::none(), |facts| {
        let [receipt] = facts.receipts() else { panic!("one receipt") };
        let members = (receipt.provider(), receipt.url(), receipt.requested_at());
        assert_eq!(members, (Some("p"), Some("u"), Some("t")));
        let skipped = ReceiptTrust::skipped(receipt);
        assert_eq!((skipped.status(), skipped.provider()), (TsaTrustStatus::Skipped, "p"));
        assert_eq!((skipped.label(), skipped.cms_signature_valid()), ("p", None));
    });
}

#[test]
fn sem_03_another_imprint_is_a_mismatch() {
    let stamped = Sha256Digest::of(b"other heads");
    let other = |imprint: &[u8], stamped| {
        let bytes = imprint.len();
        assert_eq!(problem_of(&token(imprint)), Some(ReceiptProblem::OtherHash { stamped, bytes }));
    };
    other(stamped.as_bytes(), Some(stamped));
    other(&hash().as_bytes()[..31], None);
    other(&[hash().as_bytes().as_slice(), &[0]].concat(), None);
    other(hash().to_string().as_bytes(), None);
    other(&[], None);
}

#[test]
fn sem_03_a_whole_response_is_told_apart() {
    // Trap 21: the reference fails it too.
    let status = seq(&[&integer(&[0])]);
    let response = seq(&[&status, &token(hash().as_bytes())]);
    assert_eq!(problem_of(&response), Some(ReceiptProblem::WholeResponse));
    assert!(ReceiptProblem::WholeResponse.help().contains("-token_out"));
    let refused = seq(&[&status]);
    assert_eq!(problem_of(&refused), broken(TokenPart::ContentInfo));
}

#[test]
fn sem_03_each_step_of_the_walk_has_to_be_there() {
    use TokenPart::{ContentInfo, EncapsulatedContent, MessageImprint, SignedData, TstInfo};
    let good = token(hash().as_bytes());
    let info = tst_info(SHA_256, hash().as_bytes());
    let signed_data = oid("1.2.840.113549.1.7.2");
    let tst = oid("1.2.840.113549.1.9.16.1.4");
    for (what, token, part) in [
        ("nothing", vec![], ContentInfo),
        ("bytes behind", [good.clone(), vec![0]].concat(), ContentInfo),
        ("no sequence", tlv(0x31, &[&good[4..]]), ContentInfo),
        ("one child", seq(&[&signed_data]), ContentInfo),
        ("no context tag", seq(&[&signed_data, &octets(&[])]), ContentInfo),
        ("a primitive tag", seq(&[&signed_data, &tlv(0x80, &[&seq(&[])])]), ContentInfo),
        (
            "two in the tag",
            seq(&[&signed_data, &explicit(0, &[seq(&[]), seq(&[])].concat())]),
            ContentInfo,
        ),
        ("no signed data", seq(&[&signed_data, &explicit(0, &set(&[]))]), SignedData),
        ("two children", seq(&[&signed_data, &explicit(0, &seq(&[&null(), &null()]))]), SignedData),
        ("no content", token_around(&null()), EncapsulatedContent),
        ("content without stamp", token_around(&seq(&[&tst])), EncapsulatedContent),
        (
            "the tag comes first",
            token_around(&seq(&[&explicit(0, &octets(&info))])),
            EncapsulatedContent,
        ),
        (
            "another tag",
            token_around(&seq(&[&tst, &explicit(1, &octets(&info))])),
            EncapsulatedContent,
        ),
        ("no octets", token_around(&seq(&[&tst, &explicit(0, &info)])), EncapsulatedContent),
        ("bytes behind the stamp", token_of(&[info.clone(), null()].concat()), TstInfo),
        ("no stamp", token_of(&octets(&[])), TstInfo),
        ("a short stamp", token_of(&seq(&[&integer(&[1]), &oid("1.2.3")])), TstInfo),
        ("no imprint", token_of(&seq(&[&null(), &null(), &null()])), MessageImprint),
        ("half an imprint", token_of(&seq(&[&null(), &null(), &seq(&[&null()])])), MessageImprint),
        (
            "no bytes",
            token_of(&seq(&[&null(), &null(), &seq(&[&null(), &null()])])),
            MessageImprint,
        ),
        (
            "damage beside the path",
            token_of(&seq(&[&null(), &null(), &seq(&[&null(), &octets(&[])]), &[0x02, 0x7f]])),
            TstInfo,
        ),
    ] {
        assert_eq!(problem_of(&token), broken(part), "{what}");
    }
}

#[test]
fn sem_03_object_identifiers_are_not_asked_for() {
    // As the recipe says; feature `tsa` asks.
    let info = tst_info("1.2.3.4", hash().as_bytes());
    let content = seq(&[&oid("1.1"), &explicit(0, &octets(&info))]);
    let signed = seq(&[&null(), &null(), &content]);
    let odd = seq(&[&null(), &explicit(5, &signed)]);
    let checkpoint = with("tsa", json!({"receipt_b64": STANDARD.encode(odd)}));
    judged(&checkpoint, &CheckpointTrust::none(), |facts| {
        let [Ok(proof)] = facts.imprints().unwrap() else { panic!("one receipt, supported") };
        assert!(!proof.names_sha256());
        let [notice] = facts.notices() else { panic!("one notice") };
        assert_eq!(notice.severity, permit_types::Severity::Notice);
        assert_eq!(notice.rule.unwrap().as_str(), "SEM-03");
    });
}

#[test]
fn sem_03_lengths_are_definite_and_short() {
    let good = token(hash().as_bytes());
    assert_eq!(good[1], 0x81, "the length takes one more octet");
    let indefinite = [&[0x30, 0x80], &good[3..], &[0, 0]].concat();
    let longer = [&[0x30, 0x82, 0, good[2]], &good[3..]].concat();
    let five = [&[0x30, 0x85, 0, 0, 0, 0, good[2]], &good[3..]].concat();
    let beyond = [&[0x30, 0x84, 0xff, 0xff, 0xff, 0xff], &good[3..]].concat();
    let tag = [&[0x3f, 0x10], &good[1..]].concat();
    let short = [0x30, 0x81, 0x02, 0x05, 0x00].to_vec();
    for damaged in [indefinite, longer, five, beyond, tag, short] {
        assert_eq!(problem_of(&damaged), broken(TokenPart::ContentInfo));
    }
    let in_long_tag = [&[0xbf, 0x1f], &good[15..]].concat();
    assert_eq!(good[14], 0xa0);
    let long_tag = seq(&[&oid("1.2.840.113549.1.7.2"), &in_long_tag]);
    assert_eq!(problem_of(&long_tag), broken(TokenPart::ContentInfo));
}

#[test]
fn difference_a_receipt_has_one_text() {
    // The reference drops what is not base64, though not where it is asked to verify the receipt.
    let good = STANDARD.encode(token(hash().as_bytes()));
    let lines = good.as_bytes().chunks(76).map(|line| str::from_utf8(line).unwrap());
    let lines: String = lines.map(|line| format!("{line}\n")).collect();
    for text in [lines, format!(" {good}"), good.replace('+', "-"), format!("{good}!"), "é".into()]
    {
        if text == good {
            continue;
        }
        let bent = with("tsa", json!({"provider": "one", "receipt_b64": text}));
        judged(&bent, &CheckpointTrust::none(), |facts| {
            let problem = facts.receipts()[0].token().unwrap_err();
            assert!(matches!(problem, ReceiptProblem::NotBase64 { .. }), "{text}");
            assert!(facts.imprints().unwrap()[0].is_err());
        });
    }
}

#[test]
fn receipts_are_judged_whoever_signed_and_only_if_asked() {
    let stamped = with("tsa", json!({"receipt_b64": good()}));
    judged(&stamped, &CheckpointTrust::none(), |facts| {
        assert!(facts.signed().is_none());
        assert!(facts.imprints().unwrap()[0].is_ok());
    });
    let mut rules = CheckpointRules::default();
    rules.check_receipts = false;
    judged_by(&stamped, &CheckpointTrust::self_attested(), &rules, |facts| {
        assert!(facts.signed().is_some() && facts.imprints().is_none());
        assert_eq!(facts.receipts().len(), 1);
    });
}
