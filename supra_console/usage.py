"""In which language does argparse write its own words: usage, options, what is wrong with an argument?

argparse asks for a catalogue of the environment's language under another name. Here it is given ours, which
follows `--lang` as everything else does.
"""

from __future__ import annotations

import argparse

from supra_console.i18n import N_, _, ngettext

WORDS = (
    N_("usage: "),
    N_("positional arguments"),
    N_("options"),
    N_("show this help message and exit"),
    N_("%(prog)s: error: %(message)s\n"),
    N_("argument %(argument_name)s: %(message)s"),
    N_("ambiguous option: %(option)s could match %(matches)s"),
    N_("expected at least one argument"),
    N_("expected one argument"),
    N_("ignored explicit argument %r"),
    N_("invalid %(type)s value: %(value)r"),
    N_("invalid choice: %(value)r (choose from %(choices)s)"),
    N_("the following arguments are required: %s"),
    N_("unrecognized arguments: %s"),
)
"""What argparse may say to a user of ours; the rest it says to programmers."""


def translate() -> None:
    """From here on argparse speaks the reader's language."""
    vars(argparse).update(_=_, ngettext=ngettext)
