/** What TLS says, by the code of the error, and what to change. */
const OF_TLS: readonly (readonly [RegExp, string])[] = [
  [
    /SELF_SIGNED_CERT|UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER/,
    'give the authority that signed the certificate of the servers as storage.elasticsearch.tls.ca',
  ],
  [/CERT_HAS_EXPIRED|CERT_NOT_YET_VALID/, 'renew the certificate of the servers, or set the clock of this machine'],
  [
    /ALTNAME_INVALID/,
    'write the name that the certificate is for in storage.elasticsearch.servers, or as tls.serverName',
  ],
  [
    /ALERT_CERTIFICATE_REQUIRED|ALERT_HANDSHAKE|ALERT_BAD_CERTIFICATE|ALERT_UNKNOWN_CA/,
    'the servers ask for a certificate: give storage.elasticsearch.tls.cert and tls.key, signed by whom they trust',
  ],
  [/WRONG_VERSION|PACKET_LENGTH/, 'the port speaks no TLS: write http:// in storage.elasticsearch.servers'],
];
const OF_NETWORK: readonly (readonly [RegExp, string])[] = [
  [/ENOTFOUND|EAI_AGAIN|ECONNREFUSED/, 'see whether storage.elasticsearch.servers is right and they are up'],
];

/** What a person may change where nobody answered, behind a semicolon; nothing where it is not known. */
export function adviceOnFailure(cause: unknown): string {
  const { code = '', message = '' } = (cause ?? {}) as { code?: string; message?: string };
  // What OpenSSL says stands in the message alone, behind EPROTO.
  const said = code === 'EPROTO' ? message.toUpperCase().replaceAll(' ', '_') : code;
  const [, advice] = [...OF_TLS, ...OF_NETWORK].find(([codes]) => codes.test(said)) ?? [];
  return advice === undefined ? '' : `; ${advice}`;
}

/** The same for the status of an answer. */
export function adviceOnStatus(status: number): string {
  if (status === 401)
    return '; give the login as storage.elasticsearch.username with password or passwordFile, as apiKeyFile, or as tokenFile, and see whether it is still valid';
  if (status === 403)
    return '; give the login the rights that "Reaching the servers" in docs/elasticsearch.md lists, or another login';
  return '';
}
