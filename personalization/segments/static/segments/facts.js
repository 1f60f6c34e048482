"use strict";

// Search among facts: a text field in place of the long list, with what each fact is and which
// values there are. Follows the combobox pattern of the ARIA practices.
window.segmentFacts = (() => {
  const MOST = 40;
  let facts = [];
  let serial = 0;

  const words = (fact) =>
    `${fact.group} ${fact.label} ${fact.description} ${fact.examples.join(" ")} ${fact.value}`.toLowerCase();

  function found(text) {
    const asked = text.toLowerCase().split(/\s+/).filter(Boolean);
    return facts
      .filter((fact) => asked.every((word) => fact.words.includes(word)))
      .sort((one, other) => begins(other, asked[0]) - begins(one, asked[0]))
      .slice(0, MOST);
  }

  const begins = (fact, word) => (word && fact.label.toLowerCase().startsWith(word) ? 1 : 0);

  function part(name, text) {
    const made = document.createElement("span");
    made.className = `fact-search__${name}`;
    made.textContent = text;
    return made;
  }

  function optionOf(fact, id) {
    const option = document.createElement("li");
    option.id = id;
    option.className = "fact-search__option";
    option.setAttribute("role", "option");
    option.setAttribute("aria-selected", "false");
    option.dataset.value = fact.value;
    option.append(part("label", fact.label), part("group", fact.group));
    if (fact.description) option.append(part("about", fact.description));
    if (fact.examples.length) option.append(part("about", `For example: ${fact.examples.join(", ")}`));
    return option;
  }

  function enhance(select) {
    if (select.dataset.searched) return;
    select.dataset.searched = "yes";
    const list = document.createElement("ul");
    const input = document.createElement("input");
    serial += 1;
    list.id = `fact-search-${serial}`;
    list.className = "fact-search__list";
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", "Facts");
    list.hidden = true;
    Object.assign(input, { type: "text", id: `${select.id}_search`, autocomplete: "off", placeholder: "Search …" });
    input.className = select.className.replace("select2", "");
    const states = {
      role: "combobox", "aria-expanded": "false", "aria-controls": list.id, "aria-autocomplete": "list",
      "aria-describedby": `${select.closest("[data-row]").id}-about`,
    };
    for (const [name, value] of Object.entries(states)) input.setAttribute(name, value);
    for (const label of select.labels) label.htmlFor = input.id;
    select.hidden = true;
    const holder = document.createElement("div");
    holder.className = "fact-search";
    select.after(holder);
    holder.append(input, list);
    let active = -1;

    const shownLabel = () => (select.value ? select.selectedOptions[0].textContent : "");
    input.value = shownLabel();

    function mark(number) {
      const options = list.children;
      if (options[active]) options[active].setAttribute("aria-selected", "false");
      active = options.length ? (number + options.length) % options.length : -1;
      if (active < 0) return input.removeAttribute("aria-activedescendant");
      options[active].setAttribute("aria-selected", "true");
      options[active].scrollIntoView({ block: "nearest" });
      input.setAttribute("aria-activedescendant", options[active].id);
    }

    function open(text) {
      const options = found(text).map((fact, number) => optionOf(fact, `${list.id}-${number}`));
      list.replaceChildren(...options);
      list.hidden = !options.length;
      input.setAttribute("aria-expanded", String(!list.hidden));
      mark(text ? 0 : -1);
    }

    function close() {
      list.hidden = true;
      input.setAttribute("aria-expanded", "false");
      input.removeAttribute("aria-activedescendant");
      active = -1;
    }

    function choose(option) {
      if (![...select.options].some((one) => one.value === option.dataset.value)) {
        select.add(new Option(option.dataset.value, option.dataset.value));
      }
      select.value = option.dataset.value;
      input.value = shownLabel();
      input.select();
      close();
      select.dispatchEvent(new Event("change", { bubbles: true }));
    }

    const keys = {
      ArrowDown: () => (list.hidden ? open("") : mark(active + 1)),
      ArrowUp: () => (list.hidden ? open("") : mark(active - 1)),
      Enter: () => list.children[active] && choose(list.children[active]),
      Escape: () => { close(); input.value = shownLabel(); },
    };
    input.addEventListener("keydown", (event) => {
      if (!keys[event.key]) return;
      event.preventDefault();
      keys[event.key]();
    });
    input.addEventListener("input", (event) => { event.stopPropagation(); open(input.value); });
    input.addEventListener("click", () => { input.select(); open(""); });
    input.addEventListener("focus", () => input.select());
    input.addEventListener("blur", () => {
      close();
      // An emptied field chooses nothing; any other text that was not chosen is taken back.
      if (!input.value && select.value) {
        select.value = "";
        select.dispatchEvent(new Event("change", { bubbles: true }));
      }
      input.value = shownLabel();
    });
    // Before the field loses its focus.
    list.addEventListener("mousedown", (event) => {
      event.preventDefault();
      const option = event.target.closest("[role=option]");
      if (option) choose(option);
    });
  }

  return {
    load(given) { facts = given.map((fact) => ({ ...fact, words: words(fact) })); },
    enhance,
    about(value) {
      const fact = facts.find((one) => one.value === value);
      if (!fact) return "";
      const examples = fact.examples.length ? ` For example: ${fact.examples.join(", ")}.` : "";
      return `${fact.description}${examples}`;
    },
  };
})();
