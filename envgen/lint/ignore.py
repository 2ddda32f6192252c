"""Findings that the user silenced where they stand: `# envgen: ignore=EG050, eol-runtime (reason)`."""

import re
from collections.abc import Iterable, Iterator, Mapping

from envgen.finding import Finding

_PRAGMA = re.compile(r"(?:^|\s)#\s*envgen:\s*ignore\s*=\s*(?P<rules>[\w-]+(?:\s*,\s*[\w-]+)*)")


def not_ignored(findings: Iterable[Finding], text: str, names: Mapping[str, str]) -> Iterator[Finding]:
    """The findings of one file that no comment in its `text` silences; `names` maps codes to names.

    A comment behind a value silences its own line, a comment line the first line below that is no comment.
    """
    ignored = _ignored_rules(text)
    for finding in findings:
        rules = ignored.get(finding.line, frozenset())
        if not rules & {finding.code.casefold(), names.get(finding.code, finding.code).casefold()}:
            yield finding


def _ignored_rules(text: str) -> dict[int, frozenset[str]]:
    if "envgen:" not in text:
        return {}
    ignored: dict[int, frozenset[str]] = {}
    above: frozenset[str] = frozenset()
    for number, line in enumerate(text.split("\n"), 1):
        match = _PRAGMA.search(line)
        rules = frozenset(rule.strip().casefold() for rule in match["rules"].split(",")) if match else frozenset()
        if line.lstrip().startswith("#"):
            above |= rules
        else:
            ignored[number] = rules | above
            above = frozenset()
        ignored.setdefault(number, rules)
    return ignored
