"""Starting is most of a small render's time, so a render imports nothing that its stream does not need."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.cli import make_catalog, make_job
from tests.support.compiled import COMPILED, IS_COMPILED
from tests.support.imports import DEAR, RENDER, loaded
from tests.support.paths import ROOT

if TYPE_CHECKING:
    from pathlib import Path


def test_a_stream_without_our_domain_loads_no_parser() -> None:
    modules = loaded(RENDER, "kind: Service\n")
    assert "post_renderer.stream" in modules
    assert modules & {"yaml", "post_renderer.render"} == set()
    assert modules & DEAR == set()


def test_an_unused_catalog_file_loads_no_catalog(tmp_path: Path) -> None:
    site = tmp_path / "site.yaml"
    site.write_text("data: {}\n")
    plain = loaded(RENDER, "kind: Service\n")
    code = f"import sys; sys.argv[1:] = ['--persistence', {str(site)!r}]; {RENDER}"
    arguments = {"post_renderer.console.options", "post_renderer.console.files", "post_renderer.dispatch"}
    assert loaded(code, "kind: Service\n") - plain == arguments


OWN = {
    "__future__",
    "stat",
    "errno",
    "posixpath",
    "genericpath",
    "os",
    "os.path",
    "_stat",
    "_sha2",
    "_sha256",
    "atexit",
    "gc",
    "itertools",
}


# What mypyc imports in each process, and the file with the machine code of all modules.
OF_MYPYC = {"importlib", "importlib._bootstrap", "importlib._bootstrap_external", "importlib.machinery", "warnings"}


def find_foreign(modules: set[str]) -> set[str]:
    """The modules of others that are not in OWN."""
    foreign = {name for name in modules if not name.startswith("post_renderer")} - OWN
    return {name for name in foreign - OF_MYPYC if "__mypyc" not in name} if IS_COMPILED else foreign


def test_a_plain_render_loads_nothing_dear() -> None:
    start = loaded("import sys, os; sys.stderr.write(' '.join(sys.modules))")
    modules = loaded(RENDER, make_catalog() + make_job(annotations="polyaxon.com/run-policy: keep\n"))
    assert modules & (DEAR | {"yaml"}) == set()
    assert find_foreign(modules - start) == set()


def test_only_the_annotations_that_replace_a_polyaxonfile_load_their_reader() -> None:
    """With the chart's label of the same name as one of them."""
    labelled = make_job().replace("  annotations:", "  labels: {polyaxon.com/kind: job}\n  annotations:")
    assert "post_renderer.request.fields" not in loaded(RENDER, make_catalog() + labelled)
    asking = make_job().replace("polyaxonfile: |\n      {}\n", "data: data1\n")
    modules = loaded(RENDER, make_catalog() + asking)
    assert "post_renderer.request.fields" in modules
    assert modules & (DEAR | {"yaml"}) == set()


def test_what_only_the_full_reader_reads_loads_the_parser_and_nothing_else() -> None:
    # What the parser itself brings does not count.
    parser = loaded("import sys, yaml.cyaml; sys.stderr.write(' '.join(sys.modules))")
    modules = loaded(RENDER, make_catalog() + make_job() + "x: &a b\n")
    assert "yaml" in modules
    assert (modules - parser) & DEAR == set()
    assert find_foreign(modules - parser) == set()


POLICY = "polyaxon.com/run-policy: keep\n"
GATE = "schedulingGates:\n- name: polyaxon.com/needs-post-renderer\n"


@pytest.mark.parametrize(
    ("job", "limit"),
    [(make_job(), 31), (make_job(annotations=POLICY), 33), (make_job(annotations=POLICY, pod=GATE), 33)],
    ids=["plain", "policy", "policy and gate"],
)
def test_a_render_loads_few_modules_of_the_package(job: str, limit: int) -> None:
    """Each costs a start 0.15 ms. What only some streams need is imported where it is used."""
    modules = {name for name in loaded(RENDER, make_catalog() + job) if name.startswith("post_renderer")}
    assert "post_renderer.inject" in modules
    assert "post_renderer.console.last_report" not in modules  # it reads the clock and the directory
    assert len(modules) <= limit, sorted(modules)


def test_what_a_render_loads_is_compiled() -> None:
    """`__init__` has the version alone, and mypyc can't compile `plain_scalar`."""
    jobs = [make_job(annotations=POLICY, pod=GATE), make_job() + "x: &a b\n"]
    modules = set().union(*(loaded(RENDER, make_catalog() + job) for job in jobs))
    own = {name for name in modules if name.startswith("post_renderer")}
    assert sorted(own - {"post_renderer", "post_renderer.yamltree.plain_scalar"}) == sorted(COMPILED)


# Commands and integrations load what they like: a usual render does not import them.
OFF_THE_RENDER_PATH = {
    "commands",
    "integrations",
    "inventory",
    "migrate",
    "pages",
    "survey",
    "__main__",
    "console.parser",
}


@pytest.mark.pure
def test_no_file_on_the_render_path_imports_anything_dear_at_its_head() -> None:
    files = [path.relative_to(ROOT).with_suffix("") for path in (ROOT / "post_renderer").rglob("*.py")]
    names = sorted(
        ".".join(file.parts).removesuffix(".__init__")
        for file in files
        if not OFF_THE_RENDER_PATH & {file.parts[1], ".".join(file.parts[1:])}
    )
    assert len(names) > 40
    imports = " ".join(f"import {name};" for name in names)
    assert loaded(f"{imports} import sys; sys.stderr.write(' '.join(sys.modules))") & (DEAR | {"yaml"}) == set()
