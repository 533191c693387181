/** How a thumbnail is made small enough: worse first, then smaller. */
import { THUMB_MAX_BYTES, THUMB_SIDE } from './thumb';

const SIDES = [THUMB_SIDE, 224, 160, 96];
const QUALITIES = [0.8, 0.65, 0.5, 0.35];

export interface Extent {
  readonly width: number;
  readonly height: number;
}

/** The same shape with no side longer than `side`; nothing is made larger. */
export function within({ width, height }: Extent, side: number): Extent {
  const scale = Math.min(1, side / Math.max(width, height));
  const scaled = (length: number) => Math.max(1, Math.round(length * scale));
  return { width: scaled(width), height: scaled(height) };
}

/** Gives a picture of another type where the browser cannot write the one that is asked for. */
export type Encode = (mime: 'image/webp' | 'image/jpeg', quality: number) => Promise<Blob>;

/** The best WebP that fits, JPEG where there is no WebP; null when none does. */
export async function firstFitting(draw: (side: number) => Encode): Promise<Blob | null> {
  let mime: Parameters<Encode>[0] = 'image/webp';
  for (const side of SIDES) {
    const encode = draw(side);
    for (const quality of QUALITIES) {
      let made = await encode(mime, quality);
      if (made.type !== mime) {
        mime = 'image/jpeg';
        made = await encode(mime, quality);
      }
      if (made.type === mime && made.size <= THUMB_MAX_BYTES) return made;
    }
  }
  return null;
}
