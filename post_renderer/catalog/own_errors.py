"""Finds the errors in catalog files that are there with every catalog below them.

The files of a site lie over the catalog of a stream. So an entry of a file may have only the keys that it changes, and
a default may be the name of an entry of the stream. What is missing in the files is completed here by a layer below
them, and the catalog reader checks the result.
"""

from __future__ import annotations

from post_renderer.catalog.bucket import STORES, url_error
from post_renderer.catalog.entry import BUCKET_KEYS, DATA, OUTPUTS, SOURCES, name_error
from post_renderer.catalog.read import ROOT, CatalogLayer, merge_layers, read_catalog
from post_renderer.problems import OWN_FILE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from post_renderer.problems import Problem

    Fields = dict[str, Any]

SECRET, SECRET_KEY = "secret", "key.json"


def find_own_errors(layers: list[CatalogLayer], *, for_chart: bool = False) -> list[Problem]:
    """Return the errors in catalog files, with file and line.

    ``for_chart``: the files may be values of the chart, which creates claims.
    """
    below = CatalogLayer(_complete(layers, for_chart=for_chart), {(): 0}, "", OWN_FILE, "", 1, ROOT, literal=True)
    catalog = read_catalog([below, *layers])
    return [*catalog.settings_problems, *(one for found in catalog.entry_problems.values() for one in found)]


def _complete(layers: list[CatalogLayer], *, for_chart: bool) -> Fields:
    """Return what the files need from the catalog below them."""
    values = merge_layers([layer.values for layer in layers])
    roles = {role: values[role] if isinstance(values.get(role), dict) else {} for role in (DATA, OUTPUTS)}
    missing: dict[str, Fields] = {
        role: {name: _complete_entry(role, name, entry, for_chart=for_chart) for name, entry in entries.items()}
        for role, entries in roles.items()
    }
    names = values.get("defaultData")
    for role, wanted in ((DATA, names if isinstance(names, list) else []), (OUTPUTS, [values.get("defaultOutputs")])):
        for name in wanted:
            if isinstance(name, str) and not name_error(name) and not any(name in known for known in roles.values()):
                missing[role][name] = _complete_entry(role, name, {}, for_chart=for_chart)
    # A role that is no mapping stays an error: a layer below it would not be merged.
    return dict(missing)


def _complete_entry(role: str, name: str, entry: Any, *, for_chart: bool) -> Fields:
    """Return the fields that an entry needs and does not have. An entry that is no mapping stays an error."""
    if not isinstance(entry, dict):
        return {}
    if any(key in entry for key in BUCKET_KEYS):
        return _complete_bucket(entry)
    fields: Fields = {"mountPath": f"/{role}/{name}"}
    if not any(key in entry for key in SOURCES) and (for_chart or "create" not in entry):
        fields.update({"hostPath": "/path"} if "hostPathType" in entry else {"existingClaim": "claim"})
    return fields


def _complete_bucket(entry: Fields) -> Fields:
    store, url = entry.get("store"), entry.get("bucket")
    if not isinstance(store, str) or store not in STORES:
        store = next((one for one in STORES if isinstance(url, str) and not url_error(one, url)), "s3")
    fields = {"store": store, "bucket": STORES[store]}
    has_variables = "credentials" in entry
    if has_variables or "secretKey" in entry:
        fields["secret"] = SECRET
    if "secret" in entry and (store == "gcs" or not has_variables):
        fields["secretKey"] = SECRET_KEY
    return fields
