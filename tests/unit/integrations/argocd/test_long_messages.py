"""A long message of Helm, and many values: the plugin needs little time and memory, and shows no secret."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from post_renderer.integrations.argocd_masking import KEPT, LONGEST, Mask
from tests.unit.integrations.argocd.conftest import enter, generate, make_chart, refusals, set_parameters

if TYPE_CHECKING:
    from pathlib import Path

SECRET = "hunter2secret"
LIMIT = 65_536  # docs/argocd.md
LONG = 786_432  # docs/argocd.md


def test_the_limit_of_a_text() -> None:
    line = "x" * 99 + "\n"
    text = (line * (LONG // 100 + 1))[: LONG - 1] + "\n"
    assert Mask().hide_in_messages(text) == text
    longer = "first\n" + line + text + "last\n"
    shown = Mask().hide_in_messages(longer)
    assert shown.startswith(f"first\n{line}")
    assert shown.endswith("xx\nlast\n")
    assert "characters are left out here)\n" in shown
    assert 2 * KEPT - 200 < len(shown) < 2 * KEPT + 200


@pytest.mark.parametrize("shift", [*range(len(SECRET) + 2), 20, 40])
@pytest.mark.parametrize(
    "secret", [SECRET, "hunter2 secret", "hunter2\nsecret", "https://bot:hunter2secret@h"], ids=lambda text: text[:12]
)
def test_no_part_of_a_secret_is_shown_at_a_cut(secret: str, shift: int) -> None:
    """The secret is at each place around the end of the beginning, and around the start of the end."""
    mask = Mask([] if "@" in secret else [secret])
    at_the_end = KEPT - shift
    first = "x" * (at_the_end - 1) + " " + secret + " "
    last = "\n" + secret + "\n" + "y " * ((KEPT - shift) // 2)
    shown = mask.hide_in_messages(first + "\nmiddle" * LONGEST + last)
    assert "hunt" not in shown
    assert "secret" not in shown


def test_the_end_of_a_message_with_many_values_is_shown() -> None:
    line = f"key: {SECRET}\n"
    text = line * (LONG // len(line) + 1) + "the reason\n"
    shown = Mask([SECRET]).hide_in_messages(text)
    assert shown.endswith("key: ***\nthe reason\n")
    assert "hunter" not in shown


@pytest.mark.usefixtures("one_helm")
def test_a_message_of_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    endless = '{{ fail (printf "%s %s" .Values.pw (repeat 500000 "abcdefg ")) }}'
    enter(make_chart(tmp_path / "app", "name: app", a=endless), ".", monkeypatch)
    set_parameters(monkeypatch, helm_parameters={"pw": SECRET})
    done = generate()
    assert (done.exit_code, done.output) == (1, b"")
    assert "Error: " in done.error
    assert "*** abcdefg" in done.error
    assert "characters are left out here)" in done.error
    assert len(done.error) < 2 * KEPT


@pytest.mark.usefixtures("one_helm")
@pytest.mark.parametrize("length", [LIMIT, LIMIT + 1])
def test_the_limit_of_the_values(length: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    enter(make_chart(tmp_path / "app", "name: app", a="a: b"), ".", monkeypatch)
    half = length // 2
    set_parameters(monkeypatch, helm_parameters={"a": "v" * half}, values_files=["missing"])
    monkeypatch.setenv("ARGOCD_ENV_HELM_STRING_PARAMETERS", f'{{"b": "{"w" * (length - half)}"}}')
    done = generate()
    assert refusals(done) == ["argocd-parameter"], "it is the only error, because the others could show values"
    expected = "have more than 65,536 characters" if length > LIMIT else 'there is no file "missing"'
    assert expected in done.error


def test_a_password_with_a_slash_in_an_index() -> None:
    """Go shows a part of the password as the port."""
    said = 'parse "http://bot:hun/ter22@127.0.0.1:1/x.tgz": invalid port ":hun" after host\n'
    shown = Mask().hide_in_messages(said)
    assert "hun" not in shown
    assert "127.0.0.1:1/x.tgz" in shown


@pytest.mark.usefixtures("one_helm")
def test_the_limit_of_the_users_of_urls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    address = f"http://bot:{'&' * LIMIT}@charts.invalid"
    head = f"name: app\ndependencies: [{{name: a, version: 1.0.0, repository: '{address}'}}]"
    enter(make_chart(tmp_path / "app", head), ".", monkeypatch)
    done = generate()
    assert refusals(done) == ["argocd-parameter"]
    assert "the users of URLs in the chart, have more than 65,536 characters" in done.error


def test_no_message_is_shown_if_memory_runs_out_while_secrets_are_hidden(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run_out(*_: object) -> str:
        raise MemoryError

    monkeypatch.setattr(Mask, "hide_in_messages", run_out)
    enter(make_chart(tmp_path / "app", "name: app"), ".", monkeypatch)
    set_parameters(monkeypatch, helm_parameters={"a": SECRET}, release_name=SECRET.upper())
    done = generate()
    assert (done.exit_code, done.output) == (1, b"")
    assert done.error == "polyaxon-persistence: there is not enough memory to hide the secrets in the messages\n"


# What Helm's parser of --set quotes in its errors.
PARTS = [
    '{"a":{"x":1},"password":"p4ss.w0rdsecret"}',
    "{a}b.w0rdsecret",
    "{a},x[w0rdsecret]=}",
    "{a},b.w0rdsecret.=}",
    "abcd\\\\,foo.w0rdsecret",
]


@pytest.mark.usefixtures("helm")
@pytest.mark.parametrize("value", PARTS)
def test_an_error_about_a_part_of_a_value(value: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    enter(make_chart(tmp_path / "app", "name: app"), ".", monkeypatch)
    set_parameters(monkeypatch, helm_parameters={"v": value})
    done = generate()
    assert "w0rdsecret" not in done.error
    assert done.exit_code == 0 or "***" in done.error
