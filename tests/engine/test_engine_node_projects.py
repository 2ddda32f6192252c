"""Small projects of each package manager, installed, built and run on a real engine."""

import json
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from compose_stack import BUILD_TIMEOUT, TIMEOUT, run

from envgen.plan.resolve import resolve
from envgen.project import read_contexts
from envgen.render import render
from envgen.source import parse
from envgen.spec.load import load

pytestmark = pytest.mark.engine

PROJECTS = Path(__file__).parent / "node_projects"
# project: version of Node, further keys of `build`, the command
CASES: dict[str, tuple[str, dict[str, object], list[str]]] = {
    "npm": ("24", {}, ["node", "index.js"]),
    "npm_shrinkwrap": ("20", {}, ["node", "index.js"]),
    "npm_pinned": ("22", {}, ["node", "index.js"]),
    "npm_without_dependencies": ("24", {}, ["node", "index.js"]),
    "npm_workspaces": ("24", {"app": "apps/web"}, ["node", "apps/web"]),
    "yarn_classic": ("14", {}, ["node", "index.js"]),
    "yarn_classic_workspaces": ("22", {"app": "apps/web", "run": "node -e 1"}, ["node", "apps/web"]),
    "yarn_berry": ("22", {}, ["node", "index.js"]),
    "yarn_pnp": ("24", {"run": "yarn he --version"}, ["node", "-r", "./.pnp.cjs", "index.js"]),
    "yarn_workspaces": ("24", {"app": "web", "run": "node -e 1"}, ["node", "apps/web"]),
    "pnpm": ("24", {"run": "pnpm exec he --version"}, ["node", "index.js"]),
    "pnpm_8": ("16", {}, ["node", "index.js"]),
    "pnpm_11": ("24", {}, ["node", "index.js"]),
}


@pytest.fixture(params=CASES)
def project(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    """A project's folder with what is rendered for it."""
    case: str = request.param
    version, keys, command = CASES[case]
    # what is in front of the registry here may have a certificate of its own, which Yarn 4 has to be told of
    build = {**keys, "args": ["NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt"]}
    service = {"uses": f"node@{version}", "build": build, "command": command}
    name = f"envgen-{case.replace('_', '-')}-{uuid.uuid4().hex[:8]}"
    folder = shutil.copytree(PROJECTS / case, tmp_path / case)
    spec = load(parse(json.dumps({"envgen": 1, "name": name, "services": {"app": service}}), "envgen.json"))
    for artifact in render(resolve(spec, read_contexts(spec, folder))):
        (folder / artifact.path).write_bytes(artifact.text.encode())
    try:
        yield folder
    finally:
        run(["docker", "compose", "down", "--volumes", "--rmi", "local"], folder, TIMEOUT)


def test_installs_what_production_needs_and_runs(project: Path) -> None:
    run(["docker", "compose", "build", "--quiet"], project, BUILD_TIMEOUT)
    seen = json.loads(run(["docker", "compose", "run", "--rm", "-T", "app"], project, TIMEOUT))
    assert seen == {"ms": 2 * 86_400_000, "dev": False, "uid": 10001}
