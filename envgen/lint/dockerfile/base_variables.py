"""Which variables well-known base images set; the facts are in base_variables.toml."""

import tomllib
from functools import cache
from importlib.resources import files


def of_image(reference: str) -> frozenset[str] | None:
    """The names that an image may set, PATH not included; None for an image of which nothing is known."""
    name = reference.partition("@")[0]
    path, colon, tag = name.rpartition(":")
    if colon and "/" not in tag:
        name = path
    return _known().get(name.removeprefix("docker.io/").removeprefix("library/"))


@cache
def _known() -> dict[str, frozenset[str]]:
    data = tomllib.loads(files(__package__).joinpath("base_variables.toml").read_text(encoding="utf-8"))
    return {name: frozenset(names) for name, names in data["images"].items()}
