import type { ItemView, MailView } from './mail-view.ts';

/** An item with everything that it can have. */
export function itemView(over: Partial<ItemView> = {}): ItemView {
  return {
    title: 'Finance clerk',
    for: 'Ada Lovelace',
    by: 'Grace Hopper',
    justification: 'The year ends',
    duration: '90 days',
    observedTargets: 'CRM',
    dueAt: '5 March 2026 at 12:00',
    exceptions: [{ rule: 'pay-and-approve', names: 'payer, approver', control: 'four eyes' }],
    status: 'open',
    reason: 'denied',
    validUntil: '5 June 2026',
    comments: ['Only for the closing'],
    decideLink: 'https://tenure.example/decide/td_token',
    ...over,
  };
}

/** A view with everything that any template shows. */
export function fullView(over: Partial<MailView> = {}): MailView {
  return {
    name: 'Barbara Liskov',
    person: 'Ada Lovelace',
    item: itemView(),
    items: [itemView(), itemView({ title: 'Payer' })],
    case: { kind: 'transfer', person: 'Ada Lovelace', deadline: '5 March 2026' },
    from: 'Alan Turing',
    startsAt: '1 March 2026',
    endsAt: '8 March 2026',
    missing: ['sponsor', 'endDate'],
    isEscalated: false,
    isOwn: false,
    isUndo: false,
    provider: 'Contoso',
    link: 'https://tenure.example/me',
    ...over,
  };
}
