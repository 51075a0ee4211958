"""Is an account found at once, whatever is known of it, and what would it cost without the search's care?

Queries are drawn from the data that is there, as people type them: keys in another way of writing, words of a
name or an address in any order and without accents, words and one typing error. They run as an operator, under
isolation, through `queries.accounts.search`. Beside them the same predicates as anybody would first write them,
on the tables, under row security.

Recall is the share of queries that have the wanted account among the first ten. It says something only of
queries that can identify: a query of words is drawn again while more than ten accounts have all its words; how
many were drawn again is reported. A typing error goes into such a query afterwards: one letter of a word of four
letters or more without digits is replaced, left out, doubled up with another or exchanged with the next; the
result may be a word that exists.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import string
import sys
import time
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from statistics import quantiles
from typing import Any, LiteralString
from uuid import UUID

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from queries import accounts
from supra_console.database import Database
from supra_console.profiles import Profile

Connection = psycopg.Connection[tuple[Any, ...]]

EXACT_MARK, WORDS_MARK, ERRORS_MARK = 5.0, 50.0, 100.0  # ms, p95
WORDS_RECALL, ERRORS_RECALL = 0.99, 0.95
NAIVE_FACTOR = 10.0
ISOLATION_MARK = 0.05
FIRST = 10  # hits within which the wanted account counts as found
SHOWN = 50  # hits asked for, as the console does
NAIVE_SAMPLES = 3


@dataclass(frozen=True, slots=True)
class Query:
    """What is typed, and the account it is meant for."""

    text: str
    wanted: UUID


@dataclass(frozen=True, slots=True)
class Figures:
    """What the queries of one kind took, in milliseconds, and how many found what they were meant for."""

    kind: str
    queries: int
    p50: float
    p95: float
    longest: float
    recall: float
    naive_p50: float
    ratio: float
    mark: float
    recall_mark: float | None

    @property
    def met(self) -> bool:
        return (
            self.p95 <= self.mark
            and (self.recall_mark is None or self.recall >= self.recall_mark)
            and self.ratio >= NAIVE_FACTOR
        )


@dataclass(frozen=True, slots=True)
class Report:
    """All figures of a run."""

    accounts: int
    kinds: tuple[Figures, ...]
    drawn_again: dict[str, int]
    isolation_with: float
    isolation_without: float
    first_of_connection: float

    @property
    def isolation_cost(self) -> float:
        """What the tenant's predicate adds to an exact look-up, as a share."""
        return self.isolation_with / self.isolation_without - 1


# ---------------------------------------------------------------------- drawing

KEYS: dict[str, LiteralString] = {
    "contract number": "select c.contract_number, c.id from contracts as c where c.tenant_id = %(tenant)s",
    "toma number": """
        select t.toma_number, c.id from tomas as t join contracts as c on c.toma_id = t.id
        where t.tenant_id = %(tenant)s
    """,
    "meter serial": """
        select m.serial_number, c.id from meters as m join contracts as c on c.toma_id = m.toma_id
        where m.tenant_id = %(tenant)s
    """,
    "RFC": """
        select p.rfc, c.id from persons as p join contracts as c on c.person_id = p.id
        where p.tenant_id = %(tenant)s and p.rfc not in ('XAXX010101000', 'XEXX010101000')
    """,
    "CURP": """
        select p.curp, c.id from persons as p join contracts as c on c.person_id = p.id
        where p.tenant_id = %(tenant)s and p.curp is not null
    """,
    "phone": """
        select coalesce(p.phone, p.whatsapp), c.id from persons as p join contracts as c on c.person_id = p.id
        where p.tenant_id = %(tenant)s and coalesce(p.phone, p.whatsapp) is not null
    """,
    "e-mail": """
        select p.email, c.id from persons as p join contracts as c on c.person_id = p.id
        where p.tenant_id = %(tenant)s and p.email is not null
    """,
    "invoice": """
        select concat_ws('-', i.serie, i.invoice_number), i.contract_id from invoices as i
        where i.tenant_id = %(tenant)s and i.invoice_number is not null
    """,
    "payment": """
        select b.reference, b.contract_id from payments as b
        where b.tenant_id = %(tenant)s and b.reference is not null
    """,
}

WORDS: LiteralString = """
    select c.id, p.name, a.street, coalesce(a.exterior_number, ''), coalesce(a.colonia, '')
    from contracts as c
    join persons as p on p.id = c.person_id
    join tomas as t on t.id = c.toma_id
    join addresses as a on a.id = t.address_id
    where c.tenant_id = %(tenant)s
"""

# How many accounts have all the words of a text, the last one perhaps unfinished; eleven are enough to know.
HAVE_ALL: LiteralString = """
    select count(*) from (
        select
        from search.accounts as a
        where search.lexemes(a.tenant_id, a.holder, a.place) @@ (
            select string_agg(
                search.term(%(tenant)s, search.spellings(w.word), %(unfinished)s and w.place = w.words), '&'
                order by w.place
            )::tsquery
            from (
                select word, place, count(*) over () as words
                from string_to_table(search.plain_words(%(text)s), ' ') with ordinality as s (word, place)
            ) as w
        )
        and a.tenant_id = %(tenant)s
        limit 11
    ) as having_all
"""


def draw_keys(
    admin: Connection, tenant: UUID, kind: str, statement: LiteralString, many: int, chance: random.Random
) -> list[Query]:
    rows = admin.execute(
        sql.SQL("select * from ({}) as drawn order by random() limit %(many)s").format(sql.SQL(statement)),
        {"tenant": tenant, "many": many},
    ).fetchall()
    rewrite = rewritten_phone if kind == "phone" else rewritten
    return [Query(rewrite(value, chance), wanted) for value, wanted in rows]


def rewritten_phone(key: str, chance: random.Random) -> str:
    """The number as somebody else would write it; what is no number of ten digits as it stands."""
    digits = "".join(character for character in key if character.isdigit())
    if len(digits) >= 10:
        local = digits[-10:]
        return chance.choice(
            [
                local,
                f"+52 {local[:3]} {local[3:6]} {local[6:]}",
                f"({local[:3]}) {local[3:6]}-{local[6:]}",
                f"044{local}",
            ]
        )
    return key


def rewritten(key: str, chance: random.Random) -> str:
    """The key as somebody else would write it."""
    if "@" in key:
        return chance.choice([key, key.upper()])
    return chance.choice([key, key.lower(), key.replace("-", ""), key.replace("-", " "), f" {key} "])


def draw_words(
    admin: Connection,
    tenant: UUID,
    compose: Callable[[tuple[str, ...], random.Random], str],
    many: int,
    chance: random.Random,
    *,
    unfinished: bool = False,
) -> tuple[list[Query], int]:
    """Queries that at most ten accounts answer to, and how many others were drawn."""
    rows = admin.execute(
        sql.SQL("select * from ({}) as drawn order by random() limit %(many)s").format(sql.SQL(WORDS)),
        {"tenant": tenant, "many": 20 * many},
    ).fetchall()
    found: list[Query] = []
    again = 0
    for wanted, *parts in rows:
        if len(found) == many:
            break
        text = compose(tuple(parts), chance)
        if not any(len(word) >= 4 and word.isalpha() for word in text.split()):
            continue
        parameters = {"tenant": tenant, "text": text, "unfinished": unfinished}
        (having_all,) = admin.execute(HAVE_ALL, parameters).fetchone() or (0,)
        if having_all > FIRST:
            again += 1
        else:
            found.append(Query(text, wanted))
    return found, again


def plain(text: str) -> str:
    """Without accents and in lower case, as people type."""
    bare = unicodedata.normalize("NFD", text)
    return "".join(character for character in bare if not unicodedata.combining(character)).lower()


def words_of(text: str) -> list[str]:
    words = ("".join(letter for letter in word if letter.isalnum()) for word in plain(text).replace("-", " ").split())
    return [word for word in words if word]


def shuffled(words: Sequence[str], chance: random.Random) -> str:
    return " ".join(chance.sample(words, len(words)))


def by_name(parts: tuple[str, ...], chance: random.Random) -> str:
    return shuffled(words_of(parts[0]), chance)


def by_address(parts: tuple[str, ...], chance: random.Random) -> str:
    return shuffled([*words_of(parts[1]), parts[2].lower(), *words_of(parts[3])], chance)


def mixed(parts: tuple[str, ...], chance: random.Random) -> str:
    """Two words of the name, the street and the number: "lopez garcia universidad 120"."""
    name = words_of(parts[0])
    return " ".join([*chance.sample(name, min(2, len(name))), *words_of(parts[1]), parts[2].lower()]).strip()


def unfinished(parts: tuple[str, ...], chance: random.Random) -> str:
    """The number, three words of name and address, and the beginning of a fourth."""
    words = words_of(parts[0]) + words_of(parts[1]) + words_of(parts[3])
    *whole, last = chance.sample(words, min(4, len(words)))
    return " ".join([parts[2].lower(), *whole, last[: max(3, len(last) // 2)]]).strip()


def mistyped(query: Query, chance: random.Random) -> Query:
    """The same query with one typing error in one word."""
    words = query.text.split()
    place = chance.choice([i for i, word in enumerate(words) if len(word) >= 4 and word.isalpha()])
    word = words[place]
    while words[place] == word:
        at = chance.randrange(len(word))
        letter = chance.choice(string.ascii_lowercase)
        words[place] = chance.choice(
            [
                word[:at] + letter + word[at + 1 :],
                word[:at] + word[at + 1 :],
                word[:at] + letter + word[at:],
                word[:at] + word[at + 1 : at + 2] + word[at] + word[at + 2 :],
            ]
        )
    return Query(" ".join(words), query.wanted)


# ---------------------------------------------------------------------- as anybody would first write it

ACCOUNTS: LiteralString = """
    select c.id, c.contract_number, c.status, p.name, t.toma_number, a.street, a.colonia
    from contracts as c
    join persons as p on p.id = c.person_id
    join tomas as t on t.id = c.toma_id
    join addresses as a on a.id = t.address_id
"""
NAIVE_KEY: LiteralString = """
    left join meters as m on m.id = t.meter_id
    where c.contract_number ilike %(text)s or t.toma_number ilike %(text)s or m.serial_number ilike %(text)s
       or p.rfc ilike %(text)s or p.curp ilike %(text)s or p.email ilike %(text)s
       or regexp_replace(p.phone, '[^0-9]', '', 'g') like %(text)s
       or regexp_replace(p.whatsapp, '[^0-9]', '', 'g') like %(text)s
       or c.id in (
           select i.contract_id from invoices as i where concat_ws('-', i.serie, i.invoice_number) ilike %(text)s
       )
       or c.id in (select b.contract_id from payments as b where b.reference ilike %(text)s)
    limit 51
"""
TEXT: LiteralString = """
    supra.plain(concat_ws(' ', p.name, a.street, a.exterior_number, a.interior_number, a.colonia, a.municipality,
                          a.city, a.zip_code))
"""
LIMIT: LiteralString = " limit 51"


def naive_key(text: str) -> tuple[sql.SQL | sql.Composed, dict[str, object]]:
    return sql.SQL(ACCOUNTS + NAIVE_KEY), {"text": f"{text.strip()}%"}


def naive_words(text: str) -> tuple[sql.SQL | sql.Composed, dict[str, object]]:
    predicate: LiteralString = " where " + TEXT + " like all (%(patterns)s)"
    return sql.SQL(ACCOUNTS + predicate + LIMIT), {"patterns": [f"%{word}%" for word in text.split()]}


def naive_errors(text: str) -> tuple[sql.SQL | sql.Composed, dict[str, object]]:
    like = [sql.SQL("{} <% " + TEXT).format(sql.Literal(word)) for word in text.split()]
    return sql.SQL(ACCOUNTS + " where {}" + LIMIT).format(sql.SQL(" and ").join(like)), {}


# ---------------------------------------------------------------------- measuring


async def run(db: Database, queries: Sequence[Query]) -> tuple[list[float], float]:
    """Milliseconds of each query, and the share that found its account."""
    for query in queries[:20]:  # warm
        await accounts.search(db, query.text, SHOWN)
    took: list[float] = []
    found = 0
    for query in queries:
        start = time.perf_counter()
        result = await accounts.search(db, query.text, SHOWN)
        took.append((time.perf_counter() - start) * 1000)
        found += query.wanted in [hit.contract_id for hit in result.hits[:FIRST]]
    return took, found / len(queries)


def naively(
    operator: Connection,
    queries: Sequence[Query],
    write: Callable[[str], tuple[sql.SQL | sql.Composed, dict[str, object]]],
) -> float:
    """The median of a few queries written naively, in milliseconds."""
    took = []
    for query in queries[:NAIVE_SAMPLES]:
        statement, parameters = write(query.text)
        start = time.perf_counter()
        operator.execute(statement, parameters or None).fetchall()
        took.append((time.perf_counter() - start) * 1000)
    return sorted(took)[len(took) // 2]


def percentile(values: Sequence[float], percent: int) -> float:
    return quantiles(values, n=100, method="inclusive")[percent - 1]


@contextmanager
def without_isolation(admin: Connection, tenant: UUID) -> Iterator[None]:
    """A copy of the search that is told its tenant instead of finding out; gone afterwards."""
    (text,) = admin.execute(
        "select pg_get_functiondef('supra.account_search(text, integer)'::regprocedure)"
    ).fetchone() or ("",)
    copy = text.replace("supra.account_search", "search.bench_account_search", 1)
    copy = copy.replace("supra.current_tenant()", f"'{tenant}'::uuid").replace("SECURITY DEFINER", "")
    assert copy.count(str(tenant)) == 1
    admin.execute(copy)
    yield
    admin.execute("drop function search.bench_account_search(text, integer)")


def isolation(admin: Connection, operator: Connection, tenant: UUID, queries: Sequence[Query]) -> tuple[float, float]:
    """Medians of the same exact look-ups in turn: as operator under isolation, and past it without a tenant to find."""
    with_it: list[float] = []
    without: list[float] = []
    with without_isolation(admin, tenant):
        admin.execute("set role supra_search")
        both = [
            (operator, sql.SQL("supra.account_search"), with_it),
            (admin, sql.SQL("search.bench_account_search"), without),
        ]
        for round_ in range(5):
            for query in queries:
                both.reverse()  # whoever asks second finds the pages warm
                for connection, function, took in both:
                    statement = sql.SQL("select * from {}(%s, %s)").format(function)
                    start = time.perf_counter()
                    connection.execute(statement, [query.text, SHOWN + 1]).fetchall()
                    if round_:
                        took.append((time.perf_counter() - start) * 1000)
        admin.execute("reset role")
    return percentile(with_it, 50), percentile(without, 50)


async def measure(admin_dsn: str, operator_dsn: str, *, many: int = 500, seed: int = 1) -> Report:
    """Draw and run everything.

    Args:
        admin_dsn: a superuser, who draws the queries and makes the search without isolation.
        operator_dsn: a member of supra_operator; the accounts are those of this user's utility.
        many: queries of each kind.
    """
    chance = random.Random(seed)  # noqa: S311
    db = await Database.open(Profile("bench", {k: str(v) for k, v in conninfo_to_dict(operator_dsn).items()}))
    try:
        with (
            psycopg.connect(admin_dsn, autocommit=True) as admin,
            psycopg.connect(operator_dsn, autocommit=True) as operator,
        ):
            admin.execute(sql.SQL("select setseed({})").format(sql.Literal(1 / (1 + seed))))
            admin.execute("set enable_seqscan = on")
            return await _measure(db, admin, operator, many, chance)
    finally:
        await db.close()


async def _measure(db: Database, admin: Connection, operator: Connection, many: int, chance: random.Random) -> Report:
    tenant = db.identity.tenant.id
    drawn_again: dict[str, int] = {}
    kinds: list[Figures] = []

    start = time.perf_counter()
    await accounts.search(db, "warm up 1", SHOWN)
    first_of_connection = (time.perf_counter() - start) * 1000

    async def add(kind: str, queries: Sequence[Query], mark: float, recall_mark: float | None, naive: float) -> None:
        took, recall = await run(db, queries)
        p50 = percentile(took, 50)
        kinds.append(
            Figures(
                kind, len(queries), p50, percentile(took, 95), max(took), recall, naive, naive / p50, mark, recall_mark
            )
        )
        print(line(kinds[-1]), file=sys.stderr, flush=True)

    keys = {kind: draw_keys(admin, tenant, kind, statement, many, chance) for kind, statement in KEYS.items()}
    some = [queries[0] for queries in keys.values() if queries]
    naive = naively(operator, chance.sample(some, NAIVE_SAMPLES), naive_key)  # asks for all kinds of keys at once
    for kind, queries in keys.items():
        await add(kind, queries, EXACT_MARK, None, naive)
    typed: list[Query] = []
    for kind, compose, cut in (
        ("name words", by_name, False),
        ("address words", by_address, False),
        ("mixed words", mixed, False),
        ("last word unfinished", unfinished, True),
    ):
        queries, drawn_again[kind] = draw_words(admin, tenant, compose, many, chance, unfinished=cut)
        await add(kind, queries, WORDS_MARK, WORDS_RECALL, naively(operator, queries, naive_words))
        if not cut:
            typed += queries
    wrong = [mistyped(query, chance) for query in chance.sample(typed, min(many, len(typed)))]
    await add("one typing error", wrong, ERRORS_MARK, ERRORS_RECALL, naively(operator, wrong, naive_errors))
    exact = [query for queries in keys.values() for query in queries[: many // len(KEYS)]]
    with_it, without = isolation(admin, operator, tenant, exact)
    (total,) = admin.execute("select count(*) from search.accounts where tenant_id = %s", [tenant]).fetchone() or (0,)
    return Report(total, tuple(kinds), drawn_again, with_it, without, first_of_connection)


# ---------------------------------------------------------------------- telling


def line(figures: Figures) -> str:
    """One kind of query, one line of the table."""
    return (
        f"{figures.kind:22} {figures.queries:5d} {figures.p50:7.2f} {figures.p95:7.2f} {figures.longest:7.1f} "
        f"{figures.mark:5.0f} {figures.recall:7.1%} {figures.naive_p50:9.0f} {figures.ratio:7.0f}x "
        f"{'met' if figures.met else 'MISSED'}"
    )


def tell(report: Report) -> str:
    """The report as a table."""
    cost = report.isolation_cost
    return "\n".join(
        [
            f"{report.accounts} accounts; milliseconds; naive: median of {NAIVE_SAMPLES} under row security",
            f"{'':22} {'n':>5} {'p50':>7} {'p95':>7} {'max':>7} {'mark':>5} {'recall':>7} {'naive':>9} {'ratio':>8}",
            *(line(figures) for figures in report.kinds),
            "drawn again, for more than ten accounts have all the words: "
            + ", ".join(f"{kind} {many}" for kind, many in report.drawn_again.items()),
            f"first search of a connection {report.first_of_connection:.1f} ms",
            f"isolation on exact look-ups: {report.isolation_with:.3f} ms with, "
            f"{report.isolation_without:.3f} without, "
            f"{cost:+.1%} ({'met' if cost < ISOLATION_MARK else 'MISSED'})",
        ]
    )


def main() -> int:
    """Exit status 1 if a mark is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--admin", required=True, metavar="DSN", help="a superuser")
    parser.add_argument("--operator", required=True, metavar="DSN", help="who searches")
    parser.add_argument("--queries", type=int, default=500, metavar="N", help="of each kind (500)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    report = asyncio.run(measure(options.admin, options.operator, many=options.queries, seed=options.seed))
    print(json.dumps(asdict(report), indent=2) if options.json else tell(report))
    return int(not all(figures.met for figures in report.kinds) or report.isolation_cost >= ISOLATION_MARK)


if __name__ == "__main__":
    sys.exit(main())
