import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgen.artifact import clashes, path_problem
from envgen.finding import EnvgenError, Finding
from envgen.lock import Lock, digest, format_lock, parse_lock, refuse_newer, version_key

A, B, C = (digest(text) for text in "abc")

PATHS = st.text(min_size=1).filter(lambda path: path_problem(path) is None)
DIGESTS = st.text().map(lambda text: digest(text.encode(errors="replace").decode()))
VERSIONS = st.sampled_from(["0.1.0", "1.2.3rc1", "0.10.0.dev4"])
LOCKS = st.builds(
    Lock,
    version=VERSIONS,
    plan=st.one_of(st.just(""), DIGESTS),
    files=st.dictionaries(PATHS, DIGESTS),
    unfinished=st.booleans(),
)


def lock_text(*lines: str) -> str:
    return "\n".join(("envgen 0.1.0", f"plan {C}", *lines)) + "\n"


def findings_of(text: str) -> tuple[Finding, ...]:
    with pytest.raises(EnvgenError) as caught:
        parse_lock(text, "shop/envgen.lock")
    assert {(f.code, f.file, f.severity) for f in caught.value.findings} == {("EG041", "shop/envgen.lock", "error")}
    return caught.value.findings


@given(LOCKS)
def test_any_lock_comes_back_from_its_text(lock: Lock) -> None:
    assert parse_lock(format_lock(lock), "envgen.lock") == lock


@given(LOCKS, st.dictionaries(PATHS, st.frozensets(DIGESTS, min_size=1)))
def test_formatting_what_was_parsed_is_stable(lock: Lock, also: dict[str, frozenset[str]]) -> None:
    text = format_lock(Lock(version=lock.version, plan=lock.plan, files=lock.files, also=also))
    parsed = parse_lock(text, "envgen.lock")
    again = format_lock(parsed)
    assert format_lock(parse_lock(again, "envgen.lock")) == again
    assert parsed.hashes().keys() == lock.files.keys() | also.keys()


@given(st.text())
def test_no_text_makes_the_parser_fail_in_another_way(text: str) -> None:
    try:
        parse_lock(text, "envgen.lock")
    except EnvgenError as error:
        assert all(f.line >= 1 and f.column >= 1 for f in error.findings)  # noqa: PT017 - most texts must fail


@pytest.mark.parametrize(
    "path", ["a b", "#x", " x ", "q\"u'o", "ä/日本.yaml", "x sha256:1", "file a", "=======", "a\u2028b"]
)
def test_odd_paths_stay_themselves(path: str) -> None:
    lock = Lock(version="0.1.0", plan="", files={path: A})
    assert parse_lock(format_lock(lock), "envgen.lock") == lock


def test_the_text_has_a_head_and_one_sorted_line_an_entry() -> None:
    lock = Lock(version="0.1.0", plan=C, files={"b": B, "a": A}, also={"a": frozenset({C})})
    head, *lines = format_lock(lock).split("\nenvgen ")
    assert "Commit this file and don't edit it" in head
    assert all(line.startswith("#") for line in head.splitlines())
    expected = f"0.1.0\nplan {C}\nfile a {A}\nfile b {B}\nalso a {C}\n"
    assert lines == [expected]


def test_a_crlf_checkout_of_the_lock_is_the_same_lock() -> None:
    text = lock_text(f"file a {A}")
    assert parse_lock(text.replace("\n", "\r\n"), "envgen.lock") == parse_lock(text, "envgen.lock")


def test_a_digest_does_not_depend_on_line_ends_but_on_all_else() -> None:
    assert digest("a\nb\n") == digest("a\r\nb\r\n")
    assert len({digest(text) for text in ("a\n", "a", "a\n\n", "a\r", "a ")}) == 5


@pytest.mark.parametrize("base", ["", f"||||||| base\nfile a {C}\n"])
def test_a_merge_conflict_is_the_union_of_its_sides(base: str) -> None:
    ours, theirs = f"envgen 0.9.0\nplan {A}\nfile a {A}\n", f"envgen 0.10.0\nplan {B}\nfile a {B}\n"
    text = f"<<<<<<< HEAD\n{ours}{base}=======\n{theirs}>>>>>>> x\n"
    lock = parse_lock(f"# head\n{text}file b {B}\n", "envgen.lock")
    assert lock.merged
    assert lock.version == "0.10.0"
    assert lock.hashes() == {"a": frozenset({A, B} | ({C} if base else set())), "b": frozenset({B})}


def test_lines_of_both_sides_without_markers_are_a_merge_too() -> None:
    assert parse_lock(lock_text(f"file a {A}", f"file a {B}"), "x").hashes() == {"a": {A, B}}
    assert parse_lock(lock_text(f"file a {A}", f"file a {B}"), "x").merged
    assert parse_lock(lock_text(f"plan {A}"), "x").merged
    assert not parse_lock(lock_text(f"file a {A}", f"file a {A}"), "x").merged


@pytest.mark.parametrize(
    ("line", "column"),
    [
        ("nonsense", 1),
        ("file a sha256:abc", 1),
        (f"file  {A}", 1),
        (f"file ../a {A}", 6),
        (f"also /etc/passwd {A}", 6),
        (f"file envgen.yaml {A}", 6),
        (f"file .git/hooks/x {A}", 6),
        ("envgen two", 8),
        ("<<<<<<<<", 1),
    ],
)
def test_a_damaged_line_is_told_with_its_place_and_what_to_do(line: str, column: int) -> None:
    (finding,) = findings_of(lock_text(f"file x {A}", line))
    assert (finding.line, finding.column) == (4, column)
    assert "delete it" in (finding.hint or "")


def test_all_damaged_lines_are_told_at_once() -> None:
    assert [f.line for f in findings_of(lock_text("x", f"file a {A}", "y"))] == [3, 5]


def test_a_lock_that_names_no_envgen_is_damaged() -> None:
    assert [(f.line, f.column) for f in findings_of("")] == [(1, 1)]
    assert "which envgen" in findings_of(f"plan {A}\n")[0].message


def test_versions_are_ordered_as_python_orders_them() -> None:
    ordered = "0.9 0.9.10 0.10.dev1 0.10.dev2 0.10a1.dev1 0.10a1 0.10a2 0.10b1 0.10rc1 0.10rc2 0.10 0.10.post1 0.10.1 1"
    keys = [version_key(version) for version in ordered.split()]
    assert keys == sorted(keys)
    assert len(set(keys)) == len(keys)
    assert version_key("1.0.0") == version_key("1") == version_key("1.0+local.1")


@pytest.mark.parametrize("version", ["", "one", "1.x", "1.0-", "1..0", "v1"])
def test_what_is_no_version_is_refused(version: str) -> None:
    with pytest.raises(ValueError, match="no version"):
        version_key(version)


def test_a_newer_lock_is_refused_even_if_this_envgen_cannot_read_its_lines() -> None:
    with pytest.raises(EnvgenError) as caught:
        refuse_newer("# head\nenvgen 0.10.0\na line from the future\n", "envgen.lock", "0.9.0")
    (finding,) = caught.value.findings
    assert (finding.code, finding.line, finding.column) == ("EG041", 2, 8)
    assert "0.10.0" in finding.message
    assert "0.9.0" in finding.message
    assert "upgrade" in (finding.hint or "")


@pytest.mark.parametrize("version", ["0.10.0", "0.10.1", "1.0.0.dev1"])
def test_an_equal_or_newer_envgen_may_go_on(version: str) -> None:
    refuse_newer("envgen 0.10.0\n", "envgen.lock", version)


@pytest.mark.parametrize(
    "path",
    [
        *("", "/etc/x", "../x", "a/../../x", "..", ".", "a//b", "./a", "a/", "a/../b"),
        *("a\\b", "a\0b", "a\nb", "a\ud800b"),
        *("envgen.lock", "Envgen.YAML", "envgen.yml", "envgen.json", ".git/config", "sub/.GIT/hooks/x"),
    ],
)
def test_a_path_that_escapes_or_harms_is_no_output(path: str) -> None:
    assert path_problem(path)


@pytest.mark.parametrize("path", ["a", "..a", "a/..b", "api/api-node14.Dockerfile.dockerignore", ".env.example", "a b"])
def test_an_ordinary_path_is_an_output(path: str) -> None:
    assert path_problem(path) is None


def test_outputs_that_cannot_stand_beside_each_other_are_told() -> None:
    assert [path for path, _ in clashes(["a", "b", "a"])] == ["a"]
    assert list(clashes(["api.yaml", "API.yaml"])) == [("API.yaml", "the path differs from api.yaml only by case")]
    assert [path for path, _ in clashes(["ä", "a\u0308"])] == ["a\u0308"]
    assert [path for path, _ in clashes(["a/b/c", "A"])] == ["a/b/c"]
    assert list(clashes(["a", "ab", "b/a"])) == []
