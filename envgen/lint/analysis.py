"""What there is to say about the text of a Dockerfile: BuildKit's grammar, envgen's rules, and hadolint."""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from envgen.finding import Finding
from envgen.lint import hadolint, placing
from envgen.lint.dockerfile import SyntaxProblem, parse
from envgen.lint.hadolint import Analysis
from envgen.lint.hadolint_binary import Hadolint
from envgen.lint.place import Place
from envgen.lint.rule import Rule, Scope, Violation
from envgen.lint.syntax import DOCKERFILE_SYNTAX
from envgen.lint.tools import Tools


def analyse(
    texts: Mapping[str, str], tools: Tools, tool: Hadolint | None
) -> tuple[Analysis, Mapping[str, tuple[Finding, ...]]]:
    """What hadolint says, and meanwhile what envgen's own rules say; the files' names are left open.

    `texts` come with the path of a file that holds them. Raises EnvgenError where hadolint can't be run.
    """
    with ThreadPoolExecutor(max_workers=1) as pool:
        future = pool.submit(hadolint.analyse, tuple(texts), tool) if tool else None
        own = tools.of(Scope.DOCKERFILE)
        native = {text: tuple(_native(text, path, own)) for text, path in texts.items()}
        nothing = Analysis(findings={}, failed=frozenset(), about_configs=())
        return future.result() if future else nothing, native


def _native(text: str, path: str, rules: Sequence[Rule]) -> Iterator[Finding]:
    def text_of(_: str) -> str:
        return text

    parsed = parse(text, path)
    if isinstance(parsed, SyntaxProblem):
        violation = Violation(place=Place(parsed.line), message=f"BuildKit refuses this file: {parsed.reason}")
        yield placing.placed(DOCKERFILE_SYNTAX.id, DOCKERFILE_SYNTAX.severity, violation, "", text_of)
        return
    yield from placing.run(rules, parsed, "", text_of)
