"""How pip, uv, Poetry and Pipenv fill the virtual environment of an image.

Sources: the documentation of pip (`--python`, since 22.3), of uv
(https://docs.astral.sh/uv/guides/integration/docker/), Poetry (https://python-poetry.org/docs/cli/#install) and Pipenv
(https://pipenv.pypa.io/en/latest/docker.html); builds of each on an engine. Read 2026-11-24.
"""

import posixpath
import re
import shlex
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.resources import files

from envgen.runtimes import _python_project as project
from envgen.runtimes.language import Request

VENV, PROJECT = "/opt/venv", "/opt/project"
TOOLS: dict[str, str] = tomllib.loads(files(__package__).joinpath("python.toml").read_text(encoding="utf-8"))["tools"]
PIP_CACHE = "/root/.cache/pip"
_COMPILES_SINCE = (1, 4)  # 1.4.2 has the flag
_DEVELOPMENT = ("dev", "test", "tests")


@dataclass(frozen=True, slots=True, kw_only=True)
class Commands:
    """The commands of one package manager; `package` and `editable` install the project itself."""

    prepare: tuple[str, ...] = ()
    tool_folder: str = ""  # of the manager's own virtual environment, where it has one
    manifests: tuple[str, ...]
    dev_manifests: tuple[str, ...] = ()  # where others are needed
    install: tuple[str, ...]
    install_all: tuple[str, ...]
    package: str = ""
    editable: str = ""
    cache: str
    environment: Mapping[str, str] = field(default_factory=dict)


def commands(request: Request) -> Commands:
    """The commands of the package manager that is asked for."""
    return {"uv": _uv, "poetry": _poetry, "pipenv": _pipenv}.get(request.manager, _pip)(request)


def _pip(request: Request) -> Commands:
    production, development = project.requirements(request), project.development(request)
    if not production and request.has("pyproject.toml"):
        manifests: tuple[str, ...] = ("pyproject.toml",)
        dev_manifests = manifests
        install, install_all = _declared(request, ()), _declared(request, _DEVELOPMENT)
    else:
        production = production or ("requirements.txt",)
        every = tuple(dict.fromkeys((*production, *development)))
        manifests = project.with_includes(request, every if request.builds else production)
        dev_manifests = project.with_includes(request, every)
        install, install_all = (f"pip install {_flags(production)}",), (f"pip install {_flags(every)}",)
    return Commands(
        manifests=manifests,
        dev_manifests=dev_manifests,
        install=install,
        install_all=install_all,
        package=f"pip install --no-deps --target={PROJECT} .",
        editable="pip install --no-deps --editable .",
        cache=PIP_CACHE,
        # the image's own pip installs into the environment, which then needs none
        environment={"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_PYTHON": f"{VENV}/bin/python"},
    )


def _flags(requirements: tuple[str, ...]) -> str:
    return " ".join(f"-r {shlex.quote(file)}" for file in requirements)


def _declared(request: Request, development: tuple[str, ...]) -> tuple[str, ...]:
    """Installs what a project declares: pip can't without building the project, whose sources come later."""
    data = project.pyproject(request.files)
    extras = project.table(data, "project", "optional-dependencies")
    groups = project.table(data, "dependency-groups")
    own_extras = dict.fromkeys((*project.words(request, "extras"), *(one for one in development if one in extras)))
    own_groups = dict.fromkeys((*project.words(request, "groups"), *(one for one in development if one in groups)))
    wanted = [
        "*p['project'].get('dependencies',[])",
        *(f"*p['project']['optional-dependencies']['{name}']" for name in own_extras),
        # a group that includes another is for tools that know groups
        *(f"*p['dependency-groups']['{name}']" for name in own_groups if _is_plain(groups.get(name))),
    ]
    script = f"import tomllib;p=tomllib.load(open('pyproject.toml','rb'));print({','.join(wanted)},sep='\\n')"
    return f'python -c "{script}" > /tmp/declared.txt', "pip install -r /tmp/declared.txt"


def _is_plain(group: object) -> bool:
    return isinstance(group, list) and all(isinstance(one, str) for one in group)


def _uv(request: Request) -> Commands:
    members, app = project.workspace(request), project.chosen(request)
    own = "--no-install-workspace" if members else "--no-install-project"
    one = f" --package={shlex.quote(app.name)}" if app else ""
    every = " --all-packages" if app else ""
    chosen = "".join(f" --extra={shlex.quote(name)}" for name in project.words(request, "extras"))
    chosen += "".join(f" --group={shlex.quote(name)}" for name in project.words(request, "groups"))
    data = project.pyproject(request.files)
    usual = "default-groups" not in project.table(data, "tool", "uv")
    production = "--no-dev" if usual else "--no-default-groups"
    dynamic = "dependencies" in project.texts(project.table(data, "project").get("dynamic"))
    files = dict.fromkeys(posixpath.normpath(f"{member.folder}/pyproject.toml") for member in members)
    whole = dynamic or project.has_local_sources(request)
    packages = [member.folder for member in project.needed(request) if member.package] if members else ["."]
    paths = " ".join(shlex.quote(folder if folder == "." else f"./{folder}") for folder in packages)
    return Commands(
        prepare=(f"pip install uv=={_version(request, 'uv')}",),
        manifests=(".",) if whole else tuple(dict.fromkeys(("pyproject.toml", "uv.lock", *files))),
        install=(f"uv sync --locked {production} {own}{one}{chosen}",),
        install_all=(f"uv sync --locked {own}{every}{chosen}",),
        package=f"uv pip install --no-deps --target={PROJECT} {paths}",
        editable=f"uv sync --locked{every}{chosen}",
        cache="/root/.cache/uv",
        environment={
            "UV_COMPILE_BYTECODE": "1",
            "UV_LINK_MODE": "copy",
            "UV_PROJECT_ENVIRONMENT": VENV,
            # by its path, or uv makes the environment anew for each command, and .python-version counts
            "UV_PYTHON": f"{VENV}/bin/python",
            "UV_PYTHON_DOWNLOADS": "never",
        },
    )


def _poetry(request: Request) -> Commands:
    poetry = "/opt/poetry/bin/poetry install --no-interaction"
    groups = project.words(request, "groups")
    extras = "".join(f" --extras={shlex.quote(name)}" for name in project.words(request, "extras"))
    only = ",".join(("main", *groups))
    added = f" --with={shlex.quote(','.join(groups))}" if groups else ""
    # a root file system that is read-only leaves no second chance to compile
    compiled = " --compile" if _compiles(_version(request, "poetry")) else ""
    return Commands(
        tool_folder="/opt/poetry",
        prepare=_isolated("poetry", request),
        manifests=(".",) if project.has_local_sources(request) else ("pyproject.toml", "poetry.lock"),
        install=(f"{poetry} --no-root{compiled} --only={shlex.quote(only)}{extras}",),
        install_all=(f"{poetry} --no-root{added}{extras}",),
        package=f"pip --python={VENV}/bin/python install --no-deps --target={PROJECT} .",
        editable=f"{poetry} --only-root",
        cache="/root/.cache/pypoetry",
    )


def _compiles(version: str) -> bool:
    numbers = tuple(int(part) for part in re.findall(r"\d+", version)[:2])
    return numbers >= _COMPILES_SINCE


def _pipenv(request: Request) -> Commands:
    # `install --deploy` refuses a lock file that the Pipfile has left behind; `sync` does not
    pipenv = "/opt/pipenv/bin/pipenv install --deploy"
    return Commands(
        tool_folder="/opt/pipenv",
        prepare=_isolated("pipenv", request),
        manifests=("Pipfile", "Pipfile.lock"),
        install=(pipenv,),
        install_all=(f"{pipenv} --dev",),
        cache="/root/.cache/pipenv",
        environment={"PIPENV_VERBOSITY": "-1"},
    )


def _isolated(tool: str, request: Request) -> tuple[str, ...]:
    """A tool in a virtual environment of its own, so that it can't get in the way of the project's dependencies."""
    return (f"pip --python=/opt/{tool}/bin/python install {tool}=={_version(request, tool)}",)


def _version(request: Request, tool: str) -> str:
    written = request.options.get("tool_version")
    return shlex.quote(written) if isinstance(written, str) else str(request.release.facts.get(tool, TOOLS[tool]))


def caches(request: Request, found: Commands) -> tuple[str, ...]:
    """The caches that installing the project itself uses: Poetry's projects are installed by pip."""
    return (PIP_CACHE,) if request.manager == "poetry" else (found.cache,)
