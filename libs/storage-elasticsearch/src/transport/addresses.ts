import { SpoorError } from '@spoor/model';
import { DEFAULT_SERVERS, type ElasticsearchConfig, LOGIN_IN_URL } from '../settings.ts';

/** URLs of the nodes without a slash behind them, each once. Throws `SPOOR_INVALID_CONFIGURATION`. */
export function addressesOf({ servers, cloudId }: Pick<ElasticsearchConfig, 'servers' | 'cloudId'>): string[] {
  if (cloudId !== undefined) {
    if (servers.length > 0 && servers.join() !== DEFAULT_SERVERS.join())
      throw new SpoorError(
        'SPOOR_INVALID_CONFIGURATION',
        'storage.elasticsearch has servers and a cloudId, which stands for them; leave one of them out',
      );
    return [addressOfCloudId(cloudId)];
  }
  // Not all addresses come through the settings.
  if (servers.some((server) => server.includes('@')))
    throw new SpoorError('SPOOR_INVALID_CONFIGURATION', `storage.elasticsearch.servers has ${LOGIN_IN_URL}`);
  return [...new Set(servers.map((server) => server.replace(/\/+$/, '')))];
}

/** A cloud id is a name, a colon, and in base64 the host, `$`, and the id of the cluster there; either may have `:port`. */
function addressOfCloudId(cloudId: string): string {
  const [host = '', cluster = ''] = Buffer.from(cloudId.slice(cloudId.lastIndexOf(':') + 1), 'base64')
    .toString('utf8')
    .split('$');
  const [name = '', portOfHost = '443'] = host.split(':');
  const [id = '', port = portOfHost] = cluster.split(':');
  if (!/^[\w.-]+$/.test(name) || !/^[\w-]+$/.test(id) || !/^\d+$/.test(port)) {
    throw new SpoorError(
      'SPOOR_INVALID_CONFIGURATION',
      'storage.elasticsearch.cloudId is not one; copy it from the page of the deployment, name and colon included',
    );
  }
  return `https://${id}.${name}:${port}`;
}
