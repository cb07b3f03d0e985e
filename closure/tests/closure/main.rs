// SPDX-License-Identifier: Apache-2.0

//! Closures, rule by rule, against a naive model, and as they are sealed.
//!
//! ```text
//! bent            a closure that can be bent at will, and keys
//! history         evidence as a list of steps, in each layout, and how it is judged
//! examine         rules about one closure by itself
//! matrix          statuses x digests x what there is to compare with
//! ledger          rules about closures, permits and events together; limits
//! model           all of it once more, naively, compared on generated histories
//! seal            what issuers make
//! lifecycle       a permit from its binding to its closure, and the events of that
//! reference       what the reference made, if it is there
//! ```

#![cfg(test)]

mod bent;
mod examine;
mod history;
mod ledger;
mod lifecycle;
mod matrix;
mod model;
mod reference;
mod seal;
