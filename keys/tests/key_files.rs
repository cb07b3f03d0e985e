// SPDX-License-Identifier: Apache-2.0

//! Files of private keys: every form is read as it is written, and nothing else is.

#![cfg(all(test, feature = "pkcs8"))]

use permit_keys::{KeyFileError, KeyFileForm, PublicKey, Signer, SoftwareKey};

/// The private key of RFC 8410, section 10.3.
const RFC_8410: &str = "-----BEGIN PRIVATE KEY-----\n\
    MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n\
    -----END PRIVATE KEY-----\n";

/// The same with its public half and an attribute.
const RFC_8410_WITH_PUBLIC_KEY: &str = "-----BEGIN PRIVATE KEY-----\n\
    MHICAQEwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n\
    oB8wHQYKKoZIhvcNAQkJFDEPDA1DdXJkbGUgQ2hhaXJzgSEAGb9ECWmEzf6FQbrB\n\
    Z9w7lshQhqowtrbLDFw4rXAxZuE=\n\
    -----END PRIVATE KEY-----\n";

const RFC_8410_PUBLIC_KEY: &str = "Gb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=";

const SEED: [u8; 32] = [0xa7; 32];

fn key() -> SoftwareKey {
    SoftwareKey::from_seed(&SEED)
}

fn read(bytes: &[u8]) -> Result<PublicKey, KeyFileError> {
    SoftwareKey::read(bytes).map(|key| key.public_key())
}

#[test]
fn every_form_is_told_by_itself_and_read_again() {
    for form in KeyFileForm::ALL {
        let bytes = key().to_file(*form).unwrap();
        assert_eq!(KeyFileForm::of(&bytes), Ok(*form));
        assert_eq!(read(&bytes), Ok(key().public_key()), "{}", form.as_str());
        assert_eq!(KeyFileForm::parse(form.as_str()), Some(*form));
        for other in KeyFileForm::ALL.iter().filter(|other| *other != form) {
            assert!(SoftwareKey::read_as(*other, &bytes).is_err(), "{form:?} as {other:?}");
        }
    }
    assert_eq!(KeyFileForm::parse("pem"), None);
}

#[test]
fn keys_of_other_programs_are_read() {
    let expected = PublicKey::parse(RFC_8410_PUBLIC_KEY).unwrap();
    assert_eq!(read(RFC_8410.as_bytes()), Ok(expected));
    assert_eq!(read(RFC_8410_WITH_PUBLIC_KEY.as_bytes()), Ok(expected));
    // And written as they write them: version 1, without the public half.
    let pem = SoftwareKey::read(RFC_8410_WITH_PUBLIC_KEY.as_bytes()).unwrap();
    assert_eq!(pem.to_file(KeyFileForm::Pkcs8Pem).unwrap().as_slice(), RFC_8410.as_bytes());
}

#[test]
fn a_seed_in_text_has_one_spelling() {
    let hex = "a7".repeat(32);
    let base64 = "p6enp6enp6enp6enp6enp6enp6enp6enp6enp6enp6c=";
    for good in [
        hex.clone(),
        hex.to_uppercase(),
        format!("{hex}\n"),
        format!("{hex}\r\n"),
        base64.to_owned(),
        format!("{base64}\n"),
        // A first digit of 0 is the first byte of DER.
        format!("0{}", "1".repeat(63)),
    ] {
        assert!(read(good.as_bytes()).is_ok(), "{good}");
    }
    for (bad, error) in [
        (format!("{hex}\n\n"), KeyFileError::UnknownForm { bytes: 66 }),
        (format!(" {hex}"), KeyFileError::UnknownForm { bytes: 65 }),
        (format!("0x{}", "a7".repeat(31)), KeyFileError::NotHex),
        (format!("A7{}", "a7".repeat(31)), KeyFileError::NotHex),
        (format!("g7{}", "a7".repeat(31)), KeyFileError::NotHex),
        ("a7".repeat(31), KeyFileError::UnknownForm { bytes: 62 }),
        ("a7".repeat(16), KeyFileError::TextOf32Bytes),
        ("correct horse battery staple 123".to_owned(), KeyFileError::TextOf32Bytes),
        (base64.replace('=', ""), KeyFileError::UnknownForm { bytes: 43 }),
        // The same 32 bytes for a lenient reader: bits that nothing reads are set.
        (base64.replace("c=", "d="), KeyFileError::NotBase64),
        (base64.replace("p6en", "p6-n"), KeyFileError::NotBase64),
        (base64.replace("p6c=", "pw=="), KeyFileError::NotBase64),
        (String::new(), KeyFileError::UnknownForm { bytes: 0 }),
    ] {
        assert_eq!(read(bad.as_bytes()), Err(error), "{bad}");
    }
}

#[test]
fn pem_files_of_other_things_are_named() {
    for (label, error) in [
        ("ENCRYPTED PRIVATE KEY", KeyFileError::Encrypted),
        ("OPENSSH PRIVATE KEY", KeyFileError::OtherPem),
        ("PUBLIC KEY", KeyFileError::OtherPem),
        ("EC PRIVATE KEY", KeyFileError::OtherPem),
    ] {
        let pem = RFC_8410.replace("PRIVATE KEY", label);
        assert_eq!(read(pem.as_bytes()), Err(error), "{label}");
    }
}

#[test]
fn damaged_and_foreign_keys_are_refused() {
    let der = key().to_file(KeyFileForm::Pkcs8Der).unwrap();
    assert_eq!(der.len(), 48);
    // Everything before the seed has one value; in the seed, any value is another key.
    for at in 0..16 {
        for bit in 0..8 {
            let mut bad = der.to_vec();
            bad[at] ^= 1 << bit;
            assert!(read(&bad).is_err(), "byte {at}, bit {bit}");
        }
    }
    for length in 0..der.len() {
        assert!(read(&der[..length]).is_err(), "{length} bytes");
    }
    let mut longer = der.to_vec();
    longer.push(0);
    assert!(read(&longer).is_err());
    // A public half that belongs to another key.
    let swapped =
        RFC_8410_WITH_PUBLIC_KEY.replace("MHICAQEwBQYDK2VwBCIEINTu", "MHICAQEwBQYDK2VwBCIEINTv");
    assert_eq!(read(swapped.as_bytes()), Err(KeyFileError::NotPkcs8));
}

#[test]
fn errors_tell_nothing_of_the_key() {
    let secret = "5ec2e75ec2e75ec2e75ec2e75ec2e75ec2e75ec2e75ec2e75ec2e75ec2e7zzzz";
    for bytes in
        [secret.as_bytes(), &secret.as_bytes()[..50], b"-----BEGIN PRIVATE KEY-----\nc2VjcmV0"]
    {
        let error = SoftwareKey::read(bytes).unwrap_err();
        for shown in [error.to_string(), format!("{error:?}")] {
            assert!(!shown.contains("5ec2") && !shown.contains("c2Vj"), "{shown}");
        }
    }
}
