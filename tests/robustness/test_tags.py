"""YAML tags: a merge key keeps its meaning with a tag, and !!binary is never read as plain text.

Go's readers of YAML merge the keys of `<<` if it is plain, has the tag !!merge or the tag `!`, also in quotes. Helm 4
and yq write each merge key as `!!merge <<`.
"""

from __future__ import annotations

import pytest
import yaml

from tests.support.cli import make_catalog, run

MERGE_KEYS = ("<<", "!!merge <<", "! <<", '!!merge "<<"', "!!merge '<<'", '! "<<"', "!<tag:yaml.org,2002:merge> <<")
JOB = """\
---
apiVersion: batch/v1
kind: Job
metadata:
  name: train
  annotations:
    polyaxon.com/data: data1
"""
POD = JOB + "spec:\n  template:\n    spec:\n"
PLACES = {
    "a container": POD
    + """\
      initContainers:
      - &base
        name: prepare
        image: x
        env:
        - {name: LR, value: "0.1"}
      containers:
      - KEY: *base
        name: main
""",
    "a pod": JOB
    + """\
x-defaults: &base
  volumes:
  - {name: scratch, emptyDir: {}}
spec:
  template:
    spec:
      KEY: *base
      containers:
      - {name: main, image: x}
""",
    "a flow mapping": POD + "      containers: [{name: main, image: x, KEY: {env: []}}]\n",
    "annotations": JOB.replace("    polyaxon.com/data: data1", "    KEY: {polyaxon.com/data: data1}")
    + "spec:\n  template:\n    spec:\n      containers:\n      - {name: main, image: x}\n",
    "a polyaxonfile": JOB.replace(
        "polyaxon.com/data: data1",
        "polyaxon.com/polyaxonfile: |\n      environment:\n        KEY: {persistence: {data: [data1]}}",
    )
    + "spec:\n  template:\n    spec:\n      containers:\n      - {name: main, image: x}\n",
}


@pytest.mark.parametrize("key", MERGE_KEYS)
@pytest.mark.parametrize("place", PLACES)
def test_a_merge_key_is_refused_however_it_is_written(place: str, key: str) -> None:
    result = run(stdin=make_catalog() + PLACES[place].replace("KEY", key))
    assert (result.exit_code, result.output) == (1, b"")
    assert "error[alias]" in result.error
    assert "merge key" in result.error


def test_the_word_in_quotes_is_no_merge_key() -> None:
    result = run(stdin=make_catalog() + PLACES["a flow mapping"].replace("KEY", '"<<"'))
    assert (result.exit_code, result.error) == (0, "")


def test_a_merge_key_in_a_block_scalar_is_refused() -> None:
    text = (
        POD
        + "      ? !!merge |-\n        <<\n      : {volumes: []}\n      containers:\n      - {name: main, image: x}\n"
    )
    result = run(stdin=make_catalog() + text)
    assert (result.exit_code, result.output) == (1, b"")
    assert "error[unsupported-yaml]" in result.error


BINARY = {
    "a key of a pod": '      !!binary "dm9sdW1lcw==": []\n      containers:\n      - {name: main, image: x}\n',
    "a name": "      volumes:\n      - {name: !!binary ZGF0YTE=, emptyDir: {}}\n"
    "      containers:\n      - {name: main, image: x}\n",
    "a verbatim tag": "      containers:\n      - {name: !<tag:yaml.org,2002:binary> bWFpbg==, image: x}\n",
}


@pytest.mark.parametrize("name", BINARY)
def test_what_only_base64_decodes_is_refused(name: str) -> None:
    result = run(stdin=make_catalog() + POD + BINARY[name])
    assert (result.exit_code, result.output) == (1, b"")
    assert "error[unsupported-yaml]" in result.error
    assert "!!binary" in result.error


PROPERTIES = {
    "an anchor on the first key": "    spec: &spec\n      &policy restartPolicy: Never\n",
    "a tag on the first key": "    spec: &spec\n      !!str restartPolicy: Never\n",
    "both on both": "    spec: !!map &spec # the pod\n      &policy !!str restartPolicy: Never\n",
    "a verbatim tag": "    spec: !<tag:yaml.org,2002:map>\n      !<tag:yaml.org,2002:str> restartPolicy: Never\n",
    "a comment between": "    spec: &spec\n      # &no !tag\n      &policy restartPolicy: Never\n",
}


@pytest.mark.parametrize("name", PROPERTIES)
def test_properties_of_the_first_key_are_not_those_of_its_mapping(name: str) -> None:
    text = (
        JOB + "spec:\n  template:\n" + PROPERTIES[name] + "      containers:\n      - &main\n        &key name: main\n"
    )
    result = run(stdin=make_catalog() + text)
    assert (result.exit_code, result.error) == (0, "")
    pod = list(yaml.safe_load_all(result.output))[-1]["spec"]["template"]["spec"]
    assert pod["restartPolicy"] == "Never"
    assert [volume["name"] for volume in pod["volumes"]] == ["outputs-foo", "data1"]
    assert {mount["name"] for mount in pod["containers"][0]["volumeMounts"]} == {"outputs-foo", "data1"}
