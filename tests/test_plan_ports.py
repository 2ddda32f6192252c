import pytest
from oracles import compose_config
from plans import image, node, plan_of, problems_of, rendered, service

LOOPBACK = {"host_ip": "127.0.0.1"}


def ports(entry: str, keys: str = "") -> list[object]:
    found: list[object] = service(node(f"ports: [{entry}]{keys}"))["ports"]
    return found


@pytest.mark.parametrize(
    ("entry", "planned"),
    [
        ("3000", {"target": 3000, **LOOPBACK}),
        ("'3000'", {"target": 3000, **LOOPBACK}),
        ("':3000'", {"target": 3000, **LOOPBACK}),
        ("'80:3000'", {"target": 3000, "published": "${A_PORT:-80}", **LOOPBACK}),
        ("'080:3000'", {"target": 3000, "published": "${A_PORT:-080}", **LOOPBACK}),
        ("'0:3000'", {"target": 3000, "published": "0", **LOOPBACK}),
        ("'53:53/udp'", {"target": 53, "published": "${A_PORT:-53}", "protocol": "udp", **LOOPBACK}),
        ("'53:53/UDP'", {"target": 53, "published": "${A_PORT:-53}", "protocol": "udp", **LOOPBACK}),
        ("'127.0.0.1:80:3000'", {"target": 3000, "published": "${A_PORT:-80}", **LOOPBACK}),
        ("'0.0.0.0:80:3000'", {"target": 3000, "published": "${A_PORT:-80}", "host_ip": "0.0.0.0"}),  # noqa: S104
        ("'127.0.0.1::3000'", {"target": 3000, **LOOPBACK}),
        ("'[::1]:80:3000'", {"target": 3000, "published": "${A_PORT:-80}", "host_ip": "::1"}),
        ("'::1:80:3000'", {"target": 3000, "published": "${A_PORT:-80}", "host_ip": "::1"}),
        ("'8000-8005:8000-8005'", "127.0.0.1:8000-8005:8000-8005"),
        ("'8000-8005'", "127.0.0.1::8000-8005"),
        ("'8000-8010:80'", "127.0.0.1:8000-8010:80"),
        ("'192.168.0.1:8000-8005:8000-8005'", "192.168.0.1:8000-8005:8000-8005"),
        ("'${P:-80}:3000'", "127.0.0.1:${P:-80}:3000"),
        ("'${P:-${Q:-80}}:3000'", "127.0.0.1:${P:-${Q:-80}}:3000"),
        ("'$P:3000'", "127.0.0.1:$P:3000"),
        ("'${P:?}'", "127.0.0.1::${P:?}"),
        ("'${IP:-0.0.0.0}:80:3000'", "${IP:-0.0.0.0}:80:3000"),
        ("'127.0.0.1:${P:-80}:3000/udp'", "127.0.0.1:${P:-80}:3000/udp"),
        ("{target: 3000}", {"target": 3000, **LOOPBACK}),
        ("{target: 3000, published: 80}", {"target": 3000, "published": "${A_PORT:-80}", **LOOPBACK}),
        ("{target: 3000, published: '80'}", {"target": 3000, "published": "${A_PORT:-80}", **LOOPBACK}),
        ("{target: 3000, published: 80-90}", {"target": 3000, "published": "80-90", **LOOPBACK}),
        ("{target: 3000, published: '${P:-80}'}", {"target": 3000, "published": "${P:-80}", **LOOPBACK}),
        ("{target: 3000, published: 0}", {"target": 3000, "published": "0", **LOOPBACK}),
        ("{target: 1, host_ip: 1.2.3.4}", {"target": 1, "host_ip": "1.2.3.4"}),
        (
            "{target: 1, published: 2, mode: host, name: w, app_protocol: http, protocol: udp}",
            {
                "target": 1, "published": "${A_PORT:-2}", "mode": "host", "name": "w", "app_protocol": "http",
                "protocol": "udp", **LOOPBACK,
            },
        ),
    ],
)  # fmt: skip
def test_forms_of_a_published_port(entry: str, planned: object) -> None:
    assert ports(entry) == [planned]


@pytest.mark.parametrize(
    "entry",
    ["3000", "'3000'", "':3000'", "'80:3000'", "'53:53/udp'", "'[::1]:80:80'", "'8000-8005:8000-8005'",
     "'8000-8010:80'",
     "'${P:-80}:3000'", "'${IP:-127.0.0.1}:80:3000'", "{target: 3000, published: 80-90, protocol: udp}", "'0:80'"],
)  # fmt: skip
def test_compose_takes_the_form_and_publishes_the_same_ports(entry: str) -> None:
    spec = plan_of(node(f"ports: [{entry}]"))
    planned = compose_config(rendered(spec)["compose.yaml"])["services"]["a"]["ports"]
    written = compose_config(f"services: {{a: {{image: x, ports: [{entry}]}}}}")["services"]["a"]["ports"]
    # `0` is another way to say that Docker picks one
    assert [{**port, "host_ip": port.get("host_ip", "127.0.0.1")} for port in written] == planned


@pytest.mark.parametrize("kind", ["image: x", "uses: node@16, command: [a], hardening: none"])
def test_ports_of_an_unmanaged_service_stay_as_they_are(kind: str) -> None:
    written = ["80:80", 3000, {"target": 1, "published": 2}]
    assert (
        service(f"services: {{a: {{{kind}, ports: ['80:80', 3000, {{target: 1, published: 2}}]}}}}")["ports"] == written
    )


@pytest.mark.parametrize(
    ("name", "entries", "variables"),
    [
        ("a", "'80:80', '9229:9229', '53:53/udp'", ["A_PORT", "A_PORT_9229", "A_PORT_53_UDP"]),
        ("my-api", "'80:80'", ["MY_API_PORT"]),
        ("1a.b", "'80:80'", ["_1A_B_PORT"]),
        ("a", "3000, '80:80'", ["A_PORT"]),
        ("a", "'${P:-1}:1', '80:80'", ["P", "A_PORT_80"]),
        ("a", "'80:80', '81:80', '82:80', '83:80'", ["A_PORT", "A_PORT_80", "A_HOST_PORT_80", "A_HOST_PORT_80_83"]),
    ],
)
def test_names_of_port_variables(name: str, entries: str, variables: list[str]) -> None:
    plan = plan_of(node(f"ports: [{entries}]", name))
    assert [variable.name for variable in plan.variables] == variables


def test_a_port_does_not_take_the_name_of_a_typed_variable() -> None:
    text = """
    services:
      db: {preset: postgres, ports: ["5432:5432"]}
      a: {uses: node@16, command: [a], environment: {DB_PORT: {type: port, default: 5432}}}
    """
    assert service(text, "db")["ports"][0]["published"] == "${DB_HOST_PORT:-5432}"


def test_a_port_does_not_take_the_name_that_another_port_is_written_with() -> None:
    assert [
        port["published"] for port in service(node("ports: [{target: 1, published: '${A_PORT:-1}'}, '2:2']"))["ports"]
    ] == [
        "${A_PORT:-1}",
        "${A_PORT_2:-2}",
    ]


@pytest.mark.parametrize(
    ("entries", "exposed"),
    [
        ("ports: ['80:3000', 9229, '53:53/udp', '70-72:90-92']", ("3000", "9229", "53/udp", "90-92")),
        ("ports: ['${P:-1}:3000'], expose: [4000]", ("3000", "4000")),
        ("ports: [{target: 80, protocol: udp}, {target: '81'}]", ("80/udp", "81")),
        ("ports: ['80:${T:-80}']", ()),
        ("expose: ['3000/tcp', 3000]", ("3000",)),
    ],
)
def test_the_image_exposes_what_it_listens_on(entries: str, exposed: tuple[str, ...]) -> None:
    assert image(node(entries)).ports == exposed


def clash(one: str, other: str, kind: str = "uses: node@16, command: [a]") -> list[str]:
    other_kind = "uses: node@16, command: [a]"
    return problems_of(f"services:\n  a: {{{kind}, {one}}}\n  b: {{{other_kind}, {other}}}\n")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ports: ['80:1']", "ports: ['80:2']"),
        ("ports: ['80:1']", "ports: ['127.0.0.1:80:2']"),
        ("ports: ['0.0.0.0:80:1']", "ports: ['80:2']"),
        ("ports: ['[::]:80:1']", "ports: ['[::1]:80:2']"),
        ("ports: ['${A:-80}:1']", "ports: ['80:2']"),
        ("ports: ['${A:-80}:1']", "ports: ['${B-80}:2']"),
        ("ports: ['${A:-80}:1']", "ports: ['${A:-80}:2']"),
        ("ports: ['${A:-127.0.0.1:80}:1']", "ports: ['80:2']"),
        ("ports: ['80-90:80-90']", "ports: ['85:2']"),
        ("ports: [{target: 1, published: 80}]", "ports: ['80:2']"),
        ("ports: ['80:1'], profiles: [x, y]", "ports: ['80:2'], profiles: [y]"),
    ],
)
def test_two_services_cannot_publish_one_host_port(one: str, other: str) -> None:
    (problem,) = clash(one, other)
    assert "EG022 `a` and `b` would both publish the host port" in problem
    assert problem.startswith("3:")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ports: ['80:1']", "ports: ['80:2/udp']"),
        ("ports: ['127.0.0.1:80:1']", "ports: ['127.0.0.2:80:2']"),
        ("ports: ['0:1']", "ports: ['0:2']"),
        ("ports: [80]", "ports: [80]"),
        ("ports: ['${A}:1']", "ports: ['80:2']"),
        ("ports: ['[::]:80:1']", "ports: ['80:2']"),
        ("ports: ['[::1]:80:1']", "ports: ['0.0.0.0:80:2']"),
        ("ports: ['80:1'], network_mode: host", "ports: ['80:2']"),
        ("ports: ['80-90:1']", "ports: ['85:2']"),
        ("ports: ['80:1'], profiles: [x]", "ports: ['80:2'], profiles: [y]"),
        ("ports: ['80:1'], profiles: [x]", "ports: ['80:2']"),
    ],
)
def test_ports_that_do_not_clash(one: str, other: str) -> None:
    assert clash(one, other) == []


def test_a_service_cannot_publish_a_host_port_twice() -> None:
    (problem,) = problems_of(node("ports: ['80:1', '80:2']"))
    assert "`a` would publish the host port 80 twice" in problem


def test_a_plain_service_clashes_with_a_managed_one_only() -> None:
    assert clash("ports: ['80:1']", "ports: ['80:2']", "image: x")
    assert problems_of("services: {a: {image: x, ports: ['80:1']}, b: {image: x, ports: ['80:1']}}") == []


def test_two_services_cannot_be_moved_by_one_variable() -> None:
    text = """
    services:
      my-a: {uses: node@16, command: [a], ports: ["80:80"]}
      my_a: {uses: node@16, command: [a], ports: ["81:80"]}
    """
    (problem,) = problems_of(text)
    assert "EG022 the ports of `my-a` and `my_a` would both be set by MY_A_PORT" in problem
    assert "${ANOTHER_NAME:-81}:80" in problem
