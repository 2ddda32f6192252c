"""Rust: the example, its stage for tests, a workspace, and a cache that another checkout has filled."""

import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from compose_stack import EXAMPLES, Stack, run

pytestmark = pytest.mark.engine

EXAMPLE = "rust-api"


@pytest.fixture(scope="module", autouse=True)
def images(standin: Callable[..., None]) -> None:
    standin("rust:1.97-slim-trixie", "gcr.io/distroless/cc-debian13:nonroot")


def answer(stack: Stack, path: str, *arguments: str) -> str:
    address = stack.compose("port", "api", "8080").strip()
    done = subprocess.run(
        ["curl", "-fsS", *arguments, f"http://{address}{path}"], check=True, capture_output=True, text=True
    )
    return done.stdout


def test_it_counts(stack: Stack) -> None:
    assert stack.container("api")["State"]["Health"]["Status"] == "healthy"
    assert answer(stack, "/count", "-d", "one two three") == "3\n"


def test_the_image_is_hardened_and_has_no_shell(stack: Stack) -> None:
    container = stack.container("api")
    assert container["HostConfig"]["ReadonlyRootfs"] is True
    assert container["Config"]["User"] == "10001:10001"
    with pytest.raises(AssertionError, match=r"executable file not found|no such file"):
        stack.exec("api", "sh", "-c", "true")


def test_it_stops_when_it_is_told_to(stack: Stack) -> None:
    started = time.monotonic()
    stack.compose("stop", "api")
    assert time.monotonic() - started < 3
    stack.compose("start", "api")


def test_its_tests_run(stack: Stack) -> None:
    output = run(
        ["docker", "compose", "--file", "compose.test.yaml", "run", "--rm", "--build", "api"], stack.folder, 300
    )
    assert "1 passed" in output


def test_a_cache_of_newer_sources_is_not_taken_for_these(tmp_path: Path) -> None:
    """Two checkouts share the cache mounts; what the first has compiled is newer than the second's sources."""
    for name, age in (("first", 0), ("second", 1_000_000)):
        spec = "envgen: 1\nname: age\nservices: {api: {uses: rust@1.97, environment: {WHO: {default: us}}}}\n"
        files = {
            "envgen.yaml": spec,
            "Cargo.toml": '[package]\nname = "envgen-age"\nversion = "0.1.0"\n',
            "Cargo.lock": 'version = 3\n\n[[package]]\nname = "envgen-age"\nversion = "0.1.0"\n',
            "src/main.rs": f'fn main() {{ println!("{name}") }}\n',
        }
        stack = Stack.of_files(files, tmp_path / name)
        for path in stack.folder.rglob("*"):
            os.utime(path, (time.time() - age, time.time() - age))
        try:
            stack.compose("build", timeout=300)
            assert stack.compose("run", "--rm", "api") == f"{name}\n"
        finally:
            stack.compose("down", "--volumes", "--rmi", "local", "--remove-orphans")


def test_one_of_a_workspace_is_built(tmp_path: Path) -> None:
    package = '[package]\nname = "{}"\nversion = "0.1.0"\nedition = "2021"\n'
    files = {
        "envgen.yaml": "envgen: 1\nname: work\nservices:\n"
        "  api: {uses: rust@1.97, build: {app: api}, environment: {WHO: {default: us}}}\n",
        "Cargo.toml": '[workspace]\nmembers = ["crates/*"]\nresolver = "2"\n',
        "Cargo.lock": 'version = 3\n\n[[package]]\nname = "api"\nversion = "0.1.0"\ndependencies = [\n "words",\n]\n\n'
        '[[package]]\nname = "words"\nversion = "0.1.0"\n',
        "crates/api/Cargo.toml": package.format("api") + '[dependencies]\nwords = {path = "../words"}\n',
        "crates/api/src/main.rs": 'fn main() { println!("{}", words::word()) }\n',
        "crates/words/Cargo.toml": package.format("words") + '[[bench]]\nname = "slow"\n',
        "crates/words/src/lib.rs": 'pub fn word() -> &\'static str { "hello" }\n',
        "crates/words/benches/slow.rs": "fn main() {}\n",
    }
    stack = Stack.of_files(files, tmp_path)
    try:
        stack.compose("build", timeout=300)
        assert stack.compose("run", "--rm", "api") == "hello\n"
    finally:
        stack.compose("down", "--volumes", "--rmi", "local", "--remove-orphans")


def test_a_change_of_the_sources_fetches_nothing(stack: Stack) -> None:
    file = stack.folder / "src/main.rs"
    file.write_text((EXAMPLES / EXAMPLE / "src/main.rs").read_text() + "// changed\n")
    build = ["docker", "compose", "--progress", "plain", "build", "api"]
    done = subprocess.run(build, cwd=stack.folder, capture_output=True, text=True, check=True)
    log = done.stdout + done.stderr
    fetches = next(line.split()[0] for line in log.splitlines() if "cargo fetch" in line)
    assert f"{fetches} CACHED" in log
