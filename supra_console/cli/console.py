"""How does the console open on this terminal?"""

from __future__ import annotations

import argparse
import os


def open_console(options: argparse.Namespace) -> int:
    from supra_console.profiles import load_profiles

    if os.environ.get("SSH_CONNECTION"):
        # Read by Textual when it is imported: what moves by itself is slow over a line.
        for name, value in (("FPS", "30"), ("ANIMATIONS", "none"), ("SMOOTH_SCROLL", "0")):
            os.environ.setdefault(f"TEXTUAL_{name}", value)
    profiles = load_profiles()
    decided = options.profile or os.environ.get("SUPRA_PROFILE") or profiles.default or len(profiles) == 1
    from screens.console import run

    return run(profiles, profiles.get(options.profile) if decided else None, options.user)
