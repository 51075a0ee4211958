"""What does a DBA do to chunks, jobs and aggregates, and what came of it?

Every action is one call of a function of `sql/schema/024-timeseries-operations.sql`, which lets DBAs do this and
nothing more, and records what was done in the same transaction. Chunks are taken one by one, each in a transaction of
its own, so that what is done stays done whatever comes after; what failed is recorded in another. Locks are waited for
no longer than anywhere in the console, so that readers who queue up behind one wait no longer either.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar, Literal, LiteralString
from uuid import NAMESPACE_OID, UUID, uuid5

from psycopg.sql import SQL, Composed
from psycopg.sql import Literal as Quoted

from supra_console import jsonb
from supra_console.connections import Connection
from supra_console.database import Database
from supra_console.errors import (
    ConnectionLost,
    InvalidInput,
    MissingFeature,
    OutcomeUnknown,
    PermissionDenied,
    SupraError,
    Unreachable,
)
from supra_console.i18n import N_
from supra_console.timeseries import Chunk, Snapshot, State

CHUNK_TIMEOUT = 3600.0  # seconds that one chunk may take; a month of 400,000 readings takes some seconds


class Gone(InvalidInput):
    """It was dropped, or has ended, since it was listed."""

    TITLE = N_("It is not there any more")
    ADVICE = N_("Refresh the list.")


class AlreadySo(InvalidInput):
    """Nothing is left to do."""

    TITLE = N_("It is as wanted already")
    ADVICE = N_("Refresh the list.")


class SomebodyElses(PermissionDenied):
    """A hypertable, job or aggregate that is not the utility's."""

    TITLE = N_("It belongs to somebody else")
    ADVICE = N_("The console changes the time series of SUPRA only; ask its owner.")


class NotNow(InvalidInput):
    """Something else has to come first."""

    TITLE = N_("That is not possible now")
    ADVICE = N_("Resume a paused job before it is run; switch compression on before a chunk is compressed.")


# What the functions raise; the file says it in their words.
_REASONS: dict[str | None, type[SupraError]] = {
    "SU001": Gone,
    "SU002": AlreadySo,
    "SU003": SomebodyElses,
    "55000": NotNow,
}


class Kind(StrEnum):
    """What can be done to a chunk."""

    COMPRESS = "compress"
    DECOMPRESS = "decompress"
    RECOMPRESS = "recompress"


_CALLS: dict[Kind, LiteralString] = {
    Kind.COMPRESS: "select * from supra.compress_chunk({}, {})",
    Kind.DECOMPRESS: "select * from supra.decompress_chunk({}, {})",
    Kind.RECOMPRESS: "select * from supra.recompress_chunk({}, {})",
}


@dataclass(frozen=True, slots=True)
class Step:
    """One chunk to be changed.

    Attributes:
        statement: what will run, as a DBA could run it with psql.
    """

    chunk: Chunk
    kind: Kind
    statement: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a step.

    Attributes:
        state: `skipped` when the chunk was gone or already so.
        before, after: bytes on disk of the chunk; None unless it was changed.
        error: why it was skipped or failed.
    """

    LOST: ClassVar = (ConnectionLost, Unreachable, OutcomeUnknown)

    step: Step
    state: Literal["done", "skipped", "failed"]
    before: int | None
    after: int | None
    seconds: float
    error: SupraError | None

    @property
    def lost(self) -> bool:
        """Whether the server went away in the middle of it; of the chunk nothing is known then."""
        return isinstance(self.error, self.LOST)


# ── Chunks ────────────────────────────────────────────────────────────────────────────────


def plan(snapshot: Snapshot, kind: Kind, chunk_ids: Collection[int] | None) -> tuple[Step, ...]:
    """What would be done, oldest first; nothing is asked of the server.

    Args:
        chunk_ids: the chunks chosen; None for all that need it: those the policy should have compressed (COMPRESS),
            those to which rows came late (RECOMPRESS), none at all (DECOMPRESS).
    """
    return tuple(
        Step(chunk, kind, _statement(chunk, kind).as_string(None))
        for chunk in snapshot.chunks
        if (chunk.id in chunk_ids if chunk_ids is not None else _needs(snapshot, kind, chunk))
    )


def _statement(chunk: Chunk, kind: Kind) -> Composed:
    return SQL(_CALLS[kind]).format(Quoted(chunk.schema), Quoted(chunk.name))


def _needs(snapshot: Snapshot, kind: Kind, chunk: Chunk) -> bool:
    if kind is Kind.COMPRESS:
        return snapshot.state(chunk) is State.OVERDUE
    return kind is Kind.RECOMPRESS and chunk.partial


async def run(
    db: Database, steps: Sequence[Step], progress: Callable[[Outcome], None], stop: Callable[[], bool]
) -> tuple[Outcome, ...]:
    """Do the steps one by one, each in a transaction of its own.

    Args:
        progress: told of each outcome when it is there.
        stop: asked between chunks.

    Returns:
        What came of the steps that were tried. They are fewer than `steps` when `stop` said so or the server went
        away; what is done stays done, and the rest can be run later.

    Raises:
        PermissionDenied: the person is no DBA; nothing was changed.
        MissingFeature: this edition has no compression.
    """
    outcomes: list[Outcome] = []
    for step in steps:
        if stop():
            break
        outcome = await _try(db, step)
        outcomes.append(outcome)
        progress(outcome)
        if outcome.lost:
            break
    return tuple(outcomes)


async def _try(db: Database, step: Step) -> Outcome:
    began = time.monotonic()
    try:
        async with db.writing(timeout=CHUNK_TIMEOUT) as connection:
            cursor = await connection.execute(_statement(step.chunk, step.kind))
            row = await cursor.fetchone()
    except SupraError as raised:
        error = explained(raised)
        if isinstance(error, PermissionDenied | MissingFeature) and not isinstance(error, SomebodyElses):
            raise error from None
        seconds = time.monotonic() - began
        if isinstance(error, Gone | AlreadySo):
            return Outcome(step, "skipped", None, None, seconds, error)
        await _record_failure(db, step, error)
        return Outcome(step, "failed", None, None, seconds, error)
    assert row is not None  # noqa: S101 - the function's one row
    return Outcome(step, "done", row[0], row[1], time.monotonic() - began, None)


async def _record_failure(db: Database, step: Step, error: SupraError) -> None:
    """Write down that a chunk could not be changed, if anything can be written down at all."""
    name = f"{step.chunk.schema}.{step.chunk.name}"
    payload = {"chunk": name, "action": str(step.kind), "sqlstate": error.sqlstate, "error": type(error).__name__}
    try:
        async with db.writing() as connection:
            await connection.execute(
                "select supra.record_event('chunk.failed', 'chunk', %s, %s)", [_key(name), jsonb.dumps(payload)]
            )
    except SupraError:
        # The server is gone, or the journal is what cannot be written; the outcome says what happened to the chunk.
        return


def _key(name: str) -> UUID:
    """By what the journal knows a chunk; the same as of supra.record_operation()."""
    return uuid5(NAMESPACE_OID, f"chunk:{name}")


# ── Jobs and aggregates ───────────────────────────────────────────────────────────────────


async def run_job_now(db: Database, job_id: int) -> None:
    """Have a job started by the scheduler as soon as a worker is free.

    Raises:
        Gone, AlreadySo (it runs now), SomebodyElses, NotNow (it is paused), PermissionDenied.
    """
    await _call(db, "select supra.alter_timeseries_job(%s, next_start => now())", job_id)


async def pause_job(db: Database, job_id: int) -> None:
    """Keep a job from being started, until it is resumed.

    Raises:
        Gone, AlreadySo, SomebodyElses, PermissionDenied.
    """
    await _call(db, "select supra.alter_timeseries_job(%s, scheduled => false)", job_id)


async def resume_job(db: Database, job_id: int) -> None:
    """Let a paused job be started again.

    Raises:
        Gone, AlreadySo, SomebodyElses, PermissionDenied.
    """
    await _call(db, "select supra.alter_timeseries_job(%s, scheduled => true)", job_id)


async def change_schedule(db: Database, job_id: int, schedule_interval: timedelta) -> None:
    """Have a job run every so often; a minute at least.

    Raises:
        InvalidInput, Gone, AlreadySo, SomebodyElses, PermissionDenied.
    """
    await _call(
        db, "select supra.alter_timeseries_job(%s, schedule_interval => %s::interval)", job_id, schedule_interval
    )


async def refresh(db: Database, aggregate_hypertable_id: int, begins: datetime | None, ends: datetime | None) -> int:
    """Have a range of a continuous aggregate refreshed in the background.

    Args:
        begins, ends: with time zone; None leaves that end open.

    Returns:
        The id of the job that does it; it is gone when it is done.

    Raises:
        InvalidInput, Gone, AlreadySo (the same is waiting), SomebodyElses, PermissionDenied.
    """
    return int(
        await _call(
            db,
            "select supra.refresh_aggregate(%s, %s::timestamptz, %s::timestamptz)",
            aggregate_hypertable_id,
            begins,
            ends,
        )
    )


async def _call(db: Database, statement: LiteralString, *parameters: object) -> int:
    async def work(connection: Connection) -> int:
        row = await (await connection.execute(statement, parameters)).fetchone()
        return row[0] if row and row[0] else 0

    try:
        return await db.write(work)
    except SupraError as error:
        raise explained(error) from None


def explained(error: SupraError) -> SupraError:
    """The same in our words, where the functions have a code for it."""
    reason = _REASONS.get(error.sqlstate)
    return reason(sqlstate=error.sqlstate) if reason else error
