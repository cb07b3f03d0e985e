// SPDX-License-Identifier: Apache-2.0

//! Agreement with the reference behaviour (CANON-14, CANON-15, CANON-18): long
//! deterministic sequences of numbers and documents, compared by one digest each.
//!
//! The digests below were computed by Python's
//! `json.dumps(json.loads(text), sort_keys=True, separators=(",", ":"), ensure_ascii=False)`.
//! Where a Python interpreter is present, the tests ask it again.

#![cfg(test)]
#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    reason = "small numbers, and a test may fail loudly"
)]

use permit_canonical_json::{Budget, Profile, Sha256Digest, WireBody, read_text};

use support::{Generator, ask_python};

/// Doubles from random bits and from random digits, integers of up to 400 digits.
const NUMBERS: usize = 150_000;
const NUMBERS_DIGEST: &str = "65acdf1819142be9b0bb754672caaf6e44164327e0655b58d14706375ae3dded";

/// Documents with nested containers, awkward names and strings of all planes.
const DOCUMENTS: usize = 30_000;
const DOCUMENTS_DIGEST: &str = "040ef9c0d998c5c07f45033d8443018db6719c26521b8bbb404bb9c38a22ca6c";

/// Request bodies with volatile and sensitive members in many spellings.
const BODIES: usize = 20_000;
const BODIES_DIGEST: &str = "6049f53d3db9c3ef3df77f7c215650022ddd82fae89a7d60772abc58e1fe33ed";

#[test]
fn canon_14_numbers_are_written_as_the_reference_writes_them() {
    let mut generator = Generator::new(1);
    let inputs: Vec<String> = (0..NUMBERS).map(|_| generator.number()).collect();
    compare(&inputs, PAYLOAD, NUMBERS_DIGEST, payload);
}

#[test]
fn canon_14_documents_are_written_as_the_reference_writes_them() {
    let mut generator = Generator::new(2);
    let inputs: Vec<String> = (0..DOCUMENTS).map(|_| generator.document(4)).collect();
    compare(&inputs, PAYLOAD, DOCUMENTS_DIGEST, payload);
}

#[test]
fn canon_07_08_14_wire_bodies_are_stripped_as_the_reference_strips_them() {
    let mut generator = Generator::new(3);
    let inputs: Vec<String> = (0..BODIES).map(|_| generator.wire_body()).collect();
    compare(&inputs, WIRE_BODY, BODIES_DIGEST, wire_body);
}

fn payload(text: &str) -> String {
    let value = read_text(text, &Budget::default()).expect("the generator writes JSON");
    Profile::Payload.to_text(&value).expect("the generator writes finite numbers")
}

fn wire_body(text: &str) -> String {
    let value = read_text(text, &Budget::default()).expect("the generator writes JSON");
    let body = WireBody::new(&value).expect("the generator writes finite numbers");
    assert_eq!(body.digest(), Sha256Digest::of(body.text().as_bytes()));
    body.text().to_owned()
}

fn compare(inputs: &[String], recipe: &str, recorded: &str, ours: impl Fn(&str) -> String) {
    let outputs: Vec<String> = inputs.iter().map(|text| ours(text)).collect();
    match ask_python(recipe, inputs) {
        Some(theirs) => {
            assert_eq!(theirs.len(), inputs.len());
            for ((input, output), their) in inputs.iter().zip(&outputs).zip(&theirs) {
                assert_eq!(output, their, "for {input}");
            }
        }
        None => eprintln!("skipped: no Python interpreter here, only the recorded digest counts"),
    }
    let digest = Sha256Digest::of(outputs.join("\n").as_bytes());
    assert_eq!(digest.to_string(), recorded);
}

/// Reads one JSON text a line, writes one JSON string a line.
const PAYLOAD: &str = r#"
import json, sys
sys.set_int_max_str_digits(0)
for line in sys.stdin.buffer:
    text = json.dumps(json.loads(line), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    sys.stdout.write(json.dumps(text) + "\n")
"#;

const WIRE_BODY: &str = r#"
import json, sys
VOLATILE = "requestid traceid spanid idempotencykey keelrequestid xrequestid xkeeltimestamp timestamp keelidempotencykey"
SENSITIVE = "authorization apikey xapikey openaiapikey anthropicapikey xgoogapikey proxyauthorization"
GONE = set((VOLATILE + " " + SENSITIVE).split())
def strip(v):
    if isinstance(v, dict):
        return {k: strip(x) for k, x in v.items() if "".join(c for c in k.lower() if c.isalnum()) not in GONE}
    return [strip(x) for x in v] if isinstance(v, list) else v
for line in sys.stdin.buffer:
    text = json.dumps(strip(json.loads(line)), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    sys.stdout.write(json.dumps(text) + "\n")
"#;

#[cfg(test)]
mod support {
    use std::{
        collections::BTreeSet,
        fmt::Write as _,
        io::Write as _,
        process::{Command, Stdio},
    };

    use permit_canonical_json::{Budget, read_text};

    /// What Python answers to each input; nothing where there is no Python.
    pub(super) fn ask_python(recipe: &str, inputs: &[String]) -> Option<Vec<String>> {
        let mut child = Command::new("python3")
            .args(["-c", recipe])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .ok()?;
        let mut stdin = child.stdin.take().expect("stdin is piped");
        let text = inputs.join("\n");
        let writer = std::thread::spawn(move || stdin.write_all(text.as_bytes()));
        let output = child.wait_with_output().expect("Python runs to its end");
        writer.join().expect("the writer does not panic").expect("Python reads all inputs");
        assert!(output.status.success(), "Python failed");
        let text = String::from_utf8(output.stdout).expect("Python writes UTF-8");
        let unquote = |line: &str| {
            let value = read_text(line, &Budget::default()).expect("Python writes JSON");
            value.as_str().expect("Python writes a string").to_owned()
        };
        Some(text.lines().map(unquote).collect())
    }

    /// A stream of random choices that is the same everywhere (`SplitMix64`).
    pub(super) struct Generator(u64);

    impl Generator {
        pub(super) fn new(seed: u64) -> Self {
            Self(seed)
        }

        fn next(&mut self) -> u64 {
            self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut z = self.0;
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            z ^ (z >> 31)
        }

        fn below(&mut self, bound: u64) -> u64 {
            self.next() % bound
        }

        fn pick<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
            let at = self.below(choices.len() as u64);
            &choices[at as usize]
        }

        fn digits(&mut self, length: u64) -> String {
            (0..length).map(|_| char::from(b'0' + self.below(10) as u8)).collect()
        }

        fn whole(&mut self, length: u64) -> String {
            let digits = self.digits(length.max(1));
            let trimmed = digits.trim_start_matches('0');
            if trimmed.is_empty() { "0".into() } else { trimmed.into() }
        }

        /// The text of a finite JSON number.
        pub(super) fn number(&mut self) -> String {
            loop {
                let mut text = String::new();
                if self.below(2) == 0 {
                    text.push('-');
                }
                match self.below(6) {
                    0 => {
                        let value = f64::from_bits(self.next() >> 1);
                        if !value.is_finite() {
                            continue;
                        }
                        write!(text, "{value:e}").expect("strings take all text");
                        if !text.contains('.') {
                            text = text.replace('e', ".0e");
                        }
                    }
                    1 => {
                        let length = 1 + self.below(20);
                        text += &self.whole(length);
                    }
                    2 => {
                        let length = 1 + self.below(400);
                        text += &self.whole(length);
                    }
                    3 => {
                        let (whole, rest) = (1 + self.below(18), 1 + self.below(18));
                        text += &self.whole(whole);
                        text.push('.');
                        text += &self.digits(rest);
                    }
                    4 => {
                        let whole = 1 + self.below(4);
                        text += &self.whole(whole);
                        if self.below(2) == 0 {
                            text.push('.');
                            let rest = 1 + self.below(20);
                            text += &self.digits(rest);
                        }
                        text += self.pick::<&str>(&["e", "E"]);
                        text += self.pick::<&str>(&["", "+", "-"]);
                        let exponent = self.below(300);
                        write!(text, "{exponent:0width$}", width = 1 + self.below(4) as usize)
                            .expect("strings take all text");
                    }
                    _ => {
                        // Near the borders of the layout rule.
                        let digits = 1 + self.below(17);
                        let exponent = self.below(40) as i64 - 20;
                        text += &self.whole(digits);
                        write!(text, "e{exponent}").expect("strings take all text");
                    }
                }
                if text.parse::<f64>().is_ok_and(f64::is_finite) || !text.contains(['.', 'e', 'E'])
                {
                    return text;
                }
            }
        }

        fn string(&mut self) -> String {
            let length = self.below(12);
            let mut text = String::from("\"");
            for _ in 0..length {
                match self.below(9) {
                    0 => {
                        text += self.pick::<&str>(&[
                            "\\\"", "\\\\", "\\/", "\\b", "\\f", "\\n", "\\r", "\\t", "/",
                        ])
                    }
                    1 => write!(text, "\\u{:04x}", self.below(0x80)).expect("text"),
                    2 => write!(text, "\\u{:04X}", self.below(0xd800)).expect("text"),
                    3 => {
                        let (high, low) = (0xd800 + self.below(0x400), 0xdc00 + self.below(0x400));
                        write!(text, "\\u{high:04x}\\u{low:04X}").expect("text");
                    }
                    4 => {
                        text += self.pick::<&str>(&[
                            "é", "e\u{301}", "漢", "😀", "\u{ffff}", "\u{e000}", "\u{7f}",
                            "\u{2028}", "\u{85}", "\u{a0}",
                        ])
                    }
                    _ => text.push(char::from(b'a' + self.below(26) as u8)),
                }
            }
            text.push('"');
            text
        }

        fn space(&mut self) -> &'static str {
            self.pick::<&str>(&["", "", "", " ", "\t", "  "])
        }

        /// A JSON document without line breaks, containers nested up to `depth` levels.
        pub(super) fn document(&mut self, depth: u64) -> String {
            match self.below(if depth == 0 { 5 } else { 9 }) {
                0 => self.number(),
                1 | 2 => self.string(),
                3 => (*self.pick(&["true", "false", "null"])).to_owned(),
                4 => self.below(1_000_000).to_string(),
                5 | 6 => {
                    let length = self.below(5);
                    let elements: Vec<String> =
                        (0..length).map(|_| self.document(depth - 1)).collect();
                    let (a, b) = (self.space(), self.space());
                    format!("[{a}{}{b}]", elements.join(&format!("{b},{a}")))
                }
                _ => self.object(depth, Self::string),
            }
        }

        fn object(&mut self, depth: u64, name: fn(&mut Self) -> String) -> String {
            let mut names = BTreeSet::new();
            let mut members = Vec::new();
            for _ in 0..self.below(7) {
                let name = name(self);
                let meant = read_text(&name, &Budget::default()).expect("names are strings");
                if names.insert(meant.as_str().expect("names are strings").to_owned()) {
                    let value = self.document(depth.saturating_sub(1));
                    let (a, b) = (self.space(), self.space());
                    members.push(format!("{a}{name}{b}:{a}{value}{b}"));
                }
            }
            format!("{{{}}}", members.join(","))
        }

        fn body_name(&mut self) -> String {
            const WORDS: [&str; 12] = [
                "request-id",
                "TraceID",
                "span_id",
                "Idempotency.Key",
                "x-keel-timestamp",
                "timestamp",
                "Authorization",
                "api_key",
                "x-goog-api-key",
                "model",
                "messages",
                "keel_request_id",
            ];
            let mut word = (*self.pick(&WORDS)).to_owned();
            match self.below(8) {
                0 => word.insert_str(0, self.pick::<&str>(&["é", "-", " ", "ß", "１", "\u{301}"])),
                1 => word = word.to_uppercase(),
                2 => word = word.replace('k', "\u{212a}"),
                3 => word = word.replace('i', "\u{130}"),
                4 => word.push_str(self.pick::<&str>(&["2", "_", "\u{2009}", "²", "ª", "s"])),
                _ => {}
            }
            format!("\"{word}\"")
        }

        /// A request body: an object whose members are often volatile or sensitive.
        pub(super) fn wire_body(&mut self) -> String {
            let inner = self.object(2, Self::body_name);
            let outer = self.object(2, Self::body_name);
            let list = format!("[{inner},[{outer}]]");
            let name = self.body_name();
            format!("{{\"nested\":{list},{name}:{inner}}}")
        }
    }
}
