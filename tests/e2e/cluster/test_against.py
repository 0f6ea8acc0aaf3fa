"""`check --against` before an upgrade, held against what the upgrade then does."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.e2e.cluster.outcomes import CHANGED
from tests.e2e.cluster.support import one_run, until
from tests.support.cli import run

if TYPE_CHECKING:
    from tests.e2e.cluster.support import Helm, Namespace, Object

KINDS = "jobs,cronjobs"
REPLACE = {"policy": "replace"}
CRON = {"schedule": "0 0 1 1 *"}
BEFORE: Object = {
    "same": {},
    "changed": {},
    "changed-replaced": REPLACE,
    "gone": {},
    "gone-replaced": REPLACE,
    "deleted": {},
    "number": {"backoffLimit": 1},
    "cron": CRON,
    "cron-gone": CRON,
}
AFTER: Object = {
    "same": {},
    "changed": CHANGED,
    "changed-replaced": {**REPLACE, **CHANGED},
    "deleted": {},
    "number": {"backoffLimit": 2},
    "cron": {**CRON, **CHANGED},
    "new": {},
}


def uids(space: Namespace) -> dict[str, str]:
    items = json.loads(space.kubectl("get", KINDS, "-o", "json"))["items"]
    return {
        f"{item['kind']}/{item['metadata']['name']}": item["metadata"]["uid"]
        for item in items
        if "deletionTimestamp" not in item["metadata"]
    }


def predict(helm: Helm, values: Object) -> dict[str, str]:
    """What `check` says of an upgrade to these values."""
    for name, text in (
        ("after.yaml", json.dumps(values)),
        ("installed.yaml", helm.must("get", "manifest", "demo")),
        ("live.yaml", helm.space.kubectl("get", KINDS, "-o", "yaml")),
    ):
        (helm.folder / name).write_text(text)
    bare = helm.must("template", "demo", "chart", "-f", str(helm.folder / "after.yaml"))
    against = [word for name in ("installed", "live") for word in ("--against", str(helm.folder / f"{name}.yaml"))]
    checked = run("check", *against, "--output", "json", stdin=bare)
    outcomes = {found["object"]: found["outcome"] for found in json.loads(checked.output)["runs"]}
    assert checked.exit_code == ("blocked" in outcomes.values()), checked.error
    return outcomes


def test_what_check_says_is_what_happens(helm: Helm) -> None:
    helm.must_upgrade({**one_run(), "runs": BEFORE})
    (deleted,) = helm.space.jobs("deleted")
    helm.space.kubectl("delete", "job", deleted)
    before = uids(helm.space)
    said = predict(helm, {**one_run(), "runs": AFTER})
    helm.must_upgrade({**one_run(), "runs": AFTER})
    gone = [name for name, outcome in said.items() if outcome in ("replaced", "removed")]
    until("what is deleted is gone", lambda: not uids(helm.space).keys() & set(gone))
    after = uids(helm.space)
    # Every outcome that check knows for a Job that may be named by its content stands here at least once.
    assert set(said.values()) == {"starts", "left alone", "replaced", "goes on", "removed", "updated"}
    assert set(said) == before.keys() | after.keys()
    for name, outcome in said.items():
        if outcome == "starts":
            assert name not in before, name
        elif outcome in ("replaced", "removed"):
            assert name in before, name
        else:
            assert after[name] == before[name], name
    managed = helm.must("get", "manifest", "demo")
    for name, outcome in said.items():
        stands = f'name: "{name.partition("/")[2]}"' in managed or f"name: {name.partition('/')[2]}\n" in managed
        assert stands is (outcome in ("starts", "left alone", "updated")), name


def test_a_blocked_run_is_one_that_kubernetes_refuses_to_change(helm: Helm) -> None:
    helm.must_upgrade(one_run(policy="none"))
    values = one_run(policy="none", **CHANGED)
    assert predict(helm, values) == {"Job/demo-train": "blocked"}
    assert "immutable" in helm.upgrade(values).stderr


def test_a_grown_catalog_starts_as_many_runs_as_check_reported(helm: Helm) -> None:
    values = {
        **one_run(),
        "runs": {"all": {}, "none": {"polyaxonfile": {"environment": {"persistence": {"data": []}}}}},
    }
    helm.must_upgrade(values)
    values["persistence"]["data"] = {"more": {"mountPath": "/data/more", "volumeSource": {"emptyDir": {}}}}
    before = uids(helm.space)
    said = predict(helm, values)
    helm.must_upgrade(values)
    started = uids(helm.space).keys() - before.keys()
    assert len(started) == 1
    assert {name for name, outcome in said.items() if outcome == "starts"} == started
