"""What the linter works with: the edges of the pure core, given to it from outside."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from envgen.lint.hadolint_binary import Hadolint, find
from envgen.lint.rule import Rule, Scope
from envgen.lint.rules import rules_of
from envgen.lint.tree import Tree

if TYPE_CHECKING:  # a linter that sees no spec has no time for it
    from envgen.plan import Context
    from envgen.presets import Preset
    from envgen.source import Source
    from envgen.spec import Spec

ReadContexts: TypeAlias = "Callable[[Spec, Path], Mapping[str, Context]]"
ReadPresets: TypeAlias = "Callable[[Spec, Path], Mapping[str, Preset]]"
ReadTemplates: TypeAlias = "Callable[[Spec, Path], Mapping[str, tuple[str, str]]]"
ReadSpec: TypeAlias = "Callable[[str], Source]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """What the linter works with.

    `hadolint` finds the one to run (None: it isn't run); `cache` is the folder for what was found before
    (None: nothing is kept); `tree` holds the files around; `rules` are envgen's own, by default all; `contexts` reads
    the build contexts of a spec in a folder, `presets` and `templates` those of the user's own, `specs` a spec that
    another one names (None: specs of several files can't be linted). What the `unwanted` codes would find need not be
    found.
    """

    tree: Tree = field(default_factory=Tree)
    hadolint: Callable[[], Hadolint] | None = find
    cache: Path | None = None
    rules: Sequence[Rule] | None = None
    contexts: "ReadContexts | None" = None
    presets: "ReadPresets | None" = None
    templates: "ReadTemplates | None" = None
    specs: "ReadSpec | None" = None
    unwanted: frozenset[str] = frozenset()

    def of(self, scope: Scope) -> tuple[Rule, ...]:
        """The rules about one kind of subject; of those about a Dockerfile's text all, since what they find is kept."""
        if self.rules is not None:
            return tuple(rule for rule in self.rules if rule.scope is scope)
        rules = rules_of(scope)
        if scope is Scope.DOCKERFILE or not self.unwanted:
            return rules
        return tuple(rule for rule in rules if rule.code not in self.unwanted)
