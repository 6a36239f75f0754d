import { type JavaCassandra, startCassandraInJava } from '../harness/index.ts';

/** As small installations have it, and compiled as well as it gets. */
const JAVA_ARGS = ['-Xms1g', '-Xmx1g', '-Xss512k', '-XX:+UseG1GC'];

/** A Cassandra to be measured. */
export async function startMeasuredCassandra(): Promise<JavaCassandra> {
  const outside = await startCassandraInJava({ javaArgs: JAVA_ARGS });
  if ('missing' in outside) throw new Error(`${outside.missing}. ${outside.remedy}`);
  return outside.found;
}
