// Small comforts; every page works without them.
const summary = document.querySelector("[data-error-summary]");
if (summary) summary.focus();

for (const input of document.querySelectorAll("[data-file-name]")) {
  const status = document.getElementById(input.dataset.fileName);
  const box = input.closest(".drop");
  const show = () => {
    const file = input.files[0];
    if (file) status.textContent = `${file.name} (${Math.max(1, Math.round(file.size / 1024)).toLocaleString()} KB)`;
  };
  input.addEventListener("change", show);
  if (!box) continue;
  const over = (on) => (event) => { event.preventDefault(); box.classList.toggle("over", on); };
  box.addEventListener("dragover", over(true));
  box.addEventListener("dragleave", over(false));
  box.addEventListener("drop", (event) => {
    over(false)(event);
    if (event.dataTransfer.files.length) { input.files = event.dataTransfer.files; show(); }
  });
}
