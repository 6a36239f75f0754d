import { UsageError } from '../command.ts';

/** `operands` are those before the URL. */
export function refuseOperands(name: string, operands: readonly string[]): void {
  if (operands.length > 0)
    throw new UsageError(`spoor indices ${name} takes a URL (http://host:port) and flags only, not ${operands[0]}`);
}
