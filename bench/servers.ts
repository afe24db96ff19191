import { writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { startServerProcess } from '#testing/server-process.ts'
import { type BenchLink } from './links.ts'
import { processTree } from './process-figures.ts'

/** A server under test, all of it on one core. Disposing ends it. */
export interface BenchServer extends AsyncDisposable {
  readonly port: number
  /** Everything whose processor time and memory count. */
  pids(): readonly number[]
}

export interface BenchServerOptions {
  /** A directory of its own. */
  readonly dir: string
  readonly core: number
  /** Configuration of our server beside its directory. */
  readonly env?: Readonly<Record<string, string>>
}

const NGINX = '/usr/sbin/nginx'
const START_LIMIT_MS = 30_000

/** Our server as `npm start` runs it, over a data directory. */
export async function startOnehop({ dir, core, env = {} }: BenchServerOptions): Promise<BenchServer> {
  const server = await startServerProcess({ dataDir: dir, launcher: pinnedTo(core), env })
  return {
    port: server.port,
    pids: () => [server.pid],
    async [Symbol.asyncDispose]() {
      await server.end('SIGTERM')
    },
  }
}

/** `Bun.serve` with one constant answer. */
export async function startBareServer(core: number): Promise<BenchServer> {
  const program = join(import.meta.dir, 'bare-server.ts')
  const child = Bun.spawn([...pinnedTo(core), process.execPath, '--no-install', '--no-env-file', program], {
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'inherit',
  })
  const { value } = await child.stdout.getReader().read()
  return {
    port: Number(new TextDecoder().decode(value)),
    pids: () => [child.pid],
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await child.exited
    },
  }
}

/** nginx with the links as a `map`, which it holds in memory, and no access log. */
export async function startNginx(
  { dir, core }: BenchServerOptions,
  links: readonly BenchLink[],
): Promise<BenchServer> {
  const port = await freePort()
  writeFileSync(join(dir, 'nginx.conf'), nginxConfig(dir, port, links))
  const child = Bun.spawn(
    [...pinnedTo(core), NGINX, '-p', dir, '-e', join(dir, 'error.log'), '-c', join(dir, 'nginx.conf')],
    { stdin: 'ignore', stdout: 'ignore', stderr: 'inherit' },
  )
  const server: BenchServer = {
    port,
    pids: () => processTree(child.pid),
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM')
      await child.exited
    },
  }
  await untilAnswering(`http://127.0.0.1:${port}/${links[0]?.slug ?? ''}`)
  return server
}

function nginxConfig(dir: string, port: number, links: readonly BenchLink[]): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (kind) => `${kind}_temp_path ${dir}/${kind};`,
  )
  return `
daemon off;
worker_processes 1;
pid ${dir}/nginx.pid;
events { worker_connections 1024; }
http {
  access_log off;
  ${temporary.join(' ')}
  keepalive_requests 1000000000;
  map_hash_max_size 262144;
  map_hash_bucket_size 256;
  map $uri $target {
${links.map(({ slug, target }) => `    "/${slug}" "${target}";`).join('\n')}
  }
  server {
    listen 127.0.0.1:${port};
    if ($target = "") { return 404; }
    return 302 $target;
  }
}
`
}

function pinnedTo(core: number): readonly string[] {
  return ['taskset', '-c', String(core)]
}

/** A port nobody listens on now; nginx cannot be asked which one it took. */
async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  const { promise, resolve } = Promise.withResolvers<void>()
  probe.once('listening', resolve)
  await promise
  const address = probe.address()
  probe.close()
  return typeof address === 'object' && address !== null ? address.port : 0
}

async function untilAnswering(url: string): Promise<void> {
  const giveUpAtMs = Date.now() + START_LIMIT_MS
  for (;;) {
    const status = await fetch(url, { redirect: 'manual' }).then(
      (response) => response.status,
      () => 0,
    )
    if (status === 302) return
    if (Date.now() > giveUpAtMs) throw new Error(`${url} answered ${status} and not 302`)
    await sleep(50)
  }
}
