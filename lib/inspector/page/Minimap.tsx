import { useLayoutEffect, useRef } from "preact/hooks";
import { ERROR_STATUS } from "../server/ReceivedTrace.js";
import type { TraceRows } from "../server/TraceStore.js";
import { tierColour } from "./TierDot.js";
import { TimeRange } from "./timeAxis.js";

/** A drag shorter than this counts as a click, in CSS pixels. */
const MIN_DRAG = 4;

type MinimapProps = Readonly<{ trace: TraceRows; range: TimeRange; show(range: TimeRange): void }>;

/** An overview of the whole trace. Dragging zooms the waterfall to that range, a double click resets the zoom. */
export function Minimap({ trace, range, show }: MinimapProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const dragFrom = useRef<number>(undefined);
  const { duration } = range;
  useLayoutEffect(() => {
    const redraw = (): void => {
      if (canvas.current !== null) draw(canvas.current, trace);
    };
    const observer = new ResizeObserver(redraw);
    if (canvas.current !== null) observer.observe(canvas.current);
    document.addEventListener("themechange", redraw);
    return () => {
      observer.disconnect();
      document.removeEventListener("themechange", redraw);
    };
  }, [trace]);
  const msAt = ({ clientX }: MouseEvent): number => {
    const { left = 0, width = 1 } = canvas.current?.getBoundingClientRect() ?? {};
    return duration * Math.max(0, Math.min(1, (clientX - left) / width));
  };
  const percent = (ms: number): string => `${(ms / (duration || 1)) * 100}%`;
  const sight = { left: percent(range.from), width: percent(range.to - range.from) };
  return (
    <div
      id="minimap"
      title="Drag to zoom, double click to see all"
      onPointerDown={(event) => {
        dragFrom.current = msAt(event);
        event.currentTarget.setPointerCapture(event.pointerId);
      }}
      onPointerMove={(event) => {
        const [from, to] = [dragFrom.current, msAt(event)];
        const minMs = (MIN_DRAG / event.currentTarget.clientWidth) * duration;
        if (from !== undefined && Math.abs(to - from) >= minMs)
          show(new TimeRange(duration, from, to));
      }}
      onPointerUp={() => (dragFrom.current = undefined)}
      onDblClick={() => show(new TimeRange(duration))}
    >
      <canvas ref={canvas} />
      <div id="minimap-window" hidden={range.isWhole} style={sight} />
    </div>
  );
}

function draw(canvas: HTMLCanvasElement, { rows, startTimeMs, durationMs }: TraceRows): void {
  const pen = canvas.getContext("2d");
  if (pen === null) return;
  const { clientWidth: width, clientHeight: height } = canvas;
  canvas.width = width * devicePixelRatio;
  canvas.height = height * devicePixelRatio;
  pen.scale(devicePixelRatio, devicePixelRatio);
  // A canvas cannot use CSS variables, so each is resolved to its current colour by the style of the element.
  const colours = new Map<string, string>();
  const resolve = (colour: string): string => {
    canvas.style.color = colour;
    return getComputedStyle(canvas).color;
  };
  const perMs = width / (durationMs || 1);
  const rowHeight = Math.min(4, (height - 4) / Math.max(1, rows.length));
  rows.forEach((span, i) => {
    const name = span.statusCode === ERROR_STATUS ? "var(--failed)" : tierColour(span.tier);
    const colour = colours.get(name) ?? resolve(name);
    colours.set(name, colour);
    pen.fillStyle = colour;
    const [left, length] = [(span.startTimeMs - startTimeMs) * perMs, span.durationMs * perMs];
    pen.fillRect(left, 2 + i * rowHeight, Math.max(1, length), Math.max(1, rowHeight - 0.5));
  });
}
