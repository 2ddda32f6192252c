"""Reads a compose file as `docker compose` does: `.env`, interpolation, anchors, overrides, includes and extends.

What happens in which order is compose-go's (loader/loader.go, include.go, extends.go): each file is interpolated, gets
its includes, loses what the next one resets, has its services extended, and is laid over the files before it.
"""

from collections.abc import Sequence
from dataclasses import replace

from envgen import dotenv
from envgen.lint.composefile import env_files
from envgen.lint.composefile.files import ProjectFile, Reader
from envgen.lint.composefile.layers import Layer
from envgen.lint.composefile.model import Compose, Issue
from envgen.lint.composefile.parts import Assembly
from envgen.lint.place import Place
from envgen.lint.tree import Tree
from envgen.source import Route, Source


def load(
    source: Source,
    tree: Tree,
    *,
    overrides: Sequence[Source] = (),
    base: Source | None = None,
    reader: Reader | None = None,
) -> Compose:
    """The compose project of a file that could be parsed. Reads other files through `tree`. Never fails.

    `overrides` are laid over the file. With a `base`, the file is itself an overlay on that one: the project is both,
    and what is reported should be what stands in `source`.
    """
    reader = reader or Reader(tree)
    files = (base, source) if base else (source, *overrides)
    folder = tree.beside(files[0].path, ".")
    environment, problem = _dot_env(folder, tree)
    project = ProjectFile(folder=folder, environment=environment)
    lenient = Assembly(reader, is_strict=False, main=source.path)
    layer = lenient.files(files, project)
    strict = lenient
    if lenient.has_unknown:
        strict = Assembly(reader, is_strict=True, main=source.path)
        strict_layer = strict.files(files, project)
    else:
        strict_layer = layer
    issues = (*problem, *strict.every_issue())
    compose = Compose(
        path=source.path,
        sources=_main_first(source, lenient),
        data=layer.data if isinstance(layer.data, dict) else {},
        origins=_origins(layer, source),
        environment=environment,
        issues=issues,
        overlay_of=base.path if base else None,
        folders=lenient.folders,
        is_partial=lenient.is_partial,
    )
    if strict is not lenient:
        data = strict_layer.data if isinstance(strict_layer.data, dict) else {}
        origins = _origins(strict_layer, source)
        blank = replace(compose, data=data, origins=origins, folders=strict.folders, is_partial=strict.is_partial)
        compose = replace(compose, blank=blank)
    found = tuple(env_files.issues(compose.strict, tree))
    examples = frozenset[str]()
    if any(issue.kind == "unset-variable" for issue in issues):
        examples = env_files.example_variables(folder, tree)
    return replace(compose, issues=(*issues, *found), example_variables=examples) if found or examples else compose


def _dot_env(folder: str, tree: Tree) -> tuple[dict[str, str], tuple[Issue, ...]]:
    """What the `.env` of a project says, and what is wrong with it."""
    path = tree.join(folder, ".env")
    text = tree.text(path)
    if text is None:
        return {}, ()
    try:
        return dotenv.parse(text), ()
    except dotenv.DotenvError as error:
        hint = "every compose command in this folder fails because of it"
        return {}, (Issue("env-file-syntax", Place(error.line, file=path), error.reason, hint),)


def _main_first(source: Source, assembly: Assembly) -> tuple[Source, ...]:
    others = (one for one in assembly.sources.values() if one.path != source.path)
    return (source, *others)


def _origins(layer: Layer, source: Source) -> dict[Route, tuple[Source, Route]]:
    root: dict[Route, tuple[Source, Route]] = {}
    if layer.source is not source or layer.route:
        root[()] = layer.source, layer.route
    return {**root, **dict(layer.origins())}
