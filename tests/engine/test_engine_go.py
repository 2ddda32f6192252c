"""Go: the example, its stages for tests and development, and other bases, each built and running."""

import subprocess
import time
from collections.abc import Callable, Iterator

import pytest
from compose_stack import Stack, run

pytestmark = pytest.mark.engine

EXAMPLE = "go-api"
IMAGES = ("golang:1.27-trixie", "debian:trixie-slim", "gcr.io/distroless/static-debian13:nonroot",
          "gcr.io/distroless/base-debian13:nonroot", "redis:7")  # fmt: skip
MAIN = """package main

/*
#include <stdlib.h>
*/
import "C"

import (
	"fmt"
	"net/http"
	"os"
	"time"
)

func main() {
	http.HandleFunc("/healthz", func(w http.ResponseWriter, _ *http.Request) {})
	http.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		_, missing := os.Stat("/bin/sh")
		day := time.Date(2026, 7, 1, 0, 0, 0, 0, time.Local)
		shell, zone := missing == nil, day.Format("MST")
		fmt.Fprintf(w, `{"abs": %d, "uid": %d, "shell": %t, "zone": %q}`, C.abs(-3), os.Getuid(), shell, zone)
	})
	http.ListenAndServe(":8080", nil)
}
"""
SPEC = """
envgen: 1
name: bases
services:
  scratch:
    uses: go@1.27
    build: {context: app, options: {cgo: true, base: scratch}, timezone: Europe/Berlin}
    ports: [{target: 8080, published: 18111}]
  glibc:
    uses: go@1.27
    build: {context: app, options: {cgo: true}, timezone: Europe/Berlin}
    ports: [{target: 8080, published: 18112}]
  slim:
    uses: go@1.27
    build: {context: app, options: {cgo: true, base: slim}, timezone: Europe/Berlin}
    ports: [{target: 8080, published: 18113}]
    healthcheck: {http: /healthz}
"""


@pytest.fixture(scope="module", autouse=True)
def images(standin: Callable[..., None]) -> None:
    standin(*IMAGES[:-1])


@pytest.fixture(scope="module")
def bases(images: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:  # noqa: ARG001 - it has to come first
    """A program with C in it, on each base."""
    files = {"envgen.yaml": SPEC, "app/go.mod": "module example.com/app\n\ngo 1.27\n", "app/main.go": MAIN}
    stack = Stack.of_files(files, tmp_path_factory.mktemp("bases"))
    try:
        stack.up()
        yield stack
    finally:
        stack.compose("down", "--volumes", "--rmi", "local", "--remove-orphans")


def test_it_keeps_what_is_posted(stack: Stack) -> None:
    assert stack.container("api")["State"]["Health"]["Status"] == "healthy"
    assert stack.get("api").body == []
    (host, port) = stack.compose("port", "api", "8080").strip().split(":")
    subprocess.run(["curl", "-fsS", "-d", "a  word", f"http://{host}:{port}/"], check=True, capture_output=True)
    assert stack.get("api").body == ["a word"]


def test_the_binary_has_its_version_its_file_and_a_limit_on_its_heap(stack: Stack) -> None:
    assert stack.get("api", "/about").body == {
        "version": "1.4.0", "uid": 10001, "memory": "230MiB", "page": "Leave a word.\n",
    }  # fmt: skip


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
    assert stack.container("api")["State"]["ExitCode"] == 0
    stack.compose("start", "api")


def test_its_tests_run(stack: Stack) -> None:
    output = run(["docker", "compose", "--file", "compose.test.yaml", "run", "--rm", "--build", "--no-deps", "api"],
                 stack.folder, 300)  # fmt: skip
    assert "ok  \texample.com/guestbook/internal/book" in output


def test_a_change_of_the_sources_downloads_no_module(stack: Stack) -> None:
    file = stack.folder / "cmd/api/main.go"
    file.write_text(file.read_text() + "// changed\n")
    build = ["docker", "compose", "--progress", "plain", "build", "api"]
    done = subprocess.run(build, cwd=stack.folder, capture_output=True, text=True, check=True)
    log = done.stdout + done.stderr
    downloads = next(line.split()[0] for line in log.splitlines() if "go mod download" in line)
    assert f"{downloads} CACHED" in log


@pytest.mark.parametrize("service", ["scratch", "glibc", "slim"])
def test_a_program_with_c_runs_on_each_base_in_its_time_zone(bases: Stack, service: str) -> None:
    shell = service == "slim"
    assert bases.get(service).body == {"abs": 3, "uid": 10001, "shell": shell, "zone": "CEST"}


def test_a_debian_without_curl_is_asked_for_its_health(bases: Stack) -> None:
    assert bases.container("slim")["State"]["Health"]["Status"] == "healthy"
