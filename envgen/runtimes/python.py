"""Python with pip, uv, Poetry or Pipenv.

Dependencies lie in a virtual environment, which is made anew only when they change; a project that is a package itself
lies beside it, in a folder that a .pth file adds to the environment. Sources: the official image
(https://github.com/docker-library/python: /usr/local/bin/python, no user of its own), and `_python_managers.py`.
"""

import json
from collections.abc import Mapping

from envgen.runtimes import _python_project as project
from envgen.runtimes._python_check import check
from envgen.runtimes._python_managers import PIP_CACHE, PROJECT, VENV, Commands, caches, commands
from envgen.runtimes.distro import Distro
from envgen.runtimes.language import Language, Option, Recipe, Request, load_releases

_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_WORKDIR = "/app"
_UNBUFFERED = {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONUNBUFFERED": "1"}
_PROBE = (
    "import http.client,sys;c=http.client.HTTPConnection('127.0.0.1',PORT,timeout=2.5);"
    "c.request('GET',PATH);sys.exit(c.getresponse().status>=400)"
)
# setuptools builds in the folder of the sources; `build` itself may be the project's own
_LEFT_BY_SETUPTOOLS = ("rm -rf build/lib build/bdist.* ./*.egg-info src/*.egg-info",)
_NAME = r"[A-Za-z0-9][A-Za-z0-9._-]*"


def _recipe(request: Request) -> Recipe:
    found = commands(request)
    packaged = _is_packaged(request)
    distro = Distro.of_variant(request.variant)
    path = f"{PROJECT}/bin:" if packaged else ""
    variable = project.version_variable(request) if packaged else ""
    slim = any(word in request.variant for word in ("slim", "alpine"))
    return Recipe(
        base=request.image or LANGUAGE.image_reference(request.version, request.variant),
        distro=distro,
        workdir=_WORKDIR,
        environment={"PATH": f"{path}{VENV}/bin:{_PATH}", "VIRTUAL_ENV": VENV, **_UNBUFFERED},
        build_environment=_build_environment(request, found, packaged=packaged),
        dev_environment=_UNBUFFERED,
        test_environment=_UNBUFFERED,
        certificates=("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"),
        prepare=_prepare(request, found, packaged=packaged),
        manifests=found.manifests,
        dev_manifests=found.dev_manifests,
        install=found.install,
        install_all=found.install_all,
        finish=(found.package,) if packaged else (),
        dev_finish=(found.editable,) if packaged else (),
        clean=_LEFT_BY_SETUPTOOLS if packaged and project.is_built_by_setuptools(request) else (),
        caches=(found.cache,),
        prepare_caches=(PIP_CACHE,),
        build_caches=caches(request, found) if packaged else (),
        build_secrets=packaged,
        build_arguments=(f"{variable}=0.0.0",) if variable else (),
        dependencies=(VENV,),
        built=((PROJECT, PROJECT),) if packaged else (),
        build_packages=("git",) if slim and project.from_git(request) else (),
        http_probe=_http_probe,
    )


def _is_packaged(request: Request) -> bool:
    """Whether the project, or a member of its workspace that the image needs, is installed beside its dependencies."""
    if request.installs:
        return False
    if request.manager == "uv" and project.workspace(request) and "package" not in request.options:
        return any(member.package for member in project.needed(request))
    return project.is_package(request)


def _build_environment(request: Request, found: Commands, *, packaged: bool) -> Mapping[str, str]:
    # build steps import what is installed only after them
    importable = packaged and request.builds and bool(request.matching("src/*/__init__.py"))
    return {
        "PATH": f"{VENV}/bin:{_PATH}",
        "VIRTUAL_ENV": VENV,
        **found.environment,
        **({"PYTHONPATH": f"{_WORKDIR}/src"} if importable else {}),
    }


def _prepare(request: Request, found: Commands, *, packaged: bool) -> tuple[str, ...]:
    site = f"{VENV}/lib/python{request.release.major}/site-packages"
    return (
        " ".join(("python -m venv --without-pip", VENV, *([found.tool_folder] if found.tool_folder else ()))),
        *((f"python -c \"open('{site}/project.pth', 'w').write('{PROJECT}')\"",) if packaged else ()),
        *found.prepare,
    )


def _http_probe(port: int, path: str) -> tuple[str, ...]:
    return ("python", "-c", _PROBE.replace("PORT", str(port)).replace("PATH", json.dumps(path)))


LANGUAGE = Language(
    name="python",
    title="Python",
    image="python",
    releases=load_releases("python"),
    ignore=("__pycache__", "*.py[cod]", ".venv", "venv", ".pytest_cache", ".mypy_cache", ".ruff_cache", "*.egg-info"),
    recipe=_recipe,
    check=check,
    context_files=(
        "*.txt", "requirements/*.txt", "**/requirements*.txt", *project.REQUIREMENTS, *project.DEV_REQUIREMENTS,
        "requirements.in", "pyproject.toml", "**/pyproject.toml", "setup.py", "setup.cfg", "*/__init__.py",
        "src/*/__init__.py", "uv.lock", "poetry.lock", "Pipfile", "Pipfile.lock", "pdm.lock", "pylock.toml",
        "environment.yml", "environment.yaml",
    ),
    managers={"pip": (), "uv": ("uv.lock",), "poetry": ("poetry.lock",), "pipenv": ("Pipfile.lock",)},
    declared=project.declared_manager,
    options={
        "requirements": Option(kind="words", summary="the requirements files of production, for pip"),
        "dev_requirements": Option(kind="words", summary="the requirements files of development, for pip"),
        "extras": Option(kind="words", summary="optional dependencies that the image gets", pattern=_NAME),
        "groups": Option(kind="words", summary="dependency groups that the image gets besides", pattern=_NAME),
        "package": Option(kind="bool", summary="whether the project itself is installed; by default its files tell"),
        "tool_version": Option(kind="text", summary="the version of uv, Poetry or Pipenv that installs"),
    },
)  # fmt: skip
