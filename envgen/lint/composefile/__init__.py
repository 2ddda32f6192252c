"""A compose project as `docker compose` would see it, in which every value knows the file and place it comes from."""

from envgen.lint.composefile.load import load
from envgen.lint.composefile.model import Compose, Issue, Service
from envgen.lint.composefile.overlays import projects, without_overrides
from envgen.lint.composefile.short_forms import Build, Dependency, EnvFile, Mount, Port, Variable

__all__ = [
    "Build",
    "Compose",
    "Dependency",
    "EnvFile",
    "Issue",
    "Mount",
    "Port",
    "Service",
    "Variable",
    "load",
    "projects",
    "without_overrides",
]
