"""Python: what is rendered for which project, and what is refused."""

import json
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracles import program

from envgen.finding import EnvgenError
from envgen.plan import Context, resolve
from envgen.render import render
from envgen.runtimes import find
from envgen.runtimes._python_check import fits
from envgen.source import parse
from envgen.spec import load

UV = {"pyproject.toml": '[project]\nname = "x"\n', "uv.lock": "version = 1"}
POETRY = {
    "pyproject.toml": '[tool.poetry]\nname = "x"\n[tool.poetry.dependencies]\npython = "^3.11"\n',
    "poetry.lock": "",
}
PIPENV = {"Pipfile": "[packages]\n", "Pipfile.lock": "{}"}
PIP = {"requirements.txt": "flask\n"}
BUILT = '[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n'
PACKAGE = {"pyproject.toml": f'[project]\nname = "x"\ndependencies = []\n{BUILT}', "src/x/__init__.py": ""}
WORKSPACE = {
    "pyproject.toml": '[tool.uv.workspace]\nmembers = ["apps/*", "libs/*"]\nexclude = ["apps/old"]\n',
    "uv.lock": "",
    "apps/web/pyproject.toml": '[project]\nname = "web"\ndependencies = ["Core_lib>=1"]\n',
    "apps/old/pyproject.toml": '[project]\nname = "old"\n',
    "apps/job/pyproject.toml": f'[project]\nname = "job"\n{BUILT}',
    "libs/core/pyproject.toml": f'[project]\nname = "core-lib"\ndependencies = ["base"]\n{BUILT}',
    "libs/base/pyproject.toml": f'[project]\nname = "base"\n{BUILT}',
}


def dockerfile(files: Mapping[str, str | None], uses: object = "python@3.13", **service: object) -> str:
    spec = {"envgen": 1, "name": "p", "services": {"a": {"uses": uses, "command": ["python", "app.py"], **service}}}
    artifacts = render(resolve(load(parse(json.dumps(spec), "envgen.json")), {".": Context(files=files)}))
    return next(one.text for one in artifacts if one.path == "a.Dockerfile")


def troubles(files: Mapping[str, str | None], uses: object = "python@3.13", **build: object) -> list[str]:
    try:
        dockerfile(files, uses, build=build)
    except EnvgenError as error:
        return [f"{finding.message} | {finding.hint}" for finding in error.findings]
    return []


def stage(text: str, name: str) -> str:
    found = re.search(rf"^FROM \S+ AS {name}\n(.*?)(?=^FROM |\Z)", text, re.MULTILINE | re.DOTALL)
    return found[1] if found else ""


@pytest.mark.parametrize(
    ("files", "copied", "command"),
    [
        (PIP, "requirements.txt ./", "pip install -r requirements.txt"),
        ({"requirements/prod.txt": "-r base.txt", "requirements/base.txt": "-c ../pins.txt", "pins.txt": ""},
         "requirements/prod.txt requirements/base.txt ./requirements/", "pip install -r requirements/prod.txt"),
        ({"requirements.txt": "-e .\n", "setup.py": ""}, ". ./", "pip install -r requirements.txt"),
        ({"requirements.txt": "--no-binary x\n./wheels/x.whl"}, ". ./", "pip install -r requirements.txt"),
        (UV, "pyproject.toml uv.lock ./", "uv sync --locked --no-dev --no-install-project"),
        ({**UV, "pyproject.toml": "[project]\n[tool.uv]\ndefault-groups = ['dev', 'lint']"},
         "pyproject.toml uv.lock ./", "uv sync --locked --no-default-groups --no-install-project"),
        ({**UV, "pyproject.toml": "[project]\ndynamic = ['dependencies']"}, ". ./",
         "uv sync --locked --no-dev --no-install-project"),
        ({**UV, "pyproject.toml": "[project]\n[tool.uv.sources]\ny = {path = 'y'}"}, ". ./",
         "uv sync --locked --no-dev --no-install-project"),
        (POETRY, "pyproject.toml poetry.lock ./",
         "/opt/poetry/bin/poetry install --no-interaction --no-root --compile --only=main"),
        (PIPENV, "Pipfile Pipfile.lock ./", "/opt/pipenv/bin/pipenv install --deploy"),
    ],
)  # fmt: skip
def test_dependencies_come_from_what_the_manager_reads(files: Mapping[str, str], copied: str, command: str) -> None:
    found = stage(dockerfile(files), "dependencies")
    assert f"COPY {copied}\n" in found
    assert f"    {command}\n" in found


@pytest.mark.parametrize("files", [PIP, UV, POETRY, PIPENV, PACKAGE, WORKSPACE])
def test_the_environment_has_no_pip_and_the_image_only_what_runs(files: Mapping[str, str]) -> None:
    text = dockerfile(files)
    assert "python -m venv --without-pip /opt/venv" in stage(text, "builder")
    runtime = stage(text, "runtime")
    assert "COPY --from=dependencies --chown=10001:10001 /opt/venv /opt/venv\n" in runtime
    assert not re.search(r"\b(uv|poetry|pipenv|pip) ", runtime)


def test_development_requirements_leave_the_image_that_is_shipped_alone() -> None:
    files = {**PIP, "requirements-dev.txt": "-r requirements.txt\npytest"}
    text = dockerfile(files, build={"target": "dev"})
    assert "requirements-dev.txt" not in stage(text, "dependencies")
    assert "pip install -r requirements.txt -r requirements-dev.txt" in stage(text, "dev")
    built = dockerfile(files, build={"run": "make"})
    assert "COPY requirements.txt requirements-dev.txt ./" in stage(built, "build")


@pytest.mark.parametrize(
    ("files", "options", "expected"),
    [
        (UV, {"extras": ["pg"], "groups": ["prod"]}, "--no-install-project --extra=pg --group=prod"),
        (POETRY, {"extras": ["pg"], "groups": ["prod"]}, "--compile --only=main,prod --extras=pg"),
        (POETRY, {"tool_version": "1.3.2"}, "--no-root --only=main"),
        ({"pyproject.toml": "[project]\ndependencies = []"}, {"extras": ["pg"]},
         "*p['project']['optional-dependencies']['pg']"),
    ],
)  # fmt: skip
def test_options_choose_what_is_installed(
    files: Mapping[str, str], options: Mapping[str, object], expected: str
) -> None:
    assert expected in stage(dockerfile(files, build={"options": options}), "dependencies")


@pytest.mark.parametrize(
    ("files", "packaged"),
    [
        (PACKAGE, True),
        ({**PACKAGE, **{key: value for key, value in UV.items() if key == "uv.lock"}}, True),
        ({**PACKAGE, "src/x/__init__.py": None, "x/__init__.py": ""}, True),
        ({**PACKAGE, "src/x/__init__.py": None, "app/__init__.py": ""}, False),  # an app from a template
        ({**PACKAGE, **PIP}, True),
        ({**PACKAGE, **PIP, "src/x/__init__.py": None, "x/__init__.py": ""}, False),  # the sources are imported
        ({"pyproject.toml": f"[project]\ndependencies = []\n{BUILT}[tool.hatch.build]\npackages = ['y']"}, True),
        ({"pyproject.toml": "[project]\nname = 'x'\ndependencies = []"}, False),
        ({**UV, "pyproject.toml": f"[project]\n{BUILT}[tool.uv]\npackage = false", "src/x/__init__.py": ""}, False),
        ({**POETRY, "pyproject.toml": f"[tool.poetry]\nname = 'x'\npackage-mode = false\n{BUILT}"}, False),
    ],
)  # fmt: skip
def test_a_project_is_installed_where_there_is_something_to_build(
    files: Mapping[str, str | None],
    packaged: bool,  # noqa: FBT001 - the expectation
) -> None:
    text = dockerfile(files)
    assert ("COPY --from=build --chown=10001:10001 /opt/project /opt/project" in text) is packaged
    assert ("/site-packages/project.pth" in text) is packaged
    other = dockerfile(files, build={"options": {"package": not packaged}})
    assert ("/opt/project /opt/project" in other) is not packaged


def test_a_package_is_installed_after_the_users_steps_which_can_import_it() -> None:
    text = dockerfile(PACKAGE, build={"run": "python -m x.export"})
    assert "PYTHONPATH=/app/src" in stage(text, "builder")
    build = stage(text, "build")
    assert build.index("python -m x.export") < build.index("--target=/opt/project .")


def test_a_package_is_editable_in_development() -> None:
    text = dockerfile(PACKAGE, build={"target": "dev"})
    dev = stage(text, "dev")
    assert (
        dev.index("COPY --chown=10001:10001 . .") < dev.index("pip install --no-deps --editable .") < dev.index("USER")
    )


def test_the_version_that_git_would_tell_is_an_argument_that_spares_the_dependencies() -> None:
    files = {
        **PACKAGE,
        "pyproject.toml": PACKAGE["pyproject.toml"].replace('["hatchling"]', '["hatchling", "hatch_vcs"]'),
    }
    text = dockerfile(files, build={"args": {"SETUPTOOLS_SCM_PRETEND_VERSION": "1.2", "OTHER": "x"}, "target": "dev"})
    assert "SETUPTOOLS_SCM_PRETEND_VERSION" not in stage(text, "dependencies")
    assert "ARG OTHER" in stage(text, "dependencies")
    for name in ("build", "dev"):
        found = stage(text, name)
        assert (
            found.index(" . .\n") < found.index("ARG SETUPTOOLS_SCM_PRETEND_VERSION=0.0.0\n") < found.index("--no-deps")
        )


def test_only_setuptools_is_cleaned_up_after_and_build_is_the_projects_own() -> None:
    assert "rm -rf" not in stage(dockerfile(PACKAGE), "build")
    files = {"pyproject.toml": "[build-system]\nrequires = []\n[project]\ndependencies = []", "src/x/__init__.py": ""}
    assert "rm -rf build/lib build/bdist.* ./*.egg-info src/*.egg-info" in stage(dockerfile(files), "build")


def test_secrets_are_there_while_the_project_is_built() -> None:
    spec = {
        "envgen": 1, "name": "p", "secrets": {"pip": {"file": "./pip.conf"}},
        "services": {"a": {"uses": "python@3.13", "command": ["x"],
                           "build": {"secrets": [{"source": "pip", "mount": "/etc/pip.conf"}]}}},
    }  # fmt: skip
    context = {".": Context(files=PACKAGE)}
    text = next(
        one.text for one in render(resolve(load(parse(json.dumps(spec), "e.json")), context)) if "FROM" in one.text
    )
    assert "target=/etc/pip.conf" in stage(text, "dependencies")
    assert "target=/etc/pip.conf" in stage(text, "build")
    assert "pip.conf" not in stage(text, "runtime")


class TestWorkspace:
    def test_an_app_gets_the_members_that_it_needs(self) -> None:
        text = dockerfile(WORKSPACE, build={"app": "apps/web", "target": "dev"})
        assert "uv sync --locked --no-dev --no-install-workspace --package=web" in stage(text, "dependencies")
        assert "--target=/opt/project ./libs/base ./libs/core\n" in stage(text, "build")
        assert "uv sync --locked --all-packages\n" in stage(text, "dev")

    def test_manifests_of_all_members_are_copied_and_of_no_other(self) -> None:
        found = stage(dockerfile(WORKSPACE, build={"app": "web"}), "dependencies")
        assert "COPY apps/web/pyproject.toml ./apps/web/\n" in found
        assert "apps/old" not in found

    def test_a_root_that_is_no_project_means_all(self) -> None:
        assert "./apps/job ./libs/base ./libs/core\n" in stage(dockerfile(WORKSPACE), "build")

    def test_an_unknown_app_is_refused(self) -> None:
        assert troubles(WORKSPACE, app="old") == [
            "pyproject.toml: the workspace has no member `old` | there is job, web, base, core-lib"
        ]
        assert "here is none" in troubles(PIP, app="x")[0]


@pytest.mark.parametrize(
    ("files", "part"),
    [
        ({}, "requirements.txt: the file is not there, and pip needs it | write one"),
        ({"pyproject.toml": "[tool.black]\n"}, "requirements.txt: the file is not there"),
        ({"pdm.lock": "", "pyproject.toml": "[project]\ndynamic = []"}, "pdm export"),
        ({"environment.yml": ""}, "language: generic"),
        ({"setup.py": ""}, "pip-compile setup.py"),
        ({"pyproject.toml": "[project]\ndynamic = ['dependencies']"}, "pip-compile pyproject.toml"),
        ({"pyproject.toml": "[tool.uv]\n"}, "uv.lock: the file is not there, and uv needs it | run `uv lock`"),
        ({"pyproject.toml": POETRY["pyproject.toml"]}, "run `poetry lock`"),
        ({"Pipfile": ""}, "run `pipenv lock`"),
        ({**UV, "pyproject.toml": "[project"}, "it can't be read"),
        ({"requirements.txt": "-r base.txt"}, "base.txt: the file is not there, and requirements.txt includes it"),
        ({"requirements.txt": "-r ../base.txt"}, "../base.txt: it lies outside of the build context"),
        ({"requirements.txt": "psycopg2==2.9"}, "`build_packages: [gcc, libc6-dev, libpq-dev]` and `packages:"),
        ({"requirements.txt": "psycopg[c,pool]"}, "psycopg-c is compiled"),
        ({**UV, "pyproject.toml": "[project]\ndependencies = ['mysqlclient']"}, "default-libmysqlclient-dev"),
        ({**UV, "pyproject.toml": "[project]\nrequires-python = '>=3.14'"}, "requires-python is >=3.14, and"),
        ({**POETRY, "pyproject.toml": "[tool.poetry.dependencies]\npython = '~3.12'"}, "python is ~3.12"),
        ({**PIPENV, "Pipfile": "[requires]\npython_version = '3.11'"}, "python_version is 3.11"),
    ],
)  # fmt: skip
def test_what_a_build_would_trip_over_is_refused(files: Mapping[str, str], part: str) -> None:
    (found,) = troubles(files)
    assert part in found


@pytest.mark.parametrize(
    ("uses", "files", "build"),
    [
        ("python@3.13", {"requirements.txt": "psycopg2-binary\n# psycopg2\npsycopg2; sys_platform == 'win32'"}, {}),
        ("python@3.13", {"requirements.txt": "psycopg2"}, {"build_packages": ["gcc", "libc6-dev", "libpq-dev"]}),
        ({"language": "python", "version": "3.13", "variant": "trixie"}, {"requirements.txt": "psycopg2"}, {}),
        ("python@3.13", {}, {"install": "pip install flask"}),
        ("python@3.13", {"requirements.txt": "-r https://example.com/x.txt\n-r other/place.txt"}, {}),
    ],
)
def test_what_can_be_built_is_not(uses: object, files: Mapping[str, str], build: Mapping[str, object]) -> None:
    assert troubles(files, uses, **build) == []


@pytest.mark.parametrize("line", ["x @ git+https://example.com/x.git@1", "git+https://example.com/x"])
def test_git_is_there_where_something_is_installed_from_a_repository(line: str) -> None:
    assert "apt-get install --yes --no-install-recommends git" in stage(
        dockerfile({"requirements.txt": line}), "builder"
    )
    full = {"language": "python", "version": "3.13", "variant": "trixie"}
    assert "apt-get" not in dockerfile({"requirements.txt": line}, full)


@pytest.mark.parametrize(
    ("version", "tool"), [("3.8", "poetry==1.8.5"), ("3.9", "poetry==2.2.1"), ("3.13", "poetry==2.5.1")]
)
def test_an_old_python_gets_the_last_tool_that_runs_on_it(version: str, tool: str) -> None:
    files = {**POETRY, "pyproject.toml": "[tool.poetry.dependencies]\n"}
    assert tool in dockerfile(files, f"python@{version}")


@pytest.mark.parametrize(
    ("specifier", "fitting"),
    [
        (">=3.11,<3.13", [11, 12]), ("~=3.12", [12, 13, 14]), ("~=3.12.1", [12]), ("==3.12.*", [12]),
        ("^3.12", [12, 13, 14]), ("~3.12", [12]), ("<3.12.4", [10, 11, 12]), ("!=3.12.*", [10, 11, 13, 14]),
        ("3.11 || 3.13", [11, 13]), ("*", None), (">=3.12 <4.0", [12, 13, 14]), (">3.12", [12, 13, 14]),
        ("<=3.11", [10, 11]), ("==3.*", None), ("<3", []), ("", None), ("nonsense", None), ("^4.0", []),
        (">=2.7", None),
    ],
)  # fmt: skip
def test_versions_fit(specifier: str, fitting: list[int] | None) -> None:
    every = [10, 11, 12, 13, 14]
    assert [minor for minor in every if fits(specifier, minor)] == (every if fitting is None else fitting)


@settings(deadline=None)
@given(st.text(max_size=60), st.text(max_size=60), st.sampled_from(["requirements.txt", "pyproject.toml", "Pipfile"]))
def test_no_file_makes_a_traceback_or_an_instruction(text: str, other: str, name: str) -> None:
    files = {"uv.lock": None, name: text, "requirements-dev.txt": other}
    try:
        rendered = dockerfile(files, build={"target": "dev"})
    except EnvgenError:
        return
    known = ("FROM", "WORKDIR", "ENV", "RUN", "COPY", "USER", "LABEL", "CMD", "#", " ", "ARG")
    assert all(line.startswith(known) for line in rendered.split("\n") if line)


@pytest.mark.parametrize("variant", ["slim-trixie", "alpine3.22", "trixie"])
@pytest.mark.parametrize("files", [PIP, UV, POETRY, PIPENV, PACKAGE, WORKSPACE])
def test_hadolint_and_tally_are_content(files: Mapping[str, str], variant: str, tmp_path: Path) -> None:
    uses = {"language": "python", "version": "3.13", "variant": variant}
    build: dict[str, object] = {"target": "dev", "timezone": "Europe/Berlin", "build_packages": ["gcc"]}
    (tmp_path / "Dockerfile").write_text(dockerfile(files, uses, build=build))
    done = subprocess.run(
        [program("hadolint"), "Dockerfile"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "")
    # what tally wants of system packages is the same in all languages
    (tmp_path / "Dockerfile").write_text(dockerfile(files, uses, build={"target": "dev"}))
    command = [program("tally"), "lint", "--no-config", "--slow-checks", "off", "--format", "json", "Dockerfile"]
    report = json.loads(subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False).stdout)
    found = {one["rule"] for file in report["files"] for one in file["violations"]}
    assert found <= {"tally/max-lines", "tally/no-unreachable-stages", "hadolint/DL3057", "tally/prefer-run-heredoc"}


def test_facts_of_releases_are_complete() -> None:
    python = find("python")
    assert python is not None
    for release in python.releases.values():
        assert release.default_variant in release.variants
        assert release.end_of_life is not None
