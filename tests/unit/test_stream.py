"""Bytes to documents and back: what is not ours comes out as it went in, and every document knows its place."""

from __future__ import annotations

import pytest

from post_renderer.problems import YamlError
from post_renderer.stream import DOCUMENT_LIMIT, STREAM_LIMIT, Document, find_documents, find_glued_separator, join
from tests.support.cli import render

CATALOG = b"""\
apiVersion: v1
kind: ConfigMap
metadata:
  name: catalog
  labels: {polyaxon.com/catalog: v1}
data:
  persistence.yaml: |
    data:
      data1: {mountPath: /data/1, existingClaim: c}
    outputs:
      outputs1: {mountPath: /outputs/1, hostPath: /path/to/outputs}
"""
JOB = b"""\
apiVersion: batch/v1
kind: Job
metadata:
  name: train
  annotations:
    polyaxon.com/polyaxonfile: '{}'
spec:
  template:
    spec:
      containers:
      - name: main
"""
OTHERS = {
    "plain": b"a: 1\n---\nb: 2\n",
    "CRLF": b"---\r\na: 1\r\n---\r\nb: 2\r\n",
    "lone CR": b"a: 1\r---\rb: 2\r",
    "byte order mark": b"\xef\xbb\xbfa: 1\n---\n\xef\xbb\xbfb: 2\n\xef\xbb\xbf---\nc: 3\n",
    "no final newline": b"---\n# Source: x\na: 1\n---\nb: 2",
    "comments": b"# one\n---\n# two\n\n--- # three\na: 1 # four\n...\n# five\n",
    "glued separators": b"a: 1\n---b: 2\n---\n---c\n------\n",
    "directives": b"%YAML 1.1\n%TAG ! tag:x,2000:\n---\n!a b\n...\n%YAML 1.2\n---\nc\n",
    "empty documents": b"---\n---\n\n--- \n---\t\n...\n",
    "invalid YAML": b"---\na: [1\n---\n\t}{\n---\nb: *nothing\n",
    "invalid UTF-8": b"a: \xff\xfe\xc0\x80\n---\nb: 1\n",
    "NUL": b"a: \x00\n---\n\x00",
    "C1 bytes": b"a: \x80\x9b\n",
    "notes": b"---\n#### file: c/templates/NOTES.txt\nThanks! {{ x }}: run `kubectl`\n---\n",
    "template leftovers": b"a: {{ .Values.x }}\n",
    "depth": b"a: " + b"[" * 50_000,
    "our domain as a text": b"kind: ConfigMap\ndata: {a: 'see polyaxon.com/docs'}\n",
    "our domain in invalid YAML": b"# see polyaxon.com/docs\na: [1\n",
    "our domain in a list": b"- polyaxon.com/polyaxonfile\n",
    "our domain in a word": b"polyaxon.com\n",
    "our labels": b"metadata: {labels: {polyaxon.com/run: a}}\nspec: {selector: {polyaxon.com/run: a}}\n",
    "ten megabytes": (b"kind: CustomResourceDefinition\n" * 1000 + b"---\n") * 330,
    "only comments": b"# a\n# b\n",
}


@pytest.mark.parametrize("name", OTHERS)
def test_others_streams_pass_byte_for_byte(name: str) -> None:
    assert render(OTHERS[name], []) == (OTHERS[name], [])


@pytest.mark.parametrize("name", [name for name in OTHERS if b"\r---\r" not in OTHERS[name]])
def test_unrelated_documents_pass_unchanged(name: str) -> None:
    other = OTHERS[name]
    alone, problems = render(CATALOG + b"---\n" + JOB, [])
    assert not problems
    assert len(alone) > len(CATALOG + JOB) + 1000
    job = alone[len(CATALOG) :]
    assert render(CATALOG + b"---\n" + JOB + b"---\n" + other, []) == (alone + b"---\n" + other, [])
    before = CATALOG + b"---\n" + other + b"\n"
    assert render(before + b"---\n" + JOB, []) == (before + job, [])


@pytest.mark.parametrize("raw", [b"", b"\n", b" \n\t\r\n", b"   "])
def test_empty_input_gives_one_comment_line(raw: bytes) -> None:
    rendered, problems = render(raw, [])
    assert rendered.removeprefix(raw) == b"# nothing to render\n"
    assert not problems


def documents(raw: bytes) -> list[Document]:
    return list(find_documents(raw))


def test_documents_with_our_domain_are_found_between_others() -> None:
    ours = b"--- # ours\nx: polyaxon.com\ny: polyaxon.com\n"
    raw = b"a: 1\n" + ours + b"---\nb: 2\n" + ours + b"---x: glued\n" + ours
    found = documents(raw)
    assert [document.text for document in found] == [
        ours.decode(),
        ours.decode() + "---x: glued\n",
        ours.decode(),
    ]
    assert [raw[document.start : document.end].decode() for document in found] == [item.text for item in found]


@pytest.mark.parametrize("separator", [b"---\n", b"--- \n", b"---\t# c\n", b"---\r\n", b"--- {a: 1}\n", b"---"])
def test_separators(separator: bytes) -> None:
    found = documents(b"a: polyaxon.com\n" + separator)
    assert [document.text for document in found] == ["a: polyaxon.com\n"]


@pytest.mark.parametrize("glued", [b"---a: 1\n", b"----\n", b" ---\n", b"--\n", b"-- -\n"])
def test_what_only_looks_like_a_separator(glued: bytes) -> None:
    raw = b"a: polyaxon.com\n" + glued
    assert [document.text for document in documents(raw)] == [raw.decode()]


def test_a_byte_order_mark_is_no_part_of_the_text() -> None:
    (document,) = documents(b"\xef\xbb\xbfa: polyaxon.com\n")
    assert document.text == "a: polyaxon.com\n"
    assert b"".join(join(b"\xef\xbb\xbfa: polyaxon.com\n", [(document, "b\n")])) == b"\xef\xbb\xbfb\n"


def test_join_puts_new_texts_in_their_places() -> None:
    raw = b"x\n---\na: polyaxon.com \xc3\xa9\n---\ny \xff\n---\nb: polyaxon.com\n---\nz"
    first, second = documents(raw)
    joined = b"".join(join(raw, [(first, "---\nA: \u00e9\n"), (second, "")]))
    assert joined == b"x\n---\nA: \xc3\xa9\n---\ny \xff\n---\nz"
    (whole,) = join(raw, [])
    assert isinstance(whole, memoryview)  # passed on, not copied
    assert whole.obj is raw


def refusal(raw: bytes) -> YamlError:
    with pytest.raises(YamlError) as caught:
        documents(raw)
    return caught.value


def test_a_stream_over_the_limit_is_refused_whoever_it_belongs_to() -> None:
    assert documents(b" " * STREAM_LIMIT) == []
    error = refusal(b" " * (STREAM_LIMIT + 1))
    assert (error.code, error.message) == ("input-too-large", "the stream is larger than 64 MiB")


def test_documents_without_the_domain_have_no_limit() -> None:
    many = b"\n---" * (2 * DOCUMENT_LIMIT)
    assert documents(many) == []
    assert len(documents(b"polyaxon.com" + many + b"\npolyaxon.com")) == 2


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf_16_is_refused(encoding: str) -> None:
    mark = "" if encoding == "utf-16" else "\ufeff"
    error = refusal((mark + JOB.decode()).encode(encoding))
    assert (error.code, error.hint) == ("invalid-encoding", "save the file as UTF-8")


def test_what_is_not_utf_8_in_a_document_with_our_domain_is_refused_with_its_place() -> None:
    raw = b"a: \xff\n---\nb: polyaxon.com\nc: \xe9\n"
    assert refusal(raw).offset == raw.index(b"\xe9")
    (problem,) = render(raw, [])[1]
    assert (problem.code, problem.line, problem.subject) == ("invalid-encoding", 4, "(stream)")


TEMPLATES = {
    "Helm 3": b"---\n# Source: c/templates/a.yaml\nx: 1\n---\n# Source: c/templates/b.yaml\ny: polyaxon.com\n",
    "Helm 3, CRLF": b"---\r\n# Source: c/templates/b.yaml\r\ny: polyaxon.com\r\n",
    "helm-unittest": b"---\n#### file: c/templates/b.yaml\nx: 1\n---\ny: polyaxon.com\n",
    "helm-unittest, CRLF": b"---\r\n#### file: c/templates/b.yaml\r\nx: 1\r\n---\r\ny: polyaxon.com\r\n",
    "Helm 4": b"x: polyaxon.com\nannotations:\n  postrenderer.helm.sh/postrender-filename: 'c/templates/b.yaml'\n",
    "Helm 4, plain": b"x: polyaxon.com\na:\n  postrenderer.helm.sh/postrender-filename: c/templates/b.yaml\n",
    "Helm 4, flow": (
        b"metadata: {name: x, annotations: {postrenderer.helm.sh/postrender-filename: 'c/templates/b.yaml', "
        b"polyaxon.com/x: secret}}\n"
    ),
    "Helm 4, JSON": (
        b'{"metadata": {"annotations": {"postrenderer.helm.sh/postrender-filename": "c/templates/b.yaml"}}, '
        b'"x": "polyaxon.com", "password": "secret"}\n'
    ),
}


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_document_knows_its_template(name: str) -> None:
    (document,) = documents(TEMPLATES[name])
    assert document.template() == "c/templates/b.yaml"


def test_a_document_without_a_marker_has_no_template() -> None:
    first, second = documents(b"a: polyaxon.com\n---\n# Source: b.yaml\nb: polyaxon.com\n---\n# Source: c.yaml\n")
    assert (second.template(), first.template(), second.template()) == ("b.yaml", "", "b.yaml")


def test_a_template_name_can_not_steer_a_terminal() -> None:
    (document,) = documents(b"---\n# Source: a\x1b[31m\xc2\x9b.yaml\nb: polyaxon.com\n")
    assert document.template() == "a\\u001b[31m\\u009b.yaml"


def test_lines_are_those_of_the_stream() -> None:
    raw = b"a: \xc3\xa9\n---\nb: polyaxon.com\nc: \xc3\xa9\r\nd: 1\n---\ne: polyaxon.com\n"
    first, second = documents(raw)
    assert second.line(second.text.index("e:")) == 7
    assert [first.line(first.text.index(word)) for word in ("---", "b:", "c:", "d:")] == [2, 3, 4, 5]
    assert second.line(0) == 6


@pytest.mark.parametrize(
    ("text", "place"),
    [("---a: polyaxon.com\n", 0), ("a: polyaxon.com\n---b: 1\n", 16), ("--- \na: polyaxon.com\n ---x\n", None)],
)
def test_glued_separators_are_found(text: str, place: int | None) -> None:
    (document,) = documents(text.encode())
    assert find_glued_separator(document) == place


@pytest.mark.parametrize("first", [b"", b"---\n", b"# Source: x\n---\n"])
def test_the_limit_of_documents_that_contain_the_domain(first: bytes) -> None:
    ours = b"a: polyaxon.com\n"
    most = first.replace(b"# Source: x\n", ours) + b"---\n".join([ours] * (49_999 if b"#" in first else 50_000))
    assert len(documents(most)) == 50_000
    error = refusal(most + b"---\n" + ours)
    assert (error.code, error.message) == (
        "input-too-large",
        "the stream has more than 50,000 documents that contain polyaxon.com",
    )
    assert error.hint == "put fewer runs into one release"
    assert error.offset is None
