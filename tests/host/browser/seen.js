(root) => {
  // What a person finds on a surface, from top to bottom, whether the page's script dressed it or
  // not: headings, texts, labels, fields with what they hold, errors tied to them, buttons.
  const found = [];
  const words = (element) =>
    [...element.childNodes]
      .map((node) =>
        node.nodeType === Node.TEXT_NODE
          ? node.data
          : node.nodeType === Node.ELEMENT_NODE && !node.matches("svg, [aria-hidden=true]")
            ? words(node)
            : "",
      )
      .join("");
  const told = (control) =>
    (control.getAttribute("aria-describedby") ?? "")
      .split(" ")
      .filter(Boolean)
      .map((id) => root.querySelector(`#${CSS.escape(id)}`)?.textContent ?? `no ${id}`);
  const fields = new Set();
  const holds = (control) => {
    const all = [...root.querySelectorAll(`[name="${CSS.escape(control.name)}"]`)].filter(
      (item) => item.type !== "hidden",
    );
    if (control.type === "checkbox" || control.type === "radio")
      return all.filter((item) => item.checked).map((item) => item.value);
    if (control.type === "file" || control.type === "password") return [];
    return [control.value];
  };
  const field = (control) => {
    if (fields.has(control.name)) return;
    fields.add(control.name);
    const group = control.closest("fieldset[data-field]");
    const named = group && control.closest(".ui-options") ? group : control;
    found.push([
      "field",
      control.name.slice(2),
      control.type,
      control.required || group?.getAttribute("aria-required") === "true",
      control.getAttribute("aria-invalid") === "true" || control.closest(".ui-invalid") !== null,
      told(named),
      holds(control),
    ]);
  };
  const walk = (element) => {
    if (element.matches("svg, [role=tablist]")) return;
    if (element.matches("input[type=hidden], .ui-visually-hidden[aria-hidden=true]")) return;
    if (element.matches("input, select, textarea") && element.name.startsWith("f.")) {
      field(element);
      if (element.matches("select"))
        found.push(["options", ...[...element.options].map((option) => option.label)]);
      return;
    }
    if (element.matches("h1, h2, h3, h4, h5, h6, p, legend, label, summary, th, td, dt, dd, a")) {
      const inside = element.querySelector("button, input, select, textarea, p");
      if (!inside) {
        const said = words(element);
        if (said) found.push([element.localName, said]);
        return;
      }
    }
    if (element.matches("button")) {
      found.push(["button", words(element), element.value]);
      return;
    }
    if (element.matches("img, video, audio")) {
      found.push([element.localName, element.getAttribute("src"), element.getAttribute("alt")]);
      return;
    }
    if (element.matches("progress, details"))
      found.push([element.localName, String(element.getAttribute("value") ?? "")]);
    if (element.matches("li, .ui-symbol, .ui-stages > *") && !element.querySelector("p, button, div")) {
      found.push([element.localName, words(element), element.getAttribute("aria-current") ?? ""]);
      return;
    }
    for (const child of element.children) walk(child);
  };
  if (root) walk(root);
  return found;
}
