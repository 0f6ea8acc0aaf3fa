"""Which catalog of a stream a workload uses."""

from __future__ import annotations

import pytest

from tests.support.cli import make_catalog, make_job, run


def of_release(text: str, release: str) -> str:
    if "labels: {" in text:
        return text.replace("labels: {", f"labels: {{app.kubernetes.io/instance: {release}, ")
    return text.replace("  annotations:\n", f"  labels: {{app.kubernetes.io/instance: {release}}}\n  annotations:\n")


RED = of_release(make_catalog("data: {red: {mountPath: /red, existingClaim: c}}\n"), "red")
BLUE = of_release(make_catalog("data: {blue: {mountPath: /blue, existingClaim: c}}\n"), "blue")
BARE = make_catalog("data: {bare: {mountPath: /bare, existingClaim: c}}\n")
FOUND = {
    "its own of two": (RED + BLUE + of_release(make_job(), "red"), "red"),
    "its own of two, behind it": (of_release(make_job(), "blue") + RED + BLUE, "blue"),
    "the only one": (RED + of_release(make_job(), "blue"), "red"),
    "the only one, without a label": (RED + make_job(), "red"),
    "the one without a release": (BARE + RED + make_job(), "bare"),
    "the same one twice": (RED + RED + make_job(), "red"),
}


@pytest.mark.parametrize("what", FOUND)
def test_a_workload_uses_the_catalog_of_its_release(what: str) -> None:
    stream, volume = FOUND[what]
    result = run(stdin=stream)
    assert (result.exit_code, result.error) == (0, "")
    assert f'- name: "{volume}"' in result.output.decode()


AMBIGUOUS = {
    "two of other releases": RED + BLUE + of_release(make_job(), "green"),
    "two, and no label": RED + BLUE + make_job(),
    "two of one release": RED + RED.replace("/red", "/rot") + of_release(make_job(), "red"),
}


def catalog_in(namespace: str, chart: str, claim: str, release: str = "red") -> str:
    head = f"  namespace: {namespace}\n" * bool(namespace) + "  labels: "
    labels = f"{{polyaxon.com/catalog: v1, app.kubernetes.io/instance: {release}, app.kubernetes.io/name: {chart}}}"
    body = (
        f"data: {{d: {{mountPath: /d, existingClaim: {claim}}}}}\noutputs: {{o: {{mountPath: /o, existingClaim: o}}}}\n"
    )
    return make_catalog(body).replace("  labels: {polyaxon.com/catalog: v1}", head + labels)


def job_in(namespace: str, chart: str, release: str = "red") -> str:
    head = f"  namespace: {namespace}\n" * bool(namespace)
    labels = f"  labels: {{app.kubernetes.io/instance: {release}, app.kubernetes.io/name: {chart}}}\n"
    return make_job().replace("  annotations:\n", f"{head}{labels}  annotations:\n", 1)


TWO = catalog_in("a", "jobs", "claim-a") + catalog_in("b", "jobs", "claim-b")
ALIASES = catalog_in("a", "jobs", "claim-jobs") + catalog_in("a", "vision", "claim-vision")
NARROWED = {
    "one release in two namespaces": (TWO + job_in("b", "jobs"), "claim-b"),
    "the namespace, whatever the chart": (TWO + job_in("b", "other"), "claim-b"),
    "one chart twice": (ALIASES + job_in("a", "vision"), "claim-vision"),
    "the chart, where no namespace is known": (ALIASES + job_in("", "vision"), "claim-vision"),
    "the namespace before the chart": (TWO + catalog_in("a", "vision", "claim-x") + job_in("b", "vision"), "claim-b"),
    "the chart within the namespace": (
        TWO + ALIASES.replace("claim-", "own-") + catalog_in("b", "vision", "claim-c") + job_in("b", "vision"),
        "claim-c",
    ),
    "no release, but a namespace": (
        TWO.replace("instance: red", "instance: blue", 1) + job_in("b", "x", "green"),
        "claim-b",
    ),
    "the only one, in another namespace": (catalog_in("a", "jobs", "claim-a") + job_in("b", "vision"), "claim-a"),
    "the only one of the release": (
        TWO + catalog_in("c", "x", "claim-c", "blue") + job_in("a", "jobs", "blue"),
        "claim-c",
    ),
    "the same text twice": (
        catalog_in("a", "jobs", "claim-a") + catalog_in("a", "vision", "claim-a") + job_in("c", "x"),
        "claim-a",
    ),
}


@pytest.mark.parametrize("what", NARROWED)
def test_of_several_catalogs_the_namespace_and_the_chart_decide(what: str) -> None:
    stream, claim = NARROWED[what]
    result = run(stdin=stream)
    assert (result.exit_code, result.error) == (0, "")
    assert f'claimName: "{claim}"' in result.output.decode()


def test_catalogs_of_one_release_that_nothing_tells_apart() -> None:
    result = run(stdin=TWO + job_in("c", "jobs"))
    assert result.exit_code == 1
    assert 'the run could use any of 2 catalogs (of the release "red")' in result.error
    assert (
        "hint: copy the label app.kubernetes.io/name from the ConfigMap of the right catalog to the workload"
        in result.error
    )


@pytest.mark.parametrize("what", AMBIGUOUS)
def test_more_than_one_candidate_is_a_problem(what: str) -> None:
    result = run(stdin=AMBIGUOUS[what])
    assert (result.exit_code, result.output) == (1, b"")
    assert "error[several-catalogs] Job/train" in result.error
    assert "app.kubernetes.io/instance" in result.error


def test_a_run_without_any_catalog_is_a_problem_a_build_is_not() -> None:
    assert "error[no-catalog] Job/train" in run(stdin=make_job()).error
    build = make_job("kind: build\n")
    assert run(stdin=build).output == build.encode()


@pytest.mark.parametrize(
    ("persistence", "warned"), [("{}", False), ("{data: []}", False), ("{data: [x]}", True), ("{outputs: x}", True)]
)
def test_a_build_that_asks_for_volumes_is_warned(persistence: str, warned: bool) -> None:
    build = make_job(f"kind: build\nenvironment: {{persistence: {persistence}}}\n")
    result = run(stdin=build)
    assert (result.exit_code, result.output) == (0, build.encode())
    assert ("warning[request-ignored] Job/train" in result.error) is warned
