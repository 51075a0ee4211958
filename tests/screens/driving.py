"""How does a test press keys, and see what stands on the terminal?"""

from __future__ import annotations

from typing import Any

from textual.pilot import Pilot


def text_of(pilot: Pilot[Any]) -> str:
    """What stands on the terminal, line by line."""
    strips = pilot.app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in strip) for strip in strips)


async def pressed(pilot: Pilot[Any], *keys: str) -> str:
    """Press keys one by one; what stands on the terminal then."""
    for key in keys:
        await pilot.press(key)
        await pilot.pause()
    return text_of(pilot)
