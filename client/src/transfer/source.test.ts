import { expect, it } from 'vitest';

import { type Layout, layoutOf } from './sizes';
import { openSource } from './source';

const MIB = 1024 * 1024;

function numbered(size: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length: size }, (_, index) => (index * 7 + (index >> 8)) & 0xff);
}

async function wholeOf(blob: Blob, layout: Layout): Promise<Uint8Array> {
  const source = openSource(blob, layout);
  const whole = new Uint8Array(layout.paddedSize);
  for (let index = 0; index < layout.chunkCount; index += 1) {
    whole.set(await source.readChunk(index), index * layout.chunkSize);
  }
  return whole;
}

it.each([0, 1, 300, 16 * 1024 + 1, MIB + 1])('reads %i bytes and pads the end', async (size) => {
  const bytes = numbered(size);
  const whole = await wholeOf(new Blob([bytes]), layoutOf(size));
  expect(Buffer.compare(whole.subarray(0, size), bytes)).toBe(0);
  expect(whole.subarray(size).every((byte) => byte === 0)).toBe(true);
});

it('reads one slice at a time, never the whole', async () => {
  const sliced: number[] = [];
  class Watched extends Blob {
    override slice(start = 0, end = this.size): Blob {
      sliced.push(end - start);
      return super.slice(start, end);
    }
    override arrayBuffer(): Promise<ArrayBuffer> {
      return Promise.reject(new Error('the whole file was read'));
    }
  }
  await wholeOf(new Watched([numbered(3 * MIB)]), layoutOf(3 * MIB));
  expect(sliced).toEqual([MIB, MIB, MIB]);
});

it('says that the file was changed when it has another size', async () => {
  const source = openSource(new Blob([numbered(10)]), layoutOf(11));
  await expect(source.readChunk(0)).rejects.toMatchObject({ code: 'file_changed' });
});

it('says that the file was changed when it cannot be read any more', async () => {
  class Moved extends Blob {
    override slice(): Blob {
      const slice = new Blob();
      slice.arrayBuffer = () => Promise.reject(new DOMException('', 'NotReadableError'));
      return slice;
    }
  }
  const source = openSource(new Moved([numbered(10)]), layoutOf(10));
  await expect(source.readChunk(0)).rejects.toMatchObject({ code: 'file_changed' });
});

it('says that the file was changed when it was written meanwhile', async () => {
  let modified = 1;
  class Edited extends File {
    override get lastModified(): number {
      return modified;
    }
  }
  const source = openSource(new Edited([numbered(10)], 'a'), layoutOf(10));
  await source.readChunk(0);
  modified = 2;
  await expect(source.readChunk(0)).rejects.toMatchObject({ code: 'file_changed' });
});
