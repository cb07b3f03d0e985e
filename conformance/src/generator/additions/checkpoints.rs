// SPDX-License-Identifier: Apache-2.0

//! Category 16: checkpoints by themselves, and who made their time stamps.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value as Json, json};

use crate::generator::{
    case_draft::CaseDraft,
    checkpoint::{Checkpoint, composite_hash},
    document::{file, set, text},
    fault::Fault,
    pack::hex,
    test_keys::{self, CHECKPOINT},
    time_stamp::root_certificate,
};

const HEADS: &str = "cat-16-checkpoints/16-01-heads-by-code-point";
const STAMPED: &str = "cat-16-checkpoints/16-10-stamp-of-a-trusted-authority";

pub(super) fn cases() -> Result<Vec<CaseDraft>, Fault> {
    let mut cases = heads()?;
    cases.extend(stamps()?);
    Ok(cases)
}

fn vector(id: &str, title: &str, why: &str, clauses: &[&str], layers: &[&str]) -> CaseDraft {
    CaseDraft::vector(id, title, why, clauses)
        .layers(layers, &[])
        .counts(0, 0, 0, 1)
        .set("op", "verify-checkpoint")
}

fn put(draft: CaseDraft, checkpoint: &Checkpoint) -> Result<CaseDraft, Fault> {
    Ok(draft.file("checkpoint", "checkpoint.json", checkpoint.file()?).file(
        "trust_root",
        "trust-root.json",
        file(&test_keys::trust_root(&[CHECKPOINT]))?,
    ))
}

/// Four scopes whose order depends on how it is made.
fn four() -> Result<Checkpoint, Fault> {
    let scopes = ["project:\u{1f600}", "admin:global", "project:\u{fffd}", "Zone"];
    let heads: Vec<(String, u64, String)> =
        scopes.iter().zip(1..).map(|(scope, n)| ((*scope).to_owned(), n, hex(scope))).collect();
    Checkpoint::of_heads(&heads)
}

fn heads() -> Result<Vec<CaseDraft>, Fault> {
    let layers = ["json", "key_validity"];
    let good = vector(
        HEADS,
        "Heads in the order of their code points",
        "Four scopes, whose order in UTF-16 or without regard to case would be another one. The composite hash is over \
         the lines in the order of code points.",
        &["SEM-01", "SEM-02"],
        &layers,
    );
    let composite = vector(
        "cat-16-checkpoints/16-02-head-rewritten",
        "A head that was rewritten",
        "The number of a head was changed and nothing else. The composite hash is that of the heads as they were.",
        &["SEM-01"],
        &layers,
    )
    .fails("CHECKPOINT_COMPOSITE_HASH_MISMATCH", Json::Null)
    .from(HEADS, "`sequence_number` of one head", &[]);
    let mut rewritten = four()?;
    set(&mut rewritten.document, "/chain_heads/Zone/sequence_number", 5)?;

    let forged = vector(
        "cat-16-checkpoints/16-03-head-rewritten-and-hashed",
        "A head that was rewritten, and hashed again",
        "The composite hash fits the heads again. The signature is that of the heads as they were.",
        &["SEM-02"],
        &layers,
    )
    .fails("SIGNATURE_VERIFICATION_FAILED", Json::Null)
    .from(HEADS, "`sequence_number` of one head", &["composite hash"]);
    let mut hashed = rewritten.clone();
    let hash = composite_hash(&hashed.document)?.prefixed().to_string();
    set(&mut hashed.document, "/composite_hash", hash)?;

    let sealed = vector(
        "cat-16-checkpoints/16-04-another-checkpoint",
        "The heads after more was recorded",
        "One head is further, and everything is sealed again: this is just another checkpoint.",
        &["SEM-01", "SEM-02"],
        &layers,
    );
    let mut later = rewritten.clone();
    later.seal()?;
    Ok(vec![
        put(good, &four()?)?,
        put(composite, &rewritten)?,
        put(forged, &hashed)?,
        put(sealed, &later)?,
    ])
}

fn stamps() -> Result<Vec<CaseDraft>, Fault> {
    let layers = ["json", "key_validity", "tsa_receipt"];
    let bundle = pem(&root_certificate()?);
    let trusted = vector(
        STAMPED,
        "A stamp of an authority that is trusted",
        "The token stamps the composite hash, its signature holds, and its signer's certificate comes from the root that \
         the verifier is given.",
        &["SEM-03"],
        &layers,
    )
    .features(&["tsa"]);
    let altered = vector(
        "cat-16-checkpoints/16-11-stamp-altered",
        "A stamp whose signature does not hold",
        "The token stamps the right hash, and somebody altered its signature. Without roots of authorities nobody sees \
         it; with them it has to be seen.",
        &["SEM-03"],
        &layers,
    )
    .layers(&["json", "key_validity"], &["tsa_receipt"])
    .features(&["tsa"])
    .set("reference", "ends with status 1, and goes on saying that all claims are supported")
    .fails("VERIFICATION_FAILED", Json::Null)
    .from(STAMPED, "the last byte of the token's signature", &[]);
    let mut bent = four()?.with_receipt()?;
    let receipt = "/tsa_receipts/0/receipt_b64";
    let mut token = STANDARD.decode(text(&bent.document, receipt)?)?;
    if let Some(last) = token.last_mut() {
        *last ^= 1;
    }
    set(&mut bent.document, receipt, json!(STANDARD.encode(token)))?;
    let bundled = |draft: CaseDraft| {
        draft.file("tsa_ca_bundle", "authorities.pem", bundle.clone().into_bytes())
    };
    Ok(vec![put(bundled(trusted), &four()?.with_receipt()?)?, put(bundled(altered), &bent)?])
}

/// A certificate as text, 64 characters a line.
fn pem(certificate: &[u8]) -> String {
    let text = STANDARD.encode(certificate);
    let mut pem = "-----BEGIN CERTIFICATE-----\n".to_owned();
    for (index, letter) in text.chars().enumerate() {
        pem.push(letter);
        if index % 64 == 63 {
            pem.push('\n');
        }
    }
    if !pem.ends_with('\n') {
        pem.push('\n');
    }
    pem + "-----END CERTIFICATE-----\n"
}
