/**
 * Where the state of a session lives: changes go in, whoever subscribed is told.
 *
 * Hundreds of contents and their progress can change in one second; listeners are told twenty
 * times a second at most. A timer and not an animation frame: hidden pages draw none.
 */
import { type Change, emptySession, reduce, type SessionModel, viewOf } from './session';
import type { SessionState } from './model';

/** Shorter than anybody notices, long enough to draw a full session on a phone. */
const PUBLISH_AFTER_MS = 50;

export class StateStore {
  #model: SessionModel;
  #view: SessionState;
  readonly #listeners = new Set<() => void>();
  #isDue = false;

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
    const next = reduce(this.#model, change);
    if (next === this.#model) return;
    this.#model = next;
    if (this.#isDue) return;
    this.#isDue = true;
    setTimeout(this.#publish, PUBLISH_AFTER_MS);
  }

  readonly #publish = (): void => {
    this.#isDue = false;
    this.#view = viewOf(this.#model);
    for (const listener of [...this.#listeners]) listener();
  };
}
