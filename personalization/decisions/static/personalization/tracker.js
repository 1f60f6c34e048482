// Sends page views, item views, add-to-cart and purchases of visitors who agreed to it.
// What it reads from the page: data attributes of <body>, forms with data-track, and the
// JSON in #track-purchase. It sets no cookie and keeps nothing in the browser.
(() => {
  "use strict";
  const script = document.currentScript;
  if (script.dataset.allowed !== "true") return;

  const endpoint = script.dataset.endpoint;
  const waiting = [];
  const RETRY_MS = 2000;
  const LARGEST_BATCH = 100;
  let isSending = false;

  const newId = () =>
    Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) =>
      b.toString(16).padStart(2, "0")).join("");

  const numbers = ["price", "quantity", "value"];
  const properties = (data, names) =>
    Object.fromEntries(
      names
        .filter((name) => data[name])
        .map((name) => [
          name === "item" ? "item_id" : name,
          numbers.includes(name) ? Number(data[name]) : data[name],
        ]));

  function track(type, props, messageId) {
    waiting.push({
      message_id: messageId || newId(),
      type,
      occurred_at: new Date().toISOString(),
      properties: props,
      context: { page: location.pathname },
    });
    queueMicrotask(send);
  }

  async function send() {
    if (isSending || waiting.length === 0) return;
    isSending = true;
    const batch = waiting.slice(0, LARGEST_BATCH);
    try {
      const answer = await fetch(endpoint, {
        method: "POST",
        keepalive: true,
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ events: batch }),
      });
      if (answer.status >= 500) throw new Error("try again");
      waiting.splice(0, batch.length);
      isSending = false;
      send();
    } catch {
      isSending = false;
      setTimeout(send, RETRY_MS);
    }
  }

  // A page that is left cannot wait for an answer: the browser delivers a beacon by itself.
  // Sending twice does no harm, as each message is stored once.
  addEventListener("pagehide", () => {
    if (waiting.length === 0) return;
    const body = new Blob([JSON.stringify({ events: waiting })], { type: "application/json" });
    if (navigator.sendBeacon(endpoint, body)) waiting.length = 0;
  });

  document.addEventListener("submit", (submission) => {
    const data = submission.target.dataset;
    if (!data.track) return;
    const quantity = Number(submission.target.elements.quantity?.value || data.quantity || 1);
    track(data.track, { ...properties(data, ["item", "category", "price"]), quantity });
  });

  const page = document.body.dataset;
  track("page_view", properties(page, ["category"]));
  if (page.pageType === "item") {
    track("item_view", properties(page, ["item", "category", "price"]));
  }
  const purchase = document.getElementById("track-purchase");
  if (purchase) {
    const order = JSON.parse(purchase.textContent);
    order.items.forEach((line, index) =>
      track("purchase", { ...line, order_id: order.order_id },
        `${order.order_id}-${index}`));
  }
})();
