// The HTML report is whole without this. It sorts and filters the rows, opens them in place, and copies patches.
(function () {
  "use strict";
  var root = document.documentElement, table = document.querySelector("table"), form = document.querySelector(".controls");
  if (!table || !form) return;
  root.className = "js";
  form.hidden = false;
  var bodies = Array.prototype.slice.call(table.tBodies), count = document.getElementById("count"), filter = document.getElementById("filter");
  var none = document.querySelector(".none"), kinds = form.querySelectorAll("[name=kind]"), rank = {};
  kinds.forEach(function (box, index) { rank[box.value] = index; });
  var rows = bodies.map(function (body, index) {
    var head = body.rows[0].cells[0], besides = body.rows[0].querySelector(".o");
    return { body: body, index: index, kind: body.dataset.kind, text: (head.textContent + " " + (besides ? besides.textContent : "")).toLowerCase(), name: head.firstChild.textContent };
  });

  // What is below a row is text until it is opened: thousands of maps would be slow to read in.
  function unfold(body) {
    var text = body.querySelector("noscript");
    if (!text) return;
    text.parentNode.innerHTML = text.textContent;
    body.querySelector("details").open = true;
  }
  function open(body, is_open) {
    if (is_open) unfold(body);
    body.classList.toggle("open", is_open);
    body.querySelector(".name").setAttribute("aria-expanded", is_open);
  }
  rows.forEach(function (row) { row.body.querySelector(".name").setAttribute("aria-expanded", "false"); });

  function show() {
    var words = filter.value.toLowerCase().split(/\s+/).filter(Boolean), wanted = {}, shown = 0;
    kinds.forEach(function (box) { wanted[box.value] = box.checked; });
    rows.forEach(function (row) {
      var fits = wanted[row.kind] && words.every(function (word) { return row.text.indexOf(word) >= 0; });
      row.body.hidden = !fits;
      shown += fits;
    });
    count.textContent = shown === rows.length ? shown + " records" : shown + " of " + rows.length + " records";
    none.hidden = shown > 0;
  }

  function value(row, key) {
    if (key === "name") return row.name;
    if (key === "kind") return 1e12 * rank[row.kind] - 1e3 * row.body.dataset.heap - row.body.dataset.gain / 1e3;
    return +row.body.dataset[key];
  }
  function sort(head) {
    var key = head.dataset.key, text = key === "name" || key === "kind";
    var up = head.getAttribute("aria-sort") === (text ? "ascending" : "descending") ? !text : text;
    table.querySelectorAll("thead th").forEach(function (other) { other.removeAttribute("aria-sort"); });
    head.setAttribute("aria-sort", up ? "ascending" : "descending");
    rows.forEach(function (row) { row.key = value(row, key); });
    rows.sort(function (a, b) {
      var order = a.key < b.key ? -1 : a.key > b.key ? 1 : 0;
      return (up ? order : -order) || a.index - b.index;
    });
    var all = document.createDocumentFragment();
    rows.forEach(function (row) { all.appendChild(row.body); });
    table.appendChild(all);
  }
  table.querySelectorAll("thead th").forEach(function (head) {
    var button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    head.replaceChildren(button);
    button.addEventListener("click", function () { sort(head); });
  });

  function copy(button) {
    var text = document.getElementById(button.dataset.for).textContent;
    function said(word) {
      button.textContent = word;
      setTimeout(function () { button.textContent = "Copy patch"; }, 2000);
    }
    function by_hand() {
      var area = document.createElement("textarea");
      area.value = text;
      document.body.appendChild(area);
      area.select();
      var done = document.execCommand("copy");
      area.remove();
      button.focus();
      said(done ? "Copied" : "Press Ctrl+C");
    }
    if (navigator.clipboard) navigator.clipboard.writeText(text).then(function () { said("Copied"); }, by_hand);
    else by_hand();
  }
  table.addEventListener("click", function (event) {
    var button = event.target.closest(".copy"), row = event.target.closest(".row");
    if (button) return copy(button);
    if (!row || (String(getSelection()) && !event.target.closest(".name"))) return;
    if (event.target.closest(".name")) event.preventDefault();
    open(row.parentNode, !row.parentNode.classList.contains("open"));
  });

  document.querySelectorAll(".tree a").forEach(function (area) {
    area.addEventListener("click", function (event) {
      event.preventDefault();
      filter.value = area.dataset.file;
      show();
      document.getElementById("records").scrollIntoView();
      filter.focus({ preventScroll: true });
    });
  });
  function follow() {
    var body = /^#r\d+$/.test(location.hash) && document.getElementById(location.hash.slice(1));
    if (!body) return;
    if (body.hidden) clear();
    open(body, true);
    body.scrollIntoView();
  }
  function clear() {
    filter.value = "";
    kinds.forEach(function (box) { box.checked = true; });
    show();
  }
  // On paper the maps are what is wanted: those of the first records that are shown, unless the reader has opened some.
  var printed = [];
  addEventListener("beforeprint", function () {
    if (table.querySelector(".open")) return;
    printed = rows.filter(function (row) { return !row.body.hidden && row.body.dataset.print; }).slice(0, 40);
    printed.forEach(function (row) { open(row.body, true); });
  });
  addEventListener("afterprint", function () {
    printed.forEach(function (row) { open(row.body, false); });
    printed = [];
  });
  document.addEventListener("keydown", function (event) {
    if (event.key === "/" && !/^(INPUT|TEXTAREA)$/.test(event.target.tagName) && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      filter.focus();
    } else if (event.key === "Escape" && event.target === filter) {
      clear();
    }
  });
  form.addEventListener("submit", function (event) { event.preventDefault(); });
  form.addEventListener("input", show);
  document.getElementById("reset").addEventListener("click", clear);
  addEventListener("hashchange", follow);
  show();
  follow();
})();
