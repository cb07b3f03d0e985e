// SPDX-License-Identifier: Apache-2.0

//! Finding the trust root: a flag, the environment, the configuration folder; nothing else.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
};

use permit_canonical_json::Budget;
use permit_claims::{ClaimReport, Verdict};
use permit_failure_codes::{FailureCode, Reason, ReasonClass};
use permit_keys::{KeyManifest, Mode};
use permit_verifier::Trust;

use crate::{args::TrustArgs, files};

/// Why there is nobody to trust.
pub(crate) struct NoTrust {
    /// Whether a trust root was given and refused: nobody is trusted then, whoever signed.
    pub(crate) is_refused: bool,
    pub(crate) message: String,
    pub(crate) help: String,
}

/// The trust of a run.
pub(crate) struct Found {
    pub(crate) trust: Trust,
    /// What to say if it turns out that somebody has to be trusted, and there is nobody.
    pub(crate) nobody: Option<NoTrust>,
}

impl Found {
    /// [`Found::is_missed`] of claims.
    pub(crate) fn is_missed_by(&self, claims: &[ClaimReport]) -> Option<&NoTrust> {
        let open = claims.iter().filter(|claim| claim.verdict == Verdict::InsufficientEvidence);
        self.is_missed(open.map(|claim| claim.reason))
    }

    /// Whether the verdict hangs on a trust root that nobody gave. Evidence can be shown to be wrong
    /// without one, but never to be right.
    pub(crate) fn is_missed(&self, reasons: impl IntoIterator<Item = Reason>) -> Option<&NoTrust> {
        let nobody = self.nobody.as_ref()?;
        reasons.into_iter().any(needs_a_key).then_some(nobody)
    }
}

/// Whether this is what a claim says that was left open for want of a key.
fn needs_a_key(reason: Reason) -> bool {
    let of_closures = reason.code() == Some(FailureCode::WalkClosureSignatureInvalid);
    of_closures
        || matches!(
            reason.class(),
            Some(
                ReasonClass::TrustRootUnresolvable
                    | ReasonClass::PermitOperatorApprovalKeyNotTrusted
                    | ReasonClass::PermitCounterSignatureKeyNotTrusted
                    | ReasonClass::PermitAuditAttestationKeyNotTrusted
            )
        )
}

/// The trust that the command line asks for; where it names none, one that trusts nobody.
pub(crate) fn find(args: &TrustArgs) -> Result<Found, NoTrust> {
    if let (Some(address), true) = (args.address(), args.offline) {
        return Ok(Found { trust: unfetched(&address), nobody: None });
    }
    match named_or_configured(args) {
        Ok(Some(trust)) => Ok(Found { trust, nobody: None }),
        Ok(None) => {
            let trust = Trust::nobody("nobody: no trust root was given");
            Ok(Found { trust, nobody: Some(nobody()) })
        }
        Err(none) => Err(none),
    }
}

/// The trust of who names an address and says that there is no network.
pub(crate) fn unfetched(address: &str) -> Trust {
    Trust::nobody(format!(
        "nobody: {address} was not fetched, since this verifier never goes online"
    ))
}

fn named_or_configured(args: &TrustArgs) -> Result<Option<Trust>, NoTrust> {
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
            None => return Ok(None),
        },
    };
    Ok(Some(trust.in_mode(mode)))
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
            is_refused: false,
            message: format!("the trust root `{shown}` is an address, not a file"),
            help: "this verifier never goes online: fetch the key manifest yourself, check it, and give the file".into(),
        });
    }
    let bytes = files::read_small(path, LARGEST_TRUST_ROOT).map_err(|error| NoTrust {
        is_refused: false,
        message: format!("the trust root `{shown}` cannot be opened: {error}"),
        help: "check the path and its permissions".into(),
    })?;
    KeyManifest::read(&bytes, &Budget::default()).map_err(|error| NoTrust {
        is_refused: true,
        message: format!("the trust root `{shown}` cannot be used: {error}"),
        help: error.help().into(),
    })
}

fn nobody() -> NoTrust {
    NoTrust {
        is_refused: false,
        message: "nobody is trusted: there is no trust root".into(),
        help: "give the issuer's key manifest with --key-manifest FILE (get it by a way you trust), or set \
               PERMIT_TRUST_ROOT, or put it at permit/trust-root.json in your configuration folder; \
               --self-attested checks integrity without saying who signed"
            .into(),
    }
}

/// A key has some hundred bytes; nobody has so many.
const LARGEST_TRUST_ROOT: u64 = 16 * 1024 * 1024;
