"""What a language is asked for: a service's build, with what is known of its context."""

import posixpath
import re
from collections.abc import Iterator, Mapping

from envgen import codes, suggest
from envgen.plan.context import Context
from envgen.plan.draft import Draft, Problems, ResolvedRuntime
from envgen.plan.model import SecretMount
from envgen.runtimes import Language, Request
from envgen.runtimes.language import Option
from envgen.source import Data, Problem, Route
from envgen.spec.build import Assets, Build


def commands_of(written: str | tuple[str, ...]) -> tuple[str, ...]:
    """Shell commands, their short form spelled out."""
    return (written,) if isinstance(written, str) else written


def request_for(
    runtime: ResolvedRuntime, build: Build | Assets, context: Context | None, route: Route, problems: Problems
) -> Request:
    """What the language is asked for; a package manager or option that it hasn't got is a problem."""
    language, files = runtime.language, context.files if context and context.exists else None
    manager = build.package_manager
    if manager is not None and manager not in language.managers:
        hint = suggest.hint(manager, language.managers) or f"there is {', '.join(language.managers) or 'none'}"
        message = f"{language.title} has no package manager `{manager}`"
        place = (*route, "package_manager")
        problems.append(Problem(code=codes.INVALID_VALUE, route=place, message=message, hint=hint))
        manager = None
    options = build.options if isinstance(build, Build) else {}
    return Request(
        release=runtime.release,
        version=runtime.version,
        variant=runtime.variant,
        image=runtime.replaced,
        files=files,
        manager=manager or language.manager_of(files),
        app=build.app,
        options=dict(_checked(options, language, (*route, "options"), problems)),
        builds=bool(build.run),
        installs=build.install is not None,
        selects=isinstance(build, Build) and bool(build.files),
        assets=isinstance(build, Build) and build.assets is not None,
        platforms=isinstance(build, Build) and bool(build.compose_keys.get("platforms")),
        packages=(*build.packages, *build.build_packages) if isinstance(build, Build) else (),
        trusts=isinstance(build, Build) and bool(build.certificates),
        locale=build.locale if isinstance(build, Build) else None,
    )


def _checked(
    options: Mapping[str, Data], language: Language, route: Route, problems: Problems
) -> list[tuple[str, Data]]:
    """The options that the language has; all others are problems."""
    fine: list[tuple[str, Data]] = []
    for name, value in options.items():
        option = language.options.get(name)
        if option is None:
            message = f"{language.title} has no option `{name}`"
            hint = suggest.hint(name, language.options) or f"there is {', '.join(language.options) or 'none'}"
            problems.append(
                Problem(code=codes.UNKNOWN_KEY, route=(*route, name), message=message, hint=hint, at_key=True)
            )
        elif expected := _unfit(option, value):
            message = f"`{name}` has to be {expected}"
            problems.append(Problem(code=codes.INVALID_VALUE, route=(*route, name), message=message))
        else:
            fine.append((name, value))
    return fine


def _unfit(option: Option, value: Data) -> str | None:
    """What an option has to be, where a value is not."""
    words = value if isinstance(value, list) else [value]
    written = all(isinstance(word, str) and word and re.fullmatch(option.pattern or r"[^\n]+", word) for word in words)
    fits = {
        "bool": isinstance(value, bool),
        "text": isinstance(value, str) and written,
        "words": isinstance(value, list) and written,
        "choice": value in option.choices,
    }
    expected = {"bool": "true or false", "text": "text on one line", "words": "a list of words"}
    if fits[option.kind]:
        return None
    return option.expects or expected.get(option.kind, f"one of {', '.join(option.choices)}")


def check_context(
    draft: Draft, build: Build, request: Request, language: Language, context: Context | None, problems: Problems
) -> None:
    """What the build would trip over in the files of its context, where they are known."""
    written = draft.raw.get("build")
    route: Route = (*draft.route, "build") if written is not None else (*draft.route, "uses")
    route = (*route, "context") if isinstance(written, dict) and "context" in written else route
    if context is None:
        return
    if not context.exists:
        message = f"there is no folder {build.context}"
        hint = "make it, or correct the path: it is relative to the spec"
        problems.append(Problem(code=codes.BUILD_CONTEXT, route=route, message=message, hint=hint))
    elif build.install is None:
        problems += context_troubles(build.context, request, language, route)


def context_troubles(folder: str, request: Request, language: Language, route: Route) -> Iterator[Problem]:
    """What a language's build would trip over in a folder whose files are known; `route` is what is to blame."""
    for trouble in language.check(request):
        message = f"{posixpath.normpath(posixpath.join(folder, trouble.file))}: {trouble.message}"
        yield Problem(code=codes.BUILD_CONTEXT, route=route, message=message, hint=trouble.hint)


def secret_mounts(build: Build) -> tuple[SecretMount, ...]:
    """The secrets that are there while dependencies install."""
    return tuple(_mount(secret) for secret in build.secrets)


def _mount(secret: Data) -> SecretMount:
    if not isinstance(secret, dict):
        return SecretMount(id=str(secret))
    path, env = secret.get("mount"), secret.get("env")
    return SecretMount(
        id=str(secret.get("target") or secret.get("source")),
        path=path if isinstance(path, str) else None,
        env=env if isinstance(env, str) else None,
    )
