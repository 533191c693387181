import { useEffect, useRef, useState } from 'react';

import type { Progress } from '../../store/model';
import { Speedometer } from '../../store/speed';

const LOOK_MS = 500;

type Speed = Pick<Progress, 'bytesPerSecond' | 'secondsLeft'>;

/** How fast all that moves goes together; measured while it is shown. */
export function useSpeed(doneBytes: number, totalBytes: number | null): Progress {
  const latest = useRef(doneBytes);
  const [speed, setSpeed] = useState<Speed>({ bytesPerSecond: 0, secondsLeft: null });
  useEffect(() => {
    latest.current = doneBytes;
  }, [doneBytes]);
  useEffect(() => {
    const meter = new Speedometer(totalBytes, latest.current, performance.now());
    const timer = setInterval(() => {
      setSpeed(meter.move(latest.current, performance.now()));
    }, LOOK_MS);
    return () => {
      clearInterval(timer);
    };
  }, [totalBytes]);
  const { bytesPerSecond, secondsLeft } = speed;
  return { doneBytes, totalBytes, bytesPerSecond, secondsLeft };
}
