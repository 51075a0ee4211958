"""Which column of a tariff does the title of a spreadsheet's column name?

English and Spanish, whatever the accents, capitals and units. A title is understood or it is not: one word too many
(`precio con IVA`), one that may mean two columns (`importe`), or two titles for one column are for a person to decide.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from supra_console.errors import InvalidInput
from supra_console.i18n import N_, _

FROM, TO, PRICE, FIXED = "from_m3", "to_m3", "price_per_m3", "fixed_charge"

Words = Mapping[str, frozenset[str]]


def _words(**columns: str) -> Words:
    return {column: frozenset(text.split("|")) for column, text in columns.items()}


OF_BLOCKS: Final = _words(
    from_m3=(
        "desde|de|del|from|inferior|limite inferior|lim inferior|rango inferior|consumo desde|rango desde"
        "|lower|lower limit|above|over|mas de|mayor de|mayor que|mayor a"
    ),
    to_m3=(
        "hasta|a|al|to|superior|limite superior|lim superior|rango superior|consumo hasta|rango hasta"
        "|upper|upper limit|up to"
    ),
    price_per_m3=(
        "precio|tarifa|price|rate|excedente|precio excedente|tarifa excedente|cuota excedente|cargo excedente"
        "|importe excedente|costo excedente|precio unitario|unit price|variable|cuota variable|cargo variable"
        "|tarifa variable|cuota volumetrica|cargo volumetrico|tarifa volumetrica|excess|excess price"
    ),
    fixed_charge=(
        "cuota fija|cargo fijo|tarifa fija|importe fijo|cuota base|cargo base|tarifa base|importe base|base"
        "|cuota minima|cargo minimo|tarifa minima|importe minimo|pago minimo|minimo|minima|fijo|fija"
        "|fixed|fixed charge|base charge|minimum|minimum charge"
    ),
)
OF_CONCEPTS: Final = _words(
    code="code|codigo|clave|cve",
    name="name|nombre|descripcion|description",
    type="type|tipo",
    value="value|valor|%|porcentaje|percentage|% o|% or|% o importe|importe|amount|monto",
    base="base|of|of water|sobre|base de calculo|de agua|del agua",
    iva_rate="iva|tasa|tasa iva|tasa de iva|iva rate|vat",
)
PER_M3: Final = frozenset(("", "cuota", "cargo", "importe", "costo", "valor", "charge", "cost", "amount"))
"""What is a price where it says per m³, and may be anything where it does not."""
BESIDE_A_PRICE: Final = frozenset(("cuota",))
"""What is the fixed charge where another title is the price."""
VOLUMES: Final = frozenset((FROM, TO))
NAMES: Final[Mapping[str, str]] = {
    FROM: N_("from m³"),
    TO: N_("to m³"),
    PRICE: N_("price per m³"),
    FIXED: N_("fixed charge"),
    "code": N_("code"),
    "name": N_("name"),
    "type": N_("type"),
    "value": N_("value"),
    "base": N_("base"),
    "iva_rate": N_("IVA rate"),
}
_CUBIC: Final = r"(?:m3|m 3|mts3|metros? cubicos?|cubic met(?:er|re)s?)"
_PER: Final = re.compile(rf"(?:/|\bpor\b|\bper\b|\bcada\b|\bx\b)\s*{_CUBIC}\b")
_VOLUME: Final = re.compile(rf"\b{_CUBIC}\b")
_MONEY: Final = re.compile(r"\$|\bmxn\b|\bpesos?\b|\bm\.n\.|\bmn\b")


@dataclass(frozen=True, slots=True)
class Title:
    """One title: its words without units, and which units it had."""

    text: str
    words: str
    per_m3: bool
    volume: bool
    money: bool


def read_title(text: str) -> Title:
    """What a title says; accents, capitals and signs aside."""
    apart = unicodedata.normalize("NFKD", text.strip()).casefold().replace("_", " ")
    plain = " ".join("".join(one for one in apart if not unicodedata.combining(one)).split())
    rest, per_m3 = _PER.subn(" ", plain)
    rest, volume = _VOLUME.subn(" ", rest)
    rest, money = _MONEY.subn(" ", rest)
    return Title(text.strip(), " ".join(re.findall(r"[^\W_]+|%", rest)), bool(per_m3), bool(volume), bool(money))


def column_of(title: Title, known: Words) -> str | None:
    """The column a title names by itself."""
    column = next((name for name, words in known.items() if title.words in words), None)
    if known is not OF_BLOCKS:
        return column
    if title.per_m3:
        return PRICE if column == PRICE or (column is None and title.words in PER_M3) else None
    if (column in VOLUMES and title.money) or (column == FIXED and title.volume):
        return None
    return column


def columns_of(texts: Sequence[str], known: Words, filled: Collection[int]) -> tuple[str | None, ...]:
    """Which column each title names; None where there is neither a title nor anything below it.

    Args:
        filled: the places of columns with anything in them below their title.

    Raises:
        InvalidInput: a title is not understood, or two name the same column; the advice says which are.
    """
    titles = [read_title(text) for text in texts]
    found = [column_of(title, known) for title in titles]
    if PRICE in found and FIXED not in found:
        found = [FIXED if title.words in BESIDE_A_PRICE else one for title, one in zip(titles, found, strict=True)]
    strange = [
        title.text or _("column %(n)d, which has no title") % {"n": place + 1}
        for place, (title, column) in enumerate(zip(titles, found, strict=True))
        if column is None and (title.text or place in filled)
    ]
    strange += [
        _("column %(n)d, which has no title") % {"n": place + 1} for place in sorted(filled) if place >= len(texts)
    ]
    twice = [
        " = ".join(title.text for title, column in zip(titles, found, strict=True) if column == name)
        for name in known
        if found.count(name) > 1
    ]
    if strange or twice:
        raise _refusal(titles, found, strange, twice)
    return tuple(found)


def _refusal(
    titles: Sequence[Title], found: Sequence[str | None], strange: Sequence[str], twice: Sequence[str]
) -> InvalidInput:
    understood = [
        f"{title.text} = {_(NAMES[column])}" for title, column in zip(titles, found, strict=True) if column is not None
    ]
    parts = []
    if strange:
        parts.append(_("Not understood: %(titles)s.") % {"titles": _listed(strange)})
    if twice:
        parts.append(_("The same column twice: %(titles)s.") % {"titles": _listed(twice)})
    if understood and not twice:
        parts.append(_("Understood: %(titles)s.") % {"titles": _listed(understood)})
    parts.append(_("Nothing was pasted: name the columns desde, hasta, precio, cuota fija, or copy only those."))
    return InvalidInput(_("The titles of the columns are not all understood"), " ".join(parts))


def _listed(texts: Sequence[str]) -> str:
    """A few of them, shortened."""
    shown = [text if len(text) <= 40 else text[:39] + "…" for text in texts[:6]]
    return "; ".join([*shown, "…"] if len(texts) > len(shown) else shown)
