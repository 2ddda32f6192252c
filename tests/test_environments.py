"""Environments: overlays by the one merge rule, each rendered to a compose file that stands alone."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from composed import plan_of as composed_plan_of
from composed import spec_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from plans import HEAD, plan_of, problems_of, rendered

from envgen.cli import main
from envgen.plan import as_data
from envgen.plan.placing import origins
from envgen.render import plan_hash
from envgen.render import render as render_plan

DOCKER_COMPOSE = Path(sys.executable).parent / "docker-compose"
SHOP = """\
services:
  api:
    uses: node@22
    command: [node, server.js]
    ports: [{target: 3000, published: 3000}]
    environment: {LOG_LEVEL: info, KEPT: "1"}
  db: {preset: postgres, image: "postgres:15"}
  cron: {image: cron}
environments:
  dev:
    defaults: {restart: "no"}
    services:
      api: {command: [node, --watch, server.js], environment: {LOG_LEVEL: debug}, volumes: ["./src:/app/src"]}
      cron: null
      mail: {image: mail}
    networks: {back: {internal: true}}
  prod:
    services: {api: {build: {env: {TZ: UTC}}}}
"""


def services_of(text: str, environment: str) -> dict[str, Any]:
    plan = plan_of(text).only(environment)
    return {service.name: json.loads(json.dumps(as_data(service.compose))) for service in plan.services}


def test_each_environment_is_the_spec_with_its_overlay() -> None:
    services = services_of(SHOP, "dev")
    assert list(services) == ["api", "db", "mail"]
    assert services["api"]["command"] == ["node", "--watch", "server.js"]
    assert services["api"]["environment"]["LOG_LEVEL"] == "debug"
    assert services["api"]["environment"]["KEPT"] == "1"
    assert {service["restart"] for service in services.values()} == {"no"}
    plan = plan_of(SHOP)
    assert {service.name for service in plan.services} == {"api", "db", "cron"}
    assert plan.only("dev").sections["networks"] == {"back": {"internal": True}}
    assert "networks" not in plan.sections


def test_every_stack_is_a_compose_file_of_its_own_with_one_project_name() -> None:
    files = rendered(plan_of(SHOP))
    names = {path: yaml.safe_load(text)["name"] for path, text in files.items() if path.startswith("compose")}
    assert names == dict.fromkeys(["compose.yaml", "compose.dev.yaml", "compose.prod.yaml"], "shop")


def test_an_environment_may_have_a_project_name_of_its_own() -> None:
    text = "services: {a: {image: x}}\nenvironments: {dev: {name: shop-dev}}\n"
    assert yaml.safe_load(rendered(plan_of(text))["compose.dev.yaml"])["name"] == "shop-dev"


def test_only_an_environment_that_builds_otherwise_has_an_image_of_its_own() -> None:
    plan = plan_of(SHOP)
    assert [image.name for image in plan.images] == ["api", "api.prod"]
    assert services_of(SHOP, "prod")["api"]["build"]["dockerfile"] == "api.prod.Dockerfile"
    assert services_of(SHOP, "dev")["api"]["build"]["dockerfile"] == "api.Dockerfile"
    assert "TZ=UTC" in rendered(plan)["api.prod.Dockerfile"]
    assert [image.name for image in plan.only("dev").images] == ["api"]


@pytest.mark.parametrize("overlay", ["{}", "", "null"])
def test_an_empty_overlay_is_the_spec_itself(overlay: str) -> None:
    files = rendered(plan_of(f"services: {{a: {{image: x}}}}\nenvironments:\n  prod: {overlay}\n"))
    assert files["compose.prod.yaml"] == files["compose.yaml"]


def test_without_environments_nothing_changes() -> None:
    assert set(rendered(plan_of("services: {a: {image: x}}\n"))) == {"compose.yaml"}


def test_paths_follow_that_of_the_compose_file_or_are_written() -> None:
    text = "services: {a: {image: x}}\nenvironments: {dev: {}, prod: {}}\noutputs: {compose: docker-compose.yml, "
    assert set(rendered(plan_of(text + "environments: {dev: dev.yml}, overlays: true}\n"))) == {
        "docker-compose.yml",
        "dev.yml",
        "dev.overlay.yml",
        "docker-compose.prod.yml",
        "docker-compose.prod.overlay.yml",
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("environments: {Dev: {}}", "is no name for an environment"),
        ("environments: {override: {}}", "`override` can't be an environment"),
        ("environments: {dev: {servces: {}}}", "unknown key `servces`"),
        ("environments: {dev: {environments: {}}}", "unknown key `environments`"),
        ("environments: {dev: [a]}", "expected a map, found a list"),
        ("environments: [dev]", "expected a map, found a list"),
        ("environments: {dev: {name: 5}}", "expected text, found the number 5"),
        ("environments: {dev: {services: {b: null}}}", "there is no service `b` that could be taken out"),
        ("environments: {dev: {services: {b: {command: x}}}}", "`b` has neither an image"),
        ("environments: {dev: {services: {a: {imag: x}}}}", "unknown key `imag`"),
        ("environments: {dev: {services: {a: {depends_on: [c]}}}}", "there is no service `c`"),
        ("environments: {dev: {services: {a: null}}}", "a spec needs at least one service"),
        ("outputs: {environments: {dev: x.yaml}}", "there is no environment `dev`"),
        ("environments: {dev: {}}\noutputs: {environments: {dev: sub/x.yaml}}", "is no name for a file beside"),
        (
            "x-a: [1]\nenvironments: {dev: {x-a: 1}}\noutputs: {overlays: true}",
            "make a number or boolean of the map or list",
        ),
        ("environments: {dev: {include: [x]}}\noutputs: {overlays: true}", "no overlay can change `include`"),
    ],
)
def test_what_is_wrong_with_an_environment_is_said_once_and_at_its_place(text: str, expected: str) -> None:
    (problem,) = problems_of(f"services: {{a: {{image: x}}}}\n{text}\n")
    assert expected in problem
    assert int(problem.split(":")[0]) > 1


def test_what_is_wrong_without_the_environment_is_not_said_again() -> None:
    overlays = "environments: {dev: {}, prod: {services: {a: {init: true}, c: {init: true}}}}\n"
    for services in (
        "a: {image: x, oops: 1, depends_on: [b]}, c: {uses: node@22}",
        "a: {image: '${x'}, c: {uses: node@22}",
    ):
        assert len(problems_of(f"services: {{{services}}}\n{overlays}")) == 2
    assert len(problems_of(f"services: {{a: {{tty: true}}, c: {{image: x}}}}\n{overlays}")) == 1


def test_a_problem_that_only_an_environment_has_is_placed_there() -> None:
    text = "services:\n  a: {uses: node@22, command: [node, x]}\nenvironments:\n  dev:\n    services:\n"
    (problem,) = problems_of(f"{text}      a: {{user: root}}\n")
    assert problem.startswith("6:17 EG025 `a` would run as root [")


def test_a_problem_that_shows_elsewhere_names_the_environment() -> None:
    text = "services: {a: {image: x, depends_on: [b]}, b: {image: y}}\nenvironments: {dev: {services: {b: null}}}\n"
    (problem,) = problems_of(text)
    assert problem.startswith("1:39 EG020 there is no service `b` (in the environment `dev`)")


def test_environments_of_included_specs_lie_under_those_of_the_file() -> None:
    files = {
        "envgen.yaml": f"{HEAD}specs: [a.yaml]\nservices: {{w: {{hostname: top}}}}\n"
        "environments: {dev: {services: {w: {labels: {b: top}}}}}\n",
        "a.yaml": "envgen: 1\nservices: {w: {image: x}, v: {image: y}}\n"
        "environments:\n  dev: {services: {w: {labels: {a: low, b: low}}, v: null}}\n"
        "  test: {services: {w: {init: true}}}\n",
    }
    plan = composed_plan_of(files)
    assert [stack.environment for stack in plan.environments] == ["dev", "test"]
    (service,) = plan.only("dev").services
    assert service.compose["labels"] == {"a": "low", "b": "top"}
    assert service.compose["hostname"] == "top"  # an environment lies over the file, and the file over what it includes


def test_variables_are_those_of_all_environments() -> None:
    text = """
    services: {a: {image: x, environment: {A: "${A:-1}", R: "${R:-r}"}}}
    environments:
      dev: {services: {a: {environment: {A: "${A:-2}", B: "${B:?}"}}}}
      prod: {services: {a: {environment: {R: "${R:?}"}}}}
    """
    plan = plan_of(text)
    found = {variable.name: variable for variable in plan.variables}
    assert list(found) == ["A", "R", "B"]
    assert "in dev: '2'" in found["A"].description
    assert found["R"].description == "Required in prod."
    assert found["B"].description == "For dev."
    assert [variable.name for variable in plan.only("prod").variables] == ["A", "R"]


def test_the_hash_of_a_plan_knows_its_environments() -> None:
    text = "services: {a: {image: x}}\nenvironments: {dev: {services: {a: {init: true}}}}\n"
    assert plan_hash(plan_of(text)) != plan_hash(plan_of(text.replace("true", "false")))


def test_origins_name_file_and_line_or_what_envgen_brings() -> None:
    files = {
        "envgen.yaml": f"{HEAD}specs: [a.yaml]\nservices:\n  w:\n    uses: node@22\n    command: [node, x]\n"
        "    environment: {B: {secret: true}}\n  db: {preset: redis}\nenvironments:\n"
        "  dev:\n    services:\n      w: {mem_limit: 1g}\n",
        "a.yaml": "envgen: 1\ndefaults: {restart: always}\nservices: {w: {environment: [A=1], tmpfs: ['...', /x]}}\n",
    }
    spec = spec_of(files)
    plan = composed_plan_of(files).only("dev")
    found = origins(plan.base, spec.environment("dev"))
    assert found["services.w.restart"] == "a.yaml:2:21"
    assert found["services.w.environment.A"] == "a.yaml:3:30"
    assert found["services.w.environment.B_FILE"].startswith("envgen.yaml:8:")
    assert found["services.w.mem_limit"] == "envgen.yaml:13:22"
    assert found["services.w.init"] == "built-in"
    assert found["services.w.build.dockerfile"] == "envgen.yaml:6:11"
    assert found["services.db.image"] == "preset redis"
    assert found["name"] == "envgen.yaml:2:7"


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(list(arguments))
    assert isinstance(ended.value.code, int)
    return ended.value.code


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "package.json").write_text("{}")
    (tmp_path / "package-lock.json").write_text('{"lockfileVersion": 3}')
    (tmp_path / "envgen.yaml").write_text(HEAD + SHOP)
    return tmp_path


def test_render_writes_the_whole_set_and_selects_only_what_it_prints(
    shop: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run("render") == 0
    assert {path.name for path in shop.iterdir()} >= {"compose.yaml", "compose.dev.yaml", "api.prod.Dockerfile"}
    assert run("render", "--check") == 0
    (shop / "compose.dev.yaml").write_text("")
    assert run("render", "--check") == 1
    capfd.readouterr()
    assert run("render", "--stdout", "--environment", "dev", "--target", "compose") == 0
    assert "--watch" in capfd.readouterr().out
    assert run("render", "--plan", "--environment", "dev") == 0
    plan = json.loads(capfd.readouterr().out)
    assert plan["compose_path"] == "compose.dev.yaml"
    assert plan["origins"]["services.api.environment.LOG_LEVEL"] == "envgen.yaml:15:75"
    assert run("render", "--environment", "dev") == 2
    assert run("render", "--plan", "--environment", "dve") == 2
    assert "did you mean `dev`?" in capfd.readouterr().out


def test_lint_says_nothing_twice(shop: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (shop / "envgen.yaml").write_text(
        f"{HEAD}services: {{a: {{image: 'x:1', privileged: true}}}}\n"
        "environments: {dev: {}, prod: {services: {a: {pid: host}}}}\n"
    )
    for _ in range(2):
        run("lint", "--no-cache", "--format", "json")
        findings = json.loads(capfd.readouterr().out)["findings"]
        codes = [finding["code"] for finding in findings]
        assert codes.count("EG230") == 1
        assert "EG231" in codes or len(set(codes)) == len(codes)
        assert run("render") == 0  # now the rendered files are linted themselves
        capfd.readouterr()


def test_a_second_spec_in_a_folder_does_not_take_the_files_of_the_first(
    shop: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run("render") == 0
    (shop / "other.yaml").write_text(f"{HEAD}services: {{a: {{image: x}}}}\n")
    capfd.readouterr()
    for arguments in (
        ("render", "other.yaml"),
        ("render", "--check", "other.yaml"),
        ("render", "--force", "other.yaml"),
    ):
        assert run(*arguments) == 2
        assert "rendered from envgen.yaml, and other.yaml would replace them" in capfd.readouterr().out
    assert (shop / "api.Dockerfile").is_file()
    (shop / "envgen.yaml").rename(shop / "envgen.yml")
    assert run("render", "envgen.yml") == 0


NAMES = st.sampled_from(["a", "b", "c"])
STRINGS = st.sampled_from(["x", "y", "1", "$$z", "${V:-d}"])
SERVICE = st.fixed_dictionaries(
    {"image": st.sampled_from(["x:1", "y:2"])},
    optional={
        "command": st.one_of(STRINGS, st.lists(STRINGS, max_size=2)),
        "environment": st.one_of(
            st.dictionaries(NAMES, st.one_of(STRINGS, st.none(), st.integers(0, 2)), max_size=3),
            st.lists(st.sampled_from(["A=1", "A=2", "B=", "C"]), max_size=2, unique_by=lambda text: text[0]),
        ),
        "labels": st.dictionaries(NAMES, STRINGS, max_size=2),
        "ports": st.lists(st.sampled_from(["80:80", "81:81", "127.0.0.1:82:82"]), max_size=2, unique=True),
        "volumes": st.lists(st.sampled_from(["./a:/a", "./b:/a", "vol:/v"]), max_size=2, unique_by=lambda v: v[-1]),
        "networks": st.one_of(
            st.lists(st.sampled_from(["front", "back"]), max_size=2, unique=True),
            st.just({"front": None, "back": {"aliases": ["q"]}}),
        ),
        "healthcheck": st.sampled_from([{"test": ["CMD", "x"]}, {"test": "x", "interval": "5s"}, {"disable": True}]),
        "deploy": st.sampled_from([{"replicas": 2}, {"resources": {"limits": {"memory": "1g"}}}]),
        "extra_hosts": st.sampled_from([["h:1.1.1.1"], {"h": "2.2.2.2"}]),
        "logging": st.sampled_from([{"driver": "json-file", "options": {"max-size": "1m"}}, {"driver": "none"}]),
        "init": st.booleans(),
        "tmpfs": st.sampled_from(["/x", ["/x", "/y"]]),
        "env_file": st.just([{"path": "none.env", "required": False}]),
        "ulimits": st.sampled_from([{"nofile": 5}, {"nofile": {"soft": 1, "hard": 2}}]),
        "profiles": st.just(["p"]),
        "configs": st.just(["conf"]),
        "x-own": st.sampled_from(["a", "1", {"b": 1}, [1]]),
    },
)
PART = st.fixed_dictionaries(
    {"services": st.dictionaries(NAMES, SERVICE, min_size=1, max_size=3)},
    optional={"x-top": st.sampled_from([{"a": 1}, {"b": [1]}, "s", "null"])},
)
SECTIONS = st.fixed_dictionaries(
    {
        "networks": st.sampled_from([{"front": None, "back": None}, {"front": {"internal": True}, "back": {}}]),
        "volumes": st.sampled_from([{"vol": None}, {"vol": {"labels": {"a": "b"}}}]),
        "configs": st.sampled_from([{"conf": {"content": "a"}}, {"conf": {"content": "b"}}]),
    }
)


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(PART, PART, SECTIONS, SECTIONS, st.sets(NAMES, max_size=2), st.booleans())
def test_an_overlay_says_the_same_as_the_file_that_stands_alone(  # noqa: PLR0913, PLR0917 - a strategy each
    tmp_path_factory: pytest.TempPathFactory,
    base: dict[str, Any],
    overlay: dict[str, Any],
    sections: dict[str, Any],
    others: dict[str, Any],
    gone: set[str],
    renamed: bool,  # noqa: FBT001 - drawn
) -> None:
    removed = {name: None for name in gone if name in base["services"] and name not in overlay["services"]}
    # a null takes out what is there, also where compose would take it for default settings
    filled = {key: {name: value or {} for name, value in section.items()} for key, section in others.items()}
    dev = {
        **overlay,
        **filled,
        "services": {**overlay["services"], **removed},
        **({"name": "other"} if renamed else {}),
    }
    spec = {**base, **sections, "outputs": {"overlays": True}, "environments": {"dev": dev}}
    folder = tmp_path_factory.mktemp("overlay")
    for artifact in render_plan(plan_of(yaml.safe_dump(spec))):
        (folder / artifact.path).write_text(artifact.text)
    assert config(folder, "compose.yaml", "compose.dev.overlay.yaml") == config(folder, "compose.dev.yaml")


def config(folder: Path, *files: str) -> Any:
    chosen = [word for file in files for word in ("-f", file)]
    done = subprocess.run(
        [DOCKER_COMPOSE, *chosen, "--profile", "*", "config", "--format", "json"],
        capture_output=True,
        text=True,
        cwd=folder,
        check=False,
    )
    assert done.returncode == 0, done.stderr + (folder / files[-1]).read_text()
    return json.loads(done.stdout)


def test_the_shop_as_an_overlay(tmp_path: Path) -> None:
    for artifact in render_plan(plan_of(SHOP + "outputs: {overlays: true}\n")):
        (tmp_path / artifact.path).write_text(artifact.text)
    for environment in ("dev", "prod"):
        overlay = config(tmp_path, "compose.yaml", f"compose.{environment}.overlay.yaml")
        assert overlay == config(tmp_path, f"compose.{environment}.yaml")


def test_an_overlay_without_a_difference_is_a_compose_file_all_the_same() -> None:
    plan = plan_of("outputs: {overlays: true}\nservices: {a: {image: a}}\nenvironments: {p: {}}\n")
    (overlay,) = (one for one in render_plan(plan) if one.path == "compose.p.overlay.yaml")
    assert overlay.text.split("\n")[2:] == ["services: {}", ""]
