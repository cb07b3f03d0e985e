// SPDX-License-Identifier: Apache-2.0

//! Category 03: something is wrong with the manifest and its signature.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value as Json, json};

use super::{ALL_LAYERS, without};
use crate::generator::{
    case_draft::CaseDraft,
    document::{remove, set, text},
    fault::Fault,
    pack::Pack,
    test_keys::EXPORT_FOREIGN,
};

const PARENT: &str = "cat-01-baseline/01-01-valid-permit-export";

pub(super) fn cases() -> Result<Vec<CaseDraft>, Fault> {
    Ok(vec![byte_flipped()?, payload_modified()?, signature_missing()?, wrong_key()?])
}

fn tampered(id: &str, title: &str, why: &str, clauses: &[&str], layer: &str) -> CaseDraft {
    CaseDraft::vector(id, title, why, clauses)
        .layers(&without(&ALL_LAYERS, layer), &[layer])
        .checks(&["walk_events", "verify_closure"])
}

fn at_manifest() -> Json {
    json!({ "type": "manifest", "id": null, "sequence": null })
}

fn byte_flipped() -> Result<CaseDraft, Fault> {
    let draft = tampered(
        "cat-03-tamper-signature/03-01-signature-byte-flipped",
        "One bit of the signature is another one",
        "The lowest bit of the first byte of the signature was flipped. The export is what it was.",
        &["BUNDLE-08", "BUNDLE-19"],
        "manifest_signature",
    )
    .fails("MANIFEST_SIGNATURE_INVALID", Json::Null)
    .from(PARENT, "one bit of `signature` in the manifest", &[]);
    let pack = Pack::closed_with_request()?.bend_manifest(|manifest| {
        let signature = text(manifest, "/signature")?;
        let bare = signature.strip_prefix("ed25519:").unwrap_or(&signature);
        let mut bytes = STANDARD.decode(bare)?;
        if let Some(first) = bytes.first_mut() {
            *first ^= 1;
        }
        set(manifest, "/signature", format!("ed25519:{}", STANDARD.encode(bytes)))
    })?;
    pack.put_into(draft)
}

fn payload_modified() -> Result<CaseDraft, Fault> {
    let draft = tampered(
        "cat-03-tamper-signature/03-02-payload-modified-after-signing",
        "The export was edited after it was signed",
        "The reason of the permit reads differently. Nothing in chain or closure covers a reason; the hash over the \
         bytes of the file does.",
        &["BUNDLE-06", "BUNDLE-14", "BUNDLE-19"],
        "manifest_hash",
    )
    .fails("MANIFEST_HASH_MISMATCH", at_manifest())
    .from(PARENT, "`reason` of the permit in the export", &[]);
    let mut pack = Pack::closed_with_request()?;
    set(&mut pack.document, "/records/0/permit/reason", "approved by the shop")?;
    pack.put_into(draft)
}

fn signature_missing() -> Result<CaseDraft, Fault> {
    let draft = tampered(
        "cat-03-tamper-signature/03-03-signature-missing",
        "The manifest is not signed",
        "The manifest has no signature. Everything that it says fits, and nobody vouches for it; to pass is impossible.",
        &["BUNDLE-08", "CONFM-04", "CONF-04"],
        "manifest_signature",
    )
    .decisions(&["AMB-48"])
    .fails("MANIFEST_SIGNATURE_MISSING", at_manifest())
    .from(PARENT, "`signature` is removed from the manifest", &[]);
    let pack = Pack::closed_with_request()?.bend_manifest(|manifest| {
        remove(manifest, "/signature")?;
        Ok(())
    })?;
    pack.put_into(draft)
}

fn wrong_key() -> Result<CaseDraft, Fault> {
    let draft = tampered(
        "cat-03-tamper-signature/03-04-wrong-key-id",
        "A key that nobody trusts signed",
        "The manifest is signed, and the signature is right for the key that it names. The trust root does not have that key.",
        &["BUNDLE-07", "KEY-01"],
        "key_validity",
    )
    .fails("UNKNOWN_SIGNING_KEY", Json::Null)
    .from(PARENT, "the export is signed with another key", &["manifest"]);
    let mut pack = Pack::closed_with_request()?;
    pack.sign(EXPORT_FOREIGN)?;
    pack.put_into(draft)
}
