import { SpoorError } from '@spoor/model';

/** What one search may read, or a part of it. */
export class ReadBudget {
  rows = 0;
  readonly maxRows: number;
  private readonly whole: ReadBudget | undefined;

  constructor(maxRows: number, whole?: ReadBudget) {
    this.maxRows = maxRows;
    this.whole = whole;
  }

  /** Throws `BudgetSpent` with the budget that is too small. */
  spend(rows: number): void {
    this.rows += rows;
    this.whole?.spend(rows);
    if (this.rows > this.maxRows) throw new BudgetSpent(this);
  }

  /** May spend half of what is left. What it spends is spent here as well. */
  half(): ReadBudget {
    return new ReadBudget(Math.max(0, Math.floor((this.maxRows - this.rows) / 2)), this);
  }
}

/** As much has been read as the budget has, and the search is not done. */
export class BudgetSpent extends Error {
  readonly budget: ReadBudget;

  constructor(budget: ReadBudget) {
    super(`more than ${budget.maxRows} rows were read`);
    this.name = 'BudgetSpent';
    this.budget = budget;
  }
}

export function tooCostly(what: string, advice: string): SpoorError {
  return new SpoorError('SPOOR_INVALID_REQUEST', `${what} would cost Cassandra too much: ${advice}`);
}
