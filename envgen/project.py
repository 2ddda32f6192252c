"""Reads from disk what a plan needs to know of a project: its specs, presets and build contexts. Changes nothing."""

import posixpath
from collections.abc import Mapping
from pathlib import Path

from envgen import codes, presets, runtimes
from envgen.artifact import clashes, path_problem
from envgen.build_context import read_context
from envgen.composition import compose
from envgen.finding import EnvgenError, Finding
from envgen.plan import Context, Plan
from envgen.plan.draft import named_runtime
from envgen.presets import Preset
from envgen.source import Data, Problem, Route, Source, parse
from envgen.spec.build import Build
from envgen.spec.model import Spec
from envgen.spec.runtime import Runtime

SPEC_NAMES = ("envgen.yaml", "envgen.yml", "envgen.json")
_LARGEST_PRESET = 1024 * 1024
_LARGEST_SPEC = 64 * 1024 * 1024  # what is read at most; `parse` refuses far smaller ones with a reason


def find_spec(start: Path) -> Path | None:
    """The nearest spec in a folder or those above it, or None."""
    folders = (start, *start.parents)
    return next((path for folder in folders for name in SPEC_NAMES if (path := folder / name).is_file()), None)


def read_source(content: bytes, path: str) -> Source:
    """A spec with those that it names; `path` is as shown to people, and relative to the working directory.

    Raises EnvgenError with all that is wrong with what these files say of each other, or that is no YAML.
    """
    return compose(parse(content, path), read_file)


def read_file(path: str) -> Source:
    """A spec's file on its own; raises EnvgenError where it is no YAML, OSError where it can't be read."""
    file = Path(path)
    if file.is_dir():
        named = next((name for name in SPEC_NAMES if (file / name).is_file()), SPEC_NAMES[0])
        raise OSError(0, f"it is a folder; name the file, such as {path}/{named}")
    if file.exists() and not file.is_file():
        raise OSError(0, "it is no regular file")
    with file.open("rb") as stream:
        return parse(stream.read(_LARGEST_SPEC), path)


def read_contexts(spec: Spec, root: Path) -> Mapping[str, Context]:
    """What is in the build contexts of the services that use a runtime; `root` is the spec's folder."""
    names = _wanted(spec)
    contexts: dict[str, Context] = {}
    services = ((one, service) for one in spec.in_all for service in one.services.values())
    for one, service in services:
        if service.uses is None:
            continue
        written = _context(service.build) or _context(one.defaults.get("build")) or "."
        context = posixpath.normpath(written)
        if context not in contexts and "$" not in written and "://" not in written:
            contexts[context] = read_context(root / context, names)
    return contexts


def read_presets(spec: Spec, root: Path) -> Mapping[str, Preset]:
    """The presets of the user's own that services name, by their paths; `root` is the spec's folder.

    Raises EnvgenError with all that is wrong: findings in their files, or in the spec where one can't be read.
    """
    found: dict[str, Preset] = {}
    findings: list[Finding] = []
    for one in (spec, *map(spec.environment, spec.environments)):
        for name, service in one.services.items():
            path = service.preset
            if path is None or not presets.is_file(path) or path in found:
                continue
            try:
                found[path] = read_preset(root / path)
            except EnvgenError as error:
                findings += error.findings
            except OSError as error:
                message = f"the preset `{path}` can't be read: {error.strerror}"
                hint = "with a slash it is a file, relative to the spec"
                route = ("services", name, "preset")
                problem = Problem(code=codes.UNKNOWN_REFERENCE, route=route, message=message, hint=hint)
                findings.append(one.source.finding(problem))
    if findings:
        raise EnvgenError(dict.fromkeys(findings))
    return found


def read_preset(path: Path) -> Preset:
    """The preset in a file; raises EnvgenError with what is wrong with it, OSError where it can't be read."""
    if path.exists() and not path.is_file():
        raise OSError(0, "it is no regular file")
    with path.open("rb") as file:
        content = file.read(_LARGEST_PRESET)
    return presets.read(parse(content, path.as_posix()), path.stem)


def _wanted(spec: Spec) -> frozenset[str]:
    """The files of a context that the languages of a spec ask for."""
    named: list[Runtime | None] = []
    for one in spec.in_all:
        used = [service.uses for service in one.services.values()]
        builds = (service.build for service in one.services.values())
        used += [build.assets.uses for build in builds if isinstance(build, Build) and build.assets]
        entries = [entry for uses in used for entry in (uses if isinstance(uses, tuple) else (uses,))]
        named += [named_runtime(one, entry) for entry in entries if entry is not None]
    languages = (runtimes.find(runtime.language) for runtime in named if runtime)
    return frozenset(name for language in languages if language for name in language.context_files)


def check_outputs(spec: Spec, plan: Plan) -> None:
    """Raises EnvgenError where a file would be rendered to a path that can't be an output, or beside its like."""
    routes: dict[str, Route] = {}
    paths = [plan.compose_path, plan.env_example_path]
    routes |= dict(zip(paths, (("outputs", "compose"), ("outputs", "env_example")), strict=True))
    for stack in plan.environments:
        written = stack.environment in spec.outputs.environments
        route = ("outputs", "environments") if written else ("environments",)
        for path in filter(None, (stack.compose_path, stack.overlay_path)):
            paths.append(path)
            routes[path] = (*route, str(stack.environment))
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
