"""Compare `envgen lint` with hadolint and compose-lint, in turn and in the same run; run it with the group judges.

    benchmarks/lint.py DOCKERFILES COMPOSE

DOCKERFILES and COMPOSE are folders of real files, each below a folder of its own, such as 400 and 300 of them. Prints
each goal with its ratio, and exits with 1 where one is missed. Times of warm and cold runs are wall time, since both
use every core; the others are CPU seconds (user and system) of whole processes.
"""

import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from compare import EMPTY_TYPER

BIN = Path(sys.executable).parent
ENVGEN, HADOLINT, COMPOSE_LINT = str(BIN / "envgen"), str(BIN / "hadolint"), str(BIN / "compose-lint")
RUNS = 5


@dataclass(frozen=True, slots=True)
class Used:
    """Seconds that a process and all that it starts took."""

    wall: float
    cpu: float


def run(command: Sequence[str], folder: Path, cache: Path) -> Used:
    """One run of a command; what it finds and its exit code don't matter here."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    # an installed program has its bytecode; this one gets it in the first round, which doesn't count
    usual = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment = usual | {"ENVGEN_CACHE_DIR": str(cache)}
    process = subprocess.run(command, cwd=folder, check=False, capture_output=True, env=environment)
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    if process.returncode not in {0, 1, 2}:  # compose-lint's 2 says that it could not look at everything
        sys.exit(f"{command[0]} failed: {process.stderr.decode()[-500:]}")
    return Used(wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def median(times: Sequence[Used], of: Callable[[Used], float]) -> float:
    """The median of one figure."""
    return statistics.median(of(one) for one in times)


def main(dockerfiles: Path, composes: Path) -> int:
    """Measure everything."""
    files = [str(path) for path in sorted(dockerfiles.rglob("*")) if path.is_file() and "ockerfile" in path.name]
    stacks = [str(path) for path in sorted(composes.rglob("*.y*ml"))]
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        cache = folder / "cache"
        (folder / "empty.py").write_text(EMPTY_TYPER)
        (folder / "Dockerfile").write_text("FROM debian:12-slim\nRUN echo hello\nUSER 1000\n")
        commands = {
            "cold": [ENVGEN, "lint", "--format", "json", *files],
            "warm": [ENVGEN, "lint", "--format", "json", *files],
            "hadolint": [HADOLINT, "--format", "json", "--no-fail", *files],
            "native": [ENVGEN, "lint", "--no-hadolint", "--no-cache", "--format", "json", *files],
            "compose": [ENVGEN, "lint", "--no-cache", "--format", "json", *stacks],
            "compose first": [ENVGEN, "lint", "--format", "json", *stacks],
            "compose warm": [ENVGEN, "lint", "--format", "json", *stacks],
            "compose-lint": [COMPOSE_LINT, "--format", "json", *stacks],
            "one": [ENVGEN, "lint", "--no-cache", "Dockerfile"],
            "empty": [sys.executable, "empty.py", "one"],
        }
        used: dict[str, list[Used]] = {name: [] for name in commands}
        for number in range(RUNS + 1):
            shutil.rmtree(cache, ignore_errors=True)
            for name, command in commands.items():
                took = run(command, folder, cache)
                used[name] += [took] if number else []
    wall = {name: median(times, lambda one: one.wall) for name, times in used.items()}
    cpu = {name: median(times, lambda one: one.cpu) for name, times in used.items()}
    count, stack_count = len(files), len(stacks)
    print(f"{count} Dockerfiles, {stack_count} compose files")
    goals = [
        ("cold / one hadolint process (wall)", wall["cold"] / wall["hadolint"], "<=", 1.0),
        ("cold / warm (wall)", wall["cold"] / wall["warm"], ">=", 20.0),
        ("own rules / hadolint (files per CPU second)", cpu["hadolint"] / cpu["native"], ">=", 30.0),
        (
            "compose files, warm / compose-lint (files per CPU second)",
            cpu["compose-lint"] / cpu["compose warm"],
            ">=",
            3.0,
        ),
        ("compose, cold / compose-lint (files per CPU second)", cpu["compose-lint"] / cpu["compose"], ">=", 3.0),
        ("one Dockerfile, cold, beyond an empty Typer app (CPU s)", cpu["one"] - cpu["empty"], "<=", 0.25),
    ]
    missed = False
    for what, ratio, sign, goal in goals:
        holds = ratio <= goal if sign == "<=" else ratio >= goal
        missed |= not holds
        print(f"{what:58} {ratio:7.2f}   (goal {sign} {goal}){'' if holds else '   MISSED'}")
    print({name: (round(wall[name], 2), round(cpu[name], 2)) for name in commands})
    return int(missed)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
