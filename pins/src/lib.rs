// SPDX-License-Identifier: Apache-2.0

#![doc = include_str!("../README.md")]

mod allow_list;
mod artifact_document;
mod own_artifacts;
mod pack_document;
mod pack_files;
mod pack_path;
mod pin_blocks;
mod pin_failure;
mod pin_reference;
mod registry_release;
#[cfg(feature = "schema")]
mod registry_schema;
mod required_claims;
mod resolver;
mod semantics;

pub use allow_list::{ALLOW_LIST, Publisher, ReleasedArtifact, Selection};
pub use artifact_document::{ArtifactDocument, ArtifactDocumentError};
pub use own_artifacts::OWN_ARTIFACTS;
pub use pack_document::PackDocument;
pub use pack_files::{ARTIFACT_BYTES, InMemoryPackFiles, NoPackFiles, PackFileProblem, PackFiles};
pub use pack_path::{PackPath, PackPathProblem};
pub use pin_blocks::{Pin, PinBlocks, PinWriteError, PinWriter};
pub use pin_failure::PinFailure;
pub use registry_release::RegistryRelease;
#[cfg(feature = "schema")]
pub use registry_schema::claim_registry_schema;
pub use required_claims::{Enforcement, enforce_required};
pub use resolver::resolve;
pub use semantics::{RequestedClaim, Resolution, Semantics};
