from collections.abc import Iterator

from envgen import suggest
from envgen.finding import Severity
from envgen.lint.composefile import Compose
from envgen.lint.composefile.short_forms import text_of
from envgen.lint.rule import Violation, compose_rule
from envgen.signals import SIGNALS, is_signal


@compose_rule("EG287", "invalid-stop-signal", Severity.WARNING, keys=("stop_signal",))
def check(compose: Compose) -> Iterator[Violation]:
    """The stop signal of a service is none that there is.

    Compose takes any text, and the engine refuses the container with "invalid signal". Linux has the signals 1 to 64;
    a name may begin with `SIG`.

    Bad:

        services:
          web:
            image: nginx:1.30
            stop_signal: SIGQUITE

    Good:

        services:
          web:
            image: nginx:1.30
            stop_signal: SIGQUIT
    """
    for service in compose.services.values():
        given = text_of(service.data.get("stop_signal"))
        if given and "$" not in given and not is_signal(given):
            yield Violation(
                place=service.place("stop_signal"),
                message=f"there is no signal `{given}`",
                hint=suggest.hint(given.upper(), [f"SIG{known}" for known in SIGNALS]),
            )
