"""What do the commands print that list and examine the servers one signs in to?"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from supra_console.cli.sessions import signed_in
from supra_console.cli.status import FINE
from supra_console.i18n import N_, _

if TYPE_CHECKING:
    from queries.doctor import Report


def doctor(options: argparse.Namespace) -> int:
    from queries import doctor
    from supra_console.errors import SupraError

    try:
        report = signed_in(options, doctor.examine)
    except SupraError as error:
        # Not to be let in is an answer too, and scripts get it in the same form.
        report = doctor.Report((doctor.could_not_run(N_("sign-in"), error),))
    if options.json:
        from supra_console.output import print_json

        print_json({"state": report.state, "checks": report.checks})
    else:
        _print_report(report)
    return int(report.state)


def _print_report(report: Report) -> None:
    from supra_console.display import safe

    marks = (_("ok"), _("FINDING"), _("FAILED"))
    width = max(len(mark) for mark in marks)
    for check in report.checks:
        print(f"{marks[check.state].ljust(width)}  {_(check.name)}: {safe(check.summary)}")
        for finding in check.findings:
            print(f"{' ' * width}    {safe(finding)}")


def profiles(options: argparse.Namespace) -> int:
    from supra_console.display import safe
    from supra_console.output import columns, print_json
    from supra_console.profiles import load_profiles

    profiles = load_profiles()
    if options.json:
        # Without the parameters: they may hold a password.
        shown = [
            {"name": p.name, "address": p.address, "user": p.user, "users": p.users, "production": p.production}
            for p in profiles
        ]
        print_json({"path": profiles.path, "default": profiles.default, "profiles": shown})
        return FINE
    rows = [(p.name, p.address, p.user, _("production") if p.production else "", p.description) for p in profiles]
    print(columns(rows) or _("No profiles in {path}").format(path=safe(profiles.path)))
    return FINE
