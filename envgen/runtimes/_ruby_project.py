"""What a Ruby project's Gemfile.lock says: its gems, the platforms that they are locked for, and where they lie."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from envgen.runtimes import _libraries
from envgen.runtimes.language import Request

# a gem and its version, which may name a platform: `    pg (1.6.3-x86_64-linux)`
_GEM = re.compile(r"^ {4}([A-Za-z0-9_.-]+) \(([^-)]+)(?:-([^)]+))?\)$", re.MULTILINE)
_SECTION = re.compile(r"^([A-Z][A-Z ]*)\n((?:(?: .*)?\n)*)", re.MULTILINE)
_REMOTE = re.compile(r"^ {2}remote: (.+)$", re.MULTILINE)
_INCLUDED = re.compile(r"^\s*eval_gemfile\s*\(?\s*['\"]([^'\"#]+)['\"]", re.MULTILINE)
_PROCESSORS = ("x86_64", "aarch64")
_TIME_ZONES = "tzdata"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lock:
    """A Gemfile.lock: the version of each gem, and the platforms that ready-made ones are there for."""

    gems: Mapping[str, str]
    prebuilt: Mapping[str, frozenset[str]]
    platforms: tuple[str, ...]
    local: bool  # whether gems lie in the context
    git: bool  # whether gems come from git

    def version(self, gem: str) -> tuple[int, ...]:
        """A gem's version as numbers; (0,) where it is not there."""
        return tuple(int(part) for part in re.findall(r"\d+", self.gems.get(gem, "0")))


def read(request: Request) -> Lock:
    """The lock file of the context; empty where there is none."""
    # a last line without its end is one all the same
    text = request.text("Gemfile.lock").replace("\r\n", "\n") + "\n"
    sections = [(match[1].strip(), match[2]) for match in _SECTION.finditer(text)]
    gems: dict[str, str] = {}
    prebuilt: dict[str, set[str]] = {}
    for name, body in sections:
        for gem, version, platform in _GEM.findall(body) if name in {"GEM", "GIT", "PATH"} else ():
            gems[gem] = version
            prebuilt.setdefault(gem, set()).update({platform} if platform else ())
    platforms = next((body.split() for name, body in sections if name == "PLATFORMS"), [])
    return Lock(
        gems=gems,
        prebuilt={gem: frozenset(found) for gem, found in prebuilt.items()},
        platforms=tuple(platforms),
        local=any(name == "PATH" for name, _ in sections),
        git=any(name == "GIT" and _REMOTE.search(body) for name, body in sections),
    )


def included(request: Request) -> tuple[str, ...]:
    """Further files that the Gemfile reads, by their names."""
    return tuple(dict.fromkeys(_INCLUDED.findall(request.text("Gemfile"))))


@cache
def _facts() -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath("ruby_gems.toml").read_text(encoding="utf-8"))


def packages(lock: Lock, kind: str, suite: str | None) -> tuple[str, ...]:
    """The system packages of a lock file's gems, `build` or `run`, on a Debian `suite` or (None) on Alpine."""
    family = "alpine" if suite is None else "debian"
    wanted: set[str] = set(_facts()["always"][family]) if kind == "build" else set()
    for name, facts in _facts()["gems"].items():
        needless = facts.get("unless") in lock.gems or (
            facts.get("prebuilt") and _is_prebuilt(lock, name, alpine=suite is None)
        )
        if name in lock.gems and not needless:
            wanted |= set(facts.get(family, {}).get(kind, ()))
    if kind == "build" and lock.git:
        wanted.add("git")
    if kind == "run" and "tzinfo" in lock.gems and "tzinfo-data" not in lock.gems:
        wanted.add(_TIME_ZONES)
    return tuple(sorted(wanted)) if suite is None else tuple(sorted(_libraries.packages(sorted(wanted), suite)))


def _is_prebuilt(lock: Lock, gem: str, *, alpine: bool) -> bool:
    return all(
        any(fits(platform, alpine=alpine) and platform.startswith(processor) for platform in lock.prebuilt.get(gem, ()))
        for processor in _PROCESSORS
    )


def fits(platform: str, *, alpine: bool) -> bool:
    """Whether gems of a platform of the lock file run on Linux with this C library."""
    return platform == "ruby" or platform.endswith(("-linux", "-linux-musl" if alpine else "-linux-gnu"))
