"use strict";

// Search among segments and tick those found. Follows the combobox pattern of the ARIA practices;
// without this script the field takes names.
document.querySelectorAll("[data-picker]").forEach((box) => {
  const input = box.querySelector("input[type=text]");
  const list = box.querySelector("[role=listbox]");
  const chosen = box.querySelector(".picker__chosen");
  const said = box.querySelector(".picker__said");
  const most = Number(box.dataset.most) || Infinity;
  let active = -1;
  let asked = 0;
  let waiting;

  input.setAttribute("role", "combobox");
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("aria-expanded", "false");
  input.setAttribute("aria-controls", list.id);

  const ticked = () => [...chosen.querySelectorAll("input:checked")];

  function part(name, text) {
    const made = document.createElement("span");
    made.className = name;
    made.textContent = text;
    return made;
  }

  function optionOf(segment, number) {
    const option = document.createElement("li");
    option.id = `${list.id}-${number}`;
    option.className = "picker__option";
    option.setAttribute("role", "option");
    option.setAttribute("aria-selected", "false");
    option.dataset.key = segment.key;
    option.dataset.name = segment.name;
    option.append(part("picker__name", segment.name), part("picker__kind", segment.kind));
    return option;
  }

  function mark(number) {
    const options = [...list.children];
    active = options.length ? (number + options.length) % options.length : -1;
    options.forEach((one, at) => one.setAttribute("aria-selected", String(at === active)));
    if (active < 0) return input.removeAttribute("aria-activedescendant");
    input.setAttribute("aria-activedescendant", options[active].id);
    options[active].scrollIntoView({ block: "nearest" });
  }

  function close() {
    list.hidden = true;
    active = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }

  async function search() {
    const mine = ++asked;
    const address = `${box.dataset.picker}?q=${encodeURIComponent(input.value)}`;
    try {
      const answer = await fetch(address, { credentials: "same-origin" });
      if (!answer.ok) throw new Error(answer.statusText);
      const { found, more } = await answer.json();
      if (mine !== asked) return;
      const keys = new Set(ticked().map((one) => one.value));
      list.replaceChildren(...found.filter((one) => !keys.has(one.key)).map(optionOf));
      list.hidden = !list.children.length;
      input.setAttribute("aria-expanded", String(!list.hidden));
      const number = list.children.length;
      said.textContent = !number ? "No segment found." : more ? `${number} shown; there are more.` : `${number} found.`;
      mark(0);
    } catch {
      said.textContent = "No answer. Type the whole name instead.";
    }
  }

  function choose(option) {
    if (ticked().length >= most && most > 1) {
      said.textContent = `At most ${most} can be chosen. Untick one first.`;
      return;
    }
    if (most === 1) chosen.replaceChildren();
    const label = document.createElement("label");
    const tick = document.createElement("input");
    Object.assign(tick, { type: "checkbox", name: box.dataset.name, value: option.dataset.key, checked: true });
    label.className = "picker__one";
    label.append(tick, part("picker__name", option.dataset.name));
    const one = document.createElement("li");
    one.append(label);
    chosen.append(one);
    input.value = "";
    close();
    said.textContent = `${option.dataset.name} is chosen; ${ticked().length} in all.`;
  }

  const keys = {
    ArrowDown: () => (list.hidden ? search() : mark(active + 1)),
    ArrowUp: () => (list.hidden ? search() : mark(active - 1)),
    Escape: () => { if (list.hidden) input.value = ""; close(); },
  };
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !list.hidden && list.children[active]) {
      event.preventDefault();
      choose(list.children[active]);
    } else if (keys[event.key]) {
      event.preventDefault();
      keys[event.key]();
    }
  });
  input.addEventListener("input", (event) => {
    event.stopPropagation();
    clearTimeout(waiting);
    waiting = setTimeout(search, 150);
  });
  input.addEventListener("click", search);
  input.addEventListener("blur", close);
  // Before the field loses its focus.
  list.addEventListener("mousedown", (event) => {
    event.preventDefault();
    const option = event.target.closest("[role=option]");
    if (option) choose(option);
  });
});
