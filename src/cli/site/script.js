"use strict";
(() => {
  // Nothing that scrolls may be out of a keyboard's reach.
  for (const it of document.querySelectorAll("pre, main table")) it.tabIndex = 0;
  const look = document.getElementById("look");
  if (!look) return;
  const items = [...document.querySelectorAll("#sections li")];
  look.addEventListener("input", () => {
    const wanted = look.value.trim().toLowerCase();
    for (const item of items) item.hidden = !item.textContent.toLowerCase().includes(wanted);
  });
})();
