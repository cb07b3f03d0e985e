// SPDX-License-Identifier: Apache-2.0

//! What evidence consists of, for saying which part of it is broken.

use crate::word::words;

words! {
    /// A layer of the evidence. A case says of each layer that it touches whether it holds
    /// (CONFM-08).
    EvidenceLayer {
        /// Every document is JSON.
        Json = "json",
        /// Every document has its form.
        Schema = "schema",
        /// The manifest's hash is that of the export.
        ManifestHash = "manifest_hash",
        /// The manifest's signature holds.
        ManifestSignature = "manifest_signature",
        /// Every entry hashes to its record hash.
        ChainRecordHash = "chain_record_hash",
        /// Every entry names the one before it.
        ChainLinkage = "chain_linkage",
        /// Sequence numbers rise, in the order of delivery too.
        ChainSequence = "chain_sequence",
        /// A closure's dispatch digest is its permit's.
        ClosureDispatchBinding = "closure_dispatch_binding",
        /// A closure's provider digest is that of an event.
        ClosureProviderBinding = "closure_provider_binding",
        /// A closure's client digest is that of an event.
        ClosureClientBinding = "closure_client_binding",
        /// The permit's hash is that of the request that was sent.
        PermitDispatchBinding = "permit_dispatch_binding",
        /// The time-stamp receipt is for this checkpoint.
        TsaReceipt = "tsa_receipt",
        /// Every key was to be used, then and for that.
        KeyValidity = "key_validity",
        /// Documents have the canonical forms that are stated.
        Canonicalization = "canonicalization",
    }
}
