import csv
import re
from collections.abc import Iterator, Mapping
from itertools import chain, islice

from envgen import suggest
from envgen.finding import Severity
from envgen.lint.dockerfile import Dockerfile
from envgen.lint.rule import Violation, dockerfile_rule
from envgen.lint.rules.dockerfile._accepted import is_for_docker

_TYPES = ("bind", "cache", "tmpfs", "secret", "ssh")
_SHARING = ("shared", "private", "locked")
_KEYS = (
    *("type", "from", "source", "src", "target", "dst", "destination", "readonly", "ro", "readwrite", "rw"),
    *("id", "sharing", "required", "size", "mode", "uid", "gid", "env"),
)
_BARE = frozenset({"readonly", "ro", "readwrite", "rw", "required"})
_BOOLEAN = re.compile(r"1|t|T|TRUE|true|True|0|f|F|FALSE|false|False")
_VALUES = {
    "readonly": _BOOLEAN,
    "ro": _BOOLEAN,
    "readwrite": _BOOLEAN,
    "rw": _BOOLEAN,
    "required": _BOOLEAN,
    "mode": re.compile(r"[0-7]+"),
    "uid": re.compile(r"\d+"),
    "gid": re.compile(r"\d+"),
    "size": re.compile(r"\d+(\.\d+)? ?([kmgtp]i?)?b?", re.IGNORECASE),
}
_OF_TYPES = {"required": ("secret", "ssh"), "size": ("tmpfs",)}
_MOST = 20  # things to say about one RUN
_WITH_OWNER = ("secret", "ssh", "cache")


@dockerfile_rule("EG135", "run-mount-invalid", Severity.ERROR)
def check(file: Dockerfile) -> Iterator[Violation]:
    """An option of `RUN --mount` that BuildKit refuses.

    BuildKit reads `--mount` strictly: an unknown type or key, a value of the wrong kind, or a key that the type doesn't
    have ends the build ("unsupported mount type", "unexpected key").

    Bad:

        FROM debian:12
        RUN --mount=type=caches,target=/var/cache/apt apt-get update

    Good:

        FROM debian:12
        RUN --mount=type=cache,target=/var/cache/apt apt-get update
    """
    for one in file.every("RUN"):
        if one.flags and is_for_docker(file):
            found = chain.from_iterable(_problems(value) for value in one.flag_values("mount"))
            for part, message, hint in islice(found, _MOST):
                yield Violation(place=file.place(one, part), message=message, hint=hint)


def _problems(value: str) -> Iterator[tuple[str, str, str | None]]:  # noqa: C901 - a flat list of cases
    """What is wrong with a mount: the part of it, a message and a hint. Variables are taken to be right."""
    try:
        fields = next(csv.reader([value], strict=True), [])
    except csv.Error:
        yield value, f"the mount `{value}` is not well-formed", "quote a field that holds a comma as a whole"
        return
    kind, found = "bind", dict[str, str]()
    for field in fields:
        key, equals, given = field.partition("=")
        key = key.lower()
        if not equals and key not in _BARE:
            yield field, f"`{field}` of a mount needs a value", f"write `{field}=value`"
        elif key not in _KEYS:
            yield field, f"a mount has no key `{key}`", suggest.hint(key, _KEYS)
        elif key == "from" and "$" in given[:-1]:
            yield (
                field,
                f"`{field}`: `from` of a mount takes no variable",
                "name a stage that is built `FROM` the variable",
            )
        elif "$" not in given:
            if key == "type":
                kind = given.lower()
            if (problem := _value_problem(key, given, equals)) is not None:
                yield field, *problem
            elif key in _OF_TYPES and kind in _TYPES and kind not in _OF_TYPES[key]:
                yield field, f"a mount of type `{kind}` has no `{key}`", f"it belongs to {' and '.join(_OF_TYPES[key])}"
        found[key] = given
    if "$" not in value and kind in _TYPES:
        yield from _combined(value, kind, found)


def _value_problem(key: str, given: str, equals: str) -> tuple[str, str | None] | None:
    if key == "type" and given.lower() not in _TYPES:
        return f"there is no mount type `{given}`", suggest.hint(given, _TYPES) or f"it is one of {', '.join(_TYPES)}"
    if key == "sharing" and given.lower() not in _SHARING:
        return f"`{given}` is no way of sharing a cache", f"it is one of {', '.join(_SHARING)}"
    if equals and key in _VALUES and not _VALUES[key].fullmatch(given):
        return f"`{given}` is no value for `{key}` of a mount", None
    return None


def _combined(value: str, kind: str, found: Mapping[str, str]) -> Iterator[tuple[str, str, str | None]]:
    if kind not in _WITH_OWNER:
        for key in ("mode", "uid", "gid"):
            if key in found:
                yield f"{key}={found[key]}", f"a mount of type `{kind}` has no `{key}`", "remove it"
    if found.get("sharing") and kind != "cache":
        yield f"sharing={found['sharing']}", f"a mount of type `{kind}` has no `sharing`", "it belongs to cache"
    if kind != "secret":
        return
    source = found.get("source") or found.get("src")
    if found.get("from"):
        yield f"from={found['from']}", "a secret has no `from`", "remove it"
    if source and found.get("id"):
        yield value, "a secret has `id` or `source`, not both", "keep `id`"
    if not source and not found.get("id") and not any(found.get(key) for key in ("target", "dst", "destination")):
        yield value, "a secret needs an `id`", "write `--mount=type=secret,id=name`"
