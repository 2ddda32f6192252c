"""Presets of web servers and tools on a real engine, hardened as they are rendered.

nginx, Caddy, Adminer, pgAdmin, Prometheus and LocalStack are themselves here, if in stand-ins for their images
(standins/<name>/); of LocalStack the gateway, since its services want a newer Python. Of Keycloak only what the preset
adds is run: the entrypoint and the health check.
"""

import json
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
from compose_stack import BUILD_TIMEOUT, TIMEOUT, Stack, eventually, published, run
from standins.build import StandinUnavailable, ensure

from envgen import presets

pytestmark = pytest.mark.engine

# preset: the port to ask, the path, and what is in the answer
ASK = {
    "nginx": (80, "/", "nginx"),
    "caddy": (80, "/", "Caddy works!"),
    "adminer": (8080, "/", "Adminer"),
    "pgadmin": (8080, "/login?next=/", "pgAdmin 4"),
    "prometheus": (9090, "/-/ready", "Ready"),
}
# what each has written, by its own user
WRITTEN = {
    "caddy": "/config/caddy/autosave.json", "pgadmin": "/var/lib/pgadmin/pgadmin4.db", "prometheus": "/prometheus/wal",
    "keycloak": "/opt/keycloak/data/seen.json",
}  # fmt: skip
PRESETS = (*ASK, "keycloak")
NET_BIND_SERVICE = 1 << 10
NGINX = 'server { listen 80; location / { default_type text/plain; return 200 "mine"; } }\n'
TEMPLATE = 'server { listen 80; location / { default_type text/plain; return 200 "${GREETING}"; } }\n'
SCRAPE = 'scrape_configs: [{job_name: mine, scrape_interval: 1s, static_configs: [{targets: ["localhost:9090"]}]}]\n'
# the files that the presets' notes speak of
CONFIGURED = """\
envgen: 1
name: configured
services:
  nginx:
    preset: nginx
    ports: [{target: 80, published: 8001}]
    volumes: ["...", "./nginx.conf:/etc/nginx/conf.d/default.conf:ro"]
  filled:
    preset: nginx
    ports: [{target: 80, published: 8002}]
    environment: {GREETING: hello}
    volumes: ["...", "./templates:/etc/nginx/templates:ro"]
    tmpfs: ["...", "/etc/nginx/conf.d:uid=101,gid=101"]
  caddy:
    preset: caddy
    ports: [{target: 80, published: 8003}]
    volumes: ["...", "./Caddyfile:/etc/caddy/Caddyfile:ro"]
  prometheus:
    preset: prometheus
    ports: [{target: 9090, published: 8004}]
    volumes: ["...", "./prometheus.yml:/etc/prometheus/prometheus.yml:ro"]
  adminer:
    preset: adminer
    ports: [{target: 8080, published: 8005}]
    environment: {ADMINER_PLUGINS: tables-filter}
"""


def missing_image(name: str) -> str:
    """Why a preset's own image, a real one or a stand-in, can't be had; nothing if it is there."""
    preset = presets.find(name)
    assert preset is not None
    try:
        ensure(preset.image)
    except StandinUnavailable as reason:
        return str(reason)
    return ""


def there(stack: Stack, service: str) -> str:
    """The service's name; the test is skipped where its image can't be had."""
    if service not in stack.config["services"]:
        pytest.skip(missing_image(service))
    return service


@contextmanager
def started(files: Mapping[str, str], folder: Path) -> Iterator[Stack]:
    stack = Stack.of_files(files, folder)
    try:
        try:
            stack.compose("up", "--wait", timeout=BUILD_TIMEOUT)
        except AssertionError:
            print(stack.compose("logs", "--no-color", "--tail", "60"))  # noqa: T201 - what failed is in there
            raise
        yield stack
    finally:
        stack.compose("down", "--volumes", "--remove-orphans")  # images stay: the next run is quicker


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """All of them, with nothing but their ports."""
    found = [name for name in PRESETS if not missing_image(name)]
    ports = {name: f", ports: [{ASK[name][0]}]" if name in ASK else "" for name in found}
    lines = [f"  {name}: {{preset: {name}{ports[name]}}}\n" for name in found]
    spec = f"envgen: 1\nname: web\nservices:\n{''.join(lines)}"
    with started({"envgen.yaml": spec}, tmp_path_factory.mktemp("web")) as stack:
        yield stack


@pytest.fixture(scope="module")
def configured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Those that take a configuration, with one."""
    for name in ("nginx", "caddy", "prometheus", "adminer"):
        if reason := missing_image(name):
            pytest.skip(reason)
    files = {
        "envgen.yaml": CONFIGURED, "nginx.conf": NGINX, "templates/default.conf.template": TEMPLATE,
        "Caddyfile": ':80 {\n\trespond "mine"\n}\n', "prometheus.yml": SCRAPE,
    }  # fmt: skip
    with started(files, tmp_path_factory.mktemp("configured")) as stack:
        yield stack


def fetch(stack: Stack, service: str, path: str = "/", data: bytes | None = None) -> str:
    """The body of an answer; HTTPError where it says that something is wrong."""
    (host, port), *_ = published(stack.container(service))
    request = urllib.request.Request(f"http://{host}:{port}{path}", data=data)
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - HTTP it is
        body: str = answer.read().decode()
    return body


def health(stack: Stack, service: str) -> int:
    """The exit code of the health check, run now."""
    _, *command = stack.container(service)["Config"]["Healthcheck"]["Test"]
    arguments = ["docker", "compose", "exec", "-T", service, "timeout", "-s", "KILL", "15", *command]
    return subprocess.run(arguments, cwd=stack.folder, capture_output=True, timeout=TIMEOUT, check=False).returncode


def changed(stack: Stack, service: str) -> set[str]:
    """What was changed in the container's own layer, but for the places of its mounts."""
    container = stack.container(service)
    differences = run(["docker", "diff", container["Id"]], stack.folder, TIMEOUT).splitlines()
    # init, and the mount points that the engine made
    mounted = {mount["Destination"] for mount in container["Mounts"]} | set(container["HostConfig"]["Tmpfs"] or {})
    mounted |= {"/usr/sbin/docker-init", "/sbin/docker-init"}
    parents = {parent.as_posix() for place in mounted for parent in (Path(place), *Path(place).parents)}
    return {line[2:] for line in differences} - parents


@pytest.fixture
def service(stack: Stack, request: pytest.FixtureRequest) -> str:
    """A preset that is up."""
    return there(stack, request.param)


@pytest.mark.parametrize("service", PRESETS, indirect=True)
class TestPreset:
    def test_is_healthy(self, stack: Stack, service: str) -> None:
        assert stack.container(service)["State"]["Health"]["Status"] == "healthy"
        assert health(stack, service) == 0

    def test_has_no_rights(self, stack: Stack, service: str) -> None:
        status = dict(line.split(":", 1) for line in stack.exec(service, "cat", "/proc/1/status").splitlines())
        assert set(status["Uid"].split()) == {stack.config["services"][service]["user"].split(":")[0]}
        assert int(status["CapEff"], 16) == int(status["CapPrm"], 16) == 0
        assert int(status["CapBnd"], 16) == (NET_BIND_SERVICE if service == "caddy" else 0)
        assert int(status["NoNewPrivs"]) == 1

    def test_no_process_has_a_capability(self, stack: Stack, service: str) -> None:
        found = stack.exec(service, "sh", "-c", "cat /proc/[0-9]*/status 2>/dev/null | grep -E '^Cap(Eff|Prm)'")
        assert {int(line.split(":")[1], 16) for line in found.splitlines()} == {0}

    def test_writes_nothing_but_to_its_volumes(self, stack: Stack, service: str) -> None:
        assert changed(stack, service) == set()
        if service != "keycloak":
            assert stack.container(service)["HostConfig"]["ReadonlyRootfs"]

    def test_answers_on_loopback(self, stack: Stack, service: str) -> None:
        if service not in ASK:
            pytest.skip("it is not itself here")
        _, path, expected = ASK[service]
        assert expected in fetch(stack, service, path)
        assert {host for host, _ in published(stack.container(service))} <= {"127.0.0.1", "::1"}

    def test_its_data_is_its_own(self, stack: Stack, service: str) -> None:
        if service not in WRITTEN:
            pytest.skip("it keeps none")
        user = stack.config["services"][service]["user"].split(":")[0]
        assert stack.exec(service, "stat", "-c", "%u", WRITTEN[service]) == user

    def test_health_check_fails_when_it_hangs(self, stack: Stack, service: str) -> None:
        stack.exec(service, "sh", "-c", "kill -STOP -1")  # all processes but init and the one that does it
        try:
            assert health(stack, service) != 0
        finally:
            stack.exec(service, "sh", "-c", "kill -CONT -1")
        assert eventually(lambda: health(stack, service) == 0, seconds=60)

    def test_stops_by_itself_and_starts_with_its_data(self, stack: Stack, service: str) -> None:
        stack.compose("stop", service)
        try:
            assert stack.container(service)["State"]["ExitCode"] in (0, 130, 143)
        finally:
            stack.compose("up", "--wait", timeout=TIMEOUT)
        assert stack.container(service)["State"]["Health"]["Status"] == "healthy"


def test_keycloak_has_its_password_in_its_process_only(stack: Stack) -> None:
    seen = json.loads(stack.exec(there(stack, "keycloak"), "cat", WRITTEN["keycloak"]))
    password = (stack.folder / "secrets" / "keycloak_password").read_text()
    assert seen["arguments"] == ["start-dev"]
    assert seen["environment"]["KC_BOOTSTRAP_ADMIN_PASSWORD"] == password
    assert "KC_BOOTSTRAP_ADMIN_PASSWORD_FILE" not in seen["environment"]
    assert password not in str(stack.container("keycloak"))


def test_keycloak_that_is_not_ready_is_not_healthy(stack: Stack) -> None:
    stack.exec(there(stack, "keycloak"), "touch", "/opt/keycloak/data/down")
    try:
        assert health(stack, "keycloak") != 0
    finally:
        stack.exec("keycloak", "rm", "/opt/keycloak/data/down")
    assert health(stack, "keycloak") == 0


def test_pgadmin_has_its_user_and_no_password_to_see(stack: Stack) -> None:
    script = "import sqlite3, sys; print(*sqlite3.connect(sys.argv[1]).execute('SELECT email FROM user'))"
    there(stack, "pgadmin")
    assert stack.exec("pgadmin", "python3", "-c", script, WRITTEN["pgadmin"]) == "('admin@example.com',)"
    password = (stack.folder / "secrets" / "pgadmin_password").read_text()
    assert password not in str(stack.container("pgadmin"))
    assert password not in stack.compose("logs", "--no-color", "pgadmin")


def test_caddy_could_not_be_executed_without_its_capability(tmp_path: Path) -> None:
    if reason := missing_image("caddy"):
        pytest.skip(reason)
    spec = "envgen: 1\nname: bare\nservices: {caddy: {preset: caddy, cap_add: null, ports: ['80:80']}}\n"
    bare = Stack.of_files({"envgen.yaml": spec}, tmp_path)
    try:
        with pytest.raises(AssertionError, match="caddy-1"):
            bare.compose("up", "--wait", timeout=TIMEOUT)
        assert "Operation not permitted" in bare.compose("logs", "--no-color")
    finally:
        bare.compose("down", "--volumes")


@pytest.mark.parametrize(("service", "body"), [("nginx", "mine"), ("filled", "hello"), ("caddy", "mine")])
def test_a_configuration_of_the_users_is_served(configured: Stack, service: str, body: str) -> None:
    assert fetch(configured, service) == body
    assert changed(configured, service) == set()


def test_prometheus_scrapes_what_the_user_says(configured: Stack) -> None:
    def jobs() -> set[tuple[str, str]]:
        targets = json.loads(fetch(configured, "prometheus", "/api/v1/targets"))["data"]["activeTargets"]
        return {(target["labels"]["job"], target["health"]) for target in targets}

    assert eventually(lambda: jobs() == {("mine", "up")}, seconds=20)


def test_adminer_gets_its_plugins(configured: Stack) -> None:
    assert configured.exec("adminer", "ls", "plugins-enabled") == "001-tables-filter.php"


def test_a_page_that_is_not_found_is_no_matter_of_health(tmp_path: Path) -> None:
    if reason := missing_image("nginx"):
        pytest.skip(reason)
    volumes = 'volumes: ["...", "./conf:/etc/nginx/conf.d:ro"]'
    spec = f"envgen: 1\nname: bare\nservices: {{nginx: {{preset: nginx, ports: ['80:80'], {volumes}}}}}\n"
    nothing = "server { listen 80; location / { return 404; } }\n"
    with started({"envgen.yaml": spec, "conf/default.conf": nothing}, tmp_path) as bare:
        with pytest.raises(urllib.error.HTTPError, match="404"):
            fetch(bare, "nginx")
        assert health(bare, "nginx") == 0


def test_the_example_of_observability_but_for_grafana(tmp_path: Path) -> None:
    if reason := missing_image("prometheus"):
        pytest.skip(reason)
    stack = Stack.render("observability", tmp_path)
    try:
        stack.compose("up", "--build", "--wait", "app", "prometheus", timeout=BUILD_TIMEOUT)
        fetch(stack, "app", "/tickets", b"")
        assert "tickets_sold_total 1\n" in fetch(stack, "app", "/metrics")

        def value() -> list[str]:
            found = json.loads(fetch(stack, "prometheus", "/api/v1/query?query=tickets_sold_total"))["data"]["result"]
            return [one["value"][1] for one in found]

        assert eventually(lambda: value() == ["1"], seconds=30)
    finally:
        stack.compose("down", "--volumes", "--rmi", "local")
