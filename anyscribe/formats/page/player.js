// What both pages have: the player, its keys, and what is kept in the browser.

const byId = (id) => document.getElementById(id);
const media = byId("media");
const data = JSON.parse(byId("data").textContent);
const SPEEDS = [0.5, 0.75, 1, 1.25, 1.5, 1.75, 2];
const STEP_S = 5;

function clock(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const pad = (number) => String(number).padStart(2, "0");
  return `${pad(Math.floor(whole / 3600))}:${pad(Math.floor(whole / 60) % 60)}:${pad(whole % 60)}`;
}

function tell(message) {
  byId("status").textContent = message;
}

// Whether a key press is meant for the element that has the focus.
function isTyping(target) {
  return target.isContentEditable || target.matches("input, select, textarea");
}

function makeElement(name, properties, ...children) {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...children);
  return element;
}

// Browsers refuse to keep anything in private windows, on some pages from disk, and when they are full.
function readKept(key) {
  try {
    return JSON.parse(localStorage.getItem(key)) || {};
  } catch {
    return {};
  }
}

function keep(key, value) {
  try {
    if (value === null) localStorage.removeItem(key);
    else localStorage.setItem(key, JSON.stringify(value));
    return true;
  } catch {
    return false;
  }
}

// Playing

let endsAt = Infinity;
// Where to begin once the recording is open.
let waitingFor = null;

function canPlay() {
  return Boolean(media.currentSrc || media.src) && !media.error;
}

function play(from, to = Infinity) {
  endsAt = to;
  if (from !== undefined) seek(from);
  if (canPlay()) media.play().catch(() => {});
}

function seek(seconds) {
  if (media.readyState === 0) waitingFor = seconds;
  else if (media.seekable.length && media.seekable.end(0) > 0) media.currentTime = seconds;
  else loadWhole(seconds);
}

// Simple web servers send no part of a file, so that a player cannot jump in it: then all of it is loaded.
async function loadWhole(seconds) {
  waitingFor = seconds;
  tell("The recording is being loaded.");
  try {
    const whole = await (await fetch(media.src)).blob();
    const isPlaying = !media.paused;
    media.src = URL.createObjectURL(whole);
    if (isPlaying) media.play().catch(() => {});
    tell("");
  } catch {
    tell("The web server does not let the player jump.");
  }
}

function togglePlaying() {
  endsAt = Infinity;
  if (media.paused) play();
  else media.pause();
}

function step(seconds) {
  endsAt = Infinity;
  seek(Math.max(0, media.currentTime + seconds));
}

function setSpeed(rate) {
  media.defaultPlaybackRate = media.playbackRate = rate;
  byId("speed").value = String(rate);
  tell(`Speed ${rate}`);
}

function changeSpeed(by) {
  const at = SPEEDS.indexOf(media.playbackRate) + by;
  if (at >= 0 && at < SPEEDS.length) setSpeed(SPEEDS[at]);
}

function askForRecording(why) {
  byId("why").textContent = why;
  byId("missing").hidden = false;
}

function preparePlayer() {
  for (const speed of SPEEDS) byId("speed").append(makeElement("option", { value: String(speed), textContent: `${speed} ×` }));
  byId("speed").value = "1";
  byId("speed").addEventListener("change", () => setSpeed(Number(byId("speed").value)));
  byId("back").addEventListener("click", () => step(-STEP_S));
  byId("forward").addEventListener("click", () => step(STEP_S));
  media.addEventListener("loadedmetadata", () => {
    byId("missing").hidden = true;
    if (waitingFor !== null) media.currentTime = waitingFor;
    waitingFor = null;
    media.classList.toggle("sound", !media.videoWidth);
  });
  media.addEventListener("timeupdate", () => {
    if (media.currentTime < endsAt || media.paused) return;
    endsAt = Infinity;
    media.pause();
  });
  media.addEventListener("error", () => askForRecording("The recording is not where it was, or this browser cannot play it."));
  byId("choose").addEventListener("change", () => {
    const [file] = byId("choose").files;
    if (file) media.src = URL.createObjectURL(file);
  });
  // The recording may have failed to load before this script ran.
  if (media.error) {
    askForRecording("The recording is not where it was, or this browser cannot play it.");
  }
  new ResizeObserver(measurePlayer).observe(document.querySelector(".player"));
}

function measurePlayer() {
  const height = document.querySelector(".player").offsetHeight;
  document.documentElement.style.setProperty("--player", `${height}px`);
}

// Return whether the key was one of the player's.
function playByKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return false;
  const onControl = event.target.closest("button, summary, a, audio, video") !== null;
  if (event.key === " " && !onControl) togglePlaying();
  else if (event.key === "ArrowLeft" && (event.shiftKey || !onControl)) step(-STEP_S);
  else if (event.key === "ArrowRight" && (event.shiftKey || !onControl)) step(STEP_S);
  else if (event.key === "ArrowUp" && event.shiftKey) changeSpeed(1);
  else if (event.key === "ArrowDown" && event.shiftKey) changeSpeed(-1);
  else return false;
  event.preventDefault();
  return true;
}
