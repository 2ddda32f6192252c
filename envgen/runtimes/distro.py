"""Debian, Ubuntu, Alpine, and images without a shell: how packages are installed and users made in an image."""

import shlex
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True, kw_only=True)
class Distro:
    """A Linux distribution: `users` (name -> uid, gid) and `groups` (name -> gid) are those of its base image.

    `shell` is False for images without a shell and a package manager, such as distroless ones and `scratch`.
    """

    name: str
    shell: bool
    users: Mapping[str, tuple[int, int]]
    groups: Mapping[str, int]

    @staticmethod
    def of_variant(variant: str) -> "Distro":
        """The distribution of an official image's variant: `bookworm-slim`, `alpine3.20`, `fpm-alpine`, `noble`."""
        if "alpine" in variant:
            return find("alpine")
        return find("ubuntu" if variant.partition("-")[0] in {"focal", "jammy", "noble", "ubuntu"} else "debian")

    def install(self, packages: tuple[str, ...]) -> tuple[str, ...]:
        """The commands that install packages, to be joined with `&&`."""
        names = " ".join(shlex.quote(package) for package in packages)
        if self.name == "alpine":
            return (f"apk add --no-cache {names}",)
        return (
            "apt-get update",
            f"apt-get install --yes --no-install-recommends {names}",
            "rm -rf /var/lib/apt/lists/*",
        )

    def excused(self, packages: tuple[str, ...]) -> tuple[str, ...]:
        """The hadolint rule about versions that packages don't name: they are those of the base image's release."""
        rule = "DL3018" if self.name == "alpine" else "DL3008"
        return () if all("=" in package for package in packages) else (rule,)

    def locale(self, name: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The packages and commands that make a locale such as `de_DE.UTF-8`; none for those that are built in."""
        if name in {"C", "C.UTF-8", "POSIX"} or not self.shell:
            return (), ()
        if self.name == "alpine":
            return ("musl-locales",), ()
        language, _, charset = name.partition(".")
        return ("locales",), (f"localedef -i {shlex.quote(language)} -f {shlex.quote(charset or 'UTF-8')} {name}",)

    def create_user(self, name: str, uid: int, gid: int, group: str | None, home: str) -> tuple[str, ...]:
        """The commands that make a user without a password, a login shell or a home of its own.

        `group` is the group of that gid where the image has one; else one of the user's name is made.
        """
        if self.name == "alpine":
            options = f"-D -H -u {uid} -G {group or name} -h {home} -s /sbin/nologin"
            return (*(() if group else (f"addgroup -g {gid} {name}",)), f"adduser {options} {name}")
        options = f"--no-log-init --no-create-home --home-dir {home} --shell /usr/sbin/nologin --uid {uid}"
        made = () if group else (f"groupadd --gid {gid} {name}",)
        return (*made, f"useradd {options} --gid {group or name} {name}")


@cache
def find(name: str) -> Distro:
    """The distribution of that name; raises KeyError where there is none."""
    data = tomllib.loads(files(__package__).joinpath("distro.toml").read_text(encoding="utf-8"))
    facts = data[name]
    like = data[facts["like"]] if "like" in facts else {"users": {}, "groups": {}}
    users = {user: (ids[0], ids[1]) for user, ids in {**like["users"], **facts["users"]}.items()}
    groups = {**like["groups"], **facts["groups"]}
    return Distro(name=name, shell=facts.get("shell", True), users=users, groups=groups)
