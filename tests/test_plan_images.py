import json
from collections.abc import Mapping

import pytest
from plans import image, node, plan_of, problems_of, rendered, service, services

from envgen.plan import Context, resolve
from envgen.source import parse
from envgen.spec import load

SHARED = """
    services:
      web: {uses: node@16, build: ./api, command: [node, a.js], ports: ["80:3000"]}
      worker: {uses: node@16, build: ./api, command: [node, w.js], profiles: [work]}
      migrate: {uses: node@16, build: ./api, command: [node, m.js]}
"""


def test_services_of_one_build_and_runtime_share_an_image_named_after_the_first() -> None:
    plan = plan_of(SHARED)
    assert [(one.name, one.dockerfile) for one in plan.images] == [("web", "api/web.Dockerfile")]
    for planned in services(SHARED).values():
        assert planned["image"] == "${COMPOSE_PROJECT_NAME}-web"
        assert planned["build"] == {"context": "./api", "dockerfile": "web.Dockerfile"}
    assert [planned.image for planned in plan.services] == ["web", "web", "web"]


def test_what_differs_goes_to_compose_and_the_image_holds_what_all_agree_on() -> None:
    shared = image(SHARED)
    assert (shared.command, shared.ports, shared.health) == (None, (), None)
    assert [planned["command"][1] for planned in services(SHARED).values()] == ["a.js", "w.js", "m.js"]


@pytest.mark.parametrize("command", ["sh -c 'a b'", "a $$b", "a ${B:-b}"])
def test_a_command_that_only_compose_can_read_stays_there(command: str) -> None:
    text = f'services: {{a: {{uses: node@16, command: [a]}}, b: {{uses: node@16, command: "{command}"}}}}'
    assert service(text, "b")["command"] in (command, command.replace("$$", "$"))
    assert image(text).command is None


def test_what_all_agree_on_is_in_the_image() -> None:
    text = """
    services:
      a: {uses: node@16, command: [node, a.js], ports: [3000, 4000], volumes: [/a]}
      b: {uses: node@16, command: node a.js, ports: ["4000"], volumes: [/b]}
    """
    shared = image(text)
    assert (shared.command, shared.ports) == (("node", "a.js"), ("4000",))
    assert shared.setup is not None
    assert shared.setup.commands[-1].endswith("/a /b")
    assert "command" not in service(text)


def test_an_entrypoint_of_ones_own_has_no_part_in_the_images_command() -> None:
    text = """
    services:
      a: {uses: node@16, command: [node, a.js]}
      b: {uses: node@16, entrypoint: [sh, -c], command: [ls]}
    """
    assert image(text).command == ("node", "a.js")
    assert service(text, "b")["command"] == ["ls"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("./api", "api"),
        ("./api", "api/"),
        ("api", "{context: ./api}"),
        ("{context: api, run: x}", "{context: api, run: [x]}"),
        ("{context: api, env: {A: '1', B: '2'}}", "{context: api, env: {B: '2', A: '1'}}"),
        ("{context: api, packages: []}", "api"),
        (".", "{}"),
    ],
)
def test_builds_that_are_spelled_differently_are_one(one: str, other: str) -> None:
    uses = "uses: node@16, command: [a]"
    text = f"services: {{a: {{{uses}, build: {one}}}, b: {{{uses}, build: {other}}}}}"
    assert len(plan_of(text).images) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("node@16, build: api", "node@14, build: api"),
        ("node@16, build: api", "node@16, build: web"),
        ("node@16, build: {run: x}", "node@16, build: {run: y}"),
        ("node@16, build: {args: {A: '1'}}", "node@16, build: {args: {A: '2'}}"),
        ('{language: node, version: "16", variant: alpine}', "node@16"),
    ],
)
def test_builds_that_differ_are_two(one: str, other: str) -> None:
    text = f"services: {{a: {{uses: {one}, command: [a]}}, b: {{uses: {other}, command: [a]}}}}"
    assert len(plan_of(text).images) == 2
    assert "image" not in service(text)


def test_equal_runtimes_of_different_names_are_one() -> None:
    text = """
    runtimes: {x: {language: node, version: "16"}}
    services: {a: {uses: x, command: [a]}, b: {uses: node@16, command: [a]}}
    """
    assert len(plan_of(text).images) == 1


def test_services_of_one_image_have_one_user() -> None:
    text = "services: {a: {uses: node@16, command: [a]}, b: {uses: node@16, command: [a], user: node}}"
    (problem,) = problems_of(text)
    assert "EG025 `b` and `a` share an image, but not a user" in problem
    both = (
        "services: {a: {uses: node@16, command: [a], user: '1000:1000'}, b: {uses: node@16, command: [a], user: node}}"
    )
    assert image(both).user.name == "node"


def test_a_name_that_one_writes_is_the_images_name() -> None:
    text = "services: {a: {uses: node@16, command: [a]}, b: {uses: node@16, command: [b], image: 'r/x:${T:-1}'}}"
    assert [planned["image"] for planned in services(text).values()] == ["r/x:${T:-1}", "r/x:${T:-1}"]


def test_different_images_cannot_have_one_name() -> None:
    text = "services: {a: {uses: node@16, command: [a], image: x}, b: {uses: node@14, command: [b], image: x}}"
    (problem,) = problems_of(text)
    assert "EG022 `a` and `b` are built differently, but are both named `x`" in problem


@pytest.mark.parametrize(
    ("name", "reference"), [("Web", "web"), ("_u", "u"), ("a--b", None), ("a..b", "a-b"), ("web", None)]
)
def test_a_name_that_no_image_can_have_is_made_one(name: str, reference: str | None) -> None:
    expected = f"${{COMPOSE_PROJECT_NAME}}-{reference}" if reference else None
    assert service(node(name=name), name).get("image") == expected


@pytest.mark.parametrize(
    ("context", "planned", "dockerfile"),
    [
        (".", ".", "a.Dockerfile"),
        ("./api", "./api", "api/a.Dockerfile"),
        ("api/v2/", "./api/v2", "api/v2/a.Dockerfile"),
        ("./x/../api", "./api", "api/a.Dockerfile"),
        ("'my api'", "./my api", "my api/a.Dockerfile"),
        (".hidden", "./.hidden", ".hidden/a.Dockerfile"),
    ],
)
def test_where_a_dockerfile_goes(context: str, planned: str, dockerfile: str) -> None:
    text = node(f"build: {{context: {context}}}")
    assert image(text).dockerfile == dockerfile
    assert service(text)["build"] == {"context": planned, "dockerfile": "a.Dockerfile"}


@pytest.mark.parametrize(
    ("context", "path", "relative"),
    [(".", "docker/a.Dockerfile", "docker/a.Dockerfile"), ("api", "docker/a.Dockerfile", "../docker/a.Dockerfile"),
     ("api", "api/Dockerfile", "Dockerfile"), ("a/b", "c/Dockerfile", "../../c/Dockerfile")],
)  # fmt: skip
def test_a_dockerfile_goes_where_outputs_say(context: str, path: str, relative: str) -> None:
    text = node(f"build: {context}") + f"outputs: {{dockerfiles: {{a: {path}}}}}\n"
    assert image(text).dockerfile == path
    assert service(text)["build"]["dockerfile"] == relative
    assert f"{path}.dockerignore" in rendered(plan_of(text))


@pytest.mark.parametrize("context", ["..", "../x", "a/../..", "/abs", "~/x", "'${DIR}'", "https://x.org/a.git"])
def test_a_rendered_dockerfile_needs_a_context_of_the_project(context: str) -> None:
    (problem,) = problems_of(node(f"build: {{context: {context}}}"))
    assert "the context of a rendered Dockerfile has to be the spec's folder, or one below it" in problem


@pytest.mark.parametrize(
    ("build", "message"),
    [
        ("{dockerfile: D}", "`dockerfile` belongs to a Dockerfile of your own"),
        ("{target: x}", "there is no stage `x` to run"),
        ("{dockerfile_inline: FROM x}", "`dockerfile_inline` belongs to a Dockerfile of your own"),
        ("{run: ['']}", "a build step has to be a command"),
        ("{install: ' '}", "a build step has to be a command"),
        ("{files: ['../x']}", "'../x' can't be copied by that very name"),
        ("{files: ['a*']}", "'a*' can't be copied by that very name"),
        ("{files: [/etc]}", "'/etc' can't be copied by that very name"),
        ('{env: {A: "x\\ny"}}', "ENV can't hold a line break"),
        ("{env: {'a b': x}}", "`a b` is no name for an environment variable"),
    ],
)
def test_builds_that_cannot_be(build: str, message: str) -> None:
    (problem,) = problems_of(node(f"build: {build}"))
    assert message in problem


@pytest.mark.parametrize("text", ["uses: node@16", "uses: node@16, command: []", "uses: node@16, command: ''"])
def test_each_service_says_what_it_runs(text: str) -> None:
    other = "b: {uses: node@16, command: [b]}"
    (problem,) = problems_of(f"services: {{{other}, a: {{{text}}}}}")
    assert "EG013 `a` has no command" in problem


@pytest.mark.parametrize("text", ["entrypoint: [a]", "extends: {file: x.yaml, service: y}"])
def test_an_entrypoint_or_what_is_extended_will_do(text: str) -> None:
    assert problems_of(f"services: {{a: {{uses: node@16, {text}}}}}") == []


@pytest.mark.parametrize(
    ("volume", "created"),
    [
        ("'data:/d'", True), ("'data:/d:z'", True), ("'data:/d:nocopy'", True), ("'data:/d:rw,z'", True), ("/d", True),
        ("{type: volume, target: /d}", True), ("{type: volume, source: data, target: /d}", True),
        ("'${V:-data}:/d'", True), ("'data:/d:ro'", False), ("'data:/d:z,ro'", False), ("'./x:/d'", False),
        ("'/x:/d'", False), ("'~/x:/d'", False), ("'data:${T:-/d}'", False),
        ("{type: bind, source: ., target: /d}", False),
        ("{type: tmpfs, target: /d}", False), ("{type: volume, source: data, target: /d, read_only: true}", False),
    ],
)  # fmt: skip
def test_folders_of_writable_volumes_are_created(volume: str, created: bool) -> None:  # noqa: FBT001 - a parameter of the case
    step = image(node(f"user: '5:6', volumes: [{volume}]") + "volumes: {data: }\n").setup
    assert step == (None if not created else step)
    assert not created or (step is not None and step.commands == ("install -d -o 5 -g 6 /d",))


def test_what_never_gets_into_an_image() -> None:
    text = node("build: .") + "secrets: {s: {file: ./private/key*}, t: {file: secrets/t}, u: {file: ../u}}\n"
    patterns = [pattern for group in image(text).ignore for pattern in group.patterns]
    for expected in ("**/.env", "!**/.env.example", "**/.git", "secrets", "private/key\\*", "**/node_modules"):
        assert expected in patterns
    assert not [pattern for pattern in patterns if pattern in ("**/secrets", "secrets/t", "../u", "u")]


def test_secret_files_are_found_from_a_context_below() -> None:
    text = node("build: ./api") + "secrets: {s: {file: ./api/private/key}}\n"
    assert "private/key" in image(text).ignore[0].patterns


def contexts(found: Mapping[str, Context], text: str = node("build: ./api")) -> list[str]:
    from envgen.finding import EnvgenError  # noqa: PLC0415

    spec = load(parse("envgen: 1\nname: shop\n" + text, "envgen.yaml"))
    try:
        resolve(spec, found)
    except EnvgenError as error:
        return [finding.message for finding in error.findings]
    return []


def test_the_context_has_to_be_there_with_what_the_build_needs() -> None:
    assert contexts({"api": Context(exists=False)}) == ["there is no folder ./api"]
    assert contexts({"api": Context(files={"package.json": "{}", "package-lock.json": '{"lockfileVersion": 3}'})}) == []
    assert "api/package-lock.json" in contexts({"api": Context(files={"package.json": "{}"})})[0]
    assert contexts({"api": Context()}, node("build: {context: ./api, install: make}")) == []


def test_patterns_of_an_existing_dockerignore_are_taken_over_last() -> None:
    spec = load(parse("envgen: 1\nname: shop\n" + node("build: ./api"), "envgen.yaml"))
    files = {"package.json": "{}", "package-lock.json": "{}"}
    (only,) = resolve(spec, {"api": Context(ignore=("*.log", "!keep.log"), files=files)}).images
    assert only.ignore[-1].patterns == ("*.log", "!keep.log")


def test_a_command_too_long_for_a_dockerfile_goes_to_compose() -> None:
    service = {"uses": "node@22", "command": ["node", "x" * 70_000]}
    text = json.dumps({"envgen": 1, "name": "p", "services": {"a": service}})
    plan = resolve(load(parse(text, "envgen.json")))
    assert plan.images[0].command is None
    assert plan.services[0].compose["command"] == service["command"]
