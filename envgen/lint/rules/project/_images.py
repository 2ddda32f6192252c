"""Names of images: what a reference says, and which official image it means.

Sources: https://github.com/distribution/reference (the grammar), https://hub.docker.com/u/library (short names), and
https://gallery.ecr.aws/docker (the copy on Amazon's registry).
"""

from dataclasses import dataclass

_HUB = ("docker.io/", "index.docker.io/", "registry-1.docker.io/", "registry.hub.docker.com/")


@dataclass(frozen=True, slots=True)
class Reference:
    """An image: its `name` as Docker Hub shortens it (`node`, `grafana/grafana`, `ghcr.io/a/b`), and its tag or ""."""

    name: str
    tag: str

    @property
    def text(self) -> str:
        """The reference in short form."""
        return f"{self.name}:{self.tag}" if self.tag else self.name


def reference(text: str | None) -> Reference | None:
    """What a reference says; None where it hangs on a variable or is no name of an image.

    Copies of the official images below a folder `library` (`public.ecr.aws/docker/library/node`, proxies of Docker Hub)
    have the official name.
    """
    if not text or "$" in text or "{" in text or text == "scratch":
        return None
    name, _, _ = text.strip().partition("@")
    folder, slash, last = name.rpartition("/")
    last, _, tag = last.partition(":")
    if not last:
        return None
    name = f"{folder}{slash}{last}"
    for host in _HUB:
        name = name.removeprefix(host)
    if folder == "library" or folder.endswith("/library"):
        name = last
    return Reference(name.lower(), tag)
