"""A Rack app with Puma: gems of production, an ordinary user, one changed line, development and tests."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
from compose_stack import BUILD_TIMEOUT, Stack

pytestmark = pytest.mark.engine

EXAMPLE = "ruby-rack"
DEV = ("-f", "compose.dev.yaml")


@pytest.fixture(scope="module", autouse=True)
def bases(standin: Any) -> None:
    standin("ruby:3.3-slim-trixie")


def test_answers_as_an_ordinary_user(stack: Stack) -> None:
    assert "Ada Lovelace" in stack.get("web").body["quotes"]
    assert stack.get("web", "/healthz").body["uid"] == 10001


def test_writes_to_memory_only(stack: Stack) -> None:
    assert stack.exec("web", "sh", "-c", "touch /app/x 2>&1 || true").endswith("Read-only file system")
    assert stack.exec("web", "sh", "-c", "touch /app/tmp/x /app/log/x && echo fine") == "fine"


def test_gems_of_developers_and_compilers_stay_outside(stack: Stack) -> None:
    assert "rackup" not in stack.exec("web", "ls", "/usr/local/bundle/ruby/3.3.0/gems")
    assert stack.exec("web", "sh", "-c", "command -v gcc make || echo none") == "none"


def test_a_changed_source_installs_nothing_anew(stack: Stack) -> None:
    source = stack.folder / "lib/quotes.rb"
    source.write_text(source.read_text().replace("Ada Lovelace", "Ada King"))
    output = stack.compose("--progress", "plain", "build", "web", timeout=BUILD_TIMEOUT)
    cached = {line.split()[0] for line in output.splitlines() if line.endswith("CACHED")}
    assert {line.split()[0] for line in output.splitlines() if "bundle install" in line} <= cached
    stack.up()
    assert "Ada King" in stack.get("web").body["quotes"]


def test_stops_quickly_and_lets_requests_end(stack: Stack) -> None:
    started = time.monotonic()
    stack.compose("stop", "web")
    assert time.monotonic() - started < 3
    assert "Gracefully stopping" in stack.compose("logs", "web")
    stack.up()


def test_tests_run_in_a_stage_of_their_own(stack: Stack) -> None:
    output = stack.compose("-f", "compose.test.yaml", "run", "--rm", "--build", "-T", "web", timeout=BUILD_TIMEOUT)
    assert "2 tests passed" in output


@pytest.fixture(scope="module")
def dev(stack: Stack) -> Iterator[Stack]:
    """The same project in development, after all that is tested without."""
    stack.compose(*DEV, "up", "--build", "--wait", "web", timeout=BUILD_TIMEOUT)
    yield stack
    stack.compose(*DEV, "down", "--rmi", "local")


def test_gems_of_all_groups_are_there_in_development(dev: Stack) -> None:
    assert "rackup" in dev.compose(*DEV, "exec", "-T", "web", "ls", "/usr/local/bundle/ruby/3.3.0/gems")
    assert dev.get("web").status == 200
