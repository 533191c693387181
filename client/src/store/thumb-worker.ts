/** The worker in which one thumbnail is drawn: it has no keys, and ends with it. */
import { expose } from 'comlink';

import { type Encode, type Extent, firstFitting, within } from './thumb-steps';

export interface DrawnThumb extends Extent {
  readonly bytes: ArrayBuffer;
}

function drawOn(bitmap: ImageBitmap, side: number): Encode {
  const { width, height } = within(bitmap, side);
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d');
  if (context === null) throw new Error('nothing can be drawn here');
  context.imageSmoothingQuality = 'high';
  context.drawImage(bitmap, 0, 0, width, height);
  return (mime, quality) => {
    if (mime === 'image/jpeg') {
      // What is transparent would be black.
      context.globalCompositeOperation = 'destination-over';
      context.fillStyle = 'white';
      context.fillRect(0, 0, width, height);
    }
    return canvas.convertToBlob({ type: mime, quality });
  };
}

/** Draw a picture small, upright as its EXIF says; null when it cannot be made small enough. */
async function drawThumb(picture: Blob): Promise<DrawnThumb | null> {
  const bitmap = await createImageBitmap(picture, { imageOrientation: 'from-image' });
  const made = await firstFitting((side) => drawOn(bitmap, side));
  if (made === null) return null;
  const { width, height } = bitmap;
  return { width, height, bytes: await made.arrayBuffer() };
}

export type DrawThumb = typeof drawThumb;

expose(drawThumb);
