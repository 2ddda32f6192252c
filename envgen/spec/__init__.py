"""The spec: what the user wrote, typed and checked."""

from envgen.spec.load import load
from envgen.spec.model import Spec

__all__ = ["Spec", "load"]
