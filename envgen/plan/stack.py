"""A project in one of its environments, on its way into the plan."""

from dataclasses import dataclass

from envgen.plan.draft import Draft
from envgen.plan.texts import Texts
from envgen.spec.model import Spec


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftStack:
    """The services of one environment (None: of the spec without an overlay); problems go to `texts.problems`."""

    environment: str | None
    spec: Spec
    drafts: tuple[Draft, ...]
    texts: Texts
