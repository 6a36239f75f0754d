import { ApiError } from './errors.ts';

export type Parameters = Readonly<Record<string, string | number | undefined>>;

/** The UI's own address, with a slash at its end; the server may have put it under a path. */
export function baseUrl(): URL {
  return new URL('./', document.baseURI);
}

/** Where the UI lives, for the router: `''`, or `/tracing`. */
export function basePath(): string {
  return baseUrl().pathname.replace(/\/$/, '');
}

/** Sends a GET and returns the answer once it is known to be a success. `what` begins the error's text: `The traces could not be loaded`. */
export async function request(
  what: string,
  path: string,
  parameters: Parameters,
  signal: AbortSignal,
  accept = 'application/json',
): Promise<Response> {
  const url = new URL(path, baseUrl());
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined && value !== '') url.searchParams.set(name, String(value));
  }
  let response: Response;
  try {
    response = await fetch(url, { signal, headers: { Accept: accept } });
  } catch (error) {
    if (signal.aborted) throw error;
    throw new ApiError(what, `${location.host} does not answer. Is the query process running?`, 0, { cause: error });
  }
  if (!response.ok) throw new ApiError(what, await reasonOf(response), response.status);
  return response;
}

export async function requestJson(
  what: string,
  path: string,
  parameters: Parameters,
  signal: AbortSignal,
): Promise<unknown> {
  const response = await request(what, path, parameters, signal);
  try {
    return await response.json();
  } catch (error) {
    if (signal.aborted) throw error;
    throw new ApiError(what, 'the answer was cut off, or is not JSON', response.status, { cause: error });
  }
}

async function reasonOf(response: Response): Promise<string> {
  const status = `HTTP ${response.status}${response.statusText === '' ? '' : ` ${response.statusText}`}`;
  const text = await response.text().catch(() => '');
  try {
    const body = JSON.parse(text) as { error?: { message?: unknown } };
    const message = body.error?.message;
    if (typeof message === 'string' && message !== '') return `${message} (${status})`;
  } catch {
    // Not ours: a proxy's page, say. The status has to do.
  }
  return status;
}
