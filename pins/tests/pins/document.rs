// SPDX-License-Identifier: Apache-2.0

//! Artifact documents.

use permit_pins::{ALLOW_LIST, ArtifactDocument, ArtifactDocumentError, Selection};
use serde_json::json;

use crate::pack::{COMPARATOR, released_bytes};

#[test]
fn released_recipes_and_the_profile_are_documents() {
    for released in ALLOW_LIST {
        let Some(path) = released.released_path() else { continue };
        let Some(bytes) = released_bytes(path) else { return };
        let read = ArtifactDocument::read(&bytes);
        // Registries and comparators have formats of their own.
        let other =
            matches!(released.selects(), Selection::Registry(_)) || released.id() == COMPARATOR;
        if other {
            assert!(matches!(read, Err(ArtifactDocumentError::Shape(_))), "{path}");
            continue;
        }
        let document = read.unwrap();
        assert_eq!(document.id.as_str(), released.id());
        assert!(document.is_released());
        let written = document.to_bytes().unwrap();
        assert_eq!(ArtifactDocument::read(&written).unwrap(), document);
        assert_eq!(ArtifactDocument::read(&written).unwrap().to_bytes().unwrap(), written);
    }
}

#[test]
fn a_document_has_five_members_and_no_others() {
    let good = json!({
        "id": "a.v1", "version": "v1", "kind": "recipe", "status": "draft", "body": { "x": [1, 1.5e3] }
    });
    let document = ArtifactDocument::read(good.to_string().as_bytes()).unwrap();
    assert!(!document.is_released());
    for member in ["id", "version", "kind", "status", "body"] {
        let mut bad = good.clone();
        bad.as_object_mut().unwrap().remove(member);
        let error = ArtifactDocument::read(bad.to_string().as_bytes()).unwrap_err();
        assert!(matches!(error, ArtifactDocumentError::Shape(_)), "{member}");
        bad[member] = json!("");
        let error = ArtifactDocument::read(bad.to_string().as_bytes()).unwrap_err();
        assert!(matches!(error, ArtifactDocumentError::Shape(_)), "{member}");
    }
    let mut bad = good;
    bad["extends"] = json!("a.v0");
    assert!(ArtifactDocument::read(bad.to_string().as_bytes()).is_err());
    for bytes in ["", "[]", r#"{"id": "a", "id": "a"}"#] {
        assert!(ArtifactDocument::read(bytes.as_bytes()).is_err());
    }
}

#[test]
fn numbers_keep_their_text_and_bytes_are_stable() {
    let text = "{\n  \"body\": {\n    \"a\": 1.50,\n    \"b\": \"\\u00e9\"\n  },\n  \"id\": \"a\",\n  \"kind\": \"k\",\n  \"status\": \"released\",\n  \"version\": \"v1\"\n}\n";
    let document = ArtifactDocument::read(text.as_bytes()).unwrap();
    assert_eq!(String::from_utf8(document.to_bytes().unwrap()).unwrap(), text);
}
