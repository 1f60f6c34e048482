"use strict";

// Tick segments that a search finds; without this script the field takes names.
document.querySelectorAll("[data-picker]").forEach((box) => {
  const input = box.querySelector("input[type=text]");
  const chosen = box.querySelector(".picker__chosen");
  const said = box.querySelector(".picker__said");
  const most = Number(box.dataset.most) || Infinity;
  const ticked = () => [...chosen.querySelectorAll("input:checked")];

  function choose(segment) {
    if (ticked().length >= most && most > 1) {
      said.textContent = `At most ${most} can be chosen. Untick one first.`;
      return;
    }
    if (most === 1) chosen.replaceChildren();
    const label = document.createElement("label");
    const tick = document.createElement("input");
    Object.assign(tick, { type: "checkbox", name: box.dataset.name, value: segment.key, checked: true });
    label.className = "picker__one";
    label.append(tick, window.segmentSearch.title(segment));
    const one = document.createElement("li");
    one.append(label);
    chosen.append(one);
    input.value = "";
    said.textContent = `${segment.name} is chosen; ${ticked().length} in all.`;
  }

  window.segmentSearch.attach({
    input, said, choose,
    list: box.querySelector("[role=listbox]"),
    address: box.dataset.picker,
    hides: (key) => ticked().some((one) => one.value === key),
  }).turn(true);
});
