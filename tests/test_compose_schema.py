from typing import Any

import pytest

from envgen import compose_schema
from envgen.compose_schema import alternatives, check, describe, has_interpolation, list_hint
from envgen.source import Problem


def service(**keys: Any) -> list[Problem]:
    """The problems of a compose file with a service of these keys."""
    return list(check({"services": {"web": keys}}))


def said(problems: list[Problem]) -> list[tuple[str, str, str | None]]:
    return [(".".join(map(str, problem.route[2:])), problem.message, problem.hint) for problem in problems]


def test_a_valid_file_has_no_problem() -> None:
    assert service(image="nginx", ports=["80:80", {"target": 80}], environment=["A=b"], scale="2") == []


def test_what_is_no_map_is_no_compose_file() -> None:
    (problem,) = check(["web"])
    assert problem.message == "a compose file is a map, not a list"


@pytest.mark.parametrize(
    ("keys", "place", "message", "hint"),
    [
        ({"imgae": "x"}, "imgae", "unknown key `imgae`", "did you mean `image`?"),
        ({"frobnicate": 1}, "frobnicate", "unknown key `frobnicate`", None),
        ({"image": 1.27}, "image", "expected text, found the number 1.27", "put it in quotes"),
        ({"init": 1}, "init", "expected true, false or text, found the number 1", None),
        ({"cap_drop": "ALL"}, "cap_drop", 'expected a list, found the text "ALL"', "put it in brackets: [...]"),
        ({"deploy": []}, "deploy", "expected a map, found a list", None),
        ({"cgroup": "hots"}, "cgroup", 'expected host or private, found the text "hots"', "did you mean `host`?"),
        ({"group_add": ["a", "b", "a"]}, "group_add.2", "the list names this twice", "remove one of them"),
        ({"env_file": [{"format": "raw"}]}, "env_file.0", "the key `path` is missing", None),
        ({"env_file": [{"paht": "a"}]}, "env_file.0.paht", "unknown key `paht`", "did you mean `path`?"),
        ({"deploy": {"resources": {"limits": {"cpu": 1}}}}, "deploy.resources.limits.cpu", "unknown key `cpu`",
         "did you mean `cpus`?"),
        ({"ulimits": {"nofile": {"soft": 1}}}, "ulimits.nofile", "the key `hard` is missing", None),
        ({"command": {"run": "x"}}, "command", "expected text or a list, found a map", None),
    ],
)  # fmt: skip
def test_one_mistake_is_one_problem_at_the_very_place(
    keys: dict[str, Any], place: str, message: str, hint: str | None
) -> None:
    assert said(service(**keys)) == [(place, message, hint)]


@pytest.mark.parametrize(
    "keys",
    [
        {"scale": "${N}"},
        {"cgroup": "$MODE"},
        {"pull_policy": "${P:-always}"},
        {"depends_on": {"a": {"condition": "$C"}}},
    ],
)
def test_what_compose_fills_in_is_not_judged(keys: dict[str, Any]) -> None:
    assert service(**keys) == []


def test_a_doubled_dollar_is_no_interpolation() -> None:
    assert not has_interpolation("a$$b")
    assert has_interpolation("a$$$b")
    assert said(service(cgroup="$$MODE")) == [("cgroup", 'expected host or private, found the text "$$MODE"', None)]


def test_a_name_that_compose_refuses() -> None:
    (problem,) = check({"services": {"my web": {"image": "nginx"}}})
    assert (problem.message, problem.at_key) == ("`my web` is no valid name", True)


def test_unknown_keys_at_the_root_and_in_sections() -> None:
    found = check({"services": {}, "networks": {"a": {"drivr": "bridge"}}, "x-ok": 1, "volumes": {"v": {"x-y": 1}}})
    assert [problem.route for problem in found] == [("networks", "a", "drivr")]


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "nothing"),
        (True, "true"),
        (1.5, "the number 1.5"),
        ("a", 'the text "a"'),
        ("a" * 50, 'the text "' + "a" * 40 + '..."'),
        ({}, "a map"),
        ([], "a list"),
    ],
)
def test_values_in_words(value: object, words: str) -> None:
    assert describe(value) == words


def test_alternatives_in_words() -> None:
    assert alternatives(["a"]) == "a"
    assert alternatives(["a", "b", "a"]) == "a or b"
    assert alternatives(["a", "b", "c"]) == "a, b or c"
    assert alternatives(["nothing", "text"]) == "text"
    assert alternatives(["text", "a whole number", "a number"]) == "text or a number"


def test_only_a_single_value_can_be_put_in_brackets() -> None:
    assert list_hint("a", ["a list"]) == "put it in brackets: [...]"
    assert list_hint({}, ["a list"]) is None
    assert list_hint("a", ["a map"]) is None


def test_nested_properties_are_those_of_the_map_form() -> None:
    assert {"context", "dockerfile", "target"} <= compose_schema.nested_properties("build").keys()
    assert {"target", "published"} <= compose_schema.nested_properties("ports").keys()
    assert {"test", "interval"} <= compose_schema.nested_properties("healthcheck").keys()
