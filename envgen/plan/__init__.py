"""The plan: what is rendered, with every default decided."""

from envgen.plan.context import Context
from envgen.plan.model import Plan, as_data
from envgen.plan.resolve import resolve

__all__ = ["Context", "Plan", "as_data", "resolve"]
