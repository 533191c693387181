/** The File System Access API, which TypeScript's library does not have yet. */
interface Window {
  readonly showSaveFilePicker?: (options: {
    readonly suggestedName: string;
  }) => Promise<FileSystemFileHandle>;
}

interface FileSystemFileHandle {
  readonly remove?: () => Promise<void>;
}
