import { config, z } from 'zod';

// The console's page may not make code from text (its content security policy), and a schema that tries is reported there at once.
config({ jitless: true });

/** Zod as the contract uses it: schemas are interpreted, never compiled. */
export { z };
