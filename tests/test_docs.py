"""What README, --help and the other documents say is true."""

import re
import tomllib
from pathlib import Path

import pytest
import typer
import yaml

import envgen
from envgen.cli import app, main
from envgen.plan import resolve
from envgen.source import parse
from envgen.spec import load

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
CHANGELOG = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
NAME = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["name"]
COMMANDS = set(typer.main.get_command(app).commands)  # type: ignore[attr-defined] - a group has them


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def test_quick_start_of_the_readme_renders_what_it_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    spec = blocks("yaml")[0]
    said = re.search(r"^\$ envgen render\n((?:envgen: .*\n)+)", README, re.MULTILINE)
    assert said
    (tmp_path / "envgen.yaml").write_text(spec, encoding="utf-8")
    (tmp_path / "package.json").write_text("{}", encoding="utf-8")
    (tmp_path / "package-lock.json").write_text('{"lockfileVersion": 3}', encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as ended:
        main(["render"])
    assert ended.value.code == 0
    assert capfd.readouterr().err == said[1]


@pytest.mark.parametrize("number", range(1, len(blocks("yaml"))))
def test_every_other_piece_of_yaml_in_the_readme_is_valid(number: int) -> None:
    text = blocks("yaml")[number]
    if "repos:" in text:
        ids = re.findall(r"id: ([a-z-]+)", text)
        hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
        assert ids
        assert set(ids) <= {hook["id"] for hook in hooks}
        return
    head = "envgen: 1\nname: shop\n"
    db = "  db: {preset: postgres}\n"
    if text.startswith("environments:"):
        spec = f"{head}services:\n{db}  api: {{uses: node@22, command: [node, x.js]}}\n{text}"
    elif text.startswith("runtimes:"):
        spec = head + text.replace("    ports:", "    command: [node, x.js]\n    ports:")
    else:
        secrets = "secrets:\n  npm_token: {environment: NPM_TOKEN}\n"
        spec = f"{head}services:\n{db}  api:\n    uses: node@22\n    command: [node, x.js]\n{text}{secrets}"
    assert resolve(load(parse(spec, "envgen.yaml"))).services


def test_every_command_is_in_the_readme_and_no_other() -> None:
    rows = set(re.findall(r"^\| `envgen ([a-z]+)", README, re.MULTILINE))
    assert rows == COMMANDS


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_options_that_the_readme_names_are_in_help(command: str, capfd: pytest.CaptureFixture[str]) -> None:
    row = next(line for line in README.splitlines() if line.startswith(f"| `envgen {command}"))
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])
    assert ended.value.code == 0
    text = capfd.readouterr().out
    for option in re.findall(r"`(--[a-z-]+)`", row):
        assert option in text


def test_readme_names_the_distribution_and_never_installs_somebody_elses() -> None:
    assert f"`{NAME}`" in README
    for document in ROOT.rglob("*.md"):
        if ".venv" not in document.parts and "node_modules" not in document.parts:
            text = document.read_text(encoding="utf-8")
            assert not re.search(r"(pip|pipx|uv tool|uv pip|uvx) (install |run )?envgen\b", text), document


def test_commands_at_the_top_of_the_readme_are_those_of_ci() -> None:
    commands = re.findall(r"^\$ (python3 dev\.py \w+)$", README, re.MULTILINE)
    assert commands[:2] == ["python3 dev.py demo", "python3 dev.py test"]
    assert commands[1] in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


def test_version_is_in_the_changelog_or_unreleased() -> None:
    assert "## [Unreleased]" in CHANGELOG or f"## [{envgen.__version__}]" in CHANGELOG


def test_library_offers_its_names_and_they_work() -> None:
    spec = envgen.load(ROOT / "examples" / "node-matrix" / "envgen.yaml")
    artifacts = envgen.render(envgen.resolve(spec))
    assert {artifact.path for artifact in artifacts} >= {"compose.yaml", "api/api-node14.Dockerfile"}
    assert envgen.lint([ROOT / "examples" / "node-matrix"]) == ()
    assert set(envgen.__all__) >= {"load", "resolve", "render", "lint"}
    for name in envgen.__all__:
        assert getattr(envgen, name).__doc__, f"{name} has no docstring"
    with pytest.raises(AttributeError, match="no attribute 'secret'"):
        envgen.secret  # noqa: B018 - the look-up is what is tested


def test_each_module_is_short_and_each_function_too() -> None:
    import ast  # noqa: PLC0415 - for this test only

    for path in (ROOT / "envgen").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert text.count("\n") < 400, path
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef):
                assert node.end_lineno is not None
                assert node.end_lineno - node.lineno < 60, f"{path}:{node.name}"
