"""Objects with one kind and name, in other namespaces or files: each has its own errors, its own row and its own box."""

from __future__ import annotations

import json
import re
from html import unescape
from typing import TYPE_CHECKING
from unittest.mock import ANY

import yaml

from tests.support.ci_readers import read_cases
from tests.support.claims import ASK, catalog, custom, said
from tests.support.cli import make_catalog, make_job, run
from tests.support.custom_resources import job, wrapper
from tests.support.inventory import as_live, make_kept, make_manifest, write

if TYPE_CHECKING:
    from pathlib import Path

TYPO = "environment: {persistence: {data: [data-fo]}}\n"
READ_ONLY = "environment: {persistence: {outputs: outputs1}}\n"  # a warning


def make_in(namespace: str, polyaxonfile: str = "{}\n", annotations: str = "") -> str:
    return make_job(polyaxonfile, annotations=annotations).replace("train\n", f"train\n  namespace: {namespace}\n", 1)


TWO = make_catalog() + make_in("prod") + make_in("staging", TYPO)


def read_groups(*words: str, stdin: str = "") -> dict[str, list[str]]:
    """The title of each group of the page, and the codes of the problems in it. Problems without a group are in ""."""
    text = run(*words, "--output", "html", stdin=stdin).output.decode()
    groups = {"": re.findall(r"#why-([a-z-]+)", text.partition('<section id="picture"')[0])}
    for body in re.findall(r"<tbody.*?</tbody>", text, re.DOTALL):
        title = re.search(r'<th scope="rowgroup"[^>]*>([^<\n]*)', body)
        assert title
        groups.setdefault(unescape(title[1]), []).extend(re.findall(r"#why-([a-z-]+)", body))
    return groups


def read_boxes(*words: str, stdin: str = "") -> list[str]:
    return re.findall(r'\["(.*)"\]', run(*words, "--output", "mermaid", stdin=stdin).output.decode())


EXPECTED = {"": [], "Job/train, namespace staging": ["unknown-volume"], "Job/train, namespace prod": []}


def test_an_error_is_in_the_group_of_its_namespace() -> None:
    assert read_groups("explain", stdin=TWO) == EXPECTED
    swapped = make_catalog() + make_in("staging", TYPO) + make_in("prod")
    assert read_groups("explain", stdin=swapped) == EXPECTED


def test_objects_of_one_line_are_told_apart() -> None:
    items = list(yaml.safe_load_all(TWO))
    stream = json.dumps({"apiVersion": "v1", "kind": "List", "items": items})
    assert read_groups("explain", stdin=stream) == EXPECTED


def test_errors_of_two_namespaces_are_in_two_groups() -> None:
    stream = make_catalog() + make_in("prod", TYPO) + make_in("staging", TYPO)
    assert read_groups("explain", stdin=stream) == {
        "": [],
        "Job/train, namespace prod": ["unknown-volume"],
        "Job/train, namespace staging": ["unknown-volume"],
    }


def test_objects_of_two_files_have_their_own_groups_and_boxes(tmp_path: Path) -> None:
    paths = [str(tmp_path / name) for name in ("prod.yaml", "staging.yaml", "third.yaml")]
    for path, text in zip(paths, ("{}\n", READ_ONLY, TYPO), strict=True):
        with open(path, "w") as file:
            file.write(make_catalog() + make_job(text))
    assert read_groups("explain", *paths) == {
        "": [],
        f"Job/train, {paths[2]}": ["unknown-volume"],
        f"Job/train, {paths[0]}": [],
        f"Job/train, {paths[1]}": ["read-only-outputs"],
    }
    assert read_boxes("explain", *paths) == [f"Job/train, {path}" for path in paths[:2]]
    assert read_boxes("explain", paths[0], "-", stdin=make_catalog() + make_job()) == [
        f"Job/train, {paths[0]}",
        "Job/train, standard input",
    ]


def test_a_group_of_runs_has_its_namespace() -> None:
    groups = [make_in(name, annotations="polyaxon.com/group: sweep\n") for name in ("prod", "staging")]
    members = [one.replace("name: train", f"name: {name}") for one in groups for name in ("a", "b")]
    assert read_boxes("explain", stdin=make_catalog() + "".join(members)) == [
        "group sweep, 2 runs: a, b, namespace prod",
        "group sweep, 2 runs: a, b, namespace staging",
    ]


def test_a_warning_about_an_object_around_the_workload_is_in_its_group() -> None:
    around = wrapper(job("a"))
    around["metadata"]["annotations"]["polyaxon.com/polyaxonfile"] = READ_ONLY
    groups = read_groups("explain", stdin=f"{make_catalog()}---\n{yaml.safe_dump(around)}")
    assert groups == {"": [], "AppWrapper/train (Job)": ["read-only-outputs"]}


def test_a_warning_about_an_object_without_a_run_names_no_errors() -> None:
    volume = {"name": "own", "persistentVolumeClaim": {"claimName": "disk"}}
    mount = {"name": "main", "image": "busybox", "volumeMounts": [{"name": "own", "mountPath": "/d"}]}
    spec = {"parallelism": 2, "template": {"spec": {"containers": [mount], "volumes": [volume]}}}
    stream = catalog("ReadWriteOnce") + make_job(ASK) + custom("batch/v1", "Job", spec, asks=False)
    assert said(stream) == [("claim-in-use", "Job/other", ANY)]
    text = run("explain", "--output", "markdown", stdin=stream).output.decode()
    assert "claim-in-use" in text
    assert "because of the errors" not in text


def test_each_namespace_has_its_test() -> None:
    cases = read_cases(run("check", "--output", "junit", stdin=TWO).output)
    assert [(case.name, bool(case.failure)) for case in cases] == [
        ("Job/train, namespace prod", False),
        ("Job/train, namespace staging", True),
    ]


def test_a_run_with_a_warning_in_a_directory_is_one_test(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(make_catalog() + make_job(READ_ONLY))
    (case,) = read_cases(run("check", "--output", "junit", str(tmp_path)).output)
    assert (case.name, case.classname) == ("Job/train", str(tmp_path / "a.yaml"))


def test_an_error_about_a_kept_job_is_in_the_group_of_its_namespace(tmp_path: Path) -> None:
    jobs = as_live([*make_manifest(make_kept()), *make_manifest(make_kept(), namespace="zone_b")])
    text = run("inventory", "--output", "html", write(tmp_path / "live", jobs)).output.decode()
    bodies = [body for body in re.findall(r"<tbody.*?</tbody>", text, re.DOTALL) if "#why-invalid-name" in body]
    assert len(bodies) == 1
    assert "<td>zone_b</td>" in bodies[0]


def test_a_blocked_run_has_the_place_of_its_namespace(tmp_path: Path) -> None:
    (tmp_path / "old").write_bytes(run(stdin=make_catalog() + make_in("prod") + make_in("staging")).output)
    new = make_catalog() + make_in("staging").replace("busybox", "other") + make_in("prod")
    result = run("check", "--output", "json", "--against", str(tmp_path / "old"), stdin=new)
    lines = [problem["line"] for problem in json.loads(result.output)["problems"] if problem["code"] == "blocked-run"]
    line = next(number for number, line in enumerate(new.splitlines(), 1) if "polyaxonfile" in line)
    assert lines == [line]
