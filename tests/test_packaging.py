"""The wheel holds everything, and works the same as a checkout."""

import os
import subprocess
import sys
import tomllib
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def tracked(*folders: str) -> set[str]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--", *folders], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listed.returncode:
        pytest.skip("this is no git checkout")
    return {name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True)
    return next(folder.glob("*.whl"))


def test_wheel_has_the_distributions_name(wheel: Path) -> None:
    assert wheel.name.startswith(PYPROJECT["project"]["name"].replace("-", "_") + "-")


def test_wheel_holds_every_tracked_template_schema_and_module(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    expected = {f"envgen/_data/{name}" for name in tracked("templates", "schemas")} | tracked("envgen")
    assert expected
    assert expected <= names
    assert not [name for name in names if name.startswith(("tests/", "examples/", "templates/", "schemas/"))]


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty environment with the wheel in it, and its dependencies from the one that runs the tests."""
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder, with_pip=False, symlinks=True)
    site = next((folder / "lib").glob("python*")) / "site-packages"
    zipfile.ZipFile(wheel).extractall(site)
    dependencies = {Path(path) for path in sys.path if path.endswith("site-packages")}
    (site / "dependencies.pth").write_text("".join(f"{path}\n" for path in dependencies), encoding="utf-8")
    return folder / "bin" / "python"


@pytest.mark.parametrize("example", sorted(path.name for path in (ROOT / "examples").iterdir() if path.is_dir()))
def test_wheel_renders_the_same_bytes_as_the_checkout(installed: Path, example: str, tmp_path: Path) -> None:
    program = (
        "import sys, envgen; assert 'site-packages' in envgen.__file__, envgen.__file__\n"
        "for artifact in envgen.render(envgen.resolve(envgen.load(sys.argv[1]))):\n"
        "    print(artifact.path, artifact.text)\n"
    )
    spec = str(ROOT / "examples" / example / "envgen.yaml")
    outputs = []
    for python, path in ((str(installed), ""), (sys.executable, str(ROOT))):
        code = program if python == str(installed) else program.replace("'site-packages' in", "'site-packages' not in")
        environment = {**os.environ, "PYTHONPATH": path, "PYTHONIOENCODING": "utf-8"}
        command = [python, "-c", code, spec]
        ran = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, check=False)
        assert ran.returncode == 0, ran.stderr.decode()
        outputs.append(ran.stdout)
    assert outputs[0] == outputs[1]
    assert b"compose.yaml" in outputs[0]


def test_each_dependency_says_why_it_is_there() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    groups = [
        *PYPROJECT["project"]["dependencies"],
        *(name for group in PYPROJECT["dependency-groups"].values() for name in group),
    ]
    for dependency in groups:
        assert f'"{dependency}", # ' in text, f"{dependency} has no reason"
