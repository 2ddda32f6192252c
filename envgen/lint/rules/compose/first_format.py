from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.composefile import Compose
from envgen.lint.place import Place
from envgen.lint.rule import Violation, compose_rule


@compose_rule("EG227", "first-format", Severity.ERROR)
def check(compose: Compose) -> Iterator[Violation]:
    """The file has the first format of compose, with services at the top level.

    Compose has not read it since its second major version. The services go under a key `services:`; links and the
    like work as they did.

    Bad:

        web:
          image: web:1

    Good:

        services:
          web:
            image: web:1
    """
    data = compose.sources[0].data
    if not compose.is_first_format or not isinstance(data, dict):
        return
    name = next((key for key, one in data.items() if isinstance(one, dict) and ("image" in one or "build" in one)), "")
    line, column, width = compose.sources[0].place((name,), at_key=True)
    yield Violation(
        place=Place(line, column, width),
        message=f"the service `{name}` stands at the top level, where compose no longer looks for services",
        hint="put all services under a key `services:`",
    )
