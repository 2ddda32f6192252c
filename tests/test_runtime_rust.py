"""Rust: which binary is built, how, and on what it runs."""

import json
import re
from collections.abc import Mapping

import pytest
from plans import problems_of

from envgen.finding import EnvgenError
from envgen.plan import Context, Plan, resolve
from envgen.render import render
from envgen.runtimes.rust import LANGUAGE
from envgen.source import parse
from envgen.spec import load

PACKAGE = '[package]\nname = "shop"\nversion = "0.1.0"\nedition = "2021"\n'
LOCK = "version = 3\n"
TWO = '[[bin]]\nname = "a"\n[[bin]]\nname = "b"\n'
FILES: Mapping[str, str | None] = {"Cargo.toml": PACKAGE, "Cargo.lock": LOCK, "src/main.rs": ""}
WORKSPACE: Mapping[str, str | None] = {
    "Cargo.toml": '[workspace]\nmembers = ["crates/*", "xtask"]\nexclude = ["crates/old"]\n'
    '[workspace.package]\nrust-version = "1.80"\n[workspace.dependencies]\nlib = {path = "lib"}\n',
    "Cargo.lock": LOCK,
    "crates/api/Cargo.toml": '[package]\nname = "shop-api"\nrust-version.workspace = true\n',
    "crates/api/src/main.rs": "",
    "crates/worker/Cargo.toml": '[package]\nname = "worker"\n[[bin]]\nname = "work"\npath = "src/w.rs"\n',
    "crates/old/Cargo.toml": '[package]\nname = "old"\n',
    "xtask/Cargo.toml": '[package]\nname = "xtask"\n[lib]\npath = "l.rs"\n[[bench]]\nname = "b"\n',
    "lib/Cargo.toml": '[package]\nname = "lib"\n',
}


def plan(files: Mapping[str, str | None] | None, uses: object = "rust@1.97", **service: object) -> Plan:
    spec = {"envgen": 1, "name": "p", "services": {"a": {"uses": uses, **service}}}
    return resolve(
        load(parse(json.dumps(spec), "envgen.json")), {".": Context(files=files)} if files is not None else {}
    )


def dockerfile(files: Mapping[str, str | None] | None = FILES, uses: object = "rust@1.97", **service: object) -> str:
    return next(one.text for one in render(plan(files, uses, **service)) if one.path == "a.Dockerfile")


def troubles(files: Mapping[str, str | None], uses: object = "rust@1.97", **service: object) -> list[str]:
    try:
        plan(files, uses, **service)
    except EnvgenError as error:
        return [f"{finding.message} [{finding.hint}]" for finding in error.findings]
    return []


def variant(name: str, version: str = "1.97") -> dict[str, str]:
    return {"language": "rust", "version": version, "variant": name}


@pytest.mark.parametrize(
    ("more", "app", "flags", "command"),
    [
        ({}, None, "--bin=shop", "/app/shop"),
        ({"Cargo.toml": PACKAGE + '[[bin]]\nname = "till"\npath = "src/main.rs"\n'}, None, "--bin=till", "/app/till"),
        ({"Cargo.toml": f'{PACKAGE}default-run = "b"\n{TWO}'}, None, "--bin=b", "/app/b"),
        ({"Cargo.toml": f"{PACKAGE}{TWO}"}, "b", "--bin=b", "/app/b"),
        ({}, "tool", "--bin=tool", "/app/tool"),
        ({"src/main.rs": None, "src/bin/web.rs": "", "src/bin/web/x.rs": ""}, None, "--bin=web", "/app/web"),
        ({"src/main.rs": None, "src/bin/web/main.rs": ""}, None, "--bin=web", "/app/web"),
        ({"Cargo.toml": PACKAGE + "autobins = false\n" + '[[bin]]\nname = "a"\n'}, None, "--bin=a", "/app/a"),
        (WORKSPACE, "work", "--package=worker --bin=work", "/app/work"),
        (WORKSPACE, "worker", "--package=worker --bin=work", "/app/work"),
        (WORKSPACE, "crates/api/", "--package=shop-api --bin=shop-api", "/app/shop-api"),
        (WORKSPACE, "hidden", "--workspace --bin=hidden", "/app/hidden"),
        (None, None, "--bin=app", "/app/app"),
    ],
)  # fmt: skip
def test_the_binary_that_is_meant(
    more: Mapping[str, str | None] | None, app: str | None, flags: str, command: str
) -> None:
    files = None if more is None else more if more is WORKSPACE else {**FILES, **more}
    text = dockerfile(files, build={"app": app} if app else {})
    assert f"    && cargo build --release --locked {flags} \\\n" in text
    assert f"    && install -D target/release/{command[5:]} /out/{command[5:]}\n" in text
    assert text.endswith(f'CMD ["{command}"]\n')


def test_crates_are_a_layer_of_their_own_from_the_manifests_of_all_packages() -> None:
    text = dockerfile(WORKSPACE, build={"app": "worker"})
    stage = text.partition(" AS build\n")[2].partition("FROM ")[0]
    assert re.findall(r"^COPY .*$", stage, re.MULTILINE) == [
        "COPY Cargo.toml Cargo.lock ./", "COPY crates/api/Cargo.toml ./crates/api/",
        "COPY crates/worker/Cargo.toml ./crates/worker/", "COPY xtask/Cargo.toml ./xtask/",
        "COPY lib/Cargo.toml ./lib/", "COPY . .",
    ]  # fmt: skip
    assert (
        "touch crates/api/src/lib.rs crates/worker/src/lib.rs xtask/benches/b.rs lib/src/lib.rs \\\n"
        "    && cargo fetch --locked \\\n    && rm " in stage
    )


def test_of_an_unknown_context_all_is_as_usual() -> None:
    assert "COPY Cargo.toml Cargo.lock ./\n" in dockerfile(None)


def test_the_binary_leaves_the_cache_in_the_step_that_builds_it() -> None:
    step = dockerfile().partition("COPY . .\n\n")[2].partition("\n\n")[0]
    assert [line.split("target=")[1].partition(",")[0] for line in step.splitlines() if "target=" in line] == [
        "/usr/local/cargo/registry", "/usr/local/cargo/git/db", "/app/target",
    ]  # fmt: skip
    # the cache is older or newer than these sources, and cargo goes by the time
    assert step.index("-exec touch {} +") < step.index("cargo build") < step.index("install -D")


def test_what_is_vendored_is_not_fetched() -> None:
    config = '[source.crates-io]\nreplace-with = "v"\n[source.v]\ndirectory = "vendor"\n'
    assert "cargo fetch" not in dockerfile({**FILES, ".cargo/config.toml": config})


@pytest.mark.parametrize(
    ("uses", "options", "base", "part"),
    [
        ("rust@1.97", {}, "gcr.io/distroless/cc-debian13:nonroot", "FROM rust:1.97-slim-trixie AS builder"),
        ("rust@1.70", {}, "gcr.io/distroless/cc-debian12:nonroot", "FROM rust:1.70-slim-bookworm AS builder"),
        (variant("slim-bookworm"), {}, "gcr.io/distroless/cc-debian12:nonroot", ""),
        (variant("slim-bullseye"), {}, "gcr.io/distroless/cc-debian12:nonroot", ""),
        (variant("slim"), {}, "gcr.io/distroless/cc-debian13:nonroot", ""),
        (variant("bookworm"), {"base": "slim"}, "debian:bookworm-slim", "ca-certificates tzdata"),
        (variant("alpine"), {}, "gcr.io/distroless/static-debian13:nonroot", ""),
        (variant("alpine3.24"), {"base": "slim"}, "alpine:3.24", ""),
        (variant("alpine"), {"base": "scratch"}, "scratch", "COPY --from=build --chown=10001:10001 /etc/ssl/certs/"),
        ("rust@1.97", {"profile": "dist", "features": ["a", "b/c"], "default_features": False}, "gcr.io/",
         "cargo build --profile=dist --locked --bin=shop --features=a,b/c --no-default-features \\\n"),
        ("rust@1.97", {"profile": "dev"}, "gcr.io/", "target/debug/shop"),
    ],
)  # fmt: skip
def test_what_it_runs_on(uses: object, options: Mapping[str, object], base: str, part: str) -> None:
    text = dockerfile(uses=uses, build={"options": options})
    assert f"FROM {base}" in text
    assert part in text


def test_a_target_that_the_project_configures_has_a_folder_of_its_own() -> None:
    files = {**FILES, ".cargo/config.toml": '[build]\ntarget = "x86_64-unknown-linux-musl"\n'}
    text = dockerfile(files, build={"options": {"base": "scratch"}})
    assert "install -D target/x86_64-unknown-linux-musl/release/shop /out/shop" in text
    assert "COPY Cargo.toml Cargo.lock ./\nCOPY .cargo/config.toml ./.cargo/\n" in text


def test_assets_are_there_when_the_binary_is_built() -> None:
    files = {**FILES, "package.json": "{}", "package-lock.json": '{"lockfileVersion": 3}'}
    assets = {"uses": "node@24", "run": "npm run build", "files": ["dist"]}
    text = dockerfile(files, build={"assets": assets, "options": {"embed": True}})
    stage = text.partition(" AS build\n")[2].partition("FROM ")[0]
    assert stage.index("COPY --from=assets /app/dist ./dist\n") < stage.index("cargo build")
    assert "COPY --from=assets" not in text.partition(" AS runtime\n")[2]


@pytest.mark.parametrize(
    ("version", "files", "message"),
    [
        ("1.97", {"Cargo.toml": None}, "Cargo.toml: the file is not there, and Cargo needs it"),
        ("1.97", {"Cargo.toml": "x"}, "it is no valid manifest"),
        ("1.97", {"Cargo.lock": None}, "run `cargo generate-lockfile`"),
        ("1.77", {"Cargo.lock": "version = 4\n"},
         "it has version 4, which Cargo 1.77 can't read [use rust@1.78 or newer"),
        ("1.78", {"Cargo.lock": "version = 4\n"}, None),
        ("1.84", {"Cargo.toml": PACKAGE.replace("2021", "2024")},
         "edition 2024 needs Rust 1.85, and the image has 1.84"),
        ("1.80", {"Cargo.toml": PACKAGE + 'rust-version = "1.81.1"\n'},
         "rust-version is 1.81.1, and the image has 1.80"),
        ("1.81", {"Cargo.toml": PACKAGE + 'rust-version = "1.81.1"\n'}, None),
        ("1.97", {"rust-toolchain.toml": '[toolchain]\nchannel = "1.80.1"\n'},
         "it pins Rust 1.80.1, and the image has 1.97"),
        ("1.97", {"rust-toolchain": "1.97.1\n"}, None),
        ("1.97", {"rust-toolchain": "stable\n"}, None),
        ("1.97", {"rust-toolchain.toml": '[toolchain]\nchannel = "nightly-2026-01-01"\n'},
         "the official image is stable"),
        ("1.97", {"src/main.rs": None}, "no binary is found"),
        ("1.97", {"Cargo.toml": PACKAGE + '[[bin]]\nname = "b"\n'}, "there are several binaries: b, shop"),
        ("1.97", {"Cargo.toml": PACKAGE + '[dependencies]\nx = {path = "../x"}\n'}, "it uses ../x, which is outside"),
        ("1.79", WORKSPACE, "crates/api/Cargo.toml: rust-version is 1.80, and the image has 1.79"),
    ],
)  # fmt: skip
def test_what_a_build_would_trip_over(version: str, files: Mapping[str, str | None], message: str | None) -> None:
    build = {"app": "worker"} if files is WORKSPACE else {}
    found = troubles({**FILES, **files}, {"language": "rust", "version": version}, build=build)
    assert (len(found) == 1 and message in found[0]) if message else found == []


def test_a_binary_that_needs_a_library_does_not_run_from_scratch() -> None:
    (found,) = troubles(FILES, build={"options": {"base": "scratch"}})
    assert "use `variant: alpine`" in found


def test_the_toolchain_of_the_project_stays_out_of_the_context() -> None:
    assert {"rust-toolchain", "rust-toolchain.toml", "target"} <= set(LANGUAGE.ignore)


def test_no_release_has_an_end_since_only_the_newest_is_maintained() -> None:
    assert all(release.end_of_life is None for release in LANGUAGE.releases.values())


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("{base: cc}", "`base` has to be one of distroless, scratch, slim"),
        ("{profile: 'a b'}", "`profile` has to be text on one line"),
        ("{features: ['a;b']}", "`features` has to be a list of words"),
        ("{lto: true}", "Rust has no option `lto`"),
    ],
)
def test_options_that_can_not_be(options: str, message: str) -> None:
    assert message in problems_of(f"services: {{a: {{uses: rust@1.97, build: {{options: {options}}}}}}}")[0]
