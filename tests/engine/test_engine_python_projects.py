"""Small projects of each package manager, installed, built and run on a real engine."""

import json
import shutil
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from compose_stack import BUILD_TIMEOUT, TIMEOUT, run

from envgen.plan.resolve import resolve
from envgen.project import read_contexts
from envgen.render import render
from envgen.source import parse
from envgen.spec.load import load

pytestmark = pytest.mark.engine

PROJECTS = Path(__file__).parent / "python_projects"
# project: version of Python, further keys of `build`, the command, and whether it has development dependencies
CASES: dict[str, tuple[str, dict[str, object], list[str], bool]] = {
    "pip": ("3.13", {}, ["python", "app.py"], True),
    "pip_hashes": ("3.14", {}, ["python", "app.py"], False),
    "pip_declared": ("3.13", {}, ["hello"], True),
    "pip_editable": ("3.11", {}, ["hello"], False),
    "uv": ("3.13", {"run": "python -m compileall -q app.py"}, ["python", "app.py"], True),
    "uv_package": ("3.14", {"run": "python -c 'import hello'", "files": ["pyproject.toml"]}, ["hello"], True),
    "uv_workspace": ("3.13", {"app": "web"}, ["python", "apps/web/web.py"], True),
    "poetry": ("3.13", {}, ["hello"], True),
    "pipenv": ("3.11", {}, ["python", "app.py"], True),
}


@pytest.fixture(params=CASES)
def case(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def project(case: str, tmp_path: Path, standin: Callable[..., None]) -> Iterator[Path]:
    """A project's folder with what is rendered for it: as it is shipped, and its stage for development."""
    version, keys, command, _ = CASES[case]
    suite = "bookworm" if version == "3.11" else "trixie"
    standin(f"python:{version}-slim-{suite}")
    # what is in front of the registry here may have a certificate of its own, which uv and Poetry have to be told of
    authorities = "/etc/ssl/certs/ca-certificates.crt"
    build = {**keys, "args": [f"SSL_CERT_FILE={authorities}", f"REQUESTS_CA_BUNDLE={authorities}"]}
    runtime = {"language": "python", "version": version, "variant": f"slim-{suite}"}
    service = {"uses": runtime, "build": build, "command": command}
    dev = {"services": {"app": {"build": {"target": "dev"}}}}
    name = f"envgen-{case.replace('_', '-')}-{uuid.uuid4().hex[:8]}"
    folder = shutil.copytree(PROJECTS / case, tmp_path / case)
    data = {"envgen": 1, "name": name, "services": {"app": service}, "environments": {"dev": dev}}
    spec = load(parse(json.dumps(data), "envgen.json"))
    for artifact in render(resolve(spec, read_contexts(spec, folder))):
        (folder / artifact.path).write_bytes(artifact.text.encode())
    try:
        yield folder
    finally:
        for file in ("compose.yaml", "compose.dev.yaml"):
            run(["docker", "compose", "-f", file, "down", "--volumes", "--rmi", "local"], folder, TIMEOUT)


def test_installs_what_production_needs_and_runs(case: str, project: Path) -> None:
    for file, development in (("compose.yaml", False), ("compose.dev.yaml", CASES[case][3])):
        compose = ["docker", "compose", "-f", file]
        run([*compose, "build", "--quiet"], project, BUILD_TIMEOUT)
        seen = json.loads(run([*compose, "run", "--rm", "-T", "app"], project, TIMEOUT))
        assert seen == {"itsdangerous": "2.2.0", "dev": development, "uid": 10001}, file
