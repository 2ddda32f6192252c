"""What a checkout is given: the same as long as it is its own, and nothing that anybody else has."""

from collections.abc import Collection, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgen.allocation import PORTS, PROJECT, SUBNET, AllocationError, Machine, allocate
from envgen.env_block import Block

WANTED = (PROJECT, "API_PORT", "WEB_PORT", SUBNET)


def machine(busy: Collection[int] = (), routed: Collection[str] = (), avoided: Collection[int] = ()) -> Machine:
    return Machine(is_free=lambda port: port not in busy, has_route=lambda prefix: prefix in routed, avoided=avoided)


def given_to(
    here: str,
    own: Block | None = None,
    others: Sequence[Block] = (),
    wanted: Sequence[str] = WANTED,
    **found: Collection,
) -> Block:
    return allocate("shop", wanted, here, own, others, machine(**found))


def ports(block: Block) -> list[int]:
    return [int(value) for name, value in block.values.items() if name.endswith("_PORT")]


def test_ports_stand_side_by_side_from_a_round_number() -> None:
    block = given_to("/a")
    assert list(block.values) == list(WANTED)
    first, second = ports(block)
    assert second == first + 1
    assert first % 10 == 0
    assert first in PORTS
    assert block.values[SUBNET].startswith("10.")


def test_a_checkout_is_always_given_the_same_and_another_one_something_else() -> None:
    assert given_to("/a") == given_to("/a")
    one, other = given_to("/a").values, given_to("/b").values
    assert not set(one.values()) & set(other.values())


def test_the_project_name_is_one_that_compose_takes() -> None:
    name = allocate("s" * 63, [PROJECT], "/a", None, [], machine()).values[PROJECT]
    assert len(name) <= 63
    assert name.startswith("s" * 50 + "-")


def test_what_somebody_listens_on_is_not_given() -> None:
    before = ports(given_to("/a"))
    after = ports(given_to("/a", busy=before[1:]))
    assert not set(before) & set(after)


def test_what_another_checkout_has_is_not_given() -> None:
    other = Block("/b", dict(given_to("/a").values))
    block = given_to("/a", others=[other])
    assert not {block.values[name] for name in WANTED[1:]} & set(other.values.values())


def test_a_routed_network_is_not_given() -> None:
    prefix = given_to("/a").values[SUBNET]
    assert given_to("/a", routed=[prefix]).values[SUBNET] != prefix


def test_what_a_checkout_has_is_kept_even_while_it_runs() -> None:
    own = given_to("/a")
    assert given_to("/a", own, busy=ports(own), routed=[own.values[SUBNET]]) == own


def test_a_new_port_is_put_beside_those_that_there_are() -> None:
    own = given_to("/a")
    more = given_to("/a", own, wanted=(*WANTED, "DOCS_PORT"))
    assert {name: more.values[name] for name in WANTED} == dict(own.values)
    assert int(more.values["DOCS_PORT"]) == ports(own)[-1] + 1


def test_what_is_no_longer_wanted_goes() -> None:
    own = given_to("/a")
    assert list(given_to("/a", own, wanted=(PROJECT, "WEB_PORT")).values) == [PROJECT, "WEB_PORT"]


@pytest.mark.parametrize("nonsense", ["", "0", "70000", "x", "²"])
def test_what_is_no_port_is_replaced(nonsense: str) -> None:
    own = Block("/a", {"API_PORT": nonsense})
    assert int(given_to("/a", own).values["API_PORT"]) in PORTS


def test_a_copied_env_file_gets_everything_anew_and_a_moved_one_nothing() -> None:
    original = given_to("/a")
    moved = given_to("/b", original)
    assert (moved.checkout, moved.values) == ("/b", original.values)
    copied = given_to("/b", original, [original])
    assert not set(copied.values.values()) & set(original.values.values())
    # and the one that it was copied from keeps what it has
    assert given_to("/a", original, [Block("/b", original.values)]) == original


def test_what_the_kernel_gives_away_by_chance_is_avoided_where_possible() -> None:
    assert all(port >= 25000 for port in ports(given_to("/a", avoided=range(20000, 25000))))
    assert all(port in PORTS for port in ports(given_to("/a", avoided=range(1024, 65536))))


def test_scattered_ports_are_better_than_none() -> None:
    free = {20003, 29998}
    assert set(ports(given_to("/a", busy=set(PORTS) - free))) == free


@pytest.mark.parametrize(
    ("found", "message"),
    [({"busy": PORTS}, "20000 to 29999"), ({"routed": [f"10.{octet}" for octet in range(256)]}, "10.16.0.0/16")],
)
def test_nothing_left(found: dict[str, Collection], message: str) -> None:
    with pytest.raises(AllocationError, match=message):
        given_to("/a", **found)


@given(st.lists(st.text(min_size=1, max_size=8), min_size=1, max_size=25, unique=True), st.integers(0, 30))
def test_no_two_checkouts_ever_share_anything(paths: list[str], count: int) -> None:
    wanted = (PROJECT, SUBNET, *(f"P{number}_PORT" for number in range(count)))
    blocks: list[Block] = []
    for path in paths:
        blocks.append(allocate("shop", wanted, path, None, blocks, machine()))
    values = [value for block in blocks for value in block.values.values()]
    assert len(values) == len(set(values))
    for block in blocks:
        others = [other for other in blocks if other is not block]
        assert allocate("shop", wanted, block.checkout, block, others, machine()) == block
