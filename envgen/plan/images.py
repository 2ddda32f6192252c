"""Images: one for each distinct build of a runtime, and what all services of an image agree on."""

import json
import posixpath
import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from envgen import codes
from envgen.plan.context import Context
from envgen.plan.draft import Draft, Problems, ResolvedRuntime
from envgen.plan.environment import scalar_text
from envgen.plan.health import plan_http
from envgen.plan.model import Copy, Health, IgnoreGroup, Image, ImageUser, Step
from envgen.plan.texts import Texts, port_target
from envgen.plan.users import plan_user, setup_commands
from envgen.source import Data, Problem, Route
from envgen.spec.model import Build, Spec

WORKDIR = "/app"
_PLAIN_WORDS = re.compile(r"^[A-Za-z0-9_./:=@,+ -]+$")
# BuildKit's patterns and escapes: a name with one of these is no plain path in COPY
_UNCOPYABLE = re.compile(r"[*?\[\]\\\x00-\x1f\x7f]")
_ENV_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_UNSAFE_ENV = re.compile(r"[\x00-\x1f\x7f]")
_OWN_FILES = ("**/*.Dockerfile", "**/*.dockerignore", "**/compose*.yaml", "**/envgen.yaml", "**/envgen.lock")
_SECRET_FILES = ("**/.env", "**/.env.*", "!**/.env.example", "**/secrets", "**/.git")
_REFUSED_BUILD_KEYS = ("dockerfile", "dockerfile_inline", "target")


@dataclass(frozen=True, slots=True)
class PlannedImages:
    """The images, which of them each service is built as, and what is left for compose to say."""

    images: tuple[Image, ...]
    by_service: Mapping[str, Image]
    shared: frozenset[str]  # the images that several services are built as
    health: Mapping[str, Health | None]  # what `http:` became, by service


def plan_images(spec: Spec, drafts: Sequence[Draft], contexts: Mapping[str, Context], texts: Texts) -> PlannedImages:
    """The images of a spec; `contexts` holds what is known of the build contexts' files."""
    groups: dict[str, list[tuple[Draft, ResolvedRuntime]]] = {}
    for draft in drafts:
        if draft.runtime is not None:
            build = json.dumps(draft.raw.get("build"), sort_keys=True)
            groups.setdefault(f"{draft.runtime.image} {build}", []).append((draft, draft.runtime))
    health = {draft.name: plan_http(draft, texts) for draft in drafts}
    images: list[Image] = []
    by_service: dict[str, Image] = {}
    for members in groups.values():
        sharing = [draft for draft, _ in members]
        image = _image(spec, sharing, members[0][1], contexts, texts, health)
        images.append(image)
        by_service |= {draft.name: image for draft in sharing}
    shared = frozenset(members[0][0].name for members in groups.values() if len(members) > 1)
    return PlannedImages(tuple(images), by_service, shared, health)


def build_of(draft: Draft) -> Build:
    """The build of a service, its short form spelled out."""
    build = draft.model.build
    return build if isinstance(build, Build) else Build(context=build or ".")


def exec_form(command: Data) -> tuple[str, ...] | None:
    """A command as the words that are run; None where compose has to read it (interpolation, quotes)."""
    if isinstance(command, list) and all(isinstance(word, str) and "$" not in word for word in command):
        return tuple(str(word) for word in command) or None
    if isinstance(command, str) and _PLAIN_WORDS.match(command) and command.strip():
        return tuple(shlex.split(command))
    return None


def _image(
    spec: Spec,
    sharing: Sequence[Draft],
    runtime: ResolvedRuntime,
    contexts: Mapping[str, Context],
    texts: Texts,
    health: Mapping[str, Health | None],
) -> Image:
    first, problems = sharing[0], texts.problems
    build, route = build_of(first), (*first.route, "build")
    _check_build(first, build, route, problems)
    context = posixpath.normpath(build.context)
    known = contexts.get(context, Context())
    _check_context(first, build, runtime, contexts.get(context), problems)
    toolchain = runtime.language.toolchain(runtime.release)
    steps = (build.run,) if isinstance(build.run, str) else build.run
    secrets = tuple(_secret_id(secret) for secret in build.secrets)
    commands = {exec_form(draft.raw.get("command")) for draft in sharing if "entrypoint" not in draft.raw}
    checks = {health[draft.name] for draft in sharing}
    packages = runtime.distro.install(build.packages)
    user = _one_user(sharing, problems)
    setup = setup_commands(first, user, WORKDIR, _writable_targets(sharing))
    return Image(
        name=first.name,
        title=f"{spec.name}-{first.name}",
        language=runtime.language.name,
        base=runtime.image,
        context=context,
        dockerfile=spec.outputs.dockerfiles.get(first.name, posixpath.normpath(f"{context}/{first.name}.Dockerfile")),
        workdir=WORKDIR,
        packages=Step(commands=packages) if build.packages else None,
        manifests=("package*.json",) if build.install else toolchain.manifests,
        install=Step(commands=(build.install or toolchain.install,), cache=toolchain.cache, secrets=secrets),
        build_install=Step(commands=(toolchain.install_all,), cache=toolchain.cache, secrets=secrets)
        if steps
        else None,
        build_steps=tuple(Step(commands=(step,)) for step in steps),
        clean=None if build.files or not steps else Step(commands=(toolchain.clean,)),
        dependencies=toolchain.dependencies,
        copies=tuple(map(_copy, build.files or (".",))),
        args=_argument_names(build.compose_keys.get("args")),
        environment={**runtime.language.environment, **{key: scalar_text(value) for key, value in build.env.items()}},
        labels=_labels(spec, first, runtime),
        user=user,
        setup=Step(commands=setup) if setup else None,
        ports=_exposed(sharing),
        health=checks.pop() if len(checks) == 1 else None,
        command=commands.pop() if len(commands) == 1 else None,
        ignore=_ignore(runtime, known),
        route=first.route,
    )


def _check_build(draft: Draft, build: Build, route: Route, problems: Problems) -> None:
    for key in _REFUSED_BUILD_KEYS:
        if key in build.compose_keys:
            hint = "leave out `uses` to build with a Dockerfile of your own"
            message = f"`{key}` belongs to a Dockerfile of your own, but `uses` renders one"
            problems.append(Problem(code=codes.CONFLICT, route=(*route, key), message=message, hint=hint, at_key=True))
    if "$" in build.context or "://" in build.context:
        message = "the context of a rendered Dockerfile has to be a folder of the project"
        problems.append(Problem(code=codes.INVALID_VALUE, route=(*route, "context"), message=message))
    for place, message, advice in (*_unwritable_files(build), *_unwritable_env(build), *_empty_steps(build)):
        problems.append(Problem(code=codes.INVALID_VALUE, route=(*route, *place), message=message, hint=advice))
    if not {"command", "entrypoint"} & draft.raw.keys():
        hint = "say what the container runs, such as command: [node, server.js]"
        message = f"`{draft.group}` has no command"
        problems.append(Problem(code=codes.MISSING_KEY, route=draft.route, message=message, hint=hint, at_key=True))


_Unwritable = Iterator[tuple[Route, str, str | None]]


def _unwritable_files(build: Build) -> _Unwritable:
    for index, path in enumerate(build.files):
        if not path or _UNCOPYABLE.search(path) or posixpath.normpath(path).startswith(("/", "..")):
            hint = "name a file or folder inside the context, without * ? [ ] \\ and control characters"
            yield ("files", index), f"{path!r} can't be copied by that very name", hint


def _unwritable_env(build: Build) -> _Unwritable:
    for name, value in build.env.items():
        if _UNSAFE_ENV.search(scalar_text(value)):
            message = "ENV can't hold a line break or another control character"
            yield ("env", name), message, "set it in `environment`"
        if not _ENV_NAME.fullmatch(name):
            yield ("env", name), f"`{name}` is no name for an environment variable", None


def _empty_steps(build: Build) -> _Unwritable:
    steps = (build.run,) if isinstance(build.run, str) else build.run
    for index, step in enumerate(steps):
        if not step.strip() or "\x00" in step:
            yield ("run", index), "a build step has to be a command", None
    if build.install is not None and not build.install.strip():
        yield ("install",), "a build step has to be a command", None


def _check_context(
    draft: Draft, build: Build, runtime: ResolvedRuntime, context: Context | None, problems: Problems
) -> None:
    """What the build would trip over in the files of its context, where they are known."""
    written = draft.raw.get("build")
    route: Route = (*draft.route, "build") if written is not None else (*draft.route, "uses")
    route = (*route, "context") if isinstance(written, dict) and "context" in written else route
    if context is None:
        return
    if not context.exists:
        message = f"there is no folder {build.context}"
        hint = "make it, or correct the path: it is relative to the spec"
        problems.append(Problem(code=codes.BUILD_CONTEXT, route=route, message=message, hint=hint))
    elif build.install is None:
        for file, message, hint in runtime.language.check_context(runtime.release, context.files):
            place = posixpath.normpath(posixpath.join(build.context, file))
            problems.append(Problem(code=codes.BUILD_CONTEXT, route=route, message=f"{place}: {message}", hint=hint))


def _one_user(sharing: Sequence[Draft], problems: Problems) -> ImageUser:
    users = [plan_user(draft, problems) for draft in sharing]
    for draft, user in zip(sharing, users, strict=True):
        if user != users[0]:
            message = f"`{draft.name}` and `{sharing[0].name}` share an image, but not a user"
            hint = "give them the same user, or builds that differ"
            problems.append(Problem(code=codes.CONFLICT, route=(*draft.route, "user"), message=message, hint=hint))
    return users[0]


def _labels(spec: Spec, draft: Draft, runtime: ResolvedRuntime) -> dict[str, str]:
    return {
        "org.opencontainers.image.title": f"{spec.name}-{draft.name}",
        "org.opencontainers.image.base.name": f"docker.io/library/{runtime.image}",
    }


def _copy(path: str) -> Copy:
    # a folder's content is copied, not the folder: so the target names it again
    source = posixpath.normpath(path)
    return Copy(source=source, target="./" if source == "." else f"./{source}")


def _writable_targets(sharing: Sequence[Draft]) -> tuple[str, ...]:
    """Where named and anonymous volumes are mounted for writing: a new volume takes the folder's owner over."""
    found: dict[str, None] = {}
    for draft in sharing:
        volumes = draft.raw.get("volumes")
        for volume in volumes if isinstance(volumes, list) else ():
            target = writable_volume(volume)
            if target is not None and re.fullmatch(r"/[\w./-]+", target[1]):
                found[posixpath.normpath(target[1])] = None
    return tuple(found)


def writable_volume(volume: Data) -> tuple[str | None, str] | None:
    """Name (None: anonymous) and target of a volume that is mounted for writing; None for any other mount."""
    if isinstance(volume, dict):
        if volume.get("type") != "volume" or volume.get("read_only"):
            return None
        source, target = volume.get("source"), volume.get("target")
        return (source if isinstance(source, str) else None), str(target)
    if not isinstance(volume, str) or "$" in volume:
        return None
    source_text, *rest = volume.split(":")
    if not rest:
        return None, source_text
    if not re.fullmatch(r"[a-zA-Z0-9][a-zA-Z0-9_.-]+", source_text) or "ro" in (rest[1].split(",") if rest[1:] else ()):
        return None
    return source_text, rest[0]


def _exposed(sharing: Sequence[Draft]) -> tuple[str, ...]:
    """The ports that every service of an image listens on."""
    sets: list[dict[str, None]] = []
    for draft in sharing:
        ports: dict[str, None] = {}
        for port in draft.raw.get("ports") or ():  # type: ignore[union-attr]
            number = port_target(port)
            protocol = port.get("protocol") if isinstance(port, dict) else str(port).partition("/")[2]
            if number is not None:
                ports[f"{number}/{protocol}" if protocol not in (None, "", "tcp") else str(number)] = None
        sets.append(ports)
    return tuple(port for port in sets[0] if all(port in ports for ports in sets))


def _ignore(runtime: ResolvedRuntime, context: Context) -> tuple[IgnoreGroup, ...]:
    groups = [
        IgnoreGroup(reason="secrets and local settings never get into an image", patterns=_SECRET_FILES),
        IgnoreGroup(reason="made anew in the image", patterns=tuple(f"**/{name}" for name in runtime.language.ignore)),
        IgnoreGroup(reason="changes here need no new image", patterns=_OWN_FILES),
    ]
    if context.ignore:
        groups.append(
            IgnoreGroup(reason="taken over from .dockerignore; the last match decides", patterns=context.ignore)
        )
    return tuple(groups)


def _secret_id(secret: Data) -> str:
    if isinstance(secret, dict):
        return str(secret.get("target") or secret.get("source"))
    return str(secret)


def _argument_names(arguments: Data) -> tuple[str, ...]:
    if isinstance(arguments, dict):
        return tuple(arguments)
    return tuple(str(entry).partition("=")[0] for entry in arguments) if isinstance(arguments, list) else ()
