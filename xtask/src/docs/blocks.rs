// SPDX-License-Identifier: Apache-2.0

//! Which blocks there are, and what makes them.

use super::{
    chain_examples, conformance_examples, decision_examples, delegation_examples,
    member_table::member_table, pinning_examples, record_examples, scope_examples, story::Story,
    tables, workflow_examples,
};
use crate::ChoreError;

/// What makes a block, of the words behind its name.
type Maker = fn(&Story, &[&str]) -> Result<String, ChoreError>;

/// All blocks by name.
pub(crate) const BLOCKS: &[(&str, Maker)] = &[
    ("allow-list", |_, _| Ok(tables::allow_list())),
    ("claims", |_, _| Ok(tables::claims())),
    ("codes", |_, words| tables::codes(one(words)?)),
    ("comparator", |_, _| Ok(tables::comparator())),
    ("digest-fields", |_, _| Ok(tables::digest_fields())),
    ("digest-matrix", |_, _| Ok(tables::digest_matrix())),
    ("event-members", |_, _| Ok(tables::event_members())),
    ("example-absence", |story, _| scope_examples::absence(story)),
    ("example-chain-entry", |story, _| chain_examples::chain_entry(story)),
    ("example-checkpoint", |story, _| scope_examples::checkpoint(story)),
    ("example-closure", |story, _| chain_examples::closure(story)),
    ("example-comparator", |_, _| Ok(delegation_examples::comparator())),
    ("example-conformance", |story, _| conformance_examples::answer(story)),
    ("example-decision", |story, _| decision_examples::decision(story)),
    ("example-delegation", |story, _| delegation_examples::delegation(story)),
    ("example-key-manifest", |story, _| record_examples::key_manifest(story)),
    ("example-manifest", |story, _| record_examples::manifest(story)),
    ("example-payload", |_, _| record_examples::payload()),
    ("example-permit", |story, _| record_examples::permit(story)),
    ("example-pins", |_, _| pinning_examples::pins()),
    ("example-predicate", |story, _| scope_examples::predicate(story)),
    ("example-report", |story, _| record_examples::report(story)),
    ("example-revocation", |story, _| decision_examples::revocation(story)),
    ("example-scope-state", |story, _| scope_examples::scope_state(story)),
    ("example-segment", |story, _| scope_examples::segment(story)),
    ("example-story", |story, _| record_examples::story(story)),
    ("example-wire-body", |story, _| record_examples::wire_body(story)),
    ("example-workflow", |story, _| workflow_examples::workflow(story)),
    ("incident-members", |_, _| Ok(tables::incident_members())),
    ("layers", |_, _| tables::layers()),
    ("legacy-profile", |_, _| Ok(tables::legacy_profile())),
    ("levels", |_, _| Ok(tables::levels())),
    ("members", |_, words| match words {
        [schema] => member_table(schema, None),
        [schema, inner] => member_table(schema, Some(inner)),
        _ => Err("a schema, and perhaps an object inside it".into()),
    }),
    ("messages", |_, _| Ok(tables::messages())),
    ("ops", |_, _| tables::ops()),
    ("predicate-kinds", |_, _| tables::predicate_kinds()),
    ("purposes", |_, _| Ok(tables::purposes())),
    ("reasons", |_, words| tables::reasons(one(words)?)),
    ("registries", |_, _| Ok(tables::registries())),
    ("sentinel", |_, _| Ok(tables::sentinel())),
    ("slots", |_, _| Ok(tables::slots())),
    ("stripped-keys", |_, _| Ok(tables::stripped_keys())),
];

/// What stands in a block; nothing if none has this name.
pub(crate) fn block(story: &Story, name: &str) -> Option<Result<String, ChoreError>> {
    let mut words = name.split(' ');
    let first = words.next()?;
    let words: Vec<&str> = words.collect();
    let (_, maker) = BLOCKS.iter().find(|(name, _)| *name == first)?;
    Some(maker(story, &words))
}

fn one<'w>(words: &[&'w str]) -> Result<&'w str, ChoreError> {
    match words {
        [word] => Ok(word),
        _ => Err("one word has to follow the name of the block".into()),
    }
}
