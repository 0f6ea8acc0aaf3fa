"""Names that chart, renderer and users share, and what Kubernetes and Linux allow in names and paths."""

from __future__ import annotations

DIGITS = frozenset("0123456789")
LOWER = frozenset("abcdefghijklmnopqrstuvwxyz") | DIGITS
SEGMENT = LOWER | frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ._-")
LONGEST_NUMBER = 18  # digits: a 64-bit number has room for them, and Python refuses to read some thousands of them

DOMAIN = "polyaxon.com"
PREFIX = DOMAIN + "/"
POLYAXONFILE = PREFIX + "polyaxonfile"
CONTAINERS = PREFIX + "containers"
RUN_FOLDER = PREFIX + "run-folder"
PROJECT = PREFIX + "project"
USER = PREFIX + "user"
RUN_POLICY = PREFIX + "run-policy"
BASE_NAME = PREFIX + "base-name"
ANNOTATIONS = (POLYAXONFILE, CONTAINERS, RUN_FOLDER, PROJECT, USER, RUN_POLICY, BASE_NAME)
CATALOG_LABEL = PREFIX + "catalog"
CATALOG_VERSION = "v1"
CATALOG_KEY = "persistence.yaml"
GATE = PREFIX + "needs-post-renderer"
RUN_LABEL = PREFIX + "run"  # our chart's name for a run
RELEASE_LABEL = "app.kubernetes.io/instance"
JOB_NAME_LABEL = "batch.kubernetes.io/job-name"
RESOURCE_LIST = ("config.kubernetes.io", "ResourceList")  # group and kind of what kustomize and kpt give to functions


def parse_uint(text: str, base: int = 10) -> int | None:
    """The number that up to 18 ASCII digits write, without a sign or spaces; None for any other text."""
    digits = "0123456789"[:base]
    return int(text, base) if 0 < len(text) <= LONGEST_NUMBER and not text.strip(digits) else None


def is_dns_label(name: str) -> bool:
    """A volume's or a container's name: RFC 1123 label, 63 characters at most."""
    words = name.replace("-", "")
    return (
        len(name) <= 63
        and words.isalnum()
        and words.isascii()
        and name == name.lower()
        and "-" not in name[0] + name[-1]
    )


def is_dns_subdomain(name: str) -> bool:
    """A claim's name: RFC 1123 subdomain, 253 characters at most."""
    return len(name) <= 253 and all(is_dns_label(part) for part in name.split("."))


def is_path_segment(name: str) -> bool:
    """One directory of a run folder: letters, digits, ``._-``; 253 characters at most, not all of them dots."""
    return 0 < len(name) <= 253 and SEGMENT.issuperset(name) and bool(name.strip("."))


def path_error(path: str) -> str:
    """What is wrong with an absolute path; empty when it is absolute and normalised."""
    if not path.startswith("/"):
        return "is not absolute"
    if path == "/":
        return "is the root of the file system"
    if path.startswith("//"):
        return "has a double slash"
    return relative_path_error(path[1:])


def relative_path_error(path: str) -> str:
    """What is wrong with a relative path; empty when it is normalised."""
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
