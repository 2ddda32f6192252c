import os
import subprocess
import sys
from pathlib import Path

import pytest

from envgen import codes
from envgen.finding import EnvgenError, Finding
from envgen.lint import files
from envgen.lint.files import Kind, LintFile, StandardInput, kind_of, kind_of_text, read


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
        ("Containerfile.prod", Kind.DOCKERFILE),
        ("api.containerfile", Kind.DOCKERFILE),
        ("Dockerfile-dev", Kind.DOCKERFILE),
        ("Dockerfile_test", Kind.DOCKERFILE),
        ("Dockerfile.j2", None),
        ("dockerfile.py", None),
        ("Dockerfile.orig", None),
        ("Dockerfile-lint.yml", None),
        ("Dockerfile.lock", None),
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
        ("compose.override.yaml", Kind.COMPOSE),
        ("compose-dev.yml", Kind.COMPOSE),
        ("compose_test.yml", Kind.COMPOSE),
        ("docker-compose.services.prod.yaml", Kind.COMPOSE),
        ("docker-compose_secrets.yml", Kind.COMPOSE),
        ("docker-compose-v3.yml", Kind.COMPOSE),
        ("dev.compose.yaml", Kind.COMPOSE),
        ("kafka-docker-compose-with-registry.yml", Kind.COMPOSE),
        ("podman-compose.yml", Kind.COMPOSE),
        ("relay-compose.yaml", Kind.COMPOSE),
        ("docker-stack.yml", Kind.COMPOSE),
        ("rancher-compose.yml", None),
        ("docker_compose_up.yaml", None),
        ("docker-compose.yml.j2", None),
        ("trace-diff-composed.yaml", None),
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


def paths(*named: str) -> list[str]:
    return [file.path for file in read(named or ["."]) if isinstance(file, LintFile)]


def test_folders_are_searched_without_what_nobody_wrote() -> None:
    for name in ("b/Dockerfile", "a/compose.yaml", "envgen.yaml", "a/x/y/api.Dockerfile", ".devcontainer/Dockerfile"):
        write(name)
    for name in (
        ".git/Dockerfile",
        "a/node_modules/x/Dockerfile",
        ".venv/Dockerfile",
        ".github/workflows/docker-compose.yml",
        "a/README.md",
    ):
        write(name)
    expected = ["envgen.yaml", ".devcontainer/Dockerfile", "a/compose.yaml", "a/x/y/api.Dockerfile", "b/Dockerfile"]
    assert paths() == expected


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


def test_a_file_that_nothing_tells_the_kind_of_is_a_usage_error_that_tells_the_known_names() -> None:
    write("notes.txt", b"hello\n")
    with pytest.raises(EnvgenError) as raised:
        read(["notes.txt", "gone.txt", "Dockerfile"])
    first, second = raised.value.findings
    assert (first.code, first.file, first.message) == (
        codes.USAGE,
        "notes.txt",
        "neither the name nor the text says what the file is",
    )
    assert (second.file, second.message) == ("gone.txt", "there is no such file or folder")
    assert "Containerfile" in (first.hint or "")
    assert "compose.yaml" in (first.hint or "")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("FROM a\n", Kind.DOCKERFILE),
        ("# syntax=docker/dockerfile:1\r\n\r\nARG A=1\r\nFROM a", Kind.DOCKERFILE),
        ("  from a", Kind.DOCKERFILE),
        ("services:\n  a: {image: x}\n", Kind.COMPOSE),
        ("version: '3'\n\nservices:\n  a: {image: x}\n", Kind.COMPOSE),
        ("include: [a.yaml]\n", Kind.COMPOSE),
        ('{"services": {}}', Kind.COMPOSE),
        ("envgen: 1\nservices: {}\n", Kind.SPEC),
        ("", None),
        ("hello\nFROM a\n", None),
        ("# FROM a\n", None),
        ("a:\n  services: 1\n", None),
    ],
)
def test_the_text_says_what_a_file_of_another_name_is(text: str, kind: Kind | None) -> None:
    assert kind_of_text(text) is kind
    write("some.file", text.encode())
    if kind is None:
        with pytest.raises(EnvgenError):
            read(["some.file"])
    else:
        assert read(["some.file"]) == (LintFile("some.file", text, kind),)


# standard input


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        (None, "FROM a\n", LintFile("<stdin>", "FROM a\n", Kind.DOCKERFILE)),
        ("a/compose.yaml", "FROM a\n", LintFile("a/compose.yaml", "FROM a\n", Kind.COMPOSE)),
        ("a/b.txt", "\ufeffservices: {}\n", LintFile("a/b.txt", "services: {}\n", Kind.COMPOSE)),
    ],
)
def test_standard_input(name: str | None, text: str, expected: LintFile) -> None:
    write("Dockerfile")
    found = read(["Dockerfile", "-"], stdin=StandardInput(text.encode, name))
    assert set(found) == {expected, LintFile("Dockerfile", "FROM a\n", Kind.DOCKERFILE)}


def test_standard_input_that_is_no_text_or_nothing_known() -> None:
    (found,) = read(["-"], stdin=StandardInput(lambda: b"\xff", "Dockerfile"))
    assert isinstance(found, Finding)
    assert (found.code, found.file) == (codes.UNREADABLE, "Dockerfile")
    with pytest.raises(EnvgenError, match="neither the name nor the text"):
        read(["-"], stdin=StandardInput(lambda: b"hello"))


def test_a_file_without_end_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "_LARGEST", 5 * 1024**2)
    with Path("Dockerfile").open("wb") as file:
        file.truncate(5 * 1024**2 + 1)
    (found,) = read(["Dockerfile"])
    assert isinstance(found, Finding)
    assert (found.code, found.message) == (codes.TOO_LARGE, "the file is larger than 5 MiB")
    (found,) = read(["-"], stdin=StandardInput(lambda: b" " * (5 * 1024**2 + 1)))
    assert isinstance(found, Finding)
    assert (found.code, found.file) == (codes.TOO_LARGE, "<stdin>")


def test_folders_without_end_hide_no_other_file(monkeypatch: pytest.MonkeyPatch) -> None:
    write("Dockerfile")
    write("deep/Dockerfile")

    def recursing(*_: object, **__: object) -> object:
        raise RecursionError

    with monkeypatch.context() as patch:
        patch.setattr(os, "walk", recursing)
        found = read(["deep", "Dockerfile"])
    assert [(one.path if isinstance(one, LintFile) else one.message) for one in found] == [
        "the folders in it are nested too deeply",
        "Dockerfile",
    ]


# what git ignores


def git_ignores(path: str) -> bool:
    return subprocess.run(["git", "check-ignore", "-q", path], check=False).returncode == 0


def test_what_git_ignores_is_left_out_at_every_level() -> None:
    subprocess.run(["git", "init", "-q"], check=True)
    Path(".gitignore").write_bytes(
        b"# comment\nbuild/\n/top.Dockerfile\n*.gen.Dockerfile\n!keep.gen.Dockerfile\n!\ncaf\xe9\n\n"
    )
    write("a/.gitignore", b"local\n!b.gen.Dockerfile\r\n/anchored/*\n")
    write(".git/info/exclude", b"excluded\n")
    names = [
        *("Dockerfile", "top.Dockerfile", "a/top.Dockerfile", "x.gen.Dockerfile", "keep.gen.Dockerfile"),
        *("build/Dockerfile", "a/build/x/Dockerfile", "a/local/Dockerfile", "local/Dockerfile", "a/b.gen.Dockerfile"),
        *("a/anchored/Dockerfile", "a/c/anchored/Dockerfile", "excluded/Dockerfile", "a/excluded/Dockerfile"),
    ]
    for name in names:
        write(name)
    kept = [name for name in names if not git_ignores(name)]
    assert set(paths()) == set(kept)
    assert 5 < len(kept) < len(names)
    assert set(paths("a")) == {name for name in kept if name.startswith("a/")}
    assert set(paths(str(Path.cwd()))) == {str(Path.cwd() / name) for name in kept}


def test_what_is_named_is_linted_though_git_ignores_it() -> None:
    subprocess.run(["git", "init", "-q"], check=True)
    write(".gitignore", b"build/\n*.Dockerfile\n")
    for name in ("build/Dockerfile", "build/x/Dockerfile", "a.Dockerfile"):
        write(name)
    assert paths() == []
    assert paths("a.Dockerfile", "build/x/Dockerfile") == ["a.Dockerfile", "build/x/Dockerfile"]
    assert paths("build") == ["build/Dockerfile", "build/x/Dockerfile"]
    assert paths("build/x") == ["build/x/Dockerfile"]


def test_without_a_repository_the_ignore_files_below_count() -> None:
    write("a/.gitignore", b"x\n")
    write("a/x/Dockerfile")
    write("x/Dockerfile")
    assert paths() == ["x/Dockerfile"]


def test_an_ignore_file_that_is_a_pipe_is_not_waited_for() -> None:
    os.mkfifo(".gitignore")
    write("Dockerfile")
    assert paths() == ["Dockerfile"]


def test_a_repository_in_a_repository_has_its_own_rules() -> None:
    subprocess.run(["git", "init", "-q"], check=True)
    subprocess.run(["git", "init", "-q", "inner"], check=True)
    write(".gitignore", b"x\n")
    write("inner/.git/info/exclude", b"y\n")
    for name in ("x/Dockerfile", "y/Dockerfile", "inner/x/Dockerfile", "inner/y/Dockerfile"):
        write(name)
    assert paths() == ["inner/x/Dockerfile", "y/Dockerfile"]
    assert paths("inner") == ["inner/x/Dockerfile"]


def test_a_linked_work_tree_has_the_excludes_of_its_repository() -> None:
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@example.org", "-C", "main"]
    subprocess.run(["git", "init", "-q", "main"], check=True)
    subprocess.run([*git, "commit", "-q", "--allow-empty", "-m", "x"], check=True)
    subprocess.run([*git, "worktree", "add", "-q", "../tree"], check=True, capture_output=True)
    write("main/.git/info/exclude", b"y\n")
    write("tree/y/Dockerfile")
    write("tree/x/Dockerfile")
    assert paths("tree") == ["tree/x/Dockerfile"]


def test_pathspec_is_imported_for_ignore_files_only() -> None:
    write("Dockerfile")
    program = "import sys; from envgen.lint.files import read; read(['.']); print('pathspec' in sys.modules)"
    run = [sys.executable, "-c", program]
    assert subprocess.run(run, capture_output=True, check=True, text=True).stdout == "False\n"
    write(".gitignore", b"x\n")
    assert subprocess.run(run, capture_output=True, check=True, text=True).stdout == "True\n"


@pytest.mark.parametrize("name", [".compose-lint.yml", "compose-ref.yml", "web-compose.yaml", "docker-stack.yml"])
def test_a_vague_name_is_a_compose_file_only_with_its_keys(name: str) -> None:
    write(name, b"rules: []\n")
    assert read(["."]) == ()
    (named,) = read([name])
    assert isinstance(named, LintFile)
    write(name, b"services:\n  a: {image: x}\n")
    (found,) = read(["."])
    assert isinstance(found, LintFile)
    assert found.kind is Kind.COMPOSE
