"""A schema of a hostile chart must not make Helm open a file outside of the repository, or an address."""

from __future__ import annotations

import functools
import http.server
import json
import subprocess
import threading
from typing import TYPE_CHECKING, Any, ClassVar

import pytest

from post_renderer.integrations.argocd_schemas import BUILT_IN
from tests.unit.integrations.argocd.archives import HEAD, pack, tricks
from tests.unit.integrations.argocd.conftest import enter, generate, make_chart, quoted, refusals

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SCHEMA = "values.schema.json"


def refer(reference: str, key: str = "$ref") -> str:
    return json.dumps({"properties": {"k": {"allOf": [{key: reference}]}}})


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
    "an address, whose schema may refer to a file": refer("https://example.com/schema.json"),
    "an address without TLS": refer("http://127.0.0.1/schema.json#/a"),
    "an address in a name": refer("urn:example:schema"),
    "an address that is like a built-in one": refer("http://json-schema.org/draft-07/schema/../x"),
    "a draft that Helm does not contain": refer("http://json-schema.org/draft-03/schema#", "$schema"),
    "an escape": refer("file:///etc/hostname").replace("file", "\\u0066ile"),
    "a metaschema": refer("file:///etc/hostname", "$schema"),
    "a dynamic reference": refer("x.json#/a", "$dynamicRef"),
    "a repeated key": '{"$ref": "x.json", "$ref": "#/a"}',
    # Helm's validator looks for `#/a` in the file /etc/hostname, because it removes the question mark.
    "a file as the base of references": refer("file:///etc/hostname?", "$id"),
    "a file as the base, without a question mark": refer("file:///etc/hostname", "$id"),
    "an address as the base of references": refer("http://127.0.0.1/schema.json?", "$id"),
    "a file as the base in draft 4": refer("file:///etc/hostname?", "id"),
    "a base that leads elsewhere": refer("https://example.com/a/../b", "$id"),
    "a base without a slash": refer("https:b", "$id"),
    "a base with a double slash": refer("//example.com/b", "$id"),
    "a base with an escape": refer("a%2Fb", "$id"),
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
    "a large file": pack({"a/zeros": bytes(65 << 20)}),
    **tricks(refer("/etc/hostname")),
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


def test_the_schema_behind_a_link_out_of_the_repository_is_not_quoted(chart: Path) -> None:
    (chart.parent.parent / "other.json").write_text(refer("secret"))
    (chart / SCHEMA).symlink_to("../../other.json")
    (chart.parent.parent / "others" / "charts" / "sub").mkdir(parents=True)
    (chart.parent.parent / "others" / "charts" / "sub" / SCHEMA).write_text(refer("secret"))
    (chart / "charts").symlink_to("../../others/charts")
    done = generate()
    assert refusals(done) == ["unsafe-path", "unsafe-path"]
    assert "secret" not in done.error


def test_files_that_helm_does_not_read_as_schemas_or_archives(chart: Path) -> None:
    for place in (
        "files/charts/data.tgz",
        f"files/{SCHEMA}",
        f"templates/{SCHEMA}",
        "charts/_old.tgz",
        "charts/a.prov",
    ):
        (chart / place).parent.mkdir(parents=True, exist_ok=True)
        (chart / place).write_text(refer("/etc/hostname"))
    before = (chart / "files" / "charts" / "data.tgz").read_bytes()
    generate()
    assert (chart / "files" / "charts" / "data.tgz").read_bytes() == before


class Recording(http.server.SimpleHTTPRequestHandler):
    asked: ClassVar[list[str]] = []

    def log_message(self, form: str, *values: object) -> None:
        self.asked.append(form % values)


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """The address of a server, whose schema refers to a file."""
    (tmp_path / "served").mkdir()
    (tmp_path / "secret.json").write_text('{"token-hunter2": 1}')
    (tmp_path / "served" / "a.json").write_text(refer(f"file://{tmp_path}/secret.json#/x"))
    handler = functools.partial(Recording, directory=str(tmp_path / "served"))
    Recording.asked.clear()
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/a.json"
        server.shutdown()
        thread.join()


@pytest.mark.usefixtures("helm")
@pytest.mark.parametrize("schema", ['{"$ref": "%s"}', '{"$schema": "%s"}', '{"$id": "%s?", "$ref": "#/properties/k"}'])
def test_no_address_is_opened(schema: str, chart: Path, address: str) -> None:
    (chart / SCHEMA).write_text(schema % address)
    done = generate()
    assert refusals(done) == ["unsafe-path"]
    assert Recording.asked == []
    subprocess.run(["helm", "template", "a", "."], capture_output=True, check=False)
    assert Recording.asked != [], "Helm itself opens it, so this test would see it"


@pytest.mark.usefixtures("helm")
def test_the_schemas_of_the_drafts_are_in_helm(chart: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Helm finds each of them without the network: a proxy that does not exist would be asked."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    (chart / SCHEMA).write_text(json.dumps({"allOf": [{"$ref": name} for name in sorted(BUILT_IN)]}))
    assert quoted(generate())["values"] == {"k": 5}
    (chart / SCHEMA).write_text('{"$ref": "http://json-schema.org/draft-03/schema"}')
    helm = subprocess.run(["helm", "template", "a", "."], capture_output=True, text=True, check=False)
    assert "proxyconnect" in helm.stderr, "Helm asks the proxy for another schema"


@pytest.mark.usefixtures("helm")
@pytest.mark.parametrize(
    "schema",
    [
        {"$schema": "http://json-schema.org/draft-07/schema#", "properties": {"k": {"$ref": "#/definitions/x"}}},
        {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": "https://example.com/values.schema.json",
         "properties": {"k": {"$ref": "#/definitions/x"}}},
        {"$schema": "http://json-schema.org/draft-04/schema#", "id": "http://example.com:80/values",
         "properties": {"k": {"$ref": "#/definitions/x"}}},
        {"$id": "urn:example:values", "properties": {"k": {"$ref": "#/definitions/x"}}},
        {"$schema": "http://json-schema.org/draft-06/schema", "$id": "http://example.com/x.json#",
         "properties": {"k": {"allOf": [{"$ref": "#/definitions/x"}], "$id": "#/properties/k"}}},
        {"$id": "values.json", "properties": {"id": {"type": "string"}, "k": {"$ref": "#/definitions/x"}}},
        {"properties": {"k": {"$ref": "#x"}, "o": {"default": {"id": "a b"}}}},
    ],
)  # fmt: skip
def test_schemas_that_charts_have(schema: dict[str, Any], chart: Path) -> None:
    x = {"$anchor": "x", "type": "string"}
    (chart / SCHEMA).write_text(json.dumps({**schema, "definitions": {"x": x}}))
    done = generate()
    assert (done.exit_code, done.output) == (1, b"")
    assert "got number, want string" in done.error
    (chart / SCHEMA).write_text(json.dumps({**schema, "definitions": {"x": {**x, "type": "integer"}}}))
    assert quoted(generate())["values"] == {"k": 5}


@pytest.mark.usefixtures("helm")
def test_references_within_a_schema_and_other_archives_are_allowed(chart: Path) -> None:
    schema = {"$schema": "http://json-schema.org/draft-07/schema#", "properties": {"k": {"$ref": "#/$defs/k"}}}
    (chart / SCHEMA).write_text("\ufeff" + json.dumps({**schema, "$defs": {"k": {"type": "integer"}}}))
    (chart / "files").mkdir()
    (chart / "files" / "data.tgz").write_bytes(b"not a chart")
    assert quoted(generate())["values"] == {"k": 5}


@pytest.mark.usefixtures("one_helm")
def test_the_schema_of_a_local_dependency_counts(chart: Path) -> None:
    sub = make_chart(chart.parent / "sub", "name: sub")
    (sub / SCHEMA).write_text(refer("/etc/hostname"))
    with (chart / "Chart.yaml").open("a") as file:
        file.write("dependencies: [{name: sub, version: 0.1.0, repository: 'file://../sub'}]\n")
    done = generate()
    assert refusals(done) == ["unsafe-path"]
    assert '"sub/values.schema.json" refers to a file or an address by "/etc/hostname"' in done.error
