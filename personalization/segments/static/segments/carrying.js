"use strict";

// One value that was typed stays, when another way to compare asks for it in another field.
window.segmentCarrying = (() => {
  const SEPARATES = /[,;\t\r\n]/;
  const QUOTED = /^"(?:[^"]|"")*"$/;

  function only(text, field) {
    const typed = text.trim();
    return field !== "values" || QUOTED.test(typed) || !SEPARATES.test(typed) ? typed : "";
  }

  function written(text, field) {
    return field === "values" && SEPARATES.test(text) && !QUOTED.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  }

  // `fields` are the inputs by name, `before` and `after` the names of those that were and are asked for.
  function carry(fields, before, after) {
    if (after.some((name) => before.includes(name))) return;
    const typed = before.map((name) => only(fields[name].value, name)).filter(Boolean);
    if (typed.length === 1 && after.length) fields[after[0]].value = written(typed[0], after[0]);
  }

  return { carry };
})();
