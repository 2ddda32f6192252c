import re
from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.composefile import Service
from envgen.lint.composefile.short_forms import listed, mapped
from envgen.lint.dockerfile import Instruction
from envgen.lint.place import Place
from envgen.lint.project import BuildLink, Project
from envgen.lint.rule import Violation, project_rule
from envgen.lint.rules.project._bases import Base, base
from envgen.lint.rules.project._built import built

_SEPARATORS = re.compile(r"\|\||&&|[;|\n]")
_IDLE = frozenset(
    {"exit", "true", "false", "test", "[", "[[", "echo", "grep", "awk", "sed", "head", "tail", "cat", "kill"}
)
_PREFIXES = frozenset({"exec", "if", "!", "then", "timeout", "sudo", "do", "while", "until", "else"})
_NAME = re.compile(r"[A-Za-z_][\w.-]*$")
_PROVIDED = {
    "nc": ("netcat", "ncat", "busybox", "nmap"),
    "pg_isready": ("postgres",),
    "redis-cli": ("redis", "valkey"),
    "mysqladmin": ("mysql", "mariadb"),
    "mysql": ("mysql", "mariadb"),
    "python": ("python", "conda", "pyenv"),
    "node": ("node", "nvm", "npm"),
    "bash": ("bash",),
    "mongo": ("mongo",),
}
_HIDDEN = re.compile(
    r"(?<!pip )(?<!pip3 )(?<!npm )(?<!gem )(?:install|add)\b"
    r"[^&;]*(?:\$\{?\w|\$\(|xargs|-r \S*apt)|\.sh\b|\bmake\b|\bansible|\bnix\b|\bbrew\b|\bsetup\b"
    r"|\bchromium|playwright|\bapt(?:-get)? install[^&;]*\bnpm\b"
)


@project_rule("EG323", "healthcheck-tool-missing", Severity.WARNING)
def check(project: Project) -> Iterator[Violation]:
    """A healthcheck runs a program that the image doesn't have.

    It fails each time, so the container is `unhealthy` for ever, and whatever waits for `service_healthy` never starts.
    Slim images have neither curl nor wget, Alpine's have wget but no curl.

    Bad:

        --- compose.yaml
        services:
          web:
            image: node:22-slim
            healthcheck:
              test: curl -f http://localhost:3000/ || exit 1

    Good:

        --- compose.yaml
        services:
          web:
            image: node:22-slim
            healthcheck:
              test: node -e "fetch('http://localhost:3000/').then(r => process.exit(r.ok ? 0 : 1))"
    """
    for link in project.builds:
        yield from _in_build(link)
    for service in project.compose.services.values() if project.compose else ():
        tools = _tested(service)
        if not tools:
            continue
        link_of = project.build_of(service.name)
        if link_of is None:
            image = service.image if service.data.get("build") is None else None
            facts = base(image) if image and "$" not in image else None
        else:
            facts = _lacking(link_of, tools)
        if facts is not None and all(tool in facts.lacks for tool in tools):
            yield _violation(service.place("healthcheck", "test"), tools[0], facts)


def _in_build(link: BuildLink) -> Iterator[Violation]:
    if link.parsed is None or "healthcheck" not in link.parsed.text.lower():
        return
    instruction = built(link).healthcheck if "HEALTHCHECK" in {one.instruction.name for one in link.lineage} else None
    if instruction is None or (link.service and "healthcheck" in link.service.data):
        return
    tools = _of_instruction(instruction)
    facts = _lacking(link, tools) if tools else None
    if facts is not None and all(tool in facts.lacks for tool in tools):
        yield _violation(link.place(instruction, tools[0]), tools[0], facts)


def _lacking(link: BuildLink, tools: list[str]) -> Base | None:
    """What is known of the base of a build, None where the stages may add one of these programs."""
    facts = base(link.base) if link.base else None
    if facts is None or not any(tool in facts.lacks for tool in tools):
        return None
    for step in link.lineage:
        instruction = step.instruction
        text = instruction.text + "".join(one.content for one in instruction.heredocs)
        if instruction.name not in {"RUN", "COPY", "ADD"} or not instruction.args:
            continue
        names = [name for tool in tools for name in (tool, *_PROVIDED.get(tool.rstrip("3"), ()))]
        if any(name in text for name in names) or (instruction.name == "RUN" and _HIDDEN.search(text)):
            return None
        if instruction.name != "RUN" and _may_bring_programs(step.absolute(instruction.args[-1]), instruction):
            return None
    return facts


def _may_bring_programs(target: str | None, instruction: Instruction) -> bool:
    """Whether a COPY may bring programs along: a whole file system, or folders of programs."""
    sources = instruction.args[:-1]
    if target in {None, "/", "/usr", "/usr/local", "/opt"} or instruction.name == "ADD":
        return True
    is_folder = any(source.rstrip("/").endswith(("bin", "*")) or source.endswith("/") for source in sources)
    return target in {"/bin", "/usr/bin", "/usr/local/bin", "/sbin"} and is_folder


def _tested(service: Service) -> list[str]:
    test = mapped(service.data.get("healthcheck")).get("test")
    if isinstance(test, str):
        return _of_shell(test)
    words = [str(one) for one in listed(test)]
    match words:
        case ["CMD-SHELL", text, *_]:
            return _of_shell(text)
        case ["CMD", "sh" | "bash" | "/bin/sh" | "/bin/bash", "-c" | "-ec", text, *_]:
            return _of_shell(text)
        case ["CMD", program, *_]:
            return _named(program)
    return []


def _of_instruction(instruction: Instruction) -> list[str]:
    words = list(instruction.args)
    if words and words[0].upper() == "CMD" and instruction.is_json:
        words = words[1:]
    if instruction.is_json:
        return _named(words[0]) if words else []
    text = " ".join(words)
    return _of_shell(text[3:].strip() if text[:4].upper() == "CMD " else text)


def _of_shell(text: str) -> list[str]:
    """The programs that a shell text tries, those left out that every image has; [] where that isn't sure."""
    found: list[str] = []
    for part in _SEPARATORS.split(text.replace("$(", ";").replace("`", ";").replace("(", " ").replace(")", " ")):
        words = part.split()
        while words and (words[0] in _PREFIXES or "=" in words[0] or words[0].isdecimal()):
            words = words[1:]
        if not words or words[0].strip("\"'") in _IDLE or words[0].startswith("-"):
            continue
        named = _named(words[0].strip("\"'"))
        if not named:
            return []
        found += named
    return found


def _named(program: str) -> list[str]:
    name = program
    for folder in ("/usr/bin/", "/bin/", "/usr/local/bin/"):
        name = name.removeprefix(folder)
    return [name] if _NAME.match(name) and "." not in name else []


def _violation(place: Place, tool: str, facts: Base) -> Violation:
    image = f"{facts.name}:{facts.tag}" if facts.tag else facts.name
    return Violation(
        place=place,
        message=f"the healthcheck runs `{tool}`, which `{image}` doesn't have and nothing installs",
        hint=_hint(tool, facts),
    )


def _hint(tool: str, facts: Base) -> str:
    if tool in {"mysqladmin", "mysql"} and facts.name == "mariadb":
        return "MariaDB 11 and later have `healthcheck.sh --connect --innodb_initialized`"
    if tool == "mongo":
        return "MongoDB 6 and later have `mongosh`"
    if "wget" not in facts.lacks and tool == "curl" and facts.users and "guest" in facts.users:
        return "Alpine has `wget -q --spider`"
    return f"install `{tool}` in the Dockerfile, or check with what the image has"
