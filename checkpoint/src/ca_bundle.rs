// SPDX-License-Identifier: Apache-2.0

//! The authorities that a caller trusts to stamp time.

use base64::Engine as _;
use permit_canonical_json::Sha256Digest;

use crate::{
    certificate::Certificate, tsa_limits::TsaLimits, tsa_problem::CaBundleError,
    tsa_receipt::BASE64,
};

/// A bundle of certificates that were read: the roots that are trusted, and others that may lead to them.
///
/// A certificate is a root if it issued itself. The others are believed only if a root vouches for
/// them, as OpenSSL takes it too, so that putting an intermediate into the bundle trusts nobody.
#[derive(Clone, Debug)]
pub struct CaBundle {
    digest: Sha256Digest,
    roots: Vec<Certificate>,
    others: Vec<Certificate>,
    unusable: usize,
}

impl CaBundle {
    /// Reads the certificates of a PEM file; all text around them is passed over.
    ///
    /// Certificates that cannot be read are counted and left out, since bundles of whole systems
    /// have some that are of no use for anything.
    ///
    /// ```
    /// use permit_checkpoint::{CaBundle, CaBundleError, TsaLimits};
    ///
    /// let error = CaBundle::read(b"no certificates", &TsaLimits::default()).unwrap_err();
    /// assert_eq!(error, CaBundleError::NoRoot { certificates: 0, unusable: 0 });
    /// ```
    ///
    /// # Errors
    /// If the file is beyond the limits, damaged, or has no root.
    pub fn read(pem: &[u8], limits: &TsaLimits) -> Result<Self, CaBundleError> {
        let limit = limits.bundle_bytes;
        if pem.len() > limit {
            return Err(CaBundleError::TooLong { limit });
        }
        let text = String::from_utf8_lossy(pem);
        let blocks = (1..).zip(text.split(BEGIN).skip(1));
        let certificates = blocks
            .map(|(number, block)| read_block(block).ok_or(CaBundleError::Damaged { number }));
        Self::of(Sha256Digest::of(pem), certificates, limits)
    }

    fn of(
        digest: Sha256Digest,
        certificates: impl Iterator<Item = Result<Vec<u8>, CaBundleError>>,
        limits: &TsaLimits,
    ) -> Result<Self, CaBundleError> {
        let mut bundle = Self { digest, roots: Vec::new(), others: Vec::new(), unusable: 0 };
        for certificate in certificates {
            if bundle.count() >= limits.bundle_certificates {
                return Err(CaBundleError::TooMany { limit: limits.bundle_certificates });
            }
            match Certificate::read(&certificate?) {
                Some(root) if root.is_self_issued() => bundle.roots.push(root),
                Some(other) => bundle.others.push(other),
                None => bundle.unusable += 1,
            }
        }
        if bundle.roots.is_empty() {
            let (certificates, unusable) = (bundle.count(), bundle.unusable);
            return Err(CaBundleError::NoRoot { certificates, unusable });
        }
        Ok(bundle)
    }

    /// The SHA-256 digest of the file, by which reports name it.
    #[must_use]
    pub fn digest(&self) -> Sha256Digest {
        self.digest
    }

    /// Number of roots.
    #[must_use]
    pub fn roots(&self) -> usize {
        self.roots.len()
    }

    /// Number of certificates that could not be read.
    #[must_use]
    pub fn unusable(&self) -> usize {
        self.unusable
    }

    fn count(&self) -> usize {
        self.roots.len() + self.others.len() + self.unusable
    }

    /// Whether this very certificate is a root of the bundle.
    pub(crate) fn has_root(&self, certificate: &Certificate) -> bool {
        self.roots.iter().any(|root| root.is_same_as(certificate))
    }

    /// All certificates, roots first.
    pub(crate) fn certificates(&self) -> impl Iterator<Item = &Certificate> {
        self.roots.iter().chain(&self.others)
    }
}

/// The certificate between the two marks; the first is cut off already.
fn read_block(block: &str) -> Option<Vec<u8>> {
    let (body, _) = block.split_once(END)?;
    let base64: String =
        body.chars().filter(|character| !character.is_ascii_whitespace()).collect();
    BASE64.decode(base64).ok()
}

const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
const END: &str = "-----END CERTIFICATE-----";
