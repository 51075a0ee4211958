"""What do the screens of the configuration ask, and do?

Injected, so that a test answers by itself.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import NamedTuple
from uuid import UUID

from queries import configuration
from queries.configuration import Configuration
from supra_console.database import Database
from supra_console.documents.base import Document


class ConfigurationQueries(NamedTuple):
    """All that is asked or done; every failure is a `SupraError`."""

    every: Callable[[Database], Awaitable[tuple[Configuration, ...]]] = configuration.configurations
    one: Callable[[Database, UUID], Awaitable[Configuration | None]] = configuration.configuration
    save: Callable[[Database, UUID, str, Document, int | None], Awaitable[Configuration]] = configuration.save
