import type { BenchContext } from './bench.ts';
import { surroundings } from './bench.ts';
import { BENCHES } from './benches.ts';

const [name = '', wanted] = process.argv.slice(2);
const load = Object.hasOwn(BENCHES, name) ? BENCHES[name] : undefined;

if (load === undefined) {
  process.stderr.write(`usage: npm run bench -- <name> [case]\nnames: ${Object.keys(BENCHES).sort().join(', ')}\n`);
  process.exitCode = 2;
} else {
  let reported = 0;
  const context: BenchContext = {
    wants: (candidate) => wanted === undefined || wanted === candidate,
    report: (result) => {
      reported += 1;
      process.stdout.write(`${JSON.stringify({ bench: name, ...result, ...surroundings() })}\n`);
    },
    note: (text) => process.stderr.write(`${text}\n`),
  };
  const bench = await load();
  await bench(context);
  if (reported === 0) {
    process.stderr.write(`the bench "${name}" has no case "${wanted}"\n`);
    process.exitCode = 2;
  }
}
