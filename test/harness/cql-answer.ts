import { connect } from 'node:net';

/** Version 4 of the protocol, no flags, stream 0. */
const REQUEST_HEADER = [0x04, 0x00, 0x00, 0x00];
const OPTIONS = 0x05;
const RESPONSE = 0x84;
const SUPPORTED = 0x06;
const HEADER_BYTES = 9;
const ANSWER_DEADLINE_MS = 5_000;

/**
 * Resolves when a server speaks CQL there: it is asked what it supports, which needs no login. That a port takes connections says
 * little: an engine takes them for a container in which nobody listens yet. The frames are those of CQL's binary protocol, §2, §4.1.2.
 */
export async function answersCql(host: string, port: number): Promise<void> {
  const socket = connect(port, host);
  try {
    await new Promise<void>((resolve, reject) => {
      let answer = Buffer.alloc(0);
      socket.setTimeout(ANSWER_DEADLINE_MS, () => reject(new Error(`waited ${ANSWER_DEADLINE_MS} ms for CQL`)));
      socket.once('error', reject);
      socket.once('close', () => reject(new Error('closed the connection')));
      socket.on('data', (bytes) => {
        answer = Buffer.concat([answer, bytes]);
        if (answer.length < HEADER_BYTES) return;
        if (answer[0] === RESPONSE && answer[4] === SUPPORTED) resolve();
        else reject(new Error(`answered ${answer.toString('hex', 0, HEADER_BYTES)}, which is not what CQL supports`));
      });
      socket.write(Buffer.from([...REQUEST_HEADER, OPTIONS, 0, 0, 0, 0]));
    });
  } finally {
    socket.destroy();
  }
}
