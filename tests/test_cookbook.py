"""Every project of docs/cookbook.md renders from what it shows and the least that a real one would have beside it.

Nobody finds fault with the result: compose reads it, hadolint and `envgen lint` are content.
"""

import json
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
from oracles import program

from envgen.cli import main

DOCS = Path(__file__).resolve().parent.parent / "docs"
PAGE = (DOCS / "cookbook.md").read_text(encoding="utf-8")

NODE = {
    "package.json": '{"name": "app", "version": "1.0.0", "scripts": {"build": "node build.js"}}',
    "package-lock.json": '{"name": "app", "version": "1.0.0", "lockfileVersion": 3, "packages": {}}',
    "server.js": "require('http').createServer((_, answer) => answer.end('ok')).listen(3000)\n",
}
GRADLE = {
    "build.gradle": "plugins { id 'java'; id 'org.springframework.boot' version '3.5.0' }\n",
    "settings.gradle": "rootProject.name = 'ledger'\n",
    "gradlew": "#!/bin/sh\n",
    "gradle/wrapper/gradle-wrapper.jar": "",
    "gradle/wrapper/gradle-wrapper.properties":
        "distributionUrl=https\\://services.gradle.org/distributions/gradle-8.14-bin.zip\n",
    "src/main/java/Ledger.java": "class Ledger {}\n",
}  # fmt: skip
RAILS = {
    "Gemfile": 'source "https://rubygems.org"\ngem "rails"\ngem "pg"\ngem "puma"\ngem "propshaft"\ngem "sidekiq"\n',
    "Gemfile.lock": """GEM
  remote: https://rubygems.org/
  specs:
    bootsnap (1.18.6)
      msgpack (~> 1.2)
    pg (1.6.2)
    propshaft (1.3.1)
    puma (7.1.0)
    rails (8.1.1)
      railties (= 8.1.1)
    railties (8.1.1)
    sidekiq (8.0.9)

PLATFORMS
  x86_64-linux
  aarch64-linux

DEPENDENCIES
  bootsnap
  pg
  propshaft
  puma
  rails
  sidekiq

BUNDLED WITH
  2.7.2
""",
    "config/application.rb": "",
    "config.ru": "",
}
LARAVEL = {
    "composer.json": '{"require": {"php": "^8.2", "laravel/framework": "^12.0"}}',
    "composer.lock": '{"packages": [], "packages-dev": [], "platform": {"php": "^8.2"}}',
    "artisan": "#!/usr/bin/env php\n",
    "public/index.php": "<?php\n",
}
WORKSPACE = {
    "package.json": '{"name": "hall", "private": true, "packageManager": "pnpm@10.12.1"}',
    "pnpm-lock.yaml": "lockfileVersion: '9.0'\nimporters:\n  .: {}\n  apps/web: {}\n  apps/api: {}\n",
    "pnpm-workspace.yaml": "packages: [apps/*]\n",
    "apps/web/package.json": '{"name": "web", "scripts": {"build": "node build.js"}}',
    "apps/web/server.js": "",
    "apps/api/package.json": '{"name": "api"}',
    "apps/api/server.js": "",
}
DJANGO = {"requirements.txt": "celery[redis]\ndjango\ngunicorn\npsycopg[c]\n", "manage.py": ""}


def below(folder: str, files: Mapping[str, str]) -> dict[str, str]:
    return {f"{folder}/{path}": text for path, text in files.items()}


# what a real project has beside what the page shows
BESIDE: dict[str, dict[str, str]] = {
    "Web, API and database": {**below("web", NODE), **below("api", NODE)},
    "Django, Celery and Redis": DJANGO,
    "Spring Boot, Gradle and MySQL behind nginx": GRADLE,
    "Rails": RAILS,
    "Laravel": {**LARAVEL, **NODE},
    "A static site": NODE,
    "A monorepo": WORKSPACE,
    "Several versions side by side": below("api", NODE),
    "Migrations before the start": {**NODE, "migrate.js": ""},
    "Development: hot reload and a debugger": NODE,
    "Private registries": {**below("web", NODE), "report/requirements.txt": "pandas\n", "report/report.py": ""},
    "A company's images and certificates": {**NODE, "certs/company.crt": "-----BEGIN CERTIFICATE-----\n"},
    "A Dockerfile of your own": {"worker/worker.sh": "#!/bin/sh\n"},
    "Two checkouts side by side": NODE,
}


def projects() -> dict[str, dict[str, str]]:
    """The files of each section: a block names its file in the first line."""
    _, *parts = re.split(r"^## ", PAGE, flags=re.MULTILINE)
    found: dict[str, dict[str, str]] = {}
    for part in parts:
        title, _, body = part.partition("\n")
        blocks = re.findall(r"^```(\w*)\n# (\S+)\n(.*?)^```$", body, re.MULTILINE | re.DOTALL)
        found[title] = {path: text for _, path, text in blocks}
    return found


PROJECTS = projects()


@pytest.fixture
def project(title: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The project in a folder, rendered; .env and secrets are filled in."""
    for path, text in {**BESIDE[title], ".gitignore": ".env\nsecrets/\n", **PROJECTS[title]}.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert isinstance(ended.value.code, int | None)
    return ended.value.code or 0


def fill_in(folder: Path) -> None:
    """What the user does after rendering: .env from the example, and the secrets that only they have."""
    path = folder / ".env.example"
    example = path.read_text(encoding="utf-8") if path.is_file() else ""
    (folder / ".env").write_text(re.sub(r"^(\w+)=$", r"\1=something", example, flags=re.MULTILINE), encoding="utf-8")


def test_the_page_and_the_table_of_files_have_the_same_projects() -> None:
    assert PROJECTS.keys() == BESIDE.keys()
    linked = re.findall(r"^- \[(.*)\]\(#(.*)\)$", PAGE, re.MULTILINE)
    assert [title for title, _ in linked] == list(PROJECTS)
    for title, anchor in linked:
        assert anchor == re.sub(r"[^a-z0-9 -]", "", title.lower()).replace(" ", "-")


@pytest.mark.parametrize("title", PROJECTS)
def test_each_project_renders_and_nobody_finds_fault(
    title: str,  # noqa: ARG001 - it names the project
    project: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:
    assert run("render") == 0, capfd.readouterr()
    fill_in(project)
    assert run("env", "generate") == 0, capfd.readouterr()
    capfd.readouterr()
    code = run("lint")
    out = capfd.readouterr().out
    assert code == 0, out
    for file in sorted(project.glob("compose*.yaml")):
        command = [program("docker-compose"), "-f", file.name, "config", "--quiet"]
        done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", ""), file.name
    for dockerfile in sorted(project.rglob("*Dockerfile")):
        command = [program("hadolint"), "--format", "json", dockerfile.name]
        done = subprocess.run(command, cwd=dockerfile.parent, capture_output=True, text=True, check=False)
        assert json.loads(done.stdout) == []
