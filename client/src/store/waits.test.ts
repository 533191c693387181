import { expect, it } from 'vitest';

import { idOf, openedOf, pageOf } from './fixtures';
import { type Change, emptySession, reduce, type SessionModel, viewOf } from './session';

it('waits for the sender of what is still being sent while they are away', () => {
  const uploading = openedOf(1, 1, { state: 'uploading', sender: idOf(7) });
  const page = pageOf('first', {
    through: 1,
    rows: [uploading],
    members: [{ memberId: idOf(7), joinedAt: 7, name: 'Zoë' }],
  });
  const listed = reduce(emptySession('garden', 'Ada'), { kind: 'page', page });
  const here = reduce(listed, { kind: 'link', link: { state: 'online' } });
  const waitsIn = (model: SessionModel) => viewOf(model).contents[0]?.waits;
  expect(waitsIn(here)).toBe(false);
  const gone: Change = {
    kind: 'revised',
    revision: 2,
    change: { kind: 'left', memberId: idOf(7) },
  };
  const away = reduce(here, gone);
  expect(waitsIn(away)).toBe(true);
  // Off line nobody knows who is there.
  expect(waitsIn(reduce(away, { kind: 'link', link: { state: 'connecting' } }))).toBe(false);
  const whole = openedOf(1, 3, { sender: idOf(7) });
  const change = { kind: 'row', row: whole } as const;
  expect(waitsIn(reduce(away, { kind: 'revised', revision: 3, change }))).toBe(false);
});
