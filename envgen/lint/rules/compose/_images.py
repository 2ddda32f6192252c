"""The parts of an image's name."""

_UNSTABLE = frozenset({"latest", "stable", "edge", "nightly", "dev", "test", "beta", "canary", "lts"})


def split_image(image: str) -> tuple[str, str, str]:
    """Name, tag and digest of an image; what isn't written is ""."""
    named, _, digest = image.partition("@")
    name, _, tag = named.rpartition(":")
    return (named, "", digest) if not name or "/" in tag else (name, tag, digest)


def is_moving(tag: str) -> bool:
    """Whether a tag names whatever is newest."""
    return tag.lower() in _UNSTABLE
