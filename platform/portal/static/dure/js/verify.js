// Checks inclusion proofs (RFC 6962), signed checkpoints and signed receipts with WebCrypto alone.
const area = document.querySelector("[data-verify]");
const bytes = (hex) => Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16));
const fromBase64 = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
const isHash = (text) => typeof text === "string" && /^[0-9a-f]{64}$/.test(text);
const isCount = (number) => Number.isSafeInteger(number) && number >= 0;
const isProof = (steps) => Array.isArray(steps) && steps.length <= 128 && steps.every(isHash);
const hex = (data) => Array.from(data, (byte) => byte.toString(16).padStart(2, "0")).join("");
const sha256 = async (...parts) => {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) { whole.set(part, at); at += part.length; }
  return new Uint8Array(await crypto.subtle.digest("SHA-256", whole));
};

const node = (left, right) => sha256(Uint8Array.of(1), left, right);

async function rootOf({ index, size, leaf_hash: leaf, proof }) {
  let [position, last, running] = [BigInt(index), BigInt(size) - 1n, bytes(leaf)];
  for (const step of proof.map(bytes)) {
    if (last === 0n) return null;
    if (position % 2n === 1n || position === last) {
      running = await node(step, running);
      while (position % 2n === 0n && position !== 0n) { position >>= 1n; last >>= 1n; }
    } else {
      running = await node(running, step);
    }
    position >>= 1n; last >>= 1n;
  }
  return last === 0n ? hex(running) : null;
}

// RFC 9162, 2.1.4.2: whether the tree of `from` leaves is the beginning of the tree of `to`.
async function continues({ from, to, proof }, fromRoot, toRoot) {
  if (from === to) return proof.length === 0 && fromRoot === toRoot;
  const path = proof.map(bytes);
  let [position, last] = [BigInt(from) - 1n, BigInt(to) - 1n];
  if ((BigInt(from) & position) === 0n) path.unshift(bytes(fromRoot));
  if (!path.length) return false;
  while (position % 2n === 1n) { position >>= 1n; last >>= 1n; }
  let [older, newer] = [path[0], path[0]];
  for (const step of path.slice(1)) {
    if (last === 0n) return false;
    if (position % 2n === 1n || position === last) {
      [older, newer] = [await node(step, older), await node(step, newer)];
      while (position % 2n === 0n && position !== 0n) { position >>= 1n; last >>= 1n; }
    } else {
      newer = await node(newer, step);
    }
    position >>= 1n; last >>= 1n;
  }
  return last === 0n && hex(older) === fromRoot && hex(newer) === toRoot;
}

// A checkpoint is a signed note: origin, size, root (base64), a blank line, then signatures.
async function checkpointHolds(note, raw, words) {
  const cut = note.lastIndexOf("\n\n");
  const text = new TextEncoder().encode(note.slice(0, cut + 1));
  const key = await publicKey(raw, words);
  let named = false;
  for (const line of note.slice(cut + 2).split("\n").filter(Boolean)) {
    let blob;
    try { blob = fromBase64(line.split(" ").at(-1)); } catch { continue; }
    if (blob.length !== 68) continue;
    if (await crypto.subtle.verify("Ed25519", key, blob.slice(4), text)) return;
    // The first four bytes say whose signature it claims to be.
    const name = new TextEncoder().encode(`${line.split(" ").at(-2)}\n`);
    named ||= hex(await sha256(name, Uint8Array.of(1), raw)).startsWith(hex(blob.slice(0, 4)));
  }
  throw new Error(named ? words.signature : words.otherkey);
}

// Keys by the changes that stand in a log: the one that follows the given key, and all of its chain.
async function chainOf(raw, rotations, head, words) {
  let [current, links] = [hex(raw), []];
  for (const item of rotations ?? []) {
    onlyKnown(item, "entry proof", words);
    await included(item, head, words);
    const { type, payload } = JSON.parse(item.entry.body);
    if (type !== "key.rotated" || payload.key !== "log") continue;
    const { signatures, ...stated } = payload;
    const message = new TextEncoder().encode(`dure-log-key-rotation/1\n${head.origin}\n${canonical(stated)}`);
    for (const side of ["old", "new"]) {
      const key = await publicKey(bytes(stated[side]), words);
      if (!await crypto.subtle.verify("Ed25519", key, bytes(signatures[side]), message)) throw new Error(words.signature);
    }
    if (stated.old === current) current = stated.new;
    links.push([stated.old, stated.new]);
  }
  const all = new Set([hex(raw)]);
  for (const pair of [...links, ...links.toReversed()]) if (pair.some((key) => all.has(key))) pair.forEach((key) => all.add(key));
  return { current: bytes(current), all: [...all].map(bytes) };
}

async function publicKey(raw, words) {
  if (raw.length !== 32) throw new Error(words.nokey);
  try {
    return await crypto.subtle.importKey("raw", raw, "Ed25519", false, ["verify"]);
  } catch (error) {
    throw new Error(error.name === "NotSupportedError" ? words.old : words.nokey);
  }
}

// Size and root of a checkpoint, strictly as the format has them.
function headOf(note, words) {
  const found = typeof note === "string" && /^[^\n]+\n(0|[1-9]\d{0,15})\n([A-Za-z0-9+/]{43}=)\n[^]*\n— /.exec(note);
  if (!found) throw new Error(words.shape);
  return { origin: note.slice(0, note.indexOf("\n")), size: Number(found[1]), root: hex(fromBase64(found[2])) };
}

// An entry is in the tree of a head, and is shown as it was hashed.
async function included({ entry, proof }, head, words) {
  const sound = typeof entry?.body === "string" && isProof(proof?.proof) && isHash(proof.leaf_hash)
    && isCount(proof.index) && isCount(proof.size) && proof.index < proof.size;
  if (!sound) throw new Error(words.shape);
  const leaf = new TextEncoder().encode(entry.body);
  if (hex(await sha256(Uint8Array.of(0), leaf)) !== proof.leaf_hash) throw new Error(words.leaf);
  onlyKnown(entry, "index type ts leaf body leaf_hash", words);
  onlyKnown(proof, "index size leaf_hash proof root", words);
  // What stands beside the hashed body is read too, and must not say something else.
  const body = JSON.parse(entry.body);
  const said = { leaf: canonical(body), index: proof.index, leaf_hash: proof.leaf_hash, type: body.type, ts: body.ts };
  for (const [name, hashed] of Object.entries(said)) {
    if (name in entry && (name === "leaf" ? canonical(entry.leaf) : entry[name]) !== hashed) throw new Error(words.leaf);
  }
  const root = await rootOf(proof);
  if (root !== head.root || proof.size !== head.size || (proof.root ?? root) !== root) throw new Error(words.mismatch);
}

// A member that nobody looks at could say anything below the word "verified".
function onlyKnown(object, names, words) {
  if (Object.keys(object).some((name) => !names.split(" ").includes(name))) throw new Error(words.unknown);
}

// What a document says about its entry: of which contribution it is, and who stands behind it.
async function claimsHold(given, keys, words) {
  onlyKnown(given, "receipt entry proof checkpoint rotations openings log_key", words);
  const leaf = JSON.parse(given.entry.body);
  if ("receipt" in given && leaf.payload?.receipt !== given.receipt) throw new Error(words.about);
  if ("log_key" in given && !keys.includes(String(given.log_key).split("+").slice(2).join("+"))) throw new Error(words.otherkey);
  for (const opening of given.openings ?? []) {
    onlyKnown(opening, "index part salt value", words);
    if (!isHash(opening.salt)) throw new Error(words.shape);
    const value = new TextEncoder().encode(canonical(opening.value));
    const sealed = hex(await sha256(Uint8Array.of(2), bytes(opening.salt), value));
    if (leaf[opening.part] !== sealed || (opening.index ?? given.proof.index) !== given.proof.index) throw new Error(words.about);
  }
}

// Entry, proof and checkpoint belong together, and the key or one that followed it signed.
async function proofHolds(given, key, words) {
  const { entry, proof, checkpoint, rotations } = given;
  const head = headOf(checkpoint, words);
  await included({ entry, proof }, head, words);
  const { current } = await chainOf(key, rotations, head, words);
  await checkpointHolds(checkpoint, current, words);
  await claimsHold(given, [key, current].map((raw) => btoa(String.fromCharCode(1, ...raw))), words);
  return { index: proof.index, size: proof.size };
}

// Two signed checkpoints, and that the later one only added to the earlier one.
async function growthHolds({ earlier, later, proof, rotations }, key, words) {
  const [first, second] = [headOf(earlier, words), headOf(later, words)];
  const sound = isProof(proof?.proof) && proof.from === first.size && proof.to === second.size
    && (proof.from_root ?? first.root) === first.root && (proof.to_root ?? second.root) === second.root;
  if (!sound || first.size < 1 || first.size > second.size) throw new Error(words.shape);
  if (!await continues(proof, first.root, second.root)) throw new Error(words.rewritten ?? words.mismatch);
  const chain = await chainOf(key, rotations, second, words);
  await checkpointHolds(later, chain.current, words);
  // The later head vouches for the earlier root; its signer may be any key of the chain.
  let failed;
  for (const trusted of chain.all) {
    try { await checkpointHolds(earlier, trusted, words); return { index: first.size, size: second.size }; } catch (error) { if (error.message !== words.otherkey || !failed) failed = error; }
  }
  throw failed;
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
  // One spelling of each value: neither zeros in front nor more than fits.
  const digits = number.toString(16);
  const zeros = text.length - text.replace(/^1+/, "").length;
  if (zeros + Math.ceil(digits.length / 2) !== length) return new Uint8Array(length);
  return bytes(digits.padStart(length * 2, "0"));
}

// A signed document of the suite eddsa-jcs-2022, such as a consent receipt.
async function documentHolds(secured, key, words) {
  const { proof, ...content } = secured;
  const { proofValue, ...options } = proof;
  const encode = (value) => new TextEncoder().encode(canonical(value));
  const message = new Uint8Array([...await sha256(encode(options)), ...await sha256(encode(content))]);
  const signature = fromBase58(String(proofValue).slice(1), 64);
  if (canonical(options["@context"] ?? content["@context"] ?? null) !== canonical(content["@context"] ?? null)
      || !String(proofValue).startsWith("z")
      || !await crypto.subtle.verify("Ed25519", await publicKey(key, words), signature, message)) throw new Error(words.changed);
}

// JSON in which no name stands twice, and no number is anything but whole: a reader would see one
// value, and another would be checked.
function parsed(text, words) {
  const value = JSON.parse(text);
  const names = (part) => part && typeof part === "object"
    ? Object.values(part).reduce((sum, member) => sum + names(member), Array.isArray(part) ? 0 : Object.keys(part).length) : 0;
  const written = [...text.matchAll(/"(?:[^"\\]|\\.)*"(\s*:)?/g)].filter((found) => found[1]).length;
  const numbers = text.replace(/"(?:[^"\\]|\\.)*"/g, '""').match(/[-+.\w]*\d[-+.\w]*/g) ?? [];
  const whole = numbers.every((number) => /^(0|-?[1-9]\d*)$/.test(number) && Number.isSafeInteger(Number(number)));
  if (!value || typeof value !== "object" || written !== names(value) || !whole) throw new Error(words.shape);
  return value;
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
    // Our own errors carry words for the reader; whatever else was thrown, the input caused it.
    say(`${words.bad} ${error.constructor === Error ? error.message : words.shape}`, false);
  }
}

const filled = (text, { index, size }) => text.replace("{index}", index.toLocaleString()).replace("{size}", size.toLocaleString());

async function fetched(address, words, form) {
  const answer = await fetch(address, { cache: "no-store" }).catch(() => null);
  if (!answer?.ok) throw new Error(words.unreachable);
  return answer[form]();
}

// The page of one entry: everything is fetched from the log.
async function verifyEntry(words) {
  const checkpoint = await fetched(words.checkpoint, words, "text");
  const [entry, proof] = await Promise.all([
    fetched(words.entry, words, "json"),
    fetched(`${words.proof}?size=${headOf(checkpoint, words).size}`, words, "json"),
  ]);
  if (proof.index !== Number(words.index)) throw new Error(words.mismatch);
  return filled(words.good, await proofHolds({ entry, proof, checkpoint }, fromBase64(words.key), words));
}

// The page that compares two dates: what it shows is what is checked.
async function verifyGrowth(words) {
  const shown = parsed(document.getElementById("growth").textContent, words);
  return filled(words.good, await growthHolds(shown, fromBase64(words.key), words));
}

// The page for receipts: what stands in the text field, against the key in its own field.
async function verifyPasted(words) {
  const given = parsed(document.getElementById("document").value, words);
  if (given?.proof?.cryptosuite === "eddsa-jcs-2022") {
    const key = document.getElementById("receipt-key").value.trim();
    if (!isHash(key)) throw new Error(words.nokey);
    await documentHolds(given, bytes(key), words);
    return words.signed;
  }
  const [name, , ...rest] = document.getElementById("log-key").value.trim().split("+");
  const material = rest.join("+");
  if (!/^[A-Za-z0-9+/]{44}$/.test(material)) throw new Error(words.nokey);
  if (headOf(given.later ?? given.checkpoint, words).origin !== name) throw new Error(words.otherkey);
  const raw = fromBase64(material).slice(1);
  if ("earlier" in given) onlyKnown(given, "earlier later proof rotations", words);
  if ("earlier" in given) return filled(words.growth, await growthHolds(given, raw, words));
  return filled(words.good, await proofHolds(given, raw, words));
}

if (area) {
  const button = area.querySelector("button");
  const way = { pasted: verifyPasted, growth: verifyGrowth }[area.dataset.verify] ?? verifyEntry;
  button.hidden = false;
  for (const part of area.querySelectorAll("[data-with-script]")) part.hidden = false;
  button.addEventListener("click", () => attempt(area.dataset, () => way(area.dataset)));
  const file = area.querySelector("input[type=file]");
  file?.addEventListener("change", async () => {
    if (file.files[0]) document.getElementById("document").value = await file.files[0].text();
  });
}
