// SPDX-License-Identifier: Apache-2.0

//! The generated schemas accept the files, and refuse what the types refuse.

#![cfg(test)]
#![cfg(feature = "schema")]

use std::{fs, path::Path};

use permit_mappings::{FrameworkId, MappingSchema};
use serde_json::{Value, json};

fn file(path: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

fn accepts(schema: MappingSchema, value: &Value) -> bool {
    jsonschema::is_valid(schema.generate().as_value(), value)
}

#[test]
fn every_file_is_valid() {
    for framework in FrameworkId::ALL {
        let value = file(&format!("frameworks/{framework}.json"));
        assert!(accepts(MappingSchema::Framework, &value), "{framework}");
    }
    assert!(accepts(MappingSchema::Artifacts, &file("artifacts.json")));
    assert!(accepts(MappingSchema::Disclaimers, &file("disclaimers.json")));
}

#[test]
fn what_the_types_refuse_the_schemas_refuse() {
    let good = file("frameworks/soc2.json");
    let edits: [fn(&mut Value); 6] = [
        |file| file["extra"] = json!(1),
        |file| file["framework"] = json!("soc3"),
        |file| file["version"] = json!(2),
        |file| file["controls"][0]["evidence_type"] = json!("enough"),
        |file| file["controls"][0]["evidence"][0]["field"] = json!("id"),
        |file| drop(file.as_object_mut().unwrap().remove("disclaimers")),
    ];
    for edit in edits {
        let mut value = good.clone();
        edit(&mut value);
        assert!(!accepts(MappingSchema::Framework, &value), "{value}");
        assert!(serde_json::from_value::<permit_mappings::Framework>(value).is_err());
    }
}
