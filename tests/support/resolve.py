"""Resolves a request that is made of keyword arguments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from post_renderer.catalog.load import read_layer_file
from post_renderer.catalog.read import read_catalog
from post_renderer.problems import Problems
from post_renderer.request import Request
from post_renderer.request.polyaxonfile import PolyaxonfileRequest
from post_renderer.resolve import resolve
from post_renderer.resolve.identity import Identity

if TYPE_CHECKING:
    from post_renderer.catalog import Catalog
    from post_renderer.resolve.model import Resolution


JOB_NAME_FIELD = "metadata.labels['batch.kubernetes.io/job-name']"


def read(text: str) -> Catalog:
    return read_catalog([read_layer_file("catalog.yaml", text.encode())])


def ask(**fields: object) -> Request:
    """A request; its fields are those of a polyaxonfile, and the names of annotations with underscores."""
    request = Request()
    request.polyaxonfile = PolyaxonfileRequest()
    request.has_polyaxonfile = True
    for field, value in fields.items():
        if hasattr(request.polyaxonfile, field):
            setattr(request.polyaxonfile, field, value)
        else:
            request.annotations["polyaxon.com/" + field.replace("_", "-")] = str(value)
    return request


def resolved(catalog: str, identity: Identity | None = None, **fields: object) -> Resolution:
    problems = Problems()
    resolution = resolve(read(catalog), ask(**fields), identity or Identity("train"), problems)
    assert not problems.has_errors(), [problem.message for problem in problems.found]
    assert resolution is not None
    return resolution


def refused(catalog: str, identity: Identity | None = None, **fields: object) -> list[tuple[str, str, str]]:
    problems = Problems()
    assert resolve(read(catalog), ask(**fields), identity or Identity("train"), problems) is None
    return [(problem.code, problem.message, problem.hint) for problem in problems.found]


def variables(resolution: Resolution) -> dict[str, Any]:
    return {str(item["name"]): item.get("value") for item in resolution.env}


def mounts(resolution: Resolution) -> list[dict[str, Any]]:
    return [mount.fields for mount in resolution.mounts]


def volumes(resolution: Resolution) -> list[str]:
    return [str(volume["name"]) for volume in resolution.volumes]
