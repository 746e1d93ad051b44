// The page of a review.

const KEY = "anyscribe:review";
const findings = [...document.querySelectorAll(".finding")];
const done = readKept(KEY);
let current = null;

function hearPlace(button) {
  const { media: address, from = "0", to = "Infinity" } = button.dataset;
  // A recording that the reader chose stays for all places in it.
  if (current?.dataset.media !== address) media.src = address;
  current = button;
  for (const finding of findings) finding.classList.toggle("passage", finding.contains(button));
  play(Number(from) / 1000, Number(to) / 1000);
}

function show(finding) {
  const isDone = Boolean(done[finding.dataset.id]);
  finding.classList.toggle("done", isDone);
  finding.querySelector("input").checked = isDone;
  finding.hidden = isDone && byId("open").checked;
}

function move(by) {
  const open = findings.filter((finding) => !finding.hidden);
  if (!open.length) return;
  const at = open.findIndex((finding) => finding === document.activeElement.closest(".finding") || finding.contains(current));
  const next = open[at < 0 ? 0 : (at + by + open.length) % open.length];
  const goal = next.querySelector(".play, a") ?? next.querySelector("input");
  goal.focus({ preventScroll: true });
  goal.scrollIntoView({ block: "center" });
  if (goal.matches(".play")) hearPlace(goal);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest(".play");
  if (button) hearPlace(button);
});
document.addEventListener("change", (event) => {
  const finding = event.target.closest(".finding");
  if (!finding) return;
  if (event.target.checked) done[finding.dataset.id] = 1;
  else delete done[finding.dataset.id];
  if (!keep(KEY, done)) tell("This browser cannot keep what is done.");
  show(finding);
});
byId("open").addEventListener("change", () => findings.forEach(show));
byId("next").addEventListener("click", () => move(1));
byId("previous").addEventListener("click", () => move(-1));
document.addEventListener("keydown", playByKey);

findings.forEach(show);
preparePlayer();
