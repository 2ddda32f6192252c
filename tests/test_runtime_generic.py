"""Any image: what is guessed of it, and that all else is as the user says."""

import pytest
from plans import image, plan_of, problems_of, rendered

from envgen.runtimes.generic import guessed

HEAD = "uses: {language: generic, image: 'elixir:1.18-slim'}, command: [mix, run]"


def dockerfile(service: str) -> str:
    return rendered(plan_of(f"services: {{a: {{{service}}}}}"))["a.Dockerfile"]


@pytest.mark.parametrize(
    ("reference", "distro"),
    [
        ("elixir:1.18-slim", "debian"),
        ("elixir:1.18-alpine", "alpine"),
        ("registry.example.com/alpine/x:3", "alpine"),
        ("ubuntu:24.04", "ubuntu"),
        ("eclipse-temurin:21-jdk-noble", "ubuntu"),
        ("example.com/nobleman/x:1", "debian"),
        ("gcr.io/distroless/cc-debian12", "distroless"),
        ("scratch", "scratch"),
    ],
)
def test_the_name_of_an_image_tells_its_distribution(reference: str, distro: str) -> None:
    assert guessed(reference).name == distro


def test_packages_are_those_of_the_distribution() -> None:
    assert "apt-get install --yes --no-install-recommends git" in dockerfile(f"{HEAD}, build: {{packages: [git]}}")
    made = dockerfile(f"{HEAD}, build: {{packages: [git], options: {{distro: alpine}}}}")
    assert "apk add --no-cache git" in made
    assert "adduser -D" in made


def test_without_steps_the_context_is_the_image() -> None:
    text = dockerfile(HEAD)
    assert "FROM elixir:1.18-slim AS base\n" in text
    assert "COPY --chown=10001:10001 . ./\n" in text
    assert "AS build" not in text


def test_what_installs_sees_the_sources_or_the_files_that_are_named() -> None:
    text = dockerfile(f"{HEAD}, build: {{install: mix deps.get}}")
    assert "COPY . ./\n\nRUN mix deps.get\n\nCOPY . .\n" in text
    assert "COPY --from=build --chown=10001:10001 /app/. ./\n" in text
    named = dockerfile(
        f"{HEAD}, build: {{install: mix deps.get, run: mix release, options: {{manifests: [mix.exs, mix.lock]}}}}"
    )
    assert "COPY mix.exs mix.lock ./\n\nRUN mix deps.get\n\nCOPY . .\n\nRUN mix release\n" in named


def test_a_builder_of_its_own_hands_over_what_is_named() -> None:
    text = dockerfile(
        "uses: {language: generic, image: 'debian:trixie-slim'}, command: [./app],"
        " build: {run: make, build_packages: [make], files: [app], options: {builder: 'gcc:15'}}"
    )
    assert "FROM gcc:15 AS builder\n" in text
    assert "FROM builder AS build\n" in text
    assert "COPY --from=build --chown=10001:10001 /app/app ./app\n" in text
    runs = text.partition(" AS runtime\n")[2]
    assert "make" not in runs


def test_it_has_no_version_and_no_end_of_life() -> None:
    made = image(f"services: {{a: {{{HEAD}}}}}")
    assert made.language == "generic"
    assert made.labels["org.opencontainers.image.base.name"] == "docker.io/library/elixir:1.18-slim"


@pytest.mark.parametrize(("probe", "program"), [("curl", "curl"), ("wget", "wget")])
def test_health_is_asked_by_a_program_that_is_named(probe: str, program: str) -> None:
    text = dockerfile(f"{HEAD}, ports: ['80:4000'], healthcheck: {{http: /up}}, build: {{options: {{probe: {probe}}}}}")
    assert f'CMD ["{program}", ' in text
    assert '"http://127.0.0.1:4000/up"' in text


@pytest.mark.parametrize(
    ("service", "message"),
    [
        ("uses: {language: generic}, command: [x]", "EG003 `generic` needs an image to start from"),
        ("uses: generic@1, command: [x]", "`generic` needs an image to start from"),
        ("uses: {language: generic, image: x, version: '1'}, command: [x]", "`generic` has no version"),
        ("uses: {language: generic, image: x, variant: alpine}, command: [x]", "`generic` has no variant"),
        ("uses: {language: generic, image: x}", "`a` has no command"),
        (f"{HEAD}, ports: ['80:80'], healthcheck: {{http: /}}", "`http` needs a program in the image that can ask"),
        (f"{HEAD}, build: {{package_manager: npm}}", "A generic image has no package manager `npm`"),
        (f"{HEAD}, build: {{options: {{distro: arch}}}}", "`distro` has to be one of alpine, debian, ubuntu"),
        (f"{HEAD}, build: {{options: {{builder: 'a b'}}}}", "`builder` has to be the name of an image"),
    ],
)
def test_what_it_can_not_know_is_said(service: str, message: str) -> None:
    found = problems_of(f"services: {{a: {{{service}}}}}")
    assert message.removeprefix("EG003 ") in found[0]
