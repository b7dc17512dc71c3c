import { byId, setAttribute } from "./element.js";

export const VIEWS = ["traces", "tiers", "events"] as const;
export type View = (typeof VIEWS)[number];

/** The views and the tabs that choose between them (ARIA's tabs pattern: one stop, arrows within). */
export class Tabs {
  #view: View = "traces";

  constructor(onChoose: (view: View) => void) {
    for (const view of VIEWS) tab(view).addEventListener("click", () => onChoose(view));
    byId("tabs").addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (step === undefined) return;
      const next =
        VIEWS[(VIEWS.indexOf(this.#view) + step + VIEWS.length) % VIEWS.length] ?? "traces";
      onChoose(next);
      tab(next).focus();
    });
  }

  get view(): View {
    return this.#view;
  }

  show(view: View): void {
    this.#view = view;
    for (const each of VIEWS) {
      setAttribute(tab(each), "aria-selected", String(each === view));
      tab(each).tabIndex = each === view ? 0 : -1;
      byId(`view-${each}`).hidden = each !== view;
    }
  }
}

function tab(view: View): HTMLElement {
  return byId(`tab-${view}`);
}
