// The program that is tested against.

import { accessSync, constants } from 'node:fs';
import path from 'node:path';

/** Tests that need it fail without it: a test that quietly does nothing is worse than none. */
export function binary(): string {
  const named = process.env.HOOKSHIFT_BINARY;
  if (!named) {
    throw new Error(
      'HOOKSHIFT_BINARY has to name the program hookshift, as in HOOKSHIFT_BINARY=../../target/release/hookshift',
    );
  }
  const file = path.resolve(named);
  try {
    accessSync(file, constants.X_OK);
  } catch {
    throw new Error(`HOOKSHIFT_BINARY names ${file}, which is no program`);
  }
  return file;
}
