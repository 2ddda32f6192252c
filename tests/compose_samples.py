"""A valid value for every key of the compose specification, in each of its forms, made from the vendored schema.

`EXAMPLES` names values where the schema takes more than compose does (durations, sizes, names of things that exist).
"""

from collections.abc import Iterator, Mapping
from typing import Any

from envgen.compose_schema import schema

Route = tuple[str, ...]

# by the end of a route; `*` is any key or index
EXAMPLES: Mapping[str, list[Any]] = {
    "annotations": [["a=b"], {"a": "b"}],
    "labels": [["a=b", "c"], {"a": "b", "n": 1}],
    "additional_contexts": [["a=./b"], {"a": "./b"}],
    "args": [["a=b", "HOME"], {"a": "b", "n": 1, "HOME": None}],
    "environment": [["A=b", "HOME"], {"A": "b", "N": 1.5, "T": True, "HOME": None}],
    "ssh": [["default"], ["a=./key"], {"a": "./key"}],
    "extra_hosts": [["a=10.0.0.1", "b:10.0.0.2"], {"a": "10.0.0.1", "b": ["10.0.0.1", "10.0.0.2"]}],
    "sysctls": [["net.core.somaxconn=1024"], {"net.core.somaxconn": 1024}],
    "build.platforms": [["linux/amd64", "linux/arm64"]],
    "platform": ["linux/amd64"],
    "shm_size": ["64m", 67108864],
    "mem_limit": ["1g", 1073741824], "mem_reservation": ["1g", 1073741824], "mem_swappiness": [10, "10"],
    "memswap_limit": ["2g", -1], "tmpfs.size": ["1m", 1048576],
    "limits.memory": ["1g"], "reservations.memory": ["1g"], "cpus": ["0.5", 0.5],
    "cpu_count": [2, "2"], "cpu_percent": [50, "50"], "oom_score_adj": [-5, "5"],
    "pids_limit": [100, "100"], "limits.pids": [100, "100"],
    "interval": ["10s"], "timeout": ["1m30s"], "start_period": ["1h"], "start_interval": ["500ms"],
    "stop_grace_period": ["10s"], "delay": ["10s"], "monitor": ["10s"], "window": ["10s"],
    "healthcheck.test": ["true", ["CMD", "true"], ["CMD-SHELL", "true"], ["NONE"]],
    "healthcheck.retries": [3, "3"], "healthcheck.disable": [True, False, "true"],
    "count": [1, "all"], "capabilities": [["gpu"]],
    "gpus": ["all", [{"driver": "nvidia", "count": 1, "capabilities": ["gpu"], "options": ["a=b"]}],
             [{"device_ids": ["0"]}]],
    "devices": [["/dev/null:/dev/x:rwm"], [{"source": "/dev/null", "target": "/dev/x", "permissions": "rwm"}],
                ["a.b/c=d"]],
    "ports": [[80], ["80:80", "127.0.0.1:81:81/udp", "90-91:90-91", "22:22"], [{"target": 80}],
              [{"name": "web", "target": "80", "published": "8080-8081", "host_ip": "127.0.0.1", "protocol": "udp",
                "mode": "host", "app_protocol": "http"}], [{"target": 80, "published": 8080}]],
    "expose": [[80, "81", "90-91"]],
    "reservations.devices": [[{"capabilities": ["gpu"], "count": count, "driver": "nvidia", "options": {"a": "b"}}]
                             for count in (1, "all")] + [[{"capabilities": ["gpu"], "device_ids": ["0", "1"]}]],
    "restart": ["no", "always", "on-failure:3", "unless-stopped"],
    "network_mode": ["host", "none", "service:other"], "pid": ["host"], "ipc": ["shareable"], "uts": ["host"],
    "userns_mode": ["host"],
    "stop_signal": ["SIGQUIT"], "mac_address": ["02:42:ac:11:65:43"], "container_name": ["some_name"],
    "cgroup_parent": ["m-executor-abcd"], "domainname": ["example.org"], "hostname": ["a"],
    "blkio_config": [{"weight": 300}, *({key: [{"path": "/dev/sda", "rate": rate}]} for rate in (1024, "12mb")
        for key in ("device_read_bps", "device_read_iops", "device_write_bps", "device_write_iops")),
        {"weight_device": [{"path": "/dev/sda", "weight": 400}]}],
    "command": [None, "a 'b c'", ["a", "b c"], []], "entrypoint": [None, "a 'b c'", ["a", "b c"], []],
    "depends_on": [["other"], {"other": {"condition": "service_healthy", "restart": True, "required": False}}],
    "links": [["other:o"]], "volumes_from": [["other:ro", "container:c"]], "external_links": [["c:d"]],
    "extends": ["other", {"service": "other"}, {"service": "base", "file": "base.yaml"}],
    "env_file": ["a.env", ["a.env"], [{"path": "a.env", "format": "raw", "required": False}]],
    "label_file": ["l.env", ["l.env"]],
    "credential_spec": [{"file": "a.json"}, {"registry": "a"}, {"config": "config"}],
    "provider": [{"type": "x", "options": {"a": "b", "n": 1, "l": ["c", "d"]}}],
    "service.models": [["model"], {"model": {"endpoint_var": "A", "model_var": "B"}}, {"model": None}],
    "service.secrets": [["secret"], [{"source": "secret", "target": "/t", "uid": "1", "gid": "1", "mode": "0440"}]],
    "build.secrets": [["secret"], [{"source": "secret", "target": "/t", "uid": "1", "gid": "1", "mode": 288}]],
    "service.configs": [["config"], [{"source": "config", "target": "/t", "uid": "1", "gid": "1", "mode": "0440"}]],
    "service.networks": [["net"], {"net": None}, {"net": {"aliases": ["a"], "ipv4_address": "10.9.0.2", "priority": 1,
        "ipv6_address": "fd00::2", "link_local_ips": ["169.254.0.1"], "mac_address": "02:42:ac:11:65:43",
        "driver_opts": {"a": "b", "n": 1}, "gw_priority": 1, "interface_name": "eth7"}}],
    "service.volumes": [["/a", "vol:/b:ro", "./c:/c", "~/d:/d", "vol:/x:nocopy"],
        [{"type": "volume", "source": "vol", "target": "/b", "read_only": True,
          "volume": {"nocopy": True, "subpath": "s", "labels": ["a=b"]}, "consistency": "cached"}],
        [{"type": "bind", "source": "./c", "target": "/c", "read_only": "true",
          "bind": {"propagation": "rslave", "create_host_path": False, "recursive": "enabled", "selinux": "z"}}],
        *([{"type": "tmpfs", "target": "/t", "tmpfs": {"size": size, "mode": 511}}] for size in ("1m", 1048576)),
        [{"type": "image", "source": "x", "target": "/i", "image": {"subpath": "s"}}]],
    "tmpfs": ["/a", ["/a:size=1m", "/b"]],
    "ulimits": [{"nofile": 1, "nproc": {"soft": 1, "hard": 2}, "core": {"soft": "1", "hard": "2"}}],
    "build.ulimits": [{"nofile": 1, "nproc": {"soft": 1, "hard": 2}}],
    "secret.environment": ["HOME"], "config.environment": ["HOME"],
    "logging": [{"driver": "json-file", "options": {"max-size": "10m", "max-file": 3, "x": None}}],
    "watch": [[{"path": "./a", "action": action, "target": "/a", "ignore": ["b/"], "include": ["c"],
                "initial_sync": True}
               for action in ("sync", "sync+restart")],
              [{"path": "./a", "action": action} for action in ("rebuild", "restart")],
              [{"path": "./a", "action": "sync+exec", "target": "/a", "exec": {"command": ["a"], "user": "u",
                "privileged": True, "working_dir": "/w", "environment": ["A=b"]}}]],
    "dockerfile_inline": ["FROM x\nRUN a\n"], "build.target": ["a"],
    "entitlements": [["network.host"]], "cap_add": [["ALL", "NET_ADMIN"]], "cap_drop": [["ALL"]],
    "scale": [2, "2"], "deploy.mode": ["replicated", "global"],
    "deploy.endpoint_mode": ["vip", "dnsrr"],
    "placement": [{"constraints": ["a==b"], "preferences": [{"spread": "a"}], "max_replicas_per_node": 1}],
    "generic_resources": [[{"discrete_resource_spec": {"kind": "a", "value": 1}}]],
    "use_api_socket": [True], "pull_policy": ["always", "never", "build", "if_not_present", "missing", "daily",
                                                 "every_12h"],
    "cgroup": ["host", "private"], "isolation": ["default"], "storage_opt": [{"size": "1g"}],
    "group_add": [["mail", 1000]], "user": ["1000:1000", "root"], "profiles": [["a", "b"]],
    "pre_stop": [[{"command": "a", "user": "u", "privileged": True, "working_dir": "/w", "environment": {"A": "b"}}]],
    "post_start": [[{"command": ["a", "b"], "user": "u", "privileged": False, "working_dir": "/w",
                     "environment": ["A=b"]}]],
    "ipam": [{"driver": "default", "options": {"a": "b"}, "config": [
              {"subnet": "10.8.0.0/16", "ip_range": "10.8.1.0/24",
              "gateway": "10.8.0.1", "aux_addresses": {"h": "10.8.0.5"}}]}],
    "external": [True, {"name": "x"}],
}  # fmt: skip


def sections() -> dict[str, Mapping[str, Any]]:
    """The schemas of what is named in a compose file: a service, a network, ..."""
    definitions = schema()["$defs"]
    parts = (definitions[name]["properties"] for name in ("service", "container_spec", "workload_spec"))
    found: dict[str, Mapping[str, Any]] = {"service": {key: value for part in parts for key, value in part.items()}}
    for name in ("network", "volume", "secret", "config", "model"):
        found[name] = definitions[name]["properties"]
    return found


def samples(node: Any, route: Route) -> Iterator[Any]:
    """Valid values for a schema's node at a route such as `("service", "build", "args")`."""
    known = next((EXAMPLES[key] for key in (".".join(route[-2:]), route[-1]) if key in EXAMPLES), None)
    if known is not None:
        yield from known
        return
    if "$ref" in node:
        node = _at(node["$ref"])
    for form in node.get("oneOf") or node.get("anyOf") or [node]:
        if "$ref" in form:
            yield from samples(form, route)
            continue
        kinds = form.get("type", [])
        for kind in [kinds] if isinstance(kinds, str) else kinds:
            yield from _of_kind(form, kind, route)


def _of_kind(form: Any, kind: str, route: Route) -> Iterator[Any]:
    if "enum" in form:
        yield from form["enum"]
    elif kind == "object":
        yield from _maps(form, route)
    elif kind == "array":
        for sample in samples(form.get("items", {"type": "string"}), (*route, "*")):
            yield [sample]
    elif kind != "null":
        yield {"boolean": True, "string": _text(form["type"])}.get(kind, 1)


def _text(kinds: str | list[str]) -> str:
    """A text that is also what else there may be."""
    if "boolean" in kinds:
        return "true"
    return "1" if "number" in kinds or "integer" in kinds else "x"


def _maps(form: Any, route: Route) -> Iterator[Any]:
    properties = form.get("properties", {})
    required = {key: next(iter(samples(properties[key], (*route, key)))) for key in form.get("required", [])}
    for key, node in properties.items():
        for sample in samples(node, (*route, key)):
            yield {**required, key: sample}
    for node in form.get("patternProperties", {}).values():
        if node:
            yield from ({"k": sample} for sample in samples(node, (*route, "*")))


def keys(node: Any, route: Route = ()) -> Iterator[Route]:
    """Every route of keys below a schema's node."""
    if "$ref" in node:
        node = _at(node["$ref"])
    for form in (node, *node.get("oneOf", ()), *node.get("anyOf", ())):
        if form is not node and "$ref" in form:
            yield from keys(form, route)
            continue
        for key, value in form.get("properties", {}).items():
            yield (*route, key)
            yield from keys(value, (*route, key))
        if isinstance(form.get("items"), dict):
            yield from keys(form["items"], route)
        for value in form.get("patternProperties", {}).values():
            yield from keys(value, route) if value else ()


def _at(reference: str) -> Any:
    node: Any = schema()
    for part in reference.removeprefix("#/").split("/"):
        node = node[part]
    return node
