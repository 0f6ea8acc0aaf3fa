"""What a run asks for: the polyaxonfile and the other annotations."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import yaml

from post_renderer.request.polyaxonfile import PolyaxonfileRequest, read_polyaxonfile
from tests.support.cli import make_catalog, make_job, run
from tests.support.messages import places, read_messages

if TYPE_CHECKING:
    from post_renderer.problems import Problems


def read(text: str) -> tuple[PolyaxonfileRequest, Problems]:
    asked = read_polyaxonfile(text)
    return asked, asked.problems


def ask(persistence: str) -> str:
    return f"environment: {{persistence: {persistence}}}"


# What is written, and what it means: kind, data (None: the default data), outputs (None: the default outputs entry).
MEANINGS: list[tuple[str, tuple[str, list[str] | None, str | None]]] = [
    ("{}", ("job", None, None)),
    ("kind: experiment", ("experiment", None, None)),
    ("kind: job", ("job", None, None)),
    ("kind: notebook", ("notebook", None, None)),
    ("kind: tensorboard", ("tensorboard", None, None)),
    ("kind: build", ("build", None, None)),
    ("kind: 'experiment'", ("experiment", None, None)),
    ("kind: null", ("job", None, None)),
    ("kind:", ("job", None, None)),
    ("version: 1", ("job", None, None)),
    ("environment:", ("job", None, None)),
    ("environment: null", ("job", None, None)),
    ("environment: {}", ("job", None, None)),
    ("environment: {persistence: null}", ("job", None, None)),
    (ask("{}"), ("job", None, None)),
    (ask("{data: null, outputs: ~}"), ("job", None, None)),
    (ask("{data: []}"), ("job", [], None)),
    (ask("{data: [a]}"), ("job", ["a"], None)),
    (ask("{data: [b, a]}"), ("job", ["b", "a"], None)),
    (ask("{data: ['1', \"true\"]}"), ("job", ["1", "true"], None)),
    (ask("{outputs: o}"), ("job", None, "o")),
    (ask("{outputs: 'o'}"), ("job", None, "o")),
    (ask("{outputs: '1'}"), ("job", None, "1")),
    (ask("{data: [a], outputs: o}"), ("job", ["a"], "o")),
    ("environment:\n  persistence:\n    data:\n    - a\n    - b\n    outputs: o\n", ("job", ["a", "b"], "o")),
    ('{"kind": "experiment", "environment": {"persistence": {"data": ["a"]}}}', ("experiment", ["a"], None)),
    # the other sections pass unread
    ("logging: {level: INFO}\nrun: {cmd: x}\nhptuning: [a]\ndeclarations: {environmen: 1}\n", ("job", None, None)),
    ("environment: {resources: {cpu: {requests: 1}}, node_selector: {a: b}, tolerations: []}", ("job", None, None)),
    ("run: &r {cmd: x}\nbuild: *r\n", ("job", None, None)),
    ("environment: {outputs: null, data_refs: ~, artifact_refs: }", ("job", None, None)),
    # later spellings
    ("environment: {data_refs: [a, b]}", ("job", ["a", "b"], None)),
    ("environment: {data_refs: []}", ("job", [], None)),
    ("environment: {artifact_refs: [o]}", ("job", None, "o")),
    ("environment: {artifact_refs: []}", ("job", None, None)),
    ("environment: {data_refs: [a], artifact_refs: ['1'], persistence: null}", ("job", ["a"], "1")),
    # replicas without volumes of their own
    (
        "environment: {tensorflow: {n_workers: 2, worker: [{index: 1, resources: {cpu: {limits: 1}}}]}}",
        ("job", None, None),
    ),
    ("x: &words {data_refs: [a]}\nenvironment: {replicas: *words, persistence: {outputs: o}}\n", ("job", None, "o")),
    # words that are far enough from ours
    ("hidden: x\nmore: [a]\nenvironments_of_others: 1\n", ("job", None, None)),
]


@pytest.mark.parametrize(("text", "meaning"), MEANINGS)
def test_what_is_written_has_a_meaning(text: str, meaning: tuple[str, list[str] | None, str | None]) -> None:
    request, problems = read(text)
    assert [problem.message for problem in problems.found] == []
    assert (request.kind, request.data, request.outputs) == meaning


# What is written, the code, what is said about it and what to write instead.
REFUSALS = [
    ("", "invalid-polyaxonfile", "the polyaxonfile is empty", "write {} to get the default volumes", ""),
    ("null", "invalid-polyaxonfile", "the polyaxonfile is empty", "write {} to get the default volumes", "null"),
    ("~", "invalid-polyaxonfile", "the polyaxonfile is empty", "write {} to get the default volumes", "~"),
    ("# environment: {}\n", "invalid-polyaxonfile", "the polyaxonfile is empty", "write {} to get the default volumes", ""),
    ("---\n", "invalid-polyaxonfile", "the polyaxonfile is empty", "write {} to get the default volumes", ""),
    ("just words", "invalid-polyaxonfile", "the polyaxonfile is not a mapping", "write a mapping, such as kind: experiment", "just words"),
    ("[kind, job]", "invalid-polyaxonfile", "the polyaxonfile is not a mapping", "write a mapping, such as kind: experiment", "[kind, job]"),
    ("12", "invalid-polyaxonfile", "the polyaxonfile is not a mapping", "write a mapping, such as kind: experiment", "12"),
    ("kind: [job", "invalid-polyaxonfile", "the polyaxonfile is not valid: did not find expected ',' or ']'", "look for a missing bracket, quote or indent on this line and above it", ""),
    ("kind: job\n---\nkind: job\n", "invalid-polyaxonfile", "the polyaxonfile is not valid: the text contains a second document", "keep one of them; in a stream, write --- on a line of its own between two", "---\nkind: job\n"),
    ("kind: job\nkind: build", "duplicate-key", 'the polyaxonfile is not valid: the key "kind" is repeated', "remove one of the two keys", "kind: build"),
    ("a: &a {}\nenvironment: *a", "alias", "the polyaxonfile is not valid: this value is the alias *a, but it must be a mapping", "write a mapping instead of the alias", "*a"),
    ("a: &a {}\nenvironment: {persistence: *a}", "alias", "the polyaxonfile is not valid: this value is the alias *a, but it must be a mapping", "write a mapping instead of the alias", "*a}"),
    ("a: &a [x]\n" + ask("{data: *a}"), "alias", "the polyaxonfile is not valid: the alias *a is not allowed here", "write the value instead of the alias", "*a}}"),
    ("a: &a {data: []}\n" + ask("{<<: *a}"), "alias", 'the polyaxonfile is not valid: a merge key ("<<") is not allowed here', "write the merged keys instead of the merge key", "<<: *a}}"),
    (ask("{data: [], data: [a]}"), "duplicate-key", 'the polyaxonfile is not valid: the key "data" is repeated', "remove one of the two keys", "data: [a]}}"),
    ("x: " + "[" * 101 + "]" * 101, "input-too-large", "the polyaxonfile is not valid: the document is nested deeper than 100 levels", "use fewer levels", "[[" + "]" * 101),
    ("x: " + "y" * 64 * 1024, "input-too-large", "the polyaxonfile is larger than 64 KiB", "shorten the polyaxonfile", None),
    # kind
    ("kind: experimnt", "invalid-request", 'unknown kind "experimnt"', 'did you mean "experiment"? Known: build, experiment, job, notebook, tensorboard', "experimnt"),
    ("kind: group", "invalid-request", 'unknown kind "group"', "write one run for each set of params, of kind experiment", "group"),
    ("kind: pipeline", "invalid-request", 'unknown kind "pipeline"', "write one run for each step", "pipeline"),
    ("kind: runs", "invalid-request", 'unknown kind "runs"', "Known: build, experiment, job, notebook, tensorboard", "runs"),
    ("kind: ''", "invalid-request", 'unknown kind ""', "Known: build, experiment, job, notebook, tensorboard", "''"),
    ("kind: Job", "invalid-request", 'unknown kind "Job"', 'did you mean "job"? Known: build, experiment, job, notebook, tensorboard', "Job"),
    # keys that are nearly ours
    ("enviroment: {}", "invalid-request", 'unknown key "enviroment" in the polyaxonfile', 'did you mean "environment"?', "enviroment: {}"),
    ("environemnt: {}", "invalid-request", 'unknown key "environemnt" in the polyaxonfile', 'did you mean "environment"?', "environemnt: {}"),
    ("Environment: {}", "invalid-request", 'unknown key "Environment" in the polyaxonfile', 'did you mean "environment"?', "Environment: {}"),
    ("environments: {}", "invalid-request", 'unknown key "environments" in the polyaxonfile', 'did you mean "environment"?', "environments: {}"),
    ("Kind: job", "invalid-request", 'unknown key "Kind" in the polyaxonfile', 'did you mean "kind"?', "Kind: job"),
    ("environment: {persistance: {}}", "invalid-request", 'unknown key "persistance" in environment', 'did you mean "persistence"?', "persistance: {}}"),
    ("environment: {Persistence: {}}", "invalid-request", 'unknown key "Persistence" in environment', 'did you mean "persistence"?', "Persistence: {}}"),
    ("environment: {data-refs: []}", "invalid-request", 'unknown key "data-refs" in environment', 'did you mean "data_refs"?', "data-refs: []}"),
    ("{[a]: b}", "invalid-request", "a key of the polyaxonfile is not plain text", "write key: value, and look for a template expression that was not filled in", "[a]: b}"),
    ("a: *x", "invalid-polyaxonfile", "the polyaxonfile is not valid: the alias has no anchor before it", "", "*x"),
    # keys in another place
    ("persistence: {data: []}", "invalid-request", '"persistence" does not belong in the polyaxonfile', "write environment: {persistence: …}", "persistence: {data: []}"),
    ("env: {}", "invalid-request", '"env" does not belong in the polyaxonfile', "write environment: …", "env: {}"),
    ("data: [a]", "invalid-request", '"data" does not belong in the polyaxonfile', "write environment: {persistence: {data: […]}}", "data: [a]"),
    ("environment: {data: [a]}", "invalid-request", '"data" does not belong in environment', "write environment: {persistence: {data: […]}}", "data: [a]}"),
    # wrong types
    ("environment: [a]", "invalid-request", "environment must be a mapping", "write environment: {persistence: {data: [data1]}}", "[a]"),
    ("environment: words", "invalid-request", "environment must be a mapping", "write environment: {persistence: {data: [data1]}}", "words"),
    (ask("[a]"), "invalid-request", "environment.persistence must be a mapping", "write persistence: {data: [NAME, NAME], outputs: NAME}", "[a]}"),
    (ask("words"), "invalid-request", "environment.persistence must be a mapping", "write persistence: {data: [NAME, NAME], outputs: NAME}", "words}"),
    (ask("{data: data1}"), "invalid-request", "data must be a list of names", "write data: [data1]", "data1}}"),
    (ask("{data: {a: b}}"), "invalid-request", "data must be a list of names", "write data: [data1]", "{a: b}}}"),
    (ask("{data: [[a]]}"), "invalid-request", "data must be a list of names", "write data: [data1, data2]", "[a]]}}"),
    (ask("{outputs: [o]}"), "invalid-request", "outputs must be one name: a run writes to one outputs volume", "write outputs: NAME", "[o]}}"),
    (ask("{outputs: {o: 1}}"), "invalid-request", "outputs must be one name: a run writes to one outputs volume", "write outputs: NAME", "{o: 1}}}"),
    ("environment: {data_refs: a}", "invalid-request", "data_refs must be a list of names", "write data_refs: [a]", "a}"),
    ("environment: {artifact_refs: o}", "invalid-request", "artifact_refs must be a list of names", "write artifact_refs: [o]", "o}"),
    ("environment: {data_refs: {a: b}}", "invalid-request", "data_refs must be a list of names", "write data_refs: [data_refs1]", "{a: b}}"),
    ("environment: {data_refs: [a, a]}", "invalid-request", '"a" is repeated in data_refs', "write the name once", "a]}"),
    ("environment: {data_refs: [1]}", "invalid-request", '"1" is not a name', "write the name in quotes", "1]}"),
    ("environment: {data_refs: [a], data_refs: [b]}", "duplicate-key", 'the polyaxonfile is not valid: the key "data_refs" is repeated', "remove one of the two keys", "data_refs: [b]}"),
    ("x: &x [a]\nenvironment: {data_refs: *x}", "alias", "the polyaxonfile is not valid: this value is the alias *x, but it must be a list", "write a list instead of the alias", "*x}"),
    ("x: &x {data_refs: [a]}\nenvironment: {<<: *x}", "alias", 'the polyaxonfile is not valid: a merge key ("<<") may contain "persistence"', "write the merged keys instead of the merge key", "<<: *x}"),
    ("environment: {persistence: {outputs: o}, data_refs: [a]}", "invalid-request", "data_refs and persistence are both set, but only one of them is possible", "remove data_refs, and write its names under persistence.data", "[a]}"),
    ("environment: {persistence: {data: [a]}, artifact_refs: [o]}", "invalid-request", "artifact_refs and persistence are both set, but only one of them is possible", "remove artifact_refs, and write its names under persistence.outputs", "[o]}"),
    # references
    ("environment: {outputs: NAME}", "invalid-request", "environment.outputs must be a mapping that names other runs", "write outputs: {jobs: [name]}; to choose the volume for the run's own results, write persistence.outputs", "NAME}"),
    ("environment: {outputs: [a]}", "invalid-request", "environment.outputs must be a mapping that names other runs", "write outputs: {jobs: [name]}; to choose the volume for the run's own results, write persistence.outputs", "[a]}"),
    ("environment: {outputs: {jobs: a}}", "invalid-request", "jobs must be a list of names", "write jobs: [a]", "a}}"),
    ("environment: {outputs: {jobs: [[a]]}}", "invalid-request", "jobs must be a list of names", "write jobs: [jobs1, jobs2]", "[a]]}}"),
    ("environment: {outputs: {job: [a]}}", "invalid-request", 'unknown key "job" in environment.outputs', 'did you mean "jobs"? Known: experiments, jobs', "job: [a]}}"),
    ("environment: {outputs: {groups: [a]}}", "invalid-request", 'unknown key "groups" in environment.outputs', "Known: experiments, jobs", "groups: [a]}}"),
    ("environment: {outputs: {jobs: [a, a]}}", "invalid-request", '"a" is repeated in jobs', "write the name once", "a]}}"),
    ("environment: {outputs: {jobs: [12]}}", "invalid-request", '"12" is an id of Polyaxon, but a reference must be the name of a run', "write the run's name: jobs: [name]", "12]}}"),
    ("environment: {outputs: {jobs: [a/b/c/d]}}", "invalid-request", '"a/b/c/d" is not a run\'s name', "write jobs: [name], [project/name] or [user/project/name]", "a/b/c/d]}}"),
    ("environment: {outputs: {jobs: [a//b]}}", "invalid-request", '"a//b" is not a run\'s name', "write jobs: [name], [project/name] or [user/project/name]", "a//b]}}"),
    ("environment: {outputs: {jobs: ['../b']}}", "invalid-request", '"../b" is not a run\'s name', "write jobs: [name], [project/name] or [user/project/name]", "'../b']}}"),
    ("environment: {outputs: {jobs: ['$(X)']}}", "invalid-request", '"$(X)" is not a run\'s name', "write jobs: [name], [project/name] or [user/project/name]", "'$(X)']}}"),
    ("environment: {outputs: {jobs: [true]}}", "invalid-request", '"true" is not a name', "write the name in quotes", "true]}}"),
    ("x: &x [a]\nenvironment: {outputs: {jobs: *x}}", "alias", "the polyaxonfile is not valid: the alias *x is not allowed here", "write the value instead of the alias", "*x}}"),
    ("x: &x {jobs: [a]}\nenvironment: {outputs: *x}", "alias", "the polyaxonfile is not valid: this value is the alias *x, but it must be a mapping", "write a mapping instead of the alias", "*x}"),
    # names
    (ask("{data: [a, b, a]}"), "invalid-request", '"a" is repeated in data', "write the name once", "a]}}"),
    (ask("{data: [1]}"), "invalid-request", '"1" is not a name', "write the name in quotes", "1]}}"),
    (ask("{data: [on]}"), "invalid-request", '"on" is not a name', "write the name in quotes", "on]}}"),
    (ask("{data: [0x1f]}"), "invalid-request", '"0x1f" is not a name', "write the name in quotes", "0x1f]}}"),
    (ask("{data: ['']}"), "invalid-request", "a name is empty", "write a name, or remove the item", "'']}}"),
    (ask("{data: [null]}"), "invalid-request", "a name is empty", "write a name, or remove the item", "null]}}"),
    (ask("{outputs: true}"), "invalid-request", '"true" is not a name', "write the name in quotes", "true}}"),
    (ask("{outputs: ''}"), "invalid-request", "a name is empty", "write a name, or remove the item", "''}}"),
    (ask("{output: o}"), "invalid-request", 'unknown key "output" in environment.persistence', 'did you mean "outputs"? Known: data, outputs', "output: o}}"),
    (ask("{Data: [a]}"), "invalid-request", 'unknown key "Data" in environment.persistence', 'did you mean "data"? Known: data, outputs', "Data: [a]}}"),

]  # fmt: skip


@pytest.mark.parametrize(("text", "code", "message", "hint", "place"), REFUSALS)
def test_what_can_not_be_meant_is_refused_once(
    text: str, code: str, message: str, hint: str, place: str | None
) -> None:
    problems = read(text)[1]
    (problem,) = problems.found
    assert (problem.code, problem.message, problem.hint) == (code, message, hint)
    assert (None if problem.offset is None else text[problem.offset :]) == place


# What is written, and the runs that it refers to.
REFERENCES: list[tuple[str, list[tuple[str, str]]]] = [
    ("outputs: {}", []),
    ("outputs: {jobs: null, experiments: []}", []),
    ("outputs: {jobs: [a]}", [("jobs", "a")]),
    ("outputs: {experiments: [b, a/b, u/a/b], jobs: ['1', a.b]}", [("experiments", "b"), ("experiments", "a/b"), ("experiments", "u/a/b"), ("jobs", "1"), ("jobs", "a.b")]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "references"), REFERENCES)
def test_which_runs_are_referred_to(text: str, references: list[tuple[str, str]]) -> None:
    asked, problems = read(f"environment: {{{text}}}")
    assert problems.found == []
    assert asked.references == references


def test_of_several_artifact_refs_the_first_one_counts() -> None:
    (problem,) = read("environment: {artifact_refs: [a, b]}")[1].found
    assert (problem.code, problem.severity) == ("request-ignored", "warning")
    assert 'from artifact_refs it gets only "a"' in problem.message
    assert "artifact_refs: [a]" in problem.hint


@pytest.mark.parametrize("size", [64 * 1024 - 3, 64 * 1024 - 2])
def test_the_limit_of_a_polyaxonfile_counts_bytes(size: int) -> None:
    text = "# " + "ä" * (size // 2) + "x" * (size % 2) + "\n{}"
    problems = read(text)[1]
    assert bool(problems.found) is (len(text.encode()) > 64 * 1024)


# The other annotations


ANNOTATIONS = [
    ("polyaxon.com/containers: ''", "is not a comma-separated list of container names", "write the names with commas between them, such as main,sidecar"),
    ("polyaxon.com/containers: main,", "is not a comma-separated list of container names", "write the names with commas between them, such as main,sidecar"),
    ("polyaxon.com/containers: Main", "is not a comma-separated list of container names", "write the names with commas between them, such as main,sidecar"),
    ("polyaxon.com/containers: '*'", "is not a comma-separated list of container names", "write the names with commas between them, such as main,sidecar"),
    ("polyaxon.com/containers: main,main", "names a container twice", "write each name once"),
    ("polyaxon.com/run-folder: a/b", "is not a valid directory name", "use letters, digits, dashes, dots and underscores, and no slash"),
    ("polyaxon.com/run-folder: ..", "is not a valid directory name", "use letters, digits, dashes, dots and underscores, and no slash"),
    ("polyaxon.com/run-folder: $(HOME)", "is not a valid directory name", "use letters, digits, dashes, dots and underscores, and no slash"),
    ("polyaxon.com/run-folder: ''", "is not a valid directory name", "use letters, digits, dashes, dots and underscores, and no slash"),
    ("polyaxon.com/run-folder: 'a b'", "is not a valid directory name", "use letters, digits, dashes, dots and underscores, and no slash"),
    ("polyaxon.com/run-folder: " + "a" * 254, "is not a valid directory name", "use letters, digits, dashes, dots and underscores, and no slash"),
    ("polyaxon.com/project: '{{ name }}'", "is not a valid directory name", "use letters, digits, dashes, dots and underscores, and no slash"),
    ("polyaxon.com/user: user1@example.com", "is not a valid directory name", "use letters, digits, dashes, dots and underscores, and no slash"),
    ("polyaxon.com/group: a/b", "is not a valid directory name", "use letters, digits, dashes, dots and underscores, and no slash"),
    ("polyaxon.com/group: ..", "is not a valid directory name", "use letters, digits, dashes, dots and underscores, and no slash"),
    ("polyaxon.com/concurrency: two", "is not a number of runs", 'write a whole number, 1 or more, in quotes: "2"'),
    ("polyaxon.com/concurrency: '0'", "is not a number of runs", 'write a whole number, 1 or more, in quotes: "2"'),
    ("polyaxon.com/concurrency: '-1'", "is not a number of runs", 'write a whole number, 1 or more, in quotes: "2"'),
    ("polyaxon.com/run-policy: Keep", 'unknown run policy "Keep"', 'did you mean "keep"? Known: keep, replace; without the annotation, the Job keeps its name'),
    ("polyaxon.com/run-policy: none", 'unknown run policy "none"', "Known: keep, replace; without the annotation, the Job keeps its name"),
]  # fmt: skip


@pytest.mark.parametrize(("annotation", "message", "hint"), ANNOTATIONS)
def test_an_annotation_is_checked(annotation: str, message: str, hint: str) -> None:
    result = run(stdin=make_catalog() + make_job(annotations=annotation + "\n"))
    key = annotation.partition(":")[0]
    assert result.exit_code == 1
    assert f"<stdin>:27: error[invalid-annotation] Job/train (chart/templates/runs.yaml), {key}: " in result.error
    ((_, text, remedy),) = read_messages(result.error)
    value = yaml.safe_load(annotation)[key]
    shown = value if len(value) < 100 else f"{value[:80]}…"
    assert text == (message if message.startswith("unknown") else f'"{shown}" {message}')
    assert remedy == hint


@pytest.mark.parametrize(
    ("key", "meant"),
    [
        ("polyaxonfil", "polyaxonfile"),
        ("container", "containers"),
        ("runfolder", "run-folder"),
        ("run-polcy", "run-policy"),
        ("projects", "project"),
        ("User", "user"),
    ],
)
def test_a_mistyped_annotation_is_never_silence(key: str, meant: str) -> None:
    result = run(stdin=make_catalog() + make_job(annotations=f"polyaxon.com/{key}: x\n"))
    assert result.exit_code == 1
    assert (
        f'<stdin>:27: error[unknown-annotation] Job/train (chart/templates/runs.yaml): unknown annotation "polyaxon.com/{key}"'
        in result.error
    )
    assert f'did you mean "polyaxon.com/{meant}"?' in result.error


def test_labels_and_other_annotations_are_free() -> None:
    job = make_job(annotations="example.com/polyaxon.com: x\n").replace(
        "  annotations:", "  labels: {polyaxon.com/run: a}\n  annotations:"
    )
    assert run(stdin=make_catalog() + job).exit_code == 0


# Workload and pod template


def both(outer: str, inner: str) -> str:
    job = make_job(outer or "{}\n", annotations="")
    if not outer:
        job = job.replace("    polyaxon.com/polyaxonfile: |\n      {}\n", "    team: vision\n")
    return make_catalog() + job.replace("  template:\n", f"  template:\n    metadata:\n      annotations:\n{inner}")


def template(annotation: str) -> str:
    return f"        polyaxon.com/{annotation}\n"


@pytest.mark.parametrize(
    ("outer", "inner"),
    [
        ("kind: job\n", "polyaxonfile: '{}'"),
        ("environment: {persistence: {data: [data1, data2]}}\n", "polyaxonfile: 'environment: {persistence: {data: [\"data1\", data2]}}'"),
        ("environment: {persistence: {outputs: ~}}\n", "polyaxonfile: 'version: 1'"),
        ("", "polyaxonfile: '{}'"),
        ("{}\n", "containers: main"),
    ],
)  # fmt: skip
def test_workload_and_template_may_say_the_same(outer: str, inner: str) -> None:
    result = run(stdin=both(outer, template(inner)))
    assert (result.exit_code, result.error) == (0, "")
    assert b"POLYAXON_DATA_PATHS" in result.output


@pytest.mark.parametrize(
    ("outer", "inner", "key"),
    [
        ("kind: experiment\n", "polyaxonfile: 'kind: job'", "polyaxonfile"),
        ("{}\n", "polyaxonfile: 'environment: {persistence: {data: []}}'", "polyaxonfile"),
        ("environment: {persistence: {data: [data1, data2]}}\n", "polyaxonfile: 'environment: {persistence: {data: [data2, data1]}}'", "polyaxonfile"),
        ("{}\n", "polyaxonfile: 'environment: {persistence: {outputs: outputs2}}'", "polyaxonfile"),
        ("{}\n    polyaxon.com/run-folder: a\n", "run-folder: b", "run-folder"),
    ],
)  # fmt: skip
def test_workload_and_template_may_not_differ(outer: str, inner: str, key: str) -> None:
    outer = outer.replace("\n    polyaxon", "\npolyaxon")
    job = make_job(outer.splitlines()[0] + "\n", annotations="".join(line + "\n" for line in outer.splitlines()[1:]))
    job = job.replace("  template:\n", f"  template:\n    metadata:\n      annotations:\n{template(inner)}")
    result = run(stdin=make_catalog() + job)
    assert result.exit_code == 1
    assert result.error.count("error[contradiction] Job/train") == 1
    assert (
        f"polyaxon.com/{key}: this annotation is on the workload and on its pod template, and their values are different"
        in result.error
    )


def test_a_wrong_request_on_one_of_the_two_is_reported_alone() -> None:
    result = run(stdin=both("kind: x\n", template("polyaxonfile: 'kind: job'")))
    assert "error[invalid-request]" in result.error
    assert "contradiction" not in result.error


def test_annotations_alone_ask_for_nothing() -> None:
    result = run(stdin=make_catalog() + both("", template("containers: main")).removeprefix(make_catalog()))
    assert result.exit_code == 1
    assert "error[no-request] Job/train" in result.error


# Places


def test_a_name_is_placed_on_its_own_line() -> None:
    text = "kind: experiment\nenvironment:\n  persistence:\n    data:\n    - data1\n    - dataX\n    outputs: outX\n"
    result = run(stdin=make_catalog() + make_job(text))
    stream = (make_catalog() + make_job(text)).splitlines()
    for name in ("dataX", "outX"):
        line = next(number for number, content in enumerate(stream, 1) if name in content)
        assert f"<stdin>:{line}: error[unknown-volume] " in result.error
        assert f'"{name}"' in result.error


def test_a_name_in_a_quoted_polyaxonfile_is_placed_on_the_annotation() -> None:
    job = make_job().replace("|\n      {}\n", '"environment: {persistence: {data: [dataX]}}"\n')
    stream = make_catalog() + job
    line = next(number for number, content in enumerate(stream.splitlines(), 1) if "dataX" in content)
    assert places(run(stdin=stream).error) == [f"<stdin>:{line}"]
