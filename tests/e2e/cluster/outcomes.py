"""What each thing that one does to a release does to its runs, by run-policy: data that the cluster's tests prove row by
row, and that the table in docs/outcomes.md is made of.

python -m tests.e2e.cluster.outcomes          writes the table
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tests.e2e.cluster.support import one_run
from tests.support.paths import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.e2e.cluster.support import Helm, Object

PAGE = ROOT / "docs" / "outcomes.md"
BEGIN = "<!-- outcomes: made by tests/e2e/cluster/outcomes.py, whose rows the cluster's tests prove -->"
END = "<!-- end of outcomes -->"
POLICIES = ("keep", "replace", "none")

# What may come of it. The old Job is the one that was there before.
GOES_ON = "the run goes on"
BESIDE = "the old run goes on; a new one starts beside it"
WAITS = "the old run goes on; a new one waits at the gate"
REPLACED = "the old run is deleted; a new one starts"
GATED = "the old run is deleted; a new one waits at the gate"
DELETED = "the run is deleted"
STARTS = "a new one starts"
SUSPENDED = "its pod is deleted, the Job stays"
STAYS = "the run stays as it is, finished"
FAILS = "Helm fails; "

CHANGED: Object = {"env": [{"name": "RATE", "value": "2"}]}
BROKEN: Object = {"env": [{"name": "RATE", "valueFrom": {"fieldRef": {"fieldPath": "no.such"}}}]}
ATOMIC = {"helm3": "--atomic", "helm4": "--rollback-on-failure"}
FORCE = {"helm3": ("--force",), "helm4": ("--force-replace", "--server-side=false")}


class Release(NamedTuple):
    """A release with a run of each of these policies, called by them, and who works on it."""

    helm: Helm
    other: Helm
    policies: tuple[str, ...]

    def values(self, **run: object) -> Object:
        return {**one_run(), "runs": {policy: {"policy": policy, **run} for policy in self.policies}}

    def upgrade(self, *more: str, post: bool = True, broken: bool = False, **run: object) -> int:
        """`helm upgrade` of the runs with these values of theirs; `broken`: with one more, which Kubernetes refuses."""
        values = self.values(**run)
        if broken:
            values["runs"]["the-last"] = {**BROKEN}
        return self.helm.upgrade(values, more=more, post=post).returncode

    def call(self, *words: str) -> int:
        return self.helm.run(*words).returncode


class Row(NamedTuple):
    """``act`` is done to a release whose runs are there, after ``before``; ``outcome``: one for each policy."""

    title: str
    act: Callable[[Release], int]
    outcome: tuple[str, str, str]
    before: Callable[[Release], object] = lambda _: None


def grow(release: Release) -> int:
    values = release.values()
    values["persistence"]["data"] = {"more": {"mountPath": "/data/more", "volumeSource": {"emptyDir": {}}}}
    return release.helm.upgrade(values).returncode


def finish(release: Release) -> None:
    """Let all Jobs of the release finish."""
    space = release.helm.space
    space.run_on_node(f"touch {space.folder}/results/end")
    for job in space.get("jobs", instance="demo"):
        space.wait_for_end(job["metadata"]["name"])


def finish_and_change(release: Release) -> None:
    finish(release)
    release.upgrade(**CHANGED)
    finish(release)


ROWS = (
    Row("upgrade, nothing changed", lambda release: release.upgrade(), (GOES_ON, GOES_ON, GOES_ON)),
    Row(
        "the same with the other major version of Helm",
        lambda release: release.other.upgrade(release.values()).returncode,
        (GOES_ON, GOES_ON, GOES_ON),
    ),
    Row(
        "upgrade, a number changed that is not part of the name (`backoffLimit`)",
        lambda release: release.upgrade(backoffLimit=3),
        (GOES_ON, GOES_ON, GOES_ON),
    ),
    Row(
        "upgrade, the run changed",
        lambda release: release.upgrade(**CHANGED),
        (BESIDE, REPLACED, FAILS + GOES_ON),
    ),
    Row("upgrade, `rerun` raised", lambda release: release.upgrade(rerun=1), (BESIDE, REPLACED, FAILS + GOES_ON)),
    Row("upgrade, a volume added to the catalog that the run gets", grow, (BESIDE, REPLACED, FAILS + GOES_ON)),
    Row(
        "upgrade, `suspend: true`",
        lambda release: release.upgrade(suspend=True),
        (SUSPENDED, SUSPENDED, SUSPENDED),
    ),
    Row(
        "upgrade, the run removed from the values",
        lambda release: release.helm.upgrade({**one_run(), "runs": {}}).returncode,
        (GOES_ON, DELETED, DELETED),
    ),
    Row(
        "upgrade without the post-renderer",
        lambda release: release.upgrade(post=False),
        (WAITS, GATED, FAILS + GOES_ON),
    ),
    Row(
        "roll back from that",
        lambda release: release.call("rollback", "demo", "1"),
        (GOES_ON, STARTS, GOES_ON),
        lambda release: release.upgrade(post=False),
    ),
    Row(
        "upgrade again with the post-renderer, after that",
        lambda release: release.upgrade(),
        (GOES_ON, STARTS, GOES_ON),
        lambda release: release.upgrade(post=False),
    ),
    Row(
        "upgrade back to the values before a change",
        lambda release: release.upgrade(),
        (GOES_ON, REPLACED, GOES_ON),
        lambda release: release.upgrade(**CHANGED),
    ),
    Row(
        "roll back from a change",
        lambda release: release.call("rollback", "demo", "1"),
        (GOES_ON, REPLACED, GOES_ON),
        lambda release: release.upgrade(**CHANGED),
    ),
    Row("upgrade, nothing changed, the Job finished", lambda release: release.upgrade(), (STAYS, STAYS, STAYS), finish),
    Row(
        "roll back, all Jobs finished",
        lambda release: release.call("rollback", "demo", "1"),
        (STAYS, REPLACED, STAYS),
        finish_and_change,
    ),
    Row(
        "upgrade, nothing changed, the Job deleted by hand",
        lambda release: release.upgrade(),
        (STARTS, STARTS, STARTS),
        lambda release: release.helm.space.kubectl("delete", "jobs", "--all"),
    ),
    Row(
        "upgrade, the run changed, and Kubernetes refuses another one",
        lambda release: release.upgrade(broken=True, **CHANGED),
        (FAILS + BESIDE, FAILS + BESIDE, FAILS + GOES_ON),
    ),
    Row(
        "the same with `--atomic` (Helm 3), `--rollback-on-failure` (Helm 4)",
        lambda release: release.upgrade(ATOMIC[release.helm.name], "--timeout=30s", broken=True, **CHANGED),
        (FAILS + BESIDE, FAILS + GOES_ON, FAILS + GOES_ON),
    ),
    Row(
        "upgrade, nothing changed, `--force` (Helm 3), `--force-replace --server-side=false` (Helm 4)",
        lambda release: release.upgrade(*FORCE[release.helm.name]),
        (GOES_ON, GOES_ON, FAILS + GOES_ON),
    ),
    Row(
        "the same, and the run changed",
        lambda release: release.upgrade(*FORCE[release.helm.name], **CHANGED),
        (BESIDE, REPLACED, FAILS + GOES_ON),
    ),
    Row("uninstall", lambda release: release.call("uninstall", "demo"), (GOES_ON, DELETED, DELETED)),
    Row(
        "uninstall, then install again",
        lambda release: release.upgrade(),
        (GOES_ON, STARTS, STARTS),
        lambda release: release.call("uninstall", "demo"),
    ),
)


def make_table() -> str:
    rows = ["| you | `keep` (default) | `replace` | `none` |", "|---|---|---|---|"]
    rows += [f"| {row.title} | {' | '.join(row.outcome)} |" for row in ROWS]
    return "\n".join(rows)


def fill_page(page: str) -> str:
    """The page with today's table between its two marks."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{make_table()}\n{END}{after}"


if __name__ == "__main__":
    PAGE.write_text(fill_page(PAGE.read_text()))
