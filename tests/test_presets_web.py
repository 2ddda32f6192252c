"""The presets of web servers and tools: what must hold for each of them, one beside all others."""

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from oracles import compose_config, program
from plans import plan_of, problems_of, rendered, sections, service, services

from envgen import presets
from envgen.cli import main

PORTS = {
    "nginx": 80, "traefik": 80, "caddy": 80, "mailpit": 1025, "adminer": 8080, "pgadmin": 8080, "prometheus": 9090,
    "grafana": 3000, "keycloak": 8080, "localstack": 4566,
}  # fmt: skip
USERS = {
    "nginx": "101:101", "traefik": "65532:65532", "caddy": "65532:65532", "mailpit": "65532:65532",
    "adminer": "100:101", "pgadmin": "5050:5050", "prometheus": "65534:65534", "grafana": "472:472",
    "keycloak": "1000:1000", "localstack": "1000:1000",
}  # fmt: skip
DATA = {
    "caddy": ["/data", "/config"], "pgadmin": ["/var/lib/pgadmin"], "prometheus": ["/prometheus"],
    "grafana": ["/var/lib/grafana"], "keycloak": ["/opt/keycloak/data"], "localstack": ["/var/lib/localstack"],
}  # fmt: skip
PASSWORDS = {
    "pgadmin": "PGADMIN_DEFAULT_PASSWORD_FILE", "grafana": "GF_SECURITY_ADMIN_PASSWORD__FILE",
    "keycloak": "KC_BOOTSTRAP_ADMIN_PASSWORD_FILE",
}  # fmt: skip
CONFIGURATIONS = {
    "nginx": "./nginx.conf:/etc/nginx/conf.d/default.conf:ro", "caddy": "./Caddyfile:/etc/caddy/Caddyfile:ro",
    "traefik": "./traefik:/etc/traefik/dynamic:ro",
    "prometheus": "./prometheus.yml:/etc/prometheus/prometheus.yml:ro",
    "grafana": "./grafana:/etc/grafana/provisioning:ro", "pgadmin": "./servers.json:/pgadmin4/servers.json:ro",
    "keycloak": "./realm.json:/opt/keycloak/data/import/realm.json:ro",
    "localstack": "./init:/etc/localstack/init/ready.d:ro",
}  # fmt: skip
# what a linter finds of a project with all of them, and why it stays
EXCEPTIONS = {
    "envgen": {
        "EG268": "images are named by tag: digests are the lock's",
        "EG241": "Keycloak writes to its root file system at each start",
    },
    "compose-lint": {
        "CL-0019": "images are named by tag: digests are the lock's",
        "CL-0007": "Keycloak writes to its root file system at each start",
    },
}
ALL = f"""
defaults: {{restart: unless-stopped, cpus: 1}}
services: {{{", ".join(f"{name}: {{preset: {name}}}" for name in PORTS)}}}
"""
EACH = pytest.mark.parametrize("name", PORTS)


@pytest.fixture(scope="module")
def compose_file() -> str:
    return rendered(plan_of(ALL))["compose.yaml"]


@pytest.fixture(scope="module")
def configured(compose_file: str) -> dict[str, Any]:
    found: dict[str, Any] = compose_config(compose_file)["services"]
    return found


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with all of them, ready for `docker compose up`."""
    (tmp_path / "envgen.yaml").write_text(f"envgen: 1\nname: shop\n{ALL}")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as ended:
        main(["render"])
    assert ended.value.code == 0
    (tmp_path / ".env").write_text((tmp_path / ".env.example").read_text())
    (tmp_path / ".gitignore").write_text(".env\nsecrets/\n")
    (tmp_path / "secrets").mkdir(mode=0o700)
    for secret in yaml.safe_load((tmp_path / "compose.yaml").read_text())["secrets"].values():
        (tmp_path / secret["file"]).write_text("4f1a0c86b2d94f")
        (tmp_path / secret["file"]).chmod(0o444)
    return tmp_path


@EACH
def test_the_image_has_a_version(name: str, configured: dict[str, Any]) -> None:
    assert re.search(r"\d", presets.tag(configured[name]["image"]) or "")


@EACH
def test_it_is_nobody_and_gains_nothing(name: str, configured: dict[str, Any]) -> None:
    planned = configured[name]
    assert planned["user"] == USERS[name]
    assert planned["cap_drop"] == ["ALL"]
    # Caddy's program has a file capability, and can't be executed where nobody may have that
    assert planned.get("cap_add") == (["NET_BIND_SERVICE"] if name == "caddy" else None)
    assert planned["security_opt"] == ["no-new-privileges:true"]
    assert planned.get("read_only", False) is (name != "keycloak")
    assert "/tmp" in planned["tmpfs"]
    assert "privileged" not in planned


@EACH
def test_it_is_limited(name: str, configured: dict[str, Any]) -> None:
    assert 128 << 20 <= int(configured[name]["mem_limit"]) <= 2 << 30
    assert 256 <= configured[name]["pids_limit"] <= 1024


@EACH
def test_it_has_a_health_check_without_a_shell_where_it_can(name: str, configured: dict[str, Any]) -> None:
    check = configured[name]["healthcheck"]
    assert check["test"][0] == "CMD"
    assert {"interval", "timeout", "retries", "start_period"} <= check.keys()


@EACH
def test_its_data_is_in_named_volumes_and_nothing_is_the_hosts(name: str, configured: dict[str, Any]) -> None:
    mounts = configured[name].get("volumes", [])
    assert [mount["target"] for mount in mounts] == DATA.get(name, [])
    assert {mount["type"] for mount in mounts} <= {"volume"}
    assert "docker.sock" not in json.dumps(configured[name])


@EACH
def test_nothing_is_published_unless_asked_for(name: str, configured: dict[str, Any]) -> None:
    assert "ports" not in configured[name]
    (published,) = service(f"services: {{a: {{preset: {name}, ports: [{PORTS[name]}]}}}}")["ports"]
    assert (published["target"], published["host_ip"]) == (PORTS[name], "127.0.0.1")


@EACH
def test_others_reach_it_by_references(name: str) -> None:
    environment = "{H: '${a.host}', P: '${a.port}', U: '${a.url}'}"
    text = f"services: {{a: {{preset: {name}}}, b: {{image: app, environment: {environment}}}}}"
    scheme = "smtp" if name == "mailpit" else "http"
    port = str(PORTS[name])
    assert service(text, "b")["environment"] == {"H": "a", "P": port, "U": f"{scheme}://a:{port}"}


@pytest.mark.parametrize(
    ("name", "reference", "value"),
    [
        ("mailpit", "ui_url", "http://a:8025"), ("mailpit", "ui_port", "8025"), ("caddy", "https_url", "https://a:443"),
        ("traefik", "ping_port", "8080"), ("keycloak", "management_port", "9000"),
    ],
)  # fmt: skip
def test_further_ports_have_references_too(name: str, reference: str, value: str) -> None:
    text = f"services: {{a: {{preset: {name}}}, b: {{image: app, environment: {{X: '${{a.{reference}}}'}}}}}}"
    assert service(text, "b")["environment"] == {"X": value}


@pytest.mark.parametrize(("name", "variable"), PASSWORDS.items())
def test_the_password_is_a_file(name: str, variable: str) -> None:
    text = f"services: {{a: {{preset: {name}}}}}"
    planned = service(text)
    assert planned["environment"][variable] == "/run/secrets/a_password"
    assert planned["secrets"] == ["a_password"]
    assert sections(text)["secrets"] == {"a_password": {"file": "./secrets/a_password"}}
    preset = presets.find(name)
    assert preset is not None
    assert preset.secrets_for("a")["a_password"].generate
    assert not [key for key in planned["environment"] if key.endswith(("PASSWORD", "TOKEN"))]


@pytest.mark.parametrize(("name", "variable"), PASSWORDS.items())
def test_a_password_of_the_users_takes_the_place_of_the_file(name: str, variable: str) -> None:
    plain = re.sub(r"_+FILE$", "", variable)
    planned = service(f"services: {{a: {{preset: {name}, environment: {{{plain}: '${{P:?}}'}}}}}}")
    assert planned["environment"][plain] == "${P:?}"
    assert variable not in planned["environment"]
    assert "secrets" not in planned


@pytest.mark.parametrize("name", sorted(PORTS.keys() - PASSWORDS.keys()))
def test_the_others_have_no_secret(name: str) -> None:
    assert "secrets" not in service(f"services: {{a: {{preset: {name}}}}}")


@pytest.mark.parametrize(("name", "mount"), CONFIGURATIONS.items())
def test_a_configuration_is_mounted_beside_the_data(name: str, mount: str) -> None:
    planned = service(f"services: {{a: {{preset: {name}, volumes: ['...', '{mount}']}}}}")
    assert planned["volumes"][-1] == mount
    assert len(planned["volumes"]) == len(DATA.get(name, [])) + 1
    # two mounts at one place are none
    assert mount.split(":")[1] not in [entry.split(":")[0] for entry in planned["tmpfs"]]
    preset = presets.find(name)
    assert preset is not None
    assert any(mount in note for note in preset.notes), "the notes say how"


@EACH
def test_all_that_the_notes_say_to_write_can_be_written(name: str) -> None:
    preset = presets.find(name)
    assert preset is not None
    for said in re.findall(r"`(\w+: .+?)`", " ".join(preset.notes)):
        is_key = said.partition(":")[0].islower()
        value = yaml.safe_load(said if is_key else f"environment: {{{said}}}")
        others = {"db": {"preset": "postgres"}, "aws": {"preset": "localstack"}}
        spec = {"services": {"a": {"preset": name, **value}, **others}}
        assert problems_of(json.dumps(spec)[1:-1]) == [], said


def test_other_images_of_a_kind() -> None:
    found = services("""
        services:
          slim: {preset: nginx, image: "nginx:1.30-alpine-slim"}
          bare: {preset: prometheus, image: "prom/prometheus:v3.13.2-distroless"}
          cloud: {preset: localstack, image: "localstack/localstack:2026.04"}
    """)
    assert found["slim"]["healthcheck"]["test"][1] == "wget"
    assert found["bare"]["healthcheck"]["test"][1] == "promtool"
    assert found["bare"]["user"] == "65532:65532"
    assert re.fullmatch(r"\$\{LOCALSTACK_AUTH_TOKEN:?\?.*\}", found["cloud"]["environment"]["LOCALSTACK_AUTH_TOKEN"])


def test_keycloak_gets_passwords_from_files(tmp_path: Path) -> None:
    """The entrypoint, run by bash, with a kc.sh that shows what it gets."""
    planned = compose_config(rendered(plan_of("services: {a: {preset: keycloak}}"))["compose.yaml"])["services"]["a"]
    program_, flags, script, name = planned["entrypoint"]
    shown = tmp_path / "kc.sh"
    shown.write_text('#!/bin/sh\nprintf "%s|" "$@"; env | grep ^KC_ | sort | tr "\\n" "|"\n')
    shown.chmod(0o755)
    (tmp_path / "admin").write_text("a 'b' $c\n")
    (tmp_path / "db").write_text("d")
    given = {
        "KC_BOOTSTRAP_ADMIN_PASSWORD_FILE": str(tmp_path / "admin"),
        "KC_DB_PASSWORD_FILE": str(tmp_path / "db"),
        "KC_LOG_FILE": "/dev/null",
    }
    command = [program_, flags, script.replace("/opt/keycloak/bin/kc.sh", str(shown)), name, *planned["command"]]
    kept = {"PATH": os.environ["PATH"]}
    done = subprocess.run(command, env=kept | given, capture_output=True, text=True, check=True)
    said = "start-dev|KC_BOOTSTRAP_ADMIN_PASSWORD=a 'b' $c|KC_DB_PASSWORD=d|KC_LOG_FILE=/dev/null|"
    assert (done.stdout, done.stderr) == (said, "")
    missing = subprocess.run(command, env=kept | {"KC_DB_PASSWORD_FILE": "/none"}, capture_output=True, check=False)
    assert (missing.returncode, missing.stdout) == (1, b""), "without its file it must not start without the password"


def test_all_beside_each_other_are_fine_for_our_linter(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    del project
    with pytest.raises(SystemExit):
        main(["lint", "--format", "json"])
    found = re.findall(r'"code": *"(\w+)"', capsys.readouterr().out)
    assert set(found) <= EXCEPTIONS["envgen"].keys()
    assert found.count("EG241") <= 1


def test_all_beside_each_other_are_fine_for_compose_lint(project: Path) -> None:
    command = [program("compose-lint"), "check", "--format", "json", "--fail-on", "low", "compose.yaml"]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)
    found = re.findall(r'"(CL-\d+)"', done.stdout)
    assert found, "it has read the file"
    assert set(found) <= EXCEPTIONS["compose-lint"].keys()
    assert found.count("CL-0007") == 1


def test_no_secret_is_in_what_is_rendered(compose_file: str) -> None:
    of_services, _, _ = compose_file.partition("\nsecrets:")
    assert not re.search(r"(?i)(password|token)\w*: *['\"]?(?!/run/secrets/)[^/\s$]", of_services)
