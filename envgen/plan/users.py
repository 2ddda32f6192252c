"""The user that an image's containers run as."""

from collections.abc import Sequence

from envgen import codes
from envgen.interpolation import InterpolationError, parse
from envgen.plan.draft import Draft, Problems
from envgen.plan.model import ImageUser
from envgen.plan.roots import folder_commands
from envgen.runtimes import Distro, Recipe
from envgen.source import Problem, Route
from envgen.spec.runtime import User

HOST = "host"  # the user who runs compose
DEFAULT = User(name="app", uid=10001, gid=10001)


def plan_user(draft: Draft, recipe: Recipe, problems: Problems) -> ImageUser:
    """The user that a managed image is made for; one that it can't have is a problem, and the default is used.

    Where compose fills in the user, the image is made for the one that it is without a .env.
    """
    written = draft.model.user
    route: Route = (*draft.route, "user")
    if written == HOST:
        return _created(recipe, DEFAULT, route, problems)
    if isinstance(written, str) and "$" in written:
        default = _default(written, "root")
        return _created(recipe, DEFAULT, route, problems) if is_root(default) else _by_text(recipe, default, route, [])
    if isinstance(written, str):
        return _by_text(recipe, written, route, problems)
    return _created(recipe, written or DEFAULT, route, problems)


def _default(written: str, unknown: str) -> str:
    """The user under an empty environment; `unknown` where that is not known."""
    try:
        parsed = parse(written)
    except InterpolationError:
        return unknown  # reported with all other texts
    return (parsed if isinstance(parsed, str) else parsed.default) or unknown


def setup_commands(
    user: ImageUser, recipe: Recipe, directories: Sequence[str], distro: Distro | None = None
) -> tuple[str, ...]:
    """The commands that make the user where the base image has none of that name, and folders that it owns.

    `distro` is that of the builder, for a stage that starts from it.
    """
    commands: tuple[str, ...] = ()
    on_base = distro is None or recipe.builder is None
    users = _users(recipe) if on_base else {**(distro or recipe.distro).users, **recipe.builder_users}
    groups = _groups(recipe) if on_base else dict((distro or recipe.distro).groups)
    if not user.name[:1].isdigit() and user.name not in users and user.uid not in {uid for uid, _ in users.values()}:
        group = next((name for name, gid in groups.items() if gid == user.gid), None)
        commands = (distro or recipe.distro).create_user(user.name, user.uid, user.gid, group, recipe.workdir)
    return (*commands, *folder_commands(tuple(directories), user.uid, user.gid))


def is_root(user: User | str | None) -> bool:
    """Whether a user, as written, is root; of one that compose fills in, whether its default is."""
    if not isinstance(user, str):
        return False
    text = _default(user, "") if "$" in user else user
    name = text.partition(":")[0].strip()
    return name == "root" or (name.isdecimal() and int(name) == 0)


def _by_text(recipe: Recipe, written: str, route: Route, problems: Problems) -> ImageUser:
    """A user in compose's form, `name`, `uid`, `name:group`, `uid:gid`; without a group it is the user's own."""
    name, _, group = written.partition(":")
    users = _users(recipe)
    groups = _groups(recipe)
    own = users.get(name, (DEFAULT.uid, DEFAULT.uid))
    uid, gid = (int(name), int(name)) if name.isdecimal() else own
    if not name.isdecimal() and name not in users:
        problems.append(_unknown(f"the image has no user `{name}`", name, route))
    if group.isdecimal():
        gid = int(group)
    elif group in groups:
        gid = groups[group]
    elif group:
        problems.append(_unknown(f"the image has no group `{group}`", "app", route))
    return ImageUser(name=name, uid=uid, gid=gid)


def _unknown(message: str, name: str, route: Route) -> Problem:
    hint = f"write {{name: {name or 'app'}, uid: 10001}}, or numbers such as 10001:10001"
    return Problem(code=codes.INVALID_VALUE, route=route, message=f"{message}, and its number is not known", hint=hint)


def _created(recipe: Recipe, user: User, route: Route, problems: Problems) -> ImageUser:
    gid = user.uid if user.gid is None else user.gid
    users = _users(recipe)
    if user is DEFAULT and user.name in users:  # then the image has the one that it needs
        return ImageUser(name=user.name, uid=users[user.name][0], gid=users[user.name][1])
    groups = _groups(recipe)
    wanted = ImageUser(name=user.name, uid=user.uid, gid=gid)
    if users.get(user.name) == (user.uid, gid):
        return wanted
    taken = next((name for name, ids in users.items() if ids[0] == user.uid or name == user.name), None)
    message = hint = ""
    if taken is not None:
        uid, own_gid = users[taken]
        message = f"the base image has a user `{taken}` with uid {uid} and gid {own_gid} already"
        hint = f"write {{name: {taken}, uid: {uid}, gid: {own_gid}}}, or take another name and uid"
    elif groups.get(user.name, gid) != gid and gid not in groups.values():
        message = f"the base image has a group `{user.name}` with gid {groups[user.name]} already"
        hint = f"write gid: {groups[user.name]}, or take another name"
    if message:
        problems.append(Problem(code=codes.CONFLICT, route=route, message=message, hint=hint))
    return wanted


def _users(recipe: Recipe) -> dict[str, tuple[int, int]]:
    return {**recipe.distro.users, **recipe.users}


def _groups(recipe: Recipe) -> dict[str, int]:
    # the user of a language's official image has a group of its own name
    return {**recipe.distro.groups, **{name: gid for name, (_, gid) in recipe.users.items()}}
