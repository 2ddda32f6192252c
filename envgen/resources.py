"""The templates and schemas that ship with envgen."""

from importlib.resources import files
from importlib.resources.abc import Traversable

_PACKAGE = files("envgen")
_INSTALLED = _PACKAGE / "_data"  # where the wheel puts them (see pyproject.toml)
_ROOT: Traversable = _INSTALLED if _INSTALLED.is_dir() else _PACKAGE / ".."  # an editable checkout


def template_text(name: str) -> str | None:
    """The source of a template such as `dockerfile/node.j2`; None where there is no such template.

    A name may come from a template of the user's: it never leads out of the folder.
    """
    if not {"", ".", ".."}.isdisjoint(name.split("/")):
        return None
    path = _ROOT / "templates" / name
    return path.read_text(encoding="utf-8") if path.is_file() else None


def template_names() -> frozenset[str]:
    """The names of all templates, such as `dockerfile/layout.j2`."""
    folders = (folder for folder in (_ROOT / "templates").iterdir() if folder.is_dir())
    return frozenset(f"{folder.name}/{file.name}" for folder in folders for file in folder.iterdir() if file.is_file())


def schema_text(name: str) -> str:
    """The text of a schema such as `compose-spec.json`; raises FileNotFoundError where there is no such schema."""
    return (_ROOT / "schemas" / name).read_text(encoding="utf-8")
