from collections.abc import Iterator

from envgen import suggest
from envgen.finding import Severity
from envgen.lint.composefile.short_forms import Mount, text_of
from envgen.lint.project import BuildLink, Project
from envgen.lint.rule import Violation, project_rule
from envgen.lint.rules.project._bases import Base, base


@project_rule("EG325", "user-unknown", Severity.WARNING, keys=("build",))
def check(project: Project) -> Iterator[Violation]:
    """A service runs as a user that its image doesn't have.

    The container doesn't start: "unable to find user: no matching entries in passwd file". Make the user in the
    Dockerfile, or write its number, which needs no entry.

    Bad:

        --- compose.yaml
        services:
          api:
            build: .
            user: app
        --- Dockerfile
        FROM node:22

    Good:

        --- compose.yaml
        services:
          api:
            build: .
            user: app
        --- Dockerfile
        FROM node:22
        RUN useradd --no-log-init app
    """
    for service in project.compose.services.values() if project.compose else ():
        user = (text_of(service.data.get("user")) or "").partition(":")[0]
        if not user or user.isdecimal() or "$" in user or user.startswith("-"):
            continue
        link = project.build_of(service.name)
        if link is not None:
            facts = base(link.base) if link.base and not _may_make(link, user) else None
        else:
            image = service.image if service.data.get("build") is None else None
            facts = base(image) if image and "$" not in image else None
        if facts is None or facts.users is None or user in facts.users or _has_mounted_passwd(service.mounts):
            continue
        yield Violation(
            place=service.place("user"),
            message=f"the image of the service `{service.name}` has no user `{user}`",
            hint=_hint(user, facts),
        )


def _hint(user: str, facts: Base) -> str:
    near = suggest.closest(user, facts.users or ())
    return f"did you mean `{near}`?" if near else f"make `{user}` in the Dockerfile, or write a number"


def _has_mounted_passwd(mounts: tuple[Mount, ...]) -> bool:
    return any("passwd" in mount.target for mount in mounts)


def _may_make(link: BuildLink, user: str) -> bool:
    """Whether anything in the image's stages may make the user."""
    for step in link.lineage:
        instruction = step.instruction
        text = instruction.text + "".join(one.content for one in instruction.heredocs)
        if instruction.name == "RUN" and (user in text or ".sh" in text):
            return True
        if instruction.name == "RUN" and "$" in text and ("user" in text or "passwd" in text):
            return True
        is_whole = (
            instruction.name in {"COPY", "ADD"} and instruction.args[-1:] and instruction.args[-1] in {"/", "/etc"}
        )
        if is_whole or (instruction.name in {"COPY", "ADD"} and "passwd" in text):
            return True
        if (
            instruction.name == "RUN"
            and "install" in text
            and user in {"mysql", "postgres", "nginx", "redis", "mongodb"}
        ):
            return True
    return False
