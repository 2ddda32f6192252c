"""The command line as a user meets it: files found, exit codes, what goes to which stream, and nothing changed."""

import io
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import envgen
from envgen import cli

ROOT = Path(__file__).parents[1]
SPEC = "envgen: 1\nname: shop\nservices:\n  web:\n    image: nginx:1.27\n"
WARNING = SPEC + "    compose: {newer: 1}\n"
INVALID = SPEC + "    imagee: nginx\n"
FILES = ("compose.yaml", "envgen.lock")


class Result(NamedTuple):
    code: int
    out: str
    err: str


Run = Callable[..., Result]


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs envgen with arguments, in tmp_path."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str) -> Result:
        with pytest.raises(SystemExit) as exited:
            cli.main(arguments)
        out, err = capfd.readouterr()
        assert "Traceback" not in err
        return Result(exited.value.code if isinstance(exited.value.code, int) else 0, out, err)

    return call


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    path = tmp_path / "envgen.yaml"
    path.write_text(SPEC, encoding="utf-8")
    return path


def feed(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))


def tree(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def envgen_process(*arguments: str, **options: Any) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "envgen", *arguments]
    options["env"] = {**os.environ, "PYTHONPATH": str(ROOT), **options.get("env", {})}
    return subprocess.Popen(command, stderr=subprocess.PIPE, **options)


# where the spec is


@pytest.mark.parametrize("name", ["envgen.yaml", "envgen.yml", "envgen.json"])
def test_the_spec_is_found_in_the_folder_and_upwards(
    name: str, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / name).write_text('{"envgen": 1, "name": "shop", "services": {"web": {"image": "nginx"}}}')
    assert run("validate").code == 0
    inner = tmp_path / "src" / "deep"
    inner.mkdir(parents=True)
    monkeypatch.chdir(inner)
    result = run("render")
    assert result.code == 0
    assert (tmp_path / "compose.yaml").is_file()
    assert list(inner.iterdir()) == []


def test_yaml_comes_before_yml_and_json_and_the_nearest_folder_before_those_above(
    run: Run, tmp_path: Path, spec: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "envgen.yml").write_text(INVALID)
    assert run("validate").code == 0
    inner = tmp_path / "inner"
    inner.mkdir()
    (inner / "envgen.json").write_text("{")
    monkeypatch.chdir(inner)
    assert run("validate").out.startswith("envgen.json:1:2: error")
    assert spec.is_file()


def test_a_folder_stands_for_the_spec_in_it(run: Run, tmp_path: Path) -> None:
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "envgen.yml").write_text(INVALID)
    assert run("validate", "shop").out.startswith("shop/envgen.yml:6:5: error: unknown key `imagee`")


def test_several_specs_are_checked_at_once(run: Run, tmp_path: Path) -> None:
    for name, text in (("a.yaml", INVALID), ("-b c.yaml", SPEC), ("d.yaml", INVALID), ("e.yaml", WARNING)):
        (tmp_path / name).write_text(text)
    code, out, err = run("validate", "a.yaml", "d.yaml", "e.yaml", "--", "-b c.yaml")
    assert code == 2
    assert re.findall(r"^(\S+):\d+:\d+: (\w+)", out, re.MULTILINE) == [
        ("e.yaml", "warning"),
        ("a.yaml", "error"),
        ("d.yaml", "error"),
    ]
    assert err == "envgen: 2 errors; nothing was changed\n"
    code, out, err = run("validate", "e.yaml", "--", "-b c.yaml")
    assert (code, err.count(" is fine: ")) == (1, 2)


@pytest.mark.usefixtures("spec")
def test_standard_input_is_a_spec_and_its_paths_are_relative_to_the_working_directory(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    feed(monkeypatch, INVALID)
    assert run("validate", "-").out.startswith("<stdin>:6:5: error")
    feed(monkeypatch, SPEC.replace("1.27", "1.99"))
    assert run("render", "-").code == 0
    assert "nginx:1.99" in (tmp_path / "compose.yaml").read_text()


def test_no_spec_anywhere(run: Run) -> None:
    result = run("validate")
    assert result.code == 2
    assert "there is no envgen.yaml, envgen.yml, envgen.json here or in a folder above [EG090]" in result.out


def test_what_is_no_readable_file_is_refused(run: Run, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "empty").mkdir()
    for name, message in (
        ("gone.yaml", "the spec can't be read: No such file or directory"),
        ("empty", "there is no spec in this folder"),
        ("pipe", "this is no regular file"),
        ("/dev/null", "this is no regular file"),
    ):
        result = run("validate", name)
        assert (result.code, result.out) == (2, f"{name}: error: {message} [EG090]\n")


@pytest.mark.skipif(os.geteuid() == 0, reason="root can read every file")
def test_a_file_without_permission_is_refused(run: Run, spec: Path) -> None:
    spec.chmod(0)
    assert "the spec can't be read: Permission denied" in run("validate").out


# exit codes and streams


def test_validate_says_fine_and_nothing_on_standard_output(run: Run, spec: Path) -> None:
    assert run("validate") == (0, "", f"envgen: {spec.name} is fine: 1 service, 0 images to build\n")


def test_validate_exits_with_1_for_warnings_and_2_for_errors(run: Run, spec: Path) -> None:
    spec.write_text(WARNING)
    result = run("validate")
    assert result.code == 1
    assert result.out.startswith("envgen.yaml:6:15: warning: `newer` is passed to compose unchecked [EG015]\n")
    spec.write_text(INVALID)
    result = run("validate")
    assert result.code == 2
    assert result.out.startswith("envgen.yaml:6:5: error: unknown key `imagee` [EG010]\n")
    assert result.err == "envgen: 1 error; nothing was changed\n"


@pytest.mark.parametrize("command", [["render"], ["render", "--check"], ["render", "--diff"], ["render", "--plan"]])
def test_an_invalid_spec_stops_every_command_before_anything_is_written(
    command: list[str], run: Run, spec: Path, tmp_path: Path
) -> None:
    spec.write_text(INVALID)
    result = run(*command)
    assert result.code == 2
    assert "unknown key `imagee`" in result.out
    assert tree(tmp_path) == {"envgen.yaml": INVALID.encode()}


def test_findings_as_json_are_one_object_on_standard_output(run: Run, spec: Path) -> None:
    spec.write_text(INVALID)
    result = run("validate", "--format", "json")
    assert result.code == 2
    report = json.loads(result.out)
    assert [finding["code"] for finding in report["findings"]] == ["EG010"]
    spec.write_text(SPEC)
    assert json.loads(run("validate", "--format", "json").out)["findings"] == []


@pytest.mark.parametrize("command", ["validate", "render", "lint"])
@pytest.mark.usefixtures("spec")
def test_an_unknown_format_is_refused_before_any_work(command: str, run: Run, tmp_path: Path) -> None:
    result = run(command, "--format", "jsno")
    assert result.code == 2
    assert "there is no output format `jsno` [EG090]\n  help: did you mean `json`?" in result.out
    assert set(tree(tmp_path)) == {"envgen.yaml"}


@pytest.mark.parametrize(
    "arguments",
    [["frobnicate"], ["validate", "--frob"], ["render", "a", "b"], ["--frob"], []],
)
def test_bad_usage_exits_with_2_and_says_so_on_standard_error(arguments: list[str], run: Run) -> None:
    result = run(*arguments)
    assert (result.code, result.out) == (2, "")
    assert "Usage: envgen" in result.err


def test_an_option_without_its_value_exits_with_2(run: Run) -> None:
    assert run("render", "--target") == (2, "", "Error: Option '--target' requires an argument.\n")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--check", "--diff"], "--check and --diff don't go together"),
        (["--stdout", "--plan"], "--stdout and --plan don't go together"),
        (["--check", "--force"], "--force and --check don't go together"),
        (["--plan", "--force"], "--force and --plan don't go together"),
        (["--target", "compose"], "--target goes with --stdout"),
        (["--stdout", "--target", "kubernetes"], "there is no target `kubernetes`"),
    ],
)
@pytest.mark.usefixtures("spec")
def test_options_that_contradict_each_other(options: list[str], message: str, run: Run, tmp_path: Path) -> None:
    result = run("render", *options)
    assert result.code == 2
    assert f"error: {message} [EG090]" in result.out
    assert set(tree(tmp_path)) == {"envgen.yaml"}


def test_the_version(run: Run) -> None:
    assert run("--version") == (0, f"envgen {envgen.__version__}\n", "")


@pytest.mark.parametrize("command", [[], ["validate"], ["render"], ["lint"], ["schema"]])
def test_help_names_the_command_and_leaves_nothing_undescribed(command: list[str], run: Run) -> None:
    result = run(*command, "--help")
    assert result.code == 0
    assert result.out.startswith(" ".join(["Usage: envgen", *command]))
    assert not [line for line in result.out.splitlines() if re.fullmatch(r"  --[a-z-]+( [A-Z]+)?", line.rstrip())]


def test_the_schema_is_printed_as_it_is_shipped(run: Run) -> None:
    shipped = ROOT / "schemas" / "envgen.schema.json"
    assert run("schema") == (0, shipped.read_text(encoding="utf-8"), "")


# colours and terminals


def on_terminal(*arguments: str, folder: Path, **environment: str) -> str:
    """What a command writes to a terminal."""
    master, slave = os.openpty()
    plain = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    variables = plain | {"TERM": "xterm"} | environment
    with envgen_process(*arguments, stdout=slave, cwd=folder, env=variables) as process:
        process.communicate()
    os.close(slave)
    written = os.read(master, 100_000).decode()
    os.close(master)
    return written


def test_colour_is_for_terminals_and_no_color_is_honoured(run: Run, spec: Path, tmp_path: Path) -> None:
    spec.write_text(INVALID)
    assert "\x1b" not in run("validate").out
    assert "\x1b[1;31merror:" in on_terminal("validate", folder=tmp_path)
    assert "\x1b[1;31merror:" in on_terminal("validate", folder=tmp_path, NO_COLOR="")
    assert "\x1b" not in on_terminal("validate", folder=tmp_path, NO_COLOR="1")
    assert "\x1b" not in on_terminal("validate", folder=tmp_path, TERM="dumb")


def test_nothing_of_the_users_is_obeyed_by_the_terminal(run: Run, spec: Path, tmp_path: Path) -> None:
    spec.write_text('envgen: 1\nname: "a\\e[31m\\u202e"\nservices: {"w\\e[2J": {image: x, "k\\u0007": 1}}\n')
    for output in ("text", "json"):
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", run("validate", "--format", output).out)
    spec.write_text(SPEC)
    run("render")
    compose = tmp_path / "compose.yaml"
    compose.write_text(compose.read_text() + "# \x1b]0;title\x07\n")
    assert "\x1b" not in on_terminal("render", "--diff", folder=tmp_path)
    odd = tmp_path / "a\x1b[31m.yaml"
    odd.write_text(SPEC)
    assert "\x1b" not in "".join(run("validate", str(odd))[1:])


# render


@pytest.mark.usefixtures("spec")
def test_render_writes_says_what_and_the_second_time_does_nothing(run: Run, tmp_path: Path) -> None:
    assert run("render") == (0, "", "envgen: wrote compose.yaml\nenvgen: wrote envgen.lock\n")
    before = {name: (tmp_path / name).stat().st_mtime_ns for name in FILES}
    assert run("render") == (0, "", "envgen: 1 file up to date\n")
    assert before == {name: (tmp_path / name).stat().st_mtime_ns for name in FILES}


def test_check_exits_with_1_and_names_the_cause_with_a_diff(run: Run, spec: Path, tmp_path: Path) -> None:
    assert run("render", "--check").code == 1
    run("render")
    assert run("render", "--check") == (0, "", "envgen: every file is up to date\n")
    spec.write_text(SPEC.replace("1.27", "1.28"))
    before = tree(tmp_path)
    result = run("render", "--check")
    assert result.code == 1
    assert re.search(r"^compose.yaml:\d+:1: error: .*the spec.*changed.* \[EG043\]$", result.out, re.MULTILINE)
    assert "-    image: nginx:1.27\n+    image: nginx:1.28\n" in result.out
    assert tree(tmp_path) == before


@pytest.mark.usefixtures("spec")
def test_check_as_json_has_no_diff_in_it(run: Run) -> None:
    result = run("render", "--check", "--format", "json")
    assert result.code == 1
    assert {finding["code"] for finding in json.loads(result.out)["findings"]} == {"EG043"}


@pytest.mark.usefixtures("spec")
def test_diff_writes_nothing_and_exits_with_0(run: Run, tmp_path: Path) -> None:
    result = run("render", "--diff")
    assert result.code == 0
    assert "+++ b/compose.yaml\n" in result.out
    assert set(tree(tmp_path)) == {"envgen.yaml"}


@pytest.mark.usefixtures("spec")
def test_a_file_edited_by_hand_is_refused_with_everything_left_as_it_is(run: Run, tmp_path: Path) -> None:
    run("render")
    compose = tmp_path / "compose.yaml"
    rendered = compose.read_text()
    compose.write_text(rendered + "# mine\n")
    before = tree(tmp_path)
    result = run("render")
    assert result.code == 2
    assert result.out.startswith("compose.yaml:")
    assert "edited by hand [EG042]" in result.out
    assert tree(tmp_path) == before
    assert run("render", "--check").code == 1
    assert run("render", "--diff", "--force").code == 0
    assert tree(tmp_path) == before
    assert run("render", "--force").code == 0
    assert compose.read_text() == rendered


@pytest.mark.usefixtures("spec")
def test_a_foreign_file_is_refused_and_its_output_path_can_be_changed(run: Run, tmp_path: Path, spec: Path) -> None:
    (tmp_path / "compose.yaml").write_text("services: {}\n")
    assert run("render").code == 2
    spec.write_text(SPEC + "outputs: {compose: stack.yaml}\n")
    assert run("render").code == 0
    assert (tmp_path / "compose.yaml").read_text() == "services: {}\n"


@pytest.mark.usefixtures("spec")
def test_stdout_prints_files_and_target_chooses(run: Run, tmp_path: Path) -> None:
    assert "image: nginx:1.27" in run("render", "--stdout").out
    result = run("render", "--stdout", "--target", "compose")
    assert result.code == 0
    assert result.out.startswith("# Rendered by envgen")
    assert "name: shop" in result.out
    assert run("render", "--stdout", "--target", "dockerfile") == (0, "", "")
    assert set(tree(tmp_path)) == {"envgen.yaml"}


@pytest.mark.usefixtures("spec")
def test_the_plan_is_json(run: Run, tmp_path: Path) -> None:
    result = run("render", "--plan")
    plan = json.loads(result.out)
    assert plan["name"] == "shop"
    assert [service["name"] for service in plan["services"]] == ["web"]
    assert set(tree(tmp_path)) == {"envgen.yaml"}


# lint


def test_lint_takes_files_and_folders(run: Run, spec: Path, tmp_path: Path) -> None:
    assert run("lint", "--select", "unknown-key").code == 0
    (tmp_path / "api").mkdir()
    (tmp_path / "api" / "Dockerfile").write_text("FROM node\n")
    result = run("lint", "api")
    assert result.code == 1
    assert result.out.startswith("api/Dockerfile:1:")
    spec.write_text(INVALID)
    result = run("lint", "envgen.yaml")
    assert result.code == 1  # a broken file among linted ones is a finding
    assert "unknown key `imagee`" in result.out


def test_lint_of_a_missing_file_exits_with_2(run: Run) -> None:
    result = run("lint", "gone")
    assert result.code == 2
    assert result.out.startswith("gone: error: there is no such file or folder [EG090]\n")


@pytest.mark.parametrize(("level", "code"), [("error", 0), ("warning", 1), ("info", 1), ("style", 1)])
def test_the_fail_level_decides_about_the_exit_code_only(level: str, code: int, run: Run, spec: Path) -> None:
    spec.write_text(WARNING)
    result = run("lint", "envgen.yaml", "--fail-level", level)
    assert result.code == code
    assert "[EG015]" in result.out


def test_an_unknown_fail_level_is_refused(run: Run) -> None:
    result = run("lint", "--fail-level", "fatal")
    assert result.code == 2
    assert "there is no severity `fatal`" in result.out


DOCKERFILE = "FROM debian:13\nRUN apt-get update && apt-get install -y curl\nUSER root\n"


def codes(result: Result) -> list[str]:
    return re.findall(r"\[((?:EG|DL|SC)\d+)\]$", result.out, re.MULTILINE)


@pytest.fixture
def dockerfile(tmp_path: Path) -> Path:
    path = tmp_path / "Dockerfile"
    path.write_text(DOCKERFILE)
    return path


@pytest.mark.usefixtures("dockerfile")
def test_information_does_not_fail_but_for_those_who_want_it(run: Run, tmp_path: Path) -> None:
    opinions = ("lint", "--select", "DL3008")
    assert (run(*opinions).code, codes(run(*opinions))) == (0, ["DL3008"])
    assert run(*opinions, "--fail-level", "info").code == 1
    (tmp_path / ".envgen-lint.yaml").write_text("fail-level: info\n")
    assert run(*opinions).code == 1
    assert run(*opinions, "--fail-level", "error").code == 0
    assert run(*opinions, "--no-config").code == 0


@pytest.mark.usefixtures("dockerfile")
def test_rules_are_chosen_on_the_command_line(run: Run) -> None:
    assert codes(run("lint", "--select", "DL3008,DL3002", "--select", "DL30*", "--ignore", "DL3009 , DL3015")) == [
        "DL3002",
        "DL3008",
        "DL3066",
    ]
    result = run("lint", "--ignore", "no-such-rule")
    assert (result.code, result.out.partition("\n")[0]) == (
        2,
        "--ignore: error: there is no rule `no-such-rule` [EG090]",
    )
    assert not [code for code in codes(run("lint", "--no-hadolint")) if code.startswith(("DL", "SC"))]


def test_a_wrong_configuration_exits_with_2_and_its_place(run: Run, dockerfile: Path, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.envgen.lint]\nslect = []\n")
    result = run("lint", dockerfile.name)
    assert result.code == 2
    assert result.out.startswith("pyproject.toml:2:1: error: there is no key `slect` [EG010]\n")
    (tmp_path / "other.toml").write_text('[tool.envgen.lint]\nselect = ["DL3002"]\n')
    assert codes(run("lint", "--config", "other.toml")) == ["DL3002"]
    assert run("lint", "--config", "gone.toml").code == 2


def test_standard_input_has_the_name_that_it_is_given(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "api").mkdir()
    (tmp_path / "api" / ".envgen-lint.yaml").write_text("select: [DL3002]\n")
    for arguments in (("-", "--stdin-filename", "api/Dockerfile"), ("--stdin-filename", "api/Dockerfile")):
        feed(monkeypatch, DOCKERFILE)
        assert run("lint", *arguments).out.startswith("api/Dockerfile:3:1: warning: ")
    feed(monkeypatch, DOCKERFILE)
    assert run("lint", "-", "-", "--select", "DL3002").out.startswith("<stdin>:3:1: warning: ")
    feed(monkeypatch, "hello")
    assert run("lint", "-").code == 2


def test_a_baseline_leaves_out_what_was_there(run: Run, dockerfile: Path, tmp_path: Path) -> None:
    assert run("lint", "--baseline", "b.json").code == 2
    result = run("lint", "--baseline", "b.json", "--update-baseline")
    assert (result.code, result.out) == (0, "")
    written = (tmp_path / "b.json").read_bytes()
    dockerfile.write_text("# moved\n\n" + DOCKERFILE)
    result = run("lint", "--baseline", "b.json")
    assert (result.code, result.out) == (0, "")
    assert "in the baseline" in result.err
    dockerfile.write_text(DOCKERFILE + "RUN sudo ls\n")
    assert codes(run("lint", "--baseline", "b.json", "--select", "DL*")) == ["DL3004"]
    dockerfile.write_text(DOCKERFILE)
    run("lint", "--baseline", "b.json", "--update-baseline")
    assert (tmp_path / "b.json").read_bytes() == written
    dockerfile.write_text("FROM scratch\n")
    run("lint", ".", "--baseline", "b.json", "--update-baseline")
    assert "DL3008" not in (tmp_path / "b.json").read_text()


@pytest.mark.usefixtures("dockerfile")
@pytest.mark.parametrize(
    "arguments",
    [
        ("--update-baseline",),
        ("--update-baseline", "--baseline", "b.json", "--select", "DL3008"),
        ("--update-baseline", "--baseline", "b.json", "--since", "HEAD"),
        ("--update-baseline", "--baseline", "b.json", "--no-hadolint"),
    ],
)
def test_a_baseline_of_a_part_is_not_written(arguments: tuple[str, ...], run: Run, tmp_path: Path) -> None:
    assert run("lint", *arguments).code == 2
    assert not (tmp_path / "b.json").exists()


@pytest.mark.usefixtures("dockerfile")
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--config", ""), "--config: error: the name is empty"),
        (("--baseline", ""), "--baseline: error: the name is empty"),
        (("--stdin-filename", ""), "--stdin-filename: error: the name is empty"),
        (("Dockerfile", ""), "PATH: error: the name is empty"),
        (("--config", "gone.toml", "--no-config"), "--no-config: error: --config and --no-config don't go together"),
        (("--stdin-filename", "a", "Dockerfile"), "--stdin-filename: error: standard input isn't read"),
        (("--fail-level", "fatal"), "--fail-level: error: there is no severity `fatal`"),
        (("gone",), "gone: error: there is no such file or folder"),
    ],
)
def test_what_can_not_be_asked_for(arguments: tuple[str, ...], message: str, run: Run) -> None:
    result = run("lint", *arguments)
    assert (result.code, result.out.partition(" [EG090]\n")[0]) == (2, message)
    assert result.err == "envgen: 1 error; nothing was checked\n"


def test_the_last_line_says_how_much_was_found(run: Run, tmp_path: Path) -> None:
    nothing = "envgen: 0 files: no Dockerfile, compose file or envgen.yaml was found (what git ignores is left out)\n"
    assert run("lint") == (0, "", nothing)
    (tmp_path / "Dockerfile").write_text("FROM a:1 AS B\nUSER 1000\nCMD run it\n")
    result = run("lint")
    assert "[EG107, DL3025]" in result.out
    assert result.err == "envgen: 1 file, 2 findings (2 warnings), 1 with a fix (see --diff)\n"
    result = run("lint", "--format", "github")
    assert result.out.count("\n") == 3
    assert result.err == "envgen: 1 file, 3 findings (3 warnings), 1 with a fix (see --diff)\n"
    written = run("lint", "--baseline", "b.json", "--update-baseline").err
    assert written == "envgen: wrote b.json\nenvgen: 1 file, 0 findings, 3 in the baseline\n"


def test_only_changed_lines_since_a_revision(run: Run, dockerfile: Path, tmp_path: Path) -> None:
    assert run("lint", "--since", "HEAD").code == 2
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@example.org", "-C", str(tmp_path)]
    for arguments in (["init", "-q"], ["add", "."], ["commit", "-qm", "x"]):
        subprocess.run([*git, *arguments], check=True)
    assert run("lint", "--since", "HEAD").out == ""
    dockerfile.write_text(DOCKERFILE + "RUN sudo ls\n")
    assert codes(run("lint", "--since", "HEAD", "--select", "DL*")) == ["DL3004"]


# as a process


def test_python_dash_m_envgen() -> None:
    with envgen_process("--version", stdout=subprocess.PIPE) as process:
        out, err = process.communicate()
    assert (process.returncode, out, err) == (0, f"envgen {envgen.__version__}\n".encode(), b"")


def test_a_reader_that_goes_away_is_no_error_to_talk_about(tmp_path: Path) -> None:
    services = "".join(f"  s{number}: {{image: nginx, labels: {{a: {'x' * 200}}}}}\n" for number in range(2000))
    (tmp_path / "envgen.yaml").write_text("envgen: 1\nname: shop\nservices:\n" + services)
    for options in (["--stdout"], ["--plan"], ["--diff"], ["--check"]):
        with envgen_process("render", *options, stdout=subprocess.PIPE, cwd=tmp_path) as process:
            assert process.stdout is not None
            process.stdout.close()
            assert process.stderr is not None
            err = process.stderr.read().decode()
        assert process.returncode == 2
        assert "Traceback" not in err
        assert "Exception ignored" not in err


@pytest.mark.parametrize("arguments", [["lint"], ["explain"], ["validate"], ["schema"]])
@pytest.mark.parametrize(
    ("output", "why"),
    [
        (">&-", "standard output is closed"),
        pytest.param(
            ">/dev/full",
            "the output can't be written: No space left on device",
            marks=pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has /dev/full"),
        ),
    ],
)
def test_an_output_that_can_not_be_written_exits_with_2(
    arguments: list[str], output: str, why: str, tmp_path: Path
) -> None:
    (tmp_path / "envgen.yaml").write_text(INVALID)
    command = f'exec "$0" -m envgen {" ".join(arguments)} {output}'
    ended = subprocess.run(["sh", "-c", command, sys.executable], cwd=tmp_path, capture_output=True, check=False)
    assert (ended.returncode, ended.stderr.decode()) == (2, f"envgen: {why}\n")


@pytest.mark.parametrize("command", ["lint", "validate"])
def test_a_standard_input_that_is_closed_exits_with_2(command: str, tmp_path: Path) -> None:
    ended = subprocess.run(
        ["sh", "-c", f'exec "$0" -m envgen {command} - <&-', sys.executable],
        cwd=tmp_path,
        capture_output=True,
        check=False,
    )
    assert ended.returncode == 2
    assert ended.stdout.decode().startswith("<stdin>: error: it is closed [EG090]\n")


def test_ctrl_c_ends_without_a_traceback(tmp_path: Path) -> None:
    with envgen_process("validate", "-", stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=tmp_path) as process:
        assert process.stdin is not None
        # it has read this much once it waits for more
        process.stdin.write(b"envgen: 1\n" * 100_000)
        process.stdin.flush()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate()
    assert process.returncode == 130
    assert (out, err) == (b"", b"")
