"""Which entries of the catalog a run gets, and why: what it asked for, else the defaults. Pure."""

from __future__ import annotations

from post_renderer.catalog.entry import DATA, OUTPUTS
from post_renderer.k8s import POLYAXONFILE, RUN_FOLDER
from post_renderer.problems import quoted, suggest
from post_renderer.request.polyaxonfile import RUN_KINDS
from post_renderer.resolve.identity import POD_NAME_FIELD

TYPE_CHECKING = False
if TYPE_CHECKING:
    from post_renderer.catalog import Catalog
    from post_renderer.catalog.entry import Entry
    from post_renderer.problems import Problems
    from post_renderer.request import Request
    from post_renderer.resolve.identity import Identity


def warn_ignored(request: Request, problems: Problems, message: str, *asked: object) -> None:
    if any(asked):
        problems.add(
            "request-ignored", message, "leave it out of the polyaxonfile", offset=request.offset, about=POLYAXONFILE
        )


def choose_data(catalog: Catalog, request: Request, problems: Problems) -> tuple[list[Entry], str]:
    if request.data is not None:
        names, why = request.data, "asked"
    elif catalog.default_data is not None:
        names, why = catalog.default_data, "default"
    else:
        names, why = catalog.names[DATA], "all data"
    known = [name for name in names if _is_known(catalog, DATA, name, request, problems)]
    return [entry for name in known if (entry := catalog.entry(DATA, name))], why


def choose_outputs(
    catalog: Catalog, request: Request, identity: Identity, problems: Problems
) -> tuple[Entry | None, str]:
    if request.outputs is not None:
        if not _is_known(catalog, OUTPUTS, request.outputs, request, problems):
            return None, ""
        entry = catalog.entry(OUTPUTS, request.outputs)
        if entry and entry.read_only:
            message = f"outputs volume {quoted(entry.name)} is read-only: the run can't write its results"
            hint = "choose one of: " + (", ".join(catalog.writable_outputs()) or "(none is writable)")
            place = request.offsets.get(entry.name, request.offset)
            problems.add("read-only-outputs", message, hint, offset=place, about=POLYAXONFILE)
        return entry, "asked"
    if not catalog.names[OUTPUTS]:
        return None, ""
    writable = catalog.writable_outputs()
    if not writable:
        hint = "make one writable, or name one in the polyaxonfile"
        message = "no outputs entry is writable, so there is no default"
        problems.add("no-default-outputs", message, hint, offset=request.offset)
        return None, ""
    if catalog.default_outputs:
        return catalog.entry(OUTPUTS, catalog.default_outputs), "default"
    if not catalog.spread:
        return catalog.entry(OUTPUTS, writable[0]), "first writable"
    if identity.name_field == POD_NAME_FIELD or not identity.name:
        message = "outputsSelection: spread picks by name, and this object's name is generated"
        hint = f"name an outputs volume in the polyaxonfile, or set {RUN_FOLDER}"
        problems.add("no-default-outputs", message, hint, offset=request.offset)
        return None, ""
    return catalog.entry(OUTPUTS, _pick(writable, request.kind, identity.name)), "spread"


def _pick(names: list[str], kind: str, name: str) -> str:
    """Rendezvous hashing: a name that comes or goes moves only the runs that it had or gets."""
    from post_renderer.sha256 import sha256

    return max(names, key=lambda entry: sha256(f"{RUN_KINDS[kind]}/{name}\0{entry}".encode()).digest())


def _is_known(catalog: Catalog, role: str, name: str, request: Request, problems: Problems) -> bool:
    if name in catalog.names[role]:
        return True
    other = OUTPUTS if role == DATA else DATA
    if name in catalog.names[other]:
        hint = f"{quoted(name)} is an {other} volume" if other == OUTPUTS else f"{quoted(name)} is a data volume"
    else:
        hint = suggest(name, catalog.names[role])
    place = request.offsets.get(name, request.offset)
    problems.add("unknown-volume", f"no {role} volume {quoted(name)}", hint, offset=place, about=POLYAXONFILE)
    return False
