"""The console on the terminal: one folder per screen, `app.py` opens them."""

from __future__ import annotations

import os

# Read by Textual when it is imported, so they stand before every import of it. A service counter
# works over SSH: nothing moves that nobody moved, and no frame is sent twice.
os.environ.setdefault("TEXTUAL_ANIMATIONS", "none")
os.environ.setdefault("TEXTUAL_SMOOTH_SCROLL", "0")
os.environ.setdefault("TEXTUAL_FPS", "60")
