// SPDX-License-Identifier: Apache-2.0

//! What is said to a program that holds a key, and what it answers: one line of JSON each.
//!
//! ```text
//! → {"message":"<base64>","protocol":"permit-signer/1","public_key":"ed25519:<base64>"}
//! ← {"signature":"ed25519:<base64>"}
//! ← {"error":"refused","reason":"<text>"}        it will not sign
//! ← {"error":"unavailable","reason":"<text>"}    it cannot, perhaps later
//! ```
//!
//! The message is what plain Ed25519 signs, neither hashed before nor with a context. An answer is at most
//! 4096 bytes; members that nobody knows are passed over, so that later versions can add some. Whoever
//! attaches an HSM, a key service or an agent writes a program of these two lines; here they are made and read.

use alloc::string::{String, ToString};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use permit_canonical_json::{Budget, Excerpt, Profile, Value, read};

use crate::{
    adaptive_key::{AdaptiveKey, TableAllowance},
    public_key::PublicKey,
    signature::{Signature, SignatureForm},
    signer::SignerError,
};

/// The version of the two lines.
pub const SIGNER_PROTOCOL: &str = "permit-signer/1";

/// One request to a program that holds a key.
///
/// ```
/// use permit_keys::{SignRequest, Signer, SoftwareKey};
///
/// let key = SoftwareKey::from_seed(&[1; 32]);
/// let request = SignRequest::new(key.public_key(), b"message");
/// assert!(request.to_line().ends_with("\"}\n"));
///
/// let signature = key.sign(b"message")?.prefixed();
/// let answer = format!("{{\"signature\":\"{signature}\"}}\n");
/// assert!(request.read_answer(answer.as_bytes()).is_ok());
/// let other = SignRequest::new(key.public_key(), b"another message");
/// assert!(other.read_answer(answer.as_bytes()).is_err());
/// # Ok::<(), permit_keys::SignerError>(())
/// ```
#[derive(Clone, Debug)]
pub struct SignRequest<'m> {
    public_key: PublicKey,
    message: &'m [u8],
}

impl<'m> SignRequest<'m> {
    /// The longest answer that is read, line break included.
    pub const LONGEST_ANSWER: usize = 4096;

    /// Asks for a signature of these bytes by this key.
    #[must_use]
    pub fn new(public_key: PublicKey, message: &'m [u8]) -> Self {
        Self { public_key, message }
    }

    /// The line to send, line break included.
    #[must_use]
    pub fn to_line(&self) -> String {
        let line = Value::object([
            ("protocol", SIGNER_PROTOCOL.to_string()),
            ("public_key", self.public_key.to_string()),
            ("message", STANDARD.encode(self.message)),
        ]);
        // There is no number in it, and only a number can have no canonical form.
        let mut line = Profile::Payload.to_text(&line).unwrap_or_default();
        line.push('\n');
        line
    }

    /// Reads the answer, and checks that it is a signature of the message by the key.
    ///
    /// # Errors
    /// Why there is no signature.
    pub fn read_answer(&self, line: &[u8]) -> Result<Signature, SignerError> {
        let answer = read_line(line)?;
        let text = |name| answer.get(name).and_then(Value::as_str);
        if let Some(error) = text("error") {
            let reason = Excerpt(text("reason").unwrap_or("it gives no reason")).to_string();
            return Err(match error {
                "refused" => SignerError::Refused { reason },
                _ => SignerError::Unavailable { reason },
            });
        }
        let signature = text("signature").ok_or_else(|| unusable("it has no `signature`"))?;
        let signature = Signature::parse(signature, SignatureForm::WithPrefix)
            .map_err(|fault| unusable(&fault.to_string()))?;
        if !AdaptiveKey::new(self.public_key, TableAllowance::of(1))
            .verify(self.message, &signature)
        {
            return Err(SignerError::WrongSignature);
        }
        Ok(signature)
    }
}

fn read_line(line: &[u8]) -> Result<Value<'_>, SignerError> {
    if line.len() > SignRequest::LONGEST_ANSWER {
        return Err(unusable("it is longer than 4096 bytes"));
    }
    let line = line.strip_suffix(b"\n").ok_or_else(|| unusable("it is no whole line"))?;
    let answer = read(line, &Budget::default()).map_err(|error| unusable(&error.to_string()))?;
    if answer.as_object().is_none() {
        return Err(unusable("it is no object"));
    }
    Ok(answer)
}

fn unusable(why: &str) -> SignerError {
    SignerError::Unavailable { reason: alloc::format!("its answer cannot be used: {why}") }
}
