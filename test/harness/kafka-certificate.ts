import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface KafkaCertificate {
  /** A PKCS #12 file with the broker's key. */
  readonly keyStore: string;
  readonly password: string;
  /** What a client must trust, as PEM. */
  readonly ca: string;
}

/** A self-signed certificate for 127.0.0.1. */
export async function createKafkaCertificate(directory: string): Promise<KafkaCertificate> {
  const keyStore = join(directory, 'broker.p12');
  const password = 'only-for-tests';
  const subject = ['-subj', '/CN=spoor-test', '-addext', 'subjectAltName=IP:127.0.0.1'];
  const { certFile, keyFile } = await createCertificate(directory, 'broker', subject);
  const pair = ['-in', certFile, '-inkey', keyFile, '-name', 'broker'];
  await run('openssl', ['pkcs12', '-export', ...pair, '-out', keyStore, '-passout', `pass:${password}`]);
  return { keyStore, password, ca: readFileSync(certFile, 'utf8') };
}

export interface KafkaClientCertificate {
  /** PEM, the certificate being its own authority. */
  readonly cert: string;
  readonly key: string;
  /** Where `cert` lies. */
  readonly certFile: string;
}

/** A self-signed certificate for a client. */
export async function createKafkaClientCertificate(directory: string): Promise<KafkaClientCertificate> {
  const { certFile, keyFile } = await createCertificate(directory, 'client', ['-subj', '/CN=spoor-test-client']);
  return { cert: readFileSync(certFile, 'utf8'), key: readFileSync(keyFile, 'utf8'), certFile };
}

async function createCertificate(directory: string, name: string, subject: readonly string[]) {
  const certFile = join(directory, `${name}.pem`);
  const keyFile = join(directory, `${name}.key`);
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', keyFile];
  await run('openssl', ['req', '-x509', ...key, ...subject, '-days', '2', '-out', certFile]);
  return { certFile, keyFile };
}
