"""What rules can be told by configuration."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """`trusted_registries` are hosts that images may come from (empty: any); `required_labels` those of an image."""

    trusted_registries: tuple[str, ...] = ()
    required_labels: tuple[str, ...] = ()


OptionsOf: TypeAlias = Callable[[str], Options]  # those that hold for a path
