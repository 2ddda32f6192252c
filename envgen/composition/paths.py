"""Relative paths of an included spec: each is relative to the file that wrote it, so it moves with that file's folder.

The keys are those that compose resolves against the folder of a compose file (compose-go's paths/resolve.go, and
`docker-compose config`), and envgen's own. What compose leaves as it is stays here, too: absolute paths, `~`, URLs,
names such as `service:base`, and `build.dockerfile`, which is relative to the context.
"""

import posixpath
import re
from collections.abc import Callable, Mapping

from envgen.merging import KEEP
from envgen.source import Data

_ELSEWHERE = re.compile(r"[/~$\\]|[A-Za-z][A-Za-z0-9+.-]*:|[\w.-]+@|github\.com/")
# of a path that compose fills in, what it is by default
_DEFAULT = re.compile(r"(\$\{\w+:?-)(\.{1,2}(?:/[^{}$:]*)?)(\}.*)", re.DOTALL)
_VOLUME = re.compile(r"(\.{1,2}(?:/[^:$]*)?)(:.*)", re.DOTALL)
_Move = Callable[[Data], Data]


def moved(data: dict[str, Data], folder: str) -> dict[str, Data]:
    """A spec's data, or an environment's, with its relative paths seen from a folder, which `folder` leads away from.

    `folder` is the file's own, relative to where paths are to be relative to. The data itself is not changed.
    """
    return data if folder == "." else _Mover(folder).spec(data)


class _Mover:
    def __init__(self, folder: str) -> None:
        self.folder = folder

    def spec(self, data: dict[str, Data]) -> dict[str, Data]:
        file = {"file": self.path}
        return _keys(
            data,
            {
                "defaults": self.service,
                "templates_dir": self.path,
                "services": _each(self.service),
                "secrets": _each(lambda secret: _keys(secret, file)),
                "configs": _each(lambda config: _keys(config, file)),
                "volumes": _each(self._volume_options),
                "include": _items(self._include),
                "outputs": lambda outputs: _keys(outputs, {"dockerfiles": _each(self._output)}),
                "environments": _each(lambda overlay: self.spec(overlay) if isinstance(overlay, dict) else overlay),
            },
        )

    def service(self, service: Data) -> Data:
        return _keys(
            service,
            {
                "build": self._build,
                "preset": lambda preset: self.path(preset) if "/" in str(preset) else preset,
                "env_file": _items(lambda item: _keys(item, {"path": self.path}, self.path)),
                "label_file": _items(self.path),
                "extends": lambda extends: _keys(extends, {"file": self.path}),
                "develop": lambda develop: _keys(
                    develop, {"watch": _items(lambda rule: _keys(rule, {"path": self.path}))}
                ),
                "volumes": _items(self._volume),
            },
        )

    def path(self, value: Data) -> Data:
        """A path seen from the other folder; anything else as it is."""
        if not isinstance(value, str) or value in ("", KEEP):
            return value
        default = _DEFAULT.fullmatch(value)
        if default is not None:
            return f"{default[1]}{self._join(default[2])}{default[3]}"
        return value if _ELSEWHERE.match(value) else self._join(value)

    def _join(self, path: str) -> str:
        if "$" in path:  # what it becomes may hold `..`, so nothing is shortened
            joined = f"{self.folder}/{path.removeprefix('./')}"
        else:
            joined = posixpath.normpath(posixpath.join(self.folder, path))
            joined += "/" if path.endswith("/") else ""
        return joined if joined.startswith("../") or joined == ".." else f"./{joined}"

    def _output(self, path: Data) -> Data:
        return posixpath.normpath(posixpath.join(self.folder, path)) if isinstance(path, str) and path else path

    def _build(self, build: Data) -> Data:
        keys: dict[str, _Move] = {
            "context": self.path,
            "additional_contexts": _pairs(self.path),
            "ssh": _pairs(self.path),
        }
        return _keys(build, keys, self.path)

    def _volume(self, volume: Data) -> Data:
        if isinstance(volume, dict):
            source = volume.get("source")
            if volume.get("type") != "bind":
                return volume
            by_variant = isinstance(source, dict)
            return _keys(volume, {"source": _each(self.path) if by_variant else self.path})
        if not isinstance(volume, str):
            return volume
        short = _VOLUME.fullmatch(volume)
        if short is not None:
            return f"{self._join(short[1])}{short[2]}"
        return self._join(volume) if volume.startswith(("./", "../")) else self._default_volume(volume)

    def _default_volume(self, volume: str) -> str:
        default = _DEFAULT.fullmatch(volume)
        return f"{default[1]}{self._join(default[2])}{default[3]}" if default else volume

    def _volume_options(self, volume: Data) -> Data:
        options = volume.get("driver_opts") if isinstance(volume, dict) else None
        is_bind = isinstance(options, dict) and options.get("o") == "bind"
        local = isinstance(volume, dict) and volume.get("driver") == "local"  # compose looks at no other
        if not (is_bind and local):
            return volume
        return _keys(volume, {"driver_opts": lambda inner: _keys(inner, {"device": self.path})})

    def _include(self, entry: Data) -> Data:
        paths = _items(self.path)
        return _keys(entry, {"path": paths, "project_directory": self.path, "env_file": paths}, self.path)


def _keys(value: Data, moves: Mapping[str, _Move], otherwise: _Move | None = None) -> "dict[str, Data]":
    """A map with some of its values moved; `otherwise` is for what is no map."""
    if not isinstance(value, dict):
        return otherwise(value) if otherwise else value  # type: ignore[return-value]
    return {key: moves[key](item) if key in moves else item for key, item in value.items()}


def _each(move: _Move) -> _Move:
    """Moves the values of a map."""
    return lambda value: {key: move(item) for key, item in value.items()} if isinstance(value, dict) else value


def _items(move: _Move) -> _Move:
    """Moves the items of a list, or a single one."""
    return lambda value: [move(item) for item in value] if isinstance(value, list) else move(value)


def _pairs(move: _Move) -> _Move:
    """Moves the values of a map, or what stands behind the `=` in a list."""

    def pair(item: Data) -> Data:
        if not isinstance(item, str):
            return item
        name, equals, value = item.partition("=")
        return f"{name}={move(value)}" if equals else item

    return lambda value: [pair(item) for item in value] if isinstance(value, list) else _each(move)(value)
