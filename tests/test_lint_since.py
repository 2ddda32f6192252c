import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from envgen.finding import EnvgenError, Finding, Severity
from envgen.lint.since import changed, only_changed

Git = Callable[..., None]
DOCKERFILE = "FROM a\nRUN one && \\\n  two && \\\n  three\nRUN four\n"


@pytest.fixture
def git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Git:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_NAME", "a")
        monkeypatch.setenv(f"GIT_{role}_EMAIL", "a@example.org")

    def run(*arguments: str) -> None:
        subprocess.run(["git", *arguments], check=True, capture_output=True)

    run("init", "-q", "-b", "main")
    return run


@pytest.fixture
def repository(git: Git) -> Git:
    Path("Dockerfile").write_text(DOCKERFILE)
    Path("old.Dockerfile").write_text(DOCKERFILE)
    git("add", ".")
    git("commit", "-qm", "one")
    return git


def finding(file: str, line: int, code: str = "DL3008") -> Finding:
    return Finding(code=code, severity=Severity.INFO, file=file, line=line, column=1, message="m")


def kept(path: str, ref: str = "HEAD", code: str = "DL3008") -> list[int]:
    """The lines of a file, and one beyond, on which findings are kept."""
    text = Path(path).read_text()
    lines = range(1, text.count("\n") + 2)
    return [one.line for one in only_changed([finding(path, line, code) for line in lines], ref, lambda _: text)]


def edit(path: str, old: str, new: str) -> None:
    Path(path).write_text(Path(path).read_text().replace(old, new))


def test_nothing_changed(repository: Git) -> None:
    del repository
    assert kept("Dockerfile") == []
    assert kept("Dockerfile", code="EG130") == []


def test_of_an_instruction_any_line_counts(repository: Git) -> None:
    edit("Dockerfile", "two", "2")
    assert kept("Dockerfile") == [2, 3, 4]
    repository("commit", "-qam", "two")
    assert kept("Dockerfile") == []
    assert kept("Dockerfile", "HEAD~1") == [2, 3, 4]
    assert kept("Dockerfile", "main~1") == [2, 3, 4]


def test_lines_that_went_change_the_instruction_that_they_were_in(repository: Git) -> None:
    del repository
    edit("Dockerfile", "  two && \\\n", "")
    assert kept("Dockerfile") == [2, 3]
    edit("Dockerfile", "RUN four\n", "")
    assert kept("Dockerfile") == [2, 3]


def test_a_file_that_can_not_be_checked_any_more_is_reported_wherever_it_changed(repository: Git) -> None:
    del repository
    edit("Dockerfile", "four", "4")
    assert kept("Dockerfile", code="EG130") == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize(
    "name", ["new.Dockerfile", "a b/Dockerfile", 'q"uote.Dockerfile', "grüße/Dockerfile", "-f.Dockerfile"]
)
def test_new_files_count_in_full_whether_git_knows_them_or_not(name: str, repository: Git) -> None:
    Path(name).parent.mkdir(exist_ok=True)
    Path(name).write_text("FROM a\nRUN x\n")
    assert kept(name) == [1, 2, 3]
    repository("add", "--", name)
    assert kept(name) == [1, 2]
    repository("commit", "-qm", "x")
    edit(name, "RUN x", "RUN y")
    assert kept(name) == [2]


def test_an_ignored_file_that_is_linted_counts_in_full(repository: Git) -> None:
    del repository
    Path(".gitignore").write_text("ignored.Dockerfile\n")
    Path("ignored.Dockerfile").write_text("FROM a\n")
    assert kept("ignored.Dockerfile") == [1, 2]


def test_a_renamed_file_has_the_changes_only(repository: Git) -> None:
    repository("mv", "old.Dockerfile", "new.Dockerfile")
    assert kept("new.Dockerfile") == []
    edit("new.Dockerfile", "four", "4")
    assert kept("new.Dockerfile") == [5]


def test_what_only_the_other_branch_changed_is_no_change(repository: Git) -> None:
    repository("checkout", "-qb", "topic")
    edit("Dockerfile", "four", "4")
    repository("commit", "-qam", "topic")
    repository("checkout", "-q", "main")
    edit("Dockerfile", "FROM a", "FROM b")
    repository("commit", "-qam", "main")
    repository("checkout", "-q", "topic")
    assert kept("Dockerfile", "main") == [5]


def test_lines_that_look_like_the_head_of_a_diff(repository: Git) -> None:
    Path("Dockerfile").write_text("FROM a\n++ b/old.Dockerfile\n@@ -1 +1 @@\n-- a/x\n" + DOCKERFILE.partition("\n")[2])
    edit("Dockerfile", "four", "4")
    assert kept("Dockerfile") == [2, 3, 4, 8]
    assert kept("old.Dockerfile") == []
    repository("commit", "-qam", "two")
    Path("Dockerfile").write_text("FROM a\nRUN 4\n")
    edit("Dockerfile", "4", "5")
    assert kept("Dockerfile") == [2]
    assert kept("old.Dockerfile") == []


@pytest.mark.parametrize(
    "setting",
    ["diff.noprefix=true", "diff.mnemonicPrefix=true", "color.ui=always", "diff.external=false", "diff.renames=false"],
)
def test_the_user_s_git_configuration_changes_nothing(setting: str, repository: Git) -> None:
    repository("config", *setting.split("="))
    edit("Dockerfile", "four", "4")
    assert kept("Dockerfile") == [5]


def test_a_file_that_git_takes_for_binary(repository: Git) -> None:
    Path(".gitattributes").write_text("* -diff\n")
    repository("add", ".")
    repository("commit", "-qm", "x")
    edit("Dockerfile", "four", "4")
    assert kept("Dockerfile") == [5]


def test_from_a_folder_below_and_through_a_link(
    repository: Git, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    del repository
    edit("Dockerfile", "four", "4")
    Path("sub").mkdir()
    Path("sub/link.Dockerfile").symlink_to("../Dockerfile")
    monkeypatch.chdir("sub")
    assert kept("../Dockerfile") == [5]
    assert kept("link.Dockerfile") == [5]
    assert kept(str(tmp_path / "Dockerfile")) == [5]


def test_a_file_in_another_repository_or_in_none_counts_in_full(
    repository: Git, tmp_path_factory: pytest.TempPathFactory
) -> None:
    repository("tag", "v1")
    other = tmp_path_factory.mktemp("other")
    (other / "Dockerfile").write_text("FROM a\n")
    assert kept(str(other / "Dockerfile"), "v1") == [1, 2]
    repository("init", "-q", str(other))
    assert kept(str(other / "Dockerfile"), "v1") == [1, 2]


@pytest.mark.parametrize("ref", ["gone", "", "-h", "--output=x", "HEAD~7", "a b", "HEAD:Dockerfile"])
def test_an_unknown_revision_is_an_error(ref: str, repository: Git) -> None:
    del repository
    with pytest.raises(EnvgenError) as raised:
        changed(["Dockerfile"], ref)
    (found,) = raised.value.findings
    assert (found.code, found.file) == ("EG090", "--since")
    assert found.hint
    assert sorted(path.name for path in Path.cwd().iterdir()) == [".git", "Dockerfile", "old.Dockerfile"]


def test_no_repository_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(EnvgenError, match="this is no repository of git"):
        changed([], "HEAD")


def test_no_git_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(EnvgenError, match="git is not installed"):
        changed([], "HEAD")
