"""The Dockerfile of each image, in BuildKit's grammar."""

import json
import posixpath
import re
from collections.abc import Iterator, Sequence

from envgen.artifact import Artifact
from envgen.plan import Plan
from envgen.plan.model import SecretMount, Step
from envgen.templating import Filters, Templates

_PLAIN = re.compile(r"[A-Za-z0-9_./:@+,-]+")
_PLAIN_PATH = re.compile(r"[A-Za-z0-9_.*/@+][A-Za-z0-9_.*/@+-]*")  # what starts with a dash may be a flag
# Shell form would read these as something else: a flag, exec form, a comment, a heredoc, a line that goes on
_UNSAFE_SHELL = re.compile(r"^\s|\s$|^--|^\[|^#|<<|\\$|[\x00-\x1f\x7f\x85\u2028\u2029\ufeff]")
_SHELL_LEXER_SPECIAL = re.compile(r"([\\$\"'])")


def render(plan: Plan, templates: Templates) -> Iterator[Artifact]:
    """One Dockerfile an image."""
    filters: Filters = {"exec_form": exec_form, "paths": paths, "quoted": quoted, "run": run, "within": within}
    for image in plan.images:
        text = templates.render(f"{image.language}/Dockerfile.j2", filters, image=image, project=plan.name)
        yield Artifact(path=image.dockerfile, text=text, origin=image.route)


def exec_form(words: Sequence[str]) -> str:
    """A command in exec form: a JSON list, in which nothing is expanded."""
    return json.dumps(list(words), ensure_ascii=False).replace("\x7f", "\\u007f")


def quoted(text: str) -> str:
    r"""A value of ENV, ARG or LABEL that BuildKit reads as that very text.

    Inside of double quotes its shell lexer takes `\\`, `\"` and `\$` for the characters themselves.
    """
    if _PLAIN.fullmatch(text):
        return text
    escaped = re.sub(r'([\\"$])', r"\\\1", text)
    return f'"{escaped}"'


def paths(names: Sequence[str]) -> str:
    """Sources and destination of a COPY; each word goes through BuildKit's shell lexer, in JSON form, too."""
    if all(_PLAIN_PATH.fullmatch(name) for name in names):
        return " ".join(names)
    return exec_form([_SHELL_LEXER_SPECIAL.sub(r"\\\1", name) for name in names])


def within(names: Sequence[str], folder: str) -> tuple[str, ...]:
    """Paths below a folder; absolute ones stay."""
    return tuple(posixpath.join(folder, name) for name in names)


def run(step: Step) -> str:
    """What follows RUN: mounts, and commands joined with `&&`; in exec form where shell form would read them wrong."""
    mounts = [f"--mount=type=cache,target={folder},sharing=locked" for folder in step.caches]
    mounts += [_secret(secret) for secret in step.secrets]
    commands = (
        *(part for mount in step.secrets if mount.env for part in _exported(mount.env, _place(mount))),
        *step.commands,
    )
    if any(_UNSAFE_SHELL.search(command) for command in commands):
        command = exec_form(["/bin/sh", "-c", " && ".join(commands)])
    else:
        command = " \\\n    && ".join(commands)
    return " \\\n    ".join([*mounts, command])


def _exported(name: str, file: str) -> tuple[str, str]:
    """In two steps: `export` alone would hide that the file can't be read."""
    return f'{name}="$(cat {file})"', f"export {name}"


def _secret(mount: SecretMount) -> str:
    target = f",target={mount.path}" if mount.path else ""
    return f"--mount=type=secret,id={mount.id}{target},required=true"


def _place(mount: SecretMount) -> str:
    return mount.path or f"/run/secrets/{mount.id}"
