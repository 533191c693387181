/** Folders: shared, listed and saved as one. */
export const folders = {
  files_one: '{{count}} file',
  files_other: '{{count}} files',
  here_one: '{{here}} of {{count}} file is here',
  here_other: '{{here}} of {{count}} files are here',
  show: 'Show files',
  hide: 'Hide files',
  list: 'Files in {{name}}',
  others: 'Show the others',
  zip: 'Save as zip',
  zipPart: 'Save {{here}} as zip',
  zipName: '{{name}}.zip',
  zipPartName: '{{name}} ({{here}} of {{count}} files).zip',
  zipping: 'Saving as zip',
  zipFailed: 'No zip was saved.',
  zipFailedAt: 'No zip was saved, because of {{file}}.',
  failed_one: '{{count}} file could not be shared.',
  failed_other: '{{count}} files could not be shared.',
  removeTitle: 'Remove {{name}}?',
  removeBody_one: 'Its {{count}} file is gone for all members, and its bytes leave the server.',
  removeBody_other:
    'Its {{count}} files are gone for all members, and their bytes leave the server.',
};
