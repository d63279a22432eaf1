(function () {
  "use strict";
  var facts = JSON.parse(document.getElementById("estimates").textContent);
  var panel = document.getElementById("panel"), lines = document.getElementById("panel-lines"), opener = null;

  function close() {
    panel.hidden = true;
    if (opener) { opener.removeAttribute("data-shown"); opener.focus(); }
    opener = null;
  }
  function open(id, from) {
    if (!facts[id]) { return; }
    if (opener) { opener.removeAttribute("data-shown"); }
    lines.textContent = "";
    facts[id].forEach(function (pair) {
      var name = document.createElement("dt"), text = document.createElement("dd");
      name.textContent = pair[0]; text.textContent = pair[1];
      lines.append(name, text);
    });
    opener = from; opener.setAttribute("data-shown", "");
    panel.hidden = false; panel.focus();
  }
  document.getElementById("panel-close").addEventListener("click", close);
  document.addEventListener("keydown", function (event) { if (event.key === "Escape" && !panel.hidden) { close(); } });

  var hint = document.getElementById("hint");
  if (hint) { hint.hidden = false; }

  // A box is a stop of the Tab key, and says so, only while it is wider than its place.
  function measure() {
    document.querySelectorAll(".scroll").forEach(function (box) {
      var over = box.scrollWidth > box.clientWidth + 1, before = box.previousElementSibling, cue = before && before.className === "cue" ? before : null;
      box.classList.toggle("over", over);
      if (over) {
        box.tabIndex = 0; box.setAttribute("role", "region"); box.setAttribute("aria-labelledby", box.dataset.named);
        if (!cue) { cue = document.createElement("p"); cue.className = "cue"; cue.textContent = "Wider than the screen: scroll sideways \u2192"; box.before(cue); }
      } else {
        ["tabindex", "role", "aria-labelledby"].forEach(function (name) { box.removeAttribute(name); });
        if (cue) { cue.remove(); }
      }
    });
  }

  // A number becomes a button only here: without scripts the page is plain text.
  document.querySelectorAll("[data-estimate]").forEach(function (place) {
    if (!place.closest("table")) {
      if (!place.closest("svg")) { place.tabIndex = 0; place.setAttribute("role", "button"); place.setAttribute("aria-haspopup", "dialog"); }
      place.addEventListener("click", function () { open(place.dataset.estimate, place); });
      place.addEventListener("keydown", function (event) { if (event.key === "Enter" || event.key === " ") { event.preventDefault(); open(place.dataset.estimate, place); } });
      return;
    }
    var button = document.createElement("button");
    button.type = "button"; button.setAttribute("aria-haspopup", "dialog");
    button.append.apply(button, Array.from(place.childNodes).filter(function (node) { return node.nodeName !== "SUP"; }));
    place.prepend(button);
    button.addEventListener("click", function () { open(place.dataset.estimate, button); });
  });

  // One stop per table with Tab, arrows inside it.
  document.querySelectorAll("table.results").forEach(function (table) {
    var rows = Array.from(table.querySelectorAll("tbody tr")).map(function (row) { return Array.from(row.querySelectorAll("[data-estimate] > button")); }).filter(function (row) { return row.length; });
    var all = [].concat.apply([], rows);
    all.forEach(function (button, place) { button.tabIndex = place ? -1 : 0; });
    table.addEventListener("keydown", function (event) {
      var step = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] }[event.key];
      var at = rows.findIndex(function (row) { return row.indexOf(document.activeElement) >= 0; });
      if (!step || at < 0) { return; }
      var row = rows[Math.min(rows.length - 1, Math.max(0, at + step[0]))];
      var next = row[Math.min(row.length - 1, Math.max(0, rows[at].indexOf(document.activeElement) + step[1]))];
      all.forEach(function (button) { button.tabIndex = -1; });
      next.tabIndex = 0; next.focus(); event.preventDefault();
    });
  });

  measure();
  window.addEventListener("resize", measure);
})();
