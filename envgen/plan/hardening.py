"""What envgen chooses for a service where nothing is written (measured: firewall notes on capabilities and limits)."""

from collections.abc import Mapping

from envgen.plan.model import Hardening
from envgen.runtimes import Language
from envgen.source import Data

PIDS_LIMIT = 256
MEMORY_LIMIT = "512m"
_TMPFS = ("/tmp",)  # noqa: S108 - a mount point in the container


def level(service: Mapping[str, Data], *, is_preset: bool) -> Hardening:
    """How much is chosen for a service: what it says itself, else what its kind has."""
    written = service.get("hardening")
    if isinstance(written, str):
        return Hardening(written)
    if service.get("uses") is not None:
        return Hardening.STRICT
    return Hardening.STANDARD if is_preset else Hardening.NONE


def choices(
    hardening: Hardening, service: Mapping[str, Data], language: Language | None, *, is_preset: bool
) -> dict[str, Data]:
    """The keys that are chosen for a service, to be laid under all that it says; `service` is what it says."""
    own: dict[str, Data] = {"init": True}
    # a preset and a language say which folders must stay writable; of other images nobody knows
    if (hardening is Hardening.STRICT or is_preset or language is not None) and not _develops(service):
        own["read_only"] = True
    if str(service.get("read_only", own.get("read_only", False))).lower() != "false":
        own["tmpfs"] = list(language.tmpfs if language else _TMPFS)
    if service.get("privileged") is not True:  # which asks for all that these take away
        own["cap_drop"] = ["ALL"]
        own["security_opt"] = ["no-new-privileges:true"]
    own["mem_limit"] = language.memory_limit if language else MEMORY_LIMIT
    own["pids_limit"] = language.pids_limit if language else PIDS_LIMIT
    return own


def _develops(service: Mapping[str, Data]) -> bool:
    """Whether a service runs a stage in which tools write beside the sources."""
    build = service.get("build")
    return isinstance(build, dict) and build.get("target") in {"dev", "test"}
