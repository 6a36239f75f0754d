import type { Outside } from './outside.ts';
import type { ServerImage } from './server-images.ts';

/** What the choice of an image asks of a Docker engine. */
export interface Engine {
  /** Whom it asks for the image. */
  registryOf(image: string): string;
  has(image: string): Promise<boolean>;
  /** Throws an `EngineError` when the registry does not give the image. */
  pull(image: string): Promise<void>;
  /** The image of what `guard` starts, if it starts something. */
  reaperImage(): string | undefined;
  /** Sees to it that containers go with the test run, even one that is killed. */
  guard(): Promise<void>;
}

/** Why an engine has no image. */
export class EngineError extends Error {
  /** Whose other images need not be asked for either; undefined when it answered. */
  readonly silentRegistry: string | undefined;

  constructor(message: string, silentRegistry?: string) {
    super(message);
    this.silentRegistry = silentRegistry;
  }
}

export interface ImageChoiceOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Gives what there is to say when there is none. Asked once. */
  readonly openEngine: () => Promise<Engine | { readonly absent: string }>;
  /** Takes the one line that says why a server runs without Docker. */
  readonly say: (line: string) => void;
}

/** The image, ready to run; or why not. Where the environment names no image, whoever asked goes on without Docker. */
export type ChooseImage = (server: ServerImage) => Promise<Outside<string>>;

/** Says `no` where there is a Docker engine that tests shall leave alone. */
export const DOCKER_SWITCH = 'SPOOR_TEST_DOCKER';

const REMEDY = 'Give this machine a Docker engine that has the image or can pull it';

/**
 * An image that the environment names is taken or missed, with Docker or not at all. Otherwise it is the official one, where
 * Docker has it or can pull it; where not, a line says so: one for all servers when there is no Docker, else one for each server.
 */
export function createImageChoice({ environment, openEngine, say }: ImageChoiceOptions): ChooseImage {
  let guarding: Promise<string | undefined> | undefined;
  let opening: ReturnType<typeof openEngine> | undefined;
  const answers = new Map<string, Promise<Outside<string>>>();
  const silent = new Map<string, string>();
  let saidForAll = false;

  function without(who: string, why: string): Outside<string> {
    say(`Docker is not used for ${who}: ${why}. Local Java is used instead.`);
    return { missing: why, remedy: REMEDY };
  }

  function withoutAll(why: string): Outside<string> {
    if (saidForAll) return { missing: why, remedy: REMEDY };
    saidForAll = true;
    return without('the servers of tests', why);
  }

  /** Why the image is not there, if so. */
  async function whyNot(engine: Engine, image: string): Promise<string | undefined> {
    const registry = engine.registryOf(image);
    try {
      if (await engine.has(image)) return undefined;
      const heard = silent.get(registry);
      if (heard === undefined) await engine.pull(image);
      return heard && `Docker has no image ${image} (${heard})`;
    } catch (error) {
      const heard = oneLine(error);
      if (error instanceof EngineError && error.silentRegistry !== undefined) silent.set(error.silentRegistry, heard);
      return `Docker has no image ${image} (${heard})`;
    }
  }

  /** Why containers would be left behind, if so. Found out once. */
  function guarded(engine: Engine): Promise<string | undefined> {
    guarding ??= (async () => {
      const image = engine.reaperImage();
      const why = image && (await whyNot(engine, image));
      if (why) return `${why}, which removes the containers of a test run that is killed`;
      return engine.guard().then(
        () => undefined,
        (error) => `what removes the containers of a test run that is killed does not start: ${oneLine(error)}`,
      );
    })();
    return guarding;
  }

  async function choose({ name, official, variable }: ServerImage): Promise<Outside<string>> {
    const named = environment[variable];
    if (!named && environment[DOCKER_SWITCH] === 'no') return withoutAll(`${DOCKER_SWITCH} is no`);
    opening ??= openEngine();
    const engine = await opening;
    if ('absent' in engine)
      return named
        ? { missing: `${variable} is ${named}, but ${engine.absent}`, remedy: REMEDY }
        : withoutAll(engine.absent);
    const image = named || official;
    const why = (await whyNot(engine, image)) ?? (await guarded(engine));
    if (why === undefined) return { found: image };
    return named ? { missing: `${variable} is ${named}, but ${why}`, remedy: REMEDY } : without(name, why);
  }

  return (server) => {
    const answer = answers.get(server.name) ?? choose(server);
    answers.set(server.name, answer);
    return answer;
  };
}

function oneLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replace(/\s+/g, ' ').trim();
}
