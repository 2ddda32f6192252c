"""The compose file."""

from collections.abc import Iterator

from envgen.artifact import Artifact
from envgen.plan import Plan
from envgen.targets.yaml_text import block, scalar
from envgen.templating import Templates


def render(plan: Plan, templates: Templates) -> Iterator[Artifact]:
    """One compose file for the project."""
    text = templates.render(
        "compose/compose.yaml.j2",
        {"scalar": scalar, "block": block},
        project=plan.name,
        services=plan.services,
        include={"include": plan.sections["include"]} if "include" in plan.sections else {},
        sections=[(key, {key: value}) for key, value in plan.sections.items() if key != "include"],
    )
    yield Artifact(path=plan.compose_path, text=text)
