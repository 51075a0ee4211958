"""Stored text cannot drive the terminal, whatever it is."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supra_console.display import is_safe, safe

# Anything at all, lone surrogates included, with the dangerous characters far more often than chance would have it.
DANGEROUS = st.sampled_from(
    [chr(code) for code in (*range(0x20), *range(0x7F, 0xA0), 0xAD, 0x200B, 0x200D, 0x202E, 0x2066, 0x2069, 0xFEFF)]
    + ["\u034f", "\u061c", "\u115f", "\u3164", "\ufe0f", "\ud800", "\udfff", "\U000e0041", "\u2028", "\u2029"]
)
TEXT = st.lists(st.one_of(st.characters(), st.characters(categories=["Cs", "Cf", "Cc"]), DANGEROUS), max_size=60).map(
    "".join
)


@given(TEXT)
def test_no_control_bidi_zero_width_or_surrogate_survives(text: str) -> None:
    shown = safe(text)
    assert all(unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Zl", "Zp"} for character in shown)
    assert is_safe(shown)


@given(TEXT)
def test_what_was_shown_is_shown_the_same_again(text: str) -> None:
    assert safe(safe(text)) == safe(text)


@given(TEXT, st.integers(0, 80))
def test_a_limit_holds_and_is_stable(text: str, limit: int) -> None:
    shown = safe(text, limit)
    assert len(shown) <= limit
    assert safe(shown, limit) == shown
    if len(safe(text)) <= limit:
        assert shown == safe(text)


@given(
    st.text(
        alphabet=st.characters(
            categories=["L", "N", "P", "Sm", "Sc", "Zs"], exclude_characters="\u115f\u1160\u3164\uffa0"
        )
    )
)
def test_ordinary_text_of_any_script_is_left_alone(text: str) -> None:
    assert safe(text) == text


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        ("\x1b]52;c;ZXZpbA==\x07", "␛]52;c;ZXZpbA==␇"),
        ("\x9b31m", "⟨9B⟩31m"),
        ("línea\r\nsiguiente\t.", "línea␍␊siguiente␉."),
        ("ab\u202edc", "ab⟨U+202E⟩dc"),
        ("GAR\u200bCIA", "GAR⟨U+200B⟩CIA"),
        ("\ud83d", "⟨U+D83D⟩"),
        ("José Muñoz [/bold] ñ", "José Muñoz [/bold] ñ"),
        (None, ""),
        (12, "12"),
    ],
)
def test_examples_of_what_a_reader_sees(stored: object, shown: str) -> None:
    assert safe(stored) == shown


def test_a_megabyte_is_cut_before_it_is_worked_on() -> None:
    assert safe("\x1b" * 1_000_000, 5) == "␛␛␛␛…"
