# SPDX-License-Identifier: Apache-2.0
"""Holds examples against schemas with another implementation of JSON Schema.

Reads lines of a schema, a tab, and a document (or nothing) from standard input; writes a line for each thing
that is wrong to standard output, and what was compared to standard error.
"""

import json
import sys

import jsonschema


def load(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def main():
    schemas = {}
    judged = refused = 0
    for line in sys.stdin:
        path, document_path = line.rstrip("\n").split("\t")
        if path not in schemas:
            schema = load(path)
            try:
                jsonschema.Draft202012Validator.check_schema(schema)
            except jsonschema.SchemaError as error:
                print(f"{path}: is no schema: {error.message}")
                continue
            schemas[path] = jsonschema.Draft202012Validator(
                schema, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
            )
        if not document_path:
            continue
        validator, document = schemas[path], load(document_path)
        for error in validator.iter_errors(document):
            print(f"{document_path}: {error.json_path}: {error.message}")
        judged += 1
        # What takes everything has no opinion.
        for name in validator.schema.get("required", []):
            less = {key: value for key, value in document.items() if key != name}
            if validator.is_valid(less):
                print(f"{document_path}: taken without `{name}`")
            refused += 1
    print(f"{len(schemas)} schemas, {judged} documents, {refused} mutations", file=sys.stderr)


main()
