import { button, h } from "../../dom.js";
import { formatCount, plural, toVisibleText } from "../../testkit.js";
import { formatAt } from "../format-at.js";
import { lastAt, type ExchangeModel } from "../model/exchange-model.js";
import { spanOf } from "./draw-time-line.js";
import type { ViewerState } from "./viewer-state.js";

const SPEEDS = ["0.1", "1", "10"] as const;
const STEPS = 1_000;
/** The end of the text matters: that is what arrived last. */
const LONGEST_TEXT = 600;

/** A slider over the time line that shows what had arrived until then, and a button that plays it as it came. */
export function player(state: ViewerState): HTMLElement {
  const slider = h("input", { type: "range", min: 0, max: STEPS, step: 1, "aria-label": "Time in the stream" });
  const speed = h(
    "select",
    { "aria-label": "Speed" },
    ...SPEEDS.map((each) => h("option", { value: each }, `${each} ×`)),
  );
  speed.value = "1";
  const place = h("output", { class: "player-place" });
  const text = h("code", { class: "player-text", tabindex: 0, role: "region", "aria-label": "Text so far" });
  const play = playButton(state, speed);
  slider.addEventListener("input", () => {
    const { model } = state;
    if (model !== undefined) state.moveTo(toTime(model, Number(slider.value)));
  });
  const update = (): void => {
    const { model, atMs } = state;
    if (model === undefined) return;
    slider.value = String(toStep(model, atMs));
    const { events, exchange } = model;
    const arrived = lastAt(events, atMs) + 1;
    place.textContent = `${formatAt(atMs - exchange.sentAtMs)}: ${formatCount(arrived)} of ${plural(events.length, "event")}`;
    slider.setAttribute("aria-valuetext", place.textContent);
    text.hidden = !events.some((event) => event.type === "token");
    text.textContent = toVisibleText(textUntil(model, arrived)) || "no text yet";
    text.scrollTop = text.scrollHeight; // what arrived last
  };
  state.onChange(update);
  update();
  return h("div", { class: "player" }, h("div", { class: "player-row" }, play, speed, slider, place), text);
}

function playButton(state: ViewerState, speed: HTMLSelectElement): HTMLButtonElement {
  let isPlaying = false;
  const show = (): void => void (play.textContent = isPlaying ? "Pause" : "Play");
  const stop = (): void => {
    isPlaying = false;
    show();
  };
  const run = (model: ExchangeModel, fromMs: number): void => {
    const beganAt = performance.now();
    const { toMs } = spanOf(model);
    const step = (): void => {
      if (!isPlaying || state.model !== model) {
        stop();
        return;
      }
      const atMs = fromMs + (performance.now() - beganAt) * Number(speed.value);
      state.moveTo(Math.min(toMs, atMs));
      if (atMs >= toMs) stop();
      else requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
  };
  const play = button("Play", () => {
    const { model } = state;
    isPlaying = !isPlaying && model !== undefined;
    show();
    if (!isPlaying || model === undefined) return;
    const { fromMs, toMs } = spanOf(model);
    run(model, state.atMs >= toMs ? fromMs : Math.max(fromMs, state.atMs));
  });
  speed.addEventListener("change", stop);
  return play;
}

function textUntil({ events }: ExchangeModel, count: number): string {
  const parts: string[] = [];
  let length = 0;
  for (let index = count - 1; index >= 0 && length < LONGEST_TEXT; index -= 1) {
    const { text } = events[index] ?? { text: "" };
    parts.unshift(text);
    length += text.length;
  }
  const joined = parts.join("");
  return joined.length > LONGEST_TEXT ? `…${joined.slice(-LONGEST_TEXT)}` : joined;
}

function toStep(model: ExchangeModel, atMs: number): number {
  const { fromMs, toMs } = spanOf(model);
  return Math.round(((atMs - fromMs) / (toMs - fromMs)) * STEPS);
}

function toTime(model: ExchangeModel, step: number): number {
  const { fromMs, toMs } = spanOf(model);
  return fromMs + (step / STEPS) * (toMs - fromMs);
}
