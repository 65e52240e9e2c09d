// Updates the page while accounts are being set up. Without the script, a reload shows the same.
const query = `{ me {
  grants { kind title target targetTitle validFrom validUntil origins { sentence } }
  accounts { target targetTitle userName isConfirmed desired { state } }
} }`;
const every = 2000;
const place = document.getElementById('holdings');

function element(name, text, attributes = {}) {
  const made = document.createElement(name);
  made.textContent = text;
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

function shownTime(instant) {
  return new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short', timeZone: place.dataset.timeZone }).format(new Date(instant));
}

function badge(confirmed, wanted) {
  if (!confirmed) return element('span', 'being set up', { class: 'badge waiting' });
  return wanted === 'ENABLED' ? element('span', 'ready', { class: 'badge ready' }) : element('span', 'closed', { class: 'badge' });
}

function isReady(grant, accounts) {
  return place.dataset.withoutAccounts.split(' ').includes(grant.target) || accounts.some((account) => account.target === grant.target && account.isConfirmed);
}

function row(grant, accounts) {
  const made = document.createElement('tr');
  made.append(element('th', grant.title, { scope: 'row' }), element('td', grant.targetTitle ?? ''));
  const until = document.createElement('td');
  until.append(grant.validUntil === null ? 'no end' : element('time', shownTime(grant.validUntil), { datetime: grant.validUntil }));
  const why = document.createElement('td');
  why.append(...grant.origins.map(({ sentence }) => element('p', sentence)));
  const state = document.createElement('td');
  const isAhead = Date.parse(grant.validFrom) > Date.now();
  state.append(isAhead ? element('span', `from ${shownTime(grant.validFrom)}`, { class: 'badge' }) : badge(isReady(grant, accounts), 'ENABLED'));
  made.append(until, why, state);
  // A narrow screen shows them in place of the headings.
  const labels = [...place.querySelectorAll('thead th')].slice(1);
  made.querySelectorAll('td').forEach((cell, index) => {
    cell.dataset.label = labels[index]?.textContent ?? '';
  });
  return made;
}

function show({ grants, accounts }) {
  const holdings = grants.filter(({ kind }) => kind === 'ENTITLEMENT');
  const body = place.querySelector('tbody');
  // A section that was empty needs its table first, which the server draws.
  if ((body === null) !== (holdings.length === 0)) return location.reload();
  body?.replaceChildren(...holdings.map((grant) => row(grant, accounts)));
  document.getElementById('accounts')?.replaceChildren(
    ...accounts.map((account) => {
      const made = document.createElement('li');
      made.append(
        element('strong', account.targetTitle),
        ' ',
        element('span', account.userName, { class: 'name' }),
        ' ',
        badge(account.isConfirmed, account.desired.state),
      );
      return made;
    }),
  );
  const waiting = holdings.filter((grant) => !isReady(grant, accounts)).length;
  const said = waiting === 0 ? 'All of your access is ready.' : `${waiting} of ${holdings.length} still being set up. This page follows along.`;
  const state = document.getElementById('state');
  // Set again only when it changed: screen readers read it out.
  if (holdings.length > 0 && state.textContent !== said) state.textContent = said;
  return accounts.some((account) => !account.isConfirmed) || waiting > 0;
}

async function follow() {
  try {
    const response = await fetch('/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-tenure-background': '1' },
      body: JSON.stringify({ query }),
    });
    if (response.status === 401) return location.reload();
    const { data } = await response.json();
    if (data?.me && show(data.me) === false) return;
  } catch {
    // The network is away for a moment: the next round tries again.
  }
  setTimeout(follow, every);
}

if (place) void follow();
