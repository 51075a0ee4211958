"""What do scripts get of tariffs, bills and remarks? Amounts of money and water are strings."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from queries.tariffs import Register
    from supra_console.documents.billing import TariffInsert
    from supra_console.tariffs.rating import Bill
    from supra_console.tariffs.register import TariffRow
    from supra_console.tariffs.rules import Examination


def remarks(found: Examination) -> dict[str, object]:
    """What there is to say about a tariff, errors apart from warnings."""
    from supra_console.editing.remarks import Weight

    told: dict[str, list[object]] = {"errors": [], "warnings": []}
    for remark in found.remarks:
        told["errors" if remark.weight is Weight.ERROR else "warnings"].append(
            {"path": list(remark.path), "where": remark.where, "message": remark.message, "code": remark.code}
        )
    return {"valid": found.sound, **told}


def row(stored: TariffRow, register: Register) -> dict[str, object]:
    """A stored tariff, without its prices."""
    return {
        "id": stored.id,
        "version": stored.version,
        "state": stored.state(register.today).value,
        "name": stored.name,
        "category": stored.series.category,
        "billing_period": stored.series.billing_period,
        "municipality": stored.municipality,
        "explotacion": stored.explotacion,
        "effective_from": stored.raw.get("effective_from"),
        "effective_until": stored.raw.get("effective_until"),
        "active": stored.active,
        "replaces_id": stored.replaces_id,
        "drafters": stored.drafter_names,
        "submitted_at": stored.submitted_at,
        "approved_by": stored.approved_by,
        "approval_date": stored.approval_date,
        "gazette_reference": stored.gazette_reference,
        "activated_at": stored.activated_at,
        "content_hash": stored.content_hash,
        "impact_report_fits": stored.impact_fits,
        "readable": stored.document is not None,
    }


def exact(value: object) -> object:
    """A document for scripts: its numbers are strings, whether they have decimals or not."""
    if isinstance(value, list):
        return [exact(one) for one in value]
    if isinstance(value, dict):
        return {name: exact(one) for name, one in value.items()}
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def bill(tariff: TariffInsert, made: Bill) -> dict[str, object]:
    """A bill for scripts; every amount of money and water a string."""
    return {
        "tariff": tariff.name,
        "m3": made.m3,
        "mode": made.mode.value,
        "social": made.social,
        "steps": made.steps,
        "gross": made.gross,
        "discount_pct": made.discount_pct,
        "discount": made.discount,
        "water": made.water,
        "concepts": made.lines[1:],
        "concepts_total": made.concepts,
        "lines": made.lines,
        "subtotal": made.subtotal,
        "iva": made.iva,
        "total": made.total,
    }
