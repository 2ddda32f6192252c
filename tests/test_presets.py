import pytest
from oracles import compose_config
from plans import node, plan_of, problems_of, rendered, sections, service

from envgen import presets


def postgres(image: str) -> dict[str, object]:
    return service(f"services: {{a: {{preset: postgres, image: '{image}'}}}}")


@pytest.mark.parametrize("name", presets.names())
def test_every_preset_is_complete(name: str) -> None:
    preset = presets.find(name)
    assert preset is not None
    assert (preset.name, preset.name in presets.names()) == (name, True)
    assert preset.summary
    assert preset.port
    assert preset.url.startswith(f"{name.replace('postgres', 'postgresql')}://")


@pytest.mark.parametrize("name", presets.names())
def test_every_preset_is_hardened_healthy_and_taken_by_compose(name: str) -> None:
    files = rendered(plan_of(f"services: {{store: {{preset: {name}}}}}"))
    planned = compose_config(files["compose.yaml"])["services"]["store"]
    assert planned["read_only"]
    assert planned["cap_drop"] == ["ALL"]
    assert not planned["user"].startswith("0")
    assert planned["healthcheck"]["test"]
    assert planned["mem_limit"]
    assert "ports" not in planned
    assert "/tmp" in planned["tmpfs"]


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
    assert postgres(image)["volumes"] == ["a-data:/var/lib/postgresql/data"]


@pytest.mark.parametrize(
    "image",
    ["postgres", "postgres:latest", "postgres:18", "postgres:18.1-alpine", "postgres:19beta1", "postgres:alpine",
     "registry:5000/postgres", "pgvector/pgvector:pg18"],
)  # fmt: skip
def test_since_18_postgres_keeps_its_data_in_a_folder_by_version(image: str) -> None:
    assert postgres(image)["volumes"] == ["a-data:/var/lib/postgresql"]


@pytest.mark.parametrize("image", ["postgres@sha256:15ab", "${PG_IMAGE}", "${PG_IMAGE:?}"])
def test_an_image_of_an_unknown_version_is_refused(image: str) -> None:
    (problem,) = problems_of(f"services: {{a: {{preset: postgres, image: '{image}'}}}}")
    assert f"EG012 `{image}` doesn't tell which postgres it is" in problem
    assert "${IMAGE:-postgres:17}" in problem


def test_redis_does_not_depend_on_its_version() -> None:
    assert service("services: {a: {preset: redis, image: '${R}'}}")["volumes"] == ["a-data:/data"]


@pytest.mark.parametrize(
    ("preset", "image", "user"),
    [
        ("postgres", "postgres:15", "999:999"), ("postgres", "postgres:15-alpine3.20", "70:70"),
        ("redis", "redis:7", "999:999"), ("redis", "redis:7-alpine", "999:1000"),
        ("postgres", "postgres:${V:-15}-alpine", "70:70"),
    ],
)  # fmt: skip
def test_the_user_is_the_images(preset: str, image: str, user: str) -> None:
    assert service(f"services: {{a: {{preset: {preset}, image: '{image}'}}}}")["user"] == user


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


def test_scripts_can_be_added_to_the_data() -> None:
    text = 'services: {a: {preset: postgres, volumes: ["...", "./init:/docker-entrypoint-initdb.d:ro"]}}'
    assert service(text)["volumes"] == ["a-data:/var/lib/postgresql/data", "./init:/docker-entrypoint-initdb.d:ro"]


def test_an_unhardened_preset_keeps_what_the_image_needs() -> None:
    planned = service("services: {a: {preset: postgres, hardening: none, ports: ['5432:5432']}}")
    assert planned["user"] == "999:999"
    assert planned["ports"] == ["5432:5432"]
    assert not {"cap_drop", "read_only", "init", "pids_limit"} & planned.keys()


def test_there_is_no_preset_of_another_name() -> None:
    assert presets.find("oracle") is None
    assert "there is no preset `postgre`" in problems_of("services: {a: {preset: postgre}}")[0]
    assert node()
