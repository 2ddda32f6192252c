import json

import pytest
from oracles import compose_config
from plans import plan_of, problems_of, rendered, service

from envgen.finding import EnvgenError
from envgen.plan import resolve
from envgen.source import parse
from envgen.spec import load

API = "  api: {image: x, expose: [3000]}\n  db: {preset: postgres}\n"


@pytest.mark.parametrize(
    ("target", "host", "port", "url"),
    [
        ("image: x, ports: ['80:3000']", "t", "3000", "http://t:3000"),
        ("image: x, ports: ['127.0.0.1:80:3000/tcp', 4000]", "t", "3000", "http://t:3000"),
        ("image: x, ports: [{target: 3000, published: 80}]", "t", "3000", "http://t:3000"),
        ("image: x, ports: ['${P:-80}:3000']", "t", "3000", "http://t:3000"),
        ("image: x, ports: ['80-81:3000-3001']", "t", "3000", "http://t:3000"),
        ("image: x, expose: ['3000/tcp']", "t", "3000", "http://t:3000"),
        ("image: x, expose: [3000]", "t", "3000", "http://t:3000"),
        ("preset: postgres", "t", "5432", "postgresql://app@t:5432/app"),
        ("preset: redis", "t", "6379", "redis://t:6379"),
        ("preset: postgres, environment: [POSTGRES_USER=me]", "t", "5432", "postgresql://me@t:5432/app"),
        ("preset: postgres, environment: {POSTGRES_DB: 'my shop'}", "t", "5432", "postgresql://app@t:5432/my%20shop"),
        ("preset: postgres, environment: {POSTGRES_DB: '${D:-s}'}", "t", "5432", "postgresql://app@t:5432/${D:-s}"),
        (
            "preset: postgres, environment: {POSTGRES_DB: {default: s}}",
            "t",
            "5432",
            "postgresql://app@t:5432/${POSTGRES_DB:-s}",
        ),
        ("preset: postgres, environment: {POSTGRES_DB: {value: s}}", "t", "5432", "postgresql://app@t:5432/s"),
    ],
)
def test_what_references_become(target: str, host: str, port: str, url: str) -> None:
    environment = '{H: "${t.host}", P: "${t.port}", U: "${t.url}"}'
    planned = service(f"services:\n  t: {{{target}}}\n  a: {{image: y, environment: {environment}}}\n")
    assert planned["environment"] == {"H": host, "P": port, "U": url}


@pytest.mark.parametrize(
    ("key", "planned"),
    [
        ('command: [node, "${api.url}/x"]', ["node", "http://api:3000/x"]),
        ('command: "node ${api.host}"', "node api"),
        ('entrypoint: ["${api.host}"]', ["api"]),
        ('environment: ["A=${api.host}:${api.port}"]', ["A=api:3000"]),
        ('labels: {l: "${api.host}"}', {"l": "api"}),
        ('labels: ["l=${api.host}"]', ["l=api"]),
        ('healthcheck: {test: [CMD, curl, "${api.url}"]}', {"test": ["CMD", "curl", "http://api:3000"]}),
        ('extra_hosts: ["x:${api.host}"]', ["x:api"]),
        ('build: {context: ., args: {A: "${api.host}"}}', {"context": ".", "args": {"A": "api"}}),
        ("logging: {driver: x, options: {to: '${api.url}'}}", {"driver": "x", "options": {"to": "http://api:3000"}}),
        ('hostname: "${api.host}-${X:-1}"', "api-${X:-1}"),
    ],
)
def test_references_work_in_every_value_that_compose_reads(key: str, planned: object) -> None:
    name = key.partition(":")[0]
    assert service(f"services:\n{API}  a: {{image: y, {key}}}\n")[name] == planned


def test_references_work_in_other_sections() -> None:
    from plans import sections  # noqa: PLC0415

    text = f'services:\n{API}configs: {{c: {{content: "to ${{api.host}}"}}}}\n'
    assert sections(text)["configs"] == {"c": {"content": "to api"}}


@pytest.mark.parametrize(
    ("reference", "message"),
    [
        ("${nobody.host}", "${nobody.host}: there is no service `nobody`"),
        ("${ap.host}", "did you mean `api`?"),
        ("${api.adress}", "a service has no `adress`"),
        ("${plain.port}", "`plain` has no port that is known [write the port itself]"),
        ("${plain.url}", "`plain` has no port that is known"),
        ("${bare.url}", "`bare` has no `POSTGRES_USER` that is known [write the URL itself]"),
    ],
)
def test_references_that_lead_nowhere(reference: str, message: str) -> None:
    bare = "  bare: {preset: postgres, environment: {POSTGRES_USER: null}}\n  plain: {image: x}\n"
    (problem,) = problems_of(f"services:\n{API}{bare}  a: {{image: y, environment: {{A: '{reference}'}}}}\n")
    assert problem.split()[1] == "EG020"
    assert message in problem


def test_a_service_may_refer_to_itself() -> None:
    assert service('services: {a: {image: x, expose: [1], environment: {ME: "${a.url}"}}}')["environment"]["ME"]


@pytest.mark.parametrize("text", ["${", "${}", "${A", "${A!b}"])
def test_what_compose_cannot_read(text: str) -> None:
    (problem,) = problems_of(f"services: {{a: {{image: x, environment: {{A: '{text}'}}}}}}")
    assert "EG024" in problem


def test_in_keys_of_ones_own_nothing_is_a_problem_and_compose_can_read_them() -> None:
    text = """
    x-env: &env {URL: "${api.url}", NOBODY: "${nobody.host}", LOG: {description: "it costs $5 or ${"}}
    services:
      api: {image: x, expose: [1], x-own: {k: "${api.host} $$ ${X:-1} ${"}}
    """
    plan = plan_of(text)
    data = compose_config(rendered(plan)["compose.yaml"])
    assert data["x-env"] == {
        "URL": "http://api:1", "NOBODY": "${nobody.host}", "LOG": {"description": "it costs $5 or ${"},
    }  # fmt: skip


def test_texts_that_compose_would_read_otherwise_when_joined_are_refused() -> None:
    data = {
        "envgen": 1,
        "name": "p",
        "services": {
            "db": {"preset": "postgres", "environment": {"POSTGRES_USER": "${U:?{}"}},
            "a": {"image": "x", "environment": {"X": "${db.url}?${Q:-q}"}},
        },
    }
    with pytest.raises(EnvgenError, match="no closing"):
        resolve(load(parse(json.dumps(data), "envgen.json")))


@pytest.mark.parametrize(
    ("user", "encoded"),
    [
        ("a@b", "a%40b"),
        ("a@b${X}", "a%40b${X}"),
        ("${X:-a@b}", "${X:-a%40b}"),
        ("${X:-a/${Y-:}}", "${X:-a%2F${Y-%3A}}"),
        ("${X:-$$}", "${X:-%24}"),
        ("${X:?set it}", "${X:?set it}"),
    ],
)
def test_all_that_is_known_of_a_part_of_a_url_is_encoded(user: str, encoded: str) -> None:
    text = f"""
    services:
      db: {{preset: postgres, environment: {{POSTGRES_USER: "{user}"}}}}
      a: {{image: x, environment: {{U: "${{db.url}}"}}}}
    """
    assert service(text)["environment"]["U"] == f"postgresql://{encoded}@db:5432/app"


def test_a_url_with_a_part_that_is_a_file_is_refused_with_advice() -> None:
    text = """
    services:
      db: {preset: postgres, environment: {POSTGRES_USER: {secret: true}}}
      a: {image: x, environment: {U: "${db.url}"}}
    """
    (problem,) = problems_of(text)
    assert "`POSTGRES_USER` of `db` is a secret in a file, which no URL can hold" in problem
    assert "or `deliver: env`" in problem
