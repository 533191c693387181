import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';

import { App } from './ui/app';
import { Boundary } from './ui/parts/boundary';
import { Broken } from './ui/parts/broken';
import { startTexts } from './ui/texts/i18n';
import { startMode } from './ui/theme/mode';
import { ThemeProvider } from './ui/theme/provider';

const root = document.getElementById('root');
if (root === null) throw new Error('the page has no root');

startMode();
await startTexts();
createRoot(root).render(
  <StrictMode>
    <ThemeProvider>
      <Boundary of={App} fallback={<Broken />}>
        <App />
      </Boundary>
    </ThemeProvider>
  </StrictMode>,
);
