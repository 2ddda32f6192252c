"""What crosses files: services, the Dockerfiles that build them, their contexts, and the variables around them."""

import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from e2b_dockerfile_utils import PatternMatcher

from envgen.lint.composefile import Compose, Service
from envgen.lint.composefile.short_forms import Build
from envgen.lint.dockerfile import Dockerfile, Instruction, Stage, SyntaxProblem, parse
from envgen.lint.dockerfile.images import base_image
from envgen.lint.dockerfile.steps import Copied, Step, copied, lineage, steps
from envgen.lint.options import Options
from envgen.lint.place import Place
from envgen.lint.tree import Tree

_REMOTE = ("http://", "https://", "git://", "ssh://", "git@", "github.com/", "oci-layout://", "docker-image://")


def pattern_matcher(patterns: Iterable[str]) -> PatternMatcher | None:
    """What matches patterns in the form of a .dockerignore; None where BuildKit refuses one of them."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # of `[[:digit:]]`, which Docker reads as Python does
        try:
            return PatternMatcher(list(patterns))
        except ValueError:
            return None


@dataclass(frozen=True)
class Ignore:
    """A .dockerignore: its path, its text, and its patterns with their lines (1-based)."""

    path: str
    text: str

    @cached_property
    def patterns(self) -> tuple[tuple[int, str], ...]:
        """The patterns as written, without comments and blank lines (those count by their first column only)."""
        lines = enumerate(self.text.split("\n"), 1)
        return tuple((number, line.strip()) for number, line in lines if line.strip() and not line.startswith("#"))

    @cached_property
    def _matcher(self) -> PatternMatcher | None:
        return self.matcher(len(self.patterns))

    def matcher(self, count: int) -> PatternMatcher | None:
        """What the first patterns, so many of them, exclude; None where BuildKit refuses one of these."""
        return pattern_matcher(pattern for _, pattern in self.patterns[:count])

    def excludes(self, path: str) -> bool:
        """Whether a path (relative to the context, with `/`) stays outside of the build."""
        return self._matcher is not None and bool(self._matcher.matches(path))


@dataclass(frozen=True, kw_only=True)
class BuildLink:
    """How an image is built: by a compose service, or by a Dockerfile that stands alone (`service` is None then).

    `context` and `dockerfile_path` are paths as shown to the user; None where they are remote or hang on a variable
    that isn't known. `dockerfile` is None where there is none or it can't be read. A Dockerfile that stands alone has a
    context only where a .dockerignore says so. `has_context` tells that the context is a local folder with something in
    it, so that what isn't there is missing. `additional_contexts` are the names that mean something else than an image.
    """

    service: Service | None
    context: str | None
    dockerfile_path: str | None
    dockerfile: Dockerfile | SyntaxProblem | None
    is_inline: bool = False
    target: str = ""
    args: Mapping[str, str | None] = field(default_factory=dict)
    ignore: Ignore | None = None
    additional_contexts: frozenset[str] = frozenset()
    has_context: bool = False

    @property
    def parsed(self) -> Dockerfile | None:
        """The Dockerfile where there is one that could be read."""
        return self.dockerfile if isinstance(self.dockerfile, Dockerfile) else None

    @property
    def final_stage(self) -> Stage | None:
        """The stage that becomes the image: the target's (by name or number), else the last."""
        file = self.parsed
        if file is None or not file.stages:
            return None
        if not self.target:
            return file.stages[-1]
        if self.target.isdecimal() and int(self.target) < len(file.stages):
            return file.stages[int(self.target)]
        return file.named_stage(self.target)

    @cached_property
    def known_args(self) -> Mapping[str, str | None]:
        """The build arguments; None stands for a value that the shell or a variable provides."""
        return {name: None if text is None or "$" in text else text for name, text in self.args.items()}

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """Every instruction of the stages that are built, with what holds at it; none where the file isn't known."""
        file, final = self.parsed, self.final_stage
        return steps(file, final, self.known_args) if file and final else ()

    @cached_property
    def lineage(self) -> tuple[Step, ...]:
        """The steps of the image itself: those of its stage and of the stages that it is built on."""
        file, final = self.parsed, self.final_stage
        if file is None or final is None:
            return ()
        own = {stage.index for stage in lineage(file, final, self.known_args)}
        return tuple(step for step in self.steps if step.stage.index in own)

    @cached_property
    def copies(self) -> tuple[Copied, ...]:
        """What is copied out of the build context."""
        return tuple(one for step in self.steps for one in copied(step))

    @cached_property
    def base(self) -> str | None:
        """The image that the final stage's lineage starts from; None where that isn't known."""
        file, final = self.parsed, self.final_stage
        if file is None or final is None:
            return None
        first = lineage(file, final, self.known_args)[-1]
        image = base_image(file, first, self.known_args)
        return None if image in self.additional_contexts or "dockerfile" not in _frontend(file) else image

    def place(self, instruction: Instruction, part: str | None = None, *, nth: int = 0) -> Place:
        """Where an instruction of the Dockerfile stands; for an inline one, in the compose file."""
        if self.parsed is None:
            raise ValueError("there is no Dockerfile")
        place = self.parsed.place(instruction, part, nth=nth)
        return (
            in_inline(self.service, place)
            if self.is_inline and self.service
            else in_dockerfile(place, self.parsed.path)
        )


@dataclass(frozen=True)
class Project:
    """What a rule across files gets to see. `compose` is None for a Dockerfile that no compose file builds.

    `today` is injected, so that findings don't depend on the clock.
    """

    compose: Compose | None
    builds: Sequence[BuildLink]
    tree: Tree
    today: date
    options: Options = field(default_factory=Options)

    def build_of(self, service: str) -> BuildLink | None:
        """How a service is built, or None where it isn't."""
        return self._builds.get(service)

    @cached_property
    def _builds(self) -> Mapping[str, BuildLink]:
        return {one.service.name: one for one in self.builds if one.service}

    @cached_property
    def answers(self) -> dict[object, object]:
        """What rules have worked out about the project, for the others that ask the same."""
        return {}

    @property
    def folder(self) -> str:
        """The folder of the compose file, "" for the working directory."""
        return self.tree.beside(self.compose.path, ".") if self.compose else ""


def _frontend(file: Dockerfile) -> str:
    return file.directives.get("syntax", ("docker/dockerfile", 1))[0]


def in_dockerfile(place: Place, path: str) -> Place:
    """A place of a Dockerfile for a finding that is reported there."""
    return Place(place.line, place.column, place.width, path)


def in_inline(service: Service, place: Place) -> Place:
    """A place of a `dockerfile_inline` in the compose file; its key where the text doesn't stand there line by line."""
    key = service.place("build", "dockerfile_inline", at_key=True)
    inline = service.build.inline if service.build else None
    source, _ = service.compose.origin(("services", service.name, "build", "dockerfile_inline"))
    line = ((inline or "").split("\n") or [""])[place.line - 1 : place.line]
    there = source.text.split("\n")[key.line + place.line - 1 : key.line + place.line]
    if not line or not line[0].strip() or not there or not there[0].rstrip("\r").endswith(line[0]):
        return key
    indent = len(there[0].rstrip("\r")) - len(line[0])
    return Place(key.line + place.line, indent + place.column, place.width, key.file)


def of_compose(compose: Compose, tree: Tree, today: date, options: Options) -> Project:
    """The project of a compose file, its Dockerfiles read."""
    builds = [link for service in compose.services.values() if (link := _link(service, tree)) is not None]
    return Project(compose, tuple(builds), tree, today, options)


def of_dockerfile(file: Dockerfile, tree: Tree, today: date, options: Options) -> Project:
    """The project of a Dockerfile that no compose file builds."""
    folder = tree.beside(file.path, ".")
    ignore = _ignore(folder, file.path, tree)
    context = folder if ignore else None
    link = BuildLink(
        service=None,
        context=context,
        dockerfile_path=file.path,
        dockerfile=file,
        ignore=ignore,
        has_context=context is not None,
    )
    return Project(None, (link,), tree, today, options)


def _link(service: Service, tree: Tree) -> BuildLink | None:
    build = service.build
    if build is None:
        return None
    context = _context(service, build, tree)
    path = None
    if build.inline is None and context is not None and "$" not in build.dockerfile:
        path = tree.join(context, build.dockerfile or _default_dockerfile(context, tree))
    dockerfile: Dockerfile | SyntaxProblem | None = None
    if build.inline is not None:
        dockerfile = parse(build.inline, service.compose.path)
    elif path is not None and (text := tree.text(path)) is not None:
        dockerfile = parse(text, path)
    return BuildLink(
        service=service,
        context=context,
        dockerfile_path=path,
        dockerfile=dockerfile,
        is_inline=build.inline is not None,
        target=build.target if "$" not in build.target else "",
        args=build.args,
        ignore=_ignore(context, path, tree) if context is not None else None,
        additional_contexts=build.additional_contexts,
        has_context=context is not None and bool(tree.names(context)),
    )


def _context(service: Service, build: Build, tree: Tree) -> str | None:
    """The folder that is the build context, as shown to the user; None where it is remote or not known."""
    text = build.context
    if "$" in text or text.startswith(_REMOTE) or ".git#" in text or text.endswith(".git"):
        return None
    route = build.route if build.is_short else (*build.route, "context")
    return tree.join(service.compose.folder("services", service.name, *route), text)


def _default_dockerfile(context: str, tree: Tree) -> str:
    names = ("Dockerfile", "dockerfile", "Containerfile")
    return next((name for name in names if tree.is_file(tree.join(context, name))), names[0])


def _ignore(context: str, dockerfile: str | None, tree: Tree) -> Ignore | None:
    """The ignore file that BuildKit takes: `<Dockerfile>.dockerignore` before the context's `.dockerignore`."""
    candidates = [f"{dockerfile}.dockerignore"] if dockerfile else []
    for path in (*candidates, tree.join(context, ".dockerignore")):
        text = tree.text(path)
        if text is not None:
            return Ignore(path, text)
    return None
