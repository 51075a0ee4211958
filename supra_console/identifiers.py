"""Which identifiers does a water utility in Mexico see, and how is each written once and for all?

Every function takes text as people type it and returns the one form that is stored and
compared, or raises `InvalidInput` with a reason that never repeats the text.

Rules: RFC from the SAT (artículo 29-A CFF and Anexo 20 for the two generic keys), CURP from
RENAPO, both by python-stdnum; CLABE from the Banco de México (circular 14/2017: weights
3-7-1); phone numbers from the IFT's numbering plan of 2019 (ten digits, no prefixes).
"""

from __future__ import annotations

import re
import unicodedata
from types import ModuleType

from supra_console.errors import InvalidInput
from supra_console.i18n import N_, _

GENERIC_RFCS = ("XAXX010101000", "XEXX010101000")
"""The public in general, and residents abroad: shared by many customers, so they identify nobody."""


def rfc(text: str) -> str:
    """An RFC with its homoclave: 13 characters of a person, 12 of a company.

    The check digit is not demanded: the SAT itself issued keys that fail it.
    """
    from stdnum.mx import rfc as rules

    return _by_stdnum(rules, text, 12, N_("This is not an RFC: a person's has 13 characters, a company's 12"))


def curp(text: str) -> str:
    """A CURP: 18 characters whose date, sex, state and check digit are right."""
    from stdnum.mx import curp as rules

    return _by_stdnum(rules, text, 18, N_("This is not a CURP: it has 18 characters and a check digit"))


def clabe(text: str) -> str:
    """A bank account's CLABE: 18 digits, the last of them a check digit."""
    digits = _compact(text)
    if re.fullmatch(r"[0-9]{18}", digits) and digits[-1] == _clabe_check_digit(digits):
        return digits
    raise _refusal(N_("This is not a CLABE: it has 18 digits, the last a check digit"))


def phone(text: str) -> str:
    """A Mexican phone number as ten digits.

    The country code (+52, 0052, and the 521 of mobiles until 2019) and the old dialling
    prefixes 01, 044 and 045 are taken off.
    """
    digits = re.sub(r"[\s().\-/]", "", text)
    found = re.fullmatch(r"(?:(?:\+|00)?521?|01|04[45])?([2-9][0-9]{9})", digits, re.ASCII)
    if not found:
        raise _refusal(N_("This is not a Mexican phone number: it has ten digits"))
    return found[1]


def postal_code(text: str) -> str:
    """A postal code of five digits."""
    digits = text.strip()
    # The first two are the state's: 01 (Álvaro Obregón, Ciudad de México) to 99 (Zacatecas).
    if not re.fullmatch(r"[0-9]{5}", digits) or digits < "01000":
        raise _refusal(N_("This is not a postal code: it has five digits"))
    return digits


def email(text: str) -> str:
    """An e-mail address in lower case, at most 254 characters; deliverability is not judged.

    Letters with accents are let pass before the @ (RFC 6531): addresses with ñ are on record.
    """
    address = unicodedata.normalize("NFC", text).strip().lower()
    atom = r"[\w!#$%&'*+/=?^`{|}~-]+"
    shape = rf"{atom}(\.{atom})*@([a-z0-9]([a-z0-9-]{{0,61}}[a-z0-9])?\.)+[a-z]([a-z0-9-]{{0,61}}[a-z0-9])"
    if len(address) > 254 or not re.fullmatch(shape, address):
        raise _refusal(N_("This is not an e-mail address, such as nombre@ejemplo.mx"))
    return address


def _by_stdnum(rules: ModuleType, text: str, shortest: int, reason: str) -> str:
    from stdnum.exceptions import ValidationError

    number = _compact(text).upper()
    try:
        # stdnum takes an RFC without homoclave (10 characters) too, and looks for digits of any script.
        if shortest <= len(number) <= 18 and re.fullmatch(r"[A-Z0-9&Ñ]+", number, re.ASCII):
            return str(rules.validate(number))
    except ValidationError:
        pass
    raise _refusal(reason)


def _clabe_check_digit(digits: str) -> str:
    total = sum(int(digit) * weight % 10 for digit, weight in zip(digits, (3, 7, 1) * 5 + (3, 7), strict=False))
    return str(-total % 10)


def _compact(text: str) -> str:
    return re.sub(r"[\s\-_.]", "", unicodedata.normalize("NFC", text))


def _refusal(reason: str) -> InvalidInput:
    return InvalidInput(_(reason))
