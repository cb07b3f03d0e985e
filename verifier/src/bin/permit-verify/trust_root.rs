// SPDX-License-Identifier: Apache-2.0

//! Finding the trust root: a flag, the environment, the configuration folder; nothing else.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
};

use permit_canonical_json::Budget;
use permit_keys::{KeyManifest, Mode};
use permit_verifier::Trust;

use crate::{args::TrustArgs, files};

/// Why there is nobody to trust.
pub(crate) struct NoTrust {
    pub(crate) message: String,
    pub(crate) help: String,
}

/// The trust that the command line asks for.
pub(crate) fn find(args: &TrustArgs) -> Result<Trust, NoTrust> {
    let mode = if args.test_mode { Mode::Test } else { Mode::Production };
    let trust = match (&args.key_manifest, args.expected_key()) {
        (Some(path), _) => {
            Trust::key_manifest(read(path)?, format!("--key-manifest {}", path.display()))
        }
        (None, Some(key)) => with_configured(Trust::pinned(key))?,
        (None, None) if args.self_attested => Trust::self_attested(),
        (None, None) => match configured() {
            Some((path, way)) => {
                Trust::key_manifest(read(&path)?, format!("{way} {}", path.display()))
            }
            None => return Err(nobody()),
        },
    };
    Ok(trust.in_mode(mode))
}

/// A pinned key decides about the export alone; closures need the configured trust root, if there is one.
fn with_configured(trust: Trust) -> Result<Trust, NoTrust> {
    match configured() {
        Some((path, way)) => {
            Ok(trust.with_manifest(read(&path)?, &format!("{way} {}", path.display())))
        }
        None => Ok(trust),
    }
}

fn configured() -> Option<(PathBuf, &'static str)> {
    let variable = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    if let Some(path) = variable("PERMIT_TRUST_ROOT") {
        return Some((PathBuf::from(path), "PERMIT_TRUST_ROOT"));
    }
    let folder =
        variable("XDG_CONFIG_HOME").map(PathBuf::from).or_else(|| home_folder(variable))?;
    let path = folder.join("permit").join("trust-root.json");
    path.is_file().then_some((path, "the configured trust root"))
}

fn home_folder(variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    if cfg!(windows) {
        return variable("APPDATA").map(PathBuf::from);
    }
    variable("HOME").map(|home| Path::new(&home).join(".config"))
}

fn read(path: &Path) -> Result<KeyManifest, NoTrust> {
    let shown = path.display();
    if ["http://", "https://"].iter().any(|scheme| path.to_string_lossy().starts_with(scheme)) {
        return Err(NoTrust {
            message: format!("the trust root `{shown}` is an address, not a file"),
            help: "this verifier never goes online: fetch the key manifest yourself, check it, and give the file".into(),
        });
    }
    let bytes = files::read_small(path, LARGEST_TRUST_ROOT).map_err(|error| NoTrust {
        message: format!("the trust root `{shown}` cannot be opened: {error}"),
        help: "check the path and its permissions".into(),
    })?;
    KeyManifest::read(&bytes, &Budget::default()).map_err(|error| NoTrust {
        message: format!("the trust root `{shown}` cannot be used: {error}"),
        help: error.help().into(),
    })
}

fn nobody() -> NoTrust {
    NoTrust {
        message: "nobody is trusted: there is no trust root".into(),
        help: "give the issuer's key manifest with --key-manifest FILE (get it by a way you trust), or set \
               PERMIT_TRUST_ROOT, or put it at permit/trust-root.json in your configuration folder; \
               --self-attested checks integrity without saying who signed"
            .into(),
    }
}

/// A key has some hundred bytes; nobody has so many.
const LARGEST_TRUST_ROOT: u64 = 16 * 1024 * 1024;
