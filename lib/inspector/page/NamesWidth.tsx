/** The names and the bars are unreadable in a column narrower than this, in px. */
const MIN_PX = 90;
const STEP_PX = 24;

/** A handle that changes the width of the span names by dragging or with the arrow keys. A double click resets it. */
export function NamesWidth({
  width,
  resize,
}: Readonly<{ width: number | undefined; resize: (width: number | undefined) => void }>) {
  const set = (handle: HTMLElement, wanted: number): void => {
    const room = handle.parentElement?.clientWidth ?? 0;
    resize(Math.round(Math.max(MIN_PX, Math.min(room - MIN_PX, wanted))));
  };
  const from = (handle: HTMLElement): number =>
    handle.parentElement?.getBoundingClientRect().left ?? 0;
  return (
    <div
      id="names-width"
      role="separator"
      aria-orientation="vertical"
      aria-label="Width of the names"
      aria-valuenow={width ?? 0}
      aria-valuetext={width === undefined ? "default" : `${width} pixels`}
      tabIndex={0}
      onPointerDown={({ currentTarget, pointerId }) => currentTarget.setPointerCapture(pointerId)}
      onPointerMove={({ currentTarget, pointerId, clientX }) => {
        if (currentTarget.hasPointerCapture(pointerId))
          set(currentTarget, clientX - from(currentTarget));
      }}
      onDblClick={() => resize(undefined)}
      onKeyDown={({ currentTarget, key }) => {
        const step = { ArrowLeft: -STEP_PX, ArrowRight: STEP_PX }[key];
        if (step === undefined) return;
        const { left, width: own } = currentTarget.getBoundingClientRect();
        set(currentTarget, left + own / 2 - from(currentTarget) + step);
      }}
    />
  );
}
