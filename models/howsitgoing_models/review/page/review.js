// The page: shows one face after another and sends what the reviewer says. All addresses are those of the program on this machine.

const at = id => document.getElementById(id);
const AGAIN_MS = 1500;
const EMOTIONS_ONLY = choice => choice.value !== "unreadable";

const token = takeToken();
let about;                      // choices, and when the network's guess is shown
let reviewer = "";
let face = null;                // handle of the one on the page
let guess = null;               // what the network says of it, once it may be seen
let busy = true;                // nothing can be chosen before the face is there to be seen
const pictures = new Map();     // handle -> promise of an object URL; in this page's memory alone

// The token comes behind the # of the address, which browsers send to nobody, and is taken off it.
function takeToken() {
  if (location.hash.length > 1) {
    sessionStorage.setItem("token", location.hash.slice(1));
    history.replaceState(null, "", location.pathname);
  }
  return sessionStorage.getItem("token") ?? "";
}

class Refused extends Error {
  constructor(status, words) {
    super(words);
    this.status = status;
  }
}

async function ask(path, body) {
  const request = { headers: { Authorization: `Bearer ${token}` } };
  if (body !== undefined) {
    request.method = "POST";
    request.headers["Content-Type"] = "application/json";
    request.body = JSON.stringify({ as: reviewer, ...body });
  }
  let answer;
  try {
    answer = await fetch(path, request);
  } catch {
    throw new Refused(0, "The review program has ended on this machine. Start it again, and open the address that it prints.");
  }
  if (!answer.ok) throw new Refused(answer.status, (await answer.json().catch(() => ({}))).error ?? answer.statusText);
  return answer;
}

const json = async (path, body) => (await ask(path, body)).json();
const following = () => json(`/api/next?as=${encodeURIComponent(reviewer)}`);
const pause = () => new Promise(done => setTimeout(done, AGAIN_MS));

function picture(handle) {
  if (!pictures.has(handle)) {
    const fetched = ask(`/api/faces/${handle}/picture`).then(answer => answer.blob()).then(URL.createObjectURL);
    fetched.catch(() => pictures.delete(handle));
    pictures.set(handle, fetched);
  }
  return pictures.get(handle);
}

function forgetPictures(kept) {
  for (const [handle, url] of pictures) {
    if (kept.includes(handle)) continue;
    pictures.delete(handle);
    url.then(URL.revokeObjectURL, () => {});
  }
}

// Waits for what is away, goes past what is gone, and says either.
async function show(answer, before = null) {
  for (;;) {
    tell(answer.status);
    const [first, second] = answer.faces;
    if (first === undefined) {
      nothing(answer.status);
      return;
    }
    try {
      const url = await picture(first);
      at("face").src = url;
      await at("face").decode();
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      if (error.status === 410) {
        answer = await following();
        continue;
      }
      problem(error.message);
      if (error.status === 0) return;
      await pause();
      continue;
    }
    forgetPictures([first, second, before]);
    if (second) picture(second).catch(() => {});
    face = first;
    at("desk").hidden = false;
    at("nothing").hidden = true;
    at("face").classList.remove("waiting");
    showGuess(answer.known);
    ready(true);
    return;
  }
}

function ready(yes) {
  busy = !yes;
  for (const button of document.querySelectorAll("#desk button")) button.disabled = !yes;
}

// One thing at a time: what is pressed meanwhile is meant for no face that was seen.
async function act(what, words) {
  if (busy) return;
  ready(false);
  const [was, url] = [face, face && await picture(face).catch(() => null)];
  try {
    const answer = await what();
    at("face").classList.add("waiting");
    if (words) last(url, words(answer));
    await show(answer, was);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    at("face").classList.remove("waiting");
    problem(error.message);
    if (error.status === 410) await show(await following());
    else if (error.status !== 0) ready(true);
  }
}

const words = value => about.choices.find(choice => choice.value === value)?.words ?? value;
const percent = share => `${Math.round(100 * share)} %`;
const looks = said => (about.choices.some(choice => choice.value === said.emotion)
  ? `looks ${words(said.emotion)}, ${percent(said.confidence)}` : "is not sure");

function vote(value) {
  const target = face;
  return act(() => json(`/api/faces/${target}/vote`, { value }), answer => {
    const theirs = answer.prediction && !guess ? ` The network: ${looks(answer.prediction)}.` : "";
    return ["You said ", words(value), `.${theirs}`];
  });
}

const skip = () => {
  const target = face;
  return act(() => json(`/api/faces/${target}/skip`, {}), () => ["", "Skipped", ". It comes again next time."]);
};

async function undo() {
  if (at("desk").hidden && !at("nothing").hidden) busy = false;
  await act(async () => {
    const answer = await json("/api/undo", {});
    at("last").hidden = true;
    at("said").textContent = "Taken back.";
    return answer;
  });
}

async function askNetwork() {
  if (busy || guess || about.shown === "never") return;
  try {
    showGuess((await json(`/api/faces/${face}/prediction`, {})).prediction);
    at("said").textContent = `The network: ${looks(guess)}.`;
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    problem(error.message);
  }
}

function accept() {
  if (guess && about.choices.some(choice => choice.value === guess.emotion)) return vote(guess.emotion);
}

function showGuess(said) {
  guess = said;
  at("network").hidden = about.shown === "never";
  at("asked").hidden = said !== null;
  at("told").hidden = said === null;
  if (said === null) return;
  at("guess").textContent = `The network: ${looks(said)}`;
  at("accept").hidden = !about.choices.some(choice => choice.value === said.emotion);
  const lines = about.choices.filter(EMOTIONS_ONLY).map(({ value, words }) => {
    const line = document.createElement("li"), name = document.createElement("span");
    const score = document.createElement("div"), bar = document.createElement("div"), number = document.createElement("span");
    line.className = value === said.emotion ? "first" : "";
    name.textContent = words;
    score.className = "score";
    bar.style.width = `${100 * said.scores[value]}%`;
    number.className = "percent";
    number.textContent = percent(said.scores[value]);
    score.append(bar);
    line.append(name, score, number);
    return line;
  });
  at("scores").replaceChildren(...lines);
}

function last(url, [before, bold, after]) {
  const strong = document.createElement("b");
  strong.textContent = bold;
  at("last").hidden = false;
  at("last-face").hidden = !url;
  if (url) at("last-face").src = url;
  at("last-words").replaceChildren(before, strong, after);
  at("said").textContent = `${before}${bold}${after}`;
}

function problem(text) {
  at("problem").hidden = !text;
  if (at("problem").textContent !== text) at("problem").textContent = text;
}

const kappa = value => value === null ? "–" : value.toFixed(2);

function tell(status) {
  const { progress, agreement } = status;
  const all = progress.done + progress.left;
  at("bar").setAttribute("aria-valuemax", all);
  at("bar").setAttribute("aria-valuenow", progress.done);
  at("bar").firstElementChild.style.width = `${all ? 100 * progress.done / all : 0}%`;
  const parts = [`${progress.done} of ${all}${status.finished ? "" : "+"}`];
  if (progress.skipped) parts.push(`${progress.skipped} skipped`);
  if (progress.contested) parts.push(`${progress.contested} disputed`);
  at("progress").textContent = parts.join(" · ");
  const waiting = status.waiting > 1 ? `${status.waiting} labels wait on this machine.` : "";
  const lost = status.lost ? `${status.lost} faces were erased meanwhile; their labels went with them.` : "";
  problem([...status.problems, status.problems.length ? waiting : "", lost].filter(text => text).join(" "));
  at("agreement-words").textContent = agreement.faces
    ? `Agreement κ ${kappa(agreement.kappa)} on ${agreement.faces} ${agreement.faces === 1 ? "face" : "faces"}`
    : "No face judged by two yet";
  at("pairs").replaceChildren(...agreement.pairs.map(pair => {
    const line = document.createElement("tr");
    line.append(...[`${pair.first}, ${pair.second}`, pair.faces, kappa(pair.kappa)].map(text => {
      const cell = document.createElement("td");
      cell.textContent = text;
      return cell;
    }));
    return line;
  }));
}

function nothing(status) {
  const { done, skipped } = status.progress;
  face = null;
  ready(false);
  at("desk").hidden = true;
  at("nothing").hidden = false;
  at("back").hidden = done + skipped === 0;
  at("nothing-title").textContent = status.finished ? "Nothing is left for you" : "More faces are coming …";
  at("nothing-words").textContent = status.finished
    ? `You have judged ${done} of what was read${skipped ? `, and skipped ${skipped}, which come again next time` : ""}. Thank you.`
    : "They are being read.";
  at("nothing").focus();
}

// While nobody presses anything, too: Firestore goes and comes back, and faces are read.
async function watch() {
  for (;;) {
    await pause();
    if (!reviewer || (busy && at("nothing").hidden)) continue;
    try {
      const answer = await following();
      if (!at("nothing").hidden && answer.faces.length) await show(answer);
      else if (!busy || !at("nothing").hidden) tell(answer.status);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      problem(error.message);
    }
  }
}

function keys(event) {
  if (!at("keys").checked || event.repeat || event.ctrlKey || event.altKey || event.metaKey || at("hello").open) return;
  const own = event.target.closest?.("button, input, summary, a");
  if (event.key === "Enter" && own) return; // it presses what has the focus
  const known = {
    Enter: () => guess ? accept() : askNetwork(),
    ArrowLeft: undo,
    ArrowRight: () => face && skip(),
  };
  const choice = about.choices.find((one, place) => one.key === event.key.toLowerCase() || String(place + 1) === event.key);
  const work = choice && face ? () => vote(choice.value) : known[event.key];
  if (!work) return;
  event.preventDefault();
  work();
}

function draw() {
  at("choices").replaceChildren(...about.choices.map(({ value, words, key }, place) => {
    const button = document.createElement("button"), cap = document.createElement("kbd");
    button.type = "button";
    button.dataset.value = value;
    button.setAttribute("aria-keyshortcuts", `${key} ${place + 1}`);
    button.textContent = words[0].toUpperCase() + words.slice(1);
    cap.textContent = key.toUpperCase();
    cap.setAttribute("aria-hidden", "true");
    button.append(cap);
    button.onclick = () => vote(value);
    return button;
  }));
  ready(false);
  at("show").onclick = askNetwork;
  at("accept").onclick = accept;
  at("skip").onclick = skip;
  at("undo").onclick = at("back").onclick = undo;
  at("who").onclick = hello;
  document.addEventListener("keydown", keys);
  // After a click of the mouse Enter is meant for the next face, not for the button clicked before.
  document.addEventListener("click", event => {
    if (event.detail > 0) event.target.closest("button")?.blur();
  });
}

function hello() {
  ready(false);
  at("name").value = reviewer;
  at("name-wrong").textContent = "";
  at("hello").showModal();
}

async function begin(name) {
  reviewer = name;
  try {
    const answer = await following();
    sessionStorage.setItem("reviewer", name);
    at("hello").close();
    at("who").textContent = name;
    at("who").hidden = false;
    at("last").hidden = true;
    await show(answer);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    if (!at("hello").open) hello();
    at("name-wrong").textContent = error.message;
  }
}

at("hello").addEventListener("submit", event => {
  event.preventDefault();
  begin(at("name").value.trim());
});
at("hello").addEventListener("cancel", event => {
  if (!reviewer) event.preventDefault();
  else ready(face !== null);
});

try {
  about = await json("/api/session");
  draw();
  const known = about.reviewer || sessionStorage.getItem("reviewer");
  if (known) await begin(known);
  else hello();
  await watch();
} catch (error) {
  if (!(error instanceof Refused)) throw error;
  problem(error.message);
}
