"""All of the compose specification can be written in a spec, and means the same in what is rendered.

docker-compose reads the original and the rendering, with and without interpolation; `benchmarks/round_trip.py` does the
same with real files.
"""

import copy
import json
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from compose_samples import keys, samples, sections
from oracles import program

from envgen.finding import EnvgenError
from envgen.plan import resolve
from envgen.render import render
from envgen.source import parse
from envgen.spec import load

# in the specification's newest schema, but not yet in docker-compose 5.6.1
NEWER = {("service", "umask"), ("networks", "use_service_name_alias")}
AROUND: Mapping[str, Any] = {
    "services": {"other": {"image": "o"}},
    "networks": {"net": {"ipam": {"config": [{"subnet": "10.9.0.0/16"}, {"subnet": "fd00::/64"}]}}},
    "volumes": {"vol": None},
    "secrets": {"secret": {"file": "./s"}},
    "configs": {"config": {"content": "c"}},
    "models": {"model": {"model": "m"}},
}
BESIDE: Mapping[str, tuple[Mapping[str, Any], frozenset[str]]] = {  # what an entry needs, unless it has one of these
    "service": ({"image": "i"}, frozenset({"build", "image", "provider"})),
    "secret": ({"file": "./s"}, frozenset({"environment", "external", "file"})),
    "config": ({"file": "./s"}, frozenset({"content", "environment", "external", "file"})),
    "model": ({"model": "m"}, frozenset({"model"})),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A project's folder with the files that compose reads itself."""
    for name in ("a.env", "l.env"):
        Path(tmp_path, name).write_text("Q=1\n")
    Path(tmp_path, "base.yaml").write_text('services: {base: {image: b, ports: ["1:1"]}}\n')
    Path(tmp_path, "more.yaml").write_text("services: {more: {image: m}}\n")
    return tmp_path


def rendered(text: str) -> str:
    plan = resolve(load(parse(text, "envgen.yaml")))
    return next(artifact.text for artifact in render(plan, "compose"))


def as_spec(text: str) -> str:
    return f"envgen: 1\nname: p\n{text}"


def config(text: str, folder: Path, *flags: str, **environment: str) -> str:
    """What docker-compose makes of a file, in YAML: its JSON leaves out `models`."""
    Path(folder, "file.yaml").write_text(text, encoding="utf-8", newline="")
    command = [
        program("docker-compose"),
        "--profile",
        "*",
        "-p",
        "p",
        "-f",
        str(folder / "file.yaml"),
        "config",
        *flags,
    ]
    done = subprocess.run(
        [*command, *flags], env={"HOME": "/h", **environment}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def arrives(text: str, folder: Path, **environment: str) -> None:
    for flags in ((), ("--no-interpolate",)):
        assert config(rendered(as_spec(text)), folder, *flags, **environment) == config(
            text, folder, *flags, **environment
        )


def entries(section: str) -> Iterator[tuple[str, Any]]:
    """An entry of a section for each value of each key: the key, and the entry."""
    beside, instead = BESIDE.get(section, ({}, frozenset()))
    for key, node in sections()[section].items():
        for value in samples(node, (section, key)) if (section, key) not in NEWER else ():
            yield key, {**({} if key in instead else beside), key: value}


@pytest.mark.parametrize("section", sections())
def test_a_value_of_every_key_arrives(section: str, folder: Path) -> None:
    data: Any = copy.deepcopy(AROUND)
    for number, (_, entry) in enumerate(entries(section)):
        data[f"{section}s"][f"n{number}"] = entry
    text = json.dumps(data)
    spec = json.dumps({"envgen": 1, "name": "p", **data})
    for flags in ((), ("--no-interpolate",)):
        assert config(rendered(spec), folder, *flags) == config(text, folder, *flags)


@pytest.mark.parametrize("section", sections())
def test_there_is_a_value_of_every_key_of_the_schema(section: str) -> None:
    written: set[tuple[str, str]] = set()
    for key, entry in entries(section):
        written |= {(key, name) for name in (key, *_names(entry[key]))}
    wanted = {
        (key, name)
        for key, node in sections()[section].items()
        if (section, key) not in NEWER
        for name in (key, *(route[-1] for route in keys(node)))
    }
    assert wanted - written == NEWER & wanted


def _names(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield key
            yield from _names(item)
    elif isinstance(value, list):
        for item in value:
            yield from _names(item)


WRITTEN = {
    "merge keys and anchors": """
        x-base: &base
          restart: "no"
          environment: &env {A: "1", B: two}
          logging: {driver: json-file}
        x-more: &more {init: true}
        services:
          a: {<<: *base, image: x}
          b:
            <<: [*more, *base]
            image: y
            environment: {<<: *env, B: own, C: }
        """,
    "an anchor that is set twice": """
        services:
          a: {image: x, environment: &e {A: "1"}}
          b: {image: x, environment: &e {A: "2"}}
          c: {image: x, environment: *e}
        """,
    "words, numbers and dates": """
        services:
          a:
            image: x
            ports: [22:22, "22:22", 2222:22, 80]
            environment: {A: yes, B: on, C: 010, D: 0o17, E: 1_000, F: 1e3, G: 1:30, H: "2001-01-01", I: ~, J: "",
                          K: .5, L: true, M: -0, N: 0x1f, O: 1.0, P: 12345678901234567890}
            labels: {a: 1, b: true, c: 1.50, d: "no", e: "null"}
        """,
    "dollars": """
        services:
          a:
            image: "x:${TAG:-1}"
            command: ["echo", "$$HOME", "$(id)", "$$(id)", "$ 1", "a$", "${A:-${B:-$$c}}", "^a$|b$$", "$1"]
            environment:
              - A=${A?no A}
              - B=$(B)
              - "C=$${C}"
              - D
            labels: {"a.$b": "${A}", "k": "$$"}
            healthcheck: {test: "test $? -eq 0 && test $$? -eq 0"}
        x-own: {script: "exec $@ ${A}"}
        """,
    "text of several lines": """
        services:
          a:
            image: x
            command:
              - sh
              - -c
              - |
                set -e
                  indented: "yes"   # no comment

                echo 'it''s' \\
                  $$HOME
              - >-
                folded
                text
              - "line\\nfeed\\ttab \\e[0m \\u2028"
            configs: [c]
        configs:
          c:
            content: |+
              keep

        """,
    "odd names and texts": """
        services:
          "1": {image: x, container_name: a.b}
          a-b.c_d: {image: y, depends_on: ["1"], hostname: "${H-h}"}
          "no": {image: z, labels: ["a=b=c", "x: y", "'q'", "# c", "é日本"], environment: {"A B": 1, "a.b": "{}"}}
        """,
    "ports in every form": """
        services:
          a:
            image: x
            ports: ["3000", "3000-3005", "8000:8000", "9090-9091:8080-8081", "127.0.0.1:8001:8001",
                    "127.0.0.1:5000-5010:5000-5010", "127.0.0.1::5001", "6060:6060/udp", "[::1]:6061:6061", 81,
                    "${P:-1234}:80", {target: 82, published: "${Q:-83}"}]
        """,
    "what is named twice": """
        services:
          a:
            {image: x, volumes: ["d:/d", "d:/d"], expose: [80, 80], cap_add: [A, A], ports: ["1:1", "1:1"], dns: [b, b]}
        volumes: {d: }
        """,
    "other files": """
        include: [more.yaml]
        services:
          a: {extends: {file: base.yaml, service: base}, ports: ["2:2"], env_file: [a.env], depends_on: [more]}
          b: {extends: a, environment: {A: b}}
        """,
    "nothing but other files": "include: [more.yaml]\n",
    "no service": "networks: {n: {driver: bridge}}\n",
    "reset of nothing": """
        services:
          a: {image: x, ports: !reset ["1:1"], command: !override [a], labels: {a: !reset b, c: d}}
        """,
    "nulls and empty values": """
        services:
          a: {image: x, command: , entrypoint: [], volumes: [], labels: {}, networks: {default: }, healthcheck: {}}
        networks: {default: , other: {}}
        volumes: {v: , w: {}}
        """,
}


@pytest.mark.parametrize("text", WRITTEN.values(), ids=WRITTEN)
def test_a_file_arrives(text: str, folder: Path) -> None:
    lines = text.split("\n")
    indent = min((len(line) - len(line.lstrip()) for line in lines if line.strip()), default=0)
    dedented = "\n".join(line[indent:] for line in lines).lstrip("\n")
    for value in ("plain", "a b", 'say "hi"', "it's # no comment", "k: v", "$HOME $$", "é\u2028{}"):
        arrives(dedented, folder, A=value)


RAW: Mapping[str, Any] = {
    "profiles": ["dev"],
    "configs": [{"source": "config", "target": "/etc/c", "mode": 292}],
    "develop": {"watch": [{"path": "./src", "action": "sync", "target": "/app/src", "ignore": ["b/"]}]},
    "gpus": [{"driver": "nvidia", "count": 1}],
    "deploy": {"replicas": 2, "labels": {"a": "b"}, "update_config": {"delay": "10s"}},
    "sysctls": {"net.core.somaxconn": 1024},
    "networks": {"net": {"aliases": ["alias", "${ALIAS:-b}"], "ipv4_address": "10.9.0.7"}},
    "volumes": [{"type": "bind", "source": "./c", "target": "/c", "bind": {"create_host_path": False}},
                {"type": "volume", "source": "vol", "target": "/v", "volume": {"nocopy": True}}],
    "extra_hosts": ["h:host-gateway"], "ulimits": {"nofile": {"soft": 1, "hard": 2}}, "stop_grace_period": "1m30s",
    "labels": ["a=b", "c"], "env_file": [{"path": "a.env", "required": False}], "post_start": [{"command": ["a"]}],
    "secrets": [{"source": "secret", "target": "/run/secrets/s", "mode": 292}], "dns": ["1.1.1.1"], "x-own": {"a": 1},
    "extends": {"file": "base.yaml", "service": "base"}, "annotations": ["a=b"], "models": ["model"],
    "logging": {"driver": "local"}, "restart": "on-failure:3", "expose": ["9000"], "hostname": "h", "stdin_open": True,
}  # fmt: skip


@pytest.mark.parametrize(
    "managed", [{"uses": "node@16", "build": {"context": "."}}, {"image": "x", "hardening": "strict"}]
)
def test_raw_keys_of_a_hardened_service_arrive(managed: dict[str, Any], folder: Path) -> None:
    service = {"command": ["node", "a.js"], **managed, **RAW}
    plain = {**AROUND, "services": {**AROUND["services"], "s": {"image": "i", **RAW}}}
    spec = {"envgen": 1, "name": "p", **AROUND, "services": {**AROUND["services"], "s": service}}
    found: dict[str, Any]
    wanted: dict[str, Any]
    found, wanted = (
        yaml.safe_load(config(text, folder))["services"]["s"]
        for text in (rendered(json.dumps(spec)), json.dumps(plain))
    )
    for key in RAW.keys() - {"extends"}:
        if key == "deploy":
            found[key].pop("resources", None)
        assert found.get(key) == wanted.get(key), key


@pytest.mark.parametrize(
    ("service", "reason"),
    [
        ('volumes: [":/x"]', "there is nothing between"),
        ('volumes: ["aa:/b:ro:z"]', "more than two colons"),
        ("volumes: [{type: volume}]", "no `target`"),
        ("volumes: [{type: bind, target: /x}]", "no `source`"),
        ("volumes: ['sub/folder:/x']", "there is no volume `sub/folder`"),
        ("restart: sometimes", "no restart policy"),
        ("stop_grace_period: '10'", "has no unit"),
        ("healthcheck: {interval: 5 seconds}", "no duration"),
        ("mem_limit: 1 gigabyte", "no size"),
        ("deploy: {resources: {limits: {memory: lots}}}", "no size"),
        ("ports: [localhost:80:80]", "no IP address"),
        ("ports: [{target: 80, host_ip: localhost}]", "no IP address"),
        ("ports: [80.5]", "no port"),
        ("container_name: shop/web", "as the name of a container"),
        ("stop_signal: SIGQUITE", "no signal"),
        ("extra_hosts: [name]", "names no address"),
        ("command: echo 'a", "isn't closed"),
        ("devices: ['a:b:c:d']", "more than three parts"),
        ("develop: {watch: [{path: a, action: sync}]}", "no `target`"),
        ("build: {context: ., dockerfile: a, dockerfile_inline: b}", "exclude each other"),
        ("container_name: abc, scale: 2", "can't all have the name"),
        ("mem_limit: 1g, deploy: {resources: {limits: {memory: 2g}}}", "disagree"),
        ("ulimits: {nofile: many}", "expected a whole number"),
        ("environment: ['A =b']", "ends with a space"),
    ],
)
def test_what_compose_or_the_engine_refuses_is_refused(service: str, reason: str) -> None:
    with pytest.raises(EnvgenError) as caught:
        rendered(as_spec(f"services:\n  a: {{image: x, {service}}}\n"))
    assert reason in str(caught.value)
    assert all(finding.line > 2 for finding in caught.value.findings)


@pytest.mark.parametrize(
    ("section", "reason"),
    [
        ("configs: {c: {}}", "where the config `c` comes from"),
        ("configs: {c: {file: a, content: b}}", "exclude each other"),
        ("secrets: {s: {file: a, environment: B}}", "exclude each other"),
        ("volumes: {v: {external: true, driver: local}}", "can't be set"),
        ("volumes: {v: {external: maybe}}", "expected true or false"),
    ],
)
def test_sections_that_compose_refuses_are_refused(section: str, reason: str) -> None:
    with pytest.raises(EnvgenError, match=reason):
        rendered(as_spec(f"services: {{a: {{image: x}}}}\n{section}\n"))


@pytest.mark.parametrize(
    "service",
    [
        'volumes: ["${D}:/x", "$D", "${A:-b}:/c:${MODE:-ro}"]', "restart: $R", "mem_limit: '${M:-1g}'",
        "stop_signal: '${S:-x}'",
        "ports: ['${A}:80', '$P']", "build: {context: ., platforms: ['$P']}, platform: linux/amd64", "command: $C 'a",
        "mem_limit: 1g, deploy: {resources: {limits: {memory: '${M:-1g}'}}}", "restart: ''", "stop_signal: '9'",
    ],
)  # fmt: skip
def test_what_compose_fills_in_is_not_judged(service: str) -> None:
    assert rendered(as_spec(f"services:\n  a: {{image: x, {service}}}\n"))


def test_services_of_different_profiles_can_share_a_container_name() -> None:
    text = "services:\n  a: {image: x, container_name: abc, profiles: [one]}\n  b: {image: x, container_name: abc"
    assert rendered(as_spec(text + ", profiles: [two]}\n"))
    for profiles in ("", ", profiles: [two, one]"):
        with pytest.raises(EnvgenError, match="would both have the container name"):
            rendered(as_spec(f"{text}{profiles}}}\n"))


@pytest.mark.parametrize("tagged", ["ports: !reset []", "environment: {A: !reset null}", "ports: !override ['2:2']"])
def test_tags_that_would_reach_what_a_service_extends_are_refused(tagged: str) -> None:
    text = f"services:\n  base: {{image: x, ports: ['1:1']}}\n  a: {{extends: base, {tagged}}}\n"
    with pytest.raises(EnvgenError, match="would reach what `a` extends") as caught:
        rendered(as_spec(text))
    (finding,) = caught.value.findings
    assert (finding.line, finding.excerpt[finding.column - 1]) == (5, "!")
