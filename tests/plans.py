"""Plans of specs that tests write as YAML."""

import json
import textwrap
from typing import Any

from envgen.finding import EnvgenError
from envgen.plan import Plan, as_data, resolve
from envgen.plan.model import Image
from envgen.render import render
from envgen.source import parse
from envgen.spec import load

HEAD = "envgen: 1\nname: shop\n"


def plan_of(text: str) -> Plan:
    """The plan of a spec; what stands first in each spec is added."""
    return resolve(load(parse(HEAD + textwrap.dedent(text), "envgen.yaml")))


def problems_of(text: str) -> list[str]:
    """What is wrong with a spec: `LINE:COLUMN CODE message [hint]`, with lines as in `text`."""
    try:
        plan_of(text)
    except EnvgenError as error:
        lines = HEAD.count("\n")
        return [f"{f.line - lines}:{f.column} {f.code} {f.message} [{f.hint}]" for f in error.findings]
    return []


def service(text: str, name: str = "a") -> dict[str, Any]:
    """A service of a spec as data; interpolated strings are in compose's spelling."""
    services = {planned.name: planned.compose for planned in plan_of(text).services}
    data: dict[str, Any] = _spelled(as_data(services[name]))
    return data


def services(text: str) -> dict[str, dict[str, Any]]:
    return {planned.name: _spelled(as_data(planned.compose)) for planned in plan_of(text).services}


def image(text: str) -> Image:
    """The only image of a spec."""
    (only,) = plan_of(text).images
    return only


def rendered(plan: Plan) -> dict[str, str]:
    return {artifact.path: artifact.text for artifact in render(plan)}


def sections(text: str) -> dict[str, Any]:
    data: dict[str, Any] = _spelled(as_data(plan_of(text).sections))
    return data


def node(keys: str = "", name: str = "a") -> str:
    """A spec of one Node.js service, with further keys in YAML's flow form."""
    rest = f", {keys}" if keys else ""
    return f"services:\n  {name}: {{uses: node@16, command: [node, a.js]{rest}}}\n"


def dumped(plan: Plan) -> str:
    return json.dumps(as_data(plan))


def _spelled(value: Any) -> Any:
    match value:
        case {"interpolated": text}:
            return text
        case dict():
            return {key: _spelled(item) for key, item in value.items()}
        case list():
            return [_spelled(item) for item in value]
    return value
