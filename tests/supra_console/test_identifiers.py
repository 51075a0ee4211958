"""Every identifier has one form; what is none is refused without being repeated."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supra_console import identifiers
from supra_console.errors import InvalidInput

Canonical = Callable[[str], str]

quick = settings(max_examples=60, deadline=None)


@pytest.mark.parametrize(
    ("canonical", "typed", "kept"),
    [
        (identifiers.rfc, "GODE561231GR8", "GODE561231GR8"),
        (identifiers.rfc, " gode-561231-gr8 ", "GODE561231GR8"),
        (identifiers.rfc, "MAB 930714 8T4", "MAB9307148T4"),
        (identifiers.rfc, "ñab930714 8T4", "ÑAB9307148T4"),
        (identifiers.rfc, "N\N{COMBINING TILDE}AB9307148T4", "ÑAB9307148T4"),
        (identifiers.rfc, "P&G850101AB1", "P&G850101AB1"),
        (identifiers.rfc, "VACE-460910-SX6", "VACE460910SX6"),  # issued by the SAT with a check digit that is off
        (identifiers.rfc, "xaxx010101000", "XAXX010101000"),
        (identifiers.curp, "boxw310820hnerxn09", "BOXW310820HNERXN09"),
        (identifiers.curp, "BOXW 310820 HNERXN09", "BOXW310820HNERXN09"),
        (identifiers.clabe, "032180000118359719", "032180000118359719"),
        (identifiers.clabe, "0021 1501 6003 2697 3", None),
        (identifiers.clabe, "032-180-00011835971-9", "032180000118359719"),
        (identifiers.phone, "442 212 3456", "4422123456"),
        (identifiers.phone, "(442) 212-34-56", "4422123456"),
        (identifiers.phone, "+52 442 212 3456", "4422123456"),
        (identifiers.phone, "+52 1 442 212 3456", "4422123456"),
        (identifiers.phone, "0052 442 212 3456", "4422123456"),
        (identifiers.phone, "52 4422123456", "4422123456"),
        (identifiers.phone, "044 442 212 3456", "4422123456"),
        (identifiers.phone, "045.442.212.3456", "4422123456"),
        (identifiers.phone, "01 442 212 3456", "4422123456"),
        (identifiers.phone, "55 1234 5678", "5512345678"),
        (identifiers.phone, "52 1234 5678", "5212345678"),
        (identifiers.postal_code, " 76230 ", "76230"),
        (identifiers.postal_code, "01000", "01000"),
        (identifiers.email, "José.Yáñez@yahoo.com.mx", "josé.yáñez@yahoo.com.mx"),
        (identifiers.email, " Ana.Lopez+agua@Ejemplo.COM.MX ", "ana.lopez+agua@ejemplo.com.mx"),
    ],
)
def test_what_people_type_has_one_form(canonical: Canonical, typed: str, kept: str | None) -> None:
    if kept is None:
        with pytest.raises(InvalidInput):
            canonical(typed)
    else:
        assert canonical(typed) == kept
        assert canonical(kept) == kept


@pytest.mark.parametrize(
    ("canonical", "typed"),
    [
        (identifiers.rfc, "GODE561331GR8"),  # month 13
        (identifiers.rfc, "GODE561231"),  # no homoclave
        (identifiers.rfc, "PUTO561231GR8"),  # a word the SAT never issues
        (identifiers.rfc, "GODE٥٦١٢٣١GR8"),
        (identifiers.curp, "BOXW310820HNERXN08"),  # check digit
        (identifiers.curp, "BOXW310820XNERXN09"),
        (identifiers.curp, "BOXW310820HZZRXN09"),
        (identifiers.clabe, "032180000118359710"),
        (identifiers.clabe, "03218000011835971"),
        (identifiers.clabe, "٠٣٢١٨٠٠٠٠١١٨٣٥٩٧١٩"),
        (identifiers.phone, "212 3456"),
        (identifiers.phone, "442 212 34567"),
        (identifiers.phone, "142 212 3456"),
        (identifiers.phone, "+1 442 212 3456"),
        (identifiers.phone, "442-CALL-NOW"),
        (identifiers.postal_code, "7623"),
        (identifiers.postal_code, "00000"),
        (identifiers.postal_code, "７６２３０"),
        (identifiers.email, "ana@ejemplo"),
        (identifiers.email, "ana.@ejemplo.mx"),
        (identifiers.email, "ana@-ejemplo.mx"),
        (identifiers.email, "ana lopez@ejemplo.mx"),
        (identifiers.email, "a" * 250 + "@b.mx"),
    ],
)
def test_what_is_none_is_refused_and_not_repeated(canonical: Canonical, typed: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        canonical(typed)
    assert typed not in str(caught.value)


@pytest.mark.parametrize("generic", identifiers.GENERIC_RFCS)
def test_generic_rfcs_are_rfcs(generic: str) -> None:
    assert identifiers.rfc(f" {generic.lower()} ") == generic


@quick
@given(account=st.from_regex(r"[0-9]{17}", fullmatch=True).filter(str.isascii))
def test_a_clabe_has_exactly_one_check_digit(account: str) -> None:
    refused = 0
    for digit in "0123456789":
        try:
            assert identifiers.clabe(account + digit) == account + digit
        except InvalidInput:
            refused += 1
    assert refused == 9


@quick
@given(
    number=st.from_regex(r"[2-9][0-9]{9}", fullmatch=True).filter(str.isascii),
    prefix=st.sampled_from(["", "+52", "044", "01"]),
)
def test_a_phone_is_one_number_however_it_is_dialled(number: str, prefix: str) -> None:
    assert identifiers.phone(f"{prefix} ({number[:3]}) {number[3:6]}-{number[6:]}") == number
