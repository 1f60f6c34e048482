"use strict";

// Of a variation, show the fields that its kind has. Without this script all are shown.
(() => {
  const FIELDS = {
    banner: ["headline", "text", "link", "button_label", "tone"],
    html: ["html"],
    recommendations: ["title", "strategy", "limit"],
    question: ["headline", "text", "button_label", "tone", "trait", "answers"],
  };
  const ALL = [...new Set(Object.values(FIELDS).flat())];

  function fit(select) {
    const prefix = select.name.replace(/kind$/, "");
    const shown = FIELDS[select.value] || ALL;
    for (const name of ALL) {
      const input = document.getElementsByName(prefix + name)[0];
      const line = input && (input.closest(`.field-${name}`) || input.closest(".field-line"));
      if (line) line.hidden = !shown.includes(name);
    }
  }

  const fitAll = () => document.querySelectorAll('select[name$="-kind"]').forEach(fit);
  document.addEventListener("DOMContentLoaded", fitAll);
  document.addEventListener("formset:added", fitAll);
  document.addEventListener("change", (event) => {
    if (event.target.matches('select[name$="-kind"]')) fit(event.target);
  });
})();
