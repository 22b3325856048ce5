import { button, h } from "./dom.js";

/** How far a run is, as the testkit sends it. */
interface LiveProgress {
  readonly share: number;
  readonly text: string;
}

const REDRAW_EVERY_MS = 1_000;
/** Drawing takes at most this part of the time of the page. */
const DRAW_SHARE = 0.1;
/** A reader who has just clicked or typed is not interrupted. */
const CALM_MS = 2_000;

/**
 * Reads the data of the page and draws it. The page of a run that is under way is drawn again while results arrive, and has a stop button.
 *
 * @param draw fills the page; it is called once for a page from a file.
 */
export function showReport(draw: (data: unknown) => void): void {
  const root = document.getElementById("report");
  draw(JSON.parse(document.getElementById("data")?.textContent ?? "null"));
  if (root?.dataset["live"] !== undefined) new LiveView(draw).follow();
  document.documentElement.dataset["ready"] = "true";
}

class LiveView {
  readonly #draw: (data: unknown) => void;
  readonly #bar = h("progress", { max: 1, value: 0, "aria-label": "How far the run is" });
  readonly #text = h("span", { role: "status" }, "The run begins.");
  readonly #stop = button("Stop the run", () => void this.#stopRun());
  #isRedrawPlanned = false;
  #isEnded = false;
  #drawMs = 0;
  #touchedAtMs = -Infinity;

  constructor(draw: (data: unknown) => void) {
    this.#draw = draw;
  }

  follow(): void {
    document.body.prepend(h("div", { class: "live" }, this.#bar, this.#text, this.#stop));
    for (const name of ["pointerdown", "keydown", "wheel"]) {
      addEventListener(name, () => (this.#touchedAtMs = performance.now()), { passive: true });
    }
    const source = new EventSource(`events${location.search}`);
    source.addEventListener("progress", ({ data }: MessageEvent<string>) =>
      this.#show(JSON.parse(data) as LiveProgress),
    );
    source.addEventListener("end", () => {
      this.#isEnded = true;
      void this.#redraw().finally(() => {
        source.close();
        this.#end("The run has ended; this is its report.");
      });
    });
    source.addEventListener("error", () => {
      if (this.#isEnded) return;
      source.close();
      this.#end("The command has ended without a report; these are the figures until then.");
    });
  }

  #show({ share, text }: LiveProgress): void {
    this.#bar.value = share;
    this.#text.textContent = text;
    this.#planRedraw();
  }

  #planRedraw(): void {
    if (this.#isRedrawPlanned) return;
    this.#isRedrawPlanned = true;
    setTimeout(
      () => {
        this.#isRedrawPlanned = false;
        if (this.#isEnded) return;
        const isBusy = document.hidden || performance.now() - this.#touchedAtMs < CALM_MS;
        if (isBusy) this.#planRedraw();
        else void this.#redraw().catch(() => undefined); // the next one may arrive
      },
      Math.max(REDRAW_EVERY_MS, this.#drawMs / DRAW_SHARE),
    );
  }

  async #redraw(): Promise<void> {
    const answer = await fetch(`data${location.search}`);
    if (!answer.ok) return;
    const data: unknown = await answer.json();
    const startedAtMs = performance.now();
    const top = scrollY;
    this.#draw(data);
    scrollTo({ top });
    this.#drawMs = performance.now() - startedAtMs;
    document.documentElement.dataset["drawn"] = String(Number(document.documentElement.dataset["drawn"] ?? "0") + 1);
  }

  async #stopRun(): Promise<void> {
    this.#stop.disabled = true;
    this.#text.textContent = "Stopping the run; its report follows.";
    const answer = await fetch(`stop${location.search}`, { method: "POST" }).catch(() => undefined);
    if (answer?.ok !== true) this.#stop.disabled = false;
  }

  #end(text: string): void {
    this.#bar.remove();
    this.#stop.remove();
    this.#text.textContent = text;
  }
}
