"""The package's layers: every import, lazy and typing ones too, leads to the same directory or to a lower layer."""

from __future__ import annotations

import ast
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING

import pytest

from ci.generate.architecture_page import STAGES
from tests.support.paths import ROOT

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.pure

PACKAGE = ROOT / "post_renderer"
NAME = PACKAGE.name
# From the top down. Members of one layer do not import each other. `__init__` holds the version alone.
LAYERS = (
    {"__main__"},
    {"cli"},
    {"dispatch"},
    {"commands", "integrations"},
    {"render", "migrate", "survey", "inventory", "pages"},
    {"runs"},
    {"inject"},
    {"resolve"},
    {"catalog"},
    {"request", "workloads", "yamledit", "console"},
    {"stream", "yamltree"},
    {"problems", "k8s", "sha256"},
)
LAYER = {name: number for number, names in enumerate(LAYERS) for name in names}
DYNAMIC = {"import_module", "__import__", "importlib", "pkgutil", "resolve_name", "runpy", "exec", "eval", "modules"}


class Module:
    """One file: ``name`` is dotted; ``stage`` is its directory, or itself directly below the package."""

    def __init__(self, root: Path, path: Path) -> None:
        self.path = path
        parts = path.relative_to(root.parent).with_suffix("").parts
        self.name = ".".join(parts).removesuffix(".__init__")
        self.stage = self.name.split(".")[1] if "." in self.name else "__init__"
        self.tree = ast.parse(path.read_text(encoding="utf-8"))


def read_modules(root: Path) -> dict[str, Module]:
    return {module.name: module for module in (Module(root, path) for path in sorted(root.rglob("*.py")))}


def find_imports(module: Module, modules: dict[str, Module]) -> set[str]:
    """The package's modules that a module names in any import: at its head, in a function or for types."""
    found: set[str] = set()
    for node in ast.walk(module.tree):
        words: set[str] = set()
        if isinstance(node, ast.ImportFrom):
            assert not node.level, f"{module.name}: a relative import; write its full name"
            assert node.module is not None
            inner = [f"{node.module}.{name.name}" for name in node.names]
            found |= {name if name in modules else node.module for name in inner if name != f"{NAME}.__version__"}
            words = {*node.module.split("."), *(name.name for name in node.names)}
        elif isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
            words = {word for name in node.names for word in name.name.split(".")}
        elif isinstance(node, ast.Name):
            words = {node.id}
        elif isinstance(node, ast.Attribute):
            words = {node.attr}
        hidden = words & DYNAMIC
        assert not hidden, f"{module.name}: {hidden} hides an import from this test"
    assert NAME not in found, f"{module.name}: `import {NAME}` hides an import from this test; name the module"
    if module.name == NAME:
        assert not found & modules.keys(), f"{NAME}/__init__.py: an import here hides others from this test"
    return (found & modules.keys()) - {module.name}


def check_circles(modules: dict[str, Module]) -> None:
    """Raises CycleError, which names the circle."""
    TopologicalSorter({name: find_imports(module, modules) for name, module in modules.items()}).prepare()


def find_upward_imports(modules: dict[str, Module]) -> list[str]:
    return [
        f"{name} -> {target}"
        for name, module in modules.items()
        if module.stage != "__init__"
        for target in sorted(find_imports(module, modules))
        if modules[target].stage != module.stage and LAYER[modules[target].stage] <= LAYER[module.stage]
    ]


def find_stages(root: Path) -> set[str]:
    """Everything directly below the package that holds Python code."""
    files = {path.stem for path in root.glob("*.py")} - {"__init__"}
    return files | {path.relative_to(root).parts[0] for path in root.rglob("*.py") if path.parent != root}


MODULES = read_modules(PACKAGE)


def test_the_table_has_each_stage_once() -> None:
    assert find_stages(PACKAGE) == set(LAYER)
    assert sum(map(len, LAYERS)) == len(LAYER)


def test_the_page_shows_the_stages_in_this_order() -> None:
    assert set(STAGES) | {"__main__"} == set(LAYER)
    assert sorted(STAGES, key=LAYER.__getitem__) == list(STAGES)


def test_no_module_imports_itself_by_a_detour() -> None:
    check_circles(MODULES)


def test_imports_lead_down() -> None:
    assert find_upward_imports(MODULES) == []


def test_a_helper_of_a_stage_with_one_main_function_does_not_import_its_door() -> None:
    """`from post_renderer.resolve import …` in `resolve/identity.py` would be a circle sooner or later."""
    doors = {"inject", "request", "resolve", "workloads", "yamledit", "yamltree"}
    wrong = [
        name
        for name, module in MODULES.items()
        if module.stage in doors and name != f"{NAME}.{module.stage}"
        if f"{NAME}.{module.stage}" in find_imports(module, MODULES)
    ]
    # The reader is chosen behind the door; it reads values by the nodes beside it.
    assert wrong == []


# The rule itself, on small packages that break it


def make_package(root: Path, files: dict[str, str]) -> dict[str, Module]:
    package = root / NAME
    for name, text in {"__init__": "", **files}.items():
        path = package / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        if path.parent != package and not (path.parent / "__init__.py").exists():
            (path.parent / "__init__.py").write_text("")
    return read_modules(package)


LAZY = "def f():\n    from {} import x\n"
TYPING = "TYPE_CHECKING = False\nif TYPE_CHECKING:\n    from {} import x\n"
HEAD = "from {} import x\n"


@pytest.mark.parametrize("form", [HEAD, LAZY, TYPING, "import {}\n"], ids=["head", "lazy", "typing", "import"])
def test_a_circle_is_found_in_every_form_of_import(tmp_path: Path, form: str) -> None:
    modules = make_package(
        tmp_path,
        {"runs/a": HEAD.format("post_renderer.runs.b"), "runs/b": form.format("post_renderer.runs.a"), "runs/c": ""},
    )
    with pytest.raises(CycleError) as error:
        check_circles(modules)
    assert {"post_renderer.runs.a", "post_renderer.runs.b"} == set(error.value.args[1])


@pytest.mark.parametrize("form", [HEAD, LAZY, TYPING], ids=["head", "lazy", "typing"])
def test_a_reversed_import_is_found(tmp_path: Path, form: str) -> None:
    modules = make_package(tmp_path, {"resolve/a": form.format("post_renderer.runs.b"), "runs/b": ""})
    assert find_upward_imports(modules) == ["post_renderer.resolve.a -> post_renderer.runs.b"]


def test_members_of_one_layer_do_not_import_each_other(tmp_path: Path) -> None:
    modules = make_package(tmp_path, {"request/a": "from post_renderer.workloads import b\n", "workloads/b": ""})
    assert find_upward_imports(modules) == ["post_renderer.request.a -> post_renderer.workloads.b"]


@pytest.mark.parametrize(
    "text",
    ["from .b import x\n", "from . import b\n", "from ..runs import b\n", "from importlib import import_module\nimport_module('x')\n",
     "import importlib\nimportlib.import_module('x')\n", "__import__('post_renderer.runs.b')\n", "def f():\n    exec('import x')\n",
     "from importlib import import_module as load\nload('x')\n", "import importlib as i\n", "import importlib.util as i\n",
     "import pkgutil as p\np.resolve_name('x')\n", "from runpy import run_module as r\n", "import sys\nsys.modules['x']\n",
     "from sys import modules as m\n", "import post_renderer\npost_renderer.runs.b\n", "import post_renderer as p\n",
     "from post_renderer import R\n"],
)  # fmt: skip
def test_an_import_that_hides_is_refused(tmp_path: Path, text: str) -> None:
    modules = make_package(tmp_path, {"runs/a": text, "runs/b": ""})
    with pytest.raises(AssertionError, match=r"relative import|hides an import"):
        check_circles(modules)


def test_the_package_itself_imports_nothing(tmp_path: Path) -> None:
    modules = make_package(tmp_path, {"__init__": HEAD.format("post_renderer.runs.b"), "runs/b": ""})
    with pytest.raises(AssertionError, match="hides others"):
        check_circles(modules)


def test_a_new_directory_is_missing_in_the_table(tmp_path: Path) -> None:
    make_package(tmp_path, {"runs/a": "", "plugins/deep/a": ""})
    assert find_stages(tmp_path / NAME) - set(LAYER) == {"plugins"}
