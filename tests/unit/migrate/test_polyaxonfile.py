"""Polyaxonfiles become runs of the values."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from ruamel.yaml import YAML

from post_renderer.migrate.tables import DECIDE, GONE, OF_THE_RUN, RENAMED, SECTIONS, STARTS_AGAIN
from tests.support.cli import run
from tests.support.examples import env_of, objects, pod_spec
from tests.support.migrate import NEXT, migrate, migrated, whole
from tests.support.paths import ROOT

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("file", ["polyaxonfile.yml", "train.yml", "polyaxonfile_train.yaml", "Train.polyaxonfile.yml"])
def test_a_run_is_named_by_option_by_itself_by_its_file_or_by_its_kind(file: str, tmp_path: Path) -> None:
    path = tmp_path / file

    def name_of(text: str, *options: str) -> str:
        path.write_text(text)
        assert run("migrate", "--in-place", *options, str(path)).exit_code == 0
        (name,) = yaml.safe_load(path.read_text())["runs"]
        return str(name)

    text = "kind: experiment\nbuild: {image: x}\n"
    assert name_of(text) == ("experiment" if file == "polyaxonfile.yml" else "train")
    assert name_of(text + "name: My_Model\n") == "my-model"
    assert name_of(text + "name: other\n", "--name", "this") == "this"


COMMANDS = [
    "params: {lr: 0.1, name: x, none: [null]}\nrun: {cmd: 'a {{ lr }} {{name}} {{ none[0] }}'}\n",
    "declarations: {m: {d: 1}, l: [a, 2]}\nrun: {cmd: ['a {{ m.d }}', 'b {{ l }} {{ l[1] }}']}\n",
    "run:\n  cmd: |\n    a \\\n      --b\n",
]


@pytest.mark.parametrize("text", COMMANDS)
def test_a_command_that_params_fill_is_migrated_and_rendered(
    text: str, tools: Path, helm_env: dict[str, str], tmp_path: Path
) -> None:
    path = tmp_path / "values.yaml"
    path.write_bytes(run("migrate", "-", stdin=f"kind: job\nbuild: {{image: x}}\n{text}").output)
    command = [str(tools / "helm4"), "template", "demo", "chart", "-f", str(path)]
    done = subprocess.run(
        command, cwd=ROOT, env=env_of("helm4", helm_env), capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    (job,) = [item for item in objects(done.stdout) if item["kind"] == "Job"]
    container = pod_spec(job)["containers"][0]
    assert "{{" not in str([container.get("command"), container.get("args")])


# Polyaxonfiles that mean the same to the chart as text and as the run that they become.
SAME = [
    "environment: {env_vars: [[A, yes], [B, 0x10], [C, 1.50], [D, true], [E, 1_000], [F, 1e-7], [G, 'no'], [H, 2020-01-01]]}\n",
    'run: {cmd: a, env_vars: [[A, run], [B, "q\\tz"]]}\nbuild: {image: x, lang_env: C.UTF-8, env_vars: {B: 1}}\n',
    "environment: {env_vars: {B: a, A: environment}}\nrun: {env_vars: [[A, run]]}\n",
    "kind: notebook\nbackend: lab\n",
    "kind: notebook\nbackend: notebook\n",
    "kind: tensorboard\nbackend: native\n",
    "version: 1.0\nbackend: native\nname: a\ntags: [a]\nframework: keras\ndescription: |+\n  a\n\n",
    "params: {lr: 1e-05, d: 2020-01-01, n1: 123456789012, o: 0o17, z: -0.0, u: 1_000}\nrun: {cmd: 'a {{ lr }} {{ o }} {{ u }}'}\n",
    "environment: {labels: {1: 'a'}, tolerations: [{operator: Exists}], affinity: {}, resources: {cpu: {limits: 1.50}, gpu: {requests: 1}}}\n",
    "environment: {service_account: a, image_pull_secrets: [b], secret_refs: [c], config_map_refs: [d], max_restarts: 3.0}\n",
    "environment: {resources: {cpu: &c {requests: 1, limits: 2}, memory: {<<: *c, limits: 3}, gpu: {requests: &g 1, limits: *g}}}\n",
    "environment:\n  <<: {node_selector: {a: b}}\n  resources: {gpu: {requests: 1, limits: 1.0}}\n",
    "params: {image: &i x}\nbuild: {image: *i}\n",
    "environment: {replicas: null, pytorch: , nothing: ~}\ninputs: null\noutputs: ~\nsettings: ~\n",
    "inputs: [{name: 'n', default: 3}, {name: d, default: {'on': 1}}]\nparams: {d: 2}\noutputs: [{name: loss, type: float}]\nrun: {cmd: 'a {{ n }} \\ {{ d }}'}\n",
    "run:\n  cmd: a \\\n    --b=c\\\n    -d \\\n",
    "kind: experiment\nbuild: {image: x, nocache: true, backend: kaniko, environment: {}, kind: build, tags: [a]}\nrun: {cmd: a, nocache: true}\n",
]


# What migrate can save and the chart refuses as it is: what becomes of it.
SAVED: dict[str, dict[str, Any]] = {
    "declarations: {on: 3, 'off': {n: 1}}\n": {"declarations": {"on": 3, "off": {"n": 1}}},
    "params: {a: y, b: [N, 'n', yes]}\nenvironment: {env_vars: [[A, n]]}\n": {
        "params": {"a": "y", "b": ["N", "n", "yes"]},
        "environment": {"env_vars": [["A", "n"]]},
    },
    "environment: {env_vars: {y: 3}}\n": {"environment": {"env_vars": {"y": 3}}},
    "environment: {replicas: {}, restart_policy: Never}\n": {"environment": {}},
    "conditions: []\ntermination: {timeout: 3}\n": {},
    "backend: kubeflow\n": {},
    "kind: notebook\nbackend: colab\nenvironment: {max_restarts: 3, ttl: 5}\n": {"environment": {}},
    "kind: \n": {"kind": "experiment"},
    "run: {cmd: a}\n...\n# end\n": {"run": {"cmd": "a"}},
    "inputs: [{name: n, default: 1}, {name: on}]\nparams: {'on': 2}\n": {
        "inputs": [{"name": "n", "default": 1}, {"name": "on"}],
        "params": {"on": 2},
    },
}


@pytest.mark.parametrize("helm", ["helm3", "helm4"])
def test_the_run_is_what_the_chart_makes_of_the_polyaxonfile(
    helm: str, tools: Path, helm_env: dict[str, str], tmp_path: Path
) -> None:
    options: dict[str, list[str]] = {"as text": [], "migrated": []}
    for number, text in enumerate(SAME):
        file, values = tmp_path / f"{number}.yml", tmp_path / f"{number}.yaml"
        file.write_text(whole(text))
        exit_code, output, error = migrate(whole(text), "--name", f"r{number}")
        assert (exit_code, error) == (0, NEXT), text
        values.write_text(output)
        options["as text"] += ["--set-file", f"runs.r{number}.polyaxonfile={file}"]
        options["migrated"] += ["-f", str(values)]
    rendered = []
    for more in options.values():
        done = subprocess.run(
            [str(tools / helm), "template", "demo", "chart", *more],
            cwd=ROOT, env=env_of(helm, helm_env), capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        rendered.append(done.stdout)
    assert rendered[0] == rendered[1]


@pytest.mark.parametrize("helm", ["helm3", "helm4"])
def test_what_the_chart_would_refuse_as_it_is_renders_when_it_is_migrated(
    helm: str, tools: Path, helm_env: dict[str, str], tmp_path: Path
) -> None:
    more = []
    for number, (text, expected) in enumerate(SAVED.items()):
        name = ["on", "1e3"][number] if number < 2 else f"r{number}"
        exit_code, output, error = migrate(whole(text), "--name", name)
        assert (exit_code, "warning[" in error) == (0, "..." not in text), error
        file = YAML(typ="safe", pure=True).load(output)["runs"][name]["polyaxonfile"]
        assert (
            file
            == {"kind": "experiment", "build": {"image": "x"}}
            | ({"kind": "notebook"} if "notebook" in text else {})
            | expected
        )
        path = tmp_path / f"{number}.yaml"
        path.write_text(output)
        more += ["-f", str(path)]
    done = subprocess.run(
        [str(tools / helm), "template", "demo", "chart", *more],
        cwd=ROOT, env=env_of(helm, helm_env), capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert len([item for item in objects(done.stdout) if item["kind"] in ("Job", "Deployment")]) == len(SAVED)


def chart_keys() -> dict[str, Any]:
    template = (ROOT / "chart" / "templates" / "_polyaxonfile.tpl").read_text()
    keys = yaml.safe_load(template.split('polyaxonfileKeys" -}}')[1].split("{{- end }}")[0])
    keys[""] = keys.pop("polyaxonfile")
    assert set(keys) == {"", *SECTIONS}
    return dict(keys)


# What migrate translates, and what it tells of in another way than the chart.
TRANSLATED = {
    ("", "settings"),
    ("run", "image"),
    *RENAMED,
    *OF_THE_RUN,
    *((at, key) for at in GONE for key in GONE[at]),
}
OTHERWISE = {
    ("", "persistence"),
    ("environment", "data"),
    ("", "data"),
    ("", "hptuning"),
    ("", "matrix"),  # a grid has both; migrate/grid.py refuses them in a run of another kind
}


def test_the_keys_of_a_polyaxonfile_are_the_chart_s() -> None:
    """What the chart refuses with a hint is migrated or refused here too, and what it takes and reads stays."""
    for section, rows in chart_keys().items():
        decided = DECIDE.get(section, {})
        assert set(decided) <= set(rows["instead"])
        translated = {key for at, key in TRANSLATED if at == section}
        assert (set(decided) | translated) & set(rows["taken"]) <= {"logging", "security_context"}
        for key in set(rows.get("instead", ())) - translated:
            assert key in decided or (section, key) in OTHERWISE, (section, key)


@pytest.mark.parametrize("section", ["", *SECTIONS])
def test_migrate_and_the_chart_give_the_same_advice(section: str) -> None:
    """Only the place of the image differs: a run of the chart can name one beside its polyaxonfile."""
    for key, advice in chart_keys()[section].get("instead", {}).items():
        if (section, key) not in OTHERWISE | TRANSLATED:
            here = advice.replace("%s.image", "build.image, and remove this key").replace("%s", "runs.<run>")
            assert DECIDE[section][key] == here, (section, key)


def test_a_ttl_is_a_warning_because_the_next_upgrade_starts_the_run_again() -> None:
    for line, text in ((3, "ttl: 3600\n"), (4, "environment:\n  ttl: 3600\n")):
        exit_code, output, error = migrate(whole(text))
        assert exit_code == 0
        assert yaml.safe_load(output)["runs"]["experiment"]["ttlSecondsAfterFinished"] == 3600
        assert f"<stdin>:{line}: warning[changed-meaning] " in error
        assert f"ttl: it is ttlSecondsAfterFinished of the run now: {STARTS_AGAIN}\n" in error
        assert "hint: remove it, unless the run may start again\n" in error
    assert "warning[" not in migrate(whole("ttl: null\n"))[2]
    for section in ("", "environment"):
        assert chart_keys()[section]["instead"]["ttl"].endswith(f": {STARTS_AGAIN}")
    grid = "kind: group\nbuild: {image: x}\nttl: 5\nhptuning: {concurrency: 9, grid_search: {n_experiments: 1}, matrix: {a: {values: [1, 2]}}}\n"
    assert migrate(grid)[2].count(STARTS_AGAIN) == 1


@pytest.mark.parametrize("helm", ["helm3", "helm4"])
def test_what_migrate_refuses_is_an_error_of_the_chart_too(
    helm: str, tools: Path, helm_env: dict[str, str], tmp_path: Path
) -> None:
    """As a map and as text: each refused key is one error with the same severity."""
    for section, key in [
        ("build", "build_steps"),
        ("build", "ref"),
        ("build", "branch"),
        ("run", "steps"),
        ("run", "git"),
    ]:
        file: dict[str, Any] = {"kind": "job", "build": {"image": "x"}, "run": {"cmd": "a"}}
        file[section] = {**file[section], key: ["a"]}
        text = yaml.safe_dump(file)
        path, values = tmp_path / "polyaxonfile.yml", tmp_path / "values.yaml"
        path.write_text(text)
        values.write_text(yaml.safe_dump({"runs": {"train": {"polyaxonfile": file}}}))
        exit_code, _, said = migrate(text)
        assert (exit_code, said.count("error[")) == (1, 1)
        for more in (["-f", str(values)], ["--set-file", f"runs.train.polyaxonfile={path}"]):
            done = subprocess.run(
                [str(tools / helm), "template", "demo", "chart", *more],
                cwd=ROOT, env=env_of(helm, helm_env), capture_output=True, text=True, timeout=60, check=False,
            )  # fmt: skip
            assert done.returncode == 1
            advice = DECIDE[section][key].removesuffix("build.image, and remove this key")
            assert f"runs.train.polyaxonfile: {section}.{key} is not supported: {advice}runs.train.image" in done.stderr
            assert f"{section}.{key}: is not supported: " in said
            assert advice in said


def test_the_value_of_an_alias_is_left_to_the_chart() -> None:
    text = (
        "kind: job\nbuild: {image: x}\nparams: {a: &a 1, b: *a}\nversion: *a\n"
        "run: {cmd: 'x {{ b }}', env_vars: [[A, *a]]}\nenvironment: {max_restarts: *a, labels: {a: *a}}\n"
    )
    assert migrated(text)["runs"]["job"]["polyaxonfile"]["run"] == {"cmd": "x {{ b }}", "env_vars": [["A", 1]]}


@pytest.mark.parametrize(
    "sections",
    [
        "environment: {resources: {cpu: &c {requests: 1, limits: 2}, memory: {<<: *c, limits: 3}}}\n",
        "environment:\n  <<: {node_selector: {a: b}}\n  max_restarts: 3\n",
        "params: &p {cmd: a}\nrun: {<<: *p, env_vars: [[A, b]]}\n",
        "params: {u: &u {a: b}, v: &v {c: d}}\nenvironment: {labels: {<<: [*u, *v]}, env_vars: {<<: [*u, *v], B: c}}\n",
        "environment: {resources: {gpu: {requests: &g 1, limits: *g}}}\n",
        "environment: {resources: {gpu: {requests: 1, limits: 1.0}}}\n",
        "environment: {resources: {gpu: {requests: '1', limits: 1}}}\n",
        "params: {image: &i x}\nbuild: {image: *i}\n",
        "params: {of: &b {image: x}}\nbuild: {<<: *b}\n",
        "params: {of: &b {image: x}}\nbuild: *b\n",
    ],
)
def test_merge_keys_and_aliases_of_a_polyaxonfile_are_left_to_helm(sections: str) -> None:
    exit_code, output, error = migrate(whole(sections))
    assert (exit_code, error) == (0, NEXT)
    assert [line.strip() for line in output.splitlines()[3:]] == [line.strip() for line in whole(sections).splitlines()]


def test_two_files_of_one_run_name_are_a_problem(tmp_path: Path) -> None:
    paths = [tmp_path / folder / "polyaxonfile.yml" for folder in ("a", "b", "c")]
    for path in paths:
        path.parent.mkdir()
        path.write_text("kind: experiment\nname: same\nbuild: {image: x}\n")
    paths[2].write_text("kind: experiment\nname: other\nbuild: {image: x}\n")
    before = [path.read_text() for path in paths]
    result = run("migrate", "--in-place", *map(str, paths))
    assert (result.exit_code, result.output) == (1, b"")
    (said,) = re.findall(r".*error\[.*", result.error)
    assert said == (f'{paths[1]}: error[not-migratable] this file and {paths[0]} would both become the run "same"')
    assert "hint: migrate this file alone, with --name NAME" in result.error
    assert [path.read_text() for path in paths] == before
    assert run("migrate", "--in-place", str(paths[0]), str(paths[2])).exit_code == 0
    assert run("migrate", "--in-place", "--name", "second", str(paths[1])).exit_code == 0


def test_usage() -> None:
    for words, message in (
        ([], "migrate needs a FILE"),
        (["a", "a"], "a is repeated"),
        (["--in-place", "-"], "--in-place needs files"),
        (["--name", "A b", "a"], "can't be a run's name"),
        (["/nowhere/at/all"], "/nowhere/at/all: No such file"),
        (["--in-plac", "a"], 'unknown option "--in-plac" of migrate'),
    ):
        result = run("migrate", *words)
        assert (result.exit_code, result.output) == (2, b"")
        assert message in result.error, result.error


@pytest.mark.parametrize(
    ("name", "new"),
    [("My_Run", "my-run"), ("mnist.My_Run", "mnist.my-run"), ("ada/Mn_ist/My_Run", "ada/Mn_ist/my-run")],
)
def test_references_follow_the_name_of_a_run(name: str, new: str) -> None:
    """A name without a run means an earlier run, so the wrong spelling would be an empty directory."""
    text = f"environment:\n  outputs:\n    experiments: [{name}, good]\n    jobs:\n    - '{name}'  # why\n"
    exit_code, output, error = migrate(whole(text))
    assert exit_code == 0
    outputs = yaml.safe_load(output)["runs"]["experiment"]["polyaxonfile"]["environment"]["outputs"]
    assert outputs == {"experiments": [new, "good"], "jobs": [new]}
    assert f'environment.outputs: the run "{name}" is called "{new}" now' in error


def test_references_that_are_no_names_of_runs_stay() -> None:
    text = whole("environment: {outputs: {experiments: [12, __, good-1], jobs: x}}\n")
    assert "experiments: [12, __, good-1], jobs: x" in migrate(text)[1]


def test_an_empty_list_of_a_later_version_becomes_a_comment() -> None:
    text = "environment:\n  persistence: {data: , outputs: }\n  artifact_refs: []\n  data_refs: []\nrun: {cmd: a}\n"
    environment = migrated(whole(text))["runs"]["experiment"]["polyaxonfile"]["environment"]
    assert environment == {"persistence": {"data": None, "outputs": None}}
