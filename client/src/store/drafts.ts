/** What this member shares, beside what the server has of it. Pure. */
import type { Contents, Item } from './contents';
import type { Content } from './model';

/**
 * Show contents of this member before the server knows them, or that they are theirs. Of a folder
 * they come together: one after the other would copy all that is there for each.
 */
export function addDrafts(contents: Contents, drafts: readonly Content[]): Contents {
  const items = new Map(contents.items);
  const activities = new Map(contents.activities);
  const mine = new Set(contents.mine);
  for (const draft of drafts) {
    const { contentId, activity } = draft;
    const known = items.get(contentId);
    mine.add(contentId);
    activities.set(contentId, activity);
    const item: Item =
      known?.kind === 'content'
        ? { ...known, content: { ...known.content, mine: true, activity } }
        : { kind: 'content', content: draft, source: null };
    items.set(contentId, item);
  }
  return { ...contents, items, activities, mine };
}
