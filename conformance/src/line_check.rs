// SPDX-License-Identifier: Apache-2.0

//! Whether lines of the protocol are what its schemas say.

use jsonschema::Validator;

use crate::protocol::protocol_schemas;

/// The kinds of lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineKind {
    /// A line of the runner.
    Request,
    /// A verifier's answer to `start`.
    Hello,
    /// A verifier's answer to `run`.
    Answer,
}

/// The schemas of the protocol, ready for use.
#[derive(Debug)]
pub struct LineCheck {
    validators: [Validator; 3],
}

impl LineCheck {
    /// Prepares the schemas.
    ///
    /// # Errors
    /// If a schema cannot be used, which is a fault of this crate.
    pub fn new() -> Result<Self, String> {
        let [request, hello, answer] = protocol_schemas().map(|(name, text)| {
            let schema: serde_json::Value =
                serde_json::from_str(&text).map_err(|error| format!("{name}: {error}"))?;
            jsonschema::validator_for(&schema).map_err(|error| format!("{name}: {error}"))
        });
        Ok(Self { validators: [request?, hello?, answer?] })
    }

    /// Holds a line against its schema.
    ///
    /// # Errors
    /// What is wrong with it, in a sentence.
    pub fn check(&self, kind: LineKind, line: &[u8]) -> Result<(), String> {
        let [request, hello, answer] = &self.validators;
        let validator = match kind {
            LineKind::Request => request,
            LineKind::Hello => hello,
            LineKind::Answer => answer,
        };
        let value: serde_json::Value = serde_json::from_slice(line)
            .map_err(|error| format!("the line is no JSON: {error}"))?;
        let mut errors = validator.iter_errors(&value);
        match errors.next() {
            None => Ok(()),
            Some(error) => {
                let place = error.instance_path().to_string();
                Err(format!("the line is not as the schema says, at `{place}`: {error}"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_held_against_the_schemas() {
        let check = LineCheck::new().unwrap();
        for (kind, line, good) in [
            (LineKind::Request, r#"{"cmd":"start","protocol":1}"#, true),
            (LineKind::Request, r#"{"cmd":"stop"}"#, true),
            (LineKind::Request, r#"{"cmd":"go"}"#, false),
            (LineKind::Answer, r#"{"seq":1,"result":"PASS"}"#, true),
            (LineKind::Answer, r#"{"seq":1,"result":"PASS","verdict":"x"}"#, false),
            (LineKind::Answer, r#"{"seq":1,"result":"OK"}"#, false),
            (LineKind::Answer, r#"{"result":"PASS"}"#, false),
            (LineKind::Answer, "PASS", false),
            (
                LineKind::Hello,
                r#"{"protocol":1,"implementation":{"name":"a","version":"1","ops":["claim"]}}"#,
                true,
            ),
            (
                LineKind::Hello,
                r#"{"protocol":1,"implementation":{"name":"a","version":"1","ops":["fly"]}}"#,
                false,
            ),
        ] {
            assert_eq!(check.check(kind, line.as_bytes()).is_ok(), good, "{line}");
        }
    }
}
