"""Writes the SBOM: the packages that a user needs to run the program, and no development tool, in CycloneDX JSON.

The versions and hashes are those of requirements-dev.lock, which the tests use.
usage: python -m ci.sbom DIRECTORY
"""

from __future__ import annotations

import re
import sys
import tomllib
from datetime import UTC, datetime
from importlib.metadata import distribution
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import NAMESPACE_URL, uuid5

from cyclonedx.contrib.hash.factories import HashTypeFactory
from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import ExternalReference, ExternalReferenceType, XsUri
from cyclonedx.model.bom import Bom, BomMetaData
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.license import LicenseAcknowledgement
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import post_renderer
from ci.source_date import ROOT, find_source_date

if TYPE_CHECKING:
    from importlib.metadata import PackageMetadata

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
PYTHONS = [word.rpartition(" ")[2] for word in PROJECT["classifiers"] if " :: 3." in word]


def read_lock(text: str) -> dict[str, tuple[str, list[str]]]:
    """Return name -> version and hashes (`sha256:…`) of each package in a lock file."""
    rows = re.findall(r"^([a-z0-9-]+)==(\S+)(.*?)(?=^\S|\Z)", text, re.MULTILINE | re.DOTALL)
    return {name: (version, re.findall(r"--hash=(\S+)", rest)) for name, version, rest in rows}


def find_needed(requirements: list[str]) -> dict[str, list[str]]:
    """Return name -> names that it needs, for the requirements and all that these need with a supported Python."""
    needed: dict[str, list[str]] = {}
    waiting = _names(requirements)
    while waiting:
        name = waiting.pop()
        if name not in needed:
            needed[name] = _names(distribution(name).requires or [])
            waiting += needed[name]
    return needed


def _names(requirements: list[str]) -> list[str]:
    found = [Requirement(text) for text in requirements]
    return [
        canonicalize_name(one.name)
        for one in found
        if one.marker is None or any(one.marker.evaluate({"python_version": python, "extra": ""}) for python in PYTHONS)
    ]


def find_license(metadata: PackageMetadata) -> str:
    """Return the license of a package: an SPDX expression, the words of its author, or the name of its classifier."""
    classifiers = metadata.get_all("Classifier") or []
    names = [word.rpartition(" :: ")[2] for word in classifiers if word.startswith("License :: ")]
    keys = [key for key in ("License-Expression", "License") if key in metadata]
    return str(metadata[keys[0]]) if keys else names[0]


def make_component(name: str, version: str, hashes: list[str], license_text: str) -> Component:
    purl = PackageURL("pypi", None, name, version)
    files = ExternalReference(
        type=ExternalReferenceType.DISTRIBUTION,
        url=XsUri(f"https://pypi.org/project/{name}/{version}/#files"),
        hashes=[HashTypeFactory().from_composite_str(text) for text in hashes],  # one for each file of the release
    )
    declared = LicenseAcknowledgement.DECLARED
    return Component(
        name=name,
        version=version,
        type=ComponentType.LIBRARY,
        bom_ref=purl.to_string(),
        purl=purl,
        external_references=[files] if hashes else [],
        licenses=[LicenseFactory().make_from_string(license_text, license_acknowledgement=declared)],
    )


def make_sbom() -> str:
    lock = read_lock((ROOT / "requirements-dev.lock").read_text())
    needed = find_needed(PROJECT["dependencies"])
    components = {}
    for name in sorted(needed):
        components[name] = make_component(name, *lock[name], find_license(distribution(name).metadata))
    program = make_component(PROJECT["name"], post_renderer.__version__, [], PROJECT["license"])
    program.type = ComponentType.APPLICATION
    program.description = PROJECT["description"]
    time = datetime.fromtimestamp(find_source_date(ROOT), UTC)
    bom = Bom(metadata=BomMetaData(component=program, timestamp=time), components=components.values())
    bom.register_dependency(program, [components[name] for name in _names(PROJECT["dependencies"])])
    for name, names in needed.items():
        bom.register_dependency(components[name], [components[one] for one in names])
    # Equal contents have an equal number, so that two builds give the same bytes.
    bom.serial_number = uuid5(NAMESPACE_URL, JsonV1Dot6(bom).output_as_string().replace(bom.get_urn_uuid(), ""))
    return JsonV1Dot6(bom).output_as_string(indent=2) + "\n"


if __name__ == "__main__":
    name = f"{PROJECT['name']}-{post_renderer.__version__}.cdx.json"
    (Path(sys.argv[1]) / name).write_text(make_sbom())
    print(f"wrote {Path(sys.argv[1]) / name}")
