import re
from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.dockerfile import Dockerfile
from envgen.lint.rule import Violation, dockerfile_rule

_SMART = re.compile("[\u201c\u201d\u201e\u2018\u2019\u00ab\u00bb]")
_NAMES = ("CMD", "ENTRYPOINT", "RUN", "SHELL", "COPY", "ADD", "VOLUME", "HEALTHCHECK")
_LOOKS = re.compile(
    "\\[\\s*[\"'\u201c\u201d\u2018\u2019\u201e\\]]|\\[[^\\[\\]\\s|&;<>]+(?:\\s*,\\s*[^\\[\\]|&;<>]+)+\\]\\s*$"
    "|\\[\\.{0,2}/[^\\[\\]\\s|&;<>]+\\]\\s*$"
)


@dockerfile_rule(
    "EG151",
    "json-form-broken",
    Severity.WARNING,
    same_as=("tally/invalid-json-form", "df-doctor/DD043", "df-doctor/DD080"),
)
def check(file: Dockerfile) -> Iterator[Violation]:
    """What looks like the JSON form isn't JSON, so it is taken as it stands.

    JSON knows double quotes only, no comma behind the last item, and every backslash doubled. Docker doesn't complain:
    it hands the text with its brackets to the shell, or looks for files of such names.

    Bad:

        FROM debian:12
        CMD ['nginx', '-g', 'daemon off;']

    Good:

        FROM debian:12
        CMD ["nginx", "-g", "daemon off;"]
    """
    for one in file.every(*_NAMES):
        if one.is_json or not one.args:
            continue
        words = one.args[1:] if one.name == "HEALTHCHECK" else one.args
        text = " ".join(words).strip()
        if text[:1] == "[" and text[1:2] not in {"[", " "} | ({"-"} if one.name == "RUN" else set()):
            if _LOOKS.match(text) is None:
                continue
            yield Violation(
                place=file.place(one, "["),
                message=f"`{text[:60]}` is no JSON ({_reason(text)}), so `{one.name}` takes it as plain text",
                hint='write `["program", "argument"]`, with double quotes',
            )


def _reason(text: str) -> str:
    if _SMART.search(text):
        return "its quotes are typographic ones"
    if not text.endswith("]"):
        return "something follows the bracket" if "]" in text else "the closing bracket is missing"
    if "'" in text and '"' not in text:
        return "its quotes are single ones"
    if re.search(r",\s*\]$", text):
        return "there is a comma behind the last item"
    return "a quote or a comma is missing, or a backslash isn't doubled" if '"' in text else "its items have no quotes"
