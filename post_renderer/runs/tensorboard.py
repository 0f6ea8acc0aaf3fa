"""Warns of a tensorboard whose command can't show its outputs, such as a bucket that only a --persistence file has.

The chart writes another command if its values contain the bucket. See openBucket in chart/templates/_notebook.tpl.
"""

from __future__ import annotations

from post_renderer.yamltree.node import SCALAR, SEQUENCE, follow_alias, get_mapping_value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from post_renderer.catalog.entry import Entry
    from post_renderer.problems import Problems
    from post_renderer.request import Request
    from post_renderer.workloads.model import Container, PodTemplate

LOGS = "--logdir=$(POLYAXON_BASE_OUTPUTS_PATH)"


def warn_unshown(pod: PodTemplate, outputs: Entry | None, request: Request, problems: Problems) -> None:
    """Warn if a container starts Tensorboard on outputs that it can't show. ``outputs``: the outputs of the run."""
    for container in pod.containers:
        words = _read_words(container, "command") + _read_words(container, "args")
        logs = [word for word in words if word.startswith(LOGS)]
        why = _why_unshown(outputs, request, is_root=LOGS in logs) if logs and words[0] == "tensorboard" else None
        if why:
            offset = request.offset_of(outputs.name if outputs else "", "outputs")
            problems.add("tensorboard-outputs", *why, offset=offset, about=request.about("outputs"))


def _why_unshown(outputs: Entry | None, request: Request, *, is_root: bool) -> tuple[str, str] | None:
    """Return a message and a hint; None if Tensorboard can show the outputs. ``is_root``: it shows all of them."""
    if outputs is None:
        message = "this tensorboard shows POLYAXON_BASE_OUTPUTS_PATH, but it has no outputs volume"
        return message, "write an entry under persistence.outputs, or write a command that shows another directory"
    bucket = outputs.bucket
    if bucket is None:
        return None
    if bucket.store == "azure":
        hint = f"name another outputs volume in {request.where('outputs')}, or write a command that opens the bucket"
        message = f"Tensorboard can't open storage of Azure, but the outputs of this run are the bucket {outputs.name}"
        return message, hint
    if bucket.secret and not bucket.in_variables:
        hint = "write the bucket in the values of the chart, which then starts Tensorboard with the credentials; "
        hint += "or write credentials: env in the entry"
        return f"Tensorboard can't read the credentials of the bucket {outputs.name}, because they are JSON", hint
    if is_root and bucket.store == "s3" and "/" not in bucket.url.removeprefix("s3://").removesuffix("/"):
        hint = "write a directory at the end of the bucket's URL, or write the bucket in the values of the chart, "
        hint += "which then shows a directory of the bucket"
        return f"Tensorboard can't show the root of the bucket {outputs.name}", hint
    return None


def _read_words(container: Container, key: str) -> list[str]:
    """Return the texts of a list of the container. Kubernetes refuses a value of another type, so it is ignored."""
    found = get_mapping_value(container.node, key)
    if found is None or found.kind != SEQUENCE:
        return []
    items = [follow_alias(item) for item in found.items()]
    return [item.value() or "" for item in items if item.kind == SCALAR]
