import json
import re
import subprocess
from pathlib import Path

import pytest
from e2b_dockerfile_utils import PatternMatcher
from hypothesis import given, settings
from hypothesis import strategies as st
from oracles import NASTY, instructions, literals, rendered, spec

from envgen.plan.model import EnvVariable, Generation, SecretMount, Step
from envgen.plan.resolve import resolve
from envgen.project import read_contexts
from envgen.render import plan_hash, render
from envgen.source import parse
from envgen.spec.load import load
from envgen.targets import targets
from envgen.targets.dockerfile import exec_form, paths, quoted, run
from envgen.targets.dockerignore import pattern
from envgen.targets.env_example import assigned, command, comment, dotenv_value

SPEC = """
envgen: 1
name: shop
services:
  api:
    uses: [node@14, node@16]
    build: {context: ., run: npm run build, files: [dist], env: {A: "it's"}}
    command: [node, server.js]
    ports: [{target: 3000, published: {node14: 3014, node16: 3016}}]
    environment: {LEVEL: {default: info, description: "How much\\nis logged"}, TOKEN: {secret: true}}
    healthcheck: {http: /healthz}
  db: {preset: postgres}
"""


def project(folder: Path, ignore: bytes | None = None, text: str = SPEC) -> dict[str, str]:
    """The rendered files of a spec in a folder with a package and a .dockerignore."""
    (folder / "package.json").write_text("{}")
    (folder / "package-lock.json").write_text('{"lockfileVersion": 2}')
    if ignore is not None:
        (folder / ".dockerignore").write_bytes(ignore)
    loaded = load(parse(text, "envgen.yaml"))
    return {artifact.path: artifact.text for artifact in render(resolve(loaded, read_contexts(loaded, folder)))}


def test_there_is_a_target_for_each_kind_of_file() -> None:
    assert sorted(targets()) == ["compose", "dockerfile", "dockerignore", "env_example", "overlay"]


def test_a_project_has_these_files(tmp_path: Path) -> None:
    assert sorted(project(tmp_path)) == [
        ".env.example",
        "api-node14.Dockerfile",
        "api-node14.Dockerfile.dockerignore",
        "api-node16.Dockerfile",
        "api-node16.Dockerfile.dockerignore",
        "compose.yaml",
    ]


def test_rendering_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    assert project(tmp_path) == project(tmp_path)
    assert plan_hash(resolve(load(parse(SPEC, "a")))) == plan_hash(resolve(load(parse(f"# more\n{SPEC}", "b"))))


def test_one_target_can_be_asked_for() -> None:
    plan = resolve(load(parse(SPEC, "envgen.yaml")))
    assert [artifact.path for artifact in render(plan, "compose")] == ["compose.yaml"]
    with pytest.raises(KeyError):
        render(plan, "nothing")


def test_every_file_is_tidy(tmp_path: Path) -> None:
    for path, text in project(tmp_path, b"\n\n  a  \n# b\n").items():
        lines = text.split("\n")
        assert lines[-1] == "", f"{path} has no line end at its end"
        assert lines[-2] != "", f"{path} has a blank line at its end"
        assert [line for line in lines if line != line.rstrip()] == [], path
        assert "\n\n\n" not in text, path
        assert "\t" not in text, path


class TestDockerfile:
    @pytest.mark.parametrize(
        ("text", "written"),
        [
            ("production", "production"),
            ("", '""'),
            ("a b", '"a b"'),
            ('"', r'"\""'),
            ("$A\\", r'"\$A\\"'),
            ("it's", '"it\'s"'),
        ],
    )
    def test_values_are_quoted_where_they_need_it(self, text: str, written: str) -> None:
        assert quoted(text) == written

    @pytest.mark.parametrize(
        ("names", "written"),
        [
            (["package.json", "./"], "package.json ./"),
            (["a b", "./a b"], '["a b", "./a b"]'),
            (["--link", "./--link"], '["--link", "./--link"]'),
            (["it's", "./"], r'["it\\' + "'" + r's", "./"]'),
            (["$a", "./"], r'["\\$a", "./"]'),
        ],
    )
    def test_paths_are_quoted_where_they_need_it(self, names: list[str], written: str) -> None:
        assert paths(names) == written

    def test_exec_form_is_json(self) -> None:
        assert exec_form(["a", 'b"', "é\x7f\n"]) == '["a", "b\\"", "é\\u007f\\n"]'

    @pytest.mark.parametrize(
        "command",
        ["--mount=type=bind a", "[ -f a ]", "#a", "cat <<EOF", "a\\", "a\nb", " a", "a ", "a\x85b", "\ufeffa"],
    )
    def test_what_shell_form_would_read_as_something_else_is_in_exec_form(self, command: str) -> None:
        assert run(Step(commands=(command,))) == exec_form(["/bin/sh", "-c", command])

    def test_commands_are_joined_below_their_mounts(self) -> None:
        mounted = (SecretMount(id="s"), SecretMount(id="t", path="/p"), SecretMount(id="u", env="U"))
        step = Step(commands=("a", "b"), caches=("/c", "/d"), secrets=mounted)
        assert run(step).split("\n") == [
            "--mount=type=cache,target=/c,sharing=locked \\",
            "    --mount=type=cache,target=/d,sharing=locked \\",
            "    --mount=type=secret,id=s,required=true \\",
            "    --mount=type=secret,id=t,target=/p,required=true \\",
            "    --mount=type=secret,id=u,required=true \\",
            '    U="$(cat /run/secrets/u)" \\',
            "    && export U \\",
            "    && a \\",
            "    && b",
        ]

    @settings(max_examples=200, deadline=None)
    @given(st.lists(literals.filter(lambda text: "\n" not in text), min_size=1, max_size=5))
    def test_values_arrive_one_beside_the_other(self, values: list[str]) -> None:
        written = " \\\n    ".join(f"K{at}={quoted(value)}" for at, value in enumerate(values))
        _, env = instructions(f"FROM a\nENV {written}\n")
        assert env.pairs == {f"K{at}": value for at, value in enumerate(values)}


def secret(path: str, printed: str) -> str:
    return f"#   install -d -m 700 ./secrets && {printed} > {path} && chmod 444 {path}"


class TestEnvExample:
    def test_every_variable_is_explained(self, tmp_path: Path) -> None:
        assert project(tmp_path)[".env.example"].split("\n")[2:] == [
            "",
            "# ----- Optional",
            "",
            "# How much",
            "# is logged",
            "# has a default; used by api-node14, api-node16",
            "#LEVEL=info",
            "",
            "# ----- Ports on the host",
            "",
            "# the host port of api-node14, for its port 3000",
            "# has a default; port; used by api-node14",
            "#API_NODE14_PORT=3014",
            "",
            "# the host port of api-node16, for its port 3000",
            "# has a default; port; used by api-node16",
            "#API_NODE16_PORT=3016",
            "",
            "# ----- Secrets",
            "",
            "# Secrets are files, not variables. `envgen env generate` makes those that are missing; without envgen:",
            secret("./secrets/db_password", "openssl rand -hex 16 | tr -d '\\n'"),
            (
                "# These hold what you were given and nothing else, not even a line break. "
                "Make each before the first start:"
            ),
            secret("./secrets/token", "printf %s 'THE SECRET'"),
            "",
        ]

    def test_where_nothing_is_taken_from_env_there_is_no_file(self) -> None:
        assert list(rendered(spec(a={"image": "x"}))) == ["compose.yaml"]

    @pytest.mark.parametrize(
        ("text", "written"),
        [
            ("", ""),
            ("a-1", "a-1"),
            ("a b", "'a b'"),
            ("it's", '"it\'s"'),
            ("a\n", '"a\\n"'),
            ("$A", "'$A'"),
            ("\\", '"\\\\"'),
        ],
    )
    def test_values_are_quoted_where_they_need_it(self, text: str, written: str) -> None:
        assert dotenv_value(text) == written

    def test_an_example_is_shown_rather_than_the_default(self) -> None:
        variable = EnvVariable(
            name="A",
            default="b",
            required=False,
            example="c d",
            description="",
            kind="string",
            secret=False,
            services=(),
        )
        assert assigned(variable) == "A='c d'"

    @pytest.mark.parametrize(
        ("made", "form"),
        [
            (Generation(type="password", length=32), r"[0-9a-f]{32}"),
            (Generation(type="hex", length=8), r"[0-9a-f]{16}"),
            (Generation(type="base64", length=64), r"[A-Za-z0-9+/]{86}=="),
            (Generation(type="base64url", length=32), r"[A-Za-z0-9_-]{43}"),
        ],
    )
    def test_without_envgen_a_secret_can_be_made_too(self, made: Generation, form: str) -> None:
        done = subprocess.run(["sh", "-c", command(made)], capture_output=True, text=True, check=True)
        assert re.fullmatch(form, done.stdout)

    def test_a_secret_that_can_be_made_has_no_value_that_could_be_left_as_it_is(self) -> None:
        data = {"image": "x", "environment": {"A": {"secret": True, "deliver": "env", "generate": True}}}
        example = rendered(spec(a=data))[".env.example"]
        assert "# `envgen env generate` writes one into .env; without envgen: openssl rand -hex 16" in example
        assert "\nA=\n" in example

    @settings(max_examples=300, deadline=None)
    @given(literals)
    def test_no_text_leaves_its_comment(self, text: str) -> None:
        lines = comment(text).split("\n")
        assert text.strip() == "" or all(line.startswith("#") for line in lines)
        assert all("\r" not in line for line in lines)


# what people and editors write, and what only Docker's reader takes it for
IGNORE_FILES = [
    b"",
    b"node_modules\n*.log\n",
    b"# comment\n\n  \n*.md\n!README.md\n",
    b"\xef\xbb\xbf# comment\n*.md\n",
    b"\xef\xbb\xbf*.md\r\n!README.md\r\n",
    b"*.log  \n\tdist\t\n",
    b"*\n!src\n!package*.json\n",
    b"**/*.log\n!**/keep.log",
    b"/dist\n/src/\n./doc\n",
    b"! README.md\n*.md\n",
    b" #notes\n#comment\n\\#also\n",
    b"a\xc2\x85b\nc\xe2\x80\xa8d\n",
    b"a\x0bb\na\x0cb\n",
    b"{{ x }}\n{% raw %}\n",
    b"!.env\n",
]
SAMPLES = (
    "README.md", "a.md", "src/a.md", "src/a.js", "a.log", "src/keep.log", "keep.log", "dist", "dist/a",
    "src/dist/a", "node_modules/a/b.js", "src/node_modules/a", ".env", "src/.env", ".env.example", "package.json",
    "doc/a", "package-lock.json", "#notes", "#comment", "#also", "a\u0085b", "c\u2028d", "a\x0bb", "a\x0cb", "a",
    "b", "c", "d", "{{ x }}", "{% raw %}", "x", ".git/config", "api.Dockerfile", "compose.yaml", "secrets/a",
    "with space/a",
)  # fmt: skip


@pytest.mark.parametrize("content", IGNORE_FILES, ids=repr)
def test_an_existing_dockerignore_has_its_effect(tmp_path: Path, content: bytes) -> None:
    ours = project(tmp_path, b"")["api-node16.Dockerfile.dockerignore"]
    both = project(tmp_path, content)["api-node16.Dockerfile.dockerignore"]
    expected = PatternMatcher([*as_docker_reads(ours.encode()), *as_docker_reads(content)])
    found = PatternMatcher(as_docker_reads(both.encode()))
    assert {path for path in SAMPLES if found.matches(path)} == {path for path in SAMPLES if expected.matches(path)}


def as_docker_reads(content: bytes) -> list[str]:
    """The lines of a .dockerignore as moby/patternmatcher's ReadAll splits them; the matcher drops comments."""
    lines = content.decode().removeprefix("\ufeff").split("\n")
    return [line.removesuffix("\r") for line in lines]


@pytest.mark.parametrize("text", [text for text in NASTY if "\n" not in text and text.strip() == text and text])
def test_a_pattern_stays_that_pattern(text: str) -> None:
    written = PatternMatcher([pattern(text)]) if is_pattern(text) else None
    if written is not None and not text.startswith("#"):
        assert written.patterns == PatternMatcher([text]).patterns
    elif written is not None:
        assert written.patterns == [text]


def is_pattern(text: str) -> bool:
    try:
        PatternMatcher([text])
    except ValueError:
        return False
    return True


@pytest.mark.parametrize(
    ("outputs", "first"),
    [({}, "# Rendered by envgen"), ({"syntax": "docker/dockerfile:1"}, "# syntax=docker/dockerfile:1\n")],
)
def test_a_syntax_line_is_there_only_when_asked_for(outputs: dict[str, str], first: str) -> None:
    data = {"envgen": 1, "name": "p", "outputs": outputs, "services": {"s": {"uses": "node@22", "command": ["node"]}}}
    artifacts = render(resolve(load(parse(json.dumps(data), "envgen.json"))))
    dockerfile = next(artifact.text for artifact in artifacts if artifact.path == "s.Dockerfile")
    assert dockerfile.startswith(first)
    assert ("syntax=" in dockerfile) == bool(outputs)
