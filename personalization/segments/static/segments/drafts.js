"use strict";

// What was typed and not saved yet, kept in this tab until it is: a sign-in that ran out, or a
// browser that went elsewhere, loses nothing. The server says by a cookie which draft it saved.
window.segmentDrafts = (() => {
  const PREFIX = "draft:";
  const SAVED = "saved_draft";
  const SENT = "This is what you typed. It was not saved: you were signed out, or the server did not answer. Save it now.";
  const LEFT = "You typed something here that was not saved.";
  const LEFT_OUT = new Set(["csrfmiddlewaretoken", "seen-anyway", "insists", "draft", "rule-do"]);
  const storage = window.sessionStorage;

  const all = () => Object.keys(storage).filter((key) => key.startsWith(PREFIX));
  const read = (key) => { try { return JSON.parse(storage.getItem(key)); } catch { return null; } };

  function forgetSaved(path) {
    const found = document.cookie.split("; ").find((one) => one.startsWith(`${SAVED}=`));
    if (!found) return;
    const id = found.slice(SAVED.length + 1);
    for (const key of all()) if (read(key)?.id === id) storage.removeItem(key);
    document.cookie = `${SAVED}=; path=${path}; max-age=0; samesite=lax`;
  }

  function button(text, act) {
    const made = document.createElement("button");
    Object.assign(made, { type: "button", className: "rule__button", textContent: text });
    made.addEventListener("click", act);
    return made;
  }

  function start({ form, root, place, restore }) {
    const { user, admin } = root.dataset;
    const key = PREFIX + window.location.pathname + window.location.search;
    const id = form.elements.draft;
    // The server shows again what was sent, and refused: nothing is to be brought back.
    const isAnswer = Boolean(id.value);
    forgetSaved(admin);
    for (const one of all()) if (read(one)?.user !== user) storage.removeItem(one);
    const left = isAnswer ? null : read(key);
    if (!id.value) id.value = crypto.randomUUID?.() || String(Math.random()).slice(2);

    function keep(isSent = false) {
      const fields = [...new FormData(form)].filter(([name, value]) => typeof value === "string" && !name.startsWith("_") && !LEFT_OUT.has(name));
      // A browser that keeps nothing, or not so much, works all the same.
      try { storage.setItem(key, JSON.stringify({ id: id.value, user, isSent, fields })); } catch { storage.removeItem(key); }
    }

    function say(text, ...buttons) {
      place.hidden = !text;
      place.replaceChildren(text, " ", ...buttons);
    }

    async function bring() {
      if (!await restore(left.fields)) return;
      say(SENT);
      keep();
    }

    function offer() {
      const forget = () => { storage.removeItem(key); say(""); };
      say(LEFT, button("Bring it back", bring), " ", button("Forget it", forget));
    }

    form.addEventListener("submit", () => keep(true));
    root.ownerDocument.querySelector("[data-leave-draft]")?.addEventListener("click", () => storage.removeItem(key));
    if (isAnswer) keep();
    else if (left?.isSent) bring();
    else if (left) offer();
    return { keep };
  }

  return { start, forgetSaved };
})();
