import pytest
from plans import image, node, plan_of, problems_of, service

WAITS = "  w: {uses: node@16, command: [w], depends_on: [a]}\n"


def condition(dependency: str, referrer: str = "uses: node@16, command: [w]") -> str:
    text = f"services:\n  a: {{{dependency}}}\n  w: {{{referrer}, depends_on: [a]}}\n"
    found: str = service(text, "w")["depends_on"]["a"]["condition"]
    return found


def test_http_is_a_command_of_the_runtime_and_stands_in_the_image() -> None:
    text = node("healthcheck: {http: /healthz}, ports: ['80:3000']")
    health = image(text).health
    assert health is not None
    assert health.command[:2] == ("node", "-e")
    assert "port:3000" in health.command[2]
    assert '"/healthz"' in health.command[2]
    assert (health.interval, health.timeout, health.start_period, health.retries) == ("10s", "3s", "10s", 3)
    assert "healthcheck" not in service(text)


@pytest.mark.parametrize(
    ("keys", "port"),
    [
        ("ports: [3000, 4000]", 3000),
        ("expose: ['4000-4001/tcp']", 4000),
        ("ports: [3000], healthcheck: {http: /, port: 5000}", 5000),
        ("ports: ['80:${T:-1}', 4000]", 4000),
    ],
)
def test_the_port_that_is_asked(keys: str, port: int) -> None:
    health = image(node(keys if "http" in keys else f"{keys}, healthcheck: {{http: /}}")).health
    assert health is not None
    assert f"port:{port}," in health.command[2]


def test_times_of_ones_own() -> None:
    text = node("ports: [1], healthcheck: {http: /, interval: 1s, timeout: 2s, start_period: 3s, retries: 9}")
    health = image(text).health
    assert health is not None
    assert (health.interval, health.timeout, health.start_period, health.retries) == ("1s", "2s", "3s", 9)


@pytest.mark.parametrize(
    ("extra", "in_image"),
    [("start_interval: 1s", True), ("interval: '${I:-1s}'", False), ("retries: '${R:-1}'", False)],
)
def test_what_a_dockerfile_cannot_say_goes_to_compose(extra: str, in_image: bool) -> None:  # noqa: FBT001
    text = node(f"ports: [1], healthcheck: {{http: /, {extra}}}")
    check = service(text)["healthcheck"]
    key, _, value = extra.partition(": ")
    assert check[key] == value.strip("'")
    assert check["test"][:2] == ["CMD", "node"]
    assert not {"http", "port"} & check.keys()
    assert (image(text).health is not None) == in_image


@pytest.mark.parametrize(
    ("check", "message"),
    [
        ("{http: /}", "there is no port to ask on [write `port:` beside `http:`"),
        ("{http: /, port: 1, test: a}", "`http` and `test` contradict each other"),
    ],
)
def test_what_http_cannot_be(check: str, message: str) -> None:
    (problem,) = problems_of(node(f"healthcheck: {check}"))
    assert message in problem


@pytest.mark.parametrize("kind", ["image: x", "preset: redis"])
def test_http_needs_an_interpreter_that_is_known(kind: str) -> None:
    (problem,) = problems_of(f"services: {{a: {{{kind}, healthcheck: {{http: /, port: 1}}}}}}")
    assert "`http` needs an interpreter that is known to be in the image" in problem


@pytest.mark.parametrize("check", ["{disable: true}", "{test: [NONE]}", "{test: a b}", "{test: [CMD-SHELL, 'a $$B']}"])
def test_composes_own_checks_pass(check: str) -> None:
    assert image(node(f"healthcheck: {check}")).health is None
    assert service(node(f"healthcheck: {check}"))["healthcheck"]


def test_without_a_check_there_is_none() -> None:
    assert image(node("ports: [1]")).health is None
    assert "healthcheck" not in service(node("ports: [1]"))


def test_services_that_differ_in_their_check_say_it_in_compose() -> None:
    text = """
    services:
      a: {uses: node@16, command: [a], ports: [1], healthcheck: {http: /}}
      b: {uses: node@16, command: [a]}
    """
    assert image(text).health is None
    assert service(text)["healthcheck"]["retries"] == 3
    assert "healthcheck" not in service(text, "b")


@pytest.mark.parametrize(
    ("dependency", "expected"),
    [
        ("preset: redis", "service_healthy"),
        ("image: x, healthcheck: {test: a}", "service_healthy"),
        ("uses: node@16, command: [a], ports: [1], healthcheck: {http: /}", "service_healthy"),
        ("image: x", "service_started"),
        ("uses: node@16, command: [a]", "service_started"),
        ("image: x, healthcheck: {interval: 1s}", "service_started"),
        ("image: x, healthcheck: {test: [NONE]}", "service_started"),
        ("image: x, healthcheck: {test: []}", "service_started"),
        ("image: x, healthcheck: {test: a, disable: true}", "service_started"),
        ("preset: redis, healthcheck: {disable: true}", "service_started"),
        ("preset: redis, healthcheck: {interval: 1s}", "service_healthy"),
    ],
)
def test_managed_services_wait_for_the_health_of_what_has_a_check(dependency: str, expected: str) -> None:
    assert condition(dependency) == expected


def test_plain_services_wait_as_they_say() -> None:
    text = "services:\n  a: {preset: redis}\n  w: {image: x, depends_on: [a]}\n"
    assert service(text, "w")["depends_on"] == ["a"]


@pytest.mark.parametrize("kind", ["image: x", "uses: node@16, command: [w]"])
def test_conditions_of_ones_own_are_kept(kind: str) -> None:
    written = "{condition: service_started, required: false, restart: true}"
    text = f"services:\n  a: {{preset: redis}}\n  w: {{{kind}, depends_on: {{a: {written}}}}}\n"
    assert service(text, "w")["depends_on"] == {
        "a": {"condition": "service_started", "required": False, "restart": True}
    }


def test_services_cannot_wait_for_each_other() -> None:
    text = """
    services:
      a: {image: x, depends_on: [b]}
      b: {image: x, depends_on: [c]}
      c: {image: x, depends_on: [a]}
    """
    (problem,) = problems_of(text)
    assert "EG021 services wait for each other" in problem


def test_what_is_included_can_be_waited_for() -> None:
    assert plan_of("include: [other.yaml]\nservices: {a: {image: x, depends_on: [elsewhere]}}").services
