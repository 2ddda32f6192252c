"""Findings that the user silenced where they stand, and what there is to say about the comments that do it."""

from envgen.lint.ignore.comments import Suppression, suppressions
from envgen.lint.ignore.silence import Keys, Rules, silenced

__all__ = ["Keys", "Rules", "Suppression", "silenced", "suppressions"]
