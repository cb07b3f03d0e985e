// SPDX-License-Identifier: Apache-2.0

//! Limits on what verifying receipts may cost.

/// What verifying the receipts of one checkpoint may cost.
///
/// A checkpoint is anyone's text until its signature is checked, and so are its receipts; checking
/// an RSA signature costs the verifier more than writing it down cost its author.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TsaLimits {
    /// Receipts of one checkpoint. Default 32; issuers ask two or three authorities.
    pub receipts: usize,
    /// Bytes of a token. Default 256 KiB; tokens with all their certificates have about 8 KiB.
    pub token_bytes: usize,
    /// Certificates in a token. Default 32.
    pub token_certificates: usize,
    /// Certificates from the signer to the root, both included. Default 8.
    pub path_certificates: usize,
    /// Signatures of certificates that are checked for one token. Default 64.
    pub signature_checks: usize,
    /// Bytes of a bundle of authorities. Default 4 MiB.
    pub bundle_bytes: usize,
    /// Certificates in a bundle. Default 2,048; browsers have about 150.
    pub bundle_certificates: usize,
}

impl Default for TsaLimits {
    fn default() -> Self {
        Self {
            receipts: 32,
            token_bytes: 256 * 1024,
            token_certificates: 32,
            path_certificates: 8,
            signature_checks: 64,
            bundle_bytes: 4 * 1024 * 1024,
            bundle_certificates: 2_048,
        }
    }
}
