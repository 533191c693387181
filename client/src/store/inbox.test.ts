import { expect, it, vi } from 'vitest';

import { Inbox } from './inbox';

it('handles one after the other, in the order of arrival', async () => {
  const order: string[] = [];
  const inbox = new Inbox(vi.fn(), new AbortController().signal);
  let open: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  void inbox.add(async () => {
    await gate;
    order.push('slow');
  });
  const last = inbox.add(() => {
    order.push('quick');
    return Promise.resolve();
  });
  expect(order).toEqual([]);
  open();
  await last;
  expect(order).toEqual(['slow', 'quick']);
});

it('tells of a fault and goes on', async () => {
  const onFault = vi.fn();
  const inbox = new Inbox(onFault, new AbortController().signal);
  const fault = new Error('broken');
  await inbox.add(() => Promise.reject(fault));
  const next = vi.fn(() => Promise.resolve());
  await inbox.add(next);
  expect(onFault).toHaveBeenCalledExactlyOnceWith(fault);
  expect(next).toHaveBeenCalledOnce();
});

it('handles nothing of a connection that is over', async () => {
  const closed = new AbortController();
  const inbox = new Inbox(vi.fn(), closed.signal);
  const late = vi.fn(() => Promise.resolve());
  await inbox.add(() => {
    closed.abort();
    return Promise.resolve();
  });
  await inbox.add(late);
  expect(late).not.toHaveBeenCalled();
});
