"""Reads the source: no widget is ever given a bare str, which Textual would read as markup.

What reaches a widget must be seen, in the source, to come from `screens/widgets/text.py` or from
a function of ours that says it returns a `Content` or a `Text`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import screens

ROOM = Path(screens.__file__).parent
SOURCES = sorted(ROOM.rglob("*.py"))

# Where text goes in: all positional arguments of the call, and the named ones below.
CONSTRUCTORS = {"Static", "Label", "Button", "Option", "OptionList", "Choices", "Tab", "TabPane", "Checkbox", "Digits"}
METHODS = {"add_row", "add_rows", "add_column", "add_columns", "update_cell", "update_cell_at", "add_option"}
METHODS |= {"add_options", "update", "set_options", "append"}
PROPERTIES = {"border_title", "border_subtitle", "tooltip", "label", "prompt", "content"}
HELPERS = {"stored", "cell", "words", "sentence", "assemble", "lines", "highlighted"}
CONTENT = ("Content", "Text", "Option")
NOT_TEXT = {"key", "id", "name", "classes", "width", "height", "default", "update_width", "markup", "disabled"}
NOT_TEXT |= {"layout"}
# Methods that many things have are looked at only where the receiver is a widget by its name or its making.
SHARED_METHODS = {"update", "append"}


def returns_content(tree: ast.AST) -> Iterator[str]:
    """Functions of ours that say they return content."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.returns is not None:
            declared = ast.unparse(node.returns)
            if any(kind in declared for kind in CONTENT) and "str" not in declared.replace("stre", ""):
                yield node.name


OURS = HELPERS | {name for path in SOURCES for name in returns_content(ast.parse(path.read_text("utf-8")))}


def called(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


class Reader(ast.NodeVisitor):
    """Goes through a module and notes what a widget is given without proof that it is content."""

    def __init__(self) -> None:
        self.faults: list[tuple[int, str]] = []
        self.scopes: list[dict[str, bool]] = [{}]

    # What is known of names

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        known = dict(self.scopes[-1])
        for argument in (*node.args.args, *node.args.kwonlyargs, *filter(None, [node.args.vararg])):
            declared = ast.unparse(argument.annotation) if argument.annotation else ""
            known[argument.arg] = any(kind in declared for kind in CONTENT)
        self.scopes.append(known)
        self.generic_visit(node)
        self.scopes.pop()

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_Assign(self, node: ast.Assign) -> None:
        for target in node.targets:
            if isinstance(target, ast.Name):
                self.scopes[-1][target.id] = self.proven(node.value)
            if isinstance(target, ast.Attribute) and target.attr in PROPERTIES:
                self.check(node.value, f".{target.attr} =")
        self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if isinstance(node.target, ast.Name):
            self.scopes[-1][node.target.id] = any(kind in ast.unparse(node.annotation) for kind in CONTENT)
        self.generic_visit(node)

    def visit_For(self, node: ast.For) -> None:
        if isinstance(node.target, ast.Name):
            self.scopes[-1][node.target.id] = self.proven(node.iter)
        elif isinstance(node.target, ast.Tuple):
            for one in node.target.elts:
                if isinstance(one, ast.Name):
                    self.scopes[-1][one.id] = self.proven(node.iter)
        self.generic_visit(node)

    # What is content

    def proven(self, node: ast.expr) -> bool:
        match node:
            case ast.Call():
                name = called(node)
                if name in {"Text", "Content", "Option"}:
                    return all(self.proven(one) or self.ours(one) for one in node.args[:1])
                if name in {"items", "values", "zip", "tuple", "list", "sorted", "enumerate"}:
                    inner = [node.func.value] if isinstance(node.func, ast.Attribute) else node.args
                    return any(self.proven(one) for one in inner)
                return name in OURS
            case ast.Name():
                return self.scopes[-1].get(node.id, False)
            case ast.Starred():
                return self.proven(node.value)
            case ast.GeneratorExp() | ast.ListComp():
                return self.proven(node.elt)
            case ast.DictComp():
                return self.proven(node.value)
            case ast.List() | ast.Tuple():
                return all(self.proven(one) for one in node.elts)
            case ast.BinOp():
                return self.proven(node.left) or self.proven(node.right)
            case ast.IfExp():
                return self.proven(node.body) and self.proven(node.orelse)
            case ast.Constant():
                return node.value is None
            case _:
                return False

    @staticmethod
    def ours(node: ast.expr) -> bool:
        """Our own translated words, or a text that passed the gate."""
        return isinstance(node, ast.Call) and called(node) in {"_", "ngettext", "safe"}

    def check(self, node: ast.expr, where: str) -> None:
        if not self.proven(node):
            self.faults.append((node.lineno, f"{where} {ast.unparse(node)[:80]}"))

    def visit_Call(self, node: ast.Call) -> None:
        name = called(node)
        attribute = isinstance(node.func, ast.Attribute)
        if name in CONSTRUCTORS and not attribute:
            self.given(node, name)
        elif attribute and name in METHODS and (name not in SHARED_METHODS or self.is_widget(node)):
            skipped = 2 if name in {"update_cell", "update_cell_at"} else 0
            self.given(node, f".{name}", skipped)
        self.generic_visit(node)

    def is_widget(self, node: ast.Call) -> bool:
        receiver = ast.unparse(node.func.value) if isinstance(node.func, ast.Attribute) else ""
        return "query_one" in receiver or receiver in {"notice", "line", "label", "static"}

    def given(self, node: ast.Call, where: str, skipped: int = 0) -> None:
        for argument in node.args[skipped:]:
            self.check(argument, where)
        for keyword in node.keywords:
            if keyword.arg and keyword.arg not in NOT_TEXT:
                self.check(keyword.value, f"{where} {keyword.arg}=")


def faults(source: str) -> list[str]:
    reader = Reader()
    reader.visit(ast.parse(source))
    return [f"{line}: {what}" for line, what in reader.faults]


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOM)))
def test_no_widget_is_given_a_bare_text(path: Path) -> None:
    assert faults(path.read_text("utf-8")) == []


@pytest.mark.parametrize(
    "line",
    [
        "Static(hit.holder)",
        "Static('words')",
        "Static(f'{name}')",
        "Static(safe(name))",
        "table.add_row(hit.holder, cell(hit.address))",
        "table.update_cell(key, 'holder', hit.holder)",
        "self.query_one('#notice', Static).update(error.title)",
        "box.border_title = _('Find')",
        "Option(profile.name)",
        "Text.from_markup(name)",
    ],
)
def test_a_bare_text_is_seen(line: str) -> None:
    statement = line if " = " in line else f"Static({line})"
    assert faults(f"def show(self, hit, name, error, table, box, profile, key):\n    {statement}\n")


@pytest.mark.parametrize(
    "line",
    [
        "Static(words(_('Find')))",
        "table.add_row(cell(hit.holder), key=str(key))",
        "Static(id='summary')",
        "Option(stored(name))",
    ],
)
def test_content_passes(line: str) -> None:
    assert faults(f"def show(self, hit, name, table, key):\n    {line}\n") == []
