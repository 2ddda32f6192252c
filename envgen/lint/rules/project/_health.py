"""Whether a service has a healthcheck: its own, or one of its image."""

from envgen.lint.composefile import Service
from envgen.lint.composefile.short_forms import mapped, text_of
from envgen.lint.project import Project
from envgen.lint.rules.project._built import Image, image_of
from envgen.lint.rules.project._official import official
from envgen.source import Data


def has_healthcheck(project: Project, service: Service) -> bool | None:
    """Whether there is one that isn't disabled; None where the image may have one that can't be seen."""
    if "extends" in service.data:
        return None
    own = service.data.get("healthcheck")
    if own is not None:
        settings = mapped(own)
        if settings.get("disable") is True or text_of(settings.get("disable")) == "true":
            return False
        if "test" in settings:
            return not is_none(settings["test"])
    return image_has(image_of(project, service))


def image_has(image: Image) -> bool | None:
    """Whether an image has a healthcheck; None where that can't be seen."""
    if image.healthcheck is not None:
        return image.healthcheck.rest.strip().upper() != "NONE"
    return False if official(image.root) is not None else None


def is_none(test: Data) -> bool:
    """Whether a `test` says that there is no check."""
    return test in ("NONE", [], ["NONE"]) or test is None
