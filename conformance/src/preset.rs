// SPDX-License-Identifier: Apache-2.0

//! Verifiers whose command line and JSON are known: no adapter is needed for them.

use std::{fs, process::Command};

use permit_canonical_json::{Budget, Value, read};

use crate::{
    additions::Check,
    child::{ProcessLimits, last_words},
    command_line::CommandLine,
    exec::{Finished, run_to_end},
    op::{CanonicalProfile, ClaimStatus, Op, VectorResult, VerifierMode},
    protocol::{Answer, AnsweredClaim, ClaimResult, Implementation, RunRequest, TrustRootSource},
    session::{Session, StartError, Verifier},
    verdict_report::{answer_of, both, take_reason, text},
    word::words,
};

words! {
    /// A verifier whose command line is known.
    Preset {
        /// `permit-verify` of this project.
        PermitVerify = "permit-verify",
        /// The reference verifier, `keel-verify`.
        KeelVerify = "keel-verify",
    }
}

/// A verifier that is run by its own command line, a process for each question.
#[derive(Debug)]
pub struct PresetVerifier {
    preset: Preset,
    command: CommandLine,
    limits: ProcessLimits,
}

impl PresetVerifier {
    /// The verifier behind a command.
    #[must_use]
    pub fn new(preset: Preset, command: CommandLine, limits: ProcessLimits) -> Self {
        Self { preset, command, limits }
    }

    fn about(&self) -> Result<Implementation, String> {
        let finished = self.run(&["--version"])?;
        let output = String::from_utf8_lossy(&finished.output).into_owned();
        let version = output.split_whitespace().next_back().filter(|_| finished.status == 0);
        let version = version.ok_or_else(|| finished.reason())?.to_owned();
        let judging = [Op::VerifyBundle, Op::VerifyCheckpoint, Op::Claim];
        let hashing = [Op::Canonicalize, Op::RecordHash];
        let (ops, features, language, homepage) = match self.preset {
            Preset::PermitVerify => {
                let ops = [&judging[..], &hashing[..]].concat();
                (ops, &["*"][..], "Rust", env!("CARGO_PKG_REPOSITORY"))
            }
            Preset::KeelVerify => {
                // It has no way to be given the bytes of a request.
                let homepage = "https://github.com/keelapi/keel-verifier";
                (judging.to_vec(), &["*", "-dispatched-bytes"][..], "Python", homepage)
            }
        };
        Ok(Implementation {
            name: self.preset.as_str().to_owned(),
            version,
            language: Some(language.to_owned()),
            homepage: Some(homepage.to_owned()),
            ops,
            features: features.iter().map(|feature| (*feature).to_owned()).collect(),
            level_claimed: None,
            verdict_only: false,
        })
    }

    fn run(&self, arguments: &[&str]) -> Result<Finished, String> {
        let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
        let mut command: Command = self.command.to_command(folder.path());
        command.args(arguments);
        run_to_end(command, "", self.limits)
    }

    fn answer(&self, request: &RunRequest) -> Result<Answer, String> {
        match request.op {
            Op::VerifyBundle => self.bundle(request),
            Op::VerifyCheckpoint => self.checkpoint(request),
            Op::Claim => self.claim(request),
            Op::Canonicalize | Op::RecordHash if self.preset == Preset::PermitVerify => {
                self.digests(request)
            }
            op => Ok(Answer::skipped(request.seq, format!("there is no command for `{op}`"))),
        }
    }

    fn bundle(&self, request: &RunRequest) -> Result<Answer, String> {
        let Some(export) = file(request, "export") else { return self.checkpoint(request) };
        let mut arguments = vec!["export", export];
        arguments.extend(file(request, "manifest"));
        arguments.push("--json");
        self.trust(request, &mut arguments);
        for (check, flag) in
            [(Check::WalkEvents, "--walk-events"), (Check::VerifyClosure, "--verify-closure")]
        {
            if request.checks.contains(&check) {
                arguments.push(flag);
            }
        }
        if self.preset == Preset::PermitVerify
            && let Some(dispatched) = file(request, "dispatched_request")
        {
            arguments.extend(["--dispatched-request", dispatched]);
        }
        let answer = self.report(request, &arguments, Some(export))?;
        // A checkpoint that no scope state belongs to is judged by itself.
        match (file(request, "checkpoint"), file(request, "sidecar")) {
            (Some(_), None) => Ok(both(answer, self.checkpoint(request)?)),
            _ => Ok(answer),
        }
    }

    fn checkpoint(&self, request: &RunRequest) -> Result<Answer, String> {
        let Some(checkpoint) = file(request, "checkpoint") else {
            return Ok(Answer::skipped(request.seq, "there is no file that a command takes"));
        };
        let mut arguments = vec!["checkpoint", checkpoint, "--json"];
        self.trust(request, &mut arguments);
        if let Some(bundle) = file(request, "tsa_ca_bundle") {
            arguments.extend(["--tsa-ca-bundle", bundle]);
        }
        let mut answer = self.report(request, &arguments, None)?;
        if self.preset == Preset::PermitVerify
            && let Some(seen) = &mut answer.evidence_inspected
        {
            seen.checkpoints = seen.checkpoints.max(1);
        }
        Ok(answer)
    }

    fn trust<'r>(&self, request: &'r RunRequest, arguments: &mut Vec<&'r str>) {
        match &request.trust_root {
            Some(trust_root) => arguments.extend(["--key-manifest", trust_root.as_str()]),
            None => arguments.push("--self-attested"),
        }
        // The reference has no such mode: there, test keys count for whoever names them.
        if request.test_mode && self.preset == Preset::PermitVerify {
            arguments.push("--test-mode");
        }
    }

    /// Runs a command that prints a report.
    fn report(
        &self,
        request: &RunRequest,
        arguments: &[&str],
        export: Option<&str>,
    ) -> Result<Answer, String> {
        let finished = self.run(arguments)?;
        let report = report_in(&finished)?;
        let export = export.and_then(|path| fs::read(path).ok());
        let mut answer = answer_of(request.seq, &report, export.as_deref());
        answer.verifier_mode = Some(self.mode(request));
        answer.trust_root_source =
            request.trust_root.as_ref().map(|_| TrustRootSource::ExplicitFlag);
        Ok(answer)
    }

    fn mode(&self, request: &RunRequest) -> VerifierMode {
        if request.test_mode && self.preset == Preset::PermitVerify {
            VerifierMode::Test
        } else {
            VerifierMode::Production
        }
    }

    fn claim(&self, request: &RunRequest) -> Result<Answer, String> {
        let claim = request.claim.as_deref().unwrap_or_default();
        let mut arguments = vec!["claim"];
        if let Some(pack) = file(request, "pack") {
            if self.preset == Preset::KeelVerify {
                let reason = format!("there is no command for the claim `{claim}`");
                return Ok(Answer::skipped(request.seq, reason));
            }
            arguments.extend(["permit_chain", "--pack-file", pack]);
        } else if let Some(evidence) = file(request, "evidence") {
            arguments.extend([claim, "--evidence-file", evidence]);
            if let Some(event) = &request.event_id {
                arguments.extend(["--event-id", event.as_str()]);
            }
        } else if let Some(export) = file(request, "export") {
            arguments.extend([claim, "--export-file", export]);
            for (role, flag) in [
                ("manifest", "--manifest"),
                ("sidecar", "--sidecar"),
                ("checkpoint", "--checkpoint"),
            ] {
                arguments.extend(file(request, role).into_iter().flat_map(|path| [flag, path]));
            }
            self.trust(request, &mut arguments);
        } else {
            return Ok(Answer::skipped(request.seq, "there is no file that a command takes"));
        }
        arguments.push("--json");
        let finished = self.run(&arguments)?;
        claim_answer(request.seq, &report_in(&finished)?)
    }

    fn digests(&self, request: &RunRequest) -> Result<Answer, String> {
        let mut arguments = vec!["digest", "--json", "--profile"];
        arguments.push(match (request.op, request.profile) {
            (Op::RecordHash, _) => "record-hash",
            (_, Some(CanonicalProfile::WireBody)) => "wire-body",
            _ => "payload",
        });
        let named = request.documents.iter().map(|role| Some((role, file(request, role)?)));
        let named: Option<Vec<(&String, &str)>> = named.collect();
        let named = named.ok_or("the case lacks a document")?;
        arguments.extend(named.iter().map(|(_, path)| *path));
        let finished = self.run(&arguments)?;
        let report = report_in(&finished)?;
        let digest = |path: &str| report.get("digests")?.get(path);
        let mut answer = Answer { seq: request.seq, ..Answer::default() };
        for (role, path) in named {
            let digest = digest(path).ok_or_else(|| format!("there is no digest of `{role}`"))?;
            answer.output.insert(role.clone(), digest.as_str().map(str::to_owned));
        }
        answer.result = Some(VectorResult::Pass);
        Ok(answer)
    }
}

/// The report that a command printed; it ends with 0 or 1 if it has one. A trust root that is
/// refused resolves no key, which is an answer, too, and ends with 2.
fn report_in(finished: &Finished) -> Result<Value<'_>, String> {
    if !matches!(finished.status, 0 | 1) {
        let refusal = read(&finished.output, &Budget::default()).ok();
        let refusal = refusal.filter(|said| text(said, "error_kind") == Some("trust_root_refused"));
        return refusal.ok_or_else(|| finished.reason());
    }
    read(&finished.output, &Budget::default()).map_err(|error| {
        let words = last_words(&finished.complaints);
        format!("it ended with status {} and no report: {error}; {words}", finished.status)
    })
}

/// What a command about one claim says.
fn claim_answer(seq: u64, report: &Value<'_>) -> Result<Answer, String> {
    let status = text(report, "status").and_then(ClaimStatus::parse);
    let (Some(claim_type), Some(status)) = (text(report, "claim_type"), status) else {
        return Err("the report has no `claim_type` or no `status`".to_owned());
    };
    let mut answer = Answer { seq, ..Answer::default() };
    let supported = status == ClaimStatus::Supported;
    answer.result = Some(if supported { VectorResult::Pass } else { VectorResult::Fail });
    let (word, code) = (text(report, "reason_code"), text(report, "failure_code"));
    if !supported {
        take_reason(&mut answer, word, code);
    }
    let name = registry_name(claim_type);
    let reason = word.or(code).filter(|_| !supported).map(str::to_owned);
    answer.claims.push(AnsweredClaim { name, verdict: status, reason });
    answer.claim_result = Some(ClaimResult {
        claim_type: claim_type.to_owned(),
        status,
        failure_code: code.or(word).filter(|_| !supported).map(str::to_owned),
        revocation_status: text(report, "revocation_status").map(str::to_owned),
    });
    Ok(answer)
}

/// The name in the registry of a claim that commands call by a short one.
pub(crate) fn registry_name(claim_type: &str) -> String {
    let prefix = match claim_type {
        "delegation_denied_correctly" => "permit_chain",
        "scope_faithfulness" => "export",
        "operator_approved" | "counter_signed" | "audit_attested" => "permit",
        _ => return claim_type.to_owned(),
    };
    format!("{prefix}.{claim_type}.v1")
}

fn file<'r>(request: &'r RunRequest, role: &str) -> Option<&'r str> {
    request.files.get(role).map(String::as_str)
}

impl Verifier for PresetVerifier {
    fn start(&self) -> Result<Box<dyn Session + '_>, StartError> {
        let about = PresetVerifier::about(self).map_err(StartError::new)?;
        Ok(Box::new(PresetSession { verifier: self, about }))
    }
}

struct PresetSession<'v> {
    verifier: &'v PresetVerifier,
    about: Implementation,
}

impl Session for PresetSession<'_> {
    fn about(&self) -> &Implementation {
        &self.about
    }

    fn answer(&mut self, request: &RunRequest) -> Answer {
        self.verifier.answer(request).unwrap_or_else(|reason| Answer::errored(request.seq, reason))
    }
}
