"""How the time of the linter grows with a file that is large in one way: seconds for 1,000 and 4,000 of each thing.

Prints each growth, and exits with 1 where four times the size takes more than ten times the time; sixteen times would
be quadratic.
"""

import sys
import time
from datetime import date
from pathlib import Path

from envgen.lint.engine import Tools, lint
from envgen.lint.files import Kind, LintFile

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
from large_files import BIG

ALLOWED = 10
LEAST = 0.02  # seconds: below, start-up and the clock decide


def seconds(text: str, kind: Kind) -> float:
    """CPU seconds of linting a text without hadolint, the better of two runs."""
    times = []
    for _ in range(2):
        start = time.process_time()
        lint([LintFile("f", text, kind)], today=date(2026, 11, 23), tools=Tools(hadolint=None))
        times.append(time.process_time() - start)
    return min(times)


def main() -> int:
    """Measure every kind of large file."""
    missed = False
    for what, kind, make in BIG:
        seconds(make(10), kind)
        small, large = seconds(make(1000), kind), seconds(make(4000), kind)
        growth = large / max(small, LEAST)
        missed |= growth > ALLOWED
        print(f"{what:35} {small:7.3f} s {large:7.3f} s   x {growth:.1f}{'   MISSED' if growth > ALLOWED else ''}")
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
