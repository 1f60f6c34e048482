// The theme takes a "t" for its search, also where it is typed to choose from a list of options.
document.addEventListener("keydown", (event) => {
  if (event.target instanceof HTMLSelectElement) event.stopPropagation();
});

// What was typed and not saved is kept in the tab, and not for whoever signs in next.
document.addEventListener("submit", (event) => {
  if (!event.target.getAttribute("action")?.endsWith("/logout/")) return;
  for (const key of Object.keys(sessionStorage)) if (key.startsWith("draft:")) sessionStorage.removeItem(key);
});
