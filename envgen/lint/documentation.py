"""What is known about a rule, written for people: `envgen explain`, SARIF's help, and the pages in docs/rules/."""

import re
from collections.abc import Callable, Iterator, Sequence

from envgen.finding import Severity
from envgen.lint.about import About, url_of
from envgen.lint.rule import Scope

_HEADINGS = {
    Scope.SPEC: ("Specs", "They look at an `envgen.yaml`."),
    Scope.DOCKERFILE: ("Dockerfiles", "They look at one Dockerfile."),
    Scope.COMPOSE: ("Compose files", "They look at a compose file, with what it overrides, includes and extends."),
    Scope.PROJECT: ("Across files", "They look at what crosses files: services, Dockerfiles, contexts, variables."),
}
_FILE = re.compile(r"^--- (\S+)\n", re.MULTILINE)
_GENERATED = "<!-- Written from the rules by ENVGEN_REFRESH=1 python -m pytest tests/test_explain.py -k pages -->"
_INTRODUCTION = """\
What `envgen lint` reports beside hadolint's `DL` and `SC` codes. `envgen explain CODE` shows the same offline. Both the
code and the name of a rule work wherever a rule is named."""

_Shown = Callable[[str], str]


def text(one: About) -> str:
    """Everything about a rule as plain text; ends with a line end."""
    name = one.code if one.name == one.code else f"{one.code} {one.name}"
    standing = f": {_standing(one)}" if one.severity else ""
    return _joined(f"{name}{standing}", *_body(one, _indented, _plain))


def markdown(one: About) -> str:
    """Everything about a rule but its name as Markdown; ends with a line end."""
    return _joined(*_body(one, lambda example: _fenced(example, one.scope), _linked))


def pages(every: Sequence[About]) -> dict[str, str]:
    """The files of docs/rules/ by their names: an index, and a page for each rule."""
    rules = {
        one.page: _joined(_GENERATED, f"# {one.code} {one.name}", f"Severity: {_standing(one)}.", markdown(one))
        for one in every
        if one.page
    }
    return {"README.md": _index(every), **rules}


def table(every: Sequence[About]) -> str:
    """One line for each in columns: code, name, severity and summary."""
    wide = max((len(one.name) for one in every), default=0)
    kinds = max(map(len, Severity))
    return "".join(f"{one.code}  {one.name:{wide}}  {one.severity or '':{kinds}}  {_summary(one)}\n" for one in every)


def _standing(one: About) -> str:
    """`warning, on by default, since rule set 1`."""
    if one.severity is None or one.since is None:
        return one.severity or ""
    return f"{one.severity}, {'on' if one.default else 'off'} by default, since rule set {one.since}"


def _summary(one: About) -> str:
    """The summary as the one thing that is said of a rule."""
    return f"{_capital(one.summary)}{'' if one.default else ' (off by default)'}"


def _capital(sentence: str) -> str:
    return f"{sentence[:1].upper()}{sentence[1:]}"


def _body(one: About, shown: _Shown, name: _Shown) -> Iterator[str]:
    yield f"{_capital(one.summary)}."
    yield one.reason
    if one.bad:
        yield f"Bad:\n\n{shown(one.bad)}"
    if one.good:
        yield f"Good:\n\n{shown(one.good)}"
    if one.tool != "envgen" and (url := one.url):
        yield f"{one.tool} explains it: {url}" if name is _plain else f"{one.tool} explains it: <{url}>"
    if one.same_as:
        yield "The same elsewhere: " + ", ".join(name(other) for other in one.same_as)
    yield _silencing(one)


def _silencing(one: About) -> str:
    """How not to hear of it; a comment can't stand in a file that can't be read."""
    if one.since is None and one.tool == "envgen":
        return ""
    hadolint = f" or `# hadolint ignore={one.code}`" if one.tool != "envgen" else ""
    return (
        f"To silence one finding: `# envgen: ignore={one.code} (reason)`{hadolint} on the line above it.\n"
        f"To silence all of them: `ignore: [{one.name}]` in `.envgen-lint.yaml`."
    )


def _joined(*parts: str) -> str:
    return "\n\n".join(stripped for part in parts if (stripped := part.strip("\n"))) + "\n"


def _plain(name: str) -> str:
    return f"{name} ({url})" if (url := url_of(name)) else name


def _linked(name: str) -> str:
    return f"[{name}]({url})" if (url := url_of(name)) else f"`{name}`"


def _indented(example: str) -> str:
    return "\n".join(f"    {line}".rstrip() for line in example.split("\n"))


def _fenced(example: str, scope: Scope | None) -> str:
    """An example as code blocks, one for each of its files."""
    first, *others = _FILE.split(example)
    if not others:
        return _fence(first, "dockerfile" if scope is Scope.DOCKERFILE else "yaml")
    files = zip(others[::2], others[1::2], strict=True)
    return "\n\n".join(f"`{path}`\n\n{_fence(content, _language(path))}" for path, content in files)


def _fence(content: str, language: str) -> str:
    content = content.strip("\n")
    fence = max(("`" * (len(run) + 1) for run in re.findall("`{3,}", content)), default="```")
    return f"{fence}{language}\n{content}\n{fence}"


def _language(path: str) -> str:
    name = path.rpartition("/")[2].casefold()
    if name.endswith((".yaml", ".yml")):
        return "yaml"
    return "dockerfile" if "dockerfile" in name and not name.endswith("ignore") else "text"


def _index(every: Sequence[About]) -> str:
    parts = [_GENERATED, "# Rules", _INTRODUCTION]
    for scope, (heading, sentence) in _HEADINGS.items():
        rules = [one for one in every if one.page and one.scope is scope]
        rows = [f"| [{one.code}]({one.page}) | {one.name} | {one.severity} | {_cell(one)} |" for one in rules]
        parts += [f"## {heading}", sentence, "\n".join(["| code | name | severity | |", "|---|---|---|---|", *rows])]
    others = [f"| {one.code} | {one.name} | {one.severity} | {_cell(one)} |" for one in every if not one.page]
    rows = ["| code | name | severity | |", "|---|---|---|---|", *others]
    parts += ["## What is no rule", "Files that can't be read or used, and tools that fail.", "\n".join(rows)]
    return _joined(*parts)


def _cell(one: About) -> str:
    return _summary(one).replace("|", r"\|")
