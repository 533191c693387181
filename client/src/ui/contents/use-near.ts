import { type RefObject, useEffect, useState } from 'react';

/** Whether an element is at most one height of its scroller away from what is seen of it. */
export function useNear(element: RefObject<HTMLElement | null>): boolean {
  const [isNear, setNear] = useState(false);
  useEffect(() => {
    const watched = element.current;
    if (watched === null) return undefined;
    const root = watched.closest('[role="region"]');
    const observer = new IntersectionObserver(
      (entries) => {
        setNear(entries.at(-1)?.isIntersecting ?? false);
      },
      { root, rootMargin: '100% 0px' },
    );
    observer.observe(watched);
    return () => {
      observer.disconnect();
    };
  }, [element]);
  return isNear;
}
