import type { BenchContext } from './bench.ts';
import { surroundings } from './bench.ts';
import { BENCHES } from './benches.ts';

const words = process.argv.slice(2);
const [name = '', wanted] = words.filter((word) => !word.startsWith('--'));
const load = Object.hasOwn(BENCHES, name) ? BENCHES[name] : undefined;

if (load === undefined) {
  process.stderr.write(
    `usage: npm run bench -- <name> [case] [--option=value …]\nnames: ${Object.keys(BENCHES).sort().join(', ')}\n`,
  );
  process.exitCode = 2;
} else {
  let reported = 0;
  const context: BenchContext = {
    wants: (candidate) => wanted === undefined || wanted === candidate,
    option: (key) => words.find((word) => word.startsWith(`--${key}=`))?.slice(key.length + 3),
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
