// SPDX-License-Identifier: Apache-2.0

//! The bytes that were dispatched, against the permit that they were approved by.

use permit_canonical_json::{Budget, WireBody, read};
use permit_closure::check_dispatched_bytes;
use permit_failure_codes::FailureCode;
use permit_types::{Artifact, Location, PermitId, Severity};

const PERMIT: &str = "00000000-0000-4000-8000-000000000007";

#[test]
fn canon_11_what_is_dispatched_is_what_was_hashed() {
    let request = br#"{"model": "m", "max_tokens": 40, "X-Request-Id": "1"}"#;
    let body = WireBody::new(&read(request, &Budget::default()).unwrap()).unwrap();
    let permit = PermitId::parse(PERMIT).unwrap();
    let at = Location::whole(Artifact::Export);
    let check = |bytes: &[u8]| check_dispatched_bytes(&permit, body.digest(), bytes, &at);
    assert_eq!(check(body.text().as_bytes()), None);
    // The request as it came, another request, and the right one with a byte more.
    let more = format!("{}\n", body.text());
    let other = br#"{"max_tokens":4000,"model":"m"}"#;
    for bytes in [&request[..], &other[..], more.as_bytes(), b""] {
        let finding = check(bytes).unwrap();
        let code = FailureCode::WalkPermitDispatchBindingMismatch;
        assert_eq!(finding.reason.code(), Some(code));
        assert_eq!(finding.severity, Severity::Failure);
        for detail in code.must_report() {
            assert_eq!(finding.get(detail), Some(PERMIT));
        }
        assert_eq!(finding.expected, Some(body.digest().to_string()));
        assert_ne!(finding.expected, finding.actual);
    }
}
