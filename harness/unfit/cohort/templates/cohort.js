"use strict";
(() => {
  const table = document.getElementById("rows");
  const body = table.tBodies[0];
  const heads = [...table.tHead.rows[0].cells];
  const field = (name) => document.getElementById(name);

  // Everything is read once: what is sorted and filtered afterwards never asks the page again.
  const rows = [...body.rows].map((row) => ({
    row,
    name: row.cells[0].textContent.trim(),
    group: row.dataset.group,
    outcome: row.dataset.outcome,
    keys: [...row.cells].map(key),
    together: [...row.cells].filter((cell) => cell.dataset.sort).map((cell) => cell.dataset.together || ""),
  }));

  function key(cell) {
    if (cell.dataset.sort !== undefined) return Number(cell.dataset.sort);
    const text = cell.textContent.trim();
    return cell.classList.contains("figure") ? (text === "" ? -1 : Number(text)) : text;
  }

  function sort(column) {
    const head = heads[column];
    const up = head.getAttribute("aria-sort") !== "ascending";
    heads.forEach((one) => one.removeAttribute("aria-sort"));
    head.setAttribute("aria-sort", up ? "ascending" : "descending");
    const compare = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
    rows.sort((a, b) => (up ? 1 : -1) * compare(a.keys[column], b.keys[column]) || compare(a.name, b.name));
    body.append(...rows.map((one) => one.row));
  }

  function filter() {
    const wanted = { name: field("name").value.trim().toLowerCase() };
    for (const name of ["group", "outcome", "defect", "together"]) wanted[name] = field(name) ? field(name).value : "";
    let shown = 0;
    for (const one of rows) {
      const endings = wanted.defect === "" ? one.together : [one.together[Number(wanted.defect)]];
      const fits =
        one.name.includes(wanted.name) &&
        (wanted.group === "" || one.group === wanted.group) &&
        (wanted.outcome === "" || one.outcome === wanted.outcome) &&
        (wanted.together === "" || endings.includes(wanted.together));
      one.row.hidden = !fits;
      shown += fits ? 1 : 0;
    }
    field("shown").textContent = `${shown} of ${rows.length} shown`;
  }

  heads.forEach((head, column) => head.firstElementChild.addEventListener("click", () => sort(column)));
  const form = field("filters");
  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(filter));
})();
