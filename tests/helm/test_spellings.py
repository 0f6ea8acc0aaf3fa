"""What Helm reads in plain scalars, and what `migrate` writes so that Helm reads the values that Polyaxon read."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from post_renderer.migrate.plain_scalars import evaluate, is_same, read_as_helm, read_as_polyaxon
from tests.support.examples import env_of
from tests.support.migrate import migrate
from tests.support.paths import ROOT
from tests.support.spellings import TOO_LARGE, WORDS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Read = Callable[[str], Any]
PYTHON_ONLY = ("1,000", "+-1", "--1", "1j", "1_0j")  # tuples, sums and complex numbers; Helm reads text, too
IN_LIBRARY = ROOT / "ci" / "polyaxon_schemas" / "in_library.py"


@pytest.fixture(params=["helm3", "helm4"])
def read(request: pytest.FixtureRequest, tools: Path, helm_env: dict[str, str], tmp_path: Path) -> Read:
    """Return a function that returns the values of a values file as Helm reads them."""
    (tmp_path / "c" / "templates").mkdir(parents=True)
    (tmp_path / "c" / "Chart.yaml").write_text("{apiVersion: v2, name: c, version: 0.0.1}\n")
    (tmp_path / "c" / "templates" / "a.yaml").write_text("{kind: A, text: {{ toJson .Values | quote }}}\n")

    def render(values: str) -> Any:
        (tmp_path / "values.yaml").write_text(values)
        done = subprocess.run(
            [str(tools / request.param), "template", "a", "c", "-f", "values.yaml"],
            cwd=tmp_path, env=env_of(request.param, helm_env), capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return json.loads(yaml.safe_load(done.stdout)["text"])

    return render


def test_helm_reads_each_spelling_as_migrate_expects(read: Read) -> None:
    words = WORDS + [word for word in TOO_LARGE if "inf" not in word.lower() and "nan" not in word.lower()]
    found = read("".join(f"v{number}: [{word}]\n" for number, word in enumerate(words) if "," not in word))
    wrong = [
        (word, found[f"v{number}"][0], read_as_helm(word))
        for number, word in enumerate(words)
        if "," not in word and not is_same(_in_json(found[f"v{number}"][0]), _in_json(read_as_helm(word)))
    ]
    assert wrong == []


def _in_json(value: Any) -> Any:
    """Helm's values are JSON, whose numbers are floats."""
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _old(word: str) -> Any:
    return evaluate(yaml.safe_load(word))


def _agrees(word: str, new: Any, *, is_text: bool) -> bool:
    """``is_text``: Polyaxon wrote the value as text, and Helm would write 1 for 1.0."""
    try:
        old = _old(word)
    except (ValueError, yaml.YAMLError):
        return True  # Polyaxon refused it
    if is_text and isinstance(old, float) and old.is_integer():
        return bool(new == str(old))
    return str(old) == new if not isinstance(old, str | int | float | None) else is_same(old, new)


@pytest.mark.parametrize("key", ["params", "declarations", "inputs", "env_vars", "matrix"])
def test_helm_reads_the_values_that_polyaxon_read(key: str, read: Read) -> None:
    words = [word for word in WORDS if "," not in word]
    head = "kind: experiment\nbuild: {image: x}\nrun: {cmd: y}\n"
    texts = {
        "params": "params:\n" + "".join(f"  p{at}: {word}\n" for at, word in enumerate(words)),
        "declarations": "declarations: {" + ", ".join(f"p{at}: [{word}]" for at, word in enumerate(words)) + "}\n",
        "inputs": "inputs:\n" + "".join(f"- {{name: p{at}, default: [{word}]}}\n" for at, word in enumerate(words)),
        "env_vars": "environment:\n  env_vars:\n" + "".join(f"  - [P{at}, {word}]\n" for at, word in enumerate(words)),
        "matrix": f"hptuning:\n  concurrency: 999\n  matrix: {{a: {{values: [{', '.join(words)}]}}}}\n",
    }
    code, output, error = migrate(head + texts[key], "--name", "r")
    assert code == 0, error
    run = read(output)["runs"]["r"]["polyaxonfile"]
    lists: dict[str, Callable[[], list[Any]]] = {
        "params": lambda: [run["params"].get(f"p{at}") for at in range(len(words))],
        "declarations": lambda: [run["declarations"][f"p{at}"][0] for at in range(len(words))],
        "inputs": lambda: [item["default"][0] for item in run["inputs"]],
        "env_vars": lambda: [item[1] for item in run["environment"]["env_vars"]],
        "matrix": lambda: run["hptuning"]["matrix"]["a"]["values"],
    }
    found = lists[key]()
    is_text = key == "env_vars"
    assert [
        (word, new) for word, new in zip(words, found, strict=True) if not _agrees(word, new, is_text=is_text)
    ] == []


def test_polyaxon_evaluated_params_as_migrate_expects(libraries: dict[str, Path]) -> None:
    """The library evaluates texts as Python after PyYAML has read them."""
    texts = {}
    for word in WORDS:
        try:
            if word not in PYTHON_ONLY and yaml.safe_load(word) is not None and not word.startswith("2020"):
                texts[word] = (
                    f"version: 1\nkind: experiment\nbuild: {{image: x}}\nrun: {{cmd: y}}\nparams: {{a: {word}}}\n"
                )
        except (ValueError, yaml.YAMLError):
            continue
    done = subprocess.run(
        [str(libraries["polyaxon-client"]), str(IN_LIBRARY), "read"],
        input=json.dumps(texts), capture_output=True, text=True, check=True,
    )  # fmt: skip
    found = json.loads(done.stdout)
    assert set(found) == set(texts)
    wrong = {word: row for word, row in found.items() if "error" in row or not is_same(_old(word), row["params"]["a"])}
    assert {word: row.get("error", "")[:9] for word, row in wrong.items()} == {}


def test_the_table_has_spellings_that_the_readers_read_differently() -> None:
    def differs(word: str) -> bool:
        try:
            return not is_same(read_as_polyaxon(word), read_as_helm(word))
        except ValueError:
            return False

    assert len([word for word in WORDS if differs(word)]) > 50
