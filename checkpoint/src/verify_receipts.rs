// SPDX-License-Identifier: Apache-2.0

//! Verifying receipts themselves: that a trusted authority made them, and when.
//!
//! ```text
//! imprint    the composite hash, as a SHA-256 digest
//! signature  of the signer, over attributes that cover the time stamp and the signer's certificate
//! use        the certificate is for time stamps alone
//! chain      it leads to a root of the bundle, all certificates valid at the time of the stamp
//! ```
//!
//! All four are looked at, whatever the others say; the first that fails is the problem reported.
//! The time that certificates are judged at is the stamp's own: a receipt goes on being valid when
//! the certificates of its authority have expired, or else it would be of no use for the long term.
//! Whether the authority's key was revoked by then is not known here.

use permit_canonical_json::Sha256Digest;

use crate::{
    ca_bundle::CaBundle,
    certificate::Certificate,
    certificate_path::find_path,
    receipt_trust::{Answers, ReceiptTrust, VerifiedStamp},
    signed_token::SignedToken,
    time_stamp::TimeStamp,
    tsa_limits::TsaLimits,
    tsa_problem::{CaBundleError, CertificateFault, TsaProblem},
    tsa_receipt::{TsaReceipt, check_imprint},
};

/// Verifies receipts against a bundle of authorities, each by itself.
///
/// `composite_hash` is the one that the checkpoint states, be it right or not; none if it states
/// none. A bundle that could not be read makes every receipt invalid, as it should: the caller
/// asked, and there is no answer.
#[must_use]
pub fn verify_receipts(
    receipts: &[TsaReceipt<'_>],
    composite_hash: Option<Sha256Digest>,
    bundle: Result<&CaBundle, &CaBundleError>,
    limits: &TsaLimits,
) -> Vec<ReceiptTrust> {
    let judge = Judge { composite_hash, bundle, limits };
    let judged = receipts.iter().enumerate().map(|(index, receipt)| {
        let mut answers = Answers::default();
        let outcome = if index < limits.receipts {
            judge.judge(receipt, &mut answers)
        } else {
            Err(TsaProblem::TooManyReceipts { limit: limits.receipts })
        };
        ReceiptTrust::new(receipt, Some(answers), outcome)
    });
    judged.collect()
}

struct Judge<'j> {
    composite_hash: Option<Sha256Digest>,
    bundle: Result<&'j CaBundle, &'j CaBundleError>,
    limits: &'j TsaLimits,
}

impl Judge<'_> {
    fn judge(
        &self,
        receipt: &TsaReceipt<'_>,
        answers: &mut Answers,
    ) -> Result<VerifiedStamp, TsaProblem> {
        let composite_hash = self.composite_hash.ok_or(TsaProblem::NoCompositeHash)?;
        let token = receipt.token()?;
        let limit = self.limits.token_bytes;
        if token.len() > limit {
            return Err(TsaProblem::TokenTooLong { limit });
        }
        answers.imprint_match = check_imprint(&token, composite_hash)?;
        let bundle = self.bundle.map_err(Clone::clone)?;
        let token = SignedToken::read(&token, self.limits.token_certificates)?;
        let stamp = TimeStamp::read(token.content)?;
        stamp.check_imprint(composite_hash)?;
        let signer = token.signer_certificate()?;

        let signature = token.check_signature(signer).and_then(|()| stamp.check_authority(signer));
        answers.cms_signature_valid = signature.is_ok();
        let of_signer = |fault| certificate_problem(signer, fault);
        let usage = signer.check_use_for_stamps().map_err(of_signer);
        answers.eku_valid = Some(usage.is_ok());
        let path = find_path(signer, &token.certificates, bundle, stamp.gen_time, self.limits);
        let path = path.and_then(|path| token.check_path(&path).map(|()| path));
        answers.certificate_chain_valid = path.is_ok();

        signature?;
        usage?;
        Ok(verified(&stamp, &path?))
    }
}

/// What the authority states, once everything was checked; the path leads from the signer to the root.
fn verified(stamp: &TimeStamp<'_>, path: &[&Certificate]) -> VerifiedStamp {
    let end = |certificate: Option<&&Certificate>| {
        certificate.map_or_else(
            || (Box::default(), Sha256Digest::of(&[])),
            |certificate| (certificate.subject_text(), certificate.fingerprint()),
        )
    };
    let (signer, signer_certificate) = end(path.first());
    let (root, root_certificate) = end(path.last());
    VerifiedStamp {
        gen_time: stamp.gen_time,
        accuracy_micros: stamp.accuracy_micros(),
        policy: stamp.policy(),
        serial: stamp.serial(),
        nonce: stamp.nonce(),
        signer,
        signer_certificate,
        root,
        root_certificate,
        path_length: path.len(),
    }
}

fn certificate_problem(certificate: &Certificate, fault: CertificateFault) -> TsaProblem {
    TsaProblem::Certificate { subject: certificate.subject_text(), fault }
}
