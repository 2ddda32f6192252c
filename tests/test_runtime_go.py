"""Go: which package is built, how, and on what it runs."""

import json
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
from oracles import program
from plans import problems_of

from envgen.build_context import read_context
from envgen.finding import EnvgenError
from envgen.plan import Context, Plan, resolve
from envgen.render import render
from envgen.runtimes import _probes
from envgen.runtimes.go import LANGUAGE
from envgen.source import parse
from envgen.spec import load

MAIN = "package main\n\nfunc main() {}\n"
MODULE = "module example.com/shop\n\ngo 1.27\n"
FILES: Mapping[str, str | None] = {"go.mod": MODULE, "main.go": MAIN}


def plan(files: Mapping[str, str | None] | None, uses: object = "go@1.27", **service: object) -> Plan:
    spec = {"envgen": 1, "name": "p", "services": {"a": {"uses": uses, **service}}}
    return resolve(
        load(parse(json.dumps(spec), "envgen.json")), {".": Context(files=files)} if files is not None else {}
    )


def dockerfile(files: Mapping[str, str | None] | None = FILES, uses: object = "go@1.27", **service: object) -> str:
    return next(one.text for one in render(plan(files, uses, **service)) if one.path == "a.Dockerfile")


def troubles(files: Mapping[str, str | None], uses: object = "go@1.27", **service: object) -> list[str]:
    try:
        plan(files, uses, **service)
    except EnvgenError as error:
        return [f"{finding.message} [{finding.hint}]" for finding in error.findings]
    return []


def built(text: str) -> str:
    """The command that builds."""
    return next(line.strip() for line in text.splitlines() if "go build" in line)


def variant(name: str) -> dict[str, str]:
    return {"language": "go", "version": "1.27", "variant": name}


@pytest.mark.parametrize(
    ("files", "app", "package", "command"),
    [
        ({"main.go": MAIN}, None, ".", "/app/shop"),
        ({"server.go": MAIN, "cmd/tool/main.go": MAIN}, None, ".", "/app/shop"),
        ({"cmd/api/main.go": MAIN}, None, "./cmd/api", "/app/api"),
        ({"shop.go": "package shop\n", "cmd/api/main.go": MAIN, "web/main.go": MAIN}, None, "./cmd/api", "/app/api"),
        ({"server/main.go": MAIN, "examples/x/main.go": MAIN}, None, "./server", "/app/server"),
        ({"gen.go": "//go:build ignore\n\n" + MAIN, "cmd/a/main.go": MAIN}, None, "./cmd/a", "/app/a"),
        ({"x_test.go": MAIN, "cmd/a/main.go": MAIN, "tools/go.mod": "module t\n", "tools/main.go": MAIN}, None,
         "./cmd/a", "/app/a"),
        ({"cmd/a/main.go": MAIN, "cmd/b/main.go": MAIN}, "./cmd/b/", "./cmd/b", "/app/b"),
        ({"main.go": MAIN}, ".", ".", "/app/shop"),
    ],
)  # fmt: skip
def test_the_main_package_that_is_meant(files: Mapping[str, str], app: str | None, package: str, command: str) -> None:
    text = dockerfile({"go.mod": MODULE, **files}, build={"app": app} if app else {})
    assert built(text).endswith(f" -o /out/{command.removeprefix('/app/')} {package}")
    assert text.endswith(f'CMD ["{command}"]\n')


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("module example.com/shop/v2 // here", "shop"), ("module (\n\texample.com/x\n)", "x"),
        ('module "a.org/b"', "b"),
        ("module shop", "shop"), ("", "app"), ("module example.com/x.go", "x"), ("module v3", "app"),
    ],
)  # fmt: skip
def test_a_binary_of_the_root_has_the_modules_name(module: str, name: str) -> None:
    assert f'CMD ["/app/{name}"]' in dockerfile({"go.mod": f"{module}\n\ngo 1.27\n", "main.go": MAIN})


def test_of_an_unknown_context_all_is_as_usual() -> None:
    text = dockerfile(None)
    assert "COPY go.mod go.sum ./\n" in text
    assert built(text).endswith("-o /out/app .")


def test_modules_are_a_layer_of_their_own_and_kept_between_builds() -> None:
    text = dockerfile()
    stage = text.partition(" AS build\n")[2].partition("FROM ")[0]
    assert re.findall(r"^(?:COPY .*|    go .*)$", stage, re.MULTILINE) == [
        "COPY go.mod go.sum* ./", "    go mod download", "COPY . .",
        "    go build -trimpath -ldflags='-s -w' -o /out/shop .",
    ]  # fmt: skip
    assert stage.count("--mount=type=cache,target=/go/pkg/mod") == 2
    assert stage.count("--mount=type=cache,target=/root/.cache/go-build") == 1
    assert "--mount" not in dockerfile(build={"target": "dev"}, command=["x"]).partition(" AS dev\n")[2]


WORK = "go 1.27\n\nuse (\n\t./a // the app\n\t./lib\n)\n"


def test_a_workspace_is_built_from_its_folder() -> None:
    files = {
        "go.work": WORK, "go.work.sum": "", "a/go.mod": "module a\n", "a/go.sum": "", "a/cmd/srv/main.go": MAIN,
        "lib/go.mod": "module lib\n\nreplace x => ../x\n", "x/go.mod": "module x\n", "other/go.mod": "module o\n",
    }  # fmt: skip
    text = dockerfile(files)
    assert (
        "COPY go.work go.work.sum ./\nCOPY a/go.mod a/go.sum ./a/\nCOPY lib/go.mod ./lib/\nCOPY x/go.mod ./x/\n" in text
    )
    assert built(text).endswith("-o /out/srv ./a/cmd/srv")
    assert "other/" not in text


def test_a_module_below_the_context_may_use_its_neighbours() -> None:
    files = {"svc/go.mod": "module s\n\nreplace l => ../lib\n", "svc/main.go": MAIN, "lib/go.mod": "module l\n"}
    text = dockerfile(files, build={"app": "svc"})
    assert "COPY svc/go.mod svc/go.sum* ./svc/\nCOPY lib/go.mod ./lib/\n" in text
    assert "    go mod download -C svc\n" in text
    assert built(text) == "go build -C svc -trimpath -ldflags='-s -w' -o /out/svc ."


def test_what_is_vendored_is_not_downloaded() -> None:
    text = dockerfile({**FILES, "vendor/modules.txt": "# x\n"})
    assert "go mod download" not in text


@pytest.mark.parametrize(
    ("uses", "options", "base", "flags"),
    [
        ("go@1.27", {}, "gcr.io/distroless/static-debian13:nonroot", ["-ldflags='-s -w'"]),
        ("go@1.27", {"cgo": True}, "gcr.io/distroless/base-debian13:nonroot", []),
        ("go@1.27", {"base": "scratch"}, "scratch", ["-tags=timetzdata"]),
        ("go@1.27", {"base": "scratch", "cgo": True}, "scratch",
         ["-linkmode external -extldflags -static", "-tags=netgo,osusergo,timetzdata"]),
        ("go@1.27", {"base": "slim"}, "debian:trixie-slim", []),
        (variant("bookworm"), {}, "gcr.io/distroless/static-debian12:nonroot", []),
        (variant("bookworm"), {"base": "slim", "cgo": True}, "debian:bookworm-slim", []),
        (variant("alpine3.24"), {}, "gcr.io/distroless/static-debian13:nonroot", []),
        (variant("alpine3.24"), {"cgo": True}, "alpine:3.24", []),
        (variant("alpine"), {"cgo": True, "base": "distroless"}, "gcr.io/distroless/static-debian13:nonroot",
         ["-extldflags -static"]),
        ("go@1.27", {"tags": ["a", "b"]}, "gcr.io/distroless/static-debian13:nonroot", ["-tags=a,b"]),
        ("go@1.27", {"ldflags": "-X main.v=$V"}, "gcr.io/distroless/static-debian13:nonroot",
         ['-ldflags="-s -w -X main.v=$V"']),
    ],
)  # fmt: skip
def test_what_it_runs_on(uses: object, options: Mapping[str, object], base: str, flags: list[str]) -> None:
    text = dockerfile(uses=uses, build={"options": options})
    assert f"FROM {base} AS base\n" in text
    assert all(flag in built(text) for flag in flags)
    assert f"CGO_ENABLED={1 if options.get('cgo') else 0}\n" in text
    assert ("apk add --no-cache gcc musl-dev" in text) == (bool(options.get("cgo")) and "alpine" in str(uses))


def test_from_scratch_the_certificates_come_along_once() -> None:
    text = dockerfile(build={"options": {"base": "scratch"}, "certificates": ["a.crt"]})
    assert text.count("/etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt") == 1
    assert "base.name" not in text


def test_other_platforms_are_compiled_for_and_not_emulated_but_with_c() -> None:
    text = dockerfile(build={"platforms": ["linux/amd64", "linux/arm64"]})
    assert "FROM --platform=$BUILDPLATFORM golang:1.27-trixie AS builder\n" in text
    assert built(text).startswith("GOOS=$TARGETOS GOARCH=$TARGETARCH go build ")
    assert "ARG TARGETARCH\n" in text
    emulated = dockerfile(build={"platforms": ["linux/arm64"], "options": {"cgo": True}})
    assert "BUILDPLATFORM" not in emulated
    assert "TARGETARCH" not in emulated


ASSETS = {"uses": "node@24", "run": "npm run build", "files": ["web/dist"]}
WITH_NODE: Mapping[str, str | None] = {**FILES, "package.json": "{}", "package-lock.json": '{"lockfileVersion": 3}'}


def test_assets_lie_beside_the_binary_or_in_it() -> None:
    beside, inside = (
        dockerfile(WITH_NODE, build={"assets": ASSETS, "options": {"embed": embed}}) for embed in (False, True)
    )
    assert "COPY --from=assets --chown=10001:10001 /app/web/dist ./web/dist\n" in beside.partition(" AS runtime\n")[2]
    assert "COPY --from=assets" not in beside.partition(" AS runtime\n")[0]
    stage = inside.partition(" AS build\n")[2].partition("FROM ")[0]
    assert (
        stage.index("COPY . .") < stage.index("COPY --from=assets /app/web/dist ./web/dist\n") < stage.index("go build")
    )
    assert "COPY --from=assets" not in inside.partition(" AS runtime\n")[2]


def test_a_build_of_ones_own_names_what_it_makes() -> None:
    text = dockerfile(build={"run": "make", "files": ["bin/server"]}, command=["/app/bin/server"])
    assert "/out/" not in text
    assert "COPY --from=build --chown=10001:10001 /app/bin/server ./bin/server\n" in text
    with pytest.raises(EnvgenError, match="has no command"):
        dockerfile(build={"run": "make", "files": ["bin/server"]})


@pytest.mark.parametrize(
    ("uses", "files", "message"),
    [
        ("go@1.27", {"go.mod": None}, "go.mod: the file is not there"),
        ("go@1.27", {"go.mod": None, "svc/go.mod": "module s\n"}, "name its main package as `app`: svc"),
        ("go@1.26", {"go.mod": "module s\n\ngo 1.27.1\n"}, "it asks for Go 1.27, and the image has 1.26 [use go@1.27"),
        ("go@1.26", {"go.mod": "module s\n\nrequire x v1.0.0\ngo 1.26.4\n", "go.sum": ""}, None),
        ("go@1.26.1", {"go.mod": "module s\n\ngo 1.26.4\n"}, "it asks for Go 1.26.4, and the image has 1.26.1"),
        ("go@1.20", {"go.mod": "module s\n\ngo 1.21.0\n"}, "it says `go 1.21.0`, which Go 1.20 can't read"),
        ("go@1.19", {"go.mod": "module s\n\ngo 1.20\n"}, None),
        ("go@1.27", {"go.mod": "module s\n\nrequire (\n\tx v1.0.0\n)\n"}, "go.sum: the file is not there"),
        ("go@1.27", {"go.mod": "module s\n// require x v1\n"}, None),
        ("go@1.27", {"go.mod": "module s\n\nreplace x v1 => ../x\n"}, "it uses ../x, which is outside of the context"),
        ("go@1.27", {"main.go": None, "cmd/a/main.go": MAIN, "cmd/b/main.go": MAIN},
         "there are several main packages: ./cmd/a, ./cmd/b [choose one with `app`, such as app: ./cmd/a]"),
        ("go@1.27", {"main.go": None, "shop.go": "package shop\n"}, "no main package is found"),
    ],
)  # fmt: skip
def test_what_a_build_would_trip_over(uses: str, files: Mapping[str, str | None], message: str | None) -> None:
    eol = {"language": "go", "version": uses.removeprefix("go@")}
    found = troubles({**FILES, **files}, eol)
    assert (len(found) == 1 and message in found[0]) if message else found == []


def test_a_module_of_another_folder_needs_a_newer_go() -> None:
    found = troubles({"svc/go.mod": "module s\n", "svc/main.go": MAIN}, {"language": "go", "version": "1.19"},
                     build={"app": "svc"})  # fmt: skip
    assert len(found) == 1
    assert "Go 1.19 builds no module of another folder" in found[0]


def test_a_build_of_ones_own_needs_no_main_package() -> None:
    assert troubles({"go.mod": MODULE}, build={"run": "make", "files": ["bin"]}, command=["bin/x"]) == []


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("{base: alpine}", "`base` has to be one of distroless, scratch, slim"),
        ("{ldflags: '-X \"a\"'}", "`ldflags` has to be text on one line"),
        ("{tags: 'a b'}", "`tags` has to be a list of words"),
        ("{tags: ['a b']}", "`tags` has to be a list of words"),
        ("{race: true}", "Go has no option `race`"),
    ],
)
def test_options_that_can_not_be(options: str, message: str) -> None:
    assert message in problems_of(f"services: {{a: {{uses: go@1.27, build: {{options: {options}}}}}}}")[0]


def test_an_image_without_a_shell_tells_who_can_ask() -> None:
    (found,) = problems_of("services: {a: {uses: go@1.27, ports: ['80:80'], healthcheck: {http: /}}}")
    assert "such as your own: [CMD, /app/NAME, health]" in found


@pytest.mark.parametrize(("limit", "flag"), [(256 << 20, "230MiB"), (1 << 30, "921MiB"), (1 << 20, "16MiB")])
def test_the_heap_leaves_room_in_the_limit(limit: int, flag: str) -> None:
    assert LANGUAGE.memory_flag
    assert LANGUAGE.memory_flag(limit) == ("GOMEMLIMIT", flag)


def test_the_probe_of_a_debian_without_tools_reads_the_answer(tmp_path: Path) -> None:
    """A server of bash's own would be another program: Python's answers, the probe asks."""
    server = (
        "import http.server as s\n"
        "class H(s.BaseHTTPRequestHandler):\n"
        "    def do_GET(self):\n"
        "        self.send_response(int(self.path[1:4])); self.end_headers(); self.wfile.write(b'x' * 100000)\n"
        "    def log_message(self, *a): print(self.path, flush=True)\n"
        "h = s.HTTPServer(('127.0.0.1', 0), H); print(h.server_port, flush=True); h.serve_forever()\n"
    )
    python = program("python")
    with subprocess.Popen([python, "-c", server], stdout=subprocess.PIPE, text=True, cwd=tmp_path) as running:
        assert running.stdout
        try:
            port = int(running.stdout.readline())
            for path, ok in [("/200?a=b&c='d'", True), ("/302%20", True), ("/404", False), ("/500", False)]:
                done = subprocess.run(_probes.bash(port, path), capture_output=True, text=True, check=False)
                assert (done.returncode == 0, done.stdout) == (ok, ""), (path, done)
                assert running.stdout.readline().strip() == path
        finally:
            running.terminate()
    assert subprocess.run(_probes.bash(port, "/"), capture_output=True, check=False).returncode != 0


def test_manifests_in_a_folder_named_bin_are_seen_unless_dotnet_made_it(tmp_path: Path) -> None:
    for name in ("crates/bin/web/go.mod", "app/bin/go.mod", "app/app.csproj"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("module x\n")
    assert set(read_context(tmp_path, ["**/go.mod"]).files) == {"crates/bin/web/go.mod"}
