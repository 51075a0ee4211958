"""Who works in the time series, for all tests of what is done with them."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from supra_console.database import Database
from tests.timescale import TimeseriesDatabase, signed_in


@pytest.fixture
async def dba(timeseries_database: TimeseriesDatabase) -> AsyncIterator[Database]:
    async with signed_in(timeseries_database) as db:
        yield db
