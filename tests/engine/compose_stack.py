"""An example, rendered and started as a compose project of its own."""

import http.client
import json
import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

EXAMPLES = Path(__file__).parents[2] / "examples"

# What lies in the folder of somebody who works with an example is no part of it.
LEFT_BY_DEVELOPERS = ("node_modules", "dist", ".env", "secrets")

# Where npm or apt is far away, an image takes its time; nothing else here does.
BUILD_TIMEOUT = 900
TIMEOUT = 120


@dataclass(frozen=True)
class Answer:
    status: int
    body: Any


@dataclass(frozen=True)
class Stack:
    """One running example; `folder` holds its rendered files, its .env and its secrets."""

    folder: Path

    @classmethod
    def render(cls, example: str, parent: Path) -> "Stack":
        """A copy of the example with all that a user does before `docker compose up`."""
        folder = parent / example
        shutil.copytree(EXAMPLES / example, folder, ignore=shutil.ignore_patterns(*LEFT_BY_DEVELOPERS))
        run([sys.executable, "-m", "envgen", "render"], folder, timeout=TIMEOUT)
        stack = cls(folder)
        stack._write_env()
        stack._write_secrets()
        return stack

    @classmethod
    def of_files(cls, files: Mapping[str, str], folder: Path) -> "Stack":
        """A spec of a test's own, and what lies beside it, with all that a user does before `docker compose up`."""
        for name, text in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        run([sys.executable, "-m", "envgen", "render"], folder, timeout=TIMEOUT)
        stack = cls(folder)
        stack._write_env()
        stack._write_secrets()
        return stack

    def _write_env(self) -> None:
        """.env as in the README, but under a name and with host ports that nobody else uses."""
        shutil.copy(self.folder / ".env.example", self.folder / ".env")
        services = yaml.safe_load((self.folder / "compose.yaml").read_text())["services"].values()
        ports = json.dumps([service.get("ports", []) for service in services])
        names = sorted(set(re.findall(r"\$\{(\w+_PORT)\b", ports)))
        values = {"COMPOSE_PROJECT_NAME": f"envgen-test-{uuid.uuid4().hex[:8]}"}
        values |= {name: str(port) for name, port in zip(names, free_ports(len(names)), strict=True)}
        with (self.folder / ".env").open("a") as env:
            env.write("".join(f"\n{name}={value}" for name, value in values.items()) + "\n")

    def _write_secrets(self) -> None:
        for secret in self.config.get("secrets", {}).values():
            path = Path(secret["file"])
            path.parent.mkdir(mode=0o700, exist_ok=True)
            path.write_text(secrets.token_hex(16))
            path.chmod(0o444)  # the folder guards it; in the container everybody who gets it may read it

    @cached_property
    def config(self) -> dict[str, Any]:
        """compose.yaml as compose understands it."""
        content: dict[str, Any] = json.loads(self.compose("config", "--format", "json"))
        return content

    def compose(self, *arguments: str, timeout: float = TIMEOUT) -> str:
        return run(["docker", "compose", *arguments], self.folder, timeout)

    def up(self) -> None:
        """Build, start and wait until everything is healthy."""
        self.compose("up", "--build", "--wait", timeout=BUILD_TIMEOUT)

    def exec(self, service: str, *command: str) -> str:
        return self.compose("exec", "-T", service, *command).strip()

    def node(self, service: str, script: str) -> Any:
        """What a JavaScript expression is, evaluated inside the container."""
        return json.loads(self.exec(service, "node", "-p", f"JSON.stringify(({script}) ?? null)"))

    def container(self, service: str) -> dict[str, Any]:
        """What `docker inspect` says about the one container of a service, running or not."""
        (identity,) = self.compose("ps", "--all", "--quiet", service).split()
        (container,) = json.loads(run(["docker", "inspect", identity], self.folder, TIMEOUT))
        return dict(container)

    def get(self, service: str, path: str = "/") -> Answer:
        return self.request(service, "GET", path)

    def post(self, service: str, path: str, body: object) -> Answer:
        return self.request(service, "POST", path, json.dumps(body))

    def request(self, service: str, method: str, path: str, body: str | None = None) -> Answer:
        (host, port), *_ = published(self.container(service))
        with closing(http.client.HTTPConnection(host, port, timeout=10)) as connection:
            connection.request(method, path, body)
            response = connection.getresponse()
            return Answer(response.status, json.loads(response.read()))


def published(container: dict[str, Any]) -> Iterator[tuple[str, int]]:
    """The addresses of the host that lead into a container."""
    for bindings in container["NetworkSettings"]["Ports"].values():
        for binding in bindings or ():
            yield binding["HostIp"], int(binding["HostPort"])


def run(command: list[str], folder: Path, timeout: float) -> str:
    """The command's standard output; its complaints are shown if it fails."""
    # COMPOSE_* of whoever runs the tests must not reach these projects
    env = {name: value for name, value in os.environ.items() if not name.startswith("COMPOSE_")}
    done = subprocess.run(command, cwd=folder, env=env, timeout=timeout, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(command)} -> {done.returncode}\n{done.stdout}{done.stderr}"
    return done.stdout


def eventually(condition: Callable[[], bool], seconds: float = 10) -> bool:
    """Whether it comes true in time, for what happens in its own time."""
    deadline = time.monotonic() + seconds
    while not (true := condition()) and time.monotonic() < deadline:
        time.sleep(0.2)
    return true


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on now, all different because all are held until the last is found."""
    held = [socket.socket() for _ in range(count)]
    try:
        for one in held:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in held]
    finally:
        for one in held:
            one.close()
