"""Reads from disk the templates of a spec's `templates_dir`. Changes nothing."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from envgen import codes, suggest
from envgen.finding import EnvgenError, Finding, Severity
from envgen.resources import template_names
from envgen.source import Problem
from envgen.spec.model import Spec
from envgen.templating import references

_SUFFIX = ".j2"
_LARGEST = 1024 * 1024
_MOST = 500


def read_templates(spec: Spec, root: Path) -> Mapping[str, tuple[str, str]]:
    """The user's own templates by the name that they shadow, each with its path and text; `root` is the spec's folder.

    Raises EnvgenError where the folder is not there, a file can't be read, or one shadows nothing and no other one of
    them includes it.
    """
    if spec.templates_dir is None:
        return {}
    folder = root / spec.templates_dir
    if not folder.is_dir():
        message = f"there is no folder `{spec.templates_dir}`"
        hint = "make it, or correct the path: it is relative to the spec"
        raise EnvgenError([_at_key(spec, message, hint)])
    found: dict[str, tuple[str, str]] = {}
    for path in _files(folder):
        if len(found) == _MOST:
            raise EnvgenError(
                [_at_key(spec, f"more than {_MOST} templates", "name a folder that holds only templates")]
            )
        if not any(path.resolve().is_relative_to(inside.resolve()) for inside in (folder, root)):
            message, hint = "a symbolic link leads out of the project", "put the file into the project"
            raise EnvgenError([_broken(path.as_posix(), message, hint)])
        try:
            found[path.relative_to(folder).as_posix()] = (path.as_posix(), _text(path))
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is no UTF-8 text"
            raise EnvgenError([_broken(path.as_posix(), f"the template can't be read: {reason}", None)]) from error
    findings = list(_unused(found))
    if findings:
        raise EnvgenError(findings)
    return found


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob(f"*{_SUFFIX}")) if path.is_file())


def _text(path: Path) -> str:
    if path.stat().st_size > _LARGEST:
        raise OSError(0, "it is larger than any template")
    return path.read_text(encoding="utf-8")


def _unused(own: Mapping[str, tuple[str, str]]) -> Iterator[Finding]:
    """The templates that nothing would render: a name that is spelled wrong looks like one that works."""
    names = template_names()
    used = {name for name in own if name in names}
    waiting = list(used)
    while waiting:
        for name in references(own[waiting.pop()][1]):
            if name in own and name not in used:
                used.add(name)
                waiting.append(name)
    for name in own.keys() - used:
        hint = suggest.hint(name, names) or "docs/templates.md lists the names of envgen's templates"
        yield _broken(own[name][0], f"envgen has no template `{name}`, and none of yours includes it", hint)


def _at_key(spec: Spec, message: str, hint: str) -> Finding:
    return spec.source.finding(Problem(code=codes.TEMPLATE, route=("templates_dir",), message=message, hint=hint))


def _broken(file: str, message: str, hint: str | None) -> Finding:
    return Finding(
        code=codes.TEMPLATE, severity=Severity.ERROR, file=file, line=1, column=1, message=message, hint=hint
    )
