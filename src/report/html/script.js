"use strict";
(() => {
  const form = document.querySelector("form.filter");
  // Where nothing was found, there is nothing to filter.
  if (!form) return;
  const status = document.getElementById("shown");
  const none = document.getElementById("none");
  const modules = [...document.querySelectorAll(".module")].map((element) => ({
    element,
    findings: [...element.querySelectorAll(".finding")].map((finding) => ({
      element: finding,
      severity: finding.dataset.severity,
      rule: finding.dataset.rule,
      rewrite: finding.dataset.rewrite,
      // Made when it is first asked for: most visits search for nothing.
      text: undefined,
    })),
  }));
  const total = modules.reduce((sum, it) => sum + it.findings.length, 0);
  const words = (text) => text.toLowerCase().split(/\s+/).filter(Boolean);
  const has = (finding, wanted) => {
    if (wanted.length === 0) return true;
    finding.text ??= (finding.element.textContent + " " + finding.element.dataset.where).toLowerCase();
    return wanted.every((word) => finding.text.includes(word));
  };
  const apply = () => {
    const wanted = words(form.elements.words.value);
    const severities = new Set([...form.querySelectorAll("input[name=severity]:checked")].map((it) => it.value));
    const rule = form.elements.rule.value;
    const rewrite = form.elements.rewrite.value;
    let shown = 0;
    for (const module of modules) {
      let here = 0;
      for (const finding of module.findings) {
        const fits =
          severities.has(finding.severity) &&
          (rule === "" || finding.rule === rule) &&
          (rewrite === "" || finding.rewrite === rewrite) &&
          has(finding, wanted);
        if (finding.element.hidden === fits) finding.element.hidden = !fits;
        here += fits;
      }
      module.element.hidden = here === 0;
      shown += here;
    }
    status.textContent = shown === total ? `${total} findings` : `${shown} of ${total} findings`;
    none.hidden = shown > 0 || total === 0;
  };
  let waiting = 0;
  const soon = () => {
    clearTimeout(waiting);
    waiting = setTimeout(apply, 80);
  };
  form.addEventListener("input", soon);
  form.addEventListener("reset", () => setTimeout(apply, 0));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    apply();
  });
  const all = (open) => {
    for (const element of document.querySelectorAll(".finding:not([hidden])")) element.open = open;
  };
  document.getElementById("open").addEventListener("click", () => all(true));
  document.getElementById("close").addEventListener("click", () => all(false));
  // What a link leads to is opened, and shown whatever is filtered.
  const follow = () => {
    const target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    if (target.closest("[hidden]")) {
      form.reset();
      apply();
    }
    for (let it = target.closest("details"); it; it = it.parentElement.closest("details")) it.open = true;
    target.scrollIntoView();
  };
  window.addEventListener("hashchange", follow);
  // A link to where one is already changes nothing, and what it leads to may have been closed since.
  document.addEventListener("click", (event) => {
    const link = event.target.closest('a[href^="#"]');
    if (link && link.hash === location.hash) follow();
  });
  window.addEventListener("beforeprint", () => all(true));
  form.hidden = false;
  apply();
  follow();
})();
