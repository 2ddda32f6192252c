from collections.abc import Iterator
from datetime import date

from envgen.finding import Severity
from envgen.lint.rule import SpecSubject, Violation, spec_rule
from envgen.runtimes import find
from envgen.source import Route
from envgen.spec.model import Spec
from envgen.spec.names import inline_runtime
from envgen.spec.runtime import Eol, Runtime


@spec_rule("EG050", "eol-runtime", Severity.WARNING)
def check(subject: SpecSubject) -> Iterator[Violation]:
    """A runtime past its end of life gets no security fixes any more.

    What is found in it after that day stays open in your containers, and its base image is no longer rebuilt. Move to
    a supported version; where that takes time, allow the old one with a reason and a date, and be reminded after it.

    Bad:

        runtimes:
          node14: {language: node, version: "14"}

    Good:

        runtimes:
          node22: {language: node, version: "22"}
          node14:
            language: node
            version: "14"
            eol: {allow: true, reason: "the billing service moves in spring", until: 2099-12-31}
    """
    for route, language, version, eol in _runtimes(subject.spec):
        known = find(language)
        ended = known.end_of_life(version) if known and version else None
        if ended is None or subject.today <= ended or _allowed(eol, subject.today):
            continue
        message = f"{language} {version} has been past its end of life since {ended}"
        if eol and eol.allow:
            message += f", and the permission to use it ended on {eol.until}"
        yield Violation(
            place=subject.place(route),
            message=message,
            hint='use a supported version, or allow it with `eol: {allow: true, reason: "...", until: DATE}`',
        )


def _allowed(eol: Eol | None, today: date) -> bool:
    return eol is not None and eol.allow and (eol.until is None or today <= eol.until)


def _runtimes(spec: Spec) -> Iterator[tuple[Route, str, str | None, Eol | None]]:
    """Every runtime with the route to its version: the named ones and those that a service's `uses` writes inline."""
    for name, runtime in spec.runtimes.items():
        yield ("runtimes", name, "version"), runtime.language, runtime.version, runtime.eol
    for name, service in spec.services.items():
        route: Route = ("services", name, "uses")
        match service.uses:
            case tuple() as several:
                used = [((*route, index), one) for index, one in enumerate(several)]
            case None:
                used = []
            case single:
                used = [(route, single)]
        for place, one in used:
            if isinstance(one, Runtime):
                yield (*place, "version"), one.language, one.version, one.eol
            elif inline := inline_runtime(one):
                yield place, *inline, None
