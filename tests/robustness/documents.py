"""Documents of hostile streams: Jobs and catalogs with one odd part."""

from __future__ import annotations

from tests.support.cli import Result, make_catalog, run

Documents = tuple[str | bytes, ...]


CATALOG = make_catalog()


ASKS = "polyaxon.com/polyaxonfile: '{}'"


JOB = "apiVersion: batch/v1\nkind: Job\n"


ESCAPES = r"\e[2J\u009b\nerror[fake]"  # in double quotes: YAML reads them as control characters


def render(*documents: str | bytes) -> Result:
    return run(stdin=b"".join(item if isinstance(item, bytes) else item.encode() for item in documents))


def job(annotations: str = ASKS, *, head: str = JOB, name: str = "train", rest: str = "") -> str:
    """A Job with all of its annotations given; ``rest``: lines at the end, in its container's place."""
    return (
        f"---\n{head}metadata:\n  name: {name}\n  annotations:\n    {annotations}\n"
        f"spec:\n  template:\n    spec:\n      containers:\n      - name: main\n{rest}"
    )


def whole(text: str) -> str:
    """A Job of which only its kind is given."""
    return "---\napiVersion: batch/v1\nkind: Job\n" + text


def asking(spec: str) -> str:
    return whole(f"metadata: {{name: train, annotations: {{{ASKS}}}}}\n{spec}\n")


def in_container(text: str) -> str:
    return job(rest=f"        {text}\n")


def with_polyaxonfile(text: str) -> str:
    return job(f"polyaxon.com/polyaxonfile: {text}")


def with_catalog(body: str) -> tuple[str, str]:
    return make_catalog(body), job()


def config_map(rest: str) -> tuple[str, str]:
    head = "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: c, labels: {polyaxon.com/catalog: v1}}\n"
    return head + rest, job()


def refused(code: str, **cases: str | bytes | Documents) -> dict[str, tuple[str, Documents]]:
    """Cases with one code; a single text stands behind the documented catalog."""
    return {
        f"{code}: {name.replace('_', ' ')}": (code, case if isinstance(case, tuple) else (CATALOG, case))
        for name, case in cases.items()
    }
