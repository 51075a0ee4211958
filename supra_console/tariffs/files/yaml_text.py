"""How is YAML read without anything being made of it?

Every scalar stays a text, so that no price passes through a float and no `no` becomes false; nothing is constructed,
and what grows while it is read (aliases) is not read at all.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import yaml

from supra_console.errors import InvalidInput
from supra_console.i18n import _

Yaml: TypeAlias = "str | list[Yaml] | dict[str, Yaml]"

_MOST_CHARACTERS = 500_000
_MOST_DEPTH = 12
_MOST_EVENTS = 20_000
"""A rate of ten classes has some hundreds; reading so many takes about two seconds."""


def read(text: str) -> Yaml:
    """The value of a YAML text: texts, lists and mappings.

    Raises:
        InvalidInput: it is no YAML, has aliases or two equal names in a mapping, or is too deep or long.
    """
    try:
        _check(text)
        value: Yaml = yaml.load(text, Loader=_Loader)  # noqa: S506 - a safe loader, stricter than SafeLoader
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        where = "" if mark is None else _(" (line {line})").format(line=mark.line + 1)
        raise InvalidInput(
            _("The file is not YAML that can be read{where}").format(where=where),
            _("Names must be different; aliases are not read."),
        ) from None
    return value


def _check(text: str) -> None:
    """Refuse what grows when it is read (aliases), and what is longer or deeper than any rate."""
    if len(text) > _MOST_CHARACTERS:
        raise ValueError
    depth = 0
    for count, event in enumerate(yaml.parse(text, Loader=_Loader)):
        if isinstance(event, yaml.AliasEvent) or count > _MOST_EVENTS:
            raise ValueError
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > _MOST_DEPTH:
            raise ValueError


class _Loader(yaml.BaseLoader):  # type: ignore[misc]
    """Texts, lists and mappings only: a price never passes through a float, and nothing is ever constructed."""


def _mapping(loader: _Loader, node: yaml.MappingNode, deep: bool = False) -> dict[str, Any]:
    keys = [loader.construct_object(key, deep=True) for key, _value in node.value]
    if any(not isinstance(key, str) for key in keys) or len(set(keys)) != len(keys):
        raise yaml.constructor.ConstructorError(None, None, "names must be plain and different", node.start_mark)
    return dict(zip(keys, (loader.construct_object(value, deep=True) for _key, value in node.value), strict=True))


_Loader.add_constructor("tag:yaml.org,2002:map", _mapping)
