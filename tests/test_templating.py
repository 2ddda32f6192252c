"""Templates of the user's own: they shadow envgen's, can build on them, and say where they are broken."""

from pathlib import Path

import pytest
from plans import node, plan_of

from envgen.cli import main
from envgen.finding import EnvgenError
from envgen.plan import Plan
from envgen.render import render
from envgen.targets import targets
from envgen.templating import Templates


def rendered(name: str, text: str, target: str = "dockerfile", plan: Plan | None = None) -> str:
    """The first file of a target, with one template of the user's own."""
    templates = Templates({name: (f"own/{name}", text)})
    return next(targets()[target](plan or plan_of(node()), templates)).text


def shipped() -> str:
    return next(artifact.text for artifact in render(plan_of(node())) if artifact.path.endswith("Dockerfile"))


def test_a_template_of_the_same_name_takes_the_place_of_envgens() -> None:
    assert rendered("node/Dockerfile.j2", "FROM scratch\n# {{ image.name }}\n") == "FROM scratch\n# a\n"


def test_a_template_can_build_on_the_one_it_shadows() -> None:
    own = '{% extends "envgen/node/Dockerfile.j2" %}\n{% block files %}\n{{ super() }}COPY more /more\n{% endblock %}\n'
    text = rendered("node/Dockerfile.j2", own)
    assert "COPY more /more\n" in text
    assert [line for line in text.splitlines() if line != "COPY more /more"] == shipped().splitlines()


def test_a_part_that_others_include_can_be_shadowed() -> None:
    own = '{% extends "envgen/dockerfile/layout.j2" %}{% block dependencies %}# none\n{% endblock %}'
    text = rendered("dockerfile/layout.j2", own)
    assert "# none" in text
    assert "AS dependencies" not in text


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("FROM a\n{{ image.nmae }}\n", 2, "no attribute 'nmae'"),
        ("FROM a\n\n{{ missing }}\n", 3, "'missing' is undefined"),
        ("FROM a\n{% if %}\n", 2, "Expected an expression"),
        ("FROM a\n{{ image.name | qoted }}\n", 2, "No filter named 'qoted'"),
        ("FROM a\n{{ 1 / 0 }}\n", 2, "ZeroDivisionError: division by zero"),
        ("FROM a\n{{ ().__class__.__bases__ }}\n", 2, "unsafe"),
        ('{% include "nowhere.j2" %}\n', 1, "there is no template `nowhere.j2`"),
        (f'{{% include "{__file__}" %}}\n', 1, "there is no template `/"),
        ('{% include "../pyproject.toml" %}\n', 1, "there is no template `../"),
        ('{% include "envgen//etc/passwd" %}\n', 1, "there is no template `envgen//etc"),
        ('{% extends "node/Dockerfile.j2" %}\n', 1, "without end"),
        ("{% for i in range(10000000) %}x{% endfor %}", 1, "Range too big"),
    ],
)
def test_a_broken_template_is_reported_with_file_and_line(text: str, line: int, message: str) -> None:
    with pytest.raises(EnvgenError) as caught:
        rendered("node/Dockerfile.j2", text)
    (finding,) = caught.value.findings
    assert (finding.file, finding.line, finding.code) == ("own/node/Dockerfile.j2", line, "EG032")
    assert message in finding.message


def test_nothing_of_a_spec_is_evaluated_as_a_template() -> None:
    plan = plan_of("services:\n  a: {uses: node@16, command: ['{{ 7 * 7 }}', '{% x %}']}\n")
    assert 'CMD ["{{ 7 * 7 }}", "{% x %}"]' in rendered("compose/other.j2", "", plan=plan)


SPEC = "envgen: 1\nname: shop\ntemplates_dir: ./own\nservices:\n  a: {uses: node@22, command: [node, a.js]}\n"


def run(folder: Path, capfd: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    """The exit code and all output of a command in a project with templates of its own."""
    (folder / "package.json").write_text("{}", encoding="utf-8")
    (folder / "package-lock.json").write_text('{"lockfileVersion": 3}', encoding="utf-8")
    (folder / "envgen.yaml").write_text(SPEC, encoding="utf-8")
    with pytest.raises(SystemExit) as ended:
        main([*arguments, str(folder / "envgen.yaml")])
    captured = capfd.readouterr()
    return int(str(ended.value.code)), captured.out + captured.err


def write(folder: Path, name: str, text: str) -> None:
    path = folder / "own" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def test_a_folder_of_templates_shadows_envgens(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, "node/Dockerfile.j2", '{% include "parts/head.j2" %}FROM scratch\n')
    write(tmp_path, "parts/head.j2", "# of {{ project }}\n")
    assert run(tmp_path, capfd, "render")[0] == 0
    assert (tmp_path / "a.Dockerfile").read_text(encoding="utf-8") == "# of shop\nFROM scratch\n"
    assert run(tmp_path, capfd, "render", "--check")[0] == 0
    write(tmp_path, "parts/head.j2", "# for {{ project }}\n")
    code, said = run(tmp_path, capfd, "render", "--check")
    assert code == 1
    assert "a.Dockerfile" in said


@pytest.mark.parametrize(
    ("name", "text", "place", "message"),
    [
        ("node/Dockerfil.j2", "x", "own/node/Dockerfil.j2:1:1", "envgen has no template `node/Dockerfil.j2`"),
        ("node/Dockerfile.j2", "a\n{{ nothing }}", "own/node/Dockerfile.j2:2:1", "'nothing' is undefined"),
        ("node/Dockerfile.j2", "a\n{% for %}", "own/node/Dockerfile.j2:2:1", "EG032"),
    ],
)
def test_wrong_templates_change_nothing(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], name: str, text: str, place: str, message: str
) -> None:
    write(tmp_path, name, text)
    for command in (["render"], ["render", "--check"], ["render", "--stdout"]):
        code, said = run(tmp_path, capfd, *command)
        assert code == 2
        assert place in said
        assert message in said
    assert not (tmp_path / "compose.yaml").exists()
    assert place in run(tmp_path, capfd, "lint")[1]


def test_a_link_does_not_lead_out_of_the_project(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    project = tmp_path / "project"
    write(project, "node/Dockerfile.j2", "FROM scratch\n")
    link = project / "own" / "node" / "Dockerfile.j2"
    (project / "Shared.j2").write_text("FROM shared\n", encoding="utf-8")
    (tmp_path / "secret").write_text("hunter2\n", encoding="utf-8")
    link.unlink()
    link.symlink_to(project / "Shared.j2")
    assert run(project, capfd, "render")[0] == 0
    assert (project / "a.Dockerfile").read_text(encoding="utf-8") == "FROM shared\n"
    link.unlink()
    link.symlink_to(tmp_path / "secret")
    code, said = run(project, capfd, "render")
    assert (code, "own/node/Dockerfile.j2:1:1: error: a symbolic link leads out of the project" in said) == (2, True)
    assert "hunter2" not in said


def test_a_folder_of_templates_that_is_not_there(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    code, said = run(tmp_path, capfd, "render")
    assert code == 2
    assert "envgen.yaml:3:16: error: there is no folder `./own`" in said


def test_a_template_that_is_no_text(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, "node/Dockerfile.j2", "")
    (tmp_path / "own/node/Dockerfile.j2").write_bytes(b"\xff\xfe\x00")
    code, said = run(tmp_path, capfd, "render")
    assert code == 2
    assert "no UTF-8 text" in said
