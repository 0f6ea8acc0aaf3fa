"""Has annotations, labels and other fixed names. Checks names and paths by the rules of Kubernetes and Linux."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

DIGITS: Final = frozenset("0123456789")
LOWER: Final = frozenset("abcdefghijklmnopqrstuvwxyz") | DIGITS
SEGMENT: Final = LOWER | frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ._-")
LONGEST_NUMBER: Final = 18  # digits: such a number fits in 64 bits; for thousands of digits, int() raises ValueError

DOMAIN: Final = "polyaxon.com"
PREFIX: Final = DOMAIN + "/"
POLYAXONFILE: Final = PREFIX + "polyaxonfile"
CONTAINERS: Final = PREFIX + "containers"
RUN_FOLDER: Final = PREFIX + "run-folder"
PROJECT: Final = PREFIX + "project"
USER: Final = PREFIX + "user"
RUN_POLICY: Final = PREFIX + "run-policy"
BASE_NAME: Final = PREFIX + "base-name"
DATA: Final = PREFIX + "data"
OUTPUTS: Final = PREFIX + "outputs"
KIND: Final = PREFIX + "kind"  # an annotation of users; the chart also writes a label of this name
GROUP: Final = PREFIX + "group"  # the name of a grid; the chart also writes a label of this name
CONCURRENCY: Final = PREFIX + "concurrency"  # the number of runs of a group that Polyaxon ran at the same time
ANNOTATIONS: Final = (
    POLYAXONFILE, CONTAINERS, RUN_FOLDER, PROJECT, USER, RUN_POLICY, BASE_NAME, DATA, OUTPUTS, KIND, GROUP, CONCURRENCY
)  # fmt: skip
FIELDS: Final = frozenset((DATA, OUTPUTS, KIND))  # annotations that ask for volumes without a polyaxonfile
REQUESTS: Final = FIELDS | {POLYAXONFILE}  # each of these annotations alone asks for volumes
CATALOG_LABEL: Final = PREFIX + "catalog"
CATALOG_VERSION: Final = "v1"
CATALOG_KEY: Final = "persistence.yaml"
GATE: Final = PREFIX + "needs-post-renderer"
RUN_LABEL: Final = PREFIX + "run"  # a label with the name that a run has in the chart's values
RELEASE_LABEL: Final = "app.kubernetes.io/instance"
CHART_LABEL: Final = "app.kubernetes.io/name"
QUEUE_LABEL: Final = "kueue.x-k8s.io/queue-name"  # Kueue starts the Jobs of this queue, not all at the same time
JOB_NAME_LABEL: Final = "batch.kubernetes.io/job-name"
RESOURCE_LIST: Final = (
    "config.kubernetes.io",
    "ResourceList",
)  # group and kind of the input of a KRM function (kustomize, kpt)


def parse_uint(text: str, base: int = 10) -> int | None:
    """Return the number in ``text``: 1 to 18 ASCII digits, without sign and spaces. Return None for other text."""
    digits = "0123456789"[:base]
    return int(text, base) if 0 < len(text) <= LONGEST_NUMBER and not text.strip(digits) else None


def is_dns_label(name: str) -> bool:
    """Return whether ``name`` is valid for a volume or a container (RFC 1123 label, at most 63 characters)."""
    words = name.replace("-", "")
    return (
        len(name) <= 63
        and words.isalnum()
        and words.isascii()
        and name == name.lower()
        and "-" not in name[0] + name[-1]
    )


def is_dns_subdomain(name: str) -> bool:
    """Return whether ``name`` is valid for a claim (RFC 1123 subdomain, at most 253 characters)."""
    return len(name) <= 253 and all(is_dns_label(part) for part in name.split("."))


def is_path_segment(name: str) -> bool:
    """Return whether ``name`` is a safe directory name: 1 to 253 ASCII letters, digits and ``._-``, not only dots."""
    return 0 < len(name) <= 253 and SEGMENT.issuperset(name) and bool(name.strip("."))


def path_error(path: str) -> str:
    """Return the end of an error message about an absolute path; empty if the path is absolute and normalised."""
    if not path.startswith("/"):
        return "is not absolute"
    if path == "/":
        return "is the root of the file system"
    if path.startswith("//"):
        return "has a double slash"
    return relative_path_error(path[1:])


def relative_path_error(path: str) -> str:
    """Return the end of an error message about a relative path; empty if the path is relative and normalised."""
    if not path or path.startswith("/"):
        return "is not relative"
    if path.endswith("/"):
        return "ends in a slash"
    if ":" in path:
        return "has a colon, which Kubernetes refuses"
    if not path.isprintable():
        return "has a character that can't be printed"
    for segment in path.split("/"):
        if not segment:
            return "has a double slash"
        if segment in (".", ".."):
            return f'has a "{segment}" in it'
    return ""
