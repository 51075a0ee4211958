"""Which colours does the console wear?

Three themes: dark, light, and one that leaves the terminal its own 16 colours. Screens name
roles (`$primary`, `$error`), never colours; a colour that carries a meaning always stands beside
a word or a sign that says the same, for terminals and eyes that see none.
"""

from __future__ import annotations

from collections.abc import Mapping

from textual.theme import Theme

from supra_console.i18n import N_

DARK = Theme(
    name="supra-dark",
    dark=True,
    primary="#5fb3d4",
    secondary="#8fa3b5",
    accent="#7fd1c2",
    warning="#e5b35a",
    error="#e5675f",
    success="#7cc08a",
    foreground="#d8dee5",
    background="#11161b",
    surface="#192027",
    panel="#242d36",
    variables={
        "border": "#5fb3d4",
        "border-blurred": "#3a4652",
        "block-cursor-background": "#2c5a70",
        "block-cursor-foreground": "#ffffff",
        "block-cursor-text-style": "none",
        "block-cursor-blurred-background": "#2c5a70",
        "block-cursor-blurred-foreground": "#ffffff",
        "input-cursor-background": "#d8dee5",
        "input-cursor-foreground": "#11161b",
        "input-selection-background": "#2c5a70",
        "scrollbar": "#33404c",
        "scrollbar-hover": "#4a5a69",
        "scrollbar-active": "#4a5a69",
        "scrollbar-background": "#11161b",
        "scrollbar-background-hover": "#11161b",
        "scrollbar-background-active": "#11161b",
        "quiet": "#8a97a4",
        "production": "#b3261e",
        "on-production": "#ffffff",
    },
)

LIGHT = Theme(
    name="supra-light",
    dark=False,
    primary="#075f80",
    secondary="#4c5c6a",
    accent="#0b6b5d",
    warning="#7d4e00",
    error="#b3261e",
    success="#1d6b34",
    foreground="#1a2026",
    background="#fbfcfd",
    surface="#eff2f5",
    panel="#dfe5ea",
    variables={
        "border": "#075f80",
        "border-blurred": "#aab6c0",
        "block-cursor-background": "#bfe0ee",
        "block-cursor-foreground": "#0d1418",
        "block-cursor-text-style": "none",
        "block-cursor-blurred-background": "#bfe0ee",
        "block-cursor-blurred-foreground": "#0d1418",
        "input-cursor-background": "#1a2026",
        "input-cursor-foreground": "#fbfcfd",
        "input-selection-background": "#bfe0ee",
        "scrollbar": "#b9c4cd",
        "scrollbar-hover": "#93a1ad",
        "scrollbar-active": "#93a1ad",
        "scrollbar-background": "#fbfcfd",
        "scrollbar-background-hover": "#fbfcfd",
        "scrollbar-background-active": "#fbfcfd",
        "quiet": "#5a6772",
        "production": "#b3261e",
        "on-production": "#ffffff",
    },
)

SIXTEEN = Theme(
    name="supra-16",
    dark=True,
    ansi=True,
    primary="ansi_cyan",
    secondary="ansi_white",
    accent="ansi_cyan",
    warning="ansi_yellow",
    error="ansi_red",
    success="ansi_green",
    foreground="ansi_default",
    background="ansi_default",
    surface="ansi_default",
    panel="ansi_default",
    boost="ansi_default",
    variables={
        "ansi-background": "ansi_black",
        "ansi-foreground": "ansi_white",
        "border": "ansi_cyan",
        "border-blurred": "ansi_white",
        "block-cursor-background": "ansi_cyan",
        "block-cursor-foreground": "ansi_black",
        "block-cursor-text-style": "none",
        "block-cursor-blurred-background": "ansi_cyan",
        "block-cursor-blurred-foreground": "ansi_black",
        "input-cursor-background": "ansi_white",
        "input-cursor-foreground": "ansi_black",
        "input-cursor-text-style": "none",
        "input-selection-background": "ansi_blue",
        "input-selection-foreground": "ansi_bright_white",
        "screen-selection-background": "ansi_blue",
        "screen-selection-foreground": "ansi_bright_white",
        "quiet": "ansi_white",
        "production": "ansi_red",
        "on-production": "ansi_bright_white",
    },
)

THEMES: Mapping[str, Theme] = {theme.name: theme for theme in (DARK, LIGHT, SIXTEEN)}
TITLES: Mapping[str, str] = {
    "supra-dark": N_("Theme: dark"),
    "supra-light": N_("Theme: light"),
    "supra-16": N_("Theme: the terminal's own 16 colours"),
}


def first_theme(environment: Mapping[str, str]) -> str:
    """The theme to begin with: `SUPRA_THEME` (dark, light, 16), or what the terminal can show."""
    wanted = f"supra-{environment.get('SUPRA_THEME', '')}"
    if wanted in THEMES:
        return wanted
    rich_colours = environment.get("COLORTERM", "").lower() in {"truecolor", "24bit"} or "256" in environment.get(
        "TERM", ""
    )
    return DARK.name if rich_colours and "NO_COLOR" not in environment else SIXTEEN.name
