"""Java with Maven or Gradle: jars of Spring Boot in layers, Quarkus, and plain ones; a runtime of its own by jlink.

Sources: the official images (https://github.com/adoptium/containers: Ubuntu or Alpine, LC_ALL set, certificates in
$JAVA_HOME/lib/security/cacerts; https://github.com/carlossg/docker-maven; https://github.com/keeganwitt/docker-gradle),
https://docs.spring.io/spring-boot/reference/packaging/container-images/dockerfiles.html (mode `tools` since 3.3;
`layertools` since 2.3, on by default since 2.4, gone in 4.1; the launcher's package changed in 3.2),
https://quarkus.io/guides/maven-tooling (fast-jar), the documentation of `java`, `jlink` and `jdeps` of JDK 8 to 25, and
builds on an engine. Read 2026-11-24.
"""

import shlex
from collections.abc import Iterable, Iterator, Mapping

from envgen.runtimes import _java_output as output
from envgen.runtimes import _java_project as project
from envgen.runtimes import _probes, distro
from envgen.runtimes._java_project import Project
from envgen.runtimes.distro import Distro
from envgen.runtimes.language import Language, Option, Recipe, Request, Trouble, load_releases

_HOME = "/opt/java"  # of a runtime that jlink makes
_CACHES = {
    "maven": ("/root/.m2/repository", "/root/.m2/wrapper"),
    "gradle": ("/root/.gradle/caches", "/root/.gradle/wrapper"),
}
# keytool takes the first certificate of a file; `find` knows where JDK 8 keeps its store
_TRUST = (
    "for file in /usr/local/share/ca-certificates/*.crt; do"
    ' keytool -importcert -noprompt -storepass changeit -alias "${file##*/}" -file "$file"'
    ' -keystore "$(find "$JAVA_HOME/" -path "*/security/cacerts")" || exit 1; done'
)
_QUIET_SINCE = (3, 6, 1)  # of Maven: --no-transfer-progress
_JLINK_SINCE, _GRADLE_9_NEEDS = 11, 17
_MAVEN_4_NEEDS = 17
_MOST_NAMES = 8  # in a message
_MEBIBYTE = 1024 * 1024
# what the JVM holds besides its heap hardly grows with the container: class data, compiled code, stacks, collector
_BESIDES = 320 * _MEBIBYTE
_LEAST_SHARE, _LARGEST_SHARE = 50, 75


def _recipe(request: Request) -> Recipe:
    what = project.read(request)
    jlink = request.options.get("jlink") is True
    base, family = _base(request, jlink=jlink)
    builder, builder_family = _builder(request)
    taken = output.taken(request, what)
    artifacts, linking = taken.artifacts, tuple[str, ...]()
    if jlink:
        artifacts = ((f"{output.OUT}/java", _HOME), *artifacts)
        linking = output.jlink_by_jdeps(request, what)
    elif request.trusts and not family.shell:
        artifacts = (("/opt/java/openjdk/lib/security/cacerts", "/etc/ssl/certs/java/cacerts"), *artifacts)
    return Recipe(
        base=base,
        distro=family,
        builder=builder,
        builder_distro=builder_family,
        cross=not jlink,
        environment=_environment(request, jlink=jlink, on_temurin=not jlink and family.shell),
        dev_environment=_development(request, what),
        test_environment=_development(request, what),
        trust=(_TRUST,) if not jlink else (),
        prepare=(*((_TRUST,) if request.trusts and jlink else ()), *(output.jlink_of_list(request) if jlink else ())),
        manifests=_manifests(request),
        install_dev=_install_dev(request),
        build=(_build(request, what),),
        build_secrets=True,
        pick=(*taken.steps, *((linking,) if linking else ())),
        caches=_CACHES[request.manager],
        prepares_alone=True,
        build_caches=_CACHES[request.manager],
        cached_dependencies=True,
        artifacts=artifacts,
        command=taken.command,
        http_probe=_probes.wget if family.name == "alpine" else _probes.bash if family.shell else None,
        extra={"resets_entrypoint": "" if family.shell or jlink else "yes"},
    )


def _major(request: Request) -> int:
    return int(request.release.major)


def _suite(request: Request) -> str:
    """The distribution's part of a variant: `noble` of `jre-noble`."""
    kind, _, rest = request.variant.partition("-")
    return rest if kind in ("jre", "jdk") else request.variant


def _family(suite: str) -> Distro:
    return distro.find("alpine" if suite.startswith("alpine") else "ubuntu")


def _base(request: Request, *, jlink: bool) -> tuple[str, Distro]:
    """The image that runs, and its distribution."""
    suite = _suite(request)
    if request.options.get("base") == "distroless":
        name = "cc" if jlink else f"java{request.release.major}"
        return f"gcr.io/distroless/{name}-debian13:nonroot", distro.find("distroless")
    if jlink and suite.startswith("alpine"):
        return f"alpine:{suite.removeprefix('alpine').removeprefix('-') or '3'}", distro.find("alpine")
    if jlink:
        return "debian:trixie-slim", distro.find("debian")
    return request.image or LANGUAGE.image_reference(request.version, request.variant), _family(suite)


def _wrapped(request: Request) -> bool:
    """Whether the project's own wrapper runs the build."""
    script = "mvnw" if request.manager == "maven" else "gradlew"
    return request.options.get("wrapper") is not False and (request.files is None or request.has(script))


def _builder(request: Request) -> tuple[str, Distro]:
    """The image that builds, and its distribution: a JDK for the wrapper, else one that has Maven or Gradle."""
    suite, facts = _suite(request), request.release.facts
    written = request.options.get("builder")
    if isinstance(written, str):
        return written, _family(suite)
    if _wrapped(request):
        return LANGUAGE.image_reference(request.version, f"jdk-{suite}" if suite else "jdk"), _family(suite)
    wanted = "alpine" if suite.startswith("alpine") else suite
    suffix = wanted if wanted in str(facts[request.manager]).split() else ""
    line = "maven:3-eclipse-temurin-" if request.manager == "maven" else f"gradle:{facts['gradle_line']}-jdk"
    return f"{line}{request.version}{'-' if suffix else ''}{suffix}", _family(suffix)


def _tool(request: Request) -> str:
    """The command that builds; a wrapper is run by sh, since many a checkout has lost its mode."""
    if request.manager == "gradle":
        return f"{'sh ./gradlew' if _wrapped(request) else 'gradle'} --no-daemon"
    used = project.wrapper_version(request) if _wrapped(request) else None
    quiet = "" if used and used < _QUIET_SINCE else " --no-transfer-progress"
    return f"{'sh ./mvnw' if _wrapped(request) else 'mvn'} --batch-mode{quiet}"


def _build(request: Request, what: Project) -> str:
    if request.manager == "maven":
        module = f" --projects {shlex.quote(what.folder)} --also-make" if what.folder else ""
        return f"{_tool(request)} -DskipTests package{module}"
    tasks = {"spring-boot": "bootJar", "quarkus": "quarkusBuild"}
    task = tasks.get(what.framework) or ("shadowJar" if what.fat else "installDist" if what.main else "jar")
    module = f":{what.folder.replace('/', ':')}:" if what.folder else ""
    return f"{_tool(request)} {shlex.quote(module + task)}"


def _install_dev(request: Request) -> tuple[str, ...]:
    """What can be fetched before the sources are there; modules that need each other have to be built for that."""
    if request.files is None or request.installs or (request.manager == "gradle" and not _wrapped(request)):
        return ()
    if request.manager == "gradle":
        return (f"{_tool(request)} --version",)
    return () if project.modules(request) else (f"{_tool(request)} dependency:go-offline",)


def _manifests(request: Request) -> tuple[str, ...]:
    names = ("pom.xml",) if request.manager == "maven" else project.GRADLE_FILES
    if request.files is None:
        return names[:1]
    builds = [path for name in names for path in (*request.matching(name), *request.matching(f"*/{name}"))]
    return (*project.wrapper_files(request), *builds)


def _development(request: Request, what: Project) -> Mapping[str, str]:
    """Tools of the stages `dev` and `test` keep what they fetch in the work folder, where their user may write."""
    if request.manager == "gradle":
        found = {"GRADLE_USER_HOME": "/app/.gradle-user-home"}
    else:
        found = {
            "MAVEN_OPTS": "-Dmaven.repo.local=/app/.m2/repository -XX:MaxRAMPercentage=25.0",
            # the wrapper reads the one, the official image's entry point the other; each trips over both
            "MAVEN_USER_HOME" if _wrapped(request) else "MAVEN_CONFIG": "/app/.m2",
        }
    return {**found, **({"QUARKUS_HTTP_HOST": "0.0.0.0"} if what.framework == "quarkus" else {})}  # noqa: S104 - a container's


def _environment(request: Request, *, jlink: bool, on_temurin: bool) -> Mapping[str, str]:
    if jlink:
        path = f"{_HOME}/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        return {"JAVA_HOME": _HOME, "PATH": path, "LANG": request.locale or "C.UTF-8"}
    # LC_ALL of Temurin's images would win over LANG
    return {"LC_ALL": request.locale} if request.locale and on_temurin else {}


def _check(request: Request) -> Iterable[Trouble]:
    what = project.read(request)
    file = project.build_file(request, what.folder)
    if request.version != request.release.major:
        hint = f"write java@{request.release.major}; `envgen lock` pins the digest"
        message = f"there is no image of Java {request.version}: tags of exact versions hold a build number"
        yield Trouble(file=file, message=message, hint=hint)
    yield from _check_options(request, file)
    if not request.has(file):
        yield _missing(request, file)
        return
    yield from _check_wrapper(request)
    yield from _check_java(request)
    chosen = "jar" in request.options or request.builds
    if not chosen and project.packs_war(request):
        hint = "make it a jar; or name an executable one: `options: {jar: target/app.war}`"
        yield Trouble(file=file, message="it packages a war, which needs a server", hint=hint)
    if not chosen and project.is_parent(request):
        hint = f"say which module in `build.app`; there is {_several(project.modules(request)) or 'none here'}"
        yield Trouble(file=file, message="it makes no jar of its own", hint=hint)
    own = request.text(file).partition("<layers>")[2].partition("</layers>")[0]
    if what.framework == "spring-boot" and "<configuration>" in own and "layers" not in request.options:
        hint = "list them in order, `options: {layers: [...]}`, or write `layered: false`"
        yield Trouble(file=file, message="it has layers of its own, whose names are not known here", hint=hint)


def _missing(request: Request, file: str) -> Trouble:
    title = request.manager.capitalize()
    found = project.modules(request)
    hint = f"there is {_several(found)}" if found else "name another folder as the context"
    return Trouble(file=file, message=f"the file is not there, and {title} needs it", hint=hint)


def _several(names: tuple[str, ...]) -> str:
    more = len(names) - _MOST_NAMES
    return ", ".join(names[:_MOST_NAMES]) + (f" and {more} more" if more > 0 else "")


def _check_options(request: Request, file: str) -> Iterator[Trouble]:
    jlink = request.options.get("jlink") is True
    if jlink and _major(request) < _JLINK_SINCE:
        yield Trouble(file=file, message="Java 8 has no jlink", hint="leave the option out, or use java@11 or later")
    if request.options.get("base") == "distroless" and not jlink and "distroless" not in request.release.facts:
        have = " and ".join(major for major, one in LANGUAGE.releases.items() if "distroless" in one.facts)
        message = f"distroless has no image of Java {request.release.major}"
        yield Trouble(file=file, message=message, hint=f"it has {have}; `jlink: true` works with any since 11")
    if not jlink and "modules" in request.options:
        message = "`modules` are those of a runtime that jlink makes"
        yield Trouble(file=file, message=message, hint="write `jlink: true` beside them, or leave them out")


def _check_wrapper(request: Request) -> Iterator[Trouble]:
    maven = request.manager == "maven"
    major, used = _major(request), project.wrapper_version(request)
    if not _wrapped(request):
        return
    file = project.MAVEN_WRAPPER if maven else project.GRADLE_WRAPPER
    make = "`mvn wrapper:wrapper`" if maven else "`gradle wrapper`"
    for name in (file,) if maven else (file, project.GRADLE_JAR):
        fetched = name == project.GRADLE_JAR and "curl" in request.text("gradlew")  # by a script of the project's own
        if not request.has(name) and not fetched:
            hint = f"run {make} and commit it (is it in .gitignore?), or write `options: {{wrapper: false}}`"
            message = f"the file is not there, and {'mvnw' if maven else 'gradlew'} needs it"
            yield Trouble(file=name, message=message, hint=hint)
    if maven and used and used >= (4,) and major < _MAVEN_4_NEEDS:
        hint = f"use java@{_MAVEN_4_NEEDS} or later, or Maven 3.9"
        yield Trouble(file=file, message=f"Maven 4 does not run on Java {major}", hint=hint)
    since = project.version(str(request.release.facts["gradle_since"]))
    if not maven and used and (used < since or (used >= (9,) and major < _GRADLE_9_NEEDS)):
        wanted = request.release.facts["gradle_since"] if used < since else "8.14.3"
        fitting = f"java@{_GRADLE_9_NEEDS} or later" if used >= since else f"an older java than {major}"
        message = f"Gradle {'.'.join(map(str, used))} does not run on Java {major}"
        hint = f"run `./gradlew wrapper --gradle-version {wanted}`, or use {fitting}"
        yield Trouble(file=file, message=message, hint=hint)


def _check_java(request: Request) -> Iterator[Trouble]:
    major = _major(request)
    level = project.java_level(request)
    if level and level[1] > major:
        message = f"it is built for Java {level[1]}, and the image has {major}"
        yield Trouble(file=level[0], message=message, hint=f"use java@{level[1]}, or build for {major}")
    tools = project.toolchain(request) if request.manager == "gradle" else None
    if tools and tools[1] != major:
        message = f"its toolchain is Java {tools[1]}, and the image has {major} alone"
        yield Trouble(file=tools[0], message=message, hint=f"use java@{tools[1]}, or change the toolchain")


def _memory_flag(limit: int) -> tuple[str, str]:
    """The JVM takes a quarter of the container's memory for its heap, and goes on half dead when that is full.

    A share, so that the heap grows with a limit that is set later; JDK 8 reads it since 8u191, with a decimal point.
    """
    share = (limit - _BESIDES) * 100 // limit
    share = max(_LEAST_SHARE, min(_LARGEST_SHARE, share))
    return "JAVA_TOOL_OPTIONS", f"-XX:MaxRAMPercentage={share}.0 -XX:+ExitOnOutOfMemoryError"


# by folder: sources may have packages of the names `build` and `target`
_MADE = {
    "target": ("*.jar", "*.war", "*.original", "classes", "generated-sources", "generated-test-sources",
               "maven-archiver", "maven-status", "quarkus-app", "site", "surefire-reports", "test-classes"),
    "build": ("classes", "distributions", "generated", "install", "kotlin", "libs", "quarkus-app", "reports",
              "resources", "scripts", "test-results", "tmp"),
}  # fmt: skip
LANGUAGE = Language(
    name="java",
    title="Java",
    image="eclipse-temurin",
    releases=load_releases("java"),
    ignore=(*(f"{made}/{name}" for made, names in _MADE.items() for name in names), ".gradle", "*.class", "*.hprof"),
    recipe=_recipe,
    check=_check,
    context_files=(
        "mvnw", project.MAVEN_WRAPPER, ".mvn/wrapper/maven-wrapper.jar", *project.MAVEN_SETTINGS, "gradlew",
        project.GRADLE_WRAPPER, project.GRADLE_JAR, project.CATALOG, "gradle.properties", *project.SETTINGS,
        "pom.xml", "**/pom.xml", *project.GRADLE_FILES, *(f"**/{name}" for name in project.GRADLE_FILES),
    ),
    managers={"maven": ("pom.xml",), "gradle": (*project.GRADLE_FILES, *project.SETTINGS)},
    options={
        "framework": Option(
            kind="choice",
            summary="`spring-boot`, `quarkus` or `none`; by default the build files tell",
            choices=("spring-boot", "quarkus", "none"),
        ),
        "jar": Option(
            kind="text",
            pattern=r"[A-Za-z0-9_.*][A-Za-z0-9_./*+-]*\.[jw]ar",
            summary="the jar that is built, relative to the context; `*` is allowed",
        ),
        "layered": Option(kind="bool", summary="whether a jar of Spring Boot is taken apart into layers"),
        "layers": Option(
            kind="words", pattern=r"[A-Za-z0-9_-]+", summary="the names of its layers, where it has others than usual"
        ),
        "base": Option(
            kind="choice", summary="what runs: `official`, or `distroless` without a shell",
            choices=("official", "distroless"),
        ),
        "jlink": Option(kind="bool", summary="whether the image gets a Java runtime of the modules that the app uses"),
        "modules": Option(
            kind="words", pattern=r"[a-z][a-z0-9._]*", summary="the modules of that runtime; by default jdeps tells"
        ),
        "wrapper": Option(kind="bool", summary="whether mvnw or gradlew builds where it is there (the default)"),
        "builder": Option(
            kind="text", pattern=r"[A-Za-z0-9][A-Za-z0-9_./:@-]*", summary="the image that builds, with a JDK"
        ),
    },
    memory_flag=_memory_flag,
    memory_limit="1g",
    pids_limit=512,
)  # fmt: skip
