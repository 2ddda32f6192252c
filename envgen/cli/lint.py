import gc
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from envgen.cli import fixing
from envgen.cli.console import (
    FINDINGS,
    FormatOption,
    cannot,
    check_format,
    complain,
    count,
    print_findings,
    read_stdin,
    tally,
    usage_error,
)

if TYPE_CHECKING:
    from envgen.finding import Finding, Severity
    from envgen.lint.baseline import Baseline
    from envgen.lint.configuration import Configurations
    from envgen.lint.files import LintFile
    from envgen.plan import Context
    from envgen.presets import Preset
    from envgen.source import Source
    from envgen.spec import Spec

_LEVELS = ("error", "warning", "info", "style")  # those of envgen.finding, which --help has no time to import
_GARBAGE = 100_000  # objects between collections: little of what a run makes is ever garbage, and looking costs a fifth
_RULES = "Codes, names or globs such as EG2*, separated by commas; may be repeated."


Paths = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[PATH]...",
        help="Files and folders, - for standard input; the default is the working directory. "
        "In folders, what git ignores is left out.",
    ),
]
Select = Annotated[
    list[str] | None,
    typer.Option("--select", metavar="RULES", help=f"Only these rules, also where they are off or ignored. {_RULES}"),
]
Ignore = Annotated[list[str] | None, typer.Option("--ignore", metavar="RULES", help=f"All but these rules. {_RULES}")]
FailLevel = Annotated[
    str | None,
    typer.Option(
        "--fail-level",
        metavar="LEVEL",
        help="The mildest severity that makes the exit code 1: error, warning, info or style. Default: warning.",
    ),
]
Config = Annotated[
    str | None,
    typer.Option("--config", metavar="FILE", help="Read this configuration instead of the nearest of each file."),
]
NoConfig = Annotated[bool, typer.Option("--no-config", help="Read no configuration of envgen lint.")]
StdinFilename = Annotated[
    str | None,
    typer.Option("--stdin-filename", metavar="NAME", help="What standard input is called, and where it would lie."),
]
BaselineFile = Annotated[
    str | None, typer.Option("--baseline", metavar="FILE", help="Leave out the findings that this file knows.")
]
UpdateBaseline = Annotated[bool, typer.Option("--update-baseline", help="Write all findings into the --baseline file.")]
Since = Annotated[
    str | None,
    typer.Option("--since", metavar="REF", help="Only findings on lines that changed since a revision of git."),
]
NoCache = Annotated[bool, typer.Option("--no-cache", help="Neither use nor keep what was found in earlier runs.")]
NoHadolint = Annotated[bool, typer.Option("--no-hadolint", help="Only envgen's own rules.")]


def lint(  # noqa: PLR0913 - one parameter an option
    paths: Paths = None,
    *,
    select: Select = None,
    ignore: Ignore = None,
    fail_level: FailLevel = None,
    config: Config = None,
    no_config: NoConfig = False,
    stdin_filename: StdinFilename = None,
    baseline: BaselineFile = None,
    update_baseline: UpdateBaseline = False,
    since: Since = None,
    no_cache: NoCache = False,
    no_hadolint: NoHadolint = False,
    fix: fixing.FixOption = False,
    unsafe_fixes: fixing.UnsafeFixes = False,
    diff: fixing.DiffOption = False,
    output_format: FormatOption = "text",
) -> None:
    """Check Dockerfiles, compose files, specs and what crosses them.

    Exits with 1 where there is an error or a warning (see --fail-level), with 2 where it can't do what it was asked.
    The configuration of a file is the nearest [tool.envgen.lint] of a pyproject.toml, .envgen-lint.yaml, or `lint:` of
    an envgen.yaml above it.
    """
    from envgen.lint.files import LintFile
    from envgen.lint.selection import fails

    gc.set_threshold(_GARBAGE)
    undone = "changed" if fix or update_baseline else "checked"
    check_format(output_format, undone)
    with cannot(output_format, undone):
        level = _level(fail_level)
        paths = list(dict.fromkeys(paths or ["." if stdin_filename is None else "-"]))
        _check_names(paths, {"--config": config, "--baseline": baseline, "--stdin-filename": stdin_filename})
        others = {"--since": since, "--update-baseline": update_baseline, "--format": diff and output_format != "text"}
        fixing.check_options(paths, fix=fix, unsafe=unsafe_fixes, diff=diff, others=others)
        if update_baseline:
            _check_whole(baseline, select=select, ignore=ignore, since=since, no_hadolint=no_hadolint)
        run = _Run(
            paths=tuple(paths),
            stdin_filename=stdin_filename,
            configurations=_configurations(config, select, ignore, isolated=no_config),
            known=_baseline(baseline, may_be_missing=update_baseline),
            use_cache=not no_cache,
            use_hadolint=not no_hadolint,
        )
        found = _mended(run, unsafe=unsafe_fixes, only_show=diff) if fix or diff else run.read()
        findings = run.every(found)
        linted = [one.path for one in found if isinstance(one, LintFile)]
        if update_baseline:
            run = run.knowing(findings, linted)
        left = run.without_known(findings)
        shown = _changed(left, since)
    print_findings(shown, output_format, linted)
    complain(_summary(len(found), shown, len(findings) - len(left), output_format))
    if any(fails(finding, run.configurations.of, level) for finding in shown):
        raise typer.Exit(FINDINGS)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    """What the options say about how files are found and linted."""

    paths: tuple[str, ...]
    stdin_filename: str | None
    configurations: "Configurations"
    known: "Baseline | None"
    use_cache: bool
    use_hadolint: bool

    def read(self) -> "Sequence[LintFile | Finding]":
        from envgen.lint import files

        stdin = files.StandardInput(read_stdin, self.stdin_filename)
        return files.read(self.paths, stdin=stdin, excludes=self.configurations.excludes)

    def every(self, chosen: "Sequence[LintFile | Finding]", *others: "LintFile") -> "tuple[Finding, ...]":
        """All findings; files around may be taken to hold other texts."""
        from datetime import date

        from envgen.lint import cache, engine, hadolint_binary
        from envgen.lint.tree import Tree

        tools = engine.Tools(
            contexts=_contexts,
            presets=_presets,
            templates=_templates,
            specs=_specs,
            cache=cache.folder() if self.use_cache else None,
            hadolint=hadolint_binary.find if self.use_hadolint else None,
            tree=Tree().holding({file.path: file.text for file in others}),
        )
        today = date.today()  # noqa: DTZ011 - the user's own day is meant
        return engine.lint(chosen, today=today, tools=tools, settings=self.configurations.of)

    def new(self, chosen: "Sequence[LintFile | Finding]", *others: "LintFile") -> "tuple[Finding, ...]":
        """As `every`, without those in the baseline."""
        return self.without_known(self.every(chosen, *others))

    def without_known(self, findings: "tuple[Finding, ...]") -> "tuple[Finding, ...]":
        return findings if self.known is None else self.known.without_known(findings)

    def knowing(self, findings: "Sequence[Finding]", linted: "Sequence[str]") -> "_Run":
        """A run with these findings in the baseline, which is written."""
        if self.known is None:
            return self
        known = self.known.updated(findings, linted)
        known.write()
        complain(f"wrote {known.path}")
        return replace(self, known=known)


def _mended(run: _Run, *, unsafe: bool, only_show: bool) -> "Sequence[LintFile | Finding]":
    """The files after their fixes; to show them ends the command."""
    found = run.read()
    rewrites = fixing.find_rewrites(found, run.new, unsafe=unsafe)
    if only_show:
        fixing.show(rewrites)
    fixing.apply(rewrites)
    return run.read() if rewrites else found


def _configurations(
    path: str | None, select: Sequence[str] | None, ignore: Sequence[str] | None, *, isolated: bool
) -> "Configurations":
    from envgen.lint import engine
    from envgen.lint.configuration import CommandLine, Configurations

    if path is not None and isolated:
        raise usage_error("--config and --no-config don't go together", file="--no-config")
    asked = CommandLine(path=path, isolated=isolated, select=_split(select), ignore=_split(ignore))
    return Configurations(engine.names, asked)


def _level(name: str | None) -> "Severity | None":
    from envgen.finding import Severity

    if name is None:
        return None
    if name not in _LEVELS:
        listed = ", ".join(f"`{level}`" for level in _LEVELS)
        raise usage_error(f"there is no severity `{name}`", f"there are {listed}", "--fail-level")
    return Severity(name)


def _baseline(path: str | None, *, may_be_missing: bool) -> "Baseline | None":
    if path is None:
        return None
    from envgen.lint.baseline import read

    return read(path, may_be_missing=may_be_missing)


def _changed(findings: "tuple[Finding, ...]", ref: str | None) -> "tuple[Finding, ...]":
    if ref is None:
        return findings
    from envgen.lint.since import only_changed
    from envgen.lint.tree import Tree

    return only_changed(findings, ref, Tree().text)


def _summary(files: int, shown: "Sequence[Finding]", known: int, output_format: str) -> str:
    """How many files there were and how many findings: in text what it says once counts once."""
    if not files:
        return "0 files: no Dockerfile, compose file or envgen.yaml was found (what git ignores is left out)"
    from envgen.lint.formats.text import said

    fixable = sum(one.fix is not None and one.fix.safe for one in shown)
    parts = [
        count(files, "file"),
        tally(said(shown) if output_format == "text" else shown),
        *([f"{known} in the baseline"] if known else []),
        *([f"{fixable} with a fix (see --diff)"] if fixable else []),
    ]
    return ", ".join(parts)


def _check_names(paths: "Sequence[str]", options: "Mapping[str, str | None]") -> None:
    """Raises EnvgenError for a name that is none, or that nothing has."""
    for option, name in (*options.items(), *(("PATH", path) for path in paths)):
        if name == "":
            raise usage_error("the name is empty", file=option)
    if options["--stdin-filename"] is not None and "-" not in paths:
        raise usage_error("standard input isn't read", "name it beside the others: `-`", "--stdin-filename")


def _check_whole(baseline: str | None, **narrowing: object) -> None:
    """A baseline that knows a part of the findings only would lose the others."""
    if baseline is None:
        raise usage_error("--update-baseline needs --baseline FILE", file="--update-baseline")
    for name, value in narrowing.items():
        if value:
            option = f"--{name.replace('_', '-')}"
            raise usage_error(f"a baseline holds all findings, so {option} can't be there", file="--update-baseline")


def _split(rules: Sequence[str] | None) -> tuple[str, ...]:
    return tuple(rule.strip() for text in rules or () for rule in text.split(",") if rule.strip())


def _contexts(spec: "Spec", root: Path) -> "Mapping[str, Context]":
    from envgen.project import read_contexts  # only a spec needs it

    return read_contexts(spec, root)


def _presets(spec: "Spec", root: Path) -> "Mapping[str, Preset]":
    from envgen.project import read_presets  # only a spec needs it

    return read_presets(spec, root)


def _templates(spec: "Spec", root: Path) -> "Mapping[str, tuple[str, str]]":
    from envgen.own_templates import read_templates  # only a spec needs it

    return read_templates(spec, root)


def _specs(path: str) -> "Source":
    from envgen.project import read_file  # only a spec needs it

    return read_file(path)
