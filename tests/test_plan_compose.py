"""A plain compose service means what compose makes of it; and a plan is data."""

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest
from oracles import compose_config
from plans import HEAD, dumped, node, plan_of, rendered

from envgen.compose_schema import top_level_keys
from envgen.plan import resolve
from envgen.plan.resolve import _SECTIONS
from envgen.source import parse
from envgen.spec import load

PLAIN = {
    "words": "a: {image: x, command: [echo, '...', '$$HOME', '${Y:-d}'], entrypoint: sh -c \"echo $$A\"}",
    "ports": "a: {image: x, ports: [3000, '1:2', '127.0.0.1:3:4', '[::1]:80:80', '8000-8005:8000-8005', '53:53/udp',"
    " ':3009', '${PORT:-3010}:3010', '${IP:-127.0.0.1}:3011:3011', {target: 9, published: '9-12', protocol: udp,"
    " mode: host, name: w, app_protocol: http, host_ip: 1.2.3.4}], expose: [1, '2-3', 4/udp]}",
    "environment list": "a: {image: x, environment: [A=1, B, 'C=', D=a=b, 'E=$$x', 'F=${F:-f}', 'X Y=1', A=2]}",
    "environment map": "a: {image: x, environment: {A: null, B: '', C: 1.5, D: true, E: 010, F: 0o17, G: '$$',"
    " H: '${A:-${B:-x}}', I: a$, a.b: 1, 'A-B': 2, J: '${A:+y}'}}",
    "labels": "a: {image: x, labels: [a=b, c, 'd=${L:-l}']}\n  b: {image: x, labels: {a: 1, b: true, c: null}}",
    "depends_on": "a: {image: x}\n  b: {image: x, depends_on: [a]}\n  c: {image: x, depends_on: {a: {condition:"
    " service_completed_successfully, restart: true, required: false}}, links: ['a:bee']}",
    "healthchecks": "a: {image: x, healthcheck: {disable: true}}\n  b: {image: x, healthcheck: {test: [NONE]}}\n"
    "  c: {image: x, healthcheck: {test: 'a $$B ${C:-c}', interval: 1m30s, start_interval: 5s, retries: '3'}}\n"
    "  d: {image: x, healthcheck: {interval: 3s}}\n  e: {image: x, healthcheck: {}}",
    "volumes": "a: {image: x, volumes: ['./x:/y:ro', 'v:/v:nocopy', /anon, '~/.ssh:/s', '${D:-./d}:/d', {type: tmpfs,"
    " target: /t, tmpfs: {size: 100}}, {type: bind, source: ., target: /b, bind: {create_host_path: false}}]}",
    "secrets": "a: {image: x, secrets: [s, {source: s, target: foo, uid: '1', gid: '2', mode: 0440}], configs: [c]}",
    "deploy": "a: {image: x, deploy: {replicas: 2, resources: {limits: {cpus: '0.5', memory: 50M, pids: 1},"
    " reservations: {devices: [{driver: nvidia, count: 1, capabilities: [gpu]}]}}}, develop: {watch: [{action: sync,"
    " path: ./src, target: /s}]}}\n  b: {image: x, gpus: all, runtime: runc, profiles: [p]}",
    "build": 'a: {build: {context: ., dockerfile_inline: "FROM x\\nRUN echo $$HI ${Q:-q}\\n", args: [A=1, B],'
    " target: t,"
    " cache_from: [x], labels: {a: b}, network: host, secrets: [s], tags: [y], shm_size: 1g}}\n  b: {build: ./dir}",
    "limits": "a: {image: x, ulimits: {nproc: 65535, nofile: {soft: 1, hard: 2}}, sysctls: [net.core.somaxconn=1],"
    " cpus: 0.5, mem_limit: 1.5g, tmpfs: /tmp, dns: 8.8.8.8, shm_size: 64m, stop_grace_period: 1m, user: root}",
    "networks": "a: {image: x, networks: {n: {aliases: [x, y], ipv4_address: 172.16.238.10, priority: 5}, default: }}\n"
    "  b: {image: x, networks: [n]}\n  c: {image: x, network_mode: 'service:a'}",
    "interpolated": "a: {image: '${I:-x}', restart: '${R:-always}', mem_limit: '${M:-1g}', read_only: '${RO:-true}',"
    " user: '${U:-1}:${G:-2}', cpus: '${C:-1.5}', command: 'a ${B:-b c}', init: '${N:-false}', scale: '${S:-2}'}",
    "extends": "a: {image: x, environment: {A: 1}}\n  b: {extends: a, environment: {B: 2}}\n"
    "  c: {extends: {service: b}}",
    "nothing": "a: {image: x, command: null, ports: [], volumes: [], depends_on: [], environment: {},"
    " x-a: [1, {b: '$$'}]}",
    "names": "a.b: {image: x}\n  _u: {image: x}\n  Up-Case: {image: x, depends_on: [a.b, _u]}",
}  # fmt: skip
SECTIONS = """
volumes:
  v: {driver_opts: {type: none, device: "${DEV:-/d}", o: bind}, name: "${V:-vv}"}
  w:
  x: {external: true}
secrets: {s: {file: ./s1}, t: {environment: S2}}
configs: {c: {content: "a ${X:-1} $$2\\n"}, d: {file: ./c2}}
networks: {n: {ipam: {config: [{subnet: 172.16.238.0/24}]}, internal: true}, o: {external: true, name: nn}}
x-own: {a: "$$ ${Q:-1}"}
"""


@pytest.mark.parametrize("case", PLAIN)
def test_a_plain_service_means_what_compose_makes_of_it(case: str) -> None:
    text = f"services:\n  {PLAIN[case]}\n{SECTIONS}"
    env = "COMPOSE_PROFILES=*\n"
    written = compose_config(f"name: shop\n{text}", env=env)
    assert _placed(compose_config(rendered(plan_of(text))["compose.yaml"], env=env)) == _placed(written)


def _placed(config: dict[str, object]) -> object:
    """Without the folder that compose ran in."""
    return json.loads(re.sub(rf"{tempfile.gettempdir()}/tmp\w+", "/folder", json.dumps(config)))


def test_every_section_of_compose_is_passed_on() -> None:
    assert set(_SECTIONS) == top_level_keys() - {"name", "version", "services"}


def test_keys_newer_than_the_schema_are_passed_on() -> None:
    plan = plan_of("services: {a: {image: x, compose: {brand_new: {k: '${A:-1}'}}}}")
    assert 'brand_new:\n      k: "${A:-1}"' in rendered(plan)["compose.yaml"]


WHOLE = """
defaults: {restart: unless-stopped}
services:
  api: {uses: [node@14, node@16], build: ./api, command: [node, a.js], expose: [3000], healthcheck: {http: /},
    environment: {S: {secret: true}, L: {type: enum, values: [a, b], default: a}, U: "${db.url}"}, depends_on: [db]}
  db: {preset: postgres, ports: ["5432:5432"]}
  old: {image: "x:${T:-1}", links: [api-node14]}
volumes: {v: {name: "${V:?}"}}
x-own: [1, 2.5, null, true]
"""


def test_a_plan_is_json() -> None:
    data = json.loads(dumped(plan_of(WHOLE)))
    assert data["name"] == "shop"
    assert [one["name"] for one in data["services"]] == ["api-node14", "api-node16", "db", "old"]


def test_a_plan_does_not_depend_on_the_process() -> None:
    imports = "import sys; sys.path[:0] = sys.argv[1:3]; import plans, test_plan_compose as t"
    script = f"{imports}; print(plans.dumped(plans.plan_of(t.WHOLE)))"
    tests = Path(__file__).parent
    found = {
        subprocess.run(
            [sys.executable, "-c", script, str(tests), str(tests.parent)],
            env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True, cwd="/",
        ).stdout
        for seed in ("0", "1", "2")
    }  # fmt: skip
    assert found == {dumped(plan_of(WHOLE)) + "\n"}


def test_comments_and_spelling_are_no_change_but_order_is() -> None:
    plan = plan_of(WHOLE)
    assert plan_of("# a comment\n" + WHOLE) == plan
    assert plan_of(WHOLE.replace("[node, a.js]", '["node", "a.js"]')) == plan
    first, second = "a: {image: x}", "b: {image: x}"
    assert dumped(plan_of(f"services:\n  {first}\n  {second}\n")) != dumped(
        plan_of(f"services:\n  {second}\n  {first}\n")
    )


def test_problems_come_all_at_once_in_the_order_of_the_file() -> None:
    from plans import problems_of  # noqa: PLC0415

    found = problems_of(
        "services:\n  b: {uses: node@16, user: root}\n  a: {image: '${', environment: {X: '${no.host}'}}\n"
    )
    places = [tuple(map(int, problem.split()[0].split(":"))) for problem in found]
    assert places == sorted(places)
    assert len(found) == 4


def seconds(count: int) -> float:
    head = "defaults: {labels: {a: b}}\nservices:\n"
    each = (
        f"  s{i}: {{uses: node@16, build: ./{i % 7}, command: [node, a.js], ports: ['{10000 + i}:3000'],"
        f" environment: {{A: '${{s{(i + 1) % count}.host}}', B: {{default: x}}}},"
        f" depends_on: [s{i - 1 if i else 'x'}]}}\n"
        for i in range(count)
    )
    spec = load(parse(HEAD + head + "".join(each) + "  sx: {image: x}\n", "envgen.yaml"))
    start = time.process_time()
    resolve(spec)
    return time.process_time() - start


def test_a_plan_takes_time_in_proportion_to_its_services() -> None:
    # other work on the machine can spoil a measurement, but not make a quadratic one (64 times) look good
    ratios = (seconds(1600) / seconds(200) for _ in range(5))
    assert any(ratio < 20 for ratio in ratios)


def test_a_plain_spec_needs_no_engine_nor_files() -> None:
    assert plan_of(node()).images
