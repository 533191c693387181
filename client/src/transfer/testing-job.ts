/** For tests: a file to be sent to their server. */
import type { Keeper } from '../crypto/keeper';
import { layoutOf } from './sizes';
import { openSource } from './source';
import type { ContentServer } from './testing';
import type { UploadJob } from './upload';

const ID = 'c'.repeat(32);

/** Of a file with these bytes; each root that it is completed with is added to `roots`. */
export async function uploadJob(
  keeper: Keeper,
  server: ContentServer,
  roots: string[],
  blob: Blob,
): Promise<UploadJob> {
  const layout = layoutOf(blob.size);
  server.count = layout.chunkCount;
  const { contentBox } = await keeper.newContent(ID);
  return {
    share: {
      content_id: ID,
      blob_id: ID,
      chunk_size: layout.chunkSize,
      chunk_count: layout.chunkCount,
      total_size: layout.totalSize,
      content_box: contentBox,
      manifest: await keeper.sealManifest(ID, 1, {}),
    },
    layout,
    source: openSource(blob, layout),
    digests: new Map(),
    seal: (index, isLast, plain) => keeper.sealChunk(ID, index, isLast, layout.chunkSize, plain),
    completeManifest: async (digests) => {
      const root = await keeper.root(digests);
      roots.push(root);
      return keeper.sealManifest(ID, 2, { root });
    },
  };
}
