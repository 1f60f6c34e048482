"use strict";

// What is wrong with rows that are not finished, put at their fields while the marketer types.
window.segmentComplaints = (() => {
  // A fact is typed into a search field, which stands for the list of facts.
  const seen = (field) => document.getElementById(`${field.id}_search`) || field;

  function describe(field, id, isWrong) {
    const said = (field.getAttribute("aria-describedby") || "").split(/\s+/).filter((one) => one && one !== id);
    if (isWrong) said.push(id);
    field.toggleAttribute("aria-invalid", isWrong);
    if (isWrong) field.setAttribute("aria-invalid", "true");
    if (said.length) field.setAttribute("aria-describedby", said.join(" "));
    else field.removeAttribute("aria-describedby");
  }

  function line(text, id) {
    const made = document.createElement("p");
    made.className = "rule-row__error";
    made.id = id;
    made.textContent = text;
    return made;
  }

  function show(rows, complaints) {
    for (const old of rows.querySelectorAll(".rule-row__error")) old.remove();
    for (const row of rows.querySelectorAll("[data-number]")) {
      const wrong = complaints[row.id] || {};
      row.classList.toggle("rule-row--wrong", row.id in complaints);
      for (const field of row.querySelectorAll(`[name^="${row.id}-"]:not([type=hidden])`)) {
        const texts = wrong[field.name.slice(row.id.length + 1)] || [];
        const id = `${field.id}_error`;
        describe(seen(field), id, texts.length > 0);
        if (texts.length) (field.closest("[data-field]") || field.parentElement).append(line(texts.join(" "), id));
      }
    }
  }

  return { show };
})();
