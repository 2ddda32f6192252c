"""Who else reads an env file than the variables of the contract."""

from collections.abc import Iterator

from envgen.plan import Plan


def env_files(plan: Plan) -> Iterator[str]:
    """The env files that services take whole, relative to the spec; those that compose fills in are left out."""
    for service in (service for stack in plan.stacks for service in stack.services):
        listed = service.compose.get("env_file")
        for item in listed if isinstance(listed, list) else [listed]:
            path = item.get("path") if isinstance(item, dict) else item
            if isinstance(path, str):
                yield path


def has_other_files(plan: Plan) -> bool:
    """Whether compose reads further files for this project, whose variables the plan doesn't know."""
    extends = (service.compose.get("extends") for stack in plan.stacks for service in stack.services)
    includes = any(stack.sections.get("include") for stack in plan.stacks)
    return includes or any(isinstance(one, dict) and "file" in one for one in extends)
