"""What the oldest Python that we promise does differently, where no newer one would notice."""

import ast

from tests.architecture.repository import ROOT, our_sources


def raised_in_except_star(module: ast.Module) -> list[int]:
    """The lines of every `raise` inside an `except*`."""
    tries = [node for node in ast.walk(module) if isinstance(node, ast.TryStar)]
    inside = [node for found in tries for handler in found.handlers for node in ast.walk(handler)]
    return [node.lineno for node in inside if isinstance(node, ast.Raise)]


def test_nothing_is_raised_inside_except_star() -> None:
    """Before Python 3.11.4 it comes out wrapped in a group, so that nobody catches it."""
    found = {
        str(path.relative_to(ROOT)): raised_in_except_star(module) for path, module in our_sources()
    }
    assert {path: lines for path, lines in found.items() if lines} == {}
