"""The parts of an image's name."""

from envgen.lint.composefile.short_forms import split_colons

_UNSTABLE = frozenset({"latest", "stable", "edge", "nightly", "dev", "test", "beta", "canary", "lts"})


def split_image(image: str) -> tuple[str, str, str]:
    """Name, tag and digest of an image; what isn't written is "". Each may be or hold a `${VARIABLE}`."""
    named, _, digest = image.partition("@")
    tag = (split_colons(named) if "$" in named else named.rsplit(":", 1))[-1]
    name = named[: -len(tag) - 1]
    return (named, "", digest) if not name or "/" in tag.partition("$")[0] else (name, tag, digest)


def is_moving(tag: str) -> bool:
    """Whether a tag names whatever is newest."""
    return tag.lower() in _UNSTABLE
