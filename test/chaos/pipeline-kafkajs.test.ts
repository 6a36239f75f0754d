import { describeSurvival } from './describe-survival.ts';

await describeSurvival({ client: 'kafkajs', seeds: [2] });
