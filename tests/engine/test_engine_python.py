"""The example of a Python API on a real engine: what is shipped, what developers use, and its tests."""

import json
import time
from collections.abc import Callable, Iterator

import pytest
from compose_stack import BUILD_TIMEOUT, Answer, Stack, eventually

pytestmark = pytest.mark.engine

EXAMPLE = "python-api"
DEV = ("-f", "compose.dev.yaml")
TEST = ("-f", "compose.test.yaml")


@pytest.fixture(scope="module", autouse=True)
def bases(standin: Callable[..., None]) -> None:
    standin("python:3.13-slim-trixie")


def test_the_worker_does_what_the_api_was_asked_for(stack: Stack) -> None:
    number = stack.request("api", "POST", "/jobs", json.dumps({"text": "hello"})).status
    assert number == 422  # the API says what it wants, and wants to be told that this is JSON
    script = (
        "import json,urllib.request as u;r=u.Request('http://127.0.0.1:8000/jobs',b'{\"text\": \"hello\"}',"
        "{'Content-Type': 'application/json'});print(u.urlopen(r).read().decode())"
    )
    made = json.loads(stack.exec("api", "python", "-c", script))["id"]
    assert eventually(lambda: bool(stack.get("api", f"/jobs/{made}").body["result"] == "HELLO"))


def test_it_runs_as_the_user_that_was_asked_for(stack: Stack) -> None:
    answer: Answer = stack.get("api")
    assert answer.body == {"app": "jobs", "python": answer.body["python"], "uid": 10001}
    assert answer.body["python"].startswith("3.13.")


def test_api_and_worker_share_an_image(stack: Stack) -> None:
    assert stack.container("api")["Image"] == stack.container("worker")["Image"]


@pytest.mark.parametrize("path", ["/app/app/main.py", "/opt/venv/x", "/etc/x"])
def test_nothing_can_be_written_to(stack: Stack, path: str) -> None:
    script = f"try: open({path!r}, 'a')\nexcept OSError as error: print(error.errno)"
    assert stack.exec("api", "python", "-c", script) == "30"  # EROFS


@pytest.mark.parametrize("module", ["pip", "pytest", "debugpy"])
def test_what_only_builds_and_tests_need_is_not_in_the_environment(stack: Stack, module: str) -> None:
    script = f"import importlib.util as u; s = u.find_spec({module!r}); print(s and s.origin)"
    assert "/opt/venv" not in stack.exec("api", "python", "-c", script)


def test_dependencies_are_compiled(stack: Stack) -> None:
    assert stack.exec("api", "python", "-c", "import fastapi,os; print(os.path.exists(fastapi.__cached__))") == "True"


def test_a_change_of_the_sources_installs_nothing_anew(stack: Stack) -> None:
    main = stack.folder / "app/main.py"
    main.write_text(main.read_text() + "\n# changed\n")
    output = stack.compose("--progress", "plain", "build", "api", timeout=BUILD_TIMEOUT)
    steps = [line.split()[0] for line in output.splitlines() if "pip install" in line]
    cached = [line.split()[0] for line in output.splitlines() if line.endswith("CACHED")]
    assert set(steps) <= set(cached)


def test_stops_quickly_and_by_itself(stack: Stack) -> None:
    started = time.monotonic()
    stack.compose("stop", "api", "worker")
    assert time.monotonic() - started < 5
    # uvicorn ends with the signal that it was sent, once it has answered what it was asked
    assert stack.container("worker")["State"]["ExitCode"] == 0
    assert stack.container("api")["State"]["ExitCode"] in {0, 143}
    stack.up()


def test_tests_run_against_a_database_in_their_own_stage(stack: Stack) -> None:
    output = stack.compose(*TEST, "run", "--rm", "-T", "--build", "api", timeout=BUILD_TIMEOUT)
    assert "2 passed" in output


@pytest.fixture(scope="module")
def dev(stack: Stack) -> Iterator[Stack]:
    """The same project in its environment for development."""
    stack.compose(*DEV, "up", "--build", "--wait", timeout=BUILD_TIMEOUT)
    yield stack
    stack.compose(*DEV, "down", "--rmi", "local")


class TestDevelopment:
    def test_a_change_is_loaded(self, dev: Stack) -> None:
        change = ("sed", "-i", 's/"app": "jobs"/"app": "changed"/', "app/main.py")
        dev.compose(*DEV, "exec", "-T", "api", *change)

        # from within: outside, the debugger's port is published, too
        ask = "import urllib.request as u; print(u.urlopen('http://127.0.0.1:8000/', timeout=5).read().decode())"

        def changed() -> bool:
            # while it starts anew, nobody answers
            script = f"try:\n    exec({ask!r})\nexcept OSError as error: print(error)"
            return "changed" in dev.compose(*DEV, "exec", "-T", "api", "python", "-c", script)

        assert eventually(changed, 20)

    def test_a_debugger_can_attach(self, dev: Stack) -> None:
        ask = "import socket; print(socket.create_connection(('127.0.0.1', 5678), 5).recv(16)[:14])"
        assert "Content-Length" in dev.compose(*DEV, "exec", "-T", "api", "python", "-c", ask)
