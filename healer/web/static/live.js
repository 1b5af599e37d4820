// Replaces the content when the server says that something changed. Without this file the page
// reloads itself; nothing else depends on it.
"use strict";
const events = new EventSource("/live");
let first = true;
events.addEventListener("changed", async () => {
  if (first) { first = false; return; }
  const typing = document.activeElement && ["INPUT", "TEXTAREA"].includes(document.activeElement.tagName);
  if (typing) return;
  const answer = await fetch(location.href, { credentials: "same-origin" });
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  document.getElementById("main").replaceWith(document.adoptNode(page.getElementById("main")));
  document.title = page.title;
  if (!page.querySelector("script")) events.close();
});
