"""Images: one for each distinct build of a runtime, over all environments, and what each service takes from its own."""

import json
import posixpath
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from envgen import codes
from envgen.plan.context import Context
from envgen.plan.draft import Draft, Problems, ResolvedRuntime
from envgen.plan.health import fits_image, plan_http
from envgen.plan.image import DEVELOPMENTS, Group, make_image
from envgen.plan.literals import unwritable
from envgen.plan.model import Health, Image, ImageUser
from envgen.plan.requests import check_context, commands_of, request_for
from envgen.plan.stack import DraftStack
from envgen.plan.users import plan_user
from envgen.runtimes import Recipe
from envgen.source import Problem, Route
from envgen.spec.build import Build

_NO_FOLDER = re.compile(r"[$\x00-\x1f\x7f]")
_REPOSITORY = re.compile(r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*")
_REFUSED_BUILD_KEYS = ("dockerfile", "dockerfile_inline")
_RUNTIME = "runtime"
_OWN_NAME = "give one of them an `image` of its own, or leave `image` out: compose and envgen name them apart"
_NO_SHELL = "name an image with a shell that builds it: `options: {builder: debian:trixie-slim}`"


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """What a service is built as: the image, the stage of it that runs, and what `image` says of it.

    `reference` is what is written as `image`; `chosen` the end of the name that envgen gives it where nothing is
    written, None where compose's own name will do. `user` is whom the service runs as.
    """

    image: Image
    stage: str
    recipe: Recipe
    user: ImageUser
    reference: str | None
    chosen: str | None

    @property
    def shipped(self) -> bool:
        """Whether the service runs the stage that has the image's command and health check."""
        return self.stage == _RUNTIME


@dataclass(frozen=True, slots=True)
class StackImages:
    """What the services of one environment are built as, and what their `http:` became, by service."""

    built: Mapping[str, Built]
    health: Mapping[str, Health | None]


@dataclass(frozen=True, slots=True)
class PlannedImages:
    """All images of a project, and what each environment's services take from them."""

    images: tuple[Image, ...]
    stacks: Mapping[str | None, StackImages]

    def of(self, environment: str | None) -> StackImages:
        """The part of one environment."""
        return self.stacks[environment]


@dataclass(slots=True)
class _Forming:
    """An image on its way: the services that have its identity, with their environments."""

    name: str
    runtime: ResolvedRuntime
    members: list[tuple[DraftStack, Draft]] = field(default_factory=list)


def plan_images(stacks: Sequence[DraftStack], contexts: Mapping[str, Context]) -> PlannedImages:
    """The images of all environments, the spec's own stack first; `contexts` says what is known of their files."""
    forming: dict[str, _Forming] = {}
    names: set[str] = set()
    for stack in stacks:
        for draft in stack.drafts:
            if draft.runtime is not None:
                identity = _identity(draft, draft.runtime)
                if identity not in forming:
                    own = draft.name if draft.name not in names else f"{draft.name}.{stack.environment}"
                    names.add(own)
                    forming[identity] = _Forming(own, draft.runtime)
                forming[identity].members.append((stack, draft))
    found: dict[str | None, StackImages] = {}
    built: dict[str | None, dict[str, Built]] = {stack.environment: {} for stack in stacks}
    health: dict[str | None, dict[str, Health | None]] = {
        stack.environment: {
            draft.name: plan_http(draft, stack.texts, None) for draft in stack.drafts if draft.runtime is None
        }
        for stack in stacks
    }
    images = [_form(one, contexts, built, health) for one in forming.values()]
    for stack in stacks:
        _check_references(stack, built, stacks[0].environment)
        found[stack.environment] = StackImages(built[stack.environment], health[stack.environment])
    return PlannedImages(tuple(images), found)


def _form(
    one: _Forming,
    contexts: Mapping[str, Context],
    built: Mapping[str | None, dict[str, Built]],
    health: Mapping[str | None, dict[str, Health | None]],
) -> Image:
    """Make an image, and note what each of its services takes from it."""
    stack, first = one.members[0]
    problems, build = stack.texts.problems, first.build
    context = contexts.get(posixpath.normpath(build.context))
    _check_build(build, (*first.route, "build"), problems)
    request = request_for(one.runtime, build, context, (*first.route, "build"), problems)
    check_context(first, build, request, one.runtime.language, context, problems)
    recipe = one.runtime.language.recipe(request)
    _check_shell(build, recipe, (*first.route, "build"), problems)
    for where, draft in one.members:
        _check_command(draft, recipe, where.texts.problems)
        health[where.environment][draft.name] = plan_http(draft, where.texts, recipe.http_probe)
    here = [draft for where, draft in one.members if where is stack]
    deciding = [draft for draft in here if draft.stage == _RUNTIME]
    users = {
        (where.environment, draft.name): plan_user(draft, recipe, where.texts.problems) for where, draft in one.members
    }
    user = _one_user([(draft, users[stack.environment, draft.name]) for draft in here], problems)
    group = Group(
        name=one.name,
        spec=stack.spec,
        runtime=one.runtime,
        recipe=recipe,
        members=[draft for _, draft in one.members],
        deciding=deciding,
        user=user,
    )
    fitting = {draft.name: health[stack.environment][draft.name] if fits_image(draft) else None for draft in deciding}
    image = make_image(group, contexts, fitting, problems)
    _check_steps(image, recipe, build, first, problems)
    problems += unwritable(image, build)
    sharing = _sharing(one)
    for where, draft in one.members:
        same, image_name = sharing[where.environment, draft.stage], draft.raw.get("image")
        built[where.environment][draft.name] = Built(
            image=image,
            stage=draft.stage,
            recipe=recipe,
            user=users[where.environment, draft.name],
            reference=image_name if isinstance(image_name, str) else same.written,
            chosen=_chosen(image, draft, same),
        )
    return image


def _identity(draft: Draft, runtime: ResolvedRuntime) -> str:
    """What two services have in common that are built as one image, however their builds are spelled."""
    build = draft.build
    normal = build.model_copy(
        update={"context": posixpath.normpath(build.context), "run": commands_of(build.run), "target": None}
    )
    base = f"{runtime.language.name} {runtime.version} {runtime.variant} {runtime.replaced or ''}"
    return f"{base} {json.dumps(normal.model_dump(mode='json'), sort_keys=True)}"


@dataclass(slots=True)
class _Sharing:
    """The services of one environment that run one stage of an image: how many, and the name that is written."""

    count: int = 0
    written: str | None = None


def _sharing(one: _Forming) -> dict[tuple[str | None, str], _Sharing]:
    found: dict[tuple[str | None, str], _Sharing] = {}
    for where, draft in one.members:
        same = found.setdefault((where.environment, draft.stage), _Sharing())
        image = draft.raw.get("image")
        same.count += 1
        same.written = same.written or (image if isinstance(image, str) else None)
    return found


def _chosen(image: Image, draft: Draft, same: _Sharing) -> str | None:
    """The end of an image's name where compose's own would be wrong: shared, taken by another stage, or invalid."""
    if draft.stage != _RUNTIME:
        return f"{image.name}-{draft.stage}"
    if same.count > 1 or image.name != draft.name or not _REPOSITORY.fullmatch(image.name):
        return image.name
    return None


def _check_references(stack: DraftStack, built: Mapping[str | None, Mapping[str, Built]], base: str | None) -> None:
    """Two images can't have one name: the one that is built last would be both."""
    without = built[base].values() if stack.environment != base else ()
    owners: dict[str, tuple[Draft | None, Built]] = {one.reference: (None, one) for one in without if one.reference}
    for draft in stack.drafts:
        reference, this = draft.raw.get("image"), built[stack.environment].get(draft.name)
        if not isinstance(reference, str) or this is None:
            continue
        owner, other = owners.setdefault(reference, (draft, this))
        if (other.image is this.image and other.stage == this.stage) or (owner and owner.group == draft.group):
            continue
        whose = f"`{owner.name}` and `{draft.name}`" if owner else f"`{draft.name}` here and without an environment"
        message = f"{whose} are built differently, but are both named `{reference}`"
        route, hint = (*draft.route, "image"), _OWN_NAME
        stack.texts.problems.append(Problem(code=codes.NAME_CLASH, route=route, message=message, hint=hint))


def _check_build(build: Build, route: Route, problems: Problems) -> None:
    for key in _REFUSED_BUILD_KEYS:
        if key in build.compose_keys:
            hint = "leave out `uses` to build with a Dockerfile of your own"
            message = f"`{key}` belongs to a Dockerfile of your own, but `uses` renders one"
            problems.append(Problem(code=codes.CONFLICT, route=(*route, key), message=message, hint=hint, at_key=True))
    if build.target is not None and build.target not in (_RUNTIME, *DEVELOPMENTS):
        message = f"there is no stage `{build.target}` to run"
        stages = ", ".join((_RUNTIME, *DEVELOPMENTS))
        hint = f"there is {stages}; leave out `uses` to build with a Dockerfile of your own"
        problems.append(Problem(code=codes.INVALID_VALUE, route=(*route, "target"), message=message, hint=hint))
    folder = posixpath.normpath(build.context)
    outside = "://" in build.context or folder.split("/")[0] in ("", "..", "~")
    if outside or _NO_FOLDER.search(folder):
        message = "the context of a rendered Dockerfile has to be the spec's folder, or one below it"
        hint = "move the spec up to the context, or name a folder here"
        problems.append(Problem(code=codes.INVALID_VALUE, route=(*route, "context"), message=message, hint=hint))


def _check_shell(build: Build, recipe: Recipe, route: Route, problems: Problems) -> None:
    """What needs a shell in the image that runs, where it has none."""
    if recipe.distro.shell:
        return
    _check_builder(build, recipe, route, problems)
    hint = "take a variant with a shell, or make it at build time: `build_packages`, `steps.before_build`"
    for key, wanted in (("packages", build.packages), ("steps", commands_of(build.steps.final))):
        if wanted:
            message = f"{recipe.base} has no shell and no package manager"
            place = (*route, key, "final") if key == "steps" else (*route, key)
            problems.append(Problem(code=codes.CONFLICT, route=place, message=message, hint=hint))


def _check_builder(build: Build, recipe: Recipe, route: Route, problems: Problems) -> None:
    """What needs a shell while the image is built, where no image with one builds it."""
    if _has_shell(recipe):
        return
    written: tuple[tuple[Route, object], ...] = (
        (("build_packages",), build.build_packages),
        (("certificates",), build.certificates),
        (("install",), build.install),
        (("run",), commands_of(build.run)),
        (("steps", "before_install"), commands_of(build.steps.before_install)),
        (("steps", "after_install"), commands_of(build.steps.after_install)),
        (("steps", "before_build"), commands_of(build.steps.before_build)),
        (("target",), build.target in DEVELOPMENTS),
    )
    for key, wanted in written:
        if wanted:
            message = f"{recipe.base} has no shell that could run commands"
            problems.append(Problem(code=codes.CONFLICT, route=(*route, *key), message=message, hint=_NO_SHELL))


def _has_shell(recipe: Recipe) -> bool:
    """Whether any stage of an image can run commands."""
    return recipe.distro.shell or (recipe.builder_distro is not None and recipe.builder_distro.shell)


def _check_steps(image: Image, recipe: Recipe, build: Build, draft: Draft, problems: Problems) -> None:
    """Whether each step that is written has a stage to run in, with a shell, and what is built goes into the image."""
    route: Route = (*draft.route, "build")

    def refuse(place: Route, message: str, hint: str) -> None:
        problems.append(Problem(code=codes.CONFLICT, route=place, message=message, hint=hint))

    for point in ("before_install", "after_install"):
        if commands_of(getattr(build.steps, point)) and not image.prepares:
            hint = "write it as `before_build`, or as `final` for the image that runs"
            refuse((*route, "steps", point), f"nothing is installed, so `{point}` would never run", hint)
    if image.folders and not _has_shell(recipe):
        message = f"{recipe.base} has no shell that could make folders which the user may write to"
        refuse((*draft.route, "volumes"), message, _NO_SHELL)
    if image.builds and not image.copies:
        key: Route = ("run",) if commands_of(build.run) else ("steps", "before_build")
        if build.install and not commands_of(build.run):
            key = ("install",)
        hint = "name it in `files`, or leave the steps out"
        refuse((*route, *key), "nothing of what these steps make goes into the image", hint)


def _check_command(draft: Draft, recipe: Recipe, problems: Problems) -> None:
    # what a service extends may bring one along
    written = any(draft.raw.get(key) not in (None, [], "") for key in ("command", "entrypoint", "extends"))
    if not written and (recipe.command is None or draft.stage != _RUNTIME):
        hint = "say what the container runs, such as command: [node, server.js]"
        message = f"`{draft.group}` has no command"
        problems.append(Problem(code=codes.MISSING_KEY, route=draft.route, message=message, hint=hint, at_key=True))


def _one_user(sharing: Sequence[tuple[Draft, ImageUser]], problems: Problems) -> ImageUser:
    first_draft, first = sharing[0]
    for draft, user in sharing:
        if (user.uid, user.gid) != (first.uid, first.gid):
            message = f"`{draft.name}` and `{first_draft.name}` share an image, but not a user"
            hint = "give them the same user, or builds that differ"
            problems.append(Problem(code=codes.CONFLICT, route=(*draft.route, "user"), message=message, hint=hint))
    return next((user for _, user in sharing if not user.name.isdecimal()), first)
