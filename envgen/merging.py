"""The one merge rule: maps deep, scalars and lists replace, null removes, `"..."` in a list keeps the inherited."""

from envgen.source import Data

KEEP = "..."
# lists of words that a program gets: where nothing is inherited, the dots are a word like any other
_WORD_LISTS = frozenset({"command", "entrypoint", "test"})


def merge(inherited: Data, written: Data) -> Data:
    """`written` laid over `inherited`; neither is changed.

    A null removes an inherited key; where nothing is inherited it stays, for compose gives it a meaning (a variable
    passed through from the shell, a volume with default settings).
    """
    return _merge(inherited, written, "")


def _merge(inherited: Data, written: Data, key: str) -> Data:
    if isinstance(written, dict):
        below = inherited if isinstance(inherited, dict) else {}
        merged = dict(below)
        for name, value in written.items():
            if value is None and name in below:
                del merged[name]
            else:
                merged[name] = _merge(below.get(name), value, name)
        return merged
    if isinstance(written, list) and KEEP in written:
        if not isinstance(inherited, list) and key in _WORD_LISTS:
            return written
        return _kept(inherited if isinstance(inherited, list) else [], written)
    return written


def _kept(inherited: list[Data], written: list[Data]) -> list[Data]:
    """The written list with the inherited entries in place of the dots; an entry of both stands where it is written."""
    position = written.index(KEEP)
    before = [item for item in written[:position] if item != KEEP]
    after = [item for item in written[position + 1 :] if item != KEEP]
    return [*before, *(item for item in inherited if item not in before and item not in after), *after]
