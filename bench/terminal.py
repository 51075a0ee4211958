"""Does the console feel like a bare Textual application, and what do its neighbours cost?"""

from __future__ import annotations

import statistics
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from bench.pty import Terminal

ROUNDS = 7
KEYS = "lopez garcia universidad 120 "
IDLE_SECONDS = 10.0
IDLE_ROUNDS = 2
TYPED = (
    "garcia lopez", "hernandez maria", "juan martinez", "rodriguez ana", "perez luis", "gonzalez jose", "sanchez rosa",
    "ramirez carlos", "flores elena", "torres miguel", "rivera laura", "gomez pedro", "diaz carmen", "cruz antonio",
    "morales patricia", "reyes francisco", "gutierrez sofia", "ortiz manuel", "mendoza alejandra", "castillo jorge",
)  # fmt: skip


@dataclass(frozen=True)
class Program:
    """How to run a program and how to see that it has painted, and that it can be worked with."""

    name: str
    command: Sequence[str]
    painted: str
    usable: str
    environment: Mapping[str, str] = field(default_factory=dict)
    ours: bool = True
    """Whether keys are typed into it, in every round; a neighbour is only started and left alone."""


@dataclass
class Figures:
    """What the rounds of one program measured, in seconds and bytes."""

    first_paint: list[float] = field(default_factory=list)
    usable: list[float] = field(default_factory=list)
    start_bytes: list[float] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)
    key_to_repaint: list[float] = field(default_factory=list)
    idle_bytes: list[float] = field(default_factory=list)
    idle_cpu: list[float] = field(default_factory=list)

    def median(self, name: str) -> float:
        return float(statistics.median(getattr(self, name)))

    def percentile(self, name: str, percent: int) -> float:
        return float(statistics.quantiles(getattr(self, name), n=100)[percent - 1])


def bare() -> Program:
    marker = "Search for an account"
    return Program("bare", [sys.executable, "-m", "bench.bare"], marker, marker)


def console(profile: str, environment: Mapping[str, str]) -> Program:
    """The console, signing in by itself; only the server knows the utility's name that it then shows."""
    command = [sys.executable, "-m", "supra_console", "--profile", profile]
    return Program("console", command, "SUPRA", "Comisión", environment)


def p95(values: Sequence[float]) -> float:
    return float(statistics.quantiles(values, n=100)[94])


def round_of(program: Program, figures: Figures, *, idle: float = 0.0) -> None:
    """One run: start, paint, become usable, take keys, rest."""
    with Terminal(program.command, program.environment) as terminal:
        figures.first_paint.append(terminal.wait_for(program.painted))
        usable = figures.first_paint[-1]
        if program.usable != program.painted and program.usable not in terminal.shown():
            usable = terminal.wait_for(program.usable)
        figures.usable.append(usable)
        terminal.settle()
        figures.start_bytes.append(len(terminal.output))
        for key in KEYS if program.ours else "":
            sent = terminal.elapsed()
            terminal.send(key)
            figures.key_to_repaint.append(terminal.wait_for_output() - sent)
            terminal.settle()
        if idle:
            terminal.settle(quiet=1.0)
            figures.memory.append(terminal.memory())
            before, began, cpu = len(terminal.output), terminal.elapsed(), terminal.cpu_seconds()
            while terminal.elapsed() - began < idle:
                terminal.settle(quiet=idle - (terminal.elapsed() - began), limit=idle)
            seconds = terminal.elapsed() - began
            figures.idle_bytes.append((len(terminal.output) - before) / seconds)
            figures.idle_cpu.append((terminal.cpu_seconds() - cpu) / seconds)


def compare(programs: Sequence[Program], report: Callable[[str], None]) -> dict[str, Figures]:
    """All programs in turn, round by round, so that a machine that slows down slows them all."""
    figures = {program.name: Figures() for program in programs}
    for number in range(ROUNDS):
        for program in programs:
            if number >= IDLE_ROUNDS and not program.ours:
                continue
            report(f"terminal: round {number + 1} of {ROUNDS}, {program.name}")
            round_of(program, figures[program.name], idle=IDLE_SECONDS if number < IDLE_ROUNDS else 0.0)
    return figures


def enter_to_hits(program: Program, examples: Sequence[tuple[str, str]]) -> list[float]:
    """Seconds from Enter to the first hit on the screen, for each (text, contract).

    Enter follows the last letter's repaint at once, before a pause in the typing would have asked by itself. The
    first search of the connection, which plans its statements, is not counted.
    """
    times = []
    with Terminal(program.command, program.environment) as terminal:
        terminal.wait_for(program.usable)
        terminal.settle()
        for text, contract in [examples[-1], *examples]:
            terminal.send("\x1b")
            terminal.settle()
            since = len(terminal.output)
            terminal.send(text)
            terminal.settle(quiet=0.02)
            sent = terminal.elapsed()
            terminal.send("\r")
            times.append(terminal.wait_for(contract, since=since) - sent)
            terminal.settle()
    return times[1:]
