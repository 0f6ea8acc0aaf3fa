"""No message shows the value of a parameter, or a password in a URL, in any of the spellings that programs use."""

from __future__ import annotations

import json
import shutil
import time
from typing import TYPE_CHECKING

import pytest

from post_renderer.integrations.argocd_masking import Mask
from tests.support.paths import ROOT
from tests.unit.integrations.argocd.conftest import enter, generate, make_chart, set_parameters

if TYPE_CHECKING:
    from pathlib import Path

FAIL = '{{ fail (printf "bad password %v" .Values.pw) }}'
QUOTE = '{{ fail (printf "bad password %q" (toString .Values.pw)) }}'
QUOTED_JSON = '{{ fail (printf "bad password %q" (toJson .Values)) }}'
YAML = '{{ fail (printf "bad password %s" (toYaml .Values)) }}'
# Value of the parameter: what no message may contain.
SECRETS = {
    "hunter2secret": ["hunter2"],
    "pass\\word123": ["word123"],
    "{hunter2,secretB99}": ["hunter2", "secretB99"],
    "{hunter2, secretB99}": ["hunter2", "secretB99"],
    "{hunter2\\,secretB99}": ["hunter2", "secretB99"],
    "{hunter2,k=secretB99}": ["hunter2", "secretB99"],
    "a\\,bcdefg": ["bcdefg"],
    "abcd,efgh": ["abcd", "efgh"],
    "it's-secret": ["secret"],
    "tab\tsecret1": ["secret1"],
    "\u00e9secret\u2028second": ["secret", "second"],
    "bell\x07secret": ["secret"],
    '"quoted-secret"': ["quoted-secret"],
    'a"b\\"c-secret': ["c-secret"],
    "<secret>&x": ["secret"],
    "007123456": ["7123456"],
    "12345678901": ["2345678901", "2.345"],
    "first-line\nsecond-line": ["first", "second"],
    "first-line\r\n  second-line": ["first", "second"],
}


def answer(
    value: str, kind: str, template: str, folder: Path, monkeypatch: pytest.MonkeyPatch, schema: str = ""
) -> str:
    make_chart(folder / "app", "name: app", a=template)
    if schema:
        (folder / "app" / "values.schema.json").write_text(schema)
    enter(folder / "app", ".", monkeypatch)
    set_parameters(monkeypatch, **{kind: {"pw": value}})
    done = generate()
    assert (done.exit_code, done.output) == (1, b"")
    return done.error


@pytest.mark.usefixtures("one_helm")
@pytest.mark.parametrize(
    ("template", "kind"),
    [
        (FAIL, "helm_parameters"),
        (FAIL, "helm_string_parameters"),
        (QUOTE, "helm_parameters"),
        (QUOTED_JSON, "helm_string_parameters"),
        (YAML, "helm_parameters"),
    ],
    ids=["v", "v of a string", "q", "q of JSON", "YAML"],
)
@pytest.mark.parametrize("value", SECRETS)
def test_what_a_template_says(
    value: str, template: str, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = answer(value, kind, template, tmp_path, monkeypatch)
    assert "bad password" in said
    assert "***" in said
    for secret in SECRETS[value]:
        assert secret not in said


SCHEMAS = {
    "a pattern": '{"properties": {"pw": {"type": "string", "pattern": "^zzz$"}}}',
    "a number": '{"properties": {"pw": {"type": "number", "maximum": 5, "multipleOf": 1000}}}',
    "a list": '{"properties": {"pw": {"items": {"pattern": "^zzz$"}, "type": "array"}}}',
}


@pytest.mark.usefixtures("helm")
@pytest.mark.parametrize("schema", SCHEMAS.values(), ids=SCHEMAS)
@pytest.mark.parametrize("value", SECRETS)
def test_what_the_validator_of_schemas_says(
    value: str, schema: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = answer(value, "helm_parameters", "{{ fail .Values.pw }}", tmp_path, monkeypatch, schema)
    for secret in SECRETS[value]:
        assert secret not in said


JOB = """\
apiVersion: batch/v1
kind: Job
metadata:
  name: {name}
  annotations: {{polyaxon.com/{key}: {{{{ .Values.pw | quote }}}}}}
spec: {{template: {{spec: {{restartPolicy: Never, containers: [{{name: m, image: x}}]}}}}}}
"""


@pytest.mark.usefixtures("one_helm")
@pytest.mark.parametrize("key", ["run-folder", "data", "polyaxonfile", "containers"])
@pytest.mark.parametrize("value", ["Hunter2/secret", "hunter2-secret", "h" * 40 + "hunter2" + "x" * 60])
def test_own_messages(key: str, value: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = answer(value, "helm_parameters", JOB.format(name="train", key=key), tmp_path, monkeypatch)
    assert "error[" in said
    assert "Job/train" in said
    assert "unter2" not in said
    assert "hhhhh" not in said


@pytest.mark.usefixtures("one_helm")
def test_the_name_of_an_object(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    job = JOB.format(name="{{ .Values.pw }}", key="nonsense")
    said = answer("hunter2-secret", "helm_parameters", job, tmp_path, monkeypatch)
    assert "Job/***" in said
    assert "hunter2" not in said


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a hunter2 b", "a *** b"),
        ("hunter2hunter2", "******"),
        ('cut: "hunte…"', 'cut: "***…"'),
        ("cut: hunte... and hunt…", "cut: ***... and ***…"),
        ("hun… and ...", "hun… and ..."),
        ("\\u0068unter2 \\x68unter2 \\U00000068unter2", "*** *** ***"),
        ('\\"\\\\u0068unter2\\"', '\\"***\\"'),
        ("\\u00zzhunter2 \\Uffffffffhunter2 \\", "\\u00zz*** \\Uffffffff*** \\"),
        ("true false null", "true false null"),
        ("", ""),
    ],
)
def test_a_text(text: str, expected: str) -> None:
    assert Mask(["hunter2", "true", "false", "null", "", "abc"]).hide(text) == expected


def test_a_line_that_is_too_short_to_be_hidden_alone() -> None:
    mask = Mask(["\u00e9secret\u2028x1"])
    assert mask.hide("at '/pw': '\u00e9secret\\u2028x1' does not match") == "at '/pw': '***' does not match"
    assert mask.hide_in_messages("no \u00e9secret\u2028x1!") == "no ***!\n"


def test_a_secret_at_the_end_of_a_text_that_begins_a_longer_secret() -> None:
    """The text has no room for the longer secret, and as many layers of escapes as are read."""
    for text in ("data-images", "x\\\\ data-images", "x\\\\\\\\ data-images"):
        assert Mask(["data-images", "data-images-pvc"]).hide(text) == text.replace("data-images", "***")


@pytest.mark.usefixtures("one_helm")
def test_a_hint_does_not_show_a_secret_in_another_form(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chart = tmp_path / "checkout" / "app"
    shutil.copytree(ROOT / "chart", chart, ignore=shutil.ignore_patterns("tests"))
    shutil.copy(ROOT / "values-examples" / "documented.yaml", chart / "values.yaml")
    enter(chart, "app", monkeypatch)
    set_parameters(monkeypatch, helm_string_parameters={"persistence.data.data2.mountPath": "/Hunter2//Secret/"})
    done = generate()
    assert (done.exit_code, done.output) == (1, b"")
    assert 'mountPath "***"' in done.error
    assert "Hunter2" not in done.error
    assert "Secret" not in done.error
    assert "  hint: the hint is hidden" in done.error


def test_many_marks_of_a_cut_take_little_time() -> None:
    text = "." * 1_000_000
    start = time.monotonic()
    assert Mask(["hunter2secret"]).hide(text + "hunter2...") == text + "***..."
    assert time.monotonic() - start < 15


def test_secrets_that_overlap() -> None:
    assert Mask(["abcdef", "defghi", "cdef"]).hide("xabcdefghix") == "x***x"


URLS = {
    "https://user:pw@example.com/x": "https://***@example.com/x",
    "https://token@example.com/x": "https://***@example.com/x",
    "https://user:hun/ter2@example.com": "https://***@example.com",
    "https://user:hun/t@r2@example.com/x": "https://***@example.com/x",
    "https://user@x:hun/ter2@example.com": "https://***@example.com",
    "https://user:12/34@example.com": "https://***@example.com",
    'Get "https://user:pw@example.com/a b": see https://b@c/d': 'Get "https://***@example.com/a b": see https://***@c/d',
    "https://example.com/x@v1 mail a@b": "https://example.com/x@v1 mail a@b",
    "http://[::1]:80/x@v1": "http://[::1]:80/x@v1",
    "no URL": "no URL",
    "https://bot:hunter2'secret@example.com/x": "https://***@example.com/x",
    'looks like "https://bot:hun"ter2<@x>` y@example.com" is not': 'looks like "https://***@example.com" is not',
    "https://bot:hun/ter'2@example.com/x": "https://***@example.com/x",
    'Get "https://example.com/x": see a@b': 'Get "https://example.com/x": see a@b',
    'Get "https://example.com:8443/x": see a@b': 'Get "https://example.com:8443/x": see a@b',
}


@pytest.mark.parametrize(("text", "expected"), URLS.items())
def test_users_of_urls(text: str, expected: str) -> None:
    assert Mask([]).hide_in_messages(text) == f"{expected}\n"


def test_many_values_that_begin_alike_take_little_time() -> None:
    """And a message in which each place may be the beginning of one that was cut."""
    mask = Mask([f"aaaa{number:05}" for number in range(800)] + ["a" * 1000])
    start = time.monotonic()
    assert mask.hide("aaaa..." * 20_000) == "***..." * 20_000
    assert mask.hide("b" + "\\\\" * 200_000) == "b" + "\\\\" * 200_000
    assert time.monotonic() - start < 8


def test_many_lines_and_a_long_message_take_little_time() -> None:
    """Each secret for itself would take more than a minute."""
    value = "\n".join(f"{number:05}" for number in range(10_000))
    text = "x" * 2_000_000 + "00017" + "\\x41" * 10_000
    start = time.monotonic()
    hidden = Mask([value]).hide(text)
    assert time.monotonic() - start < 15
    assert hidden == "x" * 2_000_000 + "***" + "\\x41" * 10_000


@pytest.mark.usefixtures("one_helm")
def test_without_parameters_nothing_is_hidden(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    enter(make_chart(tmp_path / "app", a="{{ fail (toJson .Values) }}"), ".", monkeypatch)
    monkeypatch.setenv("ARGOCD_ENV_VALUES", json.dumps({"k": "visible"}))
    assert "visible" in generate().error
