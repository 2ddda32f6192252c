"""Specs of several files that tests write as YAML."""

import textwrap
from collections.abc import Mapping

from envgen.composition import compose
from envgen.finding import EnvgenError
from envgen.plan import Plan, resolve
from envgen.source import Source, parse
from envgen.spec import Spec, load


def source_of(files: Mapping[str, str], top: str = "envgen.yaml") -> Source:
    """The composed source of files by path; a path that isn't there can't be read."""

    def read(path: str) -> Source:
        if path not in files:
            raise FileNotFoundError(2, "No such file or directory")
        return parse(textwrap.dedent(files[path]), path)

    return compose(read(top), read)


def spec_of(files: Mapping[str, str]) -> Spec:
    return load(source_of(files))


def plan_of(files: Mapping[str, str]) -> Plan:
    return resolve(spec_of(files))


def problems_of(files: Mapping[str, str]) -> list[str]:
    """What is wrong: `FILE:LINE:COLUMN CODE message [hint]`."""
    try:
        plan_of(files)
    except EnvgenError as error:
        return [f"{f.file}:{f.line}:{f.column} {f.code} {f.message} [{f.hint}]" for f in error.findings]
    return []
