"use strict";

// The rule form of a segment: each row shows the fields its fact needs, buttons rearrange the rows
// without leaving the page, and the panel says whom the rule matches. The server does the work;
// without this script the same buttons send the whole form, and nothing typed is lost.
(() => {
  const HINTS = { days: "30", number: "10", range: "10", circle: "" };
  const TYPES = { date: "date", times: "time" };
  const WAIT_MS = 300;
  const UNREAD = "One character cannot be read. Remove what you pasted last, and type it instead.";
  const LOST = "The server cannot be reached just now. Your changes are still here; try again.";

  const part = (row, name) => row.querySelector(`[data-field="${name}"]`);
  const field = (row, name) => part(row, name).querySelector("[name]");
  const json = (root, id) => JSON.parse(root.querySelector(id).textContent);

  function typed(input, type) {
    // A browser empties a field that cannot hold what is in it; the text stays a text then.
    const before = input.value;
    input.type = type;
    if (input.value !== before) { input.type = "text"; input.value = before; }
  }

  function fit(row, vocabulary) {
    const fact = field(row, "fact").value;
    const [kind, name] = fact.split(":");
    const shown = new Set(["fact", ...(vocabulary.parameters[kind] || [])]);
    if (name) shown.delete("name");
    const allowed = vocabulary.operators[kind];
    const operator = field(row, "operator");
    for (const option of operator.options) {
      option.hidden = option.disabled = Boolean(allowed) && !allowed.includes(option.value)
        || (fact.startsWith("context:") && fact !== "context:time" && option.value === "between_times");
    }
    if (allowed && !allowed.includes(operator.value)) operator.value = allowed[0];
    const asked = vocabulary.values[operator.value];
    const editors = vocabulary.editors[asked] || ["value"];
    if (allowed) for (const one of ["operator", ...editors]) shown.add(one);
    const carried = ["value", "values", "low", "high"];
    const before = carried.filter((one) => !part(row, one).hidden);
    const fields = Object.fromEntries(carried.map((one) => [one, field(row, one)]));
    if (allowed) window.segmentCarrying.carry(fields, before, editors.filter((one) => carried.includes(one)));
    for (const one of ["value", "low", "high"]) typed(field(row, one), TYPES[asked] || "text");
    field(row, "value").placeholder = HINTS[asked] || "";
    window.segmentNaming.fit(field(row, "value"), asked === "segment" && Boolean(allowed));
    for (const one of row.querySelectorAll("[data-field]")) one.hidden = !shown.has(one.dataset.field);
    row.querySelector(".rule-row__about").textContent = window.segmentFacts.about(fact);
    const hasNumbers = Boolean(allowed) && allowed.includes("at_least") && !["context", "percentage"].includes(kind);
    const isNumber = hasNumbers && (["number", "range"].includes(asked) || (asked === "scalar" && kind !== "trait"));
    row.querySelector(".rule-row__spread").hidden = !isNumber;
    const place = Object.fromEntries(vocabulary.editors.circle.map((one) => [one, field(row, one)]));
    window.segmentMap.fit(row.querySelector("[data-map]"), place, asked === "circle" && Boolean(allowed));
  }

  function lines(texts) {
    return texts.map((text) => {
      const line = document.createElement("p");
      line.className = "rule-row__warning";
      line.textContent = text;
      return line;
    });
  }

  function start(root) {
    const form = root.closest("form");
    const rows = root.querySelector("#rule-rows");
    if (!rows) return;
    const panel = root.querySelector("#rule-preview");
    const said = root.querySelector("#rule-said");
    const notice = root.querySelector("#rule-notice");
    const usesJson = root.querySelector('[name="rule-use_json"]');
    const vocabulary = json(root, "#rule-vocabulary");
    const offered = { value: json(root, "#rule-suggestions"), name: json(root, "#rule-named") };
    window.segmentFacts.load(json(root, "#rule-facts"));
    window.segmentNaming.load(root.dataset.search);
    const expert = window.segmentExpert.start(root);
    let trouble = LOST;
    let timer = 0;
    let asked = 0;

    function send(url, data) {
      data.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
      return fetch(url, { method: "POST", body: data, redirect: "manual" }).catch(() => null);
    }

    // Nobody who is signed out, or was and signed in again, is told anything before that is clear.
    async function ask(url, extra = {}, data = new FormData(form)) {
      for (const [name, value] of Object.entries(extra)) data.set(name, value);
      let answer = await send(url, data);
      if (answer && !answer.ok && await signing.look()) answer = await send(url, data);
      trouble = answer?.status === 400 ? UNREAD : LOST;
      return answer?.ok ? answer.json() : null;
    }

    async function preview(patient) {
      asked += 1;
      const mine = asked;
      const answer = await ask(root.dataset.preview, patient ? { "rule-patient": "1" } : {});
      if (mine !== asked) return;
      if (!answer) {
        if (!signing.isOut()) panel.textContent = said.textContent = trouble;
        return;
      }
      for (const place of root.querySelectorAll(".rule-row__warnings")) {
        place.replaceChildren(...lines(answer.warnings[place.id.replace(/-warnings$/, "")] || []));
      }
      window.segmentComplaints.show(rows, answer.errors);
      panel.innerHTML = answer.html;
      said.textContent = [...panel.querySelectorAll(".rule__sentence, .rule__count, .rule__unfinished")]
        .map((one) => one.textContent.trim()).join(" ");
      expert.show(answer.rule);
      goOnCounting();
    }

    // What is shown may be an estimate; the exact number follows, unless the rule changes meanwhile.
    function goOnCounting() {
      const counting = panel.querySelector("[data-counting]");
      if (!counting) return;
      counting.hidden = false;
      preview(true);
    }

    function changed() {
      clearTimeout(timer);
      timer = setTimeout(() => { drafts.keep(); preview(false); }, WAIT_MS);
    }

    function prepare() {
      for (const row of rows.querySelectorAll("[data-row]")) {
        window.segmentFacts.enhance(field(row, "fact"));
        fit(row, vocabulary);
      }
    }

    async function rearranged(act, data) {
      // Nothing can be typed until the rows are back, so that nothing is typed into the old ones.
      rows.inert = true;
      const answer = await ask(root.dataset.arrange, { "rule-do": act }, data);
      rows.inert = false;
      if (answer || !signing.isOut()) notice.textContent = answer ? answer.notice : trouble;
      if (!answer) return null;
      rows.innerHTML = answer.html;
      prepare();
      return answer;
    }

    async function restore(fields) {
      const data = new FormData();
      for (const [name, value] of fields) data.append(name, value);
      const answer = await rearranged("refresh", data);
      if (!answer) return false;
      usesJson.checked = data.has(usesJson.name);
      for (const [name, value] of fields) {
        const kept = form.elements[name];
        if (kept && "value" in kept && kept !== usesJson && !rows.contains(kept)) kept.value = value;
      }
      expert.say();
      changed();
      return true;
    }

    async function arrange(act, from) {
      const answer = await rearranged(act);
      if (!answer) return from?.focus();
      const next = document.getElementById(answer.focus);
      const isSearched = next && next.dataset.searched;
      (isSearched ? document.getElementById(`${next.id}_search`) : next || rows.querySelector("button"))?.focus();
      changed();
    }

    root.addEventListener("click", (event) => {
      const button = event.target.closest('button[name="rule-do"]');
      if (!button) return;
      event.preventDefault();
      if (button.value === "refresh") return changed();
      arrange(button.value, button);
    });
    root.addEventListener("focusin", (event) => {
      const row = event.target.closest("[data-row]");
      const name = event.target.closest("[data-field]")?.dataset.field;
      const isListed = row && offered[name] && event.target === field(row, name);
      if (!isListed || event.target.getAttribute("role") === "combobox") return;
      const list = `rule-${name}s`;
      event.target.setAttribute("list", list);
      const texts = offered[name][field(row, "fact").value] || [];
      root.querySelector(`#${list}`).replaceChildren(...texts.map((text) => new Option(text, text)));
    });
    for (const kind of ["input", "change"]) {
      root.addEventListener(kind, (event) => {
        const row = event.target.closest("[data-row]");
        if (row) fit(row, vocabulary);
        changed();
      });
    }
    // Names and descriptions are typed outside of the rule.
    form.addEventListener("input", (event) => { if (!root.contains(event.target)) drafts.keep(); });
    window.segmentDragging.start(rows, arrange);
    prepare();
    const notices = document.getElementById("rule-kept");
    const signing = window.segmentSigning.start({ form, root, place: document.getElementById("rule-signed"), onReturn: changed });
    const drafts = window.segmentDrafts.start({ form, root, place: notices, restore });
    goOnCounting();
  }

  document.addEventListener("DOMContentLoaded", () => {
    const root = document.getElementById("rule");
    if (root) start(root);
    else window.segmentDrafts.forgetSaved(window.location.pathname.replace(/segments\/.*/, ""));
  });
})();
