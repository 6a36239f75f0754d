import { CASSANDRA_VERSION } from './cassandra-jars.ts';
import { KAFKA_VERSION } from './kafka-jars.ts';
import { ELASTICSEARCH_VERSION, OPENSEARCH_VERSION } from './search-server-jars.ts';

/** An image that a server for tests comes from. */
export interface ServerImage {
  /** What people call the server. */
  readonly name: string;
  /** The official one. */
  readonly official: string;
  /** The environment variable that names another. */
  readonly variable: string;
}

/** The same versions as without Docker. */
export const SERVER_IMAGES = {
  kafka: {
    name: 'Kafka',
    official: `apache/kafka:${KAFKA_VERSION}`,
    variable: 'SPOOR_TEST_KAFKA_IMAGE',
  },
  elasticsearch: {
    name: 'Elasticsearch',
    official: `docker.elastic.co/elasticsearch/elasticsearch:${ELASTICSEARCH_VERSION}`,
    variable: 'SPOOR_TEST_ELASTICSEARCH_IMAGE',
  },
  opensearch: {
    name: 'OpenSearch',
    official: `opensearchproject/opensearch:${OPENSEARCH_VERSION}`,
    variable: 'SPOOR_TEST_OPENSEARCH_IMAGE',
  },
  cassandra: {
    name: 'Cassandra',
    official: `cassandra:${CASSANDRA_VERSION}`,
    variable: 'SPOOR_TEST_CASSANDRA_IMAGE',
  },
} as const satisfies Readonly<Record<string, ServerImage>>;

export type ServerName = keyof typeof SERVER_IMAGES;
