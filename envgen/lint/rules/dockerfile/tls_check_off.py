import re
from collections.abc import Iterator
from itertools import chain

from envgen.finding import Severity
from envgen.lint.dockerfile import Dockerfile
from envgen.lint.dockerfile.shell import Script
from envgen.lint.dockerfile.shell_split import Command
from envgen.lint.rule import Violation, dockerfile_rule

_LOCAL = re.compile(r"^(?:https?://)?(?:localhost|127\.0\.0\.1|\[::1\])(?:[:/]|$)")
_SUMS = frozenset({"sha1sum", "sha224sum", "sha256sum", "sha384sum", "sha512sum", "shasum", "b2sum"})
_CURL_WITH_VALUE = frozenset("AbcCdDeEFhHKmoPQrtTuUwxXyYz")
_FLAGS = {
    "wget": ("--no-check-certificate",),
    "pip": ("--trusted-host",),
    "pip3": ("--trusted-host",),
    "npm": ("--strict-ssl=false", "--no-strict-ssl"),
    "kubectl": ("--insecure-skip-tls-verify",),
    "helm": ("--insecure-skip-tls-verify",),
    "svn": ("--trust-server-cert", "--trust-server-cert-failures"),
}
_SETTINGS = {
    "git": re.compile(r"(?:^|\s)http\.(?:\S+\.)?sslverify(?:=|\s+)(?:false|0|off|no)\b", re.IGNORECASE),
    "npm": re.compile(r"\bstrict-ssl(?:=|\s+)(?:false|null)\b"),
    "pnpm": re.compile(r"\bstrict-ssl(?:=|\s+)false\b"),
    "yarn": re.compile(r"\b(?:strict-ssl|enableStrictSsl)(?:=|\s+)false\b"),
    "pip": re.compile(r"\bconfig\s+set\s+\S*trusted-host\b"),
    "pip3": re.compile(r"\bconfig\s+set\s+\S*trusted-host\b"),
    "conda": re.compile(r"\bssl_verify(?:=|\s+)false\b", re.IGNORECASE),
    "composer": re.compile(r"\b(?:disable-tls\s+(?:--\s+)?true|secure-http\s+(?:--\s+)?false)\b"),
    "bundle": re.compile(r"\bssl_verify_mode\s+0\b"),
}
_VARIABLES = {
    "NODE_TLS_REJECT_UNAUTHORIZED": ("0",),
    "PYTHONHTTPSVERIFY": ("0",),
    "GIT_SSL_NO_VERIFY": ("1", "true"),
    "NPM_CONFIG_STRICT_SSL": ("false",),
    "npm_config_strict_ssl": ("false",),
}


@dockerfile_rule(
    "EG144",
    "tls-check-off",
    Severity.WARNING,
    same_as=("checkov/CKV2_DOCKER_2", "checkov/CKV2_DOCKER_3", "checkov/CKV2_DOCKER_5", "df-doctor/DD055"),
)
def check(file: Dockerfile) -> Iterator[Violation]:
    """The check of a server's certificate is switched off.

    Without it anybody between you and the server decides what you download, and https only looks safe. Where a company
    has its own certificate authority, add its certificate to the image. A variable such as
    NODE_TLS_REJECT_UNAUTHORIZED=0 in ENV even stays on in the running container. A download that the same RUN compares
    with a checksum is left alone.

    Bad:

        FROM debian:12
        RUN curl -fksSLO https://example.org/tool.tar.gz

    Good:

        FROM debian:12
        RUN curl -fsSLO https://example.org/tool.tar.gz
    """
    shell = file.shell
    found = chain(
        (_curl(script, command) for script, command in shell.calls("curl")),
        (_flag(script, command) for script, command in shell.calls(*_FLAGS)),
        (_setting(script, command) for script, command in shell.calls(*_SETTINGS)),
    )
    yield from (violation for violation in found if violation is not None)
    yield from _in_variables(file)


def _violation(script: Script, command: Command, index: int) -> Violation:
    what = command.words[index]
    return Violation(
        place=script.word(command, index),
        message=f"`{what}` lets `{command.program}` talk to any server that claims to be the right one",
        hint="remove it, and add the certificate authority to the image if it is your own",
    )


def _curl(script: Script, command: Command) -> Violation | None:
    for index, word in enumerate(command.words):
        if word == "--insecure" or (word[:1] == "-" and word[1:2] != "-" and "k" in _letters(word)):
            is_local = any(_LOCAL.match(other) for other in command.args)
            return None if is_local or _is_verified(script) else _violation(script, command, index)
    return None


def _is_verified(script: Script) -> bool:
    """Whether the shell text compares what it downloads with a checksum or signature."""
    return any(
        (command.program in _SUMS and any(word.startswith(("-c", "--check")) for word in command.args))
        or (command.program in {"gpg", "gpgv"} and ("--verify" in command.args or command.program == "gpgv"))
        for command in script.commands
    )


def _letters(word: str) -> str:
    """The flags in a bundle of curl's, without the value that the last one may have."""
    for index, letter in enumerate(word[1:], 1):
        if letter in _CURL_WITH_VALUE:
            return word[1:index]
    return word[1:]


def _flag(script: Script, command: Command) -> Violation | None:
    for index, word in enumerate(command.words):
        if word[:1] == "-" and any(word == flag or word.startswith(f"{flag}=") for flag in _FLAGS[command.program]):
            is_off = word.endswith("=false") and not word.startswith("--strict-ssl")
            is_safe = any(_LOCAL.match(other) for other in command.args)
            is_safe = is_safe or (command.program == "wget" and _is_verified(script))
            return None if is_off or is_safe else _violation(script, command, index)
    return None


def _setting(script: Script, command: Command) -> Violation | None:
    match = _SETTINGS[command.program].search(" ".join(command.words))
    if match is None or match[0].lstrip().startswith("--"):
        return None
    key = re.split(r"[=\s]", match[0].strip())[0]
    index = next((number for number, word in enumerate(command.words) if key in word), 0)
    return _violation(script, command, index)


def _in_variables(file: Dockerfile) -> Iterator[Violation]:
    hint = "remove it, and add the certificate authority to the image if it is your own"
    for one in file.every("ENV"):
        for key, value, _ in one.pairs:
            if key in _VARIABLES and value.strip("\"'").lower() in _VARIABLES[key]:
                message = f"`{key}={value}` switches off the check of certificates, in the running container, too"
                yield Violation(place=file.place(one, key), message=message, hint=hint)
    if not any(name in file.text for name in _VARIABLES):
        return
    for script, command in file.shell.every():
        given = [(name, value, start) for name, value, start in command.assignments]
        if command.program == "export":
            for index, word in enumerate(command.args, 1):
                name, _, value = word.partition("=")
                given.append((name, value, command.spans[index][0]))
        for name, value, start in given:
            if name in _VARIABLES and value.lower() in _VARIABLES[name]:
                message = f"`{name}={value}` switches off the check of certificates"
                yield Violation(place=script.place(start, start + len(name)), message=message, hint=hint)
