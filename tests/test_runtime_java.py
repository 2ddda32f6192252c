"""Java: what is rendered for which project, and what a build would trip over."""

import json
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracles import program

from envgen.finding import EnvgenError
from envgen.plan import Context, resolve
from envgen.render import render
from envgen.runtimes.java import LANGUAGE
from envgen.source import parse
from envgen.spec import load

Files = Mapping[str, str | None]

POM = "<project><artifactId>app</artifactId></project>"
BOOT = """<project>
  <parent><groupId>org.springframework.boot</groupId><artifactId>spring-boot-starter-parent</artifactId>
  <version>{version}</version></parent>
  <build><plugins><plugin><artifactId>spring-boot-maven-plugin</artifactId></plugin></plugins></build>
</project>"""
QUARKUS = "<project><build><plugins><artifactId>quarkus-maven-plugin</artifactId></plugins></build></project>"
MAVEN_WRAPPER = ".mvn/wrapper/maven-wrapper.properties"
MAVENW: Files = {"mvnw": "#!/bin/sh\n", MAVEN_WRAPPER: "distributionUrl=https://x/apache-maven-3.9.9-bin.zip\n"}
GRADLE_WRAPPER = "gradle/wrapper/gradle-wrapper.properties"


def gradlew(version: str = "8.14") -> Files:
    url = f"distributionUrl=https\\://services.gradle.org/distributions/gradle-{version}-bin.zip\n"
    return {"gradlew": "#!/bin/sh\n", "gradle/wrapper/gradle-wrapper.jar": "PK", GRADLE_WRAPPER: url}


def artifacts(files: Files, uses: object, service: Mapping[str, object]) -> dict[str, str]:
    spec = {"envgen": 1, "name": "p", "services": {"a": {"uses": uses, **service}}}
    loaded = load(parse(json.dumps(spec), "envgen.json"))
    return {one.path: one.text for one in render(resolve(loaded, {".": Context(files=files)}))}


def dockerfile(files: Files, uses: object = "java@21", **service: object) -> str:
    return artifacts(files, uses, service)["a.Dockerfile"]


def troubles(files: Files, uses: object = "java@21", **build: object) -> list[str]:
    """Message and advice of each problem."""
    try:
        dockerfile(files, uses, build=build)
    except EnvgenError as error:
        return [f"{one.message} [{one.hint}]" for one in error.findings]
    return []


def bases(text: str) -> list[str]:
    return re.findall(r"^FROM (?:--platform=\S+ )?(\S+) AS (?:base|builder)$", text, re.MULTILINE)


def steps(text: str) -> str:
    """What runs in the stage that builds, on one line each, without mounts."""
    stage = text.partition(" AS build\n")[2].partition("\nFROM ")[0]
    return re.sub(r"--mount=\S+ ", "", re.sub(r" *\\\n *", " ", stage))


def copied(text: str) -> list[str]:
    return re.findall(r"^COPY --from=build --chown=10001:10001 (.*)$", text, re.MULTILINE)


def command(text: str) -> list[str]:
    found = re.search(r"^CMD (.*)$", text, re.MULTILINE)
    assert found
    words: list[str] = json.loads(found[1])
    return words


@pytest.mark.parametrize(
    ("files", "uses", "expected"),
    [
        ({"pom.xml": POM}, "java@21", ["eclipse-temurin:21-jre-noble", "maven:3-eclipse-temurin-21-noble"]),
        ({"pom.xml": POM, **MAVENW}, "java@21", ["eclipse-temurin:21-jre-noble", "eclipse-temurin:21-jdk-noble"]),
        ({"pom.xml": POM}, {"language": "java", "version": "17", "variant": "jre-alpine"},
         ["eclipse-temurin:17-jre-alpine", "maven:3-eclipse-temurin-17-alpine"]),
        ({"pom.xml": POM, **MAVENW}, {"language": "java", "version": "25", "variant": "jre-alpine-3.23"},
         ["eclipse-temurin:25-jre-alpine-3.23", "eclipse-temurin:25-jdk-alpine-3.23"]),
        # Maven has no images on this one
        ({"pom.xml": POM}, {"language": "java", "version": "17", "variant": "jre-jammy"},
         ["eclipse-temurin:17-jre-jammy", "maven:3-eclipse-temurin-17"]),
        ({"pom.xml": POM}, {"language": "java", "version": "8", "variant": "jre"},
         ["eclipse-temurin:8-jre", "maven:3-eclipse-temurin-8"]),
        ({"build.gradle": ""}, "java@21", ["eclipse-temurin:21-jre-noble", "gradle:9-jdk21-noble"]),
        ({"build.gradle.kts": ""}, "java@11", ["eclipse-temurin:11-jre-noble", "gradle:8-jdk11"]),
        ({"build.gradle": "", **gradlew()}, "java@21",
         ["eclipse-temurin:21-jre-noble", "eclipse-temurin:21-jdk-noble"]),
    ],
)  # fmt: skip
def test_a_jre_runs_what_a_jdk_with_the_tool_has_built(files: Files, uses: object, expected: list[str]) -> None:
    assert bases(dockerfile(files, uses)) == expected


@pytest.mark.parametrize(
    ("files", "build", "expected"),
    [
        ({"pom.xml": POM}, {}, "mvn --batch-mode --no-transfer-progress -DskipTests package\n"),
        ({"pom.xml": POM, **MAVENW}, {}, "sh ./mvnw --batch-mode --no-transfer-progress -DskipTests package\n"),
        # older ones don't know the flag
        ({"pom.xml": POM, "mvnw": "", MAVEN_WRAPPER: "distributionUrl=x/apache-maven-3.5.4-bin.zip"}, {},
         "sh ./mvnw --batch-mode -DskipTests package\n"),
        ({"pom.xml": POM, **MAVENW}, {"options": {"wrapper": False}}, "RUN mvn --batch-mode"),
        ({"pom.xml": POM, "apps/api/pom.xml": POM}, {"app": "apps/api"}, "package --projects apps/api --also-make\n"),
        ({"build.gradle": ""}, {}, "RUN gradle --no-daemon jar\n"),
        ({"build.gradle": "id 'org.springframework.boot' version '3.5.0'", **gradlew()}, {},
         "RUN sh ./gradlew --no-daemon bootJar\n"),
        ({"settings.gradle": "", "build.gradle": "id 'org.springframework.boot' version '3.5.0' apply false",
          "apps/api/build.gradle": "plugins { id 'org.springframework.boot' }"}, {"app": "apps/api"},
         "RUN gradle --no-daemon :apps:api:bootJar\n"),
        ({"settings.gradle": "", "apps/api/build.gradle.kts": "plugins { alias(libs.plugins.spring.boot) }"},
         {"app": ":apps:api"}, "RUN gradle --no-daemon :apps:api:bootJar\n"),
        ({"build.gradle": "id 'org.springframework.boot' version '3.5.0' apply false"}, {}, "--no-daemon jar\n"),
        ({"build.gradle.kts": 'plugins { id("io.quarkus") }'}, {}, "--no-daemon quarkusBuild\n"),
        ({"build.gradle.kts": 'plugins { id("com.gradleup.shadow") version "9" }'}, {}, "--no-daemon shadowJar\n"),
        ({"build.gradle": "plugins {\n id 'application'\n}\napplication { mainClass = 'x.Main' }"}, {},
         "--no-daemon installDist\n"),
        ({"pom.xml": POM}, {"run": "mvn -Pprod package"}, "RUN mvn -Pprod package\n"),
    ],
)  # fmt: skip
def test_the_tool_builds_the_module_without_its_tests(files: Files, build: Mapping[str, object], expected: str) -> None:
    assert expected in steps(dockerfile(files, build=build))


JAR = ["java", "-jar", "app.jar"]
LAYERS = [
    f"/out/layers/{name} ./" for name in ("dependencies", "spring-boot-loader", "snapshot-dependencies", "application")
]


@pytest.mark.parametrize(
    ("files", "options", "copies", "runs"),
    [
        ({"pom.xml": POM}, {}, ["/out/app.jar ./"], JAR),
        ({"pom.xml": BOOT.format(version="3.5.1")}, {}, LAYERS, JAR),
        ({"pom.xml": BOOT.format(version="4.1.0")}, {}, LAYERS, JAR),
        ({"pom.xml": BOOT.format(version="3.2.0")}, {}, LAYERS,
         ["java", "org.springframework.boot.loader.launch.JarLauncher"]),
        ({"pom.xml": BOOT.format(version="2.7.18")}, {}, LAYERS,
         ["java", "org.springframework.boot.loader.JarLauncher"]),
        ({"pom.xml": BOOT.format(version="2.3.0.RELEASE")}, {}, ["/out/app.jar ./"], JAR),
        ({"pom.xml": BOOT.format(version="3.5.1")}, {"layered": False}, ["/out/app.jar ./"], JAR),
        ({"pom.xml": BOOT.format(version="3.5.1")}, {"framework": "none"}, ["/out/app.jar ./"], JAR),
        ({"pom.xml": BOOT.format(version="3.5.1")}, {"layers": ["all"]}, ["/out/layers/all ./"], JAR),
        ({"pom.xml": QUARKUS}, {},
         ["/out/lib ./lib", "/out/quarkus ./quarkus", "/out/app ./app", "/out/quarkus-run.jar ./"],
         ["java", "-jar", "quarkus-run.jar"]),
        ({"pom.xml": QUARKUS}, {"jar": "target/app-runner.jar"}, ["/out/app.jar ./"], JAR),
        ({"build.gradle": "id 'application'\nmainClass.set('shop.Main')"}, {}, ["/out/lib ./lib"],
         ["java", "-cp", "/app/lib/*", "shop.Main"]),
        ({"pom.xml": POM}, {"jlink": True}, ["/out/java /opt/java", "/out/app.jar ./"], JAR),
    ],
)  # fmt: skip
def test_what_was_built_is_taken_over_and_started(
    files: Files, options: Mapping[str, object], copies: list[str], runs: list[str]
) -> None:
    text = dockerfile(files, build={"options": options})
    assert copied(text) == copies
    assert command(text) == runs


@pytest.mark.parametrize(
    ("version", "mode"),
    [("3.3.0", "tools"), ("3.2.9", "layertools")],
)
def test_spring_boot_takes_its_jar_apart_in_the_way_of_its_version(version: str, mode: str) -> None:
    assert f"java -Djarmode={mode} -jar" in steps(dockerfile({"pom.xml": BOOT.format(version=version)}))


@pytest.mark.parametrize(
    "files",
    [
        {"pom.xml": "<properties><boot>3.1.2</boot></properties>" + BOOT.format(version="${boot}")},
        {"build.gradle": "plugins { id 'org.springframework.boot' version '3.1.2' }"},
        {"build.gradle.kts": 'plugins { id("org.springframework.boot") version "3.1.2" }'},
        {"build.gradle": "buildscript { classpath 'org.springframework.boot:spring-boot-gradle-plugin:3.1.2' }\n"
         "apply plugin: 'org.springframework.boot'"},
        {"build.gradle.kts": "plugins { alias(libs.plugins.spring.boot) }",
         "gradle/libs.versions.toml": '[versions]\nspring-boot = "3.1.2"\n'},
        {"build.gradle.kts": "plugins { alias(libs.plugins.spring.boot) }", "gradle/libs.versions.toml":
         '[plugins]\nspring-boot = { id = "org.springframework.boot", version = "3.1.2" }\n'},
        {"build.gradle": "plugins { id 'org.springframework.boot' }",
         "settings.gradle": "pluginManagement { plugins { id 'org.springframework.boot' version '3.1.2' } }"},
    ],
)  # fmt: skip
def test_the_version_of_spring_boot_is_found(files: Files) -> None:
    assert "jarmode=layertools" in dockerfile(files)


@pytest.mark.parametrize(
    ("files", "expected", "others"),
    [
        ({"pom.xml": POM}, "find target -maxdepth 1 -name '*.jar'", ["*-sources.jar", "original-*.jar"]),
        ({"build.gradle": ""}, "find build/libs -maxdepth 1 -name '*.jar'", ["*-plain.jar"]),
        ({"build.gradle": "id 'com.github.johnrengelman.shadow'"}, "-name '*-all.jar'", []),
        ({"pom.xml": "<project><descriptorRef>jar-with-dependencies</descriptorRef></project>"},
         "-name '*-jar-with-dependencies.jar'", []),
    ],
)  # fmt: skip
def test_the_jar_that_runs_is_found(files: Files, expected: str, others: list[str]) -> None:
    found = steps(dockerfile(files))
    assert expected in found
    assert all(f"! -name '{other}'" in found for other in others)


def test_a_jar_can_be_named() -> None:
    text = dockerfile({"pom.xml": POM}, build={"options": {"jar": "target/app-*.jar"}})
    assert "install -D -m 644 target/app-*.jar /out/app.jar" in text
    assert troubles({"pom.xml": POM}, options={"jar": "x.jar; rm -rf /"}) != []


def test_secrets_are_there_whenever_something_is_fetched_and_beside_the_cache() -> None:
    build = {"secrets": [{"source": "maven", "mount": "/root/.m2/settings.xml"}]}
    spec = {"envgen": 1, "name": "p", "secrets": {"maven": {"file": "settings.xml"}},
            "services": {"a": {"uses": "java@21", "build": build}}}  # fmt: skip
    loaded = load(parse(json.dumps(spec), "envgen.json"))
    text = next(
        one.text for one in render(resolve(loaded, {".": Context(files={"pom.xml": POM})})) if "Dockerf" in one.path
    )
    stage = text.partition(" AS build\n")[2]
    assert stage.count("--mount=type=secret,id=maven,target=/root/.m2/settings.xml,required=true") == 1
    assert stage.index("type=secret") < stage.index("mvn --batch")
    assert "target=/root/.m2/repository,sharing=locked" in stage


@pytest.mark.parametrize("uses", ["java@21", {"language": "java", "version": "8", "variant": "jre-alpine"}])
def test_the_jvm_trusts_certificates_where_it_builds_and_where_it_runs(uses: object) -> None:
    text = dockerfile({"pom.xml": POM}, uses, build={"certificates": ["company.crt"]})
    assert text.count("keytool -importcert") == 2
    assert "keytool" not in dockerfile({"pom.xml": POM}, uses)


def test_a_runtime_of_its_own_and_distroless_trust_them_too() -> None:
    certificates = {"certificates": ["company.crt"]}
    linked = dockerfile({"pom.xml": POM}, build={**certificates, "options": {"jlink": True}})
    assert 'cp "$JAVA_HOME/lib/security/cacerts" /out/java/lib/security/' in linked
    bare = dockerfile({"pom.xml": POM}, build={**certificates, "options": {"base": "distroless"}})
    assert "/opt/java/openjdk/lib/security/cacerts /etc/ssl/certs/java/cacerts" in copied(bare)


def test_a_locale_wins_over_that_of_the_image() -> None:
    assert "LC_ALL=de_DE.UTF-8" in dockerfile({"pom.xml": POM}, build={"locale": "de_DE.UTF-8"})
    assert "LANG=de_DE.UTF-8" in dockerfile(
        {"pom.xml": POM}, build={"locale": "de_DE.UTF-8", "options": {"jlink": True}}
    )


def test_distroless_has_no_shell_and_its_own_entry_point_is_off() -> None:
    text = dockerfile({"pom.xml": POM}, build={"options": {"base": "distroless"}})
    assert bases(text)[0] == "gcr.io/distroless/java21-debian13:nonroot"
    assert "\nENTRYPOINT []\n" in text
    assert "ENTRYPOINT" not in dockerfile({"pom.xml": POM})


@pytest.mark.parametrize(
    ("variant", "options", "base"),
    [
        ("jre-noble", {}, "debian:trixie-slim"),
        ("jre-alpine", {}, "alpine:3"),
        ("jre-alpine-3.23", {}, "alpine:3.23"),
        ("jre-noble", {"base": "distroless"}, "gcr.io/distroless/cc-debian13:nonroot"),
    ],
)
def test_jlink_needs_nothing_but_a_c_library(variant: str, options: Mapping[str, object], base: str) -> None:
    uses = {"language": "java", "version": "21", "variant": variant}
    text = dockerfile({"pom.xml": POM}, uses, build={"options": {"jlink": True, **options}})
    assert bases(text)[0] == base
    assert 'jlink --add-modules "$modules,jdk.crypto.ec"' in text
    assert "JAVA_HOME=/opt/java" in text


def test_modules_that_are_listed_make_a_layer_that_no_source_changes() -> None:
    text = dockerfile({"pom.xml": POM}, build={"options": {"jlink": True, "modules": ["java.base", "java.sql"]}})
    assert "RUN jlink --add-modules java.base,java.sql" in text.partition(" AS build\n")[0]
    assert "jdeps" not in text


@pytest.mark.parametrize(
    ("major", "strip", "small"),
    [
        ("11", "--strip-debug", "2"),
        ("17", "--strip-java-debug-attributes", "2"),
        ("25", "--strip-java-debug-attributes", "zip-6"),
    ],
)
def test_jlink_has_the_flags_of_its_version(major: str, strip: str, small: str) -> None:
    text = dockerfile({"pom.xml": POM}, f"java@{major}", build={"options": {"jlink": True}})
    assert f" {strip} --compress={small} " in text


def test_jars_are_built_on_the_builders_platform_and_runtimes_are_not() -> None:
    platforms = {"platforms": ["linux/amd64", "linux/arm64"]}
    assert "FROM --platform=$BUILDPLATFORM maven" in dockerfile({"pom.xml": POM}, build=platforms)
    assert "BUILDPLATFORM" not in dockerfile({"pom.xml": POM}, build={**platforms, "options": {"jlink": True}})


WRAPPER_JAR = "gradle/wrapper/gradle-wrapper.jar"
OWN_LAYERS = "</artifactId><layers><configuration>layers.xml</configuration></layers></plugin>"


@pytest.mark.parametrize(
    ("files", "uses", "message", "hint"),
    [
        ({}, "java@21", "pom.xml: the file is not there, and Maven needs it", "name another folder as the context"),
        ({"pom.xml": "<maven.compiler.release>25</maven.compiler.release>"}, "java@21",
         "pom.xml: it is built for Java 25, and the image has 21", "use java@25, or build for 21"),
        ({"pom.xml": "<j>17</j><maven.compiler.release>${j}</maven.compiler.release>"}, "java@11",
         "pom.xml: it is built for Java 17, and the image has 11", "use java@17, or build for 11"),
        ({"build.gradle": "sourceCompatibility = '17'"}, "java@11",
         "build.gradle: it is built for Java 17, and the image has 11", "use java@17, or build for 11"),
        ({"build.gradle": "java { toolchain { languageVersion = JavaLanguageVersion.of(17) } }"}, "java@21",
         "build.gradle: its toolchain is Java 17, and the image has 21 alone", "use java@17, or change the toolchain"),
        ({"build.gradle": "", **gradlew("7.4")}, "java@21",
         f"{GRADLE_WRAPPER}: Gradle 7.4 does not run on Java 21",
         "run `./gradlew wrapper --gradle-version 8.5`, or use an older java than 21"),
        ({"build.gradle": "", **gradlew("9.1.0")}, "java@11",
         f"{GRADLE_WRAPPER}: Gradle 9.1.0 does not run on Java 11",
         "run `./gradlew wrapper --gradle-version 8.14.3`, or use java@17 or later"),
        ({"build.gradle": "", "gradlew": "", GRADLE_WRAPPER: ""}, "java@21",
         f"{WRAPPER_JAR}: the file is not there, and gradlew needs it",
         "run `gradle wrapper` and commit it (is it in .gitignore?), or write `options: {wrapper: false}`"),
        ({"pom.xml": POM, "mvnw": "", MAVEN_WRAPPER: "distributionUrl=x/apache-maven-4.0.0-bin.zip"}, "java@11",
         f"{MAVEN_WRAPPER}: Maven 4 does not run on Java 11", "use java@17 or later, or Maven 3.9"),
        ({"pom.xml": "<packaging>war</packaging>"}, "java@21",
         "pom.xml: it packages a war, which needs a server",
         "make it a jar; or name an executable one: `options: {jar: target/app.war}`"),
        ({"pom.xml": "<packaging>pom</packaging>", "api/pom.xml": POM, "lib/pom.xml": POM}, "java@21",
         "pom.xml: it makes no jar of its own", "say which module in `build.app`; there is api, lib"),
        ({"pom.xml": POM}, "java@21.0.5",
         "pom.xml: there is no image of Java 21.0.5: tags of exact versions hold a build number",
         "write java@21; `envgen lock` pins the digest"),
        ({"pom.xml": BOOT.format(version="3.5.0").replace("</artifactId></plugin>", OWN_LAYERS)}, "java@21",
         "pom.xml: it has layers of its own, whose names are not known here",
         "list them in order, `options: {layers: [...]}`, or write `layered: false`"),
    ],
)  # fmt: skip
def test_a_build_that_would_fail_is_reported_with_advice(files: Files, uses: object, message: str, hint: str) -> None:
    assert troubles(files, uses) == [f"{message} [{hint}]"]


@pytest.mark.parametrize(
    ("files", "uses"),
    [
        ({"pom.xml": "<properties><java.version>1.8</java.version></properties>"}, "java@8"),
        ({"pom.xml": "<!-- <java.version>25</java.version> -->"}, "java@21"),
        ({"build.gradle": "sourceCompatibility = JavaVersion.VERSION_1_8"}, "java@8"),
        ({"build.gradle": "// sourceCompatibility = '25'"}, "java@21"),
        ({"build.gradle.kts": "kotlin { jvmToolchain(21) }"}, "java@21"),
        ({"build.gradle": "JavaLanguageVersion.of(17)",
          "settings.gradle": "id 'org.gradle.toolchains.foojay-resolver'"}, "java@21"),
    ],
)  # fmt: skip
def test_what_builds_is_not_reported(files: Files, uses: object) -> None:
    assert troubles(files, uses) == []


VALUES = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@settings(max_examples=150, deadline=None)
@given(
    app=VALUES, name=st.sampled_from(sorted(LANGUAGE.options)), value=VALUES,
    manager=st.sampled_from(["maven", "gradle"]),
    text=st.text("<>/{}$'\"().=org.springframework.boot version 3.5 java", max_size=80),
)  # fmt: skip
def test_whatever_is_written_is_refused_or_adds_no_instruction(
    app: str, name: str, value: str, manager: str, text: str
) -> None:
    folder = app.strip("/:").replace(":", "/")
    files = {"pom.xml": text, "build.gradle": text, f"{folder}/pom.xml": text, f"{folder}/build.gradle": text}
    build = {"app": app, "package_manager": manager, "options": {name: value, "wrapper": False}}
    try:
        rendered = dockerfile(files, build=build)
    except EnvgenError as error:
        assert all(one.line and one.message for one in error.findings)  # noqa: PT017 - or it renders
        return
    joined = re.sub(r"\\\n", "", rendered)
    words = {line.partition(" ")[0] for line in joined.split("\n") if line and not line.startswith("#")}
    assert words <= {"FROM", "WORKDIR", "COPY", "RUN", "LABEL", "ENV", "USER", "ENTRYPOINT", "CMD"}


@pytest.mark.parametrize(
    ("uses", "options", "expected"),
    [
        ("java@8", {"jlink": True}, "Java 8 has no jlink"),
        ("java@11", {"base": "distroless"}, "distroless has no image of Java 11"),
        ("java@21", {"modules": ["java.base"]}, "`modules` are those of a runtime that jlink makes"),
        ("java@21", {"framework": "struts"}, "`framework` has to be"),
        ("java@21", {"jarr": "x.jar"}, "Java has no option `jarr`"),
    ],
)
def test_options_that_do_not_fit_are_reported(uses: str, options: Mapping[str, object], expected: str) -> None:
    (found,) = troubles({"pom.xml": POM}, uses, options=options)
    assert expected in found


def test_a_wrapper_that_fetches_its_jar_needs_none() -> None:
    fetching = {"build.gradle": "", "gradlew": "curl -o gradle/wrapper/gradle-wrapper.jar x", GRADLE_WRAPPER: ""}
    assert troubles(fetching) == []


def test_of_many_modules_some_are_named() -> None:
    files = {f"m{at}/pom.xml": POM for at in range(10)}
    (found,) = troubles({"pom.xml": "<packaging>pom</packaging>", **files})
    assert found.endswith("there is m0, m1, m2, m3, m4, m5, m6, m7 and 2 more]")


def test_a_module_that_is_not_there_is_reported_with_those_that_are() -> None:
    files = {"pom.xml": "<packaging>pom</packaging>", "api/pom.xml": POM}
    assert troubles(files, app="apl") == [
        "apl/pom.xml: the file is not there, and Maven needs it [there is api]",
    ]


@pytest.mark.parametrize(("limit", "share"), [("256m", 50), ("1g", 68), ("4g", 75)])
def test_the_heap_leaves_room_for_what_the_jvm_holds_besides(limit: str, share: int) -> None:
    text = artifacts({"pom.xml": POM}, "java@21", {"mem_limit": limit})["compose.yaml"]
    assert f'JAVA_TOOL_OPTIONS: "-XX:MaxRAMPercentage={share}.0 -XX:+ExitOnOutOfMemoryError"' in text


def test_stages_for_development_keep_what_they_fetch_where_their_user_may_write() -> None:
    text = dockerfile({"pom.xml": POM, **MAVENW}, build={"target": "dev"}, command="sh ./mvnw spring-boot:run")
    stage = text.partition(" AS dev\n")[2].partition("\nFROM ")[0]
    assert "MAVEN_USER_HOME=/app/.m2" in stage
    assert "-Dmaven.repo.local=/app/.m2/repository" in stage
    assert "dependency:go-offline" in stage
    assert stage.index("go-offline") < stage.index("COPY --chown=10001:10001 . .")
    assert "type=cache" not in stage


def test_modules_that_need_each_other_are_not_fetched_alone() -> None:
    files = {"pom.xml": POM, "api/pom.xml": POM}
    assert "go-offline" not in dockerfile(files, build={"target": "dev", "app": "api"}, command="mvn spring-boot:run")


def test_sources_in_packages_named_like_outputs_stay_in_the_context() -> None:
    assert not {"target", "build", "bin", "out"} & set(LANGUAGE.ignore)


# what tally may find, and why it is right all the same
EXCUSED = {
    "tally/max-lines": "a file that is rendered has a stage a purpose, and a line a variable",
    "tally/no-unreachable-stages": "`dev` and `test` are what other environments run",
    "tally/prefer-run-heredoc": "commands are joined with `&&`, which every BuildKit and Podman reads",
    "tally/prefer-package-cache-mounts": "system packages come from the network anew, as in all languages",
    "tally/sort-packages": "packages are in the user's order",
    "tally/newline-between-instructions": "the pragma of hadolint stands between them",
    "hadolint/DL3057": "a distroless image has nothing that could ask for a path",
}
GRADLE_BOOT = "plugins {\n id 'org.springframework.boot' version '3.5.0'\n}"
FEATURES: Mapping[str, object] = {
    "packages": ["fontconfig"], "build_packages": ["git"], "certificates": ["a.crt"], "timezone": "Europe/Berlin",
    "locale": "de_DE.UTF-8", "steps": {"before_build": "true", "after_install": "true"}, "env": {"A": "b c"},
}  # fmt: skip


@pytest.mark.parametrize("variant", ["jre-noble", "jre-alpine"])
@pytest.mark.parametrize(
    ("files", "build"),
    [
        ({"pom.xml": BOOT.format(version="3.5.0"), **MAVENW}, {}),
        ({"pom.xml": BOOT.format(version="3.1.0")}, FEATURES),
        ({"build.gradle": GRADLE_BOOT, **gradlew("9.1.0")}, {"options": {"jlink": True}}),
        ({"pom.xml": QUARKUS}, {"target": "dev"}),
        ({"build.gradle.kts": ""}, {"target": "test", "platforms": ["linux/arm64"]}),
        ({"pom.xml": POM}, {"options": {"base": "distroless"}}),
        ({"pom.xml": POM}, {"options": {"jlink": True, "modules": ["java.base"]}, "certificates": ["a.crt"]}),
    ],
)
def test_linters_are_content(variant: str, files: Files, build: Mapping[str, object], tmp_path: Path) -> None:
    uses = {"language": "java", "version": "21", "variant": variant}
    command = ["java", "-jar", "app.jar"] if "target" in build else None
    written = {"build": build, "ports": ["80:8080"], **({"command": command} if command else {})}
    if "distroless" not in str(build):
        written["healthcheck"] = {"http": "/"}
    (tmp_path / "Dockerfile").write_text(dockerfile(files, uses, **written))
    done = subprocess.run(
        [program("hadolint"), "Dockerfile"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.returncode) == ("", 0)
    arguments = ["lint", "--no-config", "--slow-checks", "off", "--format", "json", "Dockerfile"]
    done = subprocess.run([program("tally"), *arguments], cwd=tmp_path, capture_output=True, text=True, check=False)
    every = [one for file in json.loads(done.stdout)["files"] for one in file["violations"]]
    assert [one for one in every if one["rule"] not in EXCUSED] == []
