"""`envgen ports` as a user meets it: the table, what --allocate writes, and what it leaves alone."""

import json
import os
import shutil
import socket
import stat
import subprocess
from collections.abc import Callable
from contextlib import closing
from ipaddress import IPv4Network
from pathlib import Path
from typing import NamedTuple

import pytest
from oracles import program

from envgen import checkout, cli

SPEC = """envgen: 1
name: shop
services:
  web:
    image: nginx:1.27
    ports: ["127.0.0.1:${WEB_PORT:-8080}:80", "${DNS_PORT:-53}:53/udp"]
"""


class Result(NamedTuple):
    code: int
    out: str
    err: str


Run = Callable[..., Result]


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs envgen in the checkout tmp_path/shop."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    for name in ("COMPOSE_PROJECT_NAME", "WEB_PORT", "DNS_PORT", "ENVGEN_SUBNET_PREFIX"):
        monkeypatch.delenv(name, raising=False)
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "envgen.yaml").write_text(SPEC)
    monkeypatch.chdir(folder)

    def call(*arguments: str) -> Result:
        with pytest.raises(SystemExit) as exited:
            cli.main(["ports", *arguments])
        out, err = capfd.readouterr()
        assert "Traceback" not in err
        return Result(exited.value.code if isinstance(exited.value.code, int) else 0, out, err)

    return call


def allocated(path: str = ".env") -> dict[str, str]:
    lines = Path(path).read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if not line.startswith("#"))


# the table


def test_table(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    Path(".env").write_text("WEB_PORT=9000\n")
    monkeypatch.setenv("DNS_PORT", "5353")
    assert run().out == (
        "SERVICE  CONTAINER  HOST            SET BY\n"
        "web      80/tcp     127.0.0.1:9000  WEB_PORT (9000 from .env)\n"
        "web      53/udp     *:5353          DNS_PORT (5353 from the shell)\n"
    )


def test_table_of_other_kinds(run: Run) -> None:
    services = "  a: {image: x, ports: ['80']}\n  b: {image: x, network_mode: host, ports: ['81:81']}\n"
    Path("envgen.yaml").write_text(SPEC.split("  web:", maxsplit=1)[0] + services)
    result = run()
    assert result.out.splitlines()[1:] == [
        "a        80/tcp     *:any free port  the spec",
        "b        81/tcp     *:81             not published: network_mode is host",
    ]
    Path("envgen.yaml").write_text(SPEC.split("    ports", maxsplit=1)[0])
    assert run().out == "no service publishes a port\n"


def test_json(run: Run) -> None:
    data = json.loads(run("--json").out)
    assert (data["version"], data["project"], data["collisions"]) == (1, "shop", [])
    assert data["ports"][0] == {
        "environment": None,
        "service": "web",
        "container_port": "80",
        "protocol": "tcp",
        "host_ip": "127.0.0.1",
        "host_port": "8080",
        "variables": [{"name": "WEB_PORT", "value": None, "origin": "default"}],
        "profiles": [],
        "discarded": None,
    }


def test_what_collides_by_the_values_of_env_is_found(run: Run) -> None:
    Path("envgen.yaml").write_text(SPEC + "  api: {image: x, ports: ['${API_PORT:-81}:1']}\n")
    assert run().code == 0
    Path(".env").write_text("API_PORT=8080\n")
    result = run()
    assert result.code == 1
    assert result.err == "envgen: `web` and `api` would both publish the host port 8080/tcp\n"
    assert json.loads(run("--json").out)["collisions"] == [
        {"services": ["web", "api"], "host_port": 8080, "protocol": "tcp"}
    ]


ENVIRONMENTS = SPEC + "environments: {dev: {services: {web: {ports: ['${DEBUG_PORT:-9229}:9229']}}}}\n"


def test_environments(run: Run) -> None:
    Path("envgen.yaml").write_text(ENVIRONMENTS)
    assert run().out.splitlines() == [
        "ENVIRONMENT  SERVICE  CONTAINER  HOST            SET BY",
        "-            web      80/tcp     127.0.0.1:8080  WEB_PORT (default)",
        "-            web      53/udp     *:53            DNS_PORT (default)",
        "dev          web      9229/tcp   *:9229          DEBUG_PORT (default)",
    ]
    (one,) = json.loads(run("--environment", "dev", "--json").out)["ports"]
    assert (one["environment"], one["host_port"]) == ("dev", "9229")
    run("--allocate")
    assert "DEBUG_PORT" in allocated()


# --allocate


def test_a_new_env_file_is_the_owners_alone(run: Run) -> None:
    result = run("--allocate")
    assert (result.code, result.err) == (0, "envgen: wrote 4 variables to .env\n")
    assert stat.S_IMODE(Path(".env").stat().st_mode) == 0o600
    assert result.out == "".join(f"{name}={value}\n" for name, value in allocated().items())
    assert list(allocated()) == ["COMPOSE_PROJECT_NAME", "WEB_PORT", "DNS_PORT", "ENVGEN_SUBNET_PREFIX"]
    assert {path.name for path in Path().iterdir()} == {"envgen.yaml", ".env"}


def test_a_second_run_changes_nothing(run: Run) -> None:
    run("--allocate")
    before = Path(".env").stat()
    with closing(socket.create_server(("127.0.0.1", int(allocated()["WEB_PORT"])))):  # the stack is up
        result = run("--allocate")
    after = Path(".env").stat()
    assert result.err == "envgen: .env is up to date\n"
    assert (after.st_mtime_ns, after.st_ino) == (before.st_mtime_ns, before.st_ino)


@pytest.mark.parametrize("text", [b"# mine\r\nA='x'\r\n", b"A=1", b"\xef\xbb\xbfB=${A}\n\n\n", b"WEB_PORT=80\n"])
def test_the_users_lines_stay(run: Run, text: bytes) -> None:
    Path(".env").write_bytes(text)
    Path(".env").chmod(0o640)
    assert run("--allocate").code == 0
    content = Path(".env").read_bytes()
    assert content.startswith(text)
    assert stat.S_IMODE(Path(".env").stat().st_mode) == 0o640
    assert (b"WEB_PORT=" in content[len(text) :]) is (b"WEB_PORT" not in text)


def test_names_that_the_user_set_are_theirs(run: Run) -> None:
    Path(".env").write_text("COMPOSE_PROJECT_NAME=mine\nWEB_PORT=81\n")
    run("--allocate")
    assert allocated()["COMPOSE_PROJECT_NAME"] == "mine"
    assert allocated()["WEB_PORT"] == "81"


def test_dry_run_changes_nothing(run: Run, tmp_path: Path) -> None:
    result = run("--allocate", "--dry-run")
    assert result.err == "envgen: would write 4 variables to .env\n"
    assert not Path(".env").exists()
    run("--allocate")
    assert result.out == "".join(f"{name}={value}\n" for name, value in allocated().items())
    assert (tmp_path / "state/envgen/checkouts").read_text() == f"{Path.cwd()}\n"


def test_json_of_an_allocation_shows_what_it_led_to(run: Run) -> None:
    data = json.loads(run("--allocate", "--json").out)
    assert data["project"] == allocated()["COMPOSE_PROJECT_NAME"]
    assert [one["host_port"] for one in data["ports"]] == [allocated()["WEB_PORT"], allocated()["DNS_PORT"]]
    assert data["ports"][0]["variables"][0]["origin"] == ".env"


def test_two_checkouts_share_nothing_also_where_one_is_a_copy(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("--allocate")
    shutil.copytree(tmp_path / "shop", tmp_path / "copy")
    monkeypatch.chdir(tmp_path / "copy")
    run("--allocate")
    one, other = allocated(str(tmp_path / "shop/.env")), allocated()
    assert one.keys() == other.keys()
    assert not set(one.values()) & set(other.values())
    shutil.rmtree(tmp_path / "shop")
    (tmp_path / "copy").rename(tmp_path / "moved")
    monkeypatch.chdir(tmp_path / "moved")
    run("--allocate")
    assert allocated() == other
    assert (tmp_path / "state/envgen/checkouts").read_text() == f"{tmp_path / 'moved'}\n"


def test_another_checkouts_ports_are_known_while_it_is_down(run: Run, tmp_path: Path) -> None:
    wanted = run("--allocate", "--dry-run").out  # where the hash of the path leads to
    shutil.copytree(tmp_path / "shop", tmp_path / "other")
    (tmp_path / "other/.env").write_text(
        f"# >>> envgen ports\n# checkout: {tmp_path / 'other'}\n{wanted}# <<< envgen ports\n"
    )
    (tmp_path / "state/envgen/checkouts").write_text(f"{tmp_path / 'other'}\n{tmp_path / 'gone'}\n")
    run("--allocate")
    assert not {value for name, value in allocated().items() if "COMPOSE" not in name} & {
        line.split("=")[1] for line in wanted.splitlines()
    }
    assert str(tmp_path / "gone") not in (tmp_path / "state/envgen/checkouts").read_text()


def test_without_a_place_to_remember_it_works_all_the_same(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    assert run("--allocate").code == 0
    assert len(allocated()) == 4


@pytest.mark.parametrize(("family", "kind"), [(4, "tcp"), (4, "udp"), (6, "tcp"), (6, "udp")])
def test_a_port_that_somebody_uses_is_not_taken(run: Run, family: int, kind: str) -> None:
    port = int(run("--allocate", "--dry-run").out.split("WEB_PORT=")[1].split()[0])
    families = {4: (socket.AF_INET, "127.0.0.1"), 6: (socket.AF_INET6, "::1")}
    with closing(socket.socket(families[family][0], socket.SOCK_STREAM if kind == "tcp" else socket.SOCK_DGRAM)) as one:
        try:
            one.bind((families[family][1], port))
        except OSError as error:
            pytest.skip(f"this machine has no IPv{family}: {error}")
        if kind == "tcp":
            one.listen()
        run("--allocate")
    assert allocated()["WEB_PORT"] != str(port)


def test_a_routed_network_is_not_taken(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    prefix = run("--allocate", "--dry-run").out.split("PREFIX=")[1].strip()
    monkeypatch.setattr(checkout, "routes", lambda: (IPv4Network(f"{prefix}.7.0/24"), IPv4Network("10.0.0.0/8")))
    run("--allocate")
    assert allocated()["ENVGEN_SUBNET_PREFIX"] != prefix


def test_routes_of_the_kernel(tmp_path: Path) -> None:
    table = tmp_path / "route"
    head = "Iface Destination Gateway Flags RefCnt Use Metric Mask MTU Window IRTT\n"
    table.write_text(
        f"{head}eth0 00000000 010011AC 3 0 0 0 00000000 0 0 0\ndocker0 000011AC 0 1 0 0 0 0000FFFF 0 0 0\n"
    )
    assert checkout.routes(table) == (IPv4Network("172.17.0.0/16"),)
    assert checkout.routes(tmp_path / "none") == ()
    table.write_text("32768\t60999\n")
    assert checkout.outgoing_ports(table) == range(32768, 61000)
    assert checkout.outgoing_ports(tmp_path / "none") == range(0)


def test_a_fixed_port_of_the_spec_is_not_given_to_another(run: Run) -> None:
    port = run("--allocate", "--dry-run").out.split("WEB_PORT=")[1].split()[0]
    Path("envgen.yaml").write_text(SPEC + f"  old: {{image: x, ports: ['{port}:1']}}\n")
    result = run("--allocate")
    assert allocated()["WEB_PORT"] != port
    assert f"the host port {port} of `old` is fixed: set it by a variable, such as ${{OLD_PORT:-{port}}}" in result.err


def test_what_stands_in_the_way_is_said(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("envgen.yaml").write_text(SPEC + "    container_name: web\n    environment: {A: '${NEEDED:?}'}\n")
    monkeypatch.setenv("WEB_PORT", "80")
    err = run("--allocate").err
    assert "WEB_PORT is set in your shell, too, which wins over .env" in err
    assert "the container name web of `web` is fixed" in err
    assert "still missing in .env: NEEDED; .env.example explains them" in err


def test_compose_takes_what_was_written(run: Run) -> None:
    network = 'networks: {default: {ipam: {config: [{subnet: "${ENVGEN_SUBNET_PREFIX:-10.16}.1.0/24"}]}}}\n'
    Path("envgen.yaml").write_text(SPEC + network)
    run("--allocate")
    with pytest.raises(SystemExit):
        cli.main(["render"])
    env = {name: value for name, value in os.environ.items() if not name.startswith("COMPOSE_")}
    done = subprocess.run([program("docker-compose"), "config", "--format", "json"], env=env, stdout=-1, check=True)
    told = json.loads(done.stdout)
    values = allocated()
    assert told["name"] == values["COMPOSE_PROJECT_NAME"] != "shop"  # it wins over `name: shop` of compose.yaml
    assert [one["published"] for one in told["services"]["web"]["ports"]] == [values["WEB_PORT"], values["DNS_PORT"]]
    assert told["networks"]["default"]["ipam"]["config"] == [{"subnet": f"{values['ENVGEN_SUBNET_PREFIX']}.1.0/24"}]


# wrong uses


@pytest.mark.parametrize(
    ("arguments", "env", "said"),
    [
        (["--dry-run"], None, "--dry-run goes with --allocate"),
        (["-", "--allocate"], None, "--allocate needs a folder to write .env into"),
        (["--environment", "dev"], None, "there is no environment `dev`"),
        (["--environment", "dev", "--allocate"], None, "--environment and --allocate don't go together"),
        (["nowhere.yaml"], None, "the spec can't be read"),
        (["--allocate"], b"A='x\n", ".env:1:1: error: the value has no closing '"),
        ([], b"A B=1\n", ".env:1:1: error: "),
        (["--allocate"], b"\xff\n", "the file is no UTF-8 text"),
        (
            ["--allocate"],
            b"A=1\n# >>> envgen ports\n",
            ".env:2:1: error: the block of envgen's that starts here doesn't end",
        ),
        (["--allocate"], b"# <<< envgen ports\n", ".env:1:1: error: a block of envgen's ends here that doesn't start"),
    ],
)
def test_wrong_uses_change_nothing(run: Run, arguments: list[str], env: bytes | None, said: str) -> None:
    if env is not None:
        Path(".env").write_bytes(env)
    before = {path.name: path.read_bytes() for path in Path().iterdir()}
    result = run(*arguments)
    assert result.code == 2
    assert said in result.out
    assert result.err.endswith("nothing was changed\n")
    assert {path.name: path.read_bytes() for path in Path().iterdir()} == before


@pytest.mark.parametrize("target", ["outside", "circle", "folder"])
def test_env_files_that_are_none(run: Run, tmp_path: Path, target: str) -> None:
    (tmp_path / "outside").write_text("A=1\n")
    if target == "folder":
        Path(".env").mkdir()
    else:
        Path(".env").symlink_to(tmp_path / "outside" if target == "outside" else ".env")
    result = run("--allocate")
    assert result.code == 2
    assert ".env:1:1: error: " in result.out
    assert (tmp_path / "outside").read_text() == "A=1\n"


def test_a_link_inside_of_the_project_is_followed(run: Run) -> None:
    Path("real.env").write_text("A=1\n")
    Path(".env").symlink_to("real.env")
    assert run("--allocate").code == 0
    assert Path(".env").is_symlink()
    assert Path("real.env").read_text().startswith("A=1\n# >>>")


def test_an_invalid_spec_allocates_nothing(run: Run) -> None:
    Path("envgen.yaml").write_text(SPEC + "  bad: {imagee: x}\n")
    result = run("--allocate")
    assert result.code == 2
    assert "envgen.yaml:7:9: error: " in result.out
    assert not Path(".env").exists()


def test_a_checkout_that_has_no_ports_left_says_so(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkout, "is_free", lambda _: False)
    result = run("--allocate")
    assert result.code == 2
    assert "of the ports 20000 to 29999 not enough are free" in result.out
    assert not Path(".env").exists()


def test_a_line_that_cannot_be_read_is_not_shown(run: Run) -> None:
    Path(".env").write_text("A=1\nhunter 2=hunter3\nhunter;4\n")
    result = run("--allocate")
    assert (result.code, "hunter" in result.out + result.err) == (2, False)
    assert ".env:2:1: error: the name of a variable can't hold a space" in result.out
