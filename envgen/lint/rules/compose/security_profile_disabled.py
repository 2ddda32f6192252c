from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.composefile import Compose
from envgen.lint.rule import Violation, compose_rule
from envgen.lint.rules.compose._services import security_options

_OFF = {
    "seccomp:unconfined": "seccomp, which keeps it from the kernel's dangerous calls",
    "apparmor:unconfined": "AppArmor, which keeps it from the host's files",
    "label:disable": "SELinux, which keeps it from the host's files",
    "systempaths:unconfined": "the masks over /proc and /sys",
}


@compose_rule(
    "EG240",
    "security-profile-disabled",
    Severity.WARNING,
    same_as=(
        "compose-lint/CL-0009",
        "kics/Default Seccomp Profile Disabled",
        "semgrep/seccomp-confinement-disabled",
        "semgrep/selinux-separation-disabled",
    ),
    keys=("security_opt",),
)
def check(compose: Compose) -> Iterator[Violation]:
    """A service switches off a fence that Docker puts around every container.

    seccomp, AppArmor and SELinux are what stands between a hole in the program and the host's kernel. A program that
    fails with the default profile needs one of its own with the one call added, not none at all.

    Bad:

        services:
          browser:
            image: browser:1
            security_opt: ["seccomp:unconfined"]

    Good:

        services:
          browser:
            image: browser:1
            security_opt: ["seccomp:./chrome.json"]
    """
    for service in compose.services.values():
        effective: dict[str, tuple[int, str]] = {}
        for index, option in security_options(service):
            name = option.partition(":")[0]
            if name != "label" or option == "label:disable":
                effective[name] = (index, option)
        for index, option in effective.values():
            if option in _OFF:
                yield Violation(
                    place=service.place("security_opt", index),
                    message=f"the service `{service.name}` runs without {_OFF[option]}",
                    hint="remove it, or name a profile that allows what the program needs",
                )
