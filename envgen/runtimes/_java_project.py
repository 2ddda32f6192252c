"""What the build files of a Java project say: modules, frameworks, versions. Read as text; nothing is run.

A build file can compute anything, so what is not written plainly is not known, and the user's options decide.
"""

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass

from envgen.runtimes.language import Request

Version = tuple[int, ...]

GRADLE_FILES = ("build.gradle", "build.gradle.kts")
SETTINGS = ("settings.gradle", "settings.gradle.kts")
MAVEN_WRAPPER = ".mvn/wrapper/maven-wrapper.properties"
GRADLE_WRAPPER = "gradle/wrapper/gradle-wrapper.properties"
GRADLE_JAR = "gradle/wrapper/gradle-wrapper.jar"
CATALOG = "gradle/libs.versions.toml"

_XML_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_COMMENT = re.compile(r"/\*.*?\*/|(?<![:\"'])//[^\n]*", re.DOTALL)
_PROPERTY = re.compile(r"\$\{([^}]+)\}")
_DISTRIBUTION = re.compile(r"(?:apache-maven|gradle)-(\d+(?:\.\d+)*)")
_MAVEN_LEVELS = ("maven.compiler.release", "maven.compiler.target", "maven.compiler.source", "java.version")
_GRADLE_LEVELS = re.compile(
    r"(?:sourceCompatibility|targetCompatibility|options\.release)\s*(?:=|\.set\()?\s*"
    r"(?:JavaVersion\.(?:toVersion\()?)?['\"]?(?:VERSION_)?(?:1[._])?(\d+)\b"
)
_TOOLCHAIN = re.compile(r"(?:JavaLanguageVersion\.of|jvmToolchain)\(\s*['\"]?(\d+)")
_GRADLE_BOOT = re.compile(
    r"(?:id\s*\(?\s*|plugin:\s*|plugin\s*=\s*)['\"]org\.springframework\.boot['\"](?![^\n]*apply\s*\(?\s*false)"
    r"|alias\s*\(?\s*libs\.plugins\.spring[.A-Za-z]*boot[A-Za-z]*\b(?![^\n]*apply\s*\(?\s*false)",
    re.IGNORECASE,
)
_GRADLE_QUARKUS = re.compile(r"['\"]io\.quarkus['\"]|libs\.plugins\.quarkus")
_SHADOW = re.compile(r"['\"]com\.(?:gradleup|github\.johnrengelman)\.shadow['\"]|libs\.plugins\.shadow")
_APPLICATION = re.compile(r"['\"]application['\"]|^\s*`?application`?\s*$", re.MULTILINE)
_MAIN = re.compile(r"mainClass(?:Name)?\s*(?:=|\.set\()\s*\(?\s*['\"]([A-Za-z_][\w.$]*)['\"]")
_BOOT_VERSIONS = (
    re.compile(r"org\.springframework\.boot['\"]\s*\)?\s*version\s*\(?\s*['\"](\d+)\.(\d+)"),
    re.compile(r"spring-boot-gradle-plugin:(\d+)\.(\d+)"),
    re.compile(r"spring-?_?boot(?:-?_?version)?\s*=\s*['\"]?(\d+)\.(\d+)", re.IGNORECASE),
    re.compile(r"org\.springframework\.boot['\"]\s*,\s*version\s*=\s*['\"](\d+)\.(\d+)"),
)
_BOOT_PARENTS = re.compile(r"<artifactId>spring-boot-(?:starter-parent|dependencies)</artifactId>\s*<version>([^<]+)<")


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """What is built: `folder` is that of the module ("" is the context itself), `files` what was read of it."""

    folder: str
    framework: str  # "spring-boot", "quarkus" or "none"
    boot: Version | None  # of Spring Boot, major and minor
    fat: str  # a glob for the jar that holds its dependencies, where it has a name of its own
    main: str  # the class that Gradle's application plugin starts


def folder(request: Request) -> str:
    """The folder of the module that is built; Gradle's `:apps:api` is `apps/api`."""
    written = (request.app or "").strip("/")
    path = written.strip(":").replace(":", "/") if request.manager == "gradle" else written
    normal = posixpath.normpath(path) if path else ""
    return "" if normal == "." else normal


def read(request: Request) -> Project:
    """What the build files say of the module that is built."""
    text, root = _text(request, folder(request)), _text(request, "")
    written = request.options.get("framework")
    framework = written if isinstance(written, str) else _framework(request, text, root)
    main = _MAIN.search(text) if request.manager == "gradle" and _APPLICATION.search(text) else None
    return Project(
        folder=folder(request),
        framework=framework,
        boot=_boot(request, f"{text}\n{root}") if framework == "spring-boot" else None,
        fat=_fat(request, text),
        main=main[1] if main and framework == "none" and not _SHADOW.search(text) else "",
    )


def build_file(request: Request, of: str) -> str:
    """The path of the file that says how a folder is built; the usual one where there is none."""
    names = ("pom.xml",) if request.manager == "maven" else GRADLE_FILES
    paths = [posixpath.join(of, name) for name in names]
    return next((path for path in paths if request.has(path)), paths[0])


def modules(request: Request) -> tuple[str, ...]:
    """The folders below the context that have a build file."""
    names = ("pom.xml",) if request.manager == "maven" else GRADLE_FILES
    found = {posixpath.dirname(path) for name in names for path in request.matching(f"*/{name}")}
    return tuple(sorted(found - {"buildSrc"}))


def wrapper_version(request: Request) -> Version | None:
    """The version of Maven or Gradle that the wrapper fetches."""
    text = request.text(MAVEN_WRAPPER if request.manager == "maven" else GRADLE_WRAPPER)
    found = _DISTRIBUTION.search(text.partition("distributionUrl")[2])
    return version(found[1]) if found else None


def version(text: str) -> Version:
    """`8.10` as numbers that can be compared."""
    return tuple(int(part) for part in text.split(".") if part.isdecimal())


def java_level(request: Request) -> tuple[str, int] | None:
    """The Java release that class files are made for, and the file that says so; `1.8` is 8."""
    for file in dict.fromkeys((build_file(request, folder(request)), build_file(request, ""))):
        text = _plain(file, request.text(file))
        found = _maven_level(text, request) if request.manager == "maven" else _highest(_GRADLE_LEVELS, text)
        if found:
            return file, found
    return None


def toolchain(request: Request) -> tuple[str, int] | None:
    """The JDK that a Gradle toolchain asks for, unless Gradle may fetch it; and the file that says so."""
    if any("foojay-resolver" in request.text(name) for name in SETTINGS):
        return None
    for file in dict.fromkeys((build_file(request, folder(request)), build_file(request, ""))):
        if found := _highest(_TOOLCHAIN, _plain(file, request.text(file))):
            return file, found
    return None


def packs_war(request: Request) -> bool:
    """Whether a Maven module makes a war."""
    return "<packaging>war</packaging>" in _text(request, folder(request)).replace(" ", "")


def is_parent(request: Request) -> bool:
    """Whether the Maven project that is built makes nothing but its modules."""
    return "<packaging>pom</packaging>" in _text(request, folder(request)).replace(" ", "")


def _text(request: Request, of: str) -> str:
    file = build_file(request, of)
    return _plain(file, request.text(file))


def _plain(file: str, text: str) -> str:
    return (_XML_COMMENT if file.endswith(".xml") else _COMMENT).sub("", text)


def _framework(request: Request, text: str, root: str) -> str:
    if request.manager == "gradle":
        found = {"spring-boot": _GRADLE_BOOT.search(text), "quarkus": _GRADLE_QUARKUS.search(text)}
    else:
        # a parent may name the plugin for all of its modules
        found = {
            name: re.search(rf"<artifactId>{plugin}</artifactId>", text) or re.search(rf">{plugin}<", root)
            for name, plugin in (("spring-boot", "spring-boot-maven-plugin"), ("quarkus", "quarkus-maven-plugin"))
        }
    return next((name for name, match in found.items() if match), "none")


def _boot(request: Request, text: str) -> Version | None:
    if request.manager == "maven":
        parent = _BOOT_PARENTS.search(text)
        written = _resolved(parent[1], request) if parent else _property("spring-boot.version", request)
        return version(written)[:2] or None
    every = "\n".join((text, *map(request.text, (*SETTINGS, CATALOG, "gradle.properties"))))
    found = next((match for pattern in _BOOT_VERSIONS if (match := pattern.search(every))), None)
    return (int(found[1]), int(found[2])) if found else None


def _fat(request: Request, text: str) -> str:
    if request.manager == "gradle":
        return "*-all.jar" if _SHADOW.search(text) else ""
    if "jar-with-dependencies" in text:
        return "*-jar-with-dependencies.jar"
    return "*-shaded.jar" if "<shadedArtifactAttached>true<" in text else ""


def _maven_level(text: str, request: Request) -> int | None:
    plugin = re.search(r"maven-compiler-plugin.*?<(?:release|target)>([^<]+)<", text, re.DOTALL)
    written = next((found for name in _MAVEN_LEVELS if (found := _own_property(name, text))), "")
    level = _resolved(plugin[1] if plugin else written, request).strip().removeprefix("1.")
    return int(level) if level.isdecimal() else None


def _resolved(text: str, request: Request) -> str:
    """A text with the properties of the project filled in, those that are known."""
    return _PROPERTY.sub(lambda found: _property(found[1], request), text)


def _property(name: str, request: Request) -> str:
    files = dict.fromkeys((build_file(request, folder(request)), build_file(request, "")))
    return next((found for file in files if (found := _own_property(name, _plain(file, request.text(file))))), "")


def _own_property(name: str, text: str) -> str:
    found = re.search(rf"<{re.escape(name)}>\s*([^<]+?)\s*</", text)
    return found[1] if found else ""


def _highest(pattern: re.Pattern[str], text: str) -> int | None:
    return max((int(found) for found in pattern.findall(text)), default=None)


def wrapper_files(request: Request) -> Iterator[str]:
    """The files of the wrapper and of the settings that a build reads before anything else."""
    names = {
        "maven": ("mvnw", MAVEN_WRAPPER, ".mvn/wrapper/maven-wrapper.jar", *MAVEN_SETTINGS),
        "gradle": ("gradlew", GRADLE_WRAPPER, GRADLE_JAR, *SETTINGS, "gradle.properties", CATALOG),
    }[request.manager]
    return (name for name in names if request.has(name))


MAVEN_SETTINGS = (".mvn/extensions.xml", ".mvn/jvm.config", ".mvn/maven.config")
