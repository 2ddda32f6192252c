import pytest
from oracles import compose_config
from plans import node, plan_of, problems_of, rendered, service

CHOSEN = {
    "init": True, "read_only": True, "tmpfs": ["/tmp"], "cap_drop": ["ALL"],
    "security_opt": ["no-new-privileges:true"], "mem_limit": "512m", "pids_limit": 256,
}  # fmt: skip


def chosen(text: str) -> dict[str, object]:
    planned = service(text)
    return {key: planned[key] for key in CHOSEN if key in planned}


def test_strict_is_the_default_of_what_uses_a_runtime() -> None:
    assert chosen(node()) == chosen(node("hardening: strict")) == CHOSEN


def test_standard_is_the_default_of_presets() -> None:
    expected = {**CHOSEN, "tmpfs": ["/tmp", "/run/postgresql"]}
    assert chosen("services: {a: {preset: postgres}}") == expected
    assert chosen("services: {a: {preset: postgres, hardening: strict}}") == expected
    without_root = {key: value for key, value in CHOSEN.items() if key not in ("read_only", "tmpfs")}
    assert chosen(node("hardening: standard")) == CHOSEN
    assert chosen("services: {a: {image: x, hardening: standard}}") == without_root


def test_none_is_the_default_of_plain_services_and_chooses_nothing() -> None:
    for text in ("services: {a: {image: x}}", "services: {a: {build: .}}", node("hardening: none")):
        assert chosen(text) == {}


def test_strict_holds_for_a_plain_image_too() -> None:
    assert chosen("services: {a: {image: x, hardening: strict}}") == CHOSEN


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("init", False), ("read_only", False), ("tmpfs", ["/x"]), ("tmpfs", "/x"), ("cap_drop", ["NET_RAW"]),
        ("security_opt", ["seccomp:x"]), ("mem_limit", "1g"), ("mem_limit", 1048576), ("pids_limit", -1),
    ],
)  # fmt: skip
def test_what_is_written_wins(key: str, value: object) -> None:
    import json  # noqa: PLC0415

    assert service(node(f"{key}: {json.dumps(value)}"))[key] == value


@pytest.mark.parametrize("value", ["false", "'false'"])
def test_a_writable_root_needs_no_tmpfs(value: str) -> None:
    assert "tmpfs" not in service(node(f"read_only: {value}"))


def test_what_compose_fills_in_passes() -> None:
    planned = service(node("read_only: '${RO:-true}', mem_limit: '${M:-1g}', init: '${I:-true}'"))
    assert (planned["read_only"], planned["mem_limit"], planned["init"]) == ("${RO:-true}", "${M:-1g}", "${I:-true}")
    assert planned["tmpfs"] == ["/tmp"]
    assert planned["environment"] == {"NODE_OPTIONS": "--max-old-space-size=768"}, "the heap follows the default"


def test_capabilities_that_are_added_come_on_top_of_none() -> None:
    planned = service(node("cap_add: [NET_ADMIN]"))
    assert (planned["cap_drop"], planned["cap_add"]) == (["ALL"], ["NET_ADMIN"])


@pytest.mark.parametrize(
    ("limit", "heap"),
    [
        ("mem_limit: 512m", 384), ("mem_limit: 512mb", 384), ("mem_limit: 512MiB", 384), ("mem_limit: '512 M'", 384),
        ("mem_limit: 1g", 768), ("mem_limit: 1.5g", 1152), ("mem_limit: .5g", 384), ("mem_limit: 536870912", 384),
        ("mem_limit: 1048576k", 768), ("mem_limit: 16m", 16),
        ("deploy: {resources: {limits: {memory: 2g}}}", 1536), ("deploy: {resources: {limits: {cpus: '1'}}}", 384),
    ],
)  # fmt: skip
def test_the_heap_is_bound_to_the_memory_that_there_is(limit: str, heap: int) -> None:
    assert service(node(limit))["environment"] == {"NODE_OPTIONS": f"--max-old-space-size={heap}"}


@pytest.mark.parametrize(
    ("keys", "limits"),
    [
        ("deploy: {resources: {limits: {cpus: '1'}}}", {"cpus": "1", "memory": "512m", "pids": 256}),
        ("deploy: {resources: {limits: {memory: 1g}}}", {"memory": "1g", "pids": 256}),
        (
            "cpus: 2, mem_limit: 1048576, deploy: {resources: {limits: {pids: 9}}}",
            {"pids": 9, "memory": "1048576", "cpus": 2},
        ),
    ],
)
def test_limits_go_where_there_are_some(keys: str, limits: dict[str, object]) -> None:
    planned = service(node(keys))
    assert planned["deploy"]["resources"]["limits"] == limits
    assert not {"mem_limit", "pids_limit", "cpus"} & planned.keys()
    compose_config(rendered(plan_of(node(keys)))["compose.yaml"])


@pytest.mark.parametrize("limit", ["mem_limit: 0", "mem_limit: '0'", "mem_limit: -1", "hardening: none"])
def test_without_a_limit_no_heap_is_bound(limit: str) -> None:
    assert "environment" not in service(node(limit))


@pytest.mark.parametrize(
    ("environment", "kept"),
    [
        ("{NODE_OPTIONS: --inspect}", "--inspect"),
        ("[NODE_OPTIONS=--inspect]", "--inspect"),
        ("{NODE_OPTIONS: {default: --inspect}}", "${NODE_OPTIONS:---inspect}"),
        ("{NODE_OPTIONS: null}", None),
        ("[NODE_OPTIONS]", None),
    ],
)
def test_node_options_of_ones_own_are_kept(environment: str, kept: str | None) -> None:
    assert service(node(f"environment: {environment}"))["environment"] == {"NODE_OPTIONS": kept}


def test_node_options_in_the_image_are_kept() -> None:
    assert "environment" not in service(node("build: {env: {NODE_OPTIONS: --inspect}}"))


@pytest.mark.parametrize("user", ["root", "'0'", "'0:0'", "root:root", "'00'"])
@pytest.mark.parametrize("kind", ["uses: node@16, command: [a]", "preset: redis", "image: x, hardening: strict"])
def test_nothing_that_is_hardened_runs_as_root(kind: str, user: str) -> None:
    (problem,) = problems_of(f"services: {{a: {{{kind}, user: {user}}}}}")
    assert "EG025 `a` would run as root" in problem


def test_a_plain_service_may_run_as_root() -> None:
    assert service("services: {a: {image: x, user: root}}") == {"image": "x", "user": "root"}


@pytest.mark.parametrize("user", ['"${U:-0}"', '"${U:-root}:${G:-0}"', "root", '"0:0"'])
def test_root_is_refused_also_as_a_default(user: str) -> None:
    assert any("would run as root" in problem for problem in problems_of(node(f"user: {user}")))


def test_a_user_that_only_env_knows_is_taken() -> None:
    assert service(node('user: "${U}"'))["user"] == "${U}"


def test_the_heap_follows_the_default_of_a_limit_and_leaves_env_files_alone() -> None:
    environment = service(node('mem_limit: "${M:-1g}"'))["environment"]
    assert environment == {"NODE_OPTIONS": "--max-old-space-size=768"}
    assert "environment" not in service(node("env_file: [app.env]"))
