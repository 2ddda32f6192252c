"""Whether real compose files arrive unchanged through envgen.yaml: see README.md.

    python benchmarks/round_trip.py [--details] FILES...

Each file (or base and overlays, `base.yaml,overlay.yaml`) is wrapped as a spec and rendered, and docker-compose reads
the original and the rendering under several environments: as data, both have to be equal. Exit code 1 where any is not.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from envgen.finding import EnvgenError
from envgen.plan.resolve import resolve
from envgen.render import render
from envgen.source import Data, parse
from envgen.spec.load import load

COMPOSE = [str(Path(sys.executable).parent / "docker-compose"), "--profile", "*"]
ODD = (
    "a b  c",
    "it's",
    'say "hi"',
    "# no comment",
    "$HOME $$ ${X}",
    "k: v",
    "- a",
    "é日本 \u2028",
    "{}",
    "[a, b]",
    "null",
    "\ta",
)
_VARIABLE = re.compile(r"(?<!\$)(?:\$\$)*\$\{?([A-Za-z_][A-Za-z0-9_]*)(?::?-([^}$]*))?")
_REQUIRED = re.compile(r"(?<!\$)(?:\$\$)*\$\{([A-Za-z_][A-Za-z0-9_]*):?\?")
_FREE = ("environment", "command", "entrypoint", "labels", "args")  # any text will do there
_SHAPES = (  # of a default, and another value of that shape
    (re.compile(r"\d+"), "7"), (re.compile(r"\d+\.\d+"), "0.7"), (re.compile(r"true|false", re.IGNORECASE), "true"),
    (re.compile(r"\d+(ms|s|m|h)"), "7s"), (re.compile(r"\d+[kmgKMG]i?[bB]?"), "700m"),
    (re.compile(r"\d+(\.\d+){3}"), "127.0.0.7"),
)  # fmt: skip
_NUMBERS = re.compile(r"PORT|UID|GID|COUNT|REPLICAS|SCALE|NUM|RETRIES|CPU|LIMIT|PIDS")
Environment = Mapping[str, str]
Config = tuple[str, Any]  # how compose came to it, and what it made of the file, or its error


@dataclass(frozen=True)
class Verdict:
    """What became of one file: equal, refused, different, or a file that docker-compose refuses in any environment."""

    path: str
    kind: str
    detail: str = ""


def main(arguments: Sequence[str]) -> int:
    """Print what became of each file that is not equal, and how many there are of a kind."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--details", action="store_true", help="show the reasons of refusals")
    options.add_argument("--jobs", type=int, default=2)
    options.add_argument("files", nargs="+", help="`@list` for a file of paths")
    given = options.parse_args(arguments)
    paths = [path for entry in given.files for path in _listed(entry)]
    counts: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    with ThreadPoolExecutor(given.jobs) as pool:
        for verdict in pool.map(judge, paths):
            counts[verdict.kind] += 1
            if verdict.kind in ("refused", "taken"):
                reasons[f"{verdict.kind}: {verdict.detail.split(': ', 1)[-1][:110]}"] += 1
            if verdict.kind == "different" or (given.details and verdict.kind in ("refused", "taken")):
                print(f"{verdict.kind.upper()} {verdict.path}\n    {verdict.detail}", flush=True)
    counted = counts["equal"] + counts["refused"] + counts["different"]
    for reason, count in reasons.most_common():
        print(f"{count:6} {reason}")
    share = 100 * counts["equal"] / max(counted, 1)
    print(f"{len(paths)} files, {counted} of them fine for docker-compose: {counts['equal']} equal ({share:.2f} %),")
    print(f"{counts['refused']} refused, {counts['different']} different")
    print(f"refused by docker-compose: {counts['both']} refused by envgen, too, {counts['taken']} taken")
    return 1 if counts["different"] else 0


def _listed(entry: str) -> list[str]:
    return Path(entry[1:]).read_text(encoding="utf-8").split("\n")[:-1] if entry.startswith("@") else [entry]


def judge(entry: str) -> Verdict:
    """What becomes of a file, or of a base and its overlays (taken as what compose makes of them)."""
    paths = [Path(path).resolve() for path in entry.split(",")]
    folder = paths[0].parent
    with tempfile.TemporaryDirectory() as scratch:
        try:
            if len(paths) > 1:
                paths = [_merged(paths, folder, Path(scratch))]
            original = paths[0].read_bytes().decode("utf-8-sig")
        except (OSError, UnicodeDecodeError, subprocess.CalledProcessError) as error:
            return Verdict(entry, "unreadable", str(error))
        environments = _environments(original, paths[0], folder)
        accepted = any(environments[name][0] != "error" for name in environments if name != "as it is")
        rendered = Path(scratch, "compose.yaml")
        try:
            rendered.write_text(_render(wrap(original, folder)), encoding="utf-8", newline="")
        except EnvgenError as error:
            finding = error.findings[0]
            detail = f"{finding.line}:{finding.column} {finding.code}: {finding.message} [{finding.hint}]"
            return Verdict(entry, "refused" if accepted else "both", detail)
        except Exception as error:  # noqa: BLE001 - a bug, and of one file only
            return Verdict(entry, "different", repr(error))
        if not accepted:
            return Verdict(entry, "taken", environments["none"][1])
        difference = _difference(environments, rendered, folder)
        return Verdict(entry, "different", difference) if difference else Verdict(entry, "equal")


def wrap(text: str, folder: Path) -> str:
    """A compose file as a spec: two keys before its own, all else as it is."""
    keys, start, is_flow = [], 0, False
    try:
        root = yaml.compose(text, Loader=yaml.CLoader)
    except yaml.YAMLError:
        root = None
        found = re.search(r"^[A-Za-z_].*:", text, re.MULTILINE)
        start = found.start() if found else 0
        keys = re.findall(r"^(\w+):", text, re.MULTILINE)
    if isinstance(root, yaml.MappingNode):
        keys = [key.value for key, _ in root.value]
        is_flow, start = bool(root.flow_style), root.start_mark.index
    name = "" if "name" in keys else f"name: {project_name(folder)}"
    if is_flow:
        head = "envgen: 1, " + (f"{name}, " if name else "")
        return f"{text[: start + 1]}{head}{text[start + 1 :]}"
    indent = text[text.rfind("\n", 0, start) + 1 : start]
    lines = [line for line in ("envgen: 1", name) if line]
    return text[:start] + "".join(f"{line}\n{indent}" for line in lines) + text[start:]


def project_name(folder: Path) -> str:
    """The name that compose gives a project in this folder."""
    return json.dumps(re.sub(r"[^a-z0-9_-]", "", folder.name.lower()).lstrip("_-") or "p")


def _merged(paths: Sequence[Path], folder: Path, scratch: Path) -> Path:
    """A base and its overlays as the one file that compose makes of them."""
    flags = ["--no-interpolate", "--no-normalize", "--no-path-resolution", "--no-env-resolution", "--no-consistency"]
    files = [word for path in paths for word in ("-f", str(path))]
    command = [*COMPOSE, "--project-directory", str(folder), *files, "config", *flags]
    done = subprocess.run(command, capture_output=True, check=True, env=_shell())
    merged = scratch / "merged.yaml"
    merged.write_bytes(done.stdout)
    return merged


def _render(text: str) -> str:
    plan = resolve(load(parse(text, "envgen.yaml")))
    return next(artifact.text for artifact in render(plan, "compose"))


def _environments(text: str, path: Path, folder: Path) -> dict[str, tuple[Any, ...]]:
    """What compose makes of a file in each environment: `as it is` (no interpolation), then those with values."""
    as_it_is = config(path, folder, {}, "--no-interpolate")
    found: dict[str, tuple[Any, ...]] = {"as it is": (*as_it_is, {})}
    found["none"] = (*config(path, folder, {}), {})
    names = dict(_VARIABLE.findall(text))
    if not names:
        return found
    required = {name: _plain(name, names.get(name, "")) for name in _REQUIRED.findall(text)}
    everything = {name: _plain(name, default) for name, default in names.items()}
    free = _free(as_it_is[1]) if as_it_is[0] != "error" else set()
    odd = {name: ODD[at % len(ODD)] for at, name in enumerate(sorted(names))}
    mixed = {name: odd[name] if name in free else value for name, value in everything.items()}
    choices = {
        "required": [required],
        "all": [everything, dict.fromkeys(names, "7"), dict.fromkeys(names, "x7")],
        "odd": [odd, mixed],
    }
    for kind, values in choices.items():
        for environment in values:
            result = config(path, folder, environment)
            found[kind] = (*result, environment)
            if result[0] != "error":
                break
        if kind == "odd" and mixed != odd and found[kind][2] is not mixed:
            found["mixed"] = (*config(path, folder, mixed), mixed)
    return found


def _plain(name: str, default: str) -> str:
    for shape, value in _SHAPES:
        if shape.fullmatch(default):
            return value
    if default:
        return f"{default}x"
    return "7" if _NUMBERS.search(name.upper()) else f"plain-{name.lower()}"


def _free(data: Data) -> set[str]:
    """The variables that only stand where any text will do."""
    inside, outside = Counter[str](), Counter[str]()
    project: dict[str, Any] = data if isinstance(data, dict) else {}
    for service in project.get("services", {}).values():
        for key, value in service.items():
            parts = {"args": value.get("args"), "": {**value, "args": None}} if key == "build" else {key: value}
            for part, item in parts.items():
                names = [name for name, _ in _VARIABLE.findall(json.dumps(item))]
                (inside if part in _FREE else outside).update(names)
    rest = {key: value for key, value in project.items() if key != "services"}
    outside.update(name for name, _ in _VARIABLE.findall(json.dumps(rest)))
    return inside.keys() - outside.keys()


def _difference(environments: Mapping[str, tuple[Any, ...]], rendered: Path, folder: Path) -> str:
    for kind, (how, data, environment) in environments.items():
        flags = ("--no-interpolate",) if kind == "as it is" else ()
        other_how, other = config(rendered, folder, environment, *flags)
        if how == "error" and other_how == "error":
            continue
        if how != other_how:
            said = data if how == "error" else other
            return f"{kind}: original {how}, rendering {other_how}: {str(said)[:300]}"
        if data != other:
            return f"{kind}: {next(_unequal(data, other, ''), 'kinds of numbers')}"
    return ""


def _unequal(one: Data, other: Data, route: str) -> Iterator[str]:
    if isinstance(one, dict) and isinstance(other, dict):
        for key in [*one, *(key for key in other if key not in one)]:
            if key not in one or key not in other:
                yield f"{route}.{key}: only in the {'original' if key in one else 'rendering'}"
            elif one[key] != other[key]:
                yield from _unequal(one[key], other[key], f"{route}.{key}")
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for index, pair in enumerate(zip(one, other, strict=True)):
            if pair[0] != pair[1]:
                yield from _unequal(*pair, f"{route}[{index}]")
    else:
        yield f"{route}: {one!r} -> {other!r}"


def config(path: Path, folder: Path, environment: Environment, *flags: str) -> Config:
    """`docker-compose config` as data: ("json" or "yaml", data), or ("error", what it says)."""
    env_file = [] if not environment else ["--env-file", os.devnull]
    command = [*COMPOSE, "--project-directory", str(folder), "-f", str(path), *env_file, "config", *flags]
    done = subprocess.run([*command, "--format", "json"], capture_output=True, check=False, env=_shell(environment))
    if done.returncode:
        return "error", done.stderr.decode("utf-8", "replace").strip().split("\n")[-1]
    data = json.loads(done.stdout)
    if b"models:" in path.read_bytes():  # its JSON leaves them out
        done = subprocess.run(command, capture_output=True, check=True, env=_shell(environment))
        return "yaml", yaml.load(done.stdout, Loader=yaml.CBaseLoader)  # noqa: S506 - texts only
    return "json", data


def _shell(environment: Environment = {}) -> dict[str, str]:  # noqa: B006 - never changed
    return {"PATH": os.environ["PATH"], "HOME": str(Path.home()), **environment}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
