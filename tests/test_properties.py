"""A literal arrives as that very string, wherever it is written, or is refused; it never adds anything of its own.

Each place is a service with the literal at one spot, and a reader that finds it in what an independent parser made of
our files. Specs are written as JSON, so that the writing side is not ours.
"""

import json
import posixpath
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracles import BATCH, NASTY, Instruction, compose_config, escaped, instructions, literals, plan, rendered, spec

from envgen.finding import EnvgenError

Service = dict[str, Any]
Config = Mapping[str, Any]

BENIGN = "x"


@dataclass(frozen=True)
class Place:
    """A spot in a service: how a literal is written there, and where compose's view of the service has it."""

    write: Callable[[str], Service]
    read: Callable[[Config], object]
    arrives: Callable[[str], str] = str


def plain(**keys: Any) -> Service:
    return {"image": "x", **keys}


def managed(**keys: Any) -> Service:
    return {"image": "x", "hardening": "standard", **keys}


def environment(config: Config) -> object:
    return config["environment"]["K"]


# in compose's own strings a dollar is written twice
IN_COMPOSE = {
    "environment map": Place(lambda text: plain(environment={"K": escaped(text)}), environment),
    "environment list": Place(lambda text: plain(environment=[f"K={escaped(text)}"]), environment),
    "environment map, managed": Place(lambda text: managed(environment={"K": escaped(text)}), environment),
    "environment list, managed": Place(lambda text: managed(environment=[f"K={escaped(text)}"]), environment),
    "environment, preset": Place(
        lambda text: {"preset": "redis", "environment": {"K": escaped(text)}}, environment
    ),
    "typed value": Place(lambda text: plain(environment={"K": {"value": escaped(text)}}), environment),
    "typed default": Place(lambda text: plain(environment={"K": {"default": text}}), environment),
    "enum default": Place(
        lambda text: plain(environment={"K": {"type": "enum", "values": [text], "default": text}}), environment
    ),
    "environment list, name": Place(
        # compose takes no name with a space at its end; the first `=` ends it
        lambda text: plain(environment=[f"K{escaped(text)}_=v".replace("=", "E", text.count("="))]),
        lambda config: only(config["environment"])[1:-1],
        arrives=lambda text: text.replace("=", "E"),
    ),
    "label": Place(lambda text: plain(labels={"k": escaped(text)}), lambda config: config["labels"]["k"]),
    "label list": Place(lambda text: plain(labels=[f"k={escaped(text)}"]), lambda config: config["labels"]["k"]),
    "label name": Place(lambda text: plain(labels={f"k{text}": "v"}), lambda config: only(config["labels"])[1:]),
    "command": Place(lambda text: plain(command=["a", escaped(text)]), lambda config: config["command"][1]),
    "command, managed": Place(lambda text: managed(command=["a", escaped(text)]), lambda config: config["command"][1]),
    "entrypoint": Place(lambda text: plain(entrypoint=["a", escaped(text)]), lambda config: config["entrypoint"][1]),
    "healthcheck": Place(
        lambda text: plain(healthcheck={"test": ["CMD", escaped(text)]}),
        lambda config: config["healthcheck"]["test"][1],
    ),
    "healthcheck in a shell": Place(
        lambda text: managed(healthcheck={"test": ["CMD-SHELL", escaped(text)]}),
        lambda config: config["healthcheck"]["test"][1],
    ),
    "container name": Place(
        lambda text: plain(container_name=f"k{escaped(text)}"), lambda config: config["container_name"][1:]
    ),
    "hostname": Place(lambda text: managed(hostname=escaped(text)), lambda config: config.get("hostname", "")),
    "image": Place(lambda text: {"image": f"x{escaped(text)}"}, lambda config: config["image"][1:]),
    "user": Place(lambda text: plain(user=f"u{escaped(text)}"), lambda config: config["user"][1:]),
    "tmpfs": Place(lambda text: managed(tmpfs=[f"/k{escaped(text)}"]), lambda config: config["tmpfs"][0][2:]),
    "volume": Place(
        lambda text: plain(volumes=[{"type": "bind", "source": "/s", "target": f"/k{escaped(text)}"}]),
        lambda config: config["volumes"][0]["target"][2:],
    ),
    "build argument": Place(
        lambda text: {"build": {"context": ".", "args": {"K": escaped(text)}}},
        lambda config: config["build"]["args"]["K"],
    ),
    "sysctl": Place(lambda text: plain(sysctls={"k": escaped(text)}), lambda config: config["sysctls"]["k"]),
    "search domain": Place(
        lambda text: plain(dns_search=[f"k{escaped(text)}"]), lambda config: config["dns_search"][0][1:]
    ),
    "working folder": Place(
        lambda text: plain(working_dir=f"/{escaped(text)}"), lambda config: config["working_dir"][1:]
    ),
}  # fmt: skip


def only(keys: Iterable[str]) -> str:
    (key,) = keys
    return key


def refused(service: Service) -> bool:
    try:
        plan({**spec(s=service), "secrets": {"token": {"file": "./token"}}})
    except EnvgenError:
        return True
    return False


def shape(value: object) -> object:
    """What is left of data when every text is the same: keys and lengths."""
    match value:
        case dict():
            return {key: shape(item) for key, item in value.items()}
        case list():
            return [shape(item) for item in value]
        case str():
            return ""
    return value


placed = st.tuples(st.sampled_from(sorted(IN_COMPOSE)), literals)


@BATCH
@given(st.lists(placed, min_size=10, max_size=40))
def test_a_literal_arrives_through_compose(found: list[tuple[str, str]]) -> None:
    check_compose(found)


@pytest.mark.parametrize("name", IN_COMPOSE)
def test_every_nasty_literal_arrives_through_compose(name: str) -> None:
    check_compose([(name, text) for text in NASTY])


def check_compose(found: list[tuple[str, str]]) -> None:
    services = {f"s{at}": (name, text, IN_COMPOSE[name].write(text)) for at, (name, text) in enumerate(found)}
    services = {key: entry for key, entry in services.items() if not refused(entry[2])}
    names = {name for name, _ in found}
    baseline = {f"b{at}": IN_COMPOSE[name].write(BENIGN) for at, name in enumerate(sorted(names))}
    config = compose_services({**{key: entry[2] for key, entry in services.items()}, **baseline})
    shapes = {name: normal_shape(config[f"b{at}"], name) for at, name in enumerate(sorted(names))}
    for key, (name, text, _) in services.items():
        assert (name, IN_COMPOSE[name].read(config[key])) == (name, IN_COMPOSE[name].arrives(text))
        assert normal_shape(config[key], name) == shapes[name]


def normal_shape(config: Config, name: str) -> object:
    for key in ("labels", "environment"):  # here the literal may be a name
        if name.endswith("name") and key in config:
            config = {**config, key: list(config[key])}
    if name == "hostname":  # compose leaves out an empty one
        config = {"hostname": "", **config}
    return shape(dict(sorted(config.items())))


def compose_services(services: Mapping[str, Service]) -> Mapping[str, Any]:
    text = rendered(spec(**services))["compose.yaml"]
    found: Mapping[str, Any] = compose_config(text)["services"]
    assert found.keys() == services.keys()
    return found


@dataclass(frozen=True)
class SectionPlace:
    """A spot in one of compose's other sections; `used_by` is the service that makes compose keep the entries."""

    section: str
    write: Callable[[str], object]
    read: Callable[[Any], object]
    used_by: Callable[[list[str]], Service] = lambda _: plain()


SECTIONS = {
    "secret file": SectionPlace(
        "secrets",
        lambda text: {"file": f"/k{escaped(text)}"},
        lambda entry: entry["file"][2:],
        lambda names: plain(secrets=names),
    ),
    "config content": SectionPlace(
        "configs",
        lambda text: {"content": f"k{escaped(text)}"},
        lambda entry: entry["content"][1:],
        lambda names: plain(configs=names),
    ),
    "driver option": SectionPlace(
        "volumes",
        lambda text: {"driver_opts": {"device": f"k{escaped(text)}"}},
        lambda entry: entry["driver_opts"]["device"][1:],
        lambda names: plain(volumes=[f"{name}:/{name}" for name in names]),
    ),
    "network label": SectionPlace(
        "networks",
        lambda text: {"labels": {"k": escaped(text)}},
        lambda entry: entry["labels"]["k"],
        lambda names: plain(networks=names),
    ),
    "x- key": SectionPlace("x-k", escaped, lambda entry: entry),
}


@pytest.mark.parametrize("name", SECTIONS)
def test_every_nasty_literal_arrives_in_a_section(name: str) -> None:
    place = SECTIONS[name]
    written = {f"e{at}": place.write(text) for at, text in enumerate(NASTY)}
    text = rendered({**spec(s=place.used_by(list(written))), place.section: written})["compose.yaml"]
    entries = compose_config(text)[place.section]
    assert {key: place.read(entry) for key, entry in entries.items()} == {
        f"e{at}": text for at, text in enumerate(NASTY)
    }


def image(command: list[str] | None = None, **build: Any) -> Service:
    return {"uses": "node@16", "command": command or ["a"], "build": {"context": "app", **build}}


def env(found: list[Instruction]) -> object:
    (pairs,) = (one.pairs for one in found if one.name == "ENV")
    return pairs["K"]


def ran(found: list[Instruction], at: int) -> object:
    """The text that a RUN gives to the shell."""
    one = [one for one in found if one.name == "RUN"][at]
    if not one.json_form:
        return only(one.arguments)
    shell, option, command = one.arguments
    assert (shell, option) == ("/bin/sh", "-c")
    return command


def copied(found: list[Instruction], prefix: str) -> str:
    source, target = [one for one in found if one.name == "COPY"][-1].words
    path = source.removeprefix(prefix)
    assert path == target.removeprefix("./") or (path, target) == (".", "./")
    return path


def started(found: list[Instruction]) -> object:
    return next(one for one in found if one.name == "CMD").arguments[1]


def kept(text: str) -> str:
    """`...` in a list means the inherited entries."""
    return "x" if text == "..." else text


def normal_path(text: str) -> str:
    return posixpath.normpath(kept(text))


def dollarless(text: str) -> str:
    return text.replace("$", "%")


@dataclass(frozen=True)
class DockerfilePlace:
    write: Callable[[str], Service]
    read: Callable[[list[Instruction]], object]
    arrives: Callable[[str], str] = str


IN_DOCKERFILE = {
    "env": DockerfilePlace(lambda text: image(env={"K": text}), env),
    "step": DockerfilePlace(lambda text: image(run=[kept(text)]), lambda found: ran(found, 2), kept),
    "one-step": DockerfilePlace(lambda text: image(run=text), lambda found: ran(found, 2)),
    "install": DockerfilePlace(lambda text: image(install=text), lambda found: ran(found, 0)),
    "install-with-secret": DockerfilePlace(
        lambda text: image(install=text, secrets=["token"]), lambda found: ran(found, 0)
    ),
    "file": DockerfilePlace(lambda text: image(files=[kept(text)]), lambda found: copied(found, ""), normal_path),
    "built-file": DockerfilePlace(
        lambda text: image(files=[kept(text)], run=["a"]), lambda found: copied(found, "/app/"), normal_path
    ),
    # a command with a dollar in it stays in compose: the Dockerfile has none
    "argument": DockerfilePlace(lambda text: image(command=["a", text.replace("$", "%")]), started, dollarless),
}


def dockerfiles(services: Mapping[str, Service]) -> dict[str, list[Instruction]]:
    """The instructions of the images of services, each of which is built as one of its own."""
    apart = {key: {**service, "build": {**service["build"], "context": key}} for key, service in services.items()}
    files = rendered({**spec(**apart), "secrets": {"token": {"file": "./token"}}})
    return {key: instructions(files[f"{key}/{key}.Dockerfile"]) for key in services}


def check_dockerfiles(found: list[tuple[str, str]]) -> None:
    services = {f"s{at}": IN_DOCKERFILE[name].write(text) for at, (name, text) in enumerate(found)}
    accepted = {key: service for key, service in services.items() if not refused(service)}
    baseline = {name: IN_DOCKERFILE[name].write(BENIGN) for name in {name for name, _ in found}}
    images = dockerfiles(accepted | baseline)
    for at, (name, text) in enumerate(found):
        image, place = images.get(f"s{at}"), IN_DOCKERFILE[name]
        if image is not None:
            assert [one.shape for one in image] == [one.shape for one in images[name]], (name, text)
            assert (name, place.read(image)) == (name, place.arrives(text))


@BATCH
@given(st.lists(st.tuples(st.sampled_from(sorted(IN_DOCKERFILE)), literals), min_size=10, max_size=30))
def test_a_literal_arrives_in_the_image(found: list[tuple[str, str]]) -> None:
    check_dockerfiles(found)


@pytest.mark.parametrize("name", IN_DOCKERFILE)
def test_every_nasty_literal_arrives_in_the_image(name: str) -> None:
    check_dockerfiles([(name, text) for text in NASTY])


@pytest.mark.parametrize(
    "keys",
    [
        {"healthcheck": {"http": "/", "interval": "5s\nUSER root"}, "ports": ["1"]},
        {"healthcheck": {"http": "/", "timeout": "5s --retries=9"}, "ports": ["1"]},
        {"ports": [{"target": 1, "protocol": "udp\nUSER root"}]},
        {"ports": ["1/udp\nUSER root"]},
        {"expose": ["1/udp\nUSER root"]},
        {"build": {"args": {"A\nUSER root": "1"}}},
        {"build": {"args": ["A B=1"]}},
        {"build": {"secrets": ["token,required=false"]}},
        {"build": {"secrets": [{"source": "token", "target": "t\nUSER root"}]}},
        {"build": {"env": {"A": "x" * 70_000}}},  # BuildKit reads no line over 64 KiB
        {"build": {"run": "x" * 70_000}},
        {"command": ["a\0b"]},
        {"environment": {"A": "a\0b"}},
        {"build": {"env": {"A": "a\nUSER root"}}},
        {"build": {"env": {"A B": "1"}}},
        {"build": {"packages": ["curl\nUSER root"]}},
        {"build": {"files": ["a\nUSER root"]}},
        {"user": "10001\n"},
        {"user": {"name": "app\nUSER root", "uid": 1}},
        {"healthcheck": {"http": "/\nUSER root"}, "ports": ["1"]},
    ],
    ids=lambda keys: str(keys)[:70],
)
def test_what_no_file_can_say_is_refused(keys: Service) -> None:
    assert refused({"uses": "node@16", "command": ["a"], **keys})


@settings(max_examples=100, deadline=None)
@given(st.text(st.characters(min_codepoint=ord("!"), max_codepoint=ord("~")), max_size=20))
def test_the_path_of_a_health_check_arrives(path: str) -> None:
    service = {"uses": "node@16", "command": ["a"], "ports": ["1"], "healthcheck": {"http": f"/{path}"}}
    (one,) = (one for one in instructions(rendered(spec(s=service))["s.Dockerfile"]) if one.name == "HEALTHCHECK")
    kind, *words, script = one.arguments
    assert (kind, words) == ("CMD", ["node", "-e"])
    found = re.search(r"path:(\".*\"),timeout", script)
    assert found is not None
    # JavaScript knows `\'`, JSON does not
    assert json.loads(re.sub(r"\\(.)", lambda pair: "'" if pair[1] == "'" else pair[0], found[1])) == f"/{path}"
