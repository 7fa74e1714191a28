import { runUnderstudy } from './run-understudy.ts';

process.exitCode = await runUnderstudy(process.argv.slice(2));
