"""Compare envgen's CPU time with other tools', in turn and in the same run; run it with the groups dev and benchmarks.

Prints each goal with its ratio, and exits with 1 where one is missed.
"""

import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
ENVGEN, COMPOSE, COPIER = str(BIN / "envgen"), str(BIN / "docker-compose"), str(BIN / "copier")
PYTHON = sys.executable
RUNS = 7

EMPTY_TYPER = """\
import typer
app = typer.Typer()
@app.command()
def one() -> None: ...
@app.command()
def two() -> None: ...
app()
"""


def cpu(command: list[str], folder: Path) -> float:
    """User and system seconds of one run of a command and all that it starts."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime) - (before.ru_utime + before.ru_stime)


def medians(commands: dict[str, tuple[list[str], Path]], runs: int = RUNS) -> dict[str, float]:
    """The median CPU time of each command; they take turns, so that a slow moment of the machine hits all of them."""
    seconds: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(runs + 1):
        for name, (command, folder) in commands.items():
            seconds[name].append(cpu(command, folder))
    return {name: statistics.median(times[1:]) for name, times in seconds.items()}  # the first warms the caches


def many(folder: Path, services: int) -> Path:
    """A project of so many services, rendered."""
    folder.mkdir()
    spec = subprocess.run(
        [PYTHON, str(ROOT / "benchmarks" / "many_services.py"), str(services)], check=True, capture_output=True
    )
    (folder / "envgen.yaml").write_bytes(spec.stdout)
    for number in range(services // 2):
        context = folder / f"app{number}"
        context.mkdir()
        (context / "package.json").write_text("{}")
        (context / "package-lock.json").write_text('{"lockfileVersion": 2}')
    subprocess.run([ENVGEN, "render"], cwd=folder, check=True, capture_output=True)
    return folder


def report(goals: list[tuple[str, float, float, float]]) -> int:
    """Print each goal (what, ours, the other's, the largest ratio allowed); 1 where one is missed."""
    missed = 0
    for what, ours, other, allowed in goals:
        ratio = ours / other
        missed |= ratio > allowed
        print(f"{what:58} {ours * 1000:7.0f} ms / {other * 1000:7.0f} ms = {ratio:5.2f}   (at most {allowed})")
    return missed


def main() -> int:
    """Measure everything."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        (folder / "empty.py").write_text(EMPTY_TYPER)
        example = folder / "example"
        shutil.copytree(ROOT / "examples" / "node-side-by-side", example)
        template = folder / "template"
        template.mkdir()
        (template / "copier.yml").write_text("name:\n  type: str\n  default: x\n")
        for name in ("a", "b", "c"):
            (template / f"{name}.txt.jinja").write_text("hello {{ name }}\n")
        small = medians(
            {
                "python": ([PYTHON, "-c", "pass"], folder),
                "typer": ([PYTHON, "empty.py", "one"], folder),
                "version": ([ENVGEN, "--version"], folder),
                "render": ([ENVGEN, "render"], example),
                "compose": ([COMPOSE, "config", "-q"], example),
                "copier": ([COPIER, "copy", "--defaults", "--quiet", "--force", "template", "out"], folder),
            }
        )
        thousand, two_thousand = many(folder / "m1000", 1000), many(folder / "m2000", 2000)
        large = medians(
            {
                "render": ([ENVGEN, "render"], thousand),
                "twice": ([ENVGEN, "render"], two_thousand),
                "compose": ([COMPOSE, "config", "-q"], thousand),
            },
            runs=3,
        )
    return report(
        [
            ("envgen --version / python -c pass", small["version"], small["python"], 8),
            ("envgen --version / an empty Typer application", small["version"], small["typer"], 1.2),
            ("render / (docker-compose config + copier)", small["render"], small["compose"] + small["copier"], 1),
            ("1,000 services: render / docker-compose config -q", large["render"], large["compose"], 1),
            ("2,000 services / 1,000 services", large["twice"], large["render"], 2.4),
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
