import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

export interface KafkaCertificate {
  /** A PKCS #12 file with the broker's key. */
  readonly keyStore: string;
  readonly password: string;
  /** What a client must trust, as PEM. */
  readonly ca: string;
}

/** A self-signed certificate for 127.0.0.1, by the tool that comes with Java. */
export async function createKafkaCertificate(directory: string): Promise<KafkaCertificate> {
  const run = promisify(execFile);
  const keyStore = join(directory, 'broker.p12');
  const pem = join(directory, 'broker.pem');
  const password = 'only-for-tests';
  const store = ['-alias', 'broker', '-keystore', keyStore, '-storetype', 'PKCS12', '-storepass', password];
  const subject = ['-dname', 'CN=spoor-test', '-ext', 'SAN=ip:127.0.0.1', '-validity', '2'];
  await run('keytool', ['-genkeypair', '-keyalg', 'EC', ...store, ...subject]);
  await run('keytool', ['-exportcert', '-rfc', '-file', pem, ...store]);
  return { keyStore, password, ca: readFileSync(pem, 'utf8') };
}

export interface KafkaClientCertificate {
  /** PEM, the certificate being its own authority. */
  readonly cert: string;
  readonly key: string;
  /** Where `cert` lies. */
  readonly certFile: string;
}

/** A self-signed certificate for a client; the tool of Java gives away no key as PEM. */
export async function createKafkaClientCertificate(directory: string): Promise<KafkaClientCertificate> {
  const certFile = join(directory, 'client.pem');
  const keyFile = join(directory, 'client.key');
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', keyFile];
  const subject = ['-subj', '/CN=spoor-test-client', '-days', '2'];
  await promisify(execFile)('openssl', ['req', '-x509', ...key, ...subject, '-out', certFile]);
  return { cert: readFileSync(certFile, 'utf8'), key: readFileSync(keyFile, 'utf8'), certFile };
}
