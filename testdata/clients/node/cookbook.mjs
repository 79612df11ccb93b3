// Runs the cookbook on a published file of the sample releases with DuckDB's own
// Node client, and holds the rows against those expected.
// usage: node cookbook.mjs PUBLISHED-FILE FOLDER-OF-QUERIES FOLDER-OF-EXPECTED-ROWS
import { readFileSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { DuckDBInstance, DuckDBListValue } from '@duckdb/node-api';

const [published, queries, expected] = process.argv.slice(2);
if (!expected) {
  console.error('usage: node cookbook.mjs PUBLISHED-FILE FOLDER-OF-QUERIES FOLDER-OF-EXPECTED-ROWS');
  process.exit(2);
}

function valueText(value) {
  if (value === null) return '';
  if (value instanceof DuckDBListValue) return value.items.map(valueText).join(';');
  return String(value);
}

// As Go's encoding/csv quotes.
function cell(text) {
  return /[",\r\n]/.test(text) || /^\s/.test(text) ? '"' + text.replaceAll('"', '""') + '"' : text;
}

// The last statement gives the rows.
async function ask(connection, text) {
  const statements = await connection.extractStatements(text);
  let reader;
  for (let i = 0; i < statements.count; i++) {
    const prepared = await statements.prepare(i);
    reader = await prepared.runAndReadAll();
  }
  const lines = [reader.columnNames(), ...reader.getRows().map((row) => row.map(valueText))];
  return lines.map((line) => line.map(cell).join(',') + '\n').join('');
}

const opened = await (await DuckDBInstance.create(published, { access_mode: 'READ_ONLY' })).connect();
const [, version] = (await ask(opened, 'SELECT version()')).split('\n');
const [, counts] = (await ask(opened, `
  SELECT count(*), count(comment) FROM (
    SELECT comment FROM duckdb_columns() WHERE NOT internal
    UNION ALL SELECT comment FROM duckdb_tables() WHERE NOT internal
    UNION ALL SELECT comment FROM duckdb_views() WHERE NOT internal
    UNION ALL SELECT comment FROM duckdb_functions() WHERE NOT internal)`)).split('\n');
const [objects, comments] = counts.split(',');
if (objects !== comments || objects === '0') throw new Error(`of ${objects} objects only ${comments} have a comment`);
opened.closeSync();

const attached = await (await DuckDBInstance.create(':memory:')).connect();
await attached.run(`ATTACH '${published.replaceAll("'", "''")}' AS hcpcs (READ_ONLY)`);
await attached.run('USE hcpcs');
let failed = 0;
const files = readdirSync(queries).filter((name) => name.endsWith('.sql'));
for (const file of files) {
  const got = await ask(attached, readFileSync(join(queries, file), 'utf8'));
  const want = readFileSync(join(expected, basename(file, '.sql') + '.csv'), 'utf8');
  if (got !== want) {
    failed++;
    console.error(`${file}: other rows than expected:\n${got}`);
  }
}
if (failed > 0 || files.length === 0) process.exit(1);
console.log(`DuckDB ${version} in Node: ${files.length} queries, rows as expected`);
