"""The user that an image's containers run as."""

import re
from collections.abc import Sequence

from envgen import codes
from envgen.plan.draft import Draft, Problems
from envgen.plan.model import ImageUser
from envgen.source import Problem, Route
from envgen.spec.model import User

DEFAULT = User(name="app", uid=10001, gid=10001)
_NUMERIC = re.compile(r"^(\d+)(?::(\d+))?$")


def plan_user(draft: Draft, problems: Problems) -> ImageUser:
    """The user that a managed image is made for; one that it can't have is a problem, and the default is used."""
    written = draft.model.user
    route: Route = (*draft.route, "user")
    if isinstance(written, str) and "$" not in written:
        return _by_text(draft, written, route, problems)
    user = written if isinstance(written, User) else DEFAULT
    return _created(draft, user, route, problems)


def setup_commands(draft: Draft, user: ImageUser, workdir: str, directories: Sequence[str]) -> tuple[str, ...]:
    """The commands that make the user where the base image has none of that name, and folders that it owns."""
    commands: tuple[str, ...] = ()
    if draft.runtime is not None and not user.name[:1].isdigit() and user.name not in _known(draft):
        commands = draft.runtime.distro.create_user(user.name, user.uid, user.gid, workdir)
    if directories:
        commands += (f"install -d -o {user.uid} -g {user.gid} {' '.join(directories)}",)
    return commands


def is_root(user: User | str | None) -> bool:
    """Whether a user, as written, is root."""
    return isinstance(user, str) and user.partition(":")[0] in ("root", "0")


def _by_text(draft: Draft, written: str, route: Route, problems: Problems) -> ImageUser:
    numeric = _NUMERIC.match(written)
    if numeric:
        uid = int(numeric[1])
        return ImageUser(name=written, uid=uid, gid=int(numeric[2] or uid))
    name = written.partition(":")[0]
    known = _known(draft)
    if name not in known:
        hint = "write {name: " + name + ", uid: 10001}, or numbers such as 10001:10001"
        message = f"the image has no user `{name}`, and its number is not known"
        problems.append(Problem(code=codes.INVALID_VALUE, route=route, message=message, hint=hint))
    uid, gid = known.get(name, (DEFAULT.uid, DEFAULT.uid))
    return ImageUser(name=name, uid=uid, gid=gid)


def _created(draft: Draft, user: User, route: Route, problems: Problems) -> ImageUser:
    gid = user.uid if user.gid is None else user.gid
    known = _known(draft)
    if known.get(user.name) == (user.uid, gid):
        return ImageUser(name=user.name, uid=user.uid, gid=gid)
    taken = next((name for name, ids in known.items() if ids[0] == user.uid or name == user.name), None)
    if taken is not None:
        uid, own_gid = known[taken]
        message = f"the base image has a user `{taken}` with uid {uid} and gid {own_gid} already"
        hint = f"write {{name: {taken}, uid: {uid}, gid: {own_gid}}}, or take another name and uid"
        problems.append(Problem(code=codes.CONFLICT, route=route, message=message, hint=hint))
    return ImageUser(name=user.name, uid=user.uid, gid=gid)


def _known(draft: Draft) -> dict[str, tuple[int, int]]:
    if draft.runtime is None:
        return {}
    return {**draft.runtime.distro.users, **draft.runtime.language.users}
