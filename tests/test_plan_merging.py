"""What a service is made of: envgen's choices < preset < defaults < what is written."""

import pytest
from plans import HEAD, image, node, plan_of, problems_of, sections, service

from envgen.plan.layers import layered
from envgen.source import Data, parse
from envgen.spec import load

DB = "services: {a: {preset: postgres, image: 'postgres:15', "


def test_the_order_is_choices_preset_defaults_written() -> None:
    text = """
    defaults: {mem_limit: 1g, pids_limit: 99, restart: always, init: false}
    services:
      a: {preset: postgres, pids_limit: 7, restart: "no"}
    """
    planned = service(text)
    assert (planned["init"], planned["mem_limit"], planned["pids_limit"], planned["restart"]) == (False, "1g", 7, "no")
    assert planned["shm_size"] == "128m"


def test_defaults_are_under_plain_services_too() -> None:
    text = "defaults: {restart: always, labels: {team: a}}\nservices: {a: {image: x, labels: [own=1]}}"
    assert service(text) == {"image": "x", "restart": "always", "labels": {"team": "a", "own": "1"}}


def test_defaults_may_choose_the_hardening() -> None:
    assert service("defaults: {hardening: strict}\nservices: {a: {image: x}}")["read_only"] is True
    assert "init" not in service("defaults: {hardening: none}\nservices: {a: {preset: redis}}")


@pytest.mark.parametrize("key", ["tmpfs", "cap_drop", "security_opt", "volumes"])
def test_three_dots_keep_what_envgen_or_the_preset_chose(key: str) -> None:
    chosen = service("services: {a: {preset: postgres}}")[key]
    added = service(f'services: {{a: {{preset: postgres, {key}: ["...", "/x"]}}}}')[key]
    assert added == [*chosen, "/x"]
    assert service(f'services: {{a: {{preset: postgres, {key}: ["/x"]}}}}')[key] == ["/x"]


def test_null_removes_from_a_map() -> None:
    assert "POSTGRES_DB" not in service(DB + "environment: {POSTGRES_DB: null}}}")["environment"]


def test_a_list_of_variables_merges_as_the_map_that_it_stands_for() -> None:
    planned = service(DB + "environment: [POSTGRES_DB=shop, EXTRA]}}")
    assert planned["environment"] == {
        "POSTGRES_USER": "app",
        "POSTGRES_DB": "shop",
        "POSTGRES_PASSWORD_FILE": "/run/secrets/a_password",
        "EXTRA": None,
    }


def test_a_short_build_merges_as_the_long_form_that_it_stands_for() -> None:
    planned = image("defaults: {build: {env: {TZ: UTC}}}\n" + node("build: ./api"))
    assert (planned.context, planned.environment["TZ"]) == ("api", "UTC")


@pytest.mark.parametrize("kind", ["image: x", "preset: redis"])
def test_a_default_build_makes_nobody_build_where_an_image_is_named(kind: str) -> None:
    assert "build" not in service(f"defaults: {{build: {{labels: {{a: b}}}}}}\nservices: {{a: {{{kind}}}}}")


def test_a_preset_that_is_built_does_not_overwrite_the_official_image() -> None:
    assert service("services: {a: {preset: postgres, build: ./db}}").get("image") is None


@pytest.mark.parametrize(
    ("keys", "gone"),
    [
        ("deploy: {resources: {limits: {memory: 1g}}}", "mem_limit"),
        ("deploy: {resources: {limits: {pids: 9}}}", "pids_limit"),
        ("privileged: true", "cap_drop"),
        ("privileged: true", "security_opt"),
    ],
)
def test_a_choice_makes_room_for_what_contradicts_it(keys: str, gone: str) -> None:
    assert gone in service(node())
    assert gone not in service(node(keys))


def test_a_mount_takes_the_place_of_a_tmpfs() -> None:
    assert "tmpfs" not in service(node("volumes: [/tmp]"))
    planned = service(DB + "volumes: ['...', './t:/tmp']}}")
    assert planned["tmpfs"] == ["/run/postgresql"]


def test_network_mode_takes_the_place_of_default_networks() -> None:
    text = "defaults: {networks: [n]}\nservices: {a: {image: x, network_mode: host}, b: {image: x}}\nnetworks: {n: }"
    assert service(text) == {"image": "x", "network_mode": "host"}
    assert service(text, "b")["networks"] == ["n"]


def test_a_test_of_ones_own_takes_the_place_of_the_presets_and_timings_stay() -> None:
    check = service(DB + "healthcheck: {test: [CMD, mine], interval: 1s}}}")["healthcheck"]
    assert (check["test"], check["interval"], check["retries"]) == (["CMD", "mine"], "1s", 10)


@pytest.mark.parametrize(
    ("environment", "rest"),
    [
        ("{POSTGRES_PASSWORD: dev}", {"POSTGRES_PASSWORD": "dev"}),
        ("[POSTGRES_PASSWORD=dev]", {"POSTGRES_PASSWORD": "dev"}),
        ("{POSTGRES_PASSWORD: {secret: pw}}", {"POSTGRES_PASSWORD_FILE": "/run/secrets/pw"}),
        ("{POSTGRES_PASSWORD_FILE: /run/secrets/pw}", {"POSTGRES_PASSWORD_FILE": "/run/secrets/pw"}),
    ],
)
def test_a_password_of_ones_own_takes_the_place_of_the_presets_in_either_spelling(
    environment: str, rest: dict[str, str]
) -> None:
    planned = service(DB + f"environment: {environment}}}}}")
    assert planned["environment"] == {"POSTGRES_USER": "app", "POSTGRES_DB": "app", **rest}
    assert planned.get("secrets") == (["pw"] if "pw" in str(rest) else None)


def test_a_preset_gets_its_secret_whatever_else_is_listed() -> None:
    text = DB + "secrets: [other]}}\nsecrets: {other: }"
    assert service(text)["secrets"] == ["other", "a_password"]
    assert sections(text)["secrets"] == {
        "other": {"file": "./secrets/other"},
        "a_password": {"file": "./secrets/a_password"},
    }


def test_a_presets_secret_may_be_put_elsewhere() -> None:
    text = DB + "secrets: [{source: a_password, target: pw}]}}\nsecrets: {a_password: }"
    planned = service(text)
    assert planned["environment"]["POSTGRES_PASSWORD_FILE"] == "/run/secrets/pw"  # noqa: S105 - a path
    assert planned["secrets"] == [{"source": "a_password", "target": "pw"}]


def test_problems_stand_where_the_value_was_written() -> None:
    text = """
    defaults: {labels: {a: "${nobody.host}"}}
    services:
      a: {preset: redis, tmpfs: ["...", "/b", "${"]}
    """
    first, second = problems_of(text)
    assert first.startswith("2:24 EG020 ${nobody.host}")
    assert second.startswith("4:43 EG024")


def test_anchors_keep_composes_rules() -> None:
    text = """
    x-base: &base {image: x, environment: &env {A: "1"}}
    services:
      a: {<<: *base, environment: {<<: *env, B: "2"}}
    """
    assert service(text) == {"image": "x", "environment": {"A": "1", "B": "2"}}
    assert plan_of(text).sections["x-base"]


def complete(keys: str) -> dict[str, Data]:
    """The data of a service with a preset of its own."""
    spec = load(parse(f"{HEAD}services:\n  a: {{preset: postgres, image: x, {keys}}}\n", "envgen.yaml"))
    return layered(spec, "a", {"image": "x", "shm_size": "1m"}, None, preset_name="own").data


@pytest.mark.parametrize("key", ["mem_limit", "pids_limit", "init", "read_only", "tmpfs", "cap_drop", "shm_size"])
def test_null_removes_a_choice_or_what_a_preset_brings(key: str) -> None:
    assert key not in complete(f"{key}: null")


def test_a_null_that_removes_nothing_is_nothing() -> None:
    planned = complete("labels: null, environment: {A: null}")
    assert "labels" not in planned
    assert planned["environment"] == {"A": None}


def test_three_dots_keep_what_was_inherited_in_every_list() -> None:
    plan = plan_of("""
        defaults: {ports: ["9229:9229"], environment: [A=1], dns: [1.1.1.1]}
        services:
          a: {image: x, ports: ["...", "9230:9230"], environment: ["...", B=2], dns: ["...", 8.8.8.8]}
    """)
    compose = plan.services[0].compose
    assert compose["ports"] == ["9229:9229", "9230:9230"]
    assert compose["dns"] == ["1.1.1.1", "8.8.8.8"]
    assert "..." not in str(compose["environment"])
