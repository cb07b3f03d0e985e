// SPDX-License-Identifier: Apache-2.0

//! Ids and names that the objects refer to each other by.
//!
//! Every kind has a type of its own: a project's id never passes for a permit's.

use crate::text::{label_newtypes, text_newtypes};

macro_rules! uuid_newtypes {
    ($($(#[$docs:meta])* $name:ident;)+) => {
        text_newtypes! {$(
            $(#[$docs])*
            ///
            /// A UUID in its canonical form of 8-4-4-4-12 hexadecimal digits. Either case is
            /// read and kept; two ids are equal if their texts are.
            $name: "a UUID of the form 8-4-4-4-12", is_uuid,
                { "type": "string", "format": "uuid" };
        )+}
    };
}

uuid_newtypes! {
    /// The id of a permit.
    PermitId;
    /// The id of a project, the boundary of a tenant.
    ProjectId;
    /// The id of a workflow declaration (PERMIT-17).
    WorkflowDeclarationId;
    /// The id of a budget envelope.
    BudgetEnvelopeId;
    /// The id of a piece of evidence attached to a permit.
    PermitEvidenceId;
    /// The id of an entry of the usage ledger.
    UsageLedgerId;
    /// The id of an entry of the usage log.
    UsageLogId;
    /// The id of the API key a request came with.
    ApiKeyId;
    /// The id a proxy gave to a request.
    ProxyRequestId;
    /// The id of a checkpoint.
    CheckpointId;
    /// The opaque id of who revoked a permit. Never a name or an address (REVOKE-04).
    ActorId;
}

label_newtypes! {
    /// The id of a chain event, unique among all.
    EventId;
    /// What kind of event a chain entry records; the list is open.
    EventType;
    /// The name of one hash chain, such as `admin:global`.
    ///
    /// Sequence numbers of two scopes are never compared (CHAIN-12).
    ChainScope;
}

text_newtypes! {
    /// The name of a signing key, as a key manifest lists it.
    KeyId: "the id of a key, not empty", |text| !text.is_empty(),
        { "type": "string", "minLength": 1 };

    /// The name a caller gave to a run of a workflow.
    WorkflowId: "1 to 255 letters, digits, `_` or `-`",
        |text| has_only(text, 1, 255, |byte| {
            byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
        }),
        { "type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[A-Za-z0-9_-]{1,255}$" };

    /// The id of a scope state: the hash of its chain scope and its checkpoint (SIDE-02).
    ///
    /// Only the outer form is checked here, as the schema does.
    ScopeStateId: "`keel.scope_state.v1:`, 64 lowercase hexadecimal digits, `:` and a UUID",
        |text| {
            text.strip_prefix("keel.scope_state.v1:").and_then(|rest| rest.split_once(':'))
                .is_some_and(|(scope, checkpoint)| {
                    has_only(scope, 64, 64, |byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
                        && has_only(checkpoint, 36, 36, |byte| {
                            byte.is_ascii_hexdigit() || byte == b'-'
                        })
                })
        },
        { "type": "string", "pattern": r"^keel\.scope_state\.v1:[a-f0-9]{64}:[0-9a-fA-F-]{36}$" };

    /// A namespace that an issuer reserves for predicates of its own; never evaluated (SIDE-04).
    ReservedNamespace: "`keel.` and a name of letters, digits, `_`, `.` or `-`",
        |text| text.strip_prefix("keel.").is_some_and(|name| {
            has_only(name, 1, usize::MAX, |byte| {
                byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-')
            })
        }),
        { "type": "string", "pattern": r"^keel\.[A-Za-z0-9_.-]+$" };
}

fn is_uuid(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() == 36
        && bytes.iter().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => *byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// Whether the text is `least` to `most` bytes of the class; a class of ASCII, so that bytes are characters.
fn has_only(text: &str, least: usize, most: usize, class: fn(u8) -> bool) -> bool {
    (least..=most).contains(&text.len()) && text.bytes().all(class)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "9F2e3a40-1c5d-4d8b-9a4c-7f6e2b1d8c01";

    #[test]
    fn a_uuid_is_canonical_in_either_case_and_kept_as_written() {
        assert_eq!(PermitId::parse(ID).map(PermitId::into_string).as_deref(), Some(ID));
        for bad in [
            "",
            ID.trim_start_matches('9'),
            &ID.replace('-', ""),
            &ID.replace("40-1", "4-01"),
            &ID.replace('9', "g"),
            &["{", ID, "}"].concat(),
            &["urn:uuid:", ID].concat(),
            &ID.replace('9', "é"),
        ] {
            assert!(PermitId::parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn workflow_ids_are_1_to_255_letters_digits_underscores_and_hyphens() {
        for good in ["a", "A_z-09", &"x".repeat(255)] {
            assert!(WorkflowId::parse(good).is_some(), "{good}");
        }
        for bad in ["", "a b", "a.b", "ä", "a\n", &"x".repeat(256)] {
            assert!(WorkflowId::parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn side_02_scope_state_ids_have_three_parts() {
        let hash = "0123456789abcdef".repeat(4);
        let good = ["keel.scope_state.v1:", &hash, ":", ID].concat();
        assert!(ScopeStateId::parse(&good).is_some());
        for bad in [
            good.replace(".v1", ".v2"),
            good.replace("v1:0", "v1:A"),
            good.replace(':', ""),
            [&good, "0"].concat(),
            [&good, ":"].concat(),
            ["x", &good].concat(),
        ] {
            assert!(ScopeStateId::parse(&bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn side_04_reserved_namespaces_start_with_keel() {
        assert!(ReservedNamespace::parse("keel.acme.kind-1_x").is_some());
        for bad in ["keel.", "keel", "acme.kind", "keel.a b", "keel.ä", "keel.a\n"] {
            assert!(ReservedNamespace::parse(bad).is_none(), "{bad}");
        }
    }
}
