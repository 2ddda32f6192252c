import re
from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.composefile import Compose, Service
from envgen.lint.composefile.short_forms import listed, text_of
from envgen.lint.rule import Violation, compose_rule
from envgen.lint.rules.compose._host_paths import clean
from envgen.lint.rules.compose._services import capabilities, is_true, texts
from envgen.source import Data

_DISK = re.compile(
    r"/dev(?:/(?:sd[a-z]|nvme|vd[a-z]|xvd[a-z]|hd[a-z]|mmcblk|md\d|md/|disk/|block/|loop|dm-|mapper/|rbd|zd\d|zvol/"
    r"|nbd\d|mtdblock|zfs$)|$)"
)
_KERNEL = frozenset({"/dev/kmsg", "/dev/char/1:11", "/dev/char/10:237"})  # /dev/mem opens with SYS_RAWIO only
_RULE = re.compile(r"([abc]) ([0-9]{1,5}|\*):([0-9]{1,5}|\*) ([rwm]{1,3})")
_CHARACTER_DEVICES = (("1", "11"), ("10", "237"))  # /dev/kmsg and /dev/loop-control
_FULL_FORM = 3  # host:container:permissions


@compose_rule(
    "EG235",
    "dangerous-device",
    Severity.WARNING,
    same_as=("compose-lint/CL-0016",),
    keys=("device_cgroup_rules", "devices", "volumes", "privileged"),
)
def check(compose: Compose) -> Iterator[Violation]:
    """A container gets a disk or the kernel log of the host.

    With the raw device it reads and writes every file of the host past all permissions. A control group rule that
    allows block devices does the same, for a container may make the device's node itself.

    Bad:

        services:
          backup:
            image: backup:1
            devices: ["/dev/sda:/dev/sda"]

    Good:

        services:
          backup:
            image: backup:1
            volumes: ["/srv/data:/data:ro"]
    """
    for service in compose.services.values():
        if "devices" in service.data:
            for index, item in enumerate(listed(service.data.get("devices"))):
                path = _opened(item)
                if path is not None and (path in _KERNEL or _DISK.match(path)):
                    yield Violation(
                        place=service.place("devices", index),
                        message=f"the service `{service.name}` gets the host's device `{path}`",
                        hint="mount the files that it needs in place of the device",
                    )
        if "device_cgroup_rules" in service.data:
            yield from _by_control_group(service)


def _opened(item: Data) -> str | None:
    """The host's device that an entry opens for reading or writing."""
    if isinstance(item, dict):
        path, permissions = text_of(item.get("source")), text_of(item.get("permissions"))
    elif isinstance(item, str):
        parts = item.split(":")
        path, permissions = parts[0], parts[2] if len(parts) == _FULL_FORM else None
    else:
        return None
    if not path or (permissions and permissions.strip() and not set(permissions) & {"r", "w", "W"}):
        return None
    return clean(path)


def _by_control_group(service: Service) -> Iterator[Violation]:
    for index, text in texts(service.data.get("device_cgroup_rules")):
        rule = _RULE.fullmatch(" ".join(text.split()))
        if rule and set(rule[4]) & {"r", "w"} and _is_dangerous(rule[1], rule[2], rule[3]) and _has_node(service):
            yield Violation(
                place=service.place("device_cgroup_rules", index),
                message=f"the service `{service.name}` may open the host's devices `{text.strip()}`",
                hint="name the one device that it needs, or drop the capability MKNOD",
            )


def _is_dangerous(kind: str, major: str, minor: str) -> bool:
    if kind != "c":
        return True
    return any(major in ("*", one) and minor in ("*", two) for one, two in _CHARACTER_DEVICES)


def _has_node(service: Service) -> bool:
    """Whether the container can get at a device's node: by making it, or from a mounted /dev."""
    added = {name for _, name in capabilities(service, "cap_add")}
    dropped = {name for _, name in capabilities(service, "cap_drop")}
    if is_true(service.data.get("privileged")) or added & {"MKNOD", "ALL"} or not dropped & {"MKNOD", "ALL"}:
        return True
    return any(clean(mount.source) == "/dev" or clean(mount.source).startswith("/dev/") for mount in service.mounts)
