"""One image: what its language says, what the user wrote, and what all services of the image agree on."""

import posixpath
import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from envgen.plan.context import Context
from envgen.plan.draft import Draft, Problems, ResolvedRuntime, named_runtime, resolve_runtime
from envgen.plan.entries import port_entry, writable_volume
from envgen.plan.ignore import ignored
from envgen.plan.model import (
    AssetsStage,
    Copy,
    Development,
    Health,
    Hooks,
    Image,
    ImageUser,
    SecretMount,
    Step,
)
from envgen.plan.requests import commands_of, context_troubles, request_for, secret_mounts
from envgen.plan.roots import BUNDLE, base_root, build_packages, builder_root, folder_commands
from envgen.plan.typed import scalar_text
from envgen.plan.users import setup_commands
from envgen.runtimes import Recipe
from envgen.source import Data
from envgen.spec.build import Build, Steps
from envgen.spec.model import Spec

_T = TypeVar("_T")
DEVELOPMENTS = ("dev", "test")
FOLDERS = "/folders"
_LAYERS = ("DL3059",)  # the stage is thrown away, and a layer for each step is cached on its own
_LONGEST_COMMAND = 30_000  # characters; BuildKit reads no line over 64 KiB, and compose takes any
_PLAIN_WORDS = re.compile(r"^[A-Za-z0-9_./:=@,+ -]+$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The services of one image: `deciding` are those whose command, health and ports the image takes over."""

    name: str
    spec: Spec
    runtime: ResolvedRuntime
    recipe: Recipe
    members: Sequence[Draft]
    deciding: Sequence[Draft]
    user: ImageUser


def make_image(
    group: Group, contexts: Mapping[str, Context], health: Mapping[str, Health | None], problems: Problems
) -> Image:
    """The image of a group of services; `health` is what `http:` became, by service."""
    first, recipe = group.members[0], group.recipe
    build, user = first.build, group.user
    context = posixpath.normpath(build.context)
    folders = _writable_targets(group.members)
    secrets, hooks = secret_mounts(build), _hooks(build.steps)
    install, build_install = _installing(recipe, build, secrets)
    setup = setup_commands(user, recipe, folders) if recipe.distro.shell else ()
    return Image(
        name=group.name,
        syntax=group.spec.outputs.syntax,
        language=group.runtime.language.name,
        base=base_root(recipe, build),
        builder=builder_root(recipe, build),
        context=context,
        dockerfile=group.spec.outputs.dockerfiles.get(group.name) or _dockerfile(context, group.name),
        workdir=recipe.workdir,
        build_packages=build_packages(recipe, build),
        build_environment=recipe.build_environment,
        prepare=_prepare(recipe, secrets),
        manifests=_by_folder(recipe.manifests),
        install=install,
        dependencies=tuple(_dependency(folder, recipe.workdir) for folder in recipe.dependencies) if install else (),
        build_install=build_install,
        build_steps=_build_steps(recipe, build, hooks, secrets),
        copies=_copies(recipe, build),
        assets=_assets(group, build, contexts.get(context), problems),
        hooks=hooks,
        developments=_developments(group, secrets),
        args=_arguments(recipe, build),
        build_args=recipe.build_arguments,
        environment={**recipe.environment, **{key: scalar_text(value) for key, value in build.env.items()}},
        labels=_labels(group),
        user=user,
        setup=Step(commands=setup) if setup else None,
        folders=_folders(folders, user, recipe),
        ports=_exposed(group.deciding),
        health=_common([health.get(draft.name) for draft in group.deciding]),
        command=_image_command(group),
        ignore=ignored(group.spec, context, group.runtime.language, contexts.get(context, Context())),
        extra=recipe.extra,
        route=first.route,
    )


def _dockerfile(context: str, name: str) -> str:
    return posixpath.normpath(f"{context}/{name}.Dockerfile")


def _developments(group: Group, secrets: tuple[SecretMount, ...]) -> tuple[Development, ...]:
    """The stages that aren't shipped, as far as a service runs them."""
    wanted = {draft.stage for draft in group.members}
    return tuple(_development(name, group, secrets) for name in DEVELOPMENTS if name in wanted)


def _folders(folders: tuple[str, ...], user: ImageUser, recipe: Recipe) -> Step | None:
    """What makes the folders of volumes for an image without a shell."""
    if not folders or recipe.distro.shell:
        return None
    return Step(commands=folder_commands(folders, user.uid, user.gid, FOLDERS), excused=_LAYERS)


def _image_command(group: Group) -> tuple[str, ...] | None:
    """What all services of an image run, or what the language says where it isn't shipped by any."""
    if not group.deciding:
        return group.recipe.command
    commands = (_command(draft, group.recipe) for draft in group.deciding if "entrypoint" not in draft.raw)
    return _common([exec_form(command) for command in commands])


def _command(draft: Draft, recipe: Recipe) -> Data:
    written = draft.raw.get("command")
    return list(recipe.command) if written is None and recipe.command else written


def _common(values: Sequence[_T | None]) -> _T | None:
    """The value that all have, or None."""
    different = set(values)
    return different.pop() if len(different) == 1 else None


def exec_form(command: Data) -> tuple[str, ...] | None:
    """A command as the words that are run; None where compose has to read it (interpolation, quotes, great length)."""
    if len(str(command)) > _LONGEST_COMMAND:
        return None
    if isinstance(command, list) and all(isinstance(word, str) and "$" not in word for word in command):
        return tuple(str(word) for word in command) or None
    if isinstance(command, str) and _PLAIN_WORDS.match(command) and command.strip():
        return tuple(shlex.split(command))
    return None


def _builds(recipe: Recipe, build: Build) -> bool:
    """Whether there is anything to do when the sources are there."""
    return bool(build.run or recipe.build or build.steps.before_build)


def _installing(recipe: Recipe, build: Build, secrets: tuple[SecretMount, ...]) -> tuple[Step | None, Step | None]:
    """What installs production dependencies, in a stage of their own, and what installs all that build steps need."""
    production = (build.install,) if build.install else recipe.install
    own_stage = bool(recipe.install) and bool(production)
    every = recipe.install_all if recipe.install or not build.install else (build.install,)
    needed = every and (_builds(recipe, build) or (build.install and not own_stage))
    return (
        Step(commands=_kept(production, recipe, build), caches=recipe.caches, secrets=secrets) if own_stage else None,
        Step(commands=every, caches=recipe.caches, secrets=secrets) if needed else None,
    )


def _kept(install: tuple[str, ...], recipe: Recipe, build: Build) -> tuple[str, ...]:
    """The commands that install; by default the folders are there to be copied also where nothing was installed."""
    missing = [] if build.install else [folder for folder in recipe.dependencies if not folder.startswith("/")]
    return (*install, *((f"mkdir -p {shlex.join(missing)}",) if missing else ()))


def _prepare(recipe: Recipe, secrets: tuple[SecretMount, ...]) -> Step | None:
    if recipe.prepares_alone or not recipe.prepare:
        return Step(commands=recipe.prepare) if recipe.prepare else None
    return Step(commands=recipe.prepare, caches=recipe.prepare_caches or recipe.caches, secrets=secrets)


def _build_steps(recipe: Recipe, build: Build, hooks: Hooks, secrets: tuple[SecretMount, ...]) -> tuple[Step, ...]:
    """What the user, else the language builds, and what the language does after that."""
    ours = [tuple(step.split(" && ")) for step in recipe.build]  # a line each
    steps = [(step,) for step in commands_of(build.run)] or ours
    steps += [tuple(step.split(" && ")) for step in recipe.finish]
    if recipe.clean and (_builds(recipe, build) or recipe.finish) and not build.files:
        steps.append(recipe.clean)
    made = [
        Step(
            commands=commands,
            excused=_LAYERS if index or hooks.before_build else (),
            caches=recipe.build_caches,
            secrets=secrets if recipe.build_secrets else (),
        )
        for index, commands in enumerate(steps)
    ]
    return (*made, *(Step(commands=commands, excused=_LAYERS) for commands in recipe.pick))


def _copies(recipe: Recipe, build: Build) -> tuple[Copy, ...]:
    taken = (*(recipe.artifacts or ()), *recipe.built)
    if build.certificates and not recipe.distro.shell:
        taken = (*taken, (BUNDLE, BUNDLE))  # made where there is a shell
    written = build.files or (() if recipe.artifacts is not None else (".",))
    return (*(Copy(sources=(source,), target=target) for source, target in dict.fromkeys(taken)), *map(_copy, written))


def _copy(path: str) -> Copy:
    # a folder's content is copied, not the folder: so the target names it again
    source = posixpath.normpath(path)
    return Copy(sources=(source,), target="./" if source == "." else f"./{source}")


def _dependency(folder: str, workdir: str) -> Copy:
    absolute = folder if folder.startswith("/") else f"{workdir}/{folder}"
    return Copy(sources=(absolute,), target=folder if folder.startswith("/") else f"./{folder}")


def _by_folder(paths: tuple[str, ...]) -> tuple[Copy, ...]:
    """Files grouped by the folder that they go to, which is their own."""
    folders: dict[str, list[str]] = {}
    for path in paths:
        folders.setdefault(posixpath.dirname(path), []).append(path)
    return tuple(
        Copy(sources=tuple(found), target=f"./{folder}/" if folder else "./") for folder, found in folders.items()
    )


def _hooks(steps: Steps) -> Hooks:
    def made(written: str | tuple[str, ...]) -> tuple[Step, ...]:
        return tuple(Step(commands=(command,), excused=_LAYERS) for command in commands_of(written))

    return Hooks(
        before_install=made(steps.before_install),
        after_install=made(steps.after_install),
        before_build=made(steps.before_build),
        final=made(steps.final),
    )


def _development(name: str, group: Group, secrets: tuple[SecretMount, ...]) -> Development:
    recipe, user = group.recipe, group.user
    distro = recipe.builder_distro or recipe.distro
    caches = () if recipe.cached_dependencies else recipe.caches
    own = f"chown -R {user.uid}:{user.gid} {recipe.workdir}"
    setup = setup_commands(user, recipe, _writable_targets(group.members), distro=distro)
    finish = Step(commands=recipe.dev_finish, caches=recipe.build_caches, secrets=secrets)
    installed = recipe.install_dev or recipe.install_all
    fetching = Step(commands=(*installed, own), caches=caches, secrets=secrets)
    return Development(
        name=name,
        environment=recipe.dev_environment if name == "dev" else recipe.test_environment,
        setup=Step(commands=setup) if setup else None,
        manifests=_by_folder(recipe.dev_manifests or recipe.manifests),
        install=fetching if installed else Step(commands=(own,), excused=_LAYERS),
        finish=finish if recipe.dev_finish else None,
    )


def _assets(group: Group, build: Build, context: Context | None, problems: Problems) -> AssetsStage | None:
    """The stage in which another language builds files."""
    assets = build.assets
    runtime = resolve_runtime(named_runtime(group.spec, assets.uses)) if assets else None
    if assets is None or runtime is None:
        return None
    route = (*group.members[0].route, "build", "assets")
    request = request_for(runtime, assets, context, route, problems)
    if context is not None and context.exists and assets.install is None:
        problems += context_troubles(build.context, request, runtime.language, (*route, "uses"))
    recipe = runtime.language.recipe(request)
    own = Build(context=build.context, certificates=build.certificates)
    install = (assets.install,) if assets.install else recipe.install_all
    target = group.recipe.assets_target
    secrets = secret_mounts(build)
    root = base_root(recipe, own) if recipe.builder is None else builder_root(recipe, own)
    copies = tuple(
        Copy(
            sources=(posixpath.normpath(f"{recipe.workdir}/{path}"),),
            target=target or f"./{posixpath.normpath(path)}",
        )
        for path in assets.files
    )
    environment = {**recipe.build_environment, **{key: scalar_text(value) for key, value in assets.env.items()}}
    return AssetsStage(
        root=root or base_root(recipe, own),
        environment=environment,
        prepare=_prepare(recipe, secrets),
        manifests=_by_folder(recipe.manifests),
        install=Step(commands=install, caches=recipe.caches, secrets=secrets) if install else None,
        build_steps=tuple(Step(commands=(step,), caches=recipe.build_caches) for step in commands_of(assets.run)),
        copies=copies,
    )


def _labels(group: Group) -> dict[str, str]:
    title, base = {"org.opencontainers.image.title": group.name}, group.recipe.base
    if base == "scratch":  # no image
        return title
    return {**title, "org.opencontainers.image.base.name": base if "/" in base else f"docker.io/library/{base}"}


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
    if not sharing:
        return ()
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


def _arguments(recipe: Recipe, build: Build) -> tuple[str, ...]:
    """The build arguments that are declared first; those that come later change nothing that comes before."""
    later = {argument.partition("=")[0] for argument in recipe.build_arguments}
    names = (*recipe.arguments, *_argument_names(build.compose_keys.get("args")))
    return tuple(name for name in names if name not in later)


def _argument_names(arguments: Data) -> tuple[str, ...]:
    if isinstance(arguments, dict):
        return tuple(arguments)
    return tuple(str(entry).partition("=")[0] for entry in arguments) if isinstance(arguments, list) else ()
