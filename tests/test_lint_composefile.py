"""What a compose project looks like to the rules, against docker-compose itself where it can say so."""

import json
import random
import subprocess
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from oracles import program

from envgen import dotenv
from envgen.finding import Severity
from envgen.lint.composefile import Compose, load, projects
from envgen.lint.engine import Tools, lint
from envgen.lint.files import LintFile, kind_of
from envgen.lint.rule import Scope
from envgen.lint.rules import rules_of
from envgen.lint.tree import Tree
from envgen.source import parse

TODAY = date(2026, 11, 23)


def project(
    monkeypatch: pytest.MonkeyPatch, folder: Path, files: Mapping[str, str], *linted: str
) -> tuple[Compose, ...]:
    """The projects that some of the files make up, by default the first of them."""
    monkeypatch.chdir(folder)
    for name, text in files.items():
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(text, encoding="utf-8")
    names = linted or (next(iter(files)),)
    return projects([parse(files[name], name) for name in names], Tree())


@pytest.fixture
def one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[Mapping[str, str]], Compose]:
    return lambda files: project(monkeypatch, tmp_path, files)[0]


One = Callable[[Mapping[str, str]], Compose]


# interpolation


def test_a_known_variable_is_replaced_an_unknown_one_stays(one: One) -> None:
    text = """
services:
  web:
    image: web:${TAG}-${GONE}
    command: ["$GONE", "${GONE:-x$TAG}", "${GONE:+y}", "${TAG:+z}", "$$TAG", "${EMPTY-a}", "${EMPTY:-b}", "$HOME"]
"""
    compose = one({"compose.yaml": text, ".env": "TAG=1\nEMPTY=\n"})
    service = compose.services["web"]
    assert service.image == "web:1-${GONE}"
    assert service.data["command"] == ["$GONE", "x1", "", "z", "$TAG", "", "b", "$HOME"]
    strict = compose.strict.services["web"]
    assert strict.image == "web:1-"
    assert strict.data["command"] == ["", "x1", "", "z", "$TAG", "", "b", "/root"]
    assert compose.written("services", "web", "image") == "web:${TAG}-${GONE}"
    assert [(issue.kind, issue.place.line, issue.place.column) for issue in compose.issues] == [
        ("unset-variable", 4, 23),
        ("unset-variable", 5, 16),
    ]


def test_what_holds_no_variable_is_not_copied(one: One) -> None:
    compose = one({"compose.yaml": "services:\n  web: {image: a, command: [b]}\n  other: {image: $X}\n"})
    assert compose.strict is not compose
    assert compose.data["services"]["web"] is compose.sources[0].data["services"]["web"]  # type: ignore[index, call-overload]
    assert one({"compose.yaml": "services: {web: {image: a}}\n"}).strict.blank is None


def test_variables_nested_without_end_are_refused_and_not_followed(one: One) -> None:
    text = "${A:-" * 5_000 + "}" * 5_000
    compose = one({"compose.yaml": f"services: {{web: {{image: '{text}'}}}}\n"})
    assert [issue.kind for issue in compose.issues] == ["invalid-interpolation"]


# places


def test_every_value_knows_its_file(one: One) -> None:
    compose = one(
        {
            "compose.yaml": """
include: [inc/db.yaml]
services:
  web:
    extends: {file: base/base.yaml, service: base}
    environment: {B: 2}
    ports: ["81:81"]
""",
            "compose.override.yaml": "services:\n  web:\n    ports: ['82:82']\n    init: true\n",
            "base/base.yaml": "services:\n  base:\n    build: .\n    environment: {A: 1}\n    ports: ['80:80']\n",
            "inc/db.yaml": "services:\n  db:\n    image: postgres:17\n    env_file: db.env\n",
        }
    )
    web, db = compose.services["web"], compose.services["db"]
    assert [port.published for port in web.ports] == ["80", "81", "82"]
    assert [compose.place("services", "web", "ports", at).file for at in range(3)] == [
        "base/base.yaml",
        None,
        "compose.override.yaml",
    ]
    assert (web.place("build").file, web.place("build").line) == ("base/base.yaml", 3)
    assert (web.place("environment", "A").file, web.place("environment", "B").file) == ("base/base.yaml", None)
    assert (web.place().file, web.place().line) == (None, 4)  # its name is where the service is defined
    assert (db.place().file, db.place("image").line) == ("inc/db.yaml", 3)
    assert compose.folder("services", "db", "env_file") == "inc"
    assert compose.folder("services", "web", "build") == "base"
    assert compose.sources[0].path == "compose.yaml"


def test_reset_and_override_drop_what_was_there(one: One) -> None:
    compose = one(
        {
            "compose.yaml": "services:\n  web: {image: a, ports: ['80:80'], dns: [1.1.1.1], init: true}\n",
            "compose.override.yaml": "services: {web: {ports: !reset [], dns: !override [8.8.8.8], init: !reset a}}\n",
        }
    )
    assert compose.data == {"services": {"web": {"image": "a", "dns": ["8.8.8.8"]}}}


def test_of_entries_about_one_thing_the_last_one_stays(one: One) -> None:
    compose = one(
        {
            "compose.yaml": "services:\n  web: {image: a, volumes: ['./a:/x', './b:/y'], environment: [A=1, B=2]}\n",
            "compose.override.yaml": "services:\n  web: {volumes: ['./c:/x'], environment: {A: 3}}\n",
        }
    )
    service = compose.services["web"]
    assert service.data["volumes"] == ["./c:/x", "./b:/y"]
    assert [service.place("volumes", at).file for at in range(2)] == ["compose.override.yaml", None]
    assert service.data["environment"] == ["A=3", "B=2"]


def test_an_include_has_a_folder_and_variables_of_its_own(one: One) -> None:
    compose = one(
        {
            "compose.yaml": "include:\n  - {path: a/a.yaml, project_directory: b, env_file: own.env}\n  - c/c.yaml\n",
            "own.env": "TAG=own\nOUTER=no\n",
            ".env": "OUTER=yes\n",
            "a/a.yaml": "services: {a: {image: 'a:$TAG-$OUTER', build: ./x}}\n",
            "c/c.yaml": "services: {c: {image: 'c:$TAG'}}\n",
            "c/.env": "TAG=c\n",
        }
    )
    assert compose.services["a"].image == "a:own-yes"
    assert compose.services["c"].image == "c:c"
    assert compose.folder("services", "a", "build") == "b"


def test_what_has_to_be_fetched_leaves_the_project_partial(one: One) -> None:
    compose = one({"compose.yaml": "include: ['oci://example.com/app']\nservices: {web: {image: a}}\n"})
    assert compose.is_partial
    assert compose.issues == ()


# which files are projects


def test_an_override_is_part_of_the_project_beside_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    files = {
        "docker-compose.yml": "services: {web: {ports: ['80:80']}}\n",
        "docker-compose.override.yml": "services: {web: {image: a}}\n",
    }
    (both,) = project(monkeypatch, tmp_path, files, *files)
    assert both.path == "docker-compose.yml"
    assert both.services["web"].image == "a"
    (alone,) = project(monkeypatch, tmp_path, files, "docker-compose.override.yml")
    assert (alone.path, alone.overlay_of) == ("docker-compose.override.yml", "docker-compose.yml")
    assert alone.services["web"].data == both.services["web"].data


@pytest.mark.parametrize(
    ("name", "text", "base"),
    [
        ("docker-compose.prod.yml", "services: {web: {restart: always}}\n", "docker-compose.yml"),
        ("docker-compose.prod.yml", "services: {web: {image: b}}\n", None),
        ("docker-compose.prod.yml", "services: {other: {restart: always}}\n", None),
        ("docker-compose.prod.yml", "services: {t: {image: t, depends_on: [web]}}\n", "docker-compose.yml"),
        ("docker-compose.prod.yml", "services: {t: {image: t, networks: [front]}}\n", "docker-compose.yml"),
        ("sub/compose.dev.yaml", "services: {web: {restart: always}}\n", "docker-compose.yml"),
    ],
)
def test_an_overlay_lacks_what_a_neighbour_has(
    name: str, text: str, base: str | None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    files = {"docker-compose.yml": "services: {web: {image: a}}\nnetworks: {front: }\n", name: text}
    (found,) = project(monkeypatch, tmp_path, files, name)
    assert found.overlay_of == base


def test_of_an_overlay_only_its_own_mistakes_are_reported(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    base = "services: {web: {image: a, ports: ['bad']}}\n"
    overlay = "services:\n  web:\n    restart: always\n    mem_limit: lots\n    prots: []\n"
    assert refused(monkeypatch, tmp_path, {"compose.prod.yaml": overlay, "compose.yaml": base}) == [
        "compose.prod.yaml:4 EG210",
        "compose.prod.yaml:5 EG010",
    ]


# what compose refuses


def refused(monkeypatch: pytest.MonkeyPatch, folder: Path, files: Mapping[str, str]) -> list[str]:
    """The errors in the first of the files, as places and codes."""
    monkeypatch.chdir(folder)
    for name, text in files.items():
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(text, encoding="utf-8")
    first = next(iter(files))
    kind = kind_of(first)
    assert kind is not None
    found = lint(
        [LintFile(first, files[first], kind)], today=TODAY, tools=Tools(hadolint=None, rules=rules_of(Scope.COMPOSE))
    )
    return [f"{one.file}:{one.line} {one.code}" for one in found if one.severity is Severity.ERROR]


REFUSED = """
services: {a: {image: b, ports: ["80/foo"]}}
services: {a: {image: b, ports: ["1-2-3"]}}
services: {a: {image: b, ports: ["80:90-92"]}}
services: {a: {image: b, ports: ["[::1]80:80"]}}
services: {a: {image: b, ports: ["80:0"]}}
services: {a: {image: b, ports: [80.5]}}
services: {a: {image: b, ports: [{target: 80, host_ip: ""}]}}
services: {a: {image: b, command: "a (b)"}}
services: {a: {image: b, command: "a `b"}}
services: {a: {image: b, stop_grace_period: 1y}}
services: {a: {image: b, mem_limit: 1Gi}}
services: {a: {image: b, mem_limit: -1g}}
services: {a: {image: b, mem_limit: "1  g"}}
services: {a: {image: b, tty: "1"}}
services: {a: {image: b, extra_hosts: ["a:b=c"]}}
services: {a: {image: b, environment: ["A =b"]}}
services: {a: {image: b, healthcheck: {test: [foo]}}}
services: {a: {image: b, deploy: {replicas: 1}, scale: 2}}
services: {a: {image: b, cpus: 1, deploy: {resources: {limits: {memory: 2g}}}}}
services: {a: {image: b, volumes: [{type: volume, source: x}]}}
services: {a: {image: b, tmpfs: [/x, "/x:size=1"]}}
services: {a: {image: b, depends_on: {z: {condition: service_started, required: false}}}}
services: {a: {image: b, links: ["a"]}}
services: {a: {image: b, security_opt: [a, a]}}
services: {a: {image: b, env_file: ""}}
services: {a: {image: "${GONE}"}}
services: {a: {image: b, volumes: ["${GONE}:/a"]}}
services: {a: {image: b, privileged: "${GONE}"}}
services: {a: {image: b}, "c d": {image: e}}
{services: {a: {image: b, container_name: xx}, c: {image: b, container_name: xx}}}
{services: {a: {image: b}}, secrets: {s: {file: a, environment: B}}}
{services: {a: {image: b}}, volumes: {v: {external: true, driver: local}}}
{name: "---", services: {a: {image: b}}}
{web: {image: b}}
{}
"""
TAKEN = """
services: {a: {image: b, ports: ["80/"]}}
services: {a: {image: b, ports: ["80-82:90"]}}
services: {a: {image: b, ports: ["::1:80:80"]}}
services: {a: {image: b, ports: ["+80"]}}
services: {a: {image: b, ports: ["80", "80"]}}
services: {a: {image: b, ports: [":80"]}}
services: {a: {image: b, command: "a && it's"}}
services: {a: {image: b, command: "a $$(b) c"}}
services: {a: {image: b, stop_grace_period: 1w2d.5h}}
services: {a: {image: b, mem_limit: "1 GiB"}}
services: {a: {image: b, privileged: "yes"}}
services: {a: {image: b, volumes: ["a:b:c:d"]}}
services: {a: {image: b, volumes: ["/a:/x", "/b:/x"]}}
services: {a: {image: b, cap_add: [A, A]}}
services: {a: {image: b, networks: {}}}
services: {a: {image: b, profiles: [p], networks: [gone], depends_on: [gone]}}
services: {a: {image: b, environment: {"A ": b}}}
services: {a: {image: b, restart: sometimes}}
services: {a: {image: "", build: ""}}
services: {a: {image: "b:${GONE}"}}
services: {}
"""


def lines(table: str) -> list[str]:
    return table.strip().splitlines()


@pytest.mark.parametrize("text", lines(REFUSED))
def test_what_compose_refuses_is_an_error(text: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert refused(monkeypatch, tmp_path, {"compose.yaml": text}) != []


@pytest.mark.parametrize("text", lines(TAKEN))
def test_what_compose_takes_is_none(text: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert refused(monkeypatch, tmp_path, {"compose.yaml": text}) == []


def config(folder: Path, *arguments: str) -> tuple[dict[str, Any] | None, str]:
    """What docker-compose makes of a folder's files; None where it refuses them."""
    command = [program("docker-compose"), "-p", "p", *arguments, "config", "--format", "json"]
    done = subprocess.run(command, cwd=folder, env={"HOME": "/root"}, capture_output=True, check=False)
    return (json.loads(done.stdout) if done.returncode == 0 else None), done.stderr.decode()


def test_the_tables_above_are_true(tmp_path: Path) -> None:
    for table, is_refused in ((REFUSED, True), (TAKEN, False)):
        for text in lines(table):
            (tmp_path / "compose.yaml").write_text(text, encoding="utf-8")
            # without `-p`, so that the project's name is looked at, too
            command = [program("docker-compose"), "config", "-q"]
            done = subprocess.run(command, cwd=tmp_path, env={"HOME": "/root"}, capture_output=True, check=False)
            assert (done.returncode != 0) is is_refused, (text, done.stderr)


# against docker-compose: merging

PARTS: dict[str, list[Any]] = {
    "environment": [{"A": "1", "B": None}, ["A=2", "C"], {"A": "${V}"}, ["B=$$x", "A=${GONE:-d}"]],
    "labels": [{"l.a": "1"}, ["l.a=2", "l.b"]],
    "command": ["run it", ["a", "b"], None],
    "cap_add": [["NET_ADMIN"], ["SYS_TIME", "NET_ADMIN"]],
    "security_opt": [["a"], ["b", "a"]],
    "dns": ["1.1.1.1", ["1.1.1.1", "8.8.8.8"]],
    "ports": [["80:80", "3000"], ["8080:80", "80:80"], [{"target": 90, "published": "90"}]],
    "volumes": [["./a:/x", "/anon"], ["./b:/x", "data:/d:ro"], [{"type": "bind", "source": "./e", "target": "/x"}]],
    "tmpfs": ["/t", ["/t", "/u"]],
    "depends_on": [["b"], {"b": {"condition": "service_healthy"}}, {"c": {"condition": "service_started"}}],
    "networks": [["n1"], {"n1": {"aliases": ["q"]}}, {"n2": None}],
    "build": [".", {"context": "d", "args": {"A": "1"}}, {"dockerfile": "D", "args": ["A=2", "B=3"]}],
    "extra_hosts": [["h=1.1.1.1"], {"h": "3.3.3.3"}],
    "healthcheck": [{"test": ["CMD", "a"], "interval": "5s"}, {"test": "b", "retries": 2}],
    "logging": [{"driver": "syslog", "options": {"a": "1"}}, {"driver": "json-file"}, {"options": {"c": "1"}}],
    "ulimits": [{"nofile": 5}, {"nofile": {"soft": 1, "hard": 2}, "nproc": 3}],
    "deploy": [{"replicas": 2, "labels": ["z=1"]}, {"labels": {"z": "2"}, "resources": {"limits": {"memory": "1g"}}}],
    "secrets": [["s1"], [{"source": "s2", "target": "/run/secrets/s1"}], ["s1", "s2"]],
    "devices": [["/dev/a:/dev/b"], ["/dev/c:/dev/b", "/dev/d"]],
    "expose": [["80"], [80, 81]],
    "image": ["i:${V}", "j"],
}


def _some(chance: random.Random) -> dict[str, Any]:
    return {key: chance.choice(PARTS[key]) for key in chance.sample(sorted(PARTS), 6)}


def _merging(chance: random.Random, kind: str) -> tuple[dict[str, Any], list[str]]:
    """Files of which parts are laid over each other, and how docker-compose is to read them."""
    base: dict[str, Any] = {
        "services": {
            "a": {"image": "i", **_some(chance)},
            "b": {"image": "b", "healthcheck": {"test": "x"}},
            "c": {"image": "c"},
        },
        "networks": {"n1": {"labels": {"a": "1"}, "ipam": {"config": [{"subnet": "10.0.0.0/24"}]}}, "n2": None},
        "volumes": {"data": {"labels": ["x=1"]}},
        "secrets": {"s1": {"file": "./s1"}, "s2": {"file": "./s2"}},
    }
    over: dict[str, Any] = {"services": {"a": _some(chance)}, "networks": {"n1": {"labels": ["a=2"]}}}
    match kind:
        case "override":
            return {"compose.yaml": base, "over.yaml": over}, ["-f", "compose.yaml", "-f", "over.yaml"]
        case "include":
            return {"compose.yaml": over | {"include": ["base.yaml"]}, "base.yaml": base}, ["-f", "compose.yaml"]
        case "extends":
            base["services"] |= {
                "z": _some(chance) | {"extends": "a"},
                "y": _some(chance) | {"extends": {"service": "z"}},
            }
        case _:
            base["services"]["z"] = {"image": "z", "extends": {"service": "a", "file": "over.yaml"}} | _some(chance)
    return {"compose.yaml": base, "over.yaml": over}, ["-f", "compose.yaml"]


@pytest.mark.parametrize("kind", ["override", "include", "extends", "extends a file"])
def test_what_is_merged_means_to_compose_what_the_files_mean(
    kind: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    Path(".env").write_text("V=val\n", encoding="utf-8")
    for seed in range(8):
        files, arguments = _merging(random.Random(f"{kind} {seed}"), kind)  # noqa: S311 - no secrets
        for name, data in files.items():
            Path(name).write_text(json.dumps(data), encoding="utf-8")
        sources = {name: parse(json.dumps(data), name) for name, data in files.items()}
        overrides = [sources["over.yaml"]] if kind == "override" else []
        compose = load(sources["compose.yaml"], Tree(), overrides=overrides)
        Path("merged.json").write_text(json.dumps(_escaped(dict(compose.strict.data))), encoding="utf-8")
        wanted, error = config(tmp_path, *arguments)
        assert wanted is not None, error
        assert config(tmp_path, "-f", "merged.json")[0] == wanted
        for route, (source, there) in compose.origins.items():
            assert (source.path in files, _at(compose.data, route) is not KeyError, there is not None) == (True,) * 3


def _at(value: Any, route: tuple[str | int, ...]) -> Any:
    for part in route:
        value = value[part]
    return value


def _escaped(value: Any) -> Any:
    match value:
        case str():
            return value.replace("$", "$$")
        case list():
            return [_escaped(item) for item in value]
        case dict():
            return {key: _escaped(item) for key, item in value.items()}
    return value


# against docker-compose: env files

PIECES = [
    *(
        "A",
        "B",
        "C_D",
        "1X",
        "=",
        "=",
        "=",
        ": ",
        " = ",
        '"',
        "'",
        "\\n",
        '\\"',
        "\\$",
        "$A",
        "${B}",
        "${C:-d}",
        "${B:?x}",
    ),
    *("$$", "#", " #c", "x y", "\n", "\n", "\n", "export ", "\\", "\\0101", "é", "\t", "\r\n", "{", "-", "[", "A=1\n"),
    *('B="q"\n', "C='r'\n", "# comment\n", "${", "}", "key: v\n"),
]
ENV_FILES = [
    'A=1\nexport B=2\n  C = 3 # comment\nD=a#b\nE="x\ny"\nF=\'$A\'\nG="\\$A ${A}"\nyaml: v\n',
    "A=1\r\nB='2'\r\n",
    "A B=1\n",
    "A='\n",
    "A=${GONE:?}\n",
    "export ",
    "KEY",
    "",
]


@pytest.mark.parametrize("seed", range(3))
def test_an_env_file_is_read_as_compose_reads_it(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)  # noqa: S311 - no secrets
    drawn = ["".join(chance.choices(PIECES, k=chance.randrange(1, 14))) for _ in range(12)]
    outside = {"HOME": "/root", "COMPOSE_PROJECT_NAME": "p"}
    for text in (*drawn, *(ENV_FILES if seed == 0 else ())):
        (tmp_path / "some.env").write_bytes(text.encode())
        (tmp_path / "compose.yaml").write_text("services: {a: {image: b, env_file: some.env}}", encoding="utf-8")
        wanted, _ = config(tmp_path)
        try:
            found: dict[str, str] | None = dotenv.parse(text, outside.get)
        except dotenv.DotenvError:
            found = None
        assert (None if found is None else {name: _escaped(value) for name, value in found.items()}) == (
            None if wanted is None else wanted["services"]["a"].get("environment") or {}
        ), text


def test_a_bad_line_of_an_env_file_is_named() -> None:
    with pytest.raises(dotenv.DotenvError) as error:
        dotenv.parse("A=1\n# two\n\nB C=1\n")
    assert error.value.line == 4


# what never happens


def test_odd_values_anywhere_neither_fail_nor_hang(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    chance = random.Random(1)  # noqa: S311 - no secrets
    names = ["compose.yaml", "b.yaml", "compose.override.yaml", "docker-compose.prod.yml"]
    tools = Tools(hadolint=None, rules=rules_of(Scope.COMPOSE))
    for _ in range(150):
        files = []
        for name in names:
            text = json.dumps(_odd_file(chance))
            Path(name).write_text(text, encoding="utf-8")
            kind = kind_of(name)
            files += [LintFile(name, text, kind)] if kind else []
        fresh = Tools(tree=Tree(), hadolint=None, rules=tools.rules)
        assert [one for one in lint(files, today=TODAY, tools=fresh) if one.code == "EG009"] == []


def _odd_file(chance: random.Random) -> dict[str, Any]:
    services = {chance.choice("abc"): _odd_service(chance) for _ in range(chance.randrange(1, 4))}
    sections = {key: _odd(chance) for key in chance.sample(["networks", "volumes", "secrets", "configs", "name"], 1)}
    includes = [["b.yaml"], ["compose.yaml"], [{"path": ["b.yaml", "c.yaml"], "project_directory": "x"}], "b.yaml", [1]]
    include = {"include": chance.choice(includes)} if chance.random() < 0.2 else {}
    return {"services": services, **sections, **include}


def _odd_service(chance: random.Random) -> Any:
    service = {
        key: _odd(chance) for key in chance.sample([*sorted(PARTS), "profiles", "env_file", "gpus", "develop"], 4)
    }
    extends = ["a", {"service": "a"}, {"service": "b", "file": "b.yaml"}, {"file": "compose.yaml"}, [1]]
    return service | ({"extends": chance.choice(extends)} if chance.random() < 0.4 else {})


def _odd(chance: random.Random, depth: int = 0) -> Any:
    texts = ["a", "a:b", "a=b", "80:80", "", "${X}", "${X:-a}", "${", "service:a", "1s", "'", "b.yaml"]
    match chance.randrange(8 if depth < 3 else 5):
        case 5 | 6:
            return [_odd(chance, depth + 1) for _ in range(chance.randrange(4))]
        case 7:
            keys = ["a", "target", "source", "path", "service", "test", "resources", "count", "context", "watch"]
            return {chance.choice(keys): _odd(chance, depth + 1) for _ in range(chance.randrange(4))}
        case 4:
            return chance.choice([None, True, 0, -1, 1.5, 2**40])
    return chance.choice(texts)
