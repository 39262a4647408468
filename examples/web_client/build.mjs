/**
 * `npm run build`: the page and all it needs in `dist/`, ready to be served under any path.
 * `npm run build -- FOLDER` puts it elsewhere.
 */

import { copyFile } from 'node:fs/promises';
import { build } from 'esbuild';

const outdir = process.argv[2] ?? 'dist';

await build({
  entryPoints: ['src/main.js', 'src/page.css'],
  bundle: true,
  minify: true,
  format: 'esm',
  target: 'es2022',
  loader: { '.woff': 'file', '.woff2': 'file' },
  logLevel: 'warning',
  outdir,
});
await copyFile('src/index.html', `${outdir}/index.html`);
