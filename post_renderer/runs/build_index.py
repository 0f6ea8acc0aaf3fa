"""Builds the index of a stream's runs, to find the runs that references mean. Imported only if there are references.

A run is a pod template with a request. A reference is the name of another run, whose results a run reads. The run
folder is the directory of a run's results. A Job with a run-policy contains the run folders of its references, and the
hash of this content is part of its own name and run folder. So the runs that others refer to are settled first.
"""

from __future__ import annotations

from graphlib import CycleError, TopologicalSorter
from itertools import count

from post_renderer.problems import Problems, YamlError
from post_renderer.runs import find_object_runs, read_requests
from post_renderer.runs.index import CODE, RunIndex, RunRecord
from post_renderer.yamltree import parse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from post_renderer.catalog.load import CatalogSet, KubernetesObject
    from post_renderer.runs.index import Target
    from post_renderer.stream import Document

LONGEST_CHAIN = 100  # runs in a chain of references: each step of the chain may read a document again
SHOWN_CYCLES = 20
SHOWN_RUNS = 6  # the number of runs of one cycle that a message names


def build_index(documents: list[Document], catalogs: CatalogSet) -> RunIndex:
    """Return the index. Each run that others refer to has a run folder, or an error: why no run can refer to it.

    Objects that can't be read are not in the index. `find_runs` reports their errors later, so nothing is raised here.
    """
    index = RunIndex([record for document in documents for record in _read_records(document, catalogs)])
    targets = index.find_targets()
    wanted = {target for found in targets.values() for target in found}
    for record in _refuse_cycles(targets):
        del targets[record]
    sorter = TopologicalSorter(targets)
    sorter.prepare()
    names = _Names(catalogs, index)
    step = 0
    while sorter.is_active():
        batch = sorter.get_ready()
        while references := [
            node for node in batch if not isinstance(node, RunRecord)
        ]:  # a reference is not a step of a chain
            sorter.done(*references)
            batch = (*(node for node in batch if isinstance(node, RunRecord)), *sorter.get_ready())
        records = [node for node in batch if isinstance(node, RunRecord) and node in wanted and node in targets]
        if step < LONGEST_CHAIN:
            for record in records:
                catalog = catalogs.find(record.owner, 0, Problems())
                record.settle(catalog, names.find(record) if record.named else "")
        for record in records if step >= LONGEST_CHAIN else ():
            message = f"begins a chain of references, more than {LONGEST_CHAIN} in a row"
            record.error = (CODE, message, "remove a reference of this chain")
        sorter.done(*batch)
        step += 1
    return index


def _refuse_cycles(targets: dict[Target, list[Target]]) -> list[RunRecord]:
    """Return the runs whose references form cycles, and set the ``error`` of each of these runs."""
    left = dict(targets)
    refused: list[RunRecord] = []
    for number in count():
        try:
            TopologicalSorter(left).prepare()
        except CycleError as error:
            cycle: list[Target] = error.args[1][::-1]  # each run refers to the next run
        else:
            return refused
        if number == SHOWN_CYCLES:
            break
        members = [node for node in cycle[:-1] if isinstance(node, RunRecord)]
        for at, record in enumerate(members):
            subjects = [one.subject for one in (*members[at - 1 :], *members[: at - 1], members[at - 1])]
            shown = subjects if len(members) <= SHOWN_RUNS else [*subjects[:SHOWN_RUNS], "…"]
            message = "is in a cycle of references: " + " -> ".join(shown)
            record.error = ("reference-cycle", message, "remove one of these references")
        refused += members
        gone = set(members)
        left = {
            node: [target for target in found if target not in gone] for node, found in left.items() if node not in gone
        }
    rest = [node for node in left if isinstance(node, RunRecord)]
    for record in rest:
        record.error = ("reference-cycle", "may be in a cycle of references", "remove the other cycles first")
    return [*refused, *rest]


def _read_records(document: Document, catalogs: CatalogSet) -> list[RunRecord]:
    """Return the records of a document's runs, without unreadable objects, which `find_runs` reports later."""
    records: list[RunRecord] = []
    try:
        for found in catalogs.find_objects(parse(document.text)):
            if not found.workloads:
                continue
            try:
                requests = read_requests(found.workloads, document.text, Problems())[1]
                records += [
                    RunRecord(workload, request, workload.subject(found.subject), document)
                    for workload, _, request in requests
                    if request.asks
                ]
            except YamlError:
                continue
    except YamlError:
        return []
    return records


class _Names:
    """Finds the names of objects after the render. It keeps the objects of one document: a List may contain a chain."""

    def __init__(self, catalogs: CatalogSet, index: RunIndex) -> None:
        self._catalogs = catalogs
        self._index = index
        self._document: Document | None = None
        self._objects: dict[int, KubernetesObject] = {}

    def find(self, record: RunRecord) -> str:
        """Return the name of the run's object, or an empty string if the run has an error."""
        if self._document is not record.document:
            self._document = record.document
            objects = self._catalogs.find_objects(parse(record.document.text))
            self._objects = {found.workloads[0].root.start: found for found in objects if found.workloads}
        found = self._objects[record.start]
        problems = Problems()
        problems.subject = found.subject
        try:
            runs = find_object_runs(found.workloads, record.document.text, self._catalogs, self._index, problems)
        except YamlError:
            return ""
        return next((run.name for run in runs), "")
