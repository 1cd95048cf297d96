// Checks a log entry's inclusion proof (RFC 6962) and the signed checkpoint with WebCrypto alone.
const area = document.querySelector("[data-verify]");
const bytes = (hex) => Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16));
const fromBase64 = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
const hex = (data) => Array.from(data, (byte) => byte.toString(16).padStart(2, "0")).join("");
const sha256 = async (...parts) => {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) { whole.set(part, at); at += part.length; }
  return new Uint8Array(await crypto.subtle.digest("SHA-256", whole));
};

async function rootOf({ index, size, leaf_hash: leaf, proof }) {
  let [position, last, node] = [BigInt(index), BigInt(size) - 1n, bytes(leaf)];
  for (const step of proof.map(bytes)) {
    if (last === 0n) return null;
    if (position % 2n === 1n || position === last) {
      node = await sha256(Uint8Array.of(1), step, node);
      while (position % 2n === 0n && position !== 0n) { position >>= 1n; last >>= 1n; }
    } else {
      node = await sha256(Uint8Array.of(1), node, step);
    }
    position >>= 1n; last >>= 1n;
  }
  return last === 0n ? hex(node) : null;
}

// A checkpoint is a signed note: origin, size, root (base64), a blank line, then signatures.
async function checkpointHolds(note, key) {
  const cut = note.lastIndexOf("\n\n");
  const text = new TextEncoder().encode(note.slice(0, cut + 1));
  const publicKey = await crypto.subtle.importKey("raw", key, "Ed25519", false, ["verify"]);
  for (const line of note.slice(cut + 2).split("\n").filter(Boolean)) {
    const blob = fromBase64(line.split(" ").at(-1));
    if (blob.length === 68 && await crypto.subtle.verify("Ed25519", publicKey, blob.slice(4), text)) return true;
  }
  return false;
}

async function verify() {
  const data = area.dataset;
  const say = (text, good) => {
    const status = document.getElementById("verify-status");
    status.textContent = text;
    status.className = good ? "banner good" : "banner bad";
  };
  try {
    if (!globalThis.crypto?.subtle) throw new Error(data.insecure);
    const note = await (await fetch(data.checkpoint, { cache: "no-store" })).text();
    const [, size, root] = note.split("\n");
    const [entry, proof] = await Promise.all([
      fetch(data.entry).then((answer) => answer.json()),
      fetch(`${data.proof}?size=${size}`).then((answer) => answer.json()),
    ]);
    const leaf = new TextEncoder().encode(entry.body);
    if (hex(await sha256(Uint8Array.of(0), leaf)) !== proof.leaf_hash) throw new Error(data.leaf);
    if (await rootOf(proof) !== hex(fromBase64(root)) || String(proof.size) !== size) throw new Error(data.mismatch);
    if (!await checkpointHolds(note, fromBase64(data.key))) throw new Error(data.signature);
    say(data.good.replace("{size}", Number(size).toLocaleString()), true);
  } catch (error) {
    say(`${data.bad} ${error.message}`, false);
  }
}
if (area) {
  const button = area.querySelector("button");
  button.hidden = false;
  button.addEventListener("click", verify);
}
