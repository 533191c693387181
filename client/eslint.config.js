import js from '@eslint/js';
import reactHooks from 'eslint-plugin-react-hooks';
import globals from 'globals';
import tseslint from 'typescript-eslint';

/** Folders point down: ui > store > transfer > crypto | protocol. */
const allowed = {
  ui: ['store'],
  store: ['transfer', 'crypto', 'protocol', 'sw'],
  transfer: ['crypto', 'protocol', 'sw'],
  sw: [],
  crypto: [],
  protocol: [],
};
const folders = Object.keys(allowed);

const layers = folders.map((folder) => ({
  files: [`src/${folder}/**/*.{ts,tsx}`],
  rules: {
    'no-restricted-imports': [
      'error',
      {
        patterns: folders
          .filter((other) => other !== folder && !allowed[folder].includes(other))
          .map((other) => ({
            group: [`**/${other}/*`],
            message: `${folder}/ may not import ${other}/ (ARCHITECTURE.md).`,
          })),
      },
    ],
  },
}));

export default tseslint.config(
  { ignores: ['.vectors-dist', 'node_modules', 'src/protocol/generated.ts'] },
  js.configs.recommended,
  ...tseslint.configs.strictTypeChecked,
  reactHooks.configs.flat.recommended,
  {
    languageOptions: {
      globals: globals.browser,
      parserOptions: { projectService: { allowDefaultProject: ['*.js'] } },
    },
    rules: {
      '@typescript-eslint/consistent-type-assertions': ['error', { assertionStyle: 'never' }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      eqeqeq: 'error',
    },
  },
  ...layers,
  {
    files: ['src/{ui,store,transfer,crypto}/**/*.{ts,tsx}'],
    rules: {
      'no-restricted-globals': [
        'error',
        { name: 'fetch', message: 'Only protocol/ talks to the server.' },
        { name: 'WebSocket', message: 'Only protocol/ talks to the server.' },
      ],
    },
  },
  { files: ['src/**/*.test.{ts,tsx}'], rules: { 'no-restricted-imports': 'off' } },
  { files: ['*.js'], extends: [tseslint.configs.disableTypeChecked] },
);
