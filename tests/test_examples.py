"""Each folder of examples/ is what envgen renders today, and nobody finds fault with it."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from oracles import program

from envgen.artifact import Artifact
from envgen.cli import main
from envgen.plan.resolve import resolve
from envgen.project import read_contexts
from envgen.render import render
from envgen.source import parse
from envgen.spec.load import load

EXAMPLES = sorted(path.parent for path in Path(__file__).parents[1].glob("examples/*/envgen.yaml"))

# what a judge may find, and why the example is right all the same
EXCEPTIONS = {
    "envgen": {
        "EG268": "images are named by tag: no stand-in digest is committed, and `envgen lock` comes later",
    },
    "hadolint": {
        "DL3049": "labels belong to what is published: of the stages, only the last one (checked below)",
        "DL3057": "a health check belongs to what runs: of the stages, only the last one (checked below)",
        "DL1001": "what is excused in the file is one of the next three (checked below)",
        "DL3008": "versions of packages are those of the base image's release",
        "DL3018": "versions of packages are those of the base image's release",
        "DL3059": "the stage is thrown away, and a layer for each step is cached on its own",
    },
    "tally": {
        "tally/max-lines": "a file that is rendered has a stage a purpose, and a line a variable",
        "tally/no-unreachable-stages": "`dev` and `test` are what other environments run (checked below)",
        "tally/prefer-run-heredoc": "a step is one line a command, joined with &&: every version of BuildKit reads it",
        "tally/newline-between-instructions": "an empty line stands between instructions, also of one kind",
        "tally/newline-per-chained-call": "a step that is one command of the spec or of a language is one line",
        "tally/prefer-formatted-heredocs": "a configuration is written as its own documentation writes it",
        "tally/prefer-package-cache-mounts": "NuGet's downloads are in one; packages in one are gone for --no-restore",
        "tally/prefer-telemetry-opt-out": "the stages that have .NET's SDK opt out; the runtime sends nothing",
    },
    "compose-lint": {
        "CL-0004": "the name of an image that services share: it is built here, so no other can be meant",
        "CL-0019": "images are named by tag: no stand-in digest is committed, and `envgen lock` comes later",
    },
}
EXAMPLE = pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
DOCKERFILE = pytest.mark.parametrize(
    "dockerfile",
    [path for example in EXAMPLES for path in sorted(example.rglob("*Dockerfile"))],
    ids=lambda path: "-".join(path.parts[-3:]),
)


def artifacts(example: Path) -> list[Artifact]:
    spec = load(parse((example / "envgen.yaml").read_bytes(), "envgen.yaml"))
    return render(resolve(spec, read_contexts(spec, example)))


@pytest.fixture
def copied(example: Path, tmp_path: Path) -> Path:
    """The example as its README says to use it, without what a developer may have left in it."""
    left = shutil.ignore_patterns("node_modules", "dist", "secrets", ".env")
    folder = shutil.copytree(example, tmp_path / example.name, ignore=left)
    shutil.copy(folder / ".env.example", folder / ".env")
    return folder


def test_there_are_examples() -> None:
    assert EXAMPLES


@EXAMPLE
def test_the_committed_files_are_what_is_rendered(example: Path) -> None:
    for artifact in artifacts(example):
        assert (example / artifact.path).read_bytes().decode() == artifact.text, artifact.path


@EXAMPLE
def test_rendering_twice_gives_the_same(example: Path) -> None:
    assert artifacts(example) == artifacts(example)


@EXAMPLE
def test_there_is_nothing_that_looks_rendered_but_is_not(example: Path) -> None:
    paths = {artifact.path for artifact in artifacts(example)}
    names = ("*Dockerfile", "*.dockerignore", "compose*.yaml", ".env.example")
    assert {path.relative_to(example).as_posix() for name in names for path in example.rglob(name)} == paths


@EXAMPLE
def test_a_readme_explains_it(example: Path) -> None:
    assert "docker compose up" in (example / "README.md").read_text()


@EXAMPLE
@pytest.mark.parametrize(
    "arguments",
    [["validate"], ["render", "--check"], ["lint", "--ignore", ",".join(EXCEPTIONS["envgen"])]],
    ids=lambda arguments: arguments[0],
)
def test_envgen_is_content(
    copied: Path, arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(copied)
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert (ended.value.code or 0, capsys.readouterr().out) == (0, "")


@EXAMPLE
def test_compose_is_content(copied: Path) -> None:
    done = judge("docker-compose", "config", "--quiet", folder=copied)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@EXAMPLE
def test_compose_lint_is_content(copied: Path) -> None:
    arguments = ["check", "--format", "json", "--fail-on", "low", "compose.yaml"]
    found = re.findall(r'"(CL-\d+)"', judge("compose-lint", *arguments, folder=copied).stdout)
    assert set(found) <= EXCEPTIONS["compose-lint"].keys()


@DOCKERFILE
def test_hadolint_is_content(dockerfile: Path) -> None:
    """With the rules that are off by default, and those that need a setting."""
    options = ["--warning", "DL1001", "--warning", "DL3057", "--trusted-registry", "docker.io"]
    options += ["--trusted-registry", "mcr.microsoft.com", "--trusted-registry", "gcr.io"]
    options += ["--require-label", "org.opencontainers.image.title:text", "--disable-ignore-pragma", "--format", "json"]
    found = json.loads(judge("hadolint", *options, dockerfile.name, folder=dockerfile.parent).stdout)
    lines = list(enumerate(dockerfile.read_text().split("\n"), 1))
    stages = [at for at, line in lines if line.startswith("FROM ")]
    excused = {at: line.partition("=")[2].split(",") for at, line in lines if line.startswith("# hadolint ignore=")}
    expected = {(code, at) for code in ("DL3049", "DL3057") for at in stages[:-1]}
    expected |= {("DL3057", stages[-1])} if checked_by_compose(dockerfile) else set()
    expected |= {("DL1001", at) for at in excused} | {(code, at + 1) for at, codes in excused.items() for code in codes}
    known = [one for one in found if one["code"] in EXCEPTIONS["hadolint"] and (one["code"], one["line"]) in expected]
    assert [one for one in found if one not in known] == []


@DOCKERFILE
def test_tally_is_content(dockerfile: Path) -> None:
    done = judge("tally", "lint", "--no-config", "--slow-checks", "off", "--format", "json", dockerfile.name,
                 folder=dockerfile.parent)  # fmt: skip
    report = json.loads(done.stdout)
    assert report["files_scanned"] == 1
    found = [one for file in report["files"] for one in file["violations"]]
    found = [one for one in found if one["rule"] != "hadolint/DL3057" or not checked_by_compose(dockerfile)]
    assert [one for one in found if one["rule"] not in EXCEPTIONS["tally"]] == []
    unreachable = [one["message"] for one in found if one["rule"] == "tally/no-unreachable-stages"]
    assert all('stage "dev"' in message or 'stage "test"' in message for message in unreachable)


def checked_by_compose(dockerfile: Path) -> bool:
    """Whether the health check is compose's alone: the app answers itself, or services that share the image differ."""
    compose = dockerfile.parent / "compose.yaml"
    checked = compose.exists() and re.search(r"test:\s+(?:\[|- )CMD\b", compose.read_text())
    return "HEALTHCHECK" not in dockerfile.read_text() and bool(checked)


def judge(name: str, *arguments: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([program(name), *arguments], cwd=folder, capture_output=True, text=True, check=False)
