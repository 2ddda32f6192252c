"""Our Dockerfiles beside those that `docker init` or a framework's documentation gives: see README.md.

    python benchmarks/images.py [--rounds N] [EXAMPLE...]

For each folder of dockerfiles/, both files are built from the same context on the engine that DOCKER_HOST reaches, in
turns: cold (no layer, and cache mounts of their own that are empty), and again after a line was added to a source file.
Prints medians of seconds, sizes in MB and the ratios ours / theirs; exit code 1 where an image is larger, or the
median of the rebuilds more than a tenth and half a second slower. Nothing of other builds on the engine is touched,
and what was built is removed.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from uuid import uuid4

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "tests" / "engine" / "standins"))
import build as standins  # type: ignore[import-not-found]  # noqa: E402 - a script that is no package

_CACHE_MOUNT = re.compile(r"--mount=type=cache,(?:id=[^,\s]+,)?(target|dst)=([^,\s]+)")
_MEGABYTE = 1_000_000
_SLOWER, _SECONDS = 1.1, 0.5  # what is still the clock's
WHICH = ("ours", "theirs")


@dataclass(frozen=True)
class Case:
    """What is built of an example: its context, our Dockerfile, and the source file in which a line is added."""

    context: str
    dockerfile: str
    source: str
    line: str


CASES = {
    "go-api": Case(".", "api.Dockerfile", "cmd/api/main.go", "// {}"),
    "java-service": Case(".", "api.Dockerfile", "src/main/java/com/example/shop/Greetings.java", "// {}"),
    "node-side-by-side": Case("web", "web.Dockerfile", "server.js", "// {}"),
    "node-workspaces": Case(".", "web.Dockerfile", "apps/web/server.js", "// {}"),
    "php-apache": Case(".", "web.Dockerfile", "public/index.php", "// {}"),
    "python-api": Case(".", "api.Dockerfile", "app/main.py", "# {}"),
    "ruby-rack": Case(".", "web.Dockerfile", "config.ru", "# {}"),
    "rust-api": Case(".", "api.Dockerfile", "src/main.rs", "// {}"),
    "static-site": Case(".", "site.Dockerfile", "src/index.html", "<!-- {} -->"),
}


@dataclass
class Measured:
    """Seconds of each round, and the size of the image in bytes."""

    cold: list[float] = field(default_factory=list)
    again: list[float] = field(default_factory=list)
    size: int = 0


def main(arguments: Sequence[str]) -> int:
    """Measure the examples that are named, or all."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--log", action="store_true", help="show what the builds of the rebuild say")
    options.add_argument("examples", nargs="*", choices=[[], *CASES], metavar="EXAMPLE")
    given = options.parse_args(arguments)
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores; seconds are medians of {given.rounds} rounds")
    print("| | size | ours | theirs | cold | ours | theirs | rebuild | ours | theirs |\n" + "|---" * 10 + "|")
    missed = False
    for name in given.examples or CASES:
        missed |= _report(name, given.rounds, log=given.log)
    print(f"load {os.getloadavg()[0]:.1f} at the end")
    return int(missed)


def _report(name: str, rounds: int, *, log: bool) -> bool:
    """Measure one example and print its line; whether a goal is missed."""
    case, run = CASES[name], f"envgen-bench-{uuid4().hex[:8]}"
    theirs = HERE / "dockerfiles" / name / "Dockerfile"
    ours = HERE.parent / "examples" / name / case.context / case.dockerfile
    for base in sorted({base for file in (ours, theirs) for base in _bases(file.read_text(encoding="utf-8"))}):
        standins.ensure(base)
    found = {which: Measured() for which in WHICH}
    try:
        for at in range(rounds):
            for which in WHICH if at % 2 == 0 else reversed(WHICH):
                _round(ours if which == "ours" else theirs, ours, case, f"{run}-{which}-{at}", found[which], log=log)
    finally:
        _clean(run, [f"{run}-{which}-{at}" for which in WHICH for at in range(rounds)])
    one, other = found["ours"], found["theirs"]
    cold, again = [(median(one.cold), median(other.cold)), (median(one.again), median(other.again))]
    sizes = (one.size / _MEGABYTE, other.size / _MEGABYTE)
    cells = [f"{a / b:.2f} | {a:.{digits}f} | {b:.{digits}f}" for (a, b), digits in ((sizes, 0), (cold, 1), (again, 1))]
    print(f"| {name} | {' | '.join(cells)} |", flush=True)
    return one.size > other.size or (again[0] > again[1] * _SLOWER and again[0] > again[1] + _SECONDS)


def _bases(text: str) -> Iterable[str]:
    """The images that a Dockerfile starts or copies from."""
    values = dict(re.findall(r"^ARG (\w+)=(\S+)", text, re.MULTILINE))
    text = re.sub(r"\$\{?(\w+)\}?", lambda found: values.get(found[1], found[0]), text)
    stages = set(re.findall(r"^FROM .* AS (\S+)", text, re.MULTILINE | re.IGNORECASE))
    named = re.findall(r"^FROM (?:--\S+ )?(\S+)|--from=(\S+)", text, re.MULTILINE)
    return {name for pair in named for name in pair if ":" in name and name not in stages}


def _round(dockerfile: Path, ours: Path, case: Case, tag: str, measured: Measured, *, log: bool) -> None:
    """One cold build, and one after a line was added, in a copy of the context."""
    with tempfile.TemporaryDirectory() as scratch:
        context = Path(scratch, "context")
        left = shutil.ignore_patterns("node_modules", "dist", "secrets", ".env")
        shutil.copytree(ours.parent, context, ignore=left)
        file = Path(scratch, "Dockerfile")
        # cache mounts of this round alone: they are empty, and nobody else waits for them
        text = _CACHE_MOUNT.sub(rf"--mount=type=cache,id={tag}-\2,\1=\2", dockerfile.read_text(encoding="utf-8"))
        file.write_text(text, encoding="utf-8")
        shutil.copy(ours.with_name(f"{ours.name}.dockerignore"), f"{file}.dockerignore")
        measured.cold.append(_build(file, context, tag, "--no-cache"))
        with (context / case.source).open("a", encoding="utf-8") as source:
            source.write(f"\n{case.line.format(tag)}\n")
        measured.again.append(_build(file, context, tag, log=log))
    measured.size = int(_docker("image", "inspect", "--format", "{{.Size}}", tag))


def _build(file: Path, context: Path, tag: str, *flags: str, log: bool = False) -> float:
    started = time.monotonic()
    said = _docker("build", "--progress", "plain", "--file", str(file), "--tag", tag, *flags, str(context))
    taken = time.monotonic() - started
    if log:
        print(said, file=sys.stderr)
    return taken


def _docker(*arguments: str) -> str:
    done = subprocess.run(["docker", *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"docker {' '.join(arguments)}:\n{done.stderr[-3000:]}")
    return done.stdout + (done.stderr if arguments[0] == "build" else "")


def _clean(run: str, tags: Iterable[str]) -> None:
    """Remove the images and cache mounts of this run; layers of builds are the engine's to forget."""
    subprocess.run(["docker", "image", "rm", "--force", *tags], capture_output=True, check=False)
    listing = ["docker", "buildx", "du", "--verbose", "--format", "json"]
    done = subprocess.run(listing, capture_output=True, text=True, check=False)
    for line in done.stdout.splitlines():
        if run in line and (found := json.loads(line).get("ID")):
            subprocess.run(
                ["docker", "buildx", "prune", "--force", "--filter", f"id={found}"], capture_output=True, check=False
            )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
