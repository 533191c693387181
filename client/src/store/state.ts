/**
 * Where the state of a session lives: changes go in, whoever subscribed is told.
 *
 * Hundreds of contents and their progress can change in one second; listeners are told twenty
 * times a second at most, and twice when nothing but bytes moved. A timer and not an animation
 * frame: hidden pages draw none.
 */
import { type Change, emptySession, reduce, type SessionModel, viewOf } from './session';
import type { SessionState } from './model';

/** Shorter than anybody notices, long enough to draw a full session on a phone. */
const PUBLISH_AFTER_MS = 50;
/** Drawing each chunk took a tenth of the processor time of a transfer (docs/decisions/0030). */
const PUBLISH_MOVEMENT_AFTER_MS = 500;

export class StateStore {
  #model: SessionModel;
  #view: SessionState;
  readonly #listeners = new Set<() => void>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** When the next publication is due, by `performance.now()`. */
  #dueAtMs = Infinity;

  constructor(sessionName: string, memberName: string) {
    this.#model = emptySession(sessionName, memberName);
    this.#view = viewOf(this.#model);
  }

  /** The state with every change so far, for the store's own decisions. */
  get model(): SessionModel {
    return this.#model;
  }

  /** The state as last published; the same object until the next publication. */
  readonly getState = (): SessionState => this.#view;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  };

  dispatch(change: Change): void {
    const known = this.#model;
    this.#model = reduce(known, change);
    if (this.#model === known) return;
    const afterMs = isMovement(known, change) ? PUBLISH_MOVEMENT_AFTER_MS : PUBLISH_AFTER_MS;
    const dueAtMs = performance.now() + afterMs;
    if (dueAtMs >= this.#dueAtMs) return;
    clearTimeout(this.#timer);
    this.#dueAtMs = dueAtMs;
    this.#timer = setTimeout(this.#publish, afterMs);
  }

  readonly #publish = (): void => {
    this.#dueAtMs = Infinity;
    this.#view = viewOf(this.#model);
    for (const listener of [...this.#listeners]) listener();
  };
}

/** Whether a change says no more than that what moved already has moved on. */
function isMovement({ contents, zips }: SessionModel, change: Change): boolean {
  switch (change.kind) {
    case 'progress':
      return true;
    case 'activity':
      return contents.activities.get(change.contentId)?.kind === change.activity.kind;
    case 'zip':
      return zips.get(change.folderKey)?.activity.kind === change.zipping.activity.kind;
    default:
      return false;
  }
}
