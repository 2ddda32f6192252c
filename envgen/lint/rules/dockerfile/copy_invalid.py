import re
from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.dockerfile import Dockerfile, Instruction
from envgen.lint.rule import Violation, dockerfile_rule

_MODE = re.compile(r"[0-7]+|(?:[ugoa]*(?:[-+=](?:[rwxXst]*|[ugo]))+)(?:,[ugoa]*(?:[-+=](?:[rwxXst]*|[ugo]))+)*")
_HEREDOC = re.compile(r"\d*<<-?['\"]?\w")
_DIGEST = re.compile(r"sha256:[a-f0-9]{64}|sha384:[a-f0-9]{96}|sha512:[a-f0-9]{128}")
_FILE = re.compile(r"https?://(?!.*\.git(?:$|#|\?))[^$]+$")
_LARGEST_MODE = 0o7777


@dockerfile_rule("EG139", "copy-invalid", Severity.ERROR, same_as=("dockerfile-utils/INVALID_DESTINATION",))
def check(file: Dockerfile) -> Iterator[Violation]:
    """COPY or ADD is given what Docker refuses to copy.

    COPY takes no URL and no git repository (ADD does), the last word must be a destination and not a heredoc, `--chmod`
    wants an octal mode up to 7777 or a symbolic one, and `--checksum` belongs to ADD of one remote source.

    Bad:

        FROM debian:12
        COPY https://example.org/tool /usr/bin/tool

    Good:

        FROM debian:12
        ARG SHA256
        ADD --checksum=sha256:${SHA256} https://example.org/tool /usr/bin/tool
    """
    for one in file.every("COPY", "ADD"):
        if len(one.args) > 1:
            for part, message, hint in _problems(one):
                yield Violation(place=file.place(one, part), message=message, hint=hint)


def _problems(one: Instruction) -> Iterator[tuple[str, str, str]]:  # noqa: C901 - a flat list of cases
    sources, destination = one.args[:-1], one.args[-1]
    if _HEREDOC.match(destination) and not one.is_json:
        yield destination, f"`{one.name}` has no destination, only a heredoc", "name the file that it is written to"
    if one.name == "COPY":
        for source in sources:
            if source.startswith(("http://", "https://", "git@", "git://", "ssh://")):
                yield source, f"`COPY` can't fetch `{source}`", "use ADD, with `--checksum`"
    if not one.flags:
        return
    mode = one.flag("chmod")
    if mode and "$" not in mode and (not _MODE.fullmatch(mode) or (mode.isdecimal() and int(mode, 8) > _LARGEST_MODE)):
        yield mode, f"`{mode}` is no mode for `--chmod`", "write an octal number such as `755`"
    checksum = one.flag("checksum")
    if checksum and one.name == "ADD":
        if len(sources) > 1:
            yield "--checksum", "`--checksum` is for one source only", "add each with its own checksum"
        elif not re.match(r"(https?|git|ssh)://|git@|\$|.*\$", sources[0]) and ".git" not in sources[0]:
            yield "--checksum", "`--checksum` is for remote sources only", "remove it, or give the URL"
        elif _FILE.match(sources[0]) and "$" not in checksum and not _DIGEST.fullmatch(checksum):
            yield checksum, f"`{checksum}` is no digest", "write `sha256:` and its 64 hexadecimal digits"
