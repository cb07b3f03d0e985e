// SPDX-License-Identifier: Apache-2.0

//! `permit-conformance schema`

use permit_conformance::protocol_schemas;

use crate::{args::SchemaArgs, output};

pub(crate) fn run(args: &SchemaArgs) -> Result<u8, String> {
    for (name, text) in protocol_schemas() {
        match &args.write {
            Some(folder) => output::write(&folder.join(name), &text)?,
            None => output::print(&text)?,
        }
    }
    Ok(0)
}
