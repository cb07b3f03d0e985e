// SPDX-License-Identifier: Apache-2.0

//! The wire objects against the property tables of the specification, and the rules about them.
//!
//! ```text
//! table        the notation of the tables, and the documents that follow from one
//! judge        a type and its schema, asked about the same document
//! objects      the tables, and what every object must do with the documents that follow
//! equality     the nine published schemas: type, schema and tables say the same
//! permit, bundle, family   the rules that need no key
//! robustness   random mutations
//! schema       the schemas that are published
//! reference    documents that others wrote, if they are there
//! ```

#![cfg(test)]

mod bundle;
#[cfg(feature = "schema")]
mod equality;
#[cfg(feature = "schema")]
mod facts;
mod family;
mod judge;
mod objects;
mod permit;
mod reference;
mod robustness;
#[cfg(feature = "schema")]
mod schema;
mod table;
