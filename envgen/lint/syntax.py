"""The linter's codes that are no rules: files that can't be read, tools that fail, comments that silence nothing."""

from envgen.codes import Code
from envgen.finding import Severity

HADOLINT_FAILED = Code("EG100", "hadolint-failed", Severity.ERROR, "hadolint could not do its work on a file")
DOCKERFILE_SYNTAX = Code("EG130", "dockerfile-syntax", Severity.ERROR, "BuildKit's grammar refuses the Dockerfile")
UNUSED_SUPPRESSION = Code("EG060", "unused-suppression", Severity.INFO, "a comment silences a rule that says nothing")
SUPPRESSION_WITHOUT_REASON = Code(
    "EG061", "suppression-without-reason", Severity.WARNING, "a rule is silenced without the reason that is required"
)
SUPPRESSION_EXPIRED = Code(
    "EG062", "suppression-expired", Severity.WARNING, "the day up to which a rule is silenced is past"
)
INVALID_SUPPRESSION = Code(
    "EG063", "invalid-suppression", Severity.WARNING, "a comment silences nothing as it is written"
)

SUPPRESSIONS = (UNUSED_SUPPRESSION, SUPPRESSION_WITHOUT_REASON, SUPPRESSION_EXPIRED, INVALID_SUPPRESSION)
CODES = (HADOLINT_FAILED, DOCKERFILE_SYNTAX, *SUPPRESSIONS)
