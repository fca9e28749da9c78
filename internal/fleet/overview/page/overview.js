// The map, the list and the reports of a fleet. It asks nobody anything and keeps nothing. Foreign text is only ever set as
// text.
(() => {
  'use strict';
  const root = document.documentElement;
  const $ = (id) => document.getElementById(id);
  const { texts, requirements, chapters, signs, meanings, actors, kinds, findings, rows, guides } = JSON.parse($('data').textContent);
  $('data').remove();
  root.classList.add('scripted');
  const form = $('filters');
  const body = $('rows');
  const signOf = { 'not-conformant': '✗', incomplete: '?', conformant: '✓', 'not finished': '–' };
  const rank = { 'not-conformant': 0, incomplete: 1, 'not finished': 2, conformant: 3 };

  // el makes an element of texts and elements.
  const el = (name, attributes = {}, ...children) => {
    const e = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) if (value !== undefined) e.setAttribute(key, value);
    e.append(...children.filter((c) => c !== ''));
    return e;
  };
  const day = (seconds) => new Date(seconds * 1000).toISOString().slice(0, 10);
  const causeOf = (r) => `${requirements[r.requirement].id} ${texts[r.cause]}`;
  const now = Date.now() / 1000;

  for (const row of rows) {
    row.seen = row.seen.map((n) => findings[n]);
    row.causes = row.roots.map(causeOf);
    row.open = row.open.map((r) => ({ text: `? ${causeOf(r)}`, cause: r.cause }));
    row.opens = row.open.map((r) => r.text);
    row.labelled = row.labels.map((n) => texts[n]);
    row.actors = row.who.map((n) => texts[n]);
    row.by = row.guides.map((g) => ({ name: texts[g.guide], outcome: texts[g.outcome], planned: g.planned }));
    row.columns = guides.map((n) => row.by.find((g) => g.name === texts[n]));
    row.first = Math.min(...row.ends.map((e) => e.at));
    row.fails = row.states.split('F').length - 1;
    row.words = [row.name, row.url, ...row.labelled, row.outcome, ...row.causes, ...row.opens, ...row.ends.map((e) => texts[e.host])].join('\n').toLowerCase();
  }

  // What is shown: the rows that fit, in order.
  let shown = rows;
  let order = { by: 'outcome', down: false };
  const keys = {
    name: (r) => r.place, outcome: (r) => `${rank[r.outcome] ?? 4}${r.causes[0] ?? r.opens[0] ?? ''}`, cause: (r) => r.causes[0] ?? `\ufffe${r.opens[0] ?? '\uffff'}`, fails: (r) => -r.fails, ends: (r) => r.first, took: (r) => -r.took_ms,
  };
  guides.forEach((_, i) => { keys[`guide${i}`] = (r) => (r.columns[i] ? (r.columns[i].planned ? 5 : rank[r.columns[i].outcome] ?? 4) : 6); });
  if (guides.length) {
    $('grid').style.setProperty('--guides', `repeat(${guides.length}, 1.5rem)`);
    $('grid').setAttribute('aria-colcount', 6 + guides.length);
  }
  const byName = new Intl.Collator('en', { numeric: true });
  [...rows].sort((a, b) => byName.compare(a.name, b.name)).forEach((r, i) => { r.place = i; });
  // sorted is all rows in the order that was chosen, remembered: a filter does not sort anew.
  const orders = {};
  const sorted = () => {
    const key = keys[order.by];
    const turn = order.down ? -1 : 1;
    orders[order.by + turn] ??= rows.map((row) => [key(row), row]).sort(([x, a], [y, b]) => (x === y ? a.place - b.place : (x < y ? -turn : turn))).map(([, row]) => row);
    return orders[order.by + turn];
  };
  const fits = (chosen) => {
    const get = (name) => chosen.get(name) || '';
    const tests = [];
    const words = get('text').toLowerCase().split(/\s+/).filter(Boolean);
    if (words.length) tests.push((r) => words.every((w) => r.words.includes(w)));
    if (get('outcome')) tests.push((r) => r.outcome === get('outcome'));
    if (get('cause')) tests.push((r) => r.causes.includes(get('cause')) || r.opens.includes(get('cause')));
    if (get('requirement')) tests.push((r) => 'FBUKrw'.includes(r.states[get('requirement')] ?? '.'));
    if (get('label')) tests.push((r) => r.labelled.includes(get('label')));
    if (get('who')) tests.push((r) => r.actors.includes(get('who')));
    if (get('guide')) tests.push((r) => r.by.some((g) => g.name === get('guide')));
    if (get('ends')) {
      const [from, to] = get('ends').split(' ');
      tests.push((r) => r.ends.some((e) => e.at >= Number(from) && (!to || e.at < Number(to))));
    }
    if (get('changed')) tests.push((r) => r.changed.some((c) => kinds[c.kind] === get('changed')));
    return (r) => tests.every((t) => t(r));
  };
  const update = () => {
    shown = sorted().filter(fits(new FormData(form)));
    active = 0;
    near = -1;
    body.scrollTop = 0;
    $('grid').setAttribute('aria-rowcount', shown.length + 1);
    $('shown').textContent = `${shown.length} of ${rows.length} instances are shown.`;
    for (const b of document.querySelectorAll('[data-sort]')) {
      const head = b.closest('[role=columnheader]');
      if (b.dataset.sort === order.by) head.setAttribute('aria-sort', order.down ? 'descending' : 'ascending');
      else head.removeAttribute('aria-sort');
    }
    drop();
    draw();
    drawMap();
  };

  // The list holds the rows that can be seen, and the one that has the focus.
  let active = 0;
  let near = -1;
  const nodes = new Map();
  const tall = el('div', { class: 'tall', role: 'presentation' });
  body.append(tall);
  const height = () => parseFloat(getComputedStyle(root).getPropertyValue('--row')) * parseFloat(getComputedStyle(root).fontSize);
  let high = height();
  const drop = () => {
    for (const n of nodes.values()) n.remove();
    nodes.clear();
    body.querySelector('.none')?.remove();
  };
  const cell = (...children) => el('span', { role: 'gridcell' }, ...children);
  // byGuide is the outcome by the guide of a column; of one that is planned it is what is missing, which counts for nothing yet.
  const byGuide = (g) => {
    const node = cell(...(g ? [el('span', { class: g.planned ? 'sign' : `sign ${g.outcome}`, 'aria-hidden': 'true' }, g.planned ? '+' : signOf[g.outcome] ?? ''), el('span', { class: 'unseen' }, g.planned ? `planned, ${g.outcome}` : g.outcome)] : []));
    node.className = 'guide';
    if (g) node.title = `${g.name}: ${g.planned ? 'planned, ' : ''}${g.outcome}`;
    return node;
  };
  const line = (row, i) => {
    const button = el('button', { type: 'button', class: 'clip', tabindex: i === active ? 0 : -1 }, row.name);
    const first = row.causes.length ? row.causes : row.opens; // what to fix, else what could not be judged
    const why = row.roots[0] ?? row.open[0];
    const more = first.length > 1 ? ` and ${first.length - 1} more` : '';
    const node = el('div', { role: 'row', 'aria-rowindex': i + 2, class: i === near ? 'near' : '' },
      cell(button, el('span', { class: 'where clip' }, [row.url, ...row.labelled].filter(Boolean).join('  '))),
      cell(el('span', { class: `sign ${row.outcome}`, 'aria-hidden': 'true' }, signOf[row.outcome] ?? ''), row.outcome),
      cell(why ? el('span', { class: 'clip where' }, first[0] + more) : '', why ? el('span', { class: 'clip where' }, meanings[texts[why.cause]] ?? '') : ''),
      ...row.columns.map((g) => byGuide(g)),
      cell(el('span', { class: row.fails ? 'count some' : 'count' }, String(row.fails))),
      cell(Number.isFinite(row.first) ? el('span', { class: row.first < now ? 'late' : '' }, day(row.first)) : '–'),
      cell(row.started ? `${(row.took_ms / 1000).toFixed(1)} s` : '–'));
    node.style.transform = `translateY(${i * high}px)`;
    node.dataset.i = i;
    return node;
  };
  const draw = () => {
    tall.style.height = `${shown.length * high}px`;
    if (!shown.length && !body.querySelector('.none')) body.append(el('div', { role: 'row', class: 'none' }, cell('No instance fits every choice.')));
    const from = Math.max(0, Math.floor(body.scrollTop / high) - 5);
    const to = Math.min(shown.length, Math.ceil((body.scrollTop + body.clientHeight) / high) + 5);
    const wanted = (i) => (i >= from && i < to) || i === active;
    for (const [i, n] of nodes) if (!wanted(i)) { n.remove(); nodes.delete(i); }
    const add = (i) => {
      if (i < shown.length && !nodes.has(i)) nodes.set(i, body.appendChild(line(shown[i], i)));
    };
    for (let i = from; i < to; i++) add(i);
    add(active);
  };
  let waiting = false;
  body.addEventListener('scroll', () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => { waiting = false; draw(); });
  });
  const show = (i, focus) => {
    active = Math.max(0, Math.min(shown.length - 1, i));
    const top = active * high;
    if (top < body.scrollTop) body.scrollTop = top;
    if (top + high > body.scrollTop + body.clientHeight) body.scrollTop = top + high - body.clientHeight;
    draw();
    for (const [k, n] of nodes) n.querySelector('button').tabIndex = k === active ? 0 : -1;
    if (focus) nodes.get(active)?.querySelector('button').focus({ preventScroll: true });
  };
  body.addEventListener('keydown', (event) => {
    const page = Math.max(1, Math.floor(body.clientHeight / high) - 1);
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity }[event.key];
    if (step === undefined || !shown.length) return;
    event.preventDefault();
    show(active + step, true);
  });
  body.addEventListener('click', (event) => {
    const node = event.target.closest('[data-i]');
    if (!node) return;
    show(Number(node.dataset.i), true);
    open(active);
  });

  // The map: a strip for each requirement, a column for as many instances as have to share it.
  const strips = [...document.querySelectorAll('[data-row]')].map((li) => ({ li, n: Number(li.dataset.row), canvas: li.querySelector('canvas') }));
  const levels = [['F', '--bad', 1], ['BU', '--open', 0.7], ['K', '--soft', 0.4], ['rw', '--link', 0.55], ['p', '--good', 0.25], ['-.', '--line', 0.1]];
  const levelOf = {};
  levels.forEach(([letters], i) => { for (const l of letters) levelOf[l] = i; });
  const columnsOf = (wide) => Math.max(1, Math.min(shown.length, Math.floor(wide / 3)));
  const countsAt = (n, columns) => {
    const counts = new Uint32Array(columns * levels.length);
    for (let i = 0; i < shown.length; i++) {
      counts[Math.floor(i * columns / shown.length) * levels.length + levelOf[shown[i].states[n] ?? '.']]++;
    }
    return counts;
  };
  const drawMap = () => {
    const style = getComputedStyle(root);
    const colours = levels.map(([, name]) => style.getPropertyValue(name));
    const scale = Math.min(2, globalThis.devicePixelRatio || 1);
    const sizes = strips.map(({ canvas }) => [canvas.clientWidth, canvas.clientHeight]);
    strips.forEach(({ n, canvas }, at) => {
      const [wide, tallness] = sizes[at];
      if (!wide) return;
      canvas.width = Math.round(wide * scale);
      canvas.height = Math.round(tallness * scale);
      const c = canvas.getContext('2d');
      const columns = columnsOf(wide);
      if (!shown.length) return;
      const counts = countsAt(n, columns);
      for (let x = 0; x < columns; x++) {
        const own = counts.subarray(x * levels.length, (x + 1) * levels.length);
        const level = own.findIndex((k) => k > 0);
        const total = own.reduce((a, b) => a + b, 0);
        const left = Math.round(x * canvas.width / columns);
        const right = Math.round((x + 1) * canvas.width / columns);
        c.fillStyle = colours[level];
        c.globalAlpha = level < 4 ? 0.35 + 0.65 * own[level] / total : 1;
        const size = Math.max(2, Math.round(canvas.height * levels[level][2]));
        c.fillRect(left, canvas.height - size, Math.max(1, right - left - (right - left > 4 ? 1 : 0)), size);
      }
    });
  };
  const pointAt = (event) => {
    const canvas = event.target.closest?.('.strips canvas');
    if (!canvas || !shown.length) return undefined;
    const columns = columnsOf(canvas.clientWidth);
    const x = Math.max(0, Math.min(columns - 1, Math.floor(event.offsetX / canvas.clientWidth * columns)));
    const [from, to] = [Math.ceil(x * shown.length / columns), Math.ceil((x + 1) * shown.length / columns)];
    return { n: Number(canvas.closest('li').dataset.row), from, to };
  };
  document.addEventListener('pointermove', (event) => {
    const at = pointAt(event);
    if (!at) return;
    const own = shown.slice(at.from, at.to);
    const short = (r) => (r.name.length > 40 ? `${r.name.slice(0, 40)}…` : r.name);
    const count = (letters) => own.filter((r) => letters.includes(r.states[at.n] ?? '.')).length;
    $('pointed').textContent = `${requirements[at.n].id}, ${short(own[0])}${own.length > 1 ? ` to ${short(own.at(-1))}` : ''}: ${count('F')} fail, ${count('BU')} not judged, ${count('K')} waiting, ${count('p')} hold, of ${own.length}.`;
  });
  document.addEventListener('click', (event) => {
    const at = pointAt(event);
    if (!at) return;
    const worst = Math.min(...shown.slice(at.from, at.to).map((r) => levelOf[r.states[at.n] ?? '.']));
    const own = shown.slice(at.from, at.to).findIndex((r) => levelOf[r.states[at.n] ?? '.'] === worst);
    near = at.from + own;
    drop();
    show(near, true);
    $('grid').scrollIntoView({ block: 'nearest' });
  });

  // A report: everything that was kept of an instance.
  const dialog = $('report');
  const pairs = (list) => el('dl', {}, ...list.filter(([, text]) => text).map(([name, text]) => el('div', {}, el('dt', {}, name), el('dd', {}, text))));
  const finding = (f) => {
    const status = texts[f.s];
    const q = requirements[f.r];
    const cause = texts[f.cause ?? 0];
    const tags = el('span', { class: 'tags' }, el('span', { class: 'tag status' }, status));
    if (texts[f.level ?? 0] !== 'must') tags.append(' ', el('span', { class: 'tag' }, texts[f.level ?? 0]));
    if (f.note) tags.append(' ', el('span', { class: 'tag' }, texts[f.note].split(':')[0]));
    const loud = ['fail', 'broken', 'unknown'].includes(status);
    return el('li', { class: `finding ${status}` }, el('details', loud ? { open: '' } : {},
      el('summary', {}, el('span', { class: 'sign', 'aria-hidden': 'true' }, signs[status] ?? ''), ' ', el('span', { class: 'says' }, texts[f.says ?? 0] || q.id), ' ', tags),
      el('div', { class: 'body' },
        el('p', { class: 'id' }, el('code', {}, q.id), cause ? `, ${cause}${meanings[cause] && status !== 'pass' ? `: ${meanings[cause]}` : ''}` : ''),
        pairs([['Seen', texts[f.because ?? 0]], ['Do', texts[f.do ?? 0]], ['Prove it', texts[f.proof ?? 0]], ['Who', actors[texts[f.who ?? 0]] ?? texts[f.who ?? 0]], ['Where', texts[f.where ?? 0]],
          ['Host', texts[f.host ?? 0]], ['Waits for', texts[f.by ?? 0]], ['For', texts[f.for ?? 0]], ['Noted', texts[f.note ?? 0]]]))));
  };
  const changeWords = (c) => {
    if (c.requirement < 0) return kinds[c.kind];
    const was = texts[c.was] && texts[c.was] !== texts[c.cause] ? `, was ${texts[c.was]}` : '';
    return `${kinds[c.kind]}: ${requirements[c.requirement].id} ${texts[c.cause]}${was}`;
  };
  const open = (i) => {
    const row = shown[i];
    const press = (text, act, off) => {
      const b = el('button', { type: 'button', class: 'small' }, text);
      b.disabled = off;
      b.addEventListener('click', act);
      return b;
    };
    const turn = (to, which) => { show(to, false); open(to); const b = dialog.querySelectorAll('.bar-top button')[which]; (b.disabled ? dialog.querySelector('.bar-top button:last-child') : b).focus(); };
    const sheet = el('div', { class: 'sheet' }, el('div', { class: 'bar-top' },
      el('span', { class: 'where' }, `${i + 1} of ${shown.length}`),
      press('Previous', () => turn(i - 1, 0), i === 0), press('Next', () => turn(i + 1, 1), i === shown.length - 1), press('Close', () => dialog.close(), false)));
    sheet.append(el('h2', { id: 'of' }, row.name),
      el('p', {}, el('span', { class: `sign ${row.outcome}`, 'aria-hidden': 'true' }, signOf[row.outcome] ?? ''), ' ', el('strong', {}, row.outcome)),
      pairs([['Address', row.url], ['Labels', row.labelled.join(', ')], ['By guide', row.by.length > 1 ? row.by.map((g) => `${g.name}: ${g.planned ? 'planned, ' : ''}${g.outcome}`).join('; ') : ''], ['Fix first', row.causes.join(', ')], ['Not judged', row.open.map((r) => r.text.slice(2)).join(', ')],
        ['Certificates', row.ends.map((e) => `${texts[e.host]} ${e.at < now ? 'ended' : 'ends'} ${day(e.at)}`).join(', ')],
        ['Changed', row.changed.map(changeWords).join('; ')],
        ['Checked', row.started ? `${new Date(row.started * 1000).toISOString().replace(/\.\d+Z$/, 'Z')}, ${row.requests} requests in ${(row.took_ms / 1000).toFixed(1)} s` : 'there is no result']]));
    const worst = { fail: 0, broken: 1, unknown: 2, blocked: 3 };
    const list = (title, findings) => {
      if (findings.length) sheet.append(el('section', { class: 'chapter' }, el('h3', {}, `${title} (${findings.length})`), el('ul', { class: 'findings' }, ...findings.map(finding))));
    };
    const told = [...row.seen].sort((a, b) => (worst[texts[a.s]] ?? 4) - (worst[texts[b.s]] ?? 4));
    list('Does not hold', told.filter((f) => texts[f.s] === 'fail'));
    list('Not judged', told.filter((f) => ['broken', 'unknown', 'blocked'].includes(texts[f.s])));
    list('Attested, or not asked', told.filter((f) => !(texts[f.s] in worst)));
    const attested = new Set(row.seen.filter((f) => texts[f.s] === 'pass').map((f) => f.r));
    const holds = requirements.map((q, n) => [q, n]).filter(([, n]) => row.states[n] === 'p' && !attested.has(n));
    if (holds.length) sheet.append(el('h3', {}, `Holds (${holds.length})`), el('ul', { class: 'holds' }, ...holds.map(([q]) => el('li', {}, `${signs.pass} ${q.id}`))));
    dialog.replaceChildren(sheet);
    dialog.scrollTop = 0;
    if (!dialog.open) dialog.showModal();
    history.replaceState(null, '', `#report=${encodeURIComponent(row.name)}`); // so that it can be passed on
  };
  dialog.addEventListener('close', () => {
    history.replaceState(null, '', '#list');
    show(active, true);
  });
  dialog.addEventListener('click', (event) => { if (event.target === dialog) dialog.close(); });

  // follow opens the report that the address names, though a filter hides it.
  const follow = () => {
    const [, name] = /^#report=(.*)$/.exec(location.hash) ?? [];
    if (name === undefined) return;
    const is = (r) => encodeURIComponent(r.name) === name;
    if (!shown.some(is)) {
      form.reset();
      update();
    }
    const i = shown.findIndex(is);
    if (i < 0) return;
    show(i, false);
    open(i);
  };
  addEventListener('hashchange', follow);

  // Choices: by the form, and by links that stand for one of them.
  form.addEventListener('input', update);
  form.addEventListener('reset', () => setTimeout(update));
  form.addEventListener('submit', (event) => event.preventDefault());
  document.addEventListener('click', (event) => {
    const link = event.target.closest('[data-name]');
    if (link) {
      event.preventDefault();
      form.reset();
      form.elements[link.dataset.name].value = link.dataset.value;
      update();
      $('list').scrollIntoView();
      $('list').focus({ preventScroll: true });
    }
    const head = event.target.closest('[data-sort]');
    if (head) {
      order = { by: head.dataset.sort, down: order.by === head.dataset.sort && !order.down };
      update();
    }
    const fold = event.target.closest('[data-unfold]');
    if (fold) {
      const unfolded = fold.getAttribute('aria-pressed') !== 'true';
      fold.setAttribute('aria-pressed', String(unfolded));
      fold.closest('.box').classList.toggle('unfolded', unfolded);
    }
  });
  $('every').addEventListener('change', (event) => {
    for (const s of document.querySelectorAll('.strips')) s.classList.toggle('all', event.target.checked);
    emptied();
    drawMap();
  });
  // emptied hides the chapters in which nothing is left to see.
  const emptied = () => {
    for (const s of document.querySelectorAll('.strips')) s.hidden = !s.classList.contains('all') && !s.querySelector('li:not(.quiet)');
  };
  $('names').addEventListener('click', async () => {
    const text = shown.map((r) => `${r.name}\n`).join('');
    let done = true;
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const area = el('textarea', { class: 'unseen', 'aria-hidden': 'true' });
      area.value = text;
      document.body.append(area);
      area.select();
      done = document.execCommand('copy');
      area.remove();
      $('names').focus();
    }
    $('names').classList.toggle('done', done);
    $('names').classList.toggle('refused', !done);
    $('said').textContent = done ? `${shown.length} names were copied.` : 'The browser did not let them be copied.';
    setTimeout(() => { $('names').classList.remove('done', 'refused'); $('said').textContent = ''; }, 2000);
  });
  let wide = 0;
  new ResizeObserver(() => {
    if (root.clientWidth === wide) return;
    wide = root.clientWidth;
    high = height();
    drop();
    draw();
    drawMap();
  }).observe(root);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', drawMap);
  emptied();
  update();
  follow();
})();
