import type { Component } from '@spoor/model';
import type { Logger } from 'pino';
import type { Readiness } from './readiness.ts';

/**
 * Several components as one: started in order, which is from the storage backwards to the senders, and stopped in reverse.
 * When one does not start, those before it are stopped again and its error is thrown.
 */
export function inOrder(name: string, components: readonly Component[], logger: Logger): Component {
  const started: Component[] = [];

  async function stopAll(signal: AbortSignal): Promise<void> {
    for (let component = started.pop(); component !== undefined; component = started.pop()) {
      try {
        await component.stop(signal);
        logger.debug({ component: component.name }, 'stopped');
      } catch (error) {
        // The others must have their chance to drain all the same.
        logger.error({ err: error, component: component.name }, 'did not stop cleanly');
      }
    }
  }

  return {
    name,
    async start() {
      for (const component of components) {
        // Before it starts: a start that fails half-way is released by stop, which is legal at any time.
        started.push(component);
        try {
          await component.start();
        } catch (error) {
          await stopAll(AbortSignal.timeout(START_FAILURE_GRACE_MS));
          throw error;
        }
        logger.debug({ component: component.name }, 'started');
      }
    },
    stop: stopAll,
  };
}

/** A whole process as a component: not ready while it starts and stops, whatever its parts say. `started` tells people. */
export function readyWhileStarted(whole: Component, readiness: Readiness, started: () => void): Component {
  return {
    name: whole.name,
    async start() {
      readiness.hold('the process is starting');
      await whole.start();
      readiness.hold(undefined);
      started();
    },
    async stop(signal) {
      readiness.hold('the process is stopping');
      await whole.stop(signal);
    },
  };
}

const START_FAILURE_GRACE_MS = 5000;
