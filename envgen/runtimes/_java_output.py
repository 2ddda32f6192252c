"""What is taken over of what Maven or Gradle built: layers of Spring Boot, Quarkus' folders, a jar; a runtime by jlink.

The sources of facts are those of `java`.
"""

import shlex
from dataclasses import dataclass

from envgen.runtimes._java_project import Project
from envgen.runtimes.language import Command, Request

OUT = "/out"  # of the build stage
_LAYERS = ("dependencies", "spring-boot-loader", "snapshot-dependencies", "application")
_TOOLS_SINCE, _LAYERED_SINCE, _LAUNCH_SINCE = (3, 3), (2, 4), (3, 2)
_NOT_RUN = {
    "maven": ("*-sources.jar", "*-javadoc.jar", "*-tests.jar", "original-*.jar"),
    "gradle": ("*-plain.jar", "*-sources.jar", "*-javadoc.jar", "*-test-fixtures.jar"),
}
_STRIP_SINCE, _ZIP_SINCE, _NO_EC_SINCE = 13, 21, 22  # JDKs


@dataclass(frozen=True, slots=True)
class Taken:
    """The steps that pick what was built, the (source, target) pairs that are copied, and what starts them."""

    steps: tuple[Command, ...]
    artifacts: tuple[tuple[str, str], ...]
    command: tuple[str, ...]


def taken(request: Request, what: Project) -> Taken:
    """How what was built gets into the image."""
    target = f"{what.folder}/" if what.folder else ""
    target += "target" if request.manager == "maven" else "build"
    plain, runs = f"{OUT}/app.jar", ("java", "-jar", "app.jar")
    if what.framework == "quarkus" and "jar" not in request.options:
        folders = tuple((f"{OUT}/{name}", f"./{name}") for name in ("lib", "quarkus", "app"))
        copy = f"cp -R {shlex.quote(f'{target}/quarkus-app/.')} {OUT}"
        return Taken(
            ((f"mkdir -p {OUT}", copy),),
            (*folders, (f"{OUT}/quarkus-run.jar", "./")),
            ("java", "-jar", "quarkus-run.jar"),
        )
    if what.main and "jar" not in request.options:
        libraries = (f"mkdir -p {OUT}", f"cp -R {shlex.quote(target)}/install/*/lib {OUT}")
        return Taken((libraries,), ((f"{OUT}/lib", "./lib"),), ("java", "-cp", "/app/lib/*", what.main))
    jar = _jar(request, what, target)
    if not _is_layered(request, what):
        return Taken(((f"install -D -m 644 {jar} {plain}",),), ((plain, "./"),), runs)
    mode, options = ("tools", "--layers --application-filename app.jar ") if _has_tools(what) else ("layertools", "")
    layers = [f"{OUT}/layers/{layer}" for layer in _layers(request)]
    # a layer that is empty is not extracted, but copied
    extract = (
        f"java -Djarmode={mode} -jar {jar} extract {options}--destination {OUT}/layers",
        f"mkdir -p {shlex.join(layers)}",
    )
    package = "org.springframework.boot.loader" + (".launch" if (what.boot or ()) >= _LAUNCH_SINCE else "")
    launched = runs if _has_tools(what) else ("java", f"{package}.JarLauncher")
    return Taken((extract,), tuple((layer, "./") for layer in layers), launched)


def _jar(request: Request, what: Project, target: str) -> str:
    """The jar that was built, as a word of the shell; several are an error of what reads it."""
    written = request.options.get("jar")
    if isinstance(written, str):
        return written
    folder = shlex.quote(target if request.manager == "maven" else f"{target}/libs")
    wanted = what.fat or "*.jar"
    others = " ".join(f"! -name '{name}'" for name in _NOT_RUN[request.manager])
    return f"\"$(find {folder} -maxdepth 1 -name '{wanted}' {others})\""


def _layers(request: Request) -> tuple[str, ...]:
    written = request.options.get("layers")
    return tuple(map(str, written)) if isinstance(written, list) else _LAYERS


def _is_layered(request: Request, what: Project) -> bool:
    written = request.options.get("layered")
    if isinstance(written, bool):
        return written
    return what.framework == "spring-boot" and (what.boot is None or what.boot >= _LAYERED_SINCE)


def _has_tools(what: Project) -> bool:
    return what.boot is None or what.boot >= _TOOLS_SINCE


def jlink_of_list(request: Request) -> tuple[str, ...]:
    """The commands that make a Java runtime of the modules that are listed; none where none are."""
    written = request.options.get("modules")
    return _link(request, ",".join(map(str, written))) if isinstance(written, list) else ()


def jlink_by_jdeps(request: Request, what: Project) -> tuple[str, ...]:
    """The commands that make a Java runtime of the modules that jdeps finds in use; none where some are listed."""
    if isinstance(request.options.get("modules"), list):
        return ()
    major = int(request.release.major)
    libraries, roots = _classes(request, what)
    path = f" --class-path '{libraries}'" if libraries else ""
    scan = f"jdeps --ignore-missing-deps --recursive --multi-release {major} --print-module-deps{path} {roots}"
    # elliptic curves of TLS, which no class names
    more = ",jdk.crypto.ec" if major < _NO_EC_SINCE else ""
    return (f'modules="$({scan})"', *_link(request, f'"$modules{more}"'))


def _classes(request: Request, what: Project) -> tuple[str, str]:
    """The class path and the archives that jdeps looks at."""
    if _is_layered(request, what):
        inside = "" if _has_tools(what) else "/BOOT-INF"
        parts = ("dependencies", "snapshot-dependencies")
        libraries = ":".join(f"{OUT}/layers/{part}{inside}/lib/*" for part in parts)
        return libraries, f"{OUT}/layers/application/{'BOOT-INF/classes' if inside else 'app.jar'}"
    if "jar" in request.options:
        return "", f"{OUT}/app.jar"
    if what.framework == "quarkus":
        return f"{OUT}/lib/boot/*:{OUT}/lib/main/*", f"{OUT}/app/*.jar {OUT}/quarkus-run.jar"
    return (f"{OUT}/lib/*", f"{OUT}/lib/*.jar") if what.main else ("", f"{OUT}/app.jar")


def _link(request: Request, modules: str) -> tuple[str, ...]:
    major = int(request.release.major)
    strip = "--strip-java-debug-attributes" if major >= _STRIP_SINCE else "--strip-debug"
    small = "zip-6" if major >= _ZIP_SINCE else "2"
    link = f"jlink --add-modules {modules} --no-header-files --no-man-pages {strip} --compress={small}"
    # jlink takes the certificates of the JDK as it was made
    store = (f'cp "$JAVA_HOME/lib/security/cacerts" {OUT}/java/lib/security/',) if request.trusts else ()
    return (f"{link} --output {OUT}/java", *store)
