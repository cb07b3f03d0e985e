// SPDX-License-Identifier: Apache-2.0

//! Whether the checkpoint at the end of a segment was the latest one (SFE-11, AMB-43).
//!
//! ```text
//! scope_faithfulness_freshness, checkpoint_selection_evidence
//!   { "<segment_id>": statement, … }  or one statement for all segments
//! statement
//!   { later_checkpoints: […], observed_checkpoints: […], and itself, if it has a sequence_number }
//! checkpoint
//!   { chain_scope, checkpoint_id, sequence_number }
//! ```
//!
//! A statement in the signed payload is the issuer's word that no later one was known. The same in the
//! manifest is nobody's: its signature covers the payload alone. So what the manifest says can
//! speak against a segment and never for it (SFE-01).

use permit_canonical_json::{LexicalClass, Object, Value};

use crate::segment::Segment;

/// What the evidence says about later checkpoints.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Freshness<'v> {
    /// The signed payload states which checkpoints were known, and none was later.
    Stated,
    /// Nothing in the signed payload says so.
    NotStated,
    /// The `sequence_number` of one that was later.
    Later(&'v Value<'v>),
}

pub(crate) fn freshness<'v>(
    document: &'v Object<'v>,
    manifest: Option<&'v Object<'v>>,
    segment: &Segment<'_>,
) -> Freshness<'v> {
    let in_payload = NAMES.iter().filter_map(|name| document.get(name));
    let in_manifest = NAMES.iter().filter_map(|name| manifest?.get(name));
    let statement = |evidence: &'v Value<'v>| {
        let object = evidence.as_object()?;
        object.get(segment.id).and_then(Value::as_object).or(Some(object))
    };
    let mut statements = in_payload.clone().chain(in_manifest).filter_map(statement);
    if let Some(later) = statements.find_map(|statement| later_one(statement, segment)) {
        return Freshness::Later(later);
    }
    match in_payload.filter_map(statement).any(says_something) {
        true => Freshness::Stated,
        false => Freshness::NotStated,
    }
}

/// The number of a checkpoint in the statement that is not the one at the end of the segment
/// and not before it.
fn later_one<'v>(statement: &'v Object<'v>, segment: &Segment<'_>) -> Option<&'v Value<'v>> {
    let listed = LISTS.iter().filter_map(|list| statement.get(list)?.as_array()).flatten();
    let mut checkpoints = listed.filter_map(Value::as_object).chain([statement]);
    checkpoints.find_map(|checkpoint| {
        let text = |name| checkpoint.get(name).and_then(Value::as_str);
        let chain = checkpoint.get("chain_scope").filter(|scope| !scope.is_null());
        let is_of_chain = chain.is_none_or(|scope| scope.as_str() == Some(segment.end.chain_scope));
        let number = checkpoint.get("sequence_number").filter(|number| is_integer(number))?;
        let is_behind = number.as_u64().is_some_and(|number| number > segment.end.sequence_number)
            || (number.as_u64().is_none() && number.as_i64().is_none());
        let id = text("checkpoint_id").filter(|id| !id.is_empty());
        let is_another = id.is_some_and(|id| id != segment.end.checkpoint_id);
        (is_of_chain && (is_behind || is_another)).then_some(number)
    })
}

/// Whether it says which checkpoints were known: `{}` says nothing.
fn says_something(statement: &Object<'_>) -> bool {
    let is_list = |list: &&str| statement.get(list).is_some_and(|list| list.as_array().is_some());
    LISTS.iter().any(is_list) || statement.get("sequence_number").is_some_and(is_integer)
}

fn is_integer(value: &Value<'_>) -> bool {
    value.as_number().is_some_and(|number| number.class() == LexicalClass::Integer)
}

const NAMES: [&str; 2] = ["scope_faithfulness_freshness", "checkpoint_selection_evidence"];
const LISTS: [&str; 2] = ["later_checkpoints", "observed_checkpoints"];
