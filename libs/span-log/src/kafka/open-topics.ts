import type { KafkaSpanLogOptions } from './config.ts';
import type { KafkaTopicAdmin } from './topic-admin.ts';
import type { KafkaTopicRecords } from './topic-records.ts';

export interface KafkaTopics {
  readonly admin: KafkaTopicAdmin;
  readonly records: KafkaTopicRecords;
  close(): Promise<void>;
}

/** For people who look after topics and into them. The client library is loaded here, since most processes do without. */
export async function openKafkaTopics(options: KafkaSpanLogOptions): Promise<KafkaTopics> {
  const { KafkaTopicAdmin } = await import('./topic-admin.ts');
  const { KafkaTopicRecords } = await import('./topic-records.ts');
  const admin = new KafkaTopicAdmin(options);
  const records = new KafkaTopicRecords(options);
  return {
    admin,
    records,
    async close() {
      await Promise.allSettled([admin.close(), records.close()]);
    },
  };
}
