"""Lines of errors in text that is not ASCII: libyaml counts bytes in some errors and characters in others."""

from __future__ import annotations

import pytest

from tests.support.cli import make_catalog, make_job, run

TEXT = ["é" * 100, "\U0001f600" * 50, "a"]  # two bytes, four bytes and one byte each
CONTROL = ["\x01", "\x00", "\x1b", "\x7f", "\u009b", "\uffff"]
FILLING = "# end\n" * 100


@pytest.mark.parametrize("control", CONTROL, ids=ascii)
@pytest.mark.parametrize("text", TEXT, ids=["two", "four", "one"])
def test_the_line_of_a_control_character(text: str, control: str) -> None:
    before = make_catalog() + make_job() + f"# {text}\n" * 20
    result = run(stdin=before + f"x: a{control}b\n" + FILLING)
    assert result.exit_code == 1
    line = before.count("\n") + 1
    assert f"<stdin>:{line}: error[invalid-yaml] (unreadable document) (chart/templates/runs.yaml): " in result.error


@pytest.mark.parametrize("mark", ["", "\ufeff"], ids=["plain", "byte order mark"])
def test_the_line_of_a_control_character_in_a_catalog_file(tmp_path: object, mark: str) -> None:
    path = f"{tmp_path}/catalog.yaml"
    before = f"{mark}data:\n" + "  # éé\n" * 20
    with open(path, "w", encoding="utf-8") as file:
        file.write(before + "  x: a\x01b\n" + FILLING)
    result = run("--persistence", path, stdin=make_job())
    assert f"{path}:{before.count(chr(10)) + 1}: error[invalid-catalog] " in result.error


@pytest.mark.parametrize("mark", ["", "\ufeff"], ids=["plain", "byte order mark"])
def test_the_line_of_an_error_at_the_beginning_of_a_line(tmp_path: object, mark: str) -> None:
    path = f"{tmp_path}/catalog.yaml"
    with open(path, "w", encoding="utf-8") as file:
        file.write(f"{mark}# é\n'é': a\n]\n")
    result = run("--persistence", path, stdin=make_job())
    assert f"{path}:3: error[" in result.error


@pytest.mark.parametrize("control", ["\x01", "\x1b", "\uffff"], ids=ascii)
def test_the_line_of_a_control_character_in_the_streams_catalog(control: str) -> None:
    escaped = f"\\u{ord(control):04x}"
    text = f'"data:\\n# {"é" * 100}\\n# {escaped}\\n# end\\n"'
    catalog = "kind: ConfigMap\nmetadata:\n  labels: {polyaxon.com/catalog: v1}\ndata:\n  persistence.yaml: "
    result = run(stdin="apiVersion: v1\n" + catalog + text + "\n")
    begin = (
        "<stdin>:6: error[invalid-catalog] ConfigMap/(no name), persistence.yaml: control characters are not allowed"
    )
    assert begin in result.error


@pytest.mark.parametrize("mark", ["", "\ufeff"], ids=["plain", "byte order mark"])
def test_the_line_of_a_control_character_in_a_file_that_migrate_reads(mark: str) -> None:
    before = f"{mark}kind: job\n" + "# éé\n" * 20
    result = run("migrate", "-", stdin=before + "run: a\x01b\n" + FILLING)
    assert f"<stdin>:{before.count(chr(10)) + 1}: error[" in result.error


@pytest.mark.parametrize("mark", ["", "\ufeff"], ids=["plain", "byte order mark"])
def test_the_line_of_a_comment_that_would_get_lost(mark: str) -> None:
    result = run("migrate", "-", stdin=f"{mark}persistence: {{\n  data: {{}}, logs:\n# é\n}}\n")
    assert '"# é" would get lost' in result.error
    assert "<stdin>:3: error[" in result.error


def test_the_line_of_a_character_that_is_not_utf_8() -> None:
    before = (make_catalog() + make_job() + "# é\n" * 20).encode()
    result = run(stdin=b"\xef\xbb\xbf" + before + b"# \xff\n" + FILLING.encode())
    assert f"<stdin>:{before.count(bytes([10])) + 1}: error[invalid-encoding] " in result.error
