"""Who a container runs as."""

from envgen.lint.dockerfile import Dockerfile, Instruction, Stage

# bases that run as somebody else than root by their own USER: their vendors' pages, 2026-11
_NON_ROOT_PREFIXES = (
    "cgr.dev/chainguard/",
    "chainguard/",
    "bitnami/",
    "docker.io/bitnami/",
    "nginxinc/nginx-unprivileged",
)
_ROOT = frozenset({"root", "0"})


def last_user(file: Dockerfile, stage: Stage) -> Instruction | None:
    """The USER that counts for a stage: its last one, or that of what it is built on."""
    for ancestor in file.lineage(stage):
        for one in reversed(ancestor.instructions):
            if one.name == "USER" and one.args:
                return one
    return None


def is_root(user: Instruction) -> bool:
    """Whether a USER names root."""
    return user.args[0].strip("\"'").partition(":")[0] in _ROOT


def base_may_be_non_root(file: Dockerfile, stage: Stage) -> bool:
    """Whether the image that a stage ends up on is known not to run as root, or hangs on a variable."""
    base = file.lineage(stage)[-1].base
    return "$" in base or "nonroot" in base or "rootless" in base or base.startswith(_NON_ROOT_PREFIXES)
