import pytest
from plans import node, problems_of, sections, service


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("{default: info}", "${A:-info}"),
        ("{default: ''}", "${A:-}"),
        ("{type: int, default: 3}", "${A:-3}"),
        ("{type: bool, default: true}", "${A:-true}"),
        ("{default: 'a$b'}", "${A:-a$$b}"),
        ("{required: true}", "${A:?}"),
        ("{secret: true, deliver: env}", "${A:?}"),
        ("{value: 'x ${B:-y} $$'}", "x ${B:-y} $$"),
        ("{value: 'http://${a.host}'}", "http://a"),
        ("{description: passed on where it is set}", None),
    ],
)
def test_what_a_typed_variable_becomes(variable: str, value: str | None) -> None:
    assert service(node(f"environment: {{A: {variable}}}"))["environment"]["A"] == value


def test_plain_values_pass() -> None:
    text = node("environment: {T: text, N: 1, F: 1.5, B: true, P: null, I: '${X:-1}', D: 'a$$b', E: ''}")
    environment = service(text)["environment"]
    del environment["NODE_OPTIONS"]
    assert environment == {
        "T": "text", "N": 1, "F": 1.5, "B": True, "P": None, "I": "${X:-1}", "D": "a$b", "E": "",
    }  # fmt: skip


def test_a_list_becomes_a_map_where_envgen_adds_to_it() -> None:
    environment = service(node("environment: [A=1, B, 'C=', 'D=a=b', 'E=${X:-$$}']"))["environment"]
    del environment["NODE_OPTIONS"]
    assert environment == {"A": "1", "B": None, "C": "", "D": "a=b", "E": "${X:-$$}"}


def test_a_secret_is_a_file() -> None:
    text = node("environment: {DB_PASSWORD: {secret: true}, KEY: {secret: api_key}}")
    planned = service(text)
    assert planned["environment"]["DB_PASSWORD_FILE"] == "/run/secrets/db_password"  # noqa: S105 - a path
    assert planned["environment"]["KEY_FILE"] == "/run/secrets/api_key"
    assert "DB_PASSWORD" not in planned["environment"]
    assert planned["secrets"] == ["db_password", "api_key"]
    assert sections(text)["secrets"] == {
        "db_password": {"file": "./secrets/db_password"},
        "api_key": {"file": "./secrets/api_key"},
    }


@pytest.mark.parametrize(
    ("listed", "path"),
    [
        ("[key]", "/run/secrets/key"),
        ("[{source: key}]", "/run/secrets/key"),
        ("[{source: key, target: k, uid: '1', gid: '2', mode: 0400}]", "/run/secrets/k"),
        ("[{source: key, target: /etc/key}]", "/etc/key"),
        ("[{source: other, target: /etc/key}]", "/run/secrets/key"),
    ],
)
def test_a_secret_is_where_the_long_form_puts_it(listed: str, path: str) -> None:
    text = node(f"secrets: {listed}, environment: {{KEY: {{secret: true}}}}") + "secrets: {key: , other: }\n"
    planned = service(text)
    assert planned["environment"]["KEY_FILE"] == path
    sources = [item["source"] if isinstance(item, dict) else item for item in planned["secrets"]]
    assert sources.count("key") == 1


@pytest.mark.parametrize(
    ("written", "planned"),
    [
        ("", {"file": "./secrets/s"}),
        ("{}", {"file": "./secrets/s"}),
        ("{external: true}", {"external": True}),
        ("{environment: TOKEN}", {"environment": "TOKEN"}),
        ("{file: ./elsewhere}", {"file": "./elsewhere"}),
        ("{file: '${DIR:-.}/s'}", {"file": "${DIR:-.}/s"}),
    ],
)
def test_top_level_secrets_keep_their_form_or_get_a_file(written: str, planned: dict[str, object]) -> None:
    text = node("secrets: [s]") + f"secrets: {{s: {written}}}\n"
    assert sections(text)["secrets"] == {"s": planned}


def test_services_share_a_secret_by_its_name() -> None:
    text = """
    services:
      db: {preset: postgres}
      a: {uses: node@16, command: [a], environment: {DB_PASSWORD: {secret: true}}}
    """
    assert service(text)["secrets"] == service(text, "db")["secrets"] == ["db_password"]
    assert list(sections(text)["secrets"]) == ["db_password"]


@pytest.mark.parametrize(
    ("variable", "message"),
    [
        ("{type: enum, default: a}", "an enum needs `values`"),
        ("{type: enum, values: [a], default: b}", "`b` is not one of a"),
        ("{values: [a]}", "`values` belong to an enum"),
        ("{default: a, required: true}", "a variable with a default is never missing"),
        ("{value: a, default: b}", "a fixed `value` has no default"),
        ("{secret: true, default: x}", "a secret can't have a default"),
        ("{secret: true, value: x}", "can't be put together from others"),
        ("{type: int, default: 1.5}", "`1.5` is no whole number"),
        ("{type: port, default: 70000}", "`70000` is no port"),
        ("{type: url, default: nowhere}", "`nowhere` is no URL"),
        ("{type: bool, example: maybe}", "`maybe` is no boolean"),
        ("{default: 'a}b'}", "compose can't read a default with a `}`"),
    ],
)
def test_what_cannot_be_true_of_a_variable(variable: str, message: str) -> None:
    (problem,) = problems_of(node(f"environment: {{A: {variable}}}"))
    assert message in problem


def test_a_secret_and_its_file_cannot_both_be_written() -> None:
    (problem,) = problems_of(node("environment: {A: {secret: true}, A_FILE: /x}"))
    assert "EG025 a secret sets `A_FILE`, which is written here, too" in problem


def test_only_a_name_that_dotenv_takes_can_be_typed() -> None:
    (problem,) = problems_of(node("environment: {a.b: {default: x}}"))
    assert "`a.b` is no name that .env can set" in problem
    assert service(node("environment: {a.b: x}"))["environment"]["a.b"] == "x"
