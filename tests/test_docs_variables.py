"""What docs/variables.md says is true."""

import re
from pathlib import Path
from typing import get_args

import pytest
from oracles import compose_config
from test_env_check import run

from envgen import cli, codes
from envgen.plan import resolve
from envgen.render import render
from envgen.source import parse
from envgen.spec import load
from envgen.spec.variable import Generate, Variable
from envgen.value_types import GENERATED, ORDERED, TEXTS, TYPES

DOCUMENT = (Path(__file__).resolve().parent.parent / "docs" / "variables.md").read_text(encoding="utf-8")
(SPEC,) = re.findall(r"^```yaml\n(.*?)^```$", DOCUMENT, re.MULTILINE | re.DOTALL)


def section(title: str) -> str:
    return DOCUMENT.split(f"\n## {title}\n")[1].split("\n## ")[0]


def test_the_example_renders_and_compose_takes_it() -> None:
    files = {artifact.path: artifact.text for artifact in render(resolve(load(parse(SPEC, "envgen.yaml"))))}
    env = files[".env.example"].replace("SESSION_KEY=", "SESSION_KEY=x")
    environment = compose_config(files["compose.yaml"], env=env)["services"]["api"]["environment"]
    assert environment["FEATURES"] == '{"search": {"fuzzy": true}}'
    assert environment["CACHE_TTL"] == "5m"
    assert environment["PUBLIC_URL"] == "https://shop.example.com"


def test_the_example_has_every_type_and_every_type_a_row() -> None:
    used = {"string", *re.findall(r"type: (\w+)", SPEC)}
    rows = re.findall(r"^\| `(\w+)`(?! \| a value)", section("Types"), re.MULTILINE)
    written = get_args(Variable.model_fields["type"].annotation)
    assert set(rows) == set(written) == set(TYPES)
    assert set(written) <= used


@pytest.mark.parametrize("name", sorted(TYPES))
def test_the_table_says_what_a_type_takes(name: str) -> None:
    row = next(line for line in section("Types").splitlines() if line.startswith(f"| `{name}`"))
    _, _, bounds, texts = (cell.strip() for cell in row.strip("|").split("|"))
    assert bool(bounds) == (name in ORDERED)
    assert bool(texts) == (name in TEXTS)


def test_every_way_to_make_a_secret_is_in_the_table() -> None:
    assert get_args(Generate.model_fields["type"].annotation) == GENERATED
    assert all(f"`{name}`" in section("Secrets") for name in GENERATED)


def test_every_code_is_in_the_table() -> None:
    said = re.findall(r"^\| (EG07\d)", section("Commands"), re.MULTILINE)
    assert said == [code for code in sorted(codes.CODES) if code.startswith("EG07")]


def test_the_day_of_a_user_works_as_it_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "envgen.yaml").write_text(SPEC, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as ended:
        cli.main(["render"])
    assert ended.value.code == 0
    (tmp_path / ".env").write_bytes((tmp_path / ".env.example").read_bytes())
    capfd.readouterr()
    assert run(["generate"], capfd)[0] == 0
    code, out, _ = run(["check"], capfd)
    assert (code, re.findall(r"\[(EG\d+)\]", out)) == (1, ["EG076"])
    path = tmp_path / "secrets" / "payment_key"
    path.write_text("sk_test_A1", encoding="utf-8")
    path.chmod(0o444)
    assert run(["check"], capfd)[0] == 0
