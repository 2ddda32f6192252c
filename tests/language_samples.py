"""A small project for each language, and every common key of `build` written for it: the cases of test_languages.py.

A language without an entry in SAMPLES is tried with no context and no command, as one that knows nothing of its files.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from envgen import runtimes

Keys = dict[str, Any]

_EOL = {"allow": True, "reason": "a release of any age is tried", "until": "2099-12-31"}
_PACKAGE = json.dumps({"name": "app", "version": "1.0.0", "scripts": {"build": "node build.js"}})
_LOCK = json.dumps({"name": "app", "version": "1.0.0", "lockfileVersion": 2, "requires": True, "packages": {}})
NODE = {"package.json": _PACKAGE, "package-lock.json": _LOCK}
CERTIFICATE = "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n"
_POM = """<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion><groupId>a</groupId>
<artifactId>app</artifactId><version>1</version><properties><maven.compiler.release>17</maven.compiler.release>
</properties></project>
"""
_GEMS = "GEM\n  specs:\n\nPLATFORMS\n  ruby\n\nDEPENDENCIES\n"
_PROJECT = """<Project Sdk="Microsoft.NET.Sdk.Web"><PropertyGroup><TargetFramework>net9.0</TargetFramework>
<RollForward>Major</RollForward></PropertyGroup></Project>
"""


@dataclass(frozen=True)
class Sample:
    """What is special to a language; `runtimes` are one, another version, and one on Alpine (a map without language).

    `installs` says whether there is a command that fetches dependencies, `builds` whether there is a build stage
    without build steps that the user writes.
    """

    files: Mapping[str, str] = field(default_factory=dict)
    build: Keys = field(default_factory=dict)
    command: tuple[str, ...] = ()
    runtimes: tuple[Keys, ...] = ()
    shell: bool = True  # whether the image that runs has one
    probe: bool = True  # whether a program in it can ask a port
    installs: bool = True
    whole: Keys = field(default_factory=dict)  # of `build`, where all common keys are written together
    builds: bool = False


SAMPLES: Mapping[str, Sample] = {
    "node": Sample(files=NODE, command=("node", "server.js")),
    "python": Sample(files={"requirements.txt": "", "app.py": ""}, command=("python", "app.py")),
    "go": Sample(
        files={"go.mod": "module example.com/app\n\ngo 1.22\n", "main.go": "package main\n\nfunc main() {}\n"},
        shell=False, probe=False, builds=True,
    ),
    "rust": Sample(
        files={
            "Cargo.toml": '[package]\nname = "app"\nversion = "1.0.0"\nedition = "2021"\n',
            "Cargo.lock": 'version = 3\n\n[[package]]\nname = "app"\nversion = "1.0.0"\n',
            "src/main.rs": "fn main() {}\n",
        },
        shell=False, probe=False, builds=True,
    ),
    "java": Sample(
        files={"pom.xml": _POM}, runtimes=({"version": "25"}, {"version": "21"}), installs=False, builds=True
    ),
    "php": Sample(
        files={"composer.json": "{}", "composer.lock": '{"packages": [], "packages-dev": []}', "index.php": ""},
        runtimes=({"version": "8.4"}, {"version": "8.3"}, {"version": "8.4", "variant": "fpm-alpine"}), builds=True,
    ),
    "ruby": Sample(
        files={"Gemfile": 'source "https://rubygems.org"\n', "Gemfile.lock": _GEMS},
        command=("ruby", "app.rb"),
    ),
    "dotnet": Sample(
        files={"app.csproj": _PROJECT}, runtimes=({"version": "10.0"}, {"version": "9.0"}),
        shell=False, probe=False, builds=True,
    ),
    "static": Sample(files={"index.html": ""}, installs=False, whole={"files": ["out"]}),
    "generic": Sample(
        files={"run.sh": ""}, command=("sh", "run.sh"), probe=False, installs=False,
        runtimes=({"image": "debian:trixie-slim"}, {"image": "debian:bookworm-slim"}, {"image": "alpine:3.22"}),
    ),
}  # fmt: skip


def sample(language: str) -> Sample:
    """The sample of a language."""
    return SAMPLES.get(language, Sample(command=("app",)))


def releases(language: str) -> list[Keys]:
    """The runtimes that are tried: the newest release and the one before, and an Alpine variant where there is one."""
    found = runtimes.find(language)
    assert found is not None
    wanted = [dict(keys) for keys in sample(language).runtimes]
    wanted = wanted or [{"version": line} for line in list(found.releases)[:2]]
    newest = found.release(str(wanted[0].get("version", found.default_version)))
    assert newest is not None
    alpine = [variant for variant in newest.variants if "alpine" in variant and variant.partition("-")[0] != "jdk"]
    if len(wanted) < 3 and alpine:
        wanted.append({**wanted[0], "variant": alpine[-1]})
    return [{"language": language, "eol": _EOL, **keys} for keys in wanted]


def files(language: str) -> dict[str, str]:
    """The files of a context: the sample's, a front end of Node, and what some keys name."""
    return {**NODE, "index.html": "", **sample(language).files, "certs/company.crt": CERTIFICATE}


STEPS = {point: f"echo {point}" for point in ("before_install", "after_install", "before_build", "final")}
_NODE_ASSETS = {"uses": "node@24", "run": "npm run build", "files": ["public/build"], "env": {"MODE": "production"}}


def cases(language: str) -> dict[str, Keys]:
    """Services by the name of the case; a command is there where another stage than `runtime` is run."""
    shell, steps = sample(language).shell, dict(STEPS)
    if not shell:
        del steps["final"]
    found: dict[str, Keys] = {
        "plain": {},
        "built": {"build": {"run": ["make one", "make two"]}},
        "build-packages": {"build": {"build_packages": ["patch"], "run": ["make"]}},
        "build-packages-alone": {"build": {"build_packages": ["patch"]}},
        "steps": {"build": {"steps": steps, "run": ["make"]}},
        "steps-alone": {"build": {"steps": steps}},
        "certificates": {"build": {"certificates": ["certs/company.crt"]}},
        "timezone": {"build": {"timezone": "Europe/Berlin"}},
        "locale": {"build": {"locale": "de_DE.UTF-8"}},
        "secrets": {
            "build": {
                "run": ["make"],
                "install": None if sample(language).installs else "fetch",
                "assets": _NODE_ASSETS,
                **sample(language).whole,
                "secrets": ["plain", {"source": "file", "mount": "/root/.rc"}, {"source": "token", "env": "TOKEN"}],
            }
        },
        "platforms": {"build": {"platforms": ["linux/amd64", "linux/arm64"]}},
        "assets": {"build": {"assets": _NODE_ASSETS}},
        "dev": {"build": {"target": "dev"}, "command": ["watch"], "pull_policy": "build"},
        "test": {"build": {"target": "test"}, "command": ["check"], "pull_policy": "build"},
        "matrix": {"uses": ["one", "two"]},
        "user-map": {"user": {"name": "worker", "uid": 20001, "gid": 20002}},
        "user-number": {"user": "20001:20002"},
        "user-host": {"user": "host"},
        "volume": {"volumes": ["kept:/data/kept"]},
        "files": {"build": {"files": ["certs", "index.html"]}},
        "built-files": {"build": {"files": ["out"], "run": ["make"]}, "command": ["./out/app"]},
        "env": {"build": {"env": {"FEATURE": 'a "b" $C'}}},
        "install": {"build": {"install": "fetch things"}},
        "memory": {"mem_limit": "256m"},
        "http": {"healthcheck": {"http": "/healthz"}, "ports": ["9000"]},
        "packages": {"build": {"packages": ["jq"]}},
        "all": {
            "build": {
                "packages": ["jq"], "build_packages": ["patch"], "certificates": ["certs/company.crt"],
                "timezone": "Europe/Berlin", "locale": "de_DE.UTF-8", "steps": steps, "run": "make", "env": {"A": 1},
                "secrets": ["plain"], "assets": _NODE_ASSETS, "platforms": ["linux/amd64"], "args": {"VERSION": "1"},
                **sample(language).whole,
            },
            "volumes": ["all:/data/all"],
        },
        "all-dev": {
            "build": {
                "build_packages": ["patch"], "certificates": ["certs/company.crt"], "timezone": "Europe/Berlin",
                "steps": steps, "secrets": ["plain"], "target": "dev",
            },
            "command": ["watch"],
            "pull_policy": "build",
            "volumes": ["all:/data/all"],
        },
    }  # fmt: skip
    if not shell:
        del found["packages"], found["all"]["build"]["packages"]
    if not sample(language).probe:
        del found["http"]
    if len(releases(language)) > 2:
        found |= {
            "alpine": {"uses": "alpine"},
            "alpine-all": {**found["all"], "uses": "alpine", "volumes": ["alpine:/data/alpine"]},
            "alpine-dev": {**found["all-dev"], "uses": "alpine", "volumes": ["alpine:/data/alpine"]},
        }
    return found


def service(language: str, name: str, keys: Keys) -> Keys:
    """A service of a case, in a context of its own."""
    one = sample(language)
    written = {key: value for key, value in keys.get("build", {}).items() if value is not None}
    whole = {"uses": "one", **({"command": list(one.command)} if one.command else {}), **keys}
    return {**whole, "build": {"context": name, **one.build, **written}}


def project(language: str, services: Mapping[str, Keys]) -> Keys:
    """A spec of the language with some services."""
    names = ("one", "two", "alpine")
    volumes: Keys = {
        entry.partition(":")[0]: {} for keys in services.values() for entry in keys.get("volumes", ()) if ":" in entry
    }
    return {
        "envgen": 1,
        "name": "p",
        "runtimes": dict(zip(names, releases(language), strict=False)),
        "services": {name: service(language, name, keys) for name, keys in services.items()},
        "volumes": volumes,
        "secrets": {name: {"file": f"./secrets/{name}"} for name in ("plain", "file", "token")},
    }
