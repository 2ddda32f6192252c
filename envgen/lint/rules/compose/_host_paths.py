"""The host's files that a service gets to see, and what each of them gives away.

Which paths are worth what: CIS Docker Benchmark 5.5 and 5.32, the file hierarchy standard, and what compose-lint 0.36
measured (rules CL-0001, CL-0013, CL-0025: a writable /etc is root on the host, a read-only one discloses).
"""

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from envgen.lint.composefile import Compose, Mount, Service
from envgen.lint.composefile.short_forms import listed, mapped, text_of
from envgen.lint.place import Place
from envgen.lint.rules.compose._services import is_true
from envgen.source import Data, Route


class Exposure(Enum):
    """What a mounted path of the host gives away, the worst first."""

    SOCKET = "the control socket of a container engine or of systemd"
    HOST_ROOT = "write access to what the host runs as root"
    SYSTEM_FOLDER = "write access to what an application keeps between the host's own files"
    CREDENTIALS = "somebody's credentials"
    DISCLOSURE = "what the host keeps to itself"


@dataclass(frozen=True, slots=True)
class HostPath:
    """A path of the host (absolute, or from `~` on) that a service mounts."""

    path: str
    exposure: Exposure
    read_only: bool
    service: Service
    route: Route

    @property
    def place(self) -> Place:
        """Where the mount stands."""
        return self.service.place(*self.route)


_SOCKETS = ("docker.sock", "containerd.sock", "crio.sock", "podman.sock", "systemd/private")
_SOCKET_FOLDERS = ("/run/containerd", "/run/systemd", "/run/podman", "/run/crio", "/var/run", "/run")
_PROGRAMS = ("/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin", "/bin", "/sbin")
_MODULES = ("/lib/modules", "/usr/lib/modules")
_STATE = ("/etc", "/root", "/boot", "/proc", "/var/lib/docker", "/var/lib/containerd")
_SYSTEM = (*_STATE, *_PROGRAMS, *_MODULES)  # these and what lies below them
_OF_AN_APPLICATION = ("/etc/", "/root/", "/var/lib/docker/volumes/")  # below them only some things are the host's own
_OWN = re.compile(
    r"/etc/(?:cron|passwd|shadow|gshadow|group|sudoers|ssh(?:/|$)|ld\.so|profile|bash|environment|rc|init|pam|security"
    r"|systemd|udev|modprobe|modules|kernel|docker(?:/|$)|containerd|kubernetes|default|network|apt|yum|dnf"
    r"|fstab|crypttab|logrotate|update|selinux|apparmor|sysctl|sysconfig|xdg|polkit|dbus|grub|zsh|skel)"
    r"|/root/\."
)
_EXACTLY = frozenset({"/var/lib", "/usr", "/usr/lib", "/lib", "/lib64"})  # these only, not every folder below
_HARMLESS_TO_READ = (*_PROGRAMS, *_MODULES, *(_EXACTLY - {"/var/lib"}))
_TIME_ZONE = frozenset({"/etc/localtime", "/etc/timezone"})
_INERT = frozenset({"/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"})
_CREDENTIALS = frozenset({".ssh", ".docker", ".aws", ".kube", ".gnupg", ".netrc", ".git-credentials", ".npmrc"})
_ACCOUNTS = frozenset({"/etc/shadow", "/etc/gshadow", "/etc/sudoers", "/etc/sudoers.d", "/etc/ssh"})
_HOME_DEPTH = 3  # "", "home", the user


def host_paths(service: Service, exposure: Exposure) -> Iterator[HostPath]:
    """The paths of the host that a service mounts and that give away this and nothing worse.

    Read are `volumes`, the named volumes that are a bind mount, and the files behind `secrets` and `configs`, which
    compose binds read-only.
    """
    data = service.data
    if "volumes" not in data and "secrets" not in data and "configs" not in data:
        return
    for path, read_only, route in _mounted(service):
        if _exposure(path, read_only=read_only) is exposure:
            yield HostPath(path, exposure, read_only, service, route)


def _mounted(service: Service) -> Iterator[tuple[str, bool, Route]]:
    for mount in service.mounts:
        source = mount.source
        read_only = mount.read_only or _is_read_only(service, mount)
        if source.startswith(("/", "~")):
            yield clean(source), read_only, mount.route
        elif _names_a_socket(mount):
            yield source or mount.target, read_only, mount.route
        elif source and (found := _bound(service.compose, source)):
            yield clean(found[0]), read_only or found[1], mount.route
    for key in ("secrets", "configs"):
        for index, item in enumerate(listed(service.data.get(key))):
            name = text_of(mapped(item).get("source")) if isinstance(item, dict) else text_of(item)
            entry = mapped(service.compose.section(key).get(name or ""))
            path = entry.get("file")
            if isinstance(path, str) and path.startswith(("/", "~")) and not is_true(entry.get("external")):
                yield clean(path), True, (key, index)


def _is_read_only(service: Service, mount: Mount) -> bool:
    """Whether a long form says so as text (`read_only: "true"`)."""
    number = mount.route[-1]
    if not mount.is_long or not isinstance(number, int):
        return False
    return is_true(mapped(listed(service.data.get("volumes"))[number]).get("read_only"))


def _names_a_socket(mount: Mount) -> bool:
    is_variable = "$" in mount.source
    return is_variable and (mount.source.endswith(_SOCKETS) or mount.target.endswith("/docker.sock"))


def _bound(compose: Compose, name: str) -> tuple[str, bool] | None:
    """The host's path behind a named volume, and whether it is read-only."""
    entry = mapped(compose.section("volumes").get(name))
    options = mapped(entry.get("driver_opts"))
    device = options.get("device")
    if not isinstance(device, str) or not device.startswith(("/", "~")) or is_true(entry.get("external")):
        return None
    flags = {flag.strip().lower() for flag in (text_of(options.get("o")) or "").split(",")}
    is_bind = _lower(options.get("type")) == "none" or bool(flags & {"bind", "rbind"})
    return (device, "ro" in flags) if is_bind and entry.get("driver") in (None, "local") else None


def _lower(value: Data) -> str:
    return (text_of(value) or "").strip().lower()


def clean(path: str) -> str:
    """A path without `.`, `..` and double slashes, as Docker takes it."""
    return "/" + posixpath.normpath(path).lstrip("/") if path.startswith("/") else posixpath.normpath(path)


def _exposure(path: str, *, read_only: bool) -> Exposure | None:
    if _is_socket(path):
        return Exposure.SOCKET
    if "$" in path:
        return None
    below = _is_below(path, _SYSTEM) or path in _EXACTLY
    if below and not read_only and path not in _TIME_ZONE:
        return Exposure.HOST_ROOT if _is_own(path) else Exposure.SYSTEM_FOLDER
    if _is_credential(path):
        return Exposure.CREDENTIALS
    return Exposure.DISCLOSURE if _discloses(path, is_below=below, read_only=read_only) else None


def _is_own(path: str) -> bool:
    """Whether a path below a system folder is the host's, not one that somebody made there for an application."""
    return not path.startswith(_OF_AN_APPLICATION) or _OWN.match(path) is not None


def _is_socket(path: str) -> bool:
    if path == "/" or any(name in path for name in _SOCKETS):
        return True
    return path in _SOCKET_FOLDERS or any(folder.startswith(f"{path}/") for folder in _SOCKET_FOLDERS)


def _is_credential(path: str) -> bool:
    parts = path.split("/")
    if path.endswith((".pub", "/known_hosts", "/.ssh/config")):
        return False
    if path.startswith(("~/", "/root/")):
        return parts[1 if path.startswith("~") else 2] in _CREDENTIALS
    if path.startswith("/home/"):
        return len(parts) > _HOME_DEPTH and parts[_HOME_DEPTH] in _CREDENTIALS
    return _is_below(path, tuple(_ACCOUNTS))


def _discloses(path: str, *, is_below: bool, read_only: bool) -> bool:
    if path in _INERT:
        return False
    if is_below:
        is_harmless = path in _TIME_ZONE or _is_below(path, _HARMLESS_TO_READ)
        return not (read_only and is_harmless)
    if _is_below(path, ("/sys", "/dev")) or path.startswith(("/run/", "/var/run/")):
        return True
    if path.startswith("~/"):
        return path.startswith("~/.ssh/")
    return path in {"~", "/home"} or (path.startswith("/home/") and len(path.split("/")) == _HOME_DEPTH)


def _is_below(path: str, folders: tuple[str, ...]) -> bool:
    return any(path == folder or path.startswith(f"{folder}/") for folder in folders)
