"""Events, the audit trail among them, and the partitions of what grows by time."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING
from uuid import uuid4

import psycopg
import pytest

if TYPE_CHECKING:
    from tests.sql.conftest import Connection, Utilities

RECORD = "select supra.record_event('account.viewed', 'contract', %s, '{\"by\": \"lookup\"}')"
COMMUNICATION = """
    insert into communications (tenant_id, person_id, channel, recipient, created_at)
    values (%s, %s, 'sms', '4421234567', %s) returning tableoid::regclass::text
"""


@pytest.mark.parametrize("group", ["readonly", "operator", "supervisor", "dba"])
def test_an_event_says_who_recorded_it_and_from_where(
    sign_in: Callable[[str], Connection], utilities: Utilities, group: str
) -> None:
    ours = utilities.ours
    person = sign_in(ours.user(group))
    person.execute("set application_name = 'supra-console'")
    person.execute(RECORD, [ours["contract"]])
    event = person.execute(
        "select tenant_id, event_type, aggregate_type, payload, metadata from domain_events where aggregate_id = %s",
        [ours["contract"]],
    ).fetchone()
    assert event == (
        ours["tenant"],
        "account.viewed",
        "contract",
        {"by": "lookup"},
        {
            "db_user": ours.user(group),
            "user_id": str(ours[group]),
            "application_name": "supra-console",
            "client_addr": "127.0.0.1",
        },
    )


def test_a_setting_does_not_sign_for_somebody_else(sign_in: Callable[[str], Connection], utilities: Utilities) -> None:
    clerk = sign_in(utilities.ours.user("operator"))
    clerk.execute("select set_config('app.user_id', %s, true)", [str(utilities.ours["supervisor"])])
    clerk.execute("select set_config('app.current_tenant', %s, true)", [str(utilities.theirs["tenant"])])
    clerk.execute(RECORD, [utilities.ours["contract"]])
    event = clerk.execute(
        "select tenant_id, metadata ->> 'user_id' from domain_events where aggregate_id = %s",
        [utilities.ours["contract"]],
    ).fetchone()
    assert event == (utilities.ours["tenant"], str(utilities.ours["operator"]))


def test_without_a_tenant_nothing_is_recorded(sign_in: Callable[[str], Connection], stranger: str) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        sign_in(stranger).execute(RECORD, [uuid4()])


@pytest.mark.parametrize("group", ["readonly", "operator", "supervisor", "dba"])
@pytest.mark.parametrize(
    "statement",
    [
        "insert into domain_events (tenant_id, event_type, aggregate_type, aggregate_id) "
        "select supra.current_tenant(), 'account.viewed', 'contract', gen_random_uuid()",
        "update domain_events set event_type = 'nothing.happened'",
        "delete from domain_events",
        "truncate timeseries.domain_events",
    ],
)
def test_nobody_writes_changes_or_deletes_an_event_by_hand(
    sign_in: Callable[[str], Connection], utilities: Utilities, group: str, statement: str
) -> None:
    person = sign_in(utilities.ours.user(group))
    person.execute(RECORD, [utilities.ours["contract"]])
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        person.execute(statement)


def test_the_service_appends_for_its_tenant_alone(
    sign_in: Callable[[str], Connection], utilities: Utilities, app_role: str
) -> None:
    append = (
        "insert into domain_events (tenant_id, event_type, aggregate_type, aggregate_id) "
        "values (%s, 'invoice.issued', 'invoice', %s)"
    )
    service = sign_in(app_role)
    service.execute("select set_config('app.current_tenant', %s, true)", [str(utilities.ours["tenant"])])
    service.execute(append, [utilities.ours["tenant"], utilities.ours["invoice"]])
    with pytest.raises(psycopg.errors.WithCheckOptionViolation):
        service.execute(append, [utilities.theirs["tenant"], utilities.theirs["invoice"]])


def test_events_of_one_transaction_keep_their_order(sign_in: Callable[[str], Connection], utilities: Utilities) -> None:
    clerk = sign_in(utilities.ours.user("operator"))
    recorded = [clerk.execute(RECORD, [utilities.ours["contract"]]).fetchone() for _ in range(5)]
    found = clerk.execute(
        "select id from domain_events where aggregate_id = %s order by created_at", [utilities.ours["contract"]]
    ).fetchall()
    assert found == recorded


# ── Partitions ────────────────────────────────────────────────────────────────────────────


def test_the_months_ahead_have_their_partitions(admin: Connection) -> None:
    lacking = admin.execute(
        """
        select wanted
        from (values ('communications', '_YYYY"q"Q'), ('ai_agent_executions', '_YYYY"m"MM')) as parent (name, suffix)
        cross join generate_series(0, 3) as ahead
        cross join lateral (
            select parent.name
                || to_char(now() at time zone 'America/Mexico_City' + make_interval(months => ahead), parent.suffix)
        ) as month (wanted)
        where to_regclass(wanted) is null
        """
    ).fetchall()
    assert lacking == []


def test_a_message_of_today_lies_in_its_quarter_and_one_of_long_ago_in_the_default(
    admin: Connection, utilities: Utilities
) -> None:
    values = [utilities.ours["tenant"], utilities.ours["person"]]
    today = admin.execute(COMMUNICATION, [*values, "now"]).fetchone()
    long_ago = admin.execute(COMMUNICATION, [*values, "2019-05-05 12:00-05"]).fetchone()
    assert today is not None
    assert str(today[0]).startswith("communications_20")
    assert long_ago == ("communications_default",)


def test_what_the_default_caught_moves_when_its_partition_is_made(admin: Connection, utilities: Utilities) -> None:
    """Given the last hour of a quarter a year ahead, which is of the next quarter by the clock of UTC."""
    moment, partition = admin.execute(
        """
        select (ends - interval '30 minutes') at time zone 'America/Mexico_City',
            to_char(ends - interval '1 day', '"communications_"YYYY"q"Q')
        from date_trunc('quarter', now() at time zone 'America/Mexico_City' + interval '15 months') as ends
        """
    ).fetchall()[0]
    for utility in (utilities.ours, utilities.theirs):
        row = [utility["tenant"], utility["person"], moment]
        assert admin.execute(COMMUNICATION, row).fetchone() == ("communications_default",)
    assert (admin.execute("select supra.ensure_partitions(18)").fetchone() or [0])[0]
    assert admin.execute("select distinct tableoid::regclass::text from communications").fetchall() == [(partition,)]
    assert admin.execute("select supra.ensure_partitions(18)").fetchone() == (0,)


def test_only_dbas_make_partitions(sign_in: Callable[[str], Connection], utilities: Utilities) -> None:
    sign_in(utilities.ours.user("dba")).execute("select supra.ensure_partitions(12)")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        sign_in(utilities.ours.user("supervisor")).execute("select supra.ensure_partitions(12)")


def test_a_partition_made_later_is_closed_like_the_first(admin: Connection) -> None:
    admin.execute("select supra.ensure_partitions(24)")
    open_ones = admin.execute(
        """
        select c.relname
        from pg_inherits as i
        join pg_class as c on c.oid = i.inhrelid
        where i.inhparent in ('communications'::regclass, 'ai_agent_executions'::regclass)
          and not (c.relrowsecurity and c.relforcerowsecurity and c.relowner = 'supra_owner'::regrole
                   and not has_table_privilege('supra_dba', c.oid, 'select, insert, update, delete')
                   and not has_table_privilege('supra_app', c.oid, 'select, insert, update, delete'))
        """
    ).fetchall()
    assert open_ones == []


def test_people_read_and_write_messages_through_the_parent(
    sign_in: Callable[[str], Connection], utilities: Utilities
) -> None:
    clerk = sign_in(utilities.ours.user("operator"))
    clerk.execute(COMMUNICATION, [utilities.ours["tenant"], utilities.ours["person"], "now"])
    assert clerk.execute("select count(*) from communications").fetchone() == (1,)
    theirs = sign_in(utilities.theirs.user("operator"))
    assert theirs.execute("select count(*) from communications").fetchone() == (0,)
