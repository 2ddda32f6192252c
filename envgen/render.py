"""From a plan to the files that are rendered: pure, offline, the same bytes on any machine."""

import hashlib
import json

from envgen.artifact import Artifact
from envgen.plan import Plan, as_data
from envgen.targets import targets
from envgen.templating import Templates


def render(plan: Plan, only: str | None = None) -> list[Artifact]:
    """Every file of a plan, or those of the target `only`; raises KeyError where there is no such target."""
    templates = Templates(plan.templates)
    chosen = targets().values() if only is None else [targets()[only]]
    return [artifact for target in chosen for artifact in target(plan, templates)]


def plan_hash(plan: Plan) -> str:
    """A hash of all that the plan says, in its order: equal hashes render equal files."""
    text = json.dumps(as_data(plan), ensure_ascii=False, separators=(",", ":"))
    return "sha256:" + hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
