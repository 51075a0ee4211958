"""What does each stroke of a key make of the sheet?"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from decimal import Decimal
from functools import partial

from textual import work

from screens.tariffs.editor import cells
from screens.tariffs.editor.painting import PaintedEditor
from screens.tariffs.editor.scaling import ScaleDialog, raise_dialog
from screens.tariffs.editor.views import LETTERS
from screens.widgets.cell_grid import CellGrid
from supra_console.errors import InvalidInput
from supra_console.i18n import _, ngettext
from supra_console.tariffs import pasting, sheet, sheet_blocks
from supra_console.tariffs.pasting import Piece
from supra_console.tariffs.sheet import Sheet
from supra_console.tariffs.titles import NAMES


class WrittenEditor(PaintedEditor):
    """Typing, pasting, and the operations on blocks and concepts."""

    _moving: tuple[Hashable, bool] = (None, False)  # the cell that is typed in, and whether its neighbour goes along

    @property
    def _blocks(self) -> CellGrid:
        return self.query_one("#blocks", CellGrid)

    @property
    def _concepts(self) -> CellGrid:
        return self.query_one("#concepts", CellGrid)

    def settle(self) -> None:
        for grid in self.query(CellGrid):
            grid.settle()

    # ------------------------------------------------------------------ typing

    def grid(self, name: str) -> CellGrid:
        return CellGrid(self._typed, self._pasted, self._entered, passes=LETTERS, id=name)

    def _typed(self, grid: CellGrid, row: int, key: str, text: str) -> None:
        topic: Hashable = (grid.id, row, key, grid.edits)
        match grid.id:
            case "blocks" if row < len(self.state.blocks):
                if topic != self._moving[0]:
                    self._moving = (topic, sheet.follows(self.state, row, key))
                self.edit(sheet.set_block(self.state, row, key, text, along=self._moving[1]), topic)
            case "concepts" if row < len(self.state.concepts):
                self.edit(sheet.set_concept(self.state, row, key, text), topic)
            case "terms":
                self.edit(sheet.set_term(self.state, cells.TERMS[row].field, text), topic)

    def _entered(self, grid: CellGrid, row: int, key: str, before: str) -> None:
        """A code is typed whole: what was worked out on it goes by the new one, in the same step."""
        if grid.id == "concepts" and key == "code" and row < len(self.state.concepts):
            self.edit(sheet.renamed(self.state, row, before), (grid.id, row, key, grid.edits))

    def _pasted(self, grid: CellGrid, row: int, key: str, text: str) -> None:
        try:
            if grid.id == "blocks":
                piece = pasting.blocks_in(text, key)
                self.edit(pasting.put_blocks(self.state, row, piece))
                self._say_of(piece, len(self.state.blocks) - row)
            elif grid.id == "concepts":
                piece = pasting.concepts_in(text, key)
                self.edit(pasting.put_concepts(self.state, row, piece))
                self._say_of(piece, len(self.state.concepts) - row)
            else:
                self._refuse(
                    InvalidInput(_("A table has no place here"), _("Paste it into the blocks or the concepts."))
                )
        except InvalidInput as error:
            self._refuse(error)
        self.refresh_bindings()

    def _say_of(self, piece: Piece, rows: int) -> None:
        """Where its titles put it, and which lines it did not reach; the rest is to be seen."""
        said = []
        if piece.titled and piece.rows:
            columns = ", ".join(_(NAMES[name]) for name in piece.rows[0])
            said.append(_("Put where the titles say: %(columns)s.") % {"columns": columns})
        if (left := rows - len(piece.rows)) > 0:
            below = ngettext("%(n)d line below it stays as it was.", "%(n)d lines below it stay as they were.", left)
            said.append(below % {"n": left})
        if said:
            self.app.notify(" ".join(said), severity="warning" if left > 0 else "information")

    def _refuse(self, error: InvalidInput) -> None:
        self.app.notify(error.advice, title=error.title, severity="warning")

    def _do(self, operation: Callable[[], Sheet]) -> bool:
        """One operation on the sheet; why it cannot be is told."""
        try:
            self.edit(operation())
        except InvalidInput as error:
            self._refuse(error)
            return False
        return True

    def action_add_block(self) -> None:
        """An open block at the end; its limit is typed next."""
        blocks = self._blocks
        blocks.settle()
        if self._do(lambda: sheet.add_block(self.state)):
            last = len(self.state.blocks) - 1
            blocks.put(max(0, last - 1) if last else 0, "to_m3" if last else "price_per_m3")

    def action_insert_block(self) -> None:
        """A block before this one."""
        blocks = self._blocks
        blocks.settle()
        row = blocks.row
        if self._do(lambda: sheet.insert_block(self.state, row)):
            blocks.put(row, "to_m3")

    def action_split(self) -> None:
        """Two blocks of this one; the cursor stands on the new limit, to type another."""
        blocks = self._blocks
        blocks.settle()
        row = blocks.row
        at = sheet.default_split(self.state, row)
        if at is None:
            self.app.notify(
                _("Its limits cannot be read, or it is too narrow."),
                title=_("This block cannot be split"),
                severity="warning",
            )
        elif self._do(lambda: sheet.split(self.state, row, at)):
            blocks.put(row, "to_m3")

    def action_merge(self) -> None:
        """This block and the next as one."""
        blocks = self._blocks
        blocks.settle()
        self._do(lambda: sheet.merge(self.state, blocks.row))

    def action_join(self) -> None:
        """Each block begins where the one before ends, where it is printed as the next one; one step to undo."""
        self.settle()
        before = self.state.blocks
        if self._do(lambda: sheet_blocks.joined(self.state)):
            count = sum(one != other for one, other in zip(before, self.state.blocks, strict=True))
            self.app.clear_notifications()  # of the limits before
            moved = ngettext("%(n)d block begins", "%(n)d blocks begin", count) % {"n": count}
            self.app.notify(_("%(blocks)s where the one before ends; Ctrl+Z takes it back.") % {"blocks": moved})
            self.refresh_bindings()

    def action_delete_block(self) -> None:
        """Without this block."""
        blocks = self._blocks
        blocks.settle()
        self._do(lambda: sheet.delete_block(self.state, blocks.row))

    def action_add_concept(self) -> None:
        """A concept at the end; its code is typed next."""
        concepts = self._concepts
        concepts.settle()
        self._do(lambda: sheet.add_concept(self.state))
        self.set_focus(concepts)
        concepts.put(len(self.state.concepts) - 1, "code")

    def action_delete_concept(self) -> None:
        """Without this concept."""
        concepts = self._concepts
        concepts.settle()
        self._do(lambda: sheet.delete_concept(self.state, concepts.row))

    @work(group="scale", exclusive=True)
    async def action_scale(self) -> None:
        """All limits times a factor, for a longer or a shorter period."""
        self.settle()
        factor: Decimal | None = await self.app.push_screen_wait(ScaleDialog())
        if factor is not None:
            self._do(partial(sheet_blocks.scale_limits, self.state, factor))

    @work(group="scale", exclusive=True)
    async def action_raise(self) -> None:
        """All prices so many per cent up, as one step."""
        self.settle()
        typed = await self.app.push_screen_wait(raise_dialog())
        if typed is not None:
            self._do(partial(sheet_blocks.raise_prices, self.state, Decimal(typed[0].strip())))

    def action_social(self) -> None:
        """With the social discount, or without; that there is none is said."""
        if not self._trial.discounted and not self.social:
            self.app.notify(_("Neither this tariff nor the one it replaces has a social discount."))
            return
        self.social = not self.social
        self._show_view()
