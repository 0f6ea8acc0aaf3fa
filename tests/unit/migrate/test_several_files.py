"""Values files and polyaxonfiles that are used together: what one of them has counts for the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import yaml

from tests.support.cli import run
from tests.support.migrate import migrate
from tests.unit.migrate.test_directories import RUN, fill, names_of

if TYPE_CHECKING:
    from pathlib import Path

BASE = "persistence: {data: {existingClaim: my-claim, mountPath: /my/data}, outputs: {existingClaim: o}}\n"
TWO_OUTPUTS = """\
persistence:
  data: {d: {mountPath: /d, hostPath: /d}}
  outputs:
    outputs1: {mountPath: /outputs/1, existingClaim: o1}
    outputs_foo: {mountPath: /outputs/foo, existingClaim: ofoo}
"""


def test_a_layer_of_the_one_volume_does_not_override_the_claim_of_another_file(tmp_path: Path) -> None:
    """Helm merges the files. A default in a later file would override the claim and the path of the first one."""
    files = {
        "base.yml": BASE,
        "path.yml": "persistence: {data: {mountPath: /data2}}\n",
        "claim.yml": "persistence: {data: {existingClaim: other}}\n",
        "more.yml": "persistence: {data: {readOnly: true}}\n",
    }
    fill(tmp_path, files)
    result = run("migrate", "--in-place", *(str(tmp_path / name) for name in files))
    assert result.exit_code == 0, result.error
    assert [yaml.safe_load((tmp_path / name).read_text())["persistence"]["data"] for name in files] == [
        {"data": {"existingClaim": "my-claim", "mountPath": "/my/data"}},
        {"data": {"mountPath": "/data2"}},
        {"data": {"existingClaim": "other"}},
        {"data": {"readOnly": True}},
    ]
    outputs = yaml.safe_load((tmp_path / "base.yml").read_text())["persistence"]["outputs"]
    assert outputs == {"outputs": {"existingClaim": "o", "mountPath": "/outputs"}}
    assert "without the other files" not in result.error  # the later files alone are no volumes


def test_a_migrated_base_counts_too(tmp_path: Path) -> None:
    fill(tmp_path, {"base.yml": BASE})
    base, over = tmp_path / "base.yml", tmp_path / "over.yml"
    assert run("migrate", "--in-place", str(base)).exit_code == 0
    over.write_text("persistence: {data: {mountPath: /data2}}\n")
    assert run("migrate", "--in-place", str(base), str(over)).exit_code == 0
    assert yaml.safe_load(over.read_text()) == {"persistence": {"data": {"data": {"mountPath": "/data2"}}}}


def test_a_default_that_is_added_is_a_warning() -> None:
    exit_code, output, error = migrate("persistence: {data: {mountPath: /data2}}\n")
    assert exit_code == 0
    assert yaml.safe_load(output)["persistence"]["data"]["data"]["hostPath"] == "/data2"
    assert 'warning[changed-meaning] persistence.data: hostPath: "/data2" is added' in error
    assert "another values file" in error


def test_new_names_do_not_change_the_default_outputs() -> None:
    """Polyaxon used the first one by name; to it, 1 is before _, but - is before 1."""
    exit_code, output, error = migrate(TWO_OUTPUTS)
    assert exit_code == 0
    persistence = yaml.safe_load(output)["persistence"]
    assert persistence["defaultOutputs"] == "outputs1"
    assert list(persistence["outputs"]) == ["outputs1", "outputs-foo"]
    assert 'warning[changed-meaning] persistence.outputs: the default stays "outputs1"' in error
    upper = "persistence: {outputs: {alpha: {mountPath: /a, hostPath: /a}, Zed: {mountPath: /z, hostPath: /z}}}\n"
    assert yaml.safe_load(migrate(upper)[1])["persistence"]["defaultOutputs"] == "zed"
    word = "persistence: {outputs: {'0A': {mountPath: /a, hostPath: /a}, 0_1: {mountPath: /z, hostPath: /z}}}\n"
    assert yaml.safe_load(migrate(word)[1])["persistence"]["defaultOutputs"] == "0a"


def test_a_default_that_does_not_change_is_not_written() -> None:
    same = TWO_OUTPUTS.replace("outputs1", "a")
    read_only = TWO_OUTPUTS.replace("existingClaim: o1", "existingClaim: o1, readOnly: true")
    named = TWO_OUTPUTS + "  defaultOutputs: outputs1\n"
    for text in (same, read_only):
        assert "defaultOutputs" not in migrate(text)[1]
    assert migrate(named)[1].count("defaultOutputs") == 1


def test_the_default_outputs_of_several_files_together(tmp_path: Path) -> None:
    first, second = (
        TWO_OUTPUTS.replace("    outputs_foo: {mountPath: /outputs/foo, existingClaim: ofoo}\n", ""),
        "persistence: {outputs: {outputs_foo: {mountPath: /outputs/foo, existingClaim: ofoo}}}\n",
    )
    fill(tmp_path, {"a.yml": first, "b.yml": second})
    names = [str(tmp_path / name) for name in ("a.yml", "b.yml")]
    message = 'the default stays "outputs1", which was the first one by name before the names changed'
    result = run("migrate", *names)
    assert f"{names[1]}:1: warning[changed-meaning] persistence.outputs: {message}" in result.error
    assert result.output.count(b"+  defaultOutputs: outputs1") == 1
    (tmp_path / "a.yml").write_text(first + "  defaultOutputs: outputs1\n")
    assert message not in run("migrate", *names).error


def test_a_new_run_does_not_get_the_name_of_a_migrated_one(tmp_path: Path) -> None:
    """Helm would merge the two runs into one."""
    fill(tmp_path, {"mnist/polyaxonfile.yml": RUN})
    assert run("migrate", "--in-place", str(tmp_path)).exit_code == 0
    fill(tmp_path, {"cifar/polyaxonfile.yml": RUN})
    result = run("migrate", "--in-place", str(tmp_path))
    assert result.exit_code == 0, result.error
    assert names_of(tmp_path / "mnist/polyaxonfile.yml") == ["experiment"]
    assert names_of(tmp_path / "cifar/polyaxonfile.yml") == ["cifar"]


def test_a_name_in_the_file_that_a_migrated_run_has_is_an_error(tmp_path: Path) -> None:
    named = RUN + "name: train\n"
    fill(tmp_path, {"a.yml": named, "values.yml": "runs: {train: {labels: {a: b}}}\n"})
    a, b = tmp_path / "a.yml", tmp_path / "b.yml"
    assert run("migrate", "--in-place", str(a)).exit_code == 0
    b.write_text(named)
    result = run("migrate", "--in-place", str(a), str(b))
    assert (result.exit_code, b.read_text()) == (1, named)
    assert f'{b}: error[not-migratable] this file and {a} would both become the run "train"\n' in result.error
    c = tmp_path / "c.yml"
    c.write_text(named)
    result = run("migrate", "--in-place", str(a), str(b), str(c))
    assert result.error.count('would both become the run "train"') == 2
    c.unlink()
    # Values of a run without a program are a layer of this run.
    assert run("migrate", "--in-place", str(tmp_path / "values.yml"), str(b)).exit_code == 0


def test_an_entry_gets_no_source_if_another_file_has_it(tmp_path: Path) -> None:
    """Two sources in one entry would be an error."""
    fill(
        tmp_path,
        {
            "base.yml": "persistence: {data: {a_1: {mountPath: /a, existingClaim: a}}}\n",
            "over.yml": "persistence: {data: {a_1: {mountPath: /b}, c: {mountPath: /c}}}\n",
        },
    )
    names = [str(tmp_path / name) for name in ("base.yml", "over.yml")]
    assert run("migrate", "--in-place", *names).exit_code == 0
    assert yaml.safe_load((tmp_path / "over.yml").read_text())["persistence"]["data"] == {
        "a-1": {"mountPath": "/b"},
        "c": {"mountPath": "/c", "volumeSource": {"emptyDir": {}}},
    }


GRID = """\
version: 1
kind: group
hptuning: {concurrency: 2, grid_search: {n_experiments: 2}, matrix: {lr: {values: VALUES}}}
build: {image: x}
run: {cmd: "python PROGRAM.py --lr={{ lr }}"}
"""


def grid(program: str, values: str) -> str:
    return GRID.replace("PROGRAM", program).replace("VALUES", values)


def test_grids_that_are_written_out_do_not_share_members(tmp_path: Path) -> None:
    """Helm would merge two members of one name into one run."""
    fill(
        tmp_path,
        {
            "mnist/polyaxonfile_grid.yml": grid("mnist", "[0.1, 0.01, 0.001]"),
            "cifar/polyaxonfile_grid.yml": grid("cifar", "[0.01, 0.5, 0.001]"),
        },
    )
    result = run("migrate", "--in-place", str(tmp_path))
    assert result.exit_code == 0, result.error
    runs = {
        name: values["polyaxonfile"]["run"]["cmd"].split(".")[0]
        for folder in ("mnist", "cifar")
        for name, values in yaml.safe_load((tmp_path / folder / "polyaxonfile_grid.yml").read_text())["runs"].items()
    }
    assert len(runs) == 4
    assert all(name.startswith(f"{command.split()[1]}-grid-") for name, command in runs.items())


def test_a_member_of_a_grid_does_not_get_the_name_of_a_run_in_values(tmp_path: Path) -> None:
    fill(tmp_path, {"grid.yml": "name: search\n" + grid("a", "[1, 2, 3]")})
    path = tmp_path / "grid.yml"
    members = yaml.safe_load(run("migrate", "-", stdin=path.read_text()).output)["runs"]
    (tmp_path / "have.yml").write_text(f"runs: {{{min(members)}: {{image: b, command: [x]}}}}\n")
    result = run("migrate", "--in-place", str(tmp_path / "have.yml"), str(path))
    assert result.exit_code == 1
    assert f'would both become the run "{min(members)}"' in result.error


@pytest.mark.parametrize("values", ["image: foo, command: [x]", "image: foo", "command: [x]", "args: [x]"])
def test_a_run_with_a_program_is_not_replaced(values: str, tmp_path: Path) -> None:
    fill(tmp_path, {"have.yml": f"runs: {{train-1: {{{values}}}}}\n", "one.yml": RUN + "name: train_1\n"})
    have, one = tmp_path / "have.yml", tmp_path / "one.yml"
    result = run("migrate", "--in-place", str(have), str(one))
    assert (result.exit_code, one.read_text()) == (1, RUN + "name: train_1\n")
    assert f'{one}: error[not-migratable] this file and {have} would both become the run "train-1"\n' in result.error
    have.write_text(f"runs: {{one: {{{values}}}}}\n")
    fill(tmp_path, {"mnist/one.yml": RUN})
    assert run("migrate", "--in-place", str(have), str(tmp_path / "mnist/one.yml")).exit_code == 0
    assert names_of(tmp_path / "mnist/one.yml") == ["mnist-one"]


def test_one_polyaxonfile_and_values_have_a_name(tmp_path: Path) -> None:
    asks = RUN + "environment: {persistence: {outputs: outputs_foo}}\n"
    fill(tmp_path, {"values.yml": TWO_OUTPUTS, "empty.yml": "# nothing yet\n", "polyaxonfile.yml": asks, "b.yml": RUN})
    names = [str(tmp_path / name) for name in ("values.yml", "empty.yml", "polyaxonfile.yml")]
    result = run("migrate", "--in-place", "--name", "train", *names)
    assert result.exit_code == 0, result.error
    assert names_of(tmp_path / "polyaxonfile.yml") == ["train"]
    assert "migrate the values" not in result.error
    (tmp_path / "polyaxonfile.yml").write_text(asks)
    assert "  hint: migrate the values too\n" in run("migrate", names[2]).error
    result = run("migrate", "--in-place", "--name", "train", *names, str(tmp_path / "b.yml"))
    assert result.exit_code == 2
    assert "--name names one run\n  hint: migrate one polyaxonfile at a time\n" in result.error
