// SPDX-License-Identifier: Apache-2.0

//! What is reported about a checkpoint beside its claims.

use permit_canonical_json::{Node, Object, Value};
use permit_checkpoint::{CheckpointFacts, ImprintProof, ReceiptTrust, SignatureProof, TsaReceipt};
use permit_claims::{ClaimFault, Report};

use crate::checkpoint::CheckpointEvidence;

/// The report about a checkpoint: claims and findings like any other, and what the checkpoint says.
#[derive(Clone, Debug)]
pub struct CheckpointReport {
    /// Outcome, claims, findings.
    pub report: Report,
    members: Members,
}

/// A receipt as far as its imprint was compared.
#[derive(Clone, Debug)]
pub(crate) struct ImprintReport {
    provider: Option<String>,
    url: Option<String>,
    requested_at: Option<String>,
    verified: bool,
    reason: String,
}

impl ImprintReport {
    pub(crate) fn of(receipt: &TsaReceipt<'_>, judged: &Result<ImprintProof, ClaimFault>) -> Self {
        Self {
            provider: receipt.provider().map(str::to_owned),
            url: receipt.url().map(str::to_owned),
            requested_at: receipt.requested_at().map(str::to_owned),
            verified: judged.is_ok(),
            reason: match judged {
                Ok(_) => "the token stamps the composite hash".to_owned(),
                Err(fault) => fault.message().to_owned(),
            },
        }
    }
}

#[derive(Clone, Debug, Default)]
struct Members {
    checkpoint_id: Option<String>,
    computed_at: Option<String>,
    composite_hash: Option<String>,
    chain_heads: u64,
    key: Option<(String, Option<String>)>,
    self_attested: bool,
    receipts_present: bool,
    imprints: Vec<ImprintReport>,
    skipped: Vec<[Option<String>; 3]>,
    authorities: Option<String>,
    trust: Vec<ReceiptTrust>,
}

impl CheckpointReport {
    /// About something that could not be read as a checkpoint.
    pub(crate) fn unread(report: Report) -> Self {
        Self { report, members: Members::default() }
    }

    pub(crate) fn of(
        report: Report,
        facts: Option<&CheckpointFacts<'_>>,
        imprints: Vec<ImprintReport>,
        trust: Vec<ReceiptTrust>,
        evidence: &CheckpointEvidence<'_>,
    ) -> Self {
        let mut members = Members { imprints, trust, ..Members::default() };
        members.authorities = evidence.authorities.as_ref().map(|all| all.name.clone());
        if let Some(facts) = facts {
            members.take(facts, evidence.skip_receipts);
        }
        Self { report, members }
    }

    /// The report as JSON, in the layout of the reference.
    #[must_use]
    pub fn to_json(&self) -> Value<'static> {
        let mut object = match self.report.to_json().into_node() {
            Node::Object(object) => object,
            _ => Object::default(),
        };
        if object.get("error").is_none() {
            object.insert("error", ());
        }
        let own = &self.members;
        object.insert("checkpoint_id", own.checkpoint_id.clone());
        object.insert("computed_at", own.computed_at.clone());
        object.insert("composite_hash", own.composite_hash.clone());
        object.insert("chain_heads_count", own.chain_heads);
        let (key, key_id) = match &own.key {
            Some((key, key_id)) => (Some(key.clone()), key_id.clone()),
            None => (None, None),
        };
        let source = key.as_ref().and(self.report.trust.source.clone());
        object.insert("public_key", key);
        object.insert("key_id", key_id);
        object.insert("trust_source", source);
        object.insert("self_attested", own.self_attested);
        object.insert("tsa", own.tsa());
        object.insert("tsa_receipts", own.tsa_receipts());
        object.insert("tsa_trust", own.tsa_trust());
        object.into()
    }
}

impl Members {
    fn take(&mut self, facts: &CheckpointFacts<'_>, skipped: bool) {
        self.checkpoint_id = facts.checkpoint_id().map(str::to_owned);
        self.computed_at = facts.computed_at().map(str::to_owned);
        self.composite_hash = facts.stated_composite_hash().map(str::to_owned);
        self.chain_heads = u64::try_from(facts.chain_heads_count()).unwrap_or(u64::MAX);
        self.receipts_present = !facts.receipts().is_empty();
        let key = match facts.signature() {
            Some(Ok(proof)) => Some(proof.key_text().to_owned()),
            Some(Err(fault)) => fault.key.as_ref().map(|key| key.key_text().to_owned()),
            None => None,
        };
        self.key = key.map(|key| (key, facts.reported_key_id()));
        let proof = facts.signature().and_then(Result::ok);
        self.self_attested = proof.is_some_and(SignatureProof::is_self_attested);
        if skipped {
            let text = |text: Option<&str>| text.map(str::to_owned);
            let all = facts.receipts().iter();
            self.skipped = all
                .map(|one| [text(one.provider()), text(one.url()), text(one.requested_at())])
                .collect();
        }
    }

    fn tsa(&self) -> Value<'static> {
        let first = self.imprints.first();
        let verified =
            match (self.imprints.is_empty(), self.imprints.iter().all(|one| one.verified)) {
                (true, _) => None,
                (false, all) => Some(all),
            };
        let reason = match (verified, self.imprints.as_slice()) {
            (Some(true), [_, _, ..]) => {
                let count = self.imprints.len();
                Some(format!("{count} TSA receipt(s) match composite_hash"))
            }
            (Some(false), all) => {
                all.iter().find(|one| !one.verified).map(|one| one.reason.clone())
            }
            _ if !self.skipped.is_empty() => Some("skipped".to_owned()),
            _ => first.map(|one| one.reason.clone()),
        };
        Value::object([
            ("present", Value::from(self.receipts_present)),
            ("checked", (!self.imprints.is_empty()).into()),
            ("verified", verified.into()),
            ("reason", reason.into()),
            ("url", first.and_then(|one| one.url.clone()).into()),
            ("requested_at", first.and_then(|one| one.requested_at.clone()).into()),
        ])
    }

    fn tsa_receipts(&self) -> Value<'static> {
        let checked = self.imprints.iter().map(|one| {
            receipt_json(
                [&one.provider, &one.url, &one.requested_at],
                Some(one.verified),
                Some(one.reason.clone()),
            )
        });
        let skipped = self.skipped.iter().map(|[provider, url, requested_at]| {
            receipt_json([provider, url, requested_at], None, Some("skipped".to_owned()))
        });
        Value::array(checked.chain(skipped))
    }

    fn tsa_trust(&self) -> Value<'static> {
        let receipts = self.trust.iter().map(|one| {
            let error = one.problem().map(ToString::to_string);
            Value::object([
                ("provider", Value::from(one.provider().to_owned())),
                ("tsa_trust_status", one.status().as_str().into()),
                ("imprint_match", one.imprint_match().into()),
                ("cms_signature_valid", one.cms_signature_valid().into()),
                ("certificate_chain_valid", one.certificate_chain_valid().into()),
                ("eku_checked", one.eku_checked().into()),
                ("eku_valid", one.eku_valid().into()),
                ("verification_error", error.into()),
                ("stamp", stamp_json(one)),
            ])
        });
        Value::object([
            ("openssl_version", Value::from(())),
            ("ca_bundle", self.authorities.clone().into()),
            ("revocation_checked", false.into()),
            ("verification_scope", VERIFICATION_SCOPE.into()),
            ("revocation_note", REVOCATION_NOTE.into()),
            ("receipts", Value::array(receipts)),
        ])
    }
}

fn receipt_json(
    [provider, url, requested_at]: [&Option<String>; 3],
    verified: Option<bool>,
    reason: Option<String>,
) -> Value<'static> {
    Value::object([
        ("provider", Value::from(provider.clone())),
        ("url", url.clone().into()),
        ("requested_at", requested_at.clone().into()),
        ("checked", verified.is_some().into()),
        ("verified", verified.into()),
        ("reason", reason.into()),
    ])
}

/// What a trusted authority states.
fn stamp_json(receipt: &ReceiptTrust) -> Value<'static> {
    let Some(stamp) = receipt.stamp() else { return Value::from(()) };
    Value::object([
        ("gen_time", Value::from(stamp.gen_time().to_string())),
        ("accuracy_micros", stamp.accuracy_micros().into()),
        ("policy", stamp.policy().to_owned().into()),
        ("serial", stamp.serial().to_owned().into()),
        ("signer", stamp.signer().to_owned().into()),
        ("signer_certificate", stamp.signer_certificate().prefixed().to_string().into()),
        ("root", stamp.root().to_owned().into()),
        ("root_certificate", stamp.root_certificate().prefixed().to_string().into()),
    ])
}

const VERIFICATION_SCOPE: &str = "imprint, signature of the token, certificates up to a root of the bundle, at the time of the stamp";
const REVOCATION_NOTE: &str =
    "whether certificates were revoked is not asked: nothing here goes online";
