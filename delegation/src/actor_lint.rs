// SPDX-License-Identifier: Apache-2.0

//! Whether a permit names one actor or two.

use permit_canonical_json::{Excerpt, Value};
use permit_failure_codes::ReasonClass;
use permit_types::{Finding, Location};

/// Warns if `actor_ref` and `subject_id` of a permit name different actors (PCHAIN-15).
///
/// It is advice for issuers and fails nothing: two systems may have two names for one actor.
/// `base` is the place of the permit.
///
/// ```
/// use permit_canonical_json::{Budget, read};
/// use permit_delegation::check_actor_ref;
/// use permit_types::{Artifact, Location};
///
/// let permit = read(br#"{"subject_id": "a", "actor_ref": {"issuer": "idp", "subject": "b"}}"#, &Budget::default())?;
/// let finding = check_actor_ref(&permit, &Location::whole(Artifact::Export)).unwrap();
/// assert_eq!(finding.at.pointer.to_string(), "/actor_ref/subject");
/// # Ok::<(), permit_canonical_json::ReadError>(())
/// ```
#[must_use]
pub fn check_actor_ref(permit: &Value<'_>, base: &Location) -> Option<Finding> {
    let subject_id = permit.get("subject_id")?.as_str()?;
    let subject = permit.get("actor_ref")?.get("subject")?;
    let named = subject.as_str()?;
    if named == subject_id {
        return None;
    }
    let pointer = base.pointer.clone().member("actor_ref").member("subject");
    let at = Location::value(base.artifact, pointer, subject.range());
    let summary = "the actor of a permit has another name than its subject";
    Some(
        Finding::notice(ReasonClass::PermitSemanticsInvalid, at, summary)
            .rule("PCHAIN-15")
            .values(format!("`{}`", Excerpt(subject_id)), format!("`{}`", Excerpt(named))),
    )
}
