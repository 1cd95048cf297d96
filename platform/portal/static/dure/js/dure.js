// Small comforts; every page works without them.
// What is sent twice by a double click goes once; what is sent again later, on purpose, goes.
const AGAIN_MS = 3000;
document.addEventListener("submit", (event) => {
  if (event.defaultPrevented) return;
  // Each button by itself: after a look in a new tab or a download the same form is still to be saved.
  const button = event.submitter ?? event.target;
  if (event.timeStamp - (button.sentAt ?? -AGAIN_MS) < AGAIN_MS) event.preventDefault();
  else button.sentAt = event.timeStamp;
});
// Menus that move sideways begin where one is.
for (const here of document.querySelectorAll("nav ul [aria-current]")) {
  const list = here.closest("ul");
  const beyond = here.getBoundingClientRect().right - list.getBoundingClientRect().right;
  if (beyond > 0) list.scrollLeft = beyond + 24;
}
// After a form was sent, what is wrong or what became of it is read first, and Tab goes on from there.
document.querySelector("[data-error-summary], [data-told]")?.focus();

for (const input of document.querySelectorAll("[data-file-name]")) {
  const status = document.getElementById(input.dataset.fileName);
  const box = input.closest(".drop");
  const show = () => {
    const size = ({ size: n }) =>
      n < 1 << 20 ? `${Math.max(1, Math.round(n / 1024))} KB` : `${(n / (1 << 20)).toFixed(1)} MB`;
    const names = [...input.files].map((file) => `${file.name.normalize("NFC")} (${size(file)})`);
    if (names.length) status.textContent = names.join(", ");
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
