"""Examples for variables without a default: values that compose takes where the variable stands."""

from collections.abc import Iterator

from envgen.interpolation import Interpolated, Interpolation
from envgen.source import Route

_KEYS_BY_EXAMPLE = {
    "1": (
        "count", "cpu_count", "cpu_percent", "cpu_period", "cpu_quota", "cpu_rt_period", "cpu_rt_runtime",
        "cpu_shares", "cpus", "hard", "max_attempts", "max_replicas_per_node", "mem_swappiness", "oom_score_adj",
        "parallelism", "pids", "pids_limit", "replicas", "retries", "scale", "soft", "ulimits", "weight",
    ),
    "/data": ("tmpfs",),
    "127.0.0.1": ("dns", "extra_hosts", "host_ip"),
    "10s": ("delay", "interval", "monitor", "start_interval", "start_period", "stop_grace_period", "timeout", "window"),
    "172.30.0.0/24": ("subnet",),
    "512m": ("mem_limit", "mem_reservation", "memory", "memswap_limit", "shm_size", "size"),
    "8080": ("expose", "port", "published", "target"),
    "false": (
        "attachable", "disable", "enable_ipv4", "enable_ipv6", "external", "init", "internal", "nocopy",
        "oom_kill_disable", "privileged", "read_only", "required", "stdin_open", "tty",
    ),
    "bridge": ("network_mode",),
    "change-me": ("container_name", "image"),
    "host": ("cgroup",),
    "linux/amd64": ("platform",),
    "missing": ("pull_policy",),
    "unless-stopped": ("restart",),
    "1000": ("user",),
}  # fmt: skip
_BY_KEY = {key: example for example, keys in _KEYS_BY_EXAMPLE.items() for key in keys}


def example_of(text: Interpolated, part: Interpolation, route: Route) -> Iterator[str]:
    """The example for a part of a text at a route; nothing where any text will do, or none."""
    keys = [key for key in route if isinstance(key, str)]
    key = keys[-1] if keys else ""
    if key == "ports":
        yield "127.0.0.1" if _after(text, part).count(":") > 1 else "8080"
    elif key == "volumes" and text.parts[0] == part:
        yield "./data"
    elif key in _BY_KEY:
        # a path may end in any of these keys, but as a target it is one of a file system
        yield _BY_KEY[key] if key != "target" or "ports" in keys else "/data"
    elif "ulimits" in keys:
        yield _BY_KEY["ulimits"]


def _after(text: Interpolated, part: Interpolation) -> str:
    """The text behind a part, its other parts as a letter each."""
    spelled = ["X" if isinstance(other, Interpolation) else other for other in text.parts]
    position = text.parts.index(part) if part in text.parts else 0
    return "".join(spelled[position + 1 :])
