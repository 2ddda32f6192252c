"""The JSON schema of envgen.yaml: the typed models, with all of compose's keys beside them."""

import json
from collections.abc import Mapping
from typing import Any

from envgen.compose_schema import nested_properties, schema, service_properties, top_level_keys
from envgen.spec.model import Spec

# where a model extends a map of compose's: the key of a service that has the map
EXTENDED = {"Build": "build", "Healthcheck": "healthcheck", "Port": "ports"}
# values that may be written by variant
BY_VARIANT = ("container_name", "hostname")

Schema = dict[str, Any]


def json_schema() -> Schema:
    """The schema as JSON data, with descriptions, defaults and examples."""
    own = Spec.model_json_schema(ref_template="#/$defs/{model}")
    del own["properties"]["sections"]  # compose's sections stand at the top level
    definitions: Schema = own.pop("$defs")
    compose = schema()
    for name, definition in compose["$defs"].items():
        definitions[_compose_name(name)] = _renamed(definition)
    for model, key in EXTENDED.items():
        _add_properties(definitions[model], nested_properties(key))
    service = definitions["Service"]
    for key in BY_VARIANT:
        service["properties"][key] = _by_variant(service_properties()[key])
    _add_properties(service, service_properties())
    secrets = _renamed(compose["properties"]["secrets"])
    pattern, secret = next(iter(secrets["patternProperties"].items()))
    secrets["patternProperties"][pattern] = {"anyOf": [secret, {"type": "null"}]}
    own["properties"]["secrets"] = secrets
    generate = definitions["Variable"]["properties"]["generate"]
    definitions[_compose_name("secret")]["properties"]["generate"] = generate
    _add_properties(own, {key: value for key, value in compose["properties"].items() if key != "services"})
    own["properties"]["defaults"] = {**own["properties"]["defaults"], "$ref": "#/$defs/Service"}
    own["properties"]["defaults"].pop("additionalProperties", None)
    own["properties"]["environments"]["additionalProperties"] = {
        "anyOf": [{"$ref": "#/$defs/Environment"}, {"type": "null"}]
    }
    definitions["Environment"] = _environment(own["properties"])
    definitions["EnvironmentService"] = _overlaid(service, "Service")
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "envgen.yaml"}
    return {**head, **own, "$defs": dict(sorted(definitions.items()))}


def _environment(properties: Schema) -> Schema:
    """What may stand in an environment: sections of a spec, of which nothing has to be there; null takes out."""
    keys = {"name", "defaults", "runtimes", *top_level_keys()} - {"version"}
    found = {key: value for key, value in properties.items() if key in keys}
    found["services"] = {
        "type": "object",
        "additionalProperties": {"anyOf": [{"$ref": "#/$defs/EnvironmentService"}, {"type": "null"}]},
    }
    closed = {"additionalProperties": False, "patternProperties": {"^x-": {}}}
    return {"description": "What differs in an environment.", "type": "object", "properties": found, **closed}


def _overlaid(definition: Schema, name: str) -> Schema:
    """A definition of which null takes out any key."""
    found = {
        key: {"anyOf": [{"$ref": f"#/$defs/{name}/properties/{key}"}, {"type": "null"}]}
        | ({"description": value["description"]} if "description" in value else {})
        for key, value in definition["properties"].items()
    }
    return {**definition, "properties": found}


def schema_text() -> str:
    """The schema as the text of `schemas/envgen.schema.json`."""
    return json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"


def _add_properties(definition: Schema, compose: Mapping[str, object]) -> None:
    """Compose's properties beside our own; `x-` keys are open."""
    own = definition.setdefault("properties", {})
    own |= {key: _renamed(value) for key, value in compose.items() if key not in own}
    definition["patternProperties"] = {"^x-": {}}
    definition["additionalProperties"] = False


def _by_variant(value: Any) -> Schema:  # noqa: ANN401 - any part of a schema
    return {
        "anyOf": [_renamed(value), {"type": "object", "additionalProperties": {"type": "string"}}],
        "description": value.get("description", "") + " One for all, or a map from variant to value.",
    }


def _compose_name(name: str) -> str:
    return f"compose_{name}"


def _renamed(value: Any) -> Any:  # noqa: ANN401 - any part of a schema
    """A part of compose's schema, its references pointing to the definitions' names in ours."""
    if isinstance(value, list):
        return [_renamed(item) for item in value]
    if not isinstance(value, dict):
        return value
    renamed = {key: _renamed(item) for key, item in value.items()}
    reference = value.get("$ref")
    if isinstance(reference, str):
        renamed["$ref"] = "#/$defs/" + _compose_name(reference.removeprefix("#/$defs/"))
    return renamed
