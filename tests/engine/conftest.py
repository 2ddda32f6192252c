import importlib.util
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from compose_stack import Stack


def engine_problem() -> str:
    """Why no engine can be used, or nothing if one can."""
    for command in (["docker", "version"], ["docker", "compose", "version"]):
        try:
            done = subprocess.run(command, timeout=30, capture_output=True, text=True, check=False)
        except (OSError, subprocess.TimeoutExpired) as error:
            return str(error)
        if done.returncode != 0:
            return f"`{' '.join(command)}`: {(done.stderr or done.stdout).strip()}"
    return ""


@pytest.fixture(scope="session", autouse=True)
def engine() -> None:
    """A Docker engine with compose. A CI that was given one must not lose it unnoticed."""
    if problem := engine_problem():
        if os.environ.get("CI") == "true" and "DOCKER_HOST" in os.environ:
            pytest.fail(f"DOCKER_HOST is set, but no engine can be used: {problem}", pytrace=False)
        pytest.skip(f"no Docker engine: {problem}")


@pytest.fixture(scope="session")
def standins() -> Any:
    """The module that builds stand-ins. By its path: `build` is the name of a package on PyPI too."""
    path = Path(__file__).parent / "standins" / "build.py"
    spec = importlib.util.spec_from_file_location("envgen_standins", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def standin(standins: Any) -> Callable[..., None]:
    """`standin("golang:1.27")` has these base images on the engine, or skips the test with the reason."""

    def have(*tags: str) -> None:
        for tag in tags:
            try:
                standins.ensure(tag)
            except standins.StandinUnavailable as reason:
                pytest.skip(str(reason))

    return have


@pytest.fixture(scope="module")
def stack(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The example that the module names in EXAMPLE, up and healthy; taken down afterwards with all it left behind."""
    failures = request.session.testsfailed
    stack = Stack.render(request.module.EXAMPLE, tmp_path_factory.mktemp("engine"))
    started = False
    try:
        stack.up()
        started = True
        yield stack
    finally:
        if not started or request.session.testsfailed > failures:
            print(stack.compose("ps", "--all"), stack.compose("logs", "--no-color", "--tail", "50"))  # noqa: T201
        stack.compose("down", "--volumes", "--rmi", "local", "--remove-orphans")
