// Sorts and filters the table of handshakes. Without this script the page shows everything, errors first.
(() => {
  const byId = (id) => document.getElementById(id);
  const table = byId("handshakes");
  const [body, ...hidden] = table.tBodies;
  const headers = [...table.tHead.rows[0].cells];
  const tiles = [...byId("domains").children];
  const compareText = new Intl.Collator("en", { numeric: true }).compare;

  /** The number of rows in the table until the user asks for all: a browser takes seconds to lay out thousands. */
  let most = body.rows.length;
  // As little as possible for each row: there may be thousands, and the page is not shown before this has run.
  let rows = [body, ...hidden].flatMap(({ rows }) => [...rows]).map((element) => ({ element, text: null }));
  let matching = rows;

  /** The texts of a row's cells, in lower case, with separators. */
  function textOf(row) {
    row.text ??= [...row.element.cells]
      .map((cell) => cell.textContent)
      .join(" ")
      .toLowerCase();
    return row.text;
  }

  const groupOf = ({ element }) => element.dataset.group;

  /** Shows the rows that have every word of the filter, and the domains that have such a row. */
  function filter() {
    const words = byId("filter").value.toLowerCase().split(/\s+/).filter(Boolean);
    const status = byId("status").value;
    const isMatch = (row) =>
      (status === "" || row.element.dataset.status === status) &&
      words.every((word) => textOf(row).includes(word));
    const isFiltered = words.length > 0 || status !== "";
    matching = isFiltered ? rows.filter(isMatch) : rows;
    const groups = isFiltered ? new Set(matching.map(groupOf)) : null;
    for (const tile of tiles) tile.hidden = groups !== null && !groups.has(tile.dataset.group);
    show();
  }

  function show() {
    body.replaceChildren(...matching.slice(0, most).map(({ element }) => element));
    tellCount();
  }

  function tellCount() {
    const isCut = matching.length > most;
    byId("more").hidden = !isCut;
    const header = headers.find((one) => one.hasAttribute("aria-sort"));
    byId("shown").textContent = [
      `${matching.length} of ${rows.length} handshakes`,
      `sorted by ${header.textContent.toLowerCase()}, ${header.getAttribute("aria-sort")}`,
      ...(isCut ? [`the first ${most} are shown`] : []),
    ].join(", ");
  }

  function sortBy(header) {
    const sign = header.getAttribute("aria-sort") === "ascending" ? -1 : 1;
    const isNumber = header.dataset.kind === "number";
    const column = headers.indexOf(header);
    rows = rows
      .map((row) => ({ row, key: keyOf(row.element.cells[column], isNumber) }))
      .sort((one, other) => compareKeys(one.key, other.key, sign))
      .map(({ row }) => row);
    for (const one of headers) one.removeAttribute("aria-sort");
    header.setAttribute("aria-sort", sign === 1 ? "ascending" : "descending");
    filter();
  }

  /** The value to sort a cell by; null if the cell is empty. */
  function keyOf({ textContent, dataset }, isNumber) {
    if (!isNumber) return textContent || null;
    return dataset.key === undefined ? null : Number(dataset.key);
  }

  /** Compares the sort keys of two cells. Empty cells come last in both directions. */
  function compareKeys(one, other, sign) {
    if (one === null || other === null) return Number(one === null) - Number(other === null);
    return sign * (typeof one === "number" ? one - other : compareText(one, other));
  }

  /** Turns the text of an element into a button. */
  function makeButton(element, press) {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...element.childNodes);
    button.addEventListener("click", press);
    element.append(button);
  }

  function showAll() {
    most = Number.POSITIVE_INFINITY;
    show();
  }

  function goTo({ element }) {
    if (!element.isConnected) showAll();
    element.tabIndex = -1;
    element.focus({ preventScroll: true });
    element.scrollIntoView({ block: "center" });
  }

  for (const header of headers) makeButton(header, () => sortBy(header));
  for (const element of document.querySelectorAll("[data-filter]")) {
    makeButton(element, () => {
      byId("filter").value = element.dataset.filter;
      byId("status").value = "";
      filter();
      byId("filter").focus();
    });
  }

  // Jump to the first row that matches: sorting and filtering change which one it is.
  byId("domains").addEventListener("click", (event) => {
    const tile = event.target.closest("li");
    const row = tile && matching.find((one) => groupOf(one) === tile.dataset.group);
    if (!row) return;
    event.preventDefault();
    goTo(row);
  });

  // Filter at most once a frame, however fast the user types.
  let frame = 0;
  const filterSoon = () => {
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(filter);
  };
  byId("filter").addEventListener("input", filterSoon);
  byId("status").addEventListener("change", filterSoon);
  byId("more").addEventListener("click", () => {
    const next = matching[most];
    showAll();
    goTo(next);
  });
  // Print all matching rows.
  addEventListener("beforeprint", () => {
    body.replaceChildren(...matching.map(({ element }) => element));
  });
  addEventListener("afterprint", show);

  // The first rows are in place: to put them there again would be to lay them out again.
  for (const later of hidden) later.remove();
  byId("controls").hidden = false;
  tellCount();
})();
