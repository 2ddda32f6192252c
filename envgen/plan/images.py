"""Images: one for each distinct build of a runtime, and what all services of an image agree on."""

import json
import posixpath
import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from envgen import codes
from envgen.plan.context import Context
from envgen.plan.draft import Draft, Problems, ResolvedRuntime
from envgen.plan.entries import port_entry, writable_volume
from envgen.plan.health import fits_image, plan_http
from envgen.plan.ignore import ignored
from envgen.plan.literals import unwritable
from envgen.plan.model import Copy, Health, Image, ImageUser, Step
from envgen.plan.texts import Texts
from envgen.plan.typed import scalar_text
from envgen.plan.users import plan_user, setup_commands
from envgen.runtimes import Toolchain
from envgen.source import Data, Problem, Route
from envgen.spec.build import Build
from envgen.spec.model import Spec

WORKDIR = "/app"
_NO_FOLDER = re.compile(r"[$\x00-\x1f\x7f]")
_LONGEST_COMMAND = 30_000  # characters; BuildKit reads no line over 64 KiB, and compose takes any
_LAYERS = ("DL3059",)  # the stage is thrown away, and a layer for each step is cached on its own
_PLAIN_WORDS = re.compile(r"^[A-Za-z0-9_./:=@,+ -]+$")
_REPOSITORY = re.compile(r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*")
_REFUSED_BUILD_KEYS = ("dockerfile", "dockerfile_inline", "target")


@dataclass(frozen=True, slots=True)
class PlannedImages:
    """The images, which of them each service is built as, and what is left for compose to say."""

    images: tuple[Image, ...]
    by_service: Mapping[str, Image]
    references: Mapping[str, Data]  # by image: what its services write as `image`; None where that has to be chosen
    health: Mapping[str, Health | None]  # what `http:` became, by service


def plan_images(spec: Spec, drafts: Sequence[Draft], contexts: Mapping[str, Context], texts: Texts) -> PlannedImages:
    """The images of a spec; `contexts` holds what is known of the build contexts' files."""
    groups: dict[str, list[tuple[Draft, ResolvedRuntime]]] = {}
    for draft in drafts:
        if draft.runtime is not None:
            groups.setdefault(_identity(draft, draft.runtime), []).append((draft, draft.runtime))
    health = {draft.name: plan_http(draft, texts) for draft in drafts}
    images: list[Image] = []
    by_service: dict[str, Image] = {}
    references: dict[str, Data] = {}
    for members in groups.values():
        sharing = [draft for draft, _ in members]
        image = _image(spec, sharing, members[0][1], contexts, texts, health)
        images.append(image)
        by_service |= {draft.name: image for draft in sharing}
        written = next((draft.raw["image"] for draft in sharing if draft.raw.get("image") is not None), None)
        if written is not None or len(sharing) > 1 or not _REPOSITORY.fullmatch(image.name):
            references[image.name] = written
    _check_references(drafts, by_service, texts.problems)
    return PlannedImages(tuple(images), by_service, references, health)


def _identity(draft: Draft, runtime: ResolvedRuntime) -> str:
    """What two services have in common that are built as one image, however their builds are spelled."""
    build = build_of(draft)
    normal = build.model_copy(
        update={
            "context": posixpath.normpath(build.context),
            "run": (build.run,) if isinstance(build.run, str) else build.run,
        }
    )
    return f"{runtime.image} {json.dumps(normal.model_dump(mode='json'), sort_keys=True)}"


def _check_references(drafts: Sequence[Draft], by_service: Mapping[str, Image], problems: Problems) -> None:
    """Two images can't have one name: the one that is built last would be both."""
    owners: dict[str, Draft] = {}
    for draft in drafts:
        reference = draft.raw.get("image")
        if isinstance(reference, str) and draft.name in by_service:
            owner = owners.setdefault(reference, draft)
            if by_service[owner.name] is not by_service[draft.name] and owner.group != draft.group:
                message = f"`{owner.name}` and `{draft.name}` are built differently, but are both named `{reference}`"
                route, hint = (*draft.route, "image"), "give them images of different names"
                problems.append(Problem(code=codes.NAME_CLASH, route=route, message=message, hint=hint))


def build_of(draft: Draft) -> Build:
    """The build of a service, its short form spelled out."""
    build = draft.model.build
    return build if isinstance(build, Build) else Build(context=build or ".")


def exec_form(command: Data) -> tuple[str, ...] | None:
    """A command as the words that are run; None where compose has to read it (interpolation, quotes, great length)."""
    if len(str(command)) > _LONGEST_COMMAND:
        return None
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
    _check_build(build, route, problems)
    for draft in sharing:
        _check_command(draft, problems)
    context = posixpath.normpath(build.context)
    known = contexts.get(context, Context())
    _check_context(first, build, runtime, contexts.get(context), problems)
    toolchain = runtime.language.toolchain(runtime.release)
    steps = (build.run,) if isinstance(build.run, str) else build.run
    secrets = tuple(_secret_id(secret) for secret in build.secrets)
    commands = {exec_form(draft.raw.get("command")) for draft in sharing if "entrypoint" not in draft.raw}
    checks = {health[draft.name] if fits_image(draft) else None for draft in sharing}
    packages = runtime.distro.install(build.packages)
    user = _one_user(sharing, problems)
    setup = setup_commands(first, user, WORKDIR, _writable_targets(sharing))
    image = Image(
        name=first.name,
        syntax=spec.outputs.syntax,
        language=runtime.language.name,
        base=runtime.image,
        context=context,
        dockerfile=spec.outputs.dockerfiles.get(first.name, posixpath.normpath(f"{context}/{first.name}.Dockerfile")),
        workdir=WORKDIR,
        packages=Step(commands=packages, excused=runtime.distro.excused(build.packages)) if build.packages else None,
        manifests=("package*.json",) if build.install else toolchain.manifests,
        install=Step(commands=_install(build, toolchain), cache=toolchain.cache, secrets=secrets),
        build_install=Step(commands=(toolchain.install_all,), cache=toolchain.cache, secrets=secrets)
        if steps
        else None,
        build_steps=tuple(Step(commands=(step,), excused=_LAYERS if index else ()) for index, step in enumerate(steps)),
        clean=None if build.files or not steps else Step(commands=(toolchain.clean,), excused=_LAYERS),
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
        ignore=ignored(spec, context, runtime.language, known),
        route=first.route,
    )
    problems += unwritable(image, build)
    return image


def _install(build: Build, toolchain: Toolchain) -> tuple[str, ...]:
    """The commands that install; by default the folder is there to be copied also where nothing was installed."""
    return (build.install,) if build.install else (toolchain.install, f"mkdir -p {toolchain.dependencies}")


def _check_build(build: Build, route: Route, problems: Problems) -> None:
    for key in _REFUSED_BUILD_KEYS:
        if key in build.compose_keys:
            hint = "leave out `uses` to build with a Dockerfile of your own"
            message = f"`{key}` belongs to a Dockerfile of your own, but `uses` renders one"
            problems.append(Problem(code=codes.CONFLICT, route=(*route, key), message=message, hint=hint, at_key=True))
    folder = posixpath.normpath(build.context)
    outside = "://" in build.context or folder.split("/")[0] in ("", "..", "~")
    if outside or _NO_FOLDER.search(folder):
        message = "the context of a rendered Dockerfile has to be the spec's folder, or one below it"
        hint = "move the spec up to the context, or name a folder here"
        problems.append(Problem(code=codes.INVALID_VALUE, route=(*route, "context"), message=message, hint=hint))


def _check_command(draft: Draft, problems: Problems) -> None:
    # what a service extends may bring one along
    if all(draft.raw.get(key) in (None, [], "") for key in ("command", "entrypoint", "extends")):
        hint = "say what the container runs, such as command: [node, server.js]"
        message = f"`{draft.group}` has no command"
        problems.append(Problem(code=codes.MISSING_KEY, route=draft.route, message=message, hint=hint, at_key=True))


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
    first = users[0]
    for draft, user in zip(sharing, users, strict=True):
        if (user.uid, user.gid) != (first.uid, first.gid):
            message = f"`{draft.name}` and `{sharing[0].name}` share an image, but not a user"
            hint = "give them the same user, or builds that differ"
            problems.append(Problem(code=codes.CONFLICT, route=(*draft.route, "user"), message=message, hint=hint))
    return next((user for user in users if not user.name.isdecimal()), first)


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
        for volume in map(writable_volume, volumes if isinstance(volumes, list) else ()):
            if volume is not None:
                found[posixpath.normpath(volume.target)] = None
    return tuple(found)


def _exposed(sharing: Sequence[Draft]) -> tuple[str, ...]:
    """The ports that every service of an image listens on."""
    first, *others = [_listens_on(draft) for draft in sharing]
    return tuple(port for port in first if all(port in ports for ports in others))


def _listens_on(draft: Draft) -> dict[str, None]:
    ports: dict[str, None] = {}
    for key in ("ports", "expose"):
        entries = draft.raw.get(key)
        for entry in entries if isinstance(entries, list) else ():
            known = port_entry(entry)
            if known.target and known.target.replace("-", "").isdecimal():
                ports[known.target if known.protocol == "tcp" else f"{known.target}/{known.protocol}"] = None
    return ports


def _secret_id(secret: Data) -> str:
    if isinstance(secret, dict):
        return str(secret.get("target") or secret.get("source"))
    return str(secret)


def _argument_names(arguments: Data) -> tuple[str, ...]:
    if isinstance(arguments, dict):
        return tuple(arguments)
    return tuple(str(entry).partition("=")[0] for entry in arguments) if isinstance(arguments, list) else ()
