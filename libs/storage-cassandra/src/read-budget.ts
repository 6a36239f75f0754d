import { SpoorError } from '@spoor/model';

/** What one search may read. */
export class ReadBudget {
  rows = 0;
  readonly maxRows: number;

  constructor(maxRows: number) {
    this.maxRows = maxRows;
  }

  spend(rows: number): void {
    this.rows += rows;
    if (this.rows > this.maxRows) throw new BudgetSpent(this.maxRows);
  }
}

/** The search has read as much as it may, and is not done. */
export class BudgetSpent extends Error {
  readonly maxRows: number;

  constructor(maxRows: number) {
    super(`more than ${maxRows} rows were read`);
    this.name = 'BudgetSpent';
    this.maxRows = maxRows;
  }
}

export function tooCostly(what: string, advice: string): SpoorError {
  return new SpoorError('SPOOR_INVALID_REQUEST', `${what} would cost Cassandra too much: ${advice}`);
}
