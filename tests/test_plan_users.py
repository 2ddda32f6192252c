import pytest
from plans import image, node, problems_of, service

from envgen.plan.model import ImageUser


def setup(keys: str = "", variant: str = "bookworm-slim") -> tuple[str, ...]:
    text = f'services: {{a: {{uses: {{language: node, version: "16", variant: {variant}}}, command: [a], {keys}}}}}'
    step = image(text).setup
    return step.commands if step else ()


@pytest.mark.parametrize(
    ("written", "user"),
    [
        ("", ImageUser(name="app", uid=10001, gid=10001)),
        ("user: {name: node, uid: 1000}", ImageUser(name="node", uid=1000, gid=1000)),
        ("user: {name: web, uid: 2000}", ImageUser(name="web", uid=2000, gid=2000)),
        ("user: {name: web, uid: 2000, gid: 3000}", ImageUser(name="web", uid=2000, gid=3000)),
        ("user: '1000:1000'", ImageUser(name="1000", uid=1000, gid=1000)),
        ("user: '4000'", ImageUser(name="4000", uid=4000, gid=4000)),
        ("user: '4000:0'", ImageUser(name="4000", uid=4000, gid=0)),
        ("user: node", ImageUser(name="node", uid=1000, gid=1000)),
        ("user: 'node:www-data'", ImageUser(name="node", uid=1000, gid=33)),
        ("user: 'node:1234'", ImageUser(name="node", uid=1000, gid=1234)),
        ("user: '33:node'", ImageUser(name="33", uid=33, gid=1000)),
        ("user: nobody", ImageUser(name="nobody", uid=65534, gid=65534)),
        ("user: '${UID:-1000}:${GID:-100}'", ImageUser(name="1000", uid=1000, gid=100)),
        ("user: '${WHO:-node}'", ImageUser(name="node", uid=1000, gid=1000)),
        ("user: '${UID}:${GID}'", ImageUser(name="app", uid=10001, gid=10001)),
    ],
)
def test_who_the_image_runs_as(written: str, user: ImageUser) -> None:
    assert image(node(written)).user == user


def test_a_user_is_said_once_in_the_image_unless_compose_fills_it_in() -> None:
    assert "user" not in service(node("user: {name: web, uid: 2000}"))
    assert "user" not in service(node("user: '1000:1000'"))
    assert service(node("user: '${UID:-1000}'"))["user"] == "${UID:-1000}"


def test_of_a_preset_it_is_numbers() -> None:
    assert service("services: {a: {preset: redis, user: {name: me, uid: 7, gid: 8}}}")["user"] == "7:8"
    assert service("services: {a: {preset: redis, user: {name: me, uid: 7}}}")["user"] == "7:7"


@pytest.mark.parametrize("written", ["user: node", "user: '5000'", "user: {name: node, uid: 1000, gid: 1000}"])
def test_who_is_there_is_not_made(written: str) -> None:
    assert setup(written) == ()


def test_a_user_is_made_on_debian() -> None:
    group, user = setup()
    assert group == "groupadd --gid 10001 app"
    assert user.startswith("useradd --no-log-init --no-create-home --home-dir /app --shell /usr/sbin/nologin")
    assert user.endswith("--uid 10001 --gid app app")


def test_a_user_is_made_on_alpine() -> None:
    assert setup(variant="alpine") == (
        "addgroup -g 10001 app",
        "adduser -D -H -u 10001 -G app -h /app -s /sbin/nologin app",
    )


@pytest.mark.parametrize(
    ("variant", "gid", "group"),
    [
        ("bookworm-slim", 1000, "node"),
        ("bookworm-slim", 100, "users"),
        ("alpine", 82, "www-data"),
        ("alpine", 1000, "node"),
    ],
)
def test_a_group_that_is_there_is_joined(variant: str, gid: int, group: str) -> None:
    (user,) = setup(f"user: {{name: web, uid: 2000, gid: {gid}}}", variant)
    assert f" {group} " in user


@pytest.mark.parametrize(
    ("user", "message"),
    [
        ("{name: app, uid: 1000}", "the base image has a user `node` with uid 1000 and gid 1000 already"),
        ("{name: node, uid: 2000}", "the base image has a user `node` with uid 1000 and gid 1000 already"),
        ("{name: app, uid: 33}", "the base image has a user `www-data` with uid 33"),
        ("{name: staff, uid: 2000}", "the base image has a group `staff` with gid 50 already [write gid: 50"),
        ("mallory", "the image has no user `mallory`, and its number is not known"),
        ("'node:mallory'", "the image has no group `mallory`"),
    ],
)
def test_who_cannot_be(user: str, message: str) -> None:
    (problem,) = problems_of(node(f"user: {user}"))
    assert message in problem


def test_folders_of_volumes_are_the_users_own() -> None:
    *_, folders = setup("volumes: ['/a', '/b/../c', '/with space']", "alpine")
    text = node("volumes: ['/a', '/b/../c', '/with space'], user: '5000:6000'")
    step = image(text).setup
    assert step is not None
    assert step.commands == ("install -d -o 5000 -g 6000 /a /c '/with space'",)
    assert folders.startswith("install -d -o 10001 -g 10001 /a /c")
