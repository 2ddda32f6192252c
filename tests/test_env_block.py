"""envgen's block in .env: all other bytes stay."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgen.env_block import Block, BlockError, replaced, split

BLOCK = Block("/home/ann/my shop", {"COMPOSE_PROJECT_NAME": "shop-1", "API_PORT": "20000"})
TEXT = (
    "# >>> envgen ports: written by `envgen ports --allocate`; this block alone is envgen's\n"
    "# checkout: /home/ann/my%20shop\nCOMPOSE_PROJECT_NAME=shop-1\nAPI_PORT=20000\n# <<< envgen ports\n"
)
LINES = st.lists(st.text(st.characters(exclude_characters="\r\n\0", codec="utf-8"), max_size=20))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", TEXT),
        ("A=1\n", "A=1\n" + TEXT),
        ("A=1", "A=1\n" + TEXT),
        ("A=1\r\n", "A=1\r\n" + TEXT.replace("\n", "\r\n")),
        (TEXT.replace("20000", "1") + "# mine\nA=1", TEXT + "# mine\nA=1"),
        ("\ufeffA=1\n\n" + TEXT.replace("API", "OLD") + "B=2\n", "\ufeffA=1\n\n" + TEXT + "B=2\n"),
    ],
)
def test_a_block_is_added_or_replaced(before: str, after: str) -> None:
    assert replaced(before, BLOCK) == after
    assert split(after)[1] == BLOCK


@given(LINES, LINES, st.sampled_from(["\n", "\r\n"]), st.text(max_size=20))
def test_what_is_the_users_stays(above: list[str], below: list[str], newline: str, checkout: str) -> None:
    head, tail = ("".join(f"#{line}{newline}" for line in lines) for lines in (above, below))
    first = replaced(head + tail, Block(checkout, {"A": "1"}))
    assert first.startswith(head + tail)
    assert replaced(first, Block(checkout, {"A": "1"})) == first
    moved = head + first[len(head + tail) :] + tail  # as somebody may have moved it
    again = replaced(moved, Block(checkout, {"A": "2", "B": "x-y"}))
    assert split(again) == (head, Block(checkout, {"A": "2", "B": "x-y"}), tail)


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("A=1\n" + TEXT.replace("# <<<", "#"), 2, "doesn't end"),
        ("A=1\n# <<< envgen ports\n", 2, "doesn't start"),
        (TEXT + TEXT, 6, "a second block"),
        (TEXT + "# <<< envgen ports", 6, "doesn't start"),
    ],
)
def test_a_block_that_was_damaged_is_refused(text: str, line: int, message: str) -> None:
    with pytest.raises(BlockError, match=message) as raised:
        replaced(text, BLOCK)
    assert raised.value.line == line
