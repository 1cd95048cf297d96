// A seed for a sample, made in the browser: its hash goes into the form, the seed stays in this tab.
const area = document.querySelector("[data-seed]");
const hash = document.getElementById("seed_sha256");
const draw = document.querySelector("[data-seed-of]");
const place = (digest) => `dure-seed-${digest}`;

function show(seed) {
  const shown = document.createElement("code");
  shown.textContent = seed;
  area.querySelector("[role=status]").replaceChildren(`${area.dataset.keep} `, shown);
}

async function make() {
  const random = crypto.getRandomValues(new Uint8Array(32));
  const hex = (data) => Array.from(data, (byte) => byte.toString(16).padStart(2, "0")).join("");
  const seed = hex(random);
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(seed));
  hash.value = hex(new Uint8Array(digest));
  sessionStorage.setItem(place(hash.value), seed);
  show(seed);
}

// WebCrypto is there on https and on this very machine alone.
if (area && globalThis.crypto?.subtle) {
  for (const part of area.querySelectorAll("[data-with-script]")) part.hidden = false;
  area.querySelector("button").addEventListener("click", make);
  // A form that was refused comes back with the hash; without its seed nothing could be drawn.
  const seed = sessionStorage.getItem(place(hash.value));
  if (seed) show(seed);
}
if (draw) {
  const seed = sessionStorage.getItem(place(draw.dataset.seedOf));
  const field = draw.querySelector("[name=seed]");
  if (seed && !field.value) field.value = seed;
}
