"""Health checks: `http:` as a command that the image can run, compose's own as written."""

from collections.abc import Callable

from envgen import codes
from envgen.plan.draft import Draft
from envgen.plan.model import Health, Value
from envgen.plan.texts import Texts, port_of
from envgen.source import Problem, Route
from envgen.spec.model import ENVGEN_ONLY_HEALTHCHECK_KEYS, Healthcheck

_TIMINGS = {"interval": "10s", "timeout": "3s", "start_period": "10s"}
_RETRIES = 3


def plan_http(draft: Draft, texts: Texts, probe: Callable[[int, str], tuple[str, ...]] | None) -> Health | None:
    """The health check that `http:` asks for; None without `http:`, or where it can't be had (then a problem).

    `probe` makes the command that asks for a path on a port; None where the image has no program that could.
    """
    written = draft.model.healthcheck
    if written is None or written.http is None or _is_disabled(written):
        return None
    route: Route = (*draft.route, "healthcheck")

    def refuse(key: str, message: str, hint: str) -> None:
        texts.problems.append(Problem(code=codes.CONFLICT, route=(*route, key), message=message, hint=hint))

    if "test" in written.compose_keys:
        refuse("test", "`http` and `test` contradict each other", "take one of the two")
        return None
    if probe is None:
        hint = "write compose's `test:` with a program that the image has"
        message = "`http` needs an interpreter that is known to be in the image, which only `uses` tells"
        if draft.runtime is not None:
            message = "`http` needs a program in the image that can ask, and this one has none"
            hint += ", such as your own: [CMD, /app/NAME, health]"
        refuse("http", message, hint)
        return None
    port = written.port or port_of(draft)
    if port is None:
        refuse("http", "there is no port to ask on", "write `port:` beside `http:`, or add the service's `ports`")
        return None
    keys = written.compose_keys
    timing = {name: str(default if name in _filled_in(draft) else keys.get(name, default))
              for name, default in _TIMINGS.items()}  # fmt: skip
    retries = str(keys.get("retries", _RETRIES))
    return Health(
        command=probe(port, written.http),
        interval=timing["interval"],
        timeout=timing["timeout"],
        start_period=timing["start_period"],
        retries=int(retries) if retries.isdecimal() else _RETRIES,
    )


def fits_image(draft: Draft) -> bool:
    """Whether a Dockerfile can say it, too: nothing of the health check is left for compose to fill in."""
    return not _filled_in(draft)


def says_more(draft: Draft) -> bool:
    """Whether compose can say more of a health check than a Dockerfile does."""
    written = draft.model.healthcheck
    return written is not None and bool(written.compose_keys.keys() - {*_TIMINGS, "retries"})


def _filled_in(draft: Draft) -> frozenset[str]:
    written = draft.model.healthcheck
    keys = written.compose_keys if written else {}
    return frozenset(name for name in (*_TIMINGS, "retries") if "$" in str(keys.get(name, "")))


def compose_healthcheck(draft: Draft, texts: Texts, health: Health | None) -> Value:
    """Compose's healthcheck of a service; `health` is what `http:` became."""
    raw = draft.raw.get("healthcheck")
    if not isinstance(raw, dict):
        return None
    keys = {key: value for key, value in raw.items() if key not in ENVGEN_ONLY_HEALTHCHECK_KEYS}
    value = texts.value(keys, (*draft.route, "healthcheck"), draft)
    if health is None or not isinstance(value, dict):
        return value
    return {
        "test": ["CMD", *health.command],
        "interval": health.interval,
        "timeout": health.timeout,
        "retries": health.retries,
        "start_period": health.start_period,
        **value,
    }


def has_healthcheck(draft: Draft) -> bool:
    """Whether a service's health is known to compose."""
    written = draft.model.healthcheck
    if written is None or _is_disabled(written):
        return False
    test = written.compose_keys.get("test")
    return written.http is not None or (bool(test) and test != ["NONE"])


def _is_disabled(written: Healthcheck) -> bool:
    return str(written.compose_keys.get("disable")).lower() == "true"
