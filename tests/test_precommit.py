"""The hooks that envgen offers: their patterns, and what the real pre-commit makes of them."""

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from envgen.lint.files import Kind, kind_of

ROOT = Path(__file__).resolve().parent.parent
HOOKS: dict[str, dict[str, Any]] = {
    hook["id"]: hook for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
}
DOCKERFILE = 'FROM example.com/app:1\nUSER 1000\nCMD ["true"]\n'
COMPOSE = "services:\n  web:\n    image: example.com/web:1\n    restart: unless-stopped\n"
SPEC = "envgen: 1\nname: shop\nservices:\n  web:\n    image: example.com/web:1\n"
GOOD = {
    "Dockerfile": DOCKERFILE,
    "compose.yaml": COMPOSE,
    "envgen.yaml": SPEC + "outputs: {compose: stack.yaml}\n",
    "-a/Dockerfile": DOCKERFILE,
    "-b c/x y.Dockerfile": DOCKERFILE,
    "größe '$(touch x)'/compose.yaml": COMPOSE,
    "-d/envgen.json": '{"envgen": 1, "name": "d", "services": {"web": {"image": "example.com/web:1"}}}\n',
}
BAD = {
    "-a b/Dockerfile": "FROM example.com/app:1 AS Build\n",
    "- c/compose.yaml": COMPOSE + "    networks: [gone]\n",
    "--d/envgen.yaml": SPEC.replace("image", "imagee"),
    "envgen.yaml": SPEC,
}


def chosen(hook: str, path: str) -> bool:
    return re.search(HOOKS[hook]["files"], path) is not None


def test_the_hooks_are_there_and_take_any_file_name() -> None:
    assert set(HOOKS) == {"envgen-lint", "envgen-lint-compose", "envgen-render-check", "envgen-validate"}
    for hook in HOOKS.values():
        assert hook["language"] == "python"
        assert hook.get("pass_filenames") is False or hook["args"][-1] == "--"


pieces = st.sampled_from(
    [
        *("Docker", "docker", "CONTAINER", "file", "compose", "docker-compose", "docker-stack", "rancher-", "envgen"),
        *(".", "-", "_", "~", " ", "dev", "J2", "ignore", "s", "stack", ".yaml", ".yml", ".json", ".Dockerfile"),
        *(".md", ".py", ".j2", ".dockerignore", ".lock", ".in", ".tmpl", ".c"),
    ]
)


@given(st.lists(pieces, max_size=5).map("".join), st.sampled_from(["", "a/", "-a b/", "Dockerfile/", "compose.yaml/"]))
def test_the_patterns_choose_what_the_linter_knows_by_name(name: str, folder: str) -> None:
    kind = kind_of(name)
    assert chosen("envgen-lint", folder + name) is (kind is Kind.DOCKERFILE)
    assert chosen("envgen-lint-compose", folder + name) is (kind in {Kind.COMPOSE, Kind.SPEC})
    assert chosen("envgen-validate", folder + name) is (kind is Kind.SPEC)


def test_the_patterns_choose_every_name_that_the_linters_tests_have() -> None:
    text = (ROOT / "tests" / "test_lint_files.py").read_text(encoding="utf-8")
    names = re.findall(r'^ +\("([^"]*)", (?:Kind\.\w+|None)\),$', text, re.MULTILINE)
    assert len(names) > 30
    for name in names:
        kind = kind_of(name)
        assert chosen("envgen-lint", name) is (kind is Kind.DOCKERFILE), name
        assert chosen("envgen-lint-compose", name) is (kind in {Kind.COMPOSE, Kind.SPEC}), name


def git(folder: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false"]
    command = ["git", *identity, *arguments]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout.strip()


def commit(folder: Path, files: Mapping[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    git(folder, "init", "--quiet")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--no-verify", "--message", "all")
    return folder


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Settings with a cache of our own; skips where pre-commit could not install the hooks' dependencies."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest"]
    reached = subprocess.run(
        [*command, str(tmp_path_factory.mktemp("index")), "hatchling"], capture_output=True, text=True, check=False
    )
    if reached.returncode:
        pytest.skip(f"no package index in reach: {reached.stderr.strip()[-200:]}")
    cache = tmp_path_factory.mktemp("cache")
    # byte code of what is never imported would take a third of the time
    kept = {"PIP_NO_COMPILE": "1"} | {
        name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "PRE_COMMIT", "PYTHON"))
    }
    return kept | {"PRE_COMMIT_HOME": str(cache / "pre-commit"), "ENVGEN_CACHE_DIR": str(cache), "NO_COLOR": "1"}


@pytest.fixture(scope="module")
def hooks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with envgen as it is now, whether committed or not."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode:
        pytest.skip("this is no git checkout")
    names = {name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()}
    wanted = ("envgen/", "templates/", "schemas/", "pyproject.toml", "README.md", "LICENSE", ".pre-commit-hooks.yaml")
    texts = {name: (ROOT / name).read_text(encoding="utf-8") for name in names if name.startswith(wanted)}
    return commit(tmp_path_factory.mktemp("envgen"), texts)


def pre_commit(*arguments: str, folder: Path, environment: Mapping[str, str]) -> tuple[int, str]:
    command = [sys.executable, "-m", "pre_commit", *arguments]
    ran = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    return ran.returncode, ran.stdout + ran.stderr


def outcomes(output: str) -> dict[str, str]:
    """`Passed`, `Failed` or `Skipped` by hook."""
    found = re.findall(r"^(envgen .+?)\.{2,}(?:\(no files to check\))?(Passed|Failed|Skipped)$", output, re.MULTILINE)
    return dict(found)


@pytest.fixture(scope="module")
def installed(hooks: Path, environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A good repository with the hooks in its configuration, and the hooks' environment made."""
    folder = tmp_path_factory.mktemp("good")
    entries = "".join(f"      - id: {name}\n" for name in HOOKS)
    config = f"repos:\n  - repo: {hooks}\n    rev: {git(hooks, 'rev-parse', 'HEAD')}\n    hooks:\n{entries}"
    commit(folder, GOOD | {".pre-commit-config.yaml": config})
    code, output = pre_commit("install-hooks", folder=folder, environment=environment)
    assert code == 0, output
    return folder


def test_good_files_of_any_name_pass(installed: Path, environment: dict[str, str]) -> None:
    code, output = pre_commit("run", "--all-files", folder=installed, environment=environment)
    assert outcomes(output) == {
        "envgen lint (Dockerfiles)": "Passed",
        "envgen lint (compose files)": "Passed",
        "envgen render --check": "Failed",  # nothing is rendered yet
        "envgen validate": "Passed",
    }, output
    assert code == 1
    subprocess.run([sys.executable, "-m", "envgen", "render"], cwd=installed, check=True, capture_output=True)
    git(installed, "add", "--all")
    code, output = pre_commit("run", "--all-files", folder=installed, environment=environment)
    assert (code, outcomes(output)["envgen render --check"]) == (0, "Passed"), output


@pytest.mark.usefixtures("installed")  # what pip has fetched is in its cache then
def test_bad_files_of_any_name_fail(hooks: Path, environment: dict[str, str], tmp_path: Path) -> None:
    folder = commit(tmp_path, BAD)
    code, output = pre_commit(
        "try-repo",
        str(hooks),
        "--ref",
        git(hooks, "rev-parse", "HEAD"),
        "--all-files",
        folder=folder,
        environment=environment,
    )
    assert code == 1
    assert set(outcomes(output).values()) == {"Failed"}, output
    assert set(outcomes(output)) == {hook["name"] for hook in HOOKS.values()}
    assert re.search(r"^-a b/Dockerfile:1:\d+: warning: .*\[EG101\]$", output, re.MULTILINE)
    assert re.search(r"^- c/compose.yaml:5:\d+: error: .*gone.*\[EG202\]$", output, re.MULTILINE)
    assert re.search(r"^--d/envgen.yaml:5:5: error: unknown key `imagee` \[EG010\]$", output, re.MULTILINE)
    assert "[EG043]" in output
    assert "Traceback" not in output
