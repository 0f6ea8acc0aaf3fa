"""Every message of the plugin goes through the mask: refusals, what Helm says, and errors of the rendered stream."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from tests.unit.integrations.argocd.conftest import enter, generate, make_chart, set_parameters

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.cli import Result

BOT = "https://bot:hunter2@example.com"


def depend(address: str) -> str:
    return f"name: app\ndependencies:\n- {{name: x, version: 1.0.0, repository: {json.dumps(address)}}}"


def refused(done: Result) -> str:
    assert done.exit_code
    assert done.output == b""
    return done.error


# Why the plugin refuses an Application: its Chart.yaml, its schema and its variables. All of them contain hunter2.
REFUSALS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "a URL as a file": ("name: app", "", {"VALUES_FILES": f"{BOT}/values.yaml"}),
    "a character that Helm removes": (depend("https://bot:h\u00fcnter2hunter2@example.com/x"), "", {}),
    "a schema of another server": ("name: app", f'{{"$ref": "{BOT}/s.json"}}', {}),
    "a schema with an address": ("name: app", f'{{"$id": "{BOT}/s.json?"}}', {}),
    "a file with the name of a value": (
        "name: app",
        "",
        {"HELM_PARAMETERS": '{"a": "hunter2secret"}', "VALUES_FILES": "hunter2secret.yaml"},
    ),
    "a release with the name of a value": (
        "name: app",
        "",
        {"HELM_STRING_PARAMETERS": '{"a": "hunter2_secret"}', "RELEASE_NAME": "hunter2_secret"},
    ),
    "values that are set twice": (
        "name: app",
        "",
        {"helm-parameters": {"a": "hunter2secret"}, "HELM_PARAMETERS": "{}", "VALUES_FILES": "hunter2secret"},
    ),
    "values of which one is no text": (
        "name: app",
        "",
        {"HELM_PARAMETERS": '{"a": ["hunter2secret"], "b": 1}', "VALUES_FILES": "hunter2secret"},
    ),
    "a directory as a dependency": (depend("file://../../hunter2secret"), "", {"HELM_PARAMETERS": '{"a": "hunter2secret"}'}),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSALS)
def test_refusals(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    head, schema, variables = REFUSALS[name]
    folder = make_chart(tmp_path / "checkout" / "app", head)
    if schema:
        (folder / "values.schema.json").write_text(schema)
    enter(folder, "app", monkeypatch)
    for variable, value in variables.items():
        if isinstance(value, dict):
            set_parameters(monkeypatch, **{variable.replace("-", "_"): value})
        else:
            monkeypatch.setenv(f"ARGOCD_ENV_{variable}", value)
    said = refused(generate())
    assert "error[" in said
    assert "***" in said
    assert "unter2" not in said


@pytest.mark.usefixtures("one_helm")
def test_a_usage_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    enter(make_chart(tmp_path / "app"), ".", monkeypatch)
    set_parameters(monkeypatch, helm_parameters={"a": "hunter2secret"})
    assert "***.yaml: no such file" in refused(generate("--persistence", "/nowhere/hunter2secret.yaml")).lower()


# Passwords in the URL of a dependency. Helm's messages quote some of these URLs.
PASSWORDS = [
    "hunter2'secret",
    'hunter2"secret',
    "hunter2<secret",
    "hunter2`secret",
    "hunter2 secret",
    "hunter2>#?@secret",
]


@pytest.mark.usefixtures("helm")
@pytest.mark.parametrize("scheme", ["https", "http", "oci"])
@pytest.mark.parametrize("password", PASSWORDS)
def test_a_password_with_a_special_character(
    password: str, scheme: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    head = depend(f"{scheme}://bot:{password}@charts.invalid/x")
    enter(make_chart(tmp_path / "app", head), ".", monkeypatch)
    said = refused(generate())
    assert "hunter2" not in said
    assert "secret" not in said


@pytest.mark.usefixtures("helm")
def test_a_user_without_a_password(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    enter(make_chart(tmp_path / "app", depend("https://polyaxon'token@charts.invalid/x")), ".", monkeypatch)
    said = refused(generate())
    assert "token" not in said
    enter(make_chart(tmp_path / "b", depend("https://polyaxon@charts.invalid/\u00fc")), ".", monkeypatch)
    assert "https://***@charts.invalid" in refused(generate())
    monkeypatch.setenv("ARGOCD_APP_SOURCE_PATH", "polyaxon.com")
    monkeypatch.setenv("ARGOCD_ENV_VALUES_FILES", "polyaxon.com")
    assert 'no file "polyaxon.com"' in refused(generate()), "only a user is hidden, and not each text like it"


LABELED_JOB = """\
apiVersion: batch/v1
kind: Job
metadata:
  name: train
  labels:
    app.kubernetes.io/instance: demo
    app.kubernetes.io/managed-by: Helm
    app.kubernetes.io/name: app
    helm.sh/chart: app-1.0.0
    polyaxon.com/kind: job
    polyaxon.com/run: {{ .Values.pw | quote }}
  annotations: {polyaxon.com/data: nope}
spec: {template: {spec: {restartPolicy: Never, containers: [{name: m, image: x}]}}}
"""


@pytest.mark.usefixtures("one_helm")
def test_the_run_in_a_message(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    enter(make_chart(tmp_path / "app", "name: app", job=LABELED_JOB), ".", monkeypatch)
    set_parameters(monkeypatch, helm_parameters={"pw": "hunter2secret"})
    said = refused(generate())
    assert "run *** (values: runs.***), Job/train" in said
    assert "hunter2" not in said


@pytest.mark.usefixtures("one_helm")
@pytest.mark.parametrize("length", [1450, 1600, 3980, 5000])
def test_a_long_value_that_a_message_cuts(length: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = "".join(f"{number:05}-" for number in range(length))[:length]
    job = LABELED_JOB.replace("nope", "{{ .Values.pw | quote }}").replace("{{ .Values.pw | quote }}\n", "a\n", 1)
    enter(make_chart(tmp_path / "app", "name: app", job=job), ".", monkeypatch)
    set_parameters(monkeypatch, helm_string_parameters={"pw": secret})
    said = refused(generate())
    assert "error[" in said
    assert not re.search(r"\d{5}-\d{5}", said)


@pytest.mark.parametrize("password", ["hunter2\udcff", "hunter2%zz", "", ":@"])
def test_a_user_that_is_no_utf_8(password: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    enter(make_chart(tmp_path / "app", "name: app"), ".", monkeypatch)
    set_parameters(monkeypatch, values_files=[f"https://bot:{password}@example.com/x"])
    monkeypatch.setenv("ARGOCD_ENV_PERSISTENCE_FILES", f"https://bot:{password}@example.com/x")
    done = generate()
    assert (done.exit_code, done.output) == (1, b"")
    assert "hunter2" not in done.error


@pytest.mark.usefixtures("one_helm")
def test_the_words_of_each_message_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    enter(make_chart(tmp_path / "app", "name: app", job=LABELED_JOB), ".", monkeypatch)
    set_parameters(monkeypatch, helm_parameters={"pw": "train", "level": "error", "a": "no-catalog", "b": "hint"})
    said = refused(generate())
    assert "error[no-catalog] run *** (values: runs.***), Job/***" in said
    assert "  hint: " in said


# Texts of more than 80 columns, which toYaml breaks.
WORDS = "words that are long enough to be broken into several lines because they have more than eighty columns"
LONG = [
    f"secret {WORDS} {WORDS}",
    f"# {WORDS}: it's {WORDS}",
    f"tab\t{WORDS}  two spaces  {WORDS} \\ bell\x07 {WORDS}",
    f"first {WORDS} {WORDS}\nsecond {WORDS} {WORDS}\n",
    "  ".join(WORDS.split()) + f' "{WORDS}" \x1b',
    f"{WORDS}\x85{WORDS}\xa0{WORDS}\u2028{WORDS}\u2029{WORDS}",
]


@pytest.mark.usefixtures("helm")
@pytest.mark.parametrize(
    "how", ["toYaml .Values", 'printf "%q" (toYaml .Values)', "toYaml .Values | indent 7", "wrap 30 .Values.pw"]
)
@pytest.mark.parametrize("value", LONG)
def test_a_value_that_is_broken_into_lines(
    value: str, how: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    enter(make_chart(tmp_path / "app", "name: app", a=f"{{{{ fail ({how}) }}}}"), ".", monkeypatch)
    set_parameters(monkeypatch, helm_string_parameters={"pw": value})
    said = refused(generate())
    assert "***" in said
    for word in ("words", "long", "eighty", "columns"):
        assert word not in said


@pytest.mark.usefixtures("helm")
def test_what_helm_says_beside_a_rendering(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Helm warns about a symbolic link, and the rendering succeeds."""
    folder = make_chart(tmp_path / "app", "name: app", a="a: {{ .Values.pw | quote }}")
    (folder / "hunter2secret.txt").symlink_to("Chart.yaml")
    enter(folder, ".", monkeypatch)
    set_parameters(monkeypatch, helm_parameters={"pw": "hunter2secret"})
    done = generate()
    assert done.exit_code == 0
    assert b"hunter2secret" in done.output
    assert "hunter2" not in done.error
