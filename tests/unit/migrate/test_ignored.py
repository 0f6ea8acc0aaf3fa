"""Values that Polyaxon ignored: a note names them, and they stop nothing."""

from __future__ import annotations

import pytest

from tests.support.cli import run
from tests.support.migrate import NEXT, migrate, migrated

REASON = "because it had no effect in Polyaxon\n"
HEAD = "persistence:\n  data:\n    data1: {mountPath: /data/1, existingClaim: data-1"
TAIL = "  outputs:\n    outputs1: {mountPath: /outputs/1, existingClaim: outputs-1}\n"


@pytest.mark.parametrize(
    ("more", "path"),
    [
        ("}\n  uploads:\n    mountPath: /u\n    hostPath: /u\n", "persistence.uploads"),
        ("}\n  models: {}\n", "persistence.models"),
        ("}\n  enabled: true\n", "persistence.enabled"),
        ("}\n  storageClass: fast\n", "persistence.storageClass"),
        (", enabled: true}\n", "persistence.data.data1.enabled"),
        (", annotations: {a: b}}\n", "persistence.data.data1.annotations"),
        (", storageClass: fast}\n", "persistence.data.data1.storageClass"),
        (", fsGroup: 5}\n", "persistence.data.data1.fsGroup"),
    ],
)
def test_a_key_that_polyaxon_ignored_is_a_comment_with_a_note(more: str, path: str) -> None:
    text = HEAD + more + TAIL
    for options in ([], ["--strict"]):
        exit_code, output, error = migrate(text, *options)
        assert (exit_code, error) == (0, f"-: {path} is a comment now, {REASON}{NEXT}")
    key = path.rpartition(".")[2]
    assert f"# {key}: " in output or f"# {key}:\n" in output
    assert migrated(text) == migrated(HEAD + "}\n" + TAIL)


def test_a_volume_that_enabled_did_not_turn_off_is_a_warning() -> None:
    exit_code, output, error = migrate(HEAD + ", enabled: false}\n" + TAIL)
    assert exit_code == 0
    assert "<stdin>:3: warning[changed-meaning] persistence.data.data1.enabled: it had no effect" in error
    assert "hint: remove the volume if runs must not have it" in error
    assert "# enabled: false" in output


@pytest.mark.parametrize("stray", ["enabled: true", "storageClass: fast", "foo: 1", "annotations: {}", "foo: [a]"])
@pytest.mark.parametrize("role", ["data", "outputs"])
def test_a_stray_key_of_the_one_volume_gives_one_message(role: str, stray: str) -> None:
    keys = f"{stray}, mountPath: /d, existingClaim: c, subPath: s, readOnly: true, name: n, size: 1Gi"
    exit_code, _, error = migrate(f"persistence: {{{role}: {{{keys}}}}}\n")
    about = [line for line in error.splitlines() if stray.partition(":")[0] in line]
    assert len(about) == 1, error
    assert exit_code == 0
    entry = migrated(f"persistence: {{{role}: {{{keys}}}}}\n")["persistence"][role][role]
    assert entry == {"mountPath": "/d", "existingClaim": "c", "subPath": "s", "readOnly": True}


@pytest.mark.parametrize(
    "key", ["hostpath", "mount_path", "readonly", "mountpath", "subpath", "existing-claim", "secretkey"]
)
def test_a_misspelt_key_stays_for_check(key: str) -> None:
    """Polyaxon ignored it, too, but somebody meant it."""
    text = HEAD + f", {key}: a}}\n" + TAIL
    assert migrate(text + "rbac: {}\n")[1].startswith(text)


@pytest.mark.parametrize("key", ["dta", "output", "Data", "default_data"])
def test_a_misspelt_setting_is_an_error(key: str) -> None:
    exit_code, output, error = migrate(HEAD + f"}}\n  {key}: {{}}\n" + TAIL)
    assert (exit_code, output) == (1, "")
    assert f"persistence.{key}: unknown key\n  hint: did you mean" in error


def test_check_reports_the_one_volume_without_a_name_once() -> None:
    catalog = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: c, labels: {polyaxon.com/catalog: v1}}
data:
  persistence.yaml: |
    data:
      enabled: true
      mountPath: /data
      existingClaim: d
      subPath: a
      size: 5Gi
      accessMode: ReadWriteMany
    outputs:
      o: {mountPath: /o, existingClaim: o}
"""
    result = run("check", stdin=catalog)
    assert result.exit_code == 1
    assert result.error.count("error[") == 1
    assert 'persistence.data.mountPath: "mountPath" is a key of an entry' in result.error


@pytest.mark.parametrize(
    "more",
    [
        ", outputs: {results: {mountPath: /r, hostPath: /r}}}\n",
        "}\n    outputs:\n      results: {mountPath: /r, hostPath: /r}\n",
        ", labels: {mountPath: /l, hostPath: /l}}\n",
    ],
)
def test_what_is_indented_too_far_stays_for_the_chart_to_report(more: str) -> None:
    text = HEAD + more + TAIL
    exit_code, output, _ = migrate(text)
    assert (exit_code, output) == (0, text)
