"""PHP behind Apache with a database and a cache: extensions, an ordinary user, one changed line, development."""

import http.client
import json
import time
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from compose_stack import BUILD_TIMEOUT, Stack, eventually, published

pytestmark = pytest.mark.engine

EXAMPLE = "php-apache"
DEV = ("-f", "compose.dev.yaml")


@pytest.fixture(scope="module", autouse=True)
def bases(standin: Any) -> None:
    standin("php:8.4-apache-trixie", "composer:2", "mariadb:12.3", "redis:7")


def test_the_database_and_the_cache_are_used(stack: Stack) -> None:
    stack.post("web", "/entries", "Nice place")
    answer = stack.get("web", "/entries").body
    assert answer["entries"] == ['"Nice place"']
    assert answer["visits"] >= 1
    assert answer["uid"] == 10001


@pytest.mark.parametrize("path", ["/composer.json", "/../composer.json", "/.htaccess", "/vendor/autoload.php"])
def test_only_the_document_root_is_served(stack: Stack, path: str) -> None:
    (host, port), *_ = published(stack.container("web"))
    with closing(http.client.HTTPConnection(host, port, timeout=10)) as connection:
        connection.request("GET", path)
        assert connection.getresponse().status in {400, 403, 404}


def test_nothing_can_be_written_but_temporary_files(stack: Stack) -> None:
    assert stack.exec("web", "sh", "-c", "touch /var/www/html/x 2>&1 || true").endswith("Read-only file system")
    assert stack.exec("web", "ls", "/tmp/apache2/apache2.pid")


def test_neither_composer_nor_headers_are_in_the_image(stack: Stack) -> None:
    assert stack.exec("web", "sh", "-c", "command -v composer unzip || echo none") == "none"
    settings = json.loads(stack.exec("web", "php", "-r", "echo json_encode(ini_get_all(null, false));"))
    assert settings["opcache.validate_timestamps"] == "0"
    assert settings["display_errors"] in {"", "0", None}


def test_a_changed_source_installs_nothing_anew(stack: Stack) -> None:
    source = stack.folder / "public/index.php"
    source.write_text(source.read_text().replace("'guestbook'", "'visitors'"))
    output = stack.compose("--progress", "plain", "build", "web", timeout=BUILD_TIMEOUT)
    cached = {line.split()[0] for line in output.splitlines() if line.endswith("CACHED")}
    steps = [line.split()[0] for line in output.splitlines() if "composer install" in line or "pecl install" in line]
    assert set(steps) <= cached
    stack.up()
    assert stack.get("web").body["app"] == "visitors"


def test_stops_quickly_and_by_itself(stack: Stack) -> None:
    started = time.monotonic()
    stack.compose("stop", "web")
    assert time.monotonic() - started < 3
    assert stack.container("web")["State"]["ExitCode"] == 0
    stack.up()


@pytest.fixture(scope="module")
def dev(stack: Stack) -> Iterator[Stack]:
    """The same project in development, after all that is tested without."""
    stack.compose(*DEV, "up", "--build", "--wait", "web", timeout=BUILD_TIMEOUT)
    yield stack
    stack.compose(*DEV, "down", "--rmi", "local")


def test_a_change_is_seen_at_once_in_development(dev: Stack) -> None:
    dev.compose(*DEV, "exec", "-T", "web", "sed", "-i", "s/'app' => '[a-z]*'/'app' => 'dev'/", "public/index.php")
    assert eventually(lambda: bool(dev.get("web").body["app"] == "dev"))


def test_a_debugger_is_there_in_development(dev: Stack) -> None:
    assert "Xdebug" in dev.compose(*DEV, "exec", "-T", "web", "php", "-m")
