"""What the plan knows of a build context's files; `envgen.project` reads it from disk."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """A build context: the patterns of its .dockerignore, and the texts of the files that its language looks at.

    `exists` is False where there is no such folder; `files` maps a name to its text, None where it is not there.
    """

    exists: bool = True
    ignore: tuple[str, ...] = ()
    files: Mapping[str, str | None] = field(default_factory=dict)
