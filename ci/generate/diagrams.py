"""Draws the pictures of docs/how-it-works.md, docs/upgrades.md, docs/argocd.md and docs/architecture.md."""

from __future__ import annotations

from ci.generate.svg import LINE, Drawing


def draw_values_to_pod() -> str:
    drawing = Drawing(
        1000, 300,
        "From the values to the pod",
        "Helm renders the chart with its values into a stream of manifests. The stream contains the catalog and the "
        "requests of the runs. The post-renderer adds volumes, mounts and variables to the runs. Helm sends the result "
        "to Kubernetes, which starts the pods.",
    )  # fmt: skip
    drawing.card(24, 60, 190, 90, "values", ("the catalog, the runs",))
    drawing.card(24, 186, 190, 70, "site.yaml", ("the catalog of a site",))
    drawing.card(280, 60, 180, 90, "Helm", ("renders the chart",))
    drawing.card(530, 60, 200, 90, "polyaxon-persistence", ("adds the volumes,", "or reports all errors"))
    drawing.card(800, 60, 176, 90, "Kubernetes", ("starts the pods",))
    drawing.arrow((214, 105), (278, 105))
    drawing.arrow((460, 105), (528, 105))
    drawing.arrow((730, 105), (798, 105))
    drawing.arrow((214, 221), (630, 221), (630, 152))
    drawing.text(494, 44, "manifests", "soft middle")
    drawing.text(764, 44, "manifests with volumes", "soft middle")
    drawing.text(420, 244, "--persistence site.yaml", "code middle")
    drawing.text(
        24, 286, "Nothing of this runs in the cluster: Helm starts the post-renderer on the same machine.", "soft"
    )
    return drawing.finish()


def draw_run_folders() -> str:
    drawing = Drawing(
        1000, 360,
        "An outputs volume, its run folders, and what a pod mounts",
        "The outputs volume has a directory for each run. A pod mounts the whole volume, its own run folder, and "
        "read-only the run folders of the runs that it refers to.",
    )  # fmt: skip
    drawing.box(24, 24, 420, 312)
    drawing.text(42, 52, "the outputs volume: claim results-pvc", "title")
    tree = [
        "/",
        "└─ vision",
        "   ├─ experiments",
        "   │  └─ demo-train-1e6ee7a437",
        "   └─ jobs",
        "      └─ demo-evaluate-6269530b18",
    ]
    drawing.lines(60, 96, tree, "code", 40)
    drawing.box(560, 24, 416, 312)
    drawing.text(578, 52, "the pod of evaluate", "title")
    for top, path, note in (
        (80, "/outputs/results", "the root of the volume (not with isolateRuns)"),
        (200, "/polyaxon/refs/experiments/train", "the results of another run, read-only"),
        (280, "/polyaxon/outputs", "the run folder: write results here"),
    ):  # fmt: skip
        drawing.text(580, top + 16, path, "code")
        drawing.text(580, top + 16 + LINE, note, "soft")
    drawing.arrow((558, 92), (84, 92))
    drawing.arrow((558, 212), (290, 212), dotted=True)
    drawing.arrow((558, 292), (330, 292))
    return drawing.finish()


def draw_policies() -> str:
    drawing = Drawing(
        1000, 420,
        "What an upgrade does to the Job of a changed run, for each policy",
        "With keep, the old Job goes on beside the new one, also after uninstall. With replace, the old Job is deleted "
        "and a new one starts; uninstall deletes it. With none, Helm fails, and the old Job goes on until uninstall.",
    )  # fmt: skip
    moments = ((190, "install"), (440, "upgrade: the run changed"), (760, "uninstall"))
    for x, name in moments:
        drawing.text(x, 34, name, "title middle")
        drawing.rule(x, 46, x, 404)
    rows: tuple[tuple[int, str, tuple[tuple[int, int, int, str, str], ...]], ...] = (
        (70, "keep", ((0, 190, 976, "the first Job goes on", "new"), (1, 440, 976, "a second Job", "new"))),
        (190, "replace", ((0, 190, 440, "the first Job", "new"), (1, 440, 760, "a second Job", "new"))),
        (310, "no policy", ((0, 190, 760, "the first Job goes on: Helm fails", "bad"),)),
    )  # fmt: skip
    for top, policy, jobs in rows:
        drawing.text(24, top + 26, policy, "title")
        for row, start, end, text, style in jobs:
            drawing.box(start, top + row * 46, end - start, 38, style)
            drawing.text(start + 12, top + row * 46 + 24, text, style)
    drawing.text(772, 216, "deleted", "soft")
    drawing.text(772, 336, "deleted", "soft")
    drawing.text(200, 378, "Delete the Job, then upgrade again.", "soft")
    return drawing.finish()


def draw_argocd() -> str:
    drawing = Drawing(
        1000, 400,
        "Argo CD with the plugin, and with the wrapper",
        "With the plugin, the repo-server sends the directory of an Application to a sidecar, which starts Helm and "
        "adds the volumes. With the wrapper, the repo-server starts a helm that is a link to polyaxon-persistence, "
        "which starts the real Helm and adds the volumes.",
    )  # fmt: skip
    for top, title in ((16, "the plugin"), (210, "the wrapper")):
        drawing.text(24, top + 16, title, "title")
    drawing.card(24, 60, 200, 96, "repo-server", ("fetches the git repository",))
    drawing.box(330, 44, 430, 128)
    drawing.text(346, 66, "the sidecar", "soft")
    drawing.card(346, 78, 160, 76, "Helm", ("renders the chart",))
    drawing.card(552, 78, 194, 76, "polyaxon-persistence", ("adds the volumes",))
    drawing.arrow((224, 108), (344, 108))
    drawing.arrow((506, 116), (550, 116))
    drawing.card(830, 60, 146, 96, "Argo CD", ("syncs",))
    drawing.arrow((760, 108), (828, 108))
    drawing.box(24, 240, 736, 136)
    drawing.text(40, 262, "the repo-server", "soft")
    drawing.card(44, 276, 180, 80, "repo-server", ("starts helm on PATH",))
    drawing.card(290, 276, 220, 80, "helm", ("a link to polyaxon-persistence",))
    drawing.card(576, 276, 168, 80, "the real Helm", ("renders the chart",))
    drawing.arrow((224, 316), (288, 316))
    drawing.arrow((510, 306), (574, 306))
    drawing.arrow((576, 330), (512, 330), dotted=True)
    drawing.card(830, 260, 146, 96, "Argo CD", ("syncs",))
    drawing.arrow((760, 308), (828, 308))
    return drawing.finish()


def draw_stages() -> str:
    drawing = Drawing(
        1000, 506,
        "The stages of a render",
        "The stream becomes documents, the documents a manifest with catalogs and runs. Each run has a request and "
        "workloads. resolve chooses its volumes, inject plans the edits, yamledit writes them, and render returns the "
        "stream or all errors.",
    )  # fmt: skip
    cards = {
        "stream": (24, 90, ("documents that", "contain polyaxon.com")), "runs/manifest": (284, 90, ("one Manifest",)),
        "runs": (544, 90, ("one Run for each pod", "template with a request")),
        "catalog": (284, 230, ("named volumes, frozen",)),
        "workloads": (804, 30, ("paths to the pods",)), "request": (804, 150, ("what the annotations", "ask for")),
        "resolve": (544, 230, ("volumes, mounts,", "variables")), "inject": (544, 370, ("edits, names of Jobs",)),
        "yamledit": (284, 370, ("edits become text",)), "render": (24, 370, ("the stream again,", "or all errors")),
    }  # fmt: skip
    for name, (x, y, notes) in cards.items():
        drawing.card(x, y, 172, 84, name, notes)
    for points in (
        ((196, 132), (282, 132)), ((456, 132), (542, 132)), ((716, 114), (760, 114), (760, 72), (802, 72)),
        ((716, 150), (760, 150), (760, 192), (802, 192)), ((370, 174), (370, 228)), ((456, 272), (542, 272)),
        ((630, 174), (630, 228)), ((630, 314), (630, 368)), ((544, 412), (458, 412)), ((284, 412), (198, 412)),
    ):  # fmt: skip
        drawing.arrow(*points)
    drawing.text(24, 250, "--persistence FILE", "code")
    drawing.arrow((170, 246), (230, 246), (230, 272), (282, 272))
    drawing.text(122, 66, "bytes", "soft")
    drawing.arrow((110, 44), (110, 88))
    drawing.text(122, 480, "bytes", "soft")
    drawing.arrow((110, 454), (110, 494))
    return drawing.finish()
