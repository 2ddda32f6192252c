"""What there is to say about each Dockerfile on its own, now or from an earlier run."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from envgen.finding import Finding
from envgen.lint.cache import Cache
from envgen.lint.files import LintFile
from envgen.lint.hadolint_binary import conditions
from envgen.lint.tools import Tools


def check(files: Sequence[LintFile], tools: Tools) -> Iterator[Finding]:
    """All findings that hang on the text of each file only, those of earlier runs from the cache.

    Parser, rules and hadolint are imported only where a text is new. Raises EnvgenError where hadolint can't be run.
    """
    if not files:
        return
    tool = tools.hadolint() if tools.hadolint else None
    cache = Cache(tools.cache if tools.rules is None else None, conditions(tool) if tool else ("none",))
    known = {text: cache.get(text) for text in dict.fromkeys(file.text for file in files)}
    new = [text for text, findings in known.items() if findings is None]
    if new:
        from envgen.lint.analysis import analyse

        paths = {file.text: file.path for file in reversed(files)}
        analysis, native = analyse({text: paths[text] for text in new}, tools, tool)
        yield from analysis.about_configs
        for text in new:
            known[text] = (*native[text], *analysis.findings.get(text, ()))
            if text not in analysis.failed and not analysis.about_configs:
                cache.put(text, known[text] or ())
        cache.prune()
    for file in files:
        yield from (replace(finding, file=file.path) for finding in known[file.text] or ())
