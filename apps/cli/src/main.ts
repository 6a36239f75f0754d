#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import packageJson from '../package.json' with { type: 'json' };
import { runCli } from './cli.ts';

process.exitCode = await runCli({
  version: packageJson.version,
  argv: process.argv.slice(2),
  env: process.env,
  print: (text) => void process.stdout.write(text),
  printError: (text) => void process.stderr.write(text),
  readFile: (path) => readFileSync(path, 'utf8'),
  nowMs: Date.now,
});
