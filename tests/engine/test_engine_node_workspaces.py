"""A monorepo with pnpm: each image has its app, and what that depends on."""

import http.client
import time
from collections.abc import Iterator

import pytest
from compose_stack import BUILD_TIMEOUT, Stack, eventually

pytestmark = pytest.mark.engine

EXAMPLE = "node-workspaces"
DEV = ("-f", "compose.dev.yaml")


def test_the_app_uses_a_workspace_that_uses_a_package(stack: Stack) -> None:
    answer = stack.get("web").body
    assert answer["greeting"].startswith("Hello web, up for ")
    assert answer["uid"] == 10001
    assert "Hello worker" in stack.compose("logs", "worker")


@pytest.mark.parametrize(("service", "there", "gone"), [("web", "web", "worker"), ("worker", "worker", "web")])
def test_each_image_has_its_own_app_only(stack: Stack, service: str, there: str, gone: str) -> None:
    assert stack.node(service, f"fs.existsSync('apps/{there}/package.json')") is True
    assert stack.node(service, f"fs.existsSync('apps/{gone}')") is False


def test_packages_of_the_other_app_and_of_developers_stay_out(stack: Stack) -> None:
    def packages(service: str) -> str:
        return str(stack.node(service, "fs.readdirSync('node_modules/.pnpm').join(' ')"))

    assert "ms@" in packages("web")
    assert "nanoid@" not in packages("web")
    assert "nanoid@" in packages("worker")
    assert "marked@" not in packages("web") + packages("worker")


def test_a_change_of_the_sources_installs_nothing_anew(stack: Stack) -> None:
    server = stack.folder / "apps/web/server.js"
    server.write_text(server.read_text().replace("Content-Type", "content-type"))
    output = stack.compose("--progress", "plain", "build", "web", timeout=BUILD_TIMEOUT)
    assert "pnpm --filter web run build" in output
    assert "Lockfile is up to date" not in output, "pnpm says so whenever it runs"


def test_stops_quickly_and_by_itself(stack: Stack) -> None:
    started = time.monotonic()
    stack.compose("stop", "web", "worker")
    assert time.monotonic() - started < 5
    assert {stack.container(service)["State"]["ExitCode"] for service in ("web", "worker")} == {0}
    stack.up()


@pytest.fixture(scope="module")
def dev(stack: Stack) -> Iterator[Stack]:
    """The same project in its environment for development."""
    stack.compose(*DEV, "up", "--build", "--wait", "web", timeout=BUILD_TIMEOUT)
    yield stack
    stack.compose(*DEV, "down", "--rmi", "local")


class TestDevelopment:
    def test_a_change_restarts_the_app(self, dev: Stack) -> None:
        dev.compose(*DEV, "exec", "-T", "web", "sed", "-i", "s/greeting('web'/greeting('dev'/", "apps/web/server.js")

        def greets() -> bool:
            try:
                return str(dev.get("web").body["greeting"]).startswith("Hello dev")
            except (OSError, http.client.HTTPException):
                return False  # it starts anew

        assert eventually(greets)

    def test_a_debugger_can_attach(self, dev: Stack) -> None:
        ask = "fetch('http://127.0.0.1:9229/json/version').then(r=>r.json()).then(v=>console.log(v.Browser))"
        assert dev.compose(*DEV, "exec", "-T", "web", "node", "-e", ask).startswith("node.js/")

    def test_development_dependencies_are_there(self, dev: Stack) -> None:
        assert dev.compose(*DEV, "exec", "-T", "web", "pnpm", "--filter", "web", "test")
