"use strict";

// The segment that a condition names: searched by name or key, with the key below it in small print.
window.segmentNaming = (() => {
  let address = "";
  const fields = new WeakMap();

  function place(holder, tag, className, attributes) {
    const made = document.createElement(tag);
    made.className = className;
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    holder.append(made);
    return made;
  }

  function enhance(input) {
    const holder = document.createElement("div");
    holder.className = "picker__search";
    input.replaceWith(holder);
    holder.append(input);
    const list = place(holder, "ul", "picker__list", {
      id: `${input.id}_list`, role: "listbox", "aria-label": "Segments", hidden: "",
    });
    const said = place(holder, "p", "rule__unseen", { role: "status", "aria-live": "polite" });
    const key = holder.closest("[data-field]").querySelector("p[data-key]");
    const search = window.segmentSearch.attach({
      input, list, said, address,
      choose(segment) {
        input.value = segment.called;
        key.textContent = segment.key;
        said.textContent = `${segment.called} is chosen.`;
        input.dispatchEvent(new Event("change", { bubbles: true }));
      },
    });
    // The key is that of what was chosen, not of what is typed instead.
    input.addEventListener("input", () => { key.textContent = ""; });
    return { search, key };
  }

  return {
    load(given) { address = given; },
    fit(input, isOn) {
      if (!isOn && !fields.has(input)) return;
      if (!fields.has(input)) fields.set(input, enhance(input));
      const { search, key } = fields.get(input);
      search.turn(isOn);
      key.hidden = !isOn;
      if (isOn) input.removeAttribute("list");
    },
  };
})();
