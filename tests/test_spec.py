"""Every valid compose service is a valid envgen service with the same meaning, and the schema says what load does."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from envgen import compose_schema
from envgen.compose_formats import SERVICE
from envgen.finding import EnvgenError
from envgen.plan import resolve
from envgen.render import render
from envgen.source import parse
from envgen.spec import Spec, load
from envgen.spec.compose_view import service_keys
from envgen.spec.consistency import _EXPECTED
from envgen.spec.model import (
    ENVGEN_ONLY_BUILD_KEYS,
    ENVGEN_ONLY_HEALTHCHECK_KEYS,
    ENVGEN_ONLY_SERVICE_KEYS,
    SERVICE_KEYS,
)
from envgen.spec.schema import json_schema, schema_text

ROOT = Path(__file__).parents[1]
ERRORS = Path(__file__).parent / "errors"
COMPOSE = Path(sys.executable).parent / "docker-compose"
HEAD = "envgen: 1\nname: shop\nservices:\n  web:\n    image: nginx:1.27\n"

# a valid value for each key that compose knows of a service
VALUES: dict[str, Any] = {
    "annotations": {"com.example.a": "b"},
    "attach": False,
    "blkio_config": {"weight": 300, "device_read_bps": [{"path": "/dev/sdb", "rate": "12mb"}]},
    "build": {"context": ".", "args": {"A": "b"}, "target": "prod", "dockerfile": "Other.Dockerfile"},
    "cap_add": ["NET_ADMIN"],
    "cap_drop": ["ALL"],
    "cgroup": "private",
    "cgroup_parent": "m-executor-abcd",
    "command": ["nginx", "-g", "daemon off;"],
    "configs": [{"source": "conf", "target": "/etc/x", "uid": "103", "gid": "103", "mode": 288}],
    "container_name": "my-web",
    "cpu_count": 2,
    "cpu_percent": 50,
    "cpu_period": 100000,
    "cpu_quota": 50000,
    "cpu_rt_period": 1000000,
    "cpu_rt_runtime": 950000,
    "cpu_shares": 512,
    "cpus": 0.5,
    "cpuset": "0-1",
    "credential_spec": {"file": "spec.json"},
    "depends_on": {"other": {"condition": "service_started", "restart": True, "required": False}},
    "deploy": {"replicas": 2, "resources": {"limits": {"cpus": "0.5", "memory": "50M"}}},
    "develop": {"watch": [{"path": "./src", "action": "sync", "target": "/app/src"}]},
    "device_cgroup_rules": ["c 1:3 mr"],
    "devices": ["/dev/ttyUSB0:/dev/ttyUSB0"],
    "dns": ["8.8.8.8", "9.9.9.9"],
    "dns_opt": ["use-vc"],
    "dns_search": "example.com",
    "domainname": "example.com",
    "entrypoint": "/entry.sh --flag",
    "env_file": [{"path": "./a.env", "required": False}],
    "environment": {"A": "b", "EMPTY": None, "N": 1.5, "T": True},
    "expose": ["3000", 8000],
    "extends": {"service": "other"},
    "external_links": ["redis"],
    "extra_hosts": {"somehost": "162.242.195.82"},
    "gpus": "all",
    "group_add": ["mail", 1000],
    "healthcheck": {"test": ["CMD", "true"], "interval": "10s", "retries": 2, "start_interval": "1s"},
    "hostname": "web1",
    "image": "httpd:2.4",
    "init": True,
    "ipc": "shareable",
    "isolation": "default",
    "label_file": ["./a.labels"],
    "labels": {"a.b": "c", "n": 1},
    "links": ["other:db"],
    "logging": {"driver": "json-file", "options": {"max-size": "10m", "max-file": 3}},
    "mac_address": "02:42:ac:11:65:43",
    "mem_limit": "512m",
    "mem_reservation": "256m",
    "mem_swappiness": 10,
    "memswap_limit": "1g",
    "models": ["llm"],
    "network_mode": "service:other",
    "networks": {"back": {"aliases": ["www"], "ipv4_address": "172.30.0.5"}, "default": None},
    "oom_kill_disable": True,
    "oom_score_adj": 500,
    "pid": "host",
    "pids_limit": 100,
    "platform": "linux/amd64",
    "ports": ["8080:80", "53:53/udp", 9000, {"target": 443, "published": "8443", "mode": "host", "name": "tls"}],
    "post_start": [{"command": ["true"], "user": "root"}],
    "pre_start": [{"command": ["true"]}],
    "pre_stop": [{"command": "true"}],
    "privileged": True,
    "profiles": ["debug"],
    "provider": {"type": "awesomecloud", "options": {"type": "mysql"}},
    "pull_policy": "always",
    "pull_refresh_after": "24h",
    "read_only": True,
    "restart": "unless-stopped",
    "runtime": "runc",
    "scale": 2,
    "secrets": ["token", {"source": "token", "target": "other"}],
    "security_opt": ["label:user:USER"],
    "shm_size": "64m",
    "stdin_open": True,
    "stop_grace_period": "1m30s",
    "stop_signal": "SIGUSR1",
    "storage_opt": {"size": "1G"},
    "sysctls": {"net.core.somaxconn": 1024},
    "tmpfs": ["/run:size=64m"],
    "tty": True,
    "ulimits": {"nproc": 65535, "nofile": {"soft": 20000, "hard": 40000}},
    "umask": 18,
    "use_api_socket": True,
    "user": "1000:1000",
    "userns_mode": "host",
    "uts": "host",
    "volumes": ["data:/data", "./conf:/conf:ro", {"type": "tmpfs", "target": "/t", "tmpfs": {"size": 1000}}],
    "volumes_from": ["other:ro"],
    "working_dir": "/srv",
}
# the vendored schema is newer than the docker-compose of the tests
UNKNOWN_TO_DOCKER_COMPOSE = {"umask"}
SECTIONS: dict[str, Any] = {
    "networks": {"back": {"ipam": {"config": [{"subnet": "172.30.0.0/16"}]}}},
    "volumes": {"data": None},
    "secrets": {"token": {"environment": "TOKEN"}},
    "configs": {"conf": {"file": "./conf"}},
    "models": {"llm": {"model": "ai/smollm2"}},
}


def spec_of(text: str) -> Spec:
    return load(parse(text, "envgen.yaml"))


def compose_text(text: str) -> str:
    (artifact,) = render(resolve(spec_of(text)), "compose")
    return artifact.text


def compose_file(key: str, value: object) -> dict[str, Any]:
    """A compose file in which a service has that key."""
    service = {"image": "nginx:1.27", key: value} if key != "provider" else {key: value}
    return {"services": {"web": service, "other": {"image": "busybox:1.37"}}, **SECTIONS}


def as_spec(compose: dict[str, Any]) -> str:
    return json.dumps({"envgen": 1, "name": "shop", **compose})


def docker_compose(text: str, folder: Path) -> Any:
    """What docker-compose makes of a compose file; None if it refuses it."""
    path = folder / "compose.yaml"
    path.write_text(text, encoding="utf-8")
    command = [COMPOSE, "-p", "shop", "-f", path, "--profile", "*", "config", "--format", "json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)
    return json.loads(done.stdout) if done.returncode == 0 else None


def test_there_is_a_value_for_every_key_of_compose() -> None:
    assert VALUES.keys() == compose_schema.service_properties().keys()


@pytest.mark.parametrize("key", VALUES)
def test_a_compose_key_arrives_unchanged(key: str, tmp_path: Path) -> None:
    written = compose_file(key, VALUES[key])
    text = compose_text(as_spec(written))
    rendered: Any = parse(text, "compose.yaml").data
    assert rendered["services"] == written["services"]
    for name in ("a.labels", "conf"):
        (tmp_path / name).write_text("a=b\n")
    original = docker_compose(json.dumps(written), tmp_path)
    assert (original is None) == (key in UNKNOWN_TO_DOCKER_COMPOSE)
    assert docker_compose(text, tmp_path) == original


def test_own_keys_are_no_keys_of_compose_but_for_those_that_envgen_extends() -> None:
    compose = compose_schema.service_properties().keys()
    assert not ENVGEN_ONLY_SERVICE_KEYS & compose
    assert SERVICE_KEYS & compose == {"user", "ports", "environment", "healthcheck", "build"}
    # `secrets` is extended by what declares it: the section takes names without a source
    assert spec_of(HEAD + "    secrets: [token]\nsecrets:\n  token:\n").sections["secrets"] == {"token": None}
    assert not ENVGEN_ONLY_HEALTHCHECK_KEYS & compose_schema.nested_properties("healthcheck").keys()
    assert not ENVGEN_ONLY_BUILD_KEYS & compose_schema.nested_properties("build").keys()
    own = Spec.model_fields.keys() - {"name", "services", "sections"}
    assert not own & compose_schema.top_level_keys()
    assert service_keys() == compose | SERVICE_KEYS


def test_extension_keys_are_kept_at_the_root_and_on_services() -> None:
    text = compose_text(HEAD + "    x-team: {name: web, cost: '${UNTOUCHED-1}'}\nx-anchors: [1, $two, true]\n")
    data: Any = parse(text, "compose.yaml").data
    assert data["services"]["web"]["x-team"] == {"name": "web", "cost": "${UNTOUCHED-1}"}
    assert data["x-anchors"] == [1, "$two", True]


def test_version_is_accepted_and_ignored() -> None:
    assert "version" not in compose_text('version: "3.8"\n' + HEAD)


def test_a_key_newer_than_the_schema_passes_with_a_warning() -> None:
    spec = spec_of(HEAD + "    compose: {newkey: {a: [1]}}\n")
    assert [(finding.code, finding.line, finding.column) for finding in spec.warnings] == [("EG015", 6, 15)]
    data: Any = parse(compose_text(HEAD + "    compose: {newkey: {a: [1]}}\n"), "compose.yaml").data
    assert data["services"]["web"]["newkey"] == {"a": [1]}


def test_a_port_in_base_60_stays_text() -> None:
    data: Any = parse(compose_text(HEAD + "    ports: [22:22]\n"), "compose.yaml").data
    assert data["services"]["web"]["ports"] == ["22:22"]


@pytest.mark.parametrize(
    "value",
    [
        "restart: ${RESTART}", 'ports: ["${PORT:-3000}:3000", "${ALL}"]', "scale: ${N}", "init: ${INIT:-true}",
        "healthcheck: {test: ['${HOW}', x], retries: '${N}'}", "volumes: ['${DATA}:/data']",
        "deploy: {replicas: '${N}'}",
        "depends_on: ['${OTHER}']", "cgroup: ${CGROUP}", "networks: ['${NET}']", "privileged: ${P}",
    ],
)  # fmt: skip
def test_interpolated_values_are_never_refused(value: str) -> None:
    assert spec_of(HEAD + f"    {value}\n").warnings == ()


def cast_paths() -> Iterator[tuple[str, str]]:
    yield from ((".".join(path), _EXPECTED[form]) for path, form in SERVICE.items() if form in _EXPECTED)


def nested(path: str, value: str) -> dict[str, Any]:
    """A service with a value at a path; required keys beside it."""
    beside: dict[str, Any] = {"ports": {"target": 80}, "volumes": {"type": "volume", "target": "/x"}}
    beside |= {"depends_on": {"condition": "service_started"}, "ulimits": {"soft": 1, "hard": 2}}
    first, *rest = path.split(".")
    built: Any = value
    for part in reversed(rest):
        if part == "*":
            item = {**beside[first], **built} if isinstance(built, dict) else built
            built = [item] if first in ("ports", "volumes") else {"other": item}
        else:
            built = {part: built}
    return {first: built}


@pytest.mark.parametrize(("path", "expected"), [*cast_paths()])
def test_text_for_a_number_or_boolean_is_taken_where_compose_takes_it(path: str, expected: str, tmp_path: Path) -> None:
    good = {"a whole number": "3", "a number": "7", "true or false": "yes"}[expected]
    for value in (good, "many"):
        ((key, built),) = nested(path, value).items()
        written = compose_file(key, built)
        accepted = docker_compose(json.dumps(written), tmp_path) is not None
        # the number in the text is checked again by compose's own schema, which wants text there
        assert accepted == (value == good) or path in ("cpu_count", "cpu_percent")
        if value == good and path != "depends_on.*.required":  # compose's schema has no text there
            spec_of(as_spec(written))
        elif value != good:
            with pytest.raises(EnvgenError, match=f'expected {expected}, found the text "many"'):
                spec_of(as_spec(written))


@pytest.mark.parametrize(
    "port",
    [
        "80", "8080:80", "127.0.0.1:8080:80", "127.0.0.1::80", "[::1]:80:80", "::1:80:80", "80-81:80-81", ":80", "0:80",
        "8080-8090:80", "53:53/udp", "53:53/UDP", "80/sctp", "1.2.3.4:80-81:80-81", "tcp/80", "80800:80", "80:http",
        "80:0", "localhost:80:80", "1.2.3:80:80", "80:80/icmp", "8080:80-81", "80-79:80-79", "80:", "", "80 :80",
    ],
)  # fmt: skip
def test_short_ports_are_taken_where_compose_takes_them(port: str, tmp_path: Path) -> None:
    written = compose_file("ports", [port])
    try:
        spec_of(as_spec(written))
        taken = True
    except EnvgenError:
        taken = False
    assert taken == (docker_compose(json.dumps(written), tmp_path) is not None)


# the JSON schema


def test_the_shipped_schema_is_generated_from_the_models() -> None:
    assert (ROOT / "schemas" / "envgen.schema.json").read_text(encoding="utf-8") == schema_text()


@pytest.mark.parametrize("example", sorted(path.parent.name for path in ROOT.glob("examples/*/envgen.yaml")))
def test_the_schema_takes_the_examples(example: str) -> None:
    path = ROOT / "examples" / example / "envgen.yaml"
    jsonschema_rs.validator_for(json_schema()).validate(parse(path.read_bytes(), path.name).data)


@pytest.mark.parametrize("key", VALUES)
def test_the_schema_takes_every_key_of_compose(key: str) -> None:
    jsonschema_rs.validator_for(json_schema()).validate(json.loads(as_spec(compose_file(key, VALUES[key]))))


# what only a look beyond types settles: text that compose turns into a number, keys of which one has to be there
BEYOND_TYPES = {
    "build_no_command", "config_no_source", "environment_incomplete_service", "healthcheck_retries_text",
    "parameter_without_value", "ports_target_text", "preset_file_empty", "root_services_missing",
    "runtime_version_missing", "secret_no_source", "service_build_null",
    "service_init_text", "service_no_image", "service_scale_text", "specs_no_format", "ulimits_wrong_type",
    "volume_long_no_source",
}  # fmt: skip


def structural() -> Iterator[str]:
    """The error cases that are about keys and types alone."""
    for folder in sorted(path for path in ERRORS.iterdir() if path.is_dir()):
        text = (folder / "expected.txt").read_text(encoding="utf-8")
        if set(re.findall(r"\[(EG\d{3})\]$", text, re.MULTILINE)) <= {"EG010", "EG011", "EG013"}:
            yield folder.name


@pytest.mark.parametrize("case", [*structural()])
def test_the_schema_refuses_what_is_wrong_with_keys_and_types(case: str) -> None:
    (path,) = (ERRORS / case).glob("envgen.*")
    data = parse(path.read_bytes(), path.name).data
    assert jsonschema_rs.validator_for(json_schema()).is_valid(data) == (case in BEYOND_TYPES)


def test_the_schema_takes_null_where_an_environment_takes_a_key_out() -> None:
    schema = jsonschema_rs.validator_for(json_schema())
    for key, is_valid in (("ports", True), ("healthcheck", True), ("init", True), ("prots", False)):
        service = {"image": "a", "ports": [80]}
        spec = {
            "envgen": 1,
            "name": "p",
            "services": {"a": service},
            "environments": {"e": {"services": {"a": {key: None}}}},
        }
        assert schema.is_valid(spec) is is_valid, key


def test_every_key_of_ours_is_described() -> None:
    schema = json_schema()
    own = [schema, *(entry for name, entry in schema["$defs"].items() if not name.startswith("compose_"))]
    compose = compose_schema.service_properties().keys() | compose_schema.top_level_keys()
    for key in ("build", "healthcheck", "ports"):
        compose |= compose_schema.nested_properties(key).keys()
    undescribed = [
        f"{entry.get('title')}.{key}"
        for entry in own
        for key, value in entry.get("properties", {}).items()
        if not value.get("description") and key not in compose
    ]
    assert undescribed == []


def test_null_removes_what_a_service_inherits_and_nothing_else() -> None:
    text = """\
envgen: 1
name: p
defaults: {restart: always}
services:
  a: {preset: redis, mem_limit: null, ports: null, healthcheck: {interval: null, timeout: 9s}}
  b: {image: x, restart: null, environment: {PASSED: null}}
  c: {image: x}
"""
    a, b, c = (service.compose for service in resolve(load(parse(text, "envgen.yaml"))).services)
    assert "mem_limit" not in a
    assert "ports" not in a
    assert isinstance(a["healthcheck"], dict)
    assert "interval" not in a["healthcheck"]
    assert a["healthcheck"]["timeout"] == "9s"
    assert "restart" not in b
    assert b["environment"] == {"PASSED": None}
    assert c["restart"] == "always"
    with pytest.raises(EnvgenError):
        load(parse(text.replace("restart: null", "mem_limit: null"), "envgen.yaml"))


def test_a_typed_secret_is_declared_for_other_services_too() -> None:
    text = """\
envgen: 1
name: p
services:
  a: {image: x, environment: {TOKEN: {secret: true}}, secrets: [token]}
  b: {image: x, secrets: [token]}
"""
    plan = resolve(load(parse(text, "envgen.yaml")))
    assert [service.compose["secrets"] for service in plan.services] == [["token"], ["token"]]
    assert plan.sections["secrets"] == {"token": {"file": "./secrets/token"}}
    with pytest.raises(EnvgenError, match="there is no secret `tokens`"):
        load(parse(text.replace("b: {image: x, secrets: [token]}", "b: {image: x, secrets: [tokens]}"), "envgen.yaml"))
