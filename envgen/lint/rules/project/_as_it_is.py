"""Whether a well-known image is started with nothing but its own configuration."""

from envgen.lint.composefile import Service
from envgen.lint.rules.project._official import Official

_DECIDING = ("command", "entrypoint", "configs", "extends", "network_mode")


def runs_as_it_is(service: Service, facts: Official) -> bool:
    """Whether no command and no configuration file may say which port it is."""
    if any(service.data.get(key) is not None for key in _DECIDING):
        return False
    targets = [mount.target for mount in service.mounts]
    if facts.is_store:
        return not any(target.startswith("/etc") or "conf" in target for target in targets)
    return not any(target.startswith((*facts.configured_by, "/etc")) for target in targets)
