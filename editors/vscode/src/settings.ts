// What the server is told: the same shape when it starts and whenever it asks.

/** How findings of a rule are shown. */
export type Severity = 'error' | 'warning' | 'info' | 'off';

export interface ServerSettings {
  /** `null` leaves it to `hookshift.toml`, or to what the build says. */
  readonly from: string | null;
  readonly to: string | null;
  readonly rules: {
    readonly select: readonly string[];
    readonly ignore: readonly string[];
    readonly severity: Readonly<Record<string, Severity>>;
  };
}

/**
 * Takes the section `hookshift` of the settings. People write settings by hand, and VS Code only underlines what is wrong
 * in them: what the server could not take is left out here, so that one slip does not cost all the rest.
 */
export function serverSettings(section: unknown): ServerSettings {
  const settings = record(section);
  const rules = record(settings.rules);
  return {
    from: release(settings.from),
    to: release(settings.to),
    rules: {
      select: names(rules.select),
      ignore: names(rules.ignore),
      severity: severities(rules.severity),
    },
  };
}

function release(value: unknown): string | null {
  return (typeof value === 'string' && value.trim()) || null;
}

function names(value: unknown): string[] {
  if (!Array.isArray(value)) {
    return [];
  }
  return value
    .filter((name): name is string => typeof name === 'string')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

function severities(value: unknown): Record<string, Severity> {
  const known = Object.entries(record(value)).filter((entry): entry is [string, Severity] =>
    isSeverity(entry[1]),
  );
  return Object.fromEntries(known);
}

function isSeverity(value: unknown): value is Severity {
  return value === 'error' || value === 'warning' || value === 'info' || value === 'off';
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};
}
