"""`envgen env check`: a real .env and the files of secrets against the contract."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import BATCH, compose_config, literals
from oracles import plan as plan_of_data
from plans import node, plan_of

from envgen import cli, dotenv
from envgen.contract.check import EnvFile, check
from envgen.render import render
from envgen.value_types import TYPES, ValueType

SPEC = """envgen: 1
name: shop
services:
  api:
    image: api:1
    environment:
      LEVEL: {type: enum, values: [debug, info], default: info}
      URL: {type: url, required: true, pattern: "https://.*"}
      PORT: {type: port, min: 1024, default: 3000}
      SLUG: {min_length: 2, max_length: 4, default: abc}
      TOKEN: {secret: true, deliver: env, min_length: 8, example: not-a-real-token}
      COUNT: {type: int}
      DATABASE_URL: {secret: true, deliver: env, value: "postgres://app:${PART:?}@db/app"}
      KEY: {secret: true, pattern: "sk-[a-z]+"}
      PASSED:
"""
GOOD = "URL=https://a.example\nTOKEN=long-enough\nPART=x\n"


def run(arguments: Sequence[str], capfd: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        cli.main(["env", *arguments])
    out, err = capfd.readouterr()
    assert isinstance(ended.value.code, int)
    return ended.value.code, out, err


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "envgen.yaml").write_text(SPEC, encoding="utf-8")
    (tmp_path / "secrets").mkdir(mode=0o700)
    (tmp_path / "secrets" / "key").write_text("sk-abc", encoding="utf-8")
    (tmp_path / "secrets" / "key").chmod(0o444)
    (tmp_path / ".env").write_text(GOOD, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    for name in ("URL", "TOKEN", "LEVEL", "PORT"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def findings(text: str, shell: dict[str, str] | None = None, spec: str = SPEC) -> list[str]:
    """`LINE:COLUMN CODE message [hint]` for an env file."""
    variables = plan_of(spec.split("name: shop\n", 1)[1]).variables
    found = check(variables, [EnvFile(path=".env", text=text)], shell)
    return [f"{one.line}:{one.column} {one.code} {one.message} [{one.hint}]" for one in found]


def test_a_good_file_is_fine() -> None:
    assert findings(GOOD) == []
    assert findings(GOOD + "LEVEL=\nPORT=\nPASSED=\nexport SLUG='abcd' # four\n") == []


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("URL=", "1:1 EG070 `URL` is set to nothing, and is required"),
        ("URL=http://a.example", "1:1 EG071 `URL` does not match the pattern https://.*"),
        ("LEVEL=warn", "1:1 EG071 `LEVEL` is not one of debug, info"),
        ("  export PORT=80", "1:3 EG071 `PORT` is less than 1024"),
        ("PORT=80a", "1:1 EG071 `PORT` is no port"),
        ("SLUG=a", "1:1 EG071 `SLUG` has fewer than 2 characters"),
        ("COUNT=", "1:1 EG071 `COUNT` is no whole number"),
        ("TOKEN=short", "1:1 EG071 `TOKEN` has fewer than 8 characters"),
        ("TOKEN=not-a-real-token", "1:1 EG075 `TOKEN` still has the value of the example"),
        ("PART=change-me", "1:1 EG075 `PART` still has the value of the example"),
        ("LEVL=info", "1:1 EG072 `LEVL` is no variable that the spec takes [did you mean `LEVEL`?]"),
        (
            "COMPOSE_PROJET_NAME=x",
            "1:1 EG072 `COMPOSE_PROJET_NAME` is no variable that the spec takes [did you mean `C",
        ),
        ("LEVEL=info\nLEVEL=debug", "2:1 EG073 `LEVEL` is set on line 1, too, and compose takes the last"),
        ("A B=1", "1:1 EG074 compose can't read this: the name of a variable can't hold a space"),
        ("LEVEL='info", "1:7 EG074 compose can't read this: the value has no closing '"),
        ("LEVEL=${", "1:7 EG074 compose can't read this: compose can't read the `$` in this value"),
    ],
)
def test_what_is_wrong_is_placed(line: str, expected: str) -> None:
    name = line.partition("=")[0].split()[-1] if "A B" not in line else "A"
    rest = "".join(f"{one}\n" for one in GOOD.splitlines() if not one.startswith(f"{name}="))
    broken = "EG074" in expected
    found = findings(line + "\n" + ("" if broken else rest))
    assert found[0 if not broken else -1].startswith(expected) or any(one.startswith(expected) for one in found)
    assert broken or len(found) == 1


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("PAYMENT_KEY=-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG9w0B\n", "MIIEvQ"),
        ("MIIEvQIBADANBgkqhkiG9w0B==\n", "MIIEvQ"),
        ("MIIEvQIBADANBgkqhkiG9w0B=\n", "MIIEvQ"),
        ("aGk\naGk\n", "aGk"),
        ("-----END KEY-----\n", "END"),
    ],
)
def test_a_line_of_a_secret_is_not_shown_as_a_name(text: str, hidden: str) -> None:
    found = findings(GOOD + text)
    assert found
    assert not any(hidden in one for one in found)


def test_names_that_are_names_are_shown() -> None:
    for line in ("OTHER=", "Logging__Level=", "other=x", "MixedCase=x"):
        assert f"`{line.partition('=')[0]}` is no variable" in findings(GOOD + line + "\n")[0]


@pytest.mark.parametrize(
    "line",
    [
        "ENVGEN_SUBNET_PREFIX=10.20",
        "COMPOSE_PROJECT_NAME=x",
        "COMPOSE_NEW_THING=1",
        "DOCKER_HOST=x",
        "HTTP_PROXY=x",
        "no_proxy=x",
        "# A=1",
        "",
    ],
)
def test_what_others_read_is_known(line: str) -> None:
    assert findings(f"{GOOD}{line}\n") == []


def test_a_variable_that_another_line_uses_is_known() -> None:
    assert findings("HOST=a.example\nURL=https://${HOST}/x\nTOKEN=long-enough\nPART=x\n") == []


def test_what_is_missing_is_said_with_what_to_write() -> None:
    with_example = SPEC.replace("pattern:", "example: 'https://b.example', pattern:", 1)
    assert findings("", spec=with_example)[0] == (
        "1:1 EG070 `URL` is required, and not set [add it, such as `URL=https://b.example`]"
    )
    assert [one.split(" ")[2] for one in findings("")] == ["`URL`", "`TOKEN`", "`PART`"]


def test_the_shell_wins_over_the_file_as_for_compose() -> None:
    assert findings("TOKEN=long-enough\nPART=x\n", {"URL": "https://a.example"}) == []
    (found,) = findings(GOOD, {"PORT": "1"})
    assert "EG071 `PORT`, as the shell has it, is less than 1024" in found
    assert findings(GOOD + "PORT\n", {"PORT": "2000"}) == []


def test_no_finding_holds_a_value() -> None:
    value = "hunter2-Zz9"
    lines = [f"{name}={value}" for name in ("LEVEL", "URL", "PORT", "SLUG", "TOKEN", "NOBODY", "A B", "LEVEL")]
    for line in lines:
        assert value not in "".join(findings(f"{line}\n{line}\n")), line
    assert value not in "".join(findings(f"TOKEN='{value}\n"))
    assert value not in "".join(findings(f"TOKEN=${{X:?{value}}}\n"))
    assert value not in "".join(findings(f"{value} {value}\n"))


class TestCommand:
    def test_all_is_fine(self, folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
        assert folder.is_dir()
        assert run(["check"], capfd) == (0, "", "envgen: 8 variables, 1 secret: fine\n")

    def test_findings_are_placed_and_the_exit_code_says_so(
        self, folder: Path, capfd: pytest.CaptureFixture[str]
    ) -> None:
        (folder / ".env").write_text(f"{GOOD}PORT=1\n", encoding="utf-8")
        code, out, err = run(["check"], capfd)
        assert (code, out.splitlines()[0]) == (1, ".env:4:1: error: `PORT` is less than 1024 [EG071]")
        assert err == "envgen: 8 variables, 1 secret: 1 finding (1 error)\n"

    @pytest.mark.parametrize("name", ["text", "json", "sarif", "github", "gitlab", "checkstyle", "junit"])
    def test_every_format_names_the_code_and_no_value(
        self, name: str, folder: Path, capfd: pytest.CaptureFixture[str]
    ) -> None:
        (folder / ".env").write_text(f"{GOOD}SLUG=hunter2\n", encoding="utf-8")
        code, out, _ = run(["check", "--format", name], capfd)
        assert code == 1
        assert "EG071" in out
        assert "hunter2" not in out

    def test_without_env_the_way_there_is_shown(self, folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
        (folder / ".env").unlink()
        code, out, _ = run(["check"], capfd)
        assert code == 1
        assert ".env:1:1: error: `URL` is required, and not set [EG070]\n  help: copy .env.example to .env" in out

    def test_process_env(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
    ) -> None:
        (folder / ".env").unlink()
        for line in GOOD.splitlines():
            monkeypatch.setenv(*line.split("=", 1))
        assert run(["check", "--process-env"], capfd)[0] == 0
        assert run(["check"], capfd)[0] == 1

    def test_of_several_env_files_the_last_wins(self, folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
        (folder / "ci.env").write_text("PORT=1\n", encoding="utf-8")
        assert run(["check", "--env-file", "ci.env", "--env-file", ".env"], capfd)[0] == 1
        (folder / "good.env").write_text("PORT=2000\n", encoding="utf-8")
        assert run(["check", "--env-file", "ci.env", "--env-file", ".env", "--env-file", "good.env"], capfd)[0] == 0

    @pytest.mark.parametrize("arguments", [["--env-file", "gone"], ["--env-file", "secrets"], ["--environment", "x"]])
    def test_what_cannot_be_read_ends_with_2(
        self, arguments: list[str], folder: Path, capfd: pytest.CaptureFixture[str]
    ) -> None:
        assert folder.is_dir()
        code, out, _ = run(["check", *arguments], capfd)
        assert code == 2
        assert "[EG090]" in out

    def test_names_for_a_service_that_takes_the_whole_file_are_known(
        self, folder: Path, capfd: pytest.CaptureFixture[str]
    ) -> None:
        (folder / ".env").write_text(f"{GOOD}MORE=1\n", encoding="utf-8")
        assert run(["check"], capfd)[0] == 1
        (folder / "envgen.yaml").write_text(f"{SPEC}    env_file: ./.env\n", encoding="utf-8")
        assert run(["check"], capfd)[0] == 0


def test_an_environment_can_be_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    overlay = "{services: {a: {environment: {A: {default: null, required: true}, B: {type: port, required: true}}}}}"
    text = "envgen: 1\nname: p\nservices: {a: {image: x, environment: {A: {default: x}}}}\n"
    (tmp_path / "envgen.yaml").write_text(f"{text}environments: {{dev: {{}}, prod: {overlay}}}\n", encoding="utf-8")
    (tmp_path / ".env").write_text("B=80\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert run(["check"], capfd)[0] == 0
    assert run(["check", "--environment", "dev"], capfd)[0] == 0
    assert "`A` is required, and not set [EG070]" in run(["check", "--environment", "prod"], capfd)[1]
    code, out, _ = run(["check", "--environment", "pro"], capfd)
    assert (code, "there are `dev`, `prod`" in out) == (2, True)


class TestSecretFiles:
    @pytest.mark.parametrize(
        ("mode", "folder_mode", "expected"),
        [
            (0o444, 0o700, ""),
            (0o400, 0o700, "secrets/key:1:1: warning: the container's user can't read the secret `key` (mode 0400)"),
            (0o666, 0o700, "secrets/key:1:1: warning: others than you can change the secret `key` (mode 0666)"),
            (0o444, 0o755, "secrets:1:1: warning: others than you can reach the secrets in this folder (mode 0755)"),
        ],
    )
    def test_modes(
        self, mode: int, folder_mode: int, expected: str, folder: Path, capfd: pytest.CaptureFixture[str]
    ) -> None:
        (folder / "secrets" / "key").chmod(mode)
        (folder / "secrets").chmod(folder_mode)
        code, out, _ = run(["check"], capfd)
        assert out.startswith(expected)
        assert code == bool(expected)

    def test_missing_empty_and_folders(self, folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
        path = folder / "secrets" / "key"
        path.unlink()
        assert "`key` is not there [EG076]" in run(["check"], capfd)[1]
        path.write_text("\n", encoding="utf-8")
        path.chmod(0o444)
        assert "`key` is empty [EG076]" in run(["check"], capfd)[1]
        path.unlink()
        path.mkdir()
        assert "it is a folder, which Docker makes where a file is missing [EG076]" in run(["check"], capfd)[1]

    def test_content_is_checked_and_not_shown(self, folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
        path = folder / "secrets" / "key"
        path.chmod(0o644)
        path.write_text("hunter2", encoding="utf-8")
        path.chmod(0o444)
        code, out, err = run(["check"], capfd)
        assert code == 1
        assert "secrets/key:1:1: error: the secret `key` does not match the pattern sk-[a-z]+" in out
        assert "hunter2" not in out + err

    def test_it_is_looked_for_where_env_says(self, folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
        text = SPEC + 'secrets:\n  key: {file: "${DIR:-./secrets}/key"}\n'
        (folder / "envgen.yaml").write_text(text, encoding="utf-8")
        assert run(["check"], capfd)[0] == 0
        (folder / ".env").write_text(f"{GOOD}DIR=./elsewhere\n", encoding="utf-8")
        assert "elsewhere/key:1:1: error: the file of the secret `key` is not there" in run(["check"], capfd)[1]


# what is accepted arrives

VALUES = {
    "int": st.integers().map(str),
    "number": st.from_regex(r"-?[0-9]{1,3}(\.[0-9]{1,3})?(e-?[0-9])?", fullmatch=True),
    "bool": st.sampled_from(["true", "false"]),
    "port": st.integers(1, 65535).map(str),
    "url": st.from_regex(r"https://[a-z]{1,9}\.example(/[ -~]{0,9})?", fullmatch=True),
    "duration": st.from_regex(r"([1-9][0-9]{0,2}(ms|s|m|h)){1,2}", fullmatch=True),
    "bytes": st.from_regex(r"[0-9]{1,3}[kmg]?b?", fullmatch=True),
    "path": literals,
    "json": st.recursive(
        st.none() | st.booleans() | st.integers() | literals,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(literals, inner, max_size=3),
        max_leaves=5,
    ).map(json.dumps),
    "string": literals,
}
typed_values = st.sampled_from(sorted(VALUES)).flatmap(lambda name: st.tuples(st.just(name), VALUES[name]))


@BATCH
@given(st.lists(typed_values, min_size=5, max_size=15))
def test_a_value_that_is_accepted_arrives_as_that_text(drawn: list[tuple[str, str]]) -> None:
    environment = {f"V{at}": {"type": name, "required": True} for at, (name, _) in enumerate(drawn)}
    plan = plan_of_data({"envgen": 1, "name": "p", "services": {"a": {"image": "x", "environment": environment}}})
    text = "".join(f"V{at}={dotenv.written(value)}\n" for at, (_, value) in enumerate(drawn))
    refused = {one.message.split("`")[1] for one in check(plan.variables, [EnvFile(path=".env", text=text)])}
    wanted = {f"V{at}": value for at, (_, value) in enumerate(drawn) if f"V{at}" not in refused}
    for at, (name, value) in enumerate(drawn):
        is_fine = bool(value) and ValueType(type=name).problem(value) is None and value != "change-me"
        assert is_fine == (f"V{at}" in wanted), (name, value)
    filled = "".join(f"V{at}=x\n" for at in range(len(drawn)) if f"V{at}" not in wanted)
    (compose,) = (artifact.text for artifact in render(plan) if artifact.path == "compose.yaml")
    found = compose_config(compose, env=text + filled)["services"]["a"]["environment"]
    assert {name: found[name] for name in wanted} == wanted


json_texts = VALUES["json"]


@BATCH
@given(st.lists(json_texts, min_size=5, max_size=15))
def test_json_defaults_arrive_or_are_refused(drawn: list[str]) -> None:
    accepted = {}
    for at, text in enumerate(drawn):
        spec = {"image": "x", "environment": {"V": {"type": "json", "default": text}}}
        try:
            plan_of_data({"envgen": 1, "name": "p", "services": {"a": spec}})
        except Exception as error:  # noqa: BLE001 - whatever it is, it has to be this
            assert "compose can't read a default" in str(error), text  # noqa: PT017
            continue
        accepted[f"V{at}"] = text
    environment = {name: {"type": "json", "default": text} for name, text in accepted.items()}
    plan = plan_of_data({"envgen": 1, "name": "p", "services": {"a": {"image": "x", "environment": environment}}})
    (compose,) = (artifact.text for artifact in render(plan) if artifact.path == "compose.yaml")
    assert compose_config(compose)["services"]["a"].get("environment", {}) == accepted


@pytest.mark.parametrize("text", ["{}", '{"a": 1}', '{"a": {"b": [1, {"c": 2}]}}', "[]", '"$x"'])
def test_usual_json_can_be_a_default(text: str) -> None:
    environment = {"V": {"type": "json", "default": text}}
    plan = plan_of_data({"envgen": 1, "name": "p", "services": {"a": {"image": "x", "environment": environment}}})
    (compose,) = (artifact.text for artifact in render(plan) if artifact.path == "compose.yaml")
    assert compose_config(compose)["services"]["a"]["environment"] == {"V": text}


def uncommented(example: str) -> str:
    """An .env.example with every variable in it set."""
    lines = [line[1:] if line.startswith("#") and not line.startswith("# ") else line for line in example.split("\n")]
    return "\n".join(lines)


@BATCH
@given(
    st.lists(st.tuples(literals, st.sampled_from(["default", "example", "description"])), min_size=4, max_size=12),
    literals,
)
def test_compose_reads_from_the_example_what_the_spec_says(drawn: list[tuple[str, str]], description: str) -> None:
    wanted: dict[str, str] = {}
    environment: dict[str, dict[str, object]] = {}
    for at, (text, key) in enumerate(drawn):
        if key == "example":
            environment[f"V{at}"] = {"required": True, "example": text, "description": description}
            wanted[f"V{at}"] = text
        elif key == "default":
            candidate = {"default": text, "description": description}
            try:
                plan_of_data(_one({"V": candidate}))
            except Exception:  # noqa: BLE001, S112 - compose can't read it; other tests are about that
                continue
            environment[f"V{at}"] = candidate
            wanted[f"V{at}"] = text
        else:
            environment[f"V{at}"] = {"type": "int", "default": 1, "description": text}
            wanted[f"V{at}"] = "1"
    if not environment:
        return
    files = {artifact.path: artifact.text for artifact in render(plan_of_data(_one(environment)))}
    example = uncommented(files[".env.example"])
    assert dotenv.parse(example) == wanted
    reader = "services: {a: {image: x, environment: {" + ", ".join(f"{name}: '${{{name}}}'" for name in wanted) + "}}}"
    assert compose_config(reader, env=example)["services"]["a"]["environment"] == wanted


def _one(environment: dict[str, object] | dict[str, dict[str, object]]) -> dict[str, object]:
    return {"envgen": 1, "name": "p", "services": {"a": {"image": "x", "environment": environment}}}


def test_each_type_has_an_example_that_it_accepts() -> None:
    for name in sorted(TYPES):
        values = ", values: [u, v]" if name == "enum" else ""
        (variable,) = plan_of(node(f"environment: {{A: {{type: {name}, required: true{values}}}}}")).variables
        assert variable.example is not None
        assert all(one.problem(variable.example) is None for one in variable.types), name


def test_a_secret_is_made_of_variables_that_are_secret() -> None:
    secrets = {variable.name: variable.secret for variable in plan_of(SPEC.split("name: shop\n", 1)[1]).variables}
    assert secrets["PART"]
    assert secrets["TOKEN"]
    assert not secrets["URL"]


def test_secrets_and_configs_from_variables_and_passed_build_arguments_are_known() -> None:
    spec = (
        "envgen: 1\nname: shop\nservices:\n  a: {build: {args: [VERSION]}, secrets: [s], configs: [{source: c}]}\n"
        "secrets: {s: {environment: TOKEN}, unused: {environment: OTHER}}\nconfigs: {c: {environment: CONF}}\n"
    )
    assert findings("VERSION=1\nTOKEN=x\nCONF=y\nOTHER=z\n", spec=spec) == []
    assert [one.split("[", maxsplit=1)[0] for one in findings("", spec=spec)] == [
        "1:1 EG070 `TOKEN` is required, and not set ",
        "1:1 EG070 `CONF` is required, and not set ",
    ]
