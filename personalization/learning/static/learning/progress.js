// Follow a training run without loading the page again.
(() => {
  const box = document.querySelector("[data-progress-url]");
  if (!box || box.dataset.over === "true") return;

  const show = (run) => {
    box.querySelector("progress").value = run.percent;
    box.querySelector("[data-percent]").textContent = `${run.percent} %`;
    box.querySelector("[data-label]").textContent = run.label;
    box.querySelector("[data-stage]").textContent = run.stage;
    box.querySelector("[data-message]").textContent = run.message;
  };

  const look = async () => {
    try {
      const answer = await fetch(box.dataset.progressUrl, { credentials: "same-origin" });
      if (!answer.ok) throw new Error(answer.statusText);
      const run = await answer.json();
      show(run);
      if (run.is_over) {
        if ("reload" in box.dataset) location.reload();
        return;
      }
    } catch {
      box.querySelector("[data-stage]").textContent = "No answer; trying again.";
    }
    setTimeout(look, 1000);
  };
  look();
})();
