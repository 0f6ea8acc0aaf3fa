"""A schema of a hostile chart must not make Helm read files outside of the repository."""

from __future__ import annotations

import io
import json
import tarfile
from typing import TYPE_CHECKING

import pytest

from tests.unit.integrations.argocd.conftest import enter, generate, make_chart, quoted, refusals

if TYPE_CHECKING:
    from pathlib import Path

SCHEMA = "values.schema.json"
HEAD = b"apiVersion: v2\nname: sub\nversion: 0.1.0\n"


def refer(reference: str, key: str = "$ref") -> str:
    return json.dumps({"properties": {"k": {"allOf": [{key: reference}]}}})


def pack(files: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return packed.getvalue()


@pytest.fixture
def chart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = make_chart(tmp_path / "checkout" / "app")
    (folder / "values.yaml").write_text("k: 5\n")
    enter(folder, "app", monkeypatch)
    return folder


REFUSED = {
    "an address of a file": refer("file:///etc/hostname"),
    "a path": refer("/etc/hostname"),
    "a relative path": refer("../etc/hostname"),
    "an escape": refer("file:///etc/hostname").replace("file", "\\u0066ile"),
    "a metaschema": refer("file:///etc/hostname", "$schema"),
    "a dynamic reference": refer("x.json#/a", "$dynamicRef"),
    "a repeated key": '{"$ref": "x.json", "$ref": "#/a"}',
    "no JSON": "{",
    "deep JSON": "[" * 100_000,
}


@pytest.mark.parametrize("schema", REFUSED.values(), ids=REFUSED)
@pytest.mark.parametrize("place", [SCHEMA, f"charts/sub/{SCHEMA}"])
def test_a_schema_that_refers_to_a_file_is_refused(place: str, schema: str, chart: Path) -> None:
    (chart / place).parent.mkdir(parents=True, exist_ok=True)
    (chart / place).write_text(schema)
    assert set(refusals(generate())) == {"unsafe-path"}


INNER = pack({"sub/Chart.yaml": HEAD, f"sub/{SCHEMA}": refer("/etc/hostname").encode()})
ARCHIVES = {
    "an archive": INNER,
    "an archive in an archive": pack({"sub/Chart.yaml": HEAD, "sub/charts/x.tgz": INNER}),
    "a path that Helm cleans": pack({f"sub/{SCHEMA}/.": refer("/etc/hostname").encode()}),
    "no archive": b"x",
    "a broken archive": INNER[:60],
    "too many archives in archives": pack(
        {
            "a/charts/x.tgz": pack(
                {
                    "a/charts/x.tgz": pack(
                        {
                            "a/charts/x.tgz": pack(
                                {"a/charts/x.tgz": pack({"a/charts/x.tgz": pack({"a/charts/x.tgz": b""})})}
                            )
                        }
                    )
                }
            )
        }
    ),
    "a large archive": pack({"a/zeros": bytes(65 << 20)}),
}


@pytest.mark.parametrize("archive", ARCHIVES.values(), ids=ARCHIVES)
def test_the_schemas_in_archives_count(archive: bytes, chart: Path) -> None:
    (chart / "charts").mkdir()
    (chart / "charts" / "sub-0.1.0.tgz").write_bytes(archive)
    assert refusals(generate()) == ["unsafe-path"]


def test_links_in_the_repository_are_followed_once(chart: Path) -> None:
    make_chart(chart.parent / "vendor" / "sub", "name: sub")
    (chart.parent / "vendor" / "sub" / SCHEMA).write_text(refer("x.json"))
    (chart.parent / "vendor" / "loop").symlink_to(chart)
    (chart / "charts").symlink_to("../vendor")
    assert refusals(generate()) == ["unsafe-path"]


@pytest.mark.usefixtures("helm")
def test_references_within_a_schema_and_other_archives_are_allowed(chart: Path) -> None:
    schema = {"$schema": "http://json-schema.org/draft-07/schema#", "properties": {"k": {"$ref": "#/$defs/k"}}}
    (chart / SCHEMA).write_text("\ufeff" + json.dumps({**schema, "$defs": {"k": {"type": "integer"}}}))
    (chart / "files").mkdir()
    (chart / "files" / "data.tgz").write_bytes(b"not a chart")
    assert quoted(generate())["values"] == {"k": 5}


@pytest.mark.usefixtures("one_helm")
def test_the_schema_of_a_fetched_dependency_counts(chart: Path) -> None:
    sub = make_chart(chart.parent / "sub", "name: sub")
    (sub / SCHEMA).write_text(refer("/etc/hostname"))
    with (chart / "Chart.yaml").open("a") as file:
        file.write("dependencies: [{name: sub, version: 0.1.0, repository: 'file://../sub'}]\n")
    done = generate()
    assert refusals(done) == ["unsafe-path"]
    assert '"app/charts/sub-0.1.0.tgz" refers to a file by "/etc/hostname"' in done.error
