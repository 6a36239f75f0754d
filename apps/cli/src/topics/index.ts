import { applyPlan } from './apply.ts';
import { describeTopic } from './describe.ts';
import { showPlan } from './show-plan.ts';
import { verifyTopics } from './verify.ts';

export const topicsCommands = { plan: showPlan, apply: applyPlan, verify: verifyTopics, describe: describeTopic };
