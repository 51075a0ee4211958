"""Whatever a clerk knows of an account finds it: a key, words, a word half typed, a word mistyped."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

import pytest
from psycopg.conninfo import conninfo_to_dict

from queries.accounts import Hit, search
from supra_console.database import Database
from supra_console.errors import InvalidInput
from supra_console.profiles import Profile
from tests.searchable import Account, Utilities, Utility, searchable

EXACT, PREFIX, ALL_WORDS, SIMILAR = 1, 2, 3, 4


@dataclass(frozen=True)
class Cast:
    """The accounts of the utility that is searched."""

    jose: Account
    maria: Account
    firm: Account
    anonymous: Account


@pytest.fixture(scope="module")
def utilities(server: str, schema_template: str) -> Iterator[Utilities]:
    with searchable(server, schema_template) as made:
        yield made


@pytest.fixture(scope="module")
def ours(utilities: Utilities) -> Utility:
    return utilities.ours


@pytest.fixture(scope="module")
def cast(ours: Utility) -> Cast:
    jose = ours.account(
        "José García López",
        ("Avenida Universidad", "120-A", "Juriquilla"),
        number="CEA-0001234",
        toma_number="TQ 000.77",
        serial="ITR-15/00042",
        rfc="GALJ800101AB1",
        curp="GALJ800101HQTRPS09",
        phone="+52 442 123 4567",
        phone_secondary="427-111-2233",
        whatsapp="5215512345678",
        email="Jose.Garcia@Example.mx",
    )
    for kind, value in (("telefono_fijo", "(442) 765-43-21 ext. 12"), ("email", "jgl@trabajo.mx")):
        ours.run(
            "insert into person_contacts (tenant_id, person_id, contact_type, value) values (%s, %s, %s, %s)",
            ours.tenant,
            jose.person,
            kind,
            value,
        )
    invoice = ours.invoice(jose, "000077", "AQ", "REF-2026-000077")
    ours.invoice(jose, "881234")
    ours.run(
        "insert into payments (tenant_id, contract_id, invoice_id, amount, payment_date, channel, method, reference,"
        " status) values (%s, %s, %s, 10, now(), 'oxxo', 'efectivo', 'OXXO 9988-77', 'aplicado')",
        ours.tenant,
        jose.contract,
        invoice,
    )
    return Cast(
        jose,
        ours.account("Ma. Guadalupe Núñez Peña", ("5 de Febrero", "S/N", "Centro Histórico"), rfc="XAXX010101000"),
        ours.account(
            "Comercializadora del Bajío S.A. de C.V.", ("Blvd. Bernardo Quintana", "1500", "Álamos"), rfc="CBA990101XY2"
        ),
        ours.account("Público en General", ("Privada Zaragoza", "8", "La Cañada"), rfc="XAXX010101000"),
    )


@pytest.fixture
async def db(ours: Utility, cast: Cast) -> AsyncIterator[Database]:
    opened = await Database.open(Profile("test", {k: str(v) for k, v in conninfo_to_dict(ours.sign_in()).items()}))
    try:
        yield opened
    finally:
        await opened.close()


async def hits(db: Database, text: str, limit: int = 50) -> tuple[Hit, ...]:
    return (await search(db, text, limit)).hits


async def only(db: Database, text: str) -> Hit:
    (hit,) = await hits(db, text)
    return hit


# ---------------------------------------------------------------------- keys


@pytest.mark.parametrize(
    ("typed", "matched_by", "stored"),
    [
        ("CEA-0001234", "contract_number", "CEA-0001234"),
        ("  cea 0001234 ", "contract_number", "CEA-0001234"),
        ("cea0001234", "contract_number", "CEA-0001234"),
        ("TQ00077", "toma_number", "TQ 000.77"),
        ("itr1500042", "meter_serial", "ITR-15/00042"),
        ("galj800101ab1", "rfc", "GALJ800101AB1"),
        ("GALJ-800101-AB1", "rfc", "GALJ800101AB1"),
        ("galj800101hqtrps09", "curp", "GALJ800101HQTRPS09"),
        ("4421234567", "phone", "+52 442 123 4567"),
        ("442 123 45 67", "phone", "+52 442 123 4567"),
        ("(442) 123-4567", "phone", "+52 442 123 4567"),
        ("+52 1 442 123 4567", "phone", "+52 442 123 4567"),
        ("0052 442 123 4567", "phone", "+52 442 123 4567"),
        ("044 442 123 4567", "phone", "+52 442 123 4567"),
        ("4271112233", "phone", "427-111-2233"),
        ("+525512345678", "phone", "5215512345678"),
        ("442 765 4321", "phone", "(442) 765-43-21 ext. 12"),
        ("jose.garcia@example.MX", "email", "Jose.Garcia@Example.mx"),
        ("JGL@trabajo.mx", "email", "jgl@trabajo.mx"),
        ("000077", "invoice", "AQ-000077"),
        ("AQ-000077", "invoice", "AQ-000077"),
        ("aq 000077", "invoice", "AQ-000077"),
        ("aq000077", "invoice", "AQ-000077"),
        ("881234", "invoice", "881234"),
        ("REF2026000077", "payment", "REF-2026-000077"),
        ("oxxo998877", "payment", "OXXO 9988-77"),
    ],
)
async def test_a_key_finds_its_account_however_it_is_written(
    db: Database, cast: Cast, typed: str, matched_by: str, stored: str
) -> None:
    hit = await only(db, typed)
    assert (hit.contract_id, hit.tier, hit.matched_by, hit.matched_value) == (
        cast.jose.contract,
        EXACT,
        matched_by,
        stored,
    )
    assert hit.score == 1


@pytest.mark.parametrize(
    ("typed", "matched_by"),
    [
        ("CEA-00012", "contract_number"),
        ("tq0", "toma_number"),
        ("ITR-15", "meter_serial"),
        ("GALJ8001", "rfc"),
        ("GALJ", "rfc"),
        ("GALJ800101H", "curp"),
        ("442 123", "phone"),
        ("+52 442 12", "phone"),
        ("jose.gar", "email"),
        ("jgl@", "email"),
        ("AQ-0000", "invoice"),
        ("8812", "invoice"),
        ("REF-2026", "payment"),
        ("OXXO99", "payment"),
    ],
)
async def test_the_beginning_of_a_key_finds_it_too(db: Database, cast: Cast, typed: str, matched_by: str) -> None:
    found = {hit.contract_id: hit for hit in await hits(db, typed)}
    assert (found[cast.jose.contract].tier, found[cast.jose.contract].matched_by) == (PREFIX, matched_by)
    assert 0 < found[cast.jose.contract].score < 1


@pytest.mark.parametrize("typed", ["XAXX010101000", "xaxx010101000", "XEXX010101000", "XAXX", "XAXX0101"])
async def test_the_generic_rfc_identifies_nobody(db: Database, typed: str) -> None:
    assert await hits(db, typed) == ()


async def test_a_meter_known_to_its_toma_alone_is_found(db: Database, ours: Utility) -> None:
    account = ours.account("Medidor Suelto", serial="SUELTO-1")
    ours.run("update tomas set meter_id = %s where id = %s", account.meter, account.toma)
    ours.run("update meters set toma_id = null where id = %s", account.meter)
    assert (await only(db, "suelto1")).contract_id == account.contract


async def test_letters_alone_begin_a_key_only_when_nobody_is_called_that(db: Database, ours: Utility) -> None:
    ours.account("Zulema Quirarte", rfc="QUIZ700101AA1")
    named = ours.account("Héctor Quiz")
    assert [hit.contract_id for hit in await hits(db, "quiz")] == [named.contract]
    assert (await hits(db, "quiz7"))[0].matched_by == "rfc"


# ---------------------------------------------------------------------- words


@pytest.mark.parametrize(
    ("typed", "matched_by"),
    [
        ("José García López", "name"),
        ("lopez garcia jose", "name"),
        ("GARCIA JOSE", "name"),
        ("  García,   LÓPEZ; ", "name"),
        ("universidad 120 juriquilla", "address"),
        ("juriquilla avenida universidad", "address"),
        ("av. universidad 120-a", "address"),
        ("universidad 120A", "address"),
        ("universidad 120 a", "address"),
        ("lopez universidad 120", "name_address"),
        ("120 juriquilla garcia", "name_address"),
        ("garcia 76900 juriquilla", "name_address"),
        ("garcia corregidora juriquilla", "name_address"),
        ("calle universidad num. 120 col. juriquilla", "address"),
        ("jose garcia de la calle universidad, qro.", "name_address"),
    ],
)
async def test_every_word_in_any_order_without_accents_or_case(
    db: Database, cast: Cast, typed: str, matched_by: str
) -> None:
    hit = await only(db, typed)
    assert (hit.contract_id, hit.tier, hit.matched_by) == (cast.jose.contract, ALL_WORDS, matched_by)
    assert hit.holder == "José García López"
    assert hit.address == "Avenida Universidad 120-A, Juriquilla, 76900"
    shown = {"name": hit.holder, "address": hit.address, "name_address": f"{hit.holder} · {hit.address}"}
    assert hit.matched_value == shown[matched_by]


@pytest.mark.parametrize(
    "typed",
    [
        "maria guadalupe nuñez",
        "ma guadalupe nunez",
        "ma gpe peña",
        "nunez 5 de febrero",
        "peña febrero s/n",
        "centro pena",
    ],
)
async def test_abbreviations_and_enyes_are_the_same_words(db: Database, cast: Cast, typed: str) -> None:
    assert (await only(db, typed)).contract_id == cast.maria.contract


@pytest.mark.parametrize(
    "typed", ["comercializadora sa de cv", "bajio S.A.", "boulevard bernardo quintana 1500", "blvd quintana alamos"]
)
async def test_a_firm_is_found_with_and_without_its_dots(db: Database, cast: Cast, typed: str) -> None:
    assert (await only(db, typed)).contract_id == cast.firm.contract


@pytest.mark.parametrize(
    "typed", ["garcia juriquilla lop", "garcia lopez univ", "lopez juri", "garcia lopez 12", "jose gar"]
)
async def test_the_last_word_may_be_unfinished(db: Database, cast: Cast, typed: str) -> None:
    hit = await only(db, typed)
    assert (hit.contract_id, hit.tier) == (cast.jose.contract, ALL_WORDS)


async def test_only_the_last_word_may_be_unfinished(db: Database) -> None:
    assert {hit.tier for hit in await hits(db, "garc jose 120")} == {SIMILAR}
    assert await hits(db, "g jose 120") == ()


async def test_whole_words_come_before_unfinished_ones(db: Database, ours: Utility) -> None:
    longer = ours.account("Rosa Salas Montesinos", ("Olmo", "1", "Bosques"))
    shorter = ours.account("Rosaura Salas Montes", ("Olmo", "2", "Bosques"))
    assert [hit.contract_id for hit in await hits(db, "salas montes")] == [shorter.contract, longer.contract]


async def test_a_single_letter_is_a_word_before_it_is_a_beginning(db: Database, ours: Utility) -> None:
    letter = ours.account("Carlota Única", ("Ciprés", "3-C", "Bosques"))
    ours.account("Carlota Cisneros", ("Ciprés", "4", "Bosques"))
    assert (await only(db, "carlota cipres c")).contract_id == letter.contract
    assert len(await hits(db, "carlota b")) == 2


async def test_one_word_is_not_two_and_numbers_are_whole(db: Database) -> None:
    assert await hits(db, "universidad 20") == ()
    assert await hits(db, "garcialopez") == ()


# ---------------------------------------------------------------------- typing errors


@pytest.mark.parametrize(
    "typed",
    [
        "garcai lopez juriquilla",  # transposed
        "garcia lopes juriquilla",  # replaced
        "garcia lopz juriquilla",  # left out
        "garrcia lopez juriquilla",  # doubled
        "farcia lopez juriquilla",  # the first letter
        "garcia lopez juriqilla",  # the last word
        "garcia lopez univresi",  # the last word, unfinished
        "garsia lopes juriquilla",  # one in each of two words
        "jose garcia uinversidad 120",
        "garcia lopez univercidaz",  # two in one word
    ],
)
async def test_typing_errors_are_forgiven(db: Database, cast: Cast, typed: str) -> None:
    first = (await hits(db, typed))[0]
    assert (first.contract_id, first.tier) == (cast.jose.contract, SIMILAR)
    assert 0 < first.score <= 1


async def test_a_typing_error_may_be_another_s_name(db: Database, cast: Cast, ours: Utility) -> None:
    ours.account("Gracia Valdés", ("Sauce", "3", "Bosques"))
    assert (await hits(db, "gracia lopez juriquilla"))[0].contract_id == cast.jose.contract


async def test_a_house_number_is_never_corrected(db: Database) -> None:
    assert await hits(db, "garcia universidad 121") == ()
    assert await hits(db, "garcai universidad 12000") == ()


async def test_what_is_like_nothing_finds_nothing(db: Database) -> None:
    for typed in ("xqzwvk", "garcia xqzwvk", "wkrpt lopez juriquilla"):
        assert await hits(db, typed) == ()


async def test_too_short_to_be_like_anything(db: Database, ours: Utility) -> None:
    ours.account("Li Wu", ("Ébano", "4", "Bosques"))
    assert await hits(db, "lu") == ()
    assert (await hits(db, "li wu"))[0].holder == "Li Wu"


# ---------------------------------------------------------------------- order


async def test_exact_comes_before_prefix_before_words(db: Database, ours: Utility) -> None:
    words = ours.account("Palabras Primeras", ("Fresno", "70017001", "Bosques"))
    longer = ours.account("Prefijo Segundo", number="700170019")
    exact = ours.account("Exacto Tercero", toma_number="7001-7001")
    found = await hits(db, "70017001")
    assert [(hit.contract_id, hit.tier) for hit in found] == [
        (exact.contract, EXACT),
        (longer.contract, PREFIX),
        (words.contract, ALL_WORDS),
    ]


async def test_an_account_is_shown_once_for_its_best_reason(db: Database, ours: Utility) -> None:
    account = ours.account("Una Vez", number="UNAVEZ-55", toma_number="UNAVEZ-5", serial="UNAVEZ-555")
    hit = await only(db, "unavez5")
    assert (hit.contract_id, hit.tier, hit.matched_by) == (account.contract, EXACT, "toma_number")


async def test_of_a_toma_s_contracts_the_one_in_force_comes_first(db: Database, ours: Utility) -> None:
    old = ours.account("Tomasa Vieja", number="OLD-1", toma_number="TDOS-1", status="baja")
    new = ours.contract(old, "ZZZ-9")
    for typed in ("TDOS-1", "tomasa vieja"):
        assert [hit.contract_id for hit in await hits(db, typed)] == [new, old.contract]


async def test_ties_stay_in_the_same_order(db: Database, ours: Utility) -> None:
    for number in range(8):
        ours.account("Gemela Igual", ("Roble", "5", "Bosques"), number=f"GEM-{7 - number}")
    once = await hits(db, "igual gemela roble")
    assert [hit.contract_number for hit in once] == [f"GEM-{number}" for number in range(8)]
    for _ in range(20):  # a plan made for all values, from the sixth call on
        assert await hits(db, "igual gemela roble") == once
    assert await hits(db, "igual gemela roble", limit=3) == (await hits(db, "igual gemela roble", limit=3))


async def test_one_more_than_is_shown_tells_that_there_are_more(db: Database, ours: Utility) -> None:
    for number in range(6):
        ours.account(f"Contada {number}", phone="4420000001")
    for typed in ("contada", "4420000001"):
        at_five, at_six = await search(db, typed, 5), await search(db, typed, 6)
        assert (len(at_five.hits), at_five.more) == (5, True)
        assert (len(at_six.hits), at_six.more) == (6, False)


# ---------------------------------------------------------------------- hostile input


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "   ",
        "%",
        "%%%",
        "___",
        "_______0001234",
        "CEA%1234",
        "CEA_0001_34%",
        "g_rc%",
        "\\",
        "\\\\\\",
        "'",
        "''' or 1=1 --",
        '"; drop table contracts; --',
        "&",
        "& | !",
        "!xqzwvk & <-> |",
        ":*",
        "':*A",
        "$$",
        "(((",
        ".*",
        "[a-z]+(",
        "{1,2}",
        "😀",
        "😀😀😀😀",
        "محمد",
        "\u202e\u200b\u2066",
        "\t\n\r",
        "\x1b[31m",
    ],
)
async def test_wildcards_operators_and_oddities_are_plain_text(db: Database, typed: str) -> None:
    assert await hits(db, typed) == ()


@pytest.mark.parametrize(
    "typed",
    [
        "jose & garcia",
        "jose | lopez & garcia",
        "!jose garcia",
        "jose <-> garcia",
        "'jose' \"garcia\"",
        "(jose) garcia:*",
        "jose%garcia%",
        "jose\\garcia",
        "jose\u00a0garcia",
        "jo\u200bse \u202egarcia",
        "jose\tgarcia\n",
        "JOSE\u0301 garci\u0301a",
    ],
)
async def test_operators_between_words_are_punctuation(db: Database, cast: Cast, typed: str) -> None:
    assert (await only(db, typed)).contract_id == cast.jose.contract


async def seconds(db: Database, typed: str) -> float:
    """How long a search takes: the shortest of three, for others on the machine delay one or another."""
    took = []
    for _attempt in range(3):
        started = time.monotonic()
        await search(db, typed, 50)
        took.append(time.monotonic() - started)
    return min(took)


async def test_ten_kilobytes_are_cut_and_answered(db: Database, cast: Cast) -> None:
    for typed in ("garcia " * 1500, "x" * 10_000, "a b c d e f g h " * 700, "(" * 10_000, "9" * 10_000):
        assert await seconds(db, typed) < 1
    assert (await only(db, "garcia jose " * 900)).contract_id == cast.jose.contract


@pytest.mark.parametrize("typed", ["gar\x00cia", "\x00", "gar\ud800cia"])
async def test_characters_that_are_none_are_refused_in_words(db: Database, typed: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        await search(db, typed)
    assert "character" in refused.value.title


async def test_names_in_other_scripts_are_names(db: Database, ours: Utility) -> None:
    arabic = ours.account("محمد عبد الله", ("Sultán", "9", "Bosques"))
    odd = ours.account("Taquería 🌮 del Sol", ("Sultán", "10", "Bosques"))
    assert (await only(db, "عبد محمد")).contract_id == arabic.contract
    assert (await only(db, "🌮 taqueria")).contract_id == odd.contract


# ---------------------------------------------------------------------- whose accounts


async def test_a_foreign_account_is_never_found(db: Database, utilities: Utilities) -> None:
    theirs = utilities.theirs.account(
        "Ulises Forastero Extraño",
        ("Calzada Ajena", "321", "Lejanía"),
        number="AJENO-1",
        toma_number="AJENO-2",
        serial="AJENO-3",
        rfc="FOEU800101AB1",
        phone="5550001111",
        email="ulises@ajeno.mx",
    )
    utilities.theirs.invoice(theirs, "AJENO-4", reference="AJENO-5")
    typed = ("AJENO-1", "AJENO-2", "AJENO-3", "AJENO-4", "AJENO-5", "ajeno", "FOEU800101AB1", "5550001111")
    words = ("ulises@ajeno.mx", "ulises forastero", "forasetro ulises", "calzada ajena 321", "forast", "lejnia ajena")
    for text in typed + words:
        assert theirs.contract not in {hit.contract_id for hit in await hits(db, text)}, text
    assert await hits(db, "forastero") == ()


async def test_the_neighbour_s_twin_does_not_hide_ours(db: Database, cast: Cast, utilities: Utilities) -> None:
    for number in range(60):
        utilities.theirs.account(
            "José García López", ("Avenida Universidad", "120-A", "Juriquilla"), number=f"G-{number}"
        )
    assert (await only(db, "garcia lopez universidad 120")).contract_id == cast.jose.contract


async def test_a_renamed_account_is_found_by_its_new_name_at_once(db: Database, ours: Utility) -> None:
    account = ours.account("Nombre Anterior", ("Encino", "6", "Bosques"))
    ours.run("update persons set name = 'Nombre Posteriormente' where id = %s", account.person)
    assert await hits(db, "anterior encino") == ()
    assert (await only(db, "postreiormente encino")).contract_id == account.contract


# ---------------------------------------------------------------------- many


async def test_ten_thousand_hits_give_fifty_quickly(server: str, schema_template: str) -> None:
    with searchable(server, schema_template) as utilities:
        ours = utilities.ours
        first = ours.account("Multitud Primera", phone="4429999999")
        ours.run(
            """
            with person as (
                insert into persons (id, tenant_id, person_type, name, phone)
                select gen_random_uuid(), %s, 'fisica', 'Multitud Número ' || n, '4429999999'
                from generate_series(1, 10000) as n
                returning id, tenant_id, name
            )
            insert into contracts (
                tenant_id, explotacion_id, contract_number, person_id, toma_id, start_date, tariff_category
            )
            select p.tenant_id, %s, replace(p.name, 'Multitud Número ', 'MULT-'), p.id, %s, '2020-01-01', 'domestica'
            from person as p
            """,
            ours.tenant,
            ours.explotacion,
            first.toma,
        )
        opened = await Database.open(Profile("test", {k: str(v) for k, v in conninfo_to_dict(ours.sign_in()).items()}))
        try:
            for typed in ("multitud", "4429999999", "MULT-1", "multiutd numero", "mul", "m 1 2"):
                assert await seconds(opened, typed) < 1, typed
                result = await search(opened, typed, 50)
                if typed != "m 1 2":
                    assert (len(result.hits), result.more) == (50, True), typed
        finally:
            await opened.close()
