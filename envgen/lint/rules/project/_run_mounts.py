"""What RUN takes out of the build context by `--mount=type=bind`."""

from collections.abc import Iterator
from posixpath import normpath

from envgen.lint.dockerfile.steps import Copied, Step
from envgen.lint.project import BuildLink


def mounted(link: BuildLink) -> Iterator[Copied]:
    """The paths of the context that RUNs mount, in the form of a COPY's sources; the whole context is left out."""
    for step in link.steps:
        if step.instruction.name == "RUN" and step.instruction.flags:
            yield from (one for value in step.instruction.flag_values("mount") if (one := _mounted(step, value)))


def _mounted(step: Step, value: str) -> Copied | None:
    fields = dict(part.partition("=")[::2] for part in value.split(","))
    source = fields.get("source") or fields.get("src") or ""
    if fields.get("type", "bind") != "bind" or "from" in fields or not source or '"' in value:
        return None
    text = step.expand(source)
    path = None if text is None else normpath(text.lstrip("/") or ".")
    if path is None or path == "." or path.startswith(".."):
        return None
    return Copied(step=step, written=source, path=path, has_glob=False, leaves_context=False, target=None)
