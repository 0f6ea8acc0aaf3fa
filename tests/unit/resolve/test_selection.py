"""How outputsSelection spreads runs over entries, and runs that get the same entries."""

from __future__ import annotations

import pytest

from post_renderer.problems import Problems
from post_renderer.resolve import resolve
from post_renderer.resolve.identity import POD_NAME_FIELD, Identity
from tests.support.cli import DOCUMENTED
from tests.support.resolve import JOB_NAME_FIELD, ask, mounts, read, refused, resolved, variables, volumes

# How outputsSelection spreads runs over entries


def spread(names: list[str]) -> str:
    entries = "".join(f"  {name}: {{mountPath: /{name}, existingClaim: {name}}}\n" for name in names)
    return "outputsSelection: spread\noutputs:\n" + entries


# Pinned for release 0.1.0: another pick would move a run's results.
PICKS = {"train": "c", "train-1": "a", "train-2": "a", "eval": "c", "a": "b", "sweep-17": "c"}


@pytest.mark.parametrize(("name", "picked"), PICKS.items())
def test_the_picks_of_release_0_1_0(name: str, picked: str) -> None:
    assert volumes(resolved(spread(["a", "b", "c"]), Identity(name), kind="experiment")) == [picked]


def test_a_new_entry_moves_only_runs_to_itself() -> None:
    few, many = read(spread(["a", "b", "c"])), read(spread(["a", "b", "c", "d"]))
    moved = 0
    for number in range(200):
        before, after = (resolve(catalog, ask(), Identity(f"run-{number}"), Problems()) for catalog in (few, many))
        assert before is not None
        assert after is not None
        if volumes(before) != volumes(after):
            assert volumes(after) == ["d"]
            moved += 1
    assert 25 <= moved <= 75  # a quarter of them, give or take


def test_every_entry_gets_its_share() -> None:
    catalog = read(spread(["a", "b", "c"]))
    picked = [resolve(catalog, ask(), Identity(f"run-{number}"), Problems()) for number in range(300)]
    counts = {name: sum(volumes(item) == [name] for item in picked if item) for name in "abc"}
    assert all(60 <= count <= 140 for count in counts.values()), counts


def test_the_kind_is_part_of_the_identity() -> None:
    catalog = read(spread([f"o{number}" for number in range(20)]))
    picks = {
        kind: resolve(catalog, ask(kind=kind), Identity("train"), Problems())
        for kind in ("job", "experiment", "notebook")
    }
    assert len({tuple(volumes(pick)) for pick in picks.values() if pick}) == 3


def test_read_only_entries_are_never_picked() -> None:
    catalog = read(spread(["a"]) + "  b: {mountPath: /b, existingClaim: b, readOnly: true}\n")
    for number in range(20):
        pick = resolve(catalog, ask(), Identity(f"run-{number}"), Problems())
        assert pick is not None
        assert volumes(pick) == ["a"]


@pytest.mark.parametrize(
    ("identity", "refusal"),
    [
        (Identity("train"), False),
        (Identity("train", JOB_NAME_FIELD), False),
        (Identity("", JOB_NAME_FIELD), True),
        (Identity("", POD_NAME_FIELD), True),
        (Identity(""), True),
    ],
)
def test_spread_needs_a_name_that_is_in_the_stream(identity: Identity, refusal: bool) -> None:
    if refusal:
        ((code, message, hint),) = refused(spread(["a", "b"]), identity)
        assert code == "no-default-outputs"
        assert "generates the name of this object" in message
        assert "polyaxon.com/run-folder" in hint
    else:
        assert resolved(spread(["a", "b"]), identity)


# Runs of one stream: what the same choice of entries gives is found once


def test_runs_that_choose_alike_differ_in_their_directories_alone() -> None:
    catalog = read(DOCUMENTED)
    first, second = (resolve(catalog, ask(data=["data1"]), Identity(name), Problems()) for name in ("a", "b"))
    assert first is not None
    assert second is not None
    folders = [variables(one).pop("POLYAXON_RUN_FOLDER") for one in (first, second)]
    assert folders == [one.run_folder for one in (first, second)]
    assert folders[0] != folders[1]
    alone = resolved(DOCUMENTED, Identity("b"), data=["data1"])
    assert second.env == alone.env
    assert (mounts(second), second.volumes) == (mounts(alone), alone.volumes)


def test_each_run_has_its_own_choice_and_name() -> None:
    catalog = read(DOCUMENTED)
    asked = [
        ask(data=["data1"]),
        ask(data=["data-foo"]),
        ask(data=["data-foo", "data1"]),
        ask(),
        ask(kind="tensorboard"),
    ]
    found = [resolve(catalog, one, Identity("train"), Problems()) for one in (*asked, *asked)]
    alone = [resolve(read(DOCUMENTED), one, Identity("train"), Problems()) for one in (*asked, *asked)]
    assert [one and (one.env, mounts(one), one.volumes) for one in found] == [
        one and (one.env, mounts(one), one.volumes) for one in alone
    ]
    generated = resolve(catalog, asked[0], Identity("", JOB_NAME_FIELD), Problems())
    assert generated is not None
    assert [item["name"] for item in generated.env][:3] == [
        "POLYAXON_RUN_NAME", "POLYAXON_K8S_NAMESPACE", "POLYAXON_RUN_FOLDER"
    ]  # fmt: skip


def test_what_is_wrong_with_a_choice_is_reported_of_each_run() -> None:
    catalog = read("data:\n  a: {mountPath: /x, hostPath: /a}\n  b: {mountPath: /x, hostPath: /b}\n")
    for _ in range(2):
        problems = Problems()
        assert resolve(catalog, ask(), Identity("train"), problems) is None
        assert [problem.code for problem in problems.found] == ["same-mount-path"]


def test_values_that_are_too_long_are_reported_in_the_order_of_the_variables() -> None:
    long = "/".join(["x" * 200] * 700)
    found = refused(f"runFolder: '{long}/{{name}}'\noutputs:\n  o: {{mountPath: '/{long}', hostPath: /o}}\n")
    assert [(code, message.split()[0]) for code, message, _ in found] == [
        ("value-too-long", name)
        for name in ("POLYAXON_RUN_FOLDER", "POLYAXON_BASE_OUTPUTS_PATH", "POLYAXON_RUN_OUTPUTS_PATH")
    ]


def test_runs_that_get_the_same_entries_have_reasons_of_their_own() -> None:
    catalog = read("data:\n  a: {mountPath: /a, hostPath: /a}\noutputs:\n  o: {mountPath: /o, hostPath: /o}\n")
    asked = (ask(), ask(data=["a"]), ask(outputs="o"), ask(data=["a"], outputs="o"))
    found = [resolve(catalog, one, Identity("train"), Problems()) for one in (*asked, *asked)]
    reasons = [[mount.reason for mount in one.mounts if mount.reason != "run folder"] for one in found if one]
    expected = [["first writable", "all data"], ["first writable", "asked"], ["asked", "all data"], ["asked", "asked"]]
    assert reasons == expected * 2
