"""A static site, built by Node and served by nginx as an ordinary user."""

import http.client
import time
from contextlib import closing

import pytest
from compose_stack import Stack, published

pytestmark = pytest.mark.engine

EXAMPLE = "static-site"


def get(stack: Stack, path: str, **headers: str) -> http.client.HTTPResponse:
    (host, port), *_ = published(stack.container("site"))
    with closing(http.client.HTTPConnection(host, port, timeout=10)) as connection:
        connection.request("GET", path, headers=headers)
        response = connection.getresponse()
        response.text = response.read().decode(errors="replace")  # type: ignore[attr-defined]
        return response


def text(response: http.client.HTTPResponse) -> str:
    return str(response.text)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/", 200, "<h1>Almanac</h1>"),
        ("/april", 200, "<h1>April</h1>"),
        ("/april.html", 200, "<h1>April</h1>"),
        ("/may", 404, "<h1>Not here</h1>"),
        ("/.env", 404, "<h1>Not here</h1>"),
        ("/src/index.md", 404, "<h1>Not here</h1>"),
    ],
)
def test_serves_what_was_built(stack: Stack, path: str, status: int, words: str) -> None:
    answer = get(stack, path)
    assert answer.status == status
    assert words in text(answer)


def test_browsers_keep_what_has_a_hash_and_ask_again_for_pages(stack: Stack) -> None:
    page = get(stack, "/")
    assert page.headers["Cache-Control"] == "no-cache"
    sheet = text(page).split('href="')[1].split('"')[0]
    assert get(stack, sheet).headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert get(stack, "/assets/gone.css").headers["Cache-Control"] is None
    assert get(stack, "/", **{"If-None-Match": page.headers["ETag"]}).status == 304


def test_tells_nothing_of_itself(stack: Stack) -> None:
    headers = get(stack, "/").headers
    assert headers["Server"] == "nginx"
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_runs_as_an_ordinary_user_that_writes_to_the_temporary_folder_only(stack: Stack) -> None:
    assert stack.exec("site", "id", "-u") == "10001"
    refused = stack.exec("site", "sh", "-c", "touch /usr/share/nginx/html/mark 2>&1 || true")
    assert refused.endswith("Read-only file system")
    assert stack.exec("site", "ls", "/tmp/nginx.pid")


def test_node_and_the_sources_are_not_in_the_image(stack: Stack) -> None:
    assert stack.exec("site", "sh", "-c", "command -v node || echo none") == "none"
    assert stack.exec("site", "sh", "-c", "ls /usr/share/nginx/html").split() == [
        "404.html", "50x.html", "april.html", "assets", "index.html",
    ]  # fmt: skip


def test_stops_quickly_and_by_itself(stack: Stack) -> None:
    started = time.monotonic()
    stack.compose("stop", "site")
    assert time.monotonic() - started < 3
    assert stack.container("site")["State"]["ExitCode"] == 0
    stack.up()
