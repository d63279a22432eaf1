// The list of findings: sort, filter, narrow from the tables above, download what is shown. Without scripts every row stands there.
(function () {
  "use strict";
  var list = document.getElementById("query-list");
  if (!list) { return; }
  var STEP = 200, SEVERITIES = ["error", "warning", "info"], WAITING = ["new", "reopened", "open", "answered"], NOWHERE = "(none)";
  var body = list.tBodies[0], heads = Array.from(list.tHead.rows[0].cells), names = heads.map(function (head) { return head.className; });
  var at = {}; names.forEach(function (name, place) { at[name] = place; });
  var collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });
  function text(node) { return node ? node.textContent : ""; }
  function has(name) { return at[name] !== undefined; }

  var rows = Array.from(body.rows).map(function (row, place) {
    var cells = row.cells, where = cells[at.where].children, given = cells[at.given].children, message = cells[at.message];
    var found = {
      row: row, place: place, id: row.id.slice(2), severity: text(cells[at.severity]), status: text(cells[at.status]), age: has("age") ? text(cells[at.age]) : "",
      record: text(cells[at.record]), site: text(cells[at.site]), form: text(where[0]), instance: text(where[1]), event: text(where[2]), field: text(where[3]),
      label: where[3].title, value: text(given[0]), value_label: text(given[1]), message: text(message.querySelector("span")), comment: text(message.querySelector("em")),
      action: text(message.querySelector("i")), rule: text(message.querySelector("b"))
    };
    found.words = [row.textContent, found.label, found.id].join(" ").toLowerCase();
    return found;
  });
  var shown = rows, limit = STEP, state = {};

  // ---- controls
  var form = document.getElementById("list-filter"), more = document.getElementById("list-more"), controls = {};
  function labelled(title, control) {
    var label = document.createElement("label"), name = document.createElement("span");
    name.textContent = title; label.append(name, control); form.append(label);
    return control;
  }
  function choice(key, title, extra) {
    var counts = {}, select = document.createElement("select");
    rows.forEach(function (entry) { var value = entry[key] || NOWHERE; counts[value] = (counts[value] || 0) + 1; });
    var values = Object.keys(counts).sort(key === "severity" ? function (a, b) { return rank(SEVERITIES, a) - rank(SEVERITIES, b); } : collator.compare);
    if (values.length < 2) { return; }
    [["", "all"]].concat(extra || [], values.map(function (value) { return [value, value + " (" + counts[value] + ")"]; })).forEach(function (entry) {
      var option = document.createElement("option"); option.value = entry[0]; option.textContent = entry[1]; select.append(option);
    });
    controls[key] = labelled(title, select);
  }
  function rank(order, value) { var place = order.indexOf(value); return place < 0 ? order.length : place; }
  function waits(entry) { return ["resolved", "closed", "accepted"].indexOf(entry.status) < 0; }
  var unresolved = rows.filter(waits).length;
  choice("severity", "Severity");
  choice("status", "Status", [["unresolved", "open, of any kind (" + unresolved + ")"]]);
  choice("site", "Site");
  choice("form", "Form");
  choice("rule", "Rule");
  if (has("age")) {
    var age = document.createElement("input"); age.type = "number"; age.min = "0"; age.inputMode = "numeric"; age.placeholder = "0";
    controls.age = labelled("At least so many days old", age);
  }
  var search = document.createElement("input"); search.type = "search"; search.placeholder = "record, field, words";
  controls.text = labelled("With the words", search);
  function button(title, act) {
    var made = document.createElement("button"); made.type = "button"; made.textContent = title; made.addEventListener("click", act);
    return made;
  }
  var actions = document.createElement("p"), said = document.createElement("output");
  actions.className = "actions"; said.setAttribute("role", "status"); said.setAttribute("aria-live", "polite");
  actions.append(said, button("Download these as CSV", download), button("Show all findings", function () { go({}); }));
  form.append(actions);
  form.hidden = false;
  document.querySelectorAll(".scripted").forEach(function (part) { part.hidden = false; });

  // ---- sorting
  var KEYS = {
    severity: function (a, b) { return rank(SEVERITIES, a.severity) - rank(SEVERITIES, b.severity); },
    status: function (a, b) { return rank(WAITING, a.status) - rank(WAITING, b.status) || collator.compare(a.status, b.status); },
    age: function (a, b) { return (Number(a.age) || 0) - (Number(b.age) || 0); },
    record: function (a, b) { return collator.compare(a.record, b.record); },
    site: function (a, b) { return collator.compare(a.site, b.site); },
    where: function (a, b) { return collator.compare(a.form, b.form) || collator.compare(a.event, b.event) || collator.compare(a.field, b.field) || collator.compare(a.instance, b.instance); },
    given: function (a, b) { return collator.compare(a.value, b.value); },
    message: function (a, b) { return collator.compare(a.rule, b.rule) || collator.compare(a.message, b.message); }
  };
  heads.forEach(function (head, place) {
    var made = button("", function () {
      var name = names[place], first = name === "age" ? "down" : "up";
      var order = state.sort !== name ? first : state.order === "down" ? "up" : "down";
      go(Object.assign({}, state, { sort: name, order: order }));
    });
    made.append.apply(made, Array.from(head.childNodes));
    head.append(made);
  });
  function sorted() {
    var compare = KEYS[state.sort];
    heads.forEach(function (head, place) {
      if (compare && names[place] === state.sort) { head.setAttribute("aria-sort", state.order === "down" ? "descending" : "ascending"); } else { head.removeAttribute("aria-sort"); }
    });
    var sign = state.order === "down" ? -1 : 1;
    return rows.slice().sort(function (a, b) { return (compare ? sign * compare(a, b) : 0) || a.place - b.place; });
  }

  // ---- filtering
  function fits(entry, wanted) {
    return ["severity", "site", "form", "rule"].every(function (key) { return !state[key] || state[key] === (entry[key] || NOWHERE); })
      && (!state.status || (state.status === "unresolved" ? waits(entry) : state.status === entry.status))
      && (!state.age || (Number(entry.age) || 0) >= Number(state.age))
      && wanted.every(function (word) { return entry.words.indexOf(word) >= 0; });
  }
  function grouped(value) { return value < 10000 ? String(value) : String(value).replace(/\B(?=(\d{3})+$)/g, ","); }
  var order = "undefined undefined";
  function draw() {
    var key = state.sort + " " + state.order, ordered = sorted(), wanted = (state.text || "").toLowerCase().split(/\s+/).filter(Boolean);
    if (key !== order) { var all = document.createDocumentFragment(); ordered.forEach(function (entry) { all.append(entry.row); }); body.append(all); order = key; }
    shown = ordered.filter(function (entry) { return fits(entry, wanted); });
    rows.forEach(function (entry) { entry.row.hidden = true; entry.row.className = ""; });
    shown.forEach(function (entry, place) { entry.row.hidden = false; entry.row.className = place < limit ? "" : "later"; });
    said.textContent = shown.length === rows.length ? "All " + grouped(rows.length) + " findings match" : grouped(shown.length) + " of " + grouped(rows.length) + " findings match";
    if (shown.length > limit) { said.textContent += "; the first " + grouped(limit) + " are on the screen"; }
    more.textContent = ""; more.hidden = shown.length <= limit;
    if (!more.hidden) {
      more.append(button("Show " + grouped(Math.min(STEP, shown.length - limit)) + " more", function () { limit += STEP; draw(); }), " ",
        button("Show all " + grouped(shown.length), function () { limit = shown.length; draw(); }));
    }
    Object.keys(controls).forEach(function (name) { if (controls[name].value !== (state[name] || "")) { controls[name].value = state[name] || ""; } });
  }

  // ---- the state is in the address: a list can be sent on
  function written(wanted) {
    var parts = Object.keys(wanted).filter(function (key) { return wanted[key]; }).map(function (key) { return encodeURIComponent(key) + "=" + encodeURIComponent(wanted[key]); });
    return parts.length ? "#list&" + parts.join("&") : "#queries";
  }
  function read() {
    var found = {};
    if (location.hash.indexOf("#list&") !== 0) { return null; }
    location.hash.slice(6).split("&").forEach(function (part) {
      var cut = part.indexOf("=");
      if (cut > 0) { found[decode(part.slice(0, cut))] = decode(part.slice(cut + 1)); }
    });
    return found;
  }
  function decode(part) { try { return decodeURIComponent(part.replace(/\+/g, " ")); } catch (error) { return part; } }
  function go(wanted) {
    state = wanted; limit = STEP;
    try { history.replaceState(null, "", written(state)); } catch (error) { /* a page opened without an address has no state to keep */ }
    draw();
  }
  Object.keys(controls).forEach(function (name) {
    controls[name].addEventListener(controls[name].tagName === "SELECT" ? "change" : "input", function () {
      var next = Object.assign({}, state); next[name] = controls[name].value; go(next);
    });
  });
  form.addEventListener("submit", function (event) { event.preventDefault(); });
  function arrive(move) {
    var wanted = read();
    if (!wanted) { return; }
    state = wanted; limit = STEP; draw();
    var title = document.getElementById("queries-title");
    title.scrollIntoView(); if (move) { title.focus({ preventScroll: true }); }
  }
  window.addEventListener("hashchange", function () { arrive(true); });
  document.querySelectorAll("[data-list]").forEach(function (place) {
    var link = document.createElement("a");
    link.href = "#list&" + place.dataset.list;
    link.append.apply(link, Array.from(place.childNodes));
    place.append(link);
    link.addEventListener("click", function () { if (location.hash === link.getAttribute("href")) { arrive(true); } });
  });

  // ---- what is shown, as a file
  function cell(value) {
    // What a spreadsheet program may take for a formula gets an apostrophe; a plain number stays.
    var formula = /^[ \u00a0\u3000]*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/.test(value);
    var safe = formula && !/^[-+]?([0-9]+[.,]?[0-9]*|[.,][0-9]+)([eE][-+]?[0-9]+)?$/.test(value) ? "'" + value : value;
    return /[",\r\n]/.test(safe) ? '"' + safe.replace(/"/g, '""') + '"' : safe;
  }
  function table() {
    var columns = [["query_id", "id"], ["severity"], ["status"], ["age_days", "age"], ["record"], ["site"], ["event"], ["instrument", "form"], ["instance"], ["field"], ["label"], ["value"],
      ["value_label"], ["rule"], ["message"], ["action"], ["comment"]].filter(function (column) { return column[0] !== "age_days" || has("age"); });
    return [columns.map(function (column) { return column[0]; })].concat(shown.map(function (entry) {
      return columns.map(function (column) { return cell(entry[column[1] || column[0]]); });
    })).map(function (line) { return line.join(","); }).join("\r\n") + "\r\n";
  }
  function download() {
    var link = document.createElement("a"), address = URL.createObjectURL(new Blob(["\ufeff", table()], { type: "text/csv;charset=utf-8" }));
    link.href = address; link.download = (state.site && state.site !== NOWHERE ? "findings-" + state.site.replace(/[^A-Za-z0-9_-]+/g, "-") : "findings") + ".csv";
    document.body.append(link); link.click(); link.remove();
    setTimeout(function () { URL.revokeObjectURL(address); }, 1000);
  }

  draw();
  arrive(false);
})();
