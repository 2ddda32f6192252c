"""Readers of what envgen renders that share no code with it, and the strings that are hard to write."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from e2b_dockerfile_utils import ShellLex, parse_dockerfile_ast
from hypothesis import Phase, settings
from hypothesis import strategies as st

from envgen.plan import Plan
from envgen.plan.resolve import resolve
from envgen.render import render
from envgen.source import parse
from envgen.spec.load import load

# each has a meaning in a language that is written: YAML, compose, Dockerfile, shell, .env, Jinja
NASTY = (
    "", " ", "   ", "'", '"', "\\", "$", "$$", "$$$", "#", "-", "--", "it's", 'say "hi"', "a b", "\ta", "a\t",
    "a\n", "a\n\n", "\n", "\na", "a\n b", " a\nb", "a\n  \nb", "a \nb", "a\r\nb", "a\rb", "a\\\nb", "a\\", "a\\ ",
    "\\n", "\\$X", "$X", "${X}", "$${X}", "${X:-d}", "${X:?}", "${", "}", "{", "${}", "$1", "$(id)", "`id`",
    "{{ x }}", "{% raw %}", "{# c #}", "<<EOF", "<<-'EOF'", "0<<a", "--mount=type=bind", "--link", "--from=base",
    '[ "a"]', '["a", "b"]', "[a", "a # b", "#!x", "# escape=`", "FROM x", "\nFROM x", "x\nRUN id", "x \\\nRUN id",
    "- a", "? a", ": a", "a: b", "a:", "a:b", "!reset", "!!str x", "&a", "*a", "|", ">-", "%a", "@a", "~", "null",
    "Null", "yes", "on\n", "y", "true", "False", "010", "0o17", "0x1f", "0b1", "1_000", "1e3", "1:30", "22:22",
    ".5", "1.", "-0", "+1", ".inf", ".nan", "12e03", "2001-01-01", "<<", "=", "---", "...", "--- a", "...\nb",
    "10s", "1g", "127.0.0.1", "./a", "/a b", "a,b", "a=b", "x=", "\x7f", "\x80", "\x85", "a\x85b", "\x9f", "\xa0",
    "\xa0a\xa0", "\u2028", "a\u2029b", "\ufeff", "\ufeffa", "a\ufeff", "\ufffd", "\ufffe", "\uffff", "é", "日本",
    "\U0001f600", "\U0001f1ffa", "\U0010ffff", "e\u0301", "\u202eabc", "\u200b", "\x01", "\x0b", "\x0c", "\x1b[0m",
    "\x1c", "\x1f", "\b", "x" * 200, "a " * 100, "long " * 60 + "\nand more",
)  # fmt: skip

_CHARACTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\x00")
_TOUCHY = st.sampled_from("\\\"'$`{}[]()<>#&*!|%@~=:;,-?+ \t\n\r\x7f\x85\u2028\ufeffab1")

literals = st.one_of(
    st.sampled_from(NASTY),
    st.lists(st.sampled_from(NASTY), min_size=2, max_size=3).map("".join),
    st.text(_TOUCHY, max_size=12),
    st.text(_CHARACTERS, max_size=20),
)


# many strings go into one file, and so into one process: to shrink such a list takes minutes and says no more than the
# assertion does
BATCH = settings(max_examples=15, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))


def plan(spec: Mapping[str, Any]) -> Plan:
    """The plan of a spec written as JSON, so that no YAML writer of ours has a part in it."""
    return resolve(load(parse(json.dumps(spec), "envgen.json")))


def rendered(spec: Mapping[str, Any]) -> dict[str, str]:
    """The rendered files of a spec, text by path."""
    return {artifact.path: artifact.text for artifact in render(plan(spec))}


def spec(**services: Mapping[str, Any]) -> dict[str, Any]:
    return {"envgen": 1, "name": "p", "services": services}


def escaped(literal: str) -> str:
    """A literal in compose's spelling."""
    return literal.replace("$", "$$")


@cache
def program(name: str) -> str:
    """A program of the development environment, or of PATH; the test is skipped where there is none."""
    found = shutil.which(name, path=str(Path(sys.executable).parent)) or shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed: `pip install --group dev --group judges`")
    return found


class ComposeError(Exception):
    """What compose says of a file that it refuses."""


def compose_config(text: str, *flags: str, env: str = "") -> dict[str, Any]:
    """A compose file as docker-compose understands it; raises ComposeError.

    `config` doubles each dollar that compose will not replace again, in keys, too: this is undone, unless
    `--no-interpolate` asks for the text as it is.
    """
    with tempfile.TemporaryDirectory() as folder:
        file, env_file = Path(folder, "compose.yaml"), Path(folder, "some.env")
        file.write_bytes(text.encode())
        env_file.write_bytes(env.encode())
        command = [program("docker-compose"), "-p", "p", "-f", str(file), "--env-file", str(env_file), "config", *flags]
        kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME")}
        done = subprocess.run([*command, "--format", "json"], env=kept, capture_output=True, check=False)
    if done.returncode:
        raise ComposeError(done.stderr.decode())
    data: dict[str, Any] = json.loads(done.stdout)
    return data if "--no-interpolate" in flags else _single_dollars(data)


def _single_dollars(value: Any) -> Any:
    match value:
        case str():
            return value.replace("$$", "$")
        case list():
            return [_single_dollars(item) for item in value]
        case dict():
            return {_single_dollars(key): _single_dollars(item) for key, item in value.items()}
    return value


class Instruction:
    """One instruction of a Dockerfile as BuildKit reads it: `words` are lexed as those of ENV, LABEL and COPY are."""

    def __init__(self, name: str, flags: Sequence[str], arguments: Sequence[str], *, json_form: bool) -> None:
        self.name = name
        self.flags = tuple(flags)
        self.json_form = json_form
        self.arguments = tuple(arguments)

    @property
    def words(self) -> tuple[str, ...]:
        # a variable that is wrongly expanded leaves a trace, whatever its name
        lexer = ShellLex("\\", env=_Traced(), skip_unset_env=False)
        return tuple(lexer.process_word(argument) for argument in self.arguments)

    @property
    def pairs(self) -> dict[str, str]:
        """The names and values of ENV or LABEL."""
        words = self.words
        return dict(zip(words[::3], words[1::3], strict=True))

    @property
    def shape(self) -> tuple[object, ...]:
        # a RUN in exec form does the same as one in shell form
        return (self.name, self.flags, self.name == "RUN" or len(self.arguments))


class _Traced(dict[str, str]):
    def get(self, key: str, default: Any = None) -> Any:  # noqa: ARG002 - dict's own
        return f"<expanded {key}>"


def instructions(text: str) -> list[Instruction]:
    """A Dockerfile, read by a port of BuildKit's parser, and (where it is installed) by BuildKit's own: they agree."""
    found = []
    for one in parse_dockerfile_ast(text).instructions:
        assert not one.heredocs, "a value became a heredoc"
        found.append(Instruction(one.name, one.flags, one.args, json_form=one.json))
    _agree_with_buildkit(text, found)
    return found


def _agree_with_buildkit(text: str, found: Sequence[Instruction]) -> None:
    try:
        import dockerfile  # noqa: PLC0415 - may not be there
    except ImportError:
        return
    commands = dockerfile.parse_string(text)
    assert [command.cmd.upper() for command in commands] == [one.name for one in found]
    for command, one in zip(commands, found, strict=True):
        # the binding gives pairs without the "=" between them
        arguments = [word for at, word in enumerate(one.arguments) if one.name not in ("ENV", "LABEL") or at % 3 < 2]
        assert (command.flags, command.json, command.heredocs) == (one.flags, one.json_form, ())
        assert list(command.value) == arguments
