// What the pages of a server do beside the report: show findings as they come, copy, find a fault, and take files that are dropped.
(() => {
  'use strict';
  document.documentElement.classList.add('scripted');

  // The server sends the parts of a page that are new, or says that the whole page is. A browser that lost the line comes back with
  // the number of the last event.
  const live = document.querySelector('[data-events]');
  if (live) {
    const source = new EventSource(live.dataset.events);
    source.addEventListener('rows', (event) => {
      for (const { id, after, html } of JSON.parse(event.data)) {
        const old = document.getElementById(id);
        const open = old?.querySelector('details')?.open;
        const focused = old?.contains(document.activeElement);
        const fresh = document.createElement('template');
        fresh.innerHTML = html; // the server escaped it, and the policy lets no script in it run
        const element = fresh.content.firstElementChild;
        if (old) old.replaceWith(element);
        else document.getElementById(after)?.after(element);
        if (open && element.querySelector('details')) element.querySelector('details').open = true;
        if (focused) element.querySelector('summary, a')?.focus();
      }
    });
    source.addEventListener('reload', (event) => {
      if (Number(event.lastEventId) <= Number(live.dataset.seq)) return;
      source.close();
      location.reload();
    });
    addEventListener('pagehide', () => source.close());
  }

  // A report has its own copy buttons.
  if (!document.getElementById('filters')) {
    const said = document.getElementById('said');
    document.addEventListener('click', async (event) => {
      const button = event.target.closest('button.copy');
      if (!button) return;
      let done = true;
      try {
        await navigator.clipboard.writeText(button.dataset.text);
      } catch {
        done = false;
      }
      button.classList.add(done ? 'done' : 'refused');
      said.textContent = done ? 'Copied.' : 'The browser did not let it be copied.';
      setTimeout(() => { button.classList.remove('done', 'refused'); said.textContent = ''; }, 2000);
    });
  }

  const find = document.getElementById('find');
  find?.addEventListener('input', () => {
    const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const row of document.querySelectorAll('.faults li')) row.hidden = !words.every((word) => row.textContent.toLowerCase().includes(word));
    for (const box of document.querySelectorAll('.faults')) box.hidden = !box.querySelector('li:not([hidden])');
  });
  find?.addEventListener('keydown', (event) => { if (event.key === 'Enter') event.preventDefault(); });

  const drop = document.getElementById('drop');
  if (drop) {
    const files = document.getElementById('files');
    const over = (on) => (event) => { event.preventDefault(); drop.classList.toggle('over', on); };
    addEventListener('dragover', over(true));
    addEventListener('dragleave', over(false));
    addEventListener('drop', (event) => {
      over(false)(event);
      if (!event.dataTransfer?.files.length) return;
      files.files = event.dataTransfer.files;
      drop.requestSubmit();
    });
  }
})();
