import os
from pathlib import Path

import pytest

from envgen import codes
from envgen.finding import EnvgenError, Finding
from envgen.lint.files import Kind, LintFile, kind_of, read


@pytest.fixture(autouse=True)
def _working_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def write(path: str, content: bytes = b"FROM a\n") -> None:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_bytes(content)


def only_finding(path: str) -> Finding:
    (found,) = read([path])
    assert isinstance(found, Finding)
    return found


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Dockerfile", Kind.DOCKERFILE),
        ("a/b/Dockerfile", Kind.DOCKERFILE),
        ("dockerfile", Kind.DOCKERFILE),
        ("Dockerfile.dev", Kind.DOCKERFILE),
        ("api.Dockerfile", Kind.DOCKERFILE),
        ("api.dockerfile", Kind.DOCKERFILE),
        ("Containerfile", Kind.DOCKERFILE),
        ("Dockerfile.dockerignore", None),
        ("api.Dockerfile.dockerignore", None),
        (".dockerignore", None),
        ("Dockerfiles", None),
        ("MyDockerfile", None),
        ("compose.yaml", Kind.COMPOSE),
        ("compose.yml", Kind.COMPOSE),
        ("compose.prod.yaml", Kind.COMPOSE),
        ("docker-compose.yml", Kind.COMPOSE),
        ("docker-compose.override.yaml", Kind.COMPOSE),
        ("docker-compose-dev.yml", Kind.COMPOSE),
        ("mycompose.yaml", None),
        ("compose.json", None),
        ("envgen.yaml", Kind.SPEC),
        ("envgen.yml", Kind.SPEC),
        ("envgen.json", Kind.SPEC),
        ("my-envgen.yaml", None),
        ("README.md", None),
        ("", None),
    ],
)
def test_the_name_says_what_a_file_is(name: str, kind: Kind | None) -> None:
    assert kind_of(name) is kind


def test_a_file_is_read_with_the_path_as_given() -> None:
    write("a/Dockerfile", "FROM é\r\n".encode())
    assert read(["./a/../a/Dockerfile"]) == (LintFile("./a/../a/Dockerfile", "FROM é\r\n", Kind.DOCKERFILE),)


def test_a_byte_order_mark_is_no_text() -> None:
    write("Dockerfile", b"\xef\xbb\xbfFROM a")
    assert read(["Dockerfile"]) == (LintFile("Dockerfile", "FROM a", Kind.DOCKERFILE),)


@pytest.mark.parametrize("name", ["-f.Dockerfile", "a b/Dockerfile", "grüße/Dockerfile", "caf\udce9/Dockerfile"])
def test_any_file_name(name: str) -> None:
    write(name)
    assert read([name]) == (LintFile(name, "FROM a\n", Kind.DOCKERFILE),)
    assert [file.path for file in read(["."]) if isinstance(file, LintFile)] == [name]


def test_folders_are_searched_without_what_nobody_wrote() -> None:
    for name in ("b/Dockerfile", "a/compose.yaml", "envgen.yaml", "a/x/y/api.Dockerfile"):
        write(name)
    for name in (
        ".git/Dockerfile",
        "a/node_modules/x/Dockerfile",
        ".venv/Dockerfile",
        "a/.x/Dockerfile",
        "a/README.md",
    ):
        write(name)
    found = [file.path for file in read(["."]) if isinstance(file, LintFile)]
    assert found == ["envgen.yaml", "a/compose.yaml", "a/x/y/api.Dockerfile", "b/Dockerfile"]


def test_a_hidden_folder_that_is_named_is_searched() -> None:
    write(".devcontainer/Dockerfile")
    assert [file.path for file in read([".devcontainer"]) if isinstance(file, LintFile)] == [".devcontainer/Dockerfile"]


def test_a_folder_named_like_a_file_is_a_folder() -> None:
    write("Dockerfile/Dockerfile")
    assert [file.path for file in read(["Dockerfile"]) if isinstance(file, LintFile)] == ["Dockerfile/Dockerfile"]


def test_a_file_named_twice_is_linted_once() -> None:
    write("a/Dockerfile")
    Path("link.Dockerfile").symlink_to("a/Dockerfile")
    assert len(read(["a/Dockerfile", "./a/Dockerfile", "a", ".", "link.Dockerfile"])) == 1


def test_links_that_go_round_end() -> None:
    write("a/Dockerfile")
    Path("a/loop").symlink_to(Path.cwd())
    assert len(read(["."])) == 1


@pytest.mark.parametrize(
    ("content", "line", "message"),
    [
        (b"FROM a\n# caf\xe9\n", 2, "the file is not UTF-8 text: byte 0xe9"),
        (b"\xff\xfeF\0R\0O\0M\0", 1, "the file is not UTF-8 text: byte 0xff"),
        (b"FROM a\n\nRUN \0\n", 3, "the file is not text: it holds a NUL byte"),
    ],
)
def test_a_file_that_is_no_text_is_a_finding_and_hides_no_other(content: bytes, line: int, message: str) -> None:
    write("a/Dockerfile", content)
    write("b/Dockerfile")
    bad, good = read(["a/Dockerfile", "b/Dockerfile"])
    assert isinstance(bad, Finding)
    assert (bad.code, bad.file, bad.line, bad.message) == (codes.UNREADABLE, "a/Dockerfile", line, message)
    assert isinstance(good, LintFile)


def test_a_file_that_is_not_there_is_a_finding() -> None:
    finding = only_finding("x/Dockerfile")
    assert (finding.code, finding.message) == (codes.UNREADABLE, "the file can't be read: No such file or directory")


def test_a_dangling_link_is_a_finding() -> None:
    Path("Dockerfile").symlink_to("nowhere")
    assert only_finding("Dockerfile").code == codes.UNREADABLE


def test_a_pipe_is_a_finding_and_not_waited_for() -> None:
    os.mkfifo("Dockerfile")
    assert only_finding("Dockerfile").message == "this is no regular file"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_what_may_not_be_read_is_a_finding() -> None:
    write("Dockerfile")
    write("folder/Dockerfile")
    Path("Dockerfile").chmod(0)
    Path("folder").chmod(0)
    assert [found.code for found in read(["Dockerfile", "folder"]) if isinstance(found, Finding)] == ["EG002", "EG002"]


def test_a_folder_that_can_not_be_entered_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(path: str) -> None:
        raise PermissionError(13, "Permission denied", path)

    monkeypatch.setattr(os, "scandir", denied)
    assert only_finding(".").message == "the folder can't be read: Permission denied"


def test_a_name_that_says_nothing_is_a_usage_error_that_tells_the_known_names() -> None:
    write("notes.txt")
    with pytest.raises(EnvgenError) as raised:
        read(["notes.txt", "gone.txt", "Dockerfile"])
    first, second = raised.value.findings
    assert (first.code, first.file, first.message) == (
        codes.USAGE,
        "notes.txt",
        "the name does not say what the file is",
    )
    assert (second.file, second.message) == ("gone.txt", "there is no such file or folder")
    assert "Containerfile" in (first.hint or "")
    assert "compose.yaml" in (first.hint or "")
