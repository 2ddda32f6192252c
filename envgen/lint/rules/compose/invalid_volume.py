from collections.abc import Iterator

from envgen.compose_formats import cut, mount
from envgen.finding import Severity
from envgen.lint.composefile import Compose
from envgen.lint.composefile.short_forms import listed
from envgen.lint.rule import Violation, compose_rule
from envgen.lint.rules.compose._project import blank_hint


@compose_rule("EG209", "invalid-volume", Severity.ERROR, keys=("volumes",))
def check(compose: Compose) -> Iterator[Violation]:
    """A volume is written in a form that compose can't read.

    The short form is `[source:]target[:options]`: none of its parts is empty, and there are no more than three. An
    empty one is often a variable that is not set. The long form needs a `target`, and for a bind mount a `source`.

    Bad:

        services:
          db:
            image: postgres:17
            volumes: [":/var/lib/postgresql/data"]

    Good:

        services:
          db:
            image: postgres:17
            volumes: ["./data:/var/lib/postgresql/data"]
    """
    unset: set[str] = set()
    for service in compose.strict.services.values():
        for index, item in enumerate(listed(service.data.get("volumes"))):
            problem = None
            if isinstance(item, str):
                wrong = mount(item)
                problem = f"`{cut(item)}` is no volume that compose can read: {wrong}" if wrong else None
                written = service.compose.written("services", service.name, "volumes", index)
                if wrong and isinstance(written, str) and "$" in written:
                    source = written.partition(":")[0]
                    if source in unset:  # said once: it takes one line to set it
                        continue
                    unset.add(source)
                    problem = f"`{cut(written)}` is read as `{cut(item)}`, for nothing sets its variable: {wrong}"
            elif isinstance(item, dict) and "target" not in item:
                problem = f"the volume of `{service.name}` has no `target`, the path in the container"
            elif isinstance(item, dict) and item.get("type") == "bind" and "source" not in item:
                problem = f"the bind mount of `{service.name}` has no `source`, the path on the host"
            if problem:
                place = service.place("volumes", index)
                yield Violation(place=place, message=problem, hint=blank_hint(service, "volumes", index))
