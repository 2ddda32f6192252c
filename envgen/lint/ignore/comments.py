"""Comments that silence rules, and the lines that each of them is about.

envgen's own form is `# envgen: ignore=EG203,port-name (reason)`, with `until=2099-12-31` before, in or after the
brackets if it is to end, and `# envgen: ignore-file=...` for a whole file. A comment behind a value is about its own
line; a comment line is about the first line below that is no comment or, above an instruction of a Dockerfile, all its
lines. In a comment, a rule of ours also stands for hadolint's for the same thing.

So that nobody has to write things twice, comments for other tools silence envgen's rules for the same thing:

- hadolint: `# hadolint ignore=DL3006` and `# hadolint global ignore=DL3006`
  (https://github.com/hadolint/hadolint#inline-ignores); its own codes it silences itself;
- BuildKit: `# check=skip=StageNameCasing;error=true` at the top, or above an instruction with `// reason`
  (https://docs.docker.com/build/checks/#skip-checks, moby/buildkit#6334);
- dclint: `# dclint disable`, `disable-file` and `disable-line`, with or without rules
  (https://github.com/zavoloklom/docker-compose-linter/blob/main/docs/configuration-comments.md).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from envgen.lint.dockerfile import Dockerfile, parse
from envgen.lint.files import Kind

EVERYWHERE = range(1, 2**31)
_RULE = r"[\w*?-]+(?:\[[\w!^-]+\][\w*?-]*)*"
_DAY = r"(?:\s+until\s*=\s*[\w-]+)"
_OWN = re.compile(
    rf"(?:^|(?<=\s))#\s*envgen:\s*(?P<form>ignore(?:-file)?)\s*=\s*(?P<rules>{_RULE}(?:\s*,\s*{_RULE})*)"
    rf"(?P<rest>{_DAY}?(?:\s*\([^()\n]*(?:\([^()\n]*\)[^()\n]*)*\))?{_DAY}?)(?P<more>[^\n]*)",
    re.ASCII,
)
_ALMOST_OWN = re.compile(r"(?:^|(?<=\s))#\s*envgen:\s*(?:ign|disable|noqa|skip)[^\n]*", re.IGNORECASE)
_UNTIL = re.compile(r"until\s*=\s*(?P<day>[\w-]+)")
_HADOLINT = re.compile(r"^\s*#\s*hadolint\s+(?P<everywhere>global\s+)?ignore\s*=\s*(?P<rules>\w+(?:\s*,\s*\w+)*)")
_CHECK = re.compile(r"^\s*#\s*check\s*=(?P<config>[^\n]*)", re.IGNORECASE)
_DIRECTIVE = re.compile(r"#\s*(?P<name>[a-zA-Z]+)\s*=")
_DCLINT = re.compile(r"#\s*dclint\s+disable(?P<where>-file|-line)?(?P<rules>(?:[\s,]+[a-z][\w-]*)*)")
_MARKS = {
    True: re.compile(r"#\s*(?:hadolint|check)|envgen:", re.IGNORECASE),  # in Dockerfiles
    False: re.compile(r"envgen:|#\s*dclint"),
}


class Family(StrEnum):
    """Whose names for rules a comment uses."""

    ENVGEN = "envgen"
    HADOLINT = "hadolint"
    BUILDKIT = "buildkit"
    DCLINT = "dclint"


@dataclass(frozen=True, slots=True, kw_only=True)
class Suppression:
    """A comment that silences rules (as written, folded; `all` stands for every rule of another tool) in `lines`.

    It stands at `line` and `column` and is `width` characters wide; `is_alone` says whether its line holds nothing
    else. `columns` are those of the rules. `reason` is None where there is none, `until` the day as written. `problem`
    is set for a comment of envgen's form that can't be understood; it silences nothing.
    """

    family: Family
    rules: tuple[str, ...]
    lines: range
    line: int
    column: int
    width: int
    columns: tuple[int, ...] = ()
    is_alone: bool = False
    reason: str | None = None
    until: str | None = None
    problem: str | None = None


def suppressions(text: str, path: str, kind: Kind | None) -> tuple[Suppression, ...]:
    """The comments in a file that silence rules, in its order."""
    if not _MARKS[kind is Kind.DOCKERFILE].search(text):
        return ()
    lines = [line.removesuffix("\r") for line in text.split("\n")]
    reach = _Reach(lines, text, path, is_dockerfile=kind is Kind.DOCKERFILE)
    found: list[Suppression] = []
    top = _directives(lines) if kind is Kind.DOCKERFILE else 0
    for number, line in enumerate(lines, 1):
        if "#" in line:
            found += _own(line, number, reach)
            if kind is Kind.DOCKERFILE:
                found += _of_hadolint(line, number, reach)
                found += _of_buildkit(line, number, reach, is_directive=number <= top)
            elif kind is Kind.COMPOSE:
                found += _of_dclint(line, number)
    return tuple(found)


class _Reach:
    """Which lines a comment is about."""

    def __init__(self, lines: Sequence[str], text: str, path: str, *, is_dockerfile: bool) -> None:
        self.lines = lines
        self._dockerfile = (text, path) if is_dockerfile else None

    @cached_property
    def ends(self) -> Mapping[int, int]:
        """The last line of the instruction that starts in a line."""
        parsed = parse(*self._dockerfile) if self._dockerfile else None
        return {one.line: one.end_line for one in parsed.instructions} if isinstance(parsed, Dockerfile) else {}

    def of(self, number: int) -> range:
        """The lines of a comment in a line: that one, or those of what follows it where it holds nothing else."""
        if not self.is_comment(number):
            return range(number, number + 1)
        below = number + 1
        while below <= len(self.lines) and self.is_comment(below):
            below += 1
        return range(number, self.ends.get(below, below) + 1)

    def is_comment(self, number: int) -> bool:
        return self.lines[number - 1].lstrip().startswith("#")


def _own(line: str, number: int, reach: _Reach) -> Iterator[Suppression]:
    if "envgen:" not in line:
        return
    is_alone = reach.is_comment(number)
    match = _OWN.search(line)
    if match is None:
        if almost := _ALMOST_OWN.search(line):
            yield Suppression(
                family=Family.ENVGEN,
                rules=(),
                lines=range(0),
                line=number,
                column=almost.start() + 1,
                width=len(almost[0].rstrip()),
                problem="a comment that silences rules looks like `# envgen: ignore=EG203 (reason)`",
            )
        return
    named = [
        (rule[0], match.start("rules") + rule.start() + 1) for rule in re.finditer(_RULE, match["rules"], re.ASCII)
    ]
    until = _UNTIL.search(match["rest"])
    reason = _UNTIL.sub("", match["rest"]).strip(" \t()").strip(" \t,;")
    yield Suppression(
        family=Family.ENVGEN,
        rules=tuple(rule.casefold() for rule, _ in named),
        lines=EVERYWHERE if match["form"] == "ignore-file" else reach.of(number),
        line=number,
        column=match.start() + 1,
        width=match.end("rest") - match.start(),
        columns=tuple(column for _, column in named),
        is_alone=is_alone and line.strip() == match[0].strip() and not match["more"].strip(),
        reason=reason or None,
        until=until["day"] if until else None,
    )


def _of_hadolint(line: str, number: int, reach: _Reach) -> Iterator[Suppression]:
    match = _HADOLINT.match(line)
    if match:
        rules = tuple(rule.strip().casefold() for rule in match["rules"].split(","))
        yield _foreign(Family.HADOLINT, rules, EVERYWHERE if match["everywhere"] else reach.of(number), number)


def _of_buildkit(line: str, number: int, reach: _Reach, *, is_directive: bool) -> Iterator[Suppression]:
    match = _CHECK.match(line)
    if match is None:
        return
    for part in match["config"].partition("//")[0].split(";"):
        key, _, value = part.partition("=")
        if key.strip().casefold() == "skip":
            rules = tuple(rule.strip().casefold() for rule in value.split(",") if rule.strip())
            yield _foreign(Family.BUILDKIT, rules, EVERYWHERE if is_directive else reach.of(number), number)


def _of_dclint(line: str, number: int) -> Iterator[Suppression]:
    match = _DCLINT.search(line)
    if match:
        lines = range(number, number + 1) if match["where"] == "-line" else EVERYWHERE
        rules = tuple(match["rules"].replace(",", " ").split()) or ("all",)
        yield _foreign(Family.DCLINT, rules, lines, number)


def _foreign(family: Family, rules: tuple[str, ...], lines: range, number: int) -> Suppression:
    return Suppression(family=family, rules=rules, lines=lines, line=number, column=1, width=1)


def _directives(lines: Sequence[str]) -> int:
    """How many lines at the top are parser directives."""
    for number, line in enumerate(lines):
        match = _DIRECTIVE.match(line.strip())
        if match is None or match["name"].casefold() not in {"syntax", "escape", "check"}:
            return number
    return len(lines)
