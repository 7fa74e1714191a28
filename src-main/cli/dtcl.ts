import { runDtcl } from './run-dtcl.ts';

process.exitCode = await runDtcl(process.argv.slice(2));
