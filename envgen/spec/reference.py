"""The reference of every key of envgen.yaml as Markdown, made of the models: what `docs/spec.md` holds."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from envgen.compose_schema import nested_properties, service_properties, top_level_keys
from envgen.spec.model import Spec
from envgen.spec.schema import BY_VARIANT, EXTENDED

Schema = dict[str, Any]

_GENERATED = "<!-- Written from the models by ENVGEN_REFRESH=1 python -m pytest tests/test_spec_reference.py -->"
_COMPOSE = "https://docs.docker.com/reference/compose-file/"
_INTRODUCTION = f"""\
Every key of the [Compose Specification]({_COMPOSE}) may be
written, and means what it means there. This page has the keys that envgen adds, and those of compose for which it takes
more forms; where a table mixes both, *of* says whose a key is. `x-` keys are kept wherever compose has them. `envgen
schema` prints the same for editors.

A map with a name, such as [Build](#build), has the keys of that section. What isn't *required* can be left out."""
# where a model is explained with more words
_PAGES = {
    "Build": ("languages/", "a page for each language"),
    "Include": ("composition.md", "specs of several files"),
    "Parameter": ("composition.md#parameters", "parameters"),
    "Variable": ("variables.md", "variables and secrets"),
    "Generate": ("variables.md#secrets", "secrets"),
    "LintSettings": ("rules/README.md", "the rules"),
}
_SERVICE_PAGES = "[presets](presets.md), [languages](languages/), [environments](environments.md)"
_NOUNS = {"string": "text", "integer": "a whole number", "number": "a number", "boolean": "true or false"}
# words that YAML reads as text without quotes, also within brackets
_PLAIN = re.compile(r"[A-Za-z0-9_./]([A-Za-z0-9_./@:+ -]*[A-Za-z0-9_./])?")
_NEEDS_QUOTES = re.compile(r"[-+.]?[0-9][0-9_.:eE+-]*|0[xob].*|true|false|null|.*: .*", re.IGNORECASE)


def spec_reference() -> str:
    """The page, from the models alone; ends with a line end."""
    own = Spec.model_json_schema(ref_template="{model}")
    definitions: Mapping[str, Schema] = own["$defs"]
    del own["properties"]["sections"]  # compose's sections stand at the top level
    order = list(dict.fromkeys(_reached(own, definitions)))
    parts = [_GENERATED, "# The keys of envgen.yaml", _INTRODUCTION, _contents(order)]
    parts += ["## Spec", _summary(own), _table("Spec", own), _sections_of_compose()]
    for name in order:
        parts += [f"## {name}", _about(name, definitions[name]), _table(name, definitions[name])]
        parts += _compose_keys(name)
    return "\n\n".join(part for part in parts if part) + "\n"


def _reached(node: object, definitions: Mapping[str, Schema]) -> Iterator[str]:
    """The models below a node, each before those that it names."""
    if isinstance(node, list):
        for item in node:
            yield from _reached(item, definitions)
    elif isinstance(node, dict):
        name = node.get("$ref")
        if isinstance(name, str):
            yield name
            yield from _reached(definitions[name].get("properties"), definitions)
        for key, value in node.items():
            if key != "$defs":
                yield from _reached(value, definitions)


def _contents(order: Sequence[str]) -> str:
    return "Contents: " + ", ".join(f"[{name}](#{name.lower()})" for name in ("Spec", *order)) + "."


def _summary(definition: Schema) -> str:
    return " ".join(definition["description"].split())


def _about(name: str, definition: Schema) -> str:
    page = f" See [{_PAGES[name][1]}]({_PAGES[name][0]})." if name in _PAGES else ""
    page = f" See {_SERVICE_PAGES}." if name == "Service" else page
    return f"{_summary(definition)}{page}"


def _table(name: str, definition: Schema) -> str:
    whose = name in EXTENDED or name in ("Spec", "Service")
    head = ["key", *(["of"] if whose else []), "value", "default", "what it is"]
    required = definition.get("required", ())
    rows = [head, ["---"] * len(head)]
    for key, value in definition["properties"].items():
        default = "*required*" if key in required else _default(value.get("default"))
        cells = [f"`{key}`", _takes(value), default, _says(value)]
        if whose:
            cells.insert(1, "compose" if key in _known(name) else "envgen")
        rows.append(cells)
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows)


def _known(name: str) -> frozenset[str]:
    """The keys that compose knows where a model stands."""
    if name == "Spec":
        return top_level_keys()
    return frozenset(service_properties() if name == "Service" else nested_properties(EXTENDED[name]))


def _sections_of_compose() -> str:
    known = _words(sorted(top_level_keys() - Spec.model_fields.keys()))
    return (
        f"Compose's own sections, with [their meaning there]({_COMPOSE}): {known}. A secret of `secrets` may have"
        " `generate`, too: true, false or a map [Generate](#generate), as a variable has it. An environment takes"
        " `name`, `defaults`, `runtimes`, `services` and compose's sections; see [environments](environments.md)."
    )


def _compose_keys(name: str) -> Iterator[str]:
    """What compose has besides, for models that extend a map of compose's."""
    if name != "Service" and name not in EXTENDED:
        return
    definition = Spec.model_json_schema()["$defs"][name]
    others = sorted(_known(name) - definition["properties"].keys())
    page = "build/" if name == "Build" else "services/"
    if others:
        yield f"Compose's own keys, with [their meaning there]({_COMPOSE}{page}): {_words(others)}."
    if name == "Service":
        yield f"For several runtimes, {_words(BY_VARIANT)} may be a map from variant to value."


def _says(value: Schema) -> str:
    said = " ".join(value.get("description", "").split())
    examples = [f"`{_yaml(example)}`" for example in value.get("examples", ())]
    word = "Example" if len(examples) == 1 else "Examples"
    return f"{said} {word}: {', '.join(examples)}." if examples else said


def _default(value: object) -> str:
    empty = value is None or value in ("", [], {}) or isinstance(value, dict)
    return "" if empty else f"`{_yaml(value)}`"


def _takes(value: Schema) -> str:
    """What a key takes, in words."""
    found = list(dict.fromkeys(_forms(value)))
    if "a number" in found and "a whole number" in found:
        found.remove("a whole number")
    *others, last = found
    if not others:
        return last
    return ", ".join([*others, last if last == _NOUNS["boolean"] else f"or {last}"])


def _forms(value: Schema) -> Iterator[str]:
    """Each form that a value may have; that null may be written goes without saying."""
    for form in value.get("oneOf") or value.get("anyOf") or [value]:
        if "oneOf" in form or "anyOf" in form:
            yield from _forms(form)
        elif form.get("type") != "null":
            yield _form(form)


def _form(form: Schema) -> str:
    match form:
        case {"$ref": name}:
            return f"a map [{name}](#{name.lower()})"
        case {"const": only}:
            return f"`{_yaml(only)}`"
        case {"enum": several}:
            return _alternatives([f"`{_yaml(one)}`" for one in several])
        case {"type": "array" | "object" as kind}:
            entries = next(iter(form.get("patternProperties", {}).values()), form.get("additionalProperties"))
            noun, entries = ("a list", form["items"]) if kind == "array" else ("a map", entries)
            return noun + (f" (each {_takes(entries)})" if entries and isinstance(entries, dict) else "")
        case {"type": kind}:
            return "a day (`2099-12-31`)" if form.get("format") == "date" else _NOUNS[kind] + _bounds(form)
    return "anything"


def _bounds(form: Schema) -> str:
    low, high = form.get("minimum"), form.get("maximum")
    if low is not None and high is not None:
        return f" from {low} to {high}"
    if low is not None:
        return f" from {low}"
    return f" like `{form['pattern']}`" if "pattern" in form else ""


def _alternatives(names: Sequence[str]) -> str:
    return f"{', '.join(names[:-1])} or {names[-1]}" if len(names) > 1 else names[0]


def _words(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _yaml(value: object) -> str:
    """A value of an example in YAML's flow form."""
    match value:
        case dict():
            return "{" + ", ".join(f"{_yaml(key)}: {_yaml(item)}" for key, item in value.items()) + "}"
        case list():
            return f"[{', '.join(map(_yaml, value))}]"
        case str() if _PLAIN.fullmatch(value) and not _NEEDS_QUOTES.fullmatch(value):
            return value
    return json.dumps(value, ensure_ascii=False)
