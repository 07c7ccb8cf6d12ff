// The cases run inside VS Code; what only the outside can see or do, they ask for at this desk.

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Where the desk is, in the environment of VS Code. */
export const DESK = 'HOOKSHIFT_TEST_DESK';

export interface Desk {
  readonly address: string;
  close(): Promise<void>;
}

export type Service = (argument: unknown) => Promise<unknown>;

export async function openDesk(services: Readonly<Record<string, Service>>): Promise<Desk> {
  const server = createServer((request, response) => {
    const answer = async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) {
        chunks.push(chunk);
      }
      const { service, argument } = JSON.parse(Buffer.concat(chunks).toString('utf8'));
      return services[service]?.(argument);
    };
    answer().then(
      (result) => response.end(JSON.stringify({ result: result ?? null })),
      (error) => response.end(JSON.stringify({ error: String(error) })),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Asks at the desk, from inside. */
export async function ask<Result>(service: string, argument?: unknown): Promise<Result> {
  const address = process.env[DESK];
  if (address === undefined) {
    throw new Error(`${DESK} is not set`);
  }
  const response = await fetch(address, {
    method: 'POST',
    body: JSON.stringify({ service, argument }),
  });
  const { result, error } = (await response.json()) as { result: Result; error?: string };
  if (error !== undefined) {
    throw new Error(error);
  }
  return result;
}
