// Passkeys (WebAuthn): the browser asks the device, the form carries the answer.
const form = document.querySelector("form[data-passkey]");
const failed = document.querySelector("[data-passkey-failed]");
const options = document.getElementById("passkey-options");
const byName = !/^(\d+\.){3}\d+$|^\[/.test(location.hostname);

const bytes = (text) =>
  Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const known = (list) => (list || []).map((one) => ({ ...one, id: bytes(one.id) }));

async function create(publicKey) {
  const alone = form.passwordless?.checked;
  const made = await navigator.credentials.create({ publicKey: {
    ...publicKey,
    challenge: bytes(publicKey.challenge),
    user: { ...publicKey.user, id: bytes(publicKey.user.id) },
    excludeCredentials: known(publicKey.excludeCredentials),
    authenticatorSelection: {
      ...publicKey.authenticatorSelection,
      ...(alone && { residentKey: "required", requireResidentKey: true, userVerification: "required" }),
    },
  } });
  return {
    clientDataJSON: text(made.response.clientDataJSON),
    attestationObject: text(made.response.attestationObject),
    transports: made.response.getTransports?.() || [],
    made,
  };
}

async function get(publicKey) {
  const made = await navigator.credentials.get({ publicKey: {
    ...publicKey,
    challenge: bytes(publicKey.challenge),
    allowCredentials: known(publicKey.allowCredentials),
  } });
  const { clientDataJSON, authenticatorData, signature, userHandle } = made.response;
  return {
    clientDataJSON: text(clientDataJSON),
    authenticatorData: text(authenticatorData),
    signature: text(signature),
    ...(userHandle && { userHandle: text(userHandle) }),
    made,
  };
}

async function asked() {
  if (options) {
    const data = JSON.parse(options.textContent);
    return data.creation_options || data.request_options;
  }
  const answer = await fetch(form.dataset.passkeyFrom, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw answer;
  return (await answer.json()).request_options;
}

if (form && window.PublicKeyCredential && byName) {
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    failed.hidden = true;
    try {
      const { publicKey } = await asked();
      const { made, ...response } = await (form.dataset.passkey === "create" ? create : get)(publicKey);
      form.credential.value = JSON.stringify({
        id: made.id, rawId: text(made.rawId), type: made.type, response,
        clientExtensionResults: made.getClientExtensionResults(),
      });
      form.submit();
    } catch {
      failed.hidden = false;
    }
  });
} else if (!byName) {
  for (const note of document.querySelectorAll("[data-passkey-address]")) note.hidden = false;
}
