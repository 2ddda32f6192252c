"""Stand-ins keep what an example may rely on: users, variables, paths and commands of the images they stand for."""

import json
import subprocess
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.engine

TIMEOUT = 120

GO = "golang:1.27-trixie"
TEMURIN = "eclipse-temurin:21-jre"
UNPRIVILEGED = "nginxinc/nginx-unprivileged:1.30"


def docker(*arguments: str, stdin: str | None = None) -> str:
    done = subprocess.run(
        ["docker", *arguments], input=stdin, timeout=TIMEOUT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr or done.stdout
    return done.stdout.strip()


def shell(tag: str, script: str, *options: str) -> str:
    return docker("run", "--rm", "--pull=never", *options, "--entrypoint", "sh", tag, "-euc", script)


def config(tag: str) -> dict[str, Any]:
    return dict(json.loads(docker("image", "inspect", tag))[0]["Config"])


@pytest.mark.parametrize(
    ("tag", "user", "folder", "command"),
    [
        (GO, "", "/go", ["bash"]),
        ("python:3.13-slim", "", "/", ["python3"]),
        ("ruby:3.3-slim", "", "/", ["irb"]),
        ("php:8.4-cli", "", "/", ["docker-php-entrypoint", "php", "-a"]),
        ("php:8.4-fpm", "", "/var/www/html", ["docker-php-entrypoint", "php-fpm"]),
        ("php:8.4-apache", "", "/var/www/html", ["docker-php-entrypoint", "apache2-foreground"]),
        ("composer:2", "", "/app", ["/docker-entrypoint.sh", "composer"]),
        ("rust:1.97-slim", "", "/", ["bash"]),
        (TEMURIN, "", "/", ["/__cacert_entrypoint.sh"]),
        ("maven:3.9-eclipse-temurin-21", "", "/", ["/usr/local/bin/mvn-entrypoint.sh", "mvn"]),
        ("nginx:1.30", "", "/", ["/docker-entrypoint.sh", "nginx", "-g", "daemon off;"]),
        (UNPRIVILEGED, "101", "/", ["/docker-entrypoint.sh", "nginx", "-g", "daemon off;"]),
        ("gcr.io/distroless/static-debian13:latest", "0", "/", []),
        ("gcr.io/distroless/static-debian13:nonroot", "65532", "/home/nonroot", []),
        ("gcr.io/distroless/cc-debian12:nonroot", "65532", "/home/nonroot", []),
        ("gcr.io/distroless/java21-debian13:nonroot", "65532", "/home/nonroot", ["/usr/bin/java", "-jar"]),
        ("ghcr.io/astral-sh/uv:0.13", "", "/io", ["/uv"]),
    ],
)
def test_what_runs_where_and_as_whom(
    standin: Callable[..., None], tag: str, user: str, folder: str, command: list[str]
) -> None:
    standin(tag)
    found = config(tag)
    assert found["User"] == user
    assert (found["WorkingDir"] or "/") == folder
    assert (found["Entrypoint"] or []) + (found["Cmd"] or []) == command


# A compiler finds it where Python itself says.
HEADER = "cd $(python -c 'import sysconfig; print(sysconfig.get_path(\"include\"))'); ls Python.h"

# A command's lines in the image, and what they have to be.
CONTRACTS = [
    (GO, "echo $GOPATH $GOTOOLCHAIN; command -v go; stat -c %a /go/bin", ["/go local", "/usr/local/go/bin/go", "1777"]),
    (GO, "go version | cut -d. -f1,2; go env GOROOT", ["go version go1.27", "/usr/local/go"]),
    ("python:3.13-slim", "command -v python; command -v pip", ["/usr/local/bin/python", "/usr/local/bin/pip"]),
    ("python:3.13-slim", "python -V | cut -c1-11", ["Python 3.13"]),
    ("python:3.13-slim", "python -c 'import sys, ssl, sqlite3; print(sys.prefix)'", ["/usr/local"]),
    ("python:3.13-slim", HEADER, ["Python.h"]),
    ("ruby:3.3-slim", "command -v ruby; ruby -v | cut -c1-8", ["/usr/local/bin/ruby", "ruby 3.3"]),
    ("ruby:3.3-slim", "echo $GEM_HOME $BUNDLE_APP_CONFIG", ["/usr/local/bundle /usr/local/bundle"]),
    ("ruby:3.3-slim", "stat -c %a $GEM_HOME", ["1777"]),
    ("php:8.4-cli", "command -v php; id -u www-data", ["/usr/local/bin/php", "33"]),
    ("php:8.4-cli", "cd $PHP_INI_DIR; pwd; ls -d *-production", ["/usr/local/etc/php", "php.ini-production"]),
    ("php:8.4-fpm", "php-fpm -t 2>&1 | grep -o 'test is successful'", ["test is successful"]),
    ("php:8.4-fpm", "ls /usr/local/etc/php-fpm.d", ["docker.conf", "www.conf", "zz-docker.conf"]),
    ("composer:2", "command -v composer; composer -V | cut -c1-16", ["/usr/bin/composer", "Composer version"]),
    ("rust:1.97-slim", "command -v cargo; cargo -V | cut -c1-10", ["/usr/local/cargo/bin/cargo", "cargo 1.97"]),
    ("rust:1.97-slim", "echo $CARGO_HOME $RUSTUP_HOME", ["/usr/local/cargo /usr/local/rustup"]),
    (TEMURIN, "command -v java; java -version 2>&1 | grep -o '\"21' | head -1", ["/opt/java/openjdk/bin/java", '"21']),
    ("nginx:1.30", "id -u nginx; nginx -v 2>&1 | cut -c1-25", ["101", "nginx version: nginx/1.30"]),
    ("nginx:1.30", "ls /etc/nginx/conf.d", ["default.conf"]),
    (UNPRIVILEGED, "id -u; grep -ho 'listen .*;' /etc/nginx/conf.d/*", ["101", "listen       8080;"]),
    (UNPRIVILEGED, "nginx -t 2>&1 | grep -o 'test is successful'", ["test is successful"]),
]


@pytest.mark.parametrize(("tag", "script", "expected"), CONTRACTS)
def test_paths_variables_and_versions(standin: Callable[..., None], tag: str, script: str, expected: list[str]) -> None:
    standin(tag)
    assert shell(tag, script).splitlines() == expected


@pytest.mark.parametrize("extension", ["pdo_mysql", "bcmath", "pcntl", "opcache"])
def test_extensions_of_php_that_need_nothing_install(standin: Callable[..., None], extension: str) -> None:
    standin("php:8.4-cli")
    loaded = shell("php:8.4-cli", f"docker-php-ext-install {extension} >/dev/null; php -m")
    assert extension in loaded.lower()


def test_an_extension_of_php_without_its_headers_does_not_install(standin: Callable[..., None]) -> None:
    standin("php:8.4-cli")
    assert "intl were not met" in shell("php:8.4-cli", "! docker-php-ext-install intl 2>&1")


@pytest.fixture
def built(tmp_path: Path) -> Iterator[Callable[[dict[str, str]], str]]:
    """Builds an image of files, and takes it away afterwards."""
    tag = f"envgen-standin-test:{uuid.uuid4().hex[:12]}"

    def build(files: dict[str, str]) -> str:
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        docker("build", "--quiet", "--tag", tag, str(tmp_path))
        return tag

    yield build
    subprocess.run(["docker", "rmi", "--force", tag], timeout=TIMEOUT, capture_output=True, check=False)


PROJECTS = {
    "go on distroless": (
        [GO, "gcr.io/distroless/static-debian13:nonroot"],
        {
            "go.mod": "module example.com/app\n\ngo 1.26\n",
            "main.go": 'package main\n\nimport ("fmt"; "os")\n\nfunc main() { fmt.Print("uid ", os.Getuid()) }\n',
            "Dockerfile": f"FROM {GO} AS build\nWORKDIR /src\nCOPY . .\nRUN CGO_ENABLED=0 go build -o /app .\n"
            "FROM gcr.io/distroless/static-debian13:nonroot\nCOPY --from=build /app /app\n"
            'ENTRYPOINT ["/app"]\n',
        },
        "uid 65532",
    ),
    "rust on distroless": (
        ["rust:1.97-slim-trixie", "gcr.io/distroless/cc-debian13:nonroot"],
        {
            "Cargo.toml": '[package]\nname = "app"\nversion = "0.1.0"\nedition = "2024"\n',
            "src/main.rs": 'fn main() { print!("rust runs"); }\n',
            "Dockerfile": "FROM rust:1.97-slim-trixie AS build\nWORKDIR /src\nCOPY . .\nRUN cargo build --release\n"
            "FROM gcr.io/distroless/cc-debian13:nonroot\nCOPY --from=build /src/target/release/app /app\n"
            'ENTRYPOINT ["/app"]\n',
        },
        "rust runs",
    ),
    "a bundle of rack and puma": (
        ["ruby:3.3-slim"],
        {
            "Gemfile": 'source "https://rubygems.org"\n\ngem "puma"\ngem "rack"\n',
            "Dockerfile": "FROM ruby:3.3-slim\nWORKDIR /app\nCOPY Gemfile .\n"
            "RUN bundle install && bundle config set --local deployment true && bundle install\n"
            'CMD ["bundle", "exec", "ruby", "-e", "require %q(puma); require %q(rack); print Puma::Server"]\n',
        },
        "Puma::Server",
    ),
    "a jar by maven": (
        ["maven:3.9-eclipse-temurin-21", TEMURIN],
        {
            "pom.xml": '<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>'
            "<groupId>app</groupId><artifactId>app</artifactId><version>1</version>"
            "<properties><maven.compiler.release>21</maven.compiler.release></properties></project>\n",
            "src/main/java/Main.java": "public class Main { public static void main(String[] a) "
            '{ System.out.print("java runs"); } }\n',
            "Dockerfile": "FROM maven:3.9-eclipse-temurin-21 AS build\nWORKDIR /src\nCOPY . .\n"
            f"RUN mvn -B -ntp package -DskipTests\nFROM {TEMURIN}\nCOPY --from=build /src/target/app-1.jar /app.jar\n"
            'CMD ["java", "-cp", "/app.jar", "Main"]\n',
        },
        "java runs",
    ),
    "composer's file beside another php": (
        ["php:8.4-cli", "composer:2"],
        {
            "composer.json": '{"name": "a/b", "autoload": {"psr-4": {"App\\\\": "src/"}}}\n',
            "src/Hello.php": "<?php\nnamespace App;\nclass Hello { const WORD = 'composer loads'; }\n",
            "Dockerfile": "FROM php:8.4-cli\nCOPY --from=composer:2 /usr/bin/composer /usr/bin/composer\nWORKDIR /app\n"
            "COPY . .\nRUN composer install --no-dev --no-interaction --optimize-autoloader\n"
            'CMD ["php", "-r", "require \'vendor/autoload.php\'; echo App\\\\Hello::WORD;"]\n',
        },
        "composer loads",
    ),
    "python with uv": (
        ["python:3.13-slim", "ghcr.io/astral-sh/uv:0.13"],
        {
            "Dockerfile": "FROM python:3.13-slim\nCOPY --from=ghcr.io/astral-sh/uv:0.13 /uv /uvx /bin/\n"
            "RUN uv venv /venv && uv --version\n"
            'CMD ["/venv/bin/python", "-c", "import sys; print(sys.prefix)"]\n',
        },
        "/venv",
    ),
}


@pytest.mark.parametrize("project", PROJECTS)
def test_a_project_builds_and_runs(
    standin: Callable[..., None], built: Callable[[dict[str, str]], str], project: str
) -> None:
    tags, files, expected = PROJECTS[project]
    standin(*tags)
    assert docker("run", "--rm", built(files)) == expected


def test_distroless_has_no_shell(standin: Callable[..., None]) -> None:
    standin("gcr.io/distroless/base-debian12:nonroot")
    tag = "gcr.io/distroless/base-debian12:nonroot"
    done = subprocess.run(["docker", "run", "--rm", tag, "/bin/sh"], timeout=TIMEOUT, capture_output=True, check=False)
    assert done.returncode == 127


class TestBuilder:
    def test_every_recipe_says_what_it_is(self, standins: Any) -> None:
        for recipe in standins.recipes().values():
            head = (recipe.folder / "Dockerfile").read_text().split("FROM", 1)[0].splitlines()
            said = [line for line in head if line.startswith("# ") and not line.startswith("# image:")]
            assert said, f"{recipe.folder.name}/Dockerfile does not say what it is and is not"

    def test_another_ones_image_is_used_as_it_is(self, standins: Any, built: Callable[[dict[str, str]], str]) -> None:
        tag = built({"Dockerfile": "FROM scratch\nCOPY Dockerfile /\n"})
        folder = standins.HERE / "nginx"
        standins.recipes()[tag] = standins.Recipe(folder, (tag,), (), "nginx")
        try:
            assert standins.ensure(tag) == "there already, from elsewhere"
        finally:
            del standins.recipes()[tag]

    def test_a_recipe_that_did_not_change_is_not_built_again(self, standins: Any) -> None:
        standins.ensure("ghcr.io/astral-sh/uv:0.13")
        assert standins.ensure("ghcr.io/astral-sh/uv:0.13") == "there already"

    def test_an_unknown_image_is_a_reason_to_skip(self, standins: Any) -> None:
        with pytest.raises(standins.StandinUnavailable, match="no recipe"):
            standins.ensure("envgen-standin/none:1")
