// SPDX-License-Identifier: Apache-2.0

//! Whether events of one scope were told apart, since the scope was named behind some of them.
//!
//! An event without a scope belongs to the project of its document. If the project is named
//! behind the event, it was shown as one without a scope. That is no harm as long as no other event was
//! shown as one of that project: what is linked is looked at within a scope, so that a chain in
//! two groups would hold although it is broken between them.

use std::collections::BTreeSet;

use permit_canonical_json::{ByteRange, JsonPointer, Sha256Digest, Value};
use permit_chain::EntryPlace;

use crate::{
    entry_path::entry_pointer,
    export_visitor::Entry,
    structure_fault::{StructureFault, StructureFaultKind},
};

/// The scopes that events were shown with.
#[derive(Debug, Default)]
pub(crate) struct EventScopes {
    /// The first event that was shown without one.
    without: Option<EntryPlace>,
    /// Digests of those that are a project's, from when on they matter.
    projects: BTreeSet<Sha256Digest>,
    too_many: bool,
}

impl EventScopes {
    /// Takes an event as it was shown.
    pub(crate) fn note(&mut self, entry: &Entry<'_>, project_known: bool) {
        if project_known && self.without.is_none() {
            return;
        }
        let stated =
            entry.fields.chain_scope.and_then(Value::as_str).filter(|text| !text.is_empty());
        match stated.or(entry.fields.default_scope) {
            None => {
                let (array, range) = (entry.layout.array(), entry.fields.range);
                self.without.get_or_insert(EntryPlace { array, index: entry.index, range });
            }
            Some(scope) if scope.starts_with(PROJECT) => {
                let scope = Sha256Digest::of(scope.as_bytes());
                self.too_many |= self.projects.len() >= PROJECTS && !self.projects.contains(&scope);
                if !self.too_many {
                    self.projects.insert(scope);
                }
            }
            Some(_) => {}
        }
    }

    /// The fault, if events of this project's scope were told apart.
    pub(crate) fn fault(&self, project_id: &str) -> Option<StructureFault> {
        let place = self.without?;
        let scope = scope_of_project(project_id);
        if !self.too_many && !self.projects.contains(&Sha256Digest::of(scope.as_bytes())) {
            return None;
        }
        let (pointer, range): (JsonPointer, ByteRange) = (entry_pointer(place), place.range);
        Some(StructureFault {
            kind: StructureFaultKind::ScopeNamedLate,
            pointer,
            range,
            found: None,
        })
    }
}

/// The scope of a project's events that name none.
pub(crate) fn scope_of_project(project_id: &str) -> String {
    format!("{PROJECT}{project_id}")
}

const PROJECT: &str = "project:";

/// Scopes that are remembered; beyond these, it is taken for granted that one of them is meant.
const PROJECTS: usize = 1024;
