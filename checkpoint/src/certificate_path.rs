// SPDX-License-Identifier: Apache-2.0

//! From a signer's certificate to a root that the caller trusts.
//!
//! ```text
//! each certificate   valid at the time of the stamp, no critical extension that is not understood
//! the signer         no issuer of certificates (RFC 5280), key for signatures alone
//! each issuer        may issue, for time stamps, with so many issuers below it; its key signed the one below
//! the root           one of the bundle, byte for byte
//! ```
//!
//! Names only suggest whom to try. What is believed rests on signatures up to a root, and the
//! root is believed since the caller gave it.

use permit_types::Instant;

use crate::{
    ca_bundle::CaBundle,
    certificate::Certificate,
    tsa_limits::TsaLimits,
    tsa_problem::{CertificateFault, TsaProblem},
};

/// Looks for a path; gives the certificates from the signer to the root.
pub(crate) fn find_path<'c>(
    signer: &'c Certificate,
    carried: &'c [Certificate],
    bundle: &'c CaBundle,
    at: Instant,
    limits: &'c TsaLimits,
) -> Result<Vec<&'c Certificate>, TsaProblem> {
    let of_signer = |fault| certificate_fault(signer, fault);
    signer.check_standing(at).map_err(of_signer)?;
    signer.check_key_usage_of_signer().map_err(of_signer)?;
    if signer.may_issue() && !bundle.has_root(signer) {
        return Err(of_signer(CertificateFault::IssuesCertificates));
    }
    let mut search =
        Search { carried, bundle, at, limits, checks: limits.signature_checks, path: vec![signer] };
    search.extend()?;
    Ok(search.path)
}

struct Search<'c> {
    carried: &'c [Certificate],
    bundle: &'c CaBundle,
    at: Instant,
    limits: &'c TsaLimits,
    /// Signature checks that are left.
    checks: usize,
    path: Vec<&'c Certificate>,
}

impl<'c> Search<'c> {
    /// Goes on from the end of the path until a root is reached. The depth is limited, and so is
    /// the number of signatures that are checked, which nothing goes on without.
    fn extend(&mut self) -> Result<(), TsaProblem> {
        let Some(last) = self.path.last().copied() else { return Ok(()) };
        if self.bundle.has_root(last) {
            return Ok(());
        }
        let limit = self.limits.path_certificates;
        if self.path.len() >= limit {
            return Err(TsaProblem::PathTooLong { limit });
        }
        let mut telling = None;
        for issuer in self.issuers_of(last) {
            match self.try_issuer(last, issuer) {
                Ok(()) => return Ok(()),
                Err(limit @ TsaProblem::TooMuchWork { .. }) => return Err(limit),
                Err(problem) => keep_telling(&mut telling, problem),
            }
        }
        Err(telling.unwrap_or_else(|| TsaProblem::IssuerUnknown {
            subject: last.subject_text(),
            issuer: last.issuer().to_string().into(),
        }))
    }

    fn try_issuer(
        &mut self,
        issued: &'c Certificate,
        issuer: &'c Certificate,
    ) -> Result<(), TsaProblem> {
        let of_issuer = |fault| certificate_fault(issuer, fault);
        issuer.check_standing(self.at).map_err(of_issuer)?;
        issuer.check_as_issuer(self.issuers_below()).map_err(of_issuer)?;
        let limit = self.limits.signature_checks;
        self.checks = self.checks.checked_sub(1).ok_or(TsaProblem::TooMuchWork { limit })?;
        issued.check_signed_by(issuer).map_err(|fault| certificate_fault(issued, fault))?;
        self.path.push(issuer);
        let reached = self.extend();
        if reached.is_err() {
            self.path.pop();
        }
        reached
    }

    /// Who may have issued a certificate, roots first, and nobody who is on the path already.
    fn issuers_of(&self, issued: &'c Certificate) -> Vec<&'c Certificate> {
        let known = self.bundle.certificates().chain(self.carried);
        known
            .filter(|issuer| issued.names_as_issuer(issuer))
            .filter(|issuer| !self.path.iter().any(|on_path| on_path.is_same_as(issuer)))
            .collect()
    }

    /// Issuers on the path so far that count for a limit: all but those that renewed themselves.
    fn issuers_below(&self) -> usize {
        self.path.iter().skip(1).filter(|issuer| !issuer.is_self_named()).count()
    }
}

/// Keeps the problem that tells most: a fault of a certificate rather than that one is not there.
fn keep_telling(telling: &mut Option<TsaProblem>, problem: TsaProblem) {
    let is_vague = |problem: &TsaProblem| !matches!(problem, TsaProblem::Certificate { .. });
    if telling.as_ref().is_none_or(|kept| is_vague(kept) && !is_vague(&problem)) {
        *telling = Some(problem);
    }
}

fn certificate_fault(certificate: &Certificate, fault: CertificateFault) -> TsaProblem {
    TsaProblem::Certificate { subject: certificate.subject_text(), fault }
}
