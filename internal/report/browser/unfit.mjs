// unfit lists what is cut off or lies over its neighbour; the text of a field can be moved, and what is of class clip may be cut off, its whole text is elsewhere.
export const unfit = () => {
  const found = [];
  const name = (e) => `${e.tagName.toLowerCase()}${e.className ? `.${e.className}` : ''} ${e.textContent.trim().slice(0, 40)}`;
  const page = document.documentElement;
  if (page.scrollWidth > page.clientWidth) found.push(`the page is ${page.scrollWidth} px wide in ${page.clientWidth}`);
  for (const e of document.body.querySelectorAll('*')) {
    const style = getComputedStyle(e);
    if (e.closest('.unseen, .clip') || style.display === 'inline' || e.tagName === 'OPTION') continue;
    if (e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 0 && !e.matches('select, input')) found.push(`cut off: ${name(e)}`);
    const boxes = [...e.children].filter((c) => {
      const s = getComputedStyle(c);
      return s.display !== 'inline' && s.display !== 'contents' && s.position === 'static' && !c.closest('.unseen') && c.checkVisibility({ contentVisibilityAuto: true });
    }).map((c) => [c, c.getBoundingClientRect()]).filter(([, r]) => r.width > 0 && r.height > 0);
    for (let i = 1; i < boxes.length; i++) {
      const [[one, a], [two, b]] = [boxes[i - 1], boxes[i]];
      const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
      const high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
      if (wide > 1 && high > 1) found.push(`overlapping: ${name(one)} and ${name(two)}`);
    }
  }
  return found;
};
