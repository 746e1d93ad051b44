// The page to read along.

const text = byId("text");
const units = [...text.querySelectorAll("[data-m], [data-w]")];
const numberOf = new Map(units.map((unit, number) => [unit, number]));
const KEY = `anyscribe:${data.id}`;
const MOST_HITS = 200;

// Times, in milliseconds, in the order in which words are said: two speakers may overlap.
const timed = units.filter((unit) => unit.dataset.m !== undefined).map((unit) => {
  const start = Number(unit.dataset.m);
  return { unit, start, end: start + Math.max(1, Number(unit.dataset.d)) };
}).sort((one, other) => one.start - other.start);
const latestEnds = [];
for (const { end } of timed) latestEnds.push(Math.max(end, latestEnds.at(-1) ?? 0));

// Return how many words begin until then.
function countUntil(ms) {
  let low = 0;
  let high = timed.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (timed[middle].start <= ms) low = middle + 1;
    else high = middle;
  }
  return low;
}

// The word that is said

const SHORT_PAUSE_MS = 1000;
const OWN_SCROLL_MS = 1000;
const wantsLessMotion = matchMedia("(prefers-reduced-motion: reduce)");
let said = [];
let follows = true;
let scrolledAt = -Infinity;

function saidAt(ms) {
  const found = [];
  const last = countUntil(ms) - 1;
  for (let at = last; at >= 0 && latestEnds[at] > ms; at--) if (timed[at].end > ms) found.push(timed[at].unit);
  if (!found.length && last >= 0 && ms - timed[last].end < SHORT_PAUSE_MS) found.push(timed[last].unit);
  return found;
}

function light() {
  const now = saidAt(Math.round(media.currentTime * 1000));
  if (now.length === said.length && now.every((unit, at) => unit === said[at])) return;
  for (const unit of said) unit.classList.remove("said");
  for (const unit of now) unit.classList.add("said");
  said = now;
  if (said.length && follows && !media.paused) keepInView(said[0]);
}

function isInView(unit) {
  const { top, bottom } = unit.getBoundingClientRect();
  return top >= document.querySelector(".player").getBoundingClientRect().bottom && bottom <= innerHeight;
}

function keepInView(unit) {
  const { top, bottom } = unit.getBoundingClientRect();
  const upper = document.querySelector(".player").offsetHeight + 16;
  if (top >= upper && bottom <= innerHeight * 0.8) return;
  show(unit, top > -innerHeight && bottom < 2 * innerHeight);
}

function show(unit, isNear = false) {
  scrolledAt = performance.now();
  unit.scrollIntoView({ block: "center", behavior: isNear && !wantsLessMotion.matches ? "smooth" : "instant" });
}

function setFollows(value) {
  follows = value;
  byId("follow").hidden = value || media.paused;
}

let isLighting = false;

function lightWhilePlaying() {
  light();
  isLighting = !media.paused;
  if (isLighting) requestAnimationFrame(lightWhilePlaying);
}

// The reader scrolls, unless it is the page itself.
function noticeScroll() {
  if (said.length && performance.now() - scrolledAt > OWN_SCROLL_MS) setFollows(isInView(said[0]));
}

addEventListener("scroll", noticeScroll, { passive: true });
// A turned or resized window lays the text out anew, and scrolls it: that is no wish of the reader's.
addEventListener("resize", () => {
  scrolledAt = performance.now();
  if (said.length && follows && !media.paused && !isInView(said[0])) show(said[0]);
});
for (const kind of ["wheel", "touchmove"]) {
  addEventListener(kind, () => {
    scrolledAt = -Infinity;
  }, { passive: true });
}
addEventListener("scrollend", () => {
  scrolledAt = -Infinity;
  noticeScroll();
});

byId("follow").addEventListener("click", () => {
  setFollows(true);
  if (said.length) show(said[0]);
});
media.addEventListener("play", () => {
  if (!isLighting) lightWhilePlaying();
  setFollows(follows);
});
media.addEventListener("pause", () => setFollows(true));
media.addEventListener("seeked", light);

// One word at a time can be reached with Tab; to those who hear the page, it is a button.

let stop = null;

function moveStop(unit, focuses = true) {
  if (stop) {
    stop.removeAttribute("tabindex");
    stop.removeAttribute("role");
  }
  stop = unit;
  unit.tabIndex = 0;
  unit.setAttribute("role", "button");
  if (focuses) unit.focus({ preventScroll: isInView(unit) });
}

function hear(unit) {
  if (unit.dataset.m === undefined) return;
  setFollows(true);
  play(Number(unit.dataset.m) / 1000);
}

function moveByKey(event, unit) {
  const number = numberOf.get(unit);
  const paragraph = unit.closest("p");
  const own = [...paragraph.querySelectorAll("[data-m], [data-w]")];
  const isRightToLeft = (paragraph.dir || text.dir) === "rtl";
  const forward = isRightToLeft ? "ArrowLeft" : "ArrowRight";
  const backward = isRightToLeft ? "ArrowRight" : "ArrowLeft";
  const goals = {
    [forward]: () => units[number + 1],
    [backward]: () => units[number - 1],
    ArrowDown: () => paragraph.nextElementSibling?.querySelector("[data-m], [data-w]"),
    ArrowUp: () => paragraph.previousElementSibling?.querySelector("[data-m], [data-w]"),
    Home: () => own[0],
    End: () => own.at(-1),
  };
  const goal = goals[event.key]?.();
  if (goal) moveStop(goal);
  return event.key in goals;
}

document.addEventListener("keydown", (event) => {
  const unit = event.target instanceof Element && numberOf.has(event.target) ? event.target : null;
  const isPlain = !event.shiftKey && !event.ctrlKey && !event.metaKey && !event.altKey;
  if (unit && isPlain) {
    if (event.key === "Enter") (isEditing() ? edit : hear)(unit);
    else if (event.key === "F2") edit(unit);
    else if (!moveByKey(event, unit)) return void playByKey(event);
    event.preventDefault();
    return;
  }
  playByKey(event);
});

text.addEventListener("click", (event) => {
  const unit = event.target.closest("[data-m], [data-w]");
  // A click at the end of a selection is no wish to hear a word.
  if (!unit || event.target.closest("input") || !getSelection().isCollapsed) return;
  moveStop(unit, !isEditing());
  if (isEditing()) edit(unit);
  else hear(unit);
});
text.addEventListener("dblclick", (event) => {
  const unit = event.target.closest("[data-m], [data-w]");
  if (unit && !event.target.closest("input")) edit(unit);
});

// Corrections, which are kept in this browser

const kept = { words: {}, names: {}, ...readKept(KEY) };
const history = [];
const originals = new Map();
let isUnsaved = false;

function isEditing() {
  return document.body.classList.contains("editing");
}

function keepChanges() {
  const isEmpty = !Object.keys(kept.words).length && !Object.keys(kept.names).length;
  isUnsaved = !keep(KEY, isEmpty ? null : kept);
  if (isUnsaved) tell("This browser cannot keep changes: download them before you leave.");
  byId("undo").disabled = !history.length;
}

function write(unit, content) {
  if (!originals.has(unit)) originals.set(unit, unit.textContent);
  const number = numberOf.get(unit);
  unit.textContent = content;
  const isChanged = content !== originals.get(unit);
  if (isChanged) kept.words[number] = content;
  else delete kept.words[number];
  unit.classList.toggle("changed", isChanged);
  unit.classList.toggle("gone", !content);
  searchable = {};
}

function change(unit, content) {
  if (content === unit.textContent) return;
  history.push([unit, unit.textContent]);
  write(unit, content);
  keepChanges();
  countPlaces();
}

function edit(unit) {
  media.pause();
  const input = makeElement("input", { type: "text", value: unit.textContent, size: Math.max(4, unit.textContent.length), spellcheck: true });
  input.setAttribute("aria-label", "Correct the word");
  let isOpen = true;
  const close = (isKept, next) => {
    if (!isOpen) return;
    isOpen = false;
    const content = input.value.trim().replace(/\s+/g, " ");
    unit.hidden = false;
    input.remove();
    if (isKept) change(unit, content);
    if (next) edit(next);
    else moveStop(unit, next === null);
  };
  input.addEventListener("blur", () => close(true, undefined));
  input.addEventListener("keydown", (event) => {
    const next = units[numberOf.get(unit) + (event.shiftKey ? -1 : 1)];
    if (event.isComposing) return;
    if (event.key === "Enter") close(true, null);
    else if (event.key === "Escape") close(false, null);
    else if (event.key === "Tab" && next) close(true, next);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  unit.hidden = true;
  unit.after(input);
  input.focus();
  input.select();
}

byId("edit").addEventListener("click", () => {
  const isOn = document.body.classList.toggle("editing");
  byId("edit").setAttribute("aria-pressed", String(isOn));
  tell(isOn ? "Click a word to correct it" : "");
});
byId("undo").addEventListener("click", () => {
  const [target, former] = history.pop();
  if (target instanceof Element) write(target, former);
  else rename(target, former);
  keepChanges();
});
byId("discard").addEventListener("click", () => {
  if (!confirm("Discard all changes that you made to this transcript in this browser?")) return;
  for (const unit of originals.keys()) write(unit, originals.get(unit));
  data.speakers.forEach((name, number) => rename(number, name));
  history.length = 0;
  keepChanges();
  listPlaces();
});
addEventListener("beforeunload", (event) => {
  if (isUnsaved) event.preventDefault();
});

// Speakers

function nameOf(number) {
  return kept.names[number] ?? data.speakers[number];
}

function rename(number, name) {
  if (name === data.speakers[number]) delete kept.names[number];
  else kept.names[number] = name;
  for (const who of text.querySelectorAll(`[data-s="${number}"] .who bdi`)) who.textContent = name;
  const input = byId(`speaker-${number}`);
  if (input.value !== name) input.value = name;
}

function listSpeakers() {
  byId("people").hidden = !data.speakers.length;
  data.speakers.forEach((speaker, number) => {
    const input = makeElement("input", { type: "text", id: `speaker-${number}`, value: nameOf(number), autocomplete: "off" });
    input.addEventListener("change", () => {
      const name = input.value.trim() || speaker;
      history.push([number, nameOf(number)]);
      rename(number, name);
      keepChanges();
    });
    byId("names").append(makeElement("label", {}, `Name of ${speaker} `, input));
    if (kept.names[number] !== undefined) rename(number, kept.names[number]);
  });
}

// What is downloaded: the members of verbose_json, as `anyscribe render` takes them

function wordsOf(unit, speaker) {
  const content = unit.textContent;
  const start = Number(unit.dataset.m);
  const length = Number(unit.dataset.d);
  const isChanged = kept.words[numberOf.get(unit)] !== undefined;
  // A word that became several is divided by its letters.
  return [...content.matchAll(/\S+/g)].map((found) => {
    const from = start + length * found.index / content.length;
    const to = start + length * (found.index + found[0].length) / content.length;
    const word = { word: found[0], start: Math.round(from) / 1000, end: Math.round(to) / 1000 };
    if (unit.dataset.p !== undefined && !isChanged) word.probability = Number(unit.dataset.p);
    if (speaker !== undefined) word.speaker = speaker;
    word.timing = found[0] === content ? unit.dataset.t ?? "server" : "estimated";
    if (unit.dataset.c !== undefined && !isChanged) word.confidence = Number(unit.dataset.c);
    return word;
  });
}

function transcriptNow() {
  const said = { task: data.task, language: data.language, duration: data.duration, text: "", segments: [], words: [] };
  for (const paragraph of text.querySelectorAll("p")) {
    const parts = [...paragraph.querySelectorAll(".s")];
    const speaker = paragraph.dataset.s === undefined ? undefined : nameOf(paragraph.dataset.s);
    let content = "";
    for (const part of parts) {
      const own = [...part.querySelectorAll("[data-m]")];
      const words = part.textContent.trim().replace(/\s+/g, " ");
      const joint = part.previousSibling?.nodeType === Node.TEXT_NODE ? part.previousSibling.data : "";
      content += words && content ? joint + words : words;
      if (!own.length || !words) continue;
      const start = Math.min(...own.map((unit) => Number(unit.dataset.m)));
      const end = Math.max(...own.map((unit) => Number(unit.dataset.m) + Number(unit.dataset.d)));
      const segment = { id: said.segments.length, start: start / 1000, end: end / 1000, text: words };
      if (speaker !== undefined) segment.speaker = speaker;
      said.segments.push(segment);
      if (data.hasWords) said.words.push(...own.flatMap((unit) => wordsOf(unit, speaker)));
    }
    said.text += content && said.text ? (paragraph.dataset.joint ?? " ") + content : content;
  }
  if (!said.words.length) delete said.words;
  return said;
}

byId("save").addEventListener("click", () => {
  const blob = new Blob([`${JSON.stringify(transcriptNow())}\n`], { type: "application/json" });
  const link = makeElement("a", { href: URL.createObjectURL(blob), download: `${data.title}.json` });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  isUnsaved = false;
});

// Search

let searchable = {};
let hits = [];

function plain(content, keepsMarks) {
  const small = content.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  return keepsMarks ? small : small.replace(/[\p{P}\p{S}]/gu, "");
}

// What stands between a word and the one before it: a space, or nothing in scripts without spaces.
function between(unit) {
  let node = unit.previousSibling;
  while (node instanceof Element && node.matches(".flag")) node = node.previousSibling;
  node ??= unit.parentElement.previousSibling ?? document.createTextNode(" ");
  return node.nodeType === Node.TEXT_NODE ? node.data.replace(/\s+/g, " ") : "";
}

// The text as it is searched, and where in it each word begins.
function searched(keepsMarks) {
  if (searchable[keepsMarks]) return searchable[keepsMarks];
  const parts = [];
  const begins = [];
  let length = 0;
  const add = (part) => {
    // A mark that stands by itself leaves two spaces.
    const rest = part.startsWith(" ") && parts.at(-1)?.endsWith(" ") ? part.slice(1) : part;
    if (rest) parts.push(rest);
    length += rest.length;
  };
  for (const unit of units) {
    if (length) add(between(unit));
    begins.push(length);
    add(plain(unit.textContent, keepsMarks));
  }
  searchable[keepsMarks] = { content: parts.join(""), begins };
  return searchable[keepsMarks];
}

function unitAt(begins, index) {
  let low = 0;
  let high = begins.length;
  while (low + 1 < high) {
    const middle = (low + high) >> 1;
    if (begins[middle] <= index) low = middle;
    else high = middle;
  }
  return low;
}

function findPlaces(query, keepsMarks) {
  const { content, begins } = searched(keepsMarks);
  const found = [];
  let at = query ? content.indexOf(query) : -1;
  let count = 0;
  for (; at >= 0; at = content.indexOf(query, at + query.length)) {
    count += 1;
    if (found.length < MOST_HITS) found.push([unitAt(begins, at), unitAt(begins, at + query.length - 1)]);
  }
  return { found, count };
}

function search() {
  const typed = byId("query").value;
  // Marks do not matter, unless nothing else is looked for.
  const keepsMarks = !/[\p{L}\p{N}]/u.test(typed);
  const query = plain(typed, keepsMarks).trim().replace(/\s+/g, " ");
  for (const [first, last] of hits) for (let at = first; at <= last; at++) units[at].classList.remove("hit");
  const { found, count } = findPlaces(query, keepsMarks);
  hits = found;
  for (const [first, last] of hits) for (let at = first; at <= last; at++) units[at].classList.add("hit");
  byId("count").textContent = query ? `${count || "no"} ${count === 1 ? "place" : "places"}${count > MOST_HITS ? `, the first ${MOST_HITS} are listed` : ""}` : "";
  byId("hits").replaceChildren(...hits.map(listedHit));
}

function around(first, last) {
  const words = (from, to) => units.slice(Math.max(0, from), to).map((unit) => between(unit) + unit.textContent).join("");
  return [words(first - 4, first), makeElement("mark", {}, words(first, last + 1)), words(last + 1, last + 5)];
}

function listedHit([first, last]) {
  const unit = units[first];
  const time = unit.dataset.m === undefined ? "" : `${clock(Number(unit.dataset.m) / 1000)} `;
  const button = makeElement("button", { type: "button" }, makeElement("span", { className: "time" }, time), ...around(first, last));
  button.dataset.unit = first;
  return makeElement("li", {}, button);
}

function goTo(unit) {
  setFollows(true);
  if (unit.dataset.m !== undefined) seek(Number(unit.dataset.m) / 1000);
  show(unit);
  moveStop(unit);
}

let searchesAt = 0;
byId("query").addEventListener("input", () => {
  clearTimeout(searchesAt);
  searchesAt = setTimeout(search, 150);
});
byId("search").addEventListener("submit", (event) => {
  event.preventDefault();
  clearTimeout(searchesAt);
  search();
  if (hits.length) goTo(units[hits[0][0]]);
});
byId("hits").addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button) goTo(units[button.dataset.unit]);
});

// Places to check: what the program found, and words that it is not sure of

function firstFrom(ms) {
  const at = timed.findIndex(({ end }) => end > ms);
  return timed[at < 0 ? timed.length - 1 : at]?.unit;
}

const places = [];

function flagFindings() {
  for (const link of byId("places").querySelectorAll("a")) {
    const unit = firstFrom(Number(link.dataset.from));
    if (!unit) continue;
    places.push({ unit, from: Number(link.dataset.from), item: link.parentElement });
    const flag = makeElement("a", { className: "flag", href: link.hash, tabIndex: -1 });
    flag.setAttribute("aria-label", `To check: ${link.parentElement.textContent}`);
    unit.before(flag);
  }
}

// Return unsure words, those that follow each other together.
function unsureRuns() {
  const runs = [];
  for (const unit of text.querySelectorAll(".u")) {
    const last = runs.at(-1)?.at(-1);
    const isNext = last && numberOf.get(unit) === numberOf.get(last) + 1 && unit.closest("p") === last.closest("p");
    if (isNext) runs.at(-1).push(unit);
    else runs.push([unit]);
  }
  return runs;
}

function whyUnsure(run) {
  const least = (name) => Math.min(...run.map((unit) => Number(unit.dataset[name] ?? 1)));
  const percent = (share) => `${Math.round(100 * share)} %`;
  return least("p") <= least("c") ? `heard with ${percent(least("p"))}` : `the time is right with ${percent(least("c"))}`;
}

function listPlaces() {
  for (const { item, isWord } of places) if (isWord) item.remove();
  const findings = places.filter((place) => !place.isWord);
  places.length = 0;
  places.push(...findings);
  for (const run of unsureRuns()) {
    const from = Number(run[0].dataset.m);
    const link = makeElement("a", { href: `#t=${from / 1000}`, textContent: clock(from / 1000) });
    const words = run.map((unit, at) => (at ? between(unit) : "") + unit.textContent).join("");
    const item = makeElement("li", {}, link, " “", makeElement("bdi", {}, words), `” ${whyUnsure(run)}`);
    places.push({ unit: run[0], from, isWord: true, item });
  }
  places.sort((one, other) => one.from - other.from);
  byId("places").prepend(...places.map(({ item }) => item));
  countPlaces();
}

function countPlaces() {
  const open = places.filter(({ unit, isWord }) => !(isWord && unit.classList.contains("changed")));
  byId("left").textContent = String(byId("places").children.length - places.length + open.length);
  byId("check").hidden = !byId("places").children.length;
}

let place = -1;

function goToPlace(by) {
  if (!places.length) return;
  place = (place + by + places.length) % places.length;
  const { unit, item } = places[place];
  for (const other of places) other.item.classList.toggle("passage", other.item === item);
  item.scrollIntoView({ block: "nearest" });
  goTo(unit);
  tell(item.textContent);
}

byId("next").addEventListener("click", () => goToPlace(1));
byId("previous").addEventListener("click", () => goToPlace(place < 0 ? 0 : -1));
byId("places").addEventListener("click", (event) => {
  const at = places.findIndex(({ item }) => item.contains(event.target));
  if (event.target.closest("a") && at >= 0) place = at;
});

// Passages by their address: #t=12.3,45.6

function showPassage() {
  const found = /^#t=(\d*\.?\d*)(?:,(\d+\.?\d*))?$/.exec(location.hash);
  for (const unit of text.querySelectorAll(".passage")) unit.classList.remove("passage");
  if (!found || !timed.length) return;
  const from = Number(found[1] || 0);
  const to = found[2] === undefined ? null : Number(found[2]);
  if (to !== null) for (const { unit, start } of timed) if (start >= from * 1000 && start < to * 1000) unit.classList.add("passage");
  seek(from);
  endsAt = to ?? Infinity;
  const unit = firstFrom(from * 1000);
  show(unit);
  moveStop(unit, false);
}

addEventListener("hashchange", showPassage);
document.addEventListener("click", (event) => {
  const link = event.target.closest('a[href^="#t="]');
  if (!link) return;
  event.preventDefault();
  window.history.replaceState(null, "", link.hash);
  showPassage();
  play(undefined, endsAt);
});

// Return the first and last word that is selected; without a selection, the sentence of the current word.
function passage() {
  const selection = getSelection();
  if (!selection.isCollapsed && text.contains(selection.anchorNode)) {
    const chosen = timed.filter(({ unit }) => selection.containsNode(unit, true));
    if (chosen.length) return chosen;
  }
  const unit = said[0] ?? stop;
  const segment = unit?.closest(".s");
  return timed.filter((one) => one.unit.closest(".s") === segment);
}

byId("share").addEventListener("click", async () => {
  const chosen = passage();
  if (!chosen.length) return void tell("Select the words to share first.");
  const from = chosen[0].start / 1000;
  const to = Math.max(...chosen.map(({ end }) => end)) / 1000;
  window.history.replaceState(null, "", `#t=${from},${to}`);
  showPassage();
  try {
    await navigator.clipboard.writeText(location.href);
    tell(`The address of ${clock(from)}–${clock(to)} is copied.`);
  } catch {
    tell(`The address of ${clock(from)}–${clock(to)} is in the address bar.`);
  }
});

for (const [number, content] of Object.entries(kept.words)) if (units[number]) write(units[number], content);
listSpeakers();
flagFindings();
listPlaces();
preparePlayer();
if (!media.getAttribute("src")) askForRecording("This page does not know where the recording is.");
if (units.length) moveStop(timed[0]?.unit ?? units[0], false);
showPassage();
