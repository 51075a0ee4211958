"""What the search reads is what the tables say, whoever changes them, and nobody reaches it but by the search."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import psycopg
import pytest
from psycopg import sql

from tests.searchable import Account, Connection, Utilities, Utility, searchable

STALE = """
    select coalesce(w.contract_id, s.contract_id)
    from search.account_words as w
    full join search.accounts as s using (contract_id)
    where (w.tenant_id, w.holder, w.place) is distinct from (s.tenant_id, s.holder, s.place)
"""
MISSING = """
    select s.tenant_id, u.word
    from search.accounts as s
    cross join string_to_table(s.holder || ' ' || s.place, ' ') as u (word)
    where search.correctable(u.word)
      and not exists (select from search.words as w where w.tenant_id = s.tenant_id and w.word = u.word)
"""


@pytest.fixture(scope="module")
def utilities(server: str, schema_template: str) -> Iterator[Utilities]:
    with searchable(server, schema_template) as made:
        yield made


@pytest.fixture
def ours(utilities: Utilities) -> Utility:
    return utilities.ours


@pytest.fixture
def admin(utilities: Utilities) -> Iterator[Connection]:
    """An administrator's connection, every statement committed."""
    with psycopg.connect(utilities.ours.admin, autocommit=True) as connection:
        yield connection


def stored(admin: Connection, account: Account) -> tuple[object, ...] | None:
    """The words of holder and place as the search reads them."""
    return admin.execute(
        "select holder, place from search.accounts where contract_id = %s", [account.contract]
    ).fetchone()


def assert_current(admin: Connection) -> None:
    assert admin.execute(STALE).fetchall() == []
    assert admin.execute(MISSING).fetchall() == []


# ---------------------------------------------------------------------- one form for each text


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("José  García-López", "jose garcia lopez"),
        ("Núñez ÑANDÚ Müller", "nunez nandu muller"),
        ("Av. 5 de Febrero #120-A, int. 3B", "av 5 de febrero 120 a int 3 b"),
        ("Agua S.A. de C.V.", "agua sa de cv"),
        ("Ma. de la Luz", "ma de la luz"),
        ("O'Farrill “Los Álamos”", "o farrill los alamos"),
        ("50% _x_ \\ 'y' \"z\" & | ! <-> :*", "50 x y z"),
        ("jo\u200bse\u202e \u00a0garci\u0301a", "jose garcia"),
        ("S/N", "s n"),
        ("", ""),
        (" \t\n ", ""),
    ],
)
def test_words_are_plain_and_apart(admin: Connection, text: str, words: str) -> None:
    assert admin.execute("select search.plain_words(%s)", [text]).fetchone() == (words,)


@pytest.mark.parametrize(
    ("phone", "key"),
    [
        ("4421234567", "4421234567"),
        ("+52 (442) 123-45-67", "4421234567"),
        ("521 442 123 4567", "4421234567"),
        ("044 442 123 4567", "4421234567"),
        ("442 123 4567 ext. 89", "4421234567"),
        ("442 123 4567 x89", "4421234567"),
        ("123 4567", "1234567"),
    ],
)
def test_a_telephone_is_its_last_ten_digits(admin: Connection, phone: str, key: str) -> None:
    assert admin.execute("select supra.phone_key(%s)", [phone]).fetchone() == (key,)


@pytest.mark.parametrize(
    ("typed", "digits"),
    [
        ("442 123", "442123"),
        ("+52 442 1", None),
        ("+52 442 12", "44212"),
        ("+521 442 123", "442123"),
        ("0052 442 123", "442123"),
        ("5214421234567", "4421234567"),
        ("442 123 4567 ext 3", "4421234567"),
        ("442", None),
        ("garcia 4421234567", None),
        ("442123A", None),
    ],
)
def test_what_may_begin_a_telephone(admin: Connection, typed: str, digits: str | None) -> None:
    assert admin.execute("select search.typed_phone(%s)", [typed]).fetchone() == (digits,)


@pytest.mark.parametrize(
    ("word", "mistyped"),
    [
        ("garcia", "garcai"),
        ("garcia", "farcia"),
        ("garcia", "garca"),
        ("garcia", "garciia"),
        ("cruz", "curz"),
        ("luz", "lus"),
    ],
)
def test_words_one_edit_apart_share_a_deletion(admin: Connection, word: str, mistyped: str) -> None:
    statement = "select search.deletions('', %s) && search.deletions('', %s)"
    assert admin.execute(statement, [word, mistyped]).fetchone() == (True,)


# ---------------------------------------------------------------------- upkeep


def test_a_new_account_can_be_found(admin: Connection, ours: Utility) -> None:
    account = ours.account("Íñigo Arámbula", ("Av. del 57", "3-B", "Peñuelas"), municipality="El Marqués")
    assert stored(admin, account) == ("inigo arambula", "av del 57 3 b penuelas el marques 76900")
    assert_current(admin)


def test_a_renamed_holder_and_a_corrected_address(admin: Connection, ours: Utility) -> None:
    account = ours.account("Antes Tal", ("Vieja", "1", "Lomas"))
    admin.execute("update persons set name = 'Después Cual' where id = %s", [account.person])
    admin.execute("update addresses set street = 'Nueva', interior_number = '2' where id = %s", [account.address])
    assert stored(admin, account) == ("despues cual", "nueva 1 2 lomas corregidora 76900")
    assert_current(admin)


def test_a_toma_that_moves_and_a_contract_that_changes_hands(admin: Connection, ours: Utility) -> None:
    first = ours.account("Primera Dueña", ("Norte", "1", "Lomas"))
    second = ours.account("Segundo Dueño", ("Sur", "2", "Lomas"))
    admin.execute("update tomas set address_id = %s where id = %s", [second.address, first.toma])
    assert stored(admin, first) == ("primera duena", "sur 2 lomas corregidora 76900")
    admin.execute("update contracts set person_id = %s where id = %s", [second.person, first.contract])
    assert stored(admin, first) == ("segundo dueno", "sur 2 lomas corregidora 76900")
    admin.execute("update contracts set toma_id = %s where id = %s", [first.toma, second.contract])
    assert_current(admin)


def test_a_deleted_contract_is_gone_and_a_rolled_back_one_never_was(admin: Connection, ours: Utility) -> None:
    account = ours.account("Efímera Tal")
    with admin.transaction(force_rollback=True):
        admin.execute("update persons set name = 'Nunca Existió' where id = %s", [account.person])
    assert stored(admin, account) == ("efimera tal", "calle sin nombre 1 sin colonia corregidora 76900")
    admin.execute("delete from contracts where id = %s", [account.contract])
    assert stored(admin, account) is None
    assert_current(admin)


def test_changes_that_concern_no_word_leave_it_alone(admin: Connection, ours: Utility) -> None:
    account = ours.account("Quieta Siempre")
    version = "select xmin::text from search.accounts where contract_id = %s"
    before = admin.execute(version, [account.contract]).fetchone()
    admin.execute("update persons set phone = '4420000000', name = name where id = %s", [account.person])
    admin.execute("update addresses set validated = true where id = %s", [account.address])
    admin.execute("update tomas set status = 'cortada' where id = %s", [account.toma])
    admin.execute("update contracts set status = 'suspendido' where id = %s", [account.contract])
    assert admin.execute(version, [account.contract]).fetchone() == before


def test_an_operator_without_rights_on_the_search_keeps_it_all_the_same(admin: Connection, ours: Utility) -> None:
    account = ours.account("Por Renombrar")
    with psycopg.connect(ours.sign_in(), autocommit=True) as operator:
        operator.execute("update persons set name = 'Ya Renombrada' where id = %s", [account.person])
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            operator.execute("select from search.accounts")
    assert stored(admin, account) == ("ya renombrada", "calle sin nombre 1 sin colonia corregidora 76900")


def test_one_statement_may_change_everything(admin: Connection, ours: Utility) -> None:
    for number in range(5):
        ours.account(f"Persona {number}")
    admin.execute("update persons set name = name || ' Sufijo'")
    admin.execute("update addresses set colonia = 'Todas Juntas'")
    assert_current(admin)
    assert admin.execute("select count(*) from search.accounts where place not like '%todas juntas%'").fetchone() == (
        0,
    )


def test_truncating_contracts_empties_it(ours: Utility) -> None:
    ours.account("Truncada")
    with psycopg.connect(ours.admin) as admin:
        admin.execute("truncate contracts cascade")
        assert admin.execute("select count(*) from search.accounts").fetchone() == (0,)
        admin.rollback()


def test_refreshing_all_gives_what_the_triggers_kept(admin: Connection, ours: Utility) -> None:
    ours.account("Refrescada Toda", ("Álamo", "7", "Lomas"))
    everything = "select contract_id, tenant_id, holder, place from search.accounts order by contract_id"
    kept = admin.execute(everything).fetchall()
    assert admin.execute("select search.refresh_all()").fetchone() == (len(kept),)
    assert admin.execute(everything).fetchall() == kept
    assert_current(admin)


def test_a_load_without_triggers_is_made_good_by_refreshing(admin: Connection, ours: Utility) -> None:
    account = ours.account("Cargada Aprisa")
    admin.execute("alter table persons disable trigger keep_search")
    admin.execute("update persons set name = 'Cargada Despacio' where id = %s", [account.person])
    admin.execute("alter table persons enable trigger keep_search")
    assert len(admin.execute(STALE).fetchall()) == 1
    admin.execute("select search.refresh_all()")
    assert_current(admin)


# ---------------------------------------------------------------------- several at once


class Rival:
    """A second session, one statement at a time in a thread of its own."""

    def __init__(self, dsn: str) -> None:
        self.connection = psycopg.connect(dsn)
        self._thread = ThreadPoolExecutor(1)

    def begin(self, statement: str, *parameters: object) -> Future[object]:
        return self._thread.submit(self.connection.execute, statement, parameters)

    def wait_until_blocked(self, admin: Connection, running: Future[object]) -> None:
        """Return when the server says that it waits for somebody's lock."""
        while not running.done():
            blockers = admin.execute("select pg_blocking_pids(%s)", [self.connection.info.backend_pid]).fetchone()
            if blockers and blockers[0]:
                return
        raise AssertionError("it did not wait")

    def close(self) -> None:
        self._thread.shutdown()
        self.connection.close()


@pytest.fixture
def rival(ours: Utility) -> Iterator[Callable[[], Rival]]:
    rivals: list[Rival] = []

    def start() -> Rival:
        rivals.append(Rival(ours.admin))
        return rivals[-1]

    yield start
    for one in rivals:
        one.close()


NEW_CONTRACT = """
    insert into contracts (
        tenant_id, explotacion_id, contract_number, person_id, toma_id, start_date, tariff_category
    )
    select tenant_id, explotacion_id, contract_number || '-2', person_id, toma_id, start_date, tariff_category
    from contracts
    where id = %s
"""
EDITS: dict[str, Callable[[Account], tuple[str, object]]] = {
    "rename": lambda account: ("update persons set name = 'Renombrada A La Vez' where id = %s", account.person),
    "move": lambda account: ("update addresses set street = 'Mudada A La Vez' where id = %s", account.address),
}


@pytest.mark.parametrize("edit", ["rename", "move"])
def test_a_contract_made_while_its_holder_or_address_changes(
    admin: Connection, ours: Utility, rival: Callable[[], Rival], edit: str
) -> None:
    account = ours.account("Concurrente Uno", ("Cedro", "8", "Lomas"))
    editor, maker = rival(), rival()
    statement, key = EDITS[edit](account)
    editor.begin(statement, key).result()
    making = maker.begin(NEW_CONTRACT, account.contract)
    maker.wait_until_blocked(admin, making)
    editor.connection.commit()
    making.result()
    maker.connection.commit()
    assert_current(admin)


@pytest.mark.parametrize("edit", ["rename", "move"])
def test_a_holder_or_address_changed_while_a_contract_is_made(
    admin: Connection, ours: Utility, rival: Callable[[], Rival], edit: str
) -> None:
    account = ours.account("Concurrente Dos", ("Pino", "8", "Lomas"))
    editor, maker = rival(), rival()
    maker.begin(NEW_CONTRACT, account.contract).result()
    statement, key = EDITS[edit](account)
    editing = editor.begin(statement, key)
    editor.wait_until_blocked(admin, editing)
    maker.connection.commit()
    editing.result()
    editor.connection.commit()
    assert_current(admin)


def test_holder_and_address_changed_at_once(admin: Connection, ours: Utility, rival: Callable[[], Rival]) -> None:
    account = ours.account("Concurrente Tres", ("Abeto", "8", "Lomas"))
    one, other = rival(), rival()
    one.begin("update persons set name = 'Nueva Tres' where id = %s", account.person).result()
    moving = other.begin("update addresses set street = 'Arce' where id = %s", account.address)
    other.wait_until_blocked(admin, moving)
    one.connection.commit()
    moving.result()
    other.connection.commit()
    assert stored(admin, account) == ("nueva tres", "arce 8 lomas corregidora 76900")


def test_a_toma_moves_to_an_address_that_is_being_corrected(
    admin: Connection, ours: Utility, rival: Callable[[], Rival]
) -> None:
    mover = ours.account("Mudanza Cuatro", ("Haya", "8", "Lomas"))
    target = ours.account("Vecina Cuatro", ("Tilo", "9", "Lomas"))
    editor, moving = rival(), rival()
    editor.begin("update addresses set street = 'Tilo Corregido' where id = %s", target.address).result()
    move = moving.begin("update tomas set address_id = %s where id = %s", target.address, mover.toma)
    moving.wait_until_blocked(admin, move)
    editor.connection.commit()
    move.result()
    moving.connection.commit()
    assert stored(admin, mover) == ("mudanza cuatro", "tilo corregido 9 lomas corregidora 76900")
    assert_current(admin)


def test_a_word_two_bring_at_once_is_there_whoever_gives_up(
    admin: Connection, ours: Utility, rival: Callable[[], Rival]
) -> None:
    one, other = ours.account("Palabra Una"), ours.account("Palabra Otra")
    first, second = rival(), rival()
    rename = "update persons set name = 'Inauditamente' where id = %s"
    first.begin(rename, one.person).result()
    waiting = second.begin(rename, other.person)
    second.wait_until_blocked(admin, waiting)
    first.connection.rollback()
    waiting.result()
    second.connection.commit()
    assert admin.execute("select count(*) from search.words where word = 'inauditamente'").fetchone() == (1,)


def test_many_editors_at_random_leave_it_current(admin: Connection, ours: Utility) -> None:
    accounts = [ours.account(f"Azar {number}", (f"Rama {number}", "1", "Lomas")) for number in range(6)]
    failures: list[BaseException] = []

    def edit(seed: int) -> None:
        chance = random.Random(seed)  # noqa: S311
        try:
            with psycopg.connect(ours.admin, autocommit=True) as connection:
                for step in range(25):
                    one, other = chance.sample(accounts, 2)
                    edits: list[tuple[str, list[object]]] = [
                        ("update persons set name = %s where id = %s", [f"Azar {seed} {step}", one.person]),
                        ("update addresses set street = %s where id = %s", [f"Rama {seed} {step}", one.address]),
                        ("update tomas set address_id = %s where id = %s", [other.address, one.toma]),
                        ("update contracts set person_id = %s where id = %s", [other.person, one.contract]),
                        (NEW_CONTRACT.replace("'-2'", f"'-{seed}-{step}'"), [one.contract]),
                        (
                            "delete from contracts where id = (select id from contracts where contract_number"
                            " like %s order by random() limit 1)",
                            [f"%-{seed}-%"],
                        ),
                    ]
                    statement, parameters = chance.choice(edits)
                    try:
                        connection.execute(statement, parameters)
                    except psycopg.errors.DeadlockDetected:
                        continue  # nothing of it stayed
        except BaseException as error:
            failures.append(error)
            raise

    editors = [threading.Thread(target=edit, args=[seed]) for seed in range(4)]
    for editor in editors:
        editor.start()
    for editor in editors:
        editor.join()
    assert failures == []
    assert_current(admin)


# ---------------------------------------------------------------------- who may search, and how it runs


def test_who_belongs_to_no_utility_finds_nothing(ours: Utility) -> None:
    ours.account("Nadie Para Superusuarios", number="SUPER-1")
    for text in ("SUPER-1", "nadie superusuarios"):
        assert ours.run("select contract_id from supra.account_search(%s, 10)", text) == []


def test_only_console_roles_may_search(admin: Connection) -> None:
    allowed = admin.execute(
        """
        select r.rolname
        from pg_roles as r
        where r.rolname in ('supra_readonly', 'supra_operator', 'supra_dba', 'supra_app', 'supra_timeseries')
          and has_function_privilege(r.oid, 'supra.account_search(text, integer)', 'execute')
        order by 1
        """
    ).fetchall()
    assert [name for (name,) in allowed] == ["supra_app", "supra_dba", "supra_operator", "supra_readonly"]


def test_the_helpers_are_nobody_s_to_call(admin: Connection) -> None:
    callable_by_operators = admin.execute(
        """
        select p.oid::regprocedure
        from pg_proc as p
        where p.pronamespace = 'search'::regnamespace and has_function_privilege('supra_dba', p.oid, 'execute')
        """
    ).fetchall()
    assert callable_by_operators == []


def test_how_many_at_most_is_held(ours: Utility) -> None:
    for number in range(3):
        ours.account(f"Tope {number}")
    with psycopg.connect(ours.sign_in()) as operator:
        for wanted, given in ((2, 2), (0, 1), (-5, 1), (None, 3), (100_000_000, 3)):
            rows = operator.execute("select contract_id from supra.account_search('tope', %s)", [wanted]).fetchall()
            assert len(rows) == given, wanted
        assert operator.execute("select contract_id from supra.account_search(null, 5)").fetchall() == []


def test_no_table_is_read_from_end_to_end_however_often_it_is_asked(admin: Connection, ours: Utility) -> None:
    account = ours.account("Plan Estable", ("Índice", "12", "Lomas"), rfc="PLAE800101AA1", phone="4425556677")
    ours.invoice(account, "PL-1", "A", "PLREF1")
    tables = [
        "search.accounts", "search.words", "contracts", "persons", "person_contacts", "tomas", "addresses", "meters",
        "invoices", "payments",
    ]  # fmt: skip
    counter = sql.SQL("select sum(pg_stat_get_numscans(t::regclass))::bigint from unnest(%s::text[]) as t")
    texts = [
        "PLAE800101AA1",
        "442 555 6677",
        "PL1",
        "plan estable",
        "estable indice 12",
        "pln estable",
        "esta",
        "PLREF",
    ]
    with psycopg.connect(ours.sign_in(), autocommit=True) as operator:
        admin.execute("select pg_stat_clear_snapshot()")
        before = admin.execute(counter, [tables]).fetchone()
        for _ in range(20):
            for text in texts:
                operator.execute("select from supra.account_search(%s, 51)", [text])
        operator.execute("select pg_stat_force_next_flush()")
        operator.execute("select")
        admin.execute("select pg_stat_clear_snapshot()")
        assert admin.execute(counter, [tables]).fetchone() == before
