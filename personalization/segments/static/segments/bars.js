"use strict";

// The bars of a spread are one stop of the Tab key; arrow keys go from bar to bar.
document.addEventListener("keydown", (event) => {
  if (!event.target.matches?.(".spread__press")) return;
  const bars = [...event.target.parentElement.children];
  const at = bars.indexOf(event.target);
  const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: bars.length - 1 }[event.key];
  if (!bars[to]) return;
  event.preventDefault();
  bars[at].tabIndex = -1;
  bars[to].tabIndex = 0;
  bars[to].focus();
});
