"""What people get wrong: each folder in errors/ is a mistake, with the exact output of `envgen validate` about it."""

import json
import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from envgen import cli

FOLDER = Path(__file__).parent / "errors"
CASES = sorted(path.name for path in FOLDER.iterdir() if path.is_dir())
HEAD = "envgen: 1\nname: shop\nservices:\n  web:\n    image: nginx:1.27\n"


def tree(folder: Path) -> Mapping[str, tuple[int, bytes]]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path): (path.stat().st_mtime_ns, path.read_bytes()) for path in files}


def spec_of(case: str) -> str:
    return next(path.name for path in (FOLDER / case).glob("envgen.*"))


def validate(*arguments: str, capfd: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of `envgen validate`."""
    with pytest.raises(SystemExit) as exited:
        cli.main(["validate", *arguments])
    out, err = capfd.readouterr()
    assert isinstance(exited.value.code, int)
    return exited.value.code, out, err


@pytest.mark.parametrize("case", CASES)
def test_a_mistake_is_explained(case: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(FOLDER / case)
    before = tree(FOLDER / case)
    code, out, err = validate(spec_of(case), capfd=capfd)
    assert out == (FOLDER / case / "expected.txt").read_text(encoding="utf-8")
    assert code == 2
    assert re.fullmatch(r"envgen: \d+ errors?; nothing was changed\n", err)
    assert tree(FOLDER / case) == before


@pytest.mark.parametrize("case", CASES)
def test_findings_are_in_the_order_of_the_file_and_each_is_said_once(
    case: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(FOLDER / case)
    _, out, _ = validate(spec_of(case), "--format", "json", capfd=capfd)
    findings = json.loads(out)["findings"]
    places = [(finding["line"], finding["column"]) for finding in findings]
    assert places == sorted(places)
    assert len({(*place, finding["message"]) for place, finding in zip(places, findings, strict=True)}) == len(findings)
    assert not [finding["message"] for finding in findings if finding["message"].endswith(".")]


def test_there_are_cases_for_every_code_that_a_spec_can_cause() -> None:
    texts = "".join((FOLDER / case / "expected.txt").read_text(encoding="utf-8") for case in CASES)
    wanted = {f"EG{number:03}" for number in (*range(1, 6), *range(10, 14), *range(20, 26), 30, 31, 40)}
    assert wanted <= set(re.findall(r"\[(EG\d{3})\]", texts))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (HEAD + "x-a: " + "a" * 8 * 1024 * 1024, "envgen.yaml:1:1: error: the file is larger than 8 MiB [EG003]\n"),
        (HEAD + "x-a:\n" + "- 1\n" * 200_001, "error: the file holds more than 200,000 keys and values [EG003]\n"),
    ],
    ids=["bytes", "values"],
)
def test_a_huge_file_is_refused(text: str, expected: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    spec = tmp_path / "envgen.yaml"
    spec.write_text(text, encoding="utf-8")
    code, out, _ = validate(str(spec), capfd=capfd)
    assert code == 2
    assert expected in out
