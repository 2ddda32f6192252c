"""The compose files: one for the project, and one for each of its environments, which stands alone."""

from collections.abc import Iterator

from envgen.artifact import Artifact
from envgen.plan import Plan
from envgen.targets.yaml_text import block, scalar
from envgen.templating import Templates


def render(plan: Plan, templates: Templates) -> Iterator[Artifact]:
    """One compose file for each stack."""
    for stack in plan.stacks:
        text = templates.render(
            "compose/compose.yaml.j2",
            {"scalar": scalar, "block": block},
            project=stack.name,
            services=stack.services,
            include={"include": stack.sections["include"]} if "include" in stack.sections else {},
            sections=[(key, {key: value}) for key, value in stack.sections.items() if key != "include"],
        )
        origin = ("environments", stack.environment) if stack.environment is not None else ()
        yield Artifact(path=stack.compose_path, text=text, origin=origin)
