"""Undo and redo: every step can be taken back, and again."""

from hypothesis import given
from hypothesis import strategies as st

from supra_console.editing.history import LONGEST, History

STATES = st.integers(0, 9)


@given(STATES, st.lists(STATES, max_size=60))
def test_undoing_every_step_gives_the_states_back_in_turn(first: int, steps: list[int]) -> None:
    history = History(first)
    seen = [first]
    for state in steps:
        history = history.step(state)
        if state != seen[-1]:
            seen.append(state)
    forward = history
    for state in reversed(seen):
        assert history.present == state
        history = history.undo()
    assert history.undo() is history
    for state in seen:
        assert history.present == state
        history = history.redo()
    assert history.redo() is history
    assert (history.present, history.past) == (forward.present, forward.past)


@given(STATES, st.lists(st.tuples(STATES, st.sampled_from([None, "a", "b"])), max_size=40))
def test_whatever_the_topics_the_first_state_can_be_reached(first: int, steps: list[tuple[int, str | None]]) -> None:
    history = History(first)
    for state, topic in steps:
        history = history.step(state, topic)
        assert history.present == state
        assert history.future == () or state == history.past[-1]
        assert history.past[-1:] != (history.present,)  # an undo always changes something
    while history.past:
        history = history.undo()
    assert history.present == first


def test_keystrokes_in_one_cell_are_undone_together() -> None:
    history = History("").step("1", "price").step("12", "price").step("12.5", "price").step("x", "limit")
    assert history.undo().present == "12.5"
    assert history.undo().undo().present == ""


def test_typing_goes_on_as_a_new_step_after_an_undo() -> None:
    history = History("").step("1", "price").undo().step("2", "price").step("23", "price")
    assert history.undo().present == ""
    assert history.undo().redo().present == "23"


def test_what_was_typed_and_taken_back_is_no_step() -> None:
    assert History("").step("1", "price").step("", "price") == History("")


def test_a_new_step_forgets_what_was_undone() -> None:
    assert History(1).step(2).undo().step(3).redo().present == 3


def test_the_past_is_bounded() -> None:
    history = History(0)
    for state in range(1, 2 * LONGEST):
        history = history.step(state)
    assert len(history.past) == LONGEST
