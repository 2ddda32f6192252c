"""The ports at which a healthcheck looks for its own container's server."""

import re
from collections.abc import Iterator

from envgen.lint.composefile.short_forms import listed, text_of
from envgen.source import Data

_OWN = re.compile(r"(?:localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1\])[:/ ](\d{2,5})(?![\d.])")


def probed(test: Data | str) -> Iterator[int]:
    """The ports in a healthcheck's command, each once."""
    text = test if isinstance(test, str) else " ".join(text_of(one) or "" for one in listed(test))
    yield from dict.fromkeys(int(found) for found in _OWN.findall(text))
