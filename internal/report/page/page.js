// The filters and the copy buttons of a report. It asks nobody anything and keeps nothing.
(() => {
  'use strict';
  document.documentElement.classList.add('scripted');
  const form = document.getElementById('filters'); // a letter has none
  const shown = document.getElementById('shown');
  const said = document.getElementById('said');
  const findings = [...document.querySelectorAll('.finding')];
  const chapters = [...document.querySelectorAll('.chapter')];

  // filter shows the findings that fit every choice, and says how many they are.
  const filter = () => {
    const chosen = new FormData(form);
    const statuses = chosen.getAll('status');
    const words = chosen.get('text').toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const f of findings) {
      const fits = statuses.includes(f.dataset.status)
        && ['area', 'profile', 'who'].every((name) => !chosen.get(name) || chosen.get(name) === f.dataset[name])
        && words.every((word) => f.textContent.toLowerCase().includes(word));
      f.hidden = !fits;
      count += fits ? 1 : 0;
    }
    for (const c of chapters) c.hidden = !c.querySelector('.finding:not([hidden])');
    shown.textContent = `${count} of ${findings.length} findings are shown.`;
  };
  form?.addEventListener('input', filter);
  form?.addEventListener('reset', () => setTimeout(filter));
  form?.addEventListener('submit', (event) => event.preventDefault());

  const unfold = document.getElementById('unfold');
  unfold?.addEventListener('click', () => {
    const open = unfold.getAttribute('aria-pressed') !== 'true';
    unfold.setAttribute('aria-pressed', String(open));
    for (const f of findings) f.querySelector('details').open = open;
  });

  // follow shows what a link leads to, though a filter or a fold hides it.
  const follow = () => {
    const target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    if (target.hidden || target.closest('[hidden]')) form.reset();
    for (const d of [target, target.querySelector('details')]) if (d && d.tagName === 'DETAILS') d.open = true;
    setTimeout(() => target.scrollIntoView());
  };
  window.addEventListener('hashchange', follow);
  follow();

  // byHand copies where the browser keeps the clipboard from a page that was opened as a file.
  const byHand = (text) => {
    const area = document.createElement('textarea');
    area.value = text;
    area.className = 'unseen';
    area.setAttribute('aria-hidden', 'true');
    document.body.append(area);
    area.select();
    const done = document.execCommand('copy');
    area.remove();
    return done;
  };
  const copy = async (text) => {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      return byHand(text);
    }
  };
  document.addEventListener('click', async (event) => {
    const button = event.target.closest('button.copy');
    if (!button) return;
    const done = await copy(button.dataset.text);
    button.focus();
    button.classList.add(done ? 'done' : 'refused');
    said.textContent = '';
    said.textContent = done ? 'Copied.' : 'The browser did not let it be copied.';
    setTimeout(() => { button.classList.remove('done', 'refused'); said.textContent = ''; }, 2000);
  });
})();
