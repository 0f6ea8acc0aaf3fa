"""Sections about Polyaxon's own services: one note names them, and their secret values go."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
import yaml

from tests.support.cli import run
from tests.support.migrate import CATALOG, NEXT, migrate

if TYPE_CHECKING:
    from pathlib import Path

# The shape of the values that people had: a copy of the chart's own ones, with few changes.
COPY = (
    CATALOG
    + """\
namespace: ml
rbac: {enabled: true}
ingress:
  enabled: false
  tls: [{secretName: team-tls}]
user:
  username: root
  email: root@team.example
  password: hunter-one   # changed at once
postgresql:
  postgresPassword: "hunter-two # no comment"
  externalPassword: |
    hunter-three
      hunter-four
redis: {usePassword: false, password: 'hunter-five'}
rabbitmq: {url: amqp://mq:hunter-six@queue:5672}
auth: {github: {enabled: true, clientId: abc, clientSecret: hunter-seven}}
api: {env: [{name: SMTP_PASSWORD, value: hunter-eight}, [API_TOKEN, hunter-nine]], resources: {limits: {cpu: 1}}}
privateRegistries:
- {host: registry.team.example, user: ci, password: hunter-ten}
passwordLength: 8
nodeSelectors: {core: , experiments: }
affinity:
tablesHook: {}
debug: 0
"""
)
ASIDE = "rbac ingress user postgresql redis rabbitmq auth api passwordLength nodeSelectors affinity tablesHook debug"
HIDDEN = (
    "user.password postgresql.postgresPassword postgresql.externalPassword redis.password rabbitmq.url "
    "auth.github.clientSecret api.env[0].value api.env[1][1] privateRegistries[0].password"
)


def test_one_note_names_all_obsolete_sections() -> None:
    exit_code, output, error = migrate(COPY)
    assert exit_code == 0
    note, secrets, *others = error.splitlines()
    names, reason = note.removeprefix("-: ").split(" are comments now, because they ")
    assert (sorted(names.split(", ")), reason) == (sorted(ASIDE.split()), "are about Polyaxon's own services")
    said = "-: removed secret values, also from the diff: "
    assert (secrets[: len(said)], sorted(secrets[len(said) :].split(", "))) == (said, sorted(HIDDEN.split()))
    assert [line for line in others if "own services" in line] == []
    assert sorted(yaml.safe_load(output)) == ["persistence"]
    assert "# changed at once" in output
    assert "#   - {host: registry.team.example, user: ci, password: (removed)}\n" in output or (
        "# - {host: registry.team.example, user: ci, password: (removed)}\n" in output
    )
    assert "secretName: team-tls" in output  # the name of a Secret is no secret
    assert "usePassword: false" in output


def test_obsolete_sections_do_not_fail_strict() -> None:
    text = CATALOG + "rbac: {enabled: false}\ningress: {}\npostgresql:\n  enabled: true\nredis: {}\n"
    exit_code, output, error = migrate(text, "--strict")
    assert (exit_code, yaml.safe_load(output)) == (0, yaml.safe_load(CATALOG))
    assert error == (
        "-: rbac, ingress, postgresql, redis are comments now, because they are about Polyaxon's own services\n" + NEXT
    )
    _, _, error = migrate(CATALOG + "rbac: {}\n", "--strict")
    assert error == "-: rbac is a comment now, because it is about Polyaxon's own services\n" + NEXT


@pytest.mark.parametrize(
    ("key", "hint"),
    [
        ("secretRefs: [a]", "write runDefaults.envFrom"),
        ("configmapRefs: [a]", "write runDefaults.envFrom"),
        ("nodeSelectorsGPU: {a: b}", "write runDefaults.nodeSelector"),
        ("imagePullSecrets: [a]", "write runDefaults.imagePullSecrets"),
        ("timezone: UTC", "write runs.<run>.timeZone"),
    ],
)
def test_keys_about_runs_are_reported(key: str, hint: str) -> None:
    exit_code, output, error = migrate(CATALOG + key + "\n")
    assert (exit_code, yaml.safe_load(output)) == (0, yaml.safe_load(CATALOG))
    assert f"<stdin>:7: warning[not-migrated] {key.partition(':')[0]}: " in error
    assert f"hint: {hint}" in error
    assert migrate(CATALOG + key + "\n", "--strict")[0] == 1


def test_secret_values_reach_no_output(tmp_path: Path) -> None:
    path = tmp_path / "values.yaml"
    path.write_text(COPY)
    for options in ([], ["--output", "json"], ["--strict"], ["--check"], ["--in-place"]):
        result = run("migrate", *options, str(path))
        assert "hunter" not in result.output.decode() + result.error, options
    assert "hunter" not in path.read_text()
    assert "(removed)" in path.read_text()
    assert "hunter" not in migrate(COPY)[1]


@pytest.mark.parametrize("more", ["persistence: {dta: {}}\n", "user: {password: hunter}\n", "guard: *p\n"])
def test_secret_values_reach_no_error(more: str) -> None:
    exit_code, output, error = migrate("rabbitmq: {password: &p hunter}\nuser:\n  token: hunter\n" + more)
    assert (exit_code, output) == (1, "")
    assert "hunter" not in error


def test_what_stays_keeps_its_values() -> None:
    """A file of today has keys of its own, and a run may have any variable."""
    runs = "runs: {train: {image: x, env: [{name: TOKEN, value: hunter}]}}\nservice: {password: hunter}\n"
    assert migrate(CATALOG + runs)[1] == CATALOG + runs
    bucket = "persistence: {logs: {store: s3, bucket: 's3://b', secret: logs-secret, secretKey: key}}\n"
    assert "secret: logs-secret" in migrate(bucket)[1]
    run_of = "kind: job\nbuild: {image: x}\nenvironment: {env_vars: {TOKEN: hunter}}\nuser: ada\n"
    assert "TOKEN: hunter" in migrate(run_of)[1]


def test_json_has_the_notes(tmp_path: Path) -> None:
    path = tmp_path / "values.yaml"
    path.write_text(CATALOG + "rbac: {}\nuser: {password: hunter}\n")
    (row,) = json.loads(run("migrate", "--output", "json", str(path)).output)["files"]
    assert row["notes"] == [
        "rbac, user are comments now, because they are about Polyaxon's own services",
        "removed secret values, also from the diff: user.password",
    ]
    assert "-user: {password: (removed)}\n" in row["diff"]


SECRETS = """\
privateRegistries: ["ada:hunter@registry.example.com:5000", 'bob:hunter@registry.example.com']
integrations:
  discord: [{url: https://discordapp.com/api/webhooks/1/hunter}]
  hipchat: [{url: "https://labs.hipchat.com/v2/room/1/notification?auth_token=hunter"}]
  mattermost: [{url: https://mattermost.example.com/hooks/hunter}]
  pagerduty: [{url: https://events.pagerduty.com/create_event.json, service_key: hunter}]
  webhooks: [{url: https://example.com/hunter, method: POST}]
rabbitmq-ha: {rabbitmqErlangCookie: hunter, definitions: {passwords: [hunter], tokens: {a: hunter}}}
redis: {url: "redis://:hunter@redis:6379", args: ["--requirepass=hunter", "PASSWORD=hunter"], smtp_pwd: hunter}
celery: {flags: [--requirepass hunter, 'Bearer hunter'], password2: hunter, passwordHash: hunter, basicAuth: 'a:hunter'}
tracker: {sentry: https://0123456789abcdefhunter@sentry.io/12, authorization: hunter}
ldap: {bindPw: hunter, config: "bindPassword = hunter", pass: hunter, encryptionKey: hunter}
externalServices: {url: "postgres://u@h/?password=hunter", broker: "amqp://u:a/hunter@h"}
"""


def test_secret_values_in_the_forms_that_polyaxon_documented_reach_no_output() -> None:
    exit_code, output, error = migrate(CATALOG + SECRETS)
    assert exit_code == 0
    assert [line for line in (output + error).splitlines() if "hunter" in line] == []


def test_what_only_looks_like_a_secret_stays() -> None:
    text = (
        "api: {image: 'redis:5@sha256:0123', url: 'https://example.com:80/a', bypass: 1, hooks: /hooks/a}\n"
        "repos: {git: 'ssh://git@github.com/a/b', imagePullSecrets: [{name: regcred}]}\n"
        "imagePullSecrets: [regcred, other]\nevents: {imagePullSecret: regcred, image-pull-secrets: [regcred]}\n"
    )
    exit_code, output, error = migrate(CATALOG + text)
    assert (exit_code, "(removed)" in output, "removed" in error) == (0, False, False)
