// SPDX-License-Identifier: Apache-2.0

#![doc = include_str!("../README.md")]

mod control;
mod control_form;
mod disclaimer;
mod evidence_artifact;
mod framework;
mod mapping_error;
mod mappings;
#[cfg(feature = "schema")]
mod schema;
mod support;

pub use control::{Control, Evidence, EvidenceType, NonMapping, NonMappingStatus};
pub use control_form::is_control_id;
pub use disclaimer::{Disclaimer, DisclaimerList};
pub use evidence_artifact::{ArtifactList, EvidenceArtifact};
pub use framework::{CitationCheck, Framework, FrameworkId};
pub use mapping_error::MappingError;
pub use mappings::Mappings;
#[cfg(feature = "schema")]
pub use schema::MappingSchema;
pub use support::{ControlSupport, EvidencePresent, FrameworkSupport};
