// SPDX-License-Identifier: Apache-2.0

//! Category 11: when a key counts, and for what.

use serde_json::{Value as Json, json};

use crate::generator::{
    case_draft::CaseDraft,
    document::{remove, set},
    fault::Fault,
    pack::{Pack, permit_id},
    test_keys::EXPORT,
    vectors::{ALL_LAYERS, without},
};

const PARENT: &str = "cat-11-key-windows/11-01-in-the-window";
const EXPIRED: &str = "KEY_EXPIRED_AT_SIGNING_TIME";
const REVOKED: &str = "SIGNING_KEY_REVOKED";
const UNKNOWN: &str = "UNKNOWN_SIGNING_KEY";

/// A case: its name, title, why, rules, the code if it fails, and what is changed.
struct Window(
    &'static str,
    &'static str,
    &'static str,
    &'static [&'static str],
    Option<&'static str>,
    fn(&mut Pack) -> Result<(), Fault>,
);

pub(super) fn cases() -> Result<Vec<CaseDraft>, Fault> {
    let mut cases = Vec::new();
    for Window(name, title, why, rules, code, bend) in windows() {
        let id = format!("cat-11-key-windows/{name}");
        let layer = "key_validity";
        let mut draft = CaseDraft::vector(&id, title, why, rules)
            .decisions(&["AMB-27"])
            .layers(&ALL_LAYERS, &[])
            .checks(&["verify_closure", "walk_events"]);
        if let Some(code) = code {
            draft = draft
                .layers(&without(&ALL_LAYERS, layer), &[layer])
                .fails(code, Json::Null)
                .from(PARENT, title, &["manifest"]);
        }
        if code.is_some()
            && !["11-13-another-purpose", "11-14-binding-key-too-late"].contains(&name)
        {
            draft = draft.decisions(&["AMB-27", "DIFF-05"]).set(
                "reference",
                "takes a key that is named whenever it signed, for tests or not, and knows no revocation: accepts",
            );
        }
        if name == "11-11-test-key-in-production" {
            draft = draft.set("expected_mode", "PRODUCTION");
        }
        if code == Some("WALK_CLOSURE_SIGNATURE_INVALID") {
            let at = json!({ "type": "closure_record", "id": permit_id(1), "sequence": null });
            draft = draft.set("expected_first_failure_at", at);
        }
        let mut pack = Pack::closed_with_request()?;
        bend(&mut pack)?;
        cases.push(pack.put_into(draft)?);
    }
    Ok(cases)
}

#[expect(clippy::too_many_lines, reason = "a table")]
fn windows() -> Vec<Window> {
    vec![
        Window(
            "11-01-in-the-window",
            "Signed in the middle of the window",
            "The cases of this category change the entry of the export key.",
            &["KEY-01", "KEY-02"],
            None,
            |pack| set(&mut pack.trust, "/keys/0/valid_to", "2026-12-31T00:00:00Z"),
        ),
        Window(
            "11-02-first-instant",
            "Signed at the first instant of the window",
            "Windows have both of their ends.",
            &["KEY-08"],
            None,
            |pack| set(&mut pack.trust, "/keys/0/valid_from", "2026-05-10T00:00:00Z"),
        ),
        Window(
            "11-03-last-instant",
            "Signed at the last instant of the window",
            "Windows have both of their ends.",
            &["KEY-08"],
            None,
            |pack| set(&mut pack.trust, "/keys/0/valid_to", "2026-05-10T00:00:00Z"),
        ),
        Window(
            "11-04-last-instant-elsewhere",
            "The last instant, written in another zone",
            "Instants are compared, and not their texts.",
            &["KEY-08"],
            None,
            |pack| set(&mut pack.trust, "/keys/0/valid_to", "2026-05-10T02:00:00+02:00"),
        ),
        Window(
            "11-05-too-early",
            "Signed a microsecond before the window",
            "A key that does not count yet.",
            &["KEY-01", "KEY-08", "BUNDLE-07"],
            Some(EXPIRED),
            |pack| set(&mut pack.trust, "/keys/0/valid_from", "2026-05-10T00:00:00.000001Z"),
        ),
        Window(
            "11-06-too-late",
            "Signed a microsecond after the window",
            "A key that does not count any more.",
            &["KEY-03", "KEY-08"],
            Some(EXPIRED),
            |pack| set(&mut pack.trust, "/keys/0/valid_to", "2026-05-09T23:59:59.999999Z"),
        ),
        Window(
            "11-07-end-that-is-no-time",
            "The window ends `soon`",
            "An end that cannot be read leaves no window, and not an open one.",
            &["KEY-07"],
            Some(UNKNOWN),
            |pack| set(&mut pack.trust, "/keys/0/valid_to", "soon"),
        ),
        Window(
            "11-08-revoked-before",
            "Revoked before it signed",
            "What the key signed from its revocation on does not count.",
            &["KEY-04"],
            Some(REVOKED),
            |pack| set(&mut pack.trust, "/keys/0/revoked_at", "2026-05-09T00:00:00Z"),
        ),
        Window(
            "11-09-revoked-after",
            "Revoked after it signed",
            "The key was replaced, nobody else had it. What it signed before still counts.",
            &["KEY-02"],
            None,
            |pack| set(&mut pack.trust, "/keys/0/revoked_at", "2026-06-01T00:00:00Z"),
        ),
        Window(
            "11-10-revoked-at-some-time",
            "Revoked, and nobody says when",
            "It may have been before.",
            &["KEY-04"],
            Some(REVOKED),
            |pack| set(&mut pack.trust, "/keys/0/status", "revoked"),
        ),
        Window(
            "11-11-test-key-in-production",
            "A key for tests, and a verifier that is not testing",
            "The signature is right. Everybody has the key.",
            &["KEY-05", "CONFM-05"],
            Some(UNKNOWN),
            |_| Ok(()),
        ),
        Window(
            "11-12-production-key-in-a-test",
            "A key that is not for tests, and a verifier that is testing",
            "Test mode takes no other keys, so that nobody runs it over real evidence and believes the result.",
            &["KEY-05", "CONFM-05"],
            Some(UNKNOWN),
            |pack| {
                let id = EXPORT.public().export_key_id().to_string();
                remove(&mut pack.trust, "/environment")?;
                set(&mut pack.trust, "/keys/0/environment", "production")?;
                set(&mut pack.trust, "/keys/0/key_id", id.clone())?;
                set(&mut pack.manifest, "/key_id", id)
            },
        ),
        Window(
            "11-13-another-purpose",
            "A key for checkpoints",
            "The id and the key are right. The key is not there for exports.",
            &["KEY-01", "BUNDLE-07"],
            Some(UNKNOWN),
            |pack| set(&mut pack.trust, "/keys/0/purpose", "integrity_checkpoint"),
        ),
        Window(
            "11-14-binding-key-too-late",
            "A closure that was signed after its key was retired",
            "The closure was signed at 08:00:06, the key ended at 08:00:05.",
            &["CLOSE-19", "KEY-03"],
            Some("WALK_CLOSURE_SIGNATURE_INVALID"),
            |pack| set(&mut pack.trust, "/keys/1/valid_to", "2026-05-09T08:00:05Z"),
        ),
        Window(
            "11-15-binding-key-last-instant",
            "A closure that was signed at the last instant of its key",
            "Windows have both of their ends, for all purposes.",
            &["CLOSE-19", "KEY-08"],
            None,
            |pack| set(&mut pack.trust, "/keys/1/valid_to", "2026-05-09T08:00:06Z"),
        ),
        Window(
            "11-16-binding-key-compromised",
            "A closure of a key that turned out to be compromised",
            "Others had the key, so that nothing it signed counts.",
            &["CLOSE-19", "KEY-04"],
            Some("WALK_CLOSURE_SIGNATURE_INVALID"),
            |pack| set(&mut pack.trust, "/keys/1/compromised_at", "2026-08-01T00:00:00Z"),
        ),
    ]
}
