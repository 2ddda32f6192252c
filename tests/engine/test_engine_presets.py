"""Presets on a real engine: hardened as they are, they start, keep their data, and their health checks tell the truth.

The images are the real ones where the engine has or finds them. Else they are stand-ins from Debian's packages, with
the official image's users, paths, variables and entrypoint (standins/<name>/).
"""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from compose_stack import BUILD_TIMEOUT, TIMEOUT, Stack, eventually
from standins.build import StandinUnavailable, ensure

pytestmark = pytest.mark.engine

# service: preset, image
RUN = {
    "db": ("postgres", "postgres:15"),
    "cache": ("redis", "redis:7"),
    "shop": ("mariadb", "mariadb:12.3"),
    "memo": ("memcached", "memcached:1.6"),
    "mq": ("rabbitmq", "rabbitmq:4.3-management"),
}
SERVICES = [*RUN, "guarded"]
# how data gets in, and is read again; by who has the password only
WRITE = {
    "db": 'PGPASSWORD="$(cat /run/secrets/db_password)" psql -qh db -U app app -c "CREATE TABLE t AS SELECT 42 AS n"',
    "cache": "redis-cli -h cache SET n 42",
    "memo": "true",  # it keeps nothing
    "shop": 'mariadb -h shop -u app -p"$(cat /run/secrets/shop_password)" app -e "CREATE TABLE t AS SELECT 42 AS n"',
    "mq": "rabbitmqctl -q add_vhost n42",
    "guarded": 'REDISCLI_AUTH="$(cat /run/secrets/guarded_password)" redis-cli -h guarded SET n 42',
}
READ = {
    "db": 'PGPASSWORD="$(cat /run/secrets/db_password)" psql -qAth db -U app app -c "SELECT n FROM t"',
    "cache": "redis-cli -h cache GET n",
    "shop": 'mariadb -h shop -u app -p"$(cat /run/secrets/shop_password)" -BN app -e "SELECT n FROM t"',
    "mq": "rabbitmqctl -q list_vhosts | grep -o 42",
    "guarded": 'REDISCLI_AUTH="$(cat /run/secrets/guarded_password)" redis-cli -h guarded GET n',
}
# what the server's process is called
SERVER = {
    "db": "postgres", "cache": "redis-server", "shop": "mariadbd", "memo": "memcached", "mq": "beam.smp",
    "guarded": "redis-server",
}  # fmt: skip
GUARDED = """\
summary: Redis with a password
port: 6379
url: "redis://{host}:{port}"
secrets:
  "{service}_password": {generate: {type: password}}
service:
  image: redis:7
  user: "999:999"
  command:
    - sh
    - -c
    - |-
      exec redis-server - --maxmemory {memory_mib:75}mb <<END
      requirepass $$(cat /run/secrets/{service}_password)
      END
  secrets: ["{service}_password"]
  volumes: ["{service}-data:/data"]
  mem_limit: 128m
  healthcheck:
    test:
      - CMD-SHELL
      - REDISCLI_AUTH="$$(cat /run/secrets/{service}_password)" redis-cli -h 127.0.0.1 ping | grep -qx PONG
    interval: 5s
"""


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    for _, tag in RUN.values():
        try:
            ensure(tag)
        except StandinUnavailable as reason:
            pytest.skip(str(reason))
    lines = [f"  {name}: {{preset: {preset}, image: '{tag}'}}\n" for name, (preset, tag) in RUN.items()]
    spec = f"envgen: 1\nname: presets\nservices:\n{''.join(lines)}  guarded: {{preset: ./presets/guarded.yaml}}\n"
    files = {"envgen.yaml": spec, "presets/guarded.yaml": GUARDED}
    stack = Stack.of_files(files, tmp_path_factory.mktemp("presets"))
    try:
        try:
            stack.compose("up", "--wait", timeout=BUILD_TIMEOUT)
        except AssertionError:
            print(stack.compose("logs", "--no-color", "--tail", "60"))  # noqa: T201 - what failed is in there
            raise
        yield stack
    finally:
        stack.compose("down", "--volumes", "--remove-orphans")  # images stay: the next run is quicker


def health(stack: Stack, service: str) -> int:
    """The exit code of the health check, run now."""
    kind, *words = stack.container(service)["Config"]["Healthcheck"]["Test"]
    command = words if kind == "CMD" else ["/bin/sh", "-c", *words]
    arguments = ["docker", "compose", "exec", "-T", service, "timeout", "-s", "KILL", "45", *command]
    return subprocess.run(arguments, cwd=stack.folder, capture_output=True, timeout=TIMEOUT, check=False).returncode


def signal(stack: Stack, service: str, name: str) -> None:
    """A signal for every process of the server."""
    loop = (
        f'for p in /proc/[0-9]*; do case "$(tr "\\0" " " < $p/cmdline)" in *docker-init*) ;;'
        f' *{SERVER[service]}*) kill -{name} "${{p#/proc/}}" ;; esac; done'
    )
    # not by its shell: its own arguments hold the name, too
    script = f"printf %s '{loop.encode().hex()}' | sed 's/../\\\\x&/g' | xargs -0 printf '%b' | sh"
    stack.exec(service, "sh", "-c", script)


@pytest.mark.parametrize("service", SERVICES)
class TestPreset:
    def test_is_healthy(self, stack: Stack, service: str) -> None:
        assert stack.container(service)["State"]["Health"]["Status"] == "healthy"
        assert health(stack, service) == 0

    def test_has_no_rights(self, stack: Stack, service: str) -> None:
        status = dict(line.split(":", 1) for line in stack.exec(service, "cat", "/proc/1/status").splitlines())
        assert status["Uid"].split()[0] != "0"
        assert (int(status["CapEff"], 16), int(status["CapBnd"], 16), int(status["NoNewPrivs"])) == (0, 0, 1)
        assert stack.container(service)["HostConfig"]["ReadonlyRootfs"]

    def test_stops_by_itself_and_keeps_its_data(self, stack: Stack, service: str) -> None:
        stack.exec(service, "sh", "-c", WRITE[service])
        stack.compose("stop", service)
        try:
            assert stack.container(service)["State"]["ExitCode"] == 0
            stack.compose("rm", "--force", service)
        finally:
            stack.compose("up", "--wait", timeout=TIMEOUT)
        if service in READ:
            assert stack.exec(service, "sh", "-c", READ[service]) == "42"

    def test_health_check_fails_when_it_hangs(self, stack: Stack, service: str) -> None:
        signal(stack, service, "STOP")
        try:
            assert health(stack, service) != 0
        finally:
            signal(stack, service, "CONT")
        assert eventually(lambda: health(stack, service) == 0, seconds=60)

    def test_secrets_are_in_no_environment_of_the_container(self, stack: Stack, service: str) -> None:
        texts = [path.read_text() for path in (stack.folder / "secrets").iterdir()]
        assert len(texts) == 5
        assert not [text for text in texts if text in str(stack.container(service))]
        assert not [text for text in texts if text in stack.compose("logs", "--no-color", service)]


def test_what_has_a_password_refuses_others(stack: Stack) -> None:
    for service, attempt in {
        "db": "PGPASSWORD=wrong psql -qh db -U app app -c 'SELECT 1'",
        "shop": "mariadb -h shop -u app -pwrong app -e 'SELECT 1'",
        "mq": "rabbitmqctl -q authenticate_user app wrong",
        "guarded": "redis-cli -e -h guarded GET n",
    }.items():
        with pytest.raises(AssertionError):
            stack.exec(service, "sh", "-c", attempt)
    right = 'rabbitmqctl authenticate_user app "$(cat /run/secrets/mq_password)"'
    assert "Success" in stack.exec("mq", "sh", "-c", right)


def test_limits_of_memory_are_known_to_those_who_can_t_see_them(stack: Stack) -> None:
    assert stack.exec("mq", "rabbitmqctl", "-q", "eval", "vm_memory_monitor:get_total_memory().") == str(512 * 2**20)
    assert stack.exec("cache", "redis-cli", "CONFIG", "GET", "maxmemory").split()[1] == str(192 * 2**20)
    auth = 'REDISCLI_AUTH="$(cat /run/secrets/guarded_password)" redis-cli CONFIG GET maxmemory'
    assert stack.exec("guarded", "sh", "-c", auth).split()[1] == str(96 * 2**20)
    script = "exec 3<>/dev/tcp/127.0.0.1/11211; printf 'stats settings\\r\\nquit\\r\\n' >&3; grep maxbytes <&3"
    assert stack.exec("memo", "bash", "-c", script).split()[2] == str(89 * 2**20)


def test_a_cache_that_is_full_refuses_writes_and_lives(stack: Stack) -> None:
    fill = "for i in $(seq 60); do redis-cli -e -x SET k$i < /tmp/x || exit; done >&2"
    with pytest.raises(AssertionError, match="OOM command not allowed"):
        stack.exec("cache", "sh", "-c", f"head -c 8000000 /dev/zero > /tmp/x; {fill}")
    assert not stack.container("cache")["State"]["OOMKilled"]
    assert stack.exec("cache", "redis-cli", "FLUSHALL") == "OK"


def test_a_broker_that_is_stopped_inside_of_its_node_is_not_healthy(stack: Stack) -> None:
    stack.exec("mq", "rabbitmqctl", "-q", "stop_app")
    try:
        assert health(stack, "mq") != 0
    finally:
        stack.exec("mq", "rabbitmqctl", "-q", "start_app")
    assert eventually(lambda: health(stack, "mq") == 0, seconds=60)


def test_management_pages_answer_under_their_reference(stack: Stack) -> None:
    ask = "exec 3<>/dev/tcp/mq/15672; printf 'GET / HTTP/1.0\\r\\n\\r\\n' >&3; head -n 1 <&3"
    assert " 200 " in stack.exec("mq", "bash", "-c", ask)


def test_no_database_is_ready_before_it_has_its_users(stack: Stack, tmp_path: Path) -> None:
    """While the data is made, a server runs that nobody else reaches: `healthy` must wait for the real one."""
    spec = (
        f"envgen: 1\nname: early\nservices:\n  shop:\n    preset: mariadb\n    image: '{RUN['shop'][1]}'\n"
        "    environment: {STANDIN_INIT_SECONDS: '6'}\n"
    )
    assert stack.folder != tmp_path
    early = Stack.of_files({"envgen.yaml": spec}, tmp_path)
    try:
        early.compose("up", "--detach")
        assert eventually(lambda: "ready for connections" in early.compose("logs", "--no-color"), seconds=60)
        assert health(early, "shop") != 0
        early.compose("up", "--wait", timeout=TIMEOUT)
        assert health(early, "shop") == 0
    finally:
        early.compose("down", "--volumes")
