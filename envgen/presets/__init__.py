"""Ready-made services: a `<name>.yaml` in this folder is one of them, and so is a file of the user's own.

The format of a preset's file; `summary`, `port` and `service` have to be there:

    summary: one line, for the table of `envgen presets`
    port: 5672                    # what `${mq.port}` is: the port in the container that others talk to
    url: "amqp://{host}:{port}"   # what `${mq.url}` is; {NAME} is the value of an environment variable of `service`
    ports: {management: 15672}    # further ports: `${mq.management_port}`
    urls: {management: "http://{host}:15672"}               # ... and what is reached on them: `${mq.management_url}`
    secrets:                      # files that the user has to provide; those of variables NAME_FILE are listed, too
      "{service}_password": {description: "...", generate: {type: password, length: 32}}  # generate: may be made up
    configs:                      # compose's `configs`: `content` (plain text, no interpolation) or `file`
      "{service}_config": {content: "..."}      # declared where `service: {configs: [...]}` names them
    notes: ["how it is used, a sentence or two each: for `envgen presets NAME` and docs/presets.md"]
    service: {...}                # a compose service, with at least `image`; its variables may be typed as in a spec
    variants:                     # laid over `service` as merged specs are, in order, where all conditions hold
      - {tag: alpine, service: {...}}            # a part of the image's tag
      - {image: "alpine/minio", service: {...}}  # a part of the image's name, without its tag
      - {from_major: 18, service: {...}}         # the first version; `latest` and the like are newer than any
      - {before_major: 6, service: {...}}        # the first version that it is not for any more

In the texts of `service`, `secrets` and `configs`, `{service}` is the service's name, and `{memory_mib:50}` or
`{memory_bytes:50}` are 50 per cent of its memory limit in MiB or bytes (of what the user set, else of `mem_limit`
here), for what doesn't see the limit by itself. All other braces are text. A variable `NAME_FILE: /run/secrets/x` gives
the service the secret x; so does `secrets: [x]` where an image reads no such variable. Named volumes are declared by
themselves.

Each file names the sources of its facts, and the day they were read, in its head.
"""

from functools import cache
from importlib.resources import files

from envgen.presets.model import Preset, Secret, tag
from envgen.presets.reading import read
from envgen.source import parse

__all__ = ["Preset", "Secret", "find", "is_file", "names", "read", "tag"]

_SUFFIX = ".yaml"


def is_file(name: str) -> bool:
    """Whether a service's `preset` is a file of the user's: `./presets/queue.yaml`, a path with a slash."""
    return "/" in name


@cache
def names() -> tuple[str, ...]:
    """The presets that envgen brings along."""
    found = (entry.name for entry in files(__name__).iterdir())
    return tuple(sorted(name.removesuffix(_SUFFIX) for name in found if name.endswith(_SUFFIX)))


@cache
def find(name: str) -> Preset | None:
    """The preset of that name that envgen brings along, or None."""
    if name not in names():
        return None
    path = name + _SUFFIX
    return read(parse(files(__name__).joinpath(path).read_bytes(), path), name)
