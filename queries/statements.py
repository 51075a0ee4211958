"""What is the text of a hand-tuned statement?

The statements live in `sql/queries`, one file each, where a DBA can read, explain and tune
them; here they are found by name.
"""

from __future__ import annotations

from supra_console.statements import load

__all__ = ["load"]
