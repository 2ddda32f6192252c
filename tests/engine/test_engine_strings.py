"""Strings that are hard to write, in an image that BuildKit builds and a container that Docker runs."""

import json
import os
import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from envgen.plan.resolve import resolve
from envgen.render import render
from envgen.source import parse
from envgen.spec.load import load

pytestmark = pytest.mark.engine

TEXTS = {
    "QUOTES": 'it\'s "quoted" `twice`',
    "DOLLARS": "$HOME ${HOME} $$ $(id) ${HOME:-x}",
    "BACKSLASHES": "\\ \\\\ \\n \\$HOME a\\",
    "SPACES": "  two  and more  ",
    "TEMPLATE": "{{ x }} {% raw %} {# c #}",
    "DOCKERFILE": 'a # b <<EOF --mount=x [ "a" ]',
    "ODD": "\u0085\u00a0\u2028\ufeff\U0001f600 e\u0301",
    "EMPTY": "",
}
MORE_LINES = {"LINES": "a\n\n  b\\\n# c\n", "TAB": "\ta\t", "CR": "a\r\nb\r"}
FILES = ['it\'s a "file".txt', "$HOME ${x}.txt", "--link", "<<EOF", "#a", " b ", "{{ x }}.txt", "é\u2028.txt"]
STEP = r"""printf '%s|' 'it'"'"'s' "a\\b" '$HOME' "#" '<<EOF' '{{ x }}' > step.txt"""
HEREDOC = "cat > heredoc.txt <<EOF\n  $((1 + 1)) \\$HOME 'x'\nFROM nothing\nEOF\n"


SHOW = "process.stdout.write(JSON.stringify({words: process.argv.slice(1), env: process.env}))"
READ = """
  JSON.stringify(Object.fromEntries(fs.readdirSync('.', {withFileTypes: true})
    .filter((entry) => entry.isFile()).map(({name}) => [name, fs.readFileSync(name, 'utf8')])))
"""


def spec(project: str) -> dict[str, object]:
    environment = {name: text.replace("$", "$$") for name, text in {**TEXTS, **MORE_LINES}.items()}
    command = [text.replace("$", "$$") for text in {**TEXTS, **MORE_LINES}.values()]
    return {
        "envgen": 1,
        "name": project,
        "services": {
            "app": {
                "uses": "node@16",
                "build": {
                    "context": "app",
                    "install": "mkdir node_modules",
                    "run": [STEP, HEREDOC],
                    "files": [*FILES, "step.txt", "heredoc.txt"],
                    "env": {f"BUILD_{name}": text for name, text in TEXTS.items()},
                },
                "entrypoint": ["node", "-e", SHOW, "--"],
                "command": command,
                "environment": environment,
                "labels": {"test.label": TEXTS["DOLLARS"].replace("$", "$$")},
            }
        },
    }


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    name = f"envgen-strings-{uuid.uuid4().hex[:8]}"
    folder = tmp_path_factory.mktemp(name)
    (folder / "app").mkdir()
    for file in FILES:
        (folder / "app" / file).write_text(file)
    for file in ("package.json", "package-lock.json"):
        (folder / "app" / file).write_text('{"name": "a", "version": "1.0.0", "lockfileVersion": 2, "packages": {}}')
    for artifact in render(resolve(load(parse(json.dumps(spec(name)), "envgen.json")))):
        (folder / artifact.path).write_bytes(artifact.text.encode())
    try:
        compose(folder, "build", "--quiet")
        yield folder
    finally:
        compose(folder, "down", "--volumes", "--rmi", "local", "--remove-orphans")


def compose(folder: Path, *arguments: str) -> str:
    env = {name: value for name, value in os.environ.items() if not name.startswith("COMPOSE_")}
    command = ["docker", "compose", *arguments]
    done = subprocess.run(command, cwd=folder, env=env, timeout=600, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


def test_words_and_variables_arrive(project: Path) -> None:
    seen = json.loads(compose(project, "run", "--rm", "--no-deps", "-T", "app"))
    assert seen["words"] == [*TEXTS.values(), *MORE_LINES.values()]
    expected = {**TEXTS, **MORE_LINES, **{f"BUILD_{name}": text for name, text in TEXTS.items()}}
    assert {name: seen["env"].get(name) for name in expected} == expected


def test_files_and_what_steps_made_arrive(project: Path) -> None:
    seen = json.loads(compose(project, "run", "--rm", "--no-deps", "-T", "--entrypoint", "node", "app", "-p", READ))
    made = {"step.txt": r"it's|a\b|$HOME|#|<<EOF|{{ x }}|", "heredoc.txt": "  2 $HOME 'x'\nFROM nothing\n"}
    assert seen == {**{file: file for file in FILES}, **made}
