/** Menus are details that close when something was chosen, at Escape, and when one goes elsewhere. */
export function setUpMenus(): void {
  for (const menu of document.querySelectorAll<HTMLDetailsElement>("details.menu")) {
    const close = (): void => {
      menu.open = false;
    };
    menu.querySelector(".menu-items")?.addEventListener("click", close);
    menu.addEventListener("focusout", ({ relatedTarget }) => {
      if (relatedTarget instanceof Node && !menu.contains(relatedTarget)) close();
    });
    menu.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !menu.open) return;
      event.stopPropagation();
      close();
      menu.querySelector("summary")?.focus();
    });
    document.addEventListener("pointerdown", ({ target }) => {
      if (target instanceof Node && !menu.contains(target)) close();
    });
  }
}
