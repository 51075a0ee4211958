"""Arithmetic as written on paper, reckoned once more.

Lines part with `;`. `=` is exact; what follows `~` is rounded half up to as many decimals as it has.
"""

from __future__ import annotations

import ast
import operator
from decimal import ROUND_HALF_UP, Decimal

_OPERATORS = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul}


def check(arithmetic: str) -> list[Decimal]:
    """The result of each line, once it is found right."""
    results = []
    for line in arithmetic.split(";"):
        expression, _, answer = line.strip().partition(" = ")
        exact, _, rounded = answer.partition(" ~ ")
        assert _reckon(expression) == Decimal(exact), line
        if rounded:
            assert Decimal(exact).quantize(Decimal(rounded), ROUND_HALF_UP) == Decimal(rounded), line
        results.append(Decimal(rounded or exact))
    return results


def _reckon(expression: str) -> Decimal:
    """Sums and products."""

    def value(node: ast.expr) -> Decimal:
        if isinstance(node, ast.BinOp):
            result = _OPERATORS[type(node.op)](value(node.left), value(node.right))
            assert isinstance(result, Decimal)
            return result
        return Decimal(ast.get_source_segment(expression, node) or "")

    return value(ast.parse(expression, mode="eval").body)
