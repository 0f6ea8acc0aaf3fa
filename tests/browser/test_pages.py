"""The pages of `explain` and `inventory` in a real browser: filter, keyboard, hostile names, no errors."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from tests.browser.conftest import read_console
from tests.support.cli import make_catalog, make_job, run
from tests.support.inventory import as_live, job_name, make_kept, make_manifest, write

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from selenium.webdriver import Chrome
    from selenium.webdriver.remote.webelement import WebElement

    Open = Callable[[bytes], None]

ASK = "kind: experiment\nenvironment: {persistence: {data: [%s]}}\n"
STREAM = make_catalog() + make_job(ASK % "data1", name="first") + make_job(ASK % "data2", name="second")
HOSTILE = "<script>document.title='run'</script><img src=x onerror=alert(1)>\"'&lt;{{7*7}}"


def page_of(command: str, stdin: str, *words: str, code: int = 0) -> bytes:
    result = run(command, "--output", "html", *words, stdin=stdin)
    assert result.exit_code == code, result.error
    return result.output


def shown(browser: Chrome, selector: str) -> list[WebElement]:
    return [found for found in browser.find_elements(By.CSS_SELECTOR, selector) if found.is_displayed()]


def titles(browser: Chrome) -> list[str]:
    return [found.text.split("\n")[0] for found in shown(browser, "tbody .title th")]


def boxes(browser: Chrome, kind: str) -> list[str]:
    return [found.text for found in shown(browser, f"#drawing .{kind} text")]


def type_words(browser: Chrome, words: str) -> None:
    field = browser.find_element(By.ID, "words")
    field.clear()
    field.send_keys(words)


def test_the_filter_shows_what_has_all_words(browser: Chrome, open_page: Open) -> None:
    open_page(page_of("explain", STREAM))
    assert titles(browser) == ["Job/first", "Job/second"]
    assert boxes(browser, "run") == ["Job/first", "Job/second"]
    type_words(browser, "DATA-2")
    assert titles(browser) == ["Job/second"]
    assert boxes(browser, "run") == ["Job/second"]
    assert boxes(browser, "storage") == ["claim data-2-pvc"]
    assert len(shown(browser, "tbody tr:not(.title)")) == 1
    assert browser.find_element(By.ID, "count").text == "1 of 2 shown"
    type_words(browser, "first writable")
    assert titles(browser) == ["Job/first", "Job/second"]
    type_words(browser, "nothing has this")
    assert titles(browser) == boxes(browser, "run") == []
    assert browser.find_element(By.ID, "count").text == "0 of 2 shown"
    browser.find_element(By.ID, "words").send_keys(Keys.ESCAPE)
    assert titles(browser) == ["Job/first", "Job/second"]
    assert browser.find_element(By.ID, "count").text == ""


def test_the_picture_has_solid_lines_for_writes_and_dotted_ones_for_reads(browser: Chrome, open_page: Open) -> None:
    open_page(page_of("explain", STREAM))
    dashes = {kind: {path.value_of_css_property("stroke-dasharray") for path in shown(browser, f"#drawing path.{kind}")} for kind in ("writes", "reads")}  # fmt: skip
    assert dashes["writes"] == {"none"}
    assert dashes["reads"] - {"none"} == dashes["reads"] != set()
    # first: outputs and data1; second: outputs and data2; and each volume to its storage
    assert len(shown(browser, "#drawing path")) == 4 + 3


def focused(browser: Chrome) -> str:
    found = browser.switch_to.active_element
    return found.get_attribute("id") or found.get_attribute("href") or found.tag_name


def test_everything_can_be_reached_by_the_keyboard(browser: Chrome, open_page: Open) -> None:
    open_page(page_of("explain", STREAM))
    browser.find_element(By.TAG_NAME, "body").send_keys("/")
    assert focused(browser) == "words"
    seen = []
    for _ in range(12):
        browser.switch_to.active_element.send_keys(Keys.TAB)
        seen.append(browser.execute_script("const e = document.activeElement; return e.getAttribute('href') || e.className || e.tagName"))  # fmt: skip
    assert seen[:3] == ["#picture", "#t0", "scroll"]
    assert {"#g0-0", "#g0-1"} <= set(seen)
    link = browser.find_element(By.CSS_SELECTOR, '#drawing a[href="#g0-1"]')
    link.send_keys(Keys.ENTER)
    assert browser.current_url.endswith("#g0-1")


def test_without_javascript_the_table_is_there_and_the_filter_is_not(browser: Chrome, open_page: Open) -> None:
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    open_page(page_of("explain", STREAM))
    assert titles(browser) == ["Job/first", "Job/second"]
    assert boxes(browser, "run") == ["Job/first", "Job/second"]
    assert shown(browser, "#words") == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_follows_the_light_and_the_dark_scheme(browser: Chrome, open_page: Open, scheme: str) -> None:
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
    open_page(page_of("explain", STREAM))
    paper, ink = (
        sum(map(int, re.findall(r"\d+", browser.find_element(By.TAG_NAME, "body").value_of_css_property(name))[:3]))
        for name in ("background-color", "color")
    )
    light, dark = (paper, ink) if scheme == "light" else (ink, paper)
    assert light > 600
    assert dark < 150


def test_a_hostile_name_is_text(browser: Chrome, open_page: Open, tmp_path: Path) -> None:
    objects = make_manifest(make_kept("old"))
    for item in objects:
        item["metadata"]["labels"]["app.kubernetes.io/instance"] = HOSTILE
    live = as_live(objects)
    live[0]["metadata"]["name"] = HOSTILE
    live[0]["spec"]["template"]["spec"]["volumes"][0]["persistentVolumeClaim"]["claimName"] = HOSTILE
    open_page(page_of("inventory", "", write(tmp_path / "live", live), code=1))
    assert browser.title == "Inventory of the storage"
    assert browser.find_elements(By.TAG_NAME, "img") == []
    assert len(browser.find_elements(By.TAG_NAME, "script")) == 1
    cells = [found.text for found in shown(browser, "td")]
    assert f"Job/{HOSTILE}" in cells
    assert HOSTILE in cells
    assert f"claim {HOSTILE}, namespace vision" in titles(browser)
    type_words(browser, "<script>document")
    assert boxes(browser, "run") != []


def test_an_injected_script_would_not_run(browser: Chrome, open_page: Open) -> None:
    """The policy, for the case that an escape were missing."""
    page = page_of("explain", STREAM).decode()
    wrong = "<script>document.title = 'run'</script><style>body {display: none}</style><b onclick='x' style='color: red'>b</b><img src='https://example.com/x'>"
    open_page(page.replace("<main>", f"<main>{wrong}", 1).encode())
    assert browser.title == "Volumes of the runs"
    assert browser.find_element(By.TAG_NAME, "body").is_displayed()
    messages = [entry["message"] for entry in read_console(browser)]
    assert sum("Content Security Policy" in message for message in messages) >= 4


def test_an_error_is_at_its_place_and_leads_to_its_help(browser: Chrome, open_page: Open, tmp_path: Path) -> None:
    wrong = make_job("environment: {persistence: {data: [data-fo]}}\n", name="wrong")
    warned = make_job("environment: {persistence: {outputs: outputs1}}\n", name="warned")
    open_page(page_of("explain", make_catalog() + make_job(name="first") + wrong + warned, code=1))
    alone, placed = shown(browser, "tbody .problem")
    assert "Job/wrong (chart/templates/runs.yaml, line " in alone.text
    assert 'no data volume "data-fo"' in alone.text
    assert alone.find_element(By.XPATH, "ancestor::th").text.startswith("Job/wrong\nno volumes")
    assert placed.text.startswith("warning[read-only-outputs] Job/warned")
    assert placed.find_element(By.XPATH, "ancestor::th").text.startswith("Job/warned")
    alone.find_element(By.TAG_NAME, "a").click()
    assert browser.current_url.endswith("#why-unknown-volume")
    assert "Remedy: " in browser.find_element(By.ID, "codes").text
    live = as_live(make_manifest(make_kept("old")))
    live[0]["metadata"]["name"] = "a b"
    paths = [write(tmp_path / "live", live), write(tmp_path / "new", make_manifest(make_kept("new")))]
    open_page(page_of("inventory", "", *paths, code=1))
    (placed,) = shown(browser, "#t1 tbody .problem")
    assert placed.text.startswith("error[invalid-name] Job/a b")


def test_the_inventory_has_the_commands_of_the_stale_jobs(browser: Chrome, open_page: Open, tmp_path: Path) -> None:
    old, new = make_manifest(make_kept("old")), make_manifest(make_kept("new"))
    paths = [write(tmp_path / "live", as_live([*old, *new])), write(tmp_path / "new", new)]
    open_page(page_of("inventory", "", *paths))
    (line,) = [found.text for found in shown(browser, "#t1 pre")]
    assert line.strip() == f"kubectl delete --namespace vision jobs.batch/{job_name(old)}"
    type_words(browser, "stale")
    assert titles(browser) == [f"Job/{job_name(old)}"]


def test_an_empty_input_gives_a_page(browser: Chrome, open_page: Open) -> None:
    open_page(page_of("inventory", "apiVersion: v1\nkind: Service\n"))
    assert "No run uses a volume." in browser.find_element(By.TAG_NAME, "body").text


def test_a_thousand_runs_stay_usable(browser: Chrome, open_page: Open) -> None:
    jobs = [make_job(ASK % f"data{1 + number % 2}", name=f"run-{number:04}") for number in range(1000)]
    started = time.monotonic()
    open_page(page_of("explain", make_catalog() + "".join(jobs)))
    assert len(browser.find_elements(By.CSS_SELECTOR, "tbody")) == 1000
    assert boxes(browser, "run") == ["Job/run-0000 and 499 more", "Job/run-0001 and 499 more"]
    field = browser.find_element(By.ID, "words")
    script = "const t = performance.now(); arguments[0].value = arguments[1]; arguments[0].dispatchEvent(new Event('input')); document.body.offsetHeight; return performance.now() - t"  # fmt: skip
    milliseconds = browser.execute_script(script, field, "run-0777")
    assert titles_of_shown(browser) == ["Job/run-0777"]
    assert boxes(browser, "run") == ["Job/run-0001 and 499 more"]
    assert milliseconds < 3000, "a filter that takes seconds is of no use, also on a busy machine"
    assert time.monotonic() - started < 120


def titles_of_shown(browser: Chrome) -> list[str]:
    """By one script: asking for each of a thousand rows takes a minute."""
    script = "return [...document.querySelectorAll('tbody')].filter((b) => b.offsetParent !== null).map((b) => b.querySelector('th').firstChild.textContent.trim())"  # fmt: skip
    found: list[str] = browser.execute_script(script)
    return found


@pytest.mark.parametrize("width", [400, 1200])
def test_nothing_is_wider_than_the_window(browser: Chrome, open_page: Open, width: int) -> None:
    browser.set_window_size(max(width, 500), 900)
    open_page(page_of("explain", STREAM))
    script = "return document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert browser.execute_script(script) <= 0
