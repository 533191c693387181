/** The catalogue: texts by key, in the member's language when there is one. */
import { createInstance } from 'i18next';
import { initReactI18next } from 'react-i18next';

import { en } from './en';

declare module 'i18next' {
  interface CustomTypeOptions {
    resources: { translation: typeof en };
  }
}

export const i18n = createInstance();

/** Load the catalogue; call once before the first rendering. */
export async function startTexts(): Promise<void> {
  await i18n.use(initReactI18next).init({
    lng: 'en',
    fallbackLng: 'en',
    resources: { en: { translation: en } },
    interpolation: { escapeValue: false },
  });
}
