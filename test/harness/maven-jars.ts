import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Outside } from './outside.ts';
import { repositoryRoot } from './spoor-process.ts';

/** A server that tests run in a Java virtual machine, as Maven knows it. */
export interface JarSet {
  /** What people call it. */
  readonly name: string;
  readonly version: string;
  /** `group:artifact:version`; what they depend on at run time is fetched with them. */
  readonly artifacts: readonly string[];
  /** The environment variable that names a running server instead. */
  readonly setting: string;
  /** Makes of the fetched folder, whose jars are in `lib`, what the server needs. Runs once, before the folder is kept. */
  readonly prepare?: (directory: string) => Promise<void>;
  /** What `prepare` depends on: another text, another folder. */
  readonly preparation?: string;
}

const FETCH_DEADLINE_MS = 300_000;
const cache = join(repositoryRoot, 'node_modules/.cache/spoor-jars');
const run = promisify(execFile);

/** The folder with a server's jars in `lib`: kept from an earlier run, or fetched once by Maven. */
export async function mavenJars(set: JarSet): Promise<Outside<string>> {
  const { name, version, setting, prepare } = set;
  const instead = `or set ${setting}`;
  if (!(await runs('java', '-version')))
    return { missing: 'There is no Java', remedy: `Install a Java 17 JDK, ${instead}` };
  const content = createHash('sha256')
    .update([...set.artifacts, set.preparation].join('\n'))
    .digest('hex')
    .slice(0, 8);
  const directory = join(cache, `${name.toLowerCase()}-${version}-${content}`);
  if (existsSync(directory)) return { found: directory };
  if (!(await runs('mvn', '-version'))) return { missing: 'There is no Maven', remedy: `Install Maven, ${instead}` };
  if (prepare !== undefined && !(await runs('javac', '-version')))
    return { missing: 'There is no Java compiler', remedy: `Install a Java 17 JDK, ${instead}` };
  mkdirSync(cache, { recursive: true });
  const work = mkdtempSync(join(cache, 'fetch-'));
  try {
    writeFileSync(join(work, 'pom.xml'), pomOf(set));
    const goal = ['dependency:copy-dependencies', '-DoutputDirectory=lib', '-DincludeScope=runtime'];
    await run('mvn', ['-B', '-ntp', '-q', ...goal], { cwd: work, timeout: FETCH_DEADLINE_MS });
    await prepare?.(work);
    // Complete or absent; when two suites fetch at once the second one finds the first one's.
    if (!existsSync(directory)) renameSync(work, directory);
    return { found: directory };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return {
      missing: `Maven could not fetch ${name} ${version}: ${why}`,
      remedy: `Give Maven access to its repository, ${instead}`,
    };
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function pomOf({ name, artifacts }: JarSet): string {
  const dependencies = artifacts.map((artifact) => {
    const [group, id, version] = artifact.split(':');
    return `    <dependency><groupId>${group}</groupId><artifactId>${id}</artifactId><version>${version}</version></dependency>\n`;
  });
  return `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>spoor.test</groupId><artifactId>${name.toLowerCase()}</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
${dependencies.join('')}  </dependencies>
</project>
`;
}

async function runs(program: string, argument: string): Promise<boolean> {
  return run(program, [argument], { timeout: 30_000 }).then(
    () => true,
    () => false,
  );
}
