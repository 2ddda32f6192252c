import json
import re
import subprocess
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from oracles import BATCH, compose_config, literals, program
from plans import HEAD, node, plan_of, problems_of, rendered, sections, service

from envgen import presets
from envgen.api import lint
from envgen.cli import main
from envgen.finding import EnvgenError
from envgen.plan import resolve
from envgen.project import read_presets
from envgen.render import render
from envgen.source import parse
from envgen.spec import load

FOLDER = Path(presets.__file__).parent
# their vendors support no read-only root, for the reason in the head of each file
WRITABLE_ROOT = {"elasticsearch", "keycloak", "opensearch"}
ALL = HEAD + "services:\n" + "".join(f"  {name}: {{preset: {name}}}\n" for name in presets.names())
TODAY = date(2026, 11, 24)
OWN = """\
summary: A queue
port: 4222
url: "nats://{USER}@{host}:{port}"
ports: {monitoring: 8222}
urls: {monitoring: "http://{host}:{port}"}
secrets:
  "{service}_token": {description: What clients sign in with., generate: {type: password}}
configs:
  "{service}_config": {content: "name = {service}, memory = {memory_bytes:50}, $HOME ${x} $$"}
service:
  image: nats:2
  user: "1000:1000"
  environment: {USER: app, LEVEL: {type: enum, values: [info, debug], default: info}}
  command: [--config, "/{service}_config"]
  secrets: ["{service}_token"]
  configs: ["{service}_config"]
  mem_limit: 64m
  healthcheck: {test: [CMD, nats, ping]}
variants:
  - {tag: alpine, service: {user: "2000:2000", healthcheck: null}}
  - {image: company/nats, service: {user: "3000:3000"}}
  - {before_major: 2, service: {command: [--old]}}
"""


def found(name: str) -> presets.Preset:
    preset = presets.find(name)
    assert preset is not None
    return preset


def own(text: str = OWN, path: str = "./presets/queue.yaml") -> Mapping[str, presets.Preset]:
    return {path: presets.read(parse(text, path), "queue")}


def own_plan(keys: str = "", rest: str = "", text: str = OWN) -> Any:
    spec = f"{HEAD}services:\n  a: {{preset: ./presets/queue.yaml{keys}}}\n{rest}"
    return resolve(load(parse(spec, "envgen.yaml")), presets=own(text))


def own_compose(keys: str = "", rest: str = "", text: str = OWN) -> Any:
    return compose_config({one.path: one.text for one in render(own_plan(keys, rest, text))}["compose.yaml"])


def of(preset: str, image: str, keys: str = "") -> dict[str, Any]:
    return service(f"services: {{a: {{preset: {preset}, image: '{image}'{keys}}}}}")


@pytest.mark.parametrize("name", presets.names())
def test_every_preset_is_complete(name: str) -> None:
    preset = found(name)
    assert preset.name == name
    assert preset.summary
    assert 0 < preset.port < 65536
    assert presets.tag(preset.image) not in (None, "latest"), "a default has to pin a version"
    assert preset.url is None or re.match(r"^[a-z]+://.*\{host\}:\{port\}", preset.url)
    head = "".join(line for line in (FOLDER / f"{name}.yaml").read_text().splitlines() if line.startswith("#"))
    assert re.search(r"Sources?:", head)
    assert re.search(r"Read 20\d\d-\d\d-\d\d", head)


@pytest.mark.parametrize("name", presets.names())
def test_every_preset_is_hardened_healthy_and_taken_by_compose(name: str) -> None:
    files = rendered(plan_of(f"services: {{store: {{preset: {name}}}}}"))
    planned = compose_config(files["compose.yaml"])["services"]["store"]
    assert planned.get("read_only", False) is (name not in WRITABLE_ROOT)
    assert planned["cap_drop"] == ["ALL"]
    assert planned["security_opt"] == ["no-new-privileges:true"]
    assert re.fullmatch(r"[1-9]\d*:\d+", planned["user"]), "a number, which can be checked, and never root"
    assert planned["healthcheck"]["test"]
    assert planned["mem_limit"]
    assert planned["pids_limit"]
    assert "ports" not in planned
    assert name in WRITABLE_ROOT or any(entry.partition(":")[0] == "/tmp" for entry in planned["tmpfs"])


@pytest.mark.parametrize("name", presets.names())
def test_every_reference_to_a_preset_has_a_value(name: str) -> None:
    preset = found(name)
    attributes = ["host", "port", *(["url"] if preset.url else [])]
    attributes += [f"{port}_port" for port in preset.ports] + [f"{url}_url" for url in preset.urls]
    asked = ", ".join(f"{attribute}: '${{store.{attribute}}}'" for attribute in attributes)
    text = f"services: {{store: {{preset: {name}}}, a: {{image: x, environment: {{{asked}}}}}}}"
    values = service(text)["environment"]
    assert (values["host"], values["port"]) == ("store", str(preset.port))
    for attribute, value in values.items():
        assert "{" not in value
        if attribute.endswith("url"):
            assert re.fullmatch(r"[a-z]+://([\w.%-]+@)?store:\d+(/[\w.-]*)?", value)


def test_all_of_them_together_have_no_findings_but_with_a_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    spec = ALL.replace("services:", "defaults: {cpus: 1}\nservices:")
    Path("envgen.yaml").write_text(spec)
    with pytest.raises(SystemExit) as ended:
        main(["render"])
    assert not ended.value.code
    config = compose_config(Path("compose.yaml").read_text())
    Path("secrets").mkdir(mode=0o700)
    for name in config["secrets"]:
        Path("secrets", name).write_text("x")
        Path("secrets", name).chmod(0o444)
    findings = {(one.code, one.message) for one in lint(["."], TODAY)}
    # a digest comes from `envgen lock`, and what is left out says so in the head of its file
    expected = {
        "EG268": "a tag that can be moved",
        "EG241": "can write to its root",
        "EG264": "allows exec",
        "EG281": "OFF",
    }
    assert {code for code, _ in findings} <= expected.keys()
    done = subprocess.run(
        [program("compose-lint"), "check", "--format", "json", "--fail-on", "low", "compose.yaml"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    rules = {(one["rule_id"], one["service"]) for one in json.loads(done.stdout)["findings"]}
    left = {(rule, service) for rule, service in rules if rule != "CL-0019"}
    writable = {("CL-0007", name) for name in WRITABLE_ROOT}
    assert left <= writable | {("CL-0022", "kafka")}


@pytest.mark.parametrize(
    ("image", "tag"),
    [
        ("postgres", "latest"), ("postgres:15", "15"), ("registry:5000/postgres", "latest"),
        ("registry:5000/a/postgres:15", "15"), ("postgres:15@sha256:18ab", "15"), ("postgres@sha256:15ab", None),
        ("r:5000/postgres@sha256:15ab", None), ("", None),
    ],
)  # fmt: skip
def test_the_tag_of_a_reference(image: str, tag: str | None) -> None:
    assert presets.tag(image) == tag


@pytest.mark.parametrize(
    "image",
    [
        "postgres:15", "postgres:9.6", "postgres:17.2-bookworm", "registry:5000/postgres:15", "postgres:15@sha256:18ab",
        "${PG_IMAGE:-postgres:15}", "postgres:${PG_VERSION:-15}", "pgvector/pgvector:pg16", "postgis/postgis:17-3.5",
        "timescale/timescaledb:2.17.2-pg16",
    ],
)  # fmt: skip
def test_until_17_postgres_keeps_its_data_in_data(image: str) -> None:
    assert of("postgres", image)["volumes"] == ["a-data:/var/lib/postgresql/data"]


@pytest.mark.parametrize(
    "image",
    ["postgres", "postgres:latest", "postgres:18", "postgres:18.1-alpine", "postgres:19beta1", "postgres:alpine",
     "registry:5000/postgres", "pgvector/pgvector:pg18"],
)  # fmt: skip
def test_since_18_postgres_keeps_its_data_in_a_folder_by_version(image: str) -> None:
    assert of("postgres", image)["volumes"] == ["a-data:/var/lib/postgresql"]


@pytest.mark.parametrize("image", ["postgres@sha256:15ab", "${PG_IMAGE}", "${PG_IMAGE:?}"])
def test_an_image_of_an_unknown_version_is_refused(image: str) -> None:
    (problem,) = problems_of(f"services: {{a: {{preset: postgres, image: '{image}'}}}}")
    assert f"EG012 `{image}` doesn't tell which postgres it is" in problem
    assert "${IMAGE:-postgres:18}" in problem


def test_redis_does_not_depend_on_its_version() -> None:
    assert service("services: {a: {preset: redis, image: '${R}'}}")["volumes"] == ["a-data:/data"]


@pytest.mark.parametrize(
    ("preset", "image", "user"),
    [
        ("postgres", "postgres:15", "999:999"), ("postgres", "postgres:15-alpine3.20", "70:70"),
        ("redis", "redis:7", "999:999"), ("redis", "redis:7-alpine", "999:1000"),
        ("valkey", "valkey/valkey:9-alpine", "999:1000"), ("rabbitmq", "rabbitmq:4.3-management-alpine", "100:101"),
        ("rabbitmq", "rabbitmq:4.3-management", "999:999"), ("memcached", "memcached:1.6-alpine", "11211:11211"),
        ("postgres", "postgres:${V:-15}-alpine", "70:70"),
    ],
)  # fmt: skip
def test_the_user_is_the_images(preset: str, image: str, user: str) -> None:
    assert of(preset, image)["user"] == user


@pytest.mark.parametrize(
    ("preset", "image", "program"),
    [
        ("memcached", "memcached:1.6", "/dev/tcp/"), ("memcached", "memcached:1.6-alpine", "nc -w"),
        ("mongo", "mongo:8.0", "mongosh "), ("mongo", "mongo:latest", "mongosh "), ("mongo", "mongo:5.0.3", "mongo "),
    ],
)  # fmt: skip
def test_a_health_check_uses_what_is_in_the_image(preset: str, image: str, program: str) -> None:
    assert program in " ".join(of(preset, image)["healthcheck"]["test"])


@pytest.mark.parametrize(
    ("keys", "size"),
    [
        ("", 1024), (", mem_limit: 4g", 2048), (", mem_limit: '${LIMIT:-1g}'", 512), (", mem_limit: '${LIMIT}'", 1024),
        (", deploy: {resources: {limits: {memory: 3g}}}", 1536), (", mem_limit: 1m", 1),
        (", mem_limit: 1073741824", 512),
    ],
)  # fmt: skip
def test_a_heap_follows_the_memory_limit(keys: str, size: int) -> None:
    planned = service(f"services: {{a: {{preset: opensearch{keys}}}}}")
    assert planned["environment"]["OPENSEARCH_JAVA_OPTS"] == f"-Xms{size}m -Xmx{size}m"


def test_a_heap_follows_the_default_memory_limit() -> None:
    planned = service("defaults: {mem_limit: 8g}\nservices: {a: {preset: opensearch}}")
    assert planned["environment"]["OPENSEARCH_JAVA_OPTS"] == "-Xms4096m -Xmx4096m"


def test_two_of_a_kind_have_a_volume_and_a_secret_each() -> None:
    text = "services: {db: {preset: postgres}, audit: {preset: postgres}}"
    assert list(sections(text)["volumes"]) == ["db-data", "audit-data"]
    assert list(sections(text)["secrets"]) == ["db_password", "audit_password"]


def test_a_volume_that_is_written_keeps_its_settings() -> None:
    text = "services: {db: {preset: postgres}}\nvolumes: {db-data: {external: true}, other: }"
    assert sections(text)["volumes"] == {"db-data": {"external": True}, "other": None}


def test_the_password_is_nowhere_in_the_compose_file_but_by_its_path() -> None:
    planned = service("services: {a: {preset: postgres}}")
    assert planned["environment"]["POSTGRES_PASSWORD_FILE"] == "/run/secrets/a_password"  # noqa: S105 - a path
    assert planned["secrets"] == ["a_password"]
    assert "secrets" not in service("services: {a: {preset: redis}}")


@pytest.mark.parametrize("hardening", ["strict", "standard", "none"])
@pytest.mark.parametrize("name", ["mysql", "rabbitmq", "elasticsearch"])
def test_what_a_preset_reads_is_declared(name: str, hardening: str) -> None:
    text = f"services: {{a: {{preset: {name}, hardening: {hardening}}}}}"
    assert list(sections(text)["secrets"]) == list(found(name).secrets_for("a"))
    assert set(service(text)["secrets"]) == set(found(name).secrets_for("a"))


def test_other_services_can_be_given_a_presets_secret() -> None:
    text = "services: {db: {preset: mysql}, a: {image: x, secrets: [db_password]}}\nsecrets: {other: {file: ./other}}"
    assert service(text)["secrets"] == ["db_password"]
    assert list(sections(text)["secrets"]) == ["other", "db_password", "db_root_password"]
    assert "there is no secret `db_passwort`" in problems_of(text.replace("[db_password]", "[db_passwort]"))[0]


def test_secrets_say_how_they_may_be_made_up() -> None:
    known = found("mysql").secrets_for("db")
    assert known["db_root_password"].generate == {"type": "password", "length": 32}
    assert "root" in known["db_root_password"].description


def test_scripts_can_be_added_to_the_data() -> None:
    text = 'services: {a: {preset: postgres, volumes: ["...", "./init:/docker-entrypoint-initdb.d:ro"]}}'
    assert service(text)["volumes"] == ["a-data:/var/lib/postgresql", "./init:/docker-entrypoint-initdb.d:ro"]


def test_an_unhardened_preset_keeps_what_the_image_needs() -> None:
    planned = service("services: {a: {preset: postgres, hardening: none, ports: ['5432:5432']}}")
    assert planned["user"] == "999:999"
    assert planned["ports"] == ["5432:5432"]
    assert not {"cap_drop", "read_only", "init", "pids_limit"} & planned.keys()


def test_there_is_no_preset_of_another_name() -> None:
    assert presets.find("oracle") is None
    assert "there is no preset `postgre`" in problems_of("services: {a: {preset: postgre}}")[0]
    assert "`envgen presets` lists them" in problems_of("services: {a: {preset: oracle}}")[0]
    assert node()


def test_a_reference_names_the_ports_that_there_are() -> None:
    text = "services: {{mq: {{preset: rabbitmq}}, a: {{image: x, environment: {{X: '${{mq.{}}}'}}}}}}"
    assert service(text.format("management_port"))["environment"] == {"X": "15672"}
    assert service(text.format("management_url"))["environment"] == {"X": "http://mq:15672"}
    assert "did you mean `management_port`?" in problems_of(text.format("managment_port"))[0]
    (problem,) = problems_of(text.format("admin").replace("preset: rabbitmq", "image: rabbitmq"))
    assert "there are `host`, `port`, `url`" in problem


class TestFile:
    def test_makes_a_service(self) -> None:
        compose = own_compose()
        planned = compose["services"]["a"]
        assert (planned["image"], planned["user"], planned["read_only"]) == ("nats:2", "1000:1000", True)
        assert planned["command"] == ["--config", "/a_config"]
        assert planned["environment"] == {"USER": "app", "LEVEL": "info"}
        assert planned["secrets"][0]["source"] == "a_token"
        assert compose["secrets"]["a_token"]["file"].endswith("secrets/a_token")
        assert compose["configs"]["a_config"]["content"] == "name = a, memory = 33554432, $HOME ${x} $$"

    def test_has_references(self) -> None:
        asked = "X: '${a.url}', Y: '${a.monitoring_url}', Z: '${a.monitoring_port}'"
        services = own_compose(rest=f"  b: {{image: x, environment: {{{asked}}}}}\n")["services"]
        assert services["b"]["environment"] == {"X": "nats://app@a:4222", "Y": "http://a:8222", "Z": "8222"}

    @pytest.mark.parametrize(
        ("image", "user", "command"),
        [
            ("nats:2-alpine", "2000:2000", "--config"), ("r:5000/company/nats:3", "3000:3000", "--config"),
            ("nats:1.4", "1000:1000", "--old"), ("nats:latest", "1000:1000", "--config"),
        ],
    )  # fmt: skip
    def test_has_variants(self, image: str, user: str, command: str) -> None:
        planned = own_compose(f", image: '{image}'")["services"]["a"]
        assert (planned["user"], planned["command"][0]) == (user, command)
        assert ("healthcheck" in planned) is ("alpine" not in image)

    def test_a_config_that_is_written_is_the_users(self) -> None:
        assert own_compose(rest="configs: {a_config: {content: mine}}")["configs"]["a_config"]["content"] == "mine"
        assert "configs" not in own_compose(", configs: null")

    def test_without_a_url_there_is_none(self) -> None:
        text = re.sub("(?m)^url: .*\n", "", OWN)
        with pytest.raises(EnvgenError, match="queue is not reached by a URL"):
            own_plan(rest="  b: {image: x, environment: {X: '${a.url}'}}\n", text=text)

    def test_that_nobody_has_read_is_refused(self) -> None:
        (problem,) = problems_of("services: {a: {preset: ./presets/queue.yaml}}")
        assert "EG020 the preset `./presets/queue.yaml` has not been read" in problem

    @pytest.mark.parametrize("name", presets.names())
    def test_works_as_one_that_envgen_brings_along(self, name: str, tmp_path: Path) -> None:
        (tmp_path / "presets").mkdir()
        (tmp_path / "presets" / "mine.yaml").write_bytes((FOLDER / f"{name}.yaml").read_bytes())
        spec = load(parse(f"{HEAD}services:\n  a: {{preset: ./presets/mine.yaml}}\n", "envgen.yaml"))
        (one,) = resolve(spec, presets=read_presets(spec, tmp_path)).services
        (other,) = plan_of(f"services: {{a: {{preset: {name}}}}}").services
        assert one.compose == other.compose

    def test_is_read_for_render_and_for_lint(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.chdir(tmp_path)
        Path("presets").mkdir()
        Path("presets/queue.yaml").write_text(OWN)
        Path("envgen.yaml").write_text(f"{HEAD}services:\n  mq: {{preset: presets/queue.yaml}}\n")
        with pytest.raises(SystemExit) as ended:
            main(["render"])
        assert not ended.value.code
        assert "mq_config" in Path("compose.yaml").read_text()
        Path("presets/queue.yaml").write_text(OWN.replace("port: 4222", "port: many"))
        capfd.readouterr()
        with pytest.raises(SystemExit):
            main(["lint", "--no-hadolint", "envgen.yaml"])
        assert "presets/queue.yaml:2:7: error: a port is a number" in capfd.readouterr().out

    @given(literals)
    @BATCH
    def test_a_configs_content_arrives_as_it_is(self, content: str) -> None:
        text = json.dumps(
            {
                "summary": "s", "port": 1, "configs": {"c": {"content": content or "x"}},
                "service": {"image": "x:1", "configs": ["c"], "user": "1:1"},
            }
        )  # fmt: skip
        try:
            preset = presets.read(parse(text, "p.json"), "p")
        except EnvgenError:
            assert not content.strip()
            return
        assert preset.configs_for("a")["c"]["content"] == (content or "x")


class TestCommand:
    def run(self, *arguments: str, capfd: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main(["presets", *arguments])
        out, err = capfd.readouterr()
        return int(ended.value.code or 0), out, err

    def test_lists_them_all(self, capfd: pytest.CaptureFixture[str]) -> None:
        code, out, _ = self.run(capfd=capfd)
        head, *rows = out.splitlines()
        assert (code, head.split()) == (0, ["NAME", "IMAGE", "PORT", "WHAT", "IT", "IS"])
        assert [row.split()[0] for row in rows] == list(presets.names())
        assert ["postgres", found("postgres").image, "5432"] in [row.split()[:3] for row in rows]

    @pytest.mark.parametrize("name", presets.names())
    def test_says_what_one_makes_and_how_it_is_used(self, name: str, capfd: pytest.CaptureFixture[str]) -> None:
        code, out, _ = self.run(name, capfd=capfd)
        assert code == 0
        for part in (found(name).summary, f"{name}: {{preset: {name}}}", f"${{{name}.port}}", found(name).image):
            assert part in out
        made = "\n".join(line[2:] for line in out[out.index("What it makes:") :].splitlines()[2:])
        assert list(compose_config(made)["services"]) == [name]
        for secret in compose_config(made).get("secrets", {}):
            assert f"secrets/{secret}" in out.partition("What it makes:")[0]

    def test_prints_json(self, capfd: pytest.CaptureFixture[str]) -> None:
        _, out, _ = self.run("--json", capfd=capfd)
        listed = json.loads(out)["presets"]
        assert [one["name"] for one in listed] == list(presets.names())
        _, out, _ = self.run("--json", "mysql", capfd=capfd)
        (one,) = json.loads(out)["presets"]
        assert [secret["name"] for secret in one["secrets"]] == ["mysql_password", "mysql_root_password"]
        assert one["compose"].startswith("services:\n  mysql:\n")

    def test_shows_a_file(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.chdir(tmp_path)
        Path("my queue.yaml").write_text(OWN)
        code, out, _ = self.run("./my queue.yaml", capfd=capfd)
        assert code == 0
        assert "my-queue: {preset: ./my queue.yaml}" in out
        assert re.search(r"\$\{my-queue\.monitoring_url\} +http://my-queue:8222", out)
        Path("my queue.yaml").write_text("summary: x")
        code, out, err = self.run("./my queue.yaml", capfd=capfd)
        assert (code, err) == (2, "envgen: 2 errors; nothing was shown\n")
        assert "my queue.yaml:1:1: error: `port` is missing" in out

    @pytest.mark.parametrize(
        ("name", "said"),
        [
            ("postgers", "did you mean `postgres`?"), ("x", "`envgen presets` lists them"), ("./x", "No such file"),
            ("/", "regular"),
        ],
    )  # fmt: skip
    def test_of_another_name_there_is_none(self, name: str, said: str, capfd: pytest.CaptureFixture[str]) -> None:
        code, out, _ = self.run(name, capfd=capfd)
        assert code == 2
        assert said in out
