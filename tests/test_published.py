"""Who publishes what: every form of `ports`, filled in as compose does, and what gets into each other's way."""

import pytest
from oracles import compose_config
from plans import plan_of, rendered

from envgen.dotenv import resolved
from envgen.published import Published, collisions, published, shared

NODE = "uses: node@22, command: [a]"


def entries(services: str, **values: str) -> tuple[Published, ...]:
    return published(plan_of(f"services:\n{services}"), lambda text: resolved(text, values.get))


def entry(written: str, **values: str) -> Published:
    (one,) = entries(f"  a: {{image: x, ports: [{written}]}}", **values)
    return one


@pytest.mark.parametrize(
    ("written", "address", "target"),
    [
        ("'8080:80'", "*:8080", "80/tcp"),
        ("8080", "*:any free port", "8080/tcp"),
        ("'53:53/udp'", "*:53", "53/udp"),
        ("'127.0.0.1:8080:80'", "127.0.0.1:8080", "80/tcp"),
        ("'127.0.0.1::80'", "127.0.0.1:any free port", "80/tcp"),
        ("'[::1]:8080:80'", "[::1]:8080", "80/tcp"),
        ("'8000-8005:80-85'", "*:8000-8005", "80-85/tcp"),
        ("{target: 80, published: 8080, host_ip: 10.0.0.1, protocol: udp}", "10.0.0.1:8080", "80/udp"),
        ("{target: 80, published: '8080-8090'}", "*:8080-8090", "80/tcp"),
        ("{target: 80}", "*:any free port", "80/tcp"),
        ("'${P:-8080}:80'", "*:8080", "80/tcp"),
        ("'${ALL:-127.0.0.1:8080:80/udp}'", "127.0.0.1:8080", "80/udp"),
        ("'${P:?needed}:80'", "*:?", "80/tcp"),
    ],
)
def test_forms(written: str, address: str, target: str) -> None:
    one = entry(written)
    assert (one.address, f"{one.target}/{one.protocol}") == (address, target)


@pytest.mark.parametrize(
    ("written", "variables", "movable"),
    [
        ("'8080:80'", (), None),
        ("'${P:-8080}:80'", ("P",), "P"),
        ("'$P:80'", ("P",), "P"),
        ("'${P:?set it}:80'", ("P",), "P"),
        ("'${IP:-127.0.0.1}:${P:-8080}:${T:-80}'", ("P",), "P"),
        ("'${IP:-127.0.0.1}:8080:80'", (), None),
        ("'8080:${T:-80}'", (), None),
        ("'${P:-8080}-${Q:-8090}:80'", ("P", "Q"), None),
        ("'80${P:-80}:80'", ("P",), None),
        ("'${P:+8080}:80'", ("P",), None),
        ("'${P:-${Q:-8080}}:80'", ("P", "Q"), "P"),
        ("'${ALL:-8080:80}'", (), None),
        ("{target: 80, published: '${P:-8080}'}", ("P",), "P"),
        ("{target: 80, published: '1${P:-8080}'}", ("P",), None),
    ],
)
def test_which_variable_sets_the_host_port(written: str, variables: tuple[str, ...], movable: str | None) -> None:
    one = entry(written)
    assert (one.variables, one.movable) == (variables, movable)


def test_values_are_filled_in() -> None:
    assert entry("'${IP:-127.0.0.1}:${P:-8080}:80'", P="9000", IP="10.0.0.1").address == "10.0.0.1:9000"


def test_a_port_of_a_managed_service_can_be_moved() -> None:
    (one,) = entries(f"  a: {{{NODE}, ports: ['3014:3000']}}", A_PORT="20000")
    assert (one.address, one.movable) == ("127.0.0.1:20000", "A_PORT")


@pytest.mark.parametrize("mode", ["host", "none"])
def test_what_docker_discards_is_not_published(mode: str) -> None:
    found = entries(f"  a: {{image: x, network_mode: {mode}, ports: ['80:80']}}\n  b: {{image: x, ports: ['80:80']}}")
    assert found[0].discarded == f"network_mode is {mode}"
    assert not found[0].numbers
    assert list(collisions(found)) == []


@pytest.mark.parametrize(
    ("one", "other", "number"),
    [
        ("['80:1']", "['80:2']", 80),
        ("['80-90:80-90']", "['85:2']", 85),
        ("['85:2']", "['80-90:80-90']", 85),
        ("['127.0.0.1:80:1']", "['0.0.0.0:80:2']", 80),
        ("['80:1']", "['[::1]:80:2']", 80),
        ("['[::]:80:1']", "['[::1]:80:2']", 80),
        ("['80:1'], profiles: [x]", "['80:2']", 80),
        ("['80:1'], profiles: [x, y]", "['80:2'], profiles: [y]", 80),
        ("['${P:-80}:1']", "['80:2']", 80),
        ("['${P:?}:1']", "['${P:?}:2']", 99),
    ],
)
def test_collisions(one: str, other: str, number: int) -> None:
    found = entries(
        f"  a: {{image: x, ports: {one}}}\n  b: {{image: x, ports: {other}}}", **({"P": "99"} if "?" in one else {})
    )
    assert [(a.service, b.service, port) for a, b, port in collisions(found)] == [("a", "b", number)]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("['80:1']", "['80:1/udp']"),
        ("['127.0.0.1:80:1']", "['127.0.0.2:80:1']"),
        ("['0.0.0.0:80:1']", "['[::1]:80:1']"),
        ("['80:1'], profiles: [x]", "['80:2'], profiles: [y]"),
        ("['80-90:1']", "['85:2']"),
        ("['0:1']", "['0:2']"),
        ("['80']", "['80']"),
    ],
)
def test_no_collisions(one: str, other: str) -> None:
    assert list(collisions(entries(f"  a: {{image: x, ports: {one}}}\n  b: {{image: x, ports: {other}}}"))) == []


def test_environments_do_not_collide_with_each_other() -> None:
    overlay = "{services: {b: {image: x, ports: ['81:1']}}}"
    found = entries(f"  a: {{image: x, ports: ['80:1']}}\nenvironments: {{dev: {overlay}, prod: {overlay}}}")
    assert [(one.environment, one.service) for one in found] == [
        ("", "a"),
        ("dev", "a"),
        ("dev", "b"),
        ("prod", "a"),
        ("prod", "b"),
    ]
    assert list(collisions(found)) == []


SHARED = """
services:
  a: {image: x, container_name: shop-a}
volumes: {data: {name: shop-data}, other: {external: true, name: theirs}, own: {}}
networks:
  back: {name: shop-back, ipam: {config: [{subnet: 10.9.0.0/24}]}}
  front: {ipam: {config: [{subnet: "${ENVGEN_SUBNET_PREFIX:-10.16}.0.0/24"}]}}
"""


def test_what_two_checkouts_would_share_is_said() -> None:
    said = list(shared(plan_of(SHARED)))
    assert [line.split(" is fixed")[0] for line in said] == [
        "the container name shop-a of `a`",
        "the name shop-data of volume `data`",
        "the name shop-back of network `back`",
        "the subnet 10.9.0.0/24 of network `back`",
    ]


@pytest.mark.parametrize(
    "written",
    ["'8080:80'", "'127.0.0.1:${P:-53}:53/udp'", "{target: 80, published: '${P:-8080}', host_ip: 10.0.0.1}"],
)
@pytest.mark.parametrize("value", [None, "9000"])
def test_compose_publishes_the_same(written: str, value: str | None) -> None:
    plan = plan_of(f"services:\n  a: {{image: x, ports: [{written}]}}")
    values = {} if value is None else {"P": value}
    env = "".join(f"{name}={text}\n" for name, text in values.items())
    (told,) = compose_config(rendered(plan)["compose.yaml"], env=env)["services"]["a"]["ports"]
    (one,) = published(plan, lambda text: resolved(text, values.get))
    assert (one.host_ip, one.host_port, one.target, one.protocol) == (
        told.get("host_ip", ""),
        told["published"],
        str(told["target"]),
        told["protocol"],
    )
