// SPDX-License-Identifier: Apache-2.0

//! Predicates, scope states, scope-faithful exports and dispatch absence.
//!
//! ```text
//! pack            evidence that issuers make, which can be bent at will, and how it is judged
//! predicate       the grammar of predicates, and what they match
//! merkle          commitments
//! scope_state     rules about scope states, each code once
//! faithfulness    rules about segments, each code once
//! absence         rules about dispatches after a revocation
//! issue           what issuers make, and what they are refused
//! model           membership, trees and segments once more, naively, compared on generated ones
//! robustness      nothing that is read ends in a panic
//! reference       what the reference made and answered, if it is there
//! ```

#![cfg(test)]

mod absence;
mod faithfulness;
mod issue;
mod merkle;
mod model;
mod pack;
mod predicate;
mod reference;
mod robustness;
mod scope_state;
