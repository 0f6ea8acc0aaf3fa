"""The rows of the benchmark: the stream of each, its contestants, and the rounds of each contestant."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ci.bench import streams
from ci.bench.growth import LIVE, LIVE_JOBS
from ci.bench.helm import CAPTURED, HELMS, RENDERERS, helm_chart, template
from ci.bench.install import BUILDS, BUNDLED, FOLDER, ROOT, script
from ci.bench.measure import Command, run
from ci.bench.shapes import SHAPES

if TYPE_CHECKING:
    from collections.abc import Callable

ALL = 0  # as many rounds as `make bench` has
ONE, FEW, SOME = 1, 3, 7  # for contestants that take seconds
SITE, LIVE_CATALOG = FOLDER / "site.yaml", FOLDER / "live-catalog.yaml"
PROGRAMS = dict.fromkeys(("pyc", "copy", "cat", *BUILDS, "yq"), ALL)
COPY_AND_BUILDS = dict.fromkeys(("pyc", "copy", *BUILDS), ALL)


def make_h() -> bytes:
    run(template("helm4", helm_chart(streams.make_a().encode()), "capture"))
    return CAPTURED.read_bytes()


def make_j() -> bytes:
    return run(template("helm3", ROOT / "chart", values=streams.values_of_runs())).output


def make_live() -> bytes:
    """Return Jobs as `kubectl get jobs -o yaml` prints them, each with the volumes for which it asks."""
    case = SHAPES[LIVE][0](LIVE_JOBS)
    LIVE_CATALOG.write_bytes(case.files["catalog"])
    return run(Command([script("pure"), "--persistence", str(LIVE_CATALOG)], case.stdin)).output


def with_site(stream: str) -> bytes:
    """Write the catalog that a site gives to all charts, and return the stream, which has no catalog."""
    SITE.write_text(streams.catalog())
    return stream.encode()


def make_helm() -> bytes:
    stream = streams.make_a().encode()
    helm_chart(stream)
    return stream


class Row(NamedTuple):
    """``options``: those of polyaxon-persistence. ``passes``: whether each contestant writes the stream again."""

    text: str
    make: Callable[[], bytes]
    contestants: dict[str, int]
    options: tuple[str, ...] = ()
    passes: bool = True


ROWS = {
    "a": Row(
        "a small chart: 23 documents, 5 with a request",
        lambda: streams.make_a().encode(),
        {**PROGRAMS, "kustomize": FEW, "ruamel": FEW, BUNDLED: ALL, "imports": ALL},
    ),
    "a50": Row("a with a catalog of 50 entries", lambda: streams.make_a(50).encode(), COPY_AND_BUILDS),
    "a-site": Row(
        "like a, but of another seed; its catalog is in the file of `--persistence`",
        lambda: with_site(streams.small_chart(streams.HELD_OUT)),
        COPY_AND_BUILDS,
        ("--persistence", str(SITE)),
    ),
    "b": Row(
        "1,000 workloads, all with a request; each has a character beyond Latin-1",
        lambda: streams.make_b().encode(),
        {**PROGRAMS, "yq": SOME, **dict.fromkeys(("full", "once", "events"), FEW), "kustomize": ONE, "ruamel": ONE},
    ),
    "b-ascii": Row("b in ASCII", lambda: streams.make_b_ascii().encode(), {**PROGRAMS, "yq": SOME}),
    "b10000": Row(
        "b with 10,000 workloads",
        lambda: streams.make_b(10_000).encode(),
        {"pyc": ALL, **dict.fromkeys(BUILDS, FEW)},
    ),
    "c": Row(
        "10 MB of definitions, dashboards and rules, 20 workloads with a request",
        lambda: streams.make_large(20).encode(),
        {**PROGRAMS, "yq": SOME, "kustomize": ONE, "ruamel": ONE},
    ),
    "n": Row("10 MB without a request", lambda: streams.make_large(0).encode(), {**PROGRAMS, "yq": SOME}),
    "n-site": Row(
        "like n, but of another seed; with the same `--persistence` as a-site",
        lambda: with_site(streams.make_large(0, seed=streams.HELD_OUT)),
        COPY_AND_BUILDS,
        ("--persistence", str(SITE)),
    ),
    "h": Row(
        "a, in the form in which Helm 4 passes it to a post-renderer",
        make_h,
        {"pyc": ALL, **dict.fromkeys(BUILDS, ALL)},
    ),
    "j": Row(
        "the chart polyaxon-persistence with 200 runs, Jobs named by content",
        make_j,
        {"pyc": ALL, **dict.fromkeys(BUILDS, ALL)},
    ),
    "live": Row(
        "10,000 Jobs of a cluster in one List, for the command `verify`",
        make_live,
        {"pyc": ALL, **dict.fromkeys(BUILDS, FEW)},
        ("verify", "--persistence", str(LIVE_CATALOG)),
        passes=False,
    ),
    "helm": Row(
        "`helm template` of a chart whose only template is a",
        make_helm,
        {name: ALL for helm in HELMS for name in (helm, *(f"{helm} + {renderer}" for renderer in RENDERERS))},
        passes=False,
    ),
}
