"""The schemas in the editor: yaml-language-server completes names, explains keys and underlines mistakes."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest

from tests.support.cli import run
from tests.support.language_server import CURSOR, SERVER, LanguageServer, start_language_server
from tests.support.paths import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SITE = """\
persistence:
  data:
    images: {mountPath: /data/images, existingClaim: a, readOnly: true, description: Photos with labels}
    labels: {mountPath: /data/labels, existingClaim: b}
  outputs:
    results: {mountPath: /results, existingClaim: c, description: Kept for a year}
    old: {mountPath: /old, existingClaim: d, readOnly: true}
"""
RUN = "runs:\n  train:\n    polyaxonfile:\n      environment:\n        persistence:\n"
DOCUMENTED = {
    "images": "Photos with labels (/data/images, read-only)",
    "labels": "/data/labels",
    "results": "Kept for a year (/results)",
}


class Editor:
    """An editor in a directory with the four schemas of a site. Each file is new."""

    def __init__(self, server: LanguageServer, folder: Path) -> None:
        self.server = server
        self.folder = folder
        self.number = 0

    def file(self, schema: str) -> tuple[Path, str]:
        self.number += 1
        return self.folder / f"{self.number}.yaml", f"# yaml-language-server: $schema={schema}.schema.json\n"

    def underlined(self, schema: str, text: str) -> list[str]:
        path, head = self.file(schema)
        return self.server.open(path, head + text)

    def complete(self, schema: str, text: str) -> dict[str, str]:
        path, head = self.file(schema)
        return self.server.complete(path, head + text)

    def hover(self, schema: str, text: str) -> str:
        path, head = self.file(schema)
        return self.server.hover(path, head + text)


@pytest.fixture(scope="module")
def editor(tools: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Editor]:
    assert tools.is_dir()
    if not os.path.exists(SERVER):
        pytest.fail("no yaml-language-server in .tools/language-server: run `make tools`")
    folder = tmp_path_factory.mktemp("editor")
    (folder / "site.yaml").write_text(SITE)
    for name in ("values", "catalog", "polyaxonfile", "annotations"):
        printed = run("schema", name, "--persistence", str(folder / "site.yaml"))
        (folder / f"{name}.schema.json").write_bytes(printed.output)
    with start_language_server(folder) as server:
        yield Editor(server, folder)


def test_the_names_of_data_volumes_are_completed_with_their_descriptions(editor: Editor) -> None:
    names = {name: DOCUMENTED[name] for name in ("images", "labels")}
    assert editor.complete("values", f"{RUN}          data: [▮]\n") == names
    assert editor.complete("values", f"{RUN}          data:\n          - ▮\n") == names
    assert editor.complete("polyaxonfile", "environment:\n  data_refs:\n  - ▮\n") == names
    assert editor.complete("catalog", "defaultData:\n- ▮\n") == names


def test_the_outputs_that_a_run_can_write_to_are_completed(editor: Editor) -> None:
    names = {"results": DOCUMENTED["results"]}
    assert editor.complete("values", f"{RUN}          outputs: ▮\n") == {**names, "null": "the default"}
    assert editor.complete("annotations", "polyaxon.com/outputs: ▮\n") == names


def test_keys_are_completed_with_the_comments_of_the_values(editor: Editor) -> None:
    keys = editor.complete("values", "runs:\n  train:\n    ▮\n")
    assert keys["backoffLimit"].startswith("The number of times that a failed pod is started again.")
    assert "build" not in keys
    keys = editor.complete("values", f"{RUN}          ▮\n")
    assert set(keys) == {"data", "outputs"}
    assert keys["outputs"] == "The outputs volume. Default: see `persistence.defaultOutputs`."
    keys = editor.complete("values", "runs:\n  train:\n    polyaxonfile:\n      ▮\n")
    assert {"kind", "environment", "build", "run", "hptuning"} <= set(keys)
    assert not {"image", "settings"} & set(keys)  # which are not supported
    assert {"mountPath", "existingClaim", "store"} <= set(editor.complete("catalog", "data:\n  images:\n    ▮\n"))
    assert "polyaxon.com/data" in editor.complete("annotations", "poly▮\n")


def test_a_key_and_a_name_are_explained(editor: Editor) -> None:
    text = editor.hover("values", f"{RUN}          da▮ta: [images]\n")
    assert "The data volumes, in the order of their mounts." in text
    text = editor.hover("values", f"{RUN}          data: [ima▮ges]\n")
    assert f"`images`: {DOCUMENTED['images']}" in text
    assert "Allowed Values" in text
    assert "A text for the people who choose" in editor.hover("catalog", "data:\n  a: {descr▮iption: b}\n")


def test_the_charts_own_schema_explains_keys_also_of_a_polyaxonfile(editor: Editor) -> None:
    schema = os.path.relpath(ROOT / "chart" / "values.schema.json", editor.folder).removesuffix(".schema.json")
    assert "Cores" in editor.hover(schema, f"{RUN}          data: []\n        resources: {{c▮pu: {{limits: 2}}}}\n")
    assert set(editor.complete(schema, f"{RUN}          ▮\n")) == {"data", "outputs"}
    assert editor.underlined(schema, f"{RUN}          data: imges\n") == []  # the chart and the post-renderer judge it


MISTAKES = {
    "an unknown name": (
        "values",
        f"{RUN}          data: [imges, labels]\n",
        ['imges: Value is not accepted. Valid values: "images", "labels".'],
    ),
    "outputs that are read-only": (
        "polyaxonfile",
        "environment: {persistence: {outputs: old}}\n",
        ['old: Value is not accepted. Valid values: "results", null.'],
    ),
    "a misspelt key": ("values", "runs: {train: {imge: busybox}}\n", ["imge: Property imge is not allowed."]),
    "a key of the polyaxonfile in the wrong place": (
        "values",
        "runs: {train: {polyaxonfile: {image: busybox}}}\n",
        ["busybox: not supported: write build.image"],
    ),
    "two sources": (
        "catalog",
        "persistence: {data: {a: {mountPath: /a, hostPath: /b, existingClaim: c}}}\n",
        ["c: an entry has exactly one source, and this one has hostPath"],
    ),
    "a bucket with a path": (
        "catalog",
        "data: {a: {mountPath: /a, store: s3, bucket: 's3://a'}}\n",
        ["/a: a bucket can't have this key: no pod mounts it"],
    ),
    "a name that is no name": (
        "values",
        "persistence: {outputs: {My_Data: {mountPath: /a, existingClaim: b}}}\n",
        ["My_Data: not a name: write lower-case letters, digits and dashes"],
    ),
    "names in an annotation": (
        "annotations",
        "polyaxon.com/data: images, lables\nexample.com/a: b\n",
        ["images, lables: write names with commas between them. The data volumes are: images, labels"],
    ),
}


@pytest.mark.parametrize("case", MISTAKES)
def test_a_mistake_is_underlined(case: str, editor: Editor) -> None:
    schema, text, messages = MISTAKES[case]
    assert editor.underlined(schema, text) == messages


@pytest.mark.parametrize("path", sorted((ROOT / "values-examples").glob("*.yaml")), ids=lambda path: path.stem)
def test_nothing_is_underlined_in_an_example(path: Path, editor: Editor) -> None:
    """With the strict schema that has the names of this file, and of the file below it."""
    files = [path]
    if path.stem == "layered-team":
        files.insert(0, path.with_name("layered-site.yaml"))
    words = [word for file in files for word in ("--persistence", str(file))]
    schema = editor.folder / f"{path.stem}.schema.json"
    schema.write_bytes(run("schema", "values", *words).output)
    text = path.read_text().replace("$schema=../chart/values", f"$schema={path.stem}")
    assert f"$schema={schema.name}" in text
    assert editor.server.open(editor.folder / f"{path.stem}.yaml", text) == []


def test_a_mistake_in_an_example_is_underlined(editor: Editor) -> None:
    text = (ROOT / "values-examples" / "choosing-volumes.yaml").read_text()
    text = text.replace("data: [scratch, images]", "data: [scratch, imges]").replace("../chart/values", "names")
    words = ("--persistence", str(ROOT / "values-examples" / "choosing-volumes.yaml"))
    (editor.folder / "names.schema.json").write_bytes(run("schema", "values", *words).output)
    underlined = editor.server.open(editor.folder / "choosing.yaml", text)
    assert underlined == ['imges: Value is not accepted. Valid values: "images", "labels", "scratch".']


# docs/editors.md

EXAMPLES = ROOT / "docs" / "examples" / "editors"


@pytest.fixture
def documented(tools: Path, tmp_path: Path) -> Path:
    """The directory of a user who did what the page says."""
    assert tools.is_dir()
    for path in EXAMPLES.iterdir():
        (tmp_path / path.name).write_text(path.read_text())
    for name in ("values", "catalog", "polyaxonfile"):
        printed = run("schema", name, "--persistence", str(EXAMPLES / "train.yaml"))
        (tmp_path / f"{name}.editor.json").write_bytes(printed.output)
    return tmp_path


def test_the_documented_file_has_names(documented: Path) -> None:
    text = (documented / "train.yaml").read_text()
    page = (ROOT / "docs" / "editors.md").read_text()
    with start_language_server(documented) as server:
        assert server.open(documented / "train.yaml", text) == []
        (message,) = server.open(documented / "wrong.yaml", text.replace("data: [images]", "data: [imges]"))
        offered = server.complete(documented / "new.yaml", text.replace("data: [images]", f"data: [{CURSOR}]"))
    word, _, message = message.partition(": ")
    assert word == "imges"
    assert f"`{message}`" in page
    assert list(offered) == ["images"]
    assert f"*{offered['images']}*" in page.replace("\n", " ")


def test_the_documented_settings_of_vs_code(documented: Path) -> None:
    schemas = json.loads((documented / "settings.json").read_text())["yaml.schemas"]
    with start_language_server(documented, schemas=schemas) as server:
        for name, text in {
            "values-gpu.yaml": "runs: {train: {imge: a}}\n",
            "site.yaml": "data: {a: {imge: /a}}\n",
            "polyaxonfile.yml": "imge: a\n",
        }.items():
            assert server.open(documented / name, text) == ["imge: Property imge is not allowed."]
        assert server.open(documented / "other.yaml", "imge: a\n") == []


def test_the_documented_schema_of_an_umbrella_chart(documented: Path) -> None:
    head = "# yaml-language-server: $schema=umbrella.editor.json\nother: 1\ntraining:\n  "
    with start_language_server(documented) as server:
        wrong = server.open(documented / "a.yaml", f"{head}runs: {{train: {{imge: a}}}}\n")
        names = server.complete(documented / "b.yaml", f"{head}persistence: {{defaultData: [{CURSOR}]}}\n")
    assert wrong == ["imge: Property imge is not allowed."]
    assert list(names) == ["images"]
