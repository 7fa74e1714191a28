/** The program's version, told in hellos and shown to people; a test compares it with package.json. */
export const PROGRAM_VERSION = '0.1.0';
