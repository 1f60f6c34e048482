"use strict";

// The rule as JSON: that of the rows, until somebody types one, which then counts and is never
// replaced.
window.segmentExpert = (() => {
  const USED = "The box above is ticked: this JSON counts now, and not the conditions.";
  const KEPT = "The conditions count again. What you typed stays here; empty the field to see their JSON.";

  function start(root) {
    const text = root.querySelector('[name="rule-json"]');
    const uses = root.querySelector('[name="rule-use_json"]');
    const typed = root.querySelector('[name="rule-json_typed"]');
    const said = root.querySelector("#rule-json-said");
    const isTyped = () => Boolean(typed.value && text.value.trim());

    function say() {
      const now = isTyped() ? (uses.checked ? USED : KEPT) : "";
      if (said.textContent !== now) said.textContent = now;
    }

    text.addEventListener("input", () => {
      typed.value = "on";
      if (text.value.trim()) uses.checked = true;
      say();
    });
    uses.addEventListener("change", say);
    say();

    return {
      show(rule) {
        if (!rule || uses.checked || isTyped()) return;
        text.value = JSON.stringify(rule, null, 2);
        typed.value = "";
      },
      say,
    };
  }

  return { start };
})();
