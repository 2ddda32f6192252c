"""Secrets that envgen makes: the app reads them as its own user, and nobody else finds them anywhere."""

import json
import re
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from compose_stack import BUILD_TIMEOUT, TIMEOUT, Stack, run

pytestmark = pytest.mark.engine

SPEC = """
envgen: 1
name: secrets-test
services:
  app:
    uses: node@22
    command: [node, server.js]
    ports: [{target: 3000, published: 3000}]
    environment:
      DB_PASSWORD: {secret: true}
      API_TOKEN: {secret: true, generate: {type: base64, length: 32}}
      SESSION_KEY: {secret: true, deliver: env, generate: {type: hex, length: 32}}
    healthcheck: {http: /}
    depends_on: [db]
  db: {preset: postgres, image: "postgres:15"}
"""
SERVER = """
const fs = require('fs'), crypto = require('crypto'), http = require('http')
const digest = (text) => crypto.createHash('sha256').update(text).digest('hex')
const read = (name) => digest(fs.readFileSync(process.env[`${name}_FILE`]))
const seen = { uid: process.getuid(), db: read('DB_PASSWORD'), token: read('API_TOKEN') }
seen.key = digest(process.env.SESSION_KEY)
http.createServer((_, answer) => answer.end(JSON.stringify(seen))).listen(3000)
console.log('ready', Object.keys(seen).join(' '))
"""


@pytest.fixture(scope="module")
def said() -> list[str]:
    """What envgen's commands printed."""
    return []


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory, said: list[str]) -> Iterator[Stack]:
    folder = tmp_path_factory.mktemp("secrets")
    (folder / "envgen.yaml").write_text(SPEC, encoding="utf-8")
    (folder / "package.json").write_text('{"name": "app", "version": "1.0.0"}', encoding="utf-8")
    lock = {"name": "app", "version": "1.0.0", "lockfileVersion": 3, "packages": {"": {"name": "app"}}}
    (folder / "package-lock.json").write_text(json.dumps(lock), encoding="utf-8")
    (folder / "server.js").write_text(SERVER, encoding="utf-8")
    said.append(envgen(folder, "render"))
    (folder / ".env").write_bytes((folder / ".env.example").read_bytes())
    said.extend((envgen(folder, "env", "generate"), envgen(folder, "env", "generate", "--json")))
    said.append(envgen(folder, "env", "check"))
    with (folder / ".env").open("a") as env:
        env.write(f"\nCOMPOSE_PROJECT_NAME=envgen-test-{uuid.uuid4().hex[:8]}\nAPP_PORT=0\n")
    stack = Stack(folder)
    try:
        stack.compose("build", timeout=BUILD_TIMEOUT)
        stack.compose("up", "--wait", timeout=BUILD_TIMEOUT)
        yield stack
    finally:
        stack.compose("down", "--volumes", "--rmi", "local", "--remove-orphans")


def envgen(folder: Path, *arguments: str) -> str:
    command = [sys.executable, "-m", "envgen", *arguments]
    done = subprocess.run(command, cwd=folder, timeout=TIMEOUT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def values(stack: Stack) -> dict[str, str]:
    found = {name: (stack.folder / "secrets" / name).read_text() for name in ("db_password", "api_token")}
    key = re.search(r"^SESSION_KEY=([0-9a-f]{64})$", (stack.folder / ".env").read_text(), re.MULTILINE)
    assert key
    return {**found, "session_key": key[1]}


def test_the_app_reads_what_was_made_as_its_own_user(stack: Stack) -> None:
    import hashlib  # noqa: PLC0415 - for this test only

    seen = stack.get("app").body
    secrets = {name: hashlib.sha256(value.encode()).hexdigest() for name, value in values(stack).items()}
    assert seen["uid"] != 0
    assert (seen["db"], seen["token"]) == (secrets["db_password"], secrets["api_token"])
    assert seen["key"] == secrets["session_key"]


def test_the_database_takes_the_same_password(stack: Stack) -> None:
    # over the network: the image trusts whoever comes by its loopback
    ask = 'psql -h db -U app -d app -tAc "select 1" 2>/dev/null || echo refused'
    assert stack.exec("db", "sh", "-c", f'PGPASSWORD="$(cat /run/secrets/db_password)" {ask}') == "1"
    assert stack.exec("db", "sh", "-c", f"PGPASSWORD=wrong {ask}") == "refused"


def test_no_file_of_the_project_but_the_secrets_holds_one(stack: Stack) -> None:
    texts = {path.name: path.read_text() for path in stack.folder.iterdir() if path.is_file() and path.name != ".env"}
    assert {"compose.yaml", "envgen.lock", ".env.example", "app.Dockerfile"} <= set(texts)
    for name, value in values(stack).items():
        assert [path for path, text in texts.items() if value in text] == [], name


def test_no_command_of_envgen_printed_one(stack: Stack, said: list[str]) -> None:
    assert "made the secret db_password" in "".join(said)
    assert not [name for name, value in values(stack).items() if value in "".join(said)]


def test_docker_shows_none_that_is_a_file(stack: Stack) -> None:
    shown = [json.dumps(stack.container(service)) for service in ("app", "db")]
    images = {stack.container(service)["Image"] for service in ("app", "db")}
    for image in images:
        shown.append(run(["docker", "image", "inspect", image], stack.folder, TIMEOUT))
        shown.append(run(["docker", "history", "--no-trunc", image], stack.folder, TIMEOUT))
    shown.append(stack.compose("logs", "--no-color"))
    files = {name: value for name, value in values(stack).items() if name != "session_key"}
    assert not [name for name, value in files.items() if value in "".join(shown)]
    # docs/variables.md says that `docker inspect` shows what is delivered in the environment
    assert values(stack)["session_key"] in shown[0]
    assert values(stack)["session_key"] not in "".join(shown[2:])
