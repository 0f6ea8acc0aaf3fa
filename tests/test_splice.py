"""Edits to text: wherever the three lists of a pod stand, and however they are written."""

from __future__ import annotations

from itertools import product

import pytest

from post_renderer.edits import ADD, ADD_FIRST, Edit
from tests.property.readers import check_additions_only, check_meaning, spliced

ENV = [{"name": "POLYAXON_RUN_FOLDER", "value": "$(A)/jobs/x"}, {"name": "B", "value": '{"d": "/data"}'}]
MOUNTS = [{"name": "data1", "mountPath": "/data/1", "readOnly": True}]
VOLUMES = [{"name": "data1", "persistentVolumeClaim": {"claimName": "c"}}, {"name": "out", "emptyDir": {}}]
CONTAINER = ("spec", "containers", 0)
EDITS = [
    Edit(ADD, ("spec", "volumes"), VOLUMES),
    Edit(ADD_FIRST, (*CONTAINER, "env"), ENV),
    Edit(ADD, (*CONTAINER, "volumeMounts"), MOUNTS),
]

# How a list may stand under its key, with the lines' own indentation as {0} and the dashes' as {1}.
BLOCK = {
    "env": "{0}env:\n{1}- name: A\n{1}  value: a\n",
    "volumeMounts": "{0}volumeMounts:\n{1}- name: tmp\n{1}  mountPath: /tmp\n",
    "volumes": "{0}volumes:\n{1}- name: tmp\n{1}  emptyDir: {{}}\n",
}
FLOW_ITEM = {"env": "{name: A, value: a}", "volumeMounts": "{name: tmp, mountPath: /tmp}", "volumes": "{name: tmp}"}
FORMS = {
    "absent": "",
    "nothing": "{0}KEY:\n",
    "null": "{0}KEY: null\n",
    "tilde": "{0}KEY: ~ # none\n",
    "[]": "{0}KEY: [] # none\n",
    "{}": "{0}KEY: {}\n",
    "block": "",
    "flow": "{0}KEY: [ITEM]  # one\n",
    "flow lines": "{0}KEY: [\n{0}  ITEM, # one\n{0}  ]\n",
}
NO_ROOM = ("null", "tilde", "[]", "{}", "flow", "flow lines")  # here the old text itself must change


def write_list(key: str, form: str, indent: str, dashes: str) -> str:
    if form == "block":
        return BLOCK[key].format(indent, dashes)
    return FORMS[form].replace("{0}", indent).replace("KEY", key).replace("ITEM", FLOW_ITEM[key])


def write_pod(forms: tuple[str, str, str], step: int, *, volumes_first: bool, name_last: bool) -> str:
    outer, dash, inner = "  ", "  " + " " * step, "  " + " " * step + "  "
    env, mounts, volumes = (
        write_list(key, form, column, column + " " * step)
        for key, form, column in zip(BLOCK, forms, (inner, inner, outer), strict=True)
    )
    keys = [f"{inner}name: main\n", env, mounts]
    body = "".join([*keys[1:], keys[0]] if name_last else keys)
    containers = f"{outer}containers:\n{dash}- {body[len(inner):]}"
    parts = [volumes, containers] if volumes_first else [containers, volumes]
    return "kind: Pod\nspec:\n" + "".join(parts)


@pytest.mark.parametrize("step", [0, 2, 4])
@pytest.mark.parametrize("volumes_first", [False, True])
@pytest.mark.parametrize("name_last", [False, True])
def test_every_form_of_the_three_lists(step: int, volumes_first: bool, name_last: bool) -> None:
    for number, forms in enumerate(product(FORMS, repeat=3)):
        before = write_pod(forms, step, volumes_first=volumes_first, name_last=name_last)
        after = spliced(before, EDITS)
        check_meaning(before, after, EDITS, both=number % 9 == 0)
        if not any(form in NO_ROOM for form in forms):
            check_additions_only(before, after)
        for comment in ("# none", "# one"):
            assert after.count(comment) == before.count(comment)
