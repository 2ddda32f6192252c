"""Draw the sample of findings that benchmarks/precision.md is about.

    benchmarks/precision.py CORPUS [SEED]

CORPUS is a folder of checkouts, one folder a repository. Takes 150 Dockerfiles and 150 compose files at random, at most
three of a kind from one repository and none that is a test fixture or a template; lints each where it lies; and prints
150 random findings of envgen's own rules at warning or error, tab-separated: number, place, code, rule, message.
"""

import os
import random
import sys
from collections import Counter
from collections.abc import Iterable
from datetime import date
from pathlib import Path

from envgen.finding import Severity
from envgen.lint.engine import Tools, catalogue, lint
from envgen.lint.files import Kind, kind_of, read

FILES = 150  # of each kind
PER_REPOSITORY = 3
FINDINGS = 150
FIXTURES = ("test", "fixture", "mock", "e2e", "node_modules", ".github", "template", "cookiecutter")


def chosen(paths: Iterable[Path], kind: Kind, source: random.Random) -> list[str]:
    """So many files of a kind, spread over repositories."""
    candidates = sorted(path for path in paths if kind_of(str(path)) is kind and is_real(path))
    source.shuffle(candidates)
    taken: list[str] = []
    count: Counter[str] = Counter()
    for path in candidates:
        text = path.read_text(errors="replace")
        if kind is Kind.COMPOSE and not any(key in text for key in ("services:", "image:", "build:")):
            continue  # no compose file, whatever its name says
        if count[path.parts[0]] < PER_REPOSITORY and len(taken) < FILES:
            count[path.parts[0]] += 1
            taken.append(str(path))
    return taken


def is_real(path: Path) -> bool:
    """Whether somebody uses the file to run something: no test's input, no empty placeholder."""
    return not any(word in part.lower() for part in path.parts[1:] for word in FIXTURES) and path.stat().st_size > 0


def main(corpus: Path, seed: int) -> None:
    """Draw and print."""
    os.chdir(corpus)
    paths = [path for path in Path().rglob("*") if path.is_file() and kind_of(str(path)) and "+" in path.parts[0]]
    source = random.Random(seed)  # noqa: S311 - reproducible, not secret
    files = [path for kind in (Kind.DOCKERFILE, Kind.COMPOSE) for path in chosen(paths, kind, source)]
    findings = []
    for path in files:
        found = lint(read([path]), today=date(2026, 11, 23), tools=Tools(hadolint=None))
        findings += [
            one for one in found if one.code.startswith("EG") and one.severity in {Severity.ERROR, Severity.WARNING}
        ]
    names = {code.id: code.name for code in catalogue().values()}
    print(f"# seed {seed}: {len(files)} files, {len(findings)} findings at warning or error")
    for number, one in enumerate(source.sample(findings, min(FINDINGS, len(findings))), 1):
        print(number, f"{one.file}:{one.line}", one.code, names[one.code], one.message, sep="\t")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(next(iter(sys.argv[2:]), "1")))
