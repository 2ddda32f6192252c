"""Health checks: `http:` as a command that the image can run, compose's own as written."""

from envgen import codes
from envgen.plan.draft import Draft
from envgen.plan.model import Health, Value
from envgen.plan.texts import Texts, port_of
from envgen.source import Problem, Route

_TIMINGS = {"interval": "10s", "timeout": "3s", "start_period": "10s"}
_RETRIES = 3
_COMPOSE_ONLY = {"start_interval"}  # a Dockerfile knows it only since Docker 25


def plan_http(draft: Draft, texts: Texts) -> Health | None:
    """The health check that `http:` asks for; None without `http:`, or where it can't be had (then a problem)."""
    written = draft.model.healthcheck
    if written is None or written.http is None:
        return None
    route: Route = (*draft.route, "healthcheck")

    def refuse(key: str, message: str, hint: str) -> None:
        texts.problems.append(Problem(code=codes.CONFLICT, route=(*route, key), message=message, hint=hint))

    for key in ("test", "disable"):
        if key in written.compose_keys:
            refuse(key, f"`http` and `{key}` contradict each other", "take one of the two")
            return None
    if draft.runtime is None:
        hint = "write compose's `test:` with a program that the image has"
        refuse("http", "`http` needs an interpreter that is known to be in the image, which only `uses` tells", hint)
        return None
    port = written.port or port_of(draft)
    if port is None:
        refuse("http", "there is no port to ask on", "write `port:` beside `http:`, or add the service's `ports`")
        return None
    keys = written.compose_keys
    timing = {name: str(keys.get(name, default)) for name, default in _TIMINGS.items()}
    for name, value in timing.items():
        if "$" in value:
            refuse(name, "a time in the image's health check has to be a literal", "write it as 10s")
    retries = keys.get("retries", _RETRIES)
    return Health(
        command=draft.runtime.language.http_probe(port, written.http),
        interval=timing["interval"],
        timeout=timing["timeout"],
        start_period=timing["start_period"],
        retries=retries if isinstance(retries, int) else _RETRIES,
    )


def compose_healthcheck(draft: Draft, texts: Texts, health: Health | None) -> Value:
    """Compose's healthcheck of a service; `health` is what `http:` became."""
    raw = draft.raw.get("healthcheck")
    if health is None:
        return texts.value(raw, (*draft.route, "healthcheck"), draft)
    value: dict[str, Value] = {
        "test": ["CMD", *health.command],
        "interval": health.interval,
        "timeout": health.timeout,
        "retries": health.retries,
        "start_period": health.start_period,
    }
    keys = raw if isinstance(raw, dict) else {}
    return {
        **value,
        **{key: texts.value(keys[key], (*draft.route, "healthcheck", key)) for key in _COMPOSE_ONLY & keys.keys()},
    }


def has_healthcheck(draft: Draft) -> bool:
    """Whether a service's health is known to compose."""
    written = draft.model.healthcheck
    if written is None:
        return False
    keys = written.compose_keys
    return written.http is not None or ("test" in keys and not keys.get("disable") and keys["test"] != ["NONE"])
