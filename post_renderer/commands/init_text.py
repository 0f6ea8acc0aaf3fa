"""Writes the values that ``init`` prints: what each claim is for is a guess, so a comment says what was guessed."""

from __future__ import annotations

import re
from textwrap import indent
from typing import NamedTuple

from post_renderer import __version__
from post_renderer.problems import escape_control
from post_renderer.yamledit.emit import quote
from post_renderer.yamltree.node import FALSE_WORDS, NULLS, TRUE_WORDS

READ_ONLY = ["ReadOnlyMany"]
RESULTS = re.compile(
    r"\b(outputs?|results?|checkpoints?|artifacts?|runs?)\b"
)  # words in the name of a claim for results
OF_A_SET = re.compile(r"-\d+$")  # how a StatefulSet names its claims
PLAIN = re.compile(r"[a-z]([a-z0-9-]*[a-z0-9])?")
LONGEST_NAME = 63
SIZE = "10Gi"

HEAD = """\
# Values for the chart polyaxon-persistence, written by `polyaxon-persistence init`{source}.
# Read the comments, and correct what was guessed. The chart's README describes all keys.
"""
DATA = """\
  # Data volumes: runs read them. A run gets those that it names. A run that names none gets all of them, or those in
  # defaultData.
  data:
"""
NO_DATA = """\
    # An entry has a name, a mount path in the pod and a source, such as a claim that exists:
    # images: {mountPath: /data/images, existingClaim: images, readOnly: true}
"""
OUTPUTS = """\
  # Outputs volumes: each run writes its results into a directory of its own in one of them.
  outputs:
"""
CREATED = f"""\
    # The chart makes this claim. The cluster needs a default StorageClass, or add storageClassName to create.
    results: {{mountPath: /outputs/results, create: {{size: {SIZE}}}}}
"""
MOVE = """\
    # No name of a claim looks like a place for results, so the chart makes a claim. If one of the claims above is that
    # place, move its entry here, remove its readOnly, and remove the entry results.
"""
RUNS = """\
runDefaults:
  image: python:3.12-slim

runs:
  # A first run. It prints the paths of its volumes: kubectl logs -l polyaxon.com/run=hello
  hello:
    polyaxonfile:
      kind: job
      environment:
        persistence:{names}
    command:
    - python
    - -c
    - |-
      import os
      print(os.environ["POLYAXON_DATA_PATHS"])
{results}"""
DEPENDENCY = """\
#
# Add this dependency to Chart.yaml, with the repository of the chart, and run `helm dependency update .`:
#
{first}# - name: polyaxon-persistence
#   version: "{version}"
#   repository: file://../chart
"""
SAMPLE = """\
#
# A workload in templates/ gets the volumes by annotations in its metadata:
#
#   labels:
#     app.kubernetes.io/instance: {{{{ .Release.Name }}}}
#   annotations:
{data}#     polyaxon.com/outputs: {outputs}
"""


class Claim(NamedTuple):
    """A PersistentVolumeClaim. ``has_owner``: another object made it, and deletes it."""

    name: str
    namespace: str
    modes: list[str]
    size: str
    storage_class: str
    phase: str
    is_block: bool
    has_owner: bool


class Parent(NamedTuple):
    """The chart in the current directory.

    ``key``: the key of its values for this project's chart. ``is_dependent``: it has the dependency already.
    ``is_first``: it has no dependencies.
    """

    key: str
    is_dependent: bool
    is_first: bool


class _Entry(NamedTuple):
    """An entry of the catalog. ``reason``: why it is only a comment; empty if it is not."""

    name: str
    claim: Claim
    is_output: bool
    reason: str


def write_values(claims: list[Claim], parent: Parent | None) -> str:
    """Return a values file for the chart, or for a ``parent`` that has the chart as a dependency."""
    entries = _make_entries(claims)
    active = [entry for entry in entries if not entry.reason]
    data = [entry.name for entry in active if not entry.is_output]
    outputs = next((entry.name for entry in active if entry.is_output), "results")
    source = f" from the claims of the namespace {claims[0].namespace}" if claims and claims[0].namespace else ""
    head = HEAD.format(source=escape_control(source))
    values = _write_catalog(entries, outputs) + "\n"
    values += write_first_run(data[0] if data else "", outputs)
    if parent is None:
        return head + values
    if not parent.is_dependent:
        version = __version__.rpartition(".")[0] + ".x"
        head += DEPENDENCY.format(first="# dependencies:\n" if parent.is_first else "", version=version)
    sample = f"#     polyaxon.com/data: {plain_scalar(data[0])}\n" if data else ""
    head += SAMPLE.format(data=sample, outputs=plain_scalar(outputs))
    return f"{head}{plain_scalar(parent.key)}:\n{indent(values, '  ')}"


def write_first_run(data: str, outputs: str) -> str:
    """Return the values of a first run, which asks for a data volume and an outputs volume; empty: for none."""
    names = f"\n          data: [{plain_scalar(data)}]" if data else ""
    names += f"\n          outputs: {plain_scalar(outputs)}" if outputs else ""
    results = '      print(os.environ["POLYAXON_RUN_OUTPUTS_PATH"])\n' if outputs else ""
    return RUNS.format(names=names or " {}", results=results)


def _make_entries(claims: list[Claim]) -> list[_Entry]:
    used = {"results"} if not any(map(_is_output, claims)) else set()
    entries = []
    for claim in sorted(claims):
        name = _make_name(claim.name, used)
        used.add(name)
        entries.append(_Entry(name, claim, _is_output(claim), _why_not(claim)))
    return entries


def _make_name(claim: str, used: set[str]) -> str:
    """Return a new name of an entry: a DNS label, and none of the words that Helm reads as a boolean."""
    name = claim.replace(".", "-")[: LONGEST_NAME - 4].rstrip("-")
    name = f"claim-{name}" if name in TRUE_WORDS | FALSE_WORDS | NULLS else name
    number = 2
    unique = name
    while unique in used:
        unique = f"{name}-{number}"
        number += 1
    return unique


def _is_output(claim: Claim) -> bool:
    return not _why_not(claim) and claim.modes != READ_ONLY and bool(RESULTS.search(claim.name))


def _why_not(claim: Claim) -> str:
    if claim.is_block:
        return "has volumeMode Block, so it has no files to mount"
    if claim.phase == "Lost":
        return "has lost its volume"
    if claim.has_owner:
        return "belongs to another object"
    if OF_A_SET.search(claim.name):
        return "looks like a claim of a StatefulSet"
    return ""


def _write_catalog(entries: list[_Entry], outputs: str) -> str:
    text = "persistence:\n" + DATA
    data = [_write_entry(entry) for entry in entries if not entry.is_output]
    text += "".join(data) or NO_DATA
    text += OUTPUTS
    results = [_write_entry(entry) for entry in entries if entry.is_output]
    text += "".join(results) or (MOVE if data else "") + CREATED
    return text + f"  # The outputs volume of a run that names none.\n  defaultOutputs: {plain_scalar(outputs)}\n"


def _write_entry(entry: _Entry) -> str:
    claim = entry.claim
    folder = "outputs" if entry.is_output else "data"
    facts = [claim.size, claim.storage_class and f"StorageClass {claim.storage_class}", claim.phase]
    note = ", ".join(escape_control(fact) for fact in facts if fact)
    fields = [f"mountPath: /{folder}/{entry.name}", f"existingClaim: {plain_scalar(claim.name)}"]
    fields += [] if entry.is_output else ["readOnly: true"]
    fields += [f"accessModes: [{', '.join(map(_plain_mode, claim.modes))}]"] if claim.modes else []
    line = f"{plain_scalar(entry.name)}: {{{', '.join(fields)}}}"
    text = f"    # {note}\n" if note else ""
    if entry.reason:
        return f"{text}    # Not active, because the claim {entry.reason}:\n    # {line}\n"
    return f"{text}    {line}\n"


def plain_scalar(text: str) -> str:
    """Return a scalar that every YAML reader reads as this string, without quotes if possible."""
    is_plain = PLAIN.fullmatch(text) and text not in TRUE_WORDS | FALSE_WORDS | NULLS
    return text if is_plain else quote(text)


def _plain_mode(mode: str) -> str:
    return mode if mode.isascii() and mode.isalpha() else quote(mode)
