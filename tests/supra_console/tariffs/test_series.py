"""Which price holds on which day: gaps, overlaps, and what a draft would change."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from supra_console.tariffs.register import Series, State, TariffRow
from supra_console.tariffs.series import Timeline, in_order, in_the_way, replaced_by, shared_days, timelines

TODAY = date(2026, 11, 22)
OWN = Series("domestica", "mensual", UUID(int=7))
GENERAL = Series("domestica", "mensual")
_ids = iter(range(1, 1_000_000))


def row(begins: str, ends: str | None = None, *, active: bool = True, series: Series = OWN, **more: Any) -> TariffRow:
    values: dict[str, Any] = {
        "id": UUID(int=next(_ids)),
        "version": 1,
        "name": f"from {begins}",
        "series": series,
        "explotacion": "Tequisquiapan",
        "municipality": "Tequisquiapan",
        "effective_from": date.fromisoformat(begins),
        "effective_until": date.fromisoformat(ends) if ends else None,
        "active": active,
        "document": None,
        "raw": {},
        "content_hash": "",
    }
    return TariffRow(**values | more)


def of(*rows: TariffRow, series: Series = OWN) -> Timeline:
    return timelines(rows, TODAY)[series]


def days(begins: str, ends: str | None) -> tuple[date, date | None]:
    return date.fromisoformat(begins), date.fromisoformat(ends) if ends else None


def test_tariffs_that_follow_each_other_leave_no_gap() -> None:
    line = of(row("2027-01-01"), row("2024-01-01", "2025-01-01"), row("2025-01-01", "2027-01-01"))
    assert [span.state for span in line.spans] == [State.SUPERSEDED, State.IN_FORCE, State.SCHEDULED]
    assert line.sound
    assert not line.gaps


def test_days_between_two_tariffs_are_a_gap() -> None:
    line = of(row("2024-01-01", "2025-01-01"), row("2025-02-01"))
    assert [(gap.begins, gap.ends) for gap in line.gaps] == [days("2025-01-01", "2025-02-01")]
    assert not line.sound
    assert line.unpriced == line.gaps


def test_a_last_tariff_that_ends_leaves_a_gap_without_end() -> None:
    line = of(row("2024-01-01", "2025-01-01"))
    assert [(gap.begins, gap.ends) for gap in line.gaps] == [days("2025-01-01", None)]


def test_a_tariff_for_all_explotaciones_prices_a_gap() -> None:
    everywhere = row("2020-01-01", series=GENERAL)
    line = of(row("2024-01-01", "2025-01-01"), row("2025-02-01"), everywhere)
    assert line.gaps[0].general == (everywhere,)
    assert line.gaps[0].priced
    assert line.sound


def test_a_tariff_for_all_that_prices_a_part_of_the_gap_does_not_mend_it() -> None:
    line = of(row("2024-01-01", "2025-01-01"), row("2025-03-01"), row("2020-01-01", "2025-02-01", series=GENERAL))
    assert line.gaps[0].general
    assert not line.sound


def test_a_gap_of_the_tariff_for_all_is_its_own() -> None:
    assert not of(row("2024-01-01", "2025-01-01", series=GENERAL), series=GENERAL).sound


def test_days_of_two_tariffs_are_an_overlap() -> None:
    first, second = row("2024-01-01", "2025-03-01"), row("2025-01-01")
    line = of(first, second)
    assert [(found.begins, found.ends, found.rows) for found in line.overlaps] == [
        (*days("2025-01-01", "2025-03-01"), (first, second))
    ]
    assert not line.sound
    assert not line.gaps


def test_a_tariff_within_another_does_not_make_a_gap_after_it() -> None:
    line = of(row("2024-01-01", "2026-01-01"), row("2024-03-01", "2024-04-01"), row("2026-01-01"))
    assert len(line.overlaps) == 1
    assert not line.gaps


def test_a_new_version_ends_the_one_it_replaces() -> None:
    old = row("2025-01-01")
    draft = row("2027-01-01", active=False, replaces_id=old.id)
    (proposal,) = of(old, draft).proposals
    assert proposal.replaced == old
    assert not proposal.in_the_way
    assert not proposal.leaves
    assert proposal.state is State.DRAFT


def test_a_draft_that_names_nobody_finds_the_others_in_its_way() -> None:
    old = row("2025-01-01")
    (proposal,) = of(old, row("2027-01-01", active=False)).proposals
    assert proposal.in_the_way == (old,)


def test_one_that_begins_no_later_cannot_be_replaced() -> None:
    old = row("2027-01-01")
    (proposal,) = of(old, row("2026-12-01", active=False, replaces_id=old.id)).proposals
    assert proposal.in_the_way == (old,)


def test_a_draft_after_a_tariff_that_ended_leaves_the_days_between() -> None:
    old = row("2025-01-01", "2026-01-01")
    (proposal,) = of(old, row("2027-01-01", active=False, replaces_id=old.id)).proposals
    assert [(gap.begins, gap.ends) for gap in proposal.leaves] == [days("2026-01-01", "2027-01-01")]


def test_a_draft_with_an_end_leaves_the_days_after_it() -> None:
    old = row("2025-01-01")
    draft = row("2027-01-01", "2028-01-01", active=False, replaces_id=old.id)
    (proposal,) = of(old, draft).proposals
    assert [(gap.begins, gap.ends) for gap in proposal.leaves] == [days("2028-01-01", None)]


def test_a_series_of_drafts_alone_has_no_gap_and_no_price() -> None:
    line = of(row("2027-01-01", active=False))
    assert line.spans == ()
    assert line.gaps == ()
    assert line.on(TODAY) == ()


def old_price(draft: TariffRow, rows: tuple[TariffRow, ...]) -> TariffRow | None:
    return replaced_by(draft.series, draft.effective_from, rows, draft.replaces_id)


def test_the_old_price_of_a_draft() -> None:
    first, second = row("2024-01-01", "2025-01-01"), row("2025-01-01", "2026-01-01")
    everything = (first, second)
    assert old_price(row("2025-06-01", active=False), everything) == second
    assert old_price(row("2027-06-01", active=False), everything) == second
    assert old_price(row("2024-06-01", active=False), everything) == first
    assert old_price(row("2027-06-01", active=False, replaces_id=first.id), everything) == first
    assert old_price(row("2023-06-01", active=False), everything) is None


@given(st.lists(st.tuples(st.integers(0, 400), st.none() | st.integers(1, 200)), max_size=8))
def test_gaps_and_overlaps_are_the_days_with_none_and_with_several(drawn: list[tuple[int, int | None]]) -> None:
    start = date(2024, 1, 1)
    rows = [
        row(
            (start + timedelta(begins)).isoformat(),
            None if length is None else (start + timedelta(begins + length)).isoformat(),
        )
        for begins, length in drawn
    ]
    if not rows:
        return
    line = of(*rows)
    for offset in range(min(begins for begins, _length in drawn), 700):
        day = start + timedelta(offset)
        holding = len(line.on(day))
        assert any(gap.begins <= day and (gap.ends is None or day < gap.ends) for gap in line.gaps) == (holding == 0)
        over = any(one.begins <= day and (one.ends is None or day < one.ends) for one in line.overlaps)
        assert over == (holding > 1)


def test_shared_days_end_where_the_first_of_both_ends() -> None:
    assert shared_days(row("2024-01-01", "2025-01-01"), row("2024-06-01")) == days("2024-06-01", "2025-01-01")
    assert shared_days(row("2024-01-01", "2025-01-01"), row("2025-01-01")) is None


# ---------------------------------------------------------------------- a package


def test_a_package_comes_into_force_by_its_first_days_those_for_all_first() -> None:
    first, second = row("2027-01-01", active=False), row("2027-06-01", active=False)
    general = row("2027-09-01", active=False, series=GENERAL)
    assert in_order([second, general, first]) == (general, first, second)


def test_what_one_of_a_package_ends_is_not_in_the_way_of_another() -> None:
    old = row("2026-01-01")
    first = row("2027-01-01", "2027-06-01", active=False, replaces_id=old.id)
    second = row("2027-06-01", active=False, replaces_id=old.id)
    assert in_the_way([second, first], [old]) == {first.id: (), second.id: ()}
    heir = row("2027-06-01", active=False, replaces_id=first.id)
    assert in_the_way([heir, first], [old]) == {first.id: (), heir.id: ()}
    assert in_the_way([heir], [old]) == {heir.id: (old,)}


def test_two_of_a_package_for_the_same_days_are_in_the_way_of_the_later() -> None:
    old = row("2026-01-01")
    one = row("2027-01-01", active=False, replaces_id=old.id)
    rival = row("2027-02-01", active=False, replaces_id=old.id)
    assert in_the_way([rival, one], [old, one, rival]) == {one.id: (), rival.id: (one,)}


def test_one_that_cannot_come_into_force_is_in_nobody_s_way() -> None:
    old, later = row("2026-01-01", "2027-03-01"), row("2027-03-01")
    blocked = row("2027-01-01", active=False, replaces_id=old.id)
    fits = row("2027-01-01", "2027-03-01", active=False, replaces_id=old.id)
    assert in_the_way([blocked, fits], [old, later]) == {blocked.id: (later,), fits.id: ()}


def test_other_series_and_the_tariff_itself_are_not_in_the_way() -> None:
    active = row("2027-01-01")
    assert in_the_way([active], [active, row("2027-01-01", series=GENERAL)]) == {active.id: ()}
