import { useEffect, useRef } from "preact/hooks";

/**
 * A menu of formats for saving what `query` selects. It closes when a format is chosen, on Escape, and when the user
 * clicks or moves the focus elsewhere.
 */
export function SaveMenu({ id, label, query }: Readonly<Record<"id" | "label" | "query", string>>) {
  const menu = useRef<HTMLDetailsElement>(null);
  const close = (): void => menu.current?.removeAttribute("open");
  useEffect(() => {
    const stop = new AbortController();
    const leave = ({ target }: Event): void => {
      if (menu.current?.contains(target as Node) === false) close();
    };
    for (const type of ["pointerdown", "focusin"])
      document.addEventListener(type, leave, { signal: stop.signal });
    return () => stop.abort();
  }, []);
  const escape = (event: KeyboardEvent): void => {
    if (event.key !== "Escape" || menu.current?.open !== true) return;
    event.stopPropagation();
    close();
    menu.current.querySelector("summary")?.focus();
  };
  // The receiver's responses name the files.
  return (
    <details class="menu" ref={menu} onKeyDown={escape}>
      <summary id={id} class="button">
        {label}
      </summary>
      <div class="menu-items" onClick={close}>
        <a href={`/api/recording?${query}`} download>
          Recording <span class="muted">.ndjson, both pipes</span>
        </a>
        <a href={`/api/recording?format=otlp&${query}`} download>
          OTLP/JSON <span class="muted">.json, for other viewers</span>
        </a>
      </div>
    </details>
  );
}
