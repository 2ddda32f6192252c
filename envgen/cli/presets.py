from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from envgen.cli import completing
from envgen.cli.console import cannot, print_text, usage_error

if TYPE_CHECKING:
    from collections.abc import Sequence

    from envgen.plan import Plan
    from envgen.presets import Preset, Secret


def presets(
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="[NAME]",
            autocompletion=completing.presets,
            help="A preset, or a file of your own: ./presets/queue.yaml. Default: a list.",
        ),
    ] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List the ready-made services, or show what one makes and how it is used."""
    from envgen import presets as every

    with cannot("text", "shown"):
        if name is None:
            found = [preset for known in every.names() if (preset := every.find(known)) is not None]
            print_text(_json(found) if as_json else _table(found))
        else:
            preset = _find(name)
            print_text(_json([preset], whole=True) if as_json else describe(preset, name))


def _find(name: str) -> "Preset":
    from envgen import presets as every
    from envgen import suggest
    from envgen.project import read_preset

    if every.is_file(name):
        try:
            return read_preset(Path(name))
        except OSError as error:
            raise usage_error(f"the preset can't be read: {error.strerror}", file=name) from None
    found = every.find(name)
    if found is None:
        hint = suggest.hint(name, every.names()) or "`envgen presets` lists them"
        raise usage_error(f"there is no preset `{name}`", hint)
    return found


def _table(found: "Sequence[Preset]") -> str:
    rows = [("NAME", "IMAGE", "PORT", "WHAT IT IS")]
    rows += [(preset.name, preset.image, str(preset.port), preset.summary) for preset in found]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    return "".join(
        "  ".join((*(text.ljust(width) for text, width in zip(row, widths, strict=False)), row[-1])) + "\n"
        for row in rows
    )


def describe(preset: "Preset", written: str) -> str:
    """What a preset makes and how it is used, as text; `written` is what a spec would call it."""
    name = _service_name(preset)
    lines = [f"{preset.summary}", "", "In envgen.yaml:", "", "  services:", f"    {name}: {{preset: {written}}}", ""]
    lines += ["Others reach it by:", ""]
    lines += _columns([(f"${{{name}.{attribute}}}", value) for attribute, value in references(preset, name).items()])
    needed = secrets(preset, name)
    if needed:
        lines += ["", "It reads these secrets, files that `envgen env generate` makes:", ""]
        lines += _columns([(f"secrets/{secret}", entry.description) for secret, entry in needed.items()])
    for note in preset.notes:
        lines += ["", *_wrapped(note)]
    lines += ["", "What it makes:", "", *(f"  {line}".rstrip() for line in compose_text(preset, name).splitlines())]
    return "\n".join(lines) + "\n"


def secrets(preset: "Preset", name: str) -> "dict[str, Secret]":
    """The secrets that the service reads, also those that only its variables name."""
    from envgen.presets import Secret

    declared = _plan(preset, name).sections.get("secrets")
    known = preset.secrets_for(name)
    return {secret: known.get(secret, Secret()) for secret in (declared if isinstance(declared, dict) else {})}


def references(preset: "Preset", name: str) -> dict[str, str]:
    """What `${NAME.host}` and the like become: attributes and their values."""
    from envgen.plan import as_data

    attributes = ["host", "port", *(["url"] if preset.url else [])]
    attributes += [f"{port}_port" for port in preset.ports] + [f"{url}_url" for url in preset.urls]
    asked = "".join(f"      {attribute}: '${{{name}.{attribute}}}'\n" for attribute in attributes)
    others = f"  {name}-user:\n    image: scratch\n    environment:\n{asked}"
    plan = _plan(preset, name, others)
    (user,) = (service for service in plan.services if service.name != name)
    values = as_data(user.compose["environment"])
    if not isinstance(values, dict):
        return {}
    return {key: str(value["interpolated"] if isinstance(value, dict) else value) for key, value in values.items()}


def compose_text(preset: "Preset", name: str) -> str:
    """The service as compose gets it, without the head of the file."""
    from envgen.render import render

    text = next(artifact.text for artifact in render(_plan(preset, name)) if artifact.path == "compose.yaml")
    return text[text.index("services:") :]


def _plan(preset: "Preset", name: str, others: str = "") -> "Plan":
    from envgen.plan import resolve
    from envgen.source import parse
    from envgen.spec import load

    # as a file, whatever it is: so it is found without a look at the disk
    text = f"envgen: 1\nname: presets\nservices:\n  {name}: {{preset: ./{name}}}\n{others}"
    return resolve(load(parse(text, "envgen.yaml")), presets={f"./{name}": preset})


def _service_name(preset: "Preset") -> str:
    """The preset's name as far as it can be a service's."""
    import re

    return re.sub(r"[^a-zA-Z0-9_-]+", "-", preset.name).strip("-_") or "service"


def _columns(pairs: "Sequence[tuple[str, str]]") -> list[str]:
    width = max(len(first) for first, _ in pairs)
    return [f"  {first.ljust(width)}  {second}".rstrip() for first, second in pairs]


def _wrapped(text: str) -> list[str]:
    import textwrap

    return textwrap.wrap(text, 100, initial_indent="- ", subsequent_indent="  ", break_long_words=False)


def _json(found: "Sequence[Preset]", *, whole: bool = False) -> str:
    """`{"version": 1, "presets": [...]}`; keys may be added. `service` is there for a single preset only."""
    import json

    entries = []
    for preset in found:
        name = _service_name(preset)
        entry: dict[str, object] = {
            "name": preset.name,
            "summary": preset.summary,
            "image": preset.image,
            "port": preset.port,
            "ports": dict(preset.ports),
            "url": preset.url,
            "urls": dict(preset.urls),
            "secrets": [
                {"name": secret, "description": known.description, "generate": known.generate}
                for secret, known in secrets(preset, name).items()
            ],
            "notes": list(preset.notes),
        }
        if whole:
            entry["compose"] = compose_text(preset, name)
        entries.append(entry)
    return json.dumps({"version": 1, "presets": entries}, indent=2, ensure_ascii=False) + "\n"
