"""What holds for every language: each key of `build` has its effect in the right stage, and nobody finds fault."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import pytest
from language_samples import STEPS, Keys, cases, files, project, releases, sample
from oracles import compose_config, program
from test_examples import EXCEPTIONS

from envgen import runtimes
from envgen.artifact import Artifact
from envgen.finding import EnvgenError
from envgen.lint.dockerfile import Dockerfile, Instruction, parse
from envgen.plan import Context, Plan
from envgen.plan.resolve import resolve
from envgen.render import render
from envgen.source import parse as parse_yaml
from envgen.spec.load import load

LANGUAGES = runtimes.names()
LANGUAGE = pytest.mark.parametrize("language", LANGUAGES)
DEVELOPMENTS = {"dev", "test"}


def plan_of(spec: Keys, language: str, *, known: bool = True) -> Plan:
    """The plan of a spec whose contexts hold the sample's files."""
    context = Context(files=dict(files(language)))
    folders = {one["build"]["context"]: context for one in spec["services"].values()} if known else {}
    return resolve(load(parse_yaml(json.dumps(spec), "envgen.json")), folders)


def written(spec: Keys, language: str) -> list[Artifact]:
    return render(plan_of(spec, language))


def problems(language: str, keys: Keys) -> str:
    """What is wrong with a service."""
    try:
        plan_of(project(language, {"s": keys}), language)
    except EnvgenError as error:
        return "\n".join(f"{one.message} [{one.hint}]" for one in error.findings)
    return ""


class Image:
    """A Dockerfile, by stage."""

    def __init__(self, text: str) -> None:
        found = parse(text, "Dockerfile")
        assert isinstance(found, Dockerfile), found
        self.text = text
        self.stages = {stage.name: stage.instructions for stage in found.stages}
        self.bases = {stage.name: stage.base for stage in found.stages}

    @cached_property
    def shipped(self) -> list[Instruction]:
        """The instructions of the image that runs, with those of the stage that it starts from."""
        return self.below("runtime")

    def below(self, name: str) -> list[Instruction]:
        below = self.bases[name]
        own = [one for one in self.stages[name] if one.name != "FROM"]
        return [*(self.below(below) if below in self.stages else ()), *own]

    def runs(self, *stages: str) -> list[str]:
        """What RUN instructions give to the shell."""
        chosen = stages or tuple(self.stages)
        return [one.args[-1] for name in chosen for one in self.stages.get(name, ()) if one.name == "RUN"]

    def stages_with(self, part: str) -> set[str]:
        """The stages of which an instruction says something."""
        return {name for name, found in self.stages.items() for one in found if part in one.text}


def variables(found: list[Instruction]) -> dict[str, str]:
    return {name: value.strip('"') for one in found if one.name == "ENV" for name, value, _ in one.pairs}


@cache
def everything(language: str) -> Mapping[str, str]:
    """All that is rendered of all cases of a language, text by path."""
    return {one.path: one.text for one in written(project(language, cases(language)), language)}


def image(language: str, case: str) -> Image:
    if case not in cases(language):
        pytest.skip(f"{language} has no such case")
    found = [text for path, text in everything(language).items() if re.fullmatch(rf"{case}/[^/]+Dockerfile", path)]
    return Image(found[0])


@cache
def composed(language: str) -> Any:
    """compose.yaml as docker-compose reads it, which it does."""
    return compose_config(everything(language)["compose.yaml"], env="APP_UID=1\nAPP_GID=1\n")


def test_every_language_has_a_sample() -> None:
    assert {"node", "python", "static", "generic"} <= set(LANGUAGES)


@LANGUAGE
def test_compose_takes_what_is_rendered(language: str) -> None:
    services = composed(language)["services"]
    assert set(cases(language)) - {"matrix"} <= set(services)
    assert {name for name in services if name.startswith("matrix")} == {"matrix-one", "matrix-two"}


@LANGUAGE
def test_a_context_that_is_not_known_will_do(language: str) -> None:
    if sample(language).runtimes and "app" in sample(language).build:
        pytest.skip("the context tells what is built")
    names = ("plain", "built", "dev", "all")
    spec = project(language, {name: keys for name, keys in cases(language).items() if name in names})
    for one in render(plan_of(spec, language, known=False)):
        assert not one.path.endswith("Dockerfile") or Image(one.text).shipped


@LANGUAGE
def test_every_stage_is_reached_but_those_of_development(language: str) -> None:
    """Copied from, or the base of another; `dev` and `test` are there only where they are asked for."""
    for path, text in everything(language).items():
        if path.endswith("Dockerfile"):
            found = Image(text)
            used = set(found.bases.values()) | set(re.findall(r"--from=(\w+)", text))
            assert set(found.stages) - used - DEVELOPMENTS == {"runtime"}, path
            assert set(found.stages) & DEVELOPMENTS == {"dev", "test"} & {path.partition("/")[0].split("-")[-1]}, path
            assert set(re.findall(r"--from=(\w+) ", text)) <= set(found.stages), path


@LANGUAGE
def test_packages_are_in_the_image_and_while_it_builds(language: str) -> None:
    found = image(language, "packages")
    assert "jq" in " ".join(found.runs("base"))
    assert "jq" not in " ".join(image(language, "plain").runs("base", "runtime"))


@LANGUAGE
@pytest.mark.parametrize("case", ["build-packages", "all", "alpine-all"])
def test_build_packages_are_there_only_while_it_builds(language: str, case: str) -> None:
    found = image(language, case)
    assert any("patch" in run for name in found.stages for run in found.runs(name) if name in ("builder", "build"))
    assert not any(" patch" in one.text for one in found.shipped)
    if sample(language).shell and case != "build-packages":
        assert any("jq" in one.text for one in found.below("build"))


@LANGUAGE
@pytest.mark.parametrize("key", ["packages", "final"])
def test_an_image_without_a_shell_says_so(language: str, key: str) -> None:
    build = {"packages": ["jq"]} if key == "packages" else {"steps": {"final": "true"}}
    said = problems(language, {"build": build})
    if sample(language).shell:
        assert said == ""
    else:
        assert re.fullmatch(r"\S+ has no shell and no package manager \[take a variant with a shell.*\]", said)


@LANGUAGE
@pytest.mark.parametrize("case", ["steps", "steps-alone", "all", "alpine-all", "all-dev", "alpine-dev"])
def test_steps_are_where_their_names_say(language: str, case: str) -> None:
    found = image(language, case)
    steps = cases(language)[case]["build"]["steps"]
    counts = {name: [run.count(f"echo {point}") for point in steps for run in [" ".join(found.runs(name))]]
              for name in found.stages}  # fmt: skip
    assert all(count <= 1 for one in counts.values() for count in one), counts
    for point in steps:
        assert found.stages_with(f"echo {point}"), (point, found.text)
    assert found.stages_with("echo final") <= {"runtime"}
    assert found.stages_with("echo before_build") == {"build"}
    for name in found.stages:
        text = "\n".join(one.text for one in found.stages[name])
        order = [text.find(f"echo {point}") for point in STEPS]
        sources = max(text.find("COPY . ."), text.find(" . .\n"))
        here = [place for place in (order[0], order[1], sources, order[2]) if place >= 0]
        assert here == sorted(here), (name, text)
        if order[3] >= 0:
            assert order[3] > text.rfind("COPY ")
            assert order[3] < text.rfind("USER ")


@LANGUAGE
@pytest.mark.parametrize("case", ["certificates", "all", "alpine-all", "all-dev", "alpine-dev"])
def test_certificates_are_trusted(language: str, case: str) -> None:
    found = image(language, case)
    bundle = "/etc/ssl/certs/ca-certificates.crt"
    roots = [name for name, below in found.bases.items() if below not in found.stages]
    for name in roots:
        text = "\n".join(one.text for one in found.stages[name])
        if name != "base" or sample(language).shell:
            copied, trusted = (
                text.find("COPY certs/company.crt /usr/local/share/ca-certificates/"),
                text.find("update-ca-certificates"),
            )
            assert -1 < copied < trusted, (name, found.text)
    if not sample(language).shell and "alpine" not in case:
        assert any(one.name == "COPY" and one.args.count(bundle) == 2 for one in found.stages["runtime"]), found.text
    made = runtimes.find(language)
    named = {name for name, value in variables(found.shipped).items() if value == bundle}
    assert named <= {"NODE_EXTRA_CA_CERTS", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"}
    assert bool(named) == (language in {"node", "python"}), made


@LANGUAGE
@pytest.mark.parametrize(
    ("case", "name", "value"), [("timezone", "TZ", "Europe/Berlin"), ("locale", "LANG", "de_DE.UTF-8")]
)
def test_time_zone_and_locale_are_set_and_there(language: str, case: str, name: str, value: str) -> None:
    found = image(language, case)
    assert variables(found.shipped)[name] == value
    if sample(language).shell:
        wanted = {"timezone": "tzdata", "locale": "locales"}[case]
        assert any(wanted in run for run in found.runs("base"))


@LANGUAGE
def test_secrets_are_there_only_while_something_is_fetched(language: str) -> None:
    found = image(language, "secrets")
    with_secrets = [
        (name, one) for name, several in found.stages.items() for one in several if "type=secret" in one.text
    ]
    assert with_secrets
    assert {name for name, _ in with_secrets} <= {"dependencies", "builder", "build", "assets"}
    for _, one in with_secrets:
        mounts = [flag for flag in one.flags if "type=secret" in flag]
        assert mounts == [
            "--mount=type=secret,id=plain,required=true",
            "--mount=type=secret,id=file,target=/root/.rc,required=true",
            "--mount=type=secret,id=token,required=true",
        ]
        assert one.args[-1].startswith('TOKEN="$(cat /run/secrets/token)"')
    others = [one for several in found.stages.values() for one in several if "type=secret" not in one.text]
    assert not any(word in one.text for one in others for word in ("TOKEN", "/run/secrets", "/root/.rc"))
    own = [one for _, one in with_secrets if re.search(r"\bmake$", one.args[-1])]
    assert not own or language in {"java", "python"}, "steps of the user's see no secrets"
    service = composed(language)["services"]["secrets"]
    assert {one["source"] for one in service["build"]["secrets"]} == {"plain", "file", "token"}
    assert not service.get("secrets")


@LANGUAGE
def test_platforms_go_to_compose(language: str) -> None:
    assert composed(language)["services"]["platforms"]["build"]["platforms"] == ["linux/amd64", "linux/arm64"]
    assert "linux/" not in image(language, "platforms").text


@LANGUAGE
@pytest.mark.parametrize("case", ["assets", "all", "alpine-all"])
def test_another_language_builds_assets(language: str, case: str) -> None:
    found = image(language, case)
    stage = found.stages["assets"]
    text = "\n".join(one.text for one in stage)
    assert found.bases["assets"].startswith("node:24")
    marks = ["COPY package.json package-lock.json ./", "npm ci", "COPY . .", "npm run build"]
    places = [text.find(mark) for mark in marks]
    assert places == sorted(places)
    assert places[0] > 0
    assert variables(list(stage))["MODE"] == "production"
    assert [one for one in found.stages["runtime"] if one.flag("from") == "assets"], found.text


@LANGUAGE
@pytest.mark.parametrize("case", ["dev", "test", "all-dev", "alpine-dev"])
def test_stages_of_development_run_as_the_user_with_the_sources(language: str, case: str) -> None:
    found = image(language, case)
    name = case.rpartition("-")[2]
    stage = found.stages[name]
    user = [one.args[0] for one in stage if one.name == "USER"][-1]
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", user)
    assert stage[-1].name == "USER"
    (sources,) = [one for one in stage if one.name == "COPY" and one.args[0] == "."][-1:]
    assert sources.flag("chown") == user
    # nothing of what is shipped, or only made for it
    assert found.bases[name] != "runtime"
    assert not any(one.flag("from") in {"dependencies", "build"} for one in stage)
    assert variables(found.below(name)).get("NODE_ENV") != "production"
    compose = composed(language)["services"][case]
    assert compose["build"]["target"] == name
    shipped = image(language, "plain")
    assert not set(shipped.stages) & DEVELOPMENTS


@LANGUAGE
def test_versions_stand_side_by_side(language: str) -> None:
    one, two = (everything(language)[f"matrix/matrix-{name}.Dockerfile"] for name in ("one", "two"))
    assert one != two
    for name, text in (("one", one), ("two", two)):
        wanted = str(releases(language)[("one", "two").index(name)].get("version", ""))
        assert wanted in text
    services = composed(language)["services"]
    assert services["matrix-one"]["build"]["dockerfile"] != services["matrix-two"]["build"]["dockerfile"]


@LANGUAGE
@pytest.mark.parametrize(
    ("case", "ids"), [("user-map", "20001:20002"), ("user-number", "20001:20002"), ("plain", ""), ("user-host", "")]
)
def test_users_are_numbers_and_not_root(language: str, case: str, ids: str) -> None:
    found = image(language, case)
    user = [one.args[0] for one in found.shipped if one.name == "USER"][-1]
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", user)
    assert user == (ids or user)
    owners = {one.flag("chown") for one in found.stages["runtime"] if one.name == "COPY"} - {None}
    assert owners <= {user}
    compose = composed(language)["services"][case]
    if case == "user-host":
        assert compose["user"]
    if case == "user-map" and sample(language).shell:
        assert "worker" in " ".join(found.runs("runtime"))
    if case == "user-number":
        assert "useradd" not in found.text
        assert "adduser" not in found.text


@LANGUAGE
@pytest.mark.parametrize("case", ["volume", "all", "alpine-all", "all-dev", "alpine-dev"])
def test_the_folder_of_a_volume_is_the_users(language: str, case: str) -> None:
    found = image(language, case)
    stage = {"all-dev": "dev", "alpine-dev": "dev"}.get(case, "runtime")
    user = [one.args[0] for one in found.stages[stage] if one.name == "USER"][-1]
    uid, gid = user.split(":")
    folder = cases(language)[case]["volumes"][0].partition(":")[2]
    made = f"install -d -o {uid} -g {gid} "
    if any(made in run and run.endswith(folder) for run in found.runs(stage)):
        return
    assert any(made in run and run.endswith(f"/folders{folder}") for run in found.runs("build")), found.text
    assert any("--from=build" in one.text and "/folders/ /" in one.text for one in found.stages[stage])


@LANGUAGE
def test_files_say_what_goes_into_the_image(language: str) -> None:
    for case, names in (("files", ("certs", "index.html")), ("built-files", ("out",))):
        found = image(language, case)
        copies = [one for one in found.stages["runtime"] if one.name == "COPY" and not one.heredocs]
        for name in names:
            assert any(one.args[0].endswith(name) for one in copies), found.text
        assert not any(one.args[0] == "." for one in copies)


@LANGUAGE
def test_variables_of_the_image_are_literal(language: str) -> None:
    found = image(language, "env")
    assert 'FEATURE="a \\"b\\" \\$C"' in found.text
    assert "FEATURE" in variables(list(found.stages["runtime"]))


@LANGUAGE
def test_commands_of_ones_own_take_the_place_of_the_languages(language: str) -> None:
    built, plain = image(language, "built"), image(language, "plain")
    assert [run for run in built.runs("build") if run.startswith("make ")] == ["make one", "make two"]
    assert ("build" in plain.stages) == sample(language).builds
    installed = image(language, "install")
    assert any(run.startswith("fetch things") for run in installed.runs()), installed.text
    assert len([run for run in installed.runs() if "fetch things" in run]) == 1


@LANGUAGE
def test_a_health_check_over_http_asks_a_program_of_the_image(language: str) -> None:
    said = problems(language, {"healthcheck": {"http": "/healthz"}, "ports": ["9000"]})
    if not sample(language).probe:
        assert "`http` needs a program in the image that can ask" in said
        return
    assert said == ""
    (check,) = [one for one in image(language, "http").shipped if one.name == "HEALTHCHECK"]
    assert check.text.count("9000")
    assert composed(language)["services"]["http"].get("healthcheck", {}).get("test", [""])[0] in {"", "CMD"}


@LANGUAGE
def test_memory_stays_within_the_containers(language: str) -> None:
    made = runtimes.find(language)
    assert made is not None
    service = composed(language)["services"]["memory"]
    assert int(service["mem_limit"]) == 256 * 1024 * 1024
    if made.memory_flag is not None:
        name, value = made.memory_flag(256 * 1024 * 1024)
        assert service["environment"][name] == value


@LANGUAGE
def test_what_a_language_has_not_got_is_refused_with_advice(language: str) -> None:
    made = runtimes.find(language)
    assert made is not None
    option = next(iter(made.options), "")
    said = problems(language, {"build": {"options": {f"{option}x": True}, "package_manager": "npn"}})
    assert f"has no option `{option}x`" in said
    assert "has no package manager `npn`" in said
    if option:
        assert f"[did you mean `{option}`?" in said or option in said
    manager = next(iter(made.managers), "")
    if len(manager) > 3:
        assert manager in problems(language, {"build": {"package_manager": f"{manager}x"}})


@LANGUAGE
@pytest.mark.parametrize("key", ["install", "run", "steps", "packages", "secrets", "assets"])
def test_a_line_break_adds_no_instruction(language: str, key: str) -> None:
    """The property test below says more; these are what people try first."""
    builds: dict[str, Keys] = {
        "install": {"install": "a\nUSER root"}, "run": {"run": ["a\nUSER root"]},
        "steps": {"steps": {"before_build": "a\nUSER root"}, "run": "make"}, "packages": {"packages": ["a\nUSER root"]},
        "secrets": {"secrets": [{"source": "token", "mount": "/a\nUSER root"}]},
        "assets": {"assets": {"uses": "node@24", "files": ["a\nUSER root"]}},
    }  # fmt: skip
    try:
        text = "".join(one.text for one in written(project(language, {"s": {"build": builds[key]}}), language))
    except EnvgenError:
        return
    assert "USER root" not in re.findall(r"^USER .*$", text, re.MULTILINE)


@LANGUAGE
def test_the_languages_folders_stay_out_of_the_context(language: str) -> None:
    made = runtimes.find(language)
    assert made is not None
    text = everything(language)["plain/plain.Dockerfile.dockerignore"]
    for name in made.ignore:
        assert name.removeprefix("/") in text, name


@LANGUAGE
def test_rendering_twice_gives_the_same_bytes(language: str) -> None:
    again = {one.path: one.text for one in written(project(language, cases(language)), language)}
    assert again == everything(language)


# what a judge may find beside what the examples may have, and why it is right all the same
TALLY = {
    **EXCEPTIONS["tally"],
    "hadolint/DL3057": "a health check is wanted of what answers on a port, which most of the cases do not",
    "tally/php/composer-no-dev-in-production": "the stage `build`, whose steps need packages of development",
    "tally/ruby/missing-bundle-without-development": "the stages `build`, `dev` and `test`, the same",
}


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder a language with all that is rendered and the files of every context."""
    root = tmp_path_factory.mktemp("languages")
    for language in LANGUAGES:
        spec = project(language, cases(language))
        folder = root / language
        for path, text in everything(language).items():
            place = folder / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text)
        for service in spec["services"].values():
            for path, text in files(language).items():
                place = folder / service["build"]["context"] / path
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_text(text)
        (folder / "secrets").mkdir(exist_ok=True)
        for name in spec["secrets"]:
            (folder / "secrets" / name).touch(mode=0o600)
        (folder / "envgen.yaml").write_text(json.dumps(spec))
        if (folder / ".env.example").exists():
            shutil.copy(folder / ".env.example", folder / ".env")
    return root


def dockerfiles(root: Path) -> list[str]:
    return sorted(path.relative_to(root).as_posix() for path in root.rglob("*Dockerfile"))


def test_hadolint_is_content_with_every_case(rendered: Path) -> None:
    """With the rules that are off by default, and all files in one process."""
    options = ["--warning", "DL1001", "--warning", "DL3057", "--require-label", "org.opencontainers.image.title:text"]
    options += ["--disable-ignore-pragma", "--format", "json"]
    found = json.loads(judge("hadolint", *options, *dockerfiles(rendered), folder=rendered).stdout)
    stages: dict[str, int] = {}
    excused: dict[str, dict[int, list[str]]] = {}
    for path in dockerfiles(rendered):
        lines = list(enumerate((rendered / path).read_text().split("\n"), 1))
        stages[path] = max(at for at, line in lines if line.startswith("FROM "))
        excused[path] = {
            at + 1: line.partition("=")[2].split(",") for at, line in lines if line.startswith("# hadolint ignore=")
        }
    wrong = [
        (one["file"], one["line"], one["code"], one["message"])
        for one in found
        if not (
            (one["code"] in {"DL3049", "DL3057"} and one["line"] <= stages[one["file"]])
            or (one["code"] == "DL1001" and one["line"] + 1 in excused[one["file"]])
            or (one["code"] in EXCEPTIONS["hadolint"] and one["code"] in excused[one["file"]].get(one["line"], ()))
        )
        and not (one["code"] == "DL3057" and "HEALTHCHECK" not in (rendered / one["file"]).read_text())
    ]
    assert wrong == []


def test_tally_is_content_with_every_case(rendered: Path) -> None:
    done = judge("tally", "lint", "--no-config", "--slow-checks", "off", "--format", "json", *dockerfiles(rendered),
                 folder=rendered)  # fmt: skip
    report = json.loads(done.stdout)
    assert report["files_scanned"] == len(dockerfiles(rendered))
    found = [(file["file"], one) for file in report["files"] for one in file["violations"]]
    wrong = [
        (path, one["location"]["start"]["line"], one["rule"], one["message"])
        for path, one in found
        if one["rule"] not in TALLY
        or (one["rule"] == "tally/no-unreachable-stages" and not re.search(r'stage "(dev|test)"', one["message"]))
    ]
    assert wrong == []


@LANGUAGE
def test_envgens_own_linter_is_content_with_every_case(language: str, rendered: Path) -> None:
    # EG268: no stand-in digest is committed; the others are about services without a health check and the like, which
    # a case leaves out on purpose
    done = judge("envgen", "lint", "--fail-level", "warning",
                 "--ignore", "EG268", "--no-cache", "--format", "json", folder=rendered / language)  # fmt: skip
    report = json.loads(done.stdout)
    wrong = [one for one in report.get("findings", report) if one["severity"] in {"error", "warning"}]
    assert wrong == []


def judge(name: str, *arguments: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    environment = {key: value for key, value in os.environ.items() if key in ("PATH", "HOME")}
    return subprocess.run(
        [program(name), *arguments], cwd=folder, capture_output=True, text=True, check=False, env=environment
    )
