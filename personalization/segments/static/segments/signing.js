"use strict";

// Whether whoever types is still signed in. Signing in again, in another tab, gives the form what
// it needs to be sent.
window.segmentSigning = (() => {
  const OUT = "You were signed out. What you typed is still here, and not saved yet.";
  const SIGN_IN = "Sign in in another tab";
  const BACK = "and come back to this one.";
  const IN = "You are signed in again. Go on.";
  let isOut = false;

  // Returns false where nobody is signed in, null where the server cannot be reached.
  async function renew(form, url) {
    const answer = await fetch(url, { headers: { Accept: "application/json" } }).catch(() => null);
    if (!answer || !answer.ok) return null;
    const { token } = await answer.json();
    if (!token) return false;
    form.elements.csrfmiddlewaretoken.value = token;
    return true;
  }

  function start({ form, root, place, onReturn }) {
    const { session, login } = root.dataset;

    function say(...parts) {
      place.hidden = !parts.length;
      place.replaceChildren(...parts);
    }

    function out() {
      if (isOut) return;
      isOut = true;
      const link = document.createElement("a");
      Object.assign(link, { href: login, target: "_blank", rel: "noopener", className: "underline", textContent: SIGN_IN });
      say(`${OUT} `, link, ` ${BACK}`);
    }

    async function look() {
      const isIn = await renew(form, session);
      if (isIn === false) out();
      if (isIn && isOut) {
        isOut = false;
        say(IN);
        onReturn();
      }
      return isIn;
    }

    window.addEventListener("focus", () => { if (isOut) look(); });
    form.addEventListener("submit", (event) => {
      if (!isOut) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      look().then((isIn) => (isIn ? form.requestSubmit(event.submitter) : place.querySelector("a")?.focus()));
    }, true);
    return { look, isOut: () => isOut };
  }

  return { start };
})();
