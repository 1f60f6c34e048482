"use strict";

// The rule form of a segment: rows come and go, each shows the fields its fact needs, and the
// panel says whom the rule matches. Without this script the form works all the same.
(() => {
  // What a value looks like, by what its operator asks for.
  const HINTS = { range: "10, 20", list: "one, another", days: "30", number: "10" };
  const WAIT_MS = 300;

  const field = (row, name) => row.querySelector(`[data-field="${name}"] :is(input, select)`);

  function show(element, isShown) {
    element.hidden = !isShown;
    for (const input of element.querySelectorAll("input, select")) {
      input.disabled = !isShown;
    }
  }

  function fit(row, vocabulary) {
    const fact = field(row, "fact").value;
    const [kind] = fact.split(":");
    const shown = new Set(["fact"]);
    for (const parameter of vocabulary.parameters[kind] || []) shown.add(parameter);
    if (kind === "trait" || kind === "context") shown.delete("name");
    if (fact === "trait:") shown.add("name");
    if (kind) shown.add("operator");
    const allowed = vocabulary.operators[kind];
    const operator = field(row, "operator");
    for (const option of operator.options) {
      option.hidden = option.disabled = Boolean(allowed) && !allowed.includes(option.value);
    }
    if (operator.selectedOptions[0]?.disabled) operator.value = allowed[0];
    const asked = vocabulary.values[operator.value];
    if (kind && asked !== "none") shown.add("value");
    const value = field(row, "value");
    value.type = asked === "date" ? "date" : "text";
    value.placeholder = HINTS[asked] || "";
    for (const part of row.querySelectorAll("[data-field]")) {
      show(part, shown.has(part.dataset.field));
    }
  }

  function start(root) {
    const form = root.closest("form");
    const rows = root.querySelector("#rule-rows");
    if (!rows) return;
    const template = root.querySelector("#rule-row-template");
    const total = root.querySelector('[name="rule-TOTAL_FORMS"]');
    const panel = root.querySelector("#rule-preview");
    const json = root.querySelector('[name="rule-json"]');
    const usesJson = root.querySelector('[name="rule-use_json"]');
    const values = JSON.parse(root.querySelector("#rule-suggestions").textContent);
    const vocabulary = JSON.parse(root.querySelector("#rule-vocabulary").textContent);
    const valueList = root.querySelector("#rule-values");
    let timer = 0;
    let asked = 0;

    async function preview() {
      asked += 1;
      const mine = asked;
      const data = new FormData(form);
      const answer = await fetch(root.dataset.preview, {
        method: "POST",
        body: data,
        headers: { "X-CSRFToken": data.get("csrfmiddlewaretoken") },
      }).catch(() => null);
      if (mine !== asked) return;
      if (!answer || !answer.ok) {
        panel.textContent = "The preview cannot be had just now. Your changes are still here.";
        return;
      }
      const { html, rule, warnings } = await answer.json();
      for (const place of root.querySelectorAll(".rule-row__warnings")) {
        const said = warnings[place.id.replace(/-warnings$/, "")] || [];
        place.replaceChildren(...said.map((text) => {
          const line = document.createElement("p");
          line.className = "rule-row__warning";
          line.textContent = text;
          return line;
        }));
      }
      panel.innerHTML = html;
      if (rule && !usesJson.checked) json.value = JSON.stringify(rule, null, 2);
    }

    function changed() {
      clearTimeout(timer);
      timer = setTimeout(preview, WAIT_MS);
    }

    function prepare(row) {
      const remove = row.querySelector(".rule-row__remove");
      remove.hidden = false;
      remove.addEventListener("click", () => {
        const next = row.nextElementSibling || row.previousElementSibling || root.querySelector("#rule-add");
        // The row stays, so that the numbers of the others do; an empty row is no condition.
        field(row, "fact").value = "";
        fit(row, vocabulary);
        row.hidden = true;
        (next.querySelector?.("select") || next).focus();
        changed();
      });
      fit(row, vocabulary);
    }

    function add() {
      const number = Number(total.value);
      const holder = document.createElement("div");
      holder.innerHTML = template.innerHTML.replaceAll("__prefix__", String(number));
      const row = holder.firstElementChild;
      rows.append(row);
      total.value = String(number + 1);
      prepare(row);
      field(row, "fact").focus();
    }

    for (const row of rows.children) {
      prepare(row);
      const isSpare = !field(row, "fact").value && !row.querySelector(".rule-row__error");
      row.hidden = isSpare && row !== rows.firstElementChild;
    }
    const button = root.querySelector("#rule-add");
    button.hidden = false;
    button.addEventListener("click", () => {
      const spare = [...rows.children].find((row) => row.hidden);
      if (!spare) return add();
      rows.append(spare);
      spare.hidden = false;
      field(spare, "fact").focus();
    });
    root.addEventListener("focusin", (event) => {
      const row = event.target.closest(".rule-row");
      if (!row || event.target !== field(row, "value")) return;
      event.target.setAttribute("list", "rule-values");
      const offered = values[field(row, "fact").value] || [];
      valueList.replaceChildren(...offered.map((text) => new Option(text, text)));
    });
    for (const kind of ["input", "change"]) {
      root.addEventListener(kind, (event) => {
        const row = event.target.closest(".rule-row");
        if (row) fit(row, vocabulary);
        changed();
      });
    }
  }

  document.addEventListener("DOMContentLoaded", () => {
    const root = document.getElementById("rule");
    if (root) start(root);
  });
})();
