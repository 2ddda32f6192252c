import json
import subprocess
from datetime import date
from fnmatch import fnmatchcase
from typing import Any

import pytest
from oracles import program

from envgen import runtimes
from envgen.runtimes import Distro, Language, Release, Request
from envgen.runtimes.node import LANGUAGE as NODE


def languages() -> list[Language]:
    return [language for name in runtimes.names() if (language := runtimes.find(name))]


def releases() -> list[tuple[Language, Release]]:
    return [(language, release) for language in languages() for release in language.releases.values()]


def request(language: Language, release: Release, **more: Any) -> Request:
    """What an image of a release is wanted for, with files of the context as `files`."""
    asked = {"version": release.major, "variant": release.default_variant, "manager": language.manager_of(None)}
    return Request(release=release, **{**asked, **more})


def test_each_module_holds_the_language_of_its_name() -> None:
    assert "node" in runtimes.names()
    assert [language.name for language in languages()] == list(runtimes.names())
    assert runtimes.find("cobol") is None
    assert runtimes.find("distro") is None


@pytest.mark.parametrize(("language", "release"), releases(), ids=lambda value: getattr(value, "major", ""))
def test_every_release_is_complete(language: Language, release: Release) -> None:
    assert release.default_variant in release.variants
    assert len(set(release.variants)) == len(release.variants)
    assert release.end_of_life is None or release.end_of_life > date(2015, 1, 1)
    recipe = language.recipe(request(language, release))
    assert recipe.base or language.any_image
    assert recipe.workdir.startswith("/")
    assert all(folder.startswith("/") for folder in (*recipe.caches, *recipe.build_caches, *recipe.prepare_caches))
    assert recipe.builder is None or recipe.builder_distro is not None
    assert not recipe.dependencies or recipe.install


@pytest.mark.parametrize("language", languages(), ids=lambda language: language.name)
def test_what_a_language_says_of_itself_is_complete(language: Language) -> None:
    assert language.title
    assert language.image or language.any_image
    assert language.tmpfs
    assert not language.default_version or language.release(language.default_version)
    assert all(option.summary for option in language.options.values())
    assert all(bool(option.choices) == (option.kind == "choice") for option in language.options.values())
    locks = {lock for locks in language.managers.values() for lock in locks}
    assert all(any(fnmatchcase(lock, name) for name in language.context_files) for lock in locks)


def test_releases_are_newest_first() -> None:
    for language in languages():
        lines = [[int(part) for part in line.split(".")] for line in language.releases]
        assert lines == sorted(lines, reverse=True)


@pytest.mark.parametrize(
    ("version", "variant", "image"),
    [
        ("16", "bookworm-slim", "node:16-bookworm-slim"),
        ("16.20.2", "", "node:16.20.2"),
        ("14", "alpine", "node:14-alpine"),
    ],
)
def test_references_of_images(version: str, variant: str, image: str) -> None:
    assert NODE.image_reference(version, variant) == image


def test_a_version_belongs_to_the_release_of_its_major_number() -> None:
    assert NODE.release("16.20.2") is NODE.releases["16"]
    assert NODE.release("1") is None
    assert NODE.end_of_life("16.20") == date(2023, 9, 11)
    assert NODE.end_of_life("9") is None


def test_no_image_that_never_was() -> None:
    assert "bookworm-slim" not in NODE.releases["14"].variants
    assert NODE.releases["14"].default_variant == "bullseye-slim"
    assert NODE.releases["16"].default_variant == "bookworm-slim"


@pytest.mark.parametrize(("major", "flag"), [("14", "--only=production"), ("16", "--omit=dev"), ("22", "--omit=dev")])
def test_npm_leaves_development_dependencies_out_in_its_own_words(major: str, flag: str) -> None:
    recipe = NODE.recipe(request(NODE, NODE.releases[major]))
    assert recipe.install == (f"npm ci {flag} --no-audit --no-fund",)
    assert recipe.install_all == ("npm ci --no-audit --no-fund",)


@pytest.mark.parametrize(
    ("major", "files", "message"),
    [
        ("16", {"package.json": "{}", "package-lock.json": '{"lockfileVersion": 3}'}, None),
        ("14", {"package.json": "{}", "package-lock.json": '{"lockfileVersion": 2}'}, None),
        ("14", {"package.json": "{}", "package-lock.json": '{"lockfileVersion": 3}'}, "can't read lockfileVersion 3"),
        ("14", {"package.json": "{}", "package-lock.json": "["}, "no valid lock file"),
        ("14", {"package.json": "{}", "package-lock.json": "[]"}, "no valid lock file"),
        ("16", {"package.json": "{}", "package-lock.json": None}, "the file is not there"),
        ("16", {"package-lock.json": "{}"}, "the file is not there"),
        ("16", {"package.json": "[", "package-lock.json": "{}"}, "no valid manifest"),
    ],
)
def test_what_a_build_would_trip_over(major: str, files: dict[str, str | None], message: str | None) -> None:
    found = [trouble.message for trouble in NODE.check(request(NODE, NODE.releases[major], files=files))]
    assert (len(found) == 1 and message in found[0]) if message else not found


@pytest.mark.parametrize(("limit", "megabytes"), [(512 << 20, 384), (256 << 20, 192), (1 << 30, 768), (1 << 20, 16)])
def test_the_heap_leaves_room_in_the_limit(limit: int, megabytes: int) -> None:
    assert NODE.memory_flag
    assert NODE.memory_flag(limit) == ("NODE_OPTIONS", f"--max-old-space-size={megabytes}")


@pytest.mark.parametrize("path", ["/", "/healthz?a=b&c", "/it's", '/a"b', "/a\\b", "/$HOME`x`"])
def test_the_probe_asks_for_that_very_path(path: str) -> None:
    probe = NODE.recipe(request(NODE, NODE.releases["22"])).http_probe
    assert probe
    command = probe(3000, path)
    assert command[:2] == ("node", "-e")
    script = command[2]
    assert script.count("3000") == 1
    try:
        node = program("node")
    except pytest.skip.Exception:
        return
    ask = script.replace("require('http').get(", "console.log(JSON.stringify((").partition(",r=>")[0] + "))).x"
    done = subprocess.run([node, "-e", ask], capture_output=True, text=True, check=False)
    assert json.loads(done.stdout.splitlines()[0])["path"] == path


@pytest.mark.parametrize(
    ("variant", "distro"),
    [("bookworm-slim", "debian"), ("", "debian"), ("slim", "debian"), ("alpine", "alpine"), ("alpine3.20", "alpine")],
)
def test_the_distribution_of_a_variant(variant: str, distro: str) -> None:
    assert Distro.of_variant(variant).name == distro


def test_packages_are_installed_in_one_step_that_leaves_nothing_behind() -> None:
    assert Distro.of_variant("slim").install(("libpq5", "a=1.0")) == (
        "apt-get update",
        "apt-get install --yes --no-install-recommends libpq5 a=1.0",
        "rm -rf /var/lib/apt/lists/*",
    )
    assert Distro.of_variant("alpine").install(("libpq",)) == ("apk add --no-cache libpq",)


@pytest.mark.parametrize("variant", ["slim", "alpine"])
def test_users_and_groups_of_the_distribution_are_known(variant: str) -> None:
    distro = Distro.of_variant(variant)
    assert distro.users["root"] == (0, 0)
    assert distro.users["nobody"] == (65534, 65534)
    assert distro.groups["users"] == 100
