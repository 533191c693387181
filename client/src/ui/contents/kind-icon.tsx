import { File, FileArchive, FileAudio, FileImage, FileText, FileVideo } from 'lucide-react';

const ICONS = [
  [/^image\//, FileImage],
  [/^audio\//, FileAudio],
  [/^video\//, FileVideo],
  [/^text\/|\/pdf$/, FileText],
  [/zip|tar|compress|7z|rar/, FileArchive],
] as const;

interface KindIconProps {
  readonly mime: string;
  /** In pixels. */
  readonly size: number;
}

/** The sign of a kind of file. */
export function KindIcon({ mime, size }: KindIconProps) {
  const Icon = ICONS.find(([kind]) => kind.test(mime))?.[1] ?? File;
  return <Icon size={size} aria-hidden="true" />;
}
