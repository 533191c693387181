import type { Content } from '../../store/model';
import { sizeText } from '../texts/format';
import { CardHead } from './card-head';
import { KindIcon } from './kind-icon';
import { useTitle } from './use-title';

/** A file: its kind as a sign, its name, its size. */
export function FileBody({ content }: { readonly content: Content }) {
  return (
    <CardHead sign={<KindIcon mime={content.mime} size={22} />} title={useTitle(content)}>
      {content.size === null ? null : sizeText(content.size)}
    </CardHead>
  );
}
