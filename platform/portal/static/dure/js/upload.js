// A large file goes in pieces (tus 1.0.0): a cut line or a reload costs one.
const form = document.querySelector("form[data-uploads]");
const input = form.querySelector("[type=file]");
const box = form.querySelector("[data-upload]");
const [bar, status, pause] = box.children;
const text = box.dataset;
const PIECE = 5 << 20;
const KEY = "dure-upload";
const headers = { "Tus-Resumable": "1.0.0", "X-CSRFToken": form.csrfmiddlewaretoken.value };
let line, broken; // aborts what is under way

const show = (words, part) => {
  box.hidden = false;
  bar.value = part;
  status.textContent = words.replace("{n}", Math.floor(part * 100));
};
const kept = () => { try { return JSON.parse(localStorage[KEY]); } catch { return {}; } };
const b64 = (data) => btoa(String.fromCharCode(...new Uint8Array(data)));
const offset = (got) => Number(got.headers.get("Upload-Offset"));
const call = (method, url, more, body) =>
  fetch(url, { method, body, signal: line.signal, headers: { ...headers, ...more } });

async function place(file, mark) {
  const { mark: old, url } = kept();
  const found = old === mark && await call("HEAD", url);
  if (found?.ok) return [url, offset(found)];
  const name = b64(new TextEncoder().encode(file.name));
  const made = await call("POST", form.dataset.uploads,
    { "Upload-Length": file.size, "Upload-Metadata": `filename ${name}` });
  if (!made.ok) throw made;
  return [made.headers.get("Location"), 0];
}

async function send(file) {
  const mark = `${file.size}-${file.lastModified}`;
  line = new AbortController();
  pause.textContent = text.pause;
  for (let tries = 0; tries < 5 && !line.signal.aborted; ) {
    try {
      let [url, at] = await place(file, mark);
      while (at < file.size) {
        const part = at / file.size;
        localStorage[KEY] = JSON.stringify({ mark, url, part });
        show(text.sending, part);
        const piece = await file.slice(at, at + PIECE).arrayBuffer();
        const sum = crypto.subtle && {
          "Upload-Checksum": `sha256 ${b64(await crypto.subtle.digest("SHA-256", piece))}` };
        const got = await call("PATCH", url,
          { "Upload-Offset": at, "Content-Type": "application/offset+octet-stream", ...sum }, piece);
        if (!got.ok) throw got;
        at = offset(got);
        tries = 0;
      }
      show(text.sending, 1);
      delete localStorage[KEY];
      form.upload.value = url.split("/").at(-2);
      input.disabled = true;
      return form.submit();
    } catch {
      await new Promise((go) => setTimeout(go, 2 ** ++tries * 250));
    }
  }
  broken = !line.signal.aborted;
  show(broken ? text.failed : text.paused, kept().part || 0);
  pause.textContent = text.resume;
  line = 0;
}

form.onsubmit = (e) => {
  const file = input.files[0];
  if (!file || file.size <= PIECE) return;
  e.preventDefault();
  if (!line) send(file);
};
pause.onclick = () =>
  line ? line.abort() : input.files[0] ? form.requestSubmit() : input.click();
window.ononline = () => broken && form.requestSubmit();
if (kept().part >= 0) show(text.stopped, kept().part);
