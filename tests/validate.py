"""Holds JSON files against a JSON Schema: validate.py SCHEMA FILE... Prints `FILE: message` for each disagreement."""
import json
import sys

try:
    import jsonschema
except ImportError:
    sys.exit(77)  # what automake and others take for "skipped"


def main(schema_path, paths):
    with open(schema_path, encoding="utf-8") as file:
        schema = json.load(file)
    validator_of = jsonschema.validators.validator_for(schema)
    validator_of.check_schema(schema)
    validator = validator_of(schema)
    failures = 0
    for path in paths:
        with open(path, encoding="utf-8") as file:
            try:
                report = json.load(file)
            except ValueError as error:
                print(f"{path}: {error}")
                failures += 1
                continue
        for error in validator.iter_errors(report):
            print(f"{path}: {'/'.join(map(str, error.absolute_path))}: {error.message[:300]}")
            failures += 1
    return failures > 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
