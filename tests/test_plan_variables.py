import pytest
from oracles import compose_config
from plans import node, plan_of, rendered

from envgen.plan.model import EnvVariable


def variables(text: str) -> dict[str, EnvVariable]:
    return {variable.name: variable for variable in plan_of(text).variables}


def only(text: str) -> EnvVariable:
    (variable,) = variables(text).values()
    return variable


@pytest.mark.parametrize(
    ("variable", "default", "required", "example", "kind"),
    [
        ("{default: x, description: D}", "x", False, None, "string"),
        ("{type: int, default: 3}", "3", False, None, "int"),
        ("{required: true}", None, True, "change-me", "string"),
        ("{required: true, example: e}", None, True, "e", "string"),
        ("{type: enum, values: [u, v], required: true}", None, True, "u", "enum"),
        ("{type: port, required: true}", None, True, "8080", "port"),
        ("{type: url, required: true}", None, True, "https://example.com", "url"),
        ("{type: bool, required: true}", None, True, "true", "bool"),
        ("{secret: true, deliver: env}", None, True, "change-me", "string"),
        ("{description: D}", None, False, None, "string"),
        ("{value: '${A:-${B:-x}}'}", "x", False, None, "string"),
    ],
)
def test_typed_variables(variable: str, default: str | None, required: bool, example: str | None, kind: str) -> None:  # noqa: FBT001
    found = variables(node(f"environment: {{A: {variable}}}"))["A"]
    assert (found.default, found.required, found.example, found.kind) == (default, required, example, kind)
    assert found.services == ("a",)
    assert found.secret == ("secret" in variable)


@pytest.mark.parametrize(
    ("text", "default", "required"),
    [
        ("${V:-x}", "x", False), ("${V-x}", "x", False), ("${V:-}", "", False), ("${V:-a$$b}", "a$b", False),
        ("${V:?}", None, True), ("${V?say}", None, True), ("$V", None, False), ("${V}", None, False),
        ("${V:+x}", None, False),
    ],
)  # fmt: skip
def test_interpolations_in_the_environment(text: str, default: str | None, required: bool) -> None:  # noqa: FBT001
    found = only(f"services: {{a: {{image: x, environment: {{E: '{text}'}}}}}}")
    assert (found.default, found.required) == (default, required)


def test_nested_interpolations_are_found_with_the_default_that_holds() -> None:
    found = variables("services: {a: {image: '${A:-${B:-x}:${C:?}}'}}")
    assert list(found) == ["A", "B", "C"]
    assert found["A"].default is None
    assert found["B"].default == "x"
    assert found["C"].required


def test_every_place_is_searched() -> None:
    text = """
    services:
      a:
        image: x
        labels: ["l=${LABEL:-1}"]
        command: echo ${COMMAND:-1}
        build: {context: ., args: {A: "${ARG:-1}"}}
        deploy: {replicas: "${REPLICAS:-1}"}
        x-own: "${OWN:-1}"
    volumes: {v: {name: "${VOLUME:-v}"}}
    networks: {n: {name: "${NETWORK:-n}"}}
    secrets: {s: {file: "${DIR:-.}/s"}}
    configs: {c: {content: "${CONTENT:-1}"}}
    """
    found = variables(text)
    assert set(found) == {
        "LABEL", "COMMAND", "OWN", "ARG", "REPLICAS", "VOLUME", "NETWORK", "DIR", "CONTENT",
    }  # fmt: skip
    assert found["LABEL"].services == ("a",)
    assert found["VOLUME"].services == ("volumes.v",)


def test_each_service_that_takes_a_variable_is_named_once() -> None:
    text = "services: {b: {image: '${V:-1}${V:-1}'}, a: {image: '${V:-1}'}}"
    assert only(text).services == ("b", "a")


def test_a_variable_that_is_required_anywhere_has_no_default() -> None:
    found = only("services: {a: {image: '${V:-x}'}, b: {image: '${V:?}'}}")
    assert (found.default, found.required, found.example) == (None, True, "x")


def test_defaults_that_differ_are_told() -> None:
    found = only("services: {a: {image: '${V:-x}'}, b: {image: '${V:-y}'}, c: {image: '${V:-y}'}}")
    assert found.default == "x"
    assert found.description == "Without it: 'x' in a, 'y' in b and c"


def test_ports_are_described() -> None:
    found = only(node("ports: ['80:3000']"))
    assert (found.name, found.default, found.kind) == ("A_PORT", "80", "port")
    assert found.description == "the host port of a, for its port 3000"


def test_composes_own_variables_are_not_the_users() -> None:
    assert variables(node() + "  b: {uses: node@16, command: [b]}\n") == {}


REQUIRED = """
services:
  a:
    uses: node@16
    command: [node, a.js]
    image: "x:${IMG}"
    ports: ["${P:?}:80", "${IP:?}:81:81", "82:${T:?}", {target: 83, published: "${PUB:?}", host_ip: "${HIP:?}"}]
    expose: ["${EX:?}"]
    mem_limit: ${M}
    shm_size: ${SH:?}
    cpus: ${C:?}
    restart: ${R:?}
    stop_grace_period: ${G:?}
    environment: {E: "${E:?}", BLANK: "${BLANK}", TY: {type: url, required: true}, S: {secret: true, deliver: env}}
    volumes: ["${VOL:?}:/v", {type: bind, source: "${SRC:?}", target: /t}]
    healthcheck: {http: /, port: 3, interval: "${I:?}", retries: "${RE:?}"}
    pull_policy: ${PP:?}
    platform: ${PL:?}
    network_mode: ${NM:?}
    user: "${U:?}:${GR:?}"
    ulimits: {nofile: "${UL:?}", nproc: {soft: "${SOFT:?}", hard: 3}}
    init: ${IN:?}
    read_only: ${RO}
    tmpfs: ["${TM:?}"]
    deploy: {replicas: "${SC:?}"}
    extra_hosts: ["a:${EH:?}"]
    profiles: ["${PR:?}"]
    hostname: ${HN}
networks: {n: {ipam: {config: [{subnet: "${SN:?}"}]}, internal: "${INT:?}"}}
volumes: {v: {name: "${VN:?}"}}
"""


def test_compose_takes_the_file_with_the_examples_filled_in() -> None:
    files = rendered(plan_of(REQUIRED))
    data = compose_config(files["compose.yaml"], env=files[".env.example"] + "\nCOMPOSE_PROFILES=*\n")
    assert data["services"]["a"]["image"] == "x:change-me"


def test_secret_files_are_listed_with_who_reads_them() -> None:
    text = """
    services:
      db: {preset: postgres}
      a: {image: x, secrets: [db_password, {source: s, target: t}]}
    secrets:
      s: {file: "${DIR:-./keys}/s"}
      e: {external: true}
      v: {environment: TOKEN}
      unknown: {file: "${DIR}/x"}
      db_password:
    """
    found = [(secret.name, secret.path, secret.services) for secret in plan_of(text).secret_files]
    assert found == [("s", "./keys/s", ("a",)), ("db_password", "./secrets/db_password", ("db", "a"))]
