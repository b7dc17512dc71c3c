/** How rows are made and filled. */
export interface RowSource {
  /** Of every row, in CSS pixels; the style sheet says the same. */
  readonly height: number;
  create(): HTMLElement;
  fill(row: HTMLElement, index: number): void;
}

/** Rows drawn above and below what can be seen, so that a quick scroll does not show the ground. */
const MARGIN_ROWS = 8;

/**
 * Draws only the rows that can be seen, of a list as long as it likes. The drawn rows stay in the order of the
 * list and are filled anew as they come into sight: some fifty elements, whatever the length.
 */
export class VirtualRows {
  readonly #scroller: HTMLElement;
  readonly #body: HTMLElement;
  readonly #source: RowSource;
  readonly #spacer = document.createElement("div");
  readonly #rows: HTMLElement[] = [];
  #count = 0;
  #first = 0;
  #frame = 0;

  constructor(scroller: HTMLElement, body: HTMLElement, source: RowSource) {
    this.#scroller = scroller;
    this.#body = body;
    this.#source = source;
    this.#spacer.className = "spacer";
    this.#spacer.append(body);
    scroller.append(this.#spacer);
    scroller.addEventListener("scroll", () => this.#soon(), { passive: true });
    new ResizeObserver(() => this.#soon()).observe(scroller);
  }

  /** Rows that fit in sight. */
  get page(): number {
    return Math.max(1, Math.floor(this.#scroller.clientHeight / this.#source.height) - 1);
  }

  /** Draws a list of so many rows. */
  show(count: number): void {
    this.#count = count;
    this.#spacer.style.height = `${count * this.#source.height}px`;
    this.#draw(true);
  }

  /** Fills the drawn rows anew. */
  refresh(): void {
    this.#draw(true);
  }

  /** Brings a row into sight, and draws it at once. */
  reveal(index: number): void {
    const { height } = this.#source;
    const top = index * height;
    const { scrollTop, clientHeight } = this.#scroller;
    // A row that was far away comes to the middle, so that what is around it can be seen.
    const far = top < scrollTop - 2 * height || top > scrollTop + clientHeight + height;
    if (far) this.#scroller.scrollTop = top - clientHeight / 2;
    else if (top < scrollTop) this.#scroller.scrollTop = top;
    else if (top + height > scrollTop + clientHeight)
      this.#scroller.scrollTop = top + height - clientHeight;
    this.#draw(true);
  }

  #soon(): void {
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      this.#draw(false);
    });
  }

  #draw(anew: boolean): void {
    const { height } = this.#source;
    const first = Math.max(0, Math.floor(this.#scroller.scrollTop / height) - MARGIN_ROWS);
    const wanted = Math.min(
      this.#count - first,
      Math.ceil(this.#scroller.clientHeight / height) + 2 * MARGIN_ROWS,
    );
    const by = first - this.#first;
    if (!anew && by === 0 && wanted === this.#rows.length) return;
    this.#first = first;
    this.#body.style.transform = `translateY(${first * height}px)`;
    if (!anew && wanted === this.#rows.length && Math.abs(by) < wanted) {
      this.#turn(by);
      return;
    }
    while (this.#rows.length > Math.max(0, wanted)) this.#rows.pop()?.remove();
    while (this.#rows.length < wanted) {
      const row = this.#source.create();
      this.#rows.push(row);
      this.#body.append(row);
    }
    this.#rows.forEach((row, i) => this.#source.fill(row, first + i));
  }

  /** Takes the rows that left sight at one end to the other: between two frames few do, and the others stay as they are. */
  #turn(by: number): void {
    for (let i = 0; i < Math.abs(by); i++) {
      const row = by > 0 ? this.#rows.shift() : this.#rows.pop();
      if (row === undefined) return;
      if (by > 0) {
        this.#rows.push(row);
        this.#body.append(row);
        this.#source.fill(row, this.#first + this.#rows.length - by + i);
      } else {
        this.#rows.unshift(row);
        this.#body.prepend(row);
        this.#source.fill(row, this.#first - by - 1 - i);
      }
    }
  }
}
