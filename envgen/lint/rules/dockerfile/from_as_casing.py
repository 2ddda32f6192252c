from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.dockerfile import Dockerfile
from envgen.lint.rule import Violation, dockerfile_rule
from envgen.lint.rules.dockerfile._places import in_first_line, replaced

_WITH_NAME = 3  # words of `FROM base AS name`


@dockerfile_rule("EG102", "from-as-casing", Severity.STYLE, same_as=("buildkit/FromAsCasing",))
def check(file: Dockerfile) -> Iterator[Violation]:
    """`AS` should be in the same case as its `FROM`.

    Docker accepts any mixture, but `FROM node as build` reads as if `as` were part of the name. Two keywords of one
    line in one case are found at a glance, and by a search.

    Bad:

        FROM node:22 as build

    Good:

        FROM node:22 AS build
    """
    for stage in file.stages:
        one = stage.origin
        if len(one.args) < _WITH_NAME or one.keyword not in {one.keyword.lower(), one.keyword.upper()}:
            continue
        written = one.args[1]
        wanted = written.lower() if one.keyword == one.keyword.lower() else written.upper()
        if written != wanted:
            place = in_first_line(file, one, written, nth=one.args[0].split("/").count(written))
            yield Violation(
                place=place,
                message=f"`{written}` is not in the same case as `{one.keyword}`",
                hint=f"write `{wanted}`",
                fix=replaced(file, place, written, wanted),
            )
