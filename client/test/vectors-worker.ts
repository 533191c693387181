import { runVectors } from './vectors';

addEventListener('message', () => {
  void runVectors().then((outcome) => postMessage(outcome));
});
