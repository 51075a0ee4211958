"""What is this screen for, and what can I press?

F1 on any screen: its own HELP, then the keys of whatever has the focus, of the screen and of the
whole console. The widgets that render Markdown are imported when somebody asks.
"""

from __future__ import annotations

from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Markdown, Static

from screens.widgets.key_bar import shown_key
from screens.widgets.reading import ReadingDialog, reading_keys
from screens.widgets.text import lines, words
from supra_console.i18n import N_, _

# How Textual describes the keys of its own widgets, so that help speaks the reader's language.
TEXTUAL_WORDS = (
    N_("Bottom"),
    N_("Copy selected text"),
    N_("Cursor down"),
    N_("Cursor left"),
    N_("Cursor right"),
    N_("Cursor up"),
    N_("Cut selected text"),
    N_("Delete all to the left"),
    N_("Delete all to the right"),
    N_("Delete character left"),
    N_("Delete character right"),
    N_("Delete left to start of word"),
    N_("Delete right to start of word"),
    N_("Down"),
    N_("End"),
    N_("First"),
    N_("Focus Next"),
    N_("Focus Previous"),
    N_("Go to end"),
    N_("Go to start"),
    N_("Home"),
    N_("Last"),
    N_("Move cursor left a word"),
    N_("Move cursor left"),
    N_("Move cursor right a word"),
    N_("Move cursor right or accept the completion suggestion"),
    N_("Page Down"),
    N_("Page Left"),
    N_("Page Right"),
    N_("Page Up"),
    N_("Paste text from the clipboard"),
    N_("Scroll Down"),
    N_("Scroll End"),
    N_("Scroll Home"),
    N_("Scroll Left"),
    N_("Scroll Right"),
    N_("Scroll Up"),
    N_("Select all"),
    N_("Select"),
    N_("Submit"),
    N_("Top"),
    N_("Up"),
)
KEY_COLUMN = 11


Key = tuple[str, Binding, bool]


def keys_of(screen: Screen[Any]) -> list[tuple[str, list[Key]]]:
    """Titles with keys, what they do and whether they may be used now: the screen's own first."""
    inherited = set(Binding.make_bindings(Screen.BINDINGS))
    own: dict[str, Key] = {}
    everywhere: dict[str, Key] = {}
    focused: dict[str, Key] = {}
    for node, binding, enabled, _tooltip in screen.active_bindings.values():
        # Selecting with shift works as in any editor and would fill half a page.
        if not binding.description or binding.system or binding.action.endswith("(True)"):
            continue
        above = node is screen.app or binding in inherited or binding.action == "app.help"
        section = everywhere if above else own if node is screen else focused
        what = binding.group.description if binding.group else binding.action
        keys = section[what][0] + " " if what in section else ""
        section[what] = (keys + shown_key(binding), binding, enabled)
    sections = ((_("Keys of this screen"), own), (_("Keys everywhere"), everywhere), (_("Keys in this field"), focused))
    return [(title, list(keys.values())) for title, keys in sections if keys]


class HelpScreen(ReadingDialog):
    """What a screen is for and which keys it knows."""

    BINDINGS: ClassVar = [*reading_keys("help", "escape,f1,q")]
    DEFAULT_CSS: ClassVar[str] = """
    HelpScreen > .dialog { height: 100%; width: 76; }
    HelpScreen Markdown { padding: 0; margin: 0; background: transparent; }
    HelpScreen MarkdownH1, HelpScreen MarkdownH2 {
        color: $primary; text-style: bold; margin: 1 0 0 0; padding: 0; border: none; background: transparent;
        content-align: left middle;
    }
    HelpScreen MarkdownParagraph { margin: 0 0 1 0; }
    HelpScreen MarkdownBulletList { margin: 1 0; }
    HelpScreen MarkdownBulletList MarkdownParagraph { margin: 0; }
    """

    def __init__(self, subject: Screen[Any]) -> None:
        super().__init__()
        self._subject = subject
        self._keys = keys_of(subject)

    def body(self) -> ComposeResult:
        with VerticalScroll(classes="dialog", can_focus=False) as dialog:
            dialog.border_title = words(_(self._subject.TITLE or "SUPRA"))
            yield Markdown(_(getattr(self._subject, "HELP", "")), open_links=False)
            yield Static(self._key_table())

    def _key_table(self) -> Content:
        rows: list[Content] = []
        for title, keys in self._keys:
            rows += [words(title, "bold $primary")]
            for written, binding, enabled in keys:
                text = _(binding.tooltip or binding.description)
                style = "" if enabled else "dim"
                rows.append(words(f"  {written:<{KEY_COLUMN}} ", "bold") + words(text, style))
            rows.append(words(""))
        return lines(rows)
