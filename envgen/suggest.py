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
    return near[0] if near else None


def hint(word: str, candidates: Iterable[str]) -> str | None:
    """A sentence for `Finding.hint`: the nearest candidate, else the few that there are, else None."""
    names = sorted(set(candidates))
    near = closest(word, names)
    if near is not None:
        return f"did you mean `{near}`?"
    if 0 < len(names) <= 8:  # noqa: PLR2004 - as many as fit a line
        return "there is " + ", ".join(f"`{name}`" for name in names)
    return None
