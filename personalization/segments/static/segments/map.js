"use strict";

// The map under a condition on location. A click, a drag of the middle or the arrow keys set the
// centre; the fields beside it stay what is sent. The coasts come from a file of our own.
window.segmentMap = (() => {
  const { KM_PER_DEGREE, yOf, latitudeOf, outline, halfWidth } = window.segmentCircle;
  const SPACE = "http://www.w3.org/2000/svg";
  const HEIGHT = 2 / 3;
  const [NARROWEST, WIDEST] = [0.1, 360];
  const WORLD = { x: 10, y: yOf(25), width: WIDEST };
  const STEPS = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 45];
  const LENGTHS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000];
  const FARTHEST_KM = 20040;
  const USUAL_KM = "25";
  const LETTER = 6.5;
  const STILL = 4;
  const maps = new WeakMap();
  let coasts;

  function shape(name, attributes = {}, ...within) {
    const made = document.createElementNS(SPACE, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...within);
    return made;
  }

  function element(name, attributes, ...within) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...within);
    return made;
  }

  const wrapped = (longitude) => ((((longitude + 180) % 360) + 360) % 360) - 180;
  // Around the world it begins again; each thing is drawn wherever it may be seen.
  const thrice = (draw) => [-360, 0, 360].map(draw);

  class PlaceMap {
    constructor(figure, inputs) {
      this.inputs = inputs;
      this.view = { ...WORLD };
      this.names = [];
      this.build(figure);
      this.listen();
      coasts ||= fetch(figure.dataset.world).then((answer) => (answer.ok ? answer.json() : null)).catch(() => null);
      coasts.then((found) => { if (found) this.put(found); });
      new ResizeObserver(() => this.draw()).observe(this.svg);
    }

    build(figure) {
      const hint = `${figure.closest("[data-row]").id}-map`;
      this.world = shape("g");
      this.grid = shape("g", { class: "map__grid", "aria-hidden": "true" });
      this.area = shape("path", { class: "map__area", "fill-rule": "evenodd" });
      this.edge = shape("path", { class: "map__edge" });
      this.middle = shape("circle", { class: "map__middle" });
      this.svg = shape("svg", {
        class: "map__plot", tabindex: "0", role: "application", "aria-roledescription": "map",
        "aria-label": "Centre of the circle", "aria-describedby": hint,
      }, this.world, this.grid, this.area, this.edge, this.middle);
      this.said = element("p", { class: "map__said", role: "status", "aria-live": "polite" });
      this.acts = { "Zoom in": "+", "Zoom out": "−", "Show the circle": "◎" };
      const buttons = Object.entries(this.acts).map(([label, sign]) => element(
        "button", { type: "button", class: "rule__button map__button", "aria-label": label, title: label }, sign,
      ));
      [this.nearer, this.farther, this.home] = buttons;
      const plot = element("div", { class: "map" }, this.svg, element("div", { class: "map__buttons" }, ...buttons));
      const keys = "Click the map to set the centre, or drag the point. Arrow keys move it, with Shift a little; + and − zoom.";
      figure.replaceChildren(
        plot, this.said, element("p", { class: "rule__hint", id: hint }, `${keys} Map: Natural Earth.`),
      );
    }

    put({ land, borders, names }) {
      this.names = names;
      this.world.replaceChildren(...thrice((x) => shape(
        "g", { transform: `translate(${x}) scale(.01)` },
        shape("path", { d: land, class: "map__land" }), shape("path", { d: borders, class: "map__borders" }),
      )));
      this.draw();
    }

    // Degrees per pixel.
    get unit() { return this.view.width / (this.svg.clientWidth || 400); }

    get stated() {
      const [latitude, longitude, km] = ["latitude", "longitude", "km"].map((one) => Number(this.inputs[one].value.trim() || NaN));
      const isPlace = Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180;
      const isCircle = isPlace && km > 0 && km <= FARTHEST_KM;
      return { latitude, longitude, km, isPlace, isCircle };
    }

    // Where the centre is on the copy of the world that is looked at.
    get centre() {
      const { latitude, longitude } = this.stated;
      return { x: longitude + 360 * Math.round((this.view.x - longitude) / 360), y: yOf(latitude) };
    }

    look(x, y, width = this.view.width) {
      const wide = Math.max(NARROWEST, Math.min(WIDEST, width));
      const farthest = Math.max(0, yOf(-85) - (wide * HEIGHT) / 2);
      this.view = { x: wrapped(x), y: Math.max(-farthest, Math.min(farthest, y)), width: wide };
      this.draw();
    }

    lookAtCircle() {
      const { latitude, km, isPlace, isCircle } = this.stated;
      if (!isPlace) return this.look(WORLD.x, WORLD.y, WORLD.width);
      const { x, y } = this.centre;
      // Wide enough to see what is around it.
      return this.look(x, y, isCircle ? 16 * halfWidth(latitude, km) : this.view.width);
    }

    isSeen() {
      const { latitude, km, isPlace, isCircle } = this.stated;
      if (!isPlace) return true;
      const { x, y } = this.centre;
      const half = this.view.width * 0.45;
      const isInside = Math.abs(x - this.view.x) < half && Math.abs(y - this.view.y) < half * HEIGHT;
      const radius = isCircle ? halfWidth(latitude, km) : half / 2;
      return isInside && radius / this.unit > 3 && radius < half;
    }

    fit() {
      if (this.isMoving || this.isSeen()) this.draw();
      else this.lookAtCircle();
    }

    draw() {
      const { x, y, width } = this.view;
      const tall = width * HEIGHT;
      this.svg.setAttribute("viewBox", `${x - width / 2} ${y - tall / 2} ${width} ${tall}`);
      this.drawGrid();
      const { latitude, longitude, km, isPlace, isCircle } = this.stated;
      const centre = isPlace ? this.centre : null;
      const found = isCircle ? thrice((turn) => outline(latitude, centre.x + turn, km)) : [];
      this.area.setAttribute("d", found.map((one) => one.area).join(""));
      this.edge.setAttribute("d", found.map((one) => one.edge).join(""));
      this.middle.style.display = isPlace ? "" : "none";
      const at = isPlace ? { cx: centre.x, cy: centre.y, r: 6 * this.unit } : {};
      for (const [name, value] of Object.entries(at)) this.middle.setAttribute(name, value);
      this.home.disabled = !isCircle;
      const said = isCircle ? `${km} km around ${latitude}, ${longitude}` : isPlace ? `Around ${latitude}, ${longitude}` : "";
      if (this.said.textContent !== said) this.said.textContent = said;
    }

    drawGrid() {
      const { x, y, width } = this.view;
      const [unit, tall] = [this.unit, width * HEIGHT];
      const [left, top, right, bottom] = [x - width / 2, y - tall / 2, x + width / 2, y + tall / 2];
      const step = STEPS.find((one) => width / one <= 6) || 45;
      const drawn = [];
      const write = (text, at, up, more = {}) => drawn.push(shape("text", { x: at, y: up, "font-size": 11 * unit, ...more }, text));
      const side = (at, ends) => `${Math.abs(Number(at.toFixed(2)))}° ${at < 0 ? ends[1] : ends[0]}`;
      for (let at = Math.ceil(left / step) * step; at <= right; at += step) {
        drawn.push(shape("line", { x1: at, x2: at, y1: top, y2: bottom }));
        write(side(wrapped(at), "EW"), at + 3 * unit, bottom - 4 * unit);
      }
      const south = Math.max(-80, latitudeOf(bottom));
      for (let at = Math.ceil(south / step) * step; at <= Math.min(80, latitudeOf(top)); at += step) {
        drawn.push(shape("line", { x1: left, x2: right, y1: yOf(at), y2: yOf(at) }));
        write(side(at, "NS"), left + 3 * unit, yOf(at) - 3 * unit);
      }
      for (const [name, middle, up, wide] of this.names) {
        if (wide / unit < LETTER * name.length) continue;
        for (const at of thrice((turn) => middle + turn)) {
          if (at > left && at < right && up > top && up < bottom) write(name, at, up, { class: "map__name" });
        }
      }
      const km = unit * KM_PER_DEGREE * Math.cos((latitudeOf(y) * Math.PI) / 180);
      const length = LENGTHS.findLast((one) => one / km <= 90) || 1;
      const [end, low] = [right - 10 * unit, bottom - 22 * unit];
      drawn.push(shape("line", { x1: end - (length / km) * unit, x2: end, y1: low, y2: low, class: "map__scale" }));
      write(`${length} km`, end, low - 4 * unit, { class: "map__length" });
      this.grid.replaceChildren(...drawn);
    }

    setCentre(x, y) {
      const { latitude, longitude, km } = this.inputs;
      const digits = Math.max(0, Math.min(4, Math.ceil(-Math.log10(this.unit))));
      latitude.value = Number(latitudeOf(Math.max(yOf(85), Math.min(yOf(-85), y))).toFixed(digits));
      longitude.value = Number(wrapped(x).toFixed(digits));
      if (!km.value.trim()) km.value = USUAL_KM;
      this.isMoving = true;
      latitude.dispatchEvent(new Event("input", { bubbles: true }));
      this.isMoving = false;
    }

    zoom(by, x = this.view.x, y = this.view.y) {
      const width = Math.max(NARROWEST, Math.min(WIDEST, this.view.width * by));
      const share = width / this.view.width;
      this.look(x + (this.view.x - x) * share, y + (this.view.y - y) * share, width);
    }

    // Zoom at the circle where there is one to see.
    zoomIn(by) {
      const { x, y } = this.stated.isPlace ? this.centre : this.view;
      const isInside = Math.abs(x - this.view.x) < this.view.width / 2 && Math.abs(y - this.view.y) < (this.view.width * HEIGHT) / 2;
      if (isInside) this.zoom(by, x, y);
      else this.zoom(by);
    }

    place(event) {
      const { left, top, width, height } = this.svg.getBoundingClientRect();
      return [
        this.view.x + ((event.clientX - left) / width - 0.5) * this.view.width,
        this.view.y + ((event.clientY - top) / height - 0.5) * this.view.width * HEIGHT,
      ];
    }

    nudge(across, down, isLittle) {
      if (!this.stated.isPlace) return this.setCentre(this.view.x, this.view.y);
      const step = this.unit * (isLittle ? 1 : 12);
      const { x, y } = this.centre;
      this.setCentre(x + across * step, y + down * step);
      if (!this.isSeen()) this.look(this.centre.x, this.centre.y);
      return undefined;
    }

    listen() {
      const keys = {
        ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1],
      };
      this.nearer.addEventListener("click", () => this.zoomIn(0.5));
      this.farther.addEventListener("click", () => this.zoomIn(2));
      this.home.addEventListener("click", () => this.lookAtCircle());
      this.svg.addEventListener("keydown", (event) => {
        if (keys[event.key]) this.nudge(...keys[event.key], event.shiftKey);
        else if (event.key === "+" || event.key === "-") this.zoomIn(event.key === "+" ? 0.5 : 2);
        else return;
        event.preventDefault();
      });
      this.svg.addEventListener("wheel", (event) => {
        event.preventDefault();
        this.zoom(event.deltaY > 0 ? 1.25 : 0.8, ...this.place(event));
      }, { passive: false });
      this.listenToPointer();
    }

    listenToPointer() {
      let held = null;
      this.svg.addEventListener("pointerdown", (event) => {
        if (event.button) return;
        held = { x: event.clientX, y: event.clientY, view: { ...this.view }, takesMiddle: event.target === this.middle };
        this.svg.setPointerCapture(event.pointerId);
      });
      this.svg.addEventListener("pointermove", (event) => {
        if (!held) return;
        const [across, down] = [event.clientX - held.x, event.clientY - held.y];
        held.isDragged ||= Math.hypot(across, down) > STILL;
        if (!held.isDragged) return;
        if (held.takesMiddle) this.setCentre(...this.place(event));
        else this.look(held.view.x - across * this.unit, held.view.y - down * this.unit);
      });
      this.svg.addEventListener("pointerup", (event) => {
        if (held && !held.isDragged) this.setCentre(...this.place(event));
        held = null;
      });
      this.svg.addEventListener("pointercancel", () => { held = null; });
    }
  }

  // Show the map of a row whose condition asks for a place.
  function fit(figure, inputs, isAsked) {
    figure.hidden = !isAsked;
    if (!isAsked) return;
    if (!maps.has(figure)) maps.set(figure, new PlaceMap(figure, inputs));
    maps.get(figure).fit();
  }

  return { fit };
})();
