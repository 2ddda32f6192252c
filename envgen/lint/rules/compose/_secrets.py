"""Which names and values are secrets, as compose-lint's CL-0020 and CL-0021 judge, less what is plainly none."""

import re
from collections.abc import Iterator
from functools import lru_cache

from envgen.lint.rules.compose._shipped import UNKNOWN, Shipped

_INSIDE = (
    *("PASSWORD", "PASSPHRASE", "TOKEN", "SECRET", "API_KEY", "APIKEY", "PRIVATE_KEY", "ACCESS_KEY"),
    *("ENCRYPTION_KEY", "CREDENTIAL"),
)
_AT_THE_END = ("_PASS", "_PWD", "PASSWD", "_SALT", "_DSN")
_SWITCHES = ("ALLOW_EMPTY_", "RANDOM_")
_ABOUT_A_SECRET = (  # what is said about a secret, or where it lies, is none
    *("_FILE", "_FILES", "_PATH", "_DIR", "_DIRECTORY", "_LOCATION", "_URL", "_URI", "_ENDPOINT", "_HOST", "_NAME"),
    *("_NAMES", "_HEADER", "_ISSUER", "_ALGORITHM", "_ALG", "_TYPE", "_HASHER", "_BACKEND", "_STORE", "_PROVIDER"),
    *("_SERVICE", "_REALM", "_MODE", "_PREFIX", "_FORMAT", "_METHOD", "_STRATEGY", "_ENABLED", "_DISABLED"),
    *("_REQUIRED", "_AUDIENCE", "_VERSION", "_USER", "_USERNAME", "_EMAIL", "_FIELD", "_ENCODING", "_REGION"),
    *("_LABEL", "_MESSAGE", "_TEXT", "_CLASS", "_PLUGIN", "_SCOPE", "_SCOPES", "_PROFILE", "_REGEX", "_PATTERN"),
    *("_ENV", "_VAR", "_SOURCE", "_SERVERS", "_PROTOCOL", "_MECHANISM", "_LANGUAGE", "_HOSTNAME", "_USERS"),
    *("_KEY_ID", "STORE_CREDENTIALS", "_KEY_CREDENTIALS", "CLUSTER_TOKEN"),
)
_QUANTITIES = (
    *("TTL", "TIMEOUT", "EXPIRE", "EXPIRY", "EXPIRATION", "VALIDITY", "LIFETIME", "LIFESPAN", "MAX_AGE", "MAXAGE"),
    *("ROTATION", "INTERVAL", "RETENTION", "DURATION", "_SECONDS", "_SECS", "_MINUTES", "_MINS", "_HOURS", "_DAYS"),
    *("_MS", "MIN_LENGTH", "MINLENGTH", "MAX_LENGTH", "MAXLENGTH", "MIN_CHAR", "MINCHAR", "_LIMIT", "_SIZE"),
    *("REQUIREMENTS", "POLICY", "_BONUS", "TOKENS", "ROUNDS", "ITERATIONS", "_HISTORY", "_ATTEMPTS", "_RETRIES"),
    *("_LENGTH", "_STRENGTH", "LIMITER", "MAX_PASSWORDS"),
)
_QUANTITY_ENDS = ("_PORT", "_COST")
_QUANTITY = re.compile(r"\(?[0-9][0-9 ()*+/.]{0,60}[a-z]{0,7}", re.IGNORECASE)
_SWITCH_VALUES = frozenset({"yes", "no", "true", "false", "0", "1", "on", "off", "null", "none", "enabled", "disabled"})
_SHORTEST_TOKEN = 15
_FEWEST_CHARACTERS = 9  # different ones in a token; xoxb-xxxxxxxx is none
_PATHS = ("/", "./", "../", "~/")
_KEYED = re.compile(r"(?i)(?:^|;)\s{0,9}(?:password|pwd)\s{0,9}=\s{0,9}([^;]{1,256})")  # of ADO.NET, ODBC and the like
_USERINFO = re.compile(r"([^/?#\s:@]{0,256}):([^/\s@]{1,256})@")
_NO_VALUE = re.compile(r"[xX*.\-_ ]{3,}|<[^>]*>|\[.*\]|\{.*\}", re.DOTALL)  # to be filled in, or a list
_TOKEN = re.compile(
    r"(?:AKIA|ASIA)[0-9A-Z]{16}\b|gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{22}|glpat-[\w-]{20}"
    r"|xox[abprs]-[A-Za-z0-9-]{10}|[sr]k_live_[0-9A-Za-z]{16}|AIza[0-9A-Za-z_-]{35}|sk-(?:ant|proj)-[\w-]{20}"
    r"|npm_[A-Za-z0-9]{36}|dckr_pat_[\w-]{20}|hvs\.[\w-]{24}|SG\.[\w-]{22}\.[\w-]{43}|pypi-AgEI[\w-]{20}"
    r"|-----BEGIN (?:RSA |EC |DSA |OPENSSH |ENCRYPTED |PGP )?PRIVATE KEY"
)


def is_secret(name: str, value: Shipped) -> bool:
    """Whether a variable of this name holds a secret that the file spells out."""
    text = value.text.strip().strip("\"'").strip()
    if not text or UNKNOWN in text or not is_secret_name(name):
        return False
    if text.lower() in _SWITCH_VALUES or text.startswith(_PATHS) or "://" in text:
        return False
    if _NO_VALUE.fullmatch(text) or _is_placeholder(name, text) or "/run/secrets" in text or "$(" in text:
        return False
    key = name.upper()
    if key.endswith("_DSN") and "@" not in text:
        return False
    is_quantity = any(one in key for one in _QUANTITIES) or key.endswith(_QUANTITY_ENDS)
    return not (is_quantity and _QUANTITY.fullmatch(text))


def _is_placeholder(name: str, text: str) -> bool:
    """Whether a value stands for one that somebody else gives out: such a token works for nobody."""
    is_from_elsewhere = any(one in name.upper() for one in ("TOKEN", "API_KEY", "APIKEY", "CLIENT_SECRET"))
    return is_from_elsewhere and text.lower().startswith(("your", "user_provided", "<", "insert"))


@lru_cache(4096)
def is_secret_name(name: str) -> bool:
    """Whether a variable, argument or flag is named like a secret."""
    key = name.upper()
    if not (any(one in key for one in _INSIDE) or key.endswith(_AT_THE_END)):
        return False
    return not (key.endswith(_ABOUT_A_SECRET) or any(one in key for one in _SWITCHES))


def has_url_password(text: str) -> bool:
    """Whether a text holds a URL with a password; one that a variable gives is none."""
    return next(url_passwords(text), None) is not None


def url_passwords(text: str) -> Iterator[tuple[str, str]]:
    """The users and passwords of the URLs and connection strings in a text, without passwords that a variable gives."""
    if ";" in text and (keyed := _KEYED.search(text)) and keyed[1].strip(UNKNOWN + "$\"' "):
        yield "", keyed[1]
    if "@" not in text:
        return
    position = text.find("://")
    while position >= 0:
        found = _USERINFO.match(text, position + 3)
        if found and found[2].strip(UNKNOWN + "$\"'"):
            yield found[1], found[2]
        position = text.find("://", position + 3)


def password_in(name: str, text: str) -> str:
    """What of a secret is the password: all of it, or its part of a DSN such as `user:password@host/name`."""
    found = _USERINFO.match(text) if name.upper().endswith("_DSN") else None
    return found[2] if found else text


def known_token(text: str) -> str | None:
    """The start of an access token or private key of a known form, or None."""
    found = _TOKEN.search(text) if len(text) >= _SHORTEST_TOKEN else None
    if found is None or "EXAMPLE" in found[0] or len(set(found[0])) < _FEWEST_CHARACTERS:
        return None
    return found[0][:4]
