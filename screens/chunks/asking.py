"""What do the views of the time series ask, and do?

Injected into the screen, so that a test answers by itself. The defaults import the queries when they are called.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from screens.chunks.picture import Judgement
from supra_console.timeseries import Chunk, ChunkDetails, Hypertable, Snapshot

if TYPE_CHECKING:
    from queries.chunk_actions import Outcome, Step
    from queries.chunk_advisor import Advice, Candidate, Trial
    from supra_console.database import Database

Progress = Callable[[Any], None]
Stop = Callable[[], bool]


async def _snapshot(db: Database, since: Snapshot | None) -> Snapshot:
    from queries import chunks

    return await chunks.snapshot(db, since)


async def _details(db: Database, chunk: Chunk, hypertable: Hypertable) -> ChunkDetails:
    from queries.chunk_details import chunk_details

    return await chunk_details(db, chunk, hypertable)


def _judge(snapshot: Snapshot) -> Judgement:
    from supra_console import timeseries_findings as rules

    numbers = [table.id for table in snapshot.hypertables]
    return Judgement(
        rules.findings(snapshot),
        {number: rules.growth_per_month(snapshot, number) for number in numbers},
        {number: rules.forecast(snapshot, number) for number in numbers},
    )


def _plan(snapshot: Snapshot, kind: str, chunk_ids: Sequence[int] | None) -> tuple[Step, ...]:
    from queries import chunk_actions

    return chunk_actions.plan(snapshot, chunk_actions.Kind(kind), chunk_ids)


async def _run(db: Database, steps: Sequence[Step], progress: Progress, stop: Stop) -> tuple[Outcome, ...]:
    from queries import chunk_actions

    return await chunk_actions.run(db, steps, progress, stop)


async def _run_job_now(db: Database, job_id: int) -> None:
    from queries import chunk_actions

    await chunk_actions.run_job_now(db, job_id)


async def _pause_job(db: Database, job_id: int) -> None:
    from queries import chunk_actions

    await chunk_actions.pause_job(db, job_id)


async def _resume_job(db: Database, job_id: int) -> None:
    from queries import chunk_actions

    await chunk_actions.resume_job(db, job_id)


async def _change_schedule(db: Database, job_id: int, interval: timedelta) -> None:
    from queries import chunk_actions

    await chunk_actions.change_schedule(db, job_id, interval)


async def _refresh(db: Database, aggregate: int, begins: datetime, ends: datetime) -> None:
    from queries import chunk_actions

    await chunk_actions.refresh(db, aggregate, begins, ends)


def _candidates(hypertable: Hypertable) -> tuple[Candidate, ...]:
    from queries import chunk_advisor

    return chunk_advisor.candidates(hypertable)


async def _advise(
    db: Database, snapshot: Snapshot, number: int, progress: Callable[[Trial], None], stop: Stop
) -> Advice:
    from queries import chunk_advisor

    return await chunk_advisor.advise(db, snapshot, number, progress=progress, stop=stop)


class ChunkQueries(NamedTuple):
    """All that is asked or done; every failure is a `SupraError`."""

    snapshot: Callable[[Database, Snapshot | None], Awaitable[Snapshot]] = _snapshot
    judge: Callable[[Snapshot], Judgement] = _judge
    details: Callable[[Database, Chunk, Hypertable], Awaitable[ChunkDetails]] = _details
    plan: Callable[[Snapshot, str, Sequence[int] | None], tuple[Step, ...]] = _plan
    run: Callable[[Database, Sequence[Step], Progress, Stop], Awaitable[tuple[Outcome, ...]]] = _run
    run_job_now: Callable[[Database, int], Awaitable[None]] = _run_job_now
    pause_job: Callable[[Database, int], Awaitable[None]] = _pause_job
    resume_job: Callable[[Database, int], Awaitable[None]] = _resume_job
    change_schedule: Callable[[Database, int, timedelta], Awaitable[None]] = _change_schedule
    refresh: Callable[[Database, int, datetime, datetime], Awaitable[None]] = _refresh
    candidates: Callable[[Hypertable], tuple[Candidate, ...]] = _candidates
    advise: Callable[[Database, Snapshot, int, Callable[[Trial], None], Stop], Awaitable[Advice]] = _advise
