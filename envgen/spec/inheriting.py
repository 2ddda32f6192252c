"""`!reset` and `!override` where a service extends another: what compose does with them can't be rendered.

In a single file they change nothing but what `extends` brings along, for there is no other file below it. A spec's data
no longer holds them, so that the rendering would inherit what they take away.
"""

from collections.abc import Iterator
from typing import Any

import yaml

from envgen import codes, scalars
from envgen.finding import Finding, Severity
from envgen.provenance import layers_of
from envgen.source import Source

_LOADER: Any = yaml.CBaseLoader if yaml.__with_libyaml__ else yaml.BaseLoader


def check(source: Source) -> Iterator[Finding]:
    """A finding for each of the tags in the files of a spec in which a service extends another."""
    data = source.data
    services = data.get("services") if isinstance(data, dict) else None
    for name, service in (services if isinstance(services, dict) else {}).items():
        if isinstance(service, dict) and "extends" in service:
            files = {layer.source.path: layer.source for layer in layers_of(source) if layer.source is not None}
            for file in files.values():
                yield from _tags(file, name)
            return


def _tags(file: Source, extending: str) -> Iterator[Finding]:
    if not any(tag in file.text for tag in (scalars.RESET, scalars.OVERRIDE)):
        return
    lines = file.text.split("\n")
    events: Iterator[Any] = yaml.parse(file.text, Loader=_LOADER)
    for event in events:
        tag = getattr(event, "tag", None)
        if tag in (scalars.RESET, scalars.OVERRIDE):
            yield Finding(
                code=codes.UNSUPPORTED_YAML,
                severity=Severity.ERROR,
                message=f"`{tag}` would reach what `{extending}` extends, and the rendered file can't say that",
                file=file.path,
                line=event.start_mark.line + 1,
                column=event.start_mark.column + 1,
                excerpt=lines[event.start_mark.line],
                width=len(tag),
                hint="write the service out without `extends`, or keep it in a compose file and `include` that",
            )
