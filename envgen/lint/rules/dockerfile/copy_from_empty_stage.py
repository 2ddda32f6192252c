from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.dockerfile import Dockerfile
from envgen.lint.rule import Violation, dockerfile_rule
from envgen.lint.rules.dockerfile._stages import by_name_or_number, inherited, on_scratch

_FILLING = frozenset({"COPY", "ADD", "RUN", "WORKDIR", "ONBUILD"})


@dockerfile_rule("EG183", "copy-from-empty-stage", Severity.WARNING, same_as=("tally/copy-from-empty-scratch-stage",))
def check(file: Dockerfile) -> Iterator[Violation]:
    """Files are copied from a stage that has none.

    The stage is built on scratch and nothing puts a file there: the build fails with "not found", unless the stage is
    replaced by `--build-context`.

    Bad:

        FROM scratch AS assets
        FROM debian:12
        COPY --from=assets /logo.png /app/

    Good:

        FROM scratch AS assets
        COPY logo.png /
        FROM debian:12
        COPY --from=assets /logo.png /app/
    """
    if "scratch" not in file.text:
        return
    scratch = on_scratch(file)
    filled = inherited(file, lambda stage: any(one.name in _FILLING for one in stage.instructions))
    for one in file.every("COPY"):
        source = by_name_or_number(file, one.flag("from") or "") if one.flags else None
        if source is None or one.stage is None or source.index >= one.stage or not scratch[source.index]:
            continue
        if filled[source.index]:
            continue
        if one.args[:-1] and not all(set(word) & set("*?[") or word in {"/", "."} for word in one.args[:-1]):
            yield Violation(
                place=file.place(one, one.flag("from")),
                message=f"the stage `{one.flag('from')}` is empty: it is built on scratch and nothing is put there",
                hint="copy the files into that stage first",
            )
