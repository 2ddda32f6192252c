from collections.abc import Sequence


def excerpt(file: str, lines: Sequence[str], number: int) -> str:
    """The source line (1-based) that a finding shows; "" where there is none.

    Of a variable in an env file only the name, of a line without one nothing: findings go to logs, which are no place
    for secrets.
    """
    line = lines[number - 1].removesuffix("\r") if 0 < number <= len(lines) else ""
    name = file.rpartition("/")[2]
    if name.startswith(".env") or name.endswith(".env"):
        key, separator, value = line.partition("=")
        if not separator and line.strip() and not line.lstrip().startswith("#"):
            return "..."  # no name: a line of something longer
        return f"{key}{separator}..." if value.strip() else line
    return line
