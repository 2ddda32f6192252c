"""Specs that are composed of others: precedence, paths, parameters, and places in the right file."""

import itertools
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from composed import plan_of, problems_of, spec_of
from hypothesis import given
from hypothesis import strategies as st

from envgen.composition.paths import moved
from envgen.finding import EnvgenError
from envgen.merging import merge_specs
from envgen.plan import as_data
from envgen.project import read_source
from envgen.provenance import Layer, trace
from envgen.source import Data, Problem

HEAD = "envgen: 1\nname: shop\n"
COMPOSE = Path(sys.executable).parent / "docker-compose"


def compose_of(files: dict[str, str], service: str) -> dict[str, Any]:
    services = {planned.name: planned.compose for planned in plan_of(files).services}
    data: dict[str, Any] = json.loads(json.dumps(as_data(services[service])))
    return data


def test_later_files_lie_over_earlier_ones_and_the_file_over_all() -> None:
    files = {
        "envgen.yaml": f"{HEAD}specs: [./a.yaml, ./b.yaml]\nservices: {{web: {{image: top}}}}\n",
        "a.yaml": "envgen: 1\nservices: {web: {image: a, restart: always, mem_limit: 1g, labels: {of: a, a: a}}}\n",
        "b.yaml": "envgen: 1\nservices: {web: {image: b, mem_limit: null, labels: [of=b]}}\n",
    }
    assert compose_of(files, "web") == {"image": "top", "restart": "always", "labels": {"of": "b", "a": "a"}}


def test_defaults_of_included_files_lie_under_every_service() -> None:
    files = {
        "envgen.yaml": f"{HEAD}specs: [./a.yaml]\ndefaults: {{init: true}}\nservices: {{web: {{image: x}}}}\n",
        "a.yaml": "envgen: 1\ndefaults: {restart: always, init: false}\n",
    }
    assert compose_of(files, "web") == {"image": "x", "restart": "always", "init": True}


def test_a_null_removes_what_lies_below_and_what_envgen_would_choose() -> None:
    files = {
        "envgen.yaml": f"{HEAD}specs: [./a.yaml]\nservices: {{db: {{mem_limit: null}}}}\n",
        "a.yaml": "envgen: 1\nservices: {db: {preset: redis, mem_limit: 1g}}\n",
    }
    assert "mem_limit" not in compose_of(files, "db")


def test_three_dots_keep_what_lower_files_and_envgen_say() -> None:
    files = {
        "envgen.yaml": f'{HEAD}specs: [./a.yaml]\nservices: {{db: {{cap_drop: ["...", TOP]}}}}\n',
        "a.yaml": 'envgen: 1\nservices: {db: {preset: redis, cap_drop: ["...", LOWER]}}\n',
    }
    assert compose_of(files, "db")["cap_drop"] == ["ALL", "LOWER", "TOP"]


def test_what_an_included_spec_says_of_itself_is_its_own() -> None:
    files = {
        "envgen.yaml": f"{HEAD}specs: [apps/web/envgen.yaml]\n",
        "apps/web/envgen.yaml": (
            "envgen: 1\nname: web\noutputs: {compose: other.yaml, env_example: x.env, dockerfiles: {web: d/W}}\n"
            "lint: {ignore: [DL3008]}\nservices: {web: {uses: node@22, command: [node, x]}}\n"
        ),
    }
    plan = plan_of(files)
    assert (plan.name, plan.compose_path, plan.env_example_path) == ("shop", "compose.yaml", ".env.example")
    assert [(image.context, image.dockerfile) for image in plan.images] == [("apps/web", "apps/web/d/W")]
    assert spec_of(files).lint.ignore == ()


def test_contexts_that_are_not_written_are_the_folder_of_the_file() -> None:
    files = {
        "envgen.yaml": f"{HEAD}specs: [apps/a.yaml]\nservices: {{d: {{uses: node@22, command: [node, x]}}}}\n",
        "apps/a.yaml": (
            "envgen: 1\nservices:\n  a: {uses: node@22, command: [node, x]}\n  b: {build: {dockerfile: B}}\n"
            "  c: {build: {context: ./c}}\n"
            "environments: {dev: {services: {a: {init: false}, e: {build: {target: x}}}}}\n"
        ),
    }
    assert {image.name: image.context for image in plan_of(files).images} == {"a": "apps", "d": "."}
    assert compose_of(files, "b")["build"] == {"context": "./apps", "dockerfile": "B"}
    assert compose_of(files, "c")["build"] == {"context": "./apps/c"}
    (dev,) = plan_of(files).environments
    services = {service.name: service.compose for service in dev.services}
    assert services["e"]["build"] == {"context": "./apps", "target": "x"}


PATHS = """\
  a:
    image: x
    volumes:
      - ./d:/d
      - ../up:/u:ro
      - ~/h:/h
      - named:/n
      - /abs:/abs
      - ${D:-./q}/r:/q
      - {type: bind, source: ./l, target: /l}
    env_file: [./e.env, {path: f.env, required: false}]
    label_file: labels
    build:
      context: ./c
      dockerfile: ../D
      additional_contexts: {a: ./x, b: "service:q", c: "docker-image://x"}
      ssh: ["k=./k.pem"]
    develop: {watch: [{path: ./src, action: sync, target: /x, ignore: [node_modules/]}]}
    secrets: [s]
    configs: [c]
  q: {image: z, build: z}
  e: {extends: {file: base.yaml, service: e}}
secrets: {s: {file: ./s.txt}}
configs: {c: {file: c.txt}}
volumes: {named: {driver: local, driver_opts: {type: none, o: bind, device: ./dev}}}
include: [{path: [./inc.yaml], env_file: ./inc.env}]
"""


def test_relative_paths_mean_what_compose_takes_them_for_in_the_file_that_wrote_them(tmp_path: Path) -> None:
    app = tmp_path / "apps" / "web"
    app.mkdir(parents=True)
    for name in ("e.env", "f.env", "labels", "inc.env"):
        (app / name).write_text("A=1\n")
    (app / "base.yaml").write_text("services: {e: {image: e, volumes: ['./ee:/e']}}\n")
    (app / "inc.yaml").write_text("services: {i: {image: i}}\n")
    (app / "compose.yaml").write_text(f"name: shop\nservices:\n{PATHS}")
    (app / "envgen.yaml").write_text(f"envgen: 1\nservices:\n{PATHS}")
    (tmp_path / "envgen.yaml").write_text(f"{HEAD}specs: [./apps/web/envgen.yaml]\n")
    (tmp_path / "compose.yaml").write_text(rendered(tmp_path / "envgen.yaml"))
    assert config(tmp_path / "compose.yaml") == config(app / "compose.yaml")


def rendered(path: Path) -> str:
    from envgen.plan import resolve  # noqa: PLC0415 - as the rest of the line
    from envgen.render import render  # noqa: PLC0415
    from envgen.spec import load  # noqa: PLC0415

    plan = resolve(load(read_source(path.read_bytes(), str(path))))
    return next(artifact.text for artifact in render(plan) if artifact.path == plan.compose_path)


def config(*files: Path) -> Any:
    chosen = itertools.chain.from_iterable(("-f", str(file)) for file in files)
    done = subprocess.run(
        [COMPOSE, *chosen, "config"], capture_output=True, text=True, cwd=files[0].parent, check=False
    )
    assert done.returncode == 0, done.stderr
    return yaml.safe_load(done.stdout)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("x", "./apps/web/x"),
        (".", "./apps/web"),
        ("./x/", "./apps/web/x/"),
        ("../api", "./apps/api"),
        ("../../x", "./x"),
        ("../../../x", "../x"),
        ("./${X}/y", "./apps/web/${X}/y"),
        ("${X:-./y}", "${X:-./apps/web/y}"),
        ("${X:-y}", "${X:-y}"),
        ("$X/y", "$X/y"),
        ("/abs", "/abs"),
        ("~/x", "~/x"),
        ("https://github.com/a/b.git", "https://github.com/a/b.git"),
        ("git@github.com:a/b.git", "git@github.com:a/b.git"),
        ("github.com/a/b", "github.com/a/b"),
        ("C:\\x", "C:\\x"),
        ("service:base", "service:base"),
        ("", ""),
    ],
)
def test_a_path_moves_with_its_file(path: str, expected: str) -> None:
    data: dict[str, Data] = {"services": {"a": {"build": {"context": path}}}}
    assert moved(data, "apps/web") == {"services": {"a": {"build": {"context": expected}}}}
    assert moved(data, ".") is data


TOOL = """\
envgen: 1
parameters:
  name: {type: string}
  port: {type: port, default: 8080}
  debug: {type: bool, default: false}
  tags: {type: list, default: [a]}
services:
  ${{ parameters.name }}:
    image: tool:1
    command: [run, "--port=${{ parameters.port }}", "--debug=${{parameters.debug}}", "$${{ kept }}", "$$HOME"]
    expose: ["${{ parameters.port }}"]
    mem_swappiness: "${{ parameters.port }}"
    profiles: "${{ parameters.tags }}"
"""


def test_parameters_keep_their_type_where_they_are_the_whole_value() -> None:
    files = {
        "envgen.yaml": f"{HEAD}specs:\n  - {{path: tool.yaml, parameters: {{name: one, port: 1}}}}\n"
        "  - {path: tool.yaml, parameters: {name: two, debug: true, tags: [x, y]}}\n",
        "tool.yaml": TOOL,
    }
    one, two = compose_of(files, "one"), compose_of(files, "two")
    assert one["command"] == ["run", "--port=1", "--debug=false", "${{ kept }}", "$HOME"]
    assert (one["expose"], one["mem_swappiness"], one["profiles"]) == ([1], 1, ["a"])
    assert two["command"][1:3] == ["--port=8080", "--debug=true"]
    assert two["profiles"] == ["x", "y"]


def test_a_value_is_data_and_never_looked_at_again() -> None:
    files = {
        "envgen.yaml": f"{HEAD}specs: [{{path: t.yaml, parameters: {{a: '${{HOST:-x}}: {{y}}'}}}}]\n",
        "t.yaml": "envgen: 1\nparameters: {a: {}}\nservices: {w: {image: x, labels: {l: '${{ parameters.a }}'}}}\n",
    }
    assert compose_of(files, "w")["labels"] == {"l": {"interpolated": "${HOST:-x}: {y}"}}
    files["envgen.yaml"] = files["envgen.yaml"].replace("${HOST:-x}", "${{ parameters.b }}")
    (problem,) = problems_of(files)
    assert problem.startswith("envgen.yaml:3:")  # what the including file writes is its own, and it has none
    assert "there is no parameter `b`" in problem


def test_a_path_is_relative_to_the_file_that_sets_it() -> None:
    files = {
        "envgen.yaml": f"{HEAD}specs: [{{path: lib/t.yaml, parameters: {{dir: ./data}}}}]\n",
        "lib/t.yaml": "envgen: 1\nparameters: {dir: {type: path}}\n"
        "services: {w: {image: x, volumes: ['${{ parameters.dir }}:/d', './own:/o']}}\n",
    }
    assert compose_of(files, "w")["volumes"] == ["./data:/d", "./lib/own:/o"]


def test_places_are_those_of_the_file_that_wrote_the_value() -> None:
    files = {
        "envgen.yaml": f"{HEAD}specs:\n  - {{path: a.yaml, parameters: {{name: web}}}}\nservices:\n"
        "  web: {healthcheck: {interval: nope}, ports: [\"...\", '1:99999']}\n",
        "a.yaml": "envgen: 1\nparameters: {name: {}}\ndefaults: {privileged: maybe}\nservices:\n"
        "  ${{ parameters.name }}: {image: x, ports: ['70000:1'], oops: 1, depends_on: [gone]}\n",
    }
    assert [" ".join(problem.split()[:2]) for problem in problems_of(files)] == [
        "envgen.yaml:6:33 EG012",
        "envgen.yaml:6:55 EG012",
        "a.yaml:3:24 EG011",
        "a.yaml:5:46 EG012",
        "a.yaml:5:58 EG010",
        "a.yaml:5:80 EG020",
    ]


def test_an_entry_that_dots_keep_is_placed_where_it_was_written() -> None:
    upper = f"{HEAD}specs: [a.yaml]\nservices: {{a: {{dns: [1.1.1.1, '...'], env_file: ['...', b.env]}}}}\n"
    files = {
        "envgen.yaml": upper,
        "a.yaml": "envgen: 1\nservices: {a: {image: a, dns: [2.2.2.2, 3.3.3.3], env_file: a.env}}\n",
    }
    source = spec_of(files).source
    places = {
        (key, index): source.finding(Problem(code="EG012", route=("services", "a", key, index), message=""))
        for key in ("dns", "env_file")
        for index in (0, 1)
    }
    assert {route: f"{one.file}:{one.line}:{one.column}" for route, one in places.items()} == {
        ("dns", 0): "envgen.yaml:4:22",
        ("dns", 1): "a.yaml:2:32",
        ("env_file", 0): "a.yaml:2:61",
        ("env_file", 1): "envgen.yaml:4:57",
    }


def test_a_service_that_lacks_something_is_placed_where_it_was_said_last() -> None:
    files = {
        "envgen.yaml": f"{HEAD}specs: [a.yaml]\nservices:\n  web:\n    command: null\n",
        "a.yaml": "envgen: 1\nservices: {web: {uses: node@22, command: [node, x]}}\n",
    }
    (problem,) = problems_of(files)
    assert problem.startswith("envgen.yaml:5:3 EG013 `web` has no command")


def test_a_chain_of_files_is_read_from_its_end() -> None:
    files = {
        "envgen.yaml": f"{HEAD}specs: [a/a.yaml]\n",
        "a/a.yaml": "envgen: 1\nspecs: [../b/b.yaml]\nservices: {web: {image: a}}\n",
        "b/b.yaml": "envgen: 1\nservices: {web: {image: b, env_file: b.env}}\n",
    }
    assert compose_of(files, "web") == {"image": "a", "env_file": "./b/b.env"}


def test_a_file_may_come_twice_but_not_without_end() -> None:
    files = {"envgen.yaml": f"{HEAD}specs: [a/a.yaml]\nservices: {{w: {{image: x}}}}\n"}
    assert problems_of({**files, "a/a.yaml": "envgen: 1\nspecs: [../envgen.yaml]\n"})[0].startswith(
        "a/a.yaml:2:9 EG021 specs include each other: envgen.yaml -> a/a.yaml -> envgen.yaml"
    )
    deep = {f"{'a/' * n}a.yaml": "envgen: 1\nspecs: [a/a.yaml]\n" for n in range(1, 40)}
    assert "EG003 more than 20 specs deep" in problems_of({**files, **deep})[0]
    wide = {f"a{n}.yaml": f"envgen: 1\nspecs: [a{n + 1}.yaml, a{n + 1}.yaml]\n" for n in range(18)}
    top = {"envgen.yaml": f"{HEAD}specs: [a0.yaml]\nservices: {{w: {{image: x}}}}\n", "a18.yaml": "envgen: 1\n"}
    assert any("500 in all" in problem for problem in problems_of({**top, **wide}))


def test_problems_at_one_place_have_the_same_order_each_time() -> None:
    names = [f"p{number}" for number in range(12)]
    declared = "".join(f"  {name}: {{}}\n" for name in names)
    used = ", ".join(f'"${{{{ parameters.{name} }}}}"' for name in names)
    files = {
        "envgen.yaml": f"{HEAD}specs: [{{path: a.yaml}}]\nservices: {{w: {{image: x}}}}\n",
        "a.yaml": f"envgen: 1\nparameters:\n{declared}services: {{a: {{image: a, command: [{used}]}}}}\n",
    }
    assert [problem.split("`")[1] for problem in problems_of(files)] == names


def test_specs_that_nobody_read_are_an_error_and_not_ignored() -> None:
    from envgen.source import parse  # noqa: PLC0415 - for this test only
    from envgen.spec import load  # noqa: PLC0415

    with pytest.raises(EnvgenError, match="nobody has read the specs"):
        load(parse(f"{HEAD}specs: [a.yaml]\nservices: {{w: {{image: x}}}}\n", "envgen.yaml"))


def test_broken_and_odd_files_are_errors_with_a_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    import os  # noqa: PLC0415 - for this test only

    os.mkfifo("pipe")
    Path("folder").mkdir()
    Path("binary").write_bytes(b"\x00\x01\x02\xff" * 100)
    Path("huge").write_bytes(b"x" * (8 * 1024 * 1024 + 10))
    Path("loop").symlink_to("loop")
    Path("real").mkdir()
    Path("real/good.yaml").write_text("envgen: 1\nservices: {w: {image: x, env_file: e}}\n")
    Path("link.yaml").symlink_to("real/good.yaml")
    text = f"{HEAD}specs: [pipe, folder, binary, huge, loop]\nservices: {{w: {{image: x}}}}\n"
    with pytest.raises(EnvgenError) as caught:
        read_source(text.encode(), "<stdin>")
    places = [f"{f.file}:{f.line}:{f.column} {f.code}" for f in caught.value.findings]
    assert places == [
        "<stdin>:3:9 EG020",
        "<stdin>:3:15 EG020",
        "<stdin>:3:37 EG020",
        "binary:1:4 EG002",
        "huge:1:1 EG003",
    ]
    good = read_source(f"{HEAD}specs: [link.yaml]\n".encode(), "<stdin>")
    assert isinstance(good.data, dict)
    assert good.data["services"] == {"w": {"image": "x", "env_file": "e"}}  # as the link lies, not what it leads to


SCALARS = st.one_of(st.none(), st.booleans(), st.integers(0, 3), st.sampled_from(["a", "b", "..."]))
DATA: st.SearchStrategy[Any] = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(["a", "b", "services"]), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(st.lists(st.dictionaries(st.sampled_from(["a", "b", "services"]), DATA, max_size=3), min_size=1, max_size=4))
def test_every_value_of_merged_data_is_found_in_a_layer_that_has_it(maps: list[dict[str, Data]]) -> None:
    layers = [Layer(data=data, name=str(at)) for at, data in enumerate(maps)]
    merged: dict[str, Data] = maps[0]
    for data in maps[1:]:
        merged = merge_specs(merged, data)
    for route, value in routes(merged, ()):
        found = trace(layers, merged, route)
        assert found.is_exact
        node: Any = found.layer.data
        for part in found.route:
            node = node[part]
        if not isinstance(value, dict | list):
            assert node == value


def routes(value: Data, route: tuple[str | int, ...]) -> Any:
    yield route, value
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in entries:
        yield from routes(item, (*route, key))


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=30), st.text("${}. parameters", max_size=20))
def test_no_text_is_taken_for_a_parameter_that_is_none(before: str, after: str) -> None:
    from envgen.composition.parameters import fill  # noqa: PLC0415 - for this test only
    from envgen.spec.composed import Parameter  # noqa: PLC0415

    filled = fill({"x": f"{before}${{{{ parameters.a }}}}"}, {"a": Parameter()}, {"a": after}, ".")
    if not before.endswith("$") and "{" not in before:
        assert filled.data == {"x": before + after}


def test_a_monorepo_renders_from_the_root_and_from_each_app(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    from envgen.cli import main  # noqa: PLC0415 - for this test only

    def run(folder: Path, *arguments: str) -> int:
        monkeypatch.chdir(folder)
        with pytest.raises(SystemExit) as ended:
            main(list(arguments))
        assert isinstance(ended.value.code, int)
        return ended.value.code

    for name in ("web", "api"):
        app = tmp_path / "apps" / name
        app.mkdir(parents=True)
        (app / "package.json").write_text("{}")
        (app / "package-lock.json").write_text('{"lockfileVersion": 3}')
        (app / "envgen.yaml").write_text(
            f"envgen: 1\nname: {name}\nservices:\n  {name}: {{uses: node@22, command: [node, x.js]}}\n"
        )
    (tmp_path / "envgen.yaml").write_text(f"{HEAD}specs: [apps/web/envgen.yaml, apps/api/envgen.yaml]\n")
    assert run(tmp_path, "render") == 0
    assert (tmp_path / "apps/web/web.Dockerfile").is_file()
    assert run(tmp_path, "render", "--check") == 0
    below = tmp_path / "apps" / "web" / "src"
    below.mkdir()
    # the app alone: another project, but the same images
    assert run(below, "render") == 0
    assert run(tmp_path, "render", "--check") == 0
    # what the root changes of an app's image is the root's only
    with (tmp_path / "envgen.yaml").open("a") as spec:
        spec.write("services: {web: {build: {env: {ROOT: 1}}}}\n")
    assert run(tmp_path, "render") == 0
    assert run(below, "render", "--check") == 1
    capfd.readouterr()
    assert run(below, "render") == 2
    assert "web.Dockerfile" in capfd.readouterr().out
