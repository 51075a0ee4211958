"""What is a finding?"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class Severity(IntEnum):
    """How bad; the larger the worse."""

    NOTE = 0
    WARNING = 1
    SERIOUS = 2


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it should be.

    Attributes:
        code: for scripts (`grew`).
        subject: full name of what it is about.
        evidence: the figures it is known by.
        consequence: what follows if nothing is done.
        mend: SQL a DBA can run; empty where SQL is no help.
    """

    code: str
    severity: Severity
    subject: str
    evidence: str
    consequence: str
    mend: str = ""
