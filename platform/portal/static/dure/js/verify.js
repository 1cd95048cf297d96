// Checks inclusion proofs (RFC 6962), signed checkpoints and signed receipts with WebCrypto alone.
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

// Entry, proof and checkpoint belong together and the checkpoint is signed by the key.
async function proofHolds({ entry, proof, checkpoint }, key, words) {
  if (typeof entry?.body !== "string" || !Array.isArray(proof?.proof) || typeof checkpoint !== "string") throw new Error(words.shape);
  const [, size, root] = checkpoint.split("\n");
  const leaf = new TextEncoder().encode(entry.body);
  if (hex(await sha256(Uint8Array.of(0), leaf)) !== proof.leaf_hash) throw new Error(words.leaf);
  if (entry.leaf && canonical(entry.leaf) !== canonical(JSON.parse(entry.body))) throw new Error(words.leaf);
  if (await rootOf(proof) !== hex(fromBase64(root)) || String(proof.size) !== size) throw new Error(words.mismatch);
  if (!await checkpointHolds(checkpoint, key)) throw new Error(words.signature);
  return { index: Number(proof.index), size: Number(size) };
}

// RFC 8785 for what receipts hold: objects by sorted names, whole numbers, texts.
function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value && typeof value === "object") {
    return `{${Object.keys(value).sort().map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`).join(",")}}`;
  }
  return JSON.stringify(value);
}

const BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
function fromBase58(text, length) {
  let number = 0n;
  for (const letter of text) {
    const digit = BASE58.indexOf(letter);
    if (digit < 0) return new Uint8Array(length);
    number = number * 58n + BigInt(digit);
  }
  return bytes(number.toString(16).padStart(length * 2, "0")).slice(-length);
}

// A signed document of the suite eddsa-jcs-2022, such as a consent receipt.
async function documentHolds(secured, key, words) {
  const { proof, ...content } = secured;
  const { proofValue, ...options } = proof;
  const encode = (value) => new TextEncoder().encode(canonical(value));
  const message = new Uint8Array([...await sha256(encode(options)), ...await sha256(encode(content))]);
  const publicKey = await crypto.subtle.importKey("raw", key, "Ed25519", false, ["verify"]);
  const signature = fromBase58(String(proofValue).slice(1), 64);
  if (canonical(options["@context"] ?? content["@context"] ?? null) !== canonical(content["@context"] ?? null)
      || !await crypto.subtle.verify("Ed25519", publicKey, signature, message)) throw new Error(words.changed);
}

function say(text, good) {
  const status = document.getElementById("verify-status");
  status.textContent = text;
  status.className = good ? "banner good" : "banner bad";
}

async function attempt(words, check) {
  try {
    if (!globalThis.crypto?.subtle) throw new Error(words.insecure);
    say(await check(), true);
  } catch (error) {
    say(`${words.bad} ${error instanceof SyntaxError ? words.shape ?? error.message : error.message}`, false);
  }
}

const filled = (text, { index, size }) => text.replace("{index}", index?.toLocaleString()).replace("{size}", size?.toLocaleString());

// The page of one entry: everything is fetched from the log.
async function verifyEntry(words) {
  const checkpoint = await (await fetch(words.checkpoint, { cache: "no-store" })).text();
  const [entry, proof] = await Promise.all([
    fetch(words.entry).then((answer) => answer.json()),
    fetch(`${words.proof}?size=${checkpoint.split("\n")[1]}`).then((answer) => answer.json()),
  ]);
  return filled(words.good, await proofHolds({ entry, proof, checkpoint }, fromBase64(words.key), words));
}

// The page for receipts: what stands in the text field, against the key in its own field.
async function verifyPasted(words) {
  const given = JSON.parse(document.getElementById("document").value);
  if (given?.proof?.cryptosuite === "eddsa-jcs-2022") {
    await documentHolds(given, bytes(document.getElementById("receipt-key").value.trim()), words);
    return words.signed;
  }
  const key = document.getElementById("log-key").value.trim().split("+");
  const raw = fromBase64(key.slice(2).join("+"));
  return filled(words.good, await proofHolds(given, raw.slice(-32), words));
}

if (area) {
  const button = area.querySelector("button");
  const pasted = "pasted" in area.dataset;
  button.hidden = false;
  for (const part of area.querySelectorAll("[data-with-script]")) part.hidden = false;
  button.addEventListener("click", () => attempt(area.dataset, () => (pasted ? verifyPasted : verifyEntry)(area.dataset)));
  const file = area.querySelector("input[type=file]");
  file?.addEventListener("change", async () => {
    if (file.files[0]) document.getElementById("document").value = await file.files[0].text();
  });
}
