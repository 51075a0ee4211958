"""Which keys has the editor of a tariff, and in which view?

What works on the row under the cursor comes first, so that it is in the key bar of a small terminal; digits are typed,
so views are opened by Alt and their number, or by the number alone where nothing can be typed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from textual.binding import Binding
from textual.screen import Screen

from screens.editing.frame import EditorFrame
from screens.tariffs.editor.views import ALT, VIEWS
from supra_console.i18n import N_

BLOCKS, TERMS, TRYING = VIEWS[0].name, VIEWS[1].name, VIEWS[2].name

IN_VIEW: Final[Mapping[str, tuple[str, ...]]] = {
    "add_block": (BLOCKS,),
    "insert_block": (BLOCKS,),
    "split": (BLOCKS,),
    "merge": (BLOCKS,),
    "delete_block": (BLOCKS,),
    "join": (BLOCKS,),
    "raise": (BLOCKS,),
    "scale": (BLOCKS, TERMS),
    "add_concept": (TERMS,),
    "delete_concept": (TERMS,),
    "social": (TRYING,),
}
"""In which view an action has a place; the others hide its key."""

OF_BLOCKS: Final = (
    Binding("f5", "add_block", N_("Add"), id="tariff.add_block", tooltip=N_("An open block at the end")),
    Binding("f6", "split", N_("Split"), id="tariff.split", tooltip=N_("Two blocks of this one; no bill changes")),
    Binding("f7", "merge", N_("Merge"), id="tariff.merge", tooltip=N_("This block and the next as one")),
    Binding("f8", "delete_block", N_("Delete"), id="tariff.delete_block", tooltip=N_("Without this block")),
    Binding("ctrl+g", "join", N_("Close gaps"), id="tariff.join", tooltip=N_("Blocks printed as 0-10, 11-20, 21-30")),
    Binding(
        "insert", "insert_block", N_("Insert"), id="tariff.insert", show=False, tooltip=N_("A block before this one")
    ),
)
OF_CONCEPTS: Final = (
    Binding("f5", "add_concept", N_("Add concept"), id="tariff.add_concept"),
    Binding("f8", "delete_concept", N_("Delete concept"), id="tariff.delete_concept"),
)
OF_TRYING: Final = (
    Binding("f5", "social", N_("Social tariff"), id="tariff.social", tooltip=N_("With the social discount, or not")),
)


def _of_frame(*names: str) -> tuple[Binding, ...]:
    """The frame's own keys of these actions, in this order."""
    known = {binding.action: binding for binding in EditorFrame.BINDINGS if isinstance(binding, Binding)}
    return tuple(known[name] for name in names)


OF_ALL: Final = (
    *_of_frame("save"),
    Binding(ALT[0], "view(1)", N_("Views"), id="tariff.view.1", key_display="Alt+1-5", tooltip=N_("Blocks")),
    *(
        Binding(ALT[place - 1], f"view({place})", view.title, id=f"tariff.view.{place}", show=False)
        for place, view in enumerate(VIEWS[1:], 2)
    ),
    *(
        Binding(str(place), f"view({place})", view.title, id=f"tariff.number.{place}", show=False)
        for place, view in enumerate(VIEWS, 1)
    ),
    *_of_frame("back", "undo", "redo"),
    Binding("ctrl+n", "turn(1)", N_("Next view"), id="tariff.next"),
    Binding("ctrl+pagedown", "turn(1)", N_("Next view"), id="tariff.next_page", show=False),
    Binding("ctrl+pageup", "turn(-1)", N_("View before"), id="tariff.before", show=False),
    Binding("ctrl+r", "raise", N_("Raise prices"), id="tariff.raise", tooltip=N_("All prices up by so many per cent")),
    Binding("f9", "scale", N_("Scale"), id="tariff.scale", tooltip=N_("All limits times a factor")),
    *_of_frame("difference", "json"),
    *(binding for binding in Screen.BINDINGS if isinstance(binding, Binding)),
)
