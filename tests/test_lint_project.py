"""What rules across files get to see: build contexts, ignore files, steps, and the bounds of looking around."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from envgen.finding import Finding
from envgen.lint import composefile
from envgen.lint.dockerfile import SyntaxProblem
from envgen.lint.dockerfile import parse as parse_dockerfile
from envgen.lint.engine import Tools, lint
from envgen.lint.files import read
from envgen.lint.options import Options
from envgen.lint.project import BuildLink, Project, of_compose, of_dockerfile
from envgen.lint.rules import all_rules
from envgen.lint.rules.project._around import folders_up, is_inside
from envgen.lint.tree import Tree
from envgen.source import parse

TODAY = date(2026, 11, 23)
Write = Callable[[dict[str, str]], None]


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    monkeypatch.chdir(tmp_path)

    def write_all(files: dict[str, str]) -> None:
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")

    return write_all


def project(path: str = "compose.yaml") -> Project:
    tree = Tree()
    (compose,) = composefile.projects([parse(Path(path).read_text(encoding="utf-8"), path)], tree)
    return of_compose(compose, tree, TODAY, Options())


def link(service: str = "api") -> BuildLink:
    found = project().build_of(service)
    assert found is not None
    return found


def found(*names: str, paths: tuple[str, ...] = (".",)) -> list[Finding]:
    rules = [rule for rule in all_rules() if rule.name in names]
    return list(lint(read(paths), today=TODAY, tools=Tools(hadolint=None, rules=rules)))


@pytest.mark.parametrize(
    "context",
    [
        "https://github.com/docker/buildx.git#master:docs",
        "git@github.com:docker/buildx.git",
        "github.com/docker/buildx",
        "ssh://git@example.com/x.git",
        "${CONTEXT}",
        "./parts/${NAME}",
    ],
)
def test_a_context_that_is_elsewhere_or_unknown_is_none(write: Write, context: str) -> None:
    write({"compose.yaml": f"services: {{api: {{build: '{context}'}}}}\n", "Dockerfile": "FROM node:22\n"})
    assert (link().context, link().dockerfile_path, link().has_context) == (None, None, False)


def test_a_dockerfile_may_lie_outside_of_its_context(write: Write) -> None:
    write(
        {
            "deploy/compose.yaml": "services: {api: {build: {context: ../api, dockerfile: ../docker/a.Dockerfile}}}\n",
            "docker/a.Dockerfile": "FROM node:22\n",
            "docker/a.Dockerfile.dockerignore": "*.md\n",
            "api/.dockerignore": "*.txt\n",
        }
    )
    one = project("deploy/compose.yaml").build_of("api")
    assert one is not None
    assert (one.context, one.dockerfile_path) == ("api", "docker/a.Dockerfile")
    assert one.parsed is not None
    assert one.ignore is not None
    assert one.ignore.path == "docker/a.Dockerfile.dockerignore"


def test_an_inline_dockerfile_has_the_ignore_file_of_its_context(write: Write) -> None:
    write(
        {
            "compose.yaml": "services:\n api:\n  build:\n   context: api\n   dockerfile_inline: FROM node:22\n",
            "api/.dockerignore": "*.md\n",
        }
    )
    one = link()
    assert one.is_inline
    assert one.dockerfile_path is None
    assert one.ignore is not None
    assert one.base == "node:22"
    assert one.place(one.parsed.instructions[0]).line == 5 if one.parsed else False


def test_paths_of_an_included_file_are_relative_to_what_the_include_says(write: Write) -> None:
    write(
        {
            "compose.yaml": "include:\n  - {path: parts/api.yaml, project_directory: .}\n",
            "parts/api.yaml": "services: {api: {build: ./api}}\n",
            "api/Dockerfile": "FROM node:22\n",
        }
    )
    assert link().context == "api"
    assert found("build-context-missing", "dockerfile-missing") == []


def test_a_stage_may_be_built_on_one_that_an_argument_names(write: Write) -> None:
    write(
        {
            "compose.yaml": "services: {api: {build: {context: ., args: {KIND: full}}}}\n",
            "Dockerfile": (
                "ARG KIND=slim\nFROM node:22-slim AS slim\nUSER node\nFROM node:22 AS full\nWORKDIR /full\n"
                "FROM ${KIND}\nCOPY a b/\n"
            ),
        }
    )
    one = link()
    assert one.base == "node:22"
    assert [step.instruction.name for step in one.steps] == ["WORKDIR", "COPY"]
    assert [copy.target for copy in one.copies] == ["/full/b"]


def test_a_base_that_is_an_additional_context_is_not_known(write: Write) -> None:
    build = "{context: ., additional_contexts: {'node:22': ../base}}"
    write({"compose.yaml": f"services: {{api: {{build: {build}}}}}\n", "Dockerfile": "FROM node:22\n"})
    assert link().base is None


def test_stages_that_the_target_does_not_need_are_no_steps(write: Write) -> None:
    write(
        {
            "compose.yaml": "services: {api: {build: {context: ., target: '2'}}}\n",
            "Dockerfile": (
                "FROM node:22 AS one\nRUN one\nFROM node:22 AS two\nRUN two\nFROM node:22 AS three\n"
                "RUN --mount=type=bind,from=one,target=/x three\nFROM node:22\nRUN four\n"
            ),
        }
    )
    assert [step.instruction.args[0] for step in link().steps] == ["one", "three"]


def test_variables_of_paths_come_from_args_env_and_parents(write: Write) -> None:
    write(
        {
            "compose.yaml": "services: {api: {build: {context: ., args: [B=given, SHELL]}}}\n",
            "Dockerfile": (
                "ARG G=global\nFROM node:22 AS base\nENV A=env\nARG LOST=1\nFROM base\nARG G B=default SHELL\n"
                "COPY $A/x ${B}/x $G/x $LOST/x $SHELL/x ${U:-y}/x /to/\n"
            ),
        }
    )
    assert [copy.path for copy in link().copies] == ["env/x", "given/x", "global/x", "1/x", None, None]


def test_one_dockerfile_of_several_services_is_reported_once(write: Write) -> None:
    write(
        {
            "compose.yaml": "services: {api: {build: .}, worker: {build: {context: ., target: a}}, cron: {build: .}}\n",
            "Dockerfile": "FROM node:22 AS a\nCOPY gone.js .\n",
        }
    )
    assert [(one.file, one.line) for one in found("copy-source-missing")] == [("Dockerfile", 2)]


def test_git_history_is_a_leak_unless_the_build_asks_git(write: Write) -> None:
    write({"Dockerfile": "FROM node:22\nCOPY . /app\n", ".git/HEAD": "ref: refs/heads/main\n"})
    assert ["`.git`" in one.message for one in found("context-leak")] == [True]
    write({".dockerignore": "*.md\n"})
    assert [one.line for one in found("dockerignore-leak")] == [2]
    write({"Dockerfile": "FROM node:22\nCOPY . /app\nRUN git describe > /version\n"})
    assert found("dockerignore-leak") == []


def test_what_lies_outside_of_the_repository_is_not_missing(write: Write) -> None:
    compose = "services: {api: {build: ../other, volumes: ['../other/a.conf:/a.conf', './b.conf:/b.conf']}}\n"
    write({"repo/compose.yaml": compose, "repo/.git/HEAD": "x\n"})
    names = ("build-context-missing", "bind-file-missing")
    assert [one.message.split("`")[1] for one in found(*names)] == ["repo/b.conf"]


def test_entries_are_bounded_and_follow_no_link(tmp_path: Path) -> None:
    (tmp_path / "a" / "b" / "c" / "d").mkdir(parents=True)
    (tmp_path / "a" / "loop").symlink_to(tmp_path)
    (tmp_path / "node_modules" / "x").mkdir(parents=True)
    for number in range(10):
        (tmp_path / f"f{number}").write_text("")
    tree = Tree()
    paths = [path for path, _ in tree.entries(str(tmp_path))]
    assert {"a/b/c/d", "a/loop", "node_modules"} <= set(paths)
    assert "node_modules/x" not in paths
    assert not any(path.startswith("a/loop/") for path in paths)
    assert len(tree.entries(str(tmp_path), most=5)) == 5
    assert tree.entries(str(tmp_path / "none")) == ()


def test_a_dockerfile_alone_has_a_context_only_with_an_ignore_file(write: Write) -> None:
    write({"Dockerfile": "FROM node:22\nCOPY gone.js .\n"})
    file = parse_dockerfile(Path("Dockerfile").read_text(encoding="utf-8"), "Dockerfile")
    assert not isinstance(file, SyntaxProblem)
    assert of_dockerfile(file, Tree(), TODAY, Options()).builds[0].context is None
    assert found("copy-source-missing") == []
    write({".dockerignore": "x\n"})
    assert of_dockerfile(file, Tree(), TODAY, Options()).builds[0].context == "."
    assert len(found("copy-source-missing")) == 1


def test_the_way_up_ends_at_the_root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "a" / "b")
    tree = Tree()
    assert list(folders_up(tree, "x", "..")) == ["x", ".", ".."]
    assert not is_inside("../../..", "..")
    monkeypatch.chdir("/")
    assert "." in list(folders_up(tree, "x", "."))
    assert "/" in list(folders_up(tree, "/x", "/"))
