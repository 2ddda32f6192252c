from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands: 1-based line and column, how many characters wide.

    `file` is the path as shown to the user, or None for the file that the rule looks at.
    """

    line: int
    column: int = 1
    width: int = 1
    file: str | None = None
