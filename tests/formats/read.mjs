// Does what others do to what hookshift writes, or would have to write. The first argument is the directory with their packages.
//
//   read.mjs TOOLS commands         the workflow commands of the toolkit for GitHub Actions, for what stands on standard input
//   read.mjs TOOLS markdown FILE    all that is no plain text in a Markdown file, as JSON
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [tools, what, file] = process.argv.slice(2);
if (what === 'commands') {
  const { issueCommand } = await import(pathToFileURL(join(tools, 'node_modules/@actions/core/lib/command.js')).href);
  for (const { name, properties, message } of JSON.parse(readFileSync(0, 'utf8'))) {
    issueCommand(name, Object.fromEntries(properties), message);
  }
} else {
  const MarkdownIt = createRequire(join(tools, 'package.json'))('markdown-it');
  const found = { html: [], links: [], images: [], headings: 0, text: '' };
  const visit = (tokens) => {
    for (const token of tokens) {
      if (token.type === 'html_block' || token.type === 'html_inline') found.html.push(token.content);
      if (token.type === 'link_open') found.links.push(token.attrGet('href'));
      if (token.type === 'image') found.images.push(token.attrGet('src'));
      if (token.type === 'heading_open') found.headings += 1;
      if (['text', 'code_inline', 'fence'].includes(token.type)) found.text += `${token.content}\n`;
      if (token.children) visit(token.children);
    }
  };
  visit(new MarkdownIt({ html: true }).parse(readFileSync(file, 'utf8'), {}));
  process.stdout.write(JSON.stringify(found));
}
