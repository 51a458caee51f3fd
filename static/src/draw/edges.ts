/** What scrolls sideways shows that it does: the end behind which there is more is marked, for the style sheet to fade it. */

/** Marks `box` with "more-before" and "more-after" as it is scrolled, or it or what is in it changes its size. Returns how to stop. */
export function watchEdges(box: HTMLElement): () => void {
  const tell = (): void => {
    const { scrollLeft, scrollWidth, clientWidth } = box;
    // Widths are rounded, places are not.
    box.classList.toggle("more-before", scrollLeft > 1);
    box.classList.toggle("more-after", scrollLeft + clientWidth < scrollWidth - 1);
  };
  const sizes = new ResizeObserver(tell);
  for (const each of [box, ...box.children]) sizes.observe(each);
  box.addEventListener("scroll", tell, { passive: true });
  return () => {
    sizes.disconnect();
    box.removeEventListener("scroll", tell);
  };
}
