// SPDX-License-Identifier: Apache-2.0

//! Verifiers that cheat. A corpus that lets one of them through is weak.

use std::io::{self, BufRead, Write};

use permit_claims::Claim;

use crate::{
    op::{ClaimStatus, Op, VectorResult},
    protocol::{
        Answer, AnsweredClaim, ClaimResult, Hello, Implementation, PROTOCOL, Request, RunRequest,
        from_line, to_line,
    },
    word::words,
};

words! {
    /// A way to cheat.
    Cheat {
        /// Everything passes.
        AlwaysPass = "always-pass",
        /// Everything fails, and no code is told.
        AlwaysFail = "always-fail",
        /// Everything fails with the code that is right most often.
        FirstCode = "always-the-first-code",
        /// It ends when it is asked something.
        Crash = "crash",
        /// It never answers.
        Hang = "hang",
        /// It answers what is no answer.
        Garbage = "garbage",
    }
}

impl Cheat {
    /// Answers requests until there are no more. Returns the status to end with.
    ///
    /// # Errors
    /// If the streams fail.
    pub fn serve(
        self,
        code: Option<&str>,
        input: impl BufRead,
        mut output: impl Write,
    ) -> io::Result<u8> {
        for line in input.lines() {
            let text = match from_line::<Request>(line?.as_bytes()) {
                Ok(Request::Start { .. }) => to_line(&self.hello()),
                Ok(Request::Run(request)) => match self {
                    Self::Crash => return Ok(1),
                    // Whoever asks never says anything more until there is an answer.
                    Self::Hang => continue,
                    Self::Garbage => Ok("PASS FAIL {]\n".to_owned()),
                    Self::AlwaysPass | Self::AlwaysFail | Self::FirstCode => {
                        to_line(&self.answer(&request, code))
                    }
                },
                Ok(Request::Stop) | Err(_) => return Ok(0),
            };
            output.write_all(text.unwrap_or_default().as_bytes())?;
            output.flush()?;
        }
        Ok(0)
    }

    fn hello(self) -> Hello {
        let implementation = Implementation {
            name: self.as_str().to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            language: Some("Rust".to_owned()),
            homepage: None,
            ops: Op::ALL.to_vec(),
            features: vec!["*".to_owned()],
            level_claimed: None,
            verdict_only: false,
        };
        Hello { protocol: PROTOCOL, implementation }
    }

    fn answer(self, request: &RunRequest, code: Option<&str>) -> Answer {
        let passes = self == Self::AlwaysPass;
        let verdict = if passes { ClaimStatus::Supported } else { ClaimStatus::Disproved };
        let codes: Vec<String> = code.filter(|_| !passes).map(str::to_owned).into_iter().collect();
        let claims = Claim::ALL.iter().map(|claim| AnsweredClaim {
            name: claim.as_str().to_owned(),
            verdict,
            reason: codes.first().cloned(),
        });
        let outputs = request.documents.iter().map(|role| (role.clone(), codes.first().cloned()));
        Answer {
            seq: request.seq,
            result: Some(if passes { VectorResult::Pass } else { VectorResult::Fail }),
            claims: claims.collect(),
            claim_result: request.claim.as_ref().map(|claim| ClaimResult {
                claim_type: claim.clone(),
                status: verdict,
                failure_code: codes.first().cloned(),
                revocation_status: None,
            }),
            output: outputs.collect(),
            reason_classes: codes.clone(),
            failure_codes: codes,
            ..Answer::default()
        }
    }
}
