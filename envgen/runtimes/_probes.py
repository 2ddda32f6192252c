"""Health checks for images without an interpreter: programs that ask for a path, and exit 0 if it answers below 400."""

import shlex
from collections.abc import Callable
from urllib.parse import quote

Probe = Callable[[int, str], tuple[str, ...]]
_KEPT = "/?#[]@!$&'()*+,;=:%~"


def _url(port: int, path: str) -> str:
    return f"http://127.0.0.1:{port}{_target(path)}"


def _target(path: str) -> str:
    return quote(path, safe=_KEPT)


def curl(port: int, path: str) -> tuple[str, ...]:
    """For curl: 22 is the exit code of an answer of 400 and above (https://curl.se/docs/manpage.html, `--fail`)."""
    return ("curl", "-fsS", "-g", "--noproxy", "*", "-m", "2", "-o", "/dev/null", _url(port, path))


def wget(port: int, path: str) -> tuple[str, ...]:
    """For the wget of Busybox as well as GNU's: these flags both have."""
    return ("wget", "-q", "-T", "2", "-O", "/dev/null", _url(port, path))


def bash(port: int, path: str) -> tuple[str, ...]:
    """For bash, coreutils and grep, which every Debian has (https://www.gnu.org/software/bash/manual/, `/dev/tcp`)."""
    request = shlex.quote(f"GET {_target(path)} HTTP/1.0").strip("'")
    ask = f"printf '%s\\r\\n' '{request}' 'Host: 127.0.0.1' '' >&3"
    answer = "timeout 2 head -n 1 <&3 | grep -q '^HTTP/1[.][01] [123]'"
    return ("bash", "-c", f"exec 3<>/dev/tcp/127.0.0.1/{port} && {ask} && {answer}")
