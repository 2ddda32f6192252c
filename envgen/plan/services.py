"""Services: compose's keys of each, with what hardening decides for the keys that are not written."""

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass

from envgen import codes
from envgen.interpolation import Interpolated, Interpolation
from envgen.plan.draft import Draft
from envgen.plan.environment import Environment, plan_environment
from envgen.plan.health import compose_healthcheck, has_healthcheck
from envgen.plan.images import PlannedImages, build_of, exec_form
from envgen.plan.memory import size_in_bytes
from envgen.plan.model import Hardening, Image, Service, Value
from envgen.plan.ports import Ports, plan_ports
from envgen.plan.texts import Texts
from envgen.plan.users import is_root
from envgen.source import Data, Problem
from envgen.spec.model import ENVGEN_ONLY_SERVICE_KEYS, User

PIDS_LIMIT = 256
MEMORY_LIMIT = "512m"
_TMPFS = ("/tmp",)  # noqa: S108 - a mount point in the container

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


def plan_service(draft: Draft, planned: PlannedImages, texts: Texts) -> PlannedService:
    """One compose service in full."""
    image = planned.by_service.get(draft.name)
    environment = plan_environment(draft, texts)
    ports = plan_ports(draft, texts)
    keys: dict[str, Value] = {}
    for key, raw in draft.raw.items():
        if key not in ENVGEN_ONLY_SERVICE_KEYS:
            keys[key] = texts.value(raw, (*draft.route, key), draft) if key not in _PLANNED else None
    settled: dict[str, Value] = {
        "build": _build(draft, image, texts),
        "command": _command(draft, image, texts),
        "user": _user(draft, image, texts),
        "environment": dict(environment.values) if environment else None,
        "secrets": _secrets(draft, environment, texts),
        "ports": list(ports.values) or None,
        "depends_on": _depends_on(draft, texts),
        "healthcheck": _healthcheck(draft, image, planned, texts),
    }
    for key, value in settled.items():
        if value is not None or draft.raw.get(key, "") is None:
            keys[key] = value
        else:
            keys.pop(key, None)
    if image is not None:
        _share_image(keys, image, planned)
    if draft.managed:
        _harden(draft, keys)
    for key, raw in draft.model.compose.items():
        keys[key] = texts.value(raw, (*draft.route, "compose", key), draft)
    service = Service(
        name=draft.name,
        group=draft.group,
        variant=draft.variant,
        hardening=draft.hardening,
        image=image.name if image else None,
        compose=_ordered(keys) if draft.managed else keys,
        route=draft.route,
    )
    return PlannedService(service, environment or Environment(), ports)


_PLANNED = frozenset({"build", "command", "user", "environment", "secrets", "ports", "depends_on", "healthcheck"})


def _ordered(keys: Mapping[str, Value]) -> dict[str, Value]:
    known = {key: keys[key] for key in _ORDER if key in keys}
    return {**known, **{key: value for key, value in keys.items() if key not in known}}


def _build(draft: Draft, image: Image | None, texts: Texts) -> Value:
    if image is None:
        return texts.value(draft.raw.get("build"), (*draft.route, "build"), draft)
    build = build_of(draft)
    above = image.context.split("/")[0] in (".", "..")
    value: dict[str, Value] = {
        "context": image.context if above else f"./{image.context}",
        "dockerfile": posixpath.relpath(image.dockerfile, image.context),
    }
    for key, raw in build.compose_keys.items():
        value[key] = texts.value(raw, (*draft.route, "build", key), draft)
    if build.secrets:
        value["secrets"] = texts.value(list(build.secrets), (*draft.route, "build", "secrets"), draft)
    return value


def _share_image(keys: dict[str, Value], image: Image, planned: PlannedImages) -> None:
    """Services of one image name it, so that it is built once; without a name compose would build one for each."""
    if image.name in planned.shared and "image" not in keys:
        project = Interpolation("${COMPOSE_PROJECT_NAME}", "COMPOSE_PROJECT_NAME")
        keys["image"] = Interpolated((project, f"-{image.name}"))


def _command(draft: Draft, image: Image | None, texts: Texts) -> Value:
    raw = draft.raw.get("command")
    if image is not None and "entrypoint" not in draft.raw and exec_form(raw) == image.command:
        return None  # the image has it
    return texts.value(raw, (*draft.route, "command"), draft)


def _user(draft: Draft, image: Image | None, texts: Texts) -> Value:
    user = draft.model.user
    if draft.managed and is_root(user if not isinstance(user, User) else None):
        message = f"`{draft.group}` would run as root"
        hint = f"name another user, or write `hardening: {Hardening.NONE}`"
        texts.problems.append(Problem(code=codes.CONFLICT, route=(*draft.route, "user"), message=message, hint=hint))
    if isinstance(user, User):
        return None if image else f"{user.uid}:{user.uid if user.gid is None else user.gid}"
    if user is None or (image is not None and "$" not in user):
        return None  # the image has it
    return texts.text(user, (*draft.route, "user"), draft)


def _secrets(draft: Draft, environment: Environment | None, texts: Texts) -> Value:
    raw = draft.raw.get("secrets")
    value = texts.value(raw, (*draft.route, "secrets"), draft)
    listed = value if isinstance(value, list) else []
    names = {item.get("source") if isinstance(item, dict) else item for item in listed}
    added: list[Value] = [name for name in (environment.secrets if environment else ()) if name not in names]
    return [*listed, *dict.fromkeys(str(name) for name in added)] or value


def _depends_on(draft: Draft, texts: Texts) -> Value:
    """Compose's depends_on with groups spelled out; managed services wait for the health of what has a check."""
    raw = draft.raw.get("depends_on")
    if not isinstance(raw, list | dict):
        return None
    entries: dict[str, Data] = raw if isinstance(raw, dict) else dict.fromkeys(str(name) for name in raw)
    expanded = {target.name: entry for name, entry in entries.items() for target in _targets(name, texts)}
    missing = {name: entry for name, entry in entries.items() if not _targets(name, texts)}
    if isinstance(raw, list) and not draft.managed:
        return [*expanded, *missing]
    value: dict[str, Value] = {}
    for name, entry in (expanded | missing).items():
        target = texts.services.get(name)
        settings = texts.value(entry, (*draft.route, "depends_on", name), draft)
        healthy = draft.managed and target is not None and has_healthcheck(target)
        default: dict[str, Value] = {"condition": "service_healthy" if healthy else "service_started"}
        value[name] = {**(default if draft.managed or not isinstance(settings, dict) else {}),
                       **(settings if isinstance(settings, dict) else {})}  # fmt: skip
    return value


def _targets(name: str, texts: Texts) -> tuple[Draft, ...]:
    if name in texts.services:
        return (texts.services[name],)
    return texts.groups.get(name, ())


def _healthcheck(draft: Draft, image: Image | None, planned: PlannedImages, texts: Texts) -> Value:
    health = planned.health.get(draft.name)
    if health is not None and image is not None and image.health == health and "start_interval" not in _keys(draft):
        return None  # the image has it
    if draft.model.healthcheck is None:
        return None
    return compose_healthcheck(draft, texts, health)


def _keys(draft: Draft) -> Mapping[str, Data]:
    return draft.model.healthcheck.compose_keys if draft.model.healthcheck else {}


def _harden(draft: Draft, keys: dict[str, Value]) -> None:
    """What is not written of a managed service (measured: shared facts on capabilities, tmpfs and limits)."""
    # a preset says which folders must stay writable; of other images nobody knows, so `standard` leaves them be
    knows_tmpfs = draft.preset is not None or draft.runtime is not None
    read_only = draft.hardening is Hardening.STRICT or (knows_tmpfs and draft.preset is not None)
    keys.setdefault("init", True)
    if read_only:
        keys.setdefault("read_only", True)
        if keys["read_only"] is True:
            keys.setdefault("tmpfs", list(draft.runtime.language.tmpfs if draft.runtime else _TMPFS))
    keys.setdefault("cap_drop", ["ALL"])
    keys.setdefault("security_opt", ["no-new-privileges:true"])
    limits = _deploy_limits(draft)
    if "memory" not in limits:
        keys.setdefault("mem_limit", draft.runtime.language.memory_limit if draft.runtime else MEMORY_LIMIT)
    if "pids" not in limits:
        keys.setdefault("pids_limit", PIDS_LIMIT)
    size = size_in_bytes(limits.get("memory") or keys.get("mem_limit"))
    if draft.runtime is not None and size is not None:
        name, flag = draft.runtime.language.memory_flag(size)
        environment = keys.get("environment")
        values = environment if isinstance(environment, dict) else {}
        keys["environment"] = {**values, name: values.get(name, flag)}


def _deploy_limits(draft: Draft) -> Mapping[str, Data]:
    node: Data = draft.raw.get("deploy")
    for key in ("resources", "limits"):
        node = node.get(key) if isinstance(node, dict) else None
    return node if isinstance(node, dict) else {}
