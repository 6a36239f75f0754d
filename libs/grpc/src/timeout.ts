const MS_PER_UNIT: Readonly<Record<string, number>> = {
  H: 3_600_000,
  M: 60_000,
  S: 1000,
  m: 1,
  u: 1e-3,
  n: 1e-6,
};

/** Milliseconds of a `grpc-timeout`: at most eight digits and a unit. `undefined` when it is none, as gRPC leaves it then. */
export function timeoutMsOf(header: string | string[] | undefined): number | undefined {
  if (typeof header !== 'string') return undefined;
  const match = /^(\d{1,8})([HMSmun])$/.exec(header);
  return match === null ? undefined : Number(match[1]) * MS_PER_UNIT[match[2]!]!;
}
