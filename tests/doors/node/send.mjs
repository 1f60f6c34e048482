// Sends one call of each kind: node send.mjs HOST WRITE_KEY
import { Analytics } from "@segment/analytics-node";

const [host, writeKey] = process.argv.slice(2);
const analytics = new Analytics({ host, writeKey, maxRetries: 0 });
analytics.on("error", (error) => {
  console.error(error);
  process.exitCode = 1;
});

const userId = "nora";
analytics.identify({ userId, traits: { plan: "pro", company: { plan: "gold" }, likes: ["red"] } });
analytics.track({
  userId,
  event: "Order Completed",
  properties: {
    order_id: "N1",
    products: [
      { product_id: "1001", price: 3.5, quantity: 2 },
      { product_id: "1002", price: 1, quantity: 1 },
    ],
  },
});
analytics.page({ userId, name: "Home", properties: { url: "https://shop.example/" } });
analytics.screen({ userId, name: "Start" });
analytics.group({ userId, groupId: "g1", traits: { industry: "Lamps" } });
analytics.alias({ userId, previousId: "browser-of-nora" });
await analytics.closeAndFlush();
