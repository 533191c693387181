import { expect, it } from 'vitest';

import { Speedometer } from './speed';

it('comes to the speed of a steady transfer and says what is left', () => {
  const speed = new Speedometer(1_000_000, 0, 0);
  for (let second = 1; second <= 10; second += 1) speed.move(second * 50_000, second * 1000);
  expect(speed.progress).toEqual({
    doneBytes: 500_000,
    totalBytes: 1_000_000,
    bytesPerSecond: 50_000,
    secondsLeft: 10,
  });
});

it('follows a change within seconds, not at once', () => {
  const speed = new Speedometer(null, 0, 0);
  speed.move(100_000, 1000);
  const soon = speed.move(100_000, 2000).bytesPerSecond;
  expect(soon).toBeGreaterThan(50_000);
  const later = speed.move(100_000, 20_000).bytesPerSecond;
  expect(later).toBeLessThan(5_000);
});

it('does not count a pause', () => {
  const speed = new Speedometer(null, 0, 0);
  speed.move(100_000, 1000);
  speed.resume(100_000, 600_000);
  expect(speed.move(200_000, 601_000).bytesPerSecond).toBe(100_000);
});

it('knows no end without a length or without a speed', () => {
  expect(new Speedometer(null, 5, 0).move(10, 1000).secondsLeft).toBeNull();
  expect(new Speedometer(100, 5, 0).progress.secondsLeft).toBeNull();
});

it('does not measure moments', () => {
  const speed = new Speedometer(null, 0, 0);
  expect(speed.move(1_000_000, 1).bytesPerSecond).toBe(0);
  expect(speed.move(1_000_000, 1000).bytesPerSecond).toBe(1_000_000);
});
