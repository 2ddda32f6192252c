"""Java: the example; layers, distroless, certificates and the stage for development, each built and running."""

import subprocess
import time
from collections.abc import Callable, Iterator

import pytest
from compose_stack import EXAMPLES, Stack

pytestmark = pytest.mark.engine

EXAMPLE = "java-service"
SERVICES = ("api", "tiny")
IMAGES = (
    "eclipse-temurin:21-jre-noble",
    "maven:3-eclipse-temurin-21-noble",
    "debian:trixie-slim",
    "gcr.io/distroless/java21-debian13:nonroot",
)

# Stands for a jar of Spring Boot, whose `tools` take it apart: only the folders and names are like there.
LAYERED = """
        if ("tools".equals(System.getProperty("jarmode"))) {
            java.util.List<String> words = java.util.List.of(arguments);
            Path to = Path.of(words.get(words.indexOf("--destination") + 1));
            String name = words.get(words.indexOf("--application-filename") + 1);
            Files.createDirectories(to.resolve("dependencies/lib"));
            Files.createDirectories(to.resolve("application"));
            Files.writeString(to.resolve("dependencies/lib/library.jar"), "");
            Path own = Path.of(System.getProperty("java.class.path"));
            Files.copy(own, to.resolve("application").resolve(name));
            return;
        }
"""
SPEC = """
envgen: 1
name: kinds
services:
  layered:
    uses: java@21
    build: {context: app, options: {framework: spring-boot}}
    ports: [{target: 8080, published: 18101}]
    healthcheck: {http: /healthz}
  bare:
    uses: java@21
    build: {context: app, options: {base: distroless}}
    ports: [{target: 8080, published: 18102}]
  trusting:
    uses: java@21
    build: {context: app, certificates: [company.crt], locale: de_DE.UTF-8, timezone: Europe/Berlin}
    ports: [{target: 8080, published: 18103}]
    healthcheck: {http: /healthz}
  dev:
    uses: java@21
    # Debian's Maven finds no plugin by its prefix
    build: {context: app, target: dev, install: mvn --version}
    command: [sh, -c, "mvn --batch-mode --quiet compile && exec java -cp target/classes com.example.shop.Greetings"]
    ports: [{target: 8080, published: 18104}]
    healthcheck: {http: /healthz, start_period: 60s}
"""


@pytest.fixture(scope="module", autouse=True)
def images(standin: Callable[..., None]) -> None:
    standin(*IMAGES)


@pytest.fixture(scope="module")
def kinds(images: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:  # noqa: ARG001 - it has to come first
    """Services of one program, each built in another way."""
    folder = tmp_path_factory.mktemp("kinds")
    source = "src/main/java/com/example/shop/Greetings.java"
    program = (EXAMPLES / EXAMPLE / source).read_text()
    start = "public static void main(String[] arguments) throws IOException {\n"
    assert start in program
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", "/CN=company", "-keyout",
         folder / "key.pem", "-out", folder / "company.crt"],
        check=True, capture_output=True,
    )  # fmt: skip
    files = {
        "envgen.yaml": SPEC,
        "app/pom.xml": (EXAMPLES / EXAMPLE / "pom.xml").read_text(),
        f"app/{source}": program.replace(start, start + LAYERED),
        "app/company.crt": (folder / "company.crt").read_text(),
    }
    stack = Stack.of_files(files, folder)
    try:
        stack.up()
        yield stack
    finally:
        stack.compose("down", "--volumes", "--rmi", "local", "--remove-orphans")


@pytest.mark.parametrize("service", SERVICES)
class TestExample:
    def test_answers_as_an_ordinary_user(self, stack: Stack, service: str) -> None:
        answer = stack.get(service)
        assert (answer.status, answer.body["java"], answer.body["uid"]) == (200, 21, 10001)
        assert stack.get(service, "/nothing").status == 404

    def test_the_heap_is_bounded_by_the_containers_memory(self, stack: Stack, service: str) -> None:
        limit = stack.container(service)["HostConfig"]["Memory"]
        assert limit == 2**30
        assert 0.6 * limit < stack.get(service).body["heap"] < 0.7 * limit

    def test_nothing_can_be_written_but_temporary_files(self, stack: Stack, service: str) -> None:
        written = "for at in /app /opt /tmp; do touch $at/mark 2>/dev/null && echo $at; done; true"
        assert stack.exec(service, "sh", "-c", written) == "/tmp"

    def test_the_health_check_tells_good_from_bad(self, stack: Stack, service: str) -> None:
        # Docker runs it as it is written in the image
        test = stack.container(service)["Config"]["Healthcheck"]["Test"]
        assert test[:2] == ["CMD", "bash"]
        assert stack.exec(service, *test[1:]) == ""
        bad = [word.replace("/healthz", "/nothing") for word in test[1:]]
        with pytest.raises(AssertionError):
            stack.exec(service, *bad)


def test_a_runtime_of_two_modules_has_no_others(stack: Stack) -> None:
    own = [line.partition("@")[0] for line in stack.exec("tiny", "java", "--list-modules").splitlines()]
    assert [name for name in own if "." in name] == ["java.base", "jdk.httpserver"]
    assert stack.exec("api", "java", "--list-modules").count("@") > 20


@pytest.mark.parametrize("service", SERVICES)
def test_a_stop_reaches_the_program(stack: Stack, service: str) -> None:
    started = time.monotonic()
    stack.compose("stop", service)
    assert time.monotonic() - started < 3
    assert stack.container(service)["State"]["ExitCode"] == 143  # 128 + SIGTERM, after the shutdown hooks
    assert "stopped" in stack.compose("logs", "--no-color", service)
    stack.compose("start", "--wait", service)


def test_a_jar_in_layers_runs(kinds: Stack) -> None:
    assert kinds.get("layered").status == 200
    assert set(kinds.exec("layered", "find", "/app", "-type", "f").split()) == {"/app/lib/library.jar", "/app/app.jar"}


def test_distroless_runs_the_jar(kinds: Stack) -> None:
    assert kinds.get("bare").body["uid"] == 10001
    assert kinds.container("bare")["Config"]["Entrypoint"] in (None, [])


def test_the_jvm_trusts_a_certificate_that_is_named(kinds: Stack) -> None:
    listed = kinds.exec("trusting", "keytool", "-list", "-cacerts", "-storepass", "changeit", "-alias", "company.crt")
    assert "trustedCertEntry" in listed


def test_the_jvm_has_the_locale_and_the_time_zone(kinds: Stack) -> None:
    shown = kinds.exec("trusting", "sh", "-c", "java -XshowSettings:all -version 2>&1")
    assert "user.language = de" in shown
    assert kinds.exec("trusting", "sh", "-c", "date +%Z") in ("CET", "CEST")


def test_the_stage_for_development_builds_as_its_user(kinds: Stack) -> None:
    assert kinds.get("dev").body["uid"] == 10001
    assert kinds.exec("dev", "sh", "-c", "test -w /app/.m2/repository && echo yes") == "yes"


def test_a_change_of_one_line_fetches_nothing(kinds: Stack) -> None:
    source = kinds.folder / "app/src/main/java/com/example/shop/Greetings.java"
    source.write_text(source.read_text().replace('"stopped"', '"stopped now"'))
    started = time.monotonic()
    done = kinds.compose("--progress", "plain", "build", "layered", timeout=300)
    assert time.monotonic() - started < 60
    assert "Downloading" not in done
