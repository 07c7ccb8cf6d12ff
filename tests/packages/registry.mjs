// A registry for npm that has the packages in a directory and no others.
//
//   node registry.mjs DIRECTORY
//
// The first line on standard output is its address. It ends with standard input.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import path from 'node:path';

const directory = process.argv[2];
const packages = new Map();
for (const file of readdirSync(directory).filter((name) => name.endsWith('.tgz'))) {
  const archive = path.join(directory, file);
  const manifest = JSON.parse(execFileSync('tar', ['--extract', '--gzip', '--to-stdout', '--file', archive, 'package/package.json']));
  const content = readFileSync(archive);
  packages.set(manifest.name, { manifest, file, content });
}

const server = createServer((request, response) => {
  const address = `http://127.0.0.1:${server.address().port}`;
  const asked = decodeURIComponent(new URL(request.url, address).pathname.slice(1));
  const archive = [...packages.values()].find(({ file }) => asked === `-/${file}`);
  if (archive !== undefined) {
    response.end(archive.content);
    return;
  }
  const found = packages.get(asked);
  if (found === undefined) {
    response.writeHead(404).end('{}');
    return;
  }
  const { manifest, file, content } = found;
  const integrity = `sha512-${createHash('sha512').update(content).digest('base64')}`;
  const version = { ...manifest, dist: { tarball: `${address}/-/${file}`, integrity } };
  const body = { name: manifest.name, 'dist-tags': { latest: manifest.version }, versions: { [manifest.version]: version } };
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
});
server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}`));
process.stdin.on('end', () => process.exit(0)).resume();
