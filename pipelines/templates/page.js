"use strict";
// The page can be read without this: it adds sorting, searching, and labels on a phone.
const text = (cell) => (cell ? cell.textContent.trim() : "");
const number = (words) => (/^-?[\d,]+(\.\d+)?$/.test(words) ? Number(words.replaceAll(",", "")) : NaN);
const compare = (a, b) => {
  if (a === b) return 0;
  if (a === "" || b === "") return a === "" ? 1 : -1;
  const [x, y] = [number(a), number(b)];
  return Number.isNaN(x) || Number.isNaN(y) ? a.localeCompare(b, "en") : x - y;
};
const sort = (table, head, column) => {
  const down = head.getAttribute("aria-sort") === "ascending";
  const keyed = [...table.tBodies[0].rows].map((row) => [text(row.cells[column]), row]);
  keyed.sort(([a], [b]) => (down && a !== "" && b !== "" ? compare(b, a) : compare(a, b)));
  for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
  head.setAttribute("aria-sort", down ? "descending" : "ascending");
  table.tBodies[0].append(...keyed.map(([, row]) => row));
};
const sortable = (table) => {
  [...table.tHead.rows[0].cells].forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    button.addEventListener("click", () => sort(table, head, column));
    head.append(button);
  });
};
const searchable = (table, at) => {
  const label = document.createElement("label");
  const input = document.createElement("input");
  const found = document.createElement("span");
  const box = document.createElement("div");
  input.type = "search";
  input.id = `search-${at}`;
  label.htmlFor = input.id;
  label.textContent = table.dataset.search;
  found.setAttribute("role", "status");
  found.className = "soft";
  box.className = "search";
  box.append(label, input, found);
  table.parentElement.before(box);
  const rows = [...table.tBodies[0].rows];
  let texts;
  let timer;
  const look = () => {
    texts ??= rows.map((row) => row.textContent.toLowerCase());
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    rows.forEach((row, place) => {
      const wanted = words.every((word) => texts[place].includes(word));
      row.hidden = !wanted;
      shown += wanted ? 1 : 0;
    });
    found.textContent = words.length ? `${shown} of ${rows.length} rows` : "";
  };
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(look, rows.length > 1000 ? 150 : 0);
  });
};
const labelled = (table) => {
  const heads = [...table.tHead.rows[0].cells].map(text);
  // On a phone a row is shown as a card; it stays a row to those who listen.
  table.setAttribute("role", "table");
  for (const row of table.rows) row.setAttribute("role", "row");
  for (const head of table.tHead.rows[0].cells) head.setAttribute("role", "columnheader");
  for (const row of table.tBodies[0].rows) {
    [...row.cells].forEach((cell, column) => {
      cell.setAttribute("role", cell.tagName === "TH" ? "rowheader" : "cell");
      if (cell.tagName === "TD") cell.dataset.label = heads[column];
    });
  }
};
// A table that does not fit is shown as cards, whatever the screen is.
const narrow = matchMedia("(max-width: 44rem)");
const fitting = (table) => {
  const region = table.parentElement;
  let width = 0;
  new ResizeObserver(() => {
    if (region.clientWidth === width) return;
    width = region.clientWidth;
    table.classList.remove("stack");
    if (narrow.matches || region.scrollWidth > width + 1) table.classList.add("stack");
  }).observe(region);
};
document.querySelectorAll("table.cards").forEach((table, at) => {
  labelled(table);
  fitting(table);
  if (table.dataset.search) searchable(table, at);
  if (table.classList.contains("sortable")) sortable(table);
  else table.tHead.classList.add("plain");
});
addEventListener("beforeprint", () => {
  for (const part of document.querySelectorAll("details.prints")) part.open = true;
});
