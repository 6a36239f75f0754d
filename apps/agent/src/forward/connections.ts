import { type ChannelInterface, connectivityState } from '@grpc/grpc-js';

export interface Connections {
  /** Endpoints that are connected; of a name with several addresses at least one. */
  readonly open: number;
  /** How often an endpoint became connected. */
  readonly everOpened: number;
}

export interface ConnectionWatch {
  /** Connects, and connects anew what idles. It ends when the channels are closed. */
  begin(): void;
  now(): Connections;
}

/** Keeps channels connected, and tells of how many that is true. */
export function watchConnections(channels: readonly ChannelInterface[]): ConnectionWatch {
  const open = new Set<ChannelInterface>();
  let everOpened = 0;

  function look(channel: ChannelInterface): void {
    const state = channel.getConnectivityState(false);
    if (state !== connectivityState.READY) open.delete(channel);
    else if (!open.has(channel)) {
      open.add(channel);
      everOpened += 1;
    }
    if (state === connectivityState.SHUTDOWN) return;
    // Not at once: the channel calls back from the middle of its change.
    channel.watchConnectivityState(state, Number.POSITIVE_INFINITY, () => setImmediate(look, channel));
    if (state === connectivityState.IDLE) channel.getConnectivityState(true);
  }

  return {
    begin: () => channels.forEach(look),
    now: () => ({ open: open.size, everOpened }),
  };
}
