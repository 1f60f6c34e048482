// Offers the clock of whoever is looking.
document.querySelectorAll("select[data-own-zone]").forEach((select) => {
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const isKnown = Array.from(select.options).some((option) => option.value === own);
  if (isKnown && select.value === "UTC") select.value = own;
});
