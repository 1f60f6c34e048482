"use strict";

// Circles on the globe, as they look on a Mercator map: x is the longitude, y grows to the south, and
// both are in degrees of longitude.
window.segmentCircle = (() => {
  const EARTH_KM = 6371.0088;
  const KM_PER_DEGREE = (EARTH_KM * Math.PI) / 180;
  // Beyond it a Mercator map has no end.
  const LAST = 85;
  const TURN = 2;
  const radians = (degrees) => (degrees * Math.PI) / 180;
  const degrees = (angle) => (angle * 180) / Math.PI;

  function yOf(latitude) {
    const shown = Math.max(-LAST, Math.min(LAST, latitude));
    return -degrees(Math.log(Math.tan(Math.PI / 4 + radians(shown) / 2)));
  }

  const latitudeOf = (y) => degrees(2 * Math.atan(Math.exp(radians(-y))) - Math.PI / 2);

  // Points all around, each as far from the middle, with x counted from the middle.
  function around(latitude, far) {
    const lat = radians(latitude);
    return Array.from({ length: 360 / TURN }, (_, n) => {
      const turn = radians(n * TURN);
      const sine = Math.sin(lat) * Math.cos(far) + Math.cos(lat) * Math.sin(far) * Math.cos(turn);
      const there = Math.asin(Math.max(-1, Math.min(1, sine)));
      const across = Math.atan2(
        Math.sin(turn) * Math.sin(far) * Math.cos(lat), Math.cos(far) - Math.sin(lat) * Math.sin(there),
      );
      return [degrees(across), yOf(degrees(there))];
    });
  }

  const line = (points, x) => `M${points.map((one) => `${one[0] + x},${one[1]}`).join("L")}`;

  // What is inside, to be filled where lines cross an odd number of times, and the line around it.
  function outline(latitude, longitude, km) {
    const far = km / EARTH_KM;
    const reach = degrees(far);
    const [top, bottom] = [yOf(LAST), yOf(-LAST)];
    const overNorth = latitude + reach >= 90;
    const overSouth = latitude - reach <= -90;
    if (overNorth && overSouth) {
      // All but a circle on the other side.
      const edge = `${line(around(-latitude, Math.PI - far), longitude + 180)}Z`;
      return { area: `M${longitude},${top}h360V${bottom}h-360Z${edge}`, edge };
    }
    const points = around(latitude, far);
    if (!overNorth && !overSouth) {
      const edge = `${line(points, longitude)}Z`;
      return { area: edge, edge };
    }
    // Around a pole it has no sides: a line from one end of the map to the other.
    points.sort((one, other) => one[0] - other[0]);
    const ends = [[-180, points[0][1]], ...points, [180, points.at(-1)[1]]];
    const edge = line(ends, longitude);
    const end = overNorth ? top : bottom;
    return { area: `${edge}V${end}H${longitude - 180}Z`, edge };
  }

  // Half its width on the map; the whole map for one around a pole.
  function halfWidth(latitude, km) {
    const reach = km / KM_PER_DEGREE;
    const [north, south] = [yOf(latitude + reach), yOf(latitude - reach)];
    return Math.min(180, (south - north) / 2);
  }

  return { KM_PER_DEGREE, yOf, latitudeOf, outline, halfWidth };
})();
