"use strict";

// A form carries only so much text. What is pasted beyond that becomes the file to upload.
document.querySelectorAll("textarea[data-most-bytes]").forEach((field) => {
  const file = document.getElementById(field.dataset.fileField);
  const most = Number(field.dataset.mostBytes);
  const said = document.createElement("p");
  said.className = "paste__said";
  said.setAttribute("role", "alert");
  field.after(said);

  const megabytes = (bytes) => (bytes / 1e6).toFixed(1);

  field.addEventListener("input", () => {
    // No character has more than three bytes for each of its units.
    if (field.value.length * 3 <= most) {
      said.textContent = "";
      return;
    }
    const pasted = new File([field.value], "pasted.txt", { type: "text/plain" });
    if (pasted.size <= most) {
      said.textContent = "";
      return;
    }
    const chosen = new DataTransfer();
    chosen.items.add(pasted);
    file.files = chosen.files;
    file.dispatchEvent(new Event("change", { bubbles: true }));
    field.value = "";
    said.textContent = `You pasted ${megabytes(pasted.size)} MB; a form carries ${megabytes(most)}. `
      + "It is now the file “pasted.txt” below, with nothing lost. Save as usual.";
  });
});
