"use strict";
// The filter: without JavaScript it stays hidden, and the page shows everything.
(() => {
  const bodies = [...document.querySelectorAll("tbody")].map((body) => ({
    body,
    title: body.querySelector(".title").textContent.toLowerCase(),
    rows: [...body.querySelectorAll("tr:not(.title)")].map((row) => ({ row, text: row.textContent.toLowerCase() })),
  }));
  const boxes = [...document.querySelectorAll("[data-box]")].map((box) => ({
    box, text: box.dataset.text, isRun: box.classList.contains("run"),
  }));
  const byNumber = new Map(boxes.map((item) => [item.box.dataset.box, item]));
  const links = [...document.querySelectorAll("[data-from]")].map((path) => ({
    path, from: byNumber.get(path.dataset.from), to: byNumber.get(path.dataset.to),
  }));
  const input = document.getElementById("words");
  const count = document.getElementById("count");

  function filterTables(words) {
    let shown = 0;
    let all = 0;
    for (const { body, title, rows } of bodies) {
      const whole = words.every((word) => title.includes(word));
      let any = whole;
      for (const { row, text } of rows) {
        const fits = whole || words.every((word) => text.includes(word) || title.includes(word));
        row.hidden = !fits;
        any = any || fits;
      }
      body.hidden = !any;
      shown += any;
      all += 1;
    }
    count.textContent = words.length ? `${shown} of ${all} shown` : "";
  }

  // A link stays if the run, the volume or the storage of its way has each word.
  function filterPicture(words) {
    const after = links.filter(({ from }) => !from.isRun);
    const kept = new Set();
    for (const first of links.filter(({ from }) => from.isRun)) {
      for (const second of after.filter(({ from }) => from === first.to)) {
        const texts = [first.from.text, first.to.text, second.to.text];
        if (words.every((word) => texts.some((text) => text.includes(word)))) {
          [first, second, first.from, first.to, second.to].forEach((item) => kept.add(item));
        }
      }
    }
    for (const link of links) link.path.toggleAttribute("hidden", !kept.has(link));
    for (const item of boxes) item.box.toggleAttribute("hidden", !kept.has(item));
  }

  function filter() {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    filterTables(words);
    filterPicture(words);
  }

  document.getElementById("filter").hidden = false;
  input.addEventListener("input", filter);
  input.addEventListener("keydown", (event) => {
    if (event.key === "Escape") { input.value = ""; filter(); }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && document.activeElement !== input) { event.preventDefault(); input.focus(); }
  });
  filter();
})();
