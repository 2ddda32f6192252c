"""Which passwords nobody takes for a secret: defaults, placeholders, and those made of the names around them."""

import re
from collections.abc import Set as AbstractSet
from functools import cached_property

from envgen.lint.composefile import Compose, Service
from envgen.lint.composefile.short_forms import text_of

_MARKS = (  # anywhere in it
    *("password", "passwd", "passwort", "passphrase", "changeme", "changeit", "replace", "example", "insecure"),
    *("placeholder", "default", "dummy", "sample", "secret", "generate", "random", "loremipsum", "letmein"),
)
_WORDS = frozenset(  # it is made of these and of the names around it
    {
        *("abc", "abcd", "access", "admin", "administrator", "ai", "alice", "api", "apikey", "app", "application"),
        *("auth", "bar", "battery", "baz", "bob", "change", "client", "correct", "database", "db", "demo", "dev"),
        *("devel", "developer", "development", "docker", "empty", "fill", "foo", "foobar", "for", "from"),
        *("generated", "guest", "hello", "here", "horse", "in", "insert", "is", "it", "jwt", "key", "local"),
        *("localhost", "long", "me", "minio", "my", "mysql", "nobody", "none", "not", "now", "only", "or", "pass"),
        *("please", "postgres", "prod", "production", "pw", "pwd", "quickstart", "qwerty", "rabbit", "readonly"),
        *("redis", "restricted", "rocks", "root", "sa", "salt", "server", "service", "set", "some", "staple"),
        *("string", "strong", "super", "sys", "system", "test", "tester", "testing", "the", "this", "to", "todo"),
        *("token", "too", "toor", "unsafe", "use", "user", "username", "value", "very", "with", "world", "xxx"),
        *("xxxx", "your"),
    }
)
_NAMES_NAMES = ("USER", "USERNAME", "LOGIN", "DB", "DATABASE", "NAME", "HOST", "SERVER", "ID", "ACCOUNT", "DOMAIN")
_LEET = str.maketrans("013457@$!", "oieastasi")
_FEW = 3  # different characters, at most, in `aaaaaaaa` and `1111`
_LONGEST = 128  # characters; longer ones are keys
_LETTERS = re.compile(r"[a-z]+")
_NUMBER = re.compile(r"[0-9]{1,10}")
_SHORT = re.compile(r"[a-z]{1,5}")
_STEM = 5  # letters that a password may have of the beginning of a name: `confluent` of `confluentinc`
_SHORTEST = 2  # letters of a name, and of what is left of a word without it


class Guessable:
    """Answers for one compose file whether a password is guessable; the file's names are collected once, if asked."""

    def __init__(self, compose: Compose) -> None:
        self._compose = compose

    def __call__(self, text: str, service: Service, name: str) -> bool:
        """Whether a password keeps nobody out and betrays nothing: who sees it knows that it is no secret.

        `name` is the variable's or the user's, which it may be made of, too.
        """
        text = text.strip().strip("\"'")
        if not text or len(text) > _LONGEST:
            return False
        plain = text.lower()
        spelled = plain.translate(_LEET)
        if any(mark in plain or mark in spelled for mark in _MARKS):
            return True
        if _NUMBER.fullmatch(text) or _SHORT.fullmatch(plain) or len(set(plain)) <= _FEW:
            return True
        known = (self._names, self._of(service), _words_of(name))  # not united: there may be many names
        return _is_made_of(plain, known) or _is_made_of(spelled, known)

    @cached_property
    def _names(self) -> frozenset[str]:
        """Usual words, and those in the names of the project, its services and images."""
        names = [text_of(self._compose.data.get("name")) or ""]
        for name, service in self._compose.services.items():
            names += [name, (service.image or "").partition(":")[0]]
        words = {word for name in set(names) for word in _words_of(name)}
        return _WORDS.union(words, (word[:end] for word in words for end in range(_STEM, len(word))))

    def _of(self, service: Service) -> set[str]:
        """The words in the names of a service's users and databases."""
        if service.name not in self._by_service:
            settings = (one for one in service.environment if one.name.upper().endswith(_NAMES_NAMES))
            values = (one.value or "" for one in settings)
            plain = (value for value in values if not any(sign in value for sign in ";=@"))  # the others hold passwords
            self._by_service[service.name] = {word for value in plain for word in _words_of(value)}
        return self._by_service[service.name]

    @cached_property
    def _by_service(self) -> dict[str, set[str]]:
        return {}


def _words_of(name: str) -> set[str]:
    """What a name may lend a password: its words, and all of them as one."""
    words = _LETTERS.findall(name.lower())
    return {one for one in ("".join(words), *words) if len(one) >= _SHORTEST}


def _is_made_of(text: str, known: tuple[AbstractSet[str], ...]) -> bool:
    words = _LETTERS.findall(text)
    return bool(words) and len("".join(words)) * 2 >= len(text) and all(_is_joined(word, known) for word in words)


def _is_joined(word: str, known: tuple[AbstractSet[str], ...]) -> bool:
    """Whether a word is a known one, or known ones without a gap."""
    reached = [0]
    for end in range(1, len(word) + 1):
        if any(word[start:end] in names for start in reached for names in known):
            reached.append(end)
    return len(word) in reached or len(word) < _SHORTEST
