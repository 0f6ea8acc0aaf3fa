"""Claims of which the catalog says how they may be mounted, and what in the stream does not go with that."""

from __future__ import annotations

from post_renderer.problems import Problem, shown, suggest
from post_renderer.stream import place
from post_renderer.tree import MAPPING, Node, child, text_or_none
from post_renderer.tree.values import read_bool, read_values

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from post_renderer.entries import Entry, Report
    from post_renderer.render import Fact
    from post_renderer.tree.values import Value
    from post_renderer.workloads import Pod, Workload

    Use = tuple[Fact, Entry]  # a pod template, and the entry through which it mounts the claim

ONCE, ONCE_POD, READ_ONLY, ANY = "ReadWriteOnce", "ReadWriteOncePod", "ReadOnlyMany", "ReadWriteMany"
MODES = (ONCE, ONCE_POD, READ_ONLY, ANY)


def read_access_modes(entry: Entry, values: Value, note: Report) -> None:
    """Fill the entry's modes, as its claim has them, and report what is wrong with them."""
    if not entry.claim:
        note("accessModes are a claim's", "leave them out, or write existingClaim")
    elif not isinstance(values, list) or not values:
        note("accessModes is a list of the claim's modes", f"accessModes: [{ONCE}]")
    else:
        modes = [mode if isinstance(mode, str) else "" for mode in values]
        for mode in modes:
            if mode not in MODES:
                note(f"unknown access mode {shown(mode)}", suggest(mode, MODES))
        entry.access_modes = modes


def count_pods(workload: Workload, pod: Pod) -> int:
    """How many pods of a template run at once, as far as the stream says; of a DaemonSet two, which stand for many."""
    if workload.kind == "DaemonSet":
        return 2
    suspend = child(workload.spec(), "suspend")
    if suspend is not None and read_bool(read_values(suspend)):
        return 0
    # What holds the template says how many: replicas or parallelism stand beside it.
    holder: Node | None = workload.root
    for key in pod.path[:-2]:
        if isinstance(key, str):
            holder = child(holder, key)
        elif holder is not None:
            holder = list(holder.items())[key]
    if holder is None or holder.kind != MAPPING or len(pod.path) < 3:
        return 1
    numbers = [_read_number(holder, key) for key in ("parallelism", "replicas")]
    wanted = next((number for number in numbers if number is not None), 1)
    completions = _read_number(holder, "completions")
    return wanted if completions is None else min(wanted, completions)


def find_claim_conflicts(facts: list[Fact]) -> Iterator[Problem]:
    """What the runs of a stream want of their claims that these can't do, by what the catalog says of them."""
    claims: dict[tuple[str, str], list[Use]] = {}
    for fact in facts:
        for entry in fact.claims:
            claims.setdefault((fact.namespace, entry.claim), []).append((fact, entry))
    for uses in claims.values():
        modes = {mode for _, entry in uses for mode in entry.access_modes}
        writing = [(fact, entry) for fact, entry in uses if not entry.read_only]
        if modes == {READ_ONLY}:
            for fact, entry in writing:
                message = f"the claim {entry.claim} is {READ_ONLY}, and {shown(entry.name)} mounts it writable"
                hint = f"write readOnly: true in the catalog's entry {entry.name}"
                yield _problem("read-only-claim", message, hint, fact)
        elif modes and ANY not in modes and (writing or READ_ONLY not in modes):
            yield from _find_sharing(uses, ONCE if ONCE in modes else ONCE_POD)


def _find_sharing(uses: list[Use], mode: str) -> Iterator[Problem]:
    """Pods that would wait for each other: each template but the first, and one with several pods at once."""
    seen: dict[object, Fact] = {}
    for fact, entry in uses:
        others = list(seen.values())
        if fact.pods == 0 or seen.setdefault(fact.template, fact) is not fact or fact in others:
            continue
        if others:
            message = f"{others[0].subject} mounts the claim {entry.claim} too, which is {mode}"
        elif fact.pods > 1:
            message = f"several of its pods at once mount the claim {entry.claim}, which is {mode}"
        else:
            continue
        whose = "one pod can" if mode == ONCE_POD else "the pods of one node can"
        hint = f"only {whose} have it, and the others wait: run them one after another, or use a {ANY} claim"
        yield _problem("claim-in-use", message, hint, fact)


def _problem(code: str, message: str, hint: str, fact: Fact) -> Problem:
    problem = Problem(code, message, hint, offset=fact.offset, subject=fact.subject)
    place(problem, fact.document)
    return problem


def _read_number(holder: Node, key: str) -> int | None:
    text = text_or_none(holder.get(key)) or ""
    return int(text) if text.isdecimal() else None
