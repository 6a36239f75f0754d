import { describeSurvival } from './describe-survival.ts';

await describeSurvival({ client: 'platformatic', seeds: [1], outageMs: 5_000 });
