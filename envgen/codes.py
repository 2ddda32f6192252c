"""The catalogue of envgen's own codes for specs, syntax and outputs; lint rules bring theirs along."""

from dataclasses import dataclass

from envgen.finding import Severity


@dataclass(frozen=True, slots=True)
class Code:
    """A finding's code (`EG001`), its readable name, its severity and a one-line summary."""

    id: str
    name: str
    severity: Severity
    summary: str


CODES: dict[str, Code] = {}


def _code(number: str, name: str, summary: str, severity: Severity = Severity.ERROR) -> str:
    CODES[number] = Code(number, name, severity, summary)
    return number


INTERNAL = _code("EG009", "internal", "a bug in envgen: one of its rules failed on a file")
YAML_SYNTAX = _code("EG001", "yaml-syntax", "the file is no valid YAML or JSON")
UNREADABLE = _code("EG002", "unreadable", "the file can't be read as UTF-8 text")
TOO_LARGE = _code("EG003", "too-large", "the file is larger, deeper or more expanded than any real spec")
DUPLICATE_KEY = _code("EG004", "duplicate-key", "a mapping names a key twice")
UNSUPPORTED_YAML = _code("EG005", "unsupported-yaml", "a tag, a key or a document that compose doesn't know either")
UNKNOWN_KEY = _code("EG010", "unknown-key", "neither envgen nor compose knows this key")
WRONG_TYPE = _code("EG011", "wrong-type", "the value has another type than the key takes")
INVALID_VALUE = _code("EG012", "invalid-value", "the value is not one that the key takes")
MISSING_KEY = _code("EG013", "missing-key", "a required key is not there")
COMPOSE_SCHEMA = _code("EG014", "compose-schema", "the compose specification refuses this value")
NEWER_COMPOSE_KEY = _code(
    "EG015", "newer-compose-key", "a key passed to compose that our schema doesn't know", Severity.WARNING
)
UNKNOWN_REFERENCE = _code("EG020", "unknown-reference", "a name refers to nothing")
DEPENDENCY_CYCLE = _code("EG021", "dependency-cycle", "services wait for each other")
NAME_CLASH = _code("EG022", "name-clash", "two things have the same name, port or path")
MATRIX = _code("EG023", "matrix", "a value does not fit all variants of a service")
INTERPOLATION = _code("EG024", "interpolation", "compose can't read this `$`")
CONFLICT = _code("EG025", "conflict", "two keys contradict each other")
RUNTIME = _code("EG030", "runtime", "there is no such language, version or image variant")
BUILD_CONTEXT = _code("EG031", "build-context", "the build context lacks what the build needs, or can't work with it")
TEMPLATE = _code("EG032", "template", "a template of yours can't be rendered")
OUTPUT = _code("EG040", "output", "a file can't be written where it should be")
LOCK = _code("EG041", "lock", "envgen.lock can't be used")
FOREIGN_FILE = _code("EG042", "foreign-file", "a file that envgen didn't write, or that was edited by hand")
DRIFT = _code("EG043", "drift", "a file differs from what would be rendered now")
USAGE = _code("EG090", "usage", "the command can't do what it was asked for")
CONFIGURATION = _code("EG091", "configuration", "the linter's configuration, or its baseline, can't be used")
ENV_MISSING = _code("EG070", "env-missing", "a variable that compose needs has no value")
ENV_VALUE = _code("EG071", "env-value", "a value is not what the spec says of its variable or secret")
ENV_UNKNOWN = _code("EG072", "env-unknown", "an env file sets a variable that nothing takes", Severity.WARNING)
ENV_TWICE = _code("EG073", "env-twice", "an env file sets a variable twice", Severity.WARNING)
ENV_SYNTAX = _code("EG074", "env-syntax", "compose can't read an env file")
ENV_PLACEHOLDER = _code("EG075", "env-placeholder", "a variable still has the value of .env.example", Severity.WARNING)
SECRET_MISSING = _code("EG076", "secret-missing", "the file of a secret is not there, or is empty")
SECRET_MODE = _code("EG077", "secret-mode", "the wrong people can read the file of a secret", Severity.WARNING)
