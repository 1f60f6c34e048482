// Sends what visitors who agreed to it do on a page, in batches that outlive a lost connection.
//
// On pages rendered by this project, `{% tracker %}` says whether the visitor agreed, and the
// server knows who asks. On all others (`data-key`, or `?key=` in the address of the script)
// nothing is kept in the browser, and nothing sent, until the page says that its visitor agreed:
// see "Your pages" in docs/send-us-your-data.md. No cookie is set on either.
(() => {
  "use strict";
  if (window.personalization?.consent) return; // a second tag would count everything twice

  const script = document.currentScript;
  const address = new URL(script.src);
  const key = script.dataset.key || address.searchParams.get("key");
  const isTag = !script.dataset.endpoint;
  const endpoint =
    script.dataset.endpoint || `${new URL("t", address)}?key=${encodeURIComponent(key)}`;

  const DAY_MS = 86_400_000;
  const BATCH_AFTER_MS = 300;
  const FIRST_RETRY_MS = 2_000;
  const LONGEST_RETRY_MS = 300_000;
  const MOST_WAITING = 200;
  const KEPT_MS = 3 * DAY_MS;
  const CHOICE_MS = 182 * DAY_MS;
  // What the browser delivers after a page was left is bounded at 64 KB, a character at 3 bytes.
  const LARGEST_BATCH = 20_000;
  const SEEN_AFTER_MS = 1_000;
  const DEPTHS = [25, 50, 75, 100];
  // Google's Consent Mode, by our purposes.
  const PURPOSES = {
    analytics_storage: "analytics",
    personalization_storage: "personalization",
    functionality_storage: "functional",
    ad_storage: "advertising",
  };

  // --- What is kept in the browser

  const WAITING = "personalization.waiting";
  const CHOICE = "personalization.choice";
  const WITHDRAWN = "personalization.withdrawn";

  function read(name) {
    try {
      return JSON.parse(localStorage.getItem(name));
    } catch {
      return null; // storage is forbidden, or somebody else wrote there
    }
  }

  function write(name, value) {
    try {
      if (value) localStorage.setItem(name, JSON.stringify(value));
      else localStorage.removeItem(name);
    } catch {
      // Storage is full or forbidden: what waits is lost with the page.
    }
  }

  const newId = () =>
    Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
      byte.toString(16).padStart(2, "0")).join("");

  let choice = null; // {id, granted, until}; on our own pages the server has it
  let waiting = [];
  const owner = () => (isTag ? choice?.id : script.dataset.visitor) || "";

  // What waited when somebody else was signed in must not become this visitor's.
  function stored() {
    const held = read(WAITING);
    if (!held?.events || (held.owner && held.owner !== owner())) return [];
    return held.events.filter(
      (event) => Date.parse(event.occurred_at) > Date.now() - KEPT_MS);
  }

  const without = (events, others) => {
    const ids = new Set(others.map((event) => event.message_id));
    return events.filter((event) => !ids.has(event.message_id));
  };

  function store(events) {
    write(WAITING, events.length > 0 && { owner: owner(), events: events.slice(-MOST_WAITING) });
  }

  function clear() {
    write(WAITING, null);
    if (isTag) write(CHOICE, null);
  }

  const keep = () => store([...without(stored(), waiting), ...waiting]);

  // --- Sending

  let isRunning = false;
  let isSending = false;
  let failures = 0;
  let timer = 0;

  function soon(after) {
    timer ||= setTimeout(send, after);
  }

  const hold = (events) => JSON.stringify({
    ...(isTag && {
      visitor: choice.id,
      consent: Object.fromEntries(choice.granted.map((purpose) => [purpose, true])),
    }),
    events,
  });

  function nextBatch() {
    let size = 0;
    const fits = (event, nth) =>
      (size += JSON.stringify(event).length) <= LARGEST_BATCH || nth === 0;
    const end = waiting.findIndex((event, nth) => !fits(event, nth));
    return end < 0 ? [...waiting] : waiting.slice(0, end);
  }

  // Plain text needs no question beforehand (CORS), which a page that is left could not wait for.
  const post = (body) => fetch(endpoint, {
    method: "POST",
    keepalive: body.length < 2 * LARGEST_BATCH,
    credentials: isTag ? "omit" : "same-origin",
    headers: { "Content-Type": "text/plain" },
    body,
  });

  const isToBeRepeated = (answer) => answer.status >= 500 || answer.status === 429;

  async function send() {
    clearTimeout(timer);
    timer = 0;
    if (!isRunning || isSending || waiting.length === 0) return;
    isSending = true;
    const batch = nextBatch();
    let retryAfter = 0;
    try {
      const answer = await post(hold(batch));
      if (isToBeRepeated(answer)) {
        retryAfter = 1_000 * answer.headers.get("Retry-After");
        throw new Error("Try again.");
      }
      if (answer.status === 401 || answer.status === 403) {
        isRunning = false;
        console.warn(await answer.text());
      }
      // Taken, or wrong for ever: what the door refused would be refused again.
      failures = 0;
      waiting = without(waiting, batch);
      store(without(stored(), batch));
    } catch {
      const pause = Math.min(FIRST_RETRY_MS * 2 ** failures, LONGEST_RETRY_MS);
      failures += 1;
      retryAfter = Math.max(retryAfter || 0, pause * (0.5 + Math.random() / 2));
      if (isRunning) keep();
    }
    isSending = false;
    if (waiting.length > 0) soon(retryAfter);
  }

  // A page that is left cannot wait for an answer: the browser delivers by itself. Whether it
  // arrived is never known, so the next page sends it again; each message is stored once.
  function handOver() {
    if (!isRunning || waiting.length === 0) return;
    keep();
    if (failures === 0 && navigator.onLine) {
      navigator.sendBeacon(endpoint, new Blob([hold(nextBatch())], { type: "text/plain" }));
    }
  }

  // A copy, as the page may go on changing it, without what no JSON reader takes: halves of
  // characters, which are left where a text was cut, and numbers beyond 64 bits.
  function storable(name, value) {
    if (typeof value === "string") return value.replace(/[\0\p{Surrogate}]/gu, "");
    return Math.abs(value) >= 2 ** 63 ? String(value) : value;
  }

  function track(type, properties = {}, messageId = newId()) {
    if (!isRunning) return;
    waiting.push({
      message_id: messageId,
      type,
      occurred_at: new Date().toISOString(),
      properties: JSON.parse(JSON.stringify(properties), storable),
      context: place,
    });
    waiting = waiting.slice(-MOST_WAITING);
    soon(BATCH_AFTER_MS);
  }

  // --- Consent, where the page asks for it

  const isEnough = (granted) =>
    granted.includes("analytics") || granted.includes("personalization");

  // What is not mentioned stays as it is. A withdrawal ends this browser's id: what is agreed to
  // later begins a new one, so that the server need never take back a refusal.
  function consent(choices) {
    if (!isTag) return;
    const before = choice?.granted || [];
    const withdrawn = before.filter((purpose) => choices[purpose] === false);
    const added = Object.keys(choices).filter(
      (purpose) => choices[purpose] === true && !before.includes(purpose));
    if (withdrawn.length + added.length === 0) return;
    if (withdrawn.length > 0) forget(withdrawn);
    const granted = [...before.filter((purpose) => !withdrawn.includes(purpose)), ...added];
    if (!isEnough(granted)) return;
    choice = { id: choice?.id || `web-${newId()}`, granted, until: Date.now() + CHOICE_MS };
    write(CHOICE, choice);
    start();
  }

  function forget(withdrawn) {
    const refusal = {
      visitor: choice.id,
      consent: Object.fromEntries(withdrawn.map((purpose) => [purpose, false])),
      events: [],
    };
    write(WITHDRAWN, [...(read(WITHDRAWN) || []), refusal]);
    isRunning = false;
    choice = null;
    waiting = [];
    clear();
    withdraw();
  }

  // The server must hear of it, so it is kept until it was taken.
  async function withdraw() {
    for (const refusal of read(WITHDRAWN) || []) {
      try {
        if (isToBeRepeated(await post(JSON.stringify(refusal)))) return;
      } catch {
        return;
      }
      const left = (read(WITHDRAWN) || []).filter((other) => other.visitor !== refusal.visitor);
      write(WITHDRAWN, left.length > 0 && left);
    }
  }

  // --- Pages

  let place = {};
  let path = "";
  let referrer = document.referrer;
  let isViewing = false;
  let lastItem = "";
  let reached = 0;
  let visibleMs = 0;
  let visibleSince = 0;

  const numbers = ["price", "quantity"];
  const properties = (data, names) =>
    Object.fromEntries(
      names
        .filter((name) => data[name])
        .map((name) => [
          name === "item" ? "item_id" : name,
          numbers.includes(name) ? Number(data[name]) : data[name],
        ]));

  // Of the query only the campaign is told: the rest may hold anything.
  function whereWeAre() {
    const campaign = new URLSearchParams(
      [...new URLSearchParams(location.search)].filter(([name]) => name.startsWith("utm_")));
    return {
      page: location.pathname,
      url: `${location.origin}${location.pathname}?${campaign}`,
      referrer,
      timezone: Intl.DateTimeFormat().resolvedOptions().timeZone,
      utc_offset: -new Date().getTimezoneOffset(),
    };
  }

  function view() {
    path = location.pathname + location.search;
    place = whereWeAre();
    isViewing = true;
    reached = visibleMs = visibleSince = 0;
    measure();
    const page = document.body.dataset;
    track("page_view", properties(page, ["category"]));
    if (page.pageType === "item" && page.item !== lastItem) {
      track("item_view", properties(page, ["item", "category", "price"]));
    }
    lastItem = page.item;
  }

  function measure() {
    if (visibleSince) visibleMs += performance.now() - visibleSince;
    visibleSince = document.hidden ? 0 : performance.now();
  }

  function endView() {
    if (!isViewing) return;
    isViewing = false;
    measure();
    track("page_leave", { visible_seconds: Math.round(visibleMs / 100) / 10 });
  }

  // Two steps in one go are one page: nobody saw the first.
  let moving = 0;
  function moved() {
    if (!isRunning || location.pathname + location.search === path) return;
    endView();
    referrer = place.url;
    clearTimeout(moving);
    moving = setTimeout(view);
  }

  function scrolled() {
    const { scrollHeight } = document.documentElement;
    const depth = (100 * (scrollY + innerHeight + 1)) / scrollHeight;
    for (const mark of DEPTHS) {
      if (mark > reached && depth >= mark) {
        reached = mark;
        track("scroll", { depth: mark });
      }
    }
  }

  function clicked({ target }) {
    const marked = target.closest?.("[data-track-click]");
    if (!marked) return;
    const { dataset, pathname } = marked;
    track("click", {
      label: dataset.trackClick,
      to: pathname,
      ...properties(dataset, ["item", "category", "price"]),
    });
  }

  // What was written into a form is nobody's business.
  function submitted({ target }) {
    const data = target.dataset;
    if (data.track) {
      const quantity = Number(target.elements.quantity?.value || data.quantity || 1);
      track(data.track, { ...properties(data, ["item", "category", "price"]), quantity });
    } else if (data.trackForm !== "off") {
      const name = data.trackForm || target.getAttribute("id") || target.getAttribute("name");
      const action = new URL(target.getAttribute("action") || "", location);
      track("form_submit", { form: name || undefined, to: action.pathname });
    }
  }

  // --- Personalized blocks that were seen: half of it, for a second

  const watched = new WeakSet();
  const looking = new Map();
  const watcher = new IntersectionObserver(
    (entries) => {
      for (const { target, intersectionRatio, intersectionRect } of entries) {
        // Of a block that is higher than the window, half the window must be full.
        if (intersectionRatio >= 0.5 || intersectionRect.height >= innerHeight / 2) {
          if (!looking.has(target)) look(target);
        } else {
          clearTimeout(looking.get(target));
          looking.delete(target);
        }
      }
    },
    { threshold: [0, 0.25, 0.5, 0.75, 1] });

  function look(block) {
    looking.set(block, setTimeout(() => (document.hidden ? look : seen)(block), SEEN_AFTER_MS));
  }

  function seen(block) {
    watcher.unobserve(block);
    looking.delete(block);
    const { placement, activity, variation, decision } = block.dataset;
    track(
      "impression",
      { placement, activity, variation, decision_id: decision },
      decision ? `seen-${decision}` : undefined);
  }

  function watch() {
    for (const block of document.querySelectorAll("[data-placement][data-activity]")) {
      if (block.dataset.activity && !watched.has(block)) {
        watched.add(block);
        watcher.observe(block);
      }
    }
  }

  // --- Google's data layer

  const layer = (window[script.dataset.layer || "dataLayer"] ||= []);
  const known = new WeakSet();

  // An entry is an object ({event, ecommerce}) or what gtag() was called with.
  function hear(entry) {
    if (!entry || typeof entry !== "object" || known.has(entry)) return;
    const [command, name, said] =
      "length" in entry ? Array.from(entry) : ["event", entry.event, entry.ecommerce];
    if (command === "consent" && name === "update") {
      known.add(entry);
      consent(translated(said));
    } else if (isRunning && command === "event" && Array.isArray(said?.items)) {
      known.add(entry);
      bought(String(name), said);
    }
  }

  const translated = (said) =>
    Object.fromEntries(
      Object.entries(PURPOSES)
        .filter(([theirs]) => said?.[theirs])
        .map(([theirs, ours]) => [ours, said[theirs] === "granted"]));

  // The page of an order can be loaded again; the order is the same.
  function bought(name, said) {
    const order = said.transaction_id;
    track(name, said, order ? `${name}-${order}` : undefined);
  }

  function listen() {
    const push = layer.push;
    layer.push = function (...entries) {
      const result = push.apply(this, entries);
      entries.forEach(hear);
      return result;
    };
    layer.slice().forEach(hear);
  }

  function order() {
    const written = document.getElementById("track-purchase");
    if (!written) return;
    const { order_id, items } = JSON.parse(written.textContent);
    items.forEach((line, nth) =>
      track("purchase", { ...line, order_id }, `${order_id}-${nth}`));
  }

  // --- The start

  let isAttached = false;

  function start() {
    if (isRunning) return;
    isRunning = true;
    waiting = stored();
    attach();
    view();
    watch();
    order();
    layer.slice().forEach(hear);
  }

  function attach() {
    if (isAttached) return;
    isAttached = true;
    document.addEventListener("click", clicked, true);
    document.addEventListener("submit", submitted, true);
    document.addEventListener("scroll", scrolled, { passive: true });
    document.addEventListener("visibilitychange", () => {
      measure();
      if (document.hidden) handOver();
    });
    addEventListener("pagehide", () => {
      endView();
      handOver();
    });
    addEventListener("pageshow", ({ persisted }) => persisted && view());
    addEventListener("online", send);
    addEventListener("popstate", moved);
    for (const name of ["pushState", "replaceState"]) {
      const original = history[name];
      history[name] = function (...steps) {
        original.apply(this, steps);
        moved();
      };
    }
    let isDue = 0;
    const watchLater = () => {
      isDue ||= setTimeout(() => {
        isDue = 0;
        watch();
      }, BATCH_AFTER_MS);
    };
    new MutationObserver(watchLater).observe(document.body, { childList: true, subtree: true });
  }

  function begin() {
    if (isTag) {
      choice = read(CHOICE);
      if (choice && !(choice.until > Date.now() && isEnough(choice.granted))) choice = null;
      withdraw();
      addEventListener("online", withdraw);
    }
    if (isTag ? choice : script.dataset.allowed === "true") start();
    else clear();
    listen();
    const said = window.personalization;
    const api = {
      consent,
      track,
      anonymousId: () => choice?.id || null,
      push: ([name, ...rest]) => api[name]?.(...rest),
    };
    window.personalization = api;
    if (Array.isArray(said)) said.forEach(api.push);
  }

  // A page that is only being prepared was not viewed; one without a body cannot be read yet.
  if (document.prerendering) {
    document.addEventListener("prerenderingchange", begin, { once: true });
  } else if (document.body) begin();
  else addEventListener("DOMContentLoaded", begin, { once: true });
})();
