"""The boxes and links of the picture, and their places."""

from __future__ import annotations

from post_renderer.pages.drawing import draw
from post_renderer.pages.picture import RUN, SEPARATE_RUNS, STORAGE, VOLUME, arrange
from post_renderer.pages.view import Line

TWO = [
    Line("Job/a", "data", "claim data", writes=False),
    Line("Job/a", "results", "claim results", writes=True),
    Line("Job/b", "data", "claim data", writes=True),
]


def test_each_run_volume_and_storage_is_one_box() -> None:
    picture = arrange(TWO)
    assert [(box.column, box.title) for box in picture.boxes] == [
        (RUN, "Job/a"),
        (VOLUME, "data"),
        (STORAGE, "claim data"),
        (VOLUME, "results"),
        (STORAGE, "claim results"),
        (RUN, "Job/b"),
    ]
    assert [tuple(link) for link in picture.links] == [
        (0, 1, False),
        (1, 2, True),  # Job/b writes
        (0, 3, True),
        (3, 4, True),
        (5, 1, True),
    ]


def test_a_volume_of_the_same_name_on_another_storage_is_another_box() -> None:
    other = Line("Job/b", "data", "claim other", writes=False)
    assert [box.title for box in arrange([TWO[0], other]).boxes if box.column == VOLUME] == ["data", "data"]


def test_a_run_that_reads_and_writes_a_volume_writes() -> None:
    lines = [Line("Job/a", "v", "s", writes=writes) for writes in (True, False)]
    assert [link.writes for link in arrange(lines).links] == [True, True]
    assert [link.writes for link in arrange(lines[::-1]).links] == [True, True]


def test_many_runs_with_the_same_volumes_are_one_box() -> None:
    few = [Line(f"Job/{number}", "v", "s", writes=True) for number in range(SEPARATE_RUNS)]
    assert len(arrange(few).boxes) == SEPARATE_RUNS + 2
    many = [*few, Line("Job/x", "v", "s", writes=True), Line("Job/y", "v", "s", writes=False)]
    runs = [box for box in arrange(many).boxes if box.column == RUN]
    assert [box.title for box in runs] == [f"Job/0 and {SEPARATE_RUNS} more", "Job/y"]
    assert runs[0].names == [*(line.run for line in few), "Job/x"]


def test_nothing_is_an_empty_picture() -> None:
    assert arrange([]) == ([], [])


def test_boxes_do_not_overlap_and_links_lead_from_box_to_box() -> None:
    lines = [Line(f"Job/{n}", f"v{n % 3}", f"s{n % 2}", writes=bool(n % 2)) for n in range(9)]
    drawing = draw(arrange(lines), {"Job/0": "g0-0", "s1": "g1-1", "v1": "never"})
    assert len({(box.x, box.y) for box in drawing.boxes}) == len(drawing.boxes)
    for one in drawing.boxes:
        assert 0 <= one.y <= drawing.height - drawing.box_height
        assert one.x + one.width <= drawing.width
        for other in drawing.boxes:
            apart = abs(one.y - other.y) >= drawing.box_height or one.x != other.x
            assert one is other or apart
    by_number = {box.number: box for box in drawing.boxes}
    for link in drawing.links:
        start, end = by_number[link.start], by_number[link.end]
        assert link.d.startswith(f"M{start.x + start.width:g} {start.y + 15:g}C")
        assert link.d.endswith(f" {end.x:g} {end.y + 15:g}")
    assert {box.title: box.target for box in drawing.boxes if box.target} == {"Job/0": "g0-0", "s1": "g1-1"}


def test_volumes_are_beside_their_runs() -> None:
    lines = [Line("a", "last", "s", writes=True), Line("b", "x", "s", writes=True), Line("a", "x", "s", writes=True)]
    drawing = draw(arrange([*lines, Line("c", "y", "s", writes=True)]), {})
    ordered = sorted((box.y, box.title) for box in drawing.boxes if box.kind == "volume")
    assert [title for _, title in ordered] == ["last", "x", "y"]


def test_a_long_title_keeps_its_begin_and_its_end() -> None:
    (box, *_) = draw(arrange([Line("Job/" + "x" * 200 + "-end", "v", "s", writes=True)]), {}).boxes
    assert box.label.startswith("Job/xxx")
    assert box.label.endswith("x-end")
    assert "…" in box.label
    assert len(box.label) <= 53
