"use strict";

// The circle of a condition on location, drawn on a grid of degrees. No map is loaded from anywhere,
// so there are no coasts on it: what it shows is how large the circle is and what it spans.
window.segmentCircle = (() => {
  const EARTH_KM = 6371.0088;
  const SPACE = "http://www.w3.org/2000/svg";
  const SIZE = 120;
  const STEPS = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 45];
  const radians = (degrees) => (degrees * Math.PI) / 180;
  const degrees = (angle) => (angle * 180) / Math.PI;

  function edge(latitude, longitude, km, bearing) {
    const [lat, far, turn] = [radians(latitude), km / EARTH_KM, radians(bearing)];
    const sine = Math.sin(lat) * Math.cos(far) + Math.cos(lat) * Math.sin(far) * Math.cos(turn);
    const there = Math.asin(Math.max(-1, Math.min(1, sine)));
    const across = Math.atan2(
      Math.sin(turn) * Math.sin(far) * Math.cos(lat), Math.cos(far) - Math.sin(lat) * Math.sin(there),
    );
    return [degrees(there), longitude + degrees(across)];
  }

  function shape(name, attributes, text) {
    const made = document.createElementNS(SPACE, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    if (text) made.textContent = text;
    return made;
  }

  function grid(middle, reach, place, isUpright) {
    const step = STEPS.find((one) => (2 * reach) / one <= 5) || 45;
    const lines = [];
    for (let at = Math.ceil((middle - reach) / step) * step; at <= middle + reach; at += step) {
      const [x, y] = place(at);
      lines.push(shape("line", isUpright ? { x1: x, x2: x, y1: 0, y2: SIZE, class: "circle__grid" }
        : { x1: 0, x2: SIZE, y1: y, y2: y, class: "circle__grid" }));
      const said = `${Math.abs(Number(at.toFixed(2)))}° ${isUpright ? (at < 0 ? "W" : "E") : (at < 0 ? "S" : "N")}`;
      lines.push(shape("text", isUpright ? { x: x + 1, y: SIZE - 2 } : { x: 1, y: y - 1 }, said));
    }
    return lines;
  }

  function draw(figure, [latitude, longitude, km]) {
    const isWhole = [latitude, longitude, km].every(Number.isFinite)
      && Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180 && km > 0 && km <= 20040;
    figure.hidden = !isWhole;
    if (!isWhole) return;
    const tall = Math.min(90, degrees(km / EARTH_KM) * 1.6);
    // A degree of longitude is shorter the farther from the equator.
    const wide = Math.min(180, tall / Math.max(0.05, Math.cos(radians(latitude))));
    const place = (lat, lon) => [
      ((lon - longitude) / wide / 2 + 0.5) * SIZE, ((latitude - lat) / tall / 2 + 0.5) * SIZE,
    ];
    const points = Array.from({ length: 73 }, (_, n) => place(...edge(latitude, longitude, km, n * 5)));
    const svg = shape("svg", { viewBox: `0 0 ${SIZE} ${SIZE}`, role: "img", class: "circle__map" });
    svg.append(
      shape("title", {}, `A circle of ${km} km around ${latitude}, ${longitude}`),
      ...grid(latitude, tall, (at) => place(at, longitude), false),
      ...grid(longitude, wide, (at) => place(latitude, at), true),
      shape("polygon", { points: points.map((one) => one.join(",")).join(" "), class: "circle__area" }),
      shape("circle", { cx: SIZE / 2, cy: SIZE / 2, r: 1.5, class: "circle__middle" }),
    );
    const caption = document.createElement("figcaption");
    caption.className = "rule__hint";
    caption.textContent = `${km} km around ${latitude}, ${longitude}, on a grid of degrees. No map is loaded.`;
    figure.replaceChildren(svg, caption);
  }

  return { draw };
})();
