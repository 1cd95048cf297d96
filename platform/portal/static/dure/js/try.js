// Try an operation of the API from its reference: the key stays in this tab and goes nowhere else.
const words = document.querySelector("[data-try]").dataset;
const kept = "dure-try-key";
const SHOWN = 20000;
let count = 0;

const make = (tag, more, ...inside) => {
  const made = Object.assign(document.createElement(tag), more);
  made.append(...inside);
  return made;
};
const field = (label, input) => {
  input.id = `try-${(count += 1)}`;
  return make("div", { className: "field" }, make("label", { htmlFor: input.id, textContent: label }), input);
};

function formOf({ method, path, fields, body: example }) {
  const given = JSON.parse(fields);
  const key = make("input", { type: "password", autocomplete: "off", value: sessionStorage[kept] ?? "" });
  const inputs = given.map(([name, place]) => [name, place, make("input", { autocomplete: "off" })]);
  const body = method === "GET" ? null : make("textarea", { rows: 6, className: "mono", spellcheck: false, value: example ?? "" });
  const status = make("p", { className: "note" });
  status.setAttribute("role", "status");
  const shown = make("pre", { hidden: true, tabIndex: 0 });
  const form = make("form", { className: "try" }, field(words.key, key),
    ...inputs.map(([name, , input]) => field(name, input)),
    ...(body ? [field(words.body, body)] : []),
    make("button", { className: "button small", textContent: words.send }), status, shown);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    sessionStorage[kept] = key.value.trim();
    const query = new URLSearchParams();
    const headers = { Accept: "application/json, */*;q=0.5" };
    let address = path;
    for (const [name, place, input] of inputs) {
      const value = input.value.trim();
      if (place === "path") address = address.replace(`{${name}}`, encodeURIComponent(value));
      else if (value && place === "query") query.append(name, value);
      else if (value) headers[name] = value;
    }
    if (key.value.trim()) headers.Authorization = `Bearer ${key.value.trim()}`;
    if (body?.value) headers["Content-Type"] = "application/json";
    if (String(query)) address += `?${query}`;
    status.textContent = words.waiting;
    try {
      // Without the cookie of the session: what is tried is what the key may do.
      const answer = await fetch(address, { method, headers, body: body?.value || undefined, credentials: "omit" });
      const text = await answer.text();
      status.textContent = `${answer.status} ${answer.statusText} · ${answer.headers.get("Request-Id") ?? ""}`;
      let pretty = text;
      try { pretty = JSON.stringify(JSON.parse(text), null, 2); } catch { /* shown as it came */ }
      shown.textContent = pretty.slice(0, SHOWN);
      shown.hidden = !pretty;
    } catch {
      status.textContent = words.failed;
    }
  });
  return form;
}

for (const one of document.querySelectorAll("details[data-path]")) {
  one.addEventListener("toggle", () => {
    if (one.open && !one.querySelector(".try")) one.querySelector(".inside").append(formOf(one.dataset));
  });
}
