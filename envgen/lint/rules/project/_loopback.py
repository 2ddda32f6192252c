"""Which commands start a server that only listens on 127.0.0.1.

Sources, each on what it does when it isn't told an address:
https://docs.djangoproject.com/en/stable/ref/django-admin/ (runserver),
https://flask.palletsprojects.com/en/stable/cli/ (flask run), https://uvicorn.dev/settings/ (--host),
https://docs.gunicorn.org/en/stable/settings.html (bind; 0.0.0.0 where $PORT is set),
https://fastapi.tiangolo.com/fastapi-cli/ (dev), https://guides.rubyonrails.org/command_line.html (server, in
development), https://laravel.com/docs/ (serve), https://vite.dev/config/server-options, https://angular.dev/cli/serve,
https://jekyllrb.com/docs/configuration/options/, https://gohugo.io/commands/hugo_server/,
https://www.mkdocs.org/user-guide/cli/. Read 2026-11-23.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

_LOOPBACK = ("127.0.0.1", "localhost", "::1", "[::1]")
_PACKAGE_MANAGERS = {"npm", "yarn", "pnpm", "bun"}
_ENDS = {"&&", "||", ";", "|", "&"}
_STARTERS = {
    "exec",
    "npx",
    "poetry",
    "pipenv",
    "uv",
    "run",
    "bundle",
    "pdm",
    "bunx",
    "python",
    "python3",
}
Values = Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Bound:
    """Why a server can't be reached, and what it should be told instead."""

    reason: str
    instead: str


@dataclass(frozen=True, slots=True)
class _Server:
    """How a program is told its address: flags, variables, and what its words must (not) hold to be a server."""

    name: str
    is_it: Callable[[Sequence[str]], bool]
    flags: tuple[str, ...]
    instead: str
    variables: tuple[str, ...] = ()
    by_default: bool = True
    config: tuple[str, ...] = ()  # beginnings of the names of files that may name the address
    is_told_in: str = ""  # the word by which such a file does; "" where it may do so in any way


def _first(*names: str) -> Callable[[Sequence[str]], bool]:
    """The command's words begin like that, whatever starts it."""
    return lambda words: tuple(words[: len(names)]) == names


def _manage(words: Sequence[str]) -> bool:
    return len(words) > 1 and words[0].endswith("manage.py") and words[1] in {"runserver", "runserver_plus"}


def _vite(words: Sequence[str]) -> bool:
    return (
        bool(words)
        and words[0] == "vite"
        and (len(words) == 1 or words[1] in {"dev", "serve", "preview"} or words[1][:1] == "-")
    )


def _rails(words: Sequence[str]) -> bool:
    return len(words) > 1 and words[0] in {"rails", "bin/rails", "./bin/rails"} and words[1] in {"s", "server"}


def _java(words: Sequence[str]) -> bool:
    return bool(words) and words[0] == "java"


_SERVERS = (
    _Server("manage.py runserver", _manage, (), "runserver 0.0.0.0:8000"),
    _Server(
        "flask run",
        lambda words: "run" in words and _first("flask")(words),
        ("--host", "-h"),
        "--host=0.0.0.0",
        ("FLASK_RUN_HOST",),
        config=(".flaskenv",),
    ),
    _Server(
        "uvicorn",
        _first("uvicorn"),
        ("--host", "--uds", "--fd"),
        "--host 0.0.0.0",
        ("UVICORN_HOST", "UVICORN_UDS", "UVICORN_FD"),
    ),
    _Server("hypercorn", _first("hypercorn"), ("-b", "--bind", "-c", "--config"), "--bind 0.0.0.0:8000"),
    _Server("fastapi dev", _first("fastapi", "dev"), ("--host",), "--host 0.0.0.0"),
    _Server(
        "gunicorn",
        _first("gunicorn"),
        ("-b", "--bind", "-c", "--config"),
        "--bind 0.0.0.0:8000",
        ("GUNICORN_CMD_ARGS", "PORT"),
        config=("gunicorn.conf.py",),
    ),
    _Server("rails server", _rails, ("-b", "--binding"), "-b 0.0.0.0", ("BINDING", "HOST", "RAILS_ENV", "RACK_ENV")),
    _Server("php artisan serve", _first("php", "artisan", "serve"), ("--host",), "--host=0.0.0.0", ("SERVER_HOST",)),
    _Server("ng serve", _first("ng", "serve"), ("--host",), "--host 0.0.0.0", config=("angular.json",)),
    _Server(
        "jekyll serve",
        _first("jekyll", "serve"),
        ("--host", "-H", "--config"),
        "--host 0.0.0.0",
        config=("_config.yml",),
    ),
    _Server("hugo server", _first("hugo", "server"), ("--bind",), "--bind 0.0.0.0", ("HUGO_BIND",)),
    _Server("mkdocs serve", _first("mkdocs", "serve"), ("-a", "--dev-addr"), "-a 0.0.0.0:8000", config=("mkdocs.yml",)),
    _Server("vite", _vite, ("--host",), "--host", config=("vite.config.",), is_told_in="host"),
    _Server("astro dev", _first("astro", "dev"), ("--host",), "--host", config=("astro.config.",), is_told_in="host"),
    _Server("redis-server", _first("redis-server"), ("--bind",), "--bind 0.0.0.0", by_default=False),
    _Server("mongod", _first("mongod"), ("--bind_ip",), "--bind_ip_all", by_default=False),
    _Server("puma", _first("puma"), ("-b", "--bind"), "-b tcp://0.0.0.0:3000", by_default=False),
    _Server("daphne", _first("daphne"), ("-b", "--bind"), "-b 0.0.0.0", by_default=False),
    _Server("java", _java, ("--server.address", "-Dserver.address"), "--server.address=0.0.0.0", by_default=False),
    _Server("webpack serve", _first("webpack", "serve"), ("--host",), "--host 0.0.0.0", (), by_default=False),
    _Server("next", _first("next"), ("-H", "--hostname"), "-H 0.0.0.0", (), by_default=False),
)


def bound(words: Sequence[str], values: Values, beside: Callable[[], Mapping[str, str]]) -> Bound | None:
    """Why a command's server is bound to the loopback address; None where it isn't, or isn't known to be.

    `values` are the variables that it sees, `beside` finds the files at the top of the build's context that may say
    more: configurations and package.json, by name.
    """
    command = last_command(words)
    if script := _script(command, beside):
        command = last_command(script)
    for server in _SERVERS:
        if not command or not server.is_it(command):
            continue
        told = _told(command, server)
        if told is not None:
            return (
                Bound(f"`{server.name}` is told to listen on `{told}`", server.instead) if _is_loopback(told) else None
            )
        return None if _may_be_told(server, beside) else _untold(command, server, values)
    return None


def _may_be_told(server: _Server, beside: Callable[[], Mapping[str, str]]) -> bool:
    files = beside() if server.config and server.by_default else {}
    return any(name.startswith(server.config) and server.is_told_in in text for name, text in files.items())


def _script(command: Sequence[str], beside: Callable[[], Mapping[str, str]]) -> Sequence[str]:
    """The words of the script of package.json that `npm run dev` and the like start, with what is added to it."""
    if not command or command[0] not in _PACKAGE_MANAGERS:
        return ()
    rest = [word for word in command[1:] if word not in {"run", "run-script", "--silent", "-s", "--"}]
    if not rest or rest[0][:1] == "-":
        return ()
    try:
        scripts = json.loads(beside().get("package.json") or "{}").get("scripts", {})
        text = scripts.get(rest[0])
    except (ValueError, AttributeError):
        return ()
    return (*text.split(), *rest[1:]) if isinstance(text, str) else ()


def _untold(command: Sequence[str], server: _Server, values: Values) -> Bound | None:
    if not server.by_default or any("$" in word for word in command):
        return None
    for name in server.variables:
        if name in values:
            value = values[name]
            is_host = "HOST" in name or name == "BINDING"
            if is_host and value is not None and _is_loopback(value):
                return Bound(f"`{name}` tells `{server.name}` to listen on `{value}`", f"{name}=0.0.0.0")
            return None
    return Bound(f"`{server.name}` listens on 127.0.0.1 unless it is told an address", server.instead)


def _told(command: Sequence[str], server: _Server) -> str | None:
    """The address that a command's words name, "" for one that isn't known, None for none."""
    if not server.flags:
        return next((word for word in command[2:] if not word.startswith("-")), None)
    for index, word in enumerate(command):
        name, has_value, value = word.partition("=")
        if name in server.flags:
            return value if has_value else "".join(command[index + 1 : index + 2])
        if any(len(flag) == 2 and word.startswith(flag) and word != flag for flag in server.flags):  # noqa: PLR2004 - `-b`
            return word[2:]
    return None


def _is_loopback(address: str) -> bool:
    if address in _LOOPBACK:
        return True
    host, colon, _ = address.rpartition(":")
    return bool(colon) and host.removeprefix("http://").removeprefix("https://").removeprefix("tcp://") in _LOOPBACK


_ADDRESSES = frozenset(
    {
        "BIND",
        "BIND_HOST",
        "BIND_ADDR",
        "BIND_ADDRESS",
        "BIND_IP",
        "LISTEN",
        "LISTEN_ADDR",
        "LISTEN_ADDRESS",
        "LISTEN_HOST",
    }
    | {"SERVER_ADDRESS", "MANAGEMENT_SERVER_ADDRESS", "NUXT_HOST", "NITRO_HOST", "GRADIO_SERVER_NAME", "OLLAMA_HOST"}
    | {"STREAMLIT_SERVER_ADDRESS", "HOST", "ASPNETCORE_URLS", "DOTNET_URLS", "ASPNETCORE_HTTP_URLS", "HTTP_ADDR"}
)  # what programs take for the address to listen on; HOST only where it is an address of numbers


def tells_to_stay_inside(name: str, value: str | None) -> bool:
    """Whether a variable tells its program to listen on the loopback address, and on that only."""
    if name not in _ADDRESSES or not value or (name == "HOST" and not value.startswith("127.")):
        return False
    parts = [part.strip() for part in value.split(";") if part.strip()]
    return bool(parts) and all(_is_loopback(part.removeprefix("http://").removeprefix("https://")) for part in parts)


def last_command(words: Sequence[str]) -> Sequence[str]:
    """The last of several commands without what starts it: variables, `exec`, `poetry run`, a path."""
    ends = [index for index, word in enumerate(words) if word in _ENDS]
    found = list(words[ends[-1] + 1 :] if ends else words)
    while found and (_is_starter(found[0]) or ("=" in found[0] and found[0][:1] != "-")):
        found.pop(0)
    if found[:1] in (["yarn"], ["pnpm"]) and found[1:2] and found[1] in _TOOLS:
        found.pop(0)
    if found and "/" in found[0] and not found[0].endswith(("manage.py", "rails")):
        found[0] = found[0].rpartition("/")[2]
    return found


_TOOLS = frozenset({"vite", "next", "ng", "astro", "webpack", "nuxt"})  # what yarn and pnpm start without `run`


def _is_starter(word: str) -> bool:
    """Whether a word hands over to the words behind it."""
    name = word.rpartition("/")[2]
    return word in _STARTERS or word in {"-m", "--"} or name in {"tini", "dumb-init"} or "entrypoint" in name
