"""The GitHub Action: what actionlint and zizmor say of it, and what its scripts do."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import jsonschema_rs
import pytest
import yaml

from envgen.resources import schema_text

ROOT = Path(__file__).resolve().parent.parent
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
STEPS: list[dict[str, Any]] = ACTION["runs"]["steps"]
GUIDE = (ROOT / "docs" / "continuous-integration.md").read_text(encoding="utf-8")
HERE = "OWNER/REPOSITORY@COMMIT # this repository"
BAD = "FROM example.com/app:1 AS Build\n"


class Linted(NamedTuple):
    code: int
    log: str
    outputs: dict[str, str]


def program(name: str) -> str:
    found = shutil.which(name, path=str(Path(sys.executable).parent))
    if found is None:
        pytest.skip(f"{name} is not installed: it is in the dependency group `judges`")
    return found


def workflow() -> str:
    block = re.search(r"<!-- tested: the workflow -->\n```yaml\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)
    assert block
    assert HERE in block[1]
    return block[1].replace(HERE, "./")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with the action and the workflow of the guide, which uses it."""
    subprocess.run(["git", "init", "--quiet"], cwd=tmp_path, check=True)
    shutil.copy(ROOT / "action.yml", tmp_path)
    path = tmp_path / ".github" / "workflows" / "lint.yml"
    path.parent.mkdir(parents=True)
    path.write_text(workflow(), encoding="utf-8")
    return tmp_path


def test_actionlint_finds_nothing_in_the_guides_workflow(repository: Path) -> None:
    ran = subprocess.run([program("actionlint")], cwd=repository, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout) == (0, "")
    path = repository / ".github" / "workflows" / "lint.yml"
    path.write_text(workflow().replace("fail-level:", "fail-levl:"), encoding="utf-8")
    ran = subprocess.run([program("actionlint")], cwd=repository, capture_output=True, text=True, check=False)
    assert 'input "fail-levl" is not defined' in ran.stdout


def test_zizmor_finds_nothing(repository: Path) -> None:
    path = repository / ".github" / "workflows" / "lint.yml"
    path.write_text(workflow().replace("uses: ./", f"uses: owner/repository@{'0' * 40} # v1.0.0"), encoding="utf-8")
    command = [program("zizmor"), "--offline", "--no-progress", "--persona=pedantic", "--format=json-v1", "."]
    ran = subprocess.run(command, cwd=repository, capture_output=True, text=True, check=False)
    assert (ran.returncode, json.loads(ran.stdout)) == (0, [])
    action = repository / "action.yml"
    action.write_text(action.read_text(encoding="utf-8").replace('"$STATUS"', "${{ inputs.args }}"), encoding="utf-8")
    ran = subprocess.run(command, cwd=repository, capture_output=True, text=True, check=False)
    assert {finding["ident"] for finding in json.loads(ran.stdout)} == {"template-injection"}


def test_actions_are_pinned_by_commit_with_their_version() -> None:
    uses = re.findall(r"uses: (?!OWNER)(\S+)(.*)", (ROOT / "action.yml").read_text(encoding="utf-8") + GUIDE)
    assert len(uses) == 3
    for action, comment in uses:
        assert re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", action)
        assert re.fullmatch(r" # v\d+\.\d+\.\d+", comment)


def test_no_script_holds_an_expression() -> None:
    for step in STEPS:
        assert "${{" not in step.get("run", "")


def test_the_action_installs_itself_and_nothing_by_name() -> None:
    (install,) = (step for step in STEPS if "pip install" in step.get("run", ""))
    assert install["env"]["ACTION_PATH"] == "${{ github.action_path }}"
    assert install["run"].rstrip().endswith('"$ACTION_PATH"')


@pytest.fixture
def runner(tmp_path: Path) -> Path:
    """What a runner has: a folder for what is temporary, with envgen installed by the step before."""
    temporary = tmp_path / "runner temp"
    (temporary / "envgen" / "bin").mkdir(parents=True)
    script = f'#!/bin/sh\nPYTHONPATH="{ROOT}" exec "{sys.executable}" -m envgen "$@"\n'
    (temporary / "envgen" / "bin" / "envgen").write_text(script, encoding="utf-8")
    (temporary / "envgen" / "bin" / "envgen").chmod(0o755)
    return temporary


def run_lint(runner: Path, folder: Path, **inputs: str) -> Linted:
    """Runs the step as GitHub's runner does."""
    (step,) = (step for step in STEPS if step.get("id") == "lint")
    given = {name: str(entry["default"]) for name, entry in ACTION["inputs"].items()} | {
        name.replace("_", "-"): value for name, value in inputs.items()
    }
    variables = {
        name: re.sub(r"\$\{\{ inputs\.([\w-]+) \}\}", lambda match: given[match[1]], text)
        for name, text in step["env"].items()
    }
    output = runner / "output"
    output.write_text("", encoding="utf-8")
    script = runner / "step.sh"
    script.write_text(step["run"], encoding="utf-8")
    environment: Mapping[str, str] = {
        **os.environ,
        **variables,
        "RUNNER_TEMP": str(runner),
        "GITHUB_OUTPUT": str(output),
        "ENVGEN_CACHE_DIR": str(runner / "cache"),
    }
    command = ["bash", "--noprofile", "--norc", "-euo", "pipefail", str(script)]
    ran = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    outputs = dict(line.split("=", 1) for line in output.read_text(encoding="utf-8").splitlines())
    return Linted(ran.returncode, ran.stdout + ran.stderr, outputs)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "work"
    path.mkdir()
    (path / "Dockerfile").write_text(BAD, encoding="utf-8")
    return path


@pytest.mark.parametrize(("level", "status"), [("warning", "1"), ("error", "0"), ("none", "0")])
def test_findings_go_to_sarif_and_the_log(runner: Path, folder: Path, level: str, status: str) -> None:
    code, log, outputs = run_lint(runner, folder, fail_level=level)
    assert (code, outputs["status"]) == (0, status), log
    assert re.search(r"^Dockerfile:1:\d+: warning: .*\[EG101\]$", log, re.MULTILINE)
    report = json.loads(Path(outputs["sarif-file"]).read_text(encoding="utf-8"))
    assert jsonschema_rs.validator_for(json.loads(schema_text("sarif-2.1.0.json"))).is_valid(report)
    assert "EG101" in {result["ruleId"] for result in report["runs"][0]["results"]}


def test_without_upload_findings_are_annotations(runner: Path, folder: Path) -> None:
    _, log, outputs = run_lint(runner, folder, upload="false")
    assert re.search(r"^::warning file=Dockerfile,line=1,", log, re.MULTILINE)
    assert outputs["status"] == "1"


def test_paths_and_options_are_lines(runner: Path, folder: Path) -> None:
    (folder / "-a b").mkdir()
    (folder / "-a b" / "Dockerfile").write_text(BAD, encoding="utf-8")
    code, log, outputs = run_lint(runner, folder, paths="-a b\n", args="--ignore=EG1*\n--no-hadolint\n")
    assert (code, outputs["status"]) == (0, "0"), log
    assert "[EG101]" in run_lint(runner, folder, paths="-a b/Dockerfile")[1]


@pytest.mark.parametrize("name", ["paths", "args", "fail_level", "upload"])
@pytest.mark.parametrize("evil", ['"; touch pwned; "$(touch pwned)`touch pwned`', "'; touch pwned; '\n$(touch pwned)"])
def test_nothing_that_is_given_is_run(runner: Path, folder: Path, name: str, evil: str) -> None:
    code, log, _ = run_lint(runner, folder, **{name: evil})
    assert not list(folder.parent.rglob("pwned"))
    assert code == (0 if name == "upload" else 2), log


def test_what_envgen_cannot_do_fails_the_step_and_uploads_nothing(runner: Path, folder: Path) -> None:
    code, log, outputs = run_lint(runner, folder, paths="gone")
    assert (code, outputs) == (2, {})
    assert "there is no such file or folder" in log
