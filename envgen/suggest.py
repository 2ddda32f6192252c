"""Finds the name that a mistyped one meant."""

from collections.abc import Iterable


def closest(word: str, candidates: Iterable[str]) -> str | None:
    """The candidate that `word` most likely meant, or None where nothing is near."""
    from difflib import get_close_matches  # noqa: PLC0415 - only a spec with a mistake pays for it

    names = sorted(set(candidates))
    folded = {name.lower().replace("-", "_"): name for name in names}
    same = folded.get(word.lower().replace("-", "_"))
    if same is not None:
        return same
    near = get_close_matches(word, names, n=1, cutoff=0.7)
    if near:
        return near[0]
    alike = [name for name in names if _swapped(word, name)] or [name for name in names if _within(word, name)]
    return alike[0] if len(alike) == 1 else None


def _swapped(word: str, name: str) -> bool:
    """Whether the two have the same letters: `bd` for `db`."""
    return sorted(word) == sorted(name)


def _within(word: str, name: str) -> bool:
    """Whether one is a part of the other: `healthy` for `service_healthy`."""
    return min(len(word), len(name)) > 2 and (word in name or name in word)  # noqa: PLR2004 - two letters are in much


def hint(word: str, candidates: Iterable[str]) -> str | None:
    """A sentence for `Finding.hint`: the nearest candidate, else the few that there are, else None."""
    names = sorted(set(candidates))
    near = closest(word, names)
    if near is not None:
        return f"did you mean `{near}`?"
    if 0 < len(names) <= 8:  # noqa: PLR2004 - as many as fit a line
        return f"there {'is' if len(names) == 1 else 'are'} " + ", ".join(f"`{name}`" for name in names)
    return None
