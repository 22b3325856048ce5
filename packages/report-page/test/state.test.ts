import { expect, test } from "vitest";
import { ViewState } from "../src/state.js";

test("every change of the view is announced to every listener, after it was made", () => {
  const state = new ViewState();
  const seen: unknown[] = [];
  state.onChange(() => seen.push(["first", state.range]));
  state.onChange(() => seen.push(["second", state.shows("truncated")]));

  state.zoom({ fromMs: 10, toMs: 20 });
  state.setShown("truncated", false);

  expect(seen).toEqual([
    ["first", { fromMs: 10, toMs: 20 }],
    ["second", true],
    ["first", { fromMs: 10, toMs: 20 }],
    ["second", false],
  ]);
});

test("a status that was hidden can be shown again, and the whole run after a part of it", () => {
  const state = new ViewState();
  state.setShown("ok", false);
  state.setShown("ok", true);
  state.zoom({ fromMs: 1, toMs: 2 });
  state.zoom(undefined);

  expect([state.shows("ok"), state.range]).toEqual([true, undefined]);
});
