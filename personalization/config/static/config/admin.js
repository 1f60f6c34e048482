// The theme takes a "t" for its search, also where it is typed to choose from a list of options.
document.addEventListener("keydown", (event) => {
  if (event.target instanceof HTMLSelectElement) event.stopPropagation();
});
