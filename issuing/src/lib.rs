// SPDX-License-Identifier: Apache-2.0

#![doc = include_str!("../README.md")]

mod closing;
mod command_signer;
mod export;
mod issuer;
mod journal;
mod key_folder;
mod permit_standing;
mod refusal;
mod store;
mod whole_file;

pub use closing::Closing;
pub use command_signer::CommandSigner;
pub use export::{ExportError, ExportForm, ExportRequest, Exported, write_export};
pub use issuer::{EventInput, Issuer, RevocationInput};
pub use journal::{Access, JournalError};
pub use key_folder::{AnySigner, KeyFolder, KeyFolderError, read_key};
pub use permit_standing::PermitStanding;
pub use refusal::{IssuingError, Refusal};
pub use store::{Chains, Project, ProjectStore, StoreCounts, StoreError, Transaction};
pub use whole_file::{Existing, WholeFile, WriteError, write_whole, write_whole_secret};
