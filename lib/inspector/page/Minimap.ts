import type { TraceRows } from "../server/TraceRows.js";
import { byId } from "./element.js";
import { tierColour } from "./tierColour.js";
import type { TimeRange } from "./TimeRange.js";

const ERROR_STATUS = 2;
/** A drag below it is a click, in CSS pixels. */
const MIN_DRAG = 4;

/** The whole trace in little; a drag over it chooses what the waterfall shows, a double click shows all again. */
export class Minimap {
  readonly #box = byId("minimap");
  readonly #canvas = byId<HTMLCanvasElement>("minimap-canvas");
  readonly #window = byId("minimap-window");
  #trace: TraceRows | undefined;
  #range: TimeRange | undefined;
  #dragFrom: number | undefined;

  constructor(onRange: () => void) {
    const share = (event: PointerEvent): number => {
      const { left, width } = this.#box.getBoundingClientRect();
      return Math.max(0, Math.min(1, (event.clientX - left) / width));
    };
    this.#box.addEventListener("pointerdown", (event) => {
      this.#dragFrom = share(event);
      this.#box.setPointerCapture(event.pointerId);
    });
    this.#box.addEventListener("pointermove", (event) => {
      const range = this.#range;
      const from = this.#dragFrom;
      if (
        range === undefined ||
        from === undefined ||
        Math.abs(share(event) - from) * this.#box.clientWidth < MIN_DRAG
      )
        return;
      range.show(from * range.duration, share(event) * range.duration);
      onRange();
    });
    this.#box.addEventListener("pointerup", () => (this.#dragFrom = undefined));
    this.#box.addEventListener("dblclick", () => {
      this.#range?.show(0, this.#range.duration);
      onRange();
    });
    new ResizeObserver(() => this.draw()).observe(this.#box);
    document.addEventListener("themechange", () => this.draw());
  }

  show(trace: TraceRows, range: TimeRange): void {
    this.#trace = trace;
    this.#range = range;
    this.draw();
  }

  draw(): void {
    const [trace, range] = [this.#trace, this.#range];
    const pen = this.#canvas.getContext("2d");
    if (trace === undefined || range === undefined || pen === null) return;
    const ratio = devicePixelRatio;
    const { clientWidth: width, clientHeight: height } = this.#box;
    this.#canvas.width = width * ratio;
    this.#canvas.height = height * ratio;
    pen.scale(ratio, ratio);
    const style = getComputedStyle(document.documentElement);
    const colours = new Map<string, string>();
    const colourOf = (tier: string): string => {
      const colour =
        colours.get(tier) ?? style.getPropertyValue(tierColour(tier).slice("var(".length, -1));
      colours.set(tier, colour);
      return colour;
    };
    const failed = style.getPropertyValue("--failed");
    const rowHeight = Math.min(4, (height - 4) / Math.max(1, trace.rows.length));
    trace.rows.forEach((span, i) => {
      const left = ((span.startTimeMs - trace.startTimeMs) / (range.duration || 1)) * width;
      pen.fillStyle = span.statusCode === ERROR_STATUS ? failed : colourOf(span.tier);
      pen.fillRect(
        left,
        2 + i * rowHeight,
        Math.max(1, (span.durationMs / (range.duration || 1)) * width),
        Math.max(1, rowHeight - 0.5),
      );
    });
    this.#window.hidden = range.isWhole;
    this.#window.style.left = `${(range.from / (range.duration || 1)) * 100}%`;
    this.#window.style.width = `${((range.to - range.from) / (range.duration || 1)) * 100}%`;
  }
}
