import re
from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.dockerfile import Dockerfile, Instruction
from envgen.lint.rule import Violation, dockerfile_rule

_DURATION = re.compile(r"[-+]?(?:0|(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+)")
_PART = re.compile(r"(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h)")
_NANOSECONDS = {
    "ns": 1,
    "us": 10**3,
    "µs": 10**3,
    "μs": 10**3,
    "ms": 10**6,
    "s": 10**9,
    "m": 6 * 10**10,
    "h": 36 * 10**11,
}
_SHORTEST = 10**6  # nanoseconds
_TIMES = ("interval", "timeout", "start-period", "start-interval")
_LARGEST = 2**31 - 1


@dockerfile_rule(
    "EG136",
    "healthcheck-invalid",
    Severity.ERROR,
    same_as=("dockerfilelint/healthcheck_options_missing_args", "dockerfile-utils/FLAG_INVALID_DURATION"),
)
def check(file: Dockerfile) -> Iterator[Violation]:
    """A HEALTHCHECK that Docker refuses.

    It is `HEALTHCHECK [options] CMD command` or `HEALTHCHECK NONE`. Durations need a unit (`30s`) and no variable is
    replaced in them; `--retries` is a whole number.

    Bad:

        FROM debian:12
        HEALTHCHECK --interval=30 CMD pg_isready

    Good:

        FROM debian:12
        HEALTHCHECK --interval=30s CMD pg_isready
    """
    for one in file.every("HEALTHCHECK"):
        if one.args:
            for part, message, hint in _problems(one):
                yield Violation(place=file.place(one, part), message=message, hint=hint)


def _problems(one: Instruction) -> Iterator[tuple[str, str, str]]:
    kind = one.args[0].upper()
    if kind == "NONE":
        if len(one.args) > 1:
            yield one.args[0], "`HEALTHCHECK NONE` takes no arguments", "remove what follows `NONE`"
        return
    if kind != "CMD":
        yield one.args[0], f"`HEALTHCHECK` has no form `{one.args[0]}`", "write `HEALTHCHECK CMD command`"
        return
    if len(one.args) == 1:
        yield one.args[0], "`HEALTHCHECK CMD` has no command", "name the command that tells whether the service is well"
    for name in _TIMES:
        value = one.flag(name)
        if value and not _is_duration(value):
            yield value, f"`{value}` is no duration for `--{name}`", "write a number with its unit, such as `30s`"
    retries = one.flag("retries")
    if retries and not (re.fullmatch(r"\+?\d{1,10}", retries) and int(retries) <= _LARGEST):
        yield retries, f"`{retries}` is no number of `--retries`", "write a whole number that isn't negative"


def _is_duration(text: str) -> bool:
    if not _DURATION.fullmatch(text):
        return False
    length = sum(float(number) * _NANOSECONDS[unit] for number, unit in _PART.findall(text))
    return length == 0 or (length >= _SHORTEST and not text.startswith("-"))
