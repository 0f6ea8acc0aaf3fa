"""mypyc compiles two kinds of correct code wrongly, without an error. The modules that it compiles do not contain them.

`tests/compiled` shows that the compiled program does right what such code would do. A third kind ends mypyc itself.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

import pytest

from hatch_build import find_source
from tests.support.compiled import COMPILED
from tests.support.paths import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.pure

# A second call of these changes nothing.
REPEATABLE = {"len", "line_start", "line_end", "startswith", "lstrip"}
Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


def find_calls_in_slices(tree: ast.AST) -> list[str]:
    """`view[f() :]` calls ``f`` twice, unless mypyc knows that ``view`` is a str, bytes, a list or a tuple."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Slice):
            parts = [part for bound in (node.lower, node.upper) if bound for part in ast.walk(bound)]
            calls = [part for part in parts if isinstance(part, ast.Call)]
            found += [ast.unparse(call) for call in calls if name_of(call) not in REPEATABLE]
            found += [ast.unparse(part) for part in parts if isinstance(part, ast.NamedExpr)]
    return found


def name_of(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else ast.unparse(call.func)


def find_clauses(node: ast.AST) -> Iterator[ast.ExceptHandler]:
    """The except clauses of a function or of a module, without those of functions in it."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.ExceptHandler):
            yield child
        if not isinstance(child, Function):
            yield from find_clauses(child)


def find_shared_names(tree: ast.AST) -> list[str]:
    """In a function with `except A as error` and later `except B as error`, the second clause raises a TypeError."""
    found = []
    for scope in (tree, *(node for node in ast.walk(tree) if isinstance(node, Function))):
        types: dict[str, set[str]] = {}
        for clause in find_clauses(scope):
            if clause.name and clause.type:
                types.setdefault(clause.name, set()).add(ast.unparse(clause.type))
        found += [name for name, kinds in types.items() if len(kinds) > 1]
    return found


def find_stars_after_in(tree: ast.AST) -> list[str]:
    """mypyc ends with an error of its own at `x in (a, *b)`."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare):
            lists = [part for part in node.comparators if isinstance(part, ast.Tuple | ast.List | ast.Set)]
            found += [ast.unparse(part) for part in lists if any(isinstance(item, ast.Starred) for item in part.elts)]
    return found


@pytest.mark.parametrize("module", COMPILED)
def test_a_compiled_module_has_no_code_that_mypyc_compiles_wrongly(module: str) -> None:
    tree = ast.parse((ROOT / find_source(ROOT, module)).read_text(encoding="utf-8"))
    assert find_calls_in_slices(tree) == []
    assert find_shared_names(tree) == []
    assert find_stars_after_in(tree) == []


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("x in (a, *b)", ["(a, *b)"]),
        ("x not in [*a]", ["[*a]"]),
        ("x in {*a, b}", ["{*a, b}"]),
        ("x in (a, b)", []),
        ("for x in (a, *b): f(*x)", []),
        ("x == a or x in b", []),
    ],
)
def test_a_star_after_in_is_found(code: str, found: list[str]) -> None:
    assert find_stars_after_in(ast.parse(code)) == found


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("view = view[os.write(1, view) :]", ["os.write(1, view)"]),
        ("view[: f()]", ["f()"]),
        ("view[g.f(1) + 2 :]", ["g.f(1)"]),
        ("view[(x := 1) :]", ["(x := 1)"]),
        ("view[f()]", []),
        ("word[len(margin) :]", []),
        ("word[: len(word) - len(word.lstrip())]", []),
        ("written = os.write(1, view)\nview = view[written:]", []),
    ],
)
def test_a_call_in_a_slice_is_found(code: str, found: list[str]) -> None:
    assert [text.strip("()") for text in find_calls_in_slices(ast.parse(code))] == [text.strip("()") for text in found]


TRY = "    try:\n        g()\n"


@pytest.mark.parametrize(
    ("code", "found"),
    [
        (f"def f():\n{TRY}    except A as e:\n        pass\n    except B as e:\n        pass\n", ["e"]),
        (f"def f():\n{TRY}    except A as e:\n        pass\n{TRY}    except B as e:\n        pass\n", ["e"]),
        (f"def f():\n{TRY}    except A as e:\n        pass\n{TRY}    except A as e:\n        pass\n", []),
        (f"def f():\n{TRY}    except A as e:\n        pass\n    except B as x:\n        pass\n", []),
        (f"def f():\n{TRY}    except A:\n        pass\n    except B as e:\n        pass\n", []),
        ("try:\n    g()\nexcept A as e:\n    pass\nexcept (A, B) as e:\n    pass\n", ["e"]),
        (f"def f():\n{TRY}    except A as e:\n        pass\ndef h():\n{TRY}    except B as e:\n        pass\n", []),
    ],
    ids=["one try", "two tries", "one type", "two names", "no name", "module", "two functions"],
)
def test_one_name_for_errors_of_two_types_is_found(code: str, found: list[str]) -> None:
    assert find_shared_names(ast.parse(code)) == found
