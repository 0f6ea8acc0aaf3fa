"""Streams that are broken, hostile or merely odd: a message with a code, or the right rendering; never a traceback."""

from __future__ import annotations

from itertools import pairwise

import pytest

from post_renderer.problems import CODES
from tests.robustness.documents import (
    ASKS,
    CATALOG,
    ESCAPES,
    asking,
    config_map,
    in_container,
    job,
    refused,
    render,
    whole,
    with_catalog,
    with_polyaxonfile,
)
from tests.support.cli import Result, make_job, run
from tests.support.messages import codes

LETTERS = "abcdefghijklmnopqrst"
BOMB = "".join(f"        {b}: &{b} [*{a}, *{a}]\n" for a, b in pairwise(LETTERS))
IMITATION = (
    "---\napiVersion: v1\nkind: ConfigMap\ndata:\n  a: |\n    ---\n    kind: ConfigMap\n"
    "    metadata: {labels: {polyaxon.com/catalog: v1}}\n    data: {persistence.yaml: 'data: {}'}\n"
)
ASKS_FOR_X = "polyaxon.com/polyaxonfile: '{environment: {persistence: {data: [x]}}}'"
DEEP = "[" * 50_000
DEEPEST = 94  # brackets in a container: six collections are around them

REFUSED = {
    **refused(
        "invalid-encoding",
        invalid_utf_8=job().encode() + b"# \xff\n",
        a_bare_c1_byte=job().encode() + b"# \x9b\n",
        an_encoded_surrogate=job().encode() + b"# \xed\xa0\x80\n",
        overlong=job().encode() + b"# \xc0\xaf\n",
        utf_16=(("\ufeff" + CATALOG + job()).encode("utf-16-le"),),
    ),
    **refused(
        "invalid-yaml",
        nul=in_container("image: a\0"),
        nul_in_a_comment=job() + "# \0\n",
        c1=in_container("image: a\u009bb"),
        escape=in_container("image: a\x1bb"),
        delete=in_container("image: a\x7fb"),
        no_character=in_container("image: a\uffffb"),
        a_surrogate=in_container(r'image: "\ud800"'),
        beyond_unicode=in_container(r'image: "\UFFFFFFFF"'),
        unknown_alias=in_container("image: *nothing"),
        tab_for_indentation=in_container("\tx"),
        second_document=job() + "...\nkind: Pod\n",
        separator_behind_a_line_separator=job() + "# \u2028---\u2028kind: Pod\n",
        separator_behind_a_carriage_return=job() + "# \r---\rkind: Pod\n",
        template_in_block_style=job() + "{{- if .Values.x }}\n",
        undefined_tag=in_container("image: !x!y z"),
    ),
    **refused(
        "input-too-large",
        brackets=in_container("x: " + DEEP),
        braces=in_container("x: " + "{a: " * 50_000),
        dashes=in_container("x:\n          " + "- " * 50_000),
        one_level_too_deep=in_container("x: " + "[" * (DEEPEST + 1) + "]" * (DEEPEST + 1)),
        brackets_in_the_polyaxonfile=with_polyaxonfile(f"'{DEEP}'"),
        deep_polyaxonfile=with_polyaxonfile("'{environment: " + "[" * 100 + "]" * 100 + "}'"),
        brackets_in_the_catalog=with_catalog(f"data: {DEEP}\n"),
        long_polyaxonfile=with_polyaxonfile("'{run: " + "a" * 65_536 + "}'"),
        long_polyaxonfile_in_bytes=with_polyaxonfile("'{run: " + "\u00e9" * 32_768 + "}'"),
        nested_lists="---\n" + "{kind: List, items: [" * 51 + "{kind: Pod}" + "]}" * 51 + f" # {ASKS}\n",
    ),
    **refused(
        "alias",
        a_bomb_as_data=with_polyaxonfile("'{a: &a [x, x], b: &b [*a, *a], environment: {persistence: {data: *b}}}'"),
        merge_in_the_container=in_container("<<: {env: []}"),
        merge_of_nothing=in_container("<<:"),
        merge_in_the_catalog=with_catalog("x: &x {a: b}\ndata: {<<: *x}\n"),
        merged_annotations=whole(f"x: &x {{{ASKS}}}\nmetadata: {{annotations: {{<<: *x}}}}\n"),
        merged_data=job(f"{ASKS}\n    <<: {{polyaxon.com/data: a}}"),
        data_merged_twice=job(f"{ASKS}\n    <<: [{{a: b}}, {{<<: {{polyaxon.com/data: a}}}}]"),
        variable_that_holds_itself=in_container("env: [&x {name: A, value: *x}]"),
        shared_by_items=(
            "---\nkind: List\nitems:\n- &j\n  apiVersion: batch/v1\n  kind: Job\n"
            f"  metadata: {{name: a, annotations: {{{ASKS}}}}}\n"
            "  spec: {template: {spec: {containers: [{name: m}]}}}\n- *j\n"
        ),
    ),
    **refused(
        "duplicate-key",
        annotation=job(f"{ASKS}\n    {ASKS}"),
        annotations=job(f"{ASKS}\n  annotations: {{}}"),
        metadata=job() + "metadata: {}\n",
        spec=job() + "spec: {}\n",
        kind=job() + "kind: Pod\n",
        name=job(name="a\n  name: b"),
        containers=job() + "      containers: []\n",
        env=in_container("env: []\n        env: []"),
        container=in_container("name: other"),
        variable=in_container("env:\n        - {name: A, name: B}"),
        environment=with_polyaxonfile("'{environment: {}, environment: {}}'"),
        polyaxon_kind=with_polyaxonfile("'{kind: job, kind: build}'"),
        data=with_polyaxonfile("'{environment: {persistence: {data: [], data: []}}}'"),
        catalog_role=with_catalog("data: {a: {mountPath: /a, hostPath: /a}}\ndata: {}\n"),
        catalog_entry=with_catalog("data: {a: {mountPath: /a, hostPath: /a}, a: {mountPath: /b, hostPath: /a}}\n"),
        spec_of_a_named_job=job(f"{ASKS}\n    polyaxon.com/run-policy: keep") + "  suspend: true\n  suspend: true\n",
    ),
    **refused("base-name", forged=job(f"{ASKS}\n    polyaxon.com/base-name: other")),
    **refused(
        "base-name",
        of_another_job=job(
            f"{ASKS}\n    polyaxon.com/run-policy: keep\n    polyaxon.com/base-name: other", name="train-0123456789"
        ),
        without_a_policy=job(f"{ASKS}\n    polyaxon.com/base-name: train", name="train-0123456789"),
    ),
    **refused(
        "unknown-annotation",
        forged_status=job(f"{ASKS}\n    polyaxon.com/status: injected"),
        wrong_case=job("polyaxon.com/Polyaxonfile: '{}'"),
    ),
    **refused(
        "invalid-annotation",
        base_name_over_lines=job(f'{ASKS}\n    polyaxon.com/base-name: "a\\nb"'),
        path=job(f"{ASKS}\n    polyaxon.com/run-folder: ../x"),
        template=job(f"{ASKS}\n    polyaxon.com/run-folder: '{{{{ .Release.Name }}}}'"),
        expansion=job(f"{ASKS}\n    polyaxon.com/run-folder: $(HOME)"),
        containers_as_yaml=job(f"{ASKS}\n    polyaxon.com/containers: '[main]'"),
    ),
    **refused(
        "wrong-type",
        template=with_polyaxonfile("{{ .Values.x }}"),
        annotation_by_alias=whole("x: &x '{}'\nmetadata: {annotations: {polyaxon.com/polyaxonfile: *x}}\n"),
        metadata_by_alias=whole(f"x: &x {{annotations: {{{ASKS}}}}}\nmetadata: *x\n"),
        list_that_holds_itself=in_container("env: &x [*x]"),
        polyaxonfile_as_a_map=with_polyaxonfile("{environment: {}}"),
        polyaxonfile_as_a_list=with_polyaxonfile("[a]"),
        metadata_list=whole("metadata: [polyaxon.com/polyaxonfile]\n"),
        metadata_string=whole("metadata: polyaxon.com/polyaxonfile\n"),
        annotations_list=whole("metadata: {annotations: [polyaxon.com/polyaxonfile]}\n"),
        annotations_string=whole("metadata: {annotations: polyaxon.com/polyaxonfile}\n"),
        no_spec=asking(""),
        null_spec=asking("spec:"),
        spec_list=asking("spec: []"),
        spec_string=asking("spec: x"),
        null_template=asking("spec: {template: }"),
        template_list=asking("spec: {template: []}"),
        null_pod=asking("spec: {template: {spec: ~}}"),
        pod_metadata_list=asking("spec: {template: {metadata: [], spec: {containers: [{name: a}]}}}"),
        no_containers=asking("spec: {template: {spec: {}}}"),
        empty_containers=asking("spec: {template: {spec: {containers: []}}}"),
        null_containers=asking("spec: {template: {spec: {containers: }}}"),
        containers_map=asking("spec: {template: {spec: {containers: {name: a}}}}"),
        containers_strings=asking("spec: {template: {spec: {containers: [a]}}}"),
        null_container=asking("spec: {template: {spec: {containers: [~]}}}"),
        container_name_list=asking("spec: {template: {spec: {containers: [{name: [a]}]}}}"),
        env_strings=in_container("env: [a]"),
        env_map=in_container("env: {a: b}"),
        env_lists=in_container("env: [[a]]"),
        env_nulls=in_container("env: [~]"),
        mounts_string=in_container("volumeMounts: x"),
        volumes_map=job() + "      volumes: {a: b}\n",
        name_list=job(name="[a]"),
        kind_list=job(head="apiVersion: batch/v1\nkind: [Job]\n"),
        version_map=job(head="apiVersion: {a: b}\nkind: Job\n"),
    ),
    **refused(
        "not-a-workload",
        no_kind=job(head="apiVersion: batch/v1\n"),
        no_version=job(head="kind: Job\n"),
        anothers_job=job(head="apiVersion: batch.example.com/v1\nkind: Job\n"),
        a_service=job(head="apiVersion: v1\nkind: Service\n"),
        allow_list=f"---\napiVersion: x/v1\nkind: AllowList\nmetadata: {{annotations: {{{ASKS}}}}}\nitems: [a]\n",
        list_without_items=f"---\napiVersion: v1\nkind: List\nmetadata: {{annotations: {{{ASKS}}}}}\nitems:\n",
        list_of_a_map=f"---\nkind: List\nitems: {{metadata: {{annotations: {{{ASKS}}}}}}}\n",
        escapes=job(head=f'apiVersion: batch/v1\nkind: "Job{ESCAPES}"\n'),
    ),
    **refused(
        "misplaced-annotation",
        on_a_list=f"---\napiVersion: v1\nkind: List\nmetadata: {{annotations: {{{ASKS}}}}}\nitems: []\n",
        below_spec=job("a: b") + f"  metadata: {{annotations: {{{ASKS}}}}}\n",
        escapes=job("a: b") + f'  metadata: {{annotations: {{"polyaxon.com/{ESCAPES}": x}}}}\n',
    ),
    **refused(
        "invalid-polyaxonfile",
        nothing=with_polyaxonfile(""),
        null=with_polyaxonfile("'null'"),
        comments="---\n" + make_job("# {}\n"),
        number=with_polyaxonfile("5"),
        text=with_polyaxonfile("train.py"),
        object_of_python=with_polyaxonfile("'!!python/object/apply:os.system [x]'"),
        two_documents=with_polyaxonfile(r'"a: 1\n---\nb: 2\n"'),
        nul=with_polyaxonfile(r'"{a: \0}"'),
    ),
    **refused(
        "unsupported-yaml",
        tagged=with_polyaxonfile("!!binary e30="),
        template_as_data=with_polyaxonfile("'{environment: {persistence: {data: {{ .Values.x }} }}}'"),
        complex_key_in_a_variable=in_container("env:\n        - ? [a]\n          : b"),
        complex_key_in_a_named_job=job(f"{ASKS}\n    polyaxon.com/run-policy: keep") + "  ? [a]\n  : b\n",
    ),
    **refused("invalid-request", environment_of_python=with_polyaxonfile("'{environment: !!python/none [x]}'")),
    **refused(
        "no-catalog",
        in_a_text=(IMITATION, job()),
        in_a_secret=(CATALOG.replace("ConfigMap", "Secret"), job()),
        of_another_group=(CATALOG.replace("apiVersion: v1", "apiVersion: x/v1"), job()),
        none_at_all=(job(),),
    ),
    **refused(
        "invalid-catalog",
        nothing=config_map("data: {persistence.yaml: }\n"),
        binary=config_map("binaryData: {persistence.yaml: ZGF0YToge30=}\n"),
        no_data=config_map(""),
        word=with_catalog("x\n"),
        a_list=with_catalog("- x\n"),
        python=with_catalog("data: !!python/object/apply:os.system [x]\n"),
        surrogate=with_catalog(r'data: {a: {mountPath: "/a\ud800", hostPath: /a}}' + "\n"),
        escapes=with_catalog(f'"{ESCAPES}": x\ndata: {{}}\n'),
    ),
    **refused("wrong-type", complex_key_in_the_catalog=with_catalog("? [a]\n: b\ndata: {}\n")),
    **refused("catalog-version", escapes=(CATALOG.replace("catalog: v1", f'catalog: "v{ESCAPES}"'), job())),
    **refused(
        "invalid-entry",
        escapes=with_catalog(f'data: {{"{ESCAPES}": {{mountPath: /a, hostPath: /a}}}}\n'),
        escapes_in_a_path=with_catalog(f'data: {{a: {{mountPath: "/{ESCAPES}", hostPath: /a}}}}\n'),
    ),
    **refused(
        "unknown-volume",
        escapes=job(ASKS_FOR_X, name=f'"a{ESCAPES}"'),
        bidi=job(ASKS_FOR_X, name='"a\u202eb"'),
        escapes_asked_for=make_job('environment: {persistence: {data: ["' + ESCAPES + '"]}}\n'),
        seven_thousand=job(ASKS_FOR_X.replace("[x]", str([f"n{n}" for n in range(7000)]).replace("'", "''"))),
    ),
    **refused(
        "conflict",
        escapes=in_container(f'volumeMounts:\n        - {{name: "a{ESCAPES}", mountPath: /data/1}}'),
        escapes_in_a_source=job() + f'      volumes:\n      - {{name: data2, "{ESCAPES}": {{}}}}\n',
    ),
    **refused(
        "invalid-yaml", escapes_in_a_template=f"---\n# Source: a\x1b[2J\u009b.yaml\n{with_polyaxonfile('[')[4:]}"
    ),
}


def check_safe(result: Result) -> None:
    assert result.exit_code != 3, result.error
    assert "Traceback" not in result.error
    assert all(char.isprintable() or char == "\n" for char in result.error)
    for line in result.error.splitlines():
        # A name with a line break in it can't make a message of its own.
        assert line.startswith("  hint: ") or (codes(line) and codes(line)[0] in CODES)


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str) -> None:
    code, documents = REFUSED[name]
    result = render(*documents)
    check_safe(result)
    assert (result.exit_code, result.output) == (1, b"")
    assert f"error[{code}] " in result.error


@pytest.mark.parametrize("verb", ["check", "explain", "inventory"])
def test_every_verb_survives(verb: str) -> None:
    for _, documents in REFUSED.values():
        raw = b"".join(item if isinstance(item, bytes) else item.encode() for item in documents)
        for arguments in ([verb], [verb, "--output", "json"]):
            result = run(*arguments, stdin=raw)
            check_safe(result)
            assert result.exit_code == 1
            assert all(char.isprintable() or char == "\n" for char in result.output.decode())


def test_check_survives_a_stream_that_is_not_utf_8() -> None:
    result = run("check", stdin=(CATALOG + job()).encode() + b"# \xff\n")
    assert (result.exit_code, codes(result.error)) == (1, ["invalid-encoding"])


# What only looks dangerous: rendered, with nothing but additions.
RENDERED = {
    "as deep as it may be": in_container("x: " + "[" * DEEPEST + "]" * DEEPEST),
    "an alias bomb that nobody opens": in_container(f"a: &a [x, x]\n{BOMB}"),
    "a list that holds itself": in_container("x: &x [*x]"),
    "an object of Python": in_container("x: !!python/object/apply:os.system [touch /tmp/hostile]"),
    "complex keys": in_container("? [a, b]\n        : c\n        ? {}\n        : d"),
    "keys that are no strings": in_container("1: 2\n        true: false\n        ~: null"),
    "a key twice where nothing is read": in_container("resources: {a: 1, a: 2}"),
    "one variable twice": in_container("env:\n        - {name: A}\n        - {name: A}"),
    "five megabytes on a line": in_container("x: " + "a" * 5_000_000),
    "five megabytes of text": in_container("x: |\n" + "          a: [}\n" * 300_000),
    "a hundred thousand keys": in_container("x:\n" + "".join(f"          k{n}: v\n" for n in range(100_000))),
    "template leftovers elsewhere": job() + "x: {{ .Values.x }}\n",
    "a mark before the polyaxonfile": with_polyaxonfile('"\ufeff{}"'),
    "a nested List": (
        "---\nkind: List\nitems:\n- kind: List\n  items:\n  - apiVersion: batch/v1\n    kind: Job\n    metadata:\n"
        f"      name: a\n      annotations:\n        {ASKS}\n"
        "    spec:\n      template:\n        spec:\n          containers:\n          - name: m\n"
    ),
    "notes that speak of us": "---\n#### file: c/templates/NOTES.txt\npolyaxon.com/polyaxonfile: {{ x\n : [\n" + job(),
    "a text that imitates a run": f"---\nkind: ConfigMap\ndata:\n  a: |\n    ---\n    kind: Job\n    {ASKS}\n" + job(),
    "a word": "---\npolyaxon.com/polyaxonfile\n" + job(),
    "a list": "---\n- polyaxon.com/polyaxonfile: x\n" + job(),
}


@pytest.mark.parametrize("name", RENDERED)
def test_rendered(name: str) -> None:
    before = CATALOG + RENDERED[name]
    result = run(stdin=before)
    assert (result.exit_code, result.error) == (0, "")
    after = result.output.decode()
    assert "POLYAXON_RUN_OUTPUTS_PATH" in after
    rest = iter(after.splitlines(keepends=True))
    assert all(line in rest for line in before.splitlines(keepends=True))
    again = run(stdin=after)
    assert (again.exit_code, again.output.decode(), again.error) == (0, after, "")


@pytest.mark.parametrize("text", ["'{{ .Values.x }}'", "'{environment: {{ .Values.x }} }'"])
def test_an_unfilled_template_never_asks_for_nothing(text: str) -> None:
    assert render(CATALOG, with_polyaxonfile(text)).exit_code == 1


@pytest.mark.parametrize(
    "documents",
    [
        config_map("data: {persistence.yaml: {data: {}}}\n"),
        config_map("data: []\n"),
        config_map("data:\n  persistence.yaml: 'data: {}'\n  persistence.yaml: 'data: {}'\n"),
    ],
)
def test_a_catalog_that_can_not_be_read_is_named(documents: tuple[str, str]) -> None:
    assert "ConfigMap/c" in render(*documents).error


@pytest.mark.parametrize("name", ["", "''", "train!", "Train", "a b"])
def test_a_job_named_by_content_needs_a_name(name: str) -> None:
    result = render(CATALOG, job(f"{ASKS}\n    polyaxon.com/run-policy: keep", name=name))
    check_safe(result)
    assert (result.exit_code, result.output) == (1, b"")
