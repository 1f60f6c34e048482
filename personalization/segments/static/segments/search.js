"use strict";

// Search among segments by name or key: a text field with a list below it, after the combobox
// pattern of the ARIA practices. It does nothing while it is not turned on.
window.segmentSearch = (() => {
  const WAIT_MS = 150;

  function part(name, text) {
    const made = document.createElement("span");
    made.className = name;
    made.textContent = text;
    return made;
  }

  // A name, and its key as the small print.
  const title = (segment) => {
    const both = part("picker__title", "");
    both.append(part("picker__name", segment.name), " ", part("picker__key", segment.key));
    return both;
  };

  function optionOf(segment, id) {
    const option = document.createElement("li");
    option.id = id;
    option.className = "picker__option";
    option.setAttribute("role", "option");
    option.setAttribute("aria-selected", "false");
    Object.assign(option.dataset, { key: segment.key, name: segment.name, called: segment.called });
    option.append(title(segment), part("picker__kind", segment.kind));
    return option;
  }

  // `hides` tells which keys are not shown, `choose` is given the segment that was chosen.
  function attach({ input, list, said, address, hides = () => false, choose }) {
    let isOn = false;
    let active = -1;
    let asked = 0;
    let waiting;

    function mark(number) {
      const options = [...list.children];
      active = options.length ? (number + options.length) % options.length : -1;
      options.forEach((one, at) => one.setAttribute("aria-selected", String(at === active)));
      if (active < 0) return input.removeAttribute("aria-activedescendant");
      input.setAttribute("aria-activedescendant", options[active].id);
      options[active].scrollIntoView({ block: "nearest" });
    }

    function close() {
      clearTimeout(waiting);
      asked += 1;
      list.hidden = true;
      active = -1;
      if (isOn) input.setAttribute("aria-expanded", "false");
      input.removeAttribute("aria-activedescendant");
    }

    function show({ found, more }) {
      const options = found.filter((one) => !hides(one.key)).map((one, at) => optionOf(one, `${list.id}-${at}`));
      list.replaceChildren(...options);
      list.hidden = !options.length;
      input.setAttribute("aria-expanded", String(!list.hidden));
      const number = options.length;
      said.textContent = !number ? "No segment found." : more ? `${number} shown; there are more.` : `${number} found.`;
      mark(0);
    }

    async function search(text) {
      const mine = ++asked;
      try {
        const answer = await fetch(`${address}?q=${encodeURIComponent(text)}`, { credentials: "same-origin" });
        if (!answer.ok) throw new Error(answer.statusText);
        const found = await answer.json();
        if (mine === asked) show(found);
      } catch {
        said.textContent = "No answer. Type the whole name instead.";
      }
    }

    function take(option) {
      const { key, name, called } = option.dataset;
      close();
      choose({ key, name, called });
    }

    const keys = {
      ArrowDown: () => (list.hidden ? search("") : mark(active + 1)),
      ArrowUp: () => (list.hidden ? search("") : mark(active - 1)),
      Escape: () => { if (list.hidden) input.value = ""; close(); },
    };
    input.addEventListener("keydown", (event) => {
      if (!isOn) return;
      if (event.key === "Enter" && !list.hidden && list.children[active]) {
        event.preventDefault();
        take(list.children[active]);
      } else if (keys[event.key]) {
        event.preventDefault();
        keys[event.key]();
      }
    });
    input.addEventListener("input", (event) => {
      if (!isOn) return;
      // What is half typed names no segment yet.
      event.stopPropagation();
      clearTimeout(waiting);
      waiting = setTimeout(() => search(input.value), WAIT_MS);
    });
    input.addEventListener("click", () => { if (isOn) search(""); });
    input.addEventListener("blur", close);
    // Before the field loses its focus.
    list.addEventListener("mousedown", (event) => {
      event.preventDefault();
      const option = event.target.closest("[role=option]");
      if (option) take(option);
    });

    return {
      turn(on) {
        if (on === isOn) return;
        isOn = on;
        const states = {
          role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": list.id,
        };
        for (const [name, value] of Object.entries(states)) {
          if (on) input.setAttribute(name, value);
          else input.removeAttribute(name);
        }
        if (!on) { close(); said.textContent = ""; }
      },
    };
  }

  return { attach, title };
})();
