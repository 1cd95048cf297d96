// A seed for a sample, made in the browser: its hash goes into the form, the seed stays here.
const area = document.querySelector("[data-seed]");

async function make() {
  const random = crypto.getRandomValues(new Uint8Array(32));
  const hex = (data) => Array.from(data, (byte) => byte.toString(16).padStart(2, "0")).join("");
  const seed = hex(random);
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(seed));
  document.getElementById("seed_sha256").value = hex(new Uint8Array(digest));
  const shown = document.createElement("code");
  shown.textContent = seed;
  area.querySelector("[role=status]").replaceChildren(`${area.dataset.keep} `, shown);
}

// WebCrypto is there on https and on this very machine alone.
if (area && globalThis.crypto?.subtle) {
  for (const part of area.querySelectorAll("[data-with-script]")) part.hidden = false;
  area.querySelector("button").addEventListener("click", make);
}
