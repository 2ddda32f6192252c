"""The one merge rule: maps deep, scalars and lists replace, null removes, `"..."` in a list keeps the inherited."""

from envgen.source import Data

KEEP = "..."


def merge(inherited: Data, written: Data) -> Data:
    """`written` laid over `inherited`; neither is changed.

    A null removes an inherited key; where nothing is inherited it stays, for compose gives it a meaning (a variable
    passed through from the shell, a volume with default settings).
    """
    if isinstance(inherited, dict) and isinstance(written, dict):
        merged = dict(inherited)
        for key, value in written.items():
            if value is None and key in inherited:
                del merged[key]
            else:
                merged[key] = merge(inherited.get(key), value)
        return merged
    if isinstance(written, list) and KEEP in written:
        kept = inherited if isinstance(inherited, list) else []
        position = written.index(KEEP)
        before, after = written[:position], written[position + 1 :]
        return [*before, *(item for item in kept if item not in before and item not in after), *after]
    return written
