"""Names and sizes in a finding are written as the server would write them."""

from __future__ import annotations

from datetime import timedelta

import psycopg
import pytest

from supra_console.timeseries_text import identifier, interval, literal, regclass, size, span

ODD = ("plain", "with_1", "1st", "Upper", "ñandú", "a b", 'a"b', "a'b", "a\\b", "a$b", "", "\u202e", "ſ", "a\n")


def test_names_are_quoted_as_the_server_quotes_them(server: str) -> None:
    with psycopg.connect(server) as connection:
        words = [word for (word,) in connection.execute("select word from pg_get_keywords()").fetchall()]
        names = [*words, *(name for name in ODD)]
        told = connection.execute(
            "select quote_ident(n.name) from unnest(%s::text[]) with ordinality as n (name, place) order by place",
            [names],
        ).fetchall()
    assert [identifier(name) for name in names] == [name for (name,) in told]


def test_texts_are_quoted_so_that_the_server_reads_them_back(server: str) -> None:
    with psycopg.connect(server) as connection:
        for text in ODD:
            assert connection.execute(f"select {literal(text)}".encode()).fetchone() == (text,)


def test_a_relation_is_a_text_within_a_text() -> None:
    assert regclass('Ödd "x"', "T's") == '\'"Ödd ""x"""."T\'\'s"\''


@pytest.mark.parametrize(
    ("bytes_", "shown"),
    [(0, "0 B"), (999, "999 B"), (1024, "1.0 kB"), (10_240, "10 kB"), (2**20, "1.0 MB"), (5 * 2**40, "5.0 TB")],
)
def test_bytes_are_said_in_steps_of_1024(bytes_: int, shown: str) -> None:
    assert size(bytes_) == shown


@pytest.mark.parametrize(
    ("value", "shown", "in_sql"),
    [
        (timedelta(days=30), "30 days", "interval '30 days'"),
        (timedelta(days=1), "1 day", "interval '1 days'"),
        (timedelta(hours=12), "12 hours", "interval '720 minutes'"),
        (timedelta(days=7.5), "8 days", "interval '10800 minutes'"),
        (timedelta(minutes=90), "90 minutes", "interval '90 minutes'"),
    ],
)
def test_spans_are_said_in_their_largest_unit_and_written_exactly(value: timedelta, shown: str, in_sql: str) -> None:
    assert span(value) == shown
    assert interval(value) == in_sql
