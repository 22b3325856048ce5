import type { Context } from "./context.js";

/** Opens the check that a link leads to, even if the filter hides it. */
export function watchLinks({ filter }: Context): void {
  const reveal = (hash: string): void => {
    const target = document.getElementById(decode(hash.slice(1)));
    if (!(target instanceof HTMLDetailsElement)) return;
    if (target.hidden) filter.reset();
    target.open = true;
    target.scrollIntoView();
    target.querySelector("summary")?.focus();
  };
  addEventListener("hashchange", () => reveal(location.hash));
  document.addEventListener("click", ({ target }) => {
    const link = target instanceof Element ? target.closest("a") : null;
    if (link?.hash === location.hash && link.hash !== "") reveal(link.hash); // no change, so no event
  });
  reveal(location.hash);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
