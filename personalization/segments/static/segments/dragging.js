"use strict";

// Rows and groups dragged by their handle with mouse, pen or finger. Where something was dropped is
// told to the server, like a pressed button; Escape lets it stay. The handles are not for the keyboard
// or a screen reader, which have the buttons.
(() => {
  const FAR_ENOUGH = 4;
  const EDGE = 14;
  const SCROLL = 60;

  function nearest(rows, y) {
    // Between two rows there is a gap, in which nothing else lies.
    const far = (row) => Math.abs((row.getBoundingClientRect().top + row.getBoundingClientRect().bottom) / 2 - y);
    return [...rows.querySelectorAll(":scope > [data-number]")].sort((one, other) => far(one) - far(other))[0];
  }

  function placeAt(rows, dragged, x, y) {
    const under = document.elementFromPoint(x, y);
    if (!under || !rows.contains(under)) return null;
    const at = under.closest("[data-number]") || nearest(rows, y);
    if (!at || dragged.contains(at)) return null;
    const box = at.getBoundingClientRect();
    const isGroup = "group" in at.dataset;
    const edge = isGroup ? EDGE : box.height / 2;
    const where = y < box.top + edge ? "before" : y > box.bottom - edge ? "after" : "into";
    return { at, where: isGroup || where !== "into" ? where : "after" };
  }

  function scroll(y) {
    if (y < SCROLL) window.scrollBy(0, -SCROLL / 4);
    if (y > window.innerHeight - SCROLL) window.scrollBy(0, SCROLL / 4);
  }

  function start(rows, drop) {
    let drag = null;

    function show(place) {
      drag.place?.at.removeAttribute("data-drop");
      drag.place = place;
      if (place) place.at.dataset.drop = place.where;
    }

    function end() {
      const { dragged, place, handle, pointer } = drag;
      show(null);
      drag = null;
      rows.classList.remove("rule-rows--dragging");
      dragged.removeAttribute("data-dragged");
      if (handle.hasPointerCapture(pointer)) handle.releasePointerCapture(pointer);
      return place && `move:${dragged.dataset.number}:${place.at.dataset.number}:${place.where}`;
    }

    rows.addEventListener("pointerdown", (event) => {
      const handle = event.target.closest("[data-drag]");
      if (!handle || drag || event.button) return;
      event.preventDefault();
      handle.setPointerCapture(event.pointerId);
      const dragged = handle.closest("[data-number]");
      drag = { handle, dragged, pointer: event.pointerId, x: event.clientX, y: event.clientY, place: null, moves: false };
    });
    rows.addEventListener("pointermove", (event) => {
      if (!drag || event.pointerId !== drag.pointer) return;
      const { clientX: x, clientY: y } = event;
      if (!drag.moves && Math.hypot(x - drag.x, y - drag.y) < FAR_ENOUGH) return;
      drag.moves = true;
      rows.classList.add("rule-rows--dragging");
      drag.dragged.dataset.dragged = "";
      scroll(y);
      show(placeAt(rows, drag.dragged, x, y));
    });
    rows.addEventListener("pointerup", (event) => {
      if (!drag || event.pointerId !== drag.pointer) return;
      const dropped = end();
      if (dropped) drop(dropped);
    });
    for (const kind of ["pointercancel", "lostpointercapture"]) {
      rows.addEventListener(kind, () => { if (drag) end(); });
    }
    document.addEventListener("keydown", (event) => {
      if (!drag || event.key !== "Escape") return;
      event.preventDefault();
      event.stopPropagation();
      end();
    }, true);
    rows.classList.add("rule-rows--drags");
  }

  window.segmentDragging = { start };
})();
