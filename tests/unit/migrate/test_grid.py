"""migrate and the matrix of a polyaxonfile: what the chart can't compute is written out, the rest stays as it is."""

from __future__ import annotations

import itertools
import math
from hashlib import sha256
from typing import Any

import pytest

from tests.support.messages import heads
from tests.support.migrate import migrate, migrated, whole

GROUP = "kind: group\n"


def matrix_of(text: str) -> Any:
    (run,) = migrated(whole(GROUP + text))["runs"].values()
    return run["polyaxonfile"]["hptuning"]["matrix"]


def said(text: str) -> tuple[int, list[str]]:
    """The exit code, and the heads and messages without places and hints."""
    exit_code, _, error = migrate(whole(text))
    return exit_code, heads(error)


# The numbers are numpy's: logspace is base ** linspace, geomspace has the given ends.
COMPUTED = [
    ("logspace: -3:-1:3", [0.001, 0.01, 0.1]),
    ("logspace: 0.01:0.1:5", [10**0.01, 10**0.0325, 10**0.055, 10**0.0775, 10**0.1]),
    ("logspace: [0, 3, 4, 2]", [1, 2, 4, 8]),
    ("logspace: {start: 0, stop: 2, num: 3, base: 3}", [1, 3, 9]),
    ("logspace: '0:2:3:3'", [1, 3, 9]),
    ("logspace: -7:-5:3", [1e-07, 1e-06, 1e-05]),
    ("geomspace: 1:1000:4", [1, 10, 100, 1000]),
    ("geomspace: {start: -8, stop: -2, num: 3}", [-8, -4, -2]),
    ("geomspace: [0.5, 2, 1]", [0.5]),
]


@pytest.mark.parametrize(("option", "wanted"), COMPUTED)
def test_logspace_and_geomspace_become_values(option: str, wanted: list[float]) -> None:
    for text in (f"hptuning:\n  matrix:\n    lr:\n      {option}\n", f"hptuning: {{matrix: {{lr: {{{option}}}}}}}\n"):
        found = matrix_of(text)["lr"]
        assert list(found) == ["values"]
        assert all(math.isclose(one, other, rel_tol=1e-14) for one, other in zip(found["values"], wanted, strict=True))


def test_a_number_is_written_so_that_each_yaml_reads_a_number() -> None:
    assert (
        "values: [1.0e-07, 1.0e-06, 1.0e-05]"
        in migrate(whole(GROUP + "hptuning: {matrix: {lr: {logspace: -7:-5:3}}}\n"))[1]
    )


def test_comments_of_a_logspace_stay_and_the_change_is_said() -> None:
    text = "hptuning:\n  matrix:\n    lr:\n      # decades\n      logspace:  # of lr\n        [-2, -1, 2]  # two\n"
    _, output, error = migrate(whole(GROUP + text))
    assert all(comment in output for comment in ("# decades", "# of lr", "# two"))
    assert "hptuning.matrix.lr.logspace: the values of this logspace are written out\n" in error
    assert "hint: nothing to do: Helm's templates can't compute them\n" in error


STAYS = [
    "values: [0.1, 1e-3, '2', [64, 32]]", "range: 1:10:2", "range: [1, 10, 2]", "range: {start: 1, stop: 10, step: 2}",
    "linspace: 0.01:0.1:5",
]  # fmt: skip


@pytest.mark.parametrize("option", STAYS)
def test_what_the_chart_computes_stays_as_it_is(option: str) -> None:
    _, output, error = migrate(whole(GROUP + f"hptuning:\n  concurrency: 100\n  matrix:\n    lr: {{{option}}}\n"))
    assert f"          lr: {{{option}}}\n" in output
    assert "warning" not in error


KINDS = [
    (GROUP + "hptuning: {matrix: {a: {values: [1]}}}\n", "group", "hptuning"),
    ("kind: experiment\nhptuning: {matrix: {a: {values: [1]}}}\n", "experiment", "hptuning"),
    ("version: 1\nbuild: {image: x}\nhptuning: {matrix: {a: {values: [1]}}}\n", "group", "hptuning"),
    ("version: 1\nbuild: {image: x}\nmatrix: {a: {values: [1]}}\n", "group", "matrix"),
    (GROUP + "matrix: {a: {values: [1]}}\n", "group", "matrix"),
    (GROUP + "settings: {matrix: {a: {values: [1]}}, concurrency: 1, seed: 3}\n", "group", "hptuning"),
    (GROUP + "hptuning: {}\n", "experiment", "hptuning"),
]


@pytest.mark.parametrize(("text", "kind", "key"), KINDS)
def test_the_kind_and_the_place_of_the_matrix_of_each_version(text: str, kind: str, key: str) -> None:
    head = text if "build:" in text else text + "build: {image: x}\n"
    (run,) = migrated(head)["runs"].values()
    assert run["polyaxonfile"]["kind"] == kind
    assert key in run["polyaxonfile"]
    assert "settings" not in run["polyaxonfile"]


def test_names_that_yaml_1_1_reads_as_booleans_are_in_quotes() -> None:
    assert list(matrix_of("hptuning: {matrix: {n: {values: [1]}, y: {values: [2]}}}\n")) == ["n", "y"]
    output = migrate(whole(GROUP + "hptuning:\n  matrix:\n    n: {values: [1]}\n"))[1]
    assert '"n": {values: [1]}' in output


LIMITS = [
    ("concurrency: 2, ", "hptuning.concurrency: all runs of the grid start at the same time: Polyaxon ran 2 at a time"),
    ("", "hptuning: all runs of the grid start at the same time: Polyaxon ran 1 at a time"),
    ("concurrency: 3, ", ""),
]


@pytest.mark.parametrize(("limit", "message"), LIMITS)
def test_a_concurrency_below_the_number_of_runs_is_said(limit: str, message: str) -> None:
    exit_code, lines = said(GROUP + f"hptuning: {{{limit}matrix: {{a: {{values: [1, 2, 3]}}}}}}\n")
    assert exit_code == 0
    assert [line.partition("] ")[2] for line in lines] == ([message] if message else [])


def test_aliases_in_a_matrix_are_left_to_helm() -> None:
    text = "params: {rates: &rates {values: [1, 2]}}\nhptuning: {matrix: {a: *rates, b: {<<: *rates}}}\n"
    assert matrix_of(text) == {"a": {"values": [1, 2]}, "b": {"values": [1, 2]}}


def test_early_stopping_becomes_a_comment() -> None:
    text = (
        "hptuning:\n  early_stopping:\n  - {metric: loss, value: 0.1}\n  concurrency: 9\n  matrix: {a: {values: [1]}}\n"
    )
    _, output, error = migrate(whole(GROUP + text))
    assert "# - {metric: loss, value: 0.1}\n" in output
    assert "hptuning.early_stopping: no run sees the results of the others, so all of them run to their end\n" in error


A = "matrix: {a: {values: [1, 2]}}"
REFUSED = [
    (GROUP + f"hptuning: {{random_search: {{n_experiments: 2}}, {A}}}\n", "hptuning.random_search: it is not a grid"),
    (GROUP + f"hptuning: {{hyperband: {{max_iter: 9}}, {A}}}\n", "hptuning.hyperband: it is not a grid"),
    (GROUP + f"hptuning: {{bo: {{n_iterations: 9}}, {A}}}\n", "hptuning.bo: it is not a grid"),
    (GROUP + "hptuning: {matrix: {a: {uniform: 0:1}}}\n", "hptuning.matrix.a.uniform: it is a distribution"),
    (GROUP + "hptuning: {matrix: {a: {pvalues: [[1, 0.1]]}}}\n", "hptuning.matrix.a.pvalues: it is a distribution"),
    (GROUP + "hptuning: {concurrency: 2}\n", "hptuning: it has no matrix"),
    (f"kind: job\nhptuning: {{{A}}}\n", "hptuning: a run of kind job can't have a matrix"),
    (f"kind: notebook\n{A}\n", "matrix: a run of kind notebook can't have a matrix"),
    (GROUP + f"params: {{a: 3}}\nhptuning: {{{A}}}\n", 'hptuning.matrix.a: "a" is also in the params'),
    (GROUP + f"declarations: {{a: 3}}\nhptuning: {{{A}}}\n", 'hptuning.matrix.a: "a" is also in the params'),
    (GROUP + "hptuning: {matrix: {a: {logspace: 1:2}}}\n", "logspace must have the numbers start, stop, num, base"),
    (GROUP + "hptuning: {matrix: {a: {logspace: [1, x, 3]}}}\n", "logspace must have the numbers"),
    (GROUP + "hptuning: {matrix: {a: {logspace: {start: 1, end: 2, num: 3}}}}\n", "logspace must have the numbers"),
    (GROUP + "hptuning: {matrix: {a: {geomspace: 3:1:2}}}\n", "stop must be greater than start"),
    (GROUP + "hptuning: {matrix: {a: {geomspace: 0:1:2}}}\n", "geomspace has values that are not numbers"),
    (GROUP + "hptuning: {matrix: {a: {geomspace: -1:1:2}}}\n", "geomspace has values that are not numbers"),
    (GROUP + "hptuning: {matrix: {a: {logspace: 1:9999:2}}}\n", "logspace has values that are not numbers"),
    (GROUP + "hptuning: {matrix: {a: {logspace: 1:2:2.5}}}\n", "logspace must have between 1 and 200 values"),
    (GROUP + "hptuning: {matrix: {a: {logspace: 1:2:99999999}}}\n", "logspace must have between 1 and 200 values"),
    (
        GROUP + "hptuning: {grid_search: {n_experiments: 1}, matrix: {a: {range: 1:2:0}}}\n",
        "range must have between 1 and 200",
    ),
    (GROUP + "hptuning: {grid_search: {n_experiments: 1}, matrix: {a: {values: 3}}}\n", "it has no values"),
    (
        GROUP + "hptuning: {grid_search: {n_experiments: 2}, matrix: {a: {values: [1, 1, 2]}}}\n",
        "two runs of the grid would have the same params",
    ),
    (
        GROUP + f"hptuning: {{grid_search: {{n_experimens: 2}}, {A}}}\n",
        "hptuning.grid_search.n_experimens: is not supported",
    ),
]


@pytest.mark.parametrize(("text", "message"), REFUSED)
def test_what_is_no_grid_is_refused_and_nothing_is_written(text: str, message: str) -> None:
    exit_code, output, error = migrate(whole(text))
    assert (exit_code, output) == (1, "")
    assert "error[not-migratable]" in error
    assert message in error
    assert "changed-meaning" not in error or "is written out" not in error


def test_a_random_search_and_its_distributions_are_reported_together() -> None:
    text = "hptuning: {random_search: {n_experiments: 2}, matrix: {a: {uniform: 0:1}, b: {values: [1]}}}\n"
    error = migrate(whole(GROUP + text))[2]
    assert error.count("error[not-migratable]") == 2
    assert "hptuning.random_search: it is not a grid" in error
    assert "  hint: remove random_search, and write each param of the matrix as values: [0.1, 0.01]\n" in error
    assert "hptuning.matrix.a.uniform: it is a distribution" in error


SOME = """\
version: 1
kind: group
hptuning:
  concurrency: 3
  grid_search: {n_experiments: 3}  # a part
  matrix:
    # the longest name
    learning_rate: {logspace: -2:-1:2}
    b: {values: [x, 'y']}
    n: {range: 1:3:1}
declarations:
  epochs: 3
build: {image: x}
run: {cmd: 'train {{ learning_rate }} {{ b }} {{ n }} {{ epochs }}'}
user: ann
"""


def test_fewer_experiments_than_combinations_become_runs_in_polyaxon_s_order() -> None:
    """Polyaxon's database sorted the params by the length of their names, and then by their bytes."""
    exit_code, output, error = migrate(SOME, "--name", "sweep")
    assert exit_code == 0
    assert (
        "hptuning.grid_search: the first 3 runs of the grid are written out, in Polyaxon's order, and have no group\n"
        in error
    )
    assert "  hint: find their results in the directory experiments of the outputs volume, and not in groups\n" in error
    assert "at the same time" not in error
    for comment in ("# a part", "# the longest name"):
        assert output.count(comment) == 1
    runs = migrated(SOME)["runs"]
    product = itertools.product(["x", "y"], [1, 2], [0.01, 0.1])
    wanted = [{"epochs": 3, "b": b, "n": n, "learning_rate": rate} for b, n, rate in product][:3]
    assert [run["polyaxonfile"]["declarations"] for run in runs.values()] == wanted
    for run in runs.values():
        assert run["user"] == "ann"
        assert run["polyaxonfile"]["kind"] == "experiment"
        assert run["polyaxonfile"].keys() == {"version", "kind", "declarations", "build", "run"}


FLOW = (
    "{version: 1, kind: group, build: {image: x}, environment: {security_context: {runAsUser: 1}}, "
    "hptuning: {grid_search: {n_experiments: 1}, matrix: {a: {values: [1, 2]}}}, params: {b: 2}, user: ann}\n"
)


def test_a_file_in_braces_is_written_out_and_each_note_is_said_once() -> None:
    assert migrated(FLOW)["runs"] == {
        "group-" + sha256(b"a=1").hexdigest()[:8]: {
            "polyaxonfile": {
                "kind": "experiment",
                "params": {"b": 2, "a": 1},
                "version": 1,
                "build": {"image": "x"},
                "environment": {},
            },
            "user": "ann",
            "podSecurityContext": {"runAsUser": 1},
        }
    }
    assert migrate(FLOW)[2].count("are written out") == 1
    whole_grid = FLOW.replace("grid_search: {n_experiments: 1}, ", "")
    assert migrate(whole_grid)[2].count("at the same time") == 1


def test_a_run_that_is_written_out_keeps_its_name_when_a_value_is_added() -> None:
    more = SOME.replace("values: [x, 'y']", "values: [v, x, 'y']").replace("n_experiments: 3", "n_experiments: 7")
    assert set(migrated(SOME)["runs"]) < set(migrated(more)["runs"])


def test_runs_without_other_params_get_params() -> None:
    text = "hptuning: {grid_search: {n_experiments: 1}, matrix: {a: {values: [1, 2]}}}\n"
    (run,) = migrated(whole(GROUP + text))["runs"].values()
    assert run["polyaxonfile"] == {"kind": "experiment", "params": {"a": 1}, "build": {"image": "x"}}


def test_as_many_experiments_as_combinations_stay_a_grid() -> None:
    text = "hptuning: {grid_search: {n_experiments: 2}, matrix: {a: {values: [1, 2]}}}\n"
    assert matrix_of(text) == {"a": {"values": [1, 2]}}


@pytest.mark.parametrize(
    ("option", "values"),
    [
        ("range: 0:300:1", [0, 1, 2]),
        ("range: 0:99999999999:1", [0, 1, 2]),
        ("linspace: 0:1000:1001", [0, 1, 2]),
        ("linspace: 1:2:99999999999", [1, 1.00000000001, 1.00000000002]),
    ],
)
def test_the_first_runs_of_a_grid_of_any_size_are_written_out(option: str, values: list[float]) -> None:
    text = f"hptuning: {{grid_search: {{n_experiments: 3}}, matrix: {{a: {{{option}}}}}}}\n"
    runs = migrated(whole(GROUP + text))["runs"].values()
    assert [run["polyaxonfile"]["params"]["a"] for run in runs] == pytest.approx(values, rel=1e-14)


def test_more_than_200_experiments_are_refused() -> None:
    text = "hptuning: {grid_search: {n_experiments: 201}, matrix: {a: {range: 0:100:1}, b: {range: 0:100:1}}}\n"
    assert "the grid has more than 200 runs" in migrate(whole(GROUP + text))[2]


def test_an_alias_in_params_that_move_is_refused() -> None:
    text = SOME.replace("  epochs: 3\n", "  epochs: &e 3\n").replace("user: ann", "user: *e")
    exit_code, output, error = migrate(text)
    assert (exit_code, output) == (1, "")
    assert "alias" in error


@pytest.mark.parametrize(
    ("option", "number", "values"),
    [
        ("range: '0:20:1'", "010", [0, 1, 2, 3, 4, 5, 6, 7]),  # YAML 1.1: 010 is 8
        ("range: '0:20:1'", "+2", [0, 1]),
        ("range: '0:20:1'", "2.0", [0, 1]),
        ("range: '0:20:1'", "1_0", [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]),
        ("linspace: [0, 010, 5]", "2", [0, 2]),
        ("linspace: {start: 0, stop: 010, num: 5}", "2", [0, 2]),
        ("linspace: '0:010:5'", "2", [0, 2.5]),  # Polyaxon read the parts of a text as decimal numbers
    ],
)
def test_numbers_are_those_that_polyaxon_read(option: str, number: str, values: list[float]) -> None:
    text = f"hptuning: {{grid_search: {{n_experiments: {number}}}, matrix: {{a: {{{option}}}}}}}\n"
    runs = migrated(whole(GROUP + text))["runs"].values()
    assert [run["polyaxonfile"]["params"]["a"] for run in runs] == values


def test_an_octal_number_of_a_geomspace_is_written_out_as_what_it_means() -> None:
    (values,) = matrix_of("hptuning: {matrix: {a: {geomspace: [1, 010, 4]}}}\n")["a"].values()
    assert values == pytest.approx([1, 2, 4, 8])


def test_a_member_has_a_value_of_an_input_in_the_matrix() -> None:
    text = "inputs: [{name: lr, type: float}]\nhptuning: {concurrency: 2, matrix: {lr: {values: [1, 2]}}}\n"
    exit_code, _, error = migrate(whole(GROUP + text + "run: {cmd: 'p {{ lr }}'}\n"))
    assert (exit_code, heads(error)) == (0, [])


@pytest.mark.parametrize("number", [".inf", "-.inf", ".nan", "9" * 400])
@pytest.mark.parametrize(
    "space", ["range: [0, {}, 1]", "logspace: [0, 1, {}]", "geomspace: {{start: 1, stop: {}, num: 3}}"]
)
def test_a_number_that_is_not_finite_is_refused(space: str, number: str) -> None:
    wanted = "  grid_search: {n_experiments: 2}\n"
    text = f"kind: group\nbuild: {{image: x}}\nhptuning:\n{wanted}  matrix:\n    a: {{{space.format(number)}}}\n"
    exit_code, output, error = migrate(text)
    assert (exit_code, output) == (1, "")
    assert "<stdin>:6: error[not-migratable]" in error


def test_a_range_whose_length_is_too_large_for_a_float_is_refused() -> None:
    large = "9" * 300
    text = f"kind: group\nbuild: {{image: x}}\nhptuning: {{matrix: {{a: {{range: [-{large}, {large}, 1]}}}}, grid_search: {{n_experiments: 1}}}}\n"
    assert "9" * 300 in text
    assert migrate(text)[0] == 1
