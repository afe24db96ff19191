/** The least a server of our runtime can do: the same redirect to every request. Prints its port. */
const LOCATION = 'https://www.example.com/articles/2026/01/the-same-for-everyone.html'

const server = Bun.serve({
  port: 0,
  hostname: '127.0.0.1',
  development: false,
  fetch: () => Response.redirect(LOCATION, 302),
})
console.log(server.port)
