"""Two checkouts of one repository, side by side on one engine after `envgen ports --allocate` in each."""

import json
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from compose_stack import TIMEOUT, Stack, published, run

pytestmark = pytest.mark.engine

# what Debian's stand-in for redis carries is all that is needed: no image is built
SPEC = """envgen: 1
name: envgen-two
services:
  store:
    preset: redis
    image: redis:7
    ports: [{target: 6379, published: 6379}]
    networks: [back]
networks:
  back: {ipam: {config: [{subnet: "${ENVGEN_SUBNET_PREFIX:-10.16}.3.0/24"}]}}
"""


def make(folder: Path) -> Stack:
    (folder / "envgen.yaml").write_text(SPEC)
    envgen(folder, "render")
    return Stack(folder)


def envgen(folder: Path, *arguments: str) -> str:
    return run([sys.executable, "-m", "envgen", *arguments], folder, TIMEOUT)


@pytest.fixture(scope="module")
def stacks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Stack, Stack]]:
    """A checkout, and a copy of it that was made after the first was allocated and started: the worst case."""
    parent = tmp_path_factory.mktemp("two")
    before = os.environ.get("XDG_STATE_HOME")
    os.environ["XDG_STATE_HOME"] = str(parent / "state")
    folder = parent / "first"
    folder.mkdir()
    first = make(folder)
    first._write_secrets()  # noqa: SLF001 - what a user does, and every other test of this folder
    second = Stack(parent / "second")
    try:
        envgen(first.folder, "ports", "--allocate")
        first.up()
        shutil.copytree(first.folder, second.folder)
        envgen(second.folder, "ports", "--allocate")
        second.up()
        yield first, second
    finally:
        for stack in (first, second):
            if stack.folder.exists():
                stack.compose("down", "--volumes", "--remove-orphans")
        os.environ.pop("XDG_STATE_HOME") if before is None else os.environ.update(XDG_STATE_HOME=before)


def redis(stack: Stack, *command: str) -> str:
    return stack.exec("store", "redis-cli", *command)


def test_both_are_up_under_names_and_ports_of_their_own(stacks: tuple[Stack, Stack]) -> None:
    containers = [stack.container("store") for stack in stacks]
    assert [one["State"]["Health"]["Status"] for one in containers] == ["healthy", "healthy"]
    assert len({one["Name"] for one in containers}) == 2
    addresses = [next(published(one)) for one in containers]
    assert {host for host, _ in addresses} == {"127.0.0.1"}
    assert len({port for _, port in addresses}) == 2
    assert all(20000 <= port < 30000 for _, port in addresses)


def test_subnets_are_their_own(stacks: tuple[Stack, Stack]) -> None:
    subnets = []
    for stack in stacks:
        project = json.loads(stack.compose("config", "--format", "json"))["name"]
        (network,) = json.loads(run(["docker", "network", "inspect", f"{project}_back"], stack.folder, TIMEOUT))
        subnets += [config["Subnet"] for config in network["IPAM"]["Config"]]
    assert len(set(subnets)) == 2
    assert all(subnet.endswith(".3.0/24") for subnet in subnets)


def test_what_one_stores_the_other_does_not_see(stacks: tuple[Stack, Stack]) -> None:
    first, second = stacks
    assert redis(first, "set", "mark", "first") == "OK"
    assert redis(second, "get", "mark") == ""
    assert redis(second, "set", "mark", "second") == "OK"
    assert redis(first, "get", "mark") == "first"


def test_a_second_allocation_while_both_run_changes_nothing(stacks: tuple[Stack, Stack]) -> None:
    before = [(stack.folder / ".env").read_bytes() for stack in stacks]
    for stack in stacks:
        envgen(stack.folder, "ports", "--allocate")
    assert [(stack.folder / ".env").read_bytes() for stack in stacks] == before


def test_taking_one_down_with_its_data_leaves_the_other_alone(stacks: tuple[Stack, Stack]) -> None:
    first, second = stacks
    redis(first, "set", "kept", "yes")
    identity = first.container("store")["Id"]
    second.compose("down", "--volumes")
    assert first.container("store")["Id"] == identity
    assert first.container("store")["State"]["Status"] == "running"
    assert redis(first, "get", "kept") == "yes"
    second.up()
    assert redis(second, "get", "kept") == ""
