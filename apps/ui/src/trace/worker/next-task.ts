const channel = new MessageChannel();
const waiting: (() => void)[] = [];
channel.port1.onmessage = () => waiting.shift()?.();

/** Lets messages and frames in, which wait behind micro-tasks. Unlike a timer it is not slowed down when it comes often. */
export function nextTask(): Promise<void> {
  return new Promise((resume) => {
    waiting.push(resume);
    channel.port2.postMessage(undefined);
  });
}
