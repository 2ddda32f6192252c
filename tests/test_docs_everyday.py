"""What docs/everyday.md shows is what happens."""

import re
from pathlib import Path

import pytest
from plans import plan_of

from envgen import allocation, checkout
from envgen.cli import main
from envgen.env_block import split
from envgen.published import shared

PAGE = (Path(__file__).parents[1] / "docs" / "everyday.md").read_text(encoding="utf-8")
RUN = re.findall(r"^<!-- run -->\n```console\n\$ envgen ([^\n]*)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
SPEC = """envgen: 1
name: shop
services:
  api:
    image: node:22
    hardening: standard
    ports: [{target: 3000, published: 3014}]
"""


@pytest.fixture
def spec(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("API_PORT", raising=False)
    (tmp_path / "envgen.yaml").write_text(SPEC, encoding="utf-8")
    return tmp_path / "envgen.yaml"


@pytest.mark.parametrize(("command", "said"), RUN)
@pytest.mark.usefixtures("spec")
def test_commands_say_what_the_page_says(command: str, said: str, capfd: pytest.CaptureFixture[str]) -> None:
    import shlex  # noqa: PLC0415 - for this test only

    with pytest.raises(SystemExit) as ended:
        main(shlex.split(command))
    assert ended.value.code == 0
    assert "".join(capfd.readouterr()) == said


def test_there_are_commands() -> None:
    assert len(RUN) == 2


def test_what_is_added_is_what_the_page_says(spec: Path) -> None:
    with pytest.raises(SystemExit):
        main(["add", "postgres", "--as", "db"])
    (entry,) = re.findall(r"^```yaml\n(  db:.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    assert spec.read_text(encoding="utf-8") == SPEC + entry


def test_the_network_of_the_page_is_one_that_two_checkouts_can_have() -> None:
    (text,) = re.findall(r"^```yaml\n(networks:.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    plan = plan_of(f"services:\n  a: {{image: x, networks: [back]}}\n{text}")
    assert shared(plan) == ()
    assert [variable.name for variable in plan.variables] == [allocation.SUBNET]


def test_the_block_of_the_page_is_one() -> None:
    (text,) = re.findall(r"^```sh\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    before, block, after = split(text)
    assert block is not None
    assert (before, after, block.checkout) == ("", "", "/home/ann/shop-review")
    assert list(block.values) == [allocation.PROJECT, "API_PORT", allocation.SUBNET]
    assert f"{allocation.PORTS.start} to {allocation.PORTS.stop - 1}" in " ".join(PAGE.split())
    assert checkout.state_file().parts[-2:] == ("envgen", "checkouts")


def test_the_options_of_the_page_are_in_help(capfd: pytest.CaptureFixture[str]) -> None:
    for command in ("add", "ports", "render"):
        with pytest.raises(SystemExit):
            main([command, "--help"])
    with pytest.raises(SystemExit):
        main(["--help"])
    text = capfd.readouterr().out
    for option in set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", PAGE)):
        assert option in text, option
