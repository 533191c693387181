import Runner from './vectors-worker?worker';

const worker = new Runner();
worker.addEventListener('message', (event: MessageEvent<unknown>) => {
  document.body.dataset['result'] = JSON.stringify(event.data);
});
worker.postMessage('run');
