"""Chooses the entries of the catalog that a run gets: the entries that it asks for, else the default entries."""

from __future__ import annotations

from post_renderer.catalog.entry import DATA, OUTPUTS
from post_renderer.k8s import RUN_FOLDER
from post_renderer.problems import list_names, quoted, suggest
from post_renderer.resolve.identity import POD_NAME_FIELD, kind_directory

TYPE_CHECKING = False
if TYPE_CHECKING:
    from post_renderer.catalog import Catalog
    from post_renderer.catalog.entry import Entry
    from post_renderer.problems import Problems
    from post_renderer.request import Request
    from post_renderer.resolve.identity import Identity


def warn_ignored(request: Request, problems: Problems, message: str, **asked: object) -> None:
    """Warn if the request asks for something that it does not get. ``asked``: dict of role -> what it asks for."""
    role = next((role for role, names in asked.items() if names), "")
    if role:
        hint = f"remove the names of these volumes from {request.where()}"
        offset, about = request.offset_of("", role), request.about(role)
        problems.add("request-ignored", message, hint, offset=offset, about=about)


def choose_data(catalog: Catalog, request: Request, problems: Problems) -> tuple[list[Entry], str]:
    """Return the data entries of a run, in the order of their mounts, and the reason for them. Report unknown names."""
    if request.data is not None:
        names, why = request.data, "asked"
    elif catalog.default_data is not None:
        names, why = catalog.default_data, "default"
    else:
        names, why = list(catalog.entries[DATA]), "all data"
    found = [_find_entry(catalog, DATA, name, request, problems) for name in names]
    return [entry for entry in found if entry], why


def choose_outputs(
    catalog: Catalog, request: Request, identity: Identity, problems: Problems
) -> tuple[Entry | None, str]:
    """Return the outputs entry of a run, and the reason for it.

    The rules, in this order: (1) the entry that the run asks for; (2) ``defaultOutputs`` of the catalog; (3) with
    ``outputsSelection: spread``, a writable entry that the run's name selects; (4) the writable entry with the first
    name. Names are in bytewise order, because Helm sorts the keys of maps in this order. The entry is None if an error
    was reported, or if the catalog has no outputs entries and the run asks for none.
    """
    if request.outputs is not None:
        entry = _find_entry(catalog, OUTPUTS, request.outputs, request, problems)
        if entry and entry.read_only:
            message = f"outputs volume {quoted(entry.name)} is read-only: the run can't write its results"
            names = list_names(catalog.writable_outputs())
            hint = f"choose one of: {names}" if names else "make an outputs volume writable"
            offset = request.offset_of(entry.name, OUTPUTS)
            problems.add("read-only-outputs", message, hint, offset=offset, about=request.about(OUTPUTS))
        return entry, "asked" if entry else ""
    if not catalog.entries[OUTPUTS]:
        return None, ""
    writable = catalog.writable_outputs()
    if not writable:
        hint = f"make an outputs entry writable, or name an outputs entry in {request.where(OUTPUTS)}"
        message = "the run needs default outputs, but no outputs entry of the catalog is writable"
        problems.add("no-default-outputs", message, hint, offset=request.offset)
        return None, ""
    if catalog.default_outputs:
        return _find_entry(catalog, OUTPUTS, catalog.default_outputs, request, problems), "default"
    if not catalog.spread:
        return _find_entry(catalog, OUTPUTS, writable[0], request, problems), "first writable"
    if identity.name_field == POD_NAME_FIELD or not identity.name:
        message = "outputsSelection: spread needs a fixed name, but Kubernetes generates the name of this object"
        hint = f"name an outputs volume in {request.where(OUTPUTS)}, or set the annotation {RUN_FOLDER}"
        problems.add("no-default-outputs", message, hint, offset=request.offset)
        return None, ""
    picked = _pick(writable, f"{kind_directory(request)}/{identity.name}")
    return _find_entry(catalog, OUTPUTS, picked, request, problems), "spread"


def _find_entry(catalog: Catalog, role: str, name: str, request: Request, problems: Problems) -> Entry | None:
    """Return an entry by ``role`` (data or outputs) and name. Report a missing or invalid entry, and return None."""
    entry = catalog.entries[role].get(name)
    if entry is None and catalog.is_incomplete:
        return None  # the error in the catalog is reported, and the run gets nothing
    if entry is None:
        other = OUTPUTS if role == DATA else DATA
        hint = suggest(name, catalog.entries[role]) if catalog.entries[role] else _describe_missing(catalog, role)
        if name in catalog.entries[other]:
            kind = "an outputs volume" if other == OUTPUTS else "a data volume"
            hint = f"{quoted(name)} is {kind}: write it under {request.key_of(other)}"
        offset, about = request.offset_of(name, role), request.about(role)
        problems.add("unknown-volume", f"no {role} volume {quoted(name)}", hint, offset=offset, about=about)
        return None
    found = catalog.entry_problems.get((role, name)) if catalog.entry_problems else None
    if found:
        problems.in_catalog.append(found)
        return None
    return entry


def _describe_missing(catalog: Catalog, role: str) -> str:
    """Return a hint about a catalog that has no entries of a role. A site's catalog file can be missing."""
    if any(catalog.entries.values()):
        return f"the catalog has no {role} volumes: add entries under persistence.{role}, or --persistence FILE"
    return "the catalog is empty: add entries under persistence, or --persistence FILE"


def _pick(names: list[str], run: str) -> str:
    """Choose by rendezvous hashing: if a name is added or removed, only the runs that get or had this name move."""
    from post_renderer.sha256 import sha256

    return max(names, key=lambda entry: sha256(f"{run}\0{entry}".encode()).digest())
