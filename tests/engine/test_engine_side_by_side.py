"""Node 14 and Node 16 next to each other, sharing a database and a cache and nothing else."""

import json
import time
import uuid
from collections.abc import Iterator

import pytest
from compose_stack import Stack, eventually, published

pytestmark = pytest.mark.engine

EXAMPLE = "node-side-by-side"
APPS = {"legacy": "v14.", "web": "v16."}
STORES = ("db", "cache")
SERVICES = (*APPS, *STORES)
NEIGHBOUR = {"legacy": "web", "web": "legacy"}

# of all that a process in the container can see; some are gone before they are read
COMMAND_LINES = """
  fs.readdirSync('/proc').filter((name) => /^[0-9]+$/.test(name))
    .map((pid) => { try { return fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8') } catch { return '' } })
"""


@pytest.mark.parametrize("service", SERVICES)
def test_is_healthy(stack: Stack, service: str) -> None:
    state = stack.container(service)["State"]
    assert state["Status"] == "running"
    assert state["Health"]["Status"] == "healthy"


def test_nothing_else_runs(stack: Stack) -> None:
    assert sorted(stack.compose("ps", "--services").split()) == sorted(SERVICES)


@pytest.mark.parametrize("app", APPS)
class TestApp:
    def test_runs_its_own_node(self, stack: Stack, app: str) -> None:
        assert stack.get(app).body["node"].startswith(APPS[app])
        assert stack.node(app, "process.version").startswith(APPS[app])

    def test_answers_its_health_check(self, stack: Stack, app: str) -> None:
        answer = stack.get(app, "/healthz")
        assert (answer.status, answer.body) == (200, {"status": "ok"})

    def test_reaches_database_and_cache(self, stack: Stack, app: str) -> None:
        answer = stack.get(app)
        assert (answer.status, answer.body["database"], answer.body["cache"]) == (200, "ok", "ok")

    def test_runs_as_the_user_of_the_spec(self, stack: Stack, app: str) -> None:
        user = stack.config["services"][app].get("user") or stack.container(app)["Config"]["User"]
        uid = int(user.split(":")[0])
        assert uid != 0
        assert stack.get(app).body["uid"] == uid
        assert stack.exec(app, "id", "-u") == str(uid)

    def test_process_is_out_of_the_neighbours_sight(self, stack: Stack, app: str) -> None:
        mark = f"mark-{uuid.uuid4().hex}"

        def sees_mark(observer: str) -> bool:
            return any(mark in command_line for command_line in stack.node(observer, COMMAND_LINES))

        stack.compose("exec", "--detach", app, "node", "--eval", "setTimeout(() => {}, 30000)", mark)
        assert eventually(lambda: sees_mark(app)), "the search finds nothing, so this proves nothing"
        assert not sees_mark(NEIGHBOUR[app])

    def test_file_is_out_of_the_neighbours_sight(self, stack: Stack, app: str) -> None:
        path = f"/tmp/mark-{uuid.uuid4().hex}"
        stack.node(app, f"fs.writeFileSync('{path}', 'here')")
        assert stack.node(app, f"fs.existsSync('{path}')") is True
        assert stack.node(NEIGHBOUR[app], f"fs.existsSync('{path}')") is False

    def test_root_file_system_is_read_only(self, stack: Stack, app: str) -> None:
        for path in ("/app/mark", "/mark"):
            write = f"fs.writeFileSync('{path}', ''); return 'written'"
            outcome = stack.node(app, f"(() => {{ try {{ {write} }} catch (error) {{ return error.code }} }})()")
            assert outcome == "EROFS"

    def test_development_dependencies_stay_out_of_the_image(self, stack: Stack, app: str) -> None:
        package = json.loads((stack.folder / app / "package.json").read_text())
        installed = stack.node(app, "fs.readdirSync('node_modules')")
        assert set(installed) >= package["dependencies"].keys()
        assert package["devDependencies"].keys(), "the example has none, so this proves nothing"
        assert not set(installed) & package["devDependencies"].keys()

    def test_heap_fits_the_memory_limit(self, stack: Stack, app: str) -> None:
        limit = stack.container(app)["HostConfig"]["Memory"]
        assert limit > 0
        old_space = stack.node(app, "Number(/--max-old-space-size=(\\d+)/.exec(process.env.NODE_OPTIONS)[1])") * 2**20
        assert 0.5 * limit <= old_space <= 0.9 * limit
        # and Node has taken it to heart: what V8 adds on top still fits
        assert old_space <= stack.node(app, "v8.getHeapStatistics().heap_size_limit") < limit

    def test_number_of_processes_is_limited(self, stack: Stack, app: str) -> None:
        assert (stack.container(app)["HostConfig"]["PidsLimit"] or 0) > 0

    def test_is_published_on_loopback_only(self, stack: Stack, app: str) -> None:
        hosts = [host for host, _ in published(stack.container(app))]
        assert hosts
        assert set(hosts) <= {"127.0.0.1", "::1"}


@pytest.mark.parametrize("service", STORES)
def test_store_is_not_published(stack: Stack, service: str) -> None:
    assert list(published(stack.container(service))) == []


@pytest.mark.parametrize("service", SERVICES)
def test_has_no_capabilities(stack: Stack, service: str) -> None:
    # /proc/1 is the service's own process or the init that started it, not the process that reads it
    status = dict(line.split(":", 1) for line in stack.exec(service, "cat", "/proc/1/status").splitlines())
    assert int(status["CapEff"], 16) == 0
    assert int(status["CapBnd"], 16) == 0
    assert int(status["NoNewPrivs"]) == 1


@pytest.mark.parametrize("service", SERVICES)
def test_shares_nothing_with_the_host(stack: Stack, service: str) -> None:
    container = stack.container(service)
    host = container["HostConfig"]
    assert host["Privileged"] is False
    assert {host["PidMode"], host["IpcMode"], host["NetworkMode"], host["UsernsMode"]}.isdisjoint({"host"})
    # compose delivers a secret of a file as a read-only mount of that one file
    mounts = [mount for mount in container["Mounts"] if mount["Type"] == "bind"]
    assert all(mount["Destination"].startswith("/run/secrets/") and not mount["RW"] for mount in mounts)


def test_what_is_stored_is_counted(stack: Stack) -> None:
    order = stack.post("legacy", "/orders", {"customer": "Ada", "cents": 995}).body["id"]
    lookups = [stack.get("legacy", f"/orders/{order}").body["lookups"] for _ in range(3)]
    assert lookups == [1, 2, 3]

    before = stack.get("web").body["purchases"]
    assert stack.post("web", "/purchases", {"sku": "mug", "quantity": 2}).status == 201
    assert stack.get("web").body["purchases"] == before + 2


@pytest.mark.parametrize(("store", "failed"), [("db", "database"), ("cache", "cache")])
def test_says_which_dependency_failed_and_recovers(stack: Stack, store: str, failed: str) -> None:
    stack.compose("stop", store)
    try:
        for app in APPS:
            answer = stack.get(app)
            assert (answer.status, answer.body["failed"]) == (503, failed)
            assert stack.get(app, "/healthz").status == 200
    finally:
        stack.up()
    # clients come back to a store that came back, in their own time
    assert eventually(lambda: all(stack.get(app).status == 200 for app in APPS))


class TestLifeCycle:
    """Each of these stops something; each leaves everything running."""

    @pytest.fixture(autouse=True)
    def running(self, stack: Stack) -> Iterator[None]:
        yield
        stack.up()

    def test_a_second_up_changes_nothing(self, stack: Stack) -> None:
        def identities() -> dict[str, tuple[str, str]]:
            containers = {service: stack.container(service) for service in SERVICES}
            return {service: (container["Id"], container["Image"]) for service, container in containers.items()}

        before = identities()
        stack.up()
        assert identities() == before

    def test_stops_quickly_and_by_itself(self, stack: Stack) -> None:
        started = time.monotonic()
        stack.compose("stop", *APPS)
        assert time.monotonic() - started < 5, "compose kills after ten seconds"
        assert {app: stack.container(app)["State"]["ExitCode"] for app in APPS} == dict.fromkeys(APPS, 0)

    def test_stores_stop_by_themselves(self, stack: Stack) -> None:
        stack.compose("stop")
        assert {store: stack.container(store)["State"]["ExitCode"] for store in STORES} == dict.fromkeys(STORES, 0)

    def test_data_survives_down(self, stack: Stack) -> None:
        order = stack.post("legacy", "/orders", {"customer": "Grace", "cents": 1906}).body
        purchase = stack.post("web", "/purchases", {"sku": "tea", "quantity": 1}).body
        stack.compose("down")
        stack.up()
        assert stack.get("legacy", f"/orders/{order['id']}").body["customer"] == "Grace"
        assert purchase in stack.get("web", "/purchases").body
