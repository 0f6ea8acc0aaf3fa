"""``init``: prints a commented catalog and a first run, from the claims of a namespace or from nothing.

If the site has a catalog, it prints what asks for the site's volumes.
"""

from __future__ import annotations

import os

from post_renderer.commands.init_text import Claim, Parent, write_values
from post_renderer.console import CommandResult, UsageError
from post_renderer.console.files import read_file
from post_renderer.k8s import is_dns_subdomain
from post_renderer.problems import YamlError, list_names, quoted
from post_renderer.stream import STREAM_LIMIT, find_documents
from post_renderer.workloads import find_objects
from post_renderer.yamltree import SEQUENCE, get_mapping_value, parse, scalar_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from post_renderer.console.options import Options
    from post_renderer.yamltree import Node

KIND = "PersistentVolumeClaim"
CHART = "polyaxon-persistence"
CHART_FILE = "Chart.yaml"
CHART_LIMIT = 1 << 20  # bytes
GET = "kubectl get pvc -o yaml"
NEXT = """\
next: save this output in a new file, such as volumes.yaml, and read its comments. Then run
  polyaxon-persistence explain -- helm template demo {chart} -f volumes.yaml
  helm upgrade --install demo {chart} -f volumes.yaml --post-renderer polyaxon-persistence
"""


def run(options: Options, given: bytes | None) -> CommandResult:
    """Print values, and change no file. Raises UsageError.

    ``given``: the content of standard input or the output of a program; None if there is none.
    """
    raws = [(name, given or b"" if name == "-" else read_file(name, name)) for name in options.files]
    if not raws and given is not None:
        raws = [("standard input", given)]
    chart = "." if os.path.lexists(CHART_FILE) else "./chart"
    if options.persistence:
        from post_renderer.catalog.files import read_layers
        from post_renderer.commands import init_site

        layers, wrong = read_layers(options.persistence)
        return init_site.run(options, layers, wrong, chart, is_own=_read_parent() is not None)
    claims = [claim for name, raw in raws for claim in _read_claims(name, raw)]
    _check_namespaces(claims)
    return CommandResult(write_values(claims, _read_parent()), [], next_step=NEXT.format(chart=chart))


def _read_claims(name: str, raw: bytes) -> list[Claim]:
    if not raw.strip():
        hint = f"write init -- {GET}, or init without a file and a pipe for a catalog without claims"
        raise UsageError(f"{name}: the input is empty", hint)
    try:
        nodes = [
            node
            for document in find_documents(raw[: STREAM_LIMIT + 1], KIND.encode())
            for node in _find_claims(parse(document.text))
        ]
        claims = [_read_claim(node) for node in nodes]
    except YamlError as error:
        raise UsageError(f"{name}: {error.message}", error.hint or f"give the output of {GET}") from None
    if not claims:
        raise UsageError(f"{name}: there is no {KIND}", f"give the output of {GET}")
    return claims


def _find_claims(root: Node) -> list[Node]:
    found = []
    for node, group, kind in find_objects(root):
        if group:
            continue  # a kind of another API
        if kind == f"{KIND}List":
            items = node.get("items")
            found += items.items() if items is not None and items.kind == SEQUENCE else []
        elif kind == KIND:
            found.append(node)
    return found


def _read_claim(node: Node) -> Claim:
    def text(*keys: str) -> str:
        return scalar_text(get_mapping_value(node, *keys)) or ""

    name = text("metadata", "name")
    if not is_dns_subdomain(name):
        raise UsageError(f"a {KIND} has the name {quoted(name)}, which Kubernetes does not allow", f"give {GET}")
    modes = get_mapping_value(node, "spec", "accessModes")
    return Claim(
        name=name,
        namespace=text("metadata", "namespace"),
        modes=[scalar_text(item) or "" for item in modes.items()] if modes is not None else [],
        size=text("status", "capacity", "storage") or text("spec", "resources", "requests", "storage"),
        storage_class=text("spec", "storageClassName"),
        phase=text("status", "phase"),
        is_block=text("spec", "volumeMode") == "Block",
        has_owner=get_mapping_value(node, "metadata", "ownerReferences") is not None,
    )


def _check_namespaces(claims: list[Claim]) -> None:
    namespaces = sorted({claim.namespace for claim in claims})
    if len(namespaces) > 1:
        names = list_names([quoted(name) for name in namespaces])
        raise UsageError(
            f"the claims are in several namespaces ({names}), and a pod can use only those of its own",
            "write kubectl get pvc -n NAMESPACE -o yaml",
        )


def _read_parent() -> Parent | None:
    """Return the chart in the current directory; None if there is none, or if it is this project's own chart."""
    if not os.path.lexists(CHART_FILE):
        return None
    try:
        root = parse(read_file(CHART_FILE, CHART_FILE, CHART_LIMIT)[:CHART_LIMIT].decode("utf-8-sig"))
        name = scalar_text(root.get("name")) or ""
        dependencies = root.get("dependencies")
        items = dependencies.items() if dependencies is not None and dependencies.kind == SEQUENCE else []
        ours = [item for item in items if scalar_text(item.get("name")) == CHART]
        key = (scalar_text(ours[0].get("alias")) or CHART) if ours else CHART
    except (YamlError, UnicodeDecodeError):
        raise UsageError(f"{CHART_FILE} can't be read", "run helm lint . to see what is wrong") from None
    return None if name == CHART else Parent(key, is_dependent=bool(ours), is_first=dependencies is None)
