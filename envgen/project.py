"""Reads from disk what a plan needs to know of a project: the files of its build contexts. Changes nothing."""

import posixpath
from collections.abc import Mapping
from pathlib import Path

from envgen import codes, runtimes
from envgen.artifact import clashes, path_problem
from envgen.finding import EnvgenError
from envgen.plan import Context, Plan
from envgen.source import Data, Problem, Route
from envgen.spec.build import Build
from envgen.spec.model import Spec

SPEC_NAMES = ("envgen.yaml", "envgen.yml", "envgen.json")
_LARGEST = 8 * 1024 * 1024


def find_spec(start: Path) -> Path | None:
    """The nearest spec in a folder or those above it, or None."""
    folders = (start, *start.parents)
    return next((path for folder in folders for name in SPEC_NAMES if (path := folder / name).is_file()), None)


def read_contexts(spec: Spec, root: Path) -> Mapping[str, Context]:
    """What is in the build contexts of the services that use a runtime; `root` is the spec's folder."""
    languages = map(runtimes.find, runtimes.names())
    names = sorted({name for language in languages if language for name in language.context_files})
    contexts: dict[str, Context] = {}
    for service in spec.services.values():
        if service.uses is None:
            continue
        written = _context(service.build) or _context(spec.defaults.get("build")) or "."
        context = posixpath.normpath(written)
        if context not in contexts and "$" not in written and "://" not in written:
            contexts[context] = _read(root / context, names)
    return contexts


def check_outputs(spec: Spec, plan: Plan) -> None:
    """Raises EnvgenError where a file would be rendered to a path that can't be an output, or beside its like."""
    routes: dict[str, Route] = {}
    paths = [plan.compose_path, plan.env_example_path]
    routes |= dict(zip(paths, (("outputs", "compose"), ("outputs", "env_example")), strict=True))
    for image in plan.images:
        written = image.name in spec.outputs.dockerfiles
        for path in (image.dockerfile, f"{image.dockerfile}.dockerignore"):
            paths.append(path)
            routes[path] = ("outputs", "dockerfiles", image.name) if written else image.route
    wrong = [(path, reason) for path in paths if (reason := path_problem(path))]
    wrong = wrong or list(clashes(paths))
    problems: dict[Route, Problem] = {}
    for path, reason in wrong:
        hint = "name a file inside of the project, relative to the spec"
        problem = Problem(code=codes.OUTPUT, route=routes[path], message=f"`{path}`: {reason}", hint=hint)
        problems.setdefault(routes[path], problem)
    if problems:
        raise EnvgenError(map(spec.source.finding, problems.values()))


def _context(build: Build | Data) -> str | None:
    """The context that a `build` names, in any of its forms."""
    if isinstance(build, Build):
        return build.context if "context" in build.model_fields_set else None
    context = build.get("context") if isinstance(build, dict) else build
    return context if isinstance(context, str) else None


def _read(folder: Path, names: list[str]) -> Context:
    if not folder.is_dir():
        return Context(exists=False)
    ignore = _text(folder / ".dockerignore") or ""
    # as Docker reads it: only "\n" ends a line, and an indented `#` is no comment
    lines = ignore.removeprefix("\ufeff").split("\n")
    return Context(
        ignore=tuple(line.strip() for line in lines if line.strip() and not line.startswith("#")),
        files={name: _text(folder / name) for name in names},
    )


def _text(path: Path) -> str | None:
    try:
        if not path.is_file() or path.stat().st_size > _LARGEST:
            return None
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
