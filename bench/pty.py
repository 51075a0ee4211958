"""A program in a pseudo-terminal: what it paints and when, and what it costs to keep open."""

from __future__ import annotations

import fcntl
import os
import re
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

ESCAPES = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[PX^_].*?\x1b\\|[@-_])", re.DOTALL)
TICKS = os.sysconf("SC_CLK_TCK")


class NotSeen(Exception):
    """The program did not show what was waited for; carries what it did show."""


@dataclass
class Terminal:
    """One run of a program in a terminal of its own; times are seconds since its start."""

    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    columns: int = 80
    rows: int = 24

    def __enter__(self) -> Terminal:
        self._master, slave = os.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", self.rows, self.columns, 0, 0))
        environment = {**os.environ, "TERM": "xterm-256color", "LANG": "C.UTF-8", **self.environment}
        self.started = time.perf_counter()
        self.process = subprocess.Popen(
            self.command, stdin=slave, stdout=slave, stderr=slave, env=environment, start_new_session=True
        )
        os.close(slave)
        self.output = bytearray()
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()
        os.close(self._master)

    def elapsed(self) -> float:
        return time.perf_counter() - self.started

    def _read(self, seconds: float) -> bytes:
        if not select.select([self._master], [], [], max(0.0, seconds))[0]:
            return b""
        try:
            chunk = os.read(self._master, 1 << 16)
        except OSError:  # the program has gone and taken its side of the terminal along
            chunk = b""
        self.output += chunk
        return chunk

    def send(self, text: str) -> None:
        os.write(self._master, text.encode())

    def shown(self, since: int = 0) -> str:
        """The text written since a position of the output, without its escape sequences."""
        return ESCAPES.sub(b"", bytes(self.output[since:])).decode(errors="replace")

    def wait_for(self, marker: str, *, since: int = 0, seconds: float = 30) -> float:
        """When the marker had been painted; raises NotSeen."""
        deadline = time.perf_counter() + seconds
        while True:
            chunk = self._read(deadline - time.perf_counter())
            now = self.elapsed()
            if chunk and marker in self.shown(since):
                return now
            if not chunk and (time.perf_counter() >= deadline or self.process.poll() is not None):
                raise NotSeen(f"{self.command[0]} never showed {marker!r}; last: {self.shown(since)[-400:]!r}")

    def wait_for_output(self, seconds: float = 5) -> float:
        """When the next bytes came; raises NotSeen."""
        if not self._read(seconds):
            raise NotSeen(f"{self.command[0]} wrote nothing")
        return self.elapsed()

    def settle(self, quiet: float = 0.4, limit: float = 15) -> None:
        """Read until nothing has come for so many seconds."""
        deadline = time.perf_counter() + limit
        while self._read(quiet) and time.perf_counter() < deadline:
            pass

    def cpu_seconds(self) -> float:
        """Processor time of the program and its threads so far."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def memory(self) -> int:
        """Proportional set size of the program, in bytes."""
        for line in Path(f"/proc/{self.process.pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
        return 0
