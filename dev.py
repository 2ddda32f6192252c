#!/usr/bin/env python3
"""Work on envgen with nothing but Python: `python3 dev.py demo` shows it at work, `python3 dev.py test` tests it.

Both make a virtual environment in .venv the first time, and use it after that. What follows `test` goes to pytest.
"""

import os
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
EXAMPLE = "examples/node-side-by-side"


def run(*command: str) -> None:
    """Run a command from the repository's root with the virtual environment first on PATH; exit where it fails."""
    environment = {**os.environ, "PATH": f"{PYTHON.parent}{os.pathsep}{os.environ.get('PATH', '')}"}
    print("$", *command, flush=True)  # noqa: T201 - what runs is worth knowing
    status = subprocess.run([str(PYTHON.parent / command[0]), *command[1:]], cwd=ROOT, env=environment, check=False)  # noqa: S603 - our own tools
    if status.returncode:
        sys.exit(status.returncode)


def install(*what: str) -> None:
    """Install into the virtual environment, once for each state of pyproject.toml."""
    done = VENV / f"installed-{len(what)}"
    wanted = (ROOT / "pyproject.toml").read_bytes()
    if done.is_file() and done.read_bytes() == wanted:
        return
    if not PYTHON.exists():
        venv.create(VENV, with_pip=True)
    run("python", "-m", "pip", "install", "--quiet", "--upgrade", "pip>=25.1")
    run("python", "-m", "pip", "install", "--quiet", "--editable", ".", *what)
    done.write_bytes(wanted)


def demo() -> None:
    """Render and lint the example."""
    install()
    run("envgen", "render", EXAMPLE)
    run("envgen", "lint", EXAMPLE)


def test(*arguments: str) -> None:
    """Run every check: style, types, layers, and the tests."""
    install("--group", "dev", "--group", "judges")
    run("ruff", "check", ".")
    run("ruff", "format", "--check", ".")
    run("mypy")
    run("lint-imports")
    # the tests of one file share their fixtures, such as a running engine, and go to one worker; there are more workers
    # than cores, since those tests wait for containers most of the time
    workers = max(4, os.cpu_count() or 1)
    run("python", "-m", "pytest", "-n", str(workers), "--dist", "loadfile", *arguments)


if __name__ == "__main__":
    tasks = {"demo": demo, "test": test}
    if len(sys.argv) < 2 or sys.argv[1] not in tasks:  # noqa: PLR2004 - the program and the task
        sys.exit(__doc__)
    tasks[sys.argv[1]](*sys.argv[2:])
