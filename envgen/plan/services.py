"""Services: compose's keys of each, complete."""

import posixpath
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from envgen import codes
from envgen.interpolation import Interpolated, Interpolation, InterpolationError, parse
from envgen.plan.draft import Draft
from envgen.plan.environment import Environment, made_by_preset, plan_environment
from envgen.plan.health import compose_healthcheck, says_more
from envgen.plan.image import exec_form
from envgen.plan.images import Built, StackImages
from envgen.plan.memory import size_in_bytes
from envgen.plan.model import Hardening, Service, Value
from envgen.plan.peers import depends_on, named_services
from envgen.plan.ports import Ports, plan_ports
from envgen.plan.texts import Texts
from envgen.plan.users import HOST, is_root
from envgen.source import Data, Problem
from envgen.spec.model import ENVGEN_ONLY_BUILD_SECRET_KEYS, ENVGEN_ONLY_SERVICE_KEYS
from envgen.spec.runtime import User

_HOST_USER = Interpolated(
    (Interpolation("${UID:-1000}", "UID", ":-", "1000"), ":", Interpolation("${GID:-1000}", "GID", ":-", "1000"))
)
# the order in which a person would look for things; keys that are not here come last, as written
_ORDER = (
    "image", "build", "container_name", "profiles", "entrypoint", "command", "user", "init", "read_only", "tmpfs",
    "cap_drop", "cap_add", "security_opt", "environment", "env_file", "secrets", "configs", "ports", "expose",
    "volumes", "networks", "depends_on", "healthcheck", "restart", "mem_limit", "pids_limit",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class PlannedService:
    """A service, and what of it other parts of the plan need."""

    service: Service
    environment: Environment
    ports: Ports


def plan_service(draft: Draft, planned: StackImages, texts: Texts, taken: Collection[str]) -> PlannedService:
    """One compose service in full; `taken` holds the names of variables that its ports can't have."""
    built = planned.built.get(draft.name)
    environment = plan_environment(draft, texts)
    ports = plan_ports(draft, texts, taken)
    settled: dict[str, Value] = {
        "build": _build(draft, built, texts),
        "command": _command(draft, built, texts),
        "user": _user(draft, built, texts),
        "environment": _environment(draft, environment, texts),
        "secrets": _secrets(draft, environment, texts),
        "ports": list(ports.values) or None,
        "depends_on": depends_on(draft, texts),
        "healthcheck": _healthcheck(draft, built, planned, texts),
        **named_services(draft, texts),
    }
    keys: dict[str, Value] = {}
    for key, raw in draft.raw.items():
        if key in ENVGEN_ONLY_SERVICE_KEYS:
            continue
        if key not in settled:
            keys[key] = texts.value(raw, (*draft.route, key), draft)
        elif settled[key] is not None or raw is None:
            keys[key] = settled[key]
    keys |= {key: value for key, value in settled.items() if value is not None}
    if built is not None and "image" not in keys and (built.reference or built.chosen):
        keys["image"] = _reference(built, draft, texts)
    for key, raw in draft.model.compose.items():
        keys[key] = texts.value(raw, (*draft.route, "compose", key), draft)
    service = Service(
        name=draft.name,
        group=draft.group,
        variant=draft.variant,
        hardening=draft.hardening,
        image=built.image.name if built else None,
        compose=_ordered(keys) if draft.managed else keys,
        route=draft.route,
    )
    return PlannedService(service, environment or Environment(made_by_default=made_by_preset(draft)), ports)


def _ordered(keys: Mapping[str, Value]) -> dict[str, Value]:
    known = {key: keys[key] for key in _ORDER if key in keys}
    return {**known, **{key: value for key, value in keys.items() if key not in known}}


def _build(draft: Draft, built: Built | None, texts: Texts) -> Value:
    if built is None:
        return texts.value(draft.raw.get("build"), (*draft.route, "build"), draft)
    build, image = draft.build, built.image
    value: dict[str, Value] = {
        "context": image.context if image.context == "." else f"./{image.context}",
        "dockerfile": posixpath.relpath(f"/{image.dockerfile}", f"/{image.context}"),
    }
    if not built.shipped:
        value["target"] = built.stage
    for key, raw in build.compose_keys.items():
        value[key] = texts.value(raw, (*draft.route, "build", key), draft)
    if build.secrets:
        secrets: Data = [_plain_secret(secret) for secret in build.secrets]
        value["secrets"] = texts.value(secrets, (*draft.route, "build", "secrets"), draft)
    return value


def _plain_secret(secret: Data) -> Data:
    """A secret of a build as compose knows it."""
    if not isinstance(secret, dict):
        return secret
    return {key: value for key, value in secret.items() if key not in ENVGEN_ONLY_BUILD_SECRET_KEYS}


def _reference(built: Built, draft: Draft, texts: Texts) -> Value:
    """The name of an image of several services, so that it is built once; compose's own would be one for each."""
    if built.reference is not None:
        return texts.text(built.reference, (*draft.route, "image"), draft)
    name = re.sub(r"[^a-z0-9]+", "-", (built.chosen or "").lower()).strip("-") or "image"
    return Interpolated((Interpolation("${COMPOSE_PROJECT_NAME}", "COMPOSE_PROJECT_NAME"), f"-{name}"))


def _environment(draft: Draft, environment: Environment | None, texts: Texts) -> Value:
    """Compose's environment, with a bound for the heap where the memory is limited and nobody has set one."""
    raw = draft.raw.get("environment")
    if isinstance(raw, list) and not draft.managed:
        return texts.value(raw, (*draft.route, "environment"), draft)
    values = dict(environment.values) if environment else {}
    size = size_in_bytes(_memory_limit(draft)) if draft.managed else None
    # what is set here would win over the files, which are not read
    heap = draft.runtime.language.memory_flag if draft.runtime else None
    if heap is not None and size and draft.raw.get("env_file") is None:
        name, flag = heap(size)
        if name not in draft.build.env:
            values.setdefault(name, flag)
    return values if values or environment else None


def _memory_limit(draft: Draft) -> Data:
    """The limit as written; of one that compose fills in, its default."""
    node: Data = draft.raw.get("deploy")
    for key in ("resources", "limits", "memory"):
        node = node.get(key) if isinstance(node, dict) else None
    limit = node or draft.raw.get("mem_limit")
    try:
        text = parse(limit) if isinstance(limit, str) else limit
    except InterpolationError:
        return None  # reported with all other texts
    return text.default if isinstance(text, Interpolated) else text


def _command(draft: Draft, built: Built | None, texts: Texts) -> Value:
    raw = draft.raw.get("command")
    words = exec_form(raw)
    own = built.image.command if built and built.shipped else None
    if built is not None and "entrypoint" not in draft.raw and words is not None and words == own:
        return None  # the image has it
    if built is not None and raw is None and built.shipped and own is None and built.recipe.command:
        return list(built.recipe.command)  # others of the image run something else
    return texts.value(raw, (*draft.route, "command"), draft)


def _user(draft: Draft, built: Built | None, texts: Texts) -> Value:
    user = draft.model.user
    if draft.managed and is_root(user):
        message = f"`{draft.group}` would run as root"
        hint = f"name another user, or write `hardening: {Hardening.NONE}`"
        texts.problems.append(Problem(code=codes.CONFLICT, route=(*draft.route, "user"), message=message, hint=hint))
    if user == HOST and draft.managed:
        return _HOST_USER
    if built is not None and (built.user.uid, built.user.gid) != (built.image.user.uid, built.image.user.gid):
        return f"{built.user.uid}:{built.user.gid}"
    if isinstance(user, User):
        return None if built else f"{user.uid}:{user.uid if user.gid is None else user.gid}"
    if user is None or (built is not None and "$" not in user):
        return None  # the image has it
    return texts.text(user, (*draft.route, "user"), draft)


def _secrets(draft: Draft, environment: Environment | None, texts: Texts) -> Value:
    raw = draft.raw.get("secrets")
    value = texts.value(raw, (*draft.route, "secrets"), draft)
    listed = value if isinstance(value, list) else []
    names = {item.get("source") if isinstance(item, dict) else item for item in listed}
    added: list[Value] = [name for name in (environment.secrets if environment else ()) if name not in names]
    return [*listed, *dict.fromkeys(str(name) for name in added)] or value


def _healthcheck(draft: Draft, built: Built | None, planned: StackImages, texts: Texts) -> Value:
    health = planned.health.get(draft.name)
    if health is not None and built and built.shipped and built.image.health == health and not says_more(draft):
        return None  # the image has it
    if draft.model.healthcheck is None:
        return None
    return compose_healthcheck(draft, texts, health)
